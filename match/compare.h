/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Comparing two logs of states.
 *
 * The first one must have seen everything (metal, or the interpreter). The second may have seen less: an entry of it
 * is looked for in the first, and what is passed over on the way must lie where the second need not see anything. So
 * in native modes, where the Host's CPU executes most of the guest, every state that the Wedge did see is
 * compared in full, in order, and none that it had to see may be missing.
 *
 * Two values are equal if they are, or if one is an address in a window that stands for the other. Code whose label
 * begins with "spin" waits for time to pass: how often it goes round is no matter, so its states are passed over, and
 * an address in it stands for its beginning.
 *
 * The kernel of an operating system computes more from its addresses than addresses. For it there is `computed`: a general
 * register, HI or LO that differs by what windows are moved by is equal (computed.h), and any other difference is passed
 * over and counted, unless the sensitive instruction at hand reads that register. PC and coprocessor 0 have to be
 * equal all the same.
 *
 * Two more things may differ, and only until they are equal again: Cause.BD of an interrupt of spinning code (metal
 * may be in a slot, the Wedge never is), and what the manual leaves unpredictable after an address error.
 */
#ifndef MATCH_COMPARE_H
#define MATCH_COMPARE_H

#include "format/log.h"

#define MATCH_PATH	12	/* entries kept of the path to a difference */

struct match_range {
	uint64_t start, end;
};

struct match_side {
	struct log *log;
	struct log_entry now;		/* as in the log */
	struct {
		uint64_t pc;		/* canonical */
		uint32_t insn;
	} path[MATCH_PATH];		/* a ring: entry n at n % MATCH_PATH, `now` the last */
	uint64_t passed;		/* how many have been in it */
	bool ended;
};

enum match_verdict { MATCH_EQUAL, MATCH_REGISTERS, MATCH_WAY, MATCH_SHORT };

struct match {
	struct match_side first, second;
	const struct match_range *spins;	/* canonical, sorted */
	size_t spin_count;
	bool ignored[LOG_VALUES];		/* these may differ */
	bool until_interrupt;			/* the first interrupt on either side is the end */
	bool computed;				/* registers may hold what was computed from addresses in windows */
	bool burnt;				/* the second's di and ei have a scratch register, its mtc0 masks no bits */
	bool at_unsure;				/* burnt: $at was scratch, and nobody has written it since */
	bool late_timer;			/* the second's clock stands still between two looks at it */
	bool slot_unsure;			/* Cause.BD is that of an interrupt of spinning code */
	bool page_unsure;			/* an address error has left Context, XContext, EntryHi unpredictable */
	/* Called for each entry of a side, if not NULL; `pc` is canonical. */
	void (*saw)(void *user, const struct match_side *side, uint64_t pc);
	void *user;

	enum match_verdict verdict;
	uint64_t matched;		/* states equal on both sides */
	uint64_t passed_over;		/* registers in these that differ, by `computed` */
	uint64_t unseen;		/* of the first, that the second did not see and need not */
};

/* Runs through both logs up to the first difference. -1 with a complaint if a log cannot be read. */
int match__run(struct match *m, struct complaint *c);

/* Does the value differ between the entries both sides stand at? */
bool match__differs(const struct match *m, unsigned value);

#endif
