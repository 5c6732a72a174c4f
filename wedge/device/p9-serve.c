// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-serve.h: from a message to who serves it; sessions, and fids that come and go.
 *
 * Messages are served one after the other by the device's thread, so what one message has found nobody changes but the Host. What then has to wait
 * for a disk, reads of what is not cached and fsync(), is left to others, who know no more than a descriptor.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "wedge/device/p9-call.h"
#include "wedge/device/p9-serve.h"

#define VERSION		"9P2000.L"

static const struct server {
	int (*serve)(struct p9_call *c);
	bool changes;		/* EROFS where nothing may be changed */
} servers[P9_TYPES] = {
	[P9_TSTATFS] = { p9_serve__statfs, false },
	[P9_TLOPEN] = { p9_serve__lopen, false },
	[P9_TLCREATE] = { p9_serve__lcreate, true },
	[P9_TSYMLINK] = { p9_serve__symlink, true },
	[P9_TMKNOD] = { p9_serve__mknod, true },
	[P9_TRENAME] = { p9_serve__rename, true },
	[P9_TREADLINK] = { p9_serve__readlink, false },
	[P9_TGETATTR] = { p9_serve__getattr, false },
	[P9_TSETATTR] = { p9_serve__setattr, true },
	[P9_TXATTRWALK] = { p9_serve__xattrwalk, false },
	[P9_TXATTRCREATE] = { p9_serve__xattrcreate, true },
	[P9_TREADDIR] = { p9_serve__readdir, false },
	[P9_TFSYNC] = { p9_serve__fsync, false },
	[P9_TLOCK] = { p9_serve__lock, false },
	[P9_TGETLOCK] = { p9_serve__getlock, false },
	[P9_TLINK] = { p9_serve__link, true },
	[P9_TMKDIR] = { p9_serve__mkdir, true },
	[P9_TRENAMEAT] = { p9_serve__renameat, true },
	[P9_TUNLINKAT] = { p9_serve__unlinkat, true },
	[P9_TVERSION] = { p9_serve__version, false },
	[P9_TAUTH] = { p9_serve__auth, false },
	[P9_TATTACH] = { p9_serve__attach, false },
	[P9_TFLUSH] = { p9_serve__flush, false },
	[P9_TWALK] = { p9_serve__walk, false },
	[P9_TREAD] = { p9_serve__read, false },
	[P9_TWRITE] = { p9_serve__write, true },
	[P9_TCLUNK] = { p9_serve__clunk, false },
	[P9_TREMOVE] = { p9_serve__remove, false },	/* which drops the fid in any case */
};

/* --- Fields --- */

static int fail(struct p9_call *c, int error)
{
	if (!c->error)
		c->error = error;
	return -1;
}

int p9_call__failed(struct p9_call *c)
{
	if (c->in.bad)
		fail(c, EINVAL);
	return c->error;
}

struct p9_fid *p9_call__any_fid(struct p9_call *c)
{
	struct p9_fid *fid = p9_fids__find(c->share, p9_reader__u32(&c->in));

	if (!fid)
		fail(c, EBADF);
	return fid;
}

int p9_call__file(struct p9_call *c, struct p9_fid **into)
{
	struct p9_fid *fid = p9_call__any_fid(c);
	int fd, error = fid ? p9_fids__wake(c->share, fid, &fd) : EBADF;

	if (into)
		*into = fid;
	return error ? fail(c, error) : fd;
}

int p9_call__open_file(struct p9_call *c, struct p9_fid **into)
{
	int fd = p9_call__file(c, into);

	return fd >= 0 && !(*into)->open ? fail(c, EBADF) : fd;
}

const char *p9_call__name(struct p9_call *c)
{
	const char *name = p9_reader__text(&c->in);
	int error = p9_files__check_name(name);

	if (error && !c->in.bad)
		fail(c, error);
	return name;
}

/* --- Dispatch --- */

u32 p9_call__finish(struct p9_call *c, unsigned type, u16 tag)
{
	u8 *answer = c->answer;
	struct p9_writer head = { answer, answer + P9_HEAD, false };
	u32 size;

	if (c->out.full && !c->error)
		c->error = EMSGSIZE;
	if (c->error) {
		c->out = (struct p9_writer){ answer + P9_HEAD, answer + P9_ERROR_SIZE, false };
		p9_writer__u32(&c->out, p9_error(c->error));
		c->data = 0;
	}
	size = c->out.at - answer;
	p9_writer__u32(&head, size + c->data);
	p9_writer__u8(&head, c->error ? P9_RLERROR : type + 1);
	p9_writer__u16(&head, tag);
	chain__write(c->chain, 0, answer, size);
	return size + c->data;
}

int p9_call__leave(struct p9_call *c, struct p9_fid *fid, u64 offset, u32 count)
{
	struct p9_share *s = c->share;

	s->rest.fid = fid;
	s->rest.fd = fid->fd;
	s->rest.offset = offset;
	s->rest.count = count;
	__atomic_add_fetch(&fid->busy, 1, __ATOMIC_RELAXED);
	return 0;
}

static int run(struct p9_call *c, unsigned type)
{
	const struct p9_share *s = c->share;
	const struct server *server = type < P9_TYPES ? &servers[type] : NULL;

	if (c->size < P9_HEAD || c->size > c->chain->readable_size || (!s->msize && type != P9_TVERSION))
		return EINVAL;
	if (c->size > P9_MESSAGE_MOST && type != P9_TWRITE)
		return EMSGSIZE;
	if (!server || !server->serve)
		return EOPNOTSUPP;
	return s->readonly && server->changes ? EROFS : server->serve(c);
}

