/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Guest user code: run the stub of the current address space until it stops, and turn what stopped it into
 * the exception that the guest's kernel expects.
 *
 * Floating point. The Host lets guest code use the FPU whatever the guest's CU1 says, so the trap on first
 * use, by which Linux learns of it, never comes. Instead the Wedge looks at the stub's registers: a space
 * whose FP registers have left their reset state has used them, and from then on its threads never run with
 * CU1 clear. They get a Coprocessor Unusable exception first, upon which Linux loads the thread's registers
 * without looking at the instruction. The registers of the very first use exist only in the stub when that
 * is noticed; they are kept over that exception, in which Linux loads fresh ones.
 *
 * A space is an ASID, and a process may come back with another one (Linux gives new ones when it has run
 * out, or to flush): what was known of the old space is then lost. So once any guest process has used the
 * FPU, a space that begins anew is taken to have used it. That costs a process without FP an exception for
 * each time it is switched to, and no process its registers.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define HOST_EXCCODE(cause)	((cause) >> 2 & 31)
/* The coprocessor that is unusable: 1, or 3 where a CPU without FPU means COP1X. */
#define HOST_NO_FPU(cause)	(HOST_EXCCODE(cause) == EXC_CPU && ((cause) >> CAUSE_CE_SHIFT & 1))

/* --- FP registers --- */

void user__fpu_fetch(struct user_mode *u)
{
	if (!u || u->fp_in_vcpu)
		return;
	if (u->fp_space && u->fp_space->stub)
		stub__get_fp(u->fp_space->stub, u->vcpu->fpr, &u->vcpu->fcsr);
	u->fp_in_vcpu = true;
}

/* The registers of whoever ran in `s` may be wanted still, by a thread that has moved to another space. */
static void fp_rescue(struct user_mode *u, struct space *s)
{
	if (u->fp_space == s)
		user__fpu_fetch(u);
}

static bool cu1(const struct user_mode *u)
{
	return cp0_word(u->vcpu, CP0_STATUS) & STATUS_CU1;
}

/* Before user code runs. False: it has to take a Coprocessor Unusable exception first. */
static bool fp_enter(struct user_mode *u, struct space *s)
{
	struct vcpu *v = u->vcpu;
	struct fp_first *first = &s->fp_first;

	if (!cu1(u))
		return !s->fp_used;
	s->fp_used = u->fp_ever = true;
	if (first->pending && first->pc == v->pc && first->sp == v->gpr[REG_SP]) {
		memcpy(v->fpr, first->fpr, sizeof(v->fpr));
		v->fcsr = first->fcsr;
		u->fp_in_vcpu = true;
		first->pending = false;
	}
	if (u->fp_in_vcpu || u->fp_space != s) {
		user__fpu_fetch(u);
		stub__set_fp(s->stub, v->fpr, v->fcsr);
	}
	u->fp_in_vcpu = false;
	u->fp_space = s;
	return true;
}

/* Registers of a process that never used the FPU: all ones, as the Host's kernel shows and loads them. */
static bool fp_untouched(const u64 fpr[32], u32 fcsr)
{
	for (unsigned i = 0; i < 32; i++)
		if (~fpr[i])
			return false;
	return !fcsr || !~fcsr;
}

/* A space begins anew: nothing of what its stub ran before may be seen by what it runs next. */
static void fp_reset(struct user_mode *u, struct space *s)
{
	u64 fresh[32];

	if (s->fp_used) {
		memset(fresh, 0xff, sizeof(fresh));
		stub__set_fp(s->stub, fresh, 0);
	}
	if (u->fp_space == s)
		u->fp_space = NULL;
	s->fp_used = u->fp_ever;
	s->fp_first.pending = false;
}

/* A stub for `s`: a new one or, when the Host gives no more, that of a space which must begin anew anyway. */
static struct stub *find_stub(struct user_mode *u, const struct space *s)
{
	struct stub *stub = stub__new(u->host);

	for (unsigned i = 0; !stub && i < SPACES; i++) {
		struct space *other = &u->spaces[i];

		if (other == s || !other->stub || !other->stale)
			continue;
		fp_rescue(u, other);
		space__refresh(u, other);
		fp_reset(u, other);
		stub = other->stub;
		other->stub = NULL;
	}
	if (!stub)
		die_errno("making a process for guest user code");
	return stub;
}

/* After user code has run. True: this was the first use, and the guest must hear of it before anything else. */
static bool fp_leave(struct user_mode *u, struct space *s, u64 pc)
{
	struct fp_first *first = &s->fp_first;

	if (s->fp_used || cu1(u) || !(cp0_word(u->vcpu, CP0_CONFIG1) & CONFIG1_FP))
		return false;
	stub__get_fp(s->stub, first->fpr, &first->fcsr);
	if (fp_untouched(first->fpr, first->fcsr))
		return false;
	s->fp_used = u->fp_ever = true;
	first->pending = true;
	first->pc = pc;
	first->sp = u->vcpu->gpr[REG_SP];
	return true;
}

