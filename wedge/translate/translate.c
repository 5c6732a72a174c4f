/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The translator: see translate.h. First the extent of a block is found, then it is written down, and then the branches in it are
 * made to lead where they should.
 */
#include "wedge/translate/translator.h"

#include <string.h>

/* --- Its extent --- */

static bool comes_later(const struct translator *t, u64 pc)
{
	for (unsigned i = 0; i < t->insns; i++)
		if ((t->insn[i].kind == BRANCH || t->insn[i].kind == GOTO) && t->insn[i].target >= pc &&
		    t->insn[i].target < pc + 4 * BLOCK_INSNS)
			return true;
	return false;
}

static u32 named_by(u32 word)
{
	u32 reads, writes;

	mips_insn__gprs(word, &reads, &writes);
	return reads | writes;
}

/* What is asked about each instruction more than once. */
static void note(const struct translator *t, struct decoded *d)
{
	const bool slot = d->kind >= BRANCH;

	d->named = named_by(d->word) | (slot ? named_by(d->slot) : 0) | 1u << d->link;
	d->leads = leads(t, d->word, d->pc);
	d->slot_leads = slot ? leads(t, d->slot, d->pc + 4) : 0;
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
		note(t, d);
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

static unsigned take_lowest(u32 *set)
{
	unsigned lowest = *set ? __builtin_ctz(*set) : 0;

	*set &= *set - 1;
	return lowest;
}

/*
 * Registers that nothing in the block names: those that it needs there must be. Not sp, which a dump wants, nor ra, which a call does.
 */
static bool find_stand_ins(struct translator *t)
{
	u32 named = 0, free = 0x5ffffffe & ~(1u << REG_K0 | 1u << REG_K1 | 1u << 28 | 1u << REG_SP);
	u8 *in = t->b->stand_in;
	bool accesses = false, looks = false, missing = false;

	for (unsigned i = 0; i < t->insns; i++) {
		const struct decoded *d = &t->insn[i];

		named |= d->named;
		accesses |= is_moved(t, d->word) || (d->kind >= BRANCH && is_moved(t, d->slot));
		missing |= octeon__is_missing(t->source, d->word) || (d->kind >= BRANCH && octeon__is_missing(t->source, d->slot));
		looks |= (t->source->looks_up && d->kind == GOTO_REGISTER) || ((d->leads | d->slot_leads) & LEADS_TO_USER);
	}
	free &= ~named;
	t->plain = !(named & (1u << REG_K0 | 1u << REG_K1));
	memset(in, 0, STAND_INS);
	if (!t->plain) {
		in[FOR_K0] = take_lowest(&free);
		in[FOR_K1] = take_lowest(&free);
	}
	if (accesses || looks)
		in[FOR_ADDRESS] = take_lowest(&free);
	if (!t->plain || looks)
		in[FOR_LOOKING] = take_lowest(&free);
	if (missing)
		in[FOR_OCTEON] = take_lowest(&free);
	return (t->plain || in[FOR_K1]) && (!accesses || in[FOR_ADDRESS]) && (!looks || in[FOR_LOOKING]) && (!missing || in[FOR_OCTEON]);
}

/* The instruction of the block that begins there; -1: none. Each takes four bytes at least. */
static int inside(const struct translator *t, u64 pc)
{
	const u64 words = (pc - t->b->start) / 4;
	int i = words < t->insns ? (int)words : (int)t->insns - 1;

	if (pc < t->b->start)
		return -1;
	while (i && t->insn[i].pc > pc)
		i--;
	return t->insn[i].pc == pc ? i : -1;
}

static void find_targets(struct translator *t)
{
	t->led_to = 0;
	for (unsigned i = 0; i < t->insns; i++) {
		struct decoded *d = &t->insn[i];

		d->to = d->kind == BRANCH || d->kind == GOTO ? inside(t, d->target) : -1;
		if (d->to >= 0)
			t->led_to |= 1ull << d->to;
	}
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

/* Before the word with the effect it can be begun again. */
static void put_sequence(struct translator *t, unsigned index)
{
	struct block_code *b = t->b;
	struct sequence s;

	decoded__sequence(ours(t, t->insn[index].word), t->source->big_endian, &s);
	t->base = 0;
	for (unsigned i = 0; i < s.length; i++) {
		put(t, s.code[i], index + (i > s.store), BLOCK_BODY, false);
		b->origin[b->length - 1].saved = i ? s.saved : 0;
	}
}

static void put_entry(struct translator *t)
{
	const u8 *in = t->b->stand_in;

	t->addressing = t->looking = false;
	if (in[FOR_ADDRESS])
		put(t, access(OP_SD, in[FOR_ADDRESS], PAGE(scratch[4])), 0, BLOCK_OUTSIDE, false);
	if (in[FOR_OCTEON])
		put(t, access(OP_SD, in[FOR_OCTEON], PAGE(scratch[7])), 0, BLOCK_OUTSIDE, false);
	t->addressing = in[FOR_ADDRESS] || in[FOR_OCTEON];
	if (t->plain)
		return;
	put(t, access(OP_SD, in[0], PAGE(scratch[2])), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_SD, in[1], PAGE(scratch[3])), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_LD, in[0], PAGE(k[0])), 0, BLOCK_OUTSIDE, false);
	put(t, access(OP_LD, in[1], PAGE(k[1])), 0, BLOCK_ENTERING, false);
}

static void put_word(struct translator *t, u32 word, unsigned seen, unsigned index)
{
	put(t, elsewhere__word(t, octeon__word(t, word, index), seen, index), index, BLOCK_BODY, false);
	elsewhere__note_writes(t, word);
}

