/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A shared folder and its fids: the numbers by which a guest knows files of it.
 *
 * A guest that caches keeps a fid for everything it has ever looked at. So a fid need not cost a descriptor:
 *
 *	state		has				becomes
 *	awake		an O_PATH descriptor		resting, when others have been used more recently; open; an attribute
 *	resting		where it was, and which inode	awake, when it is used: looked up again, and it must be the same (else ESTALE)
 *	open		a descriptor for I/O		gone, when it is clunked
 *	attribute	a value that is read or written	likewise
 *
 * Who renames a folder through us finds what rests below it afterwards as well.
 */
#ifndef WEDGE_DEVICE_P9_FIDS_H
#define WEDGE_DEVICE_P9_FIDS_H

#include "wedge/device/p9-files.h"
#include "wedge/device/pool.h"

#define P9_FIDS_MOST		65536u
#define P9_OPEN_MOST		1024u
#define P9_AWAKE_MOST		256u		/* between two messages */
#define P9_RESTLESS_MOST	1024u		/* awake, if they cannot rest because what they are has no name any more */
#define P9_PATHS_MOST		(16u << 20)	/* bytes, of all that rest */
#define P9_ATTRIBUTES_MOST	64u
#define P9_VALUE_MOST		65536u		/* bytes of an attribute, or of the list of their names: what Linux allows */
#define P9_BUCKETS		4096u

/* An extended attribute, or their list, to be read; or one that is set when the fid is clunked. */
struct p9_attribute {
	char name[NAME_MAX + 1];
	bool set;
	u32 flags;		/* of setxattr() */
	u32 size, written;
	u8 value[];
};

struct p9_fid {
	u32 number;
	struct p9_fid *next;		/* in its bucket */
	struct p9_fid *older, *newer;	/* of those awake */
	int fd;				/* -1: it rests */
	bool open, writable;
	unsigned busy;			/* so many requests use its descriptor in the pool's threads, which count down */
	u32 mode;			/* only S_IFMT: that does not change */
	u64 device, inode;
	u64 generation;			/* of one that rests */
	u64 position;			/* an open folder: which entry is read next */
	char *path;			/* where it was when it went to rest */
	struct p9_attribute *attribute;
};

/*
 * What is left of a request that has to wait for the Host's disk: anybody can do it, with nothing but the descriptor, which stays open
 * as long as the fid is busy.
 */
struct p9_rest {
	struct p9_fid *fid;		/* NULL: nothing is left */
	int fd;
	u8 type;			/* of the message */
	u16 tag;
	u64 offset;
	u32 count;			/* or, of a sync, whether only the data are meant */
};

struct p9_share {
	struct p9_root root;
	bool readonly;
	struct pool *pool;		/* for what has to wait */
	struct p9_rest rest;		/* of the message that is served */
	u32 msize;			/* 0: nothing is agreed upon yet */
	unsigned fids, awake, opened, attributes;
	size_t paths;			/* bytes */
	struct p9_fid *oldest, *newest;
	struct p9_fid *bucket[P9_BUCKETS];
	u8 message[P9_MESSAGE_MOST], answer[P9_ANSWER_MOST];	/* the one that is served: our copies */
};

/* All of them return an errno, where it can fail. */
struct p9_fid *p9_fids__find(const struct p9_share *s, u32 number);
/* One that is awake; the descriptor is the fid's from now on, or closed. If the number is in use, it names this from now on. */
int p9_fids__set(struct p9_share *s, u32 number, int fd, const struct stat *st);
/* One more of the same file; EBADF for an attribute. */
int p9_fids__copy(struct p9_share *s, const struct p9_fid *fid, u32 number);
/* A descriptor of it into *fd, awake or open, which stays until p9_fids__rest(). */
int p9_fids__wake(struct p9_share *s, struct p9_fid *fid, int *fd);
/* It is open: this descriptor takes the place of the one it had. EMFILE, and the descriptor is closed, if too many are. */
int p9_fids__open(struct p9_share *s, struct p9_fid *fid, int fd, const struct stat *st, bool writable);
/* It is an attribute's from now on, instead of a file's if that is what it was; NULL for a new one. EMFILE or ENOMEM. */
int p9_fids__attribute(struct p9_share *s, struct p9_fid *fid, u32 number, u32 size, struct p9_attribute **attribute);
void p9_fids__drop(struct p9_share *s, struct p9_fid *fid);
void p9_fids__drop_all(struct p9_share *s);

/* Lets the oldest go to rest until no more than `most` are awake; some of them, for it is called after each message. */
void p9_fids__rest(struct p9_share *s, unsigned most);
/* What was at a path, and all below it, is at another now. */
void p9_fids__moved(struct p9_share *s, const char *from, const char *to);

#endif
