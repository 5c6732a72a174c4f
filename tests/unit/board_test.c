// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Board's register table: every register that Linux touches in boot answers as Linux needs it.
 */
#include "lib/complain.h"
#include "tests/unit/board_fixture.h"

/* What a register reads after reset, and after all ones were written to it. */
static const struct row {
	const char *name;
	uint64_t pa, reset, ones;
} rows[] = {
	{ "LED_DISPLAY", BOARD_DISPLAY, 0, ~0ull },
	{ "CIU_INTX_SUM0", CIU_INTX_SUM0(0), 0, 0 },
	{ "CIU_INTX_SUM0", CIU_INTX_SUM0(7), 0, 0 },
	{ "CIU_INT_SUM1", CIU_INT_SUM1, 0, 0 },
	{ "CIU_INTX_EN0", CIU_INTX_EN0(2), 0, ~0ull },
	{ "CIU_INTX_EN1", CIU_INTX_EN1(3), 0, ~0ull },
	{ "CIU_FUSE", CIU_FUSE, 0xf, 0xf },
	{ "CIU_SOFT_BIST", CIU_SOFT_BIST, 0, 1 },
	{ "CIU_INTX_EN0_W1C", CIU_INTX_EN0_W1C(0), 0, 0 },
	{ "CIU_INTX_EN1_W1C", CIU_INTX_EN1_W1C(1), 0, 0 },
	{ "CIU_INTX_EN0_W1S", CIU_INTX_EN0_W1S(0), 0, ~0ull },
	{ "CIU_INTX_EN1_W1S", CIU_INTX_EN1_W1S(1), 0, ~0ull },
	{ "MIO_BOOT_REG_CFGX", MIO_BOOT_REG_CFGX(7), 0, 0xfffffffffffull },
	{ "MIO_BOOT_BIST_STAT", MIO_BOOT_BIST_STAT, 0, 0 },
	{ "MIO_UARTX_SCR", MIO_UARTX(1, 0x38), 0, 0xff },
	{ "MIO_FUS_DATX", MIO_FUS_DAT2, 0, 0 },
	{ "LED_UDD_CNTX", LED_UDD_CNTX(1), 0, 0x3f },
	{ "GMXX_INF_MODE", GMXX_INF_MODE(0), 0, 0 },
	{ "GMXX_INF_MODE", GMXX_INF_MODE(1), 0, 0 },
	{ "RNM_CTL_STATUS", RNM_CTL_STATUS, 0, 0x1ff },
	{ "L2D_FUS3", L2D_FUS3, 0, 0 },
	{ "IOB_FAU_TIMEOUT", IOB_FAU_TIMEOUT, 0, 0x1fff },
	{ "POW_NW_TIM", POW_NW_TIM, 0, 0x3ff },
};

static void registers_answer(void **state)
{
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		fixture_open(&f, 4, true);
		assert_string_equal(board__register_name(rows[i].pa, NULL), rows[i].name);
		if (get(&f, rows[i].pa) != rows[i].reset)
			fail_msg("%s resets to %#llx", rows[i].name, (unsigned long long)get(&f, rows[i].pa));
		set(&f, rows[i].pa, ~0ull);
		if (get(&f, rows[i].pa) != rows[i].ones)
			fail_msg("%s keeps %#llx", rows[i].name, (unsigned long long)get(&f, rows[i].pa));
		board__reset(f.board);
		assert_int_equal(get(&f, rows[i].pa), rows[i].reset);
		assert_int_equal(f.unknowns, 0);
		board__free(f.board);
	}
}

static void names_have_an_index(void **state)
{
	unsigned index;

	assert_string_equal(board__register_name(CIU_INTX_EN1_W1C(5), &index), "CIU_INTX_EN1_W1C");
	assert_int_equal(index, 5);
	assert_string_equal(board__register_name(MIO_UARTX(1, 0x28), &index), "MIO_UARTX_LSR");
	assert_int_equal(index, 1);
	assert_null(board__register_name(0x0001070000000748ull + 0x1000, &index));
	assert_null(board__register_name(0, &index));
}

