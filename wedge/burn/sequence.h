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

/* dext rt, rs, low, size; and dins of $zero. All within the low 32 bits. */
u32 sequence__dext(unsigned rt, unsigned rs, unsigned low, unsigned size);
u32 sequence__dins_zero(unsigned rt, unsigned low, unsigned size);

/*
 * Loads and stores of the kernel that reach user memory. Where the page is the vCPU page knows (struct vcpu_look): a routine behind the call
 * entry looks there, for at. Of four words it finds one, which at then has in a window, or it goes on to the call entry, as a trampoline does. In
 * compiled code at is nobody's.
 */
#define LOOK_PLACE	0x200	/* of the routines in the code cache: one for each width, to load and to store, and one for the clock */
#define LOOK_WORDS	16	/* of each */
#define LOOK_FOUND	13	/* that are executed of one that finds what it wants */
#define LOOK_END	(LOOK_PLACE + 9 * 4 * LOOK_WORDS)

/* Is the site one that can look? */
bool sequence__looks(const struct burn_site *site);
/* The first words of its slot, up to the access. The code cache begins at `cache`. */
void sequence__look(const struct burn_site *site, u64 cache, u32 *code);

/* Reads of CvmCount in compiled code: a routine puts it into at (struct vcpu_clock). */
bool sequence__reads_clock(const struct burn_site *site);
void sequence__clock(const struct burn_site *site, u64 cache, u32 *code);

/* All the routines, for a code cache at `cache`, from LOOK_PLACE on. */
void sequence__make_looks(u64 cache, u32 *code);
/* Interrupted in front of word `word` of them: puts registers back as they were at the site. */
void sequence__settle_look(unsigned word, struct vcpu *v);

u32 sequence__jump(u64 target, bool link);
u32 sequence__save_ra(void);
u32 sequence__restore_ra(void);

#endif
