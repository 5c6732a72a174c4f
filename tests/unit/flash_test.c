// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Board's boot bus: the flash's commands, as drivers give them and as they should not; and the local memory.
 */
#include <string.h>

#include "lib/complain.h"
#include "tests/unit/board_fixture.h"

#define SIZE		0x40000u
#define BASE		(0x1fc00000u - SIZE)
#define SECTOR		BOARD_FLASH_SECTOR
#define VECTOR		0x1fc00000ull

struct chip {
	struct fixture f;
	struct board_config config;
	uint8_t bytes[SIZE];
	uint32_t written_at, written_size, writes;
};

static void chip_written(void *user, uint32_t offset, uint32_t size)
{
	struct chip *c = user;

	assert_true(size && offset < c->config.flash_size && size <= c->config.flash_size - offset);
	c->written_at = offset;
	c->written_size = size;
	c->writes++;
}

static void chip_nmi(void *user, unsigned core)
{
	((struct chip *)user)->f.nmis |= 1u << core;
}

static struct chip *chip_open(bool little, bool readonly, uint32_t size)
{
	static const struct board_callbacks callbacks = { .flash_written = chip_written, .nmi = chip_nmi };
	struct chip *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	memset(c->bytes, 0xff, sizeof(c->bytes));
	c->config = (struct board_config){
		.cores = 1, .ram_size = 256 << 20, .clock_hz = 500000000, .little_endian = little, .random_seed = 1,
		.flash_size = size, .flash_readonly = readonly, .flash = size ? c->bytes : NULL,
	};
	c->f.board = board__new(&c->config, &callbacks, c);
	assert_non_null(c->f.board);
	return c;
}

static void chip_close(struct chip *c)
{
	board__free(c->f.board);
	free(c);
}

/* As the driver does: 16 bits, at an address that a little-endian kernel flips. */
static uint64_t word_address(const struct chip *c, uint32_t offset)
{
	return BASE + (c->config.little_endian ? offset ^ 6 : offset);
}

static void put(struct chip *c, uint32_t offset, uint16_t data)
{
	board__write(c->f.board, word_address(c, offset), 2, data);
}

static uint16_t look(struct chip *c, uint32_t offset)
{
	return board__read(c->f.board, word_address(c, offset), 2);
}

/* The word that these two bytes of memory are for the guest. */
static uint16_t of_bytes(const struct chip *c, const uint8_t *p)
{
	return c->config.little_endian ? p[0] | p[1] << 8 : p[0] << 8 | p[1];
}

static void unlock(struct chip *c, uint16_t command)
{
	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2aa, 0x55);
	put(c, 2 * 0x555, command);
}

static void program(struct chip *c, uint32_t offset, uint16_t data)
{
	unlock(c, 0xa0);
	put(c, offset, data);
}

static void erase(struct chip *c, uint32_t offset)
{
	unlock(c, 0x80);
	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2aa, 0x55);
	put(c, offset, 0x30);
}

#define IN_BOTH_ORDERS(c) \
	for (int little = 0; little < 2; little++) \
		for (struct chip *c = chip_open(little, false, SIZE); c; chip_close(c), c = NULL)

static void a_driver_finds_it(void **state)
{
	IN_BOTH_ORDERS(c) {
		assert_int_equal(get(&c->f, MIO_BOOT_REG_CFGX(0)) & 0xffff, BASE >> 16);
		assert_true(get(&c->f, MIO_BOOT_REG_CFGX(0)) & 1ull << 31);
		assert_true(get(&c->f, MIO_BOOT_REG_CFGX(0)) & 1ull << 28);
		put(c, 2 * 0x55, 0x98);
		assert_int_equal(look(c, 2 * 0x10), 'Q');
		assert_int_equal(look(c, 2 * 0x11), 'R');
		assert_int_equal(look(c, 2 * 0x12), 'Y');
		assert_int_equal(look(c, 2 * 0x13), 2);
		assert_int_equal(look(c, 2 * 0x15), 0x40);
		assert_int_equal(1u << look(c, 2 * 0x27), SIZE);
		assert_int_equal(look(c, 2 * 0x2d) + 1, SIZE / SECTOR);
		assert_int_equal(look(c, 2 * 0x40), 'P');
		assert_int_equal(look(c, 2 * 0xff), 0);
		put(c, 0, 0xf0);
		assert_int_equal(look(c, 2 * 0x10), 0xffff);
		unlock(c, 0x90);
		assert_int_equal(look(c, 0), 1);
		assert_int_equal(look(c, 2), 0x227e);
		put(c, 0, 0x55);		/* nothing that it knows */
		assert_int_equal(look(c, SECTOR + 4), 0);
		put(c, 0, 0xf0);
		assert_int_equal(c->writes, 0);
	}
}