/* A branch and its slot, which the Host's CPU executes as the guest's would. */
static void put_branch(struct translator *t, unsigned index, u32 word)
{
	const struct decoded *d = &t->insn[index];
	const int to = d->to;
	u32 slot;

	word = octeon__word(t, word, index);
	slot = elsewhere__word(t, octeon__word(t, ours(t, d->slot), index), d->slot_leads, index);
	t->fixup[t->fixups++] = (struct fixup){
		.at = t->b->length, .inside = to >= 0, .exit = to >= 0 ? (unsigned)to : exits__find(t, d->target, 0),
	};
	put(t, word & 0xffff0000, index, BLOCK_BODY, false);
	put(t, slot, index, BLOCK_BODY, false);
	elsewhere__note_writes(t, ours(t, d->slot));
}

/* Once for each way out: one that stood twice would be linked once. */
static void put_way_out(struct translator *t, unsigned n)
{
	if (t->exit_at[n]) {
		t->fixup[t->fixups++] = (struct fixup){ .at = t->b->length, .exit = n };
		put(t, BRANCH_ALWAYS, n, BLOCK_BODY, true);
		put(t, MIPS_NOP, n, BLOCK_BODY, true);
		return;
	}
	t->exit_at[n] = t->b->length;
	exits__put(t, n);
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
	if (d->puts_away)
		put(t, access(OP_SD, d->reg, PAGE(scratch[5])), index, BLOCK_BODY, false);
	put_word(t, ours(t, d->slot), d->slot_leads, index);
	put_way_out(t, exits__find(t, d->kind == GOTO ? d->target : 0, d->puts_away ? EXIT_PUT_AWAY : d->reg));
}

static void put_insn(struct translator *t, unsigned index)
{
	struct decoded *d = &t->insn[index];

	d->at = t->b->length;
	if (t->led_to >> index & 1)	/* from elsewhere than the instruction before it */
		t->base = 0;
	switch (d->kind) {
	case PLAIN:
		put_word(t, ours(t, d->word), d->leads, index);
		return;
	case SEQUENCE:
		put_sequence(t, index);
		return;
	case BRANCH:
		put_branch(t, index, ours(t, d->word));
		return;
	case GOTO:
		if (!d->link && d->to >= 0)
			put_branch(t, index, BRANCH_ALWAYS);
		else
			put_goto(t, index);
		return;
	default:
		put_goto(t, index);
	}
}

static void fix(struct translator *t)
{
	for (unsigned i = 0; i < t->fixups; i++) {
		const struct fixup *f = &t->fixup[i];
		const unsigned to = f->inside ? t->insn[f->exit].at : t->exit_at[f->exit];

		t->b->word[f->at] |= (u16)(to - f->at - 1);
	}
}

static void write_down(struct translator *t)
{
	struct block_code *b = t->b;

	t->base = 0;
	put_entry(t);
	for (unsigned i = 0; i < t->insns; i++) {
		const struct decoded *d = &t->insn[i];

		b->insn[i] = (struct block_insn){
			.word = d->word, .offset = (d->pc - b->start) / 4, .leads = d->leads | d->slot_leads,
		};
		put_insn(t, i);
	}
	b->insns = t->insns;
	b->insn[b->insns] = (struct block_insn){ .offset = (t->insn[t->insns - 1].pc + t->insn[t->insns - 1].length - b->start) / 4 };
	if (t->behind)
		put_way_out(t, exits__find(t, t->behind, 0));
	for (unsigned i = 0; i < t->fixups; i++) {
		const struct fixup *f = &t->fixup[i];

		if (!f->inside && !t->exit_at[f->exit])
			put_way_out(t, f->exit);
	}
	fix(t);
}

bool translate(struct block_code *b, const struct block_source *source, u64 pc, u64 place, u64 call)
{
	struct translator t;	/* the rest is set when it is used: clearing it would cost as much as five instructions of the guest's */
	unsigned most = BLOCK_INSNS;

	t.b = b;
	t.source = source;
	t.place = place;
	t.call = call;
	t.fixups = 0;
	b->start = pc;
	b->length = b->exits = b->insns = 0;
	do {
		find_extent(&t, pc, most);
		end_before_open_link(&t);
		most = t.insns / 2;
	} while (t.insns && !find_stand_ins(&t));
	if (!t.insns)
		return false;
	find_targets(&t);
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
		v->gpr[o->saved] = v->page->scratch[0];
	if (o->phase == BLOCK_BODY) {
		v->gpr[REG_K0] = v->gpr[b->stand_in[0]];
		v->gpr[REG_K1] = v->gpr[b->stand_in[1]];
	}
	if (o->phase >= BLOCK_ENTERING)
		v->gpr[b->stand_in[FOR_K0]] = scratch[2];
	if (o->phase >= BLOCK_BODY)
		v->gpr[b->stand_in[FOR_K1]] = scratch[3];
	if (o->phase == BLOCK_LOOKING || o->looking)
		v->gpr[b->stand_in[FOR_LOOKING]] = scratch[1];
	if (o->addressing) {
		v->gpr[b->stand_in[FOR_ADDRESS]] = scratch[4];
		v->gpr[b->stand_in[FOR_OCTEON]] = scratch[7];
	}
	if (o->phase == BLOCK_CALLING)
		v->gpr[REG_RA] = v->page->scratch[0];
	v->gpr[0] = 0;		/* stands in where nothing does */
	if (!o->exiting)
		v->pc = b->start + 4 * b->insn[o->index].offset;
	else if (exit->reg == EXIT_PUT_AWAY)
		v->pc = scratch[5];
	else
		v->pc = exit->reg ? v->gpr[exit->reg] : exit->pc;
}