u32 p9_share__serve(struct p9_share *s, const struct chain *chain)
{
	const size_t there = chain__read(chain, 0, s->message, sizeof(s->message));
	const size_t room = chain->writable_size < sizeof(s->answer) ? chain->writable_size : sizeof(s->answer);
	struct p9_call c = {
		.share = s, .chain = chain, .answer = s->answer, .in = { s->message, s->message + there, false },
		.out = { s->answer + P9_HEAD, s->answer + room, false },
	};
	unsigned type;
	u16 tag;
	int error;

	if (there < P9_HEAD || room < P9_ERROR_SIZE)
		return 0;
	c.size = p9_reader__u32(&c.in);
	type = p9_reader__u8(&c.in);
	tag = p9_reader__u16(&c.in);
	if (c.size < there)
		c.in.end = s->message + (c.size < P9_HEAD ? P9_HEAD : c.size);
	s->rest = (struct p9_rest){ .type = type, .tag = tag };
	error = run(&c, type);
	if (!c.error)
		c.error = error;
	p9_fids__rest(s, c.error == EMFILE ? 0 : P9_AWAKE_MOST);
	return s->rest.fid ? P9_LEFT : p9_call__finish(&c, type, tag);
}

/* --- Sessions --- */

/* What has been asked before is answered before. */
int p9_serve__version(struct p9_call *c)
{
	const u32 msize = p9_reader__u32(&c->in);
	const char *version = p9_reader__text(&c->in);
	const bool known = !strcmp(version, VERSION);

	if (p9_call__failed(c) || msize < P9_MSIZE_LEAST)
		return EINVAL;
	pool__drain(c->share->pool);
	p9_fids__drop_all(c->share);
	c->share->msize = msize < P9_MSIZE_MOST ? msize : P9_MSIZE_MOST;
	p9_writer__u32(&c->out, c->share->msize);
	version = known ? VERSION : "unknown";
	p9_writer__text(&c->out, version, strlen(version));
	if (!known)
		c->share->msize = 0;
	return 0;
}

int p9_serve__auth(struct p9_call *c)
{
	return EOPNOTSUPP;
}

/* Whoever it is that the guest says: files are reached as the Wedge's user. */
int p9_serve__attach(struct p9_call *c)
{
	struct p9_share *s = c->share;
	const u32 number = p9_reader__u32(&c->in), authentication = p9_reader__u32(&c->in);
	const char *user = p9_reader__text(&c->in), *what = p9_reader__text(&c->in);
	struct p9_qid qid;
	struct stat st;
	int fd, error;

	(void)user;
	if (p9_call__failed(c))
		return c->error;
	if (authentication != P9_NO_FID || p9_fids__find(s, number))
		return EINVAL;
	if (*what && strcmp(what, "/"))
		return ENOENT;
	error = p9_files__at(&s->root, ".", &fd, &st);
	if (error)
		return error;
	qid = p9_files__qid(&s->root, &st);
	error = p9_fids__set(s, number, fd, &st);
	p9_writer__qid(&c->out, &qid);
	return error;
}

/* Our caller sees to it that what is flushed is answered first. */
int p9_serve__flush(struct p9_call *c)
{
	c->share->rest.count = p9_reader__u16(&c->in);
	return p9_call__failed(c);
}

/* --- Fids --- */

/* Goes as far as it can: how many steps, with their qids. Only if that is all of them *fd is where they lead to, else -1. */
static unsigned follow(struct p9_call *c, int folder, const char *const *name, unsigned names, struct p9_qid *qid, int *fd, struct stat *st)
{
	const struct p9_root *root = &c->share->root;
	unsigned n;
	int at = folder, next;

	for (n = 0; n < names; n++) {
		c->error = p9_files__step(root, at, name[n], &next, st);
		if (c->error)
			next = -1;
		else
			qid[n] = p9_files__qid(root, st);
		if (at != folder)
			close(at);
		at = next;
		if (c->error)
			break;
	}
	*fd = at;
	return n;
}

/* A walk that gets anywhere has not failed, but only one that gets to its end has a new fid. */
int p9_serve__walk(struct p9_call *c)
{
	struct p9_fid *fid = p9_call__any_fid(c);
	const u32 number = p9_reader__u32(&c->in);
	const unsigned names = p9_reader__u16(&c->in);
	const char *name[P9_NAMES_MOST];
	struct p9_qid qid[P9_NAMES_MOST];
	unsigned steps = 0;
	struct stat st;
	int fd, error;

	for (unsigned i = 0; i < names && i < P9_NAMES_MOST; i++)
		name[i] = p9_reader__text(&c->in);
	if (p9_call__failed(c))
		return c->error;
	if (names > P9_NAMES_MOST || (number != fid->number && p9_fids__find(c->share, number)))
		return EINVAL;
	if (!names) {
		error = p9_fids__copy(c->share, fid, number);
	} else {
		error = p9_fids__wake(c->share, fid, &fd);
		if (error)
			return error;
		steps = follow(c, fd, name, names, qid, &fd, &st);
		if (steps == names)
			error = p9_fids__set(c->share, number, fd, &st);
		else if (steps)
			c->error = 0;
	}
	p9_writer__u16(&c->out, steps);
	for (unsigned i = 0; i < steps; i++)
		p9_writer__qid(&c->out, &qid[i]);
	return c->error ? c->error : error;
}

int p9_serve__clunk(struct p9_call *c)
{
	struct p9_fid *fid = p9_call__any_fid(c);
	int error;

	if (p9_call__failed(c))
		return c->error;
	error = fid->attribute && fid->attribute->set ? p9_attribute__apply(fid) : 0;
	p9_fids__drop(c->share, fid);
	return error;
}
