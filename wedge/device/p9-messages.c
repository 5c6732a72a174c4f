// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-messages.h.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "wedge/device/p9-messages.h"

/* --- Decoding --- */

static void take(struct p9_reader *r, void *into, size_t size)
{
	if (r->bad || (size_t)(r->end - r->at) < size) {
		r->bad = true;
		memset(into, 0, size);
		return;
	}
	memcpy(into, r->at, size);
	r->at += size;
}

u8 p9_reader__u8(struct p9_reader *r)
{
	u8 value;

	take(r, &value, sizeof(value));
	return value;
}

u16 p9_reader__u16(struct p9_reader *r)
{
	u16 value;

	take(r, &value, sizeof(value));
	return le16toh(value);
}

u32 p9_reader__u32(struct p9_reader *r)
{
	u32 value;

	take(r, &value, sizeof(value));
	return le32toh(value);
}

u64 p9_reader__u64(struct p9_reader *r)
{
	u64 value;

	take(r, &value, sizeof(value));
	return le64toh(value);
}

/* It is moved over its own length, which makes room for the zero behind it. */
const char *p9_reader__text(struct p9_reader *r)
{
	size_t length = p9_reader__u16(r);
	char *text = (char *)r->at - sizeof(u16);

	if (r->bad || (size_t)(r->end - r->at) < length || memchr(r->at, 0, length)) {
		r->bad = true;
		return "";
	}
	memmove(text, r->at, length);
	text[length] = 0;
	r->at += length;
	return text;
}

/* --- Encoding --- */

static bool fits(struct p9_writer *w, size_t size)
{
	w->full |= (size_t)(w->end - w->at) < size;
	return !w->full;
}

static void put(struct p9_writer *w, const void *bytes, size_t size)
{
	if (!fits(w, size))
		return;
	memcpy(w->at, bytes, size);
	w->at += size;
}

void p9_writer__u8(struct p9_writer *w, u8 value)
{
	put(w, &value, sizeof(value));
}

void p9_writer__u16(struct p9_writer *w, u16 value)
{
	value = htole16(value);
	put(w, &value, sizeof(value));
}

void p9_writer__u32(struct p9_writer *w, u32 value)
{
	value = htole32(value);
	put(w, &value, sizeof(value));
}

void p9_writer__u64(struct p9_writer *w, u64 value)
{
	value = htole64(value);
	put(w, &value, sizeof(value));
}

void p9_writer__text(struct p9_writer *w, const char *text, size_t length)
{
	if (length > UINT16_MAX || !fits(w, sizeof(u16) + length)) {
		w->full = true;
		return;
	}
	p9_writer__u16(w, length);
	put(w, text, length);
}

void p9_writer__qid(struct p9_writer *w, const struct p9_qid *qid)
{
	if (!fits(w, P9_QID_SIZE))
		return;
	p9_writer__u8(w, qid->type);
	p9_writer__u32(w, qid->version);
	p9_writer__u64(w, qid->path);
}

/* --- The guest's numbers --- */

#define SAME_EVERYWHERE	34	/* errno up to here */

/* arch/mips/include/uapi/asm/errno.h, of what work on files can bring about. */
static const struct {
	int host;
	u32 guest;
} errors[] = {
	{ EDEADLK, 45 }, { ENOLCK, 46 }, { ENODATA, 61 }, { ENOLINK, 67 }, { ECOMM, 70 }, { EPROTO, 71 }, { EMULTIHOP, 74 },
	{ EBADMSG, 77 }, { ENAMETOOLONG, 78 }, { EOVERFLOW, 79 }, { EILSEQ, 88 }, { ENOSYS, 89 }, { ELOOP, 90 }, { ENOTEMPTY, 93 },
	{ EUSERS, 94 }, { EMSGSIZE, 97 }, { EOPNOTSUPP, 122 }, { ENOBUFS, 132 }, { ENOTCONN, 134 }, { EUCLEAN, 135 },
	{ EREMOTEIO, 140 }, { ETIMEDOUT, 145 }, { EHOSTDOWN, 147 }, { EHOSTUNREACH, 148 }, { ESTALE, 151 }, { ECANCELED, 158 },
	{ ENOMEDIUM, 159 }, { EMEDIUMTYPE, 160 }, { ENOKEY, 161 }, { EKEYEXPIRED, 162 }, { EKEYREVOKED, 163 }, { EKEYREJECTED, 164 },
	{ EDQUOT, 1133 },
};

u32 p9_error(int host_errno)
{
	if (host_errno > 0 && host_errno <= SAME_EVERYWHERE)
		return host_errno;
	for (size_t i = 0; i < sizeof(errors) / sizeof(*errors); i++)
		if (errors[i].host == host_errno)
			return errors[i].guest;
	return EIO;
}

#define ACCESS_READ	0u
#define ACCESS_WRITE	1u
#define APPEND		02000u
#define DSYNC		010000u
#define SYNC		04000000u

int p9_open_flags(u32 flags)
{
	const u32 access = flags & P9_OPEN_ACCESS;

	/* Linux has two bits for O_SYNC, one of which is O_DSYNC; the protocol has one for each. */
	return (access == ACCESS_READ ? O_RDONLY : access == ACCESS_WRITE ? O_WRONLY : O_RDWR) | (flags & P9_OPEN_TRUNCATE ? O_TRUNC : 0) |
	       (flags & APPEND ? O_APPEND : 0) | (flags & SYNC ? O_SYNC : flags & DSYNC ? O_DSYNC : 0);
}
