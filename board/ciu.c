// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The Central Interrupt Unit: which sources are pending, which lines of which cores they reach.
 *
 * Each core has two lines, index 2c (Cause.IP2) and 2c + 1 (Cause.IP3), each with its own pair of enable
 * registers. A line is up while SUM0 & EN0 or SUM1 & EN1 is not zero. Pass 2 of the CN56XX has aliases of
 * the enables that set or clear only the bits written as 1, and Linux uses nothing else after start-up.
 */
#include "board/internal.h"

static uint64_t sum0(const struct board *board, unsigned x)
{
	uint32_t mbox = board->mbox[x / 2];
	uint64_t sum = board->sources | board->timers_due;

	if (mbox & 0x0000ffff)
		sum |= 1ull << CIU_SUM0_MBOX;
	if (mbox & 0xffff0000)
		sum |= 1ull << (CIU_SUM0_MBOX + 1);
	if (board->sum1 & board->en1[x])
		sum |= 1ull << CIU_SUM0_WDOG;
	return sum;
}

static void update_line(struct board *board, unsigned x)
{
	bool level = (sum0(board, x) & board->en0[x]) || (board->sum1 & board->en1[x]);

	if (x / 2 >= board->config.cores || level == board->line[x])
		return;
	board->line[x] = level;
	if (board->callbacks.irq)
		board->callbacks.irq(board->user, x / 2, 2 + x % 2, level);
}

void ciu__update(struct board *board)
{
	for (unsigned x = 0; x < 2 * board->config.cores; x++)
		update_line(board, x);
}

void ciu__set_source(struct board *board, unsigned bit, bool level)
{
	uint64_t before = board->sources;

	if (level)
		board->sources |= 1ull << bit;
	else
		board->sources &= ~(1ull << bit);
	if (board->sources != before)
		ciu__update(board);
}

void board__set_source(struct board *board, unsigned bit, bool level)
{
	if (bit < 64)
		ciu__set_source(board, bit, level);
}

static uint32_t all_cores(const struct board *board)
{
	return (1u << board->config.cores) - 1;
}

/* What is outside the library (virtio) keeps its level across a reset; all else starts quiet. */
void ciu__reset(struct board *board)
{
	board->sources &= ~(3ull << CIU_SUM0_UART | 0xffffull << CIU_SUM0_GPIO);
	for (unsigned x = 0; x < 2 * BOARD_CORES_MAX; x++) {
		board->en0[x] = 0;
		board->en1[x] = 0;
		board->mbox[x / 2] = 0;
	}
	board->held = board->config.firmware ? all_cores(board) & ~1u : 0;
	ciu__update(board);
}

uint64_t ciu_sum0__read(struct board *board, const struct board_register *r, unsigned x)
{
	return sum0(board, x);
}

/* Only the timers are latched here: all other bits follow their sources. */
void ciu_sum0__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	board->timers_due &= ~value;
	ciu__update(board);
}

uint64_t ciu_sum1__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->sum1;
}

uint64_t ciu_en0__read(struct board *board, const struct board_register *r, unsigned x)
{
	return board->en0[x];
}

uint64_t ciu_en1__read(struct board *board, const struct board_register *r, unsigned x)
{
	return board->en1[x];
}

static void set_en0(struct board *board, unsigned x, uint64_t value)
{
	board->en0[x] = value;
	update_line(board, x);
}

static void set_en1(struct board *board, unsigned x, uint64_t value)
{
	board->en1[x] = value;
	update_line(board, x);
}

void ciu_en0__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en0(board, x, value);
}

void ciu_en1__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en1(board, x, value);
}

void ciu_en0_w1c__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en0(board, x, board->en0[x] & ~value);
}

void ciu_en1_w1c__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en1(board, x, board->en1[x] & ~value);
}

void ciu_en0_w1s__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en0(board, x, board->en0[x] | value);
}

void ciu_en1_w1s__write(struct board *board, const struct board_register *r, unsigned x, uint64_t value)
{
	set_en1(board, x, board->en1[x] | value);
}

/* Both registers of a mailbox read as what is in it. */
uint64_t ciu_mbox__read(struct board *board, const struct board_register *r, unsigned core)
{
	return board->mbox[core];
}

static void set_mbox(struct board *board, unsigned core, uint32_t value)
{
	board->mbox[core] = value;
	update_line(board, 2 * core);
	update_line(board, 2 * core + 1);
}

void ciu_mbox_set__write(struct board *board, const struct board_register *r, unsigned core, uint64_t value)
{
	set_mbox(board, core, board->mbox[core] | value);
}

void ciu_mbox_clr__write(struct board *board, const struct board_register *r, unsigned core, uint64_t value)
{
	set_mbox(board, core, board->mbox[core] & ~value);
}

uint64_t ciu_pp_rst__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->held;
}

uint64_t ciu_fuse__read(struct board *board, const struct board_register *r, unsigned index)
{
	return all_cores(board);
}

void ciu_nmi__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	for (unsigned core = 0; core < board->config.cores; core++)
		if ((value & ~board->held) >> core & 1 && board->callbacks.nmi)
			board->callbacks.nmi(board->user, core);
}

void ciu_pp_rst__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	const struct board_callbacks *c = &board->callbacks;
	uint32_t mask = value & all_cores(board), held = mask & ~board->held, released = board->held & ~mask;

	for (unsigned core = 0; core < board->config.cores; core++) {
		if (held >> core & 1 && c->hold)
			c->hold(board->user, core);
		if (released >> core & 1 && board->config.firmware && c->release)
			c->release(board->user, core);
	}
	board->held = mask;
}

void ciu_soft_rst__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	if (value & 1 && board->callbacks.reset)
		board->callbacks.reset(board->user);
}
