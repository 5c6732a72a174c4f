/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Trace points: what happens in a machine, as records of 32 bytes in rings in VM memory. points.def is the table of them.
 *
 * Each core writes a ring of its own, the devices' threads one together. A ring always takes a record: what it overwrites was the oldest. The
 * monitor reads them behind the writers (collect.h), or once, at the end: then the ring is the flight recorder.
 *
 * A point that is off costs a load and a branch: `if (trace__on(v->tracing, TRACE_WAIT)) trace__put(...)`.
 */
#ifndef WEDGE_TRACE_TRACE_H
#define WEDGE_TRACE_TRACE_H

#include "lib/types.h"

enum trace_point {
#define POINT(name, ...) TRACE_##name,
#include "wedge/trace/points.def"
#undef POINT
	TRACE_POINTS
};

/* Sets of points: bit n is point n. The last bit is none, but asks that exits be timed and counted (--stats). */
#define TRACE_SET(point)	(1ull << (point))
#define TRACE_ALL		(TRACE_SET(TRACE_POINTS) - 1)
#define TRACE_COUNT		(1ull << 63)
/* What needs to know when the Wedge takes over and lets go. */
#define TRACE_EXITS		(TRACE_SET(TRACE_EXIT) | TRACE_SET(TRACE_ENTRY) | TRACE_COUNT)
#define TRACE_FLIGHT		trace__flight()

u64 trace__flight(void);		/* the points that are always on */

static inline bool trace__on(u64 set, enum trace_point point)
{
	return __builtin_expect(set >> point & 1, 0);
}

struct trace_record {
	u64 time;			/* as trace__clock says it */
	u16 point;			/* enum trace_point */
	u16 core;
	u32 a;
	u64 b, c;
};
_Static_assert(sizeof(struct trace_record) == 32, "a record has 32 bytes");

#define TRACE_RECORDS	0x8000u		/* of a ring; a power of two. A megabyte, of which the Host gives what has been used */

/* Written by one process, or with a lock; read by the monitor, for which all of it may be rubbish. */
struct trace_ring {
	u64 head;			/* records written so far, with release. The next goes to head % TRACE_RECORDS */
	u64 unused[7];
	struct trace_record record[TRACE_RECORDS];
};

/*
 * What time it is, in ticks that only go forward, the same in all processes. The Host's monotonic clock in nanoseconds, unless the monitor has
 * found a counter that is read faster.
 */
extern u64 (*trace__clock)(void);

void trace__put_at(struct trace_ring *ring, u64 time, u32 point_and_core, u32 a, u64 b, u64 c);

/* The time first: then nothing has to be kept over that call. */
static inline void trace__put(struct trace_ring *ring, enum trace_point point, unsigned core, u32 a, u64 b, u64 c)
{
	trace__put_at(ring, trace__clock(), point | core << 16, a, b, c);
}

/* Where threads of the monitor write; `points` may change at any time. */
struct trace_output {
	u64 points;
	struct trace_ring *ring;
	unsigned core;			/* of their records: one behind the machine's cores */
};

/* `output` NULL: nobody wants it. */
void trace__put_shared(struct trace_output *output, enum trace_point point, u32 a, u64 b, u64 c);

static inline void trace__from_thread(struct trace_output *output, enum trace_point point, u32 a, u64 b, u64 c)
{
	if (output && trace__on(__atomic_load_n(&output->points, __ATOMIC_RELAXED), point))
		trace__put_shared(output, point, a, b, c);
}

#endif
