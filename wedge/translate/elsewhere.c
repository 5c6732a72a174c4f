/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Accesses of a kernel that stays where it was linked for, whose memory is elsewhere than its addresses say: see "Stock kernels" in
 * doc/architecture.md.
 */
#include "wedge/burn/sequence.h"
#include "wedge/translate/translator.h"

#define OP_SPECIAL_DSRL32	0x3eu
#define OP_SPECIAL_XOR		0x26u
#define OP_SPECIAL_DSLL		0x38u
#define OP_DADDIU		0x19u

static u32 shifted_left_wide(unsigned reg, unsigned bits)
{
	return shifted_left(reg, bits) | OP_SPECIAL_DSLL;
}

/* Where `base` and `offset` lead, if that is a page of a program's which the vCPU page knows; else, or if the access may reach into the next, as below. */
static void put_user_address(struct translator *t, unsigned base, u32 word, u64 addend, unsigned index)
{
	const unsigned reg = t->b->stand_in[FOR_ADDRESS], look = t->b->stand_in[FOR_LOOKING], log2_size = decoded__log2_size(word);
	const u64 known = decoded__is_store(word) ? PAGE(look[0].store) : PAGE(look[0].load);
	const bool moved = t->source->moved;
	unsigned kernel = 0, there;

	put(t, access(OP_SD, look, PAGE(scratch[1])), index, BLOCK_BODY, false);
	t->looking = true;
	if (moved) {
		put(t, base << 16 | look << 11 | 28 << 6 | OP_SPECIAL_DSRL32, index, BLOCK_BODY, false);
		kernel = t->b->length;
		put(t, OP_BNE << 26 | look << 21, index, BLOCK_BODY, false);
	}
	put(t, on(OP_DADDIU, base, reg, word), index, BLOCK_BODY, false);
	put(t, sequence__dext(look, reg, 12, VCPU_LOOK_BITS), index, BLOCK_BODY, false);
	put(t, shifted_left_wide(look, VCPU_LOOK_BITS), index, BLOCK_BODY, false);
	put(t, on(OP_LD, look, look, known), index, BLOCK_BODY, false);
	put(t, look << 21 | reg << 16 | look << 11 | OP_SPECIAL_XOR, index, BLOCK_BODY, false);
	put(t, sequence__dins_zero(look, log2_size, 12 - log2_size), index, BLOCK_BODY, false);
	there = t->b->length;
	put(t, OP_BNE << 26 | look << 21, index, BLOCK_BODY, false);
	put(t, look << 11 | OP_SPECIAL_DADDU, index, BLOCK_BODY, false);	/* 0: a program's */
	put(t, sequence__dext(look, reg, 12, VCPU_LOOK_BITS), index, BLOCK_BODY, false);
	put(t, shifted_left_wide(look, VCPU_LOOK_BITS), index, BLOCK_BODY, false);
	put(t, on(OP_LD, look, look, PAGE(look[0].distance)), index, BLOCK_BODY, false);
	put(t, BRANCH_ALWAYS | (moved ? 4 : 2), index, BLOCK_BODY, false);
	put(t, look << 21 | base << 16 | reg << 11 | OP_SPECIAL_DADDU, index, BLOCK_BODY, false);
	t->b->word[there] |= t->b->length - there - 1;
	if (moved) {
		t->b->word[kernel] |= t->b->length - kernel - 1;
		put(t, shifted_left(look, 3), index, BLOCK_BODY, false);
		put(t, on(OP_LD, look, look, addend), index, BLOCK_BODY, false);
	}
	put(t, look << 21 | base << 16 | reg << 11 | OP_SPECIAL_DADDU, index, BLOCK_BODY, false);
	put(t, access(OP_LD, look, PAGE(scratch[1])), index, BLOCK_BODY, false);
	t->looking = false;
	t->base = 0;			/* it leads to one page */
}

/* FOR_ADDRESS becomes where `base` leads, if it is not yet. */
static void put_address(struct translator *t, unsigned base, bool high, u64 addend, unsigned index)
{
	const unsigned reg = t->b->stand_in[FOR_ADDRESS];

	if (t->base == base && t->high == high)
		return;
	put(t, base << 16 | reg << 11 | 28 << 6 | OP_SPECIAL_DSRL32, index, BLOCK_BODY, false);	/* >> 60 */
	put(t, shifted_left(reg, 3), index, BLOCK_BODY, false);
	put(t, on(OP_LD, reg, reg, addend), index, BLOCK_BODY, false);
	put(t, reg << 21 | base << 16 | reg << 11 | OP_SPECIAL_DADDU, index, BLOCK_BODY, false);
	t->base = base;
	t->high = high;
}

u32 elsewhere__word(struct translator *t, u32 word, unsigned leads, unsigned index)
{
	/* SC leads where its LL has: it is not known to fault elsewhere, where CPUs just let it fail. */
	const bool high = mips_insn__is_sc(word) && t->base == mips_insn__rs(word) ? t->high : leads & LEADS_HIGH;
	const u64 addend = high ? PAGE(addend_high) : PAGE(addend);

	if (leads & LEADS_TO_USER)
		put_user_address(t, mips_insn__rs(word), word, addend, index);
	else if (is_moved(t, word))
		put_address(t, mips_insn__rs(word), high, addend, index);
	else
		return word;
	return (word & ~(31u << 21)) | (u32)t->b->stand_in[FOR_ADDRESS] << 21;
}

void elsewhere__note_writes(struct translator *t, u32 word)
{
	u32 reads, writes;

	if (!t->base)
		return;
	mips_insn__gprs(word, &reads, &writes);
	if (writes >> t->base & 1)
		t->base = 0;
}
