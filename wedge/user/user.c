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
 * is noticed; they are kept over that exception, and take the place of the fresh ones as soon as Linux has loaded
 * those: not when the thread goes on, which it may never do there. A signal that comes meanwhile wants them in its
 * frame, and its handler may leave by longjmp(), which restores some of them and never FCSR. Until then the guest's
 * scheduler may run others; space and UserLocal tell the thread.
 *
 * A process may come back with another ASID (Linux gives new ones when it has run out, or to flush), and page tables may be those of
 * another process where they were one's before: what was known of the FP registers is then lost. So once any guest process has used the
 * FPU, a space that begins anew is taken to have used it. That costs a process without FP an exception for
 * each time it is switched to, and no process its registers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "lib/complain.h"
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define HOST_EXCCODE(cause)	((cause) >> 2 & 31)
/* The coprocessor that is unusable: 1, or 3 where a CPU without FPU means COP1X. */
#define HOST_NO_FPU(cause)	(HOST_EXCCODE(cause) == EXC_CPU && ((cause) >> CAUSE_CE_SHIFT & 1))

/* --- FP registers --- */

static bool get_fp(struct user_mode *u, struct space *s, u64 fpr[32], u32 *fcsr)
{
	return u->direct ? host__get_fp(u->host, s->home, fpr, fcsr) : stub__get_fp(s->stub, fpr, fcsr);
}

static void set_fp(struct user_mode *u, struct space *s, const u64 fpr[32], u32 fcsr)
{
	if (u->direct)
		host__set_fp(u->host, fpr, fcsr);
	else
		stub__set_fp(s->stub, fpr, fcsr);
}

void user__fpu_fetch(struct user_mode *u)
{
	if (!u || u->fp_in_vcpu)
		return;
	if (u->fp_space && (u->fp_space->stub || u->direct) && !get_fp(u, u->fp_space, u->vcpu->fpr, &u->vcpu->fcsr))
		u->fp_space->lost = true;
	u->fp_in_vcpu = true;
}

