// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Whole programs, from the start of a shell that runs them to its end. What they print is thrown away; they must end well.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

static uint64_t run(const char *commands)
{
	uint64_t start = now();
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		execl("/bin/sh", "sh", "-c", commands, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status) {
		fprintf(stderr, "bench: status %#x of: %s\n", status, commands);
		exit(1);
	}
	return now() - start;
}

void mount_for_programs(void)
{
	mount("proc", "/proc", "proc", 0, NULL);
	mount("tmpfs", "/tmp", "tmpfs", 0, NULL);
}

/* The order of perl's hashes is random otherwise, and so is what it does. */
void prepare_program(const struct program *p)
{
	char folder[64];

	setenv("PATH", "/bin:/usr/bin", 1);
	setenv("PERL_HASH_SEED", "0", 1);
	snprintf(folder, sizeof(folder), "/tmp/%s", p->name);
	mkdir(folder, 0700);
	need(!chdir(folder), folder);
	run(p->before);
}

uint64_t measure_program(const struct program *p)
{
	return run(p->commands);
}
