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

struct host;

/* What native execution needs of the virtual machine. */
struct host_client {
	void (*poll)(void *user);		/* look at clocks and consoles */
	void (*idle)(void *user);		/* sleep until there is something to look at */
	bool (*stopped)(void *user);		/* asked after a poll(); true: leave host__run() */
	/* The guest cannot go on: says why. */
	void (*stop)(void *user, const char *reason);
	/* SIGTERM, SIGINT or SIGHUP came; called in its handler: note it and return, a poll() follows. */
	void (*terminate)(void *user, int signal);
	/* Statistics, NULL if not wanted: an exit of kind `reason` (host__exit_names) at guest address pc took `ns`. */
	void (*exited)(void *user, unsigned reason, u64 pc, u64 ns);
	void *user;
};

enum host_exit {
	HOST_EXIT_SIGILL, HOST_EXIT_SIGBUS, HOST_EXIT_SIGSEGV, HOST_EXIT_SIGTRAP, HOST_EXIT_SIGFPE,
	HOST_EXIT_CALL, HOST_EXIT_INTERRUPT, HOST_EXIT_USER_SYSCALL, HOST_EXIT_USER_FAULT, HOST_EXIT_USER_OTHER,
	HOST_EXIT_USER_INTERRUPT, HOST_EXITS
};
extern const char *const host__exit_names[HOST_EXITS];

/*
 * Checks that this Host can do what is needed and makes the memory; -1 with a complaint of one line
 * otherwise. With `interpret` only memory is made.
 */
int host__open(struct host **host, const struct host_client *client, u64 ram_size, bool interpret,
	       struct complaint *c);

bool host__big_endian(void);			/* of what runs natively */
u8 *host__ram(struct host *host);
struct vcpu *host__vcpu(struct host *host);
struct vcpu_page *host__vcpu_page(struct host *host);
u8 *host__code_cache(struct host *host);	/* writable; CODE_CACHE_SIZE bytes; NULL: none */
/* What the code cache begins with: the routine that burnt sites call, and what belongs to it. */
u64 host__call_entry_size(struct host *host);
u32 host__fir(struct host *host);		/* FIR of the FPU that guest user code computes on; 0: it has none */

/*
 * Map the windows; call when RAM is filled and burnt. The machine must outlive the host; its pieces of code are what
 * may run natively.
 */
void host__map(struct host *host, struct machine *machine);
/* Runs the vCPU until client->stopped(). */
void host__run(struct host *host);

/* Ends the processes of guest user code. The registers can still be looked at. */
void host__close(struct host *host);

void host__set_alarm(struct host *host, u64 ns);	/* ask for a poll() in so many nanoseconds */
void host__kick(struct host *host);			/* ask for one now */

/* See struct machine_ops. */
void host__tlb_dropped(struct host *host, u64 va, u64 size, unsigned asid, bool global);
void host__tlb_flushed(struct host *host);
void host__tlb_written(struct host *host, const struct tlb_entry *entry);
void host__icache_sync(struct host *host);
void host__fpu_fetch(struct host *host);

#endif
