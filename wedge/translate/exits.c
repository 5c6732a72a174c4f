/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a block is left: to another, to native code, or by a call of the Wedge.
 */
#include "wedge/burn/sequence.h"
#include "wedge/translate/translator.h"

static bool leads_to_eret(const struct translator *t, const struct block_exit *exit)
{
	u32 word, length;

	return t->source->eret && !exit->reg && t->source->fetch(t->source->user, exit->pc, &word, &length) && word == MIPS_ERET;
}

static void put_call(struct translator *t, unsigned exit)
{
	const u64 call = leads_to_eret(t, &t->b->exit[exit]) ? t->source->eret : t->call;

	put(t, sequence__save_ra(), exit, BLOCK_LEAVING, true);
	put(t, sequence__jump(call, true), exit, BLOCK_CALLING, true);
	put(t, NUMBERED_NOP(t->source->number), exit, BLOCK_CALLING, true);
}

/* `place` becomes that in the table, and `found` what is found there. */
static void put_found(struct translator *t, unsigned n, unsigned place, unsigned found)
{
	const u64 table = t->source->jumps_place;

	put(t, shifted_left(place, 4), n, BLOCK_LOOKING, true);		/* an entry has 16 bytes */
	if (table >> 16) {
		put(t, OP_LUI << 26 | found << 16 | (u32)(table >> 16), n, BLOCK_LOOKING, true);
		put(t, place << 21 | found << 16 | place << 11 | OP_SPECIAL_DADDU, n, BLOCK_LOOKING, true);
	}
	put(t, on(OP_LD, place, found, table + offsetof(struct vcpu_jump, pc)), n, BLOCK_LOOKING, true);
}

/*
 * To where a register says: if a block is known to be there, to that. k0 and k1 are both in the page by now, and one's stand-in is free when the
 * other says; for any other register, which nothing stands in for, the fourth is. Where it leads may have been put away instead: then what is found is as
 * well, because there is no third.
 */
static void put_look(struct translator *t, unsigned n)
{
	static const struct { u8 stand_in, scratch; } saved[] = { { FOR_K0, 2 }, { FOR_K1, 3 }, { FOR_ADDRESS, 4 } };
	const u8 *in = t->b->stand_in;
	const unsigned reg = t->b->exit[n].reg, found = in[FOR_LOOKING];
	const unsigned place = reg == REG_K0 ? in[FOR_K1] : reg == REG_K1 ? in[FOR_K0] : in[FOR_ADDRESS];
	const unsigned to = reg == REG_K0 ? in[FOR_K0] : reg == REG_K1 ? in[FOR_K1] : reg == EXIT_PUT_AWAY ? place : reg;
	const u32 load_place = on(OP_LD, place, place, t->source->jumps_place + offsetof(struct vcpu_jump, place));
	unsigned branch, last = 0;

	put(t, access(OP_SD, found, PAGE(scratch[1])), n, BLOCK_LEAVING, true);
	if (to == place)
		put(t, access(OP_LD, place, PAGE(scratch[5])), n, BLOCK_LOOKING, true);
	put(t, sequence__dext(place, to, 2, __builtin_ctz(t->source->jumps)), n, BLOCK_LOOKING, true);
	put_found(t, n, place, found);
	if (to == place) {
		put(t, load_place, n, BLOCK_LOOKING, true);
		put(t, access(OP_SD, place, PAGE(scratch[6])), n, BLOCK_LOOKING, true);
		put(t, access(OP_LD, place, PAGE(scratch[5])), n, BLOCK_LOOKING, true);
	}
	branch = t->b->length;
	put(t, on(OP_BNE, found, to, 0), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, found, PAGE(scratch[1])), n, BLOCK_LOOKING, true);
	put(t, to == place ? access(OP_LD, place, PAGE(scratch[6])) : load_place, n, BLOCK_LOOKING, true);
	for (unsigned i = 0; i < ARRAY_SIZE(saved); i++) {
		const unsigned stands_in = in[saved[i].stand_in];

		if (stands_in == place)
			last = access(OP_LD, place, PAGE(scratch[0]) + 8 * saved[i].scratch);
		else if (stands_in)
			put(t, access(OP_LD, stands_in, PAGE(scratch[0]) + 8 * saved[i].scratch), n, BLOCK_LOOKING, true);
	}
	put(t, place << 21 | MIPS_JR, n, BLOCK_LOOKING, true);
	put(t, last, n, BLOCK_LOOKING, true);
	t->b->word[branch] |= t->b->length - branch - 1;
}

/* The last word of a way out, in the slot of a jump where there is one. */
static u32 last_of(const struct translator *t)
{
	const u8 *in = t->b->stand_in;

	if (!t->plain)
		return access(OP_LD, in[FOR_K1], PAGE(scratch[3]));
	return in[FOR_ADDRESS] ? access(OP_LD, in[FOR_ADDRESS], PAGE(scratch[4])) : MIPS_NOP;
}

void exits__put(struct translator *t, unsigned n)
{
	struct block_code *b = t->b;
	struct block_exit *exit = &b->exit[n];
	const u32 last = last_of(t);
	const bool by_k = exit->reg == REG_K0 || exit->reg == REG_K1, looks = by_k || (t->source->looks_up && exit->reg);

	if (b->stand_in[FOR_OCTEON])
		put(t, access(OP_LD, b->stand_in[FOR_OCTEON], PAGE(scratch[7])), n, BLOCK_BODY, true);
	if (!t->plain) {
		put(t, access(OP_SD, b->stand_in[0], PAGE(k[0])), n, BLOCK_BODY, true);
		put(t, access(OP_SD, b->stand_in[1], PAGE(k[1])), n, BLOCK_BODY, true);
	}
	if (looks && b->stand_in[FOR_LOOKING])
		put_look(t, n);
	if (!t->plain) {
		put(t, access(OP_LD, b->stand_in[0], PAGE(scratch[2])), n, BLOCK_LEAVING, true);
		if (b->stand_in[FOR_ADDRESS])
			put(t, access(OP_LD, b->stand_in[FOR_ADDRESS], PAGE(scratch[4])), n, BLOCK_LEAVING, true);
	}
	if (looks) {
		put(t, last, n, BLOCK_LEAVING, true);
		put_call(t, n);
	} else if (exit->reg) {
		put(t, exit->reg << 21 | MIPS_JR, n, BLOCK_LEAVING, true);
		put(t, last, n, BLOCK_LEAVING, true);
	} else if (t->source->native(t->source->user, exit->pc)) {
		put(t, sequence__jump(exit->pc, false), n, BLOCK_LEAVING, true);
		put(t, last, n, BLOCK_LEAVING, true);
	} else {
		exit->jump = b->length;
		put(t, sequence__jump(t->place + 4 * (b->length + 2), false), n, BLOCK_LEAVING, true);
		put(t, last, n, BLOCK_LEAVING, true);
		put_call(t, n);
	}
}

unsigned exits__find(struct translator *t, u64 pc, unsigned reg)
{
	struct block_code *b = t->b;

	for (unsigned i = 0; i < b->exits; i++)
		if (b->exit[i].pc == pc && b->exit[i].reg == reg)
			return i;
	b->exit[b->exits] = (struct block_exit){ .pc = pc, .reg = reg };
	t->exit_at[b->exits] = 0;
	return b->exits++;
}
