// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What a kernel says of its page tables is believed only if it can be.
 */
#include "tests/unit/cmocka_all.h"
#include "wedge/load/page-tables.h"

static const struct afterburn_page_tables linux_has = {
	.root_shift = 11, .levels = 3, .level = { { 30, 9 }, { 21, 9 }, { 12, 9 } }, .entrylo_shift = 9,
	.no_read = 256, .no_exec = 128, .present = 1, .write = 2, .accessed = 4, .modified = 8, .huge = 16,
};

static void what_linux_has(void **state)
{
	struct afterburn_page_tables f = linux_has;

	assert_true(page_tables__fit(&f));
	f.huge = 0;
	assert_true(page_tables__fit(&f));
	f.levels = 2;		/* pages of 64 KB */
	f.level[0].shift = 29;
	f.level[1].shift = 16;
	f.level[0].bits = f.level[1].bits = 13;
	assert_true(page_tables__fit(&f));
}

#define BAD(FIELD, VALUE) \
	do { \
		struct afterburn_page_tables f = linux_has; \
		f.FIELD = VALUE; \
		assert_false(page_tables__fit(&f)); \
	} while (0)

static void what_cannot_be(void **state)
{
	BAD(levels, 0);
	BAD(levels, 5);
	BAD(levels, ~0ull);
	BAD(levels, 4);		/* the last has no bits */
	BAD(level[0].shift, 31);
	BAD(level[0].bits, 0);
	BAD(level[0].bits, 40);
	BAD(level[1].bits, 8);
	BAD(level[2].shift, 11);
	BAD(level[2].shift, 17);
	BAD(level[2].bits, 64);
	BAD(level[2].bits, 3);
	BAD(root_shift, 24);
	BAD(root_shift, ~0ull);
	BAD(entrylo_shift, 32);
	BAD(no_read, 3);
	BAD(no_exec, 0);
	BAD(present, 0);
	BAD(write, 6);
	BAD(accessed, 0);
	BAD(modified, ~0ull);
	BAD(huge, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_linux_has),
		cmocka_unit_test(what_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
