// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Trace points: what is written is read, in order and once; what is not is counted; rubbish in a ring stays rubbish; and the files made of it.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <pthread.h>
#include <time.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/trace_fixture.h"

#define BATCH	100

static struct trace_record got[3 * TRACE_RECORDS];

/* All that there is, in batches. */
static unsigned take_all(struct trace_reader *r)
{
	const u64 until = trace_reader__end(r);
	unsigned count = 0, n;

	while ((n = trace_reader__take(r, until, trace_time__now(r->time), got + count, BATCH)))
		count += n;
	return count;
}

static void put_some(struct trace_ring *ring, unsigned n)
{
	for (unsigned i = 0; i < n; i++, trace_now++)
		trace__put(ring, TRACE_EXCEPTION, 7, i, 2 * i, 3 * i);
}

static void what_is_written_is_read_once(void **state)
{
	struct trace_ring *ring = trace_ring_make();
	struct trace_reader r;

	trace_reader__open(&r, ring, &trace_ns, 5, false);
	assert_int_equal(take_all(&r), 0);
	for (unsigned round = 0; round < 5; round++) {
		put_some(ring, 10000);
		assert_int_equal(take_all(&r), 10000);
		for (unsigned i = 0; i < 10000; i++) {
			assert_int_equal(got[i].core, 5);	/* that of the ring, whatever it says */
			assert_int_equal(got[i].point, TRACE_EXCEPTION);
			assert_int_equal(got[i].a, i);
			assert_int_equal(got[i].b, 2 * i);
			assert_int_equal(got[i].c, 3 * i);
			assert_int_equal(got[i].time, 1000 + round * 10000 + i);
		}
		assert_int_equal(take_all(&r), 0);
	}
	assert_int_equal(r.lost, 0);
	free(ring);
}

/* Read or lost: each of them is one of the two, and the trace says where the second are missing. */
static void what_is_overwritten_is_counted(void **state)
{
	struct trace_ring *ring = trace_ring_make();
	u64 read = 0, told = 0, written = 0;
	struct trace_reader r;

	trace_reader__open(&r, ring, &trace_ns, 0, false);
	for (unsigned round = 0; round < 6; round++) {
		const unsigned n = round % 2 ? 500 : TRACE_RECORDS + 1000 * (round + 1);
		unsigned count;

		put_some(ring, n);
		written += n;
		count = take_all(&r);
		for (unsigned i = 0; i < count; i++) {
			if (got[i].point == TRACE_LOST)
				told += got[i].b;
			else
				read++;
			assert_true(!i || got[i].time >= got[i - 1].time);
		}
	}
	assert_true(r.lost > 0);
	assert_int_equal(read + r.lost, written);
	assert_int_equal(told, r.lost);
	free(ring);
}

/* The flight recorder: the end of what was written. */
static void the_last_are_there(void **state)
{
	struct trace_ring *ring = trace_ring_make();
	struct trace_reader r;
	unsigned n;

	put_some(ring, 100);
	trace_reader__open(&r, ring, &trace_ns, 0, true);
	assert_int_equal(take_all(&r), 100);
	put_some(ring, 3 * TRACE_RECORDS);
	trace_reader__open(&r, ring, &trace_ns, 0, true);
	n = take_all(&r);
	assert_true(n > TRACE_RECORDS - 100 && n <= TRACE_RECORDS);
	assert_int_equal(got[n - 1].a, 3 * TRACE_RECORDS - 1);
	assert_int_equal(r.lost, 0);
	free(ring);
}

static void a_hostile_ring_stays_rubbish(void **state)
{
	static const u64 heads[] = { 0, 1, TRACE_RECORDS, UINT64_MAX, 1ull << 63, 5, UINT64_MAX - TRACE_RECORDS, 3 };
	struct trace_ring *ring = trace_ring_make();
	struct trace_reader r;

	memset(ring->record, 0xff, sizeof(ring->record));
	trace_reader__open(&r, ring, &trace_ns, 0, true);
	for (unsigned i = 0; i < COUNT(heads); i++) {
		ring->head = heads[i];
		assert_int_equal(take_all(&r), 0);
	}
	assert_true(r.lost > 0);
	/* What was read goes on after all that. */
	ring->head = 10;
	take_all(&r);
	put_some(ring, 20);
	assert_true(take_all(&r) >= 20);
	free(ring);
}

static void times_never_run_back(void **state)
{
	static const u64 times[] = { 2000, 0, 1500, UINT64_MAX, 2500, 999 };
	static const u64 expected[] = { 2000, 2000, 2000, 3000, 3000, 3000 };
	struct trace_ring *ring = trace_ring_make();
	struct trace_reader r;

	trace_reader__open(&r, ring, &trace_ns, 0, false);
	for (unsigned i = 0; i < COUNT(times); i++)
		ring->record[i] = (struct trace_record){ .time = times[i], .point = TRACE_WAIT };
	ring->head = COUNT(times);
	trace_now = 3000;
	assert_int_equal(take_all(&r), COUNT(times));
	for (unsigned i = 0; i < COUNT(times); i++)
		assert_int_equal(got[i].time, expected[i]);
	free(ring);
}

