/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Guest kernel code, natively.
 *
 * The guest's registers are the Host's until something stops it: a signal (a trap, a fault, our timer) or
 * a call from a burnt site. Then drive() takes over with the state in the vcpu and steps the interpreter
 * until the guest can go native again. What kind of signal it was hardly matters: interpreting the
 * instruction finds out what it wanted, and the few instructions after it are likely to want the same.
 *
 * Costs on the Host malta, in instructions: a signal 3,800, a call 200, an interpreted instruction 280.
 */
#define _GNU_SOURCE
#include <asm/sysmips.h>
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "wedge/burn/sequence.h"
#include "lib/clock.h"
#include "wedge/core/interp.h"
#include "wedge/core/layout.h"
#include "wedge/host/mips64/entry.h"
#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/start.h"

#define STACK_SIZE		0x40000
#define STEPS_AFTER_SIGNAL	16	/* 8-32 measured best, 100 worse */

/* The frame that the Host's kernel builds for a signal handler on n64: arch/mips/kernel/signal.c. */
struct frame {
	u32 argument_save[4], pad[2];
	siginfo_t info;
	ucontext_t uc;
};

static struct frame resume_frame;	/* as our first signal left it, with the guest's registers put in */
static u64 signal_stack;
u8 native__call_stack[NATIVE_CALL_STACK_SIZE] __attribute__((aligned(16)));

/* --- Between ucontext and vcpu --- */

void native__take(struct vcpu *v, const ucontext_t *uc)
{
	for (unsigned i = 1; i < 32; i++)
		if (i != REG_K0 && i != REG_K1)
			v->gpr[i] = uc->uc_mcontext.gregs[i];
	v->hi = uc->uc_mcontext.mdhi;
	v->lo = uc->uc_mcontext.mdlo;
	v->pc = uc->uc_mcontext.pc;
}

static void take_registers(struct vcpu *v, const ucontext_t *uc)
{
	native__take(v, uc);
	v->gpr[REG_K0] = v->page->k[0];
	v->gpr[REG_K1] = v->page->k[1];
}

void native__give(const struct vcpu *v, ucontext_t *uc, u64 pc)
{
	for (unsigned i = 1; i < 32; i++)
		uc->uc_mcontext.gregs[i] = v->gpr[i];
	uc->uc_mcontext.mdhi = v->hi;
	uc->uc_mcontext.mdlo = v->lo;
	uc->uc_mcontext.pc = pc;
	/* Kernel code that runs natively has no FP registers, and a process that has none gets and gives none with each signal: 1,700 instructions. */
	uc->uc_mcontext.used_math = 0;
}

/* --- Where an interrupted guest stands --- */

/*
 * In a trampoline: before the call, or the access, nothing has happened yet, after it all is done but for ra. An interrupt
 * of the delay slot of its jal finds pc at the jal, and ra changed already. Who looks has saved ra at the site.
 */
static void settle_trampoline(struct host *h, const struct burn_site *site, unsigned word)
{
	struct vcpu *v = h->vcpu;

	if ((word > 0 || burn__looks_first(site)) && word <= BURN_TRAMPOLINE_RETURN)
		v->gpr[REG_RA] = v->page->scratch[0];
	v->pc = word < BURN_TRAMPOLINE_RETURN ? site->address : site->address + 4 * site->words;
}

/* `word` of an outline sequence's slot is next, so all up to word `word` of the sequence has been executed. */
static void settle_outline(struct host *h, const struct burn_site *site, unsigned word)
{
	struct vcpu *v = h->vcpu;
	struct sequence s;

	sequence__outline(site, &s, v->machine->big_endian);
	if (s.saved)
		v->gpr[s.saved] = v->page->scratch[0];
	v->pc = word < s.store ? site->address : site->address + 4 * site->words;
}

/*
 * Brings the interrupted registers to a place in the guest's own program. Returns false where the Wedge's
 * code is already at work on them.
 */
