// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is not below a shared folder is not reached, whatever the guest asks for and whatever somebody on the Host moves about
 * meanwhile: symbolic links, ways up, folders that are swapped while they are walked through, what rests and is looked up again; and nothing
 * but files and folders is ever opened.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>

#include "tests/unit/p9_fixture.h"

#define MIPS_ELOOP	90
#define MIPS_ESTALE	151
#define ROUNDS		20000

static char path[4][200];

/* A path below the share or its neighbour; a few at a time. */
static const char *at(const char *folder, const char *name)
{
	static unsigned n;
	char *p = path[n++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", folder, name);
	return p;
}

static u64 put(const char *folder, const char *name, const char *text)
{
	int fd = open(at(folder, name), O_WRONLY | O_CREAT | O_TRUNC, 0644);
	struct stat st;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	fstat(fd, &st);
	close(fd);
	return st.st_ino;
}

static u32 walk(u32 from, u32 to, const char *name)
{
	return ask(P9_TWALK, "442s", from, to, 1, name);
}

/* The inode of the last step. */
static u64 last_inode(void)
{
	unsigned steps = p9_reader__u16(&reply);
	u64 inode = 0;

	while (steps--) {
		p9_reader__u8(&reply);
		p9_reader__u32(&reply);
		inode = p9_reader__u64(&reply);
	}
	return inode;
}

static void assert_untouched(void)
{
	char text[20] = "";
	int fd = open(at(out, "secret"), O_RDONLY);
	struct stat st;

	assert_int_equal(read(fd, text, sizeof(text)), 6);
	assert_string_equal(text, "secret");
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0644);
	assert_int_equal(st.st_nlink, 1);
	close(fd);
}

static void begin(void)
{
	fixture_begin();
	put(out, "secret", "secret");
}

/* A link is a link: it leads nowhere, whatever is done by it. */
static void links(void **state)
{
	begin();
	assert_int_equal(symlink(out, at(in, "folder")) | symlink(at(out, "secret"), at(in, "file")) | symlink("..", at(in, "up")), 0);
	assert_int_equal(walk(ROOT, 1, "folder"), 0);
	assert_int_equal(walk(ROOT, 2, "file"), 0);
	assert_int_equal(walk(1, 3, "secret"), ENOTDIR);
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 3, 2, "folder", "secret"), 0);
	assert_int_equal(p9_reader__u16(&reply), 1);
	assert_int_equal(ask(P9_TWALK, "442sss", ROOT, 3, 3, "up", "out", "secret"), 0);
	assert_int_equal(p9_reader__u16(&reply), 1);
	assert_int_equal(walk(1, 3, ".."), ENOTDIR);
	assert_int_equal(ask(P9_TLOPEN, "44", 2, 0), MIPS_ELOOP);
	assert_int_equal(ask(P9_TLOPEN, "44", 2, 2), MIPS_ELOOP);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 1, "new", 2, 0666, 0), ENOTDIR);
	assert_int_equal(ask(P9_TWALK, "442", ROOT, 3, 0), 0);
	assert_int_equal(ask(P9_TLCREATE, "4s444", 3, "file", 2 | P9_OPEN_TRUNCATE, 0666, 0), MIPS_ELOOP);
	assert_int_equal(ask(P9_TMKDIR, "4s44", 1, "new", 0777, 0), ENOTDIR);
	assert_int_equal(ask(P9_TMKNOD, "4s4444", 1, "new", S_IFREG | 0666, 0, 0, 0), ENOTDIR);
	assert_int_equal(ask(P9_TSYMLINK, "4ss4", 1, "new", "x", 0), ENOTDIR);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", 1, "secret", 0), ENOTDIR);
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", 1, "secret", ROOT, "mine"), ENOTDIR);
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", ROOT, "up", 1, "up"), ENOTDIR);
	assert_int_equal(ask(P9_TLINK, "44s", ROOT, 2, "hard"), 0);	/* the link itself */
	assert_int_equal(walk(ROOT, 4, "hard"), 0);
	assert_int_equal(p9_fids__find(&share, 4)->mode, S_IFLNK);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 2, P9_SET_SIZE, 0, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EINVAL);
	ask(P9_TSETATTR, "4444488888", 2, P9_SET_MODE, 0777, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul);
	ask(P9_TXATTRCREATE, "4s84", 2, "user.x", 0ul, 0);
	ask(P9_TCLUNK, "4", 2);
	assert_untouched();
	fixture_end();
}

