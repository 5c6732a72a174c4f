/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * gdb's remote protocol: what a client's packet means, and what it is answered. Cores of the guest are its threads, 1 for core 0.
 *
 * All-stop mode: a packet is looked at while the machine rests, only an interrupt while it runs. What the machine is asked comes through
 * operations, so that this can be tested, and fuzzed, without any.
 */
#ifndef WEDGE_DEBUG_GDB_H
#define WEDGE_DEBUG_GDB_H

#include <stdio.h>

#include "wedge/core/vcpu.h"
#include "wedge/debug/packet.h"

enum gdb_action { GDB_STAY, GDB_GO, GDB_STEP };

enum { GDB_SIGINT = 2, GDB_SIGTRAP = 5 };	/* as the protocol numbers them */

/* What is asked while the machine rests; but for interrupt() and kill(). */
struct gdb_ops {
	/* A copy of a core's registers, the debugger's until the machine goes on; changed() takes over what is in it. */
	struct vcpu *(*core)(void *user, unsigned core);
	void (*changed)(void *user, unsigned core);
	/* Memory as that core sees it, or could: up to `size` bytes, how many from the first on. */
	unsigned (*read)(void *user, unsigned core, u64 va, void *bytes, unsigned size);
	bool (*write)(void *user, unsigned core, u64 va, const void *bytes, unsigned size);	/* all or nothing */
	bool (*set_breakpoint)(void *user, unsigned core, u64 va);
	bool (*clear_breakpoint)(void *user, unsigned core, u64 va);
	bool (*set_watchpoint)(void *user, const struct watchpoint *w);
	bool (*clear_watchpoint)(void *user, const struct watchpoint *w);
	/* Goes on; gdb__stopped() follows. */
	void (*resume)(void *user, const enum gdb_action action[MACHINE_CORES]);
	void (*interrupt)(void *user);		/* likewise */
	void (*kill)(void *user);
	/* For people: what a core does, in a few words; and a command of theirs, which says what it has to say to `out`. False: there is none of that name. */
	void (*describe)(void *user, unsigned core, char *text, unsigned size);
	bool (*command)(void *user, unsigned core, const char *text, FILE *out);
};

#define GDB_OUTPUT	(4 * PACKET_WIRE)	/* an answer is begun while it is a quarter full at most */

struct gdb {
	const struct gdb_ops *ops;
	void *user;
	unsigned cores;
	bool big_endian;			/* the guest is */
	u64 text;				/* where the kernel's first segment lies; 0: where it was linked to */
	/* private */
	struct packet_input in;
	bool runs;
	bool waits;				/* for an answer, while it runs */
	bool no_acks, says_breakpoint;		/* the client wants none; it knows of those */
	bool ends;				/* it has said goodbye: when `output` has been sent, the machine is to go on without it */
	unsigned core, resumed;			/* that registers and memory are asked of; and that is to go on, MACHINE_CORES: any */
	char stop[64];				/* the answer to ? */
	char *description;
	size_t description_length;
	char answer[PACKET_MOST + 1];
	unsigned length;			/* of the answer */
	char output[GDB_OUTPUT];		/* for the client: whoever sends it moves what is left to the front */
	unsigned queued;
};

/* All of it but what is private is set, which is zero. A first gdb__stopped() is to follow. False: no memory. */
bool gdb__open(struct gdb *g);
void gdb__close(struct gdb *g);
/* Looks at bytes of a client's: how many of them. The rest is to be shown again when gdb__takes() says so. */
unsigned gdb__take(struct gdb *g, const void *bytes, unsigned size);
bool gdb__takes(const struct gdb *g, u8 byte);
/* Why the machine rests: a core, at a breakpoint, or before it touches what is watched (NULL: neither), or GDB_SIG.... */
struct gdb_stop {
	unsigned core, signal;
	bool breakpoint;
	const struct watchpoint *watch;
};
/* It does. `said` is shown to the user first; NULL: nothing. */
void gdb__stopped(struct gdb *g, const struct gdb_stop *stop, const char *said);
/* The machine has ended with this status. */
void gdb__ended(struct gdb *g, unsigned status);

#endif
