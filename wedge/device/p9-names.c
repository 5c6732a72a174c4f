// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-call.h: what is in folders is listed, made, renamed and removed.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wedge/device/p9-call.h"

#define ENTRIES_SIZE	16384u		/* bytes that are asked for at once */
#define ENTRY_SIZE	(P9_QID_SIZE + 8 + 1 + 2)	/* without its name */

static int answer_qid(struct p9_call *c, const struct stat *st)
{
	const struct p9_qid qid = p9_files__qid(&c->share->root, st);

	p9_writer__qid(&c->out, &qid);
	return 0;
}

/* --- Making --- */

/* The fid was the folder's, and is the new file's. */
int p9_serve__lcreate(struct p9_call *c)
{
	struct p9_fid *fid;
	const int folder = p9_call__file(c, &fid);
	const char *name = p9_call__name(c);
	const u32 flags = p9_reader__u32(&c->in), mode = p9_reader__u32(&c->in);
	struct stat st;
	int fd, error;

	p9_reader__u32(&c->in);		/* the group: that of our files */
	if (p9_call__failed(c))
		return c->error;
	if (fid->open)
		return EINVAL;
	error = p9_files__create(&c->share->root, folder, name, p9_open_flags(flags), flags & P9_OPEN_EXCLUSIVE, mode, &fd, &st);
	if (!error)
		error = p9_fids__open(c->share, fid, fd, &st, flags & P9_OPEN_ACCESS);
	if (error)
		return error;
	answer_qid(c, &st);
	p9_writer__u32(&c->out, 0);	/* as much at once as a message holds */
	return 0;
}

static int make(struct p9_call *c, u32 kind)
{
	const int folder = p9_call__file(c, NULL);
	const char *name = p9_call__name(c);
	const u32 mode = p9_reader__u32(&c->in);
	struct stat st;
	int error;

	if (!kind) {
		p9_reader__u32(&c->in);		/* a device's numbers */
		p9_reader__u32(&c->in);
	}
	p9_reader__u32(&c->in);		/* the group */
	if (p9_call__failed(c))
		return c->error;
	if (!kind && S_ISDIR(mode))
		return EINVAL;
	error = p9_files__make(&c->share->root, folder, name, kind ? kind | (mode & 07777) : mode, &st);
	return error ? error : answer_qid(c, &st);
}

int p9_serve__mknod(struct p9_call *c)
{
	return make(c, 0);
}

int p9_serve__mkdir(struct p9_call *c)
{
	return make(c, S_IFDIR);
}

/* It may lead anywhere: only the guest follows it, in its own files. */
int p9_serve__symlink(struct p9_call *c)
{
	const int folder = p9_call__file(c, NULL);
	const char *name = p9_call__name(c), *target = p9_reader__text(&c->in);
	struct stat st;
	int fd, error;

	p9_reader__u32(&c->in);		/* the group */
	if (p9_call__failed(c))
		return c->error;
	error = symlinkat(target, folder, name) ? errno : p9_files__step(&c->share->root, folder, name, &fd, &st);
	if (error)
		return error;
	close(fd);
	return answer_qid(c, &st);
}

int p9_serve__readlink(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	char target[PATH_MAX];
	ssize_t n;

	if (p9_call__failed(c))
		return c->error;
	if (!S_ISLNK(fid->mode))
		return EINVAL;
	n = readlinkat(fd, "", target, sizeof(target));
	if (n < 0)
		return errno;
	p9_writer__text(&c->out, target, n);
	return 0;
}

int p9_serve__link(struct p9_call *c)
{
	const int folder = p9_call__file(c, NULL);
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	const char *name = p9_call__name(c);

	if (p9_call__failed(c))
		return c->error;
	return S_ISDIR(fid->mode) ? EPERM : p9_files__link(fd, folder, name);
}

/* --- Renaming and removing --- */

static int rename_file(struct p9_share *s, int from, const char *old, int to, const char *name)
{
	char before[2 * PATH_MAX], after[2 * PATH_MAX], folder[PATH_MAX];
	bool known = false;

	/* Those that rest are found by their paths. */
	if (s->paths && !p9_files__path(&s->root, from, folder)) {
		snprintf(before, sizeof(before), "%s/%s", folder, old);
		known = !p9_files__path(&s->root, to, folder);
		snprintf(after, sizeof(after), "%s/%s", folder, name);
	}
	if (renameat(from, old, to, name))
		return errno;
	if (known)
		p9_fids__moved(s, strncmp(before, "./", 2) ? before : before + 2, strncmp(after, "./", 2) ? after : after + 2);
	return 0;
}

