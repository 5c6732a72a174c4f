// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random numbers: as many as were asked for but not more at once than the rate allows, the same ones where they are to be, and no
 * answer to nonsense.
 */
#include <unistd.h>

#include "tests/unit/virtio_fixture.h"
#include "wedge/device/rng.h"

static struct fixture f;
static struct complaint c;

static void begin(const char *spec, u64 seed)
{
	fixture_open(&f, rng__new(spec, seed, &c));
	fixture_negotiate(&f, 0);
	fixture_set_queue(&f, 0, 8);
	fixture_start(&f);
}

static u32 ask(u64 pa, u32 size)
{
	const struct fixture_part part[] = { IN(pa, size) };
	u32 written;

	fixture_add(&f, 0, part, 1);
	fixture_kick(&f);
	return fixture_used(&f, 0, NULL, &written) ? written : 0;
}

static void numbers(void **state)
{
	u8 nothing[64] = { 0 };

	begin("bps=0", 0);
	assert_int_equal(f.slot.id, 4);
	assert_int_equal(ask(FIXTURE_DATA, 64), 64);
	assert_memory_not_equal(f.ram.base + FIXTURE_DATA, nothing, 64);
	assert_int_equal(f.ram.base[FIXTURE_DATA + 64], 0);
	assert_int_equal(f.interrupts, 1);
	assert_int_equal(ask(FIXTURE_DATA, 0x80000), 0x10000);	/* a short answer is one */
	fixture_close(&f);
}

static void the_same_numbers(void **state)
{
	u8 before[64];

	begin("", 1);
	assert_int_equal(ask(FIXTURE_DATA, 64), 64);
	memcpy(before, f.ram.base + FIXTURE_DATA, 64);
	fixture_close(&f);
	begin("", 1);
	assert_int_equal(ask(FIXTURE_DATA, 64), 64);
	assert_memory_equal(f.ram.base + FIXTURE_DATA, before, 64);
	fixture_close(&f);
}

static void no_more_than_the_rate(void **state)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;

	begin("bps=8K", 1);
	assert_int_equal(ask(FIXTURE_DATA, 0x10000), 1024);	/* an eighth of a second, */
	assert_int_equal(ask(FIXTURE_DATA, 0x10000), 0);	/* which has to pass. */
	f.device->ops->wants(f.device, fds, &ns);
	assert_in_range(ns, 1000000, 125000000);
	fixture_close(&f);
}

/* While it is early the driver is not asked to tell: so it is looked again by the clock, or what comes meanwhile would never be seen. */
static void what_comes_while_it_is_early(void **state)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;

	begin("bps=64K", 1);
	assert_int_equal(ask(FIXTURE_DATA, 0x10000), 8192);
	fixture_kick(&f);
	f.device->ops->wants(f.device, fds, &ns);
	assert_in_range(ns, 0, 125000000);
	usleep(ns / 1000);
	fixture_kick(&f);
	ns = DEVICE_FOREVER;
	f.device->ops->wants(f.device, fds, &ns);
	assert_true(ns == DEVICE_FOREVER);
	fixture_close(&f);
}

static void nonsense(void **state)
{
	const struct fixture_part read[] = { OUT(FIXTURE_DATA, 16) }, both[] = { OUT(FIXTURE_DATA, 16), IN(FIXTURE_DATA, 16) },
		none[] = { IN(FIXTURE_DATA, 0) };
	const struct fixture_part *const parts[] = { read, both, none };

	begin("", 1);
	for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
		fixture_add(&f, 0, parts[i], i == 1 ? 2 : 1);
		fixture_kick(&f);
		assert_true(fixture_is_broken(&f));
		assert_false(fixture_used(&f, 0, NULL, NULL));
		fixture_negotiate(&f, 0);
		fixture_set_queue(&f, 0, 8);
		fixture_start(&f);
	}
	assert_int_equal(ask(FIXTURE_DATA, 5), 5);
	fixture_close(&f);
}

static void what_the_user_says(void **state)
{
	assert_null(rng__new("fast", 0, &c));
	assert_string_equal(c.text, "--rng: 'fast' is none of bps= (a comma in a name is written as two)");
	assert_null(rng__new("bps=much", 0, &c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(the_same_numbers),
		cmocka_unit_test(no_more_than_the_rate),
		cmocka_unit_test(what_comes_while_it_is_early),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(what_the_user_says),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