static bool settle(struct host *h, const ucontext_t *uc)
{
	struct vcpu *v = h->vcpu;
	u64 pc = uc->uc_mcontext.pc, offset = pc - (u64)h->code_cache, place;
	const bool looking = offset >= LOOK_PLACE && offset < LOOK_END;
	const bool returning = sites__is_between(offset, sites_return, sites_end);
	const struct burn_site *site;
	unsigned word;

	if (offset >= CODE_CACHE_SIZE) {
		take_registers(v, uc);
		return true;
	}
	if (ways__at(offset, &place)) {
		take_registers(v, uc);
		v->gpr[REG_RA] = v->page->scratch[0];
		v->pc = place;
		return true;
	}
	if (h->direct && direct__settle(h, offset)) {
		place = v->pc;
		take_registers(v, uc);
		v->pc = place;
		return true;
	}
	if (offset >= h->blocks_start && offset < h->blocks_start + blocks__code(h->machine)) {
		take_registers(v, uc);
		if (!blocks__settle(h->blocks, v, pc))
			die("interrupted at %#llx in the code cache, where no block is", (unsigned long long)pc);
		return true;
	}
	if (entry__is_between(offset, call_entry_restore, call_entry_end))
		return true;		/* all in the vcpu already */
	if (entry__is_between(offset, call_entry_switched, call_entry_end))
		return false;
	if (offset < (u64)(call_entry_saved - call_entry) || offset >= (u64)(call_entry_end - call_entry)) {
		take_registers(v, uc);
		if (looking)
			sequence__settle_look((offset - LOOK_PLACE) / 4, v);
		if (returning && offset > SITES_PLACE + (u64)(sites_return - sites_off))
			v->gpr[REG_AT] = v->page->scratch[1];
		if (returning && offset > SITES_PLACE + (u64)(sites_return_at_taken - sites_off))
			v->gpr[REG_T8] = v->page->scratch[NATIVE_SAVED_T8];
	} else {
		/* all but at, hi and lo are in the vcpu, and t0 has been spoilt */
		v->hi = uc->uc_mcontext.mdhi;
		v->lo = uc->uc_mcontext.mdlo;
		v->gpr[REG_K0] = v->page->k[0];
		v->gpr[REG_K1] = v->page->k[1];
	}
	if (looking || returning || offset < (u64)(call_entry_end - call_entry)) {
		if (!looking && !returning && offset > (u64)(call_entry_at_taken - call_entry))
			v->gpr[REG_AT] = v->page->scratch[1];
		v->gpr[REG_RA] = v->page->scratch[0];
		offset = uc->uc_mcontext.gregs[REG_RA] - (u64)h->code_cache - 4;	/* the call's delay slot */
		if (blocks__settle(h->blocks, v, (u64)h->code_cache + offset))
			return true;
	}
	site = burn__site_of_slot(h->machine, offset, &word);
	if (!site)
		die("interrupted at %#llx in the code cache, where no sequence is", (unsigned long long)pc);
	if (burn__has_trampoline(site))
		settle_trampoline(h, site, word);
	else
		settle_outline(h, site, word);
	return true;
}

/*
 * Others must know whether this process may be looking at a piece of code that they remove (pieces.h): odd is inside. Alone, nobody
 * asks.
 */
static void pass(struct host *h)
{
	if (h->machine->cpus > 1)
		__atomic_add_fetch(&h->vcpu->passage, 1, __ATOMIC_SEQ_CST);
}

static unsigned exit_reason(int signal)
{
	switch (signal) {
	case SIGILL: return HOST_EXIT_SIGILL;
	case SIGBUS: return HOST_EXIT_SIGBUS;
	case SIGSEGV: return HOST_EXIT_SIGSEGV;
	case SIGTRAP: return HOST_EXIT_SIGTRAP;
	case SIGFPE: return HOST_EXIT_SIGFPE;
	default: return HOST_EXIT_INTERRUPT;
	}
}

static _Noreturn void die_of_signal(int signal, const siginfo_t *info, const ucontext_t *uc)
{
	static const char twice[] = "\r\nwedge: internal error, and another while telling of it\r\n";
	static volatile bool dying;
	ssize_t n;

	if (dying) {
		n = write(STDERR_FILENO, twice, sizeof(twice) - 1);
		_exit(n > 0 ? 1 : 2);
	}
	dying = true;
	/* addr2line takes the distance. */
	fprintf(stderr, "\r\nwedge: internal error: %s at wedge+%#llx, address %p, the Wedge being at %#llx; the guest was at:\r\n",
		strsignal(signal), (unsigned long long)(uc->uc_mcontext.pc - the_start.at), info->si_addr, (unsigned long long)the_start.at);
	vcpu__dump(the_host.vcpu, the_host.vcpu->page, stderr);
	die("this is a bug in the Wedge");
}

