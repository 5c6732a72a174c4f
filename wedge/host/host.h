/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Host behind one header: memory, time, and native execution of the guest.
 *
 * wedge/host/mips64 runs guest code natively on a MIPS64 Linux; none.c offers only memory, for the
 * interpreter on any machine. Nothing outside this folder knows which of them it is linked with.
 */
#ifndef WEDGE_HOST_HOST_H
#define WEDGE_HOST_HOST_H

#include "lib/complain.h"
#include "wedge/core/vcpu.h"
#include "wedge/host/place.h"

struct host;
struct vm_memory;
struct blocks;

/* A page of the Host, which can be mapped: of 4 or 16 KB where the guest runs natively. Known before main() begins. */
extern unsigned host__page_bits;
#define HOST_PAGE	(1ull << host__page_bits)

/* Why an instruction of the guest's kernel is interpreted (host__why_names). */
enum host_why {
	HOST_WHY_BEGUN,		/* what has trapped or called, and a few behind it */
	HOST_WHY_LINK,		/* between LL and SC */
	HOST_WHY_COPY,		/* it has just touched user memory */
	HOST_WHY_NEW,		/* must not run as it stands, and was met too seldom to be translated */
	HOST_WHY_REFUSED,	/* or it cannot be */
	HOST_WHYS
};
extern const char *const host__why_names[HOST_WHYS];

/* What native execution needs of the virtual machine. */
struct host_client {
	void (*poll)(void *user);		/* look at clocks and consoles */
	void (*idle)(void *user);		/* sleep until there is something to look at */
	bool (*stopped)(void *user);		/* asked after a poll(); true: leave host__run() */
	/* The guest's exception vector cannot be executed. Stops it, or sets vcpu.hung: then only a poll() gets it out of there. */
	void (*hang)(void *user);
	/*
	 * A signal that only faults bring was sent by hand (from process `sender`; 0: not known).
	 * Called in its handler: note it and return, a poll() follows.
	 */
	void (*terminate)(void *user, int signal, int sender);
	/* The Wedge itself has failed there with SIGBUS. Does not return if it is known why. */
	void (*failed)(void *user, u64 address);
	/* For vcpu.debugged: true if an instruction has been executed, or `kick` is set, as the core is to rest. */
	bool (*debugged)(void *user);
	/* Statistics, while vcpu.tracing has TRACE_COUNT: an exit of kind `reason` (host__exit_names) at guest address pc took `ns`. */
	void (*exited)(void *user, unsigned reason, u64 pc, u64 ns);
	/* Likewise: the core has slept, or with `user` waited for guest user code, for `ns`, which are in no exit. */
	void (*waited)(void *user, bool for_user, u64 ns);
	/* Statistics, NULL if not wanted: `count` instructions, the first at pc, were interpreted, and why. */
	void (*stepped)(void *user, enum host_why why, u64 pc, u64 count);
	void *user;
};

/* The signal with which user code has stopped: its number, si_code and si_addr. */
struct stub_signal {
	int number, code;
	u64 address;
};

/*
 * And what it asks of guest user mode (wedge/user, which lies above this folder). Kernel code that touches user memory is
 * interpreted until the second of these says otherwise. `since` is vcpu.interpreted when the interpreter took over.
 */
struct host_user {
	void (*run)(void *user);		/* user code, until an exception for the guest ends it or a kick */
	/*
	 * Direct: user code may go native here and now, at this place; 0: something else has been done. `way_back` is one that needs no frame, SITE_WORD_BACK_RA of a
	 * stub; 0: there is none. And it has stopped, for that.
	 */
	u64 (*goes)(void *user, u64 *way_back);
	void (*stopped)(void *user, const struct stub_signal *signal, bool asynchronous);
	/* The core is at this home now; a new one has the mappings of the one before. And there will be no such home: the Host gives no process. */
	void (*moved)(void *user, unsigned home, bool is_new);
	void (*homeless)(void *user, unsigned home);
	bool (*copy_may_go_on)(void *user, u64 since);	/* natively, where it last was? */
	void (*going_native)(void *user, u64 since);	/* before each stretch of native kernel code */
	void (*missing)(void *user, u64 va);	/* kernel code has touched a page that is not mapped */
	void (*looked)(void *user, u64 va);	/* so has a site that looks (burn.h), in vain, and the access was interpreted then */
	void *user;
};

