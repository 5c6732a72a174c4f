// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Shared folders: each message of 9P2000.L on a folder of its own, what may not be reached, and messages that are none. What messages have in common is
 * tested here, escapes are in p9_escape_test.c.
 */
#define _GNU_SOURCE
#include <sys/wait.h>
#include <sys/xattr.h>

#include "tests/unit/p9_fixture.h"
#include "tests/unit/virtio_fixture.h"
#include "wedge/device/p9.h"

/* The guest's numbers. */
#define MIPS_ENAMETOOLONG	78
#define MIPS_ELOOP		90
#define MIPS_ENOTEMPTY		93
#define MIPS_EMSGSIZE		97
#define MIPS_EOPNOTSUPP		122
#define MIPS_ESTALE		151

static struct complaint c;

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[200];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static struct stat look(const char *name)
{
	char path[200];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", in, name);
	assert_int_equal(lstat(path, &st), 0);
	return st;
}

static u32 walk(u32 from, u32 to, const char *name)
{
	return ask(P9_TWALK, "442s", from, to, 1, name);
}

static u32 read_at(u32 fid, u64 offset, u32 count)
{
	return ask(P9_TREAD, "484", fid, offset, count);
}

/* --- Sessions --- */

static void sessions(void **state)
{
	fixture_begin();
	share.msize = 0;
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 1, 0), EINVAL);
	assert_int_equal(ask(P9_TVERSION, "4s", 100, "9P2000.L"), EINVAL);
	assert_int_equal(ask(P9_TVERSION, "4s", 8192, "9P2000.u"), 0);
	assert_int_equal(p9_reader__u32(&reply), 8192);
	assert_string_equal(p9_reader__text(&reply), "unknown");
	assert_int_equal(ask(P9_TATTACH, "44ss4", 1, P9_NO_FID, "", "", 0), EINVAL);
	assert_int_equal(ask(P9_TVERSION, "4s", 0xffffffff, "9P2000.L"), 0);
	assert_int_equal(p9_reader__u32(&reply), P9_MSIZE_MOST);
	assert_string_equal(p9_reader__text(&reply), "9P2000.L");
	assert_int_equal(share.fids, 0);
	assert_int_equal(ask(P9_TAUTH, "4ss4", 1, "", "", 0), MIPS_EOPNOTSUPP);
	assert_int_equal(ask(P9_TATTACH, "44ss4", 1, 2, "", "", 0), EINVAL);
	assert_int_equal(ask(P9_TATTACH, "44ss4", 1, P9_NO_FID, "", "elsewhere", 0), ENOENT);
	assert_int_equal(ask(P9_TATTACH, "44ss4", P9_NO_FID, P9_NO_FID, "", "", 0), EINVAL);
	assert_int_equal(ask(P9_TATTACH, "44ss4", 1, P9_NO_FID, "", "/", 0), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_QID_DIRECTORY);
	assert_int_equal(ask(P9_TATTACH, "44ss4", 1, P9_NO_FID, "", "", 0), EINVAL);
	assert_int_equal(ask(P9_TFLUSH, "2", 7), 0);
	assert_int_equal(ask(P9_TCLUNK, "4", 1), 0);
	assert_int_equal(ask(P9_TCLUNK, "4", 1), EBADF);
	assert_int_equal(share.fids, 0);
	fixture_end();
}

