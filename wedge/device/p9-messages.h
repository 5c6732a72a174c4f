/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages of 9P2000.L, the protocol of shared folders: numbers, bounds, encoding and decoding.
 *
 * A message is size[4] type[1] tag[2] and its fields, little-endian; text is length[2] and bytes. There is no other specification than
 * diod's protocol.md and what Linux does (include/net/9p/9p.h, net/9p/client.c).
 */
#ifndef WEDGE_DEVICE_P9_MESSAGES_H
#define WEDGE_DEVICE_P9_MESSAGES_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/types.h"

#define P9_HEAD			7u
#define P9_ERROR_SIZE		(P9_HEAD + 4)	/* the smallest room in which an answer can be told */
#define P9_MESSAGE_MOST		8192u		/* without the data of a read or write: what 16 names or two long texts need */
#define P9_ANSWER_MOST		65536u		/* likewise: as much of a folder as is read at once */
#define P9_MSIZE_LEAST		4096u
#define P9_MSIZE_MOST		(1u << 20)
#define P9_NAMES_MOST		16u		/* of a walk */
#define P9_NO_FID		0xffffffffu

/* Of a request. The answer's is one more, or P9_RLERROR. */
enum p9_type {
	P9_RLERROR = 7, P9_TSTATFS = 8, P9_TLOPEN = 12, P9_TLCREATE = 14, P9_TSYMLINK = 16, P9_TMKNOD = 18, P9_TRENAME = 20,
	P9_TREADLINK = 22, P9_TGETATTR = 24, P9_TSETATTR = 26, P9_TXATTRWALK = 30, P9_TXATTRCREATE = 32, P9_TREADDIR = 40,
	P9_TFSYNC = 50, P9_TLOCK = 52, P9_TGETLOCK = 54, P9_TLINK = 70, P9_TMKDIR = 72, P9_TRENAMEAT = 74, P9_TUNLINKAT = 76,
	P9_TVERSION = 100, P9_TAUTH = 102, P9_TATTACH = 104, P9_TFLUSH = 108, P9_TWALK = 110, P9_TREAD = 116, P9_TWRITE = 118,
	P9_TCLUNK = 120, P9_TREMOVE = 122, P9_TYPES = 128,
};

/* Kinds of files, in a qid. */
#define P9_QID_DIRECTORY	0x80u
#define P9_QID_SYMLINK		0x02u

/* What Tlopen and Tlcreate ask for: the protocol's own numbers, those of x86. */
#define P9_OPEN_ACCESS		3u
#define P9_OPEN_EXCLUSIVE	0200u
#define P9_OPEN_TRUNCATE	01000u

#define P9_UNLINK_DIRECTORY	0x200u

/* Bits of Tsetattr and Tgetattr. */
enum {
	P9_SET_MODE = 1, P9_SET_UID = 2, P9_SET_GID = 4, P9_SET_SIZE = 8, P9_SET_ATIME = 0x10, P9_SET_MTIME = 0x20, P9_SET_CTIME = 0x40,
	P9_SET_ATIME_TO = 0x80, P9_SET_MTIME_TO = 0x100,
};
#define P9_GOT_BASIC		0x7ffull

enum { P9_LOCK_READ = 0, P9_LOCK_WRITE = 1, P9_LOCK_NONE = 2 };
enum { P9_LOCK_SUCCESS = 0, P9_LOCK_BLOCKED = 1 };

/* What is left of a message, which is our own copy and is written to by the way. Once something is missing, all is 0 and "". */
struct p9_reader {
	u8 *at, *end;
	bool bad;
};

u8 p9_reader__u8(struct p9_reader *r);
u16 p9_reader__u16(struct p9_reader *r);
u32 p9_reader__u32(struct p9_reader *r);
u64 p9_reader__u64(struct p9_reader *r);
/* Lies in the message. One with a zero byte in it is bad. */
const char *p9_reader__text(struct p9_reader *r);

/* An answer. What does not fit any more is left out whole, and told. */
struct p9_writer {
	u8 *at, *end;
	bool full;
};

struct p9_qid {
	u8 type;
	u32 version;
	u64 path;
};
#define P9_QID_SIZE		13u

void p9_writer__u8(struct p9_writer *w, u8 value);
void p9_writer__u16(struct p9_writer *w, u16 value);
void p9_writer__u32(struct p9_writer *w, u32 value);
void p9_writer__u64(struct p9_writer *w, u64 value);
void p9_writer__text(struct p9_writer *w, const char *text, size_t length);
void p9_writer__qid(struct p9_writer *w, const struct p9_qid *qid);

/*
 * v9fs hands the number in an Rlerror to its caller as it is. So it has to be the guest's, and the guest is a MIPS Linux, whose numbers
 * from 35 on are its own. What a MIPS program could not know is EIO.
 */
u32 p9_error(int host_errno);
/* For open(), without O_CREAT and O_EXCL: only what changes how the Host reads and writes. */
int p9_open_flags(u32 flags);

#endif
