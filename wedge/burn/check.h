/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Do the records fit the code?
 */
#ifndef WEDGE_BURN_CHECK_H
#define WEDGE_BURN_CHECK_H

#include "wedge/burn/burn.h"

/* A row of abi/sensitive.def or abi/accesses.def. */
struct burn_insn {
	u16 id;
	const char *name;
	u32 match, mask;
};

/* NULL if there is no such row. */
const struct burn_insn *burn__insn(unsigned id);

/* -1 with a complaint about the first of the records, sorted by address, that is not what the code says. */
int burn__check(const struct burn_text *text, const struct records *records, struct complaint *c);

#endif
