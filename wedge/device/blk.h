/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A disk: virtio-blk on a file or block device of the Host's.
 */
#ifndef WEDGE_DEVICE_BLK_H
#define WEDGE_DEVICE_BLK_H

#include "wedge/device/device.h"

/*
 * FILE[,readonly][,direct][,serial=TEXT][,iops=NUMBER][,bps=SIZE], opened and locked; `inherited` as in disk.h. NULL with a complaint. For
 * device__open().
 */
struct device *blk__new(const char *spec, int inherited, struct complaint *c);
/* The descriptor that holds the lock, for who begins again and wants to keep it. */
int blk__descriptor(const struct device *device);

#endif
