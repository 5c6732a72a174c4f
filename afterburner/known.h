/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What afterburn-check reports and may be so: a list with reasons.
 *
 * One line each: the class of the finding, where it is, why it may be so. Where is the name of a function (or, where no
 * function is, of a section), or a pattern as the shell has them. Lines that explain nothing are stale: the code they
 * speak of has gone, and so should they. But for those with a ? behind the class, which are of some configurations only.
 */
#ifndef AFTERBURNER_KNOWN_H
#define AFTERBURNER_KNOWN_H

#include "afterburner/coverage.h"

struct known_entry {
	enum coverage_class class;
	char *where, *reason;
	unsigned int line;
	bool may_be_absent;	/* the class has a ? behind it: no configuration has all of these */
	size_t findings;	/* that it explains */
};

struct known {
	const char *path;
	char *text;		/* the file; entries point into it */
	struct known_entry *entry;
	size_t entries;
};

/* Reads a list. Returns 0, or -1 with a line and nothing to close. */
int known__open(struct known *known, const char *path, struct complaint *c) __attribute__((warn_unused_result));
void known__close(struct known *known);

/* Sets the reason of each finding that the list explains, and counts for each entry. */
void known__explain(struct known *known, struct coverage *coverage);

#endif
