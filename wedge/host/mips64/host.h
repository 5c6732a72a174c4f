/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the MIPS64 Host: what its files share.
 *
 *	host.c		checks and memory
 *	native.c	guest kernel code: signals, calls from burnt sites, going native again
 *	entry.S		what burnt sites call
 *	ways.c		how such a call ends anywhere
 *	user.c		guest user code: one exit after another
 *	fp.c		floating point that traps
 *	space.c		which guest pages are mapped where
 *	stub.c, stub.S	the processes in which guest user code runs
 */
#ifndef WEDGE_HOST_MIPS64_HOST_H
#define WEDGE_HOST_MIPS64_HOST_H

#include <setjmp.h>
#include <signal.h>
#include <sys/types.h>
#include <time.h>

#include "wedge/burn/burn.h"
#include "wedge/host/host.h"
#include "wedge/host/mips64/stub.h"

#define SPACES		256		/* one for each ASID */
#define HOST_PAGE	0x1000ull

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

/* FP registers that a guest thread had when it was first seen to use them: see user.c. */
struct fp_first {
	bool pending;
	u64 pc, sp;
	u64 fpr[32];
	u32 fcsr;
};

struct space {
	struct page *pages;	/* open addressing; NULL until used */
	unsigned capacity;	/* a power of two */
	unsigned used;		/* slots not free */
	bool stale;		/* all of it must be unmapped before the next use */
	struct stub *stub;	/* NULL: in our own address space */
	bool fp_used;		/* its code has used the FPU */
	struct fp_first fp_first;
};

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
};

struct host {
	const struct host_client *client;
	struct machine *machine;
	struct vcpu *vcpu;		/* at VCPU_STATE */
	struct vcpu_page *page;		/* alias of the page at VCPU_PAGE, always writable */
	bool page_readonly;
	bool native;			/* false with --interpret */
	int ram_fd;
	u8 *ram;
	u64 ram_size;
	u8 *code_cache;
	timer_t timer;
	u64 elsewhere_ns;		/* spent in guest user code and asleep: no part of any exit */
	bool timer_made;		/* 0 is a valid timer_t */
	u64 alarm_ns;			/* absolute; 0: none */
	sigjmp_buf leave;		/* out of host__run() */

	struct space kernel;		/* the XKSEG window, in our own address space */
	struct space uaccess;		/* user pages that kernel code copies from and to, there as well, */
	unsigned uaccess_asid;		/* of this address space */
	u64 copy_steps;			/* interpreted in stretches that touched user memory, */
	unsigned copy_asid;		/* of this address space, since its last uaccess__map() */
	struct space spaces[SPACES];
	struct stub *volatile running;	/* executes now: a kick goes to it, too */
	bool fp_ever;			/* some guest process has used the FPU */
	struct space *fp_space;		/* space whose stub holds the FP registers, */
	bool fp_in_vcpu;		/* unless they are in the vcpu */
};

extern struct host the_host;		/* signal handlers have no other way to it */

u64 host__now_ns(void);
/* Statistics: what a stretch of the Wedge's own work took. Both do nothing when nobody counts. */
struct stretch {
	u64 begin_ns, elsewhere_ns;
};
struct stretch host__begin(const struct host *h);
void host__exited(const struct host *h, unsigned reason, u64 pc, struct stretch since);

/* native.c */
void native__init(struct host *h);
void native__enter(struct host *h);

/* ways.c: where a call returns to (vcpu.call_return) so that the guest goes on at pc, its ra being in scratch[0]. */
u64 ways__to(struct host *h, u64 pc);
/* Is this offset in the code cache in a way? It leads to `pc`. */
bool ways__at(u64 offset, u64 *pc);

/* user.c: one stretch of guest user code and the exception that ends it. */
void user__run(struct host *h);

/* fp.c: user code has stopped at an FP exception, or while the Host's kernel emulated FP instructions. */
void fp__exception(struct host *h, struct space *s, bool in_slot);
void fp__emulation_stopped(struct host *h, struct space *s, bool in_slot);

/* space.c */
/* Maps the page of `va` if the TLB translates it now; false if it does not, or if that changed nothing. */
bool space__map_from_tlb(struct host *h, struct space *s, u64 va, enum access access);
/*
 * Guest kernel code has touched user memory at `va`: is the page mapped for it natively? The latter maps
 * it; it may fail silently, for the next access will come to us then.
 */
bool uaccess__has(const struct host *h, u64 va);
void uaccess__map(struct host *h, u64 va);
/* Before native code runs: forget the pages of another address space. */
void uaccess__refresh(struct host *h);
/* Unmaps everything if the space is stale. */
void space__refresh(struct host *h, struct space *s);
struct space *space__current(struct host *h);

/* stub.c */
enum stub_stop { STUB_SYSCALL, STUB_SIGNAL, STUB_KICKED };
/* NULL with errno if the Host gives no more processes. */
struct stub *stub__new(struct host *h);
void stub__free(struct stub *stub);
/* Runs guest user code from the vcpu's registers until it stops, and brings them back. */
enum stub_stop stub__run(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr);
/* Take effect when the stub runs next. `offset` is in the guest's RAM. */
void stub__map(struct stub *stub, u64 va, u64 size, u64 offset, int prot);
void stub__unmap(struct stub *stub, u64 va, u64 size);
/* For signal handlers: stop the thread of guest code as soon as it runs. */
void stub__kick(pid_t mapper, pid_t guest);
/* The signal with which the thread of guest code has stopped. */
siginfo_t stub__siginfo(struct stub *stub);
void stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr);
void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr);

#endif
