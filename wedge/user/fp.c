/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stops guest user code in the middle of floating point.
 *
 * Where the Host's CPU has no FPU (Octeon has none), its kernel emulates each FP instruction of the stub, and
 * those that follow it. It stops, with Cause still saying that coprocessor 1 is unusable, at what it does not
 * find there: data (SIGSEGV); the instruction it is at or the next, both of which it always reads (SIGBUS); and
 * a page of its own, in which it would execute the delay slot of a taken FP branch and which no stub has, for
 * nothing but guest pages is to be there (SIGBUS). Then one step of the interpreter is what that page would
 * have been for.
 *
 * With an FPU or without, the Host's kernel clears each cause in FCSR that is enabled before it tells of an exception,
 * and the guest's kernel wants to read it there. The signal's code names the first cause, enabled or not.
 */
#include <signal.h>

#include "wedge/core/layout.h"
#include "wedge/user/space.h"

/* FCSR: what caused an exception. */
#define FCSR_CAUSE_I	0x01000u
#define FCSR_CAUSE_U	0x02000u
#define FCSR_CAUSE_O	0x04000u
#define FCSR_CAUSE_Z	0x08000u
#define FCSR_CAUSE_V	0x10000u
#define FCSR_ENABLED(fcsr)	((fcsr) << 5 & 0x1f000u)	/* as causes */

/* The causes that the Host has cleared in `fcsr`: what overflows or underflows is inexact, too. */
static u32 cleared_causes(int si_code, u32 fcsr)
{
	u32 inexact = FCSR_ENABLED(fcsr) & FCSR_CAUSE_I;

	switch (si_code) {
	case FPE_FLTRES: return FCSR_CAUSE_I;
	case FPE_FLTUND: return FCSR_CAUSE_U | inexact;
	case FPE_FLTOVF: return FCSR_CAUSE_O | inexact;
	case FPE_FLTDIV: return FCSR_CAUSE_Z;
	case FPE_FLTINV: return FCSR_CAUSE_V;
	default: return 0;
	}
}

void fp__exception(struct user_mode *u, struct space *s, bool in_slot)
{
	const struct stub_signal signal = u->signal;

	user__fpu_fetch(u);
	u->vcpu->fcsr |= cleared_causes(signal.code, u->vcpu->fcsr);
	exception__raise(u->vcpu, EXC_FPE, in_slot);
}

/* Is an instruction missing that the emulator reads? Then it is mapped, or the guest hears of it. */
static bool fetch_missing(struct user_mode *u, struct space *s, bool in_slot)
{
	struct vcpu *v = u->vcpu;

	for (u64 va = v->pc; va <= v->pc + 4; va += 4) {
		struct location at;

		if (space__map_missed(u, s, va, ACCESS_FETCH))
			return true;
		at = memory__locate(v, va, 4, ACCESS_FETCH);
		if (at.place == PLACE_FAULT) {
			exception__raise_address(v, at.code, va, at.refill, in_slot);
			return true;
		}
	}
	return false;
}

void fp__emulation_stopped(struct user_mode *u, struct space *s, bool in_slot)
{
	const struct stub_signal signal = u->signal;
	u64 va = signal.address;

	if (signal.number == SIGFPE) {
		fp__exception(u, s, in_slot);
		return;
	}
	if (signal.number == SIGSEGV && space__map_missed(u, s, va, ACCESS_LOAD))
		return;
	if (signal.number == SIGBUS && fetch_missing(u, s, in_slot))
		return;
	vcpu__step(u->vcpu);
}