static void walks(void **state)
{
	fixture_begin();
	put_file(in, "file", "");
	assert_int_equal(ask(P9_TMKDIR, "4s44", ROOT, "a", 0755, 0), 0);
	assert_int_equal(walk(ROOT, 1, "a"), 0);
	assert_int_equal(ask(P9_TMKDIR, "4s44", 1, "b", 0755, 0), 0);
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 2, 2, "a", "b"), 0);
	assert_int_equal(p9_reader__u16(&reply), 2);
	/* Part of the way is an answer, but no fid. */
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 3, 2, "a", "none"), 0);
	assert_int_equal(p9_reader__u16(&reply), 1);
	assert_int_equal(ask(P9_TCLUNK, "4", 3), EBADF);
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 3, 2, "none", "b"), ENOENT);
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 3, 2, "file", "b"), 0);
	assert_int_equal(p9_reader__u16(&reply), 1);
	assert_int_equal(walk(ROOT, 3, "."), EINVAL);
	assert_int_equal(walk(ROOT, 3, ""), ENOENT);
	assert_int_equal(walk(ROOT, 3, "a/b"), EINVAL);
	assert_int_equal(walk(ROOT, 2, "a"), EINVAL);	/* in use */
	assert_int_equal(walk(77, 3, "a"), EBADF);
	assert_int_equal(ask(P9_TWALK, "442ssssssssssssssss" "s", ROOT, 3, 17, "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a", "a",
			     "a", "a", "a", "a"), EINVAL);
	/* Up: to where one came from, and no further. */
	assert_int_equal(ask(P9_TWALK, "442sss", 2, 3, 3, "..", "..", "file"), 0);
	assert_int_equal(p9_reader__u16(&reply), 3);
	assert_int_equal(ask(P9_TWALK, "442ssss", 2, 4, 4, "..", "..", "..", "file"), 0);
	assert_int_equal(p9_reader__u16(&reply), 4);
	assert_int_equal(ask(P9_TWALK, "442ss", 3, 5, 1, ".."), 20);	/* ENOTDIR */
	/* The same fid, moved. */
	assert_int_equal(walk(1, 1, "b"), 0);
	assert_int_equal(walk(1, 1, "b"), ENOENT);
	assert_int_equal(ask(P9_TWALK, "442", 1, 6, 0), 0);
	fixture_end();
}

/* --- Files --- */

static void contents(void **state)
{
	struct stat st;

	fixture_begin();
	umask(077);
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 1, 0), 0);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 1, "new", 2 | P9_OPEN_EXCLUSIVE, 0666, 0), 0);
	assert_int_equal(look("new").st_mode, S_IFREG | 0666);
	umask(022);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 1, "newer", 2, 0666, 0), EINVAL);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 0), EINVAL);
	assert_int_equal(ask(P9_TWRITE, "4841111", 1, 2ul, 4, 'a', 'b', 'c', 'd'), 0);
	assert_int_equal(p9_reader__u32(&reply), 4);
	assert_int_equal(ask(P9_TWRITE, "48411", 1, 2ul, 4, 'x', 'y'), EINVAL);	/* fewer than it says */
	assert_int_equal(ask(P9_TWRITE, "48411", 1, ~0ul, 2, 'x', 'y'), EINVAL);
	assert_int_equal(read_at(1, 1, 100), 0);
	assert_int_equal(p9_reader__u32(&reply), 5);
	assert_memory_equal(reply.at, "\0abcd", 5);
	assert_int_equal(read_at(1, 6, 100), 0);
	assert_int_equal(p9_reader__u32(&reply), 0);
	assert_int_equal(read_at(1, ~0ul, 100), EINVAL);
	assert_int_equal(ask(P9_TFSYNC, "44", 1, 0), 0);
	assert_int_equal(ask(P9_TFSYNC, "44", ROOT, 1), EBADF);
	assert_int_equal(ask(P9_TSETATTR, "444448" "8888", 1, P9_SET_SIZE, 0, 0, 0, 3ul, 0ul, 0ul, 0ul, 0ul), 0);
	st = look("new");
	assert_int_equal(st.st_size, 3);
	assert_int_equal(ask(P9_TGETATTR, "48", 1, 0x7fful), 0);
	assert_int_equal(p9_reader__u64(&reply), P9_GOT_BASIC);
	assert_int_equal(p9_reader__u8(&reply), 0);
	p9_reader__u32(&reply);
	assert_int_equal(p9_reader__u64(&reply), st.st_ino);
	assert_int_equal(p9_reader__u32(&reply), S_IFREG | 0666);
	assert_int_equal(p9_reader__u32(&reply), getuid());
	/* Without O_EXCL, one that is there; and one of a read. */
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 2, 0), 0);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 2, "new", 1 | P9_OPEN_EXCLUSIVE, 0600, 0), EEXIST);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 2, "new", 1 | P9_OPEN_TRUNCATE, 0600, 0), 0);
	assert_int_equal(look("new").st_mode, S_IFREG | 0666);
	assert_int_equal(look("new").st_size, 0);
	assert_int_equal(read_at(2, 0, 10), EBADF);
	assert_int_equal(walk(ROOT, 3, "new"), 0);
	assert_int_equal(read_at(3, 0, 10), EBADF);
	assert_int_equal(ask(P9_TLOPEN, "44", 3, 0), 0);
	assert_int_equal(ask(P9_TWRITE, "484", 3, 0ul, 0), EBADF);
	assert_int_equal(ask(P9_TWALK, "442", 3, 4, 0), 0);	/* of an open one, one that is not */
	assert_int_equal(read_at(4, 0, 10), EBADF);
	fixture_end();
}

