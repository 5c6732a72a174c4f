/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside guest user mode: what its files share.
 *
 *	space.c		which guest pages are mapped where
 *	uaccess.c	user memory for kernel code
 *	user.c		user code: one exit after another
 *	fp.c		floating point that traps
 */
#ifndef WEDGE_USER_SPACE_H
#define WEDGE_USER_SPACE_H

#include "wedge/user/user.h"

#define SPACES		256		/* one for each ASID */

/*
 * A mapped page of a space. `pa` is its guest physical page with the rights in its low bits; free slots
 * are 0, slots whose page was unmapped keep PAGE_GONE so that searches go on.
 */
struct page {
	u64 va;
	u64 pa;
};
#define PAGE_READ	1ull
#define PAGE_WRITE	2ull
#define PAGE_EXECUTE	4ull
#define PAGE_GONE	8ull
#define PAGE_USED	16ull
#define PAGE_TABLE	32ull	/* no page, but a region that needs a page table: see space.c */

/* FP registers that a guest thread had when it was first seen to use them: see user.c. */
struct fp_first {
	bool pending;
	u64 thread;		/* its UserLocal: threads of one process share the space */
	u64 fpr[32];
	u32 fcsr;
};

struct space {
	struct page *pages;	/* open addressing; NULL until used */
	unsigned capacity;	/* a power of two */
	unsigned used;		/* slots not free */
	unsigned tables;	/* slots that are PAGE_TABLE */
	u64 cost;		/* in bytes of the Host's memory */
	u64 last_used;		/* value of user_mode.uses */
	bool stale;		/* all of it must be unmapped before the next use */
	bool lost;		/* registers of its guest process were: it must end */
	struct stub *stub;	/* NULL: in our own address space */
	bool fp_used;		/* its code has used the FPU */
	struct fp_first fp_first;
};

struct user_mode {
	struct host *host;
	struct machine *machine;
	struct vcpu *vcpu;
	bool rixi;			/* the Host enforces RI and XI */

	struct space kernel;		/* the XKSEG window, in our own address space */
	struct space uaccess;		/* user pages that kernel code copies from and to, there as well, */
	unsigned uaccess_asid;		/* of this address space */
	u64 copy_steps;			/* interpreted in stretches that touched user memory, */
	unsigned copy_asid;		/* of this address space, since its last uaccess__map() */
	struct space spaces[SPACES];
	u64 uses;			/* counts user__run() */
	u64 cost, cost_most;		/* bytes of the Host's memory for all that is mapped */
	unsigned own_pages_most, stub_pages_most;	/* of a space in our own address space, and in a stub */
	struct stub *spare;		/* made at the start, so that there is one */
	unsigned short_of_stubs;	/* the Host gave no more; counts how often that was remembered */
	bool fp_ever;			/* some guest process has used the FPU */
	struct space *fp_space;		/* space whose stub holds the FP registers, */
	bool fp_in_vcpu;		/* unless they are in the vcpu */
};

static inline unsigned user__asid(const struct user_mode *u)
{
	return u->vcpu->page->cp0[CP0_ENTRYHI] & ENTRYHI_ASID;
}

/* space.c */
/* Is the page of `va` mapped there? */
bool space__has(const struct space *s, u64 va);
/* Maps the page of `va` if the TLB translates it now; false if it does not, or if that changed nothing. */
bool space__map_from_tlb(struct user_mode *u, struct space *s, u64 va, enum access access);
/* Unmaps everything if the space is stale. */
void space__refresh(struct user_mode *u, struct space *s);
/* Unmaps everything, at once, and gives back what it has cost. */
void space__empty(struct user_mode *u, struct space *s);
/* Its process is gone, and with it the mappings. */
void space__forget(struct user_mode *u, struct space *s);
/* How much may be mapped on this Host, for a guest with so much RAM. */
void space__set_limits(struct user_mode *u);

/* uaccess.c: the operations of struct host_user that concern it. */
bool uaccess__may_go_on(void *user, u64 since);
void uaccess__going_native(void *user, u64 since);
void uaccess__missing(void *user, u64 va);

/* user.c: one stretch of guest user code and the exception that ends it. */
void user__run(void *user);

/* fp.c: user code has stopped at an FP exception, or while the Host's kernel emulated FP instructions. */
void fp__exception(struct user_mode *u, struct space *s, bool in_slot);
void fp__emulation_stopped(struct user_mode *u, struct space *s, bool in_slot);

#endif
