/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A ring of trace records, a clock that a test sets, and what the exporters need to know; for the tests and the fuzzer.
 */
#ifndef TESTS_UNIT_TRACE_FIXTURE_H
#define TESTS_UNIT_TRACE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "wedge/trace/collect.h"
#include "wedge/trace/export.h"

static u64 trace_now = 1000;

static inline u64 trace_test_clock(void)
{
	return trace_now;
}

/* Ticks are nanoseconds, and begin at 1000. */
static const struct trace_time trace_ns = { .ticks = 1000, .ns = 1000, .rate = 1ull << 32 };

static inline struct trace_ring *trace_ring_make(void)
{
	trace__clock = trace_test_clock;
	trace_now = 1000;
	return calloc(1, sizeof(struct trace_ring));
}

static inline const char *trace_exception_name(unsigned code)
{
	return code == 8 ? "Sys" : "?";
}

static const char *const trace_exits[] = { "SIGILL", NULL };

/* A machine of one core. */
static inline struct trace_log trace_log_of(const struct trace_record *record, u64 count, bool interpreted)
{
	return (struct trace_log){
		.record = record, .count = count, .cores = 1, .begin_ns = 1000, .vm = "vm", .process = 1234, .interpreted = interpreted, .exit_names = trace_exits, .exits = 2,
		.exception_name = trace_exception_name, .exceptions = 32,
	};
}

/* A whole message in the wire format of protocol buffers, of bytes [at, end): field by field. Where the next field begins, 0: broken. */
struct wire_field {
	unsigned number, type;
	u64 value;			/* a number's, or the length of what is at `at` */
	size_t at;
};

static inline size_t wire_varint(const u8 *bytes, size_t at, size_t end, u64 *value)
{
	*value = 0;
	for (unsigned shift = 0; at < end && shift < 64; shift += 7) {
		*value |= (u64)(bytes[at] & 0x7f) << shift;
		if (!(bytes[at++] & 0x80))
			return at;
	}
	return 0;
}

static inline size_t wire_next(const u8 *bytes, size_t at, size_t end, struct wire_field *f)
{
	u64 key;

	at = wire_varint(bytes, at, end, &key);
	if (!at)
		return 0;
	f->number = key >> 3;
	f->type = key & 7;
	f->at = at;
	switch (f->type) {
	case 0:
		return wire_varint(bytes, at, end, &f->value);
	case 1:
		if (end - at < 8)
			return 0;
		memcpy(&f->value, bytes + at, 8);
		return at + 8;
	case 2:
		at = wire_varint(bytes, at, end, &f->value);
		if (!at || f->value > end - at)
			return 0;
		f->at = at;
		return at + f->value;
	default:
		return 0;
	}
}

/*
 * Is it a trace of Perfetto's: packets, each whole, whose slices on a track begin and end in turn, and do not run back? *events: how many that are no
 * slices.
 */
static inline bool perfetto_is_whole(const u8 *bytes, size_t size, unsigned *events)
{
	bool open[64] = { false };
	u64 last[64] = { 0 };
	struct wire_field packet, f, e;
	size_t at = 0;

	*events = 0;
	while (at < size) {
		u64 time = 0, type = 0, track = 0;
		size_t in, inner;

		at = wire_next(bytes, at, size, &packet);
		if (!at || packet.number != 1 || packet.type != 2)
			return false;
		for (in = packet.at; in && in < packet.at + packet.value;) {
			in = wire_next(bytes, in, packet.at + packet.value, &f);
			if (in && f.number == 8)
				time = f.value;
			for (inner = f.at; in && f.number == 11 && inner && inner < f.at + f.value;) {
				inner = wire_next(bytes, inner, f.at + f.value, &e);
				if (inner && e.number == 9)
					type = e.value;
				if (inner && e.number == 11)
					track = e.value;
			}
			if (in && f.number == 11 && !inner)
				return false;
		}
		if (!in)
			return false;
		if (!type)
			continue;
		if (track >> 8 != 1234 || (track & 0xff) >= 64)
			return false;
		track &= 0xff;
		if (time < last[track])
			return false;
		last[track] = time;
		*events += type == 3;
		if (type != 3 && open[track] == (type == 1))
			return false;
		if (type != 3)
			open[track] = type == 1;
	}
	for (unsigned i = 0; i < 64; i++)
		if (open[i])
			return false;
	return true;
}

#endif
