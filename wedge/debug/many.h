/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Several VMs in one session of gdb's: between a client, for whom each VM is a process (1 for the first), and their stubs, of which each knows of itself only.
 * The multiprocess extensions of the protocol are all that is added: threads are pVM.CORE, and packets go to the VM that the client has chosen.
 *
 * All-stop: when one VM stops, the others that run are interrupted, and the client hears of the one when all rest. What another has stopped for
 * meanwhile it hears of when it would have that go on.
 *
 *	state of a VM	event					next
 *	AWAY		it is the first; the client attaches to it	GREETS
 *	GREETS		has answered four questions		RESTS
 *	RESTS		the client has it go on			RUNS
 *	RUNS		it says that it stops			RESTS
 *	RESTS		the client lets it go			AWAY
 *	any		it ends, or is lost			GONE
 *
 * gdb reads what registers there are of the process that it finds when it connects, and of those that it attaches to, and of no others. So it finds one.
 *
 * Bytes in, bytes out: who has the sockets hands them over, so this can be tested, and fuzzed. Client and stubs may send anything.
 */
#ifndef WEDGE_DEBUG_MANY_H
#define WEDGE_DEBUG_MANY_H

#include "wedge/debug/packet.h"

#define MANY_MOST	8u			/* VMs */
#define MANY_OUTPUT	(2 * PACKET_WIRE)	/* bytes that wait for one of them, or for the client */
#define MANY_STOP	256u			/* what is said of a stop */

struct many_vm {
	enum many_state { MANY_AWAY, MANY_GREETS, MANY_RESTS, MANY_RUNS, MANY_GONE } state;
	unsigned greeted;		/* questions that it has answered */
	unsigned cores;
	unsigned chosen;		/* the core that its stub is asked of, from 1; 0: none yet */
	unsigned unwanted;		/* answers to come that are not for the client */
	bool interrupted;
	char stop[MANY_STOP];		/* it has stopped, and the client has not heard of it; "": it has */
	struct packet_input in;
	unsigned queued;
	char output[MANY_OUTPUT];	/* to be sent to it; the caller takes from the front */
};

struct many {
	unsigned count;
	struct many_vm vm[MANY_MOST];
	unsigned wants;			/* the VM that is to be connected to, from 1: then many__reached() or many__lost(); 0: none */
	bool ends;			/* the client is done, when `output` has been sent */
	unsigned queued;
	char output[MANY_OUTPUT];	/* to be sent to the client; likewise */
	/* private */
	struct packet_input in;
	bool no_acks, runs, extended;	/* extended: it stays when it has no process */
	bool began;			/* the first VM was wanted */
	bool held;			/* a packet in `in` waits until all have greeted us */
	unsigned attaches;		/* the VM that it waits to be attached to, from 1; 0: none */
	unsigned asked;			/* the VM whose answer the client waits for, from 1; 0: none */
	bool leaves;			/* which is then let go */
	unsigned vm_now, core_now;	/* that the client has chosen, from 1 */
	char stop[MANY_STOP];		/* what it hears when all rest */
};

/* `count` VMs, 1 to MANY_MOST; `m` is all zeroes. It wants the first when the client asks what needs one. */
void many__open(struct many *m, unsigned count);
/* The VM that was wanted has been connected to: from 0, as below. */
void many__reached(struct many *m, unsigned vm);
/* The client's bytes: how many of them have been taken. The rest has to come again, when something has been sent or has come. */
unsigned many__take(struct many *m, const void *bytes, unsigned size);
/* Those of a VM's stub, from 0: likewise. */
unsigned many__take_from(struct many *m, unsigned vm, const void *bytes, unsigned size);
/* The connection to that stub is no more, or could not be made. Of one whose state is AWAY or GONE it is to be closed. */
void many__lost(struct many *m, unsigned vm);
/* Would bytes of the client's, or of that stub's, be taken now? */
bool many__takes(const struct many *m, u8 byte);
bool many__takes_from(const struct many *m, unsigned vm);

#endif
