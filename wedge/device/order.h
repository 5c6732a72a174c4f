/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Words that a driver and a device exchange: little-endian by the specification; with the legacy interface of virtio, which is older, in the
 * guest's own byte order. Each function goes both ways.
 */
#ifndef WEDGE_DEVICE_ORDER_H
#define WEDGE_DEVICE_ORDER_H

#include <endian.h>

#include "lib/types.h"

static inline u16 order16(bool big_endian, u16 value)
{
	return big_endian ? htobe16(value) : htole16(value);
}

static inline u32 order32(bool big_endian, u32 value)
{
	return big_endian ? htobe32(value) : htole32(value);
}

static inline u64 order64(bool big_endian, u64 value)
{
	return big_endian ? htobe64(value) : htole64(value);
}

#endif
