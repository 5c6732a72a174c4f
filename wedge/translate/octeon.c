/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What stands for an instruction of Octeon's where the Host's CPU has none of them: a word that makes a part of it, into a register of the block's or into
 * LO, and one that does the rest.
 */
#include "wedge/burn/sequence.h"
#include "wedge/translate/translator.h"

/* Of SPECIAL2: those that are known here. */
enum { DMUL = 0x03, BADDU = 0x28, SEQ = 0x2a, SNE = 0x2b, SEQI = 0x2e, SNEI = 0x2f, CINS = 0x32, CINS32 = 0x33, EXTS = 0x3a, EXTS32 = 0x3b };

/* Of SPECIAL: what stands for them. */
enum { MFLO = 0x12, DMULT = 0x1c, XOR = 0x26, SLTU = 0x2b, DADDU = 0x2d, DSLL = 0x38, DSRL = 0x3a, DSRA = 0x3b, FURTHER_BY_32 = 4 };

#define OP_SLTIU	0x0bu
#define OP_ANDI		0x0cu
#define OP_DADDIU	0x19u
#define SPECIAL3	(0x1fu << 26)
#define DEXT		0x03u
#define DEXTU		0x02u		/* of the high word */

static u32 special(unsigned funct, unsigned rs, unsigned rt, unsigned rd)
{
	return rs << 21 | rt << 16 | rd << 11 | funct;
}

static u32 immediate(unsigned op, unsigned rs, unsigned rt, s32 value)
{
	return op << 26 | rs << 21 | rt << 16 | (u16)value;
}

/* By 0 to 63 bits. */
static u32 shift(unsigned funct, unsigned rt, unsigned rd, unsigned by)
{
	return special(funct + (by >= 32 ? FURTHER_BY_32 : 0), 0, rt, rd) | (by & 31) << 6;
}

static bool is_branch(u32 word)
{
	return mips_insn__opcode(word) != MIPS_OP_SPECIAL2;
}

/* Of cins and exts: from which bit, and how many. */
static unsigned field_start(u32 word)
{
	return (word >> 6 & 31) + (mips_insn__funct(word) & 1 ? 32 : 0);
}

static unsigned field_size(u32 word)
{
	return mips_insn__rd(word) + 1;
}

bool octeon__stands(u32 word)
{
	if (is_branch(word))
		return true;
	switch (mips_insn__funct(word)) {
	case DMUL: case BADDU: case SEQ: case SNE:
		return !(word & 0x7c0);
	case SEQI: case SNEI:
		return true;
	case CINS: case CINS32: case EXTS: case EXTS32:
		return field_start(word) + field_size(word) <= 64;
	default:
		return false;
	}
}

static u32 put_branch(struct translator *t, u32 word, unsigned index)
{
	const unsigned op = mips_insn__opcode(word), own = t->b->stand_in[FOR_OCTEON];
	const bool high = op == MIPS_OP_BBIT032 || op == MIPS_OP_BBIT132, set = op == MIPS_OP_BBIT1 || op == MIPS_OP_BBIT132;

	put(t, SPECIAL3 | special(high ? DEXTU : DEXT, mips_insn__rs(word), own, 0) | mips_insn__rt(word) << 6, index, BLOCK_BODY, false);
	return (set ? OP_BNE : MIPS_OP_BEQ) << 26 | own << 21;
}

u32 octeon__word(struct translator *t, u32 word, unsigned index)
{
	const unsigned own = t->b->stand_in[FOR_OCTEON], rs = mips_insn__rs(word), rt = mips_insn__rt(word), rd = mips_insn__rd(word);
	u32 first, rest;

	if (!octeon__is_missing(t->source, word))
		return word;
	if (is_branch(word))
		return put_branch(t, word, index);
	switch (mips_insn__funct(word)) {
	case DMUL:		/* which leaves HI and LO as they happen to be, too */
		first = special(DMULT, rs, rt, 0);
		rest = special(MFLO, 0, 0, rd);
		break;
	case BADDU:
		first = special(DADDU, rs, rt, own);
		rest = immediate(OP_ANDI, own, rd, 0xff);
		break;
	case SEQ: case SNE:
		first = special(XOR, rs, rt, own);
		rest = mips_insn__funct(word) == SEQ ? immediate(OP_SLTIU, own, rd, 1) : special(SLTU, 0, own, rd);
		break;
	case SEQI: case SNEI:
		first = immediate(OP_DADDIU, rs, own, -((s32)(word << 16) >> 22));
		rest = mips_insn__funct(word) == SEQI ? immediate(OP_SLTIU, own, rt, 1) : special(SLTU, 0, own, rt);
		break;
	case CINS: case CINS32:
		first = shift(DSLL, rs, own, 64 - field_size(word));
		rest = shift(DSRL, own, rt, 64 - field_size(word) - field_start(word));
		break;
	default:		/* exts, exts32 */
		first = shift(DSLL, rs, own, 64 - field_size(word) - field_start(word));
		rest = shift(DSRA, own, rt, 64 - field_size(word));
	}
	put(t, first, index, BLOCK_BODY, false);
	return rest;
}
