/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the MIPS64 Host: what its files share.
 *
 *	host.c		checks, and what lies where
 *	ram.c		the guest's RAM
 *	counter.c	a counter that guest programs read as well
 *	native.c	guest kernel code: signals, calls from burnt sites
 *	drive.c		between them: what the Wedge does until the guest goes native again
 *	entry.S		what burnt sites call
 *	ways.c		where it is put, and how such a call ends anywhere
 *	first.S, start.c, no-break.c	how the Wedge gets to its place
 *	settle.c	is it there, and all else where it belongs
 *	stub.c, stub.S	the processes in which guest user code runs
 *	spin.c		what waits for them
 *	direct.c	or where it runs in this one
 */
#ifndef WEDGE_HOST_MIPS64_HOST_H
#define WEDGE_HOST_MIPS64_HOST_H

#include <setjmp.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>
#include <ucontext.h>

#include "wedge/burn/burn.h"
#include "wedge/host/host.h"
#include "wedge/host/mips64/spin.h"
#include "wedge/host/mips64/stub.h"
#include "wedge/translate/blocks.h"

struct stub_request {
	u64 va, size, offset;	/* of pages; offset into RAM */
	unsigned prot;		/* PROT_*, or STUB_UNMAP */
};

struct stub {
	pid_t mapper, guest;	/* its threads: stub.S */
	u64 userlocal;		/* what the thread pointer of guest code is, */
	bool userlocal_known;	/* unless it may have set another */
	struct stub_request requests[STUB_REQUESTS];	/* not yet sent */
	unsigned request_count;
	bool refused;		/* the Host has no memory, or no mapping more: some were not carried out, until stub__empty() */
	bool gone;		/* somebody has killed it */
	int ending;		/* how, as for waitpid(), if that is known */
};

/* A process of the family: direct.c. Before there is one, that which runs the core is the first. */
struct home {
	pid_t process;		/* 0: there is none yet */
	u32 turn;		/* it is this one's */
	void *base[5];		/* where it waits for that: __builtin_setjmp(), as the C library's would move FP registers */
	u64 tp;			/* the thread pointer of the program that is here, */
	bool tp_away;		/* which it is now: no function of the C library may be called that fails, or locks */
	bool page_readonly;
	/* FP registers of user code here, when it has stopped; unless it has not stopped by a signal since it ran, */
	u64 fpr[32];
	u32 fcsr;
	bool fp_used;
	struct home_fp {
		bool unknown;	/* then they are where it left them; */
		bool in_task;	/* and there are they still, for when it goes on */
	} fp, fp_before;	/* if it does not go after all, it is as before */
	timer_t timer;
	bool timer_made;	/* 0 is a valid timer_t */
};

/* Where native execution needs VCPU_PAGE, which lies behind the lowest address that a process may map, within reach of a signed offset of 16 bits. */
#define HOST_PAGE_NATIVE	0x4000ull	/* the largest that can */
/* What is mapped there: pages of the Host. Two of 4 KB, the second of which is always writable; or one of 16 KB, which is one with the other. */
static inline u64 host__low_pages(void)
{
	return VCPU_PAGE & ~(HOST_PAGE - 1);
}

static inline u64 host__low_pages_end(void)
{
	return (VCPU_PAGE + 2 * VCPU_PAGE_SIZE + HOST_PAGE - 1) & ~(HOST_PAGE - 1);
}

static inline bool host__page_is_apart(void)
{
	return HOST_PAGE <= VCPU_PAGE_SIZE;
}

struct host {
	const struct host_client *client;
	struct host_user user;
	struct machine *machine;
	struct vm_memory *memory;
	struct core {			/* of each core of the guest, in VM memory */
		struct {		/* the page at its offset, so that the Host's page or pages around it can be mapped in their place */
			u8 below[VCPU_PAGE];
			struct vcpu_page page;
		} low __attribute__((aligned(HOST_PAGE_MOST)));
		struct vcpu vcpu __attribute__((aligned(HOST_PAGE_MOST)));
	} *cores;
	unsigned core;			/* the one that this process runs */
	struct vcpu *vcpu;		/* its vCPU, at VCPU_STATE */
	struct vcpu_page *page;		/* and page, which is also at VCPU_PAGE; here it is always writable */
	volatile bool core_ended;	/* a process of host__fork_core() */
	bool native;			/* false with --interpret */
	pid_t vm;			/* the process that was started: stubs have its number in their names */
	long yama_scope;		/* kernel.yama.ptrace_scope; read before there is no /proc */
	int ram_fd;
	u8 *ram;
	u64 ram_size;
	u8 *code_cache;
	struct blocks *blocks;		/* NULL: none are made */
	u64 blocks_start;		/* their offset in the code cache */
	u64 elsewhere_ns;		/* spent in guest user code and asleep: no part of any exit */
	bool alarms;			/* there may be some */
	u64 alarm_ns;			/* absolute; 0: none */
	sigjmp_buf leave;		/* out of host__run() */

	struct stub *volatile running;	/* executes now: a kick goes to it, too */
	struct spin spin;		/* while it does */

