/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tells a loaded guest kernel where its windows are: abi/segments.h.
 */
#ifndef WEDGE_LOAD_SEGMENTS_H
#define WEDGE_LOAD_SEGMENTS_H

#include "wedge/load/image.h"

/*
 * Overwrites the segment variables of the kernel that image__load() has put into `ram` (of `ram_size`
 * bytes). -1 with a complaint if the kernel has none, or not ours.
 */
int segments__tell_guest(const struct image *image, uint8_t *ram, uint64_t ram_size, struct complaint *c);

#endif
