// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Stolen time: what the processes of a core have waited for, as far as the core had time that it did not use.
 */
#include <stdlib.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/monitor/stolen.h"

#define MS	1000000ull

static struct stolen_core c;

/* Anything, of any size. */
static u64 any(void)
{
	return ((u64)rand() << 42 ^ (u64)rand() << 21 ^ rand()) >> rand() % 64;
}

/* At a time, all in ms: asleep for so long, and two processes. */
static u64 look(u64 now, u64 slept, u64 ran, u64 waited, u64 ran_2, u64 waited_2)
{
	const struct stolen_reading r[] = { { 10, ran * MS, waited * MS }, { 11, ran_2 * MS, waited_2 * MS } };

	assert_int_equal(stolen__account(&c, now * MS, slept * MS, r, 2), 0);
	return c.ns / MS;
}

static void a_busy_core_among_others(void **state)
{
	assert_int_equal(look(1000, 0, 500, 400, 0, 0), 0);	/* what was before is not known */
	assert_int_equal(look(2000, 0, 1000, 900, 0, 0), 500);
	/* Half of a second asleep, a quarter of it at work, the other quarter waiting: in either process. */
	assert_int_equal(look(3000, 500, 1100, 1000, 150, 150), 750);
	stolen__close(&c);
	assert_int_equal(c.ns, 0);
}

/* Process 1 wakes process 2, which waits until that sleeps: no time that anybody else has had. */
static void processes_that_wait_for_each_other(void **state)
{
	look(1000, 0, 0, 0, 0, 0);
	assert_int_equal(look(2000, 0, 500, 200, 500, 300), 0);
	assert_int_equal(look(3000, 100, 900, 400, 900, 600), 100);
	stolen__close(&c);
}

/* The Host says what was waited for when that is over. */
static void a_wait_that_is_longer_than_a_period(void **state)
{
	look(1000, 0, 0, 0, 0, 0);
	assert_int_equal(look(2000, 0, 0, 0, 0, 0), 0);
	assert_int_equal(look(3000, 0, 300, 1700, 0, 0), 1700);
	/* But a time without work is not kept for ever. */
	assert_int_equal(look(4000, 0, 300, 1700, 0, 0), 1700);
	assert_int_equal(look(5000, 0, 300, 1700, 0, 0), 1700);
	assert_int_equal(look(6000, 0, 1300, 5000, 0, 0), 2700);
	stolen__close(&c);
}

static void processes_that_come_and_go(void **state)
{
	const struct stolen_reading first[] = { { 10, 0, 0 }, { 12, 0, 500 * MS }, { 13, 0, 0 } };
	const struct stolen_reading then[] = { { 10, 0, 0 }, { 13, 0, 50 * MS }, { 20, 0, 100 * MS } };

	assert_int_equal(stolen__account(&c, 1000 * MS, 0, first, 3), 0);
	assert_int_equal(stolen__account(&c, 2000 * MS, 0, then, 3), 0);
	assert_int_equal(c.ns, 150 * MS);
	assert_int_equal(stolen__account(&c, 3000 * MS, 0, then, 0), 0);
	assert_int_equal(c.ns, 150 * MS);
	stolen__close(&c);
}

/* How long a core has slept is its own word, and the Host's clocks are not one: never is more stolen than has passed. */
static void whatever_is_said(void **state)
{
	u64 now = 1000 * MS;

	for (unsigned i = 0; i < 20000; i++) {
		struct stolen_reading r[3];
		const unsigned count = rand() % 4;
		const u64 before = c.ns, looked = c.looked_ns, spare = c.spare_ns;

		for (unsigned j = 0; j < count; j++)
			r[j] = (struct stolen_reading){ 1 + rand() % 4, any(), any() };
		now += rand() % 2000 * MS;
		assert_int_equal(stolen__account(&c, now, any(), r, count), 0);
		assert_true(c.ns >= before && c.ns - before <= now - looked + spare);
	}
	stolen__close(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_busy_core_among_others), cmocka_unit_test(processes_that_wait_for_each_other),
		cmocka_unit_test(a_wait_that_is_longer_than_a_period), cmocka_unit_test(processes_that_come_and_go), cmocka_unit_test(whatever_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
