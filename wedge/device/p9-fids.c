// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-fids.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wedge/device/p9-fids.h"

#define LOOKS		64u		/* at fids that could go to rest, after one message */
#define DELETED		" (deleted)"	/* what the Host says behind the name that something had */

/* Fids are counted up from 0 by Linux. */
static unsigned bucket_of(u32 number)
{
	return (number ^ number >> 12) % P9_BUCKETS;
}

struct p9_fid *p9_fids__find(const struct p9_share *s, u32 number)
{
	struct p9_fid *fid = s->bucket[bucket_of(number)];

	while (fid && fid->number != number)
		fid = fid->next;
	return fid;
}

/* --- Awake, the most recently used last --- */

static bool is_awake(const struct p9_fid *fid)
{
	return fid->fd >= 0 && !fid->open;
}

static void append(struct p9_share *s, struct p9_fid *fid)
{
	fid->newer = NULL;
	fid->older = s->newest;
	*(s->newest ? &s->newest->newer : &s->oldest) = fid;
	s->newest = fid;
	s->awake++;
}

static void unlink_awake(struct p9_share *s, struct p9_fid *fid)
{
	*(fid->older ? &fid->older->newer : &s->oldest) = fid->newer;
	*(fid->newer ? &fid->newer->older : &s->newest) = fid->older;
	s->awake--;
}

static void forget_path(struct p9_share *s, struct p9_fid *fid)
{
	if (fid->path)
		s->paths -= strlen(fid->path) + 1;
	free(fid->path);
	fid->path = NULL;
}

static int keep_path(struct p9_share *s, struct p9_fid *fid, const char *path)
{
	const size_t size = strlen(path) + 1;
	char *copy = s->paths + size > P9_PATHS_MOST ? NULL : strdup(path);

	if (!copy)
		return ENOMEM;
	forget_path(s, fid);
	fid->path = copy;
	s->paths += size;
	return 0;
}

/* What it is no more. Linux closes nothing that it is still reading; who does waits for it. */
static void let_go(struct p9_share *s, struct p9_fid *fid)
{
	if (__atomic_load_n(&fid->busy, __ATOMIC_ACQUIRE))
		pool__drain(s->pool);
	if (is_awake(fid))
		unlink_awake(s, fid);
	if (fid->fd >= 0)
		close(fid->fd);
	s->opened -= fid->open;
	s->attributes -= fid->attribute != NULL;
	free(fid->attribute);
	forget_path(s, fid);
	fid->attribute = NULL;
	fid->fd = -1;
	fid->open = fid->writable = false;
	fid->position = 0;
}

static void describe(struct p9_fid *fid, const struct stat *st)
{
	fid->mode = st->st_mode & S_IFMT;
	fid->device = st->st_dev;
	fid->inode = st->st_ino;
}

static struct p9_fid *find_or_make(struct p9_share *s, u32 number, int *error)
{
	struct p9_fid *fid = p9_fids__find(s, number), **bucket = &s->bucket[bucket_of(number)];

	*error = number == P9_NO_FID ? EINVAL : !fid && (s->fids == P9_FIDS_MOST || s->awake >= P9_RESTLESS_MOST) ? EMFILE : 0;
	if (*error)
		return NULL;
	if (fid)
		return fid;
	fid = calloc(1, sizeof(*fid));
	if (!fid) {
		*error = ENOMEM;
		return NULL;
	}
	fid->number = number;
	fid->fd = -1;
	fid->next = *bucket;
	*bucket = fid;
	s->fids++;
	return fid;
}

int p9_fids__set(struct p9_share *s, u32 number, int fd, const struct stat *st)
{
	int error;
	struct p9_fid *fid = find_or_make(s, number, &error);

	if (!fid) {
		close(fd);
		return error;
	}
	let_go(s, fid);
	describe(fid, st);
	fid->fd = fd;
	append(s, fid);
	return 0;
}