/* Now all registers of the current thread are in the vcpu: fresh ones, if it has used others without anybody knowing. */
void user__fpu_loaded(struct user_mode *u)
{
	struct fp_first *first;
	struct space *s;
	struct vcpu *v;

	if (!u)
		return;
	v = u->vcpu;
	s = bind__of(u, user__asid(u));
	if (!s)
		return;
	first = &s->fp_first;
	if (!first->pending || first->thread != v->page->cp0[CP0_USERLOCAL])
		return;
	memcpy(v->fpr, first->fpr, sizeof(v->fpr));
	v->fcsr = first->fcsr;
	first->pending = false;
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

	if (!cu1(u)) {
		/* Who has been told and comes without them is another, who has its tables and its UserLocal from it. */
		if (s->fp_first.pending && s->fp_first.thread == v->page->cp0[CP0_USERLOCAL]) {
			s->fp_first.pending = !s->fp_first.told;
			s->fp_first.told = true;
		}
		if (u->direct && !s->fp_used && u->homes[u->home].fp_thread != v->page->cp0[CP0_USERLOCAL]) {
			user__note_fp(u, s);
			user__fpu_fetch(u);		/* another's */
			host__forget_fp(u->host);
		}
		return !s->fp_used;
	}
	s->fp_used = u->fp_ever = true;
	if (u->fp_in_vcpu || u->fp_space != s) {
		user__fpu_fetch(u);
		set_fp(u, s, v->fpr, v->fcsr);
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

/* Nothing of what a stub ran before may be seen by what it runs next. */
static void forget_fp(struct stub *stub)
{
	u64 fresh[32];

	memset(fresh, 0xff, sizeof(fresh));
	stub__set_fp(stub, fresh, 0);
}

/*
 * What is mapped in a space has been looked at anew, as its address space may be another now. One that is known by its root and still has pages is the
 * same, mostly in the middle of the exception of a first use: then Linux has just read the program's memory.
 */
static void fp_reset(struct user_mode *u, struct space *s)
{
	if (s->fp_used && s->stub)
		forget_fp(s->stub);
	if (u->fp_space == s)
		u->fp_space = NULL;
	s->fp_used = u->fp_ever;
	if (!s->root || !s->pages.count)
		s->fp_first.pending = false;
}

static bool fp_first_use(struct user_mode *u, struct space *s, u64 thread)
{
	struct fp_first *first = &s->fp_first;

	if (!get_fp(u, s, first->fpr, &first->fcsr) || fp_untouched(first->fpr, first->fcsr))
		return false;
	s->fp_used = u->fp_ever = true;
	first->pending = true;
	first->told = false;
	first->thread = thread;
	return true;
}

void user__note_fp(struct user_mode *u, struct space *s)
{
	if (!s->fp_used && !host__fp_is_known(u->host, u->home))
		fp_first_use(u, s, u->homes[u->home].fp_thread);
}

/* After user code has run. True: this was the first use, and the guest must hear of it before anything else. */
static bool fp_leave(struct user_mode *u, struct space *s)
{
	if (s->fp_used || cu1(u) || !(cp0_word(u->vcpu, CP0_CONFIG1) & CONFIG1_FP))
		return false;
	if (!fp_first_use(u, s, u->vcpu->page->cp0[CP0_USERLOCAL]))
		return false;
	s->fp_first.told = true;
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

static void note_fault(struct user_mode *u, const struct space *s, u64 va, enum access access, bool in_slot)
{
	struct vcpu *v = u->vcpu;

	u->fault = (struct fault){ .pending = true, .va = va, .pc = v->pc, .space = s, .access = access, .in_slot = in_slot };
	memcpy(u->fault.gpr, v->gpr, sizeof(u->fault.gpr));
}

/* A page the stub does not have. Map it if the guest's TLB has it; else that is the guest's exception. */
static void page_fault(struct user_mode *u, struct space *s, u32 cause, u64 va)
{
	struct vcpu *v = u->vcpu;
	enum access access = access_of(u, cause, va);
	struct location at;

	if (space__map_missed(u, s, va, access))
		return;
	at = memory__locate(v, va, 1, access);
	if (at.place == PLACE_FAULT && at.refill && ahead__refill(u, s, va))
		at = memory__locate(v, va, 1, access);
	/*
	 * Devices, and whatever else mapping does not help, are interpreted. So are address errors: before one of an FP
	 * access a CPU looks at CU1, and Linux has a BUG_ON() for a CPU that does not.
	 */
	if (at.place == PLACE_FAULT && at.code != EXC_ADEL && at.code != EXC_ADES) {
		note_fault(u, s, va, access, cause & CAUSE_BD);
		exception__raise_address(v, at.code, va, at.refill, cause & CAUSE_BD);
	} else if (!v->debugged || !breakpoint__stops(v)) {	/* else it stops first */
		vcpu__step(v);
	}
}

/*
 * User code goes on at an access that became an exception, with the registers that it had. If the guest's kernel has made a page for it, that is
 * mapped now. If it has not, the access faults again: where a TLB has no entry, Linux's handler loads what the page table has, which may be no
 * page, and only at the next fault does the kernel look. That instruction need not be tried: nothing has changed but the entry.
 */
static bool faults_again(struct user_mode *u, struct space *s)
{
	struct vcpu *v = u->vcpu;
	struct fault *f = &u->fault;
	struct location at;

	if (!f->pending)
		return false;
	f->pending = false;
	if (f->pc != v->pc || f->space != s || memcmp(f->gpr, v->gpr, sizeof(f->gpr[0]) * REG_K0) ||
	    memcmp(f->gpr + REG_K1 + 1, v->gpr + REG_K1 + 1, sizeof(f->gpr[0]) * (31 - REG_K1)) || ahead__map(u, s, f->va, f->access))
		return false;
	at = memory__locate(v, f->va, 1, f->access);
	if (at.place != PLACE_FAULT || at.refill || at.code == EXC_ADEL || at.code == EXC_ADES)
		return false;
	exception__raise_address(v, at.code, f->va, false, f->in_slot);
	return true;
}

static void signalled(struct user_mode *u, struct space *s, u32 cause, u64 badvaddr)
{
	struct vcpu *v = u->vcpu;

	if (s->stub && (HOST_EXCCODE(cause) == EXC_FPE || HOST_NO_FPU(cause)))
		u->signal = stub__signal(s->stub);

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
		if (v->debugged && breakpoint__stops(v))
			break;		/* where it stops, before it executes what stood there */
		/* What the Host's CPU refuses, ours may do: Octeon instructions, unaligned LL. If not, it raises. */
		vcpu__step(v);
		break;
	}
}

/* --- Stubs come and go --- */

/* That of the space whose user code ran last of all; what is stale ran before any other. NULL: no space has one. */
static struct space *longest_unused(struct user_mode *u)
{
	struct space *found = NULL;

	for (unsigned i = 0; i < SPACES; i++) {
		struct space *s = &u->spaces[i];

		if (s->stub && (!found || (s->stale ? 0 : s->last_used) < (found->stale ? 0 : found->last_used)))
			found = s;
	}
	return found;
}

/*
 * The Host gives no more processes, so one is taken from another space: its pages are found again when it
 * runs, and its FP registers are kept.
 */
static struct stub *take_stub(struct user_mode *u)
{
	struct space *s = longest_unused(u);
	struct stub *stub;

	if (!s)
		return NULL;
	fp_rescue(u, s);
	if (u->fp_space == s)
		u->fp_space = NULL;
	space__empty(u, s);
	stub = s->stub;
	s->stub = NULL;
	forget_fp(stub);
	return stub;
}

#define ASK_AGAIN	64	/* times that a process was wanted, after the Host has refused one */

static struct stub *find_stub(struct user_mode *u)
{
	struct stub *stub = u->spare;
	struct complaint c = { "the Host gives no process for guest user code" };

	u->spare = NULL;
	if (!stub && !(u->short_of_stubs++ % ASK_AGAIN)) {
		stub = stub__new(u->host, &c);
		if (stub)
			u->short_of_stubs = 0;
	}
	if (!stub)
		stub = take_stub(u);
	if (!stub)
		stub = stub__new(u->host, &c);	/* it has been killed, and the Host would not make another just now */
	if (!stub)
		die("%s", c.text);
	return stub;
}

/*
 * Its registers are lost, so the guest process must not go on. No exception says that to a kernel; a system call does, by
 * which a process ends with the status that SIGKILL has for a shell.
 */
#define LINUX_EXIT_GROUP	5205	/* n64 */

static void end_process(struct user_mode *u)
{
	struct vcpu *v = u->vcpu;

	v->gpr[REG_V0] = LINUX_EXIT_GROUP;
	v->gpr[REG_A0] = 128 + 9;
	exception__raise(v, EXC_SYS, false);
}

static void drop_stub(struct user_mode *u, struct space *s, bool lost, const char *why)
{
	fprintf(stderr, "wedge: process %d of guest user code %s; %s\r\n", stub__id(s->stub), why,
		lost ? "its guest process ends, with status 137" : "another one is made, nothing is lost");
	stub__free(s->stub);
	s->stub = NULL;
	s->lost = false;
	space__forget(u, s);
	if (u->fp_space == s) {
		u->fp_space = NULL;
		u->fp_in_vcpu = true;
	}
	if (lost)
		end_process(u);
}

/* So few can always be mapped, if any can; and no instruction needs more. */
#define FEW_PAGES	8

/* The Host has no memory for more mappings, or no more of those. Then there have to be fewer. */
static void refused(struct user_mode *u, struct space *s)
{
	if (s->pages.count > FEW_PAGES)
		space__empty(u, s);
	else
		drop_stub(u, s, true, "gets no memory from the Host");
}

/*
 * A thread that did not move at all until the timer stopped it may stand where the Host does not get on: a `break` that
 * its kernel keeps for itself (515 with kprobes). Interpreting finds out.
 */
static void nudge(struct user_mode *u)
{
	u32 insn, length;

	if (!vcpu__fetch(u->vcpu, u->vcpu->pc, false, &insn, &length) && mips_insn__is_break(insn))
		vcpu__step(u->vcpu);
}

static enum host_exit exit_of(enum stub_stop stop, u32 cause)
{
	switch (stop) {
	case STUB_SYSCALL: return HOST_EXIT_USER_SYSCALL;
	case STUB_SIGNAL: return HOST_EXCCODE(cause) <= EXC_TLBS ? HOST_EXIT_USER_FAULT : HOST_EXIT_USER_OTHER;
	default: return HOST_EXIT_USER_INTERRUPT;
	}
}

void user__settle_space(struct user_mode *u, struct space *s)
{
	fp_rescue(u, s);
	space__refresh(u, s);
	fp_reset(u, s);
	s->lost = false;
}

bool user__prepare(struct user_mode *u, struct space *s)
{
	if (s->stale)
		user__settle_space(u, s);
	if (s->lost) {
		drop_stub(u, s, true, "was killed");
		return false;
	}
	if (faults_again(u, s))
		return false;
	if (fp_enter(u, s))
		return true;
	exception__raise_cpu(u->vcpu, 1, false);
	return false;
}

void user__ended(struct user_mode *u, struct space *s, enum stub_stop stop, u32 cause, u64 badvaddr, u64 began)
{
	struct stretch begin = host__begin(u->host);
	struct vcpu *v = u->vcpu;
	const u64 pc = v->pc;
	const bool first_fp = fp_leave(u, s);
	const enum host_exit reason = first_fp ? HOST_EXIT_USER_OTHER : exit_of(stop, cause);

	host__leaves(u->host, reason, pc);
	if (first_fp)
		exception__raise_cpu(v, 1, false);
	else if (stop == STUB_SYSCALL && user__is_in_stub(v->pc))
		vcpu__step(v);		/* the program has jumped there, where its kernel has nothing of the kind */
	else if (stop == STUB_SYSCALL)
		exception__raise(v, EXC_SYS, cause & CAUSE_BD);
	else if (stop == STUB_SIGNAL)
		signalled(u, s, cause, badvaddr);
	else if (pc == began)		/* STUB_KICKED */
		nudge(u);
	host__exited(u->host, reason, pc, begin);
}

void user__run(void *user)
{
	struct user_mode *u = user;
	struct space *s = bind__current(u);
	struct vcpu *v = u->vcpu;
	const u64 began = v->pc;
	enum stub_stop stop;
	bool fp_in_stub;
	u64 badvaddr;
	u32 cause;

	s->last_used = ++u->uses;
	if (!s->stub) {
		s->stub = find_stub(u);
		s->fp_used |= u->fp_ever;
	}
	fp_in_stub = !s->stale && cu1(u) && u->fp_space == s && !u->fp_in_vcpu;
	if (!user__prepare(u, s))
		return;
	/* Where no guest code can be, but the stub is; and where it would fault at each instruction. */
	if (v->pc >= u->machine->windows.user_end || user__is_in_stub(v->pc) || (v->debugged && user__is_held(u, s, v->pc))) {
		vcpu__step(v);
		return;
	}
	stop = stub__run(u->host, s->stub, &cause, &badvaddr);
	switch (stop) {
	case STUB_REFUSED:
		refused(u, s);
		break;
	case STUB_UNSTARTED:
		drop_stub(u, s, fp_in_stub, "was killed");
		break;
	case STUB_GONE:
		drop_stub(u, s, true, "was killed");
		break;
	default:
		user__ended(u, s, stop, cause, badvaddr, began);
	}
}

/* --- Opening and closing --- */

int user__open(struct user_mode **user, struct host *host, struct machine *machine, bool direct, struct complaint *c)
{
	struct user_mode *u = aligned_alloc(HOST_PAGE, USER_MODE_SIZE);		/* whole pages, for host__share() */

	if (!u)
		return complain(c, "no memory for the guest's user mode");
	memset(u, 0, USER_MODE_SIZE);
	u->direct = direct;
	u->has_fpu = direct && host__has_fpu();
	u->kernel = &u->homes[0].kernel;
	u->host = host;
	u->machine = machine;
	u->vcpu = host__own_vcpu(host);
	u->rixi = host__enforces_rixi(host);
	u->tables.vcpu = u->vcpu;
	/*
	 * On one core the first use of FP is found out afterwards (fp_leave()). A thread that has used it may come from another
	 * core, of whose spaces this one knows nothing: so there each thread asks the guest's kernel before it runs.
	 */
	u->fp_ever = machine->cpus > 1;
	space__set_limits(u);
	*user = u;
	return 0;
}

void user__know_near(struct user_mode *u, const u64 *near)
{
	u->near = near;
}

int user__check_page(unsigned bits, struct complaint *c)
{
	const unsigned host = HOST_PAGE >> 10;

	if (bits >= host__page_bits)
		return 0;
	return complain(c, "a kernel with pages of %u KB, on a Host with pages of %u KB: it needs CONFIG_PAGE_SIZE_%uKB, or --interpret, which runs it as it is",
			1u << bits >> 10, host, host);
}

void user__know_tables(struct user_mode *u, const struct afterburn_page_tables *format)
{
	u->tables.format = *format;
}

int user__start(struct user_mode *u, struct complaint *c)
{
	if (u->direct)
		return direct__start(u, c);
	u->spare = stub__new(u->host, c);
	return u->spare ? 0 : -1;
}

void user__close(struct user_mode *u)
{
	if (!u || u->direct)
		return;		/* what processes there are end with the first */
	if (u->spare)
		stub__free(u->spare);
	for (unsigned i = 0; i < SPACES; i++)
		if (u->spaces[i].stub)
			stub__free(u->spaces[i].stub);
	for (unsigned i = 0; i < SPACES; i++)
		pages__free(&u->spaces[i].pages);
	pages__free(&u->kernel->pages);
	pages__free(&u->uaccess.pages);
	free(u);
}

struct host_user user__ops(struct user_mode *u)
{
	return (struct host_user){
		.run = user__run, .copy_may_go_on = uaccess__may_go_on, .going_native = uaccess__going_native,
		.missing = uaccess__missing, .looked = uaccess__looked,
		.goes = direct__goes, .stopped = direct__stopped, .moved = direct__moved, .homeless = direct__homeless, .user = u,
	};
}
