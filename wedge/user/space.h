/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside guest user mode: what its files share.
 *
 *	space.c		which guest pages are mapped where
 *	pages.c		the table of them
 *	bind.c		which address space is which
 *	ahead.c		mapping by the guest's page tables, before the guest's kernel is asked
 *	tables.c	those tables
 *	uaccess.c	user memory for kernel code
 *	user.c		user code: one exit after another
 *	direct.c	the same in our own address space
 *	sites.c		its system calls as jumps there
 *	fp.c		floating point that traps
 */
#ifndef WEDGE_USER_SPACE_H
#define WEDGE_USER_SPACE_H

#include "wedge/core/layout.h"
#include "wedge/user/pages.h"
#include "wedge/user/tables.h"
#include "wedge/user/user.h"

#define SPACES		256		/* as many as there are ASIDs */
#define HOME_NONE	HOST_HOMES
#define LATE_MOST	32

/* FP registers that a guest thread had when it was first seen to use them: see user.c. */
struct fp_first {
	bool pending;
	bool told;		/* the exception has been raised that its kernel loads them for */
	u64 thread;		/* its UserLocal: threads of one process share the space */
	u64 fpr[32];
	u32 fcsr;
};

struct space {
	struct pages pages;
	unsigned hand;		/* where the next that must go is looked for */
	unsigned huge;		/* log2 of the size of the large pages that are marked; 0: there are none */
	u64 cost;		/* in bytes of the Host's memory */
	u64 last_used;		/* value of user_mode.uses */
	bool stale;		/* all of it must be looked at again, or unmapped, before the next use */
	unsigned asid;		/* whose it is, while user_mode.of_asid says so as well */
	u64 root;		/* of its page tables; 0: not known, and all that is known of it is its ASID */
	bool lost;		/* registers of its guest process were: it must end */
	struct stub *stub;	/* NULL: in our own address space */
	unsigned home;		/* direct: which of these it is; HOME_NONE: none yet */
	u64 late[LATE_MOST];	/* pages that must not stay when the core comes there */
	unsigned late_count;
	bool fp_used;		/* its code has used the FPU */
	struct fp_first fp_first;
	u16 sites;		/* direct: pages of it that others stand in for: sites.c. 0: none */
	unsigned syncs;		/* so often has its code changed since there were any */
};

/* The last access of user code that became an exception of the guest's: where it was, and with what. */
struct fault {
	bool pending;
	u64 va, pc, gpr[32];
	const struct space *space;
	enum access access;
	bool in_slot;
};

/* Direct: one of our own address spaces. */
struct home_space {
	struct space *space;		/* whose it is; NULL: nobody's */
	struct space kernel;		/* what the guest's kernel maps: there */
	u64 fp_thread;			/* UserLocal of the thread whose FP registers are there, if any are */
	bool dirty;			/* pages of user code are mapped there that are in no table: all of them go when the core comes there */
	u64 last_used;
};

struct user_mode {
	struct host *host;
	struct machine *machine;
	struct vcpu *vcpu;
	bool rixi;			/* the Host enforces RI and XI */

	bool direct;			/* user code runs in our own address spaces */
	bool has_fpu;			/* the Host has one */
	unsigned home, homes_most;	/* the core is at that; so many may be had */
	struct home_space homes[HOST_HOMES];
	struct heap *heap;		/* direct: for tables of pages */
	struct { u64 va, size, pa; } run;	/* of pages that are mapped with one request: space__map_run() */
	u64 began;			/* where user code went native */
	const u64 *near;		/* user__know_near(); NULL: no system call becomes a jump */
	struct sites *sites;		/* NULL: there are none */
	bool fp_wanted;			/* the core has gone to a home for the FP registers there */
	struct space *rebound;		/* direct.c: has got another ASID since user code ran, */
	unsigned rebound_from;		/* than this */

	struct space *kernel;		/* XKSEG and CKSSEG, in our own address space (of the home where the core is) */
	struct space uaccess;		/* user pages that kernel code copies from and to, there as well, */
	unsigned uaccess_asid;		/* of this address space */
	bool looks;			/* the vCPU page has pages of user memory, */
	unsigned look_asid;		/* of this address space */
	u64 copy_steps;			/* interpreted in stretches that touched user memory, */
	unsigned copy_asid;		/* of this address space, since its last uaccess__map() */
	struct space spaces[SPACES];
	struct space *of_asid[SPACES];	/* NULL: its user code has not run since the ASID was given to it */
	struct tables tables;
	struct fault fault;
	struct stub_signal signal;	/* with which user code has stopped */
	u64 uses;			/* counts user__run() */
	u64 cost, cost_most;		/* bytes of the Host's memory for all that is mapped */
	unsigned own_runs_most, stub_runs_most;	/* of a space in our own address space, and in a stub */
	struct stub *spare;		/* made at the start, so that there is one */
	unsigned short_of_stubs;	/* the Host gave no more; counts how often that was remembered */
	bool fp_ever;			/* some guest process has used the FPU */
	struct space *fp_space;		/* space whose stub holds the FP registers, */
	bool fp_in_vcpu;		/* unless they are in the vcpu */
};

