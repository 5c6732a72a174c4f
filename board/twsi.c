// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The two-wire buses, and the clock chip that is on the first of them: a Dallas DS1337 at address 0x68, as boards of this family have
 * it. Nothing else answers.
 *
 * What a kernel asks for is done at once: when it looks, the valid bit of its command is clear. A command is one for the
 * controller itself (opcode 4 or 6) or a transfer of up to eight bytes, of which the last is in bits 7:0, the first four of
 * more than four in SW_TWSI_EXT (Linux: drivers/i2c/busses/i2c-octeon-core.c).
 */
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
#define DAY		86400
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

/*
 * Days since 1970 of a date, and back. Not gmtime() and timegm(): the C library reads files for them. Years that begin in March have their odd
 * day at the end, so the months before it follow from 153 days in each five of them.
 */
static int64_t days_of(int64_t year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int m = month > 2 ? month - 3 : month + 9;

	return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
	int64_t y = (days + 719468) * 400 / 146097 + 1;
	int m, rest;

	while (days_of(y, 3, 1) > days)
		y--;
	rest = days - days_of(y, 3, 1);
	m = (5 * rest + 2) / 153;
	*day = rest - (153 * m + 2) / 5 + 1;
	*month = m < 10 ? m + 3 : m - 9;
	*year = y + (*month <= 2);
}

static int64_t now(const struct board *board)
{
	return (int64_t)(board->callbacks.seconds ? board->callbacks.seconds(board->user) : 0) + board->rtc_offset;
}

/* It always has 24 hours. */
static void read_time(const struct board *board, uint8_t regs[RTC_TIME])
{
	int64_t seconds = now(board), days = seconds / DAY, year;
	int of_day = seconds % DAY, month, day;

	date_of(days, &year, &month, &day);
	regs[0] = bcd(of_day % 60);
	regs[1] = bcd(of_day / 60 % 60);
	regs[2] = bcd(of_day / 3600);
	regs[3] = (days + 4) % 7 + 1;		/* 1970 began on a Thursday; Sunday is 1 */
	regs[4] = bcd(day);
	regs[5] = bcd(month) | (year >= 2100 ? RTC_CENTURY : 0);
	regs[6] = bcd(year % 100);
}

/* It takes any time; one that there is not becomes the one that it is counted to. */
static void write_time(struct board *board, const uint8_t regs[RTC_TIME])
{
	int month = from_bcd(regs[5] & 0x1f) - 1;
	int64_t year = 2000 + from_bcd(regs[6]) + (regs[5] & RTC_CENTURY ? 100 : 0) + (month < 0 ? -1 : month / 12);
	int64_t days = days_of(year, (month + 12) % 12 + 1, 1) + from_bcd(regs[4] & 0x3f) - 1;

	board->rtc_offset += days * DAY + from_bcd(regs[2] & 0x3f) * 3600 + from_bcd(regs[1] & 0x7f) * 60 + from_bcd(regs[0] & 0x7f) - now(board);
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