static void an_unknown_register_is_told_once(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 3; i++) {
		assert_int_equal(get(f, 0x0001180099990000ull), 0);
		set(f, 0x0001180099990000ull, 5);
	}
	assert_int_equal(f->unknowns, 1);
	assert_int_equal(f->unknown_pa, 0x0001180099990000ull);
	assert_int_equal(board__unknown_accesses(f->board), 6);
	board__read(f->board, UINT64_MAX, 1);
	board__read(f->board, CIU_FUSE + 1, 8);	/* no register is read crooked */
	assert_int_equal(f->unknowns, 3);
}

/* As a boot loader looks for memory and devices: nobody misses a register there. */
static void empty_places_are_not_told(void **state)
{
	static const uint64_t places[] = { 0, 0x20000000, 0x41fffffff8, BOARD_VIRTIO_BASE, BOARD_VIRTIO_BASE + BOARD_VIRTIO_MAX * BOARD_VIRTIO_SIZE - 8 };
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(places); i++) {
		board__write(f->board, places[i], 8, 5);
		assert_int_equal(board__read(f->board, places[i], 8), 0);
	}
	assert_int_equal(f->unknowns, 0);
	board__read(f->board, BOARD_VIRTIO_BASE + BOARD_VIRTIO_MAX * BOARD_VIRTIO_SIZE, 4);
	board__read(f->board, BOARD_VIRTIO_BASE - 4, 4);
	assert_int_equal(f->unknowns, 2);
}

/* All but the first are held until it lets them go, and an NMI is taken by what is in the flash. */
static void cores_of_a_board_with_firmware(void **state)
{
	static uint8_t flash[BOARD_FLASH_SECTOR];
	struct board_config config = {
		.cores = 4, .ram_size = 256 << 20, .clock_hz = 500000000, .little_endian = true, .random_seed = 1, .firmware = true,
	};
	struct complaint c;
	struct fixture f;

	assert_int_equal(board__check_config(&config, &c), -1);
	assert_contains(c.text, "no flash: without a kernel the cores begin in it");
	config.flash_size = sizeof(flash);
	config.flash = flash;
	assert_int_equal(board__check_config(&config, &c), 0);
	fixture_open_with(&f, &config);
	assert_true(board__takes_nmi(f.board));
	assert_int_equal(get(&f, CIU_PP_RST), 0xe);
	set(&f, CIU_NMI, 0xf);
	assert_int_equal(f.nmis, 1);
	set(&f, CIU_PP_RST, 0x8);
	assert_int_equal(f.released, 0x6);
	assert_int_equal(f.held, 0);
	set(&f, CIU_NMI, 0xe);
	assert_int_equal(f.nmis, 7);
	f.released = 0;
	set(&f, CIU_PP_RST, 0x2);
	assert_int_equal(f.held, 0x2);
	assert_int_equal(f.released, 0x8);
	board__reset(f.board);
	assert_int_equal(get(&f, CIU_PP_RST), 0xe);
	board__free(f.board);
}

static void more_unknown_registers_than_it_remembers(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 2000; i++)
		board__read(f->board, 0x0001190000000000ull + 8 * i, 8);
	assert_int_equal(board__unknown_accesses(f->board), 2000);
	assert_int_equal(f->unknowns, 256);
}

