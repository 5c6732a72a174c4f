/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The translator: see translate.h. First the extent of a block is found, then it is written down, and then the branches in it are
 * made to lead where they should.
 */
#include "wedge/translate/translate.h"

#include <string.h>

#include "abi/mips_insn.h"
#include "wedge/core/interp.h"
#include "wedge/translate/decode.h"

/* A branch in the block whose target is known by its place only when all is written. */
struct fixup {
	u16 at;			/* the branch */
	u16 exit;		/* or, if `inside`, the instruction */
	bool inside;
};

struct translator {
	struct block_code *b;
	const struct block_source *source;
	struct decoded insn[BLOCK_INSNS];
	unsigned insns;
	bool plain;		/* neither k0 nor k1 is named: nothing stands in for them */
	u64 behind;		/* where it goes on behind the last; 0: nowhere */
	struct fixup fixup[BLOCK_INSNS];
	unsigned fixups;
	u64 place, call;
};

/* --- Its extent --- */

static bool comes_later(const struct translator *t, u64 pc)
{
	for (unsigned i = 0; i < t->insns; i++)
		if ((t->insn[i].kind == BRANCH || t->insn[i].kind == GOTO) && t->insn[i].target >= pc &&
		    t->insn[i].target < pc + 4 * BLOCK_INSNS)
			return true;
	return false;
}

static void find_extent(struct translator *t, u64 pc, unsigned most)
{
	t->insns = 0;
	t->behind = pc;
	while (t->insns < most) {
		struct decoded *d = &t->insn[t->insns];

		*d = (struct decoded){ .pc = pc };
		if ((t->insns && t->source->native(t->source->user, pc)) || !decode(t->source, d))
			return;
		t->insns++;
		t->behind = pc += d->length;
		if (d->kind < GOTO)
			continue;
		t->behind = 0;
		/* What follows belongs to it only if something else leads there. */
		if (d->link || !comes_later(t, pc))
			return;
		t->behind = pc;
	}
}

/*
 * An LL whose SC is not in the block is left to the interpreter, which goes on to the SC: between them a call of the Wedge would lose
 * the link each time.
 */
static void end_before_open_link(struct translator *t)
{
	unsigned open = t->insns;

	for (unsigned i = 0; i < t->insns; i++) {
		if (mips_insn__is_ll(t->insn[i].word))
			open = open == t->insns ? i : open;
		else if (mips_insn__is_sc(t->insn[i].word) || (t->insn[i].kind >= BRANCH && mips_insn__is_sc(t->insn[i].slot)))
			open = t->insns;
	}
	if (open == t->insns)
		return;
	t->behind = t->insn[open].pc;
	t->insns = open;
}

static u32 named_by(u32 word)
{
	u32 reads, writes;

	mips_insn__gprs(word, &reads, &writes);
	return reads | writes;
}

static unsigned take_lowest(u32 *set)
{
	unsigned lowest = *set ? __builtin_ctz(*set) : 0;

	*set &= *set - 1;
	return lowest;
}

/* Registers that nothing in the block names; two there must be. Not sp, which a dump wants, nor ra, which a call does. */
static bool find_stand_ins(struct translator *t)
{
	u32 named = 0, free = 0x5ffffffe & ~(1u << REG_K0 | 1u << REG_K1 | 1u << 28 | 1u << REG_SP);

	for (unsigned i = 0; i < t->insns; i++) {
		const struct decoded *d = &t->insn[i];

		named |= named_by(d->word) | (d->kind < BRANCH ? 0 : named_by(d->slot)) | 1u << d->link;
	}
	t->plain = !(named & (1u << REG_K0 | 1u << REG_K1));
	free = t->plain ? 0 : free & ~named;
	for (unsigned i = 0; i < ARRAY_SIZE(t->b->stand_in); i++)
		t->b->stand_in[i] = take_lowest(&free);
	return t->plain || t->b->stand_in[1];
}

/* --- Writing --- */

/* Of a count of leading bits: what it writes is named twice. */
static bool names_target_twice(u32 word)
{
	return mips_insn__opcode(word) == MIPS_OP_SPECIAL2 && (mips_insn__funct(word) & 0x3a) == 0x20;
}

/* A field names a register if what the word names follows it; `to` is named nowhere. */
static u32 rename_register(u32 word, unsigned from, unsigned to)
{
	static const unsigned fields[] = { 21, 16, 11 };
	u32 result = word;

	for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
		const u32 mask = 31u << fields[i];

		if ((word >> fields[i] & 31) == from && named_by((word & ~mask) | to << fields[i]) >> to & 1)
			result = (result & ~mask) | to << fields[i];
	}
	if (result != word && names_target_twice(word))
		result = (result & ~(31u << 16)) | mips_insn__rd(result) << 16;
	return result;
}

static u32 ours(const struct translator *t, u32 word)
{
	if (t->plain)
		return word;
	word = rename_register(word, REG_K0, t->b->stand_in[0]);
	return rename_register(word, REG_K1, t->b->stand_in[1]);
}

