/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A shared folder, which is a new one in $TMPDIR with a neighbour that must not be reached, and messages that are sent to it by hand.
 *
 *	fixture_begin();
 *	assert_int_equal(ask(P9_TWALK, "442s", ROOT, 1, 1, "file"), 0);		an errno of the guest's, or 0
 *	p9_reader__u16(&reply);							the answer's fields
 *
 * Whoever includes this defines _GNU_SOURCE first. Formats name fields: 1, 2, 4 and 8 bytes, s for a text.
 */
#ifndef TESTS_UNIT_P9_FIXTURE_H
#define TESTS_UNIT_P9_FIXTURE_H

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/device/p9-serve.h"

#define ROOT		0u	/* the fid */
#define REPLY_ROOM	8192u

static struct p9_share share;
static struct pool no_threads;
static struct p9_reader reply;
static u8 request_bytes[REPLY_ROOM], reply_bytes[0x20000];
static u32 reply_room = REPLY_ROOM;
static char top[64], in[80], out[80];	/* folders: `in` is shared, `out` is not */

static inline int fixture_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

/* It is there when it returns, and empty. */
static inline void fixture_make_folders(void)
{
	const char *where = getenv("TMPDIR");

	snprintf(top, sizeof(top), "%s/p9-XXXXXX", where && strlen(where) < 40 ? where : "/tmp");
	assert_non_null(mkdtemp(top));
	snprintf(in, sizeof(in), "%s/in", top);
	snprintf(out, sizeof(out), "%s/out", top);
	assert_int_equal(mkdir(in, 0755) | mkdir(out, 0755), 0);
}

static inline void fixture_remove_folders(void)
{
	nftw(top, fixture_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The chain's parts: a message as it stands, and room for an answer. Returns what p9_share__serve() does; what that leaves is done here. */
static inline u32 fixture_serve(const u8 *bytes, size_t size, size_t room)
{
	struct chain chain = {
		.readable = 1, .writable = 1, .readable_size = size, .writable_size = room,
		.part = { { (void *)bytes, size }, { reply_bytes, room } },
	};
	u32 written;

	memset(reply_bytes, 0xee, room);
	written = p9_share__serve(&share, &chain);
	return written == P9_LEFT ? p9_rest__serve(&share.rest, &chain) : written;
}

/* Its size comes first, and does not count itself. */
static inline size_t fixture_write(struct p9_writer *w, unsigned type, const char *format, va_list fields)
{
	u8 *start = w->at;
	struct p9_writer size = *w;

	p9_writer__u32(w, 0);
	p9_writer__u8(w, type);
	p9_writer__u16(w, 0x1234);
	for (; *format; format++)
		switch (*format) {
		case '1': p9_writer__u8(w, va_arg(fields, unsigned)); break;
		case '2': p9_writer__u16(w, va_arg(fields, unsigned)); break;
		case '4': p9_writer__u32(w, va_arg(fields, unsigned)); break;
		case '8': p9_writer__u64(w, va_arg(fields, unsigned long)); break;
		default: {
			const char *text = va_arg(fields, const char *);

			p9_writer__text(w, text, strlen(text));
		}
		}
	p9_writer__u32(&size, w->at - start);
	return w->at - start;
}

/* What was answered, which must be in order; `reply` stands at its first field. */
static inline u32 fixture_answer(unsigned type, u32 written)
{
	u32 size, answer;

	reply = (struct p9_reader){ reply_bytes, reply_bytes + written, false };
	size = p9_reader__u32(&reply);
	answer = p9_reader__u8(&reply);
	assert_int_equal(size, written);
	assert_int_equal(p9_reader__u16(&reply), 0x1234);
	if (answer == P9_RLERROR) {
		assert_int_equal(size, P9_ERROR_SIZE);
		return p9_reader__u32(&reply);
	}
	assert_int_equal(answer, type + 1);
	return 0;
}

static inline u32 ask(unsigned type, const char *format, ...)
{
	struct p9_writer w = { request_bytes, request_bytes + sizeof(request_bytes), false };
	va_list fields;
	size_t size;

	va_start(fields, format);
	size = fixture_write(&w, type, format, fields);
	va_end(fields);
	return fixture_answer(type, fixture_serve(request_bytes, size, reply_room));
}

/* A new share, of which the fid ROOT is known. */
static inline void fixture_begin(void)
{
	struct complaint c;

	fixture_make_folders();
	memset(&share, 0, sizeof(share));
	pool__open(&no_threads, 0);
	share.pool = &no_threads;
	reply_room = REPLY_ROOM;
	assert_int_equal(p9_files__open_root(&share.root, in, &c), 0);
	assert_int_equal(ask(P9_TVERSION, "4s", REPLY_ROOM, "9P2000.L"), 0);
	assert_int_equal(ask(P9_TATTACH, "44ss4", ROOT, P9_NO_FID, "", "", 0), 0);
}

static inline void fixture_end(void)
{
	p9_fids__drop_all(&share);
	assert_int_equal(share.fids | share.awake | share.opened | share.attributes, 0);
	assert_int_equal(share.paths, 0);
	p9_files__close_root(&share.root);
	pool__close(&no_threads);
	fixture_remove_folders();
}

#endif
