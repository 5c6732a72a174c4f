/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Relinking: moves a kernel that has been loaded into RAM from CKSEG0 into the Wedge's window.
 *
 * CONFIG_RELOCATABLE leaves a table in the kernel itself, which even a stripped stock kernel has. One
 * 32-bit word for each place that depends on the link address: type << 24 | (place - .text) / 4, ended by
 * a zero word (Linux: arch/mips/boot/tools/relocs.c). The kernel stays where it is in RAM; only the
 * virtual addresses in it change.
 */
#ifndef WEDGE_LOAD_RELINK_H
#define WEDGE_LOAD_RELINK_H

#include "wedge/load/image.h"

struct relink_counts {
	unsigned jumps;			/* R_MIPS_26 */
	unsigned hi16;			/* R_MIPS_HI16 */
	unsigned words;			/* R_MIPS_64 */
	unsigned exceptions;		/* addresses in __ex_table that the table does not list */
};

/*
 * Add `delta` (a multiple of 64 KB, the places of R_MIPS_HI16 allow no less) to every address in the kernel
 * that image__load() has put into `ram`. The Wedge's delta is 0xc0000000: 0xffffffff80000000 becomes
 * 0x40000000 (see RELINK_DELTA). All entries are checked first: after -1 with a complaint RAM is as it was.
 */
int relink(const struct image *image, uint8_t *ram, uint64_t ram_size, uint64_t delta,
	   struct relink_counts *counts, struct complaint *c);

/* The delta that moves CKSEG0 to `window`. */
#define RELINK_DELTA(window)	((uint64_t)(window) - IMAGE_CKSEG0)

#endif
