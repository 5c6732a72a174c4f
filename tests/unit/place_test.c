// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the Wedge may lie: whatever is drawn fits, and both ends of the room are drawn; nothing that is in the way, or outside, fits.
 */
#include "tests/unit/cmocka_all.h"
#include "wedge/core/layout.h"
#include "wedge/host/place.h"

#define SIZE	0x31a000ull

static const u64 ends[] = { 1ull << 40, 1ull << 42, 1ull << 47, 1ull << 48 };

static void the_table_is_sorted_and_nothing_overlaps(void **state)
{
	struct area r[PLACE_FIXED];

	for (unsigned e = 0; e < ARRAY_SIZE(ends); e++) {
		place__fixed(r, ends[e]);
		for (unsigned i = 0; i < PLACE_FIXED; i++) {
			assert_true(r[i].size && r[i].name && r[i].why);
			assert_true(!i || r[i - 1].start + r[i - 1].size <= r[i].start);
		}
		assert_int_equal(r[PLACE_FIXED - 1].start + r[PLACE_FIXED - 1].size, ends[e]);
	}
}

static void ends_fit_and_what_is_beyond_does_not(void **state)
{
	for (unsigned e = 0; e < ARRAY_SIZE(ends); e++) {
		u64 end = ends[e], highest = place__highest(SIZE, end);

		assert_true(place__fits(place__lowest(), SIZE, end));
		assert_true(place__fits(highest, SIZE, end));
		assert_false(place__fits(place__lowest() - PLACE_ALIGN, SIZE, end));
		assert_false(place__fits(highest + PLACE_ALIGN, SIZE, end));
		assert_false(place__fits(place__lowest() + PLACE_ALIGN / 2, SIZE, end));
		assert_false(place__fits(VCPU_STATE, SIZE, end));
		assert_false(place__fits(VCPU_STATE - PLACE_ALIGN, SIZE, end));
		assert_true(place__fits(VCPU_STATE - (SIZE + PLACE_ALIGN - 1) / PLACE_ALIGN * PLACE_ALIGN, SIZE, end));
		assert_false(place__fits(0, SIZE, end));
		assert_false(place__fits(GUEST_USER_BASE, SIZE, end));
		assert_false(place__fits(end, SIZE, end));
		assert_false(place__fits(place__lowest(), 0, end));
		assert_false(place__fits(place__lowest(), ~0ull, end));
		assert_false(place__fits(~0ull & ~(PLACE_ALIGN - 1), SIZE, end));
	}
}

static void what_is_drawn_fits(void **state)
{
	for (unsigned e = 0; e < ARRAY_SIZE(ends); e++) {
		u64 end = ends[e], random = 1;

		assert_int_equal(place__choose(0, SIZE, end), place__lowest());
		for (unsigned i = 0; i < 100000; i++) {
			random = random * 0x5851f42d4c957f2dull + 0x14057b7ef767814full;
			assert_true(place__fits(place__choose(random, SIZE, end), SIZE, end));
		}
	}
	assert_int_equal(place__choose(5, 1ull << 39, 1ull << 40), 0);
}

/* Each number is a place of its own, from the lowest to the highest, and then they begin again. */
static void each_place_is_drawn_once(void **state)
{
	u64 end = 1ull << 40, size = 1ull << 30, last = 0, n = 0;

	for (;; n++) {
		u64 at = place__choose(n, size, end);

		if (n && at == place__lowest())
			break;
		assert_true(at > last);
		last = at;
	}
	assert_int_equal(last, place__highest(size, end));
	assert_true(n > 500000);
}

static void areas_are_sorted(void **state)
{
	struct area r[] = { { "c", 30, 5, "" }, { "in b", 10, 5, "" }, { "b", 10, 20, "" }, { "a", 0, 1, "" } };
	static const char *const names[] = { "a", "b", "in b", "c" };

	place__sort(r, ARRAY_SIZE(r));
	for (unsigned i = 0; i < ARRAY_SIZE(r); i++)
		assert_string_equal(r[i].name, names[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_nothing_overlaps),
		cmocka_unit_test(ends_fit_and_what_is_beyond_does_not),
		cmocka_unit_test(what_is_drawn_fits),
		cmocka_unit_test(each_place_is_drawn_once),
		cmocka_unit_test(areas_are_sorted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
