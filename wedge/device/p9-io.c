// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-call.h: files are opened, read, written and locked. Data go between the file and the guest's RAM without a copy.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

#include "wedge/device/file.h"
#include "wedge/device/p9-call.h"

#define READ_HEAD	(P9_HEAD + 4u)			/* of an answer that has data behind it */
#define WRITE_HEAD	(P9_HEAD + 4u + 8u + 4u)	/* of a request that has */

int p9_serve__lopen(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__file(c, &fid);
	const u32 flags = p9_reader__u32(&c->in), access = flags & P9_OPEN_ACCESS;
	struct p9_qid qid;
	struct stat st;
	int to, error;

	if (p9_call__failed(c))
		return c->error;
	if (fid->open)
		return EINVAL;
	if (c->share->readonly && (access || flags & P9_OPEN_TRUNCATE))
		return EROFS;
	if (S_ISDIR(fid->mode) && access)
		return EISDIR;
	error = p9_files__open(fd, p9_open_flags(flags), &to);
	if (error)
		return error;
	if (fstat(to, &st)) {
		error = errno;
		close(to);
		return error;
	}
	qid = p9_files__qid(&c->share->root, &st);
	error = p9_fids__open(c->share, fid, to, &st, access);
	p9_writer__qid(&c->out, &qid);
	p9_writer__u32(&c->out, 0);	/* as much at once as a message holds */
	return error;
}

/* --- Reading and writing --- */

static int read_attribute(struct p9_call *c, const struct p9_attribute *a, u64 offset, u32 count)
{
	if (a->set)
		return EINVAL;
	c->data = offset < a->size ? chain__write(c->chain, READ_HEAD, a->value + offset, count < a->size - offset ? count : a->size - offset) : 0;
	return 0;
}

/* With RWF_NOWAIT, what the Host has at hand. */
static int read_file(const struct chain *chain, int fd, u64 offset, u32 count, int flags, u32 *done)
{
	struct iovec part[CHAIN_PARTS_MOST];
	const ssize_t n = preadv2(fd, part, chain__writable(chain, READ_HEAD, count, part), offset, flags);

	*done = n < 0 ? 0 : n;
	return n < 0 ? errno : 0;
}

/* EAGAIN if the Host has not all of it at hand, or cannot tell. */
static int read_now(const struct chain *chain, int fd, u64 offset, u32 count, u32 *done)
{
	int error = read_file(chain, fd, offset, count, RWF_NOWAIT, done);
	struct stat st;

	if (error == EOPNOTSUPP)
		return file__is_in_memory(fd) ? read_file(chain, fd, offset, count, 0, done) : EAGAIN;
	if (error)
		return error;
	return *done < count && !fstat(fd, &st) && offset + *done < (u64)st.st_size ? EAGAIN : 0;
}

int p9_serve__read(struct p9_call *c)
{
	struct p9_fid *fid = p9_call__any_fid(c);
	const u64 offset = p9_reader__u64(&c->in), room = c->chain->writable_size - READ_HEAD;
	u32 count = p9_reader__u32(&c->in);
	int error;

	if (p9_call__failed(c))
		return c->error;
	if (count > room)
		count = room;
	if (count > c->share->msize)
		count = c->share->msize;
	if (fid->attribute) {
		error = read_attribute(c, fid->attribute, offset, count);
		p9_writer__u32(&c->out, c->data);
		return error;
	}
	if (!fid->open)
		return EBADF;
	if (offset > INT64_MAX)
		return EINVAL;		/* preadv2() would take -1 for where the last one ended */
	error = read_now(c->chain, fid->fd, offset, count, &c->data);
	if (error == EAGAIN)
		return p9_call__leave(c, fid, offset, count);
	p9_writer__u32(&c->out, c->data);
	return error;
}

static int write_attribute(struct p9_call *c, struct p9_attribute *a, u64 offset, u32 count)
{
	if (!a->set || offset != a->written)
		return EINVAL;
	if (count > a->size - a->written)
		return ENOSPC;
	a->written += chain__read(c->chain, WRITE_HEAD, a->value + offset, count);
	return 0;
}

