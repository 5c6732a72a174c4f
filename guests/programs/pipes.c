// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Two processes and a pipe each way: single bytes to and fro, then more data than a pipe holds, with a sum
 * over what arrived. A switch of process at every byte.
 */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define ROUNDS 200
#define BULK (256 * 1024)

static void child(int in, int out)
{
	static unsigned char buffer[4096];
	uint32_t sum = 0, got = 0;
	unsigned char byte;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		CHECK(read(in, &byte, 1) == 1);
		byte++;
		CHECK(write(out, &byte, 1) == 1);
	}
	while (got < BULK) {
		ssize_t size = read(in, buffer, sizeof(buffer)), j;

		CHECK(size > 0);
		for (j = 0; j < size; j++)
			sum = sum * 31 + buffer[j];
		got += size;
	}
	CHECK(write(out, &sum, sizeof(sum)) == sizeof(sum));
	_exit(0);
}

int program_pipes(int argc, char **argv)
{
	static unsigned char data[BULK];
	uint32_t sum = 0, theirs;
	int to[2], from[2], status, i;
	size_t done = 0;
	pid_t pid;

	CHECK(!pipe(to) && !pipe(from));
	pid = fork();
	CHECK(pid >= 0);
	if (!pid)
		child(to[0], from[1]);
	for (i = 0; i < ROUNDS; i++) {
		unsigned char byte = i, answer;

		CHECK(write(to[1], &byte, 1) == 1 && read(from[0], &answer, 1) == 1);
		CHECK(answer == (unsigned char)(i + 1));
	}
	for (i = 0; i < BULK; i++) {
		data[i] = i * 7 + (i >> 9);
		sum = sum * 31 + data[i];
	}
	while (done < BULK) {
		ssize_t size = write(to[1], data + done, BULK - done);

		CHECK(size > 0);
		done += size;
	}
	CHECK(read(from[0], &theirs, sizeof(theirs)) == sizeof(theirs) && theirs == sum);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
}
