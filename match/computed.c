/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is computed from addresses in windows: see computed.h.
 */
#include "match/computed.h"

#include "abi/mips_insn.h"

#define CKSEG0		0xffffffff80000000ull
#define CKSEG0_MASK	0x1fffffffull
#define TABLE_SHIFT	11	/* Linux: build_setup_pgd() in arch/mips/mm/tlbex.c */
#define TABLE_LOW	0x7fffffull	/* Context: BadVPN2, and bits 3-0 */

static bool is_32_bits(uint64_t value)
{
	return value == (uint32_t)value || value == (uint64_t)(int64_t)(int32_t)value;
}

/* Is the difference, modulo mask + 1, made of the moves of windows from n on? Three possibilities for each of few. */
static bool is_made_of(const struct log *log, size_t n, uint64_t difference, uint64_t mask)
{
	uint64_t move;

	if (n == log->window_count)
		return !(difference & mask);
	move = log->windows[n].canonical - log->windows[n].start;
	return is_made_of(log, n + 1, difference, mask) || is_made_of(log, n + 1, difference - move, mask) ||
	       is_made_of(log, n + 1, difference + move, mask);
}

bool computed__is_sum(const struct log *log, uint64_t first, uint64_t second)
{
	return is_made_of(log, 0, first - second, ~0ull) ||
	       (is_32_bits(first) && is_32_bits(second) && is_made_of(log, 0, first - second, 0xffffffff));
}

bool computed__is_table(const struct log *log, uint64_t first, uint64_t second)
{
	uint64_t table = log__canonical(log, (second & ~TABLE_LOW) >> TABLE_SHIFT);

	if (table >= CKSEG0)
		table &= CKSEG0_MASK;
	return first == (table << TABLE_SHIFT | (second & TABLE_LOW));
}

static bool is_burnt(uint32_t first, uint32_t second)
{
	unsigned opcode = mips_insn__opcode(second);

	return log__is_sensitive(first) &&
	       (opcode == MIPS_OP_J || (opcode >= MIPS_OP_LB && opcode != MIPS_OP_CACHE && !mips_insn__base(second)));
}

bool computed__is_code(uint64_t first, uint64_t second)
{
	bool low = is_burnt(first, second), high = is_burnt(first >> 32, second >> 32);
	bool same_high = first >> 32 == second >> 32 || (is_32_bits(first) && is_32_bits(second));

	return (high && (low || (uint32_t)first == (uint32_t)second)) || (low && same_high);
}