int p9_serve__write(struct p9_call *c)
{
	struct p9_fid *fid = p9_call__any_fid(c);
	const u64 offset = p9_reader__u64(&c->in);
	const u32 count = p9_reader__u32(&c->in);
	struct iovec part[CHAIN_PARTS_MOST];
	ssize_t n = count;
	int error;

	if (p9_call__failed(c))
		return c->error;
	if (c->size < WRITE_HEAD || count > c->size - WRITE_HEAD)
		return EINVAL;
	if (fid->attribute) {
		error = write_attribute(c, fid->attribute, offset, count);
		if (error)
			return error;
	} else {
		if (!fid->open)
			return EBADF;
		n = pwritev(fid->fd, part, chain__readable(c->chain, WRITE_HEAD, count, part), offset);
		if (n < 0)
			return errno;
	}
	p9_writer__u32(&c->out, n);
	return 0;
}

static int sync_file(int fd, bool only_data)
{
	return (only_data ? fdatasync(fd) : fsync(fd)) ? errno : 0;
}

int p9_serve__fsync(struct p9_call *c)
{
	struct p9_fid *fid;
	u32 only_data;

	p9_call__open_file(c, &fid);
	only_data = p9_reader__u32(&c->in);
	if (p9_call__failed(c))
		return c->error;
	return p9_call__leave(c, fid, 0, only_data);
}

u32 p9_rest__serve(const struct p9_rest *rest, const struct chain *chain)
{
	u8 answer[READ_HEAD];
	struct p9_call c = { .chain = chain, .answer = answer, .out = { answer + P9_HEAD, answer + sizeof(answer), false } };

	if (rest->type == P9_TREAD) {
		c.error = read_file(chain, rest->fd, rest->offset, rest->count, 0, &c.data);
		p9_writer__u32(&c.out, c.data);
	} else {
		c.error = sync_file(rest->fd, rest->count);
	}
	__atomic_sub_fetch(&rest->fid->busy, 1, __ATOMIC_RELEASE);
	return p9_call__finish(&c, rest->type, rest->tag);
}

/* --- Locks --- */

/*
 * The guest's processes are kept apart by the guest. For the Host all of them are one, us: so the guest as a whole is kept apart from the
 * Host's processes and from other guests, and no file that a process has opened twice is locked against itself. When one process of the
 * guest unlocks or closes what another one has locked as well, the Host takes it for unlocked.
 */
static int read_lock(struct p9_call *c, struct flock *lock, bool flags)
{
	static const short types[] = { [P9_LOCK_READ] = F_RDLCK, [P9_LOCK_WRITE] = F_WRLCK, [P9_LOCK_NONE] = F_UNLCK };
	const u8 type = p9_reader__u8(&c->in);
	u64 start, length;

	if (flags)
		p9_reader__u32(&c->in);		/* who wants to wait asks again */
	start = p9_reader__u64(&c->in);
	length = p9_reader__u64(&c->in);
	if (p9_call__failed(c))
		return c->error;
	if (type > P9_LOCK_NONE || start > INT64_MAX || length > INT64_MAX)
		return EINVAL;
	*lock = (struct flock){ .l_type = types[type], .l_whence = SEEK_SET, .l_start = start, .l_len = length };
	return 0;
}

int p9_serve__lock(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__open_file(c, &fid);
	struct flock lock;
	int error = read_lock(c, &lock, true);

	if (error)
		return error;
	error = fcntl(fd, F_SETLK, &lock) ? errno : 0;
	/* flock() locks for writing what is open for reading; the Host cannot be told that. */
	if (error && error != EAGAIN && error != EACCES && error != EBADF)
		return error;
	p9_writer__u8(&c->out, error && error != EBADF ? P9_LOCK_BLOCKED : P9_LOCK_SUCCESS);
	return 0;
}

int p9_serve__getlock(struct p9_call *c)
{
	struct p9_fid *fid;
	const int fd = p9_call__open_file(c, &fid);
	struct flock lock;
	int error = read_lock(c, &lock, false);

	if (error)
		return error;
	if (fcntl(fd, F_GETLK, &lock))
		return errno;
	p9_writer__u8(&c->out, lock.l_type == F_RDLCK ? P9_LOCK_READ : lock.l_type == F_WRLCK ? P9_LOCK_WRITE : P9_LOCK_NONE);
	p9_writer__u64(&c->out, lock.l_start);
	p9_writer__u64(&c->out, lock.l_len);
	p9_writer__u32(&c->out, lock.l_type == F_UNLCK ? 0 : lock.l_pid);
	p9_writer__text(&c->out, "host", 4);
	return 0;
}