static void attributes(void **state)
{
	fixture_begin();
	put_file(in, "file", "12345");
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_MODE, 0640, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), 0);
	assert_int_equal(look("file").st_mode, S_IFREG | 0640);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_SIZE, 0, 0, 0, 2ul, 0ul, 0ul, 0ul, 0ul), 0);
	assert_int_equal(look("file").st_size, 2);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_SIZE, 0, 0, 0, ~0ul, 0ul, 0ul, 0ul, 0ul), EINVAL);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", ROOT, P9_SET_SIZE, 0, 0, 0, 2ul, 0ul, 0ul, 0ul, 0ul), EISDIR);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_MTIME | P9_SET_MTIME_TO, 0, 0, 0, 0ul, 0ul, 0ul, 5ul, 6ul), 0);
	assert_int_equal(look("file").st_mtim.tv_sec, 5);
	assert_int_equal(look("file").st_mtim.tv_nsec, 6);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_MTIME | P9_SET_MTIME_TO, 0, 0, 0, 0ul, 0ul, 0ul, 5ul, 1ul << 30), EINVAL);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_ATIME | P9_SET_MTIME, 0, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), 0);
	assert_true(look("file").st_mtim.tv_sec > 1000);
	/* Nobody's file is given away, and none is run with another one's rights. */
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_UID, 0, getuid() + 1, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EPERM);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_GID, 0, 0, getgid() + 1, 0ul, 0ul, 0ul, 0ul, 0ul), EPERM);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_UID | P9_SET_GID, 0, getuid(), getgid(), 0ul, 0ul, 0ul, 0ul, 0ul), 0);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_MODE, 04755, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EPERM);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_MODE, 02755, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EPERM);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", ROOT, P9_SET_MODE, 02755, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), 0);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", ROOT, "setuid", S_IFREG | 06755, 0, 0, 0), 0);
	assert_int_equal(look("setuid").st_mode, S_IFREG | 0755);
	assert_int_equal(look("file").st_mode, S_IFREG | 0640);
	assert_int_equal(ask(P9_TSTATFS, "4", 1), 0);
	assert_int_equal(p9_reader__u32(&reply), 0x01021997);
	fixture_end();
}

static void extended_attributes(void **state)
{
	char path[200], value[20] = "";

	fixture_begin();
	put_file(in, "file", "");
	snprintf(path, sizeof(path), "%s/file", in);
	if (setxattr(path, "user.known", "abc", 3, 0)) {
		fixture_end();
		skip();
	}
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TXATTRWALK, "44s", 1, 2, "user.known"), 0);
	assert_int_equal(p9_reader__u64(&reply), 3);
	assert_int_equal(read_at(2, 1, 10), 0);
	assert_int_equal(p9_reader__u32(&reply), 2);
	assert_memory_equal(reply.at, "bc", 2);
	assert_int_equal(read_at(2, 4, 10), 0);
	assert_int_equal(p9_reader__u32(&reply), 0);
	assert_int_equal(ask(P9_TWRITE, "4841", 2, 0ul, 1, 'x'), EINVAL);
	assert_int_equal(ask(P9_TGETATTR, "48", 2, 0ul), EBADF);
	assert_int_equal(ask(P9_TXATTRWALK, "44s", 1, 2, "user.known"), EINVAL);	/* in use */
	assert_int_equal(ask(P9_TXATTRWALK, "44s", 1, 3, ""), 0);
	assert_int_equal(read_at(3, 0, 100), 0);
	assert_int_equal(p9_reader__u32(&reply), sizeof("user.known"));
	assert_string_equal((char *)reply.at, "user.known");
	assert_int_equal(ask(P9_TXATTRWALK, "44s", 1, 4, "user.none"), 61);	/* ENODATA */
	assert_int_equal(ask(P9_TXATTRWALK, "44s", 1, 4, "security.capability"), MIPS_EOPNOTSUPP);
	/* Set at the end, whole or not at all. */
	assert_int_equal(ask(P9_TWALK, "442", 1, 5, 0), 0);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 5, "user.new", 4ul, 0), 0);
	assert_int_equal(ask(P9_TWRITE, "48411", 5, 0ul, 2, 'x', 'y'), 0);
	assert_int_equal(ask(P9_TWRITE, "48411", 5, 1ul, 2, 'x', 'y'), EINVAL);
	assert_int_equal(ask(P9_TWRITE, "484111", 5, 2ul, 3, 'x', 'y', 'z'), 28);	/* ENOSPC */
	assert_int_equal(ask(P9_TWRITE, "48411", 5, 2ul, 2, 'z', 0), 0);
	assert_int_equal(read_at(5, 0, 1), EINVAL);
	assert_int_equal(ask(P9_TCLUNK, "4", 5), 0);
	assert_int_equal(getxattr(path, "user.new", value, sizeof(value)), 4);
	assert_string_equal(value, "xyz");
	assert_int_equal(ask(P9_TWALK, "442", 1, 5, 0), 0);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 5, "user.short", 4ul, 0), 0);
	assert_int_equal(ask(P9_TCLUNK, "4", 5), EINVAL);
	assert_int_equal(ask(P9_TWALK, "442", 1, 5, 0), 0);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 5, "user.new", 0ul, 2), 0);
	assert_int_equal(ask(P9_TCLUNK, "4", 5), 0);
	assert_int_equal(getxattr(path, "user.new", value, sizeof(value)), -1);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 1, "trusted.x", 1ul, 0), MIPS_EOPNOTSUPP);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 1, "user.x", ~0ul, 0), 7);	/* E2BIG */
	fixture_end();
}