static void what_is_programmed_is_there(void **state)
{
	static const uint8_t text[] = "0123456789abcdef";

	IN_BOTH_ORDERS(c) {
		for (unsigned i = 0; i < 16; i += 2) {
			program(c, 0x120 + i, of_bytes(c, text + i));
			assert_int_equal(c->written_at, 0x120 + i);
			assert_int_equal(look(c, 0x120 + i), of_bytes(c, text + i));
		}
		assert_memory_equal(c->bytes + 0x120, text, 16);
		/* What memcpy() does: any width but that of the chip, at any place, bytes in the order of memory. */
		for (unsigned at = 0; at < 8; at++)
			for (unsigned size = 1; size <= 8; size *= 2) {
				uint64_t value = board__read(c->f.board, BASE + 0x120 + at, size);

				for (unsigned i = 0; i < size && (size != 2 || at % 2); i++)
					assert_int_equal(value >> 8 * (little ? i : size - 1 - i) & 0xff, text[at + i]);
			}
		/* Ones become zeroes, and never the other way. */
		program(c, 0x120, 0xffff);
		assert_memory_equal(c->bytes + 0x120, text, 16);
		program(c, 0x120, 0x00f0);
		assert_int_equal(look(c, 0x120), of_bytes(c, text) & 0x00f0);
		erase(c, 0x100);
		assert_int_equal(c->written_at, 0);
		assert_int_equal(c->written_size, SECTOR);
		assert_int_equal(look(c, 0x120), 0xffff);
	}
}

static void sectors_are_erased(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);

	memset(c->bytes, 0, SIZE);
	erase(c, SECTOR + 0x1234);
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(look(c, i * SECTOR + SECTOR - 2), i == 1 ? 0xffff : 0);
	/* More of them in one command, until somebody looks. */
	erase(c, 0);
	put(c, 3 * SECTOR, 0x30);
	assert_int_equal(c->bytes[0], 0xff);
	assert_int_equal(c->bytes[3 * SECTOR], 0xff);
	look(c, 0);
	put(c, 2 * SECTOR, 0x30);
	assert_int_equal(c->bytes[2 * SECTOR], 0);
	put(c, 0, 0xb0);			/* suspend what is done */
	assert_int_equal(look(c, 0), 0xffff);
	memset(c->bytes, 0, SIZE);
	unlock(c, 0x80);
	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2aa, 0x55);
	put(c, 2 * 0x555, 0x10);
	for (unsigned i = 0; i < SIZE; i += 0x1000)
		assert_int_equal(c->bytes[i], 0xff);
	assert_int_equal(c->written_size, SIZE);
	chip_close(c);
}

static void start_buffer(struct chip *c, uint32_t offset, unsigned words)
{
	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2aa, 0x55);
	put(c, offset, 0x25);
	put(c, offset, words - 1);
}

static void a_buffer_is_programmed(void **state)
{
	IN_BOTH_ORDERS(c) {
		uint8_t expected[32];

		memset(expected, 0xff, 32);
		start_buffer(c, SECTOR + 0x40, 16);
		for (unsigned i = 0; i < 16; i++) {
			expected[2 * i] = i;
			put(c, SECTOR + 0x40 + 2 * i, of_bytes(c, expected + 2 * i));
		}
		assert_int_equal(c->writes, 0);
		put(c, SECTOR, 0x29);
		assert_int_equal(c->writes, 1);
		assert_memory_equal(c->bytes + SECTOR + 0x40, expected, 32);
		/* Some words of a page; what else is in it stays. */
		start_buffer(c, SECTOR + 0x40, 1);
		put(c, SECTOR + 0x4e, 0);
		put(c, SECTOR, 0x29);
		expected[14] = expected[15] = 0;
		assert_memory_equal(c->bytes + SECTOR + 0x40, expected, 32);
	}
}

