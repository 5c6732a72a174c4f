// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See disk.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wedge/device/disk.h"
#include "wedge/device/file.h"

#define DIRECT_ALIGN	4096u
#define ZEROES		0x10000u

u64 disk__size_now(const struct disk *disk)
{
	struct stat s;
	u64 size = 0;

	if (disk->block_device ? ioctl(disk->fd, BLKGETSIZE64, &size) : fstat(disk->fd, &s))
		return 0;
	if (!disk->block_device)
		size = s.st_size;
	return size & ~(u64)(DISK_SECTOR - 1);
}

static int take_lock(const struct disk *disk, const char *path, struct complaint *c)
{
	int error = file__lock(disk->fd, disk->readonly);

	if (!error)
		return 0;
	if (error == EAGAIN)
		return complain(c, "--disk: '%s' is in use: another virtual machine, or another --disk, has it open %s", path,
				disk->readonly ? "for writing" : "as well; ',readonly' in all of them would let them share it");
	return complain(c, "--disk: '%s' cannot be locked: %s", path, strerror(error));
}

static int check(struct disk *disk, const char *path, struct complaint *c)
{
	struct stat s;

	if (fstat(disk->fd, &s))
		return complain(c, "--disk: '%s': %s", path, strerror(errno));
	disk->block_device = S_ISBLK(s.st_mode);
	disk->in_memory = !disk->block_device && file__is_in_memory(disk->fd);
	disk->device = s.st_dev;
	disk->inode = s.st_ino;
	if (!disk->block_device && !S_ISREG(s.st_mode))
		return complain(c, "--disk: '%s' is neither a file nor a block device", path);
	disk->size = disk__size_now(disk);
	if (!disk->block_device && s.st_size % DISK_SECTOR)
		return complain(c, "--disk: '%s' has %llu bytes, which are no whole sectors of %u: is it truncated? `truncate -s %%%u` makes it"
				" longer", path, (unsigned long long)s.st_size, DISK_SECTOR, DISK_SECTOR);
	if (!disk->size)
		return complain(c, "--disk: '%s' is empty; `truncate -s 1G` would give it a size", path);
	return 0;
}

/* The same file once more: what direct I/O does not take, because it is not aligned, goes through the page cache. */
static int open_direct(struct disk *disk, const char *path, int flags, struct complaint *c)
{
	struct stat s;

	disk->direct_fd = open(path, flags | O_DIRECT);
	if (disk->direct_fd < 0 && errno == EINVAL)
		return complain(c, "--disk: '%s': its file system has no direct I/O; leave ',direct' out", path);
	if (disk->direct_fd < 0)
		return complain(c, "--disk: '%s': %s", path, strerror(errno));
	if (fstat(disk->direct_fd, &s) || s.st_dev != disk->device || s.st_ino != disk->inode)
		return complain(c, "--disk: '%s' has become another file", path);
	return 0;
}

void disk__close(struct disk *disk)
{
	close(disk->fd);
	if (disk->direct_fd >= 0)
		close(disk->direct_fd);
}

int disk__open(struct disk *disk, const char *path, const struct disk_options *options, int inherited, struct complaint *c)
{
	int flags = O_CLOEXEC | (options->readonly ? O_RDONLY : O_RDWR);

	*disk = (struct disk){ .fd = inherited, .direct_fd = -1, .readonly = options->readonly };
	if (inherited >= 0)
		fcntl(inherited, F_SETFD, FD_CLOEXEC);
	else
		disk->fd = open(path, flags);
	if (disk->fd < 0)
		return complain(c, "--disk: '%s': %s%s", path, strerror(errno), file__hint(errno, options->readonly));
	if (check(disk, path, c) || (inherited < 0 && take_lock(disk, path, c)) ||
	    (options->direct && open_direct(disk, path, flags, c))) {
		disk__close(disk);
		return -1;
	}
	return 0;
}

/* --- Reading and writing --- */

