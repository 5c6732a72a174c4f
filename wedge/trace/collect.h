/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading rings of trace records, which a hostile guest may have written: the one gate between VM memory and what is made of it.
 *
 * What comes out has a point that there is, and the core whose ring it is; its times are nanoseconds, never run back within a core, and
 * lie between the start and now. What else is in a record are numbers, and the name of a task printable.
 */
#ifndef WEDGE_TRACE_COLLECT_H
#define WEDGE_TRACE_COLLECT_H

#include "wedge/trace/trace.h"

/* How ticks become nanoseconds: `ns` is what the monotonic clock said at `ticks`. */
struct trace_time {
	u64 ticks, ns;
	u64 rate;			/* nanoseconds for a tick, times 2^32 */
};

/* Now, in such nanoseconds. */
u64 trace_time__now(const struct trace_time *time);

struct trace_reader {
	const struct trace_ring *ring;
	const struct trace_time *time;
	unsigned core;
	u64 next;			/* number of the record that is read next */
	u64 last_ns;			/* of the last that was given out; the first is no earlier than this */
	u64 lost;			/* records that were overwritten before they were read, or were none */
	u64 told;			/* of these, what a LOST record has told of */
};

/* From what is written from now on; `behind`: as much of what is there already. */
void trace_reader__open(struct trace_reader *r, const struct trace_ring *ring, const struct trace_time *time, unsigned core, bool behind);

/*
 * Up to `most` records, at least 2; how many. 0: there are no more now. It reads what the ring held when it was called, and no more, so
 * that a ring which is filled without end is left as well: `until` is trace_reader__end() of before the first call. `now_ns`: no record is later.
 */
unsigned trace_reader__take(struct trace_reader *r, u64 until, u64 now_ns, struct trace_record *record, unsigned most);
u64 trace_reader__end(const struct trace_reader *r);

#endif
