// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See spool.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "wedge/monitor/spool.h"

#define BYTES_MOST	(1ull << 31)

static int make_file(struct complaint *c)
{
	const char *folder = getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp";
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/wedge-trace-XXXXXX", folder);
	fd = mkostemp(path, O_CLOEXEC);
	if (fd < 0)
		return complain(c, "the trace needs a file in '%s' ($TMPDIR): %s", folder, strerror(errno));
	unlink(path);
	return fd;
}

int spool__open(struct spool *s, struct complaint *c)
{
	s->count = s->lost = 0;
	if (s->fd < 0)
		s->fd = make_file(c);
	return s->fd < 0 ? -1 : 0;
}

void spool__append(struct spool *s, const void *entry, size_t size, u64 n)
{
	if ((s->count + n) * size > BYTES_MOST || pwrite(s->fd, entry, n * size, s->count * size) != (ssize_t)(n * size))
		s->lost += n;
	else
		s->count += n;
}

void *spool__map(const struct spool *s, size_t size, u64 count)
{
	void *entries = count ? mmap(NULL, count * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE, s->fd, 0) : NULL;

	return entries == MAP_FAILED ? NULL : entries;
}

void spool__unmap(void *entries, size_t size, u64 count)
{
	if (entries)
		munmap(entries, count * size);
}