static void ways_up(void **state)
{
	static const char *const bad[] = { "../out/secret", "..", ".", "", "/etc/passwd", "a/../../out", "secret/" };

	begin();
	for (unsigned i = 0; i < COUNT(bad); i++) {
		assert_int_not_equal(ask(P9_TMKDIR, "4s44", ROOT, bad[i], 0777, 0), 0);
		assert_int_not_equal(ask(P9_TLCREATE, "4s444", ROOT, bad[i], 2, 0666, 0), 0);
		assert_int_not_equal(ask(P9_TUNLINKAT, "4s4", ROOT, bad[i], 0), 0);
		assert_int_not_equal(ask(P9_TUNLINKAT, "4s4", ROOT, bad[i], P9_UNLINK_DIRECTORY), 0);
		assert_int_not_equal(ask(P9_TSYMLINK, "4ss4", ROOT, bad[i], "x", 0), 0);
		assert_int_not_equal(ask(P9_TMKNOD, "4s4444", ROOT, bad[i], 0666, 0, 0, 0), 0);
		assert_int_not_equal(ask(P9_TRENAMEAT, "4s4s", ROOT, bad[i], ROOT, "mine"), 0);
		put(in, "mine", "");
		assert_int_equal(walk(ROOT, 1, "mine"), 0);
		assert_int_not_equal(ask(P9_TRENAMEAT, "4s4s", ROOT, "mine", ROOT, bad[i]), 0);
		assert_int_not_equal(ask(P9_TLINK, "44s", ROOT, 1, bad[i]), 0);
		assert_int_not_equal(ask(P9_TRENAME, "44s", 1, ROOT, bad[i]), 0);
		ask(P9_TCLUNK, "4", 1);
		if (strcmp(bad[i], ".."))
			assert_int_not_equal(walk(ROOT, 1, bad[i]), 0);
	}
	assert_int_equal(walk(ROOT, 1, ".."), 0);
	assert_int_equal(last_inode(), share.root.inode);
	assert_untouched();
	fixture_end();
}

/* A folder that somebody moves out of the share while a guest holds it: there is no way on from it to where it is now. */
static void moved_out(void **state)
{
	begin();
	assert_int_equal(mkdir(at(in, "a"), 0755) | mkdir(at(in, "a/b"), 0755), 0);
	put(in, "a/b/file", "");
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 1, 2, "a", "b"), 0);
	assert_int_equal(walk(1, 2, "file"), 0);
	assert_int_equal(rename(at(in, "a/b"), at(out, "b")), 0);
	assert_int_equal(walk(1, 3, ".."), MIPS_ESTALE);
	assert_int_equal(ask(P9_TWALK, "442ss", 1, 3, 2, "..", "secret"), MIPS_ESTALE);
	assert_int_equal(ask(P9_TREMOVE, "4", 2), MIPS_ESTALE);
	assert_int_equal(ask(P9_TRENAME, "44s", 1, ROOT, "back"), MIPS_ESTALE);
	assert_int_equal(access(at(out, "b/file"), F_OK), 0);
	/* The share itself may be moved: it goes with its descriptor. */
	assert_int_equal(rename(in, at(top, "elsewhere")), 0);
	assert_int_equal(walk(ROOT, 4, "a"), 0);
	assert_int_equal(walk(4, 5, ".."), 0);
	assert_int_equal(last_inode(), share.root.inode);
	assert_untouched();
	fixture_end();
}

/* What rests is looked up once more, where somebody has put something else meanwhile. */
static void swapped_while_it_rests(void **state)
{
	begin();
	assert_int_equal(mkdir(at(in, "d"), 0755) | mkdir(at(out, "d"), 0755), 0);
	put(in, "d/file", "mine");
	put(out, "d/file", "other");
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 1, 2, "d", "file"), 0);
	assert_int_equal(walk(ROOT, 2, "d"), 0);
	p9_fids__rest(&share, 0);
	assert_int_equal(share.awake, 0);
	assert_int_equal(rename(at(in, "d"), at(in, "before")) | symlink(at(out, "d"), at(in, "d")), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 0), MIPS_ESTALE);
	assert_int_equal(walk(2, 3, "file"), MIPS_ESTALE);
	assert_int_equal(unlink(at(in, "d")) | rename(at(out, "d"), at(in, "d")), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 0), MIPS_ESTALE);
	assert_int_equal(rename(at(in, "d"), at(in, "after")) | rename(at(in, "before"), at(in, "d")), 0);
	assert_int_equal(ask(P9_TLOPEN, "44", 1, 0), 0);
	assert_int_equal(walk(2, 3, "file"), 0);
	fixture_end();
}

/* Many fids, few descriptors; also when the guest renames the folders that they are in. */
static void many_that_rest(void **state)
{
	char name[32];

	begin();
	assert_int_equal(mkdir(at(in, "d"), 0755) | mkdir(at(in, "d/e"), 0755) | mkdir(at(in, "da"), 0755), 0);
	put(in, "da/file", "");
	assert_int_equal(ask(P9_TWALK, "442ss", ROOT, 9999, 2, "da", "file"), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d/e/%u", i);
		put(in, name, name);
		assert_int_equal(ask(P9_TWALK, "442sss", ROOT, 1 + i, 3, "d", "e", strrchr(name, '/') + 1), 0);
		assert_in_range(share.awake, 1, P9_AWAKE_MOST);
	}
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", ROOT, "d", ROOT, "renamed"), 0);
	assert_int_equal(ask(P9_TWALK, "442s", ROOT, 5000, 1, "renamed"), 0);
	assert_int_equal(ask(P9_TRENAMEAT, "4s4s", 5000, "e", ROOT, "f"), 0);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "d/e/%u", i);
		assert_int_equal(ask(P9_TLOPEN, "44", 1 + i, 0), 0);
		assert_int_equal(ask(P9_TREAD, "484", 1 + i, 0ul, 100), 0);
		assert_int_equal(p9_reader__u32(&reply), strlen(name));
		assert_memory_equal(reply.at, name, strlen(name));
		assert_int_equal(ask(P9_TCLUNK, "4", 1 + i), 0);
	}
	assert_int_equal(ask(P9_TLOPEN, "44", 9999, 0), 0);
	fixture_end();
}

