// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The general timers (CIU_TIMX) and the watchdogs (CIU_WDOGX) of the CIU.
 *
 * Neither runs by itself: each has a deadline in core cycles, the owner of the Board asks for the nearest
 * one and calls board__tick() when it has come. Linux's clock does not depend on them (that is CP0
 * Compare), so a late tick loses no time.
 */
#include "board/internal.h"

#define TIM_LEN(csr)		((csr) & 0xfffffffffull)
#define TIM_ONE_SHOT		(1ull << 36)
#define TIM_BITS		(TIM_ONE_SHOT | 0xfffffffffull)

#define WDOG_MODE(csr)		((csr) & 3)	/* 0 off, 1 interrupt, 2 and NMI, 3 and reset */
#define WDOG_STATE(csr)		((csr) >> 2 & 3)
#define WDOG_STATE_ONE		(1ull << 2)
#define WDOG_STATE_MASK		(3ull << 2)
#define WDOG_LEN(csr)		((csr) >> 4 & 0xffff)
#define WDOG_CNT_SHIFT		20
#define WDOG_WRITABLE		(3ull << 44 | 0xffffull << 4 | 3)

static void moved(struct board *board)
{
	if (board->callbacks.event_moved)
		board->callbacks.event_moved(board->user);
}

void timer__reset(struct board *board)
{
	for (unsigned i = 0; i < BOARD_TIMERS; i++)
		board->timer[i] = (struct timer){ .deadline = BOARD_NEVER };
	for (unsigned core = 0; core < BOARD_CORES_MAX; core++)
		board->wdog[core] = (struct timer){ .deadline = BOARD_NEVER };
	board->timers_due = 0;
	board->sum1 = 0;
	moved(board);
}

uint64_t ciu_tim__read(struct board *board, const struct board_register *r, unsigned i)
{
	return board->timer[i].csr;
}

/* A timer of length n fires every n + 1 cycles; one of length 0 is stopped. */
void ciu_tim__write(struct board *board, const struct board_register *r, unsigned i, uint64_t value)
{
	struct timer *t = &board->timer[i];

	t->csr = value & TIM_BITS;
	t->deadline = TIM_LEN(value) ? board__cycles(board) + TIM_LEN(value) + 1 : BOARD_NEVER;
	moved(board);
}

/* LEN is the upper 16 bits of a 24-bit counter that counts down every 256 cycles. */
static uint64_t wdog_period(const struct timer *t)
{
	return WDOG_LEN(t->csr) << 16;
}

static void wdog_restart(struct board *board, unsigned core)
{
	struct timer *t = &board->wdog[core];

	t->csr &= ~WDOG_STATE_MASK;
	t->deadline = BOARD_NEVER;
	if (WDOG_MODE(t->csr) && wdog_period(t))
		t->deadline = board__cycles(board) + wdog_period(t);
	board->sum1 &= ~(1u << core);
	ciu__update(board);
	moved(board);
}

uint64_t ciu_wdog__read(struct board *board, const struct board_register *r, unsigned core)
{
	const struct timer *t = &board->wdog[core];
	uint64_t now = board__cycles(board), count = 0;

	if (t->deadline != BOARD_NEVER && t->deadline > now)
		count = (t->deadline - now) >> 8 & 0xffffff;
	return t->csr | count << WDOG_CNT_SHIFT;
}

void ciu_wdog__write(struct board *board, const struct board_register *r, unsigned core, uint64_t value)
{
	board->wdog[core].csr = value & WDOG_WRITABLE;
	wdog_restart(board, core);
}

void ciu_pp_poke__write(struct board *board, const struct board_register *r, unsigned core, uint64_t value)
{
	wdog_restart(board, core);
}

uint64_t board__next_event(const struct board *board)
{
	uint64_t next = BOARD_NEVER;

	for (unsigned i = 0; i < BOARD_TIMERS; i++)
		if (board->timer[i].deadline < next)
			next = board->timer[i].deadline;
	for (unsigned core = 0; core < board->config.cores; core++)
		if (board->wdog[core].deadline < next)
			next = board->wdog[core].deadline;
	return next;
}

bool board__will_reset(const struct board *board)
{
	for (unsigned core = 0; core < board->config.cores; core++)
		if (WDOG_MODE(board->wdog[core].csr) == 3 && board->wdog[core].deadline != BOARD_NEVER)
			return true;
	return false;
}

/* However late, a timer fires once and keeps its phase. */
static void timer_fire(struct board *board, unsigned i, uint64_t now)
{
	struct timer *t = &board->timer[i];
	uint64_t period = TIM_LEN(t->csr) + 1;

	board->timers_due |= 1ull << (CIU_SUM0_TIMER + i);
	if (t->csr & TIM_ONE_SHOT)
		t->deadline = BOARD_NEVER;
	else
		t->deadline += ((now - t->deadline) / period + 1) * period;
}

static void bite(struct board *board, unsigned core)
{
	if (board->callbacks.watchdog)
		board->callbacks.watchdog(board->user, core);
	else if (board->callbacks.reset)
		board->callbacks.reset(board->user);
}

/*
 * The first expiry interrupts, the second is an NMI, the third resets the board, as far as MODE allows. A core in reset takes no
 * NMI.
 */
static void wdog_fire(struct board *board, unsigned core, uint64_t now)
{
	struct timer *t = &board->wdog[core];

	if (WDOG_STATE(t->csr) < WDOG_MODE(t->csr))
		t->csr += WDOG_STATE_ONE;
	t->deadline = now + wdog_period(t);
	board->sum1 |= 1u << core;
	if (WDOG_STATE(t->csr) == 2 && board->callbacks.nmi && !(board->held >> core & 1))
		board->callbacks.nmi(board->user, core);
	if (WDOG_STATE(t->csr) == 3) {
		t->deadline = BOARD_NEVER;
		bite(board, core);
	}
}

void board__tick(struct board *board)
{
	uint64_t now = board__cycles(board);
	bool fired = false;

	for (unsigned i = 0; i < BOARD_TIMERS; i++)
		if (board->timer[i].deadline <= now) {
			timer_fire(board, i, now);
			fired = true;
		}
	for (unsigned core = 0; core < board->config.cores; core++)
		if (board->wdog[core].deadline <= now) {
			wdog_fire(board, core, now);
			fired = true;
		}
	if (fired) {
		ciu__update(board);
		moved(board);
	}
}
