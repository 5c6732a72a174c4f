/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sensitive instructions of which no record speaks, in a module that afterburn-gcc has not made or not all of: they are by-passed (bypass.h) where
 * that can be, and trap elsewhere.
 */
#ifndef WEDGE_BURN_UNRECORDED_H
#define WEDGE_BURN_UNRECORDED_H

#include "wedge/burn/burn.h"
#include "wedge/burn/bypass.h"

/* How many there are at most: text->proof says what need not be looked at; NULL: none are to be found. */
size_t unrecorded__count(const struct burn_text *text);
/* Adds sites to a plan that has its regions and all others, and room for so many. Returns how many. */
size_t unrecorded__plan(struct burn_plan *plan);

/* The code as it was before anything was rewritten, for struct bypass_code; `plan` is a struct burn_plan. */
bool unrecorded__word(void *plan, u64 address, u32 *word);
/* Is what is there a site's or a region's, or does a by-pass lead to a block with it? */
bool unrecorded__is_seen_to(const struct burn_plan *plan, u64 address);

#endif
