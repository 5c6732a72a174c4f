// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The UARTs as Linux's 8250 drivers use them.
 */
#include "tests/unit/board_fixture.h"

#define RBR(n)	MIO_UARTX(n, 0x00)
#define IER(n)	MIO_UARTX(n, 0x08)
#define IIR(n)	MIO_UARTX(n, 0x10)
#define LCR(n)	MIO_UARTX(n, 0x18)
#define MCR(n)	MIO_UARTX(n, 0x20)
#define LSR(n)	MIO_UARTX(n, 0x28)
#define MSR(n)	MIO_UARTX(n, 0x30)
#define THR(n)	MIO_UARTX(n, 0x40)
#define DLL(n)	MIO_UARTX(n, 0x80)
#define DLH(n)	MIO_UARTX(n, 0x88)
#define USR(n)	MIO_UARTX(n, 0x138)

static void characters_leave_at_once(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(get(f, LSR(0)) & 0x60, 0x60);
	set(f, THR(0), 'a');
	set(f, RBR(1), 'b');
	assert_string_equal(f->sent, "ab");
	assert_int_equal(f->sent_by, 1);
	assert_int_equal(get(f, LSR(0)) & 0x60, 0x60);
	assert_int_equal(get(f, USR(0)) & 1, 0);	/* never busy: 8250_dw would wait for it */
}

/* DLAB turns the first two registers into the divisor. */
static void the_divisor_is_kept(void **state)
{
	struct fixture *f = *state;

	set(f, LCR(0), 0x83);
	set(f, RBR(0), 0x34);
	set(f, IER(0), 0x12);
	assert_int_equal(get(f, LCR(0)), 0x83);
	assert_int_equal(get(f, RBR(0)), 0x34);
	set(f, LCR(0), 0x03);
	assert_int_equal(get(f, DLL(0)), 0x34);
	assert_int_equal(get(f, DLH(0)), 0x12);
	assert_int_equal(get(f, IER(0)), 0);
	assert_int_equal(f->sent_count, 0);
}

static void reception_interrupts(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN0_W1S(0), 3ull << 34);
	set(f, IIR(0), 0x81);				/* FCR: FIFOs on, trigger at half */
	set(f, IER(0), 0x01);
	assert_false(f->line[0][2]);
	assert_int_equal(get(f, IIR(0)), 0xc1);
	assert_int_equal(board__uart_receive(f->board, 0, (const uint8_t *)"xy", 2), 2);
	assert_true(f->line[0][2]);
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), 1ull << 34);
	assert_int_equal(get(f, IIR(0)), 0xcc);		/* below the trigger: time-out */
	assert_int_equal(get(f, LSR(0)) & 1, 1);
	assert_int_equal(get(f, RBR(0)), 'x');
	assert_int_equal(get(f, RBR(0)), 'y');
	assert_false(f->line[0][2]);
	assert_int_equal(get(f, LSR(0)) & 1, 0);
	assert_int_equal(get(f, RBR(0)), 0);
}

static void the_second_uart_has_its_own_bit(void **state)
{
	struct fixture *f = *state;

	set(f, IER(1), 0x01);
	board__uart_receive(f->board, 1, (const uint8_t *)"z", 1);
	assert_int_equal(get(f, CIU_INTX_SUM0(0)), 1ull << 35);
}

static void the_transmitter_interrupt(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN0_W1S(0), 1ull << 34);
	set(f, IER(0), 0x02);
	assert_true(f->line[0][2]);
	assert_int_equal(get(f, IIR(0)), 0x02);
	assert_false(f->line[0][2]);			/* reading IIR acknowledges */
	assert_int_equal(get(f, IIR(0)), 0x01);
	set(f, THR(0), 'a');
	assert_true(f->line[0][2]);
	set(f, IER(0), 0);
	assert_false(f->line[0][2]);
	get(f, IIR(0));
	set(f, IER(0), 0x02);				/* enabling raises it anew */
	assert_true(f->line[0][2]);
}

static void a_full_fifo_refuses_and_calls_back(void **state)
{
	struct fixture *f = *state;
	uint8_t bytes[100];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	assert_int_equal(board__uart_receive(f->board, 0, bytes, 100), 1);	/* FIFOs off: one byte */
	assert_int_equal(get(f, RBR(0)), 0);
	assert_int_equal(f->room, 1);
	set(f, IIR(0), 0x01);
	assert_int_equal(board__uart_receive(f->board, 0, bytes, 100), 64);
	assert_int_equal(get(f, USR(0)) & 0x18, 0x18);
	assert_int_equal(board__uart_space(f->board, 0), 0);
	assert_int_equal(f->room, 1);
	assert_int_equal(get(f, RBR(0)), 0);
	assert_int_equal(f->room, 2);
	assert_int_equal(get(f, RBR(0)), 1);
	assert_int_equal(f->room, 2);
	assert_int_equal(board__uart_receive(f->board, 0, bytes + 64, 36), 2);
	for (unsigned i = 2; i < 66; i++)
		assert_int_equal(get(f, RBR(0)), i);
	set(f, IIR(0), 0x03);				/* clears the FIFO */
	assert_int_equal(get(f, LSR(0)) & 1, 0);
	assert_int_equal(board__uart_space(f->board, 0), 64);
}

static void loop_back(void **state)
{
	struct fixture *f = *state;

	set(f, IIR(0), 0x01);
	assert_int_equal(get(f, MSR(0)), 0xb0);
	set(f, MCR(0), 0x1a);
	assert_int_equal(get(f, MSR(0)) & 0xf0, 0x90);	/* the test of Linux's autoconfig() */
	set(f, THR(0), 'q');
	assert_int_equal(f->sent_count, 0);
	assert_int_equal(get(f, RBR(0)), 'q');
	for (unsigned i = 0; i < 65; i++)
		set(f, THR(0), 'r');
	assert_int_equal(get(f, LSR(0)) & 2, 2);	/* overrun, */
	assert_int_equal(get(f, LSR(0)) & 2, 0);	/* cleared by reading */
}

/* Whoever takes the characters wants a pause: the transmitter looks full, and interrupts when it does not any more. */
static void a_pause(void **state)
{
	struct fixture *f = *state;

	set(f, CIU_INTX_EN0_W1S(0), 3ull << 34);
	set(f, IIR(0), 0x01);
	set(f, IER(0), 0x02);
	assert_true(f->line[0][2]);
	board__uart_hold(f->board, 0, true);
	assert_false(f->line[0][2]);
	assert_int_equal(get(f, LSR(0)) & 0x60, 0);
	assert_int_equal(get(f, USR(0)) & 6, 0);
	assert_int_equal(get(f, LSR(1)) & 0x60, 0x60);
	set(f, THR(0), 'a');
	assert_string_equal(f->sent, "a");
	assert_false(f->line[0][2]);
	board__uart_hold(f->board, 0, false);
	assert_true(f->line[0][2]);
	assert_int_equal(get(f, IIR(0)) & 0xf, 2);
	assert_int_equal(get(f, LSR(0)) & 0x60, 0x60);
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(characters_leave_at_once),
		TEST(the_divisor_is_kept),
		TEST(reception_interrupts),
		TEST(the_second_uart_has_its_own_bit),
		TEST(the_transmitter_interrupt),
		TEST(a_full_fifo_refuses_and_calls_back),
		TEST(loop_back),
		TEST(a_pause),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