/* --- Folders --- */

static void names(void **state)
{
	fixture_begin();
	put_file(in, "file", "text");
	assert_int_equal(ask(P9_TMKDIR, "4s44", ROOT, "d", 01777, 0), 0);
	assert_int_equal(look("d").st_mode, S_IFDIR | 01777);
	assert_int_equal(ask(P9_TMKDIR, "4s44", ROOT, "d", 0777, 0), EEXIST);
	assert_int_equal(walk(ROOT, 1, "d"), 0);
	assert_int_equal(walk(ROOT, 2, "file"), 0);
	assert_int_equal(ask(P9_TLINK, "44s", 1, 2, "hard"), 0);
	assert_int_equal(look("d/hard").st_ino, look("file").st_ino);
	assert_int_equal(ask(P9_TLINK, "44s", 1, ROOT, "root"), EPERM);
	assert_int_equal(ask(P9_TSYMLINK, "4ss4", 1, "soft", "/etc/passwd", 0), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_QID_SYMLINK);
	assert_int_equal(walk(1, 3, "soft"), 0);
	assert_int_equal(ask(P9_TREADLINK, "4", 3), 0);
	assert_string_equal(p9_reader__text(&reply), "/etc/passwd");
	assert_int_equal(ask(P9_TREADLINK, "4", 2), EINVAL);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "pipe", S_IFIFO | 0600, 0, 0, 0), 0);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "socket", S_IFSOCK | 0600, 0, 0, 0), 0);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "null", S_IFCHR | 0600, 1, 3, 0), EPERM);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "disk", S_IFBLK | 0600, 8, 0, 0), EPERM);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "odd", 0170000, 0, 0, 0), EINVAL);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "d", P9_UNLINK_DIRECTORY), MIPS_ENOTEMPTY);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "d", 1), EINVAL);
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", 1, "hard", ROOT, "moved"), 0);
	assert_int_equal(ask(P9_TRENAME, "44s", 3, ROOT, "link"), 0);
	assert_true(S_ISLNK(look("link").st_mode));
	assert_int_equal(ask(P9_TRENAME, "44s", ROOT, 1, "root"), EBUSY);
	assert_int_equal(ask(P9_TREMOVE, "4", 3), 0);
	assert_int_equal(ask(P9_TREMOVE, "4", 3), EBADF);
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 4, 0), 0);
	assert_int_equal(ask(P9_TREMOVE, "4", 4), EBUSY);
	assert_int_equal(ask(P9_TCLUNK, "4", 4), EBADF);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", 1, "pipe", 0), 0);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", 1, "socket", 0), 0);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "d", P9_UNLINK_DIRECTORY), 0);
	assert_int_equal(ask(P9_TMKDIR, "4s44", 1, "in-nothing", 0777, 0), ENOENT);
	fixture_end();
}

