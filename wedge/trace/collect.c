// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See collect.h.
 */
#include <string.h>

#include "wedge/trace/collect.h"

#define SAFE	(TRACE_RECORDS - 64)	/* the writer is about to write over those behind it */

u64 trace_reader__end(const struct trace_reader *r)
{
	return __atomic_load_n(&r->ring->head, __ATOMIC_ACQUIRE);
}

void trace_reader__open(struct trace_reader *r, const struct trace_ring *ring, const struct trace_time *time, unsigned core, bool behind)
{
	u64 end;

	*r = (struct trace_reader){ .ring = ring, .time = time, .core = core };
	end = trace_reader__end(r);
	r->next = !behind ? end : end > SAFE ? end - SAFE : 0;
}

static u64 nanoseconds(const struct trace_time *t, u64 ticks)
{
	if (ticks < t->ticks)
		return 0;
	return t->ns + (u64)((unsigned __int128)(ticks - t->ticks) * t->rate >> 32);
}

u64 trace_time__now(const struct trace_time *t)
{
	return nanoseconds(t, trace__clock());
}

static void make_printable(struct trace_record *record)
{
	char name[16];

	memcpy(name, &record->b, sizeof(name));
	for (unsigned i = 0; i < sizeof(name); i++)
		if (name[i] && (name[i] <= ' ' || name[i] >= 0x7f))
			name[i] = '?';
	name[sizeof(name) - 1] = 0;
	/* Nothing of what was there before is behind the end. */
	memset(name + strlen(name), 0, sizeof(name) - strlen(name));
	memcpy(&record->b, name, sizeof(name));
}

/* False: it is none. */
static bool check(struct trace_reader *r, struct trace_record *record, u64 now_ns)
{
	if (record->point >= TRACE_POINTS || record->point == TRACE_LOST)
		return false;
	record->core = r->core;
	record->time = nanoseconds(r->time, record->time);
	if (record->time > now_ns)
		record->time = now_ns;
	if (record->time < r->last_ns)
		record->time = r->last_ns;
	r->last_ns = record->time;
	if (record->point == TRACE_SWITCH)
		make_printable(record);
	return true;
}

/* It has been lapped, or the head is no head: then it goes on with what is there. */
static void catch_up(struct trace_reader *r)
{
	const u64 end = trace_reader__end(r);

	if (end - r->next <= SAFE)
		return;
	if (end > r->next) {
		r->lost += end - SAFE - r->next;
		r->next = end - SAFE;
	} else {
		r->lost++;
		r->next = end;
	}
}

unsigned trace_reader__take(struct trace_reader *r, u64 until, u64 now_ns, struct trace_record *record, unsigned most)
{
	unsigned n = 0;

	catch_up(r);
	while (n + 2 <= most && r->next < until) {
		struct trace_record copy = r->ring->record[r->next % TRACE_RECORDS];

		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		if (trace_reader__end(r) - r->next > SAFE) {	/* meanwhile it was written over */
			catch_up(r);
			continue;
		}
		r->next++;
		if (!check(r, &copy, now_ns)) {
			r->lost++;
			continue;
		}
		if (r->lost != r->told) {
			record[n++] = (struct trace_record){ .time = copy.time, .point = TRACE_LOST, .core = r->core, .b = r->lost - r->told };
			r->told = r->lost;
		}
		record[n++] = copy;
	}
	return n;
}
