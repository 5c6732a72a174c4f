/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A folder of the Host's in the guest: virtio-9p. The guest's `mount -t 9p -o trans=virtio,version=9p2000.L TAG /mnt`.
 */
#ifndef WEDGE_DEVICE_P9_H
#define WEDGE_DEVICE_P9_H

#include "wedge/device/device.h"

/*
 * TAG=DIR[,readonly]; none of the devices others[count] may be a share with this tag. NULL with a complaint. For device__open().
 */
struct device *p9__new(const char *spec, struct device *const *others, unsigned count, struct complaint *c);

#endif