/* --- Exits --- */

static enum access access_of(const struct user_mode *u, u32 cause, u64 badvaddr)
{
	u64 pc = u->vcpu->pc;

	switch (HOST_EXCCODE(cause)) {
	case EXC_TLBS: case EXC_MOD: case EXC_ADES: return ACCESS_STORE;
	default: return badvaddr == pc || badvaddr == pc + 4 ? ACCESS_FETCH : ACCESS_LOAD;
	}
}

/* A page the stub does not have. Map it if the guest's TLB has it; else that is the guest's exception. */
static void page_fault(struct user_mode *u, struct space *s, u32 cause, u64 va)
{
	struct vcpu *v = u->vcpu;
	enum access access = access_of(u, cause, va);
	struct location at;

	if (va < GUEST_TASK_SIZE && space__map_from_tlb(u, s, va, access))
		return;
	at = memory__locate(v, va, 1, access);
	/*
	 * Devices, and whatever else mapping does not help, are interpreted. So are address errors: before one of an FP
	 * access a CPU looks at CU1, and Linux has a BUG_ON() for a CPU that does not.
	 */
	if (at.place == PLACE_FAULT && at.code != EXC_ADEL && at.code != EXC_ADES)
		exception__raise_address(v, at.code, va, at.refill, cause & CAUSE_BD);
	else
		vcpu__step(v);
}

static void signalled(struct user_mode *u, struct space *s, u32 cause, u64 badvaddr)
{
	struct vcpu *v = u->vcpu;

	switch (HOST_EXCCODE(cause)) {
	case EXC_TLBL: case EXC_TLBS: case EXC_MOD: case EXC_TLBRI: case EXC_TLBXI:
		page_fault(u, s, cause, badvaddr);
		break;
	case EXC_FPE:
		fp__exception(u, s, cause & CAUSE_BD);
		break;
	default:
		if (HOST_NO_FPU(cause)) {
			fp__emulation_stopped(u, s, cause & CAUSE_BD);
			break;
		}
		/* What the Host's CPU refuses, ours may do: Octeon instructions, unaligned LL. If not, it raises. */
		vcpu__step(v);
		break;
	}
}

void user__run(void *user)
{
	struct user_mode *u = user;
	struct space *s = &u->spaces[user__asid(u)];
	struct vcpu *v = u->vcpu;
	enum stub_stop stop;
	struct stretch begin;
	u64 badvaddr, pc;
	u32 cause;

	if (!s->stub) {
		s->stub = find_stub(u, s);
		s->fp_used = u->fp_ever;
	}
	if (s->stale) {
		fp_rescue(u, s);
		space__refresh(u, s);
		fp_reset(u, s);
	}
	if (!fp_enter(u, s)) {
		exception__raise_cpu(v, 1, false);
		return;
	}
	if (v->pc >= GUEST_TASK_SIZE) {		/* where no guest code can be, but the stub is */
		exception__raise_address(v, EXC_ADEL, v->pc, false, false);
		return;
	}
	stop = stub__run(u->host, s->stub, &cause, &badvaddr);
	begin = host__begin(u->host);
	pc = stop == STUB_SYSCALL ? v->pc - 4 : v->pc;
	if (fp_leave(u, s, pc)) {
		v->pc = pc;
		exception__raise_cpu(v, 1, false);
		host__exited(u->host, HOST_EXIT_USER_OTHER, pc, begin);
		return;
	}
	switch (stop) {
	case STUB_SYSCALL:
		v->pc = pc;
		exception__raise(v, EXC_SYS, false);
		host__exited(u->host, HOST_EXIT_USER_SYSCALL, pc, begin);
		break;
	case STUB_SIGNAL:
		signalled(u, s, cause, badvaddr);
		host__exited(u->host, HOST_EXCCODE(cause) <= EXC_TLBS ? HOST_EXIT_USER_FAULT : HOST_EXIT_USER_OTHER, pc, begin);
		break;
	case STUB_KICKED:
		host__exited(u->host, HOST_EXIT_USER_INTERRUPT, pc, begin);
		break;
	}
}

/* --- Opening and closing --- */

int user__open(struct user_mode **user, struct host *host, struct machine *machine, struct complaint *c)
{
	struct user_mode *u = calloc(1, sizeof(*u));

	if (!u)
		return complain(c, "no memory for the guest's user mode");
	u->host = host;
	u->machine = machine;
	u->vcpu = host__vcpu(host, 0);
	*user = u;
	return 0;
}

void user__close(struct user_mode *u)
{
	for (unsigned i = 0; u && i < SPACES; i++)
		if (u->spaces[i].stub)
			stub__free(u->spaces[i].stub);
}

struct host_user user__ops(struct user_mode *u)
{
	return (struct host_user){
		.run = user__run, .copy_may_go_on = uaccess__may_go_on, .going_native = uaccess__going_native,
		.missing = uaccess__missing, .user = u,
	};
}
