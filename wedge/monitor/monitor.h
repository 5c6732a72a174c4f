/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor's own view of the machine, and what its control socket may do to it.
 */
#ifndef WEDGE_MONITOR_MONITOR_H
#define WEDGE_MONITOR_MONITOR_H

#include "wedge/monitor/exchange.h"
#include "wedge/monitor/stolen.h"
#include "wedge/monitor/vm.h"

struct control;
struct debugger;

struct monitor {
	struct vm *vm;
	struct exchange *exchange;
	int event;			/* exchange.event, which might not be the same any more */
	struct console console[BOARD_UARTS], messages;
	pid_t vcpu;
	u64 killed_ns;			/* when it is to be killed; 0: it need not end */
	volatile bool paused;		/* its control socket has stopped the cores */
	u64 counted_ns;			/* until then exits are counted for a client; 0: for none */
	struct stolen_core stolen[BOARD_CORES_MAX];
	struct control *control;	/* control.c; NULL: there is no such socket */
	struct debugger *debugger;	/* debugger.c; NULL: there is none */
};

/* Bits ASKED_*. */
void monitor__ask(struct monitor *m, u32 what);
/* All cores rest, or go on if nothing else keeps them; waits a moment for those that are to rest. */
void monitor__pause(struct monitor *m, bool paused);
/* Likewise, by debugger__holds(), and waits for nothing. */
void monitor__hold(const struct monitor *m);

#endif
