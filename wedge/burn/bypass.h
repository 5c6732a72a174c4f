/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * By-passes: sensitive instructions of which no record speaks, and that have no pad.
 *
 * A jump takes two words, and nobody knows whether something leads to the second. So a jump is put over one word only, and what stands behind
 * it is left and executed in its slot: before its time, and again in its place, in the block that the jump leads to. That must make no
 * difference. Where the sensitive instruction and its next do not allow it, a place in front of it may, on a straight way there. Who comes to
 * what lies between by another way finds it as it was, and traps.
 *
 * The block reaches to the last sensitive instruction of that way, and over what was in the slot: behind it all is as it should be.
 */
#ifndef WEDGE_BURN_BYPASS_H
#define WEDGE_BURN_BYPASS_H

#include "lib/types.h"

/* Code, word by word. False: none that can be read is there. */
struct bypass_code {
	bool (*word)(void *user, u64 address, u32 *word);
	void *user;
};

/* Where the jump can be for the sensitive instruction at `trap`; `allowed` says what places the caller has. 0: nowhere. */
u64 bypass__place(const struct bypass_code *code, u64 trap, bool (*allowed)(void *user, u64 address));
/* The last sensitive instruction on the way from that place, or what is in the slot if that comes behind it; 0: there is none. */
u64 bypass__last(const struct bypass_code *code, u64 place);

#endif
