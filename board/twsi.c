// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two-wire buses, and the clock chip that is on the first of them: a Dallas DS1337 at address 0x68, as boards of this family have
 * it. Nothing else answers.
 *
 * What a kernel asks for is done at once: when it looks, the valid bit of its command is clear. A command is one for the
 * controller itself (opcode 4 or 6) or a transfer of up to eight bytes, of which the last is in bits 7:0, the first four of
 * more than four in SW_TWSI_EXT (Linux: drivers/i2c/busses/i2c-octeon-core.c).
 */
#include <time.h>

#include "board/internal.h"

#define V		(1ull << 63)
#define R		(1ull << 56)
#define SIZE_OVERRIDE	(1ull << 55)
#define OP_INTERNAL	1		/* of a transfer: an address within the device comes first; bit 1: ten bits of address */
#define OP_CLOCK	4
#define OP_REGISTER	6
#define REG_STATUS	3		/* when read */
#define STATUS_IDLE	0xf8
#define STATUS_NAK	0x20

#define INT_DONE	1ull		/* TWSI_INT: cleared by writing it, */
#define INT_EVENTS	7ull
#define INT_ENABLES	0x70ull		/* enabled four bits above */
#define SUM0_TWSI0	45
#define SUM0_TWSI1	59

#define RTC_ADDRESS	0x68
#define RTC_CONTROL	0x0e
#define RTC_STATUS	0x0f
#define RTC_TIME	7		/* registers: seconds, minutes, hours, day of week, of month, month, year */
#define RTC_CENTURY	0x80		/* in the month */

void twsi__reset(struct board *board)
{
	board->twsi_int[0] = board->twsi_int[1] = 0;
	board->rtc_pointer = 0;
}

/* --- The clock --- */

static uint8_t bcd(int value)
{
	return value / 10 % 10 << 4 | value % 10;
}

static int from_bcd(uint8_t value)
{
	return (value >> 4) * 10 + (value & 15);
}

/* Twice the same in one second; it is always 24 hours. */
static void read_time(const struct board *board, uint8_t regs[RTC_TIME])
{
	time_t now = (board->callbacks.seconds ? board->callbacks.seconds(board->user) : 0) + board->rtc_offset;
	struct tm t;

	gmtime_r(&now, &t);
	regs[0] = bcd(t.tm_sec);
	regs[1] = bcd(t.tm_min);
	regs[2] = bcd(t.tm_hour);
	regs[3] = t.tm_wday + 1;
	regs[4] = bcd(t.tm_mday);
	regs[5] = bcd(t.tm_mon + 1) | (t.tm_year >= 200 ? RTC_CENTURY : 0);
	regs[6] = bcd(t.tm_year % 100);
}

/* It takes any time; one that there is not becomes the one that it is counted to. */
static void write_time(struct board *board, const uint8_t regs[RTC_TIME])
{
	struct tm t = {
		.tm_sec = from_bcd(regs[0] & 0x7f), .tm_min = from_bcd(regs[1] & 0x7f), .tm_hour = from_bcd(regs[2] & 0x3f),
		.tm_mday = from_bcd(regs[4] & 0x3f), .tm_mon = from_bcd(regs[5] & 0x1f) - 1,
		.tm_year = from_bcd(regs[6]) + 100 + (regs[5] & RTC_CENTURY ? 100 : 0),
	};

	board->rtc_offset = timegm(&t) - (int64_t)(board->callbacks.seconds ? board->callbacks.seconds(board->user) : 0);
}

static uint8_t rtc_get(struct board *board)
{
	unsigned at = board->rtc_pointer++ % sizeof(board->rtc);

	if (at == 0)
		read_time(board, board->rtc);
	return board->rtc[at];
}

/* The time is set when the last register of it is, so that nothing is counted on between them. */
static void rtc_put(struct board *board, uint8_t value)
{
	unsigned at = board->rtc_pointer++ % sizeof(board->rtc);

	if (at == 0)
		read_time(board, board->rtc);
	board->rtc[at] = at == RTC_STATUS ? board->rtc[at] & value & 0x83 : value;
	if (at < RTC_TIME)
		write_time(board, board->rtc);
}

/* --- Transfers --- */

static bool transfer(struct board *board, uint64_t command, uint64_t *data)
{
	unsigned op = command >> 57 & 15, size = command & SIZE_OVERRIDE ? (command >> 52 & 7) + 1 : 1;
	uint64_t in = 0;

	if ((command >> 40 & 0x3ff) != RTC_ADDRESS || op > OP_INTERNAL)
		return false;
	if (op == OP_INTERNAL)
		board->rtc_pointer = command >> 32;
	for (unsigned i = 0; i < size; i++) {
		uint8_t byte = *data >> 8 * (size - 1 - i);

		if (command & R)
			in = in << 8 | rtc_get(board);
		else if (i == 0 && op != OP_INTERNAL)
			board->rtc_pointer = byte;
		else
			rtc_put(board, byte);
	}
	*data = in;
	return true;
}

static void update(struct board *board, unsigned bus)
{
	uint64_t value = board->twsi_int[bus];

	ciu__set_source(board, bus ? SUM0_TWSI1 : SUM0_TWSI0, value & (value & INT_ENABLES) >> 4);
}

void twsi__write(struct board *board, const struct board_register *r, unsigned bus, uint64_t value)
{
	uint64_t *command = board__stored(board, r, bus), *extension = &board->twsi_ext[bus];
	unsigned op = value >> 57 & 15;
	uint64_t data = *extension << 32 | (value & 0xffffffff);

	*command = value & ~V;
	if (!(value & V))
		return;
	if (op == OP_CLOCK || op == OP_REGISTER) {
		if (value & R && op == OP_REGISTER && (value >> 32 & 7) == REG_STATUS)
			*command = (*command & ~0xffull) | STATUS_IDLE;
		return;
	}
	if (!bus && transfer(board, value, &data)) {
		*command = (*command & ~0xffffffffull) | R | (data & 0xffffffff);
		*extension = data >> 32;
	} else {
		*command = (*command & ~(R | 0xff)) | STATUS_NAK;
	}
	board->twsi_int[bus] |= INT_DONE;
	update(board, bus);
}

uint64_t twsi_int__read(struct board *board, const struct board_register *r, unsigned bus)
{
	return board->twsi_int[bus];
}

void twsi_int__write(struct board *board, const struct board_register *r, unsigned bus, uint64_t value)
{
	board->twsi_int[bus] = (board->twsi_int[bus] & INT_EVENTS & ~value) | (value & INT_ENABLES);
	update(board, bus);
}

uint64_t twsi_ext__read(struct board *board, const struct board_register *r, unsigned bus)
{
	return board->twsi_ext[bus];
}

void twsi_ext__write(struct board *board, const struct board_register *r, unsigned bus, uint64_t value)
{
	board->twsi_ext[bus] = value & 0xffffffffffull;
}
