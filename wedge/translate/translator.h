/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A block that is being written down: what the translator's files share.
 */
#ifndef WEDGE_TRANSLATE_TRANSLATOR_H
#define WEDGE_TRANSLATE_TRANSLATOR_H

#include "abi/mips_insn.h"
#include "wedge/core/interp.h"
#include "wedge/translate/decode.h"
#include "wedge/translate/translate.h"

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
	u64 led_to;		/* bit n: instruction n is, by a branch of the block */
	bool plain;		/* neither k0 nor k1 is named: nothing stands in for them */
	bool looking;		/* what FOR_LOOKING holds is ours, between two accesses, */
	bool addressing;	/* and what FOR_ADDRESS and FOR_OCTEON hold by now, */
	unsigned base;		/* and it is where this register leads; 0: nowhere, */
	bool high;		/* by vcpu_page.addend_high */
	u64 behind;		/* where it goes on behind the last; 0: nowhere */
	struct fixup fixup[BLOCK_INSNS + 1];
	unsigned fixups;
	u16 exit_at[BLOCK_EXITS];	/* of those that have been put; 0: it has not */
	u64 place, call;
};

_Static_assert(BLOCK_INSNS <= 64, "led_to has a bit for each");

/* The next word. `index` is that of the guest's instruction that is next before it is executed, or of the exit that the guest is on its way to. */
static inline void put(struct translator *t, u32 word, unsigned index, enum block_phase phase, bool exiting)
{
	struct block_code *b = t->b;

	if (t->plain && phase < BLOCK_LOOKING)
		phase = BLOCK_OUTSIDE;
	b->origin[b->length] = (struct block_origin){ .phase = phase, .addressing = t->addressing, .looking = t->looking, .exiting = exiting, .index = index };
	b->word[b->length++] = word;
}

static inline u32 on(unsigned op, unsigned base, unsigned reg, u64 offset)
{
	return access(op, reg, offset) | base << 21;
}

static inline u32 shifted_left(unsigned reg, unsigned bits)
{
	return reg << 16 | reg << 11 | bits << 6;
}

#define OP_SPECIAL_DADDU	0x2du
#define BRANCH_ALWAYS		((u32)MIPS_OP_BEQ << 26)

/* --- Memory that is elsewhere (elsewhere.c) --- */

/* Is it an access of the guest's? What is at the vCPU page is our own doing. */
static inline bool is_guests_access(u32 word)
{
	return decoded__is_access(word) && mips_insn__rs(word);
}

/* To be made elsewhere? */
static inline bool is_moved(const struct translator *t, u32 word)
{
	return t->source->moved && is_guests_access(word);
}

/* Where has it been seen to lead, as far as that matters? `pc` is its own: in a slot, not that of the branch. */
static inline unsigned leads(const struct translator *t, u32 word, u64 pc)
{
	const unsigned seen = is_guests_access(word) ? t->source->leads(t->source->user, pc) : 0;

	/* Between LL and SC there should be no store of ours. */
	return mips_insn__is_ll(word) || mips_insn__is_sc(word) ? seen & ~LEADS_TO_USER : seen;
}

/* The word to be executed in place of `word`, whose registers are the block's already, once what it needs has been put; `leads` as above. */
u32 elsewhere__word(struct translator *t, u32 word, unsigned leads, unsigned index);
/* It has been executed. */
void elsewhere__note_writes(struct translator *t, u32 word);

/* --- Octeon's instructions on a CPU that has none (octeon.c) --- */

/* The word to be executed in place of `word`, once what it needs has been put: of a branch, without where it leads. */
u32 octeon__word(struct translator *t, u32 word, unsigned index);

/* --- Ways out (exits.c) --- */

/* The number of that to `pc`, or to where a register says; made if there is none. */
unsigned exits__find(struct translator *t, u64 pc, unsigned reg);
/* All of the guest's state is as it is behind the branch and its slot. */
void exits__put(struct translator *t, unsigned n);

#endif
