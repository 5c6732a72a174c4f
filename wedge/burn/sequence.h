/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which instructions stand for a sensitive one.
 */
#ifndef WEDGE_BURN_SEQUENCE_H
#define WEDGE_BURN_SEQUENCE_H

#include "wedge/burn/burn.h"

/* A site of this instruction; its `insn` is 0 if it is not sensitive. */
struct burn_site sequence__site(u32 word);

/*
 * Puts into site->code[0] the load or store on the vCPU page that stands for the instruction; what is padded stays
 * NOPs. False if there is none.
 */
bool sequence__inline(struct burn_site *site, bool big_endian);

/*
 * What stands for an instruction in the code cache. Both jumps have a word of it in their slots: the one that leads there
 * the first, the one that leads back the last; so a trip costs two words more than the sequence.
 */
struct sequence {
	u32 code[SLOT_SIZE / 4];
	unsigned length;	/* at least 3 words, at most those of a slot less the jump back */
	unsigned store;		/* the word with the effect: before it the sequence can be begun again */
	unsigned saved;		/* the register that the first word saves in the vcpu's scratch[0] and the last restores; 0: none */
};

/* False if this instruction has no such sequence. */
bool sequence__outline(const struct burn_site *site, struct sequence *s, bool big_endian);

u32 sequence__jump(u64 target, bool link);
u32 sequence__save_ra(void);
u32 sequence__restore_ra(void);

#endif
