/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The debugger's side of the machine, in the monitor: gdb's socket, and what its client asks of cores that rest.
 *
 * A core that is debugged stops by itself, where a breakpoint is or when it has executed the one instruction that it was to (debugged.c).
 * Then, or when the client interrupts, all are to rest, and the client hears of it when they do. One that does not rest in time is looked at
 * as it is. So nothing here waits: a hostile vCPU process can have its guest misrepresented, and nothing else.
 *
 *	state		event				next
 *	NOBODY		a client comes			STOPPING
 *	RUNS		a core stops; an interrupt	STOPPING
 *	RUNS		the client is gone		STOPPING, and then NOBODY
 *	STOPPING	all rest, or patience ends	STOPPED
 *	STOPPED		the client resumes		RUNS
 *	STOPPED		it detaches, or is gone		NOBODY
 *	any		the machine is to end		ENDS
 */
#ifndef WEDGE_MONITOR_DEBUGGER_H
#define WEDGE_MONITOR_DEBUGGER_H

#include <poll.h>

#include "lib/complain.h"
#include "lib/types.h"

#define DEBUGGER_FDS	2	/* that debugger__wants() may fill */

struct monitor;

/* Listens at `where` (--gdb); with `wait` the machine is to stay where it is until a client has been there. -1 with a complaint. */
int debugger__open(struct monitor *m, const char *where, bool wait, struct complaint *c);
/* What gdb's `target remote` is to be given; NULL: nobody listens. */
const char *debugger__where(const struct monitor *m);
unsigned debugger__wants(const struct monitor *m, struct pollfd *fds);
/* Nanoseconds until debugger__serve() has something to do anyway. */
u64 debugger__due(const struct monitor *m);
void debugger__serve(struct monitor *m);
/* Are all cores to rest for it? */
bool debugger__holds(const struct monitor *m);
/* The machine is to end: it goes on. */
void debugger__release(struct monitor *m);
/* It has ended, with this status of the program. */
void debugger__close(struct monitor *m, int status);

#endif
