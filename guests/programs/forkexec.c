// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * fork and exec, with arguments and environment through, exit statuses and deaths by signal back.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

/* A variable, or the compiler warns that nothing can be there. */
static volatile uintptr_t low_address = 8;

static int run(const char *argument)
{
	char *const argv[] = { "forkexec", (char *)argument, NULL };
	char *const environment[] = { "AFTERBURN=yes", NULL };
	pid_t pid = fork();
	int status;

	CHECK(pid >= 0);
	if (!pid) {
		execve(SELF, argv, environment);
		_exit(127);
	}
	CHECK(waitpid(pid, &status, 0) == pid);
	return status;
}

static int in_child(const char *argument)
{
	const char *value = getenv("AFTERBURN");

	CHECK(value && !strcmp(value, "yes"));
	if (!strcmp(argument, "killed"))
		raise(SIGKILL);
	if (!strcmp(argument, "crash"))
		*(volatile int *)low_address = 0;
	_exit(atoi(argument));
}

int program_forkexec(int argc, char **argv)
{
	int i, status;

	if (argc > 1)
		return in_child(argv[1]);
	for (i = 0; i < 5; i++) {
		char number[8];

		snprintf(number, sizeof(number), "%d", i * 10);
		status = run(number);
		CHECK(WIFEXITED(status) && WEXITSTATUS(status) == i * 10);
	}
	status = run("killed");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	status = run("crash");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	return 0;
}