/* We and the Host's vDSO lie above all windows; a guest's stray jump can lead anywhere else. */
static bool is_ours(u64 pc)
{
	return pc >= WINDOW_MAP_END && pc < the_start.end;
}

/* An access whose page is not known: it is made here, and its page is known then, if it can be. */
static void access_user(struct host *h, u64 va)
{
	struct vcpu *v = h->vcpu;

	if (!drive__step(h, v->interpreted, 1))
		h->user.looked(h->user.user, va);
	v->last_user_access = 0;	/* nor is what comes behind it a copy that is better interpreted */
}

/* What is done about a fault by native code first; how many steps should be interpreted then. */
static unsigned see_to(struct host *h, int signal, const siginfo_t *info, u64 place)
{
	u64 va;

	/* What is no address is a SIGBUS. */
	if ((signal == SIGSEGV || signal == SIGBUS) && blocks__asks(h->blocks, h->vcpu, place, &va)) {
		access_user(h, va);
		return 0;
	}
	if (signal == SIGSEGV)
		h->user.missing(h->user.user, (u64)info->si_addr);
	return STEPS_AFTER_SIGNAL;
}

/* With no call to return from: through a frame. Alarms are blocked. */
static _Noreturn void resume(struct host *h, u64 place)
{
	if (h->direct)
		direct__lose_fp(h);
	native__give(h->vcpu, &resume_frame.uc, place);
	__asm__ volatile("move $29, %0\n\tli $2, %1\n\tsyscall" : : "r"(&resume_frame), "i"(SYS_rt_sigreturn) : "memory");
	__builtin_unreachable();
}

/* To guest user code at `place`, if nothing has happened meanwhile. */
static _Noreturn void resume_user(struct host *h, u64 place)
{
	direct__ready(h);
	pass(h);
	direct__give(h, &resume_frame.uc, place);
	direct__go(&resume_frame, &h->vcpu->kick, &h->in_user);
	direct__calls_off(h);
	pass(h);
	drive__unblock(h);		/* who comes from a trap has them blocked, and a home that waits must hand them on */
	direct__again(h);
}

/* The same where no signals are blocked. */
static _Noreturn void return_user(struct host *h, u64 place)
{
	if (!direct__has_way_back(h))
		resume_user(h, place);
	direct__ready(h);
	pass(h);
	direct__go_back(h);
}

/* The end of a call that goes on at v->pc, whose code is at `place`. */
static void return_call(struct host *h, u64 place)
{
	struct vcpu *v = h->vcpu;

	v->call_return = ways__to(h, v->pc, place);
	v->page->scratch[0] = v->gpr[REG_RA];
	v->call_done = 1;
	pass(h);
}

/* With no call to return from, where no signals are blocked: by the way back of one, which leaves FP registers alone. */
static _Noreturn void enter_kernel(struct host *h, u64 place)
{
	return_call(h, place);
	direct__enter_kernel((u64)h->code_cache + (call_entry_restore - call_entry), (u64)native__call_stack + NATIVE_CALL_STACK_USED);
}

/* A fault that somebody has sent us by hand is no fault. */
static bool is_sent(int signal, const siginfo_t *info)
{
	return info->si_code <= 0 && signal != SIGALRM;
}

/* Nothing that the code there has done: somebody has called, an alarm has gone off, or (SIGUSR2, by the Host's kernel) who has made us has ended. */
static bool is_asynchronous(int signal, const siginfo_t *info)
{
	return is_sent(signal, info) || signal == SIGALRM || signal == SIGUSR1 || signal == SIGUSR2;
}

static void hear(struct host *h, int signal, const siginfo_t *info)
{
	if (signal == SIGUSR2) {
		h->core_ended = true;
	} else if (is_sent(signal, info) && signal != SIGUSR1) {
		h->client->terminate(h->client->user, signal, info->si_pid);
	}
	h->vcpu->kick = 1;
}