static void names_are_printable(void **state)
{
	struct trace_ring *ring = trace_ring_make();
	struct trace_record record = { .time = 1000, .point = TRACE_SWITCH, .a = 1 };
	struct trace_reader r;
	char name[16];

	memcpy(&record.b, "a\n\x1b[2J\xff\x80""bcdefghi", 16);
	ring->record[0] = record;
	memcpy(&record.b, "init\0secretsecre", 16);
	ring->record[1] = record;
	ring->head = 2;
	trace_reader__open(&r, ring, &trace_ns, 0, true);
	assert_int_equal(take_all(&r), 2);
	memcpy(name, &got[0].b, 16);
	assert_string_equal(name, "a??[2J??bcdefgh");
	memcpy(name, &got[1].b, 16);
	assert_memory_equal(name, "init\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	free(ring);
}

static void clocks_of_other_rates(void **state)
{
	const struct trace_time half = { .ticks = 5000, .ns = 100, .rate = 2ull << 32 };	/* two nanoseconds a tick */
	struct trace_ring *ring = trace_ring_make();
	struct trace_reader r;

	trace_reader__open(&r, ring, &half, 0, false);
	ring->record[0] = (struct trace_record){ .time = 5010 };
	ring->record[1] = (struct trace_record){ .time = 4999 };	/* before there was a clock */
	ring->head = 2;
	trace_now = 6000;
	assert_int_equal(trace_time__now(&half), 2100);
	assert_int_equal(take_all(&r), 2);
	assert_int_equal(got[0].time, 120);
	assert_int_equal(got[1].time, 120);
	free(ring);
}

static void each_row_is_whole(void **state)
{
	assert_true(TRACE_POINTS < 63);
	assert_true(TRACE_FLIGHT && !(TRACE_FLIGHT & ~TRACE_ALL) && TRACE_FLIGHT != TRACE_ALL);
	for (unsigned i = 0; i < TRACE_POINTS; i++) {
		const struct trace_row *row = &trace__rows[i];

		assert_true(row->meaning[0] && row->system[0]);
		for (const char *p = row->event; *p; p++)
			assert_true(islower((unsigned char)*p) || *p == '_');
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(trace__rows[j].event, row->event);
		for (unsigned n = 0; n < 3; n++)
			assert_int_equal(!row->field[n].name, row->field[n].show == SHOW_NONE);
	}
}

/* --- Files --- */

static u8 *export_log(int (*write)(const struct trace_log *, FILE *), const struct trace_log *log, size_t *size)
{
	FILE *out = tmpfile();
	u8 *bytes;

	assert_non_null(out);
	assert_int_equal(write(log, out), 0);
	fseek(out, 0, SEEK_END);
	*size = ftell(out);
	rewind(out);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, *size, out), *size);
	fclose(out);
	return bytes;
}

static u8 *export(int (*write)(const struct trace_log *, FILE *), const struct trace_record *record, u64 count, bool interpreted, size_t *size)
{
	const struct trace_log log = trace_log_of(record, count, interpreted);

	return export_log(write, &log, size);
}

static const struct trace_record story[] = {
	{ 1000, TRACE_EXIT, 0, 0, 0x1000, 0 }, { 1010, TRACE_SWITCH, 0, 7, 0x6873, 0 }, { 1020, TRACE_KICK, 0, 2, 0, 0 }, { 1025, TRACE_TAKE, 1, 2, 0, 5 },
	{ 1030, TRACE_ENTRY, 0, 1, 0x2000, 0 }, { 1040, TRACE_GIVE, 1, 2, 0, 5 }, { 1045, TRACE_RAISE, 1, 2, 1, 0 },
	{ 1050, TRACE_EXIT, 0, 1, 0x2010, 0 }, { 1060, TRACE_INTERRUPT, 0, 4, 0x2010, 0 }, { 1060, TRACE_EXCEPTION, 0, 0, 0x2010, 0 },
	{ 1070, TRACE_WAIT, 0, 0, 0, 0 }, { 1000000000, TRACE_WAKE, 0, 0, 0, 0 },
};

