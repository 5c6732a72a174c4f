// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See trace.h: writing.
 */
#include <pthread.h>

#include "lib/clock.h"
#include "wedge/trace/trace.h"

static u64 monotonic(void)
{
	return clock__now_ns();
}

u64 (*trace__clock)(void) = monotonic;

static pthread_mutex_t shared = PTHREAD_MUTEX_INITIALIZER;

u64 trace__flight(void)
{
	return 0
#define POINT(name, system, event, flight, ...) | (flight ? TRACE_SET(TRACE_##name) : 0)
#include "wedge/trace/points.def"
#undef POINT
		;
}

void trace__put(struct trace_ring *ring, enum trace_point point, unsigned core, u32 a, u64 b, u64 c)
{
	const u64 head = ring->head;

	ring->record[head % TRACE_RECORDS] = (struct trace_record){ .time = trace__clock(), .point = point, .core = core, .a = a, .b = b, .c = c };
	__atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
}

void trace__put_shared(struct trace_output *output, enum trace_point point, u32 a, u64 b, u64 c)
{
	pthread_mutex_lock(&shared);
	trace__put(output->ring, point, output->core, a, b, c);
	pthread_mutex_unlock(&shared);
}