/* Guest user code has stopped, in our own address space: the exception that its kernel expects, and on with that. No need to return from the handler. */
static _Noreturn void on_user_signal(struct host *h, int signal, const siginfo_t *info, const ucontext_t *uc)
{
	const bool asynchronous = is_asynchronous(signal, info);
	struct vcpu *v = h->vcpu;
	u64 place;

	direct__take(h, uc);
	pass(h);
	if (signal != SIGSYS || asynchronous || v->debugged || v->tracing & ~TRACE_FLIGHT)
		host__own_thread(h);
	if (asynchronous)
		hear(h, signal, info);
	h->user.stopped(h->user.user, &(struct stub_signal){ signal, info->si_code, (u64)info->si_addr }, asynchronous);
	place = drive(h, 0);
	if (h->to_user)
		return_user(h, place);
	enter_kernel(h, place);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
	struct host *h = &the_host;
	ucontext_t *uc = context;
	u64 pc = uc->uc_mcontext.pc;
	struct stretch begin;
	u64 place;
	bool asynchronous = is_asynchronous(signal, info);

	if (h->fetching_fp && signal == SIGTRAP && info->si_code <= 0) {
		h->fetching_fp = false;
		direct__save_fp(h, uc);
		return;
	}
	if (signal == SIGCHLD && info->si_code > 0) {
		direct__ended(h, info);
		return;
	}
	/* In our own code is who waits for his turn, a handler that has not got far yet; or a program that has jumped there. */
	if (direct__in_user(h) && !(is_ours(pc) && (direct__is_going(pc) || uc->uc_mcontext.gregs[REG_SP] - signal_stack < STACK_SIZE || direct__waits(h))))
		on_user_signal(h, signal, info, uc);
	if (asynchronous) {
		direct__own_thread(h);
		hear(h, signal, info);
		if (h->running)
			stub__kick(h->running->mapper, h->running->guest);
		if (direct__waits(h))
			host__signal(h->running_process);
	}
	if (asynchronous && direct__is_going(pc) && !direct__waits(h)) {
		direct__calls_off(h);
		pass(h);
		direct__again(h);
	}
	if (is_ours(pc)) {
		direct__own_thread(h);
		if (signal == SIGBUS && !asynchronous)
			h->client->failed(h->client->user, (u64)info->si_addr);
		if (!asynchronous)
			die_of_signal(signal, info, uc);
		return;
	}
	host__own_thread(h);
	pass(h);
	if (!settle(h, uc)) {
		pass(h);
		return;
	}
	if (h->direct) {
		direct__interrupted(h);
		direct__save_fp(h, uc);
	}
	begin = host__begin(h);
	pc = h->vcpu->pc;
	host__leaves(h, asynchronous ? HOST_EXIT_INTERRUPT : exit_reason(signal), pc);
	place = drive_and_block(h, asynchronous ? 0 : see_to(h, signal, info, uc->uc_mcontext.pc));
	host__exited(h, asynchronous ? HOST_EXIT_INTERRUPT : exit_reason(signal), pc, begin);
	if (h->to_user)
		resume_user(h, place);
	pass(h);
	if (h->direct)
		direct__lose_fp(h);
	native__give(h->vcpu, uc, place);
}

/* --- Calls from burnt sites --- */

/*
 * Brings pc and registers to where the call comes from: a site, that ends at `behind`, or a block. True: it goes on as it stands, or with a
 * block.
 */
static bool take_call(struct host *h, u64 *behind)
{
	struct vcpu *v = h->vcpu;
	const struct burn_site *site;
	unsigned word;
	u64 to;

	v->gpr[REG_K0] = v->page->k[0];
	v->gpr[REG_K1] = v->page->k[1];
	/* What cannot be translated is interpreted, in a by-pass also where the code around it may run as it stands. */
	if (blocks__called(h->blocks, v, v->call_return, &to))
		return to;
	site = burn__site_of_slot(h->machine, v->call_return - (u64)h->code_cache, &word);
	if (!site)
		die("called from %#llx, which is no trampoline", (unsigned long long)v->call_return);
	*behind = site->address + 4 * site->words;
	v->gpr[REG_RA] = v->page->scratch[0];
	v->pc = site->address;
	if (burn__looks_first(site))
		v->call_return += 4 * (BURN_TRAMPOLINE_RETURN - word);
	if (site->how == BURN_LOOK) {
		access_user(h, v->gpr[field_rs(site->word)] + (s16)site->word);
		return true;
	}
	return blocks__meet_site(h->blocks, v, site);
}