/* How many events the pages of CPU n have, and when the last of them was. */
static unsigned count_events(const u8 *file, size_t size, unsigned cpu, u64 *last)
{
	const u8 *table = memmem(file, size, "flyrecord", 10);
	u64 place[2], time, length;
	unsigned events = 0;

	assert_non_null(table);
	memcpy(place, table + 10 + 16 * cpu, sizeof(place));
	assert_int_equal(place[0] % 4096, 0);
	assert_true(place[0] + place[1] <= size && place[1] % 4096 == 0);
	for (const u8 *page = file + place[0]; page < file + place[0] + place[1]; page += 4096) {
		memcpy(&time, page, 8);
		memcpy(&length, page + 8, 8);
		assert_true(length <= 4096 - 16);
		for (const u8 *p = page + 16; p < page + 16 + length;) {
			u32 word, more;

			memcpy(&word, p, 4);
			time += word >> 5;
			p += 4;
			if ((word & 31) == 30) {
				memcpy(&more, p, 4);
				time += (u64)more << 27;
				p += 4;
				continue;
			}
			assert_true((word & 31) && (word & 31) <= 28);
			p += 4 * (word & 31);
			events++;
			assert_true(time >= *last);
			*last = time;
		}
	}
	return events;
}

static void a_trace_dat(void **state)
{
	u64 last = 0, last_thread = 0;
	size_t size;
	u8 *file = export(trace_dat__write, story, COUNT(story), false, &size);

	assert_memory_equal(file, "\x17\x08\x44tracing6\0", 12);
	assert_int_equal(count_events(file, size, 0, &last), 9);
	assert_int_equal(last, 1000000000);
	assert_int_equal(count_events(file, size, 1, &last_thread), 3);
	free(file);
	file = export(trace_dat__write, NULL, 0, false, &size);
	assert_int_equal(count_events(file, size, 0, &last), 0);
	free(file);
}

/* More than a page, with gaps that need more than 27 bits. */
static void pages_of_a_trace_dat(void **state)
{
	struct trace_record *many = calloc(10000, sizeof(*many));
	size_t size;
	u64 last = 0;
	u8 *file;

	for (unsigned i = 0; i < 10000; i++)
		many[i] = (struct trace_record){ .time = 1000 + (u64)i * (i % 3 ? 10 : 0x30000000), .point = i % TRACE_LOST };
	for (unsigned i = 1; i < 10000; i++)
		if (many[i].time < many[i - 1].time)
			many[i].time = many[i - 1].time;
	file = export(trace_dat__write, many, 10000, false, &size);
	assert_int_equal(count_events(file, size, 0, &last), 10000);
	assert_int_equal(last, many[9999].time);
	free(file);
	free(many);
}

static int ctf_of_core_0(const struct trace_log *log, FILE *out)
{
	return trace_ctf__stream(log, 0, out);
}

static int ctf_of_threads(const struct trace_log *log, FILE *out)
{
	return trace_ctf__stream(log, log->cores, out);
}

/* Its packet says how long it is, and that is all of it. */
static void a_trace_of_ctf(void **state)
{
	static int (*const streams[])(const struct trace_log *log, FILE *out) = { ctf_of_core_0, ctf_of_threads };
	size_t size;
	u8 *file;

	for (unsigned i = 0; i < COUNT(streams); i++) {
		u64 bits[2], times[2];

		file = export(streams[i], story, COUNT(story), false, &size);
		assert_true(size > 100);
		assert_int_equal(*(u32 *)file, 0xc1fc1fc1);
		memcpy(times, file + 4, 16);
		memcpy(bits, file + 20, 16);
		assert_int_equal(bits[0], 8 * size);
		assert_int_equal(bits[1], 8 * size);
		assert_true(times[0] < times[1]);
		free(file);
	}
	file = export(streams[0], NULL, 0, false, &size);
	assert_int_equal(size, 40);
	free(file);
	file = export(trace_ctf__metadata, NULL, 0, false, &size);
	assert_memory_equal(file, "/* CTF 1.8 */\n", 14);
	for (unsigned i = 0; i < TRACE_POINTS; i++) {
		char name[64];

		snprintf(name, sizeof(name), "\"%s:%s\"", trace__rows[i].system, trace__rows[i].event);
		assert_non_null(memmem(file, size, name, strlen(name)));
	}
	free(file);
}

static void a_trace_of_perfetto(void **state)
{
	unsigned events;
	size_t size;
	u8 *file = export(trace_perfetto__write, story, COUNT(story), false, &size);

	assert_true(perfetto_is_whole(file, size, &events));
	assert_int_equal(events, 9);		/* all but what only says what a core does */
	assert_non_null(memmem(file, size, "guest user", 10));
	assert_non_null(memmem(file, size, "waiting", 7));
	free(file);
	file = export(trace_perfetto__write, story, COUNT(story), true, &size);
	assert_true(perfetto_is_whole(file, size, &events));
	free(file);
}

static unsigned count_of(const u8 *bytes, size_t size, const char *text)
{
	unsigned n = 0;

	for (const u8 *at = bytes; (at = memmem(at, size - (at - bytes), text, strlen(text))); at++)
		n++;
	return n;
}