static bool is_aligned(u64 offset, const struct iovec *part, unsigned parts)
{
	u64 bits = offset;

	for (unsigned i = 0; i < parts; i++)
		bits |= (u64)part[i].iov_base | part[i].iov_len;
	return !(bits & (DIRECT_ALIGN - 1));
}

void disk__advance(struct iovec **part, unsigned *parts, u64 size)
{
	for (; *parts && size >= (*part)->iov_len; --*parts)
		size -= (*part)++->iov_len;
	if (size) {
		(*part)->iov_base = (u8 *)(*part)->iov_base + size;
		(*part)->iov_len -= size;
	}
}

/* The kernel may take less than was asked for, and takes IOV_MAX parts at a time. */
static int transfer(int fd, u64 offset, struct iovec *part, unsigned parts, bool write, int flags)
{
	while (parts) {
		int some = parts < IOV_MAX ? parts : IOV_MAX;
		ssize_t n = write ? pwritev2(fd, part, some, offset, flags) : preadv2(fd, part, some, offset, flags);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (!n)
			return EIO;		/* the file has become shorter */
		offset += n;
		disk__advance(&part, &parts, n);
	}
	return 0;
}

/* Direct or not, a write is durable after a flush and not before. */
int disk__descriptor(const struct disk *disk, u64 offset, const struct iovec *part, unsigned parts)
{
	return disk->direct_fd >= 0 && is_aligned(offset, part, parts) ? disk->direct_fd : disk->fd;
}

static int transfer_any(const struct disk *disk, u64 offset, struct iovec *part, unsigned parts, bool write)
{
	return transfer(disk__descriptor(disk, offset, part, parts), offset, part, parts, write, 0);
}

int disk__read(const struct disk *disk, u64 offset, struct iovec *part, unsigned parts, bool now)
{
	int result;

	if (!now)
		return transfer_any(disk, offset, part, parts, false);
	if (disk->direct_fd >= 0)
		return EAGAIN;
	result = transfer(disk->fd, offset, part, parts, false, disk->in_memory ? 0 : RWF_NOWAIT);
	return result == EOPNOTSUPP ? EAGAIN : result;
}

int disk__write(const struct disk *disk, u64 offset, struct iovec *part, unsigned parts)
{
	return transfer_any(disk, offset, part, parts, true);
}

int disk__flush(const struct disk *disk)
{
	return fdatasync(disk->fd) ? errno : 0;
}

/* --- Stretches of nothing --- */

static int write_zeroes(const struct disk *disk, u64 offset, u64 size)
{
	static const u8 zeroes[ZEROES] __attribute__((aligned(DIRECT_ALIGN)));

	while (size) {
		struct iovec part = { (void *)zeroes, size < ZEROES ? size : ZEROES };
		u64 some = part.iov_len;
		int result = transfer_any(disk, offset, &part, 1, true);

		if (result)
			return result;
		offset += some;
		size -= some;
	}
	return 0;
}

/* A guest that discards asks for nothing that it will look at again: a Host that cannot do it leaves it. */
int disk__discard(const struct disk *disk, u64 offset, u64 size)
{
	u64 range[2] = { offset, size };

	if (disk->block_device ? ioctl(disk->fd, BLKDISCARD, range) :
	    fallocate(disk->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size))
		return errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL ? 0 : errno;
	return 0;
}

int disk__write_zeroes(const struct disk *disk, u64 offset, u64 size, bool may_discard)
{
	u64 range[2] = { offset, size };
	int mode = FALLOC_FL_KEEP_SIZE | (may_discard ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE);

	if (!(disk->block_device ? ioctl(disk->fd, BLKZEROOUT, range) : fallocate(disk->fd, mode, offset, size)))
		return 0;
	if (errno != EOPNOTSUPP && errno != ENOTTY && errno != EINVAL)
		return errno;
	return write_zeroes(disk, offset, size);
}