/* Everything in the folder, read with room for two or three at a time. */
static void lists(void **state)
{
	unsigned seen = 0, dots = 0, rounds = 0;
	char name[32];
	u64 offset = 0;
	u32 count;

	fixture_begin();
	for (unsigned i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "file-%u", i);
		put_file(in, name, "");
	}
	assert_int_equal(ask(P9_TREADDIR, "484", ROOT, 0ul, 1000), EBADF);
	assert_int_equal(ask(P9_TLOPEN, "44", ROOT, 1), EISDIR);
	assert_int_equal(ask(P9_TLOPEN, "44", ROOT, 0200000), 0);
	assert_int_equal(read_at(ROOT, 0, 10), EISDIR);
	do {
		assert_int_equal(ask(P9_TREADDIR, "484", ROOT, offset, 90), 0);
		count = p9_reader__u32(&reply);
		assert_in_range(count, 0, 90);
		assert_int_equal(reply.end - reply.at, count);
		while (reply.at < reply.end) {
			u64 inode;
			const char *text;

			p9_reader__u8(&reply);
			p9_reader__u32(&reply);
			inode = p9_reader__u64(&reply);
			offset = p9_reader__u64(&reply);
			p9_reader__u8(&reply);
			text = p9_reader__text(&reply);
			assert_false(reply.bad);
			seen += !strncmp(text, "file-", 5);
			dots += *text == '.';
			if (!strcmp(text, ".."))
				assert_int_equal(inode, share.root.inode);
		}
		assert_true(rounds++ < 200);
	} while (count);
	assert_int_equal(seen, 100);
	assert_int_equal(dots, 2);
	assert_int_equal(ask(P9_TREADDIR, "484", ROOT, 0ul, 10), EINVAL);	/* room for none is no end */
	assert_int_equal(ask(P9_TREADDIR, "484", ROOT, 0ul, 0xffffffff), 0);
	assert_in_range(p9_reader__u32(&reply), 100 * 29, REPLY_ROOM);
	ask(P9_TREADDIR, "484", ROOT, ~0ul, 1000);
	fixture_end();
}

static void locks(void **state)
{
	struct flock whole = { .l_type = F_WRLCK };
	int ready[2], done[2], fd;
	char path[200], byte;
	pid_t other;

	fixture_begin();
	put_file(in, "file", "");
	snprintf(path, sizeof(path), "%s/file", in);
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TLOCK, "414884s", 1, P9_LOCK_WRITE, 0, 0ul, 0ul, 1, "me"), EBADF);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 2), 0);
	assert_int_equal(pipe(ready) | pipe(done), 0);
	other = fork();
	if (!other) {
		fd = open(path, O_RDWR);
		_exit(fcntl(fd, F_SETLK, &whole) || write(ready[1], "", 1) != 1 || read(done[0], &byte, 1) != 1);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(ask(P9_TLOCK, "414884s", 1, P9_LOCK_WRITE, 1, 0ul, 0ul, 1, "me"), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_LOCK_BLOCKED);
	assert_int_equal(ask(P9_TGETLOCK, "41884s", 1, P9_LOCK_READ, 5ul, 1ul, 1, "me"), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_LOCK_WRITE);
	p9_reader__u64(&reply);
	p9_reader__u64(&reply);
	assert_int_equal(p9_reader__u32(&reply), other);
	assert_int_equal(write(done[1], "", 1), 1);
	waitpid(other, NULL, 0);
	assert_int_equal(ask(P9_TLOCK, "414884s", 1, P9_LOCK_WRITE, 1, 0ul, 0ul, 1, "me"), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_LOCK_SUCCESS);
	assert_int_equal(ask(P9_TLOCK, "414884s", 1, 3, 0, 0ul, 0ul, 1, "me"), EINVAL);
	assert_int_equal(ask(P9_TLOCK, "414884s", 1, P9_LOCK_READ, 0, ~0ul, 1ul, 1, "me"), EINVAL);
	/* flock() of what is open for reading. */
	assert_int_equal(walk(ROOT, 2, "file"), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 2, 0), 0);
	assert_int_equal(ask(P9_TLOCK, "414884s", 2, P9_LOCK_WRITE, 0, 0ul, 0ul, 1, "me"), 0);
	assert_int_equal(p9_reader__u8(&reply), P9_LOCK_SUCCESS);
	for (unsigned i = 0; i < 2; i++) {
		close(ready[i]);
		close(done[i]);
	}
	fixture_end();
}

