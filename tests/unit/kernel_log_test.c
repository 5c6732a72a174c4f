// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The log of a kernel, read from a made-up one's RAM; and what one that lies gets from it.
 */
#include <stdio.h>

#include "tests/unit/cmocka_all.h"
#include "tests/unit/kernel_log_fixture.h"

static struct log_kernel k;

/* Number, time and text of each record, a line each; or the complaint. */
static const char *all_from(u64 from)
{
	static char got[0x20000];
	struct kernel_log_record r;
	struct kernel_log log;
	struct complaint c;
	char *to = got;

	*got = 0;
	if (kernel_log__open(&log, &k.image, &k.described, &k.windows, &c))
		strcpy(got, c.text);
	else
		while (kernel_log__next(&log, from, &r))
			to += sprintf(to, "%llu %llu <%u,%u> %s\n", (unsigned long long)r.seq, (unsigned long long)r.ns,
				      r.facility, r.level, r.text);
	return got;
}

static void nothing_yet(void **state)
{
	log_make(&k, true);
	assert_string_equal(all_from(0), "");
}

static void as_it_fills(void **state)
{
	for (unsigned little = 0; little < 2; little++) {
		log_make(&k, little);
		log_add(&k, 2, "Linux version 6.1");
		assert_string_equal(all_from(0), "0 0 <3,6> Linux version 6.1\n");
		log_add(&k, 1, "two\nlines");
		assert_string_equal(all_from(0), "0 0 <3,6> Linux version 6.1\n1 1000 <3,6> two\nlines\n");
		assert_string_equal(all_from(1), "1 1000 <3,6> two\nlines\n");
		assert_string_equal(all_from(2), "");
	}
}

/* Old ones go, positions and ids begin anew, and text that would cross the end lies at the beginning. */
static void many(void **state)
{
	char text[20], expected[200];

	log_make(&k, true);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "%0*u", i % 13 + 4, i);
		log_add(&k, 2, text);
		if (i < 3)
			continue;
		*expected = 0;
		for (unsigned j = i - 3; j <= i; j++)
			sprintf(expected + strlen(expected), "%u %u <3,6> %0*u\n", j, 1000 * j, j % 13 + 4, j);
		assert_string_equal(all_from(0), expected);
	}
}

static void what_is_not_there(void **state)
{
	log_make(&k, true);
	log_add(&k, 2, "a");
	log_add(&k, 0, "reserved");
	log_add(&k, 3, "reusable");
	assert_string_equal(all_from(0), "0 0 <3,6> a\n");
	log_make(&k, true);
	log_add(&k, 2, "");
	log_add(&k, 2, "lost");
	log_put(&k, LOG_DESCS + 8, 3, 64);
	log_put(&k, LOG_DESCS + 16, 3, 64);
	log_put(&k, LOG_DESCS + 24 + 8, 1, 64);
	log_put(&k, LOG_DESCS + 24 + 16, 1, 64);
	assert_string_equal(all_from(0), "0 0 <3,6> \n");
}

static void what_a_terminal_would_obey(void **state)
{
	log_make(&k, true);
	log_add(&k, 2, "\033[2J\t\302\265s\177 \\");
	assert_string_equal(all_from(0), "0 0 <3,6> \\x1b[2J\t\\xc2\\xb5s\\x7f \\\n");
}

#define RING(OFFSET, VALUE, BITS) \
	do { \
		log_make(&k, true); \
		log_add(&k, 2, "a"); \
		log_put(&k, LOG_RING + OFFSET, VALUE, BITS); \
		assert_non_null(strstr(all_from(0), "the guest has overwritten it")); \
	} while (0)

static void a_ring_that_lies(void **state)
{
	RING(0, 0, 32);
	RING(0, 19, 32);
	RING(0, ~0u, 32);
	RING(0, 15, 32);		/* more than there is RAM */
	RING(8, 0, 64);
	RING(8, WINDOW_CKSEG0 + LOG_RAM - 8, 64);
	RING(8, WINDOW_CKSEG0 - 8, 64);
	RING(8, WINDOW_PHYSMAP + 0x410000000ull, 64);
	RING(16, ~0ull, 64);
	RING(16, 0xc000000000000000ull, 64);
	RING(48, 3, 32);
	RING(48, 24, 32);
	RING(48, ~0u, 32);
	RING(56, 0x1000, 64);
	RING(56, IMAGE_CKSEG0 + LOG_RAM - LOG_TEXT + 1, 64);
	log_make(&k, true);
	log_put(&k, LOG_POINTER, 0, 64);
	assert_non_null(strstr(all_from(0), "'prb' leads to where there is no RAM"));
	k.symbol.name = "_text";
	assert_non_null(strstr(all_from(0), "no symbol 'prb'"));
}

#define RECORD(AT, VALUE, BITS) \
	do { \
		log_make(&k, true); \
		log_add(&k, 2, "abcdefgh"); \
		log_put(&k, AT, VALUE, BITS); \
		assert_string_equal(all_from(0), ""); \
	} while (0)

static void records_that_lie(void **state)
{
	RECORD(LOG_DESCS, 1, 64);			/* of another id */
	RECORD(LOG_DESCS + 8, LOG_POSITION + 4, 64);
	RECORD(LOG_DESCS + 8, LOG_POSITION + 16, 64);	/* no room */
	RECORD(LOG_DESCS + 8, 0, 64);
	RECORD(LOG_DESCS + 16, LOG_POSITION, 64);
	RECORD(LOG_DESCS + 16, LOG_POSITION + 20, 64);
	RECORD(LOG_DESCS + 16, 8, 64);			/* the one at the beginning is as short */
	RECORD(LOG_DESCS + 16, 0x1000, 64);
	RECORD(LOG_INFOS + 16, 9, 16);			/* longer than its place */
	RECORD(LOG_INFOS + 16, 0xffff, 16);
	RECORD(LOG_RING + 24, LOG_ID, 64);		/* a head that is not there yet */
}

/* All that ids can be from tail to head: each record is looked at once. */
static void no_end(void **state)
{
	log_make(&k, true);
	for (unsigned i = 0; i < 10; i++)
		log_add(&k, 2, "a");
	log_put(&k, LOG_RING + 32, k.head + 1, 64);
	assert_string_equal(all_from(0), "");
	log_put(&k, LOG_RING + 32, 0, 64);
	log_put(&k, LOG_RING + 24, (1ull << 62) - 1, 64);
	all_from(0);
}

static void a_long_one(void **state)
{
	static struct log_kernel big;
	struct kernel_log_record r;
	struct kernel_log log;
	struct complaint c;

	log_make(&big, true);
	log_add(&big, 2, "a");
	log_put(&big, LOG_RING + 48, 12, 32);
	log_put(&big, LOG_RING + 56, WINDOW_CKSEG0 + 0x1000, 64);
	log_put(&big, LOG_DESCS + 8, 0, 64);
	log_put(&big, LOG_DESCS + 16, 0x800, 64);
	log_put(&big, LOG_INFOS + 16, 0x7f8, 16);
	assert_false(kernel_log__open(&log, &big.image, &big.described, &big.windows, &c));
	assert_true(kernel_log__next(&log, 0, &r));
	assert_int_equal(strlen(r.text), 4 * KERNEL_LOG_LINE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_yet),
		cmocka_unit_test(as_it_fills),
		cmocka_unit_test(many),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(what_a_terminal_would_obey),
		cmocka_unit_test(a_ring_that_lies),
		cmocka_unit_test(records_that_lie),
		cmocka_unit_test(no_end),
		cmocka_unit_test(a_long_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
