/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A file without a name, where there is room for much: entries of one size are appended by one thread, and read when all is over, or by the way.
 */
#ifndef WEDGE_MONITOR_SPOOL_H
#define WEDGE_MONITOR_SPOOL_H

#include "lib/complain.h"
#include "lib/types.h"

struct spool {
	int fd;				/* -1: not open yet */
	u64 count, lost;		/* entries in it, and those that there was no room for */
};

/* Empty, whatever was in it. In $TMPDIR, or /tmp; goes with the process. -1 with a complaint. */
int spool__open(struct spool *s, struct complaint *c);
/* Up to two gigabytes; what comes behind is counted as lost. */
void spool__append(struct spool *s, const void *entry, size_t size, u64 n);
/* The first `count` entries: a copy, which may be written. NULL: there is no memory, see errno; or `count` is 0. */
void *spool__map(const struct spool *s, size_t size, u64 count);
void spool__unmap(void *entries, size_t size, u64 count);	/* NULL is nothing */

#endif
