/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a comparison found, for a person: labels reached, the path, the registers side by side.
 */
#ifndef MATCH_REPORT_H
#define MATCH_REPORT_H

#include <stdio.h>

#include "match/compare.h"
#include "wedge/load/image.h"

/* The labels of a guest: symbols that begin with "block". */
struct labels {
	const struct image *guest;	/* NULL: no names are known */
	bool *reached[2];		/* by either side; an element for each symbol of the guest */
};

int labels__init(struct labels *labels, const struct image *guest, struct complaint *c);
void labels__free(struct labels *labels);
/* A side has been at `pc`, a canonical address. */
void labels__saw(struct labels *labels, unsigned side, uint64_t pc);

/* One line: what matched, or where it parts. */
void report__summary(FILE *out, const struct match *m, const struct labels *labels);
/* All about the difference; nothing if there is none. */
void report__difference(FILE *out, const struct match *m, const struct labels *labels);

/*
 * Compares what two runs wrote to their consoles. 0 equal, 1 not, and says where; -1 with a complaint. `earlier`: the second
 * may have ended at any time.
 */
int report__consoles(FILE *out, const char *first, const char *second, bool earlier, struct complaint *c);

#endif
