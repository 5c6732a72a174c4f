// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records as a trace of Perfetto's: protocol buffers, of which this needs three kinds of field, with the numbers of trace_packet.proto,
 * track_descriptor.proto, track_event.proto and debug_annotation.proto. No library of Debian's writes them.
 *
 * A machine is a process, a core a thread of it. Each core has a track with what it does, guest user, guest kernel, the Wedge or waiting,
 * of which there is always one, and a second with what happens. From the kick of a device to the interrupt that it raises, and that a core takes,
 * an arrow leads. If the Host's scheduler is to be seen, its processors have tracks as in any trace of Perfetto's, and each core one more with when it
 * was kept waiting for one. All that is numbered has the number of the monitor's process in front: so the files of several machines, one behind the other, are one.
 */
#include <errno.h>
#include <string.h>

#include "wedge/trace/export.h"

#define CORES_MOST	64
#define SLOTS_MOST	32
enum { MONOTONIC = 3, BOOTTIME = 6 };	/* BuiltinClock */

enum { VARINT = 0, FIXED64 = 1, BYTES = 2 };
enum { SLICE_BEGIN = 1, SLICE_END = 2, INSTANT = 3 };
enum { PROCESS = 1, FIRST_CORE = 16 };	/* numbers of tracks */
enum { DOES, EVENTS, OF_HOST, TRACKS };	/* of a core */

static u64 uuid(const struct trace_log *log, unsigned track)
{
	return (u64)log->process << 8 | track;
}

static u64 core_uuid(const struct trace_log *log, unsigned core, unsigned track)
{
	return uuid(log, FIRST_CORE + TRACKS * core + track);
}

struct message {
	u8 bytes[1024];
	unsigned size;
};

/* --- The wire format --- */

static void put_byte(struct message *m, u8 byte)
{
	if (m->size < sizeof(m->bytes))
		m->bytes[m->size++] = byte;
}

static void varint(struct message *m, u64 value)
{
	for (; value > 0x7f; value >>= 7)
		put_byte(m, 0x80 | (value & 0x7f));
	put_byte(m, value);
}

static void number(struct message *m, unsigned field, u64 value)
{
	varint(m, field << 3 | VARINT);
	varint(m, value);
}

static void fixed(struct message *m, unsigned field, u64 value)
{
	varint(m, field << 3 | FIXED64);
	for (unsigned i = 0; i < 8; i++)
		put_byte(m, value >> 8 * i);
}

static void bytes(struct message *m, unsigned field, const void *from, unsigned size)
{
	varint(m, field << 3 | BYTES);
	varint(m, size);
	for (unsigned i = 0; i < size; i++)
		put_byte(m, ((const u8 *)from)[i]);
}

static void text(struct message *m, unsigned field, const char *string)
{
	bytes(m, field, string, strlen(string));
}

static void inner(struct message *m, unsigned field, const struct message *part)
{
	bytes(m, field, part->bytes, part->size);
}

/* A TracePacket, with what is in each. */
static void put_packet(const struct trace_log *log, struct message *packet, FILE *out)
{
	struct message head = { .size = 0 };

	number(packet, 10, log->process);	/* trusted_packet_sequence_id */
	varint(&head, 1 << 3 | BYTES);	/* Trace.packet */
	varint(&head, packet->size);
	fwrite(head.bytes, 1, head.size, out);
	fwrite(packet->bytes, 1, packet->size, out);
}

/* --- Tracks --- */

/* `thread`: its number as the Host's scheduler has it, or one that no other has; 0: the track is none. */
static void put_track(const struct trace_log *log, FILE *out, u64 number_of, unsigned parent, const char *name, bool process, unsigned thread)
{
	struct message packet = { .size = 0 }, track = { .size = 0 }, of = { .size = 0 };

	number(&track, 1, number_of);
	if (name)
		text(&track, 2, name);
	if (parent)
		number(&track, 5, uuid(log, parent));
	if (process || thread) {
		number(&of, 1, log->process);
		if (thread)
			number(&of, 2, thread);
		text(&of, thread ? 5 : 6, name);
		inner(&track, thread ? 4 : 3, &of);
	}
	inner(&packet, 60, &track);
	put_packet(log, &packet, out);
}

/* --- Events --- */

struct state {
	FILE *out;
	const struct trace_log *log;
	const char *doing[CORES_MOST];	/* the slice that is open; NULL: none */
	u64 flow[SLOTS_MOST];	/* of each device: of the last kick that has not led to an interrupt; 0: none */
	u32 flows;
	bool raised[SLOTS_MOST];
};

static void begin_event(struct message *event, unsigned type, u64 track)
{
	event->size = 0;
	number(event, 9, type);
	number(event, 11, track);
}

static void end_event(struct state *s, const struct message *event, u64 time)
{
	struct message packet = { .size = 0 };

	number(&packet, 8, time);
	number(&packet, 58, MONOTONIC);
	inner(&packet, 11, event);
	put_packet(s->log, &packet, s->out);
}

