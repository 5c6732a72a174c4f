/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds the structures in which a guest's kernel and the Wedge tell each other something (abi/), each by its symbol.
 */
#ifndef WEDGE_LOAD_STRUCTURE_H
#define WEDGE_LOAD_STRUCTURE_H

#include "wedge/load/image.h"

/*
 * Of the kernel that image__load() has put into `ram` (of `ram_size` bytes): where in `ram` the structure with this symbol lies, at a multiple of 8. It
 * begins with its magic number and its size in bytes, which are as given. 1: it is there, 0: the kernel has none, -1 with a complaint: it cannot be.
 */
int structure__find(const struct image *image, const uint8_t *ram, uint64_t ram_size, const char *symbol, uint64_t magic, uint64_t size,
		    uint64_t *at, struct complaint *c);

#endif
