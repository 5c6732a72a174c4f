/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A disk's contents: a file, sparse or not, or a block device of the Host's.
 *
 * What disk__flush() has returned 0 for is where the Host keeps it when it is switched off: nothing is gathered here.
 */
#ifndef WEDGE_DEVICE_DISK_H
#define WEDGE_DEVICE_DISK_H

#include <sys/uio.h>

#include "lib/complain.h"
#include "lib/types.h"

#define DISK_SECTOR	512u

struct disk_options {
	bool readonly;
	bool direct;		/* past the Host's page cache */
};

struct disk {
	int fd, direct_fd;	/* the second -1 if it is not direct */
	u64 size;		/* bytes, a multiple of DISK_SECTOR */
	bool readonly, block_device;
	bool in_memory;		/* tmpfs: nothing waits */
	u64 device, inode;	/* which file it is */
};

/*
 * Opens and locks it: whoever else would write it is refused, and so are we. `inherited` is a descriptor on which it is open and locked
 * already, or -1. -1 with a complaint.
 */
int disk__open(struct disk *disk, const char *path, const struct disk_options *options, int inherited, struct complaint *c);
void disk__close(struct disk *disk);

/*
 * All of them return 0 or an errno. part[] is used up, also by an error. Stretches lie within disk->size; disk__read() of what the file does not have any more
 * is EIO. With `now`, EAGAIN if it would have to wait for the disk.
 */
int disk__read(const struct disk *disk, u64 offset, struct iovec *part, unsigned parts, bool now);
int disk__write(const struct disk *disk, u64 offset, struct iovec *part, unsigned parts);
int disk__flush(const struct disk *disk);

/* For who asks the Host himself (ring.h): the descriptor for that transfer, and what is left of part[] when `size` bytes of it have been moved; a flush is that of `disk->fd`. */
int disk__descriptor(const struct disk *disk, u64 offset, const struct iovec *part, unsigned parts);
void disk__advance(struct iovec **part, unsigned *parts, u64 size);

int disk__discard(const struct disk *disk, u64 offset, u64 size);
int disk__write_zeroes(const struct disk *disk, u64 offset, u64 size, bool may_discard);

/* What it has now: a file may grow while it is used. Whole sectors. */
u64 disk__size_now(const struct disk *disk);

#endif