/* Its pages are in an address space of ours where the core is not: what must go there goes when it comes. */
static inline bool space__is_away(const struct user_mode *u, const struct space *s)
{
	return u->direct && s->home != u->home;
}

#define USER_MODE_SIZE	((sizeof(struct user_mode) + HOST_PAGE - 1) & ~(HOST_PAGE - 1))

static inline unsigned user__asid(const struct user_mode *u)
{
	return u->vcpu->page->cp0[CP0_ENTRYHI] & ENTRYHI_ASID;
}

/* The Host's page of a stub, in which it lies itself: no program's, wherever its kernel has the end of user memory. */
static inline bool user__is_in_stub(u64 va)
{
	return (va & ~(HOST_PAGE - 1)) == STUB_PAGE;
}

/* May a program of the guest have a page there, in a process of its own? Not where its process has one. */
static inline bool user__may_have(const struct user_mode *u, u64 va)
{
	return windows__are_users(&u->machine->windows, va) && !user__is_in_stub(va);
}

/*
 * Where native code of the guest's kernel finds what that has mapped at `va`, as EntryHi or the architecture has it; anything else unchanged. Of a kernel
 * that was moved that is what it takes for the address itself.
 */
u64 space__shown(const struct user_mode *u, u64 va);
/* And back: as the architecture has it. */
u64 space__canonical(const struct user_mode *u, u64 shown);

/* Is any of the Host's page held back from the space by a debugger? The window for copies is the kernel's, which is interpreted then. */
static inline bool user__is_held(const struct user_mode *u, const struct space *s, u64 va)
{
	const struct breakpoints *b = &u->machine->breakpoints;

	const u64 page = va & ~(HOST_PAGE - 1);

	for (u64 at = page; (b->nowhere || b->watches) && s != &u->uaccess && at < page + HOST_PAGE; at += BREAKPOINT_PAGE)
		if (breakpoints__holds(b, s->root, at))
			return true;
	return false;
}

/* space.c */
/* Is the page of `va` mapped there? */
bool space__has(const struct space *s, u64 va);
/* Maps the page of `va` if the TLB translates it now; false if it does not, or if that changed nothing. */
bool space__map_from_tlb(struct user_mode *u, struct space *s, u64 va, enum access access);
/* User code of `s` accesses `va`, which is not mapped so: it is mapped, with what lies around it. False if that is for the guest's kernel. */
bool space__map_missed(struct user_mode *u, struct space *s, u64 va, enum access access);
/*
 * The Host's page at `va`, to be mapped from physical address `pa` with the bits D, RI and XI of `rights`: how struct page would have it. 0: not
 * at all, each access comes to the interpreter.
 */
u64 space__wanted(const struct user_mode *u, u64 pa, u64 rights);
/* Maps it so. True if it was not so before. */
bool space__map(struct user_mode *u, struct space *s, u64 va, u64 want);
/* Direct: the core has come to its home: what must not stay goes. */
void space__arrive(struct user_mode *u, struct space *s);
/* Direct: what was to be mapped is. Before the guest goes native; false: the Host does not. */
bool space__map_run(struct user_mode *u);
/* What is mapped there, as struct page has it; 0: nothing. */
u64 space__at(const struct space *s, u64 va);
void space__unmap(struct user_mode *u, struct space *s, u64 va);
/* Takes rights away from a page that is mapped. */
void space__protect(struct user_mode *u, struct space *s, u64 va, u64 rights);
/* What is mapped of the page of the guest's with so many bytes, at a multiple of its size, goes when any of it is dropped from the TLB. */
void space__note_huge(struct user_mode *u, struct space *s, u64 va, unsigned shift);
/* Unmaps what must not stay, if the space is stale. */
void space__refresh(struct user_mode *u, struct space *s);
/* Unmaps everything, at once, and gives back what it has cost. */
void space__empty(struct user_mode *u, struct space *s);
/* Whatever programs have in our own address space, where the core is, goes; what is known of that stays. False: the Host does not. */
bool space__unmap_users(struct user_mode *u);
/* Whatever is mapped of it goes; what is known of that stays. */
void space__unmap_all(struct user_mode *u, struct space *s);
/* Its process is gone, and with it the mappings. */
void space__forget(struct user_mode *u, struct space *s);
/* How much may be mapped on this Host, for a guest with so much RAM. */
void space__set_limits(struct user_mode *u);