/* --- What is refused --- */

static void readonly(void **state)
{
	fixture_begin();
	put_file(in, "file", "text");
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TWALK, "442", 1, 2, 0), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 2, 2), 0);
	share.readonly = true;
	assert_int_equal(ask(P9_TWRITE, "4841", 2, 0ul, 1, 'x'), EROFS);
	for (u32 flags = 1; flags < 4; flags++)
		assert_int_equal(ask(P9_TLOPEN, "44", 1, flags), EROFS);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, P9_OPEN_TRUNCATE), EROFS);
	assert_int_equal(ask(P9_TLCREATE, "4s444", ROOT, "new", 0, 0666, 0), EROFS);
	assert_int_equal(ask(P9_TSYMLINK, "4ss4", ROOT, "new", "x", 0), EROFS);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", ROOT, "new", S_IFIFO, 0, 0, 0), EROFS);
	assert_int_equal(ask(P9_TMKDIR, "4s44", ROOT, "new", 0, 0), EROFS);
	assert_int_equal(ask(P9_TLINK, "44s", ROOT, 1, "new"), EROFS);
	assert_int_equal(ask(P9_TRENAME, "44s", 1, ROOT, "new"), EROFS);
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", ROOT, "file", ROOT, "new"), EROFS);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "file", 0), EROFS);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_SIZE, 0, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EROFS);
	assert_int_equal(ask(P9_TXATTRCREATE, "4s84", 1, "user.x", 1ul, 0), EROFS);
	assert_int_equal(ask(P9_TREMOVE, "4", 1), EROFS);
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 0), 0);
	assert_int_equal(look("file").st_size, 4);
	fixture_end();
}

static void what_is_none(void **state)
{
	char text[5000];
	u32 size;

	fixture_begin();
	memset(text, 'x', sizeof(text));
	text[300] = 0;
	assert_int_equal(ask(P9_TMKDIR, "4s44", ROOT, text, 0, 0), MIPS_ENAMETOOLONG);
	text[300] = 'x';
	text[sizeof(text) - 1] = 0;
	assert_int_equal(ask(P9_TSYMLINK, "4ss4", ROOT, "new", text, 0), MIPS_ENAMETOOLONG);
	assert_int_equal(ask(P9_TMKDIR, "424", ROOT, 3, 0x00410041), EINVAL);	/* a name with a zero in it */
	for (unsigned type = 0; type < 256; type++)
		if (type < 6 || type % 2)
			assert_int_equal(ask(type, "4444", 0, 0, 0, 0), MIPS_EOPNOTSUPP);
	/* Sizes that are not the chain's. */
	assert_int_equal(ask(P9_TCLUNK, "4", 77), EBADF);
	for (size = 0; size < 20; size++) {
		*(u32 *)request_bytes = htole32(size);
		assert_int_equal(fixture_answer(P9_TCLUNK, fixture_serve(request_bytes, 11, reply_room)), size == 11 ? EBADF : EINVAL);
	}
	assert_int_equal(fixture_serve(request_bytes, 6, reply_room), 0);
	assert_int_equal(fixture_serve(request_bytes, 11, P9_ERROR_SIZE - 1), 0);
	/* No room for the whole answer. */
	reply_room = P9_ERROR_SIZE;
	assert_int_equal(ask(P9_TGETATTR, "48", ROOT, 0ul), MIPS_EMSGSIZE);
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 1, 0), 0);
	/* More than a message has. */
	reply_room = REPLY_ROOM;
	*(u32 *)reply_bytes = 0;
	{
		static u8 huge[P9_MESSAGE_MOST + 100];
		struct p9_writer w = { huge, huge + sizeof(huge), false };

		p9_writer__u32(&w, sizeof(huge));
		p9_writer__u8(&w, P9_TMKDIR);
		p9_writer__u16(&w, 0x1234);
		assert_int_equal(fixture_answer(P9_TMKDIR, fixture_serve(huge, sizeof(huge), reply_room)), MIPS_EMSGSIZE);
	}
	fixture_end();
}