/* Another thing than before. NULL: nothing any more. */
static void do_now(struct state *s, const struct trace_record *r, const char *what)
{
	const u64 track = core_uuid(s->log, r->core, DOES);
	struct message event;

	if (s->doing[r->core] == what)
		return;
	if (s->doing[r->core]) {
		begin_event(&event, SLICE_END, track);
		end_event(s, &event, r->time);
	}
	if (what) {
		begin_event(&event, SLICE_BEGIN, track);
		text(&event, 23, what);
		text(&event, 22, "vcpu");
		end_event(s, &event, r->time);
	}
	s->doing[r->core] = what;
}

static const char user[] = "guest user", kernel[] = "guest kernel", wedge[] = "Wedge", waiting[] = "waiting", preempted[] = "preempted by the Host";

static void follow(struct state *s, const struct trace_record *r)
{
	const char *const native = s->log->interpreted ? kernel : wedge;

	switch (r->point) {
	case TRACE_EXIT: do_now(s, r, wedge); break;
	case TRACE_ENTRY: do_now(s, r, r->a ? user : kernel); break;
	case TRACE_WAIT: do_now(s, r, waiting); break;
	case TRACE_WAKE: do_now(s, r, native); break;
	case TRACE_EXCEPTION:
		if (s->log->interpreted)
			do_now(s, r, kernel);
		break;
	case TRACE_RETURN:
		if (s->log->interpreted)
			do_now(s, r, r->a ? user : kernel);
		break;
	}
}

static void annotate(struct message *event, const struct state *s, const char *name, enum trace_show show, const struct trace_record *r, u64 value)
{
	struct message a = { .size = 0 };
	char comm[17] = "";

	if (!show)
		return;
	text(&a, 10, name);
	if (show == SHOW_NAME16) {
		memcpy(comm, &r->b, 16);
		text(&a, 6, comm);
	} else if (show == SHOW_EXIT && value < s->log->exits && s->log->exit_names[value]) {
		text(&a, 6, s->log->exit_names[value]);
	} else if (show == SHOW_EXCEPTION) {
		text(&a, 6, s->log->exception_name(value));
	} else {
		number(&a, show == SHOW_DECIMAL ? 3 : 7, value);	/* uint_value, pointer_value */
	}
	inner(event, 4, &a);
}

/* From a kick over what the device does to its interrupt; and to the next one that a core takes. */
static void add_flow(struct message *event, struct state *s, const struct trace_record *r)
{
	u64 *flow = r->a < SLOTS_MOST ? &s->flow[r->a] : NULL;

	switch (r->point) {
	case TRACE_KICK:
		if (flow && (!*flow || s->raised[r->a])) {
			*flow = (u64)s->log->process << 32 | ++s->flows;
			s->raised[r->a] = false;
		}
		break;
	case TRACE_TAKE: case TRACE_GIVE:
		break;
	case TRACE_RAISE:
		if (flow)
			s->raised[r->a] = true;
		break;
	case TRACE_INTERRUPT:
		for (unsigned i = 0; i < SLOTS_MOST; i++)
			if (s->flow[i] && s->raised[i]) {
				fixed(event, 48, s->flow[i]);		/* terminating_flow_ids */
				s->flow[i] = 0;
				s->raised[i] = false;
			}
		return;
	default:
		return;
	}
	if (flow && *flow)
		fixed(event, 47, *flow);		/* flow_ids */
}

static void put_record(struct state *s, const struct trace_record *r)
{
	const struct trace_row *row = &trace__rows[r->point];
	struct message event;

	follow(s, r);
	if (r->point == TRACE_ENTRY || r->point == TRACE_WAIT || r->point == TRACE_WAKE)
		return;			/* that was all */
	begin_event(&event, INSTANT, core_uuid(s->log, r->core, EVENTS));
	text(&event, 23, row->event);
	text(&event, 22, row->system);
	annotate(&event, s, row->field[0].name, row->field[0].show, r, r->a);
	annotate(&event, s, row->field[1].name, row->field[1].show, r, r->b);
	annotate(&event, s, row->field[2].name, row->field[2].show, r, r->c);
	add_flow(&event, s, r);
	end_event(s, &event, r->time);
}

static unsigned process_of(const struct trace_log *log, unsigned core)
{
	return log->process_of && core < log->cores && log->process_of[core] > 0 ? (unsigned)log->process_of[core] : 0;
}

static void put_tracks(const struct trace_log *log, FILE *out)
{
	char name[64];

	snprintf(name, sizeof(name), "VM %.40s", log->vm);
	put_track(log, out, uuid(log, PROCESS), 0, name, true, 0);
	for (unsigned i = 0; i <= log->cores; i++) {
		const unsigned thread = process_of(log, i) ? process_of(log, i) : log->process + 1 + i;

		snprintf(name, sizeof(name), i == log->cores ? "devices" : "core %u", i);
		put_track(log, out, core_uuid(log, i, DOES), PROCESS, name, false, thread);
		snprintf(name, sizeof(name), i == log->cores ? "devices: events" : "core %u: events", i);
		put_track(log, out, core_uuid(log, i, EVENTS), PROCESS, name, false, 0);
		snprintf(name, sizeof(name), "core %u: the Host", i);
		if (log->host && i < log->cores)
			put_track(log, out, core_uuid(log, i, OF_HOST), PROCESS, name, false, 0);
	}
}

