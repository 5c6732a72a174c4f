/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What can be translated: see decode.h.
 */
#include "wedge/translate/decode.h"

#include "abi/mips_insn.h"
#include "wedge/core/interp.h"

/*
 * Two that are no plain reads elsewhere. BadVAddr is the canonical one to who reads it into k0 or k1 (move_from() in core/sensitive.c), and
 * nobody there waits for a bit of Cause.
 */
static bool decode_read(const struct block_source *source, u32 *word)
{
	const unsigned rt = field_rt(*word), wide = field_rs(*word);
	const int r = cp0__find(field_rd(*word), *word & 7);
	const unsigned low = source->big_endian ? 4 : 0;

	if (wide > 1 || *word & 0x7f8)
		return false;
	if (r == CP0_CAUSE && !source->calls_for_cause)
		*word = access(OP_LW, rt, PAGE(cp0[CP0_CAUSE]) + low);
	else if (r == CP0_BADVADDR && (rt == REG_K0 || rt == REG_K1))
		*word = access(wide ? OP_LD : OP_LW, rt, PAGE(badvaddr) + (wide ? 0 : low));
	else
		return false;
	return true;
}

/* Coprocessor 0 moves that are loads and stores on the vCPU page; `word` becomes that. */
static bool decode_sensitive(const struct block_source *source, u32 *word)
{
	struct burn_site site = sequence__site(*word);

	if (decode_read(source, word))
		return true;
	if (!sequence__inline(&site, source->big_endian))
		return false;
	*word = site.code[0];
	return true;
}

/* Of Octeon's multiplier: its registers are the Wedge's to keep. */
static bool is_multiplier(u32 word)
{
	unsigned f = mips_insn__funct(word);

	return mips_insn__opcode(word) == MIPS_OP_SPECIAL2 && f >= 0x08 && f <= 0x11 && f != 0x0b;
}

unsigned decoded__log2_size(u32 word)
{
	const unsigned op = mips_insn__opcode(word);

	switch (op) {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) case OPCODE: return __builtin_ctz((BITS) / 8);
#include "abi/accesses.def"
#undef ACCESS
	case MIPS_OP_LL: case MIPS_OP_SC:
		return 2;
	case MIPS_OP_LLD: case MIPS_OP_SCD:
		return 3;
	default:
		return 0;	/* a part of a word or doubleword stays in that, at whatever byte of it it begins */
	}
}

/* Of a kernel that is not where it was linked for: other ways to memory, and what needs no base. */
static bool cannot_be_moved(u32 word)
{
	const unsigned op = mips_insn__opcode(word), f = mips_insn__funct(word);

	return (op == MIPS_OP_SPECIAL3 && f == 0x0a) || (op == MIPS_OP_SPECIAL2 && (f == 0x18 || f == 0x19)) ||
	       (decoded__is_access(word) && !mips_insn__rs(word));
}

/* Of what we do not know, it is said that it reads all that its fields could name, and writes nothing. */
static bool is_unknown(u32 word)
{
	const u32 fields = 1u << mips_insn__rs(word) | 1u << mips_insn__rt(word) | 1u << mips_insn__rd(word);
	u32 reads, writes;

	mips_insn__gprs(word, &reads, &writes);
	return !writes && reads == fields;
}

/* Nothing that does what the guest's CPU would not, without a trap; nothing whose registers we do not know. */
static bool decode_plain(const struct block_source *source, u32 *word)
{
	const unsigned op = mips_insn__opcode(*word), f = mips_insn__funct(*word);

	if (op == MIPS_OP_COP0)
		return decode_sensitive(source, word);
	if (octeon__is_missing(source, *word) && !octeon__stands(*word))
		return false;
	if (source->moved && cannot_be_moved(*word))
		return false;
	if (op == MIPS_OP_CACHE || op == MIPS_OP_COP2 || mips_insn__is_fpu(*word) || is_multiplier(*word) ||
	    mips_insn__has_delay_slot(*word))
		return false;
	if (op == MIPS_OP_REGIMM)		/* traps, but not synci */
		return mips_insn__rt(*word) >= 0x08 && mips_insn__rt(*word) <= 0x0e;
	if (op == MIPS_OP_SPECIAL && (f == MIPS_SYSCALL || f == MIPS_BREAK))
		return false;
	if ((op == MIPS_OP_SPECIAL2 || op == MIPS_OP_SPECIAL3) && is_unknown(*word))
		return false;
	return !(op == MIPS_OP_SPECIAL3 && f == 0x3b);		/* rdhwr */
}

