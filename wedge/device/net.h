/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A network card: virtio-net.
 */
#ifndef WEDGE_DEVICE_NET_H
#define WEDGE_DEVICE_NET_H

#include "wedge/device/device.h"

#define NET_CSUM	(1ull << 0)	/* the device completes checksums */
#define NET_GUEST_CSUM	(1ull << 1)	/* the driver takes frames whose checksum is not complete */
#define NET_GUEST_TSO4	(1ull << 7)
#define NET_GUEST_TSO6	(1ull << 8)
#define NET_HOST_TSO4	(1ull << 11)
#define NET_HOST_TSO6	(1ull << 12)
#define NET_TSO		(NET_GUEST_TSO4 | NET_GUEST_TSO6 | NET_HOST_TSO4 | NET_HOST_TSO6)

/* WHERE[,key=value]...: see doc/wedge.1. NULL with a complaint. For device__open(). */
struct device *net__new(const char *spec, struct complaint *c);

/* From any thread. Its cable is pulled out, or put in again; so many bytes a second, 0: as fast as it goes. */
void net__set_link(struct device *device, bool up);
void net__limit(struct device *device, u64 bps);

#endif