static void narrow_accesses_follow_the_byte_order(void **state)
{
	struct fixture f;

	fixture_open(&f, 4, true);
	assert_int_equal(board__read(f.board, CIU_FUSE, 1), 0xf);
	assert_int_equal(board__read(f.board, CIU_FUSE, 4), 0xf);
	assert_int_equal(board__read(f.board, CIU_FUSE + 4, 4), 0);
	set(&f, MIO_BOOT_REG_CFGX(7), 0xc00000000ull);
	assert_int_equal(board__read(f.board, MIO_BOOT_REG_CFGX(7) + 4, 4), 0xc);
	board__free(f.board);

	fixture_open(&f, 4, false);
	assert_int_equal(board__read(f.board, CIU_FUSE + 7, 1), 0xf);
	assert_int_equal(board__read(f.board, CIU_FUSE + 4, 4), 0xf);
	assert_int_equal(board__read(f.board, CIU_FUSE, 4), 0);
	set(&f, MIO_BOOT_REG_CFGX(7), 0xc00000000ull);
	assert_int_equal(board__read(f.board, MIO_BOOT_REG_CFGX(7), 4), 0xc);
	board__free(f.board);
}

/* A little-endian kernel's iowrite8() flips the low bits of boot bus addresses, a big-endian one's not. */
static void poweroff_on_the_display(void **state)
{
	static const char text[] = "PowerOff";

	for (int little = 0; little < 2; little++) {
		struct fixture f;

		fixture_open(&f, 1, little);
		for (unsigned i = 0; i < 8; i++) {
			assert_int_equal(f.power_offs, 0);
			board__write(f.board, (BOARD_DISPLAY + i) ^ (little ? 7 : 0), 1, text[i]);
		}
		assert_int_equal(f.power_offs, 1);
		assert_int_equal(f.resets, 0);
		board__free(f.board);
	}
}

static void poweroff_by_pin_12(void **state)
{
	struct fixture *f = *state;

	set(f, GPIO_TX_SET, 0x1000);
	assert_int_equal(f->power_offs, 0);
	set(f, GPIO_TX_CLR, 0x1000);
	set(f, GPIO_BIT_CFGX(12), 1);
	set(f, GPIO_TX_SET, 0x0800);
	assert_int_equal(f->power_offs, 0);
	set(f, GPIO_TX_SET, 0x1000);
	assert_int_equal(f->power_offs, 1);
}

static void reset_and_cores(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_SOFT_RST, 0);
	assert_int_equal(f->resets, 0);
	set(f, CIU_SOFT_RST, 1);
	assert_int_equal(f->resets, 1);
	assert_int_equal(f->power_offs, 0);
	set(f, CIU_NMI, 0xff);
	assert_int_equal(f->nmis, 0xf);
	set(f, CIU_PP_RST, 0xfe);
	assert_int_equal(f->held, 0xe);
	assert_int_equal(get(f, CIU_PP_RST), 0xe);
	/* A core that is held takes no NMI; one that is held on is not reset again. */
	f->nmis = f->held = 0;
	set(f, CIU_NMI, 0xf);
	assert_int_equal(f->nmis, 1);
	set(f, CIU_PP_RST, 0x3);
	assert_int_equal(f->held, 0x1);
	set(f, CIU_PP_RST, 0);
	assert_int_equal(f->released, 0);	/* it waits for an NMI, as in our boot loader */
	set(f, CIU_NMI, 0xe);
	assert_int_equal(f->nmis, 0xf);
}

#define TWSI_VALID	(1ull << 63)
#define TWSI_RESULT	(1ull << 56)
#define TWSI_TRANSFER(ADDRESS, SIZE)	(TWSI_VALID | 1ull << 55 | ((SIZE) - 1ull) << 52 | (uint64_t)(ADDRESS) << 40)
#define TWSI_FROM(REG)	(1ull << 57 | (uint64_t)(REG) << 32)

static uint64_t read_clock_chip(struct fixture *f)
{
	uint64_t low;

	set(f, MIO_TWSX_SW_TWSI(0), TWSI_TRANSFER(0x68, 7) | TWSI_RESULT | TWSI_FROM(0));
	low = get(f, MIO_TWSX_SW_TWSI(0));
	assert_int_equal(low >> 56, 0x03);		/* done, and well: V is clear */
	return (get(f, MIO_TWSX_SW_TWSI(0) + 0x18) << 32) | (low & 0xffffffff);
}

