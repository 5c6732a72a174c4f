// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The interrupt unit: which source reaches which line of which core, and the timers and watchdogs.
 */
#include "tests/unit/board_fixture.h"

#define BIT(n)	(1ull << (n))

static void a_source_needs_an_enable(void **state)
{
	struct fixture *f = *state;

	board__set_source(f->board, 36, true);
	assert_int_equal(f->irq_calls, 0);
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), BIT(36));
	assert_int_equal(get(f, CIU_INTX_SUM0(5)), BIT(36));
	set(f, CIU_INTX_EN0_W1S(0), BIT(36));
	assert_true(f->line[0][2]);
	assert_int_equal(f->irq_calls, 1);
	set(f, CIU_INTX_EN0_W1S(5), BIT(36));
	assert_true(f->line[2][3]);
	set(f, CIU_INTX_EN0_W1C(0), BIT(36));
	assert_false(f->line[0][2]);
	board__set_source(f->board, 36, false);
	assert_false(f->line[2][3]);
	assert_int_equal(f->irq_calls, 4);
}

static void enables_set_and_clear_single_bits(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN0(2), 0xf0);
	set(f, CIU_INTX_EN0_W1S(2), 0x0f);
	assert_int_equal(get(f, CIU_INTX_EN0(2)), 0xff);
	set(f, CIU_INTX_EN0_W1C(2), 0x81);
	assert_int_equal(get(f, CIU_INTX_EN0(2)), 0x7e);
	assert_int_equal(get(f, CIU_INTX_EN0_W1S(2)), 0x7e);
	assert_int_equal(get(f, CIU_INTX_EN0_W1C(2)), 0x7e);
	assert_int_equal(get(f, CIU_INTX_EN1(2)), 0);
	set(f, CIU_INTX_EN1_W1S(2), 3);
	set(f, CIU_INTX_EN1_W1C(2), 1);
	assert_int_equal(get(f, CIU_INTX_EN1(2)), 2);
	assert_int_equal(get(f, CIU_INTX_EN0(3)), 0);
}

static void mailboxes_are_private_to_a_core(void **state)
{
	struct fixture *f = *state;

	for (unsigned core = 0; core < 4; core++)
		set(f, CIU_INTX_EN0_W1S(2 * core), BIT(32) | BIT(33));
	set(f, CIU_MBOX_SETX(1), 0x5);
	assert_true(f->line[1][2]);
	assert_false(f->line[0][2] || f->line[2][2] || f->line[3][2]);
	assert_int_equal(get(f, CIU_INTX_SUM0(2)), BIT(32));
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), 0);
	set(f, CIU_MBOX_SETX(1), 0x80000);
	assert_int_equal(get(f, CIU_INTX_SUM0(2)), BIT(32) | BIT(33));
	assert_int_equal(get(f, CIU_MBOX_CLRX(1)), 0x80005);
	set(f, CIU_MBOX_CLRX(1), 0xffff);
	assert_true(f->line[1][2]);
	set(f, CIU_MBOX_CLRX(1), 0xffff0000);
	assert_false(f->line[1][2]);
}

static void cores_that_are_not_there_get_nothing(void **state)
{
	struct fixture f;

	fixture_open(&f, 1, true);
	set(&f, CIU_INTX_EN0_W1S(4), BIT(32));
	set(&f, CIU_MBOX_SETX(2), 1);
	assert_int_equal(f.irq_calls, 0);
	board__free(f.board);
}

static void a_periodic_timer_keeps_its_phase(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(board__next_event(f->board), BOARD_NEVER);
	set(f, CIU_INTX_EN0_W1S(0), BIT(53));
	set(f, CIU_TIMX(1), 99);
	assert_int_equal(board__next_event(f->board), 1100);
	assert_true(f->moved > 0);
	f->cycles = 1099;
	board__tick(f->board);
	assert_false(f->line[0][2]);
	f->cycles = 1350;
	board__tick(f->board);
	assert_true(f->line[0][2]);
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), BIT(53));
	assert_int_equal(board__next_event(f->board), 1400);
	set(f, CIU_INTX_SUM0(0), BIT(53));
	assert_false(f->line[0][2]);
	set(f, CIU_TIMX(1), 0);
	assert_int_equal(board__next_event(f->board), BOARD_NEVER);
}

