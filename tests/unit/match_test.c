/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of states and their comparison: what is written is read again, differences are found where they are, what
 * native execution hides is not missed, what it must show is, and damaged files are complained about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "match/compare.h"
#include "tests/unit/cmocka_all.h"

#define CODE		0xffffffff81100000ull
#define WINDOW		0x40000000ull
#define DELTA		(0xffffffff80000000ull - WINDOW)
#define MFC0		0x40086000u
#define NOP		0u

/* A run in a file of its own: entries are added, then it is closed and read. */
struct run {
	char path[64];
	struct log_writer *writer;
	struct log log;
	uint64_t value[LOG_VALUES];
};

static void begin(struct run *r, const char *machine, unsigned flags, const struct log_place *places, size_t count,
		  bool window)
{
	static const struct log_window windows[] = { { WINDOW, 0x20000000, 0xffffffff80000000ull } };
	struct log_head head = {
		.machine = machine, .flags = flags, .windows = windows, .window_count = window, .places = places,
		.place_count = count,
	};
	struct complaint c;
	int fd;

	*r = (struct run){ .path = "/tmp/match-test-XXXXXX" };
	fd = mkstemp(r->path);
	assert_true(fd >= 0);
	close(fd);
	r->writer = log__create(r->path, &head, &c);
	assert_non_null(r->writer);
}

static void put(struct run *r, uint64_t pc, uint32_t insn)
{
	r->value[LOG_PC] = pc;
	if (log__wants(r->writer, insn))
		log__put(r->writer, insn, r->value);
}

static void end(struct run *r)
{
	struct complaint c;

	assert_int_equal(log__close(r->writer, &c), 0);
	if (log__open(&r->log, r->path, &c))
		fail_msg("%s", c.text);
}

static void forget(struct run *r)
{
	log__free(&r->log);
	unlink(r->path);
}

static void compare(struct match *m, struct run *first, struct run *second, const struct match_range *spin)
{
	struct complaint c;

	end(first);
	end(second);
	*m = (struct match){ .first.log = &first->log, .second.log = &second->log, .spins = spin, .spin_count = !!spin };
	if (match__run(m, &c))
		fail_msg("%s", c.text);
	forget(first);
	forget(second);
}

static void comes_back_as_it_was(void **state)
{
	struct log_place places[] = { { 0x1000, 0x1004 }, { 0x2000, 0x3000 } };
	struct log_entry e;
	struct complaint c;
	struct run r;

	begin(&r, "a machine", 0, places, 2, true);
	r.value[8] = 0x8000000000000000ull;
	r.value[LOG_P2] = ~0ull;
	put(&r, CODE, MFC0);
	r.value[8] = 1;
	put(&r, CODE + 4, NOP);
	end(&r);
	assert_string_equal(r.log.machine, "a machine");
	assert_int_equal(log__get(&r.log, &e, &c), 1);
	assert_true(e.value[8] == 0x8000000000000000ull && e.value[LOG_P2] == ~0ull && e.value[LOG_PC] == CODE);
	assert_int_equal(e.insn, MFC0);
	assert_int_equal(log__get(&r.log, &e, &c), 1);
	assert_true(e.value[8] == 1 && e.value[LOG_PC] == CODE + 4 && e.number == 2);
	assert_int_equal(log__get(&r.log, &e, &c), 0);
	assert_true(log__canonical(&r.log, WINDOW + 5) == 0xffffffff80000005ull && log__canonical(&r.log, 7) == 7);
	assert_true(log__sees(&r.log, 0x1000) && !log__sees(&r.log, 0x1004) && log__sees(&r.log, 0x2ffc));
	forget(&r);
}

/* Addresses in a window stand for canonical ones, in registers and as PC; equal numbers are equal anyway. */
static void windows_are_seen_through(void **state)
{
	struct run metal, wedge;
	struct match m;

	begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
	begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, true);
	metal.value[29] = CODE + 64;
	wedge.value[29] = CODE + 64 - DELTA;
	metal.value[2] = wedge.value[2] = WINDOW;
	put(&metal, CODE, NOP);
	put(&wedge, CODE - DELTA, NOP);
	compare(&m, &metal, &wedge, NULL);
	assert_int_equal(m.verdict, MATCH_EQUAL);
	assert_int_equal(m.matched, 1);
}

