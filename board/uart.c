// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two MIO UARTs: DesignWare 16550s with FIFOs of 64 bytes, registers 8 bytes apart.
 *
 * A character written leaves at once through callbacks.uart_transmit, so the transmitter is always empty, unless
 * whoever takes the characters asks for a pause (board__uart_hold()): then it looks full;
 * what is received waits in the FIFO until the guest reads it. Baud rate and format are kept and ignored.
 */
#include <string.h>

#include "board/internal.h"

#define IER_RX			0x01
#define IER_THRE		0x02
#define IER_LINE		0x04
#define IIR_NONE		0x01
#define IIR_THRE		0x02
#define IIR_RX			0x04
#define IIR_LINE		0x06
#define IIR_TIMEOUT		0x0c
#define IIR_FIFO		0xc0
#define FCR_ENABLE		0x01
#define FCR_CLEAR_RX		0x02
#define LCR_DLAB		0x80
#define MCR_LOOP		0x10
#define LSR_DATA		0x01
#define LSR_OVERRUN		0x02
#define LSR_THRE		0x20
#define LSR_EMPTY		0x40
#define MSR_CTS			0x10
#define MSR_DSR			0x20
#define MSR_CARRIER		0x80
#define USR_TX_ROOM		0x02
#define USR_TX_EMPTY		0x04
#define USR_RX_DATA		0x08
#define USR_RX_FULL		0x10

static unsigned capacity(const struct uart *u)
{
	return u->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

/* The interrupt of the highest priority, as IIR shows it. */
static uint8_t interrupt(const struct uart *u)
{
	static const uint8_t trigger[4] = { 1, UART_FIFO / 4, UART_FIFO / 2, UART_FIFO - 2 };

	if (u->ier & IER_LINE && u->overrun)
		return IIR_LINE;
	if (u->ier & IER_RX && u->fill)
		return u->fcr & FCR_ENABLE && u->fill < trigger[u->fcr >> 6] ? IIR_TIMEOUT : IIR_RX;
	if (u->ier & IER_THRE && u->thre && !u->held)
		return IIR_THRE;
	return IIR_NONE;
}

static void update(struct board *board, unsigned n)
{
	ciu__set_source(board, CIU_SUM0_UART + n, interrupt(&board->uart[n]) != IIR_NONE);
}

void uart__reset(struct board *board)
{
	for (unsigned n = 0; n < BOARD_UARTS; n++) {
		memset(&board->uart[n], 0, sizeof(board->uart[n]));
		board->uart[n].thre = true;
	}
}

void board__uart_hold(struct board *board, unsigned n, bool held)
{
	struct uart *u = &board->uart[n];

	if (u->held == held)
		return;
	u->held = held;
	if (!held)
		u->thre = true;
	update(board, n);
}

static bool put(struct uart *u, uint8_t byte)
{
	if (u->fill >= capacity(u))
		return false;
	u->fifo[(u->head + u->fill++) % UART_FIFO] = byte;
	return true;
}

unsigned board__uart_receive(struct board *board, unsigned n, const uint8_t *bytes, unsigned count)
{
	struct uart *u = &board->uart[n];
	unsigned taken = 0;

	while (taken < count && put(u, bytes[taken]))
		taken++;
	u->refused = taken < count;
	update(board, n);
	return taken;
}

unsigned board__uart_space(const struct board *board, unsigned n)
{
	return capacity(&board->uart[n]) - board->uart[n].fill;
}

uint64_t uart_rbr__read(struct board *board, const struct board_register *r, unsigned index)
{
	struct uart *u = &board->uart[r->which];
	uint8_t byte;

	if (u->lcr & LCR_DLAB)
		return u->dll;
	if (!u->fill)
		return 0;
	byte = u->fifo[u->head];
	u->head = (u->head + 1) % UART_FIFO;
	u->fill--;
	update(board, r->which);
	if (u->refused) {
		u->refused = false;
		if (board->callbacks.uart_room)
			board->callbacks.uart_room(board->user, r->which);
	}
	return byte;
}

void uart_thr_only__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	struct uart *u = &board->uart[r->which];

	if (u->mcr & MCR_LOOP)
		u->overrun |= !put(u, value);
	else if (board->callbacks.uart_transmit)
		board->callbacks.uart_transmit(board->user, r->which, value);
	u->thre = true;
	update(board, r->which);
}

void uart_thr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	if (board->uart[r->which].lcr & LCR_DLAB)
		board->uart[r->which].dll = value;
	else
		uart_thr_only__write(board, r, index, value);
}

uint64_t uart_ier__read(struct board *board, const struct board_register *r, unsigned index)
{
	const struct uart *u = &board->uart[r->which];

	return u->lcr & LCR_DLAB ? u->dlh : u->ier;
}

/* Enabling the transmitter's interrupt raises it: Linux's 8250 driver starts sending that way. */
void uart_ier__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	struct uart *u = &board->uart[r->which];

	if (u->lcr & LCR_DLAB) {
		u->dlh = value;
		return;
	}
	if (value & ~u->ier & IER_THRE)
		u->thre = true;
	u->ier = value & 0x8f;
	update(board, r->which);
}

/* Reading it acknowledges the transmitter's interrupt, if that is what it shows. */
uint64_t uart_iir__read(struct board *board, const struct board_register *r, unsigned index)
{
	struct uart *u = &board->uart[r->which];
	uint8_t iir = interrupt(u);

	if (iir == IIR_THRE) {
		u->thre = false;
		update(board, r->which);
	}
	return iir | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

void uart_fcr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	struct uart *u = &board->uart[r->which];
	bool toggled = (u->fcr ^ value) & FCR_ENABLE;

	u->fcr = value & 0xf9;
	if (toggled || value & FCR_CLEAR_RX)
		u->fill = 0;
	update(board, r->which);
}

uint64_t uart_lsr__read(struct board *board, const struct board_register *r, unsigned index)
{
	struct uart *u = &board->uart[r->which];
	uint8_t lsr = u->held ? 0 : LSR_THRE | LSR_EMPTY;

	if (u->fill)
		lsr |= LSR_DATA;
	if (u->overrun)
		lsr |= LSR_OVERRUN;
	u->overrun = false;
	update(board, r->which);
	return lsr;
}

/* In loop-back the modem outputs come back as inputs; else the other side is always ready. */
uint64_t uart_msr__read(struct board *board, const struct board_register *r, unsigned index)
{
	uint8_t mcr = board->uart[r->which].mcr;

	if (!(mcr & MCR_LOOP))
		return MSR_CARRIER | MSR_DSR | MSR_CTS;
	return (mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 0xc) << 4;
}

uint64_t uart_usr__read(struct board *board, const struct board_register *r, unsigned index)
{
	const struct uart *u = &board->uart[r->which];
	uint8_t usr = u->held ? 0 : USR_TX_ROOM | USR_TX_EMPTY;

	if (u->fill)
		usr |= USR_RX_DATA;
	if (u->fill == capacity(u))
		usr |= USR_RX_FULL;
	return usr;
}

uint64_t uart_rfl__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].fill;
}

uint64_t uart_lcr__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].lcr;
}

void uart_lcr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->uart[r->which].lcr = value;
}

uint64_t uart_mcr__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].mcr;
}

void uart_mcr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->uart[r->which].mcr = value & 0x7f;
}

uint64_t uart_scr__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].scr;
}

void uart_scr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->uart[r->which].scr = value;
}

uint64_t uart_dll__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].dll;
}

void uart_dll__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->uart[r->which].dll = value;
}

uint64_t uart_dlh__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->uart[r->which].dlh;
}

void uart_dlh__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->uart[r->which].dlh = value;
}
