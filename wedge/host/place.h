/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is where in a process of the Wedge, as a table; and where in what it leaves free the Wedge itself may lie.
 *
 * What guest code reaches has an address that never changes (wedge/core/layout.h). The Wedge's own program has none: it is put into the
 * room above the windows, each time elsewhere. The top of a process's addresses is the Host's, where it puts stack, heap and mappings
 * that asked for no address; how high that is depends on the Host: 40 bits, 48, or what its CPU has.
 *
 * Nothing in here needs a C library that has been set up: host/mips64/start.c asks before there is one.
 */
#ifndef WEDGE_HOST_PLACE_H
#define WEDGE_HOST_PLACE_H

#include "lib/types.h"

/* Pages of the Host, as large as any Linux for MIPS has them: what may be mapped apart lies at a multiple of it. */
#define HOST_PAGE_MOST	0x10000ull

struct area {
	const char *name;
	u64 start, size;
	const char *why;		/* what it is for, and why there */
};

#define PLACE_ALIGN	0x10000ull	/* segments of a MIPS ELF file expect it */
#define PLACE_END_LEAST	(1ull << 40)	/* where the addresses of a process end: what we are laid out for */
#define PLACE_BITS_MOST	48
#define PLACE_HOSTS	(24ull << 30)	/* below that end: RAM as we see it, 16 GB at most; VM memory; stacks and heaps */

/* The areas that are the same in each process, ascending, but for the last, which is the Host's and ends at `end`. */
#define PLACE_FIXED	12
void place__fixed(struct area areas[PLACE_FIXED], u64 end);

/* Where the room for the Wedge begins and ends. */
u64 place__lowest(void);
u64 place__highest(u64 size, u64 end);

/* May a program of `size` bytes lie at `start`, if addresses end at `end`? */
bool place__fits(u64 start, u64 size, u64 end);
/* One of the places at which it may, each as likely as any other; 0 if there is none. */
u64 place__choose(u64 random, u64 size, u64 end);

/* Sorts areas by where they begin; of two that begin at the same place the larger comes first. */
void place__sort(struct area *areas, unsigned count);

#endif
