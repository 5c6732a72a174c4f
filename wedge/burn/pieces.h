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

/* A plan for a piece, in the machine's heap if it has one; cleared. NULL: no memory. pieces__drop() gives it back, with all that is in it. */
struct burn_plan *pieces__new(struct machine *machine);
void pieces__drop(struct machine *machine, struct burn_plan *plan);

/* Makes a plan's code one of the machine's pieces. The plan must stay until it is removed. */
void pieces__add(struct machine *machine, struct burn_plan *plan);
/* The piece that begins at `start` is none any more: gives its plan, or NULL if there is no such piece. */
struct burn_plan *pieces__remove(struct machine *machine, u64 start);

/*
 * Drops a plan that was removed when no other core can be looking at it any more: each of them has left the Wedge, or entered
 * it, since. Whoever has code of that piece before it has been told by the guest's kernel, which removes no code that a core executes.
 */
void pieces__retire(struct machine *machine, struct burn_plan *plan);
/* Drops those whose time has come. */
void pieces__reap(struct machine *machine);

/* The last site of this plan at or below `address`, or NULL. */
const struct burn_site *burn__site_below(const struct burn_plan *plan, u64 address);
/* The site of this plan that covers `address`, or NULL. */
const struct burn_site *burn__site_of_plan(const struct burn_plan *plan, u64 address);

#endif
