/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Are the records complete? An object pass says of each section of code that it has seen it (AFTERBURN_KIND_CODE), and
 * then nothing is missing there. What no pass has seen, because the object was made otherwise, is looked at word by
 * word: it may use k0, k1 or the FPU, and would run natively without a word. Looking at all of a kernel so would be
 * 15 million instructions, a tenth of a boot; its proof is read in less than one.
 */
#ifndef WEDGE_BURN_PROOF_H
#define WEDGE_BURN_PROOF_H

#include "wedge/burn/burn.h"

struct proof {
	struct region *seen;	/* as in the records; ascending, disjoint */
	size_t count;
};

/* What was found where no pass has been and no record is; begins as zero, and is added to. */
struct unseen {
	u64 silent;		/* in the window: the first word that the Host would execute otherwise, without a trap; 0: none */
	u32 word;		/* what stands there */
	unsigned traps;		/* sensitive instructions that trap */
};

bool proof__is_sensitive(u32 word);

/* Takes the proof out of the records, so that sites and regions are left. -1 with a complaint if it makes no sense. */
int proof__take(struct proof *proof, struct records *records, struct complaint *c);
void proof__free(struct proof *proof);

/* Visits each word that was not seen of [start, end), in the window, which is `delta` from where the proof's addresses are. */
void proof__visit(const struct proof *proof, u64 delta, u64 start, u64 end, void (*visit)(void *user, u64 address), void *user);

/* Looks at what was not seen of [start, end) of a plan's text, in the window. */
void proof__look(const struct proof *proof, struct burn_plan *plan, u64 start, u64 end, struct unseen *unseen);

#endif
