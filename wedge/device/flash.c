// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See flash.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "board/board.h"
#include "wedge/device/file.h"
#include "wedge/device/flash.h"
#include "wedge/device/spec.h"

static int check(struct flash_file *f, const char *path, struct complaint *c)
{
	struct stat s;

	if (fstat(f->fd, &s))
		return complain(c, "--flash: '%s': %s", path, strerror(errno));
	if (!S_ISREG(s.st_mode))
		return complain(c, "--flash: '%s' is no file", path);
	if (s.st_size < BOARD_FLASH_SECTOR || s.st_size > BOARD_FLASH_MAX || s.st_size & (s.st_size - 1))
		return complain(c, "--flash: '%s' has %llu bytes; there are chips of 64K, 128K, 256K and so on to 8M", path,
				(unsigned long long)s.st_size);
	f->size = s.st_size;
	return 0;
}

static int take_lock(const struct flash_file *f, const char *path, struct complaint *c)
{
	int error = file__lock(f->fd, f->readonly);

	if (!error)
		return 0;
	if (error == EAGAIN)
		return complain(c, "--flash: '%s' is in use: another virtual machine has it open%s", path,
				f->readonly ? " for writing" : "; ',readonly' in all of them would let them share it");
	return complain(c, "--flash: '%s' cannot be locked: %s", path, strerror(error));
}

/* A hole would be filled when the guest programs it, and a full disk be the death of it then: so it is asked for now. */
static int map(struct flash_file *f, const char *path, struct complaint *c)
{
	int full = f->readonly ? 0 : posix_fallocate(f->fd, 0, f->size);

	if (full)
		return complain(c, "--flash: no room for '%s': %s", path, strerror(full));
	f->bytes = mmap(NULL, f->size, f->readonly ? PROT_READ : PROT_READ | PROT_WRITE, MAP_SHARED, f->fd, 0);
	if (f->bytes != MAP_FAILED)
		return 0;
	f->bytes = NULL;
	return complain(c, "--flash: '%s' cannot be mapped: %s", path, strerror(errno));
}

static int complain_of_opening(const char *path, bool readonly, struct complaint *c)
{
	if (errno == ENOENT)
		return complain(c, "--flash: '%s' does not exist; `head -c 8M /dev/zero | tr '\\0' '\\377'` would be an erased one", path);
	return complain(c, "--flash: '%s': %s%s", path, strerror(errno), file__hint(errno, readonly));
}

int flash_file__open(struct flash_file *f, const char *spec, int inherited, struct complaint *c)
{
	char path[SPEC_TEXT_SIZE];
	const struct spec_key keys[] = { { "readonly", SPEC_FLAG, &f->readonly } };

	*f = (struct flash_file){ .fd = inherited };
	if (spec__parse("--flash", spec, path, keys, 1, c))
		return -1;
	if (!*path)
		return complain(c, "--flash: no file given; --flash nor.img would be right");
	if (inherited >= 0)
		fcntl(inherited, F_SETFD, FD_CLOEXEC);
	else
		f->fd = open(path, O_CLOEXEC | O_NONBLOCK | (f->readonly ? O_RDONLY : O_RDWR));	/* a pipe is opened, too, and refused */
	if (f->fd < 0)
		return complain_of_opening(path, f->readonly, c);
	if (!check(f, path, c) && (inherited >= 0 || !take_lock(f, path, c)) && !map(f, path, c))
		return 0;
	close(f->fd);
	return -1;
}

void flash_file__close(struct flash_file *f)
{
	if (!f->bytes)
		return;
	fdatasync(f->fd);	/* of what is mapped as well */
	close(f->fd);
}

void flash_file__failed(const struct flash_file *f, u64 address)
{
	if (f->bytes && address - (u64)f->bytes < f->size)
		die("the file of --flash cannot be used any more: somebody has made it shorter, or its disk fails");
}