	/* Direct user mode. */
	bool direct;
	bool to_user;			/* what drive() leads to is guest user code */
	volatile bool in_user;		/* that runs, with its thread pointer; or its kernel, if it has got there by a jump: then Status says so */
	unsigned home, next_home;	/* the core is there; it is to go there */
	volatile pid_t running_process;	/* of the home */
	u64 own_tp;			/* the C library's thread pointer */
	volatile bool fetching_fp;	/* a signal to ourselves is on the way for them */
	u64 way_back;			/* where user code goes on if it can without a frame: SITE_WORD_BACK_RA of a stub; 0: it cannot */
	int stand_ins_fd;		/* pages that stand in for the guest's in its programs; -1: there are none */
	struct home homes[HOST_HOMES];
};

extern struct host the_host;		/* signal handlers have no other way to it */


/* What the process waits for is no part of an exit: the time before, 0 if nobody counts, and behind. */
u64 host__elsewhere(const struct host *h);
void host__back(struct host *h, bool for_user, u64 begin_ns);

/* native.c */
/* Between a signal's frame and the vcpu: all but k0, k1 and FP. And to it, with those of the vcpu, and no FP. */
void native__take(struct vcpu *v, const ucontext_t *uc);
void native__give(const struct vcpu *v, ucontext_t *uc, u64 pc);
void native__init(struct host *h);
void native__enter(struct host *h);

/* drive.c: steps until the guest can run natively, at least `least` instructions. Returns where. */
u64 drive(struct host *h, unsigned least);
/*
 * A step of the interpreter, counted if somebody counts: it took over when vcpu.interpreted was `since`, for `least` instructions. 0, or -1 for an
 * exception.
 */
int drive__step(struct host *h, u64 since, u64 least);
bool drive__at_cp0(const struct host *h);
/* And leaves with alarms blocked and none unseen: returning from the signal unblocks them. */
u64 drive_and_block(struct host *h, unsigned least);

/* Alarms are blocked: goes on behind drive(), which had led to `place`, until there is nothing more to look at. */
u64 drive_until_blocked(struct host *h, u64 place);

void drive__unblock(struct host *h);		/* they are no more */

/*
 * direct.c. On the stack of this process alone: the turn goes to h->next_home, and comes back some time. The number of the home that runs on here: in a process
 * that was made meanwhile another than `own`.
 */
unsigned direct__give_way(struct host *h, unsigned own);
void direct__ended(struct host *h, const siginfo_t *info);	/* a child has: without a home the core cannot go on */
void direct__own_thread(struct host *h);		/* host__own_thread(), in a signal handler: also of a process that has not the turn */
bool direct__waits(const struct host *h);	/* is this process one that has not the turn? */
/* What user code goes on with, at `place`, and what a signal has found. Both leave the thread pointer to the program. */
void direct__give(struct host *h, ucontext_t *uc, u64 place);
void direct__take(struct host *h, const ucontext_t *uc);
/* A signal has found the guest's kernel: what it has of FP registers is the program's. And a frame without any is returned to. */
void direct__save_fp(struct host *h, const ucontext_t *uc);
void direct__lose_fp(struct host *h);
/* Where the guest's kernel is on its way, at this offset in the code cache: from a system call to its vector, where `v` is then; false: elsewhere. */
bool direct__settle(struct host *h, u64 offset);
/* Is user code running, by what native code was doing? */
bool direct__in_user(const struct host *h);
/* User code may go on: what a jump finds then. The Wedge has been called: what it does is no longer only between a program and its kernel. */
void direct__ready(struct host *h);
void direct__interrupted(struct host *h);
/* Can user code go on without a frame, with the FP registers that its task has? And does so, at h->way_back. */
bool direct__has_way_back(const struct host *h);
_Noreturn void direct__go_back(struct host *h);
/*
 * Goes on with user code, which has been given; returns if `kick` is set. A signal between the two has to call it off: direct__is_going(). What is left then is
 * direct__again(), with which the core goes on from the beginning.
 */
void direct__go(void *frame, const u64 *kick, volatile bool *in_user);
_Noreturn void direct__go_by_call(u64 restore, u64 stack, volatile bool *in_user);
bool direct__is_going(u64 pc);
void direct__calls_off(struct host *h);
_Noreturn void direct__again(struct host *h);
/* The guest's kernel goes on by the way back of a call, from wherever we are: entry.S. */
_Noreturn void direct__enter_kernel(u64 restore, u64 stack);
void direct__strayed(struct host *h);	/* user code has come to us in another way */

/* host.c: does the attempt come to its end, or does `signal` end it? At the start, while there is one thread and the signal is nobody's. */
bool host__can(int signal, void (*attempt)(void *user), void *user);

/* ram.c: h->ram_size bytes of RAM, in h->ram_fd and at h->ram, as host__reserve_ram() gives them. -1 with a complaint. */
int ram__open(struct host *h, struct complaint *c);
/* Makes large pages of shared memory, at multiples of LARGE_PAGE, where the Host can. False: it has not, nothing else has changed. */
#define LARGE_PAGE	0x200000ull	/* with pages of 4 KB; those of 16 KB have too large ones */
bool ram__collapse(u8 *at, u64 size);

/* ways.c: the entry of calls, at the start of the code cache. */
void ways__make_entry(u8 *code_cache);
/* Where a call returns to (vcpu.call_return) so that the guest goes on at pc, whose code is at `place`, its ra being in scratch[0]. */
u64 ways__to(struct host *h, u64 pc, u64 place);
/* Is this offset in the code cache in a way? It leads to `pc`. */
bool ways__at(u64 offset, u64 *pc);

/* stub.c, for signal handlers: stop the thread of guest code as soon as it runs. */
void stub__kick(pid_t mapper, pid_t guest);

#endif
