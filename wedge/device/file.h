/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A file of the Host's that is a guest's disk or flash: whose it is, and why it is not.
 */
#ifndef WEDGE_DEVICE_FILE_H
#define WEDGE_DEVICE_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/vfs.h>

/*
 * A lock of the open file, not of the process: it stays when the process begins again, and another descriptor of the same file does
 * not undo it. Readers share it. 0, EAGAIN if somebody else has it, or another errno. Needs _GNU_SOURCE.
 */
static inline int file__lock(int fd, bool readonly)
{
	struct flock lock = { .l_type = readonly ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	if (!fcntl(fd, F_OFD_SETLK, &lock))
		return 0;
	return errno == EACCES ? EAGAIN : errno;
}

/* What would help where opening has ended with this errno; empty if nothing is known. */
static inline const char *file__hint(int error, bool readonly)
{
	return !readonly && (error == EACCES || error == EROFS || error == EPERM) ? "; ',readonly' would only read it" : "";
}

/*
 * Is it in memory, so that reading it waits for nothing but swap space? Such a file system does not know RWF_NOWAIT, and a read in a thread of a pool costs
 * 14,000 instructions more.
 */
static inline bool file__is_in_memory(int fd)
{
	struct statfs fs;

	return !fstatfs(fd, &fs) && (fs.f_type == TMPFS_MAGIC || fs.f_type == RAMFS_MAGIC);
}

#endif
