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

void trace__put_at(struct trace_ring *ring, u64 time, u32 point_and_core, u32 a, u64 b, u64 c)
{
	const u64 head = ring->head;

	struct trace_record *r = &ring->record[head % TRACE_RECORDS];

	r->time = time;
	r->point = point_and_core;
	r->core = point_and_core >> 16;
	r->a = a;
	r->b = b;
	r->c = c;
	__atomic_store_n(&ring->head, head + 1, __ATOMIC_RELEASE);
}

void trace__put_shared(struct trace_output *output, enum trace_point point, u32 a, u64 b, u64 c)
{
	pthread_mutex_lock(&shared);
	trace__put(output->ring, point, output->core, a, b, c);
	pthread_mutex_unlock(&shared);
}
