/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Addresses and offsets that entry.S needs, computed by the compiler: wedge/rules.mk turns the output of this file
 * into build/TARGET/asm-offsets.h.
 */
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"->" #name " %0\"" : : "i"(value))

void offsets(void);

void offsets(void)
{
	DEFINE(VCPU_GPR, offsetof(struct vcpu, gpr));
	DEFINE(VCPU_HI, offsetof(struct vcpu, hi));
	DEFINE(VCPU_LO, offsetof(struct vcpu, lo));
	DEFINE(VCPU_KICK, offsetof(struct vcpu, kick));
	DEFINE(VCPU_CALL_RETURN, offsetof(struct vcpu, call_return));
	DEFINE(VCPU_CALL_DONE, offsetof(struct vcpu, call_done));
	DEFINE(VCPU_STATE_UPPER, VCPU_STATE >> 32);
	DEFINE(VCPU_SAVED_AT, VCPU_SCRATCH + 8);
}