static bool fetch(const struct block_source *source, u64 pc, u32 *word, u32 *length)
{
	return source->fetch(source->user, pc, word, length);
}

static bool writes(u32 word, unsigned reg)
{
	u32 r, w;

	mips_insn__gprs(word, &r, &w);
	return w >> reg & 1;
}

/* Fields that must be zero, or it is another instruction, or none. */
static bool has_reserved_fields(u32 word)
{
	switch (mips_insn__opcode(word)) {
	case MIPS_OP_SPECIAL: return word & (mips_insn__funct(word) == MIPS_JR ? 0x001ffbc0 : 0x001f03c0);
	case MIPS_OP_BLEZ: case MIPS_OP_BGTZ: case MIPS_OP_BLEZL: case MIPS_OP_BGTZL: return mips_insn__rt(word);
	default: return false;
	}
}

/* A jump to a register or to a place, with its slot. */
static bool decode_jump(const struct block_source *source, struct decoded *d)
{
	const enum mips_flow flow = mips_insn__flow(d->word);
	u32 length;

	if (has_reserved_fields(d->word) || !fetch(source, d->pc + 4, &d->slot, &length) || length != 4 ||
	    mips_insn__is_ll(d->slot) || !decode_plain(source, &d->slot))
		return false;
	d->length = 8;
	d->target = mips_insn__branch_target(d->word, d->pc);
	switch (flow) {
	case MIPS_FLOW_BRANCH:
		d->kind = BRANCH;
		/* There is one register for what stands for them. */
		if (octeon__is_missing(source, d->word) && octeon__is_missing(source, d->slot))
			return false;
		return !mips_insn__is_fpu(d->word) && mips_insn__opcode(d->word) != MIPS_OP_COP2;
	case MIPS_FLOW_ALWAYS:
		d->kind = GOTO;
		return true;
	case MIPS_FLOW_J: case MIPS_FLOW_JAL:
		d->kind = GOTO;
		d->target = mips_insn__jump_target(d->word, d->pc);
		d->link = flow == MIPS_FLOW_JAL ? MIPS_RA : 0;
		return mips_insn__opcode(d->word) != 0x1d;		/* jalx */
	case MIPS_FLOW_JR: case MIPS_FLOW_JALR:
		d->kind = GOTO_REGISTER;
		d->reg = mips_insn__rs(d->word);
		d->link = flow == MIPS_FLOW_JALR ? mips_insn__rd(d->word) : 0;
		d->puts_away = writes(d->slot, d->reg);
		return d->reg && d->reg != d->link &&
		       (!d->puts_away || (source->looks_up && d->reg != REG_K0 && d->reg != REG_K1));
	default:
		return false;
	}
}

void decoded__sequence(u32 word, bool big_endian, struct sequence *s)
{
	const struct burn_site site = sequence__site(word);

	sequence__outline(&site, s, big_endian);
}

static bool is_sequence(u32 word, bool big_endian)
{
	struct burn_site site;
	struct sequence s;

	if (mips_insn__opcode(word) != MIPS_OP_COP0)
		return false;
	site = sequence__site(word);
	return sequence__outline(&site, &s, big_endian);
}

bool decode(const struct block_source *source, struct decoded *d)
{
	if (!fetch(source, d->pc, &d->word, &d->length))
		return false;
	if (is_sequence(d->word, source->big_endian)) {
		d->kind = SEQUENCE;
		return true;
	}
	if (!mips_insn__has_delay_slot(d->word))
		return decode_plain(source, &d->word);
	/* One that is burnt reaches over its pad; no jump of the guest's is. */
	return d->length == 4 && decode_jump(source, d) && d->link != REG_K0 && d->link != REG_K1;
}