static void assert_aborted(struct chip *c)
{
	uint16_t first = look(c, 0), second = look(c, 0);

	assert_int_equal(first ^ second, 0x40);
	assert_true(first & 2);
	put(c, 0, 0x29);
	unlock(c, 0xf0);
	assert_int_equal(look(c, 0), 0xffff);
	assert_int_equal(c->writes, 0);
}

static void a_wrong_buffer_is_aborted(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);

	start_buffer(c, 0, 17);
	assert_aborted(c);
	start_buffer(c, 0, 2);
	put(c, 0, 0);
	put(c, 0x20, 0);		/* another page */
	assert_aborted(c);
	start_buffer(c, 0, 1);
	put(c, SECTOR, 0);		/* another sector */
	assert_aborted(c);
	start_buffer(c, 0, 1);
	put(c, 0, 0);
	put(c, 0, 0x30);		/* no confirmation */
	assert_aborted(c);
	start_buffer(c, 0, 1);
	put(c, 0, 0xf0);		/* data, which is no reset */
	put(c, SECTOR, 0x29);		/* confirmed for another sector */
	assert_aborted(c);
	unlock(c, 0x25);
	put(c, SECTOR, 0);		/* the count for another sector than 0x555 is in */
	assert_aborted(c);
	chip_close(c);
}

static void commands_that_are_none(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);

	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2ab, 0x55);
	put(c, 2 * 0x555, 0xa0);
	put(c, 0, 0);
	put(c, 0, 0x30);
	put(c, 2 * 0x555, 0x10);
	unlock(c, 0x80);
	put(c, 0, 0x30);
	unlock(c, 0x80);
	put(c, 2 * 0x555, 0xaa);
	put(c, 0, 0x30);
	unlock(c, 0x80);
	put(c, 2 * 0x555, 0xaa);
	put(c, 2 * 0x2aa, 0x55);
	put(c, 0, 0x10);		/* not where it should be */
	unlock(c, 0x77);
	put(c, 0, 0);
	/* A byte is no word, nor is what lies across two. */
	unlock(c, 0xa0);
	board__write(c->f.board, BASE, 1, 0);
	board__write(c->f.board, BASE + 1, 2, 0);
	board__write(c->f.board, BASE + 3, 8, 0);
	assert_int_equal(c->writes, 0);
	/* But a wide one is several. */
	board__write(c->f.board, BASE + SIZE - 2, 4, 0x98aa1234);
	assert_int_equal(c->writes, 1);
	assert_int_equal(c->bytes[SIZE - 2], 0x34);
	assert_int_equal(c->bytes[SIZE - 1], 0x12);
	chip_close(c);
}

static void bypass(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);

	unlock(c, 0x20);
	put(c, 0, 0xa0);
	put(c, 4, 0x1234);
	put(c, 0, 0xa0);
	put(c, 6, 0x5678);
	assert_int_equal(look(c, 4), 0x1234);
	assert_int_equal(look(c, 6), 0x5678);
	put(c, 2 * 0x55, 0x98);		/* not now */
	assert_int_equal(look(c, 2 * 0x10), 0xffff);
	put(c, 0, 0x90);
	put(c, 0, 0x00);
	put(c, 0, 0xa0);
	put(c, 8, 0);
	assert_int_equal(look(c, 8), 0xffff);
	chip_close(c);
}

static void one_that_is_protected(void **state)
{
	struct chip *c = chip_open(true, true, SIZE);

	program(c, 0, 0);
	erase(c, 0);
	start_buffer(c, 0, 1);
	put(c, 0, 0);
	put(c, 0, 0x29);
	assert_int_equal(look(c, 0), 0xffff);
	unlock(c, 0x90);
	assert_int_equal(look(c, 4), 1);
	assert_int_equal(c->writes, 0);
	chip_close(c);
}