static void the_clock_chip(void **state)
{
	struct fixture *f = *state;

	f->seconds = 1795822245;			/* Friday, 2026-11-27 23:30:45 */
	assert_int_equal(read_clock_chip(f), 0x45302306271126ull);
	/* Set it, in one transfer of eight bytes: the register, then what is in it. */
	set(f, MIO_TWSX_SW_TWSI(0) + 0x18, 0x00595923);
	set(f, MIO_TWSX_SW_TWSI(0), TWSI_TRANSFER(0x68, 8) | 0x07311299);
	assert_true(get(f, MIO_TWSX_SW_TWSI(0)) & TWSI_RESULT);
	assert_int_equal(read_clock_chip(f), 0x59592305311299ull);	/* the day of the week is its own */
	f->seconds++;
	assert_int_equal(read_clock_chip(f), 0x00000006018100ull);
	/* No such time: as a calendar counts on. Then bytes that are no numbers. */
	set(f, MIO_TWSX_SW_TWSI(0) + 0x18, 0x00000000);
	set(f, MIO_TWSX_SW_TWSI(0), TWSI_TRANSFER(0x68, 8) | 0x01300201);
	assert_int_equal(read_clock_chip(f), 0x00000006020301ull);
	set(f, MIO_TWSX_SW_TWSI(0) + 0x18, 0x00ffffff);
	set(f, MIO_TWSX_SW_TWSI(0), TWSI_TRANSFER(0x68, 8) | 0xffffffff);
	read_clock_chip(f);
	/* Its interrupt, and who is not there. */
	set(f, MIO_TWSX_SW_TWSI(0) + 0x10, 1 << 4 | 7);
	assert_false(get(f, CIU_INTX_SUM0(0)) & 1ull << 45);
	set(f, MIO_TWSX_SW_TWSI(0), TWSI_TRANSFER(0x50, 1) | TWSI_RESULT);
	assert_int_equal(get(f, MIO_TWSX_SW_TWSI(0)) & (TWSI_RESULT | 0xff), 0x20);
	assert_true(get(f, CIU_INTX_SUM0(0)) & 1ull << 45);
	set(f, MIO_TWSX_SW_TWSI(0) + 0x10, 1 << 4 | 1);
	assert_false(get(f, CIU_INTX_SUM0(0)) & 1ull << 45);
	/* The controller itself is idle. */
	set(f, MIO_TWSX_SW_TWSI(0), TWSI_VALID | TWSI_RESULT | 6ull << 57 | 3ull << 32);
	assert_int_equal(get(f, MIO_TWSX_SW_TWSI(0)) & 0xff, 0xf8);
}

/* Linux spins on both until the device says that it is done. */
static void nothing_stays_pending(void **state)
{
	struct fixture *f = *state;

	set(f, MIO_FUS_RCMD, 1ull << 12 | 0x55);
	assert_int_equal(get(f, MIO_FUS_RCMD), 0x55);
	set(f, MIO_TWSX_SW_TWSI(1), 1ull << 63 | 1ull << 56 | 0x68ull << 40);
	assert_int_equal(get(f, MIO_TWSX_SW_TWSI(1)), 0x68ull << 40 | 0x20);
}

static void clock_and_random_numbers(void **state)
{
	struct fixture *f = *state, other;
	uint64_t first = get(f, RNG_DATA);

	assert_int_equal(get(f, IPD_CLK_COUNT), 1000);
	f->cycles += 5;
	assert_int_equal(get(f, IPD_CLK_COUNT), 1005);
	assert_int_not_equal(get(f, RNG_DATA), first);
	fixture_open(&other, 1, true);
	assert_int_equal(get(&other, RNG_DATA), first);	/* equal seeds, equal runs */
	board__free(other.board);
}

static uint64_t count_up(void *user)
{
	return ++*(uint64_t *)user;
}