/* bind.c */
/* That of the current address space. Stale if it begins anew, or has another ASID than it had. */
struct space *bind__current(struct user_mode *u);
/* That of the ASID, or NULL. */
struct space *bind__of(const struct user_mode *u, unsigned asid);

/* ahead.c */
/* Maps `va` by the page tables, and what lies around it. False if they do not allow the access, or it is mapped so already. */
bool ahead__map(struct user_mode *u, struct space *s, u64 va, enum access access);
/*
 * What the guest's handler would do about a page that its TLB has no entry for: loads what the page tables have, which may be an entry that
 * is not valid. False if that is left to the handler.
 */
bool ahead__refill(struct user_mode *u, const struct space *s, u64 va);
/* Do the tables of the space have a page of what is mapped there? One is looked at. */
bool ahead__any_left(struct user_mode *u, const struct space *s);
/* What is mapped in a stale space, compared with its page tables: the rest is unmapped. False: unmap all, that is cheaper, or nothing is known. */
bool ahead__check(struct user_mode *u, struct space *s);

/* uaccess.c: the operations of struct host_user that concern it. */
bool uaccess__may_go_on(void *user, u64 since);
void uaccess__going_native(void *user, u64 since);
void uaccess__missing(void *user, u64 va);
void uaccess__looked(void *user, u64 va);
/* Whoever looks must not find [va, va + size) of `asid`, or of any if it is global, any more. */
void uaccess__drop_looks(struct user_mode *u, u64 va, u64 size, unsigned asid, bool global);
void uaccess__forget_looks(struct user_mode *u);

/* direct.c: operations of struct host_user. */
u64 direct__goes(void *user, u64 *way_back);
void direct__stopped(void *user, const struct stub_signal *signal, bool asynchronous);
void direct__moved(void *user, unsigned home, bool is_new);
void direct__homeless(void *user, unsigned home);
/* The space whose page tables the guest's kernel uses now, with the core at its home: may not return, the core then goes on there. NULL: there are none. */
struct space *direct__be_home(struct user_mode *u);
/* The space of the current address space, if its pages are mapped here and as they should be; else NULL. */
struct space *direct__here(const struct user_mode *u);
int direct__start(struct user_mode *u, struct complaint *c);

/* sites.c: system calls of programs as jumps. Not available: -1. `near` is where the guest's kernel says where its page near programs is, 0: not yet. */
int sites__open(struct user_mode *u, const u64 *near);
/* User code of `s`, whose home the core is at, has made a system call at `pc`, in no slot. */
void sites__met(struct user_mode *u, struct space *s, u64 pc);
/* Where it goes on, natively: at v->pc, but for a call that is a jump now. `way_back` as for host_user.goes(). */
u64 sites__place(const struct user_mode *u, const struct space *s, u64 *way_back);
/*
 * It has stopped: if that was on the way to a call or back, the registers become those that the program has there. True on the way to it, where pc is the
 * call's. `s` may be NULL.
 */
bool sites__leave(const struct user_mode *u, const struct space *s);
bool sites__has(const struct user_mode *u, const struct space *s, u64 va);
/* What was mapped there, or anywhere, is so no more. */
void sites__gone(struct user_mode *u, struct space *s, u64 va, u64 size);
void sites__gone_all(struct user_mode *u, struct space *s);

/* user.c, for both ways: before user code of `s` goes on; false: something else was done. And when it has stopped, having begun at `began`. */
bool user__prepare(struct user_mode *u, struct space *s);
void user__ended(struct user_mode *u, struct space *s, enum stub_stop stop, u32 cause, u64 badvaddr, u64 began);
/* What was mapped of it is looked at again; it may begin anew. */
void user__settle_space(struct user_mode *u, struct space *s);
/* Direct: if whoever ran last at the home of `s`, where the core is, has used the FPU for the first time, and nobody knows, the guest will hear of it. */
void user__note_fp(struct user_mode *u, struct space *s);

/* user.c: one stretch of guest user code and the exception that ends it. */
void user__run(void *user);

/* fp.c: user code has stopped at an FP exception, or while the Host's kernel emulated FP instructions. */
void fp__exception(struct user_mode *u, struct space *s, bool in_slot);
void fp__emulation_stopped(struct user_mode *u, struct space *s, bool in_slot);

#endif