static void a_reset_brings_the_array_back(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);

	program(c, 0x20, 0x4321);
	put(c, 2 * 0x55, 0x98);
	set(&c->f, MIO_BOOT_REG_CFGX(0), 0);
	board__reset(c->f.board);
	assert_int_equal(look(c, 0x20), 0x4321);
	chip_close(c);
}

static void it_is_where_the_register_says(void **state)
{
	struct chip *c = chip_open(true, false, SIZE);
	uint64_t cfg = get(&c->f, MIO_BOOT_REG_CFGX(0));

	c->bytes[0] = 0x12;
	assert_int_equal(board__read(c->f.board, BASE, 1), 0x12);
	assert_int_equal(board__read(c->f.board, BOARD_IO_BIT | BASE, 1), 0x12);
	assert_int_equal(board__read(c->f.board, VECTOR, 1), 0x12);	/* its alias, where cores begin */
	assert_int_equal(board__read(c->f.board, BASE + SIZE - 4, 8) >> 32, 0xffffff12);
	assert_true(board__executes(c->f.board, BASE));
	set(&c->f, MIO_BOOT_REG_CFGX(0), cfg & ~(1ull << 31));
	assert_int_equal(board__read(c->f.board, BASE, 1), 0);
	assert_false(board__executes(c->f.board, BASE));
	set(&c->f, MIO_BOOT_REG_CFGX(0), 1ull << 31 | 0x1000);
	assert_int_equal(board__read(c->f.board, 0x10000000, 1), 0x12);
	assert_int_equal(board__read(c->f.board, 0x10010000, 1), 0);
	set(&c->f, MIO_BOOT_REG_CFGX(0), ~0ull);
	assert_int_equal(board__read(c->f.board, 0xffff0000, 1), 0);
	chip_close(c);

	c = chip_open(true, false, 0);
	set(&c->f, MIO_BOOT_REG_CFGX(0), 1ull << 31 | 0x1000);
	assert_int_equal(board__read(c->f.board, 0x10000000, 8), 0);
	board__write(c->f.board, 0x10000000, 8, 0);
	chip_close(c);
}

/* As cvmx_boot_vector_init() of Linux fills it. */
static void the_local_memory(void **state)
{
	IN_BOTH_ORDERS(c) {
		assert_false(board__takes_nmi(c->f.board));
		for (unsigned i = 0; i < 16; i++) {
			set(&c->f, MIO_BOOT_LOC_ADR, i * 8);
			set(&c->f, MIO_BOOT_LOC_DAT, 0x1111111122222222ull * (i & 1) + i);
		}
		set(&c->f, MIO_BOOT_LOC_CFGX(0), 0x81fc0000);
		assert_true(board__takes_nmi(c->f.board));
		assert_true(board__executes(c->f.board, VECTOR + 0x7c));
		assert_int_equal(board__read(c->f.board, VECTOR + 0x78, 8), 0x1111111122222222ull + 15);
		assert_int_equal(board__read(c->f.board, VECTOR + 8, 4), little ? 0x22222223 : 0x11111111);
		board__write(c->f.board, VECTOR + 8, 8, 0);
		assert_int_equal(board__read(c->f.board, VECTOR + 12, 4), little ? 0x11111111 : 0x22222223);
		assert_int_equal(board__read(c->f.board, VECTOR + 0x80, 4), 0xffffffff);	/* the flash behind it */
		board__read(c->f.board, VECTOR + 1, 8);
		/* Both registers go on by themselves, and round. */
		set(&c->f, MIO_BOOT_LOC_ADR, ~0ull);
		assert_int_equal(get(&c->f, MIO_BOOT_LOC_ADR), 0xf8);
		get(&c->f, MIO_BOOT_LOC_DAT);
		assert_int_equal(get(&c->f, MIO_BOOT_LOC_DAT), 0);
		assert_int_equal(get(&c->f, MIO_BOOT_LOC_DAT), 0x1111111122222223ull);
		/* The other half, elsewhere. */
		set(&c->f, MIO_BOOT_LOC_CFGX(1), 0x81000000);
		set(&c->f, MIO_BOOT_LOC_ADR, 0x88);
		set(&c->f, MIO_BOOT_LOC_DAT, 77);
		assert_int_equal(board__read(c->f.board, 0x10000008, 8), 77);
		board__reset(c->f.board);
		assert_false(board__takes_nmi(c->f.board));
	}
}