enum host_exit {
	HOST_EXIT_SIGILL, HOST_EXIT_SIGBUS, HOST_EXIT_SIGSEGV, HOST_EXIT_SIGTRAP, HOST_EXIT_SIGFPE,
	HOST_EXIT_CALL, HOST_EXIT_INTERRUPT, HOST_EXIT_USER_SYSCALL, HOST_EXIT_USER_FAULT, HOST_EXIT_USER_OTHER,
	HOST_EXIT_USER_INTERRUPT, HOST_EXITS
};
extern const char *const host__exit_names[HOST_EXITS];

/*
 * First of all: this process begins again, as `argv`, if the Host has put its mappings where guest programs have theirs, or if it
 * does not lie `at` the address that was asked for (0: anywhere). -1 with a complaint if it cannot lie there.
 */
int host__settle_down(char **argv, u64 at, struct complaint *c);

/* What is where in this process; how many of them. `host` may be NULL: then what there is before host__open(). */
#define HOST_AREAS	(PLACE_FIXED + 3)
unsigned host__areas(const struct host *host, struct area areas[HOST_AREAS]);

/*
 * Checks that this Host can do what is needed and makes the memory; -1 with a complaint of one line
 * otherwise. With `interpret` only memory is made. The vCPUs become a part of `memory`.
 */
int host__open(struct host **host, const struct host_client *client, struct vm_memory *memory, u64 ram_size, unsigned cpus,
	       bool interpret, struct complaint *c);

/*
 * Of the guest's RAM, whole pages, for all processes: given back to the Host, after which there are zeroes; and promised by the Host again, as
 * all of it is at the start where the guest runs natively. Both return 0 or an errno; the latter ENOMEM if the Host is short of memory.
 */
int host__give_back_ram(struct host *host, u64 offset, u64 size);
int host__reserve_ram(struct host *host, u64 offset, u64 size);

bool host__big_endian(void);			/* of what runs natively */
u8 *host__ram(struct host *host);
int host__ram_fd(struct host *host);		/* of a memfd that processes for user code map; -1: none */
/* Of core n, below `cpus`. */
struct vcpu *host__vcpu(struct host *host, unsigned n);
struct vcpu *host__own_vcpu(struct host *host);	/* of the core that this process runs, at an address that is the same for all */
struct vcpu_page *host__vcpu_page(struct host *host, unsigned n);
u8 *host__code_cache(struct host *host);	/* writable; CODE_CACHE_SIZE bytes; NULL: none */
/* What the code cache begins with: the routine that burnt sites call, and what belongs to it. */
u64 host__call_entry_size(struct host *host, const struct machine *machine);
/* Direct: what a block calls for an eret. */
u64 host__eret_entry(struct host *host);
/* Where in that there is room for blocks, blocks__code() bytes. */
u64 host__blocks_start(struct host *host);
/*
 * A counter that guest user code can read as well, rdhwr $31, the same on all CPUs: how fast it is (measured: takes 20 ms), 0 if there is none; and what
 * it says.
 */
u64 host__counter_hz(void);
u64 host__counter(void);
u32 host__fir(struct host *host);		/* FIR of the FPU that guest user code computes on; 0: it has none */

/*
 * Map the windows; call when RAM is filled and burnt. Machine and user mode must outlive the host; the machine's pieces
 * of code are what may run natively, and `blocks` (NULL: none) in place of what may not.
 */
void host__map(struct host *host, struct machine *machine, const struct host_user *user, struct blocks *blocks);
/* Runs the vCPU until client->stopped(). */
void host__run(struct host *host);

/* Ends the alarms. The registers can still be looked at. */
void host__close(struct host *host);

void host__set_alarm(struct host *host, u64 ns);	/* ask for a poll() in so many nanoseconds */
void host__kick(struct host *host);			/* ask for one now */

/*
 * Like fork(): the child runs core n, which was core 0 before, with memory and page of the vCPU in their places. It ends when its parent
 * does. -1 with a complaint.
 */
int host__fork_core(struct host *host, unsigned n, struct complaint *c);
/* Has one of them ended, since this was last asked? `process` has their numbers by core; that one's becomes 0. */
bool host__core_ended(struct host *host, int process[], int *core, int *status);
/* Waits for its end, or brings it about after so many milliseconds. */
void host__await_core(int process, unsigned ms);
/* Stops native code there, for a look at vcpu.kick. */
void host__signal(int process);

void host__icache_sync(struct host *host);		/* see struct machine_ops */
/* Keeps this core's windows from writing a page of low RAM, or no longer: a store there comes to the Wedge. False: there is no room for it. */
bool host__lock_code(struct host *host, u64 offset, bool locked);

/*
 * Pages of the guest's RAM, at `offset`, in our own address space. PROT_* as for mmap(). False if the Host has no memory
 * or no mapping more for it; unmapping all of what was mapped in a window never fails so.
 */
