/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which instructions stand for a sensitive one.
 */
#ifndef WEDGE_BURN_SEQUENCE_H
#define WEDGE_BURN_SEQUENCE_H

#include "wedge/burn/burn.h"

/*
 * Fills site->code when the instruction fits into its pad as loads and stores on the vCPU page; the rest
 * of the pad becomes NOPs. False if it does not.
 */
bool sequence__inline(struct burn_site *site, bool big_endian);

/*
 * The same work in the code cache, with $at saved around it. Writes at most SEQUENCE_OUTLINE_WORDS to
 * `code` and returns how many; 0 if this instruction has no such sequence. The jump back is the caller's.
 */
#define SEQUENCE_OUTLINE_WORDS	(SLOT_SIZE / 4 - 2)
unsigned sequence__outline(const struct burn_site *site, u32 *code, bool big_endian);

/* The register it uses. */
unsigned sequence__outline_scratch(u32 word);

u32 sequence__jump(u64 target, bool link);
u32 sequence__save_ra(void);
u32 sequence__restore_ra(void);

#endif
