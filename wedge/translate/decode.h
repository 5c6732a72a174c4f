/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the translator: an instruction of the guest's and what stands for it in a block.
 */
#ifndef WEDGE_TRANSLATE_DECODE_H
#define WEDGE_TRANSLATE_DECODE_H

#include "abi/mips_insn.h"
#include "wedge/burn/sequence.h"
#include "wedge/translate/translate.h"

enum kind {
	PLAIN,			/* one word */
	SEQUENCE,		/* some: di, ei */
	BRANCH,			/* to a place, or on behind its slot */
	GOTO,			/* to a place; with a link if `link` is one */
	GOTO_REGISTER,
};

struct decoded {
	u64 pc, target;
	u32 word, slot;		/* as they are written, but for k0 and k1; of a sequence, what it stands for */
	u32 length;		/* bytes, with the slot */
	u8 kind, reg, link;
	bool puts_away;		/* where it leads is put away first: its slot writes the register */
	/* The translator's: */
	u8 leads, slot_leads;	/* where it, and what is in its slot, has been seen to lead: LEADS_ */
	s16 to;			/* the instruction of the block that it leads to; -1: none */
	u16 at;			/* its first word in the block */
	u32 named;		/* bit n: register n is, by it or its slot */
};

/* The instruction at d->pc. False if it cannot be translated: it is for the interpreter. */
bool decode(const struct block_source *source, struct decoded *d);

/* From SB to SWR, and those of 64 bits or with a link. */
#define STORES	(0x7full << MIPS_OP_SB | 1ull << MIPS_OP_SC | 1ull << MIPS_OP_SCD | 1ull << MIPS_OP_SD)
#define LOADS	(0xffull << MIPS_OP_LB | 1ull << MIPS_OP_LDL | 1ull << MIPS_OP_LDR | 1ull << MIPS_OP_LL | 1ull << MIPS_OP_LLD | 1ull << MIPS_OP_LD)

/* A load or store of memory, by a base register and an offset. */
static inline bool decoded__is_access(u32 word)
{
	return (STORES | LOADS) >> mips_insn__opcode(word) & 1;
}

/* Of such a one. The size is that to which its address has to be a multiple, so that it lies on one page. */
static inline bool decoded__is_store(u32 word)
{
	return STORES >> mips_insn__opcode(word) & 1;
}
unsigned decoded__log2_size(u32 word);

/* An instruction of Octeon's that the Host's CPU has not; and of such: can others stand for it? (octeon.c) */
static inline bool octeon__is_missing(const struct block_source *source, u32 word)
{
	return source->no_octeon && mips_insn__is_octeon(word);
}

bool octeon__stands(u32 word);

/* What stands for a SEQUENCE, once k0 and k1 have been replaced in it. */
void decoded__sequence(u32 word, bool big_endian, struct sequence *s);

/* A load or store of `reg` on what $zero reaches. */
static inline u32 access(unsigned op, unsigned reg, u64 offset)
{
	return op << 26 | reg << 16 | (offset & 0xffff);
}

#define PAGE(field)	(VCPU_PAGE + offsetof(struct vcpu_page, field))

#endif