static void a_register_differs(void **state)
{
	struct run metal, wedge;
	struct match m;

	begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
	begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, false);
	for (unsigned i = 0; i < 3; i++) {
		metal.value[LOG_CP0_STATUS] = i;
		wedge.value[LOG_CP0_STATUS] = i == 2 ? 7 : i;
		put(&metal, CODE + 4 * i, NOP);
		put(&wedge, CODE + 4 * i, NOP);
	}
	compare(&m, &metal, &wedge, NULL);
	assert_int_equal(m.verdict, MATCH_REGISTERS);
	assert_int_equal(m.matched, 2);
	assert_true(match__differs(&m, LOG_CP0_STATUS) && !match__differs(&m, 8) && !match__differs(&m, LOG_PC));
}

static void another_way_or_an_early_end(void **state)
{
	for (unsigned length = 1; length < 3; length++) {
		struct run metal, wedge;
		struct match m;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, false);
		put(&metal, CODE, NOP);
		put(&metal, CODE + 4, NOP);
		put(&wedge, CODE, NOP);
		if (length == 2)
			put(&wedge, CODE + 8, NOP);
		compare(&m, &metal, &wedge, NULL);
		assert_int_equal(m.verdict, length == 2 ? MATCH_WAY : MATCH_SHORT);
		assert_int_equal(m.matched, 1);
	}
}

/* A native mode sees CODE + 8 always, the rest perhaps. */
static void what_is_hidden_and_what_is_missed(void **state)
{
	static const struct log_place always[] = { { CODE + 8, CODE + 12 } };

	for (unsigned missed = 0; missed < 2; missed++) {
		struct run metal, wedge;
		struct match m;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", 0, always, 1, false);
		for (unsigned i = 0; i < 6; i++) {
			metal.value[9] = wedge.value[9] = i;
			put(&metal, CODE + 4 * i, NOP);
			if ((i == 2 && !missed) || i == 4)
				put(&wedge, CODE + 4 * i, NOP);
		}
		compare(&m, &metal, &wedge, NULL);
		assert_int_equal(m.verdict, missed ? MATCH_WAY : MATCH_EQUAL);
		assert_int_equal(m.matched, missed ? 0 : 2);
		if (missed)
			assert_true(m.first.now.value[LOG_PC] == CODE + 8);
	}
}

/* In a loop the second's only entry belongs to the third round. With other registers it belongs to none. */
static void a_loop_finds_its_round(void **state)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct run metal, wedge;
		struct match m;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", 0, NULL, 0, false);
		for (unsigned i = 0; i < 5; i++) {
			metal.value[9] = i;
			put(&metal, CODE, NOP);
		}
		wedge.value[9] = wrong ? 77 : 3;
		put(&wedge, CODE, NOP);
		compare(&m, &metal, &wedge, NULL);
		assert_int_equal(m.verdict, wrong ? MATCH_REGISTERS : MATCH_EQUAL);
	}
}

/* How long code spins does not matter, nor where in it an interrupt comes; what it leaves behind does. */
static void spinning_is_passed_over(void **state)
{
	static const struct match_range spin = { CODE + 16, CODE + 32 };

	for (unsigned wrong = 0; wrong < 2; wrong++) {
		struct run metal, wedge;
		struct match m;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, false);
		for (unsigned i = 0; i < 9; i++) {
			metal.value[9] = i;
			put(&metal, CODE + 16, NOP);
		}
		put(&wedge, CODE + 20, NOP);
		metal.value[9] = wedge.value[9] = 1;
		metal.value[LOG_CP0_EPC] = CODE + 16;
		wedge.value[LOG_CP0_EPC] = wrong ? CODE + 32 : CODE + 24;
		metal.value[LOG_CP0_CAUSE] = metal.value[26] = 0xffffffff80000400ull;
		wedge.value[LOG_CP0_CAUSE] = wedge.value[26] = 0x400;
		put(&metal, CODE, NOP);
		put(&wedge, CODE, NOP);
		compare(&m, &metal, &wedge, &spin);
		assert_int_equal(m.verdict, wrong ? MATCH_REGISTERS : MATCH_EQUAL);
	}
}