int p9_fids__copy(struct p9_share *s, const struct p9_fid *fid, u32 number)
{
	int error, fd = -1;
	struct p9_fid *copy;

	if (fid->attribute)
		return EBADF;
	if (fid->number == number)
		return 0;
	if (fid->fd >= 0) {
		/* Linux walks from open fids as well: not to share their position and their flags. */
		fd = fid->open ? open(p9_files__by_descriptor(fid->fd).path, O_PATH | O_CLOEXEC) : fcntl(fid->fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			return errno;
	}
	copy = find_or_make(s, number, &error);
	if (!copy) {
		if (fd >= 0)
			close(fd);
		return error;
	}
	let_go(s, copy);
	copy->mode = fid->mode;
	copy->device = fid->device;
	copy->inode = fid->inode;
	copy->generation = fid->generation;
	copy->fd = fd;
	if (fd >= 0)
		append(s, copy);
	else if ((error = keep_path(s, copy, fid->path)))
		p9_fids__drop(s, copy);
	return error;
}

int p9_fids__wake(struct p9_share *s, struct p9_fid *fid, int *fd)
{
	struct stat st;
	int error;

	if (fid->attribute)
		return EBADF;
	if (is_awake(fid)) {
		unlink_awake(s, fid);
		append(s, fid);
	}
	*fd = fid->fd;
	if (*fd >= 0)
		return 0;
	error = p9_files__at(&s->root, fid->path, fd, &st);
	if (error)
		return error == ENOENT || error == ENOTDIR ? ESTALE : error;
	if (st.st_dev != fid->device || st.st_ino != fid->inode || (st.st_mode & S_IFMT) != fid->mode ||
	    p9_files__generation(*fd) != fid->generation) {
		close(*fd);
		return ESTALE;
	}
	forget_path(s, fid);
	fid->fd = *fd;
	append(s, fid);
	return 0;
}

int p9_fids__open(struct p9_share *s, struct p9_fid *fid, int fd, const struct stat *st, bool writable)
{
	if (s->opened >= P9_OPEN_MOST) {
		close(fd);
		return EMFILE;
	}
	let_go(s, fid);
	describe(fid, st);
	fid->fd = fd;
	fid->open = true;
	fid->writable = writable;
	s->opened++;
	return 0;
}

int p9_fids__attribute(struct p9_share *s, struct p9_fid *fid, u32 number, u32 size, struct p9_attribute **attribute)
{
	struct p9_attribute *a;
	int error = 0;

	if (s->attributes >= P9_ATTRIBUTES_MOST)
		return EMFILE;
	a = calloc(1, sizeof(*a) + size);
	if (!a)
		return ENOMEM;
	if (!fid) {
		fid = find_or_make(s, number, &error);
		if (fid)
			let_go(s, fid);
	}
	if (!fid) {
		free(a);
		return error;
	}
	/* One that is set is the attribute of the file that the fid had, which stays awake with it. */
	if (fid->fd >= 0 && is_awake(fid)) {
		unlink_awake(s, fid);
		fid->open = true;
		s->opened++;
	}
	a->size = size;
	fid->attribute = *attribute = a;
	s->attributes++;
	return 0;
}

void p9_fids__drop(struct p9_share *s, struct p9_fid *fid)
{
	struct p9_fid **at = &s->bucket[bucket_of(fid->number)];

	while (*at != fid)
		at = &(*at)->next;
	*at = fid->next;
	let_go(s, fid);
	free(fid);
	s->fids--;
}

void p9_fids__drop_all(struct p9_share *s)
{
	for (unsigned i = 0; i < P9_BUCKETS; i++)
		while (s->bucket[i])
			p9_fids__drop(s, s->bucket[i]);
}

/* --- To rest, and moved --- */

/* What has no name any more cannot be found by one. */
static bool can_rest(const struct p9_share *s, const struct p9_fid *fid, char *path)
{
	const size_t tail = strlen(DELETED);
	struct stat st;

	return !fstat(fid->fd, &st) && st.st_nlink && !p9_files__path(&s->root, fid->fd, path) &&
	       !(strlen(path) >= tail && !strcmp(path + strlen(path) - tail, DELETED));
}

/* Those that cannot are looked at again when all the others have been. */
void p9_fids__rest(struct p9_share *s, unsigned most)
{
	char path[PATH_MAX];

	for (unsigned looks = 0; s->awake > most && looks < LOOKS; looks++) {
		struct p9_fid *fid = s->oldest;

		unlink_awake(s, fid);
		if (can_rest(s, fid, path) && !keep_path(s, fid, path)) {
			fid->generation = p9_files__generation(fid->fd);
			close(fid->fd);
			fid->fd = -1;
		} else {
			append(s, fid);
		}
	}
}

void p9_fids__moved(struct p9_share *s, const char *from, const char *to)
{
	const size_t length = strlen(from);
	char path[2 * PATH_MAX];

	for (unsigned i = 0; i < P9_BUCKETS; i++)
		for (struct p9_fid *fid = s->bucket[i]; fid; fid = fid->next) {
			if (!fid->path || strncmp(fid->path, from, length) || (fid->path[length] && fid->path[length] != '/'))
				continue;
			if ((size_t)snprintf(path, sizeof(path), "%s%s", to, fid->path + length) < PATH_MAX)
				keep_path(s, fid, path);	/* if not, it will be stale */
		}
}
