/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing shared folders: messages of a guest, one after the other, to a folder with a few things in it. Each answer is one, of the size that it
 * says; the folder beside is as it was; and at the end nothing is left of the fids.
 *
 * Input: messages as they are sent, with a byte before each that says how much room there is for the answer (times 64), and two with its
 * length. The first of all agrees upon the protocol, and is not in the input; nor is the second, which makes the root fid 0.
 */
#define _GNU_SOURCE
#include "tests/unit/p9_fixture.h"

#define MESSAGES_MOST	64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void fill(void)
{
	int folder = open(in, O_PATH | O_DIRECTORY), beside = open(out, O_PATH | O_DIRECTORY);

	check(folder >= 0 && beside >= 0);
	check(!mkdirat(folder, "d", 0755) && !mkdirat(folder, "d/e", 0755) && !symlinkat(out, folder, "l"));
	close(openat(folder, "d/f", O_WRONLY | O_CREAT, 0644));
	close(openat(folder, "f", O_WRONLY | O_CREAT, 0644));
	check(!mkfifoat(folder, "p", 0644));
	close(openat(beside, "f", O_WRONLY | O_CREAT, 0644));
	close(folder);
	close(beside);
}

static void look_beside(void)
{
	char path[100];
	struct stat st, folder;

	snprintf(path, sizeof(path), "%s/f", out);
	check(!lstat(path, &st) && !lstat(out, &folder));
	check(st.st_mode == (S_IFREG | 0644) && !st.st_size && st.st_nlink == 1 && folder.st_nlink == 2);
	check(folder.st_mode == (S_IFDIR | 0755));
}

static void send(const uint8_t *bytes, size_t size, size_t room)
{
	u32 written = fixture_serve(bytes, size, room);

	check(written ? written <= room && le32toh(*(u32 *)reply_bytes) == written : size < P9_HEAD || room < P9_ERROR_SIZE);
	if (share.fids % 2)
		p9_fids__rest(&share, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fixture_begin();
	fill();
	for (unsigned n = 0; n < MESSAGES_MOST && size >= 3; n++) {
		size_t room = data[0] * 64, length = data[1] | data[2] << 8;

		data += 3;
		size -= 3;
		if (length > size)
			length = size;
		send(data, length, room);
		data += length;
		size -= length;
	}
	look_beside();
	fixture_end();
	return 0;
}