/* Called by call_entry; again, with call_done set, if something happened since it returned. */
void native__called(void)
{
	struct host *h = &the_host;
	struct vcpu *v = h->vcpu;
	struct stretch begin = host__begin(h);
	u64 pc, place, behind = 0;
	bool block = v->call_done;	/* or where one leads: the instruction there need not be interpreted */

	pass(h);
	if (h->direct && direct__in_user(h) && !v->call_done) {		/* a program has jumped there: its kernel hears of that */
		direct__strayed(h);
		v->pc = v->call_return;
		block = true;
	} else if (!v->call_done) {
		block = take_call(h, &behind);
	}
	if (h->direct)
		direct__interrupted(h);
	pc = v->pc;
	if (h->homes[h->home].tp_away && !drive__at_cp0(h))
		host__own_thread(h);
	host__leaves(h, HOST_EXIT_CALL, pc);
	place = drive(h, block ? 0 : 1);
	host__exited(h, HOST_EXIT_CALL, pc, begin);
	if (h->to_user)
		return_user(h, place);
	if (place != behind) {
		return_call(h, place);
		return;
	}
	v->page->scratch[0] = v->gpr[REG_RA];
	v->call_done = 1;
	pass(h);
}

/* --- Setting up --- */

static u64 new_stack(void)
{
	u8 *stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (stack == MAP_FAILED)
		die_errno("allocating a stack");
	return (u64)stack;
}

static volatile bool frame_taken;

static void take_frame(int signal, siginfo_t *info, void *context)
{
	memcpy(&resume_frame, (u8 *)context - offsetof(struct frame, uc), sizeof(resume_frame));
	sigemptyset(&resume_frame.uc.uc_sigmask);	/* raise() had blocked some */
	frame_taken = true;
}

void native__init(struct host *h)
{
	static const int signals[] = { SIGILL, SIGBUS, SIGSEGV, SIGTRAP, SIGFPE, SIGALRM, SIGUSR1, SIGUSR2 };
	struct sigaction action = { .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER }, before;
	stack_t stack;

	signal_stack = new_stack();
	stack = (stack_t){ .ss_sp = (void *)signal_stack, .ss_size = STACK_SIZE };
	if (sigaltstack(&stack, NULL))
		die_errno("setting the signal stack");
	action.sa_sigaction = take_frame;
	sigaction(SIGUSR2, &action, &before);
	raise(SIGUSR2);
	if (!frame_taken)
		die("this host delivers no signals");
	sigaction(SIGUSR2, &before, NULL);
	action.sa_sigaction = on_signal;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (sigaction(signals[i], &action, NULL))
			die_errno("handling signal %d", signals[i]);
	/* Calls of guest user code; and a home that ends: there are no other children then. Not direct, SIGSYS ends the process: the jail's. */
	if (h->direct && (sigaction(SIGSYS, &action, NULL) || sigaction(SIGCHLD, &action, NULL)))
		die_errno("handling signals of direct user mode");
	/*
	 * Unaligned accesses come to the interpreter. A Host's kernel that repairs them loses the branch when one in its slot
	 * faults, and has stored the first bytes when those behind the end of a page fault.
	 */
	if (syscall(SYS_sysmips, MIPS_FIXADE, 0))
		die_errno("taking over unaligned accesses");
}

void native__enter(struct host *h)
{
	volatile unsigned home = 0;	/* of this process: all other memory may be the family's */
	u64 place;

	h->vcpu->kick = 1;
	pass(h);
	while (__builtin_setjmp(h->homes[home].base))
		home = direct__give_way(&the_host, home);
	h = &the_host;
	place = drive(h, 0);
	if (h->to_user)
		resume_user(h, place);
	if (h->direct)
		enter_kernel(h, place);
	place = drive_until_blocked(h, place);
	if (h->to_user)
		resume_user(h, place);
	pass(h);
	resume(h, place);
}
