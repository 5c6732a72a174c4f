/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where this program lies, which it decides itself: start.c.
 */
#ifndef WEDGE_HOST_MIPS64_START_H
#define WEDGE_HOST_MIPS64_START_H

#include "lib/types.h"

#define START_AT	"WEDGE_AT"	/* environment: an address in hex, for the process that begins */

extern struct start {
	u64 at, size;		/* this program */
	u64 end;		/* of the addresses that the Host gives a process */
} the_start;

/* The parts that first.S calls. `image` is where the program lies now, `stack` what the Host's kernel has put there. */
void start__relocate(u64 image, const u64 *dynamic);
u64 start__move(u64 image, u64 *stack);
void start__arrive(u64 image, u64 *stack, u64 from);

#endif
