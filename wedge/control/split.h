/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages in a stream: where a JSON object begins and ends. What is in it, a JSON parser says.
 *
 * A client may send anything. What is remembered of it is one message, of at most so many bytes, and its depth is bounded, as the parser
 * behind this recurses. After what is no object the stream begins anew at the next line: so whoever types by hand has lost one line only.
 */
#ifndef WEDGE_CONTROL_SPLIT_H
#define WEDGE_CONTROL_SPLIT_H

#include "lib/types.h"

#define SPLIT_LENGTH	0x10000u	/* bytes of a message, or of what is none */
#define SPLIT_DEPTH	32u		/* objects and lists in each other */

struct split {
	enum { SPLIT_OUTSIDE, SPLIT_INSIDE, SPLIT_STRING, SPLIT_ESCAPE, SPLIT_SKIPPING } state;
	unsigned depth;
	unsigned skipped;		/* bytes, while SKIPPING */
	unsigned length;		/* of what is in bytes[] */
	char bytes[SPLIT_LENGTH];
};

enum split_found {
	SPLIT_MORE,			/* nothing, all bytes are used */
	SPLIT_MESSAGE,			/* bytes[] has one, until the next call */
	SPLIT_NO_OBJECT,		/* something that is not JSON's, or nothing but an object can be here: the rest of the line is left out */
	SPLIT_TOO_DEEP,			/* likewise */
	SPLIT_TOO_LONG,			/* there is no going on */
};

/* Looks at bytes of the stream until something is found; how many it has looked at, in *used. */
enum split_found split__feed(struct split *s, const char *bytes, unsigned n, unsigned *used);

#endif
