/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The pieces of code that were burnt, each of which has a plan: the kernel, and the texts of modules.
 *
 * Every original has a number, and number n has slot n of the code cache, whether it needs one or not. A piece
 * holds a run of numbers for as long as it is there.
 */
#ifndef WEDGE_BURN_PIECES_H
#define WEDGE_BURN_PIECES_H

#include "wedge/burn/burn.h"

/* How many numbers there are, when the code cache begins with `entry_size` bytes for others. */
u32 pieces__numbers(u64 entry_size);
/* The first of `count` free numbers in a row; all pieces__numbers() if there are not as many. */
u32 pieces__find_numbers(const struct machine *machine, size_t count, u64 entry_size);

/* Makes a plan's code one of the machine's pieces. The plan must stay until it is removed. */
void pieces__add(struct machine *machine, struct burn_plan *plan);
/* The piece that begins at `start` is none any more: gives its plan, or NULL if there is no such piece. */
struct burn_plan *pieces__remove(struct machine *machine, u64 start);

/* The site of this plan that covers `address`, or NULL. */
const struct burn_site *burn__site_of_plan(const struct burn_plan *plan, u64 address);

#endif