static void a_one_shot_timer_fires_once(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_TIMX(3), BIT(36) | 9);
	f->cycles = 1010;
	board__tick(f->board);
	assert_int_equal(get(f, CIU_INTX_SUM0(7)), BIT(55));
	assert_int_equal(board__next_event(f->board), BOARD_NEVER);
}

static void a_watchdog_barks_then_bites(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN1_W1S(3), BIT(1));
	set(f, CIU_WDOGX(1), 2 << 4 | 3);	/* length 2: 131072 cycles; mode 3 */
	assert_int_equal(board__next_event(f->board), 1000 + 131072);
	f->cycles = 1000 + 131072;
	board__tick(f->board);
	assert_true(f->line[1][3]);
	assert_int_equal(get(f, CIU_INT_SUM1), 2);
	assert_true(get(f, CIU_INTX_SUM0(3)) & BIT(51));
	set(f, CIU_PP_POKEX(1), 0);
	assert_false(f->line[1][3]);
	assert_true(board__will_reset(f->board));
	for (unsigned n = 0; n < 3; n++) {
		assert_int_equal(f->bites, 0);
		f->cycles = board__next_event(f->board);
		board__tick(f->board);
		assert_int_equal(f->nmis, n >= 1 ? 2 : 0);
	}
	assert_int_equal(f->bites, 2);
	assert_int_equal(f->resets, 0);		/* that is the caller's to do, then */
	assert_false(board__will_reset(f->board));
}

/* It is quiet again in each stage when it is poked; a register that is written begins anew. */
static void a_watchdog_that_is_fed(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_WDOGX(0), 1 << 4 | 3);
	for (unsigned n = 0; n < 12; n++) {
		f->cycles += 0x10000;
		board__tick(f->board);
		assert_int_equal(get(f, CIU_WDOGX(0)) >> 2 & 3, n % 2 + 1);
		if (n % 2)
			set(f, n & 2 ? CIU_PP_POKEX(0) : CIU_WDOGX(0), 1 << 4 | 3);
		if (n % 2)
			assert_int_equal(get(f, CIU_WDOGX(0)) >> 2 & 3, 0);
	}
	assert_int_equal(f->bites, 0);
}

/* A core in reset takes no NMI, and its watchdog resets the board all the same. */
static void a_watchdog_of_a_core_in_reset(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_PP_RST, 2);
	set(f, CIU_WDOGX(1), 1 << 4 | 3);
	for (unsigned n = 0; n < 3; n++) {
		f->cycles += 0x10000;
		board__tick(f->board);
	}
	assert_int_equal(f->nmis, 0);
	assert_int_equal(f->bites, 2);
}

static void a_watchdog_of_mode_1_only_interrupts(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_WDOGX(0), 1 << 4 | 1);
	for (unsigned n = 0; n < 5; n++) {
		f->cycles = board__next_event(f->board);
		board__tick(f->board);
	}
	assert_int_equal(f->nmis, 0);
	assert_int_equal(f->resets, 0);
	assert_int_equal(get(f, CIU_INT_SUM1), 1);
	set(f, CIU_WDOGX(0), 0);
	assert_int_equal(get(f, CIU_INT_SUM1), 0);
	assert_int_equal(board__next_event(f->board), BOARD_NEVER);
}

static void reset_lowers_every_line(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN0_W1S(0), ~0ull);
	set(f, CIU_MBOX_SETX(0), 1);
	board__set_source(f->board, 37, true);
	set(f, CIU_TIMX(0), 1000);
	board__reset(f->board);
	assert_false(f->line[0][2]);
	assert_int_equal(board__next_event(f->board), BOARD_NEVER);
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), BIT(37));	/* an outer device keeps its level */
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_source_needs_an_enable),
		TEST(enables_set_and_clear_single_bits),
		TEST(mailboxes_are_private_to_a_core),
		cmocka_unit_test(cores_that_are_not_there_get_nothing),
		TEST(a_periodic_timer_keeps_its_phase),
		TEST(a_one_shot_timer_fires_once),
		TEST(a_watchdog_barks_then_bites),
		TEST(a_watchdog_that_is_fed),
		TEST(a_watchdog_of_a_core_in_reset),
		TEST(a_watchdog_of_mode_1_only_interrupts),
		TEST(reset_lowers_every_line),
	};

	return cmocka_run_group_tests_name("ciu", tests, NULL, NULL);
}