int p9_serve__renameat(struct p9_call *c)
{
	const int from = p9_call__file(c, NULL);
	const char *old = p9_call__name(c);
	const int to = p9_call__file(c, NULL);
	const char *name = p9_call__name(c);

	return p9_call__failed(c) ? c->error : rename_file(c->share, from, old, to, name);
}

int p9_serve__rename(struct p9_call *c)
{
	const int fd = p9_call__file(c, NULL), to = p9_call__file(c, NULL);
	const char *name = p9_call__name(c);
	char old[NAME_MAX + 1];
	int from, error = p9_call__failed(c);

	if (!error)
		error = p9_files__parent(&c->share->root, fd, &from, old);
	if (error)
		return error;
	error = rename_file(c->share, from, old, to, name);
	close(from);
	return error;
}

int p9_serve__unlinkat(struct p9_call *c)
{
	const int folder = p9_call__file(c, NULL);
	const char *name = p9_call__name(c);
	const u32 flags = p9_reader__u32(&c->in);

	if (p9_call__failed(c))
		return c->error;
	if (flags & ~P9_UNLINK_DIRECTORY)
		return EINVAL;
	return unlinkat(folder, name, flags ? AT_REMOVEDIR : 0) ? errno : 0;
}

static int remove_file(struct p9_share *s, const struct p9_fid *fid, int fd)
{
	char name[NAME_MAX + 1];
	int folder, error = s->readonly ? EROFS : p9_files__parent(&s->root, fd, &folder, name);

	if (error)
		return error;
	error = unlinkat(folder, name, S_ISDIR(fid->mode) ? AT_REMOVEDIR : 0) ? errno : 0;
	close(folder);
	return error;
}

int p9_serve__remove(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	int error = p9_call__failed(c);

	if (!error)
		error = remove_file(c->share, fid, fd);
	if (fid && !c->in.bad)
		p9_fids__drop(c->share, fid);
	return error;
}

/* --- Listing --- */

/* What is above the root is nobody's business: there it is the root. */
static void put_entry(struct p9_call *c, const struct p9_fid *fid, const struct dirent64 *d)
{
	const struct p9_root *root = &c->share->root;
	struct stat st = { .st_dev = fid->device, .st_ino = d->d_ino, .st_mode = DTTOIF(d->d_type) };
	struct p9_qid qid;

	if (fid->device == root->device && fid->inode == root->inode && !strcmp(d->d_name, ".."))
		st.st_ino = root->inode;
	qid = p9_files__qid(root, &st);
	p9_writer__qid(&c->out, &qid);
	p9_writer__u64(&c->out, d->d_off);
	p9_writer__u8(&c->out, d->d_type);
	p9_writer__text(&c->out, d->d_name, strlen(d->d_name));
}

/*
 * From fid->position on, what fits; fid->position is where it goes on, and the Host's as well. Is there more, and room for it? An empty
 * answer would mean that the folder ends: EINVAL if there is no room for the first.
 */
static bool list(struct p9_call *c, struct p9_fid *fid, const u8 *start)
{
	char entries[ENTRIES_SIZE] __attribute__((aligned(8)));
	const size_t room = c->out.end - c->out.at;
	const ssize_t n = getdents64(fid->fd, entries, room < sizeof(entries) ? room : sizeof(entries));

	/* EINVAL: no room for one more. */
	if (n < 0 && (errno != EINVAL || c->out.at == start))
		c->error = errno;
	for (ssize_t i = 0; i < n;) {
		const struct dirent64 *d = (const struct dirent64 *)(entries + i);

		if (ENTRY_SIZE + strlen(d->d_name) > (size_t)(c->out.end - c->out.at)) {
			c->error = lseek(fid->fd, fid->position, SEEK_SET) < 0 ? errno : c->out.at == start ? EINVAL : 0;
			return false;
		}
		put_entry(c, fid, d);
		fid->position = d->d_off;
		i += d->d_reclen;
	}
	return n > 0;
}

int p9_serve__readdir(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__open_file(c, &fid);
	const u64 offset = p9_reader__u64(&c->in);
	const u32 count = p9_reader__u32(&c->in);
	struct p9_writer size = c->out;
	const u8 *start;

	if (p9_call__failed(c))
		return c->error;
	if (!S_ISDIR(fid->mode))
		return ENOTDIR;
	p9_writer__u32(&c->out, 0);
	start = c->out.at;
	if (count < (size_t)(c->out.end - c->out.at))
		c->out.end = c->out.at + count;
	if (offset != fid->position && lseek(fd, offset, SEEK_SET) < 0)
		return errno;
	fid->position = offset;
	while (list(c, fid, start))
		;
	p9_writer__u32(&size, c->out.at - start);
	return c->error;
}
