/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a kernel's user programs look how to read the clock: abi/clock.h.
 */
#ifndef WEDGE_LOAD_USER_CLOCK_H
#define WEDGE_LOAD_USER_CLOCK_H

#include "abi/clock.h"
#include "wedge/load/image.h"

/*
 * Of the kernel that image__load() has put into `ram` (of `ram_size` bytes): in `clock`, in the kernel's byte order; NULL if it says nothing. -1 with
 * a complaint if what it says is none.
 */
int user_clock__find(const struct image *image, uint8_t *ram, uint64_t ram_size, struct afterburn_clock **clock, struct complaint *c);

#endif
