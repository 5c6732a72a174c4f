/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A source of random numbers: virtio-rng.
 */
#ifndef WEDGE_DEVICE_RNG_H
#define WEDGE_DEVICE_RNG_H

#include "wedge/device/device.h"

/*
 * [bps=SIZE]: so many bytes a second at most, 0 for as many as it goes. `seed` 0: of the Host's; else the same numbers each time, for runs that
 * are to be equal. NULL with a complaint. For device__open().
 */
struct device *rng__new(const char *spec, u64 seed, struct complaint *c);

#endif