static void put(struct translator *t, u32 word, unsigned index, enum block_phase phase, bool exiting)
{
	struct block_code *b = t->b;

	if (t->plain && phase != BLOCK_CALLING)
		phase = BLOCK_OUTSIDE;
	b->origin[b->length] = (struct block_origin){ .phase = phase, .exiting = exiting, .index = index };
	b->word[b->length++] = word;
}

/* Before the word with the effect it can be begun again. */
static void put_sequence(struct translator *t, unsigned index)
{
	struct block_code *b = t->b;
	struct sequence s;

	decoded__sequence(ours(t, t->insn[index].word), t->source->big_endian, &s);
	for (unsigned i = 0; i < s.length; i++) {
		put(t, s.code[i], index + (i > s.store), BLOCK_BODY, false);
		b->origin[b->length - 1].saved = i ? s.saved : 0;
	}
}

static void put_entry(struct translator *t)
{
	const u8 *in = t->b->stand_in;

	if (t->plain)
		return;
	put(t, access(OP_SD, in[0], SCRATCH(2)), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_SD, in[1], SCRATCH(3)), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_LD, in[0], PAGE_K(0)), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_LD, in[1], PAGE_K(1)), 0, BLOCK_ENTERING, false);
}

static void put_call(struct translator *t, unsigned exit)
{
	put(t, sequence__save_ra(), exit, BLOCK_LEAVING, true);
	put(t, sequence__jump(t->call, true), exit, BLOCK_CALLING, true);
	put(t, MIPS_NOP, exit, BLOCK_CALLING, true);
}

#define JUMP(field)	(PAGE(jump) + offsetof(struct vcpu_jump, field))

static u32 on(unsigned op, unsigned base, unsigned reg, u64 offset)
{
	return access(op, reg, offset) | base << 21;
}

/* To where k0 or k1 says, both of which are in the page by now: if a block is known to be there, to that. */
static void put_look(struct translator *t, unsigned n)
{
	const u8 *in = t->b->stand_in;
	const bool second = t->b->exit[n].reg == REG_K1;
	const unsigned to = in[second], place = in[!second], found = in[2];

	put(t, access(OP_SD, found, SCRATCH(1)), n, BLOCK_LEAVING, true);
	put(t, on(OP_ANDI, to, place, 4 * (VCPU_JUMPS - 1)), n, BLOCK_LOOKING, true);
	put(t, place << 16 | place << 11 | 2 << 6, n, BLOCK_LOOKING, true);	/* sll, 2: an entry has 16 bytes */
	put(t, on(OP_LD, place, found, JUMP(pc)), n, BLOCK_LOOKING, true);
	put(t, on(OP_BNE, found, to, 5), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, found, SCRATCH(1)), n, BLOCK_LOOKING, true);
	put(t, on(OP_LD, place, place, JUMP(place)), n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, to, SCRATCH(2 + second)), n, BLOCK_LOOKING, true);
	put(t, place << 21 | MIPS_JR, n, BLOCK_LOOKING, true);
	put(t, access(OP_LD, place, SCRATCH(3 - second)), n, BLOCK_LOOKING, true);
}

