/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the monitor and the vCPU process tell each other, in memory that both share.
 *
 * The monitor has the files, sockets and the terminal; the vCPU process has the guest, whose kernel may write whatever it
 * likes over this memory. So the monitor takes nothing in it for true: an index is masked, a length is at most that of the
 * ring, a flag is a bit. Rubbish in the rings is rubbish on the console. And it never waits for anything here.
 *
 * Whoever has news rings: the monitor by a word that the vCPU process sleeps on, with futex(); the vCPU process by an eventfd,
 * which the monitor's poll() waits for. The news is written before; it is looked for after the bell has been read. So none is lost.
 */
#ifndef WEDGE_MONITOR_EXCHANGE_H
#define WEDGE_MONITOR_EXCHANGE_H

#include <pthread.h>

#include "board/board.h"
#include "lib/complain.h"
#include "lib/types.h"

#define RING_SIZE	0x10000u	/* a power of two */

/* Bytes from one producer to one consumer. The indices run on for ever; the difference is what is in it. */
struct ring {
	u32 head;			/* written by the consumer, with release */
	u32 tail;			/* written by the producer, with release */
	u8 bytes[RING_SIZE];
};

/* Why a core has stopped that a debugger looks at. */
enum { STOPPED_NOT, STOPPED_BREAKPOINT, STOPPED_STEP, STOPPED_WATCHPOINT };	/* that and more: of which number */
#define NOWHERE		1ull		/* no pc */
/* What the monitor asks of the vCPU process: bits of exchange.asked. */
enum { ASKED_END = 1, ASKED_REGISTERS = 2, ASKED_QUIT = 4, ASKED_RESET = 8, ASKED_KILL = 16,	/* QUIT: an end by the control socket; KILL: by a debugger */
       ASKED_ENDS = ASKED_END | ASKED_QUIT | ASKED_RESET | ASKED_KILL };

struct exchange {
	u32 bell[BOARD_CORES_MAX];	/* counted up by whoever has news for this core: see exchange__wait() */
	u32 asleep[BOARD_CORES_MAX];	/* it waits for its bell, or is about to */
	u64 asleep_ns[BOARD_CORES_MAX];	/* since then; 0: it is not */
	u64 slept_ns[BOARD_CORES_MAX];	/* before that, in all */
	u32 halted;			/* all cores are to rest: set by the monitor, while it is stopped */
	u32 resting[BOARD_CORES_MAX];	/* this core does. Its own; where one process runs all of them, that of the first is for all */
	struct debugged {		/* what a debugger has to do with each core: the monitor writes it while that one rests, but for */
		u32 kept;		/* it rests, though others go on */
		u32 step;		/* it executes one instruction, and stops */
		u64 passes;		/* where it has stopped, and goes on over a breakpoint; NOWHERE */
		u32 stopped;		/* STOPPED_. Set by the core, which rests until the monitor clears it */
	} debugged[BOARD_CORES_MAX];
	u32 asked;			/* bits set by the monitor, taken by the vCPU process */
	u32 raised;			/* bit n: the device of slot n has raised its interrupt. Set by the monitor, taken by core 0 */
	s32 signal, sender;		/* with ASKED_END: that ended us, 0 for the escape key; from this process. The monitor's */
	u32 held[BOARD_UARTS];		/* the vCPU process waits for room in `output`. Its own */
	u32 starved[BOARD_UARTS];	/* the monitor has more input than there is room for. Its own */
	u64 lost[BOARD_UARTS];		/* bytes that found `output` full. The vCPU process's */
	struct ring output[BOARD_UARTS], input[BOARD_UARTS];
	pthread_mutex_t speaks;		/* the one of the vCPU processes that writes `messages` */
	struct ring messages;		/* what they have to say to the user */
	int event;			/* the eventfd: the monitor knows its number from before */
};

/* Cleared memory becomes one, before the vCPU process is made. -1 with a complaint. */
int exchange__open(struct exchange *exchange, struct complaint *c);
/* A mutex that processes share; who dies with it does not keep it. */
void exchange__make_mutex(pthread_mutex_t *mutex);
void exchange__lock(pthread_mutex_t *mutex);

/* Bytes in it; never more than RING_SIZE, whatever the indices are. */
unsigned ring__fill(const struct ring *ring);
/* How many bytes were put, or taken: up to `n`. */
unsigned ring__put(struct ring *ring, const u8 *bytes, unsigned n);
unsigned ring__take(struct ring *ring, u8 *bytes, unsigned n);

/* There is news for a core. */
void exchange__ring(struct exchange *e, unsigned core);
/* Of core 0, by the monitor. */
void exchange__ask(struct exchange *e, u32 what);
/* The vCPU process has. */
void exchange__notify(struct exchange *e);
/* Bits of what was asked, which is forgotten. */
u32 exchange__asked(struct exchange *e);
/* Sleeps until the bell of `core` is no longer at `seen`, a signal comes or `ns` have passed. */
void exchange__wait(struct exchange *e, unsigned core, u32 seen, u64 ns);
u32 exchange__bell(const struct exchange *e, unsigned core);

/*
 * Between cores nothing is lost: who has news for another writes it first, then looks whether that one sleeps; who is about to sleep says so, then looks
 * for news. So one of the two sees what the other has done.
 */
/* There is news for `core`, and it is written: wakes it. False: it is awake, and has to be told in another way. */
bool exchange__wake(struct exchange *e, unsigned core);
/* Of `core` itself: sleeps as exchange__wait() does, unless has_news(user). */
void exchange__sleep(struct exchange *e, unsigned core, bool (*has_news)(void *user), void *user, u64 ns);
/* For how long core n has slept so far, the sleep that it is in included. Its own word: anything, if the guest's kernel is hostile. */
u64 exchange__slept_ns(const struct exchange *e, unsigned core, u64 now_ns);

/* The monitor: all cores are to rest, which they do when they look at it; or to go on. May be called in handlers of signals. */
void exchange__halt(struct exchange *e, bool halted);
bool exchange__rests(const struct exchange *e, unsigned cores);
/*
 * The process of `cores` cores from `first` on looks; and comes back when one of them may go on, true if it has rested. Whoever sees that it rests knows
 * that nothing of the guest is executed until the monitor changes something.
 */
bool exchange__has_to_rest(struct exchange *e, unsigned first, unsigned cores);
bool exchange__rest(struct exchange *e, unsigned first, unsigned cores);
/* A core has stopped, and why: it rests from its next look on. */
void exchange__stopped(struct exchange *e, unsigned core, u32 why);
/* The monitor, while a core rests: what it is to do when no halt keeps it. */
void exchange__debug(struct exchange *e, unsigned core, bool kept, bool step, u64 passes);

/* In a vCPU process: its standard error becomes `messages`. Waits up to a second for room, then drops. */
void exchange__take_stderr(struct exchange *e);

#endif
