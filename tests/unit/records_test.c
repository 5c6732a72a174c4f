/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reader of .afterburn records, with good input in both byte orders and with bad input of every kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/records.h"

#define HERE 0xffffffff80101230ull

static const struct afterburn_record a_site = {
	.version = AFTERBURN_VERSION, .kind = AFTERBURN_KIND_SITE, .size = RECORD_SIZE,
	.flags = AFTERBURN_FLAG_COMPLETE | AFTERBURN_FLAG_BLOCK_START, .address = HERE,
	.site = { .word = 0x40086000, .dead = 0x0300fffe, .insn = 1, .words = 2, .rt = 8, .rd = 12, .sel = 3,
		  .base = 5, .op = 21, .offset = -4, .width = 64 },
};

static const struct afterburn_record a_region = {
	.version = AFTERBURN_VERSION, .kind = AFTERBURN_KIND_KREGION, .size = RECORD_SIZE,
	.address = HERE + 8, .region = { .end = HERE + 32, .word = 0x401a6000 },
};

/* Reads bytes that are given back in a heap block of exactly this size, so that the sanitizer sees overruns. */
static int read_exactly(const uint8_t *bytes, size_t size, bool big, struct records *r, struct complaint *c)
{
	uint8_t *copy = malloc(size ? size : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	result = records__read(copy, size, big, r, c);
	free(copy);
	return result;
}

static void expect_bad(const uint8_t *bytes, size_t size, const char *line)
{
	struct complaint c;
	struct records r;

	assert_int_equal(read_exactly(bytes, size, false, &r, &c), -1);
	assert_string_equal(c.text, line);
	assert_null(r.record);
	assert_int_equal(r.count, 0);
}

static void test_both_byte_orders(void **state)
{
	for (int big = 0; big <= 1; big++) {
		uint8_t bytes[2 * RECORD_SIZE];
		struct complaint c;
		struct records r;

		records__write(bytes, &a_site, big);
		records__write(bytes + RECORD_SIZE, &a_region, big);
		assert_int_equal(read_exactly(bytes, sizeof(bytes), big, &r, &c), 0);
		assert_int_equal(r.count, 2);
		assert_int_equal(r.skipped, 0);
		assert_memory_equal(&r.record[0], &a_site, RECORD_SIZE);
		assert_memory_equal(&r.record[1], &a_region, RECORD_SIZE);
		records__free(&r);
		assert_null(r.record);
	}
}

static void test_bytes_of_little_endian(void **state)
{
	uint8_t bytes[RECORD_SIZE];

	records__write(bytes, &a_site, false);
	assert_int_equal(bytes[0], AFTERBURN_VERSION);
	assert_int_equal(bytes[2], RECORD_SIZE);
	assert_int_equal(bytes[3], 0);
	assert_int_equal(bytes[8], HERE & 0xff);
	records__write(bytes, &a_site, true);
	assert_int_equal(bytes[2], 0);
	assert_int_equal(bytes[3], RECORD_SIZE);
	assert_int_equal(bytes[15], HERE & 0xff);
}

static void test_empty(void **state)
{
	struct complaint c;
	struct records r;

	assert_int_equal(read_exactly((const uint8_t *)"", 0, false, &r, &c), 0);
	assert_int_equal(r.count, 0);
	records__sort(&r);
	records__free(&r);
}

static void test_every_truncation(void **state)
{
	uint8_t bytes[2 * RECORD_SIZE];

	records__write(bytes, &a_site, false);
	records__write(bytes + RECORD_SIZE, &a_region, false);
	for (size_t size = 1; size < sizeof(bytes); size++) {
		struct complaint c;
		struct records r;
		int result = read_exactly(bytes, size, false, &r, &c);

		assert_int_equal(result, size == RECORD_SIZE ? 0 : -1);
		records__free(&r);
	}
	expect_bad(bytes, 5, "record 0 at offset 0: only 5 bytes are left, a header takes 8");
	expect_bad(bytes, RECORD_SIZE + 12,
		   "record 1 at offset 0x28: size 40, but only 12 bytes are left of the section");
}

static void test_bad_headers(void **state)
{
	uint8_t bytes[RECORD_SIZE];
	struct afterburn_record r;

	r = a_site;
	r.version = 9;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: version 9, this program reads version 1");
	r = a_site;
	r.kind = 0;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: kind 0, kinds start at 1");
	r = a_site;
	r.size = 0;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: size 0, the header alone takes 8");
	r.size = 37;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: size 37 is not a multiple of 8");
	r.size = 32;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: size 32, a site record takes 40");
	r.size = 0xfff8;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: size 65528, but only 40 bytes are left of the section");
}

static void test_bad_contents(void **state)
{
	uint8_t bytes[RECORD_SIZE];
	struct afterburn_record r;

	r = a_site;
	r.address++;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes),
		   "record 0 at offset 0: address 0xffffffff80101231 is not that of an instruction");
	r = a_site;
	r.site.words = 0;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: a site of 0 words");
	r = a_site;
	r.site.base = 32;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: register above 31");
	r = a_region;
	r.region.end = HERE + 3;
	records__write(bytes, &r, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: end 0xffffffff80101233 is not a multiple of 4");
}

