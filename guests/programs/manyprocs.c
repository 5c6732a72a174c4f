// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hundred processes alive at once, each with a page of its own content at the same address: more address
 * spaces than the Wedge keeps, so it must take them away from processes and give them back.
 *
 *	manyprocs [PROCESSES]	up to 1000
 */
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define PROCESSES 100
#define PROCESSES_MOST 1000
#define ROUNDS 3

static uint32_t content[1024];

static void child(int number, int in, int out)
{
	uint32_t i, round, go;

	for (i = 0; i < 1024; i++)
		content[i] = number * 1024 + i;
	for (round = 0; round < ROUNDS; round++) {
		CHECK(read(in, &go, sizeof(go)) == sizeof(go));
		for (i = 0; i < 1024; i++)
			CHECK(content[i] == number * 1024 + i + round);
		for (i = 0; i < 1024; i++)
			content[i]++;
		CHECK(write(out, &go, sizeof(go)) == sizeof(go));
	}
	_exit(number % 50);
}

int program_manyprocs(int argc, char **argv)
{
	static pid_t pid[PROCESSES_MOST];
	const int processes = argc > 1 ? atoi(argv[1]) : PROCESSES;
	int in[2], out[2], i, round, status;
	uint32_t token = 0x60;

	CHECK(processes > 0 && processes <= PROCESSES_MOST && !pipe(in) && !pipe(out));
	for (i = 0; i < processes; i++) {
		pid[i] = fork();
		CHECK(pid[i] >= 0);
		if (!pid[i])
			child(i, in[0], out[1]);
	}
	for (round = 0; round < ROUNDS * processes; round++)
		CHECK(write(in[1], &token, sizeof(token)) == sizeof(token));
	for (round = 0; round < ROUNDS * processes; round++)
		CHECK(read(out[0], &token, sizeof(token)) == sizeof(token));
	for (i = 0; i < processes; i++) {
		CHECK(waitpid(pid[i], &status, 0) == pid[i]);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == i % 50);
	}
	return 0;
}