/* All of the guest's state is as it is behind the branch and its slot. */
static void put_exit(struct translator *t, unsigned n)
{
	struct block_code *b = t->b;
	struct block_exit *exit = &b->exit[n];
	const u32 last = t->plain ? MIPS_NOP : access(OP_LD, b->stand_in[1], SCRATCH(3));

	if (!t->plain) {
		put(t, access(OP_SD, b->stand_in[0], PAGE_K(0)), n, BLOCK_BODY, true);
		put(t, access(OP_SD, b->stand_in[1], PAGE_K(1)), n, BLOCK_BODY, true);
		if ((exit->reg == REG_K0 || exit->reg == REG_K1) && b->stand_in[2])
			put_look(t, n);
		put(t, access(OP_LD, b->stand_in[0], SCRATCH(2)), n, BLOCK_LEAVING, true);
	}
	if (exit->reg == REG_K0 || exit->reg == REG_K1) {
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

static unsigned new_exit(struct translator *t, u64 pc, unsigned reg)
{
	struct block_code *b = t->b;

	for (unsigned i = 0; i < b->exits; i++)
		if (b->exit[i].pc == pc && b->exit[i].reg == reg)
			return i;
	b->exit[b->exits] = (struct block_exit){ .pc = pc, .reg = reg };
	return b->exits++;
}

/* The instruction of the block that begins there; -1: none. */
static int inside(const struct translator *t, u64 pc)
{
	for (unsigned i = 0; i < t->insns; i++)
		if (t->insn[i].pc == pc)
			return i;
	return -1;
}

/* A branch and its slot, which the Host's CPU executes as the guest's would. */
static void put_branch(struct translator *t, unsigned index, u32 word)
{
	const struct decoded *d = &t->insn[index];
	const int to = inside(t, d->target);

	t->fixup[t->fixups++] = (struct fixup){
		.at = t->b->length, .inside = to >= 0, .exit = to >= 0 ? (unsigned)to : new_exit(t, d->target, 0),
	};
	put(t, word & 0xffff0000, index, BLOCK_BODY, false);
	put(t, ours(t, d->slot), index, BLOCK_BODY, false);
}

/*
 * An unconditional jump that leads out of the block: first its link, then its slot, then the exit. Stopped in front of the slot it
 * begins again, with the same link.
 */
static void put_goto(struct translator *t, unsigned index)
{
	const struct decoded *d = &t->insn[index];
	const u32 link = d->pc + 8;

	if (d->link) {
		put(t, OP_LUI << 26 | d->link << 16 | link >> 16, index, BLOCK_BODY, false);
		put(t, OP_ORI << 26 | d->link << 21 | d->link << 16 | (link & 0xffff), index, BLOCK_BODY, false);
	}
	put(t, ours(t, d->slot), index, BLOCK_BODY, false);
	put_exit(t, new_exit(t, d->kind == GOTO ? d->target : 0, d->reg));
}

#define BRANCH_ALWAYS	((u32)MIPS_OP_BEQ << 26)

static void put_insn(struct translator *t, unsigned index)
{
	struct decoded *d = &t->insn[index];

	d->at = t->b->length;
	switch (d->kind) {
	case PLAIN:
		put(t, ours(t, d->word), index, BLOCK_BODY, false);
		return;
	case SEQUENCE:
		put_sequence(t, index);
		return;
	case BRANCH:
		put_branch(t, index, ours(t, d->word));
		return;
	case GOTO:
		if (!d->link && inside(t, d->target) >= 0)
			put_branch(t, index, BRANCH_ALWAYS);
		else
			put_goto(t, index);
		return;
	default:
		put_goto(t, index);
	}
}

static void fix(struct translator *t, const u16 *exit_at)
{
	for (unsigned i = 0; i < t->fixups; i++) {
		const struct fixup *f = &t->fixup[i];
		const unsigned to = f->inside ? t->insn[f->exit].at : exit_at[f->exit];

		t->b->word[f->at] |= (u16)(to - f->at - 1);
	}
}

static void write_down(struct translator *t)
{
	struct block_code *b = t->b;
	u16 exit_at[BLOCK_EXITS] = { 0 };		/* of those that branches lead to */

	put_entry(t);
	for (unsigned i = 0; i < t->insns; i++) {
		b->insn[i] = (struct block_insn){ t->insn[i].word, (t->insn[i].pc - b->start) / 4 };
		put_insn(t, i);
	}
	b->insns = t->insns;
	b->insn[b->insns] = (struct block_insn){ .offset = (t->insn[t->insns - 1].pc + t->insn[t->insns - 1].length - b->start) / 4 };
	if (t->behind)
		put_exit(t, new_exit(t, t->behind, 0));
	for (unsigned i = 0; i < t->fixups; i++) {
		const struct fixup *f = &t->fixup[i];

		if (f->inside || exit_at[f->exit])
			continue;
		exit_at[f->exit] = b->length;
		put_exit(t, f->exit);
	}
	fix(t, exit_at);
}

bool translate(struct block_code *b, const struct block_source *source, u64 pc, u64 place, u64 call)
{
	struct translator t = { .b = b, .source = source, .place = place, .call = call };
	unsigned most = BLOCK_INSNS;

	b->start = pc;
	b->length = b->exits = b->insns = 0;
	do {
		find_extent(&t, pc, most);
		end_before_open_link(&t);
		most = t.insns / 2;
	} while (t.insns && !find_stand_ins(&t));
	if (!t.insns)
		return false;
	write_down(&t);
	return true;
}

/* --- And back --- */

void block__settle(const struct block_view *b, unsigned word, struct vcpu *v)
{
	const struct block_origin *o = &b->origin[word];
	const u64 *scratch = v->page->scratch;
	const struct block_exit *exit = &b->exit[o->index];

	if (o->saved)
		v->gpr[o->saved] = scratch[0];
	if (o->phase == BLOCK_BODY) {
		v->gpr[REG_K0] = v->gpr[b->stand_in[0]];
		v->gpr[REG_K1] = v->gpr[b->stand_in[1]];
	}
	if (o->phase >= BLOCK_ENTERING)
		v->gpr[b->stand_in[0]] = scratch[2];
	if (o->phase >= BLOCK_BODY)
		v->gpr[b->stand_in[1]] = scratch[3];
	if (o->phase == BLOCK_LOOKING)
		v->gpr[b->stand_in[2]] = scratch[1];
	if (o->phase == BLOCK_CALLING)
		v->gpr[REG_RA] = scratch[0];
	v->gpr[0] = 0;		/* stands in where nothing does */
	if (!o->exiting)
		v->pc = b->start + 4 * b->insn[o->index].offset;
	else
		v->pc = exit->reg ? v->gpr[exit->reg] : exit->pc;
}