/* Each message, as long as it should be, and then without its last bytes, one after the other. */
static void cut_off(void **state)
{
	static const struct {
		unsigned type;
		const char *format;
	} messages[] = {
		{ P9_TSTATFS, "4" }, { P9_TLOPEN, "44" }, { P9_TLCREATE, "4s444" }, { P9_TSYMLINK, "4ss4" }, { P9_TMKNOD, "4s4444" },
		{ P9_TRENAME, "44s" }, { P9_TREADLINK, "4" }, { P9_TGETATTR, "48" }, { P9_TSETATTR, "4444488888" }, { P9_TXATTRWALK, "44s" },
		{ P9_TXATTRCREATE, "4s84" }, { P9_TREADDIR, "484" }, { P9_TFSYNC, "44" }, { P9_TLOCK, "414884s" }, { P9_TGETLOCK, "41884s" },
		{ P9_TLINK, "44s" }, { P9_TMKDIR, "4s44" }, { P9_TRENAMEAT, "4s4s" }, { P9_TUNLINKAT, "4s4" }, { P9_TVERSION, "4s" },
		{ P9_TATTACH, "44ss4" }, { P9_TFLUSH, "2" }, { P9_TWALK, "442ss" }, { P9_TREAD, "484" }, { P9_TWRITE, "484" },
		{ P9_TCLUNK, "4" }, { P9_TREMOVE, "4" },
	};

	fixture_begin();
	for (unsigned i = 0; i < COUNT(messages); i++) {
		size_t most = P9_HEAD;

		for (const char *f = messages[i].format; *f; f++)
			most += *f == 's' ? 2 + 1 : *f - '0';
		for (size_t size = P9_HEAD; size < most; size++) {
			struct p9_writer w = { request_bytes, request_bytes + sizeof(request_bytes), false };
			u32 error;

			p9_writer__u32(&w, size);
			p9_writer__u8(&w, messages[i].type);
			p9_writer__u16(&w, 0x1234);
			for (const char *f = messages[i].format; *f; f++)
				if (*f == 's')
					p9_writer__text(&w, "n", 1);
				else if (*f == '2')
					p9_writer__u16(&w, 2);	/* names of a walk */
				else
					for (char n = 0; n < *f - '0'; n++)
						p9_writer__u8(&w, 0);
			error = fixture_answer(messages[i].type, fixture_serve(request_bytes, size, reply_room));
			assert_true(error == EINVAL || error == EBADF);
		}
	}
	assert_non_null(p9_fids__find(&share, ROOT));
	assert_int_equal(share.fids, 1);
	fixture_end();
}

static void bounds(void **state)
{
	fixture_begin();
	put_file(in, "file", "");
	/* More than may be open. */
	for (u32 i = 1; i <= P9_OPEN_MOST; i++) {
		assert_int_equal(walk(ROOT, i, "file"), 0);
		assert_int_equal(ask(P9_TLOPEN, "44", i, 0), 0);
	}
	assert_int_equal(walk(ROOT, 5000, "file"), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 5000, 0), EMFILE);
	for (u32 i = 1; i <= P9_OPEN_MOST; i++)
		assert_int_equal(ask(P9_TCLUNK, "4", i), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 5000, 0), 0);
	/* More than may be known, of which few are awake. */
	for (u32 i = 1; share.fids < P9_FIDS_MOST; i++)
		if (i != 5000)
			assert_int_equal(ask(P9_TWALK, "442", ROOT, i, 0), 0);
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 1000000, 0), EMFILE);
	assert_in_range(share.awake, 0, P9_AWAKE_MOST);
	p9_fids__drop_all(&share);
	/* Those that cannot rest. */
	assert_int_equal(ask(P9_TATTACH, "44ss4", ROOT, P9_NO_FID, "", "", 0), 0);
	assert_int_equal(walk(ROOT, 1, "file"), 0);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "file", 0), 0);
	for (u32 i = 2; i <= P9_RESTLESS_MOST; i++)
		ask(P9_TWALK, "442", 1, i, 0);
	assert_int_equal(ask(P9_TWALK, "442", 1, 5000, 0), EMFILE);
	for (u32 i = 1; i <= P9_RESTLESS_MOST; i++)
		ask(P9_TCLUNK, "4", i);
	for (u32 i = 0; i < P9_ATTRIBUTES_MOST; i++)
		assert_int_equal(ask(P9_TXATTRWALK, "44s", ROOT, 100 + i, ""), 0);
	assert_int_equal(ask(P9_TXATTRWALK, "44s", ROOT, 5000, ""), EMFILE);
	fixture_end();
}

