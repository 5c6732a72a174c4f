/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a block is left: to another, to native code, or by a call of the Wedge.
 */
#include "wedge/burn/sequence.h"
#include "wedge/translate/translator.h"

#define JUMP_MASK(t)	(4 * ((t)->source->jumps - 1))

static void put_call(struct translator *t, unsigned exit)
{
	put(t, sequence__save_ra(), exit, BLOCK_LEAVING, true);
	put(t, sequence__jump(t->call, true), exit, BLOCK_CALLING, true);
	put(t, MIPS_NOP, exit, BLOCK_CALLING, true);
}

/* `place` becomes that in the table, and `found` what is found there. */
static void put_found(struct translator *t, unsigned n, unsigned place, unsigned found)
{
	const u64 table = t->source->jumps_place;

	put(t, shifted_left(place, 2), n, BLOCK_LOOKING, true);		/* an entry has 16 bytes */
	if (table >> 16) {
		put(t, OP_LUI << 26 | found << 16 | (u32)(table >> 16), n, BLOCK_LOOKING, true);
		put(t, place << 21 | found << 16 | place << 11 | OP_SPECIAL_DADDU, n, BLOCK_LOOKING, true);
	}
	put(t, on(OP_LD, place, found, table + offsetof(struct vcpu_jump, pc)), n, BLOCK_LOOKING, true);
}

/* To where k0 or k1 says, both of which are in the page by now: if a block is known to be there, to that. */
static void put_look(struct translator *t, unsigned n)
{
	const u8 *in = t->b->stand_in;
	const bool second = t->b->exit[n].reg == REG_K1;
	const unsigned to = in[second], place = in[!second], found = in[2];

	put(t, access(OP_SD, found, PAGE(scratch[1])), n, BLOCK_LEAVING, true);
	put(t, on(OP_ANDI, to, place, JUMP_MASK(t)), n, BLOCK_LOOKING, true);
	put_found(t, n, place, found);
	put(t, on(OP_BNE, found, to, in[FOR_ADDRESS] ? 6 : 5), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, found, PAGE(scratch[1])), n, BLOCK_LOOKING, true);
	put(t, on(OP_LD, place, place, t->source->jumps_place + offsetof(struct vcpu_jump, place)), n, BLOCK_LOOKING, true);
	if (in[FOR_ADDRESS])
		put(t, access(OP_LD, in[FOR_ADDRESS], PAGE(scratch[4])), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, to, PAGE(scratch[2 + second])), n, BLOCK_LOOKING, true);
	put(t, place << 21 | MIPS_JR, n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, place, PAGE(scratch[3 - second])), n, BLOCK_LOOKING, true);
}

/* The same by any other register, which nothing stands in for. The third and the fourth are free for it. */
static void put_look_by(struct translator *t, unsigned n, unsigned reg)
{
	const u8 *in = t->b->stand_in;
	const unsigned found = in[FOR_LOOKING], place = in[FOR_ADDRESS];

	put(t, access(OP_SD, found, PAGE(scratch[1])), n, BLOCK_LEAVING, true);
	put(t, on(OP_ANDI, reg, place, JUMP_MASK(t)), n, BLOCK_LOOKING, true);
	put_found(t, n, place, found);
	put(t, on(OP_BNE, found, reg, t->plain ? 4 : 6), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, found, PAGE(scratch[1])), n, BLOCK_LOOKING, true);
	put(t, on(OP_LD, place, place, t->source->jumps_place + offsetof(struct vcpu_jump, place)), n, BLOCK_LOOKING, true);
	if (!t->plain) {
		put(t, access(OP_LD, in[FOR_K0], PAGE(scratch[2])), n, BLOCK_LOOKING, true);
		put(t, access(OP_LD, in[FOR_K1], PAGE(scratch[3])), n, BLOCK_LOOKING, true);
	}
	put(t, place << 21 | MIPS_JR, n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, place, PAGE(scratch[4])), n, BLOCK_LOOKING, true);
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
	const bool looks = t->source->moved && exit->reg;

	if (!t->plain) {
		put(t, access(OP_SD, b->stand_in[0], PAGE(k[0])), n, BLOCK_BODY, true);
		put(t, access(OP_SD, b->stand_in[1], PAGE(k[1])), n, BLOCK_BODY, true);
		if ((exit->reg == REG_K0 || exit->reg == REG_K1) && b->stand_in[2])
			put_look(t, n);
	}
	if (looks && exit->reg != REG_K0 && exit->reg != REG_K1)
		put_look_by(t, n, exit->reg);
	if (!t->plain) {
		put(t, access(OP_LD, b->stand_in[0], PAGE(scratch[2])), n, BLOCK_LEAVING, true);
		if (b->stand_in[FOR_ADDRESS])
			put(t, access(OP_LD, b->stand_in[FOR_ADDRESS], PAGE(scratch[4])), n, BLOCK_LEAVING, true);
	}
	if (looks || exit->reg == REG_K0 || exit->reg == REG_K1) {
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
	return b->exits++;
}
