// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The small devices: clock counter, random numbers, fuses, GPIO, and the display by which a
 * guest switches the board off.
 */
#include "board/internal.h"

#define FUS_RCMD_PEND		(1ull << 12)
#define GPIO_POWER		12
#define GPIO_CFG_TX_OE		1

void misc__reset(struct board *board)
{
	board->random = board->config.random_seed;
	board->gpio_out = 0;
}

static void power_off(struct board *board)
{
	if (board->callbacks.power_off)
		board->callbacks.power_off(board->user);
}

uint64_t ipd_clk_count__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board__cycles(board);
}

/* Without a callback, splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014). */
uint64_t rng__read(struct board *board, const struct board_register *r, unsigned index)
{
	uint64_t z;

	if (board->callbacks.random)
		return board->callbacks.random(board->user);
	z = board->random += 0x9e3779b97f4a7c15ull;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* A fuse command is done at once: Linux spins until its pending bit is clear. All fuses read 0. */
void fus_rcmd__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	*board__stored(board, r, index) = value & ~(FUS_RCMD_PEND | 0xff0000);
}

/*
 * How `poweroff` ends the virtual machine: a vanilla kernel has no power switch on an EBH5610, but its
 * octeon_halt() writes "PowerOff" to the eight-character display, whatever its configuration.
 */
void display__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	*board__stored(board, r, index) = value;
	if (value == 0x506f7765724f6666ull)	/* "PowerOff", first character uppermost */
		power_off(board);
}

/* The other way, that of the NAO38 board: pin 12, driven high. */
static void check_power_pin(struct board *board, const struct board_register *cfg12)
{
	if (board->gpio_out >> GPIO_POWER & 1 && *board__stored(board, cfg12, GPIO_POWER) & GPIO_CFG_TX_OE)
		power_off(board);
}

void gpio_cfg__write(struct board *board, const struct board_register *r, unsigned pin, uint64_t value)
{
	*board__stored(board, r, pin) = value & r->writable;
	if (pin == GPIO_POWER)
		check_power_pin(board, r);
}

void gpio_set__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->gpio_out |= value & 0xffff;
	check_power_pin(board, r - 2);		/* GPIO_BIT_CFGX stands two rows above GPIO_TX_SET */
}

void gpio_clr__write(struct board *board, const struct board_register *r, unsigned index, uint64_t value)
{
	board->gpio_out &= ~value;
}

/* Outputs read back; nothing drives the inputs. */
uint64_t gpio_rx__read(struct board *board, const struct board_register *r, unsigned index)
{
	return board->gpio_out;
}
