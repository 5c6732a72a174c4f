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

struct blk_state {
	const char *path;		/* the device's */
	u64 capacity;			/* bytes, as the guest knows it */
	bool readonly;
	u64 iops, bps;			/* 0: as fast as it goes */
};

/* From any thread. */
void blk__state(struct device *device, struct blk_state *state);
void blk__limit(struct device *device, u64 iops, u64 bps);
/* Makes a file longer, which the guest is told. -1 with a complaint: what is shorter loses data, and a block device is as long as it is. */
int blk__resize(struct device *device, u64 bytes, struct complaint *c);

#endif