/* Kinds and fields that a later program may add are stepped over. */
static void test_unknown_kind_and_longer_record(void **state)
{
	uint8_t bytes[8 + RECORD_SIZE + 8 + RECORD_SIZE] = { AFTERBURN_VERSION, 77, 8 };
	struct complaint c;
	struct records r;
	struct afterburn_record longer = a_site;

	longer.size = RECORD_SIZE + 8;
	records__write(bytes + 8, &longer, false);
	records__write(bytes + 8 + RECORD_SIZE + 8, &a_region, false);
	assert_int_equal(read_exactly(bytes, sizeof(bytes), false, &r, &c), 0);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.skipped, 1);
	assert_int_equal(r.record[0].site.rt, 8);
	assert_int_equal(r.record[1].region.end, HERE + 32);
	records__free(&r);
}

/* A load or store is recorded as a site is, under a kind of its own. */
static void test_access(void **state)
{
	struct afterburn_record access = a_site;
	uint8_t bytes[RECORD_SIZE];
	struct complaint c;
	struct records r;

	access.kind = AFTERBURN_KIND_ACCESS;
	access.site.width = 8;
	for (int big = 0; big <= 1; big++) {
		records__write(bytes, &access, big);
		assert_int_equal(read_exactly(bytes, sizeof(bytes), big, &r, &c), 0);
		assert_int_equal(r.count, 1);
		assert_memory_equal(r.record, &access, sizeof(access));
		records__free(&r);
	}
	access.site.words = 0;
	records__write(bytes, &access, false);
	expect_bad(bytes, sizeof(bytes), "record 0 at offset 0: a site of 0 words");
}

static void test_sort(void **state)
{
	uint8_t bytes[2 * RECORD_SIZE];
	struct complaint c;
	struct records r;

	records__write(bytes, &a_region, false);
	records__write(bytes + RECORD_SIZE, &a_site, false);
	assert_int_equal(read_exactly(bytes, sizeof(bytes), false, &r, &c), 0);
	records__sort(&r);
	assert_int_equal(r.record[0].address, HERE);
	assert_int_equal(r.record[1].address, HERE + 8);
	records__free(&r);
}

/* No input of random bytes may be more than refused: the sanitizers watch. */
static void test_noise(void **state)
{
	uint8_t bytes[3 * RECORD_SIZE];
	uint32_t random = 1;

	for (int round = 0; round < 20000; round++) {
		struct complaint c;
		struct records r;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = random >> 24;
		}
		/* Half of them get past the first checks. */
		if (round & 1) {
			bytes[0] = AFTERBURN_VERSION;
			bytes[2] &= 0x78;
			bytes[3] = 0;
		}
		if (!read_exactly(bytes, random % sizeof(bytes), round & 2, &r, &c))
			records__free(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_byte_orders),
		cmocka_unit_test(test_bytes_of_little_endian),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_every_truncation),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_bad_contents),
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_unknown_kind_and_longer_record),
		cmocka_unit_test(test_sort),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