/*
 * The core's process is 50, its stub 60. It is kept waiting when 70 comes while it could go on; not when it sleeps, nor when its stub takes over
 * for it, nor when another's stub does something.
 */
static void when_the_host_had_no_processor(void **state)
{
	static const int process[] = { 50 };
	static const struct trace_host_switch host[] = {
		{ .time = 1000, .previous = 0, .next = 50, .previous_name = "swapper/0", .next_name = "wedge" },
		{ .time = 1010, .previous = 50, .next = 70, .previous_name = "wedge", .next_name = "cc1" },		/* begins */
		{ .time = 1020, .previous = 70, .next = 60, .previous_name = "cc1", .next_name = "wedge-1234/0" },	/* ends */
		{ .time = 1030, .previous = 60, .next = 50, .previous_name = "wedge-1234/0", .next_name = "wedge" },
		{ .time = 1040, .previous = 50, .next = 60, .previous_name = "wedge", .next_name = "wedge-1234/0" },
		{ .time = 1050, .previous = 60, .next = 0, .previous_state = 8, .previous_name = "wedge-1234/0", .next_name = "swapper/0" },
		{ .time = 1060, .previous = 0, .next = 80, .previous_name = "swapper/0", .next_name = "wedge-9999/0" },
		{ .time = 1070, .previous = 80, .next = 50, .previous_name = "wedge-9999/0", .next_name = "wedge" },
		{ .time = 1080, .previous = 50, .next = 70, .previous_state = 0x100, .previous_name = "wedge", .next_name = "cc1" },	/* begins, and has no end */
	};
	struct trace_log log = trace_log_of(story, COUNT(story), false);
	unsigned events;
	size_t size;
	u8 *file;

	log.host = host;
	log.host_count = COUNT(host);
	log.process_of = process;
	log.boot_offset_ns = 5000000000;
	file = export_log(trace_perfetto__write, &log, &size);
	assert_true(perfetto_is_whole(file, size, &events));
	assert_int_equal(events, 9);
	assert_int_equal(count_of(file, size, "preempted by the Host"), 2);
	assert_int_equal(count_of(file, size, "cc1"), 3);
	free(file);
	file = export_log(trace_dat__write, &log, &size);
	assert_int_equal(count_of(file, size, "cc1"), 0);
	free(file);
}

/* --- As many as can be made --- */

#define FLOOD	4000000u

static void *flood(void *ring)
{
	for (unsigned i = 0; i < FLOOD; i++)
		trace__put_at(ring, 1000 + i, TRACE_EXCEPTION, i, 0, 0);
	return NULL;
}

/* Read while they are written: each is there once, in its order, or counted as lost. */
static void a_flood_is_read_or_counted(void **state)
{
	struct trace_ring *ring = trace_ring_make();
	struct timespec from, to;
	struct trace_reader r;
	u64 read = 0, told = 0, next = 0;
	bool ended = false;
	pthread_t writer;

	trace_now = 1000 + FLOOD;
	trace_reader__open(&r, ring, &trace_ns, 0, false);
	clock_gettime(CLOCK_MONOTONIC, &from);
	assert_int_equal(pthread_create(&writer, NULL, flood, ring), 0);
	for (unsigned round = 0; !ended; round++) {
		ended = trace_reader__end(&r) == FLOOD;
		for (unsigned i = 0, n = take_all(&r); i < n; i++) {
			if (got[i].point == TRACE_LOST) {
				told += got[i].b;
				next += got[i].b;
				continue;
			}
			assert_int_equal(got[i].a, next++);
			read++;
		}
		assert_true(round < 1000000000);
	}
	pthread_join(writer, NULL);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_int_equal(read + told, FLOOD);
	assert_int_equal(r.lost, told);
	printf("# %u records in %lld ms, %llu of them lost and counted\n", FLOOD,
	       (to.tv_sec - from.tv_sec) * 1000ll + (to.tv_nsec - from.tv_nsec) / 1000000, (unsigned long long)told);
	free(ring);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_once), cmocka_unit_test(what_is_overwritten_is_counted), cmocka_unit_test(the_last_are_there),
		cmocka_unit_test(a_hostile_ring_stays_rubbish), cmocka_unit_test(times_never_run_back), cmocka_unit_test(names_are_printable),
		cmocka_unit_test(clocks_of_other_rates), cmocka_unit_test(each_row_is_whole), cmocka_unit_test(a_trace_dat),
		cmocka_unit_test(pages_of_a_trace_dat), cmocka_unit_test(a_trace_of_perfetto), cmocka_unit_test(a_trace_of_ctf), cmocka_unit_test(when_the_host_had_no_processor),
		cmocka_unit_test(a_flood_is_read_or_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
