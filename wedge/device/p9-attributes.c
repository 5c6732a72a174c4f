// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-call.h: what is known of files besides their contents.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "wedge/device/p9-call.h"

#define MAGIC		0x01021997u	/* of a 9P file system */
#define USER_PREFIX	"user."
#define NS_PER_S	1000000000u

int p9_serve__statfs(struct p9_call *c)
{
	const int fd = p9_call__file(c, NULL);
	struct statfs fs;
	u64 id;

	if (p9_call__failed(c))
		return c->error;
	if (fstatfs(fd, &fs))
		return errno;
	memcpy(&id, &fs.f_fsid, sizeof(id));
	p9_writer__u32(&c->out, MAGIC);
	p9_writer__u32(&c->out, fs.f_bsize);
	p9_writer__u64(&c->out, fs.f_blocks);
	p9_writer__u64(&c->out, fs.f_bfree);
	p9_writer__u64(&c->out, fs.f_bavail);
	p9_writer__u64(&c->out, fs.f_files);
	p9_writer__u64(&c->out, fs.f_ffree);
	p9_writer__u64(&c->out, id);
	p9_writer__u32(&c->out, fs.f_namelen);
	return 0;
}

/* As Linux writes a device's number down (new_encode_dev()). */
static u64 device_number(dev_t device)
{
	const u32 low = minor(device) & 0xff, high = minor(device) & ~0xffu;

	return low | (major(device) & 0xfffu) << 8 | high << 12;
}

static void put_time(struct p9_writer *w, const struct timespec *t)
{
	p9_writer__u64(w, t->tv_sec);
	p9_writer__u64(w, t->tv_nsec);
}

int p9_serve__getattr(struct p9_call *c)
{
	const int fd = p9_call__file(c, NULL);
	struct p9_writer *w = &c->out;
	struct p9_qid qid;
	struct stat st;

	p9_reader__u64(&c->in);		/* what is wanted: all of it is at hand */
	if (p9_call__failed(c))
		return c->error;
	if (fstat(fd, &st))
		return errno;
	qid = p9_files__qid(&c->share->root, &st);
	p9_writer__u64(w, P9_GOT_BASIC);
	p9_writer__qid(w, &qid);
	p9_writer__u32(w, st.st_mode);
	p9_writer__u32(w, st.st_uid);
	p9_writer__u32(w, st.st_gid);
	p9_writer__u64(w, st.st_nlink);
	p9_writer__u64(w, device_number(st.st_rdev));
	p9_writer__u64(w, st.st_size);
	p9_writer__u64(w, st.st_blksize);
	p9_writer__u64(w, st.st_blocks);
	put_time(w, &st.st_atim);
	put_time(w, &st.st_mtim);
	put_time(w, &st.st_ctim);
	for (unsigned i = 0; i < 4; i++)	/* when it was made, generation, version: not known */
		p9_writer__u64(w, 0);
	return 0;
}

/* --- Setting --- */

struct changes {
	u32 which, mode, uid, gid;
	u64 size;
	struct timespec time[2];	/* of access and modification */
};

static int read_time(struct p9_call *c, struct timespec *t, bool set, bool to)
{
	const u64 s = p9_reader__u64(&c->in), ns = p9_reader__u64(&c->in);

	*t = (struct timespec){ s, !set ? UTIME_OMIT : !to ? UTIME_NOW : (long)ns };
	return set && to && ns >= NS_PER_S ? EINVAL : 0;
}

static int read_changes(struct p9_call *c, struct changes *ch)
{
	int bad;

	ch->which = p9_reader__u32(&c->in);
	ch->mode = p9_reader__u32(&c->in);
	ch->uid = p9_reader__u32(&c->in);
	ch->gid = p9_reader__u32(&c->in);
	ch->size = p9_reader__u64(&c->in);
	bad = read_time(c, &ch->time[0], ch->which & P9_SET_ATIME, ch->which & P9_SET_ATIME_TO);
	bad |= read_time(c, &ch->time[1], ch->which & P9_SET_MTIME, ch->which & P9_SET_MTIME_TO);
	return p9_call__failed(c) ? c->error : bad;
}