/* Without a name nothing can be found again, so it stays awake; or is stale if it lost its name later. */
static void unlinked(void **state)
{
	begin();
	put(in, "early", "");
	put(in, "late", "");
	assert_int_equal(walk(ROOT, 1, "early"), 0);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "early", 0), 0);
	assert_int_equal(walk(ROOT, 2, "late"), 0);
	p9_fids__rest(&share, 0);
	assert_int_equal(ask(P9_TUNLINKAT, "4s4", ROOT, "late", 0), 0);
	put(in, "late", "another");
	assert_int_equal(ask(P9_TGETATTR, "48", 1, 0ul), 0);
	assert_int_equal(ask(P9_TGETATTR, "48", 2, 0ul), MIPS_ESTALE);
	assert_int_equal(ask(P9_TREMOVE, "4", 1), ENOENT);
	fixture_end();
}

/* Opening one of these would wait, or do something to a device. */
static void what_is_no_file(void **state)
{
	begin();
	assert_int_equal(mkfifo(at(in, "pipe"), 0666), 0);
	assert_int_equal(walk(ROOT, 1, "pipe"), 0);
	for (u32 flags = 0; flags < 4; flags++)
		assert_int_equal(ask(P9_TLOPEN, "44", 1, flags), ENXIO);
	assert_int_equal(ask(P9_TLCREATE, "4s444", ROOT, "pipe", 0, 0666, 0), ENXIO);
	assert_int_equal(ask(P9_TSETATTR, "4444488888", 1, P9_SET_SIZE, 0, 0, 0, 0ul, 0ul, 0ul, 0ul, 0ul), EINVAL);
	if (!mknod(at(in, "zero"), S_IFCHR | 0666, 1 << 8 | 5)) {
		assert_int_equal(walk(ROOT, 2, "zero"), 0);
		assert_int_equal(ask(P9_TGETATTR, "48", 2, 0ul), 0);
		assert_int_equal(ask(P9_TLOPEN, "44", 2, 0), ENXIO);
		assert_int_equal(ask(P9_TLCREATE, "4s444", ROOT, "zero", 2, 0666, 0), ENXIO);
	}
	fixture_end();
}

/* --- Races --- */

static atomic_bool stop;

/* A folder of the share, and a link to the neighbour, take turns under one name. */
static void *swap(void *unused)
{
	int folder = open(in, O_PATH);
	bool failed = false;

	while (!stop && !failed)
		failed = renameat(folder, "d", folder, "real") || renameat(folder, "link", folder, "d") ||
			 renameat(folder, "d", folder, "link") || renameat(folder, "real", folder, "d");
	close(folder);
	return failed ? &stop : NULL;
}

static void races(void **state)
{
	u64 secret, mine, inode;
	unsigned found = 0, rested = 0;
	pthread_t thread;
	void *failed;

	fixture_begin();
	assert_int_equal(mkdir(at(in, "d"), 0755), 0);
	mine = put(in, "d/secret", "mine");
	secret = put(out, "secret", "secret");
	assert_int_equal(symlink(out, at(in, "link")), 0);
	stop = false;
	assert_int_equal(pthread_create(&thread, NULL, swap, NULL), 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		if (ask(P9_TWALK, "442ss", ROOT, 1, 2, "d", "secret") || !p9_fids__find(&share, 1))
			continue;
		inode = last_inode();
		assert_int_not_equal(inode, secret);
		assert_int_equal(inode, mine);
		found++;
		p9_fids__rest(&share, 0);
		if (!ask(P9_TLOPEN, "44", 1, 0) && !ask(P9_TREAD, "484", 1, 0ul, 10)) {
			assert_int_equal(p9_reader__u32(&reply), 4);
			assert_memory_equal(reply.at, "mine", 4);
			rested++;
		}
		ask(P9_TCLUNK, "4", 1);
	}
	stop = true;
	pthread_join(thread, &failed);
	assert_null(failed);
	print_message("%u of %u walks got there, and %u of these once more\n", found, ROUNDS, rested);
	assert_true(found && rested);
	assert_untouched();
	fixture_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links),
		cmocka_unit_test(ways_up),
		cmocka_unit_test(moved_out),
		cmocka_unit_test(swapped_while_it_rests),
		cmocka_unit_test(many_that_rest),
		cmocka_unit_test(unlinked),
		cmocka_unit_test(what_is_no_file),
		cmocka_unit_test(races),
	};

	return cmocka_run_group_tests_name("p9_escape", tests, NULL, NULL);
}