bool __must_check host__map_ram(struct host *host, u64 va, u64 size, u64 offset, int prot);
bool __must_check host__unmap(struct host *host, u64 va, u64 size);
/* So many mappings may a process have (vm.max_map_count). */
unsigned host__mappings_most(void);
/* Does the Host keep pages from being executed, or read, on which it was asked to? Else PROT_READ and PROT_EXEC must always be set. */
bool host__enforces_rixi(struct host *host);
bool host__has_octeon(struct host *host);	/* its CPU, the instructions of Octeon's that need no coprocessor */

/* Statistics: what a stretch of the Wedge's own work took. Both do nothing but trace when nobody counts. */
struct stretch {
	u64 begin_ns, elsewhere_ns;
};
struct stretch host__begin(const struct host *host);
/* And the trace: this was an exit, of which host__exited() says when it is over. */
void host__leaves(const struct host *host, unsigned reason, u64 pc);
void host__exited(const struct host *host, unsigned reason, u64 pc, struct stretch since);

/* --- Direct user mode: guest user code in our own address space, of which a core has several (wedge/host/mips64/direct.c) --- */

/* In the process that runs the core, before it does: -1 with a complaint. What it has of its own, the family shares from then on. */
int host__go_direct(struct host *host, struct complaint *c);
/* Before the C library is needed: the thread pointer may be the program's. */
void host__own_thread(struct host *host);
bool host__has_fpu(void);		/* else its kernel emulates one. Before there is no /proc */
/* The cores wait awake for guest user code, for a while. -1 with a complaint if the Host has no more processors for us than there are cores. */
int host__spin(struct host *host, unsigned cpus, struct complaint *c);
#define HOST_HOMES	64		/* at most; numbered from 0, where the core is at first */
/* The core goes on there, with going native: does not return. */
_Noreturn void host__move(struct host *host, unsigned home);
/* Makes memory of this process the family's: `at` and `size` are of whole pages. And room of its own, never filled up. False, NULL: no memory. */
bool host__share(struct host *host, void *at, u64 size);
void *host__shared_room(struct host *host, u64 size);
bool __must_check host__protect(struct host *host, u64 va, u64 size, int prot);	/* of what host__map_ram() has mapped */
/* FP registers of user code at a home, when it has stopped, and at that where the core is for when it goes on. */
bool host__get_fp(struct host *host, unsigned home, u64 fpr[32], u32 *fcsr);
void host__set_fp(struct host *host, const u64 fpr[32], u32 fcsr);
void host__forget_fp(struct host *host);	/* it has used none */
bool host__fp_is_known(const struct host *host, unsigned home);	/* else it has to be asked for where it is */
/*
 * Pages that stand in for pages of the guest's in its programs (wedge/user/sites.c): room for so many bytes of them, writable, the family's, with which they
 * can be; NULL: no memory. One, in place of what is mapped at `va`: false if the Host does not. And what was written there later.
 */
u8 *host__open_stand_ins(struct host *host, u64 size);
bool __must_check host__map_stand_in(struct host *host, u64 va, u64 offset);
void host__flush_stand_in(struct host *host, u64 va, u64 size);

/* --- Stubs: the processes in which guest user code runs --- */

struct stub;
enum stub_stop {
	STUB_SYSCALL,		/* pc is at the system call, or at the branch in whose slot it is */
	STUB_SIGNAL, STUB_KICKED,
	STUB_REFUSED,		/* the Host would not map all of it: nothing has run. See stub__empty() */
	STUB_UNSTARTED,		/* somebody has killed the process before it ran, */
	STUB_GONE		/* or while it ran: registers are lost */
};
/* NULL with a complaint if the Host gives no more processes. */
struct stub *stub__new(struct host *host, struct complaint *c);
void stub__free(struct stub *stub);
/* Runs guest user code from the vcpu's registers until it stops, and brings them back. */
enum stub_stop stub__run(struct host *host, struct stub *stub, u32 *cause, u64 *badvaddr);
/* Take effect when the stub runs next. `offset` is in the guest's RAM. */
void stub__map(struct stub *stub, u64 va, u64 size, u64 offset, int prot);
void stub__unmap(struct stub *stub, u64 va, u64 size);
/* Of what is mapped. */
void stub__protect(struct stub *stub, u64 va, u64 size, int prot);
/* Forgets what was asked so far and unmaps this at once: nothing may be mapped outside of it. */
void stub__empty(struct stub *stub, u64 va, u64 size);
struct stub_signal stub__signal(struct stub *stub);
bool stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr);	/* false: the process is gone, and they with it */
void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr);
/* Its process, for messages. */
int stub__id(const struct stub *stub);

#endif