/* --- The device --- */

static struct device *make(const char *tag, const char *folder, const char *more, struct device *const *others, unsigned count)
{
	char spec[200];

	snprintf(spec, sizeof(spec), "%s%s%s", tag, folder, more);
	return p9__new(spec, others, count, &c);
}

static void what_the_user_says(void **state)
{
	struct device *good;

	fixture_make_folders();
	assert_null(make("", in, "", NULL, 0));
	assert_contains(c.text, "names no folder");
	assert_null(make("tag=", "", "", NULL, 0));
	assert_contains(c.text, "names no folder");
	assert_null(make("=", in, "", NULL, 0));
	assert_contains(c.text, "has a tag");
	assert_null(make("a/b=", in, "", NULL, 0));
	assert_null(make("a,,b=", in, "", NULL, 0));
	assert_contains(c.text, "may have no slash, comma");
	assert_null(make("123456789012345678901234567890123=", in, "", NULL, 0));
	assert_contains(c.text, "has 33 characters; 32 are the most");
	assert_null(make("tag=", in, ",fast", NULL, 0));
	assert_contains(c.text, "'fast' is none of readonly");
	assert_null(make("tag=", in, "/none", NULL, 0));
	assert_contains(c.text, "none': No such file or directory");
	put_file(in, "file", "");
	assert_null(make("tag=", in, "/file", NULL, 0));
	assert_contains(c.text, "file': it is not a folder");
	assert_null(make("tag=", "/proc/self", "", NULL, 0));
	assert_contains(c.text, "is no folder of files");
	good = make("12345678901234567890123456789012=", in, ",readonly", NULL, 0);
	assert_non_null(good);
	assert_int_equal(le16toh(*(u16 *)good->config), 32);
	assert_null(make("12345678901234567890123456789012=", out, "", &good, 1));
	assert_contains(c.text, "two shares have the tag");
	good->ops->close(good);
	free(good);
	fixture_remove_folders();
}

static void through_a_queue(void **state)
{
	static const u8 version[] = { 21, 0, 0, 0, P9_TVERSION, 0xff, 0xff, 0, 0x20, 0, 0, 8, 0, '9', 'P', '2', '0', '0', '0', '.', 'L' };
	/* A message may lie in as many parts as it likes. */
	const struct fixture_part parts[] = { OUT(FIXTURE_DATA, 5), OUT(FIXTURE_DATA + 5, 16), IN(FIXTURE_DATA + 100, 3), IN(FIXTURE_DATA + 103, 18) };
	const struct fixture_part no_room[] = { OUT(FIXTURE_DATA, 21), IN(FIXTURE_DATA + 100, 4) };
	struct fixture f;
	u32 written;

	fixture_make_folders();
	fixture_open(&f, make("tag=", in, "", NULL, 0));
	assert_int_equal(f.slot.id, 9);
	for (unsigned i = 0; i < 2; i++) {
		fixture_negotiate(&f, 1);
		fixture_set_queue(&f, 0, 8);
		fixture_start(&f);
		memcpy(f.ram.base + FIXTURE_DATA, version, sizeof(version));
		fixture_add(&f, 0, parts, 4);
		fixture_kick(&f);
		assert_true(fixture_used(&f, 0, NULL, &written));
		assert_int_equal(written, 21);
		assert_int_equal(f.ram.base[FIXTURE_DATA + 100 + 4], P9_TVERSION + 1);
		assert_memory_equal(f.ram.base + FIXTURE_DATA + 100 + 7, version + 7, 14);
		fixture_add(&f, 0, no_room, 2);
		fixture_kick(&f);
		assert_true(fixture_is_broken(&f));
	}
	fixture_close(&f);
	fixture_remove_folders();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(walks),
		cmocka_unit_test(contents),
		cmocka_unit_test(attributes),
		cmocka_unit_test(extended_attributes),
		cmocka_unit_test(names),
		cmocka_unit_test(lists),
		cmocka_unit_test(locks),
		cmocka_unit_test(readonly),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(what_the_user_says),	/* which asks for descriptors */
		cmocka_unit_test(bounds),
		cmocka_unit_test(through_a_queue),
	};

	return cmocka_run_group_tests_name("p9", tests, NULL, NULL);
}