/* What a flash begins with, as bytes, and in which order the cores would have to be: -1 is none. */
static void what_a_boot_loader_begins_with(void **state)
{
	static const struct {
		uint8_t bytes[4];
		int order;
	} rows[] = {
		{ { 0x3f, 0x01, 0x00, 0x10 }, 1 }, { { 0x10, 0x00, 0x01, 0x3f }, 0 },	/* b: as U-Boot's */
		{ { 0x3f, 0x01, 0x11, 0x04 }, 1 }, { { 0x04, 0x11, 0x01, 0x3f }, 0 },	/* bal */
		{ { 0x40, 0x00, 0xf0, 0x0b }, 1 }, { { 0x0b, 0xf0, 0x00, 0x40 }, 0 },	/* j to 0xbfc00100 */
		{ { 0x40, 0x00, 0xf0, 0x0f }, 1 }, { { 0x0f, 0xf0, 0x00, 0x40 }, 0 },	/* jal */
		{ { 0x40, 0x00, 0xd0, 0x0b }, -1 }, { { 0x0b, 0xf2, 0x00, 0x40 }, -1 },	/* to 0xbf400100, 0xbfc80100: not in 64 KB */
		{ { 0xfe, 0x3f, 0x00, 0x10 }, 1 }, { { 0xff, 0x3f, 0x00, 0x10 }, -1 },	/* to the last word, and behind it */
		{ { 0x00, 0x00, 0x00, 0x10 }, -1 }, { { 0xff, 0xff, 0x00, 0x10 }, -1 },	/* to its delay slot, and to itself */
		{ { 0xff, 0xff, 0xff, 0xff }, -1 }, { { 0, 0, 0, 0 }, -1 }, { { 0x7f, 'E', 'L', 'F' }, -1 },
	};
	struct complaint c;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int order = board__firmware_order(rows[i].bytes, BOARD_FLASH_SECTOR, &c);

		if (order != rows[i].order)
			fail_msg("row %zu is %d, not %d", i, order, rows[i].order);
		if (order < 0)
			assert_contains(c.text, "no boot loader: one begins with a branch, this with ");
	}
}

static void sizes_are_checked(void **state)
{
	static const uint32_t bad[] = { 1, 0x8000, 0x30000, 0x1000000, 0x80000000 };
	struct chip *c = chip_open(true, false, SIZE);
	struct complaint complaint;

	for (size_t i = 0; i < COUNT(bad); i++) {
		c->config.flash_size = bad[i];
		assert_int_equal(board__check_config(&c->config, &complaint), -1);
		assert_contains(complaint.text, "bytes of flash");
	}
	for (c->config.flash_size = 0x10000; c->config.flash_size <= 0x800000; c->config.flash_size *= 2)
		assert_int_equal(board__check_config(&c->config, &complaint), 0);
	c->config.flash_size = SIZE;
	chip_close(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_driver_finds_it),
		cmocka_unit_test(what_is_programmed_is_there),
		cmocka_unit_test(sectors_are_erased),
		cmocka_unit_test(a_buffer_is_programmed),
		cmocka_unit_test(a_wrong_buffer_is_aborted),
		cmocka_unit_test(commands_that_are_none),
		cmocka_unit_test(bypass),
		cmocka_unit_test(one_that_is_protected),
		cmocka_unit_test(a_reset_brings_the_array_back),
		cmocka_unit_test(it_is_where_the_register_says),
		cmocka_unit_test(the_local_memory),
		cmocka_unit_test(what_a_boot_loader_begins_with),
		cmocka_unit_test(sizes_are_checked),
	};

	return cmocka_run_group_tests_name("flash", tests, NULL, NULL);
}
