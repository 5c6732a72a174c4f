/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command line of GCC asks for, as far as afterburn-gcc must know it.
 */
#ifndef AFTERBURNER_GCC_H
#define AFTERBURNER_GCC_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/complain.h"

enum work {
	WORK_NONE,	/* a question, code that is not for a 64-bit kernel, or switched off */
	WORK_PREPROCESS,	/* -E of C: whoever hashes the output must see which marks hold */
	WORK_CODE,	/* something is compiled or assembled, however far GCC goes then */
};

struct plan {
	enum work work;
	const char *target;	/* --afterburn-target, or NULL */
	const char *sensitive;	/* --afterburn-sensitive: the file of marks, or NULL */
	const char *profile;	/* --afterburn-profile: the places that trapped, or NULL */
	bool user;		/* --afterburn-user: a program, no kernel */
	bool version;		/* --afterburn-version */
	char **word;		/* NULL, or all words of the line, those of response files in their place */
	size_t words;
	const char *out;	/* -o, or NULL */
};

/* Reads a command line, response files included. Returns 0, or -1 with a line if it cannot be afterburnt. */
int plan__make(struct plan *plan, int argc, char **argv, struct complaint *c)
	__attribute__((warn_unused_result));

/* How many words of the command line, from this one on, GCC must not see. */
unsigned int plan__hides(const struct plan *plan, const char *arg);
#endif
