// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tool: a child that takes memory until the kernel kills it for that; says what has become of it.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define PIECE (1 << 20)

int tool_eat(int argc, char **argv)
{
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	while (!pid) {
		char *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (piece == MAP_FAILED)
			_exit(1);
		for (int i = 0; i < PIECE; i += 512)
			piece[i] = i;
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		puts("killed, as it should be");
	else
		printf("ended with status %#x\n", status);
	return 0;
}