/* Nobody's file is given away; to be given to whom it belongs is no change. */
static int check_owner(int fd, const struct changes *ch)
{
	struct stat st;

	if (!(ch->which & (P9_SET_UID | P9_SET_GID)))
		return 0;
	if (fstat(fd, &st))
		return errno;
	return (ch->which & P9_SET_UID && ch->uid != st.st_uid) || (ch->which & P9_SET_GID && ch->gid != st.st_gid) ? EPERM : 0;
}

int p9_serve__setattr(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	struct changes ch;
	int error = read_changes(c, &ch);

	if (!error)
		error = check_owner(fd, &ch);
	if (!error && ch.which & P9_SET_MODE)
		error = p9_files__chmod(fd, ch.mode);
	if (!error && ch.which & P9_SET_SIZE)
		error = p9_files__truncate(fd, fid->writable, ch.size);
	if (!error && ch.which & (P9_SET_ATIME | P9_SET_MTIME))
		error = p9_files__set_times(fd, ch.time);
	return error;
}

/* --- Extended attributes --- */

/* Those of users alone: the others mean something to the Host (security.capability, ACLs, what overlays keep in trusted). */
static bool is_a_users(const char *name)
{
	return !strncmp(name, USER_PREFIX, strlen(USER_PREFIX)) && name[strlen(USER_PREFIX)];
}

static size_t only_users(u8 *names, size_t size)
{
	size_t kept = 0;

	for (size_t i = 0, length; i < size; i += length) {
		length = strnlen((char *)names + i, size - i) + 1;
		if (i + length > size || !is_a_users((char *)names + i))
			continue;
		memmove(names + kept, names + i, length);
		kept += length;
	}
	return kept;
}

/* The value of an attribute, or if the name is empty those that there are, with a zero behind each. */
static ssize_t get(int fd, const char *name, u8 *value)
{
	const struct p9_link link = p9_files__by_descriptor(fd);
	ssize_t n = *name ? getxattr(link.path, name, value, P9_VALUE_MOST) : listxattr(link.path, (char *)value, P9_VALUE_MOST);

	return n < 0 ? -errno : *name ? n : (ssize_t)only_users(value, n);
}

int p9_serve__xattrwalk(struct p9_call *c)
{
	const int fd = p9_call__file(c, NULL);
	const u32 number = p9_reader__u32(&c->in);
	const char *name = p9_reader__text(&c->in);
	struct p9_attribute *a;
	u8 *value;
	ssize_t n;
	int error;

	if (p9_call__failed(c))
		return c->error;
	if (p9_fids__find(c->share, number))
		return EINVAL;
	if (*name && !is_a_users(name))
		return EOPNOTSUPP;
	value = malloc(P9_VALUE_MOST);
	if (!value)
		return ENOMEM;
	n = get(fd, name, value);
	error = n < 0 ? -n : p9_fids__attribute(c->share, NULL, number, n, &a);
	if (!error) {
		memcpy(a->value, value, n);
		p9_writer__u64(&c->out, n);
	}
	free(value);
	return error;
}

/* Its value is written to the fid, and applied when that is clunked. */
int p9_serve__xattrcreate(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	const char *name = p9_reader__text(&c->in);
	const u64 size = p9_reader__u64(&c->in);
	const u32 flags = p9_reader__u32(&c->in);
	struct p9_attribute *a;
	int error;

	(void)fd;
	if (p9_call__failed(c))
		return c->error;
	if (!is_a_users(name))
		return EOPNOTSUPP;
	if (fid->open || flags & ~(u32)(XATTR_CREATE | XATTR_REPLACE))
		return EINVAL;
	if (size > P9_VALUE_MOST || strlen(name) > NAME_MAX)
		return size > P9_VALUE_MOST ? E2BIG : ERANGE;
	error = p9_fids__attribute(c->share, fid, fid->number, size, &a);
	if (error)
		return error;
	strcpy(a->name, name);
	a->set = true;
	a->flags = flags;
	return 0;
}

/* Linux asks for an attribute's end by one of no bytes that must be there. */
int p9_attribute__apply(const struct p9_fid *fid)
{
	const struct p9_attribute *a = fid->attribute;
	const struct p9_link link = p9_files__by_descriptor(fid->fd);

	if (a->written != a->size)
		return EINVAL;
	if (!a->size && a->flags == XATTR_REPLACE)
		return removexattr(link.path, a->name) ? errno : 0;
	return setxattr(link.path, a->name, a->value, a->size, a->flags) ? errno : 0;
}
