/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of states and their comparison: what is written is read again, differences are found where they are, what
 * native execution hides is not missed, what it must show is, and damaged files are complained about.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/mips_insn.h"
#include "match/compare.h"
#include "tests/unit/cmocka_all.h"

#define CODE		0xffffffff81100000ull
#define WINDOW		0x40000000ull
#define DELTA		(0xffffffff80000000ull - WINDOW)
#define XKPHYS		0x8000000000000000ull
#define PHYSMAP		0xe000000000ull
#define MFC0		0x40086000u	/* mfc0 $8, Status */
#define MTC0		0x40886000u	/* mtc0 $8, Status */
#define DI		0x41606000u
#define LUI_AT		0x3c010001u
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
	static const struct log_window windows[] = {
		{ WINDOW, 0x20000000, 0xffffffff80000000ull }, { PHYSMAP, 0x800000000, XKPHYS },
	};
	struct log_head head = {
		.machine = machine, .flags = flags, .windows = windows, .window_count = window ? 2 : 0, .places = places,
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

/* `m` says what may differ. */
static void compare_so(struct match *m, struct run *first, struct run *second)
{
	struct complaint c;

	end(first);
	end(second);
	m->first.log = &first->log;
	m->second.log = &second->log;
	if (match__run(m, &c))
		fail_msg("%s", c.text);
	forget(first);
	forget(second);
}

static void compare(struct match *m, struct run *first, struct run *second, const struct match_range *spin)
{
	*m = (struct match){ .spins = spin, .spin_count = !!spin };
	compare_so(m, first, second);
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

/* One state of metal and of a guest in its windows, which differ in one value. */
static struct match compare_one(struct match m, uint32_t insn, unsigned index, uint64_t first, uint64_t second)
{
	struct run metal, wedge;

	begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
	begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, true);
	metal.value[index] = first;
	wedge.value[index] = second;
	put(&metal, CODE, insn);
	put(&wedge, CODE - DELTA, insn);
	compare_so(&m, &metal, &wedge);
	return m;
}

/* What is made of addresses by adding is equal, in a general register; what else differs there is counted. */
static void computed_registers(void **state)
{
	static const struct {
		unsigned index;
		uint64_t first, second;
		uint32_t insn;
		enum match_verdict verdict;
		unsigned passed_over;
	} cases[] = {
		{ 8, CODE + 0x7fffffff, CODE - DELTA + 0x7fffffff, NOP, MATCH_EQUAL, 0 },
		{ 8, 5 - CODE, 5 - (CODE - DELTA), NOP, MATCH_EQUAL, 0 },
		{ 8, XKPHYS - CODE + 7, PHYSMAP - (CODE - DELTA) + 7, MTC0, MATCH_EQUAL, 0 },
		{ 8, (uint32_t)(5 - CODE), (uint64_t)(int64_t)(int32_t)(5 - (CODE - DELTA)), NOP, MATCH_EQUAL, 0 },
		{ LOG_LO, CODE * 3, (CODE - DELTA) * 3, NOP, MATCH_EQUAL, 1 },
		{ 8, 1, 2, NOP, MATCH_EQUAL, 1 },
		{ 8, 1, 2, MTC0, MATCH_REGISTERS, 0 },		/* $8 is what it writes */
		{ 9, 1, 2, MTC0, MATCH_EQUAL, 1 },
		{ LOG_CP0_STATUS, 1, 2, NOP, MATCH_REGISTERS, 0 },
		{ LOG_CP0_BADVADDR, CODE + 0x7fffffff, CODE - DELTA + 0x7fffffff, NOP, MATCH_REGISTERS, 0 },
		{ LOG_CP0_CONTEXT, 0x1100000ull << 11 | 16, 0x41100000ull << 11 | 16, NOP, MATCH_EQUAL, 0 },
		{ LOG_CP0_CONTEXT, 0x3100000ull << 11, (PHYSMAP + 0x3100000) << 11, NOP, MATCH_EQUAL, 0 },
		{ LOG_CP0_CONTEXT, 0x1100000ull << 11 | 32, 0x41100000ull << 11 | 16, NOP, MATCH_REGISTERS, 0 },
		{ LOG_CP0_CONTEXT, 0x1101000ull << 11, 0x41100000ull << 11, NOP, MATCH_REGISTERS, 0 },
	};

	for (size_t i = 0; i < COUNT(cases); i++) {
		struct match m = compare_one((struct match){ .computed = true }, cases[i].insn, cases[i].index, cases[i].first,
					     cases[i].second);

		if (m.verdict != cases[i].verdict || m.passed_over != cases[i].passed_over)
			fail_msg("case %zu: verdict %d, %lu registers", i, m.verdict, (unsigned long)m.passed_over);
		m = compare_one((struct match){ 0 }, cases[i].insn, cases[i].index, cases[i].first, cases[i].second);
		assert_int_equal(m.verdict, MATCH_REGISTERS);
	}
}

/* A due timer may be seen late, but not early, and nothing else of Cause may differ. */
static void a_timer_is_late(void **state)
{
	const struct match late = { .late_timer = true };

	assert_int_equal(compare_one(late, NOP, LOG_CP0_CAUSE, 0x4080800c, 0x80000c).verdict, MATCH_EQUAL);
	assert_int_equal(compare_one(late, NOP, LOG_CP0_CAUSE, 0x80000c, 0x4080800c).verdict, MATCH_REGISTERS);
	assert_int_equal(compare_one(late, NOP, LOG_CP0_CAUSE, 0x4080840c, 0x80000c).verdict, MATCH_REGISTERS);
	assert_int_equal(compare_one((struct match){ 0 }, NOP, LOG_CP0_CAUSE, 0x4080800c, 0x80000c).verdict, MATCH_REGISTERS);
}

/* Code that was copied through a register holds what it was burnt to. */
static void burnt_code_in_a_register(void **state)
{
	const struct match burnt = { .burnt = true };
	const uint64_t jump = 0x0bc035b8, low = 0x8c081060, based = 0x8d081060, other = 0x3c1b0000;

	assert_int_equal(compare_one(burnt, NOP, 8, MFC0, jump).verdict, MATCH_EQUAL);
	assert_int_equal(compare_one(burnt, NOP, 8, (uint64_t)MFC0 << 32 | other, based << 32 | other).verdict, MATCH_REGISTERS);
	assert_int_equal(compare_one(burnt, NOP, 8, (uint64_t)MFC0 << 32 | other, low << 32 | other).verdict, MATCH_EQUAL);
	assert_int_equal(compare_one(burnt, NOP, 8, other, jump).verdict, MATCH_REGISTERS);
	assert_int_equal(compare_one(burnt, NOP, LOG_CP0_EPC, MFC0, jump).verdict, MATCH_REGISTERS);
}

/* $at is scratch from a burnt di on until somebody writes it. */
static void at_is_scratch_behind_a_burnt_di(void **state)
{
	for (unsigned last = 1; last < 4; last++) {
		static const uint32_t code[] = { NOP, DI, LUI_AT, NOP };
		struct match m = { .burnt = true };
		struct run metal, wedge;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", 0, NULL, 0, false);
		for (unsigned i = 0; i < 4; i++)
			put(&metal, CODE + 4 * i, code[i]);
		wedge.value[MIPS_AT] = 1;
		put(&wedge, CODE + 4 * last, code[last]);
		compare_so(&m, &metal, &wedge);
		assert_int_equal(m.verdict, last == 2 ? MATCH_EQUAL : MATCH_REGISTERS);
	}
}

/* A burnt mtc0 of Status keeps what does not stick; copies of it have the same bits more. */
static void burnt_status_has_more_bits(void **state)
{
	for (unsigned wrong = 0; wrong < 4; wrong++) {
		struct match m = { .burnt = wrong != 3 };
		struct run metal, wedge;

		begin(&metal, "metal", LOG_EVERYWHERE, NULL, 0, false);
		begin(&wedge, "wedge", LOG_EVERYWHERE, NULL, 0, false);
		metal.value[LOG_CP0_STATUS] = metal.value[8] = 0x100000e0;
		wedge.value[LOG_CP0_STATUS] = wedge.value[8] = 0xffffffff940000e0ull;
		if (wrong == 1)
			wedge.value[LOG_CP0_STATUS] ^= 0x1000;
		if (wrong == 2)
			wedge.value[8] ^= 1;
		put(&metal, CODE, NOP);
		put(&wedge, CODE, NOP);
		compare_so(&m, &metal, &wedge);
		assert_int_equal(m.verdict, wrong ? MATCH_REGISTERS : MATCH_EQUAL);
	}
}

/* Two runs in windows are compared as they are, and what the second must see is known by its address elsewhere. */
static void two_guests_in_windows(void **state)
{
	static const struct log_place always[] = { { CODE - DELTA + 4, CODE - DELTA + 8 } };

	for (unsigned missed = 0; missed < 2; missed++) {
		struct run interpreted, native;
		struct match m;

		begin(&interpreted, "wedge --interpret", LOG_EVERYWHERE, NULL, 0, true);
		begin(&native, "wedge", 0, always, 1, true);
		for (unsigned i = 0; i < 3; i++) {
			put(&interpreted, CODE - DELTA + 4 * i, NOP);
			if (i != missed)
				put(&native, CODE - DELTA + 4 * i, NOP);
		}
		compare(&m, &interpreted, &native, NULL);
		assert_int_equal(m.verdict, missed ? MATCH_WAY : MATCH_EQUAL);
	}
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
		cmocka_unit_test(computed_registers),
		cmocka_unit_test(a_timer_is_late),
		cmocka_unit_test(burnt_code_in_a_register),
		cmocka_unit_test(at_is_scratch_behind_a_burnt_di),
		cmocka_unit_test(burnt_status_has_more_bits),
		cmocka_unit_test(two_guests_in_windows),
		cmocka_unit_test(the_first_must_see_everything),
		cmocka_unit_test(damaged_files),
	};

	return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