static void random_numbers_of_somebody_else(void **state)
{
	const struct board_config config = { .cores = 1, .ram_size = 256 << 20, .clock_hz = 500000000 };
	const struct board_callbacks callbacks = { .random = count_up };
	uint64_t last = 6;
	struct board *board = board__new(&config, &callbacks, &last);

	assert_int_equal(board__read(board, RNG_DATA, 8), 7);
	assert_int_equal(board__read(board, RNG_DATA, 8), 8);
	board__free(board);
}

static void ram_is_split_as_on_hardware(void **state)
{
	const uint64_t mb = 1 << 20;
	struct board_bank banks[3];

	assert_int_equal(board__ram_banks(64 * mb, banks), 1);
	assert_int_equal(banks[0].size, 64 * mb);
	assert_int_equal(board__ram_banks(256 * mb, banks), 1);
	assert_int_equal(board__ram_banks(1024 * mb, banks), 3);
	assert_int_equal(banks[1].pa, 0x410000000ull);
	assert_int_equal(banks[1].size, 256 * mb);
	assert_int_equal(banks[2].pa, 0x20000000ull);
	assert_int_equal(banks[2].size, 512 * mb);
	assert_int_equal(banks[2].offset, 512 * mb);
	assert_int_equal(board__ram_offset(1024 * mb, 0x20000000ull, 8), 512 * mb);
	assert_int_equal(board__ram_offset(1024 * mb, 0x40000000ull - 8, 8), 1024 * mb - 8);
	assert_int_equal(board__ram_offset(1024 * mb, 0x40000000ull - 4, 8), UINT64_MAX);
	assert_int_equal(board__ram_offset(1024 * mb, 0x10000000ull, 1), UINT64_MAX);
	assert_int_equal(board__ram_offset(1024 * mb, 0, UINT64_MAX), UINT64_MAX);
}

static void configurations_are_checked(void **state)
{
	static const struct {
		struct board_config config;
		const char *complaint;
	} bad[] = {
		{ { .cores = 0, .ram_size = 64 << 20, .clock_hz = 500000000 }, "0 cores" },
		{ { .cores = 13, .ram_size = 64 << 20, .clock_hz = 500000000 }, "13 cores: a CN56XX has 1 to 12" },
		{ { .cores = 1, .ram_size = 16 << 20, .clock_hz = 500000000 }, "16 MB of memory: the board takes 32" },
		{ { .cores = 1, .ram_size = 1 << 19, .clock_hz = 500000000 }, "whole megabytes" },
		{ { .cores = 1, .ram_size = 1ull << 35, .clock_hz = 500000000 }, "32768 MB of memory" },
		{ { .cores = 1, .ram_size = 64 << 20, .clock_hz = 5 }, "a clock of 5 Hz" },
	};
	struct complaint c;

	for (size_t i = 0; i < COUNT(bad); i++) {
		assert_int_equal(board__check_config(&bad[i].config, &c), -1);
		assert_contains(c.text, bad[i].complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registers_answer),
		cmocka_unit_test(names_have_an_index),
		cmocka_unit_test_setup_teardown(an_unknown_register_is_told_once, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(empty_places_are_not_told, fixture_setup, fixture_teardown),
		cmocka_unit_test(cores_of_a_board_with_firmware),
		cmocka_unit_test_setup_teardown(more_unknown_registers_than_it_remembers, fixture_setup,
						fixture_teardown),
		cmocka_unit_test(narrow_accesses_follow_the_byte_order),
		cmocka_unit_test(poweroff_on_the_display),
		cmocka_unit_test_setup_teardown(poweroff_by_pin_12, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(reset_and_cores, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(the_clock_chip, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(nothing_stays_pending, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(clock_and_random_numbers, fixture_setup, fixture_teardown),
		cmocka_unit_test(random_numbers_of_somebody_else),
		cmocka_unit_test(ram_is_split_as_on_hardware),
		cmocka_unit_test(configurations_are_checked),
	};

	return cmocka_run_group_tests_name("board", tests, NULL, NULL);
}
