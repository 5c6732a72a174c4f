/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stolen time: in it a core could have run, and the Host had no processor for it. What is counted here is what the Host says of processes.
 */
#ifndef WEDGE_MONITOR_STOLEN_H
#define WEDGE_MONITOR_STOLEN_H

#include "lib/types.h"

/* What the Host says of a process, since that began. */
struct stolen_reading {
	int process;
	u64 ran_ns, waited_ns;		/* it has run; it could have, and had no processor */
};

struct stolen_core {
	u64 ns;				/* stolen so far */
	u64 looked_ns, slept_ns;	/* when that was last looked at; and for how long the core had slept then */
	u64 spare_ns;			/* between the last two looks it neither ran nor slept, and that was not stolen */
	struct stolen_reading *before;	/* what there was then, in the order of the Host's; ours to free */
	unsigned before_count;
};

/*
 * Adds up what has happened since the last call: at `now_ns` the core has slept for `slept_ns` in all, and its processes have had `reading`, which has
 * `count` elements. No more is stolen than the time that is left of a period when the core's sleep and its processes' work are taken away: one of its
 * processes that wakes another one waits for it, and nobody else has had that time. -1: no memory; nothing is added.
 */
int stolen__account(struct stolen_core *c, u64 now_ns, u64 slept_ns, const struct stolen_reading *reading, unsigned count);

/* What account() has kept; it begins anew then. */
void stolen__close(struct stolen_core *c);

#endif
