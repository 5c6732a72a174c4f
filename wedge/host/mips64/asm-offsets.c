/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses that entry.S needs, computed by the compiler: wedge/rules.mk turns the output of this file
 * into build/TARGET/asm-offsets.h.
 */
#include "wedge/core/vcpu.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %0\"" : : "i"(value))

void offsets(void);

void offsets(void)
{
	DEFINE(VCPU_GPR, VCPU_STATE + offsetof(struct vcpu, gpr));
	DEFINE(VCPU_HI, VCPU_STATE + offsetof(struct vcpu, hi));
	DEFINE(VCPU_LO, VCPU_STATE + offsetof(struct vcpu, lo));
	DEFINE(VCPU_KICK, VCPU_STATE + offsetof(struct vcpu, kick));
	DEFINE(VCPU_CALL_RETURN, VCPU_STATE + offsetof(struct vcpu, call_return));
	DEFINE(VCPU_CALL_DONE, VCPU_STATE + offsetof(struct vcpu, call_done));
	DEFINE(VCPU_CALL_STACK, VCPU_STATE + offsetof(struct vcpu, call_stack));
	DEFINE(VCPU_CALL_FUNCTION, VCPU_STATE + offsetof(struct vcpu, call_function));
}