static void sensitive_against_all(void **state)
{
	struct run metal, wedge;
	struct match m;

	begin(&metal, "metal", LOG_EVERYWHERE | LOG_SENSITIVE, NULL, 0, false);
	begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, false);
	for (unsigned i = 0; i < 4; i++) {
		put(&metal, CODE + 4 * i, i & 1 ? NOP : MFC0);
		put(&wedge, CODE + 4 * i, i & 1 ? NOP : MFC0);
	}
	compare(&m, &metal, &wedge, NULL);
	assert_int_equal(m.verdict, MATCH_EQUAL);
	assert_int_equal(m.matched, 2);
}

static void the_first_must_see_everything(void **state)
{
	struct run r, s;
	struct complaint c;
	struct match m = { .first.log = &r.log, .second.log = &s.log };

	begin(&r, "wedge", 0, NULL, 0, false);
	begin(&s, "wedge", 0, NULL, 0, false);
	end(&r);
	end(&s);
	assert_int_equal(match__run(&m, &c), -1);
	assert_non_null(strstr(c.text, "has not seen everything"));
	forget(&r);
	forget(&s);
}

/* Reads a file to its end or to a complaint. */
static int read_all(const char *path, struct complaint *c)
{
	struct log_entry e;
	struct log log;
	int result;

	if (log__open(&log, path, c))
		return -1;
	while ((result = log__get(&log, &e, c)) > 0)
		;
	log__free(&log);
	return result;
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	fclose(f);
}

/* Every shorter file ends in the middle of something; one with another byte in it may or may not make sense. */
static void damaged_files(void **state)
{
	struct log_place places[] = { { 0x1000, 0x1004 } };
	uint8_t bytes[512];
	struct complaint c;
	struct run r;
	size_t size;
	FILE *f;

	begin(&r, "metal", 0, places, 1, true);
	r.value[4] = 0x123456789ull;
	put(&r, CODE, MFC0);
	put(&r, CODE + 4, NOP);
	end(&r);
	f = fopen(r.path, "rb");
	size = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	for (size_t n = 0; n < size; n++) {
		write_file(r.path, bytes, n);
		assert_int_equal(read_all(r.path, &c), -1);
		assert_null(strchr(c.text, '\n'));
	}
	for (size_t n = 0; n < size; n++)
		for (unsigned bit = 0; bit < 8; bit++) {
			bytes[n] ^= 1u << bit;
			write_file(r.path, bytes, size);
			read_all(r.path, &c);
			bytes[n] ^= 1u << bit;
		}
	bytes[size] = 0;
	write_file(r.path, bytes, size + 1);
	assert_int_equal(read_all(r.path, &c), -1);
	assert_non_null(strstr(c.text, "goes on behind its end"));
	write_file(r.path, (const uint8_t *)"#!/bin/sh", 9);
	assert_int_equal(read_all(r.path, &c), -1);
	assert_non_null(strstr(c.text, "no log of states"));
	forget(&r);
	assert_int_equal(read_all(r.path, &c), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_back_as_it_was),
		cmocka_unit_test(windows_are_seen_through),
		cmocka_unit_test(a_register_differs),
		cmocka_unit_test(another_way_or_an_early_end),
		cmocka_unit_test(what_is_hidden_and_what_is_missed),
		cmocka_unit_test(a_loop_finds_its_round),
		cmocka_unit_test(spinning_is_passed_over),
		cmocka_unit_test(sensitive_against_all),
		cmocka_unit_test(the_first_must_see_everything),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