/* --- The Host's scheduler --- */

/* Events of ftrace have Perfetto's own clock, CLOCK_BOOTTIME; how far that is from ours is said once. */
static void put_clocks(const struct trace_log *log, FILE *out)
{
	struct message packet = { .size = 0 }, snapshot = { .size = 0 }, clock = { .size = 0 };

	number(&clock, 1, MONOTONIC);
	number(&clock, 2, log->begin_ns);
	inner(&snapshot, 1, &clock);
	clock.size = 0;
	number(&clock, 1, BOOTTIME);
	number(&clock, 2, log->begin_ns + log->boot_offset_ns);
	inner(&snapshot, 1, &clock);
	inner(&packet, 6, &snapshot);
	put_packet(log, &packet, out);
}

/* FtraceEventBundle, with one FtraceEvent: a SchedSwitchFtraceEvent. */
static void put_switch(const struct trace_log *log, const struct trace_host_switch *s, FILE *out)
{
	struct message packet = { .size = 0 }, bundle = { .size = 0 }, event = { .size = 0 }, change = { .size = 0 };

	text(&change, 1, s->previous_name);
	number(&change, 2, (u32)s->previous);
	number(&change, 3, (u32)s->previous_priority);
	number(&change, 4, s->previous_state);
	text(&change, 5, s->next_name);
	number(&change, 6, (u32)s->next);
	number(&change, 7, (u32)s->next_priority);
	number(&event, 1, s->time + log->boot_offset_ns);
	number(&event, 2, (u32)s->previous);
	inner(&event, 4, &change);
	number(&bundle, 1, s->cpu);
	inner(&bundle, 2, &event);
	inner(&packet, 1, &bundle);
	put_packet(log, &packet, out);
}

/* A core is its own process, or the stub in which its programs run: those are called by the machine and the core (wedge/host/mips64/stub.c). */
static bool is_of_core(const struct trace_log *log, unsigned core, s32 process, const char *name)
{
	char stub[32];

	if (process > 0 && (unsigned)process == process_of(log, core))
		return true;
	snprintf(stub, sizeof(stub), "wedge-%u/%u", log->process, core);
	return !strncmp(name, stub, TRACE_HOST_NAME - 1);
}

static void put_slice(struct state *s, unsigned core, u64 time, unsigned type)
{
	struct message event;

	begin_event(&event, type, core_uuid(s->log, core, OF_HOST));
	if (type == SLICE_BEGIN) {
		text(&event, 23, preempted);
		text(&event, 22, "vcpu");
	}
	end_event(s, &event, time);
}

/* A core that could have gone on has lost its processor, until one of its processes has one again. */
static void put_preempted(struct state *s, unsigned core)
{
	const struct trace_log *log = s->log;
	u64 last = log->begin_ns;
	bool is = false;

	for (u64 i = 0; i < log->host_count; i++) {
		const struct trace_host_switch *h = &log->host[i];
		const bool comes = is_of_core(log, core, h->next, h->next_name);
		const bool goes = !comes && is_of_core(log, core, h->previous, h->previous_name) && !(h->previous_state & 0xff);

		if (is ? !comes : !goes)
			continue;
		if (h->time > last)
			last = h->time;
		is = goes;
		put_slice(s, core, last, is ? SLICE_BEGIN : SLICE_END);
	}
	if (is)
		put_slice(s, core, last, SLICE_END);
}

/*
 * In the order of time over all cores, which flows need: each core's records are in order, so the next is the earliest of the cores' next ones. There
 * are few cores.
 */
int trace_perfetto__write(const struct trace_log *log, FILE *out)
{
	struct state s = { .out = out, .log = log };
	u64 at[CORES_MOST] = { 0 };
	struct trace_record last = { .time = log->begin_ns };

	if (log->cores >= CORES_MOST) {
		errno = E2BIG;
		return -1;
	}
	errno = 0;
	put_tracks(log, out);
	if (log->host)
		put_clocks(log, out);
	for (u64 i = 0; i < log->host_count; i++)
		put_switch(log, &log->host[i], out);
	for (unsigned i = 0; log->host && i < log->cores; i++)
		put_preempted(&s, i);
	for (;;) {
		const struct trace_record *next = NULL;

		for (unsigned core = 0; core <= log->cores; core++) {
			while (at[core] < log->count && log->record[at[core]].core != core)
				at[core]++;
			if (at[core] < log->count && (!next || log->record[at[core]].time < next->time))
				next = &log->record[at[core]];
		}
		if (!next)
			break;
		at[next->core]++;
		last = *next;
		put_record(&s, next);
	}
	for (last.core = 0; last.core <= log->cores; last.core++)
		do_now(&s, &last, NULL);
	return ferror(out) ? -1 : 0;
}
