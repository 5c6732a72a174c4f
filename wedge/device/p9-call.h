/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One message while it is served: what the functions have in common that serve one kind each.
 *
 * They read all of its fields, look at p9_call__failed(), do it, write the answer's fields and return an errno of the Host's. Whatever
 * a field lacks or names wrongly is in `error` by then.
 */
#ifndef WEDGE_DEVICE_P9_CALL_H
#define WEDGE_DEVICE_P9_CALL_H

#include "wedge/device/p9-fids.h"
#include "wedge/device/queue.h"

struct p9_call {
	struct p9_share *share;
	const struct chain *chain;
	u32 size;		/* of the message */
	u8 *answer;		/* where it begins: our copy */
	struct p9_reader in;
	struct p9_writer out;
	u32 data;		/* bytes of the answer that have been written to the chain, behind those in `out` */
	int error;		/* the first */
};

/* The next field is a fid, of any kind; NULL for an unknown one. */
struct p9_fid *p9_call__any_fid(struct p9_call *c);
/* One of a file, and a descriptor of that. `fid` may be NULL. -1 if there is none. */
int p9_call__file(struct p9_call *c, struct p9_fid **fid);
/* One that is open. */
int p9_call__open_file(struct p9_call *c, struct p9_fid **fid);
/* The next field is what a file shall be called. */
const char *p9_call__name(struct p9_call *c);
int p9_call__failed(struct p9_call *c);
/* It is over: writes the answer to the chain, and says how many bytes it has. */
u32 p9_call__finish(struct p9_call *c, unsigned type, u16 tag);
/* What is left of it is done by the pool, without an answer until then. Returns 0. */
int p9_call__leave(struct p9_call *c, struct p9_fid *fid, u64 offset, u32 count);

/* p9-serve.c: sessions and fids */
int p9_serve__version(struct p9_call *c);
int p9_serve__auth(struct p9_call *c);
int p9_serve__attach(struct p9_call *c);
int p9_serve__flush(struct p9_call *c);
int p9_serve__walk(struct p9_call *c);
int p9_serve__clunk(struct p9_call *c);

/* p9-names.c: folders */
int p9_serve__lcreate(struct p9_call *c);
int p9_serve__symlink(struct p9_call *c);
int p9_serve__readlink(struct p9_call *c);
int p9_serve__mknod(struct p9_call *c);
int p9_serve__mkdir(struct p9_call *c);
int p9_serve__link(struct p9_call *c);
int p9_serve__rename(struct p9_call *c);
int p9_serve__renameat(struct p9_call *c);
int p9_serve__unlinkat(struct p9_call *c);
int p9_serve__remove(struct p9_call *c);
int p9_serve__readdir(struct p9_call *c);

/* p9-io.c: contents */
int p9_serve__lopen(struct p9_call *c);
int p9_serve__read(struct p9_call *c);
int p9_serve__write(struct p9_call *c);
int p9_serve__fsync(struct p9_call *c);
int p9_serve__lock(struct p9_call *c);
int p9_serve__getlock(struct p9_call *c);

/* p9-attributes.c */
int p9_serve__statfs(struct p9_call *c);
int p9_serve__getattr(struct p9_call *c);
int p9_serve__setattr(struct p9_call *c);
int p9_serve__xattrwalk(struct p9_call *c);
int p9_serve__xattrcreate(struct p9_call *c);
/* A value that is complete becomes the file's. */
int p9_attribute__apply(const struct p9_fid *fid);

#endif
