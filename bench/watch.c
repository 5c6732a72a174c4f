// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Starts the Wedge, or another program that runs a guest, and stamps the line that the guest's first program
 * begins with. What the guest's own clock says leaves out the time before that clock ran: reading, relinking,
 * rewriting the kernel. And what a command costs that has its other end elsewhere: bench/net; what it takes by the clock and
 * of a processor: bench/tables.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/watch.h"

static pid_t start(char **command, FILE **output)
{
	int ends[2];
	pid_t pid;

	need(!pipe(ends), "pipe");
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execvp(command[0], command);
		fprintf(stderr, "bench: %s cannot be run\n", command[0]);
		_exit(127);
	}
	close(ends[1]);
	*output = fdopen(ends[0], "r");
	need(pid > 0 && *output, "starting a program");
	return pid;
}

struct clocks {
	struct timespec real, monotonic;
};

static struct clocks read_clocks(void)
{
	struct clocks c;

	clock_gettime(CLOCK_REALTIME, &c.real);
	clock_gettime(CLOCK_MONOTONIC, &c.monotonic);
	return c;
}

static void print_clocks(const char *what, const struct clocks *c)
{
	printf("bench: %s %lld.%09ld %lld.%09ld\n", what, (long long)c->real.tv_sec, c->real.tv_nsec, (long long)c->monotonic.tv_sec, c->monotonic.tv_nsec);
}

/* A character each time, as a line takes its time; what the clocks said is told afterwards. */
int clocks(void)
{
	struct clocks c[CLOCKS];

	for (int i = 0; i < CLOCKS; i++) {
		c[i] = read_clocks();
		need(write(STDOUT_FILENO, CLOCK_LINE, strlen(CLOCK_LINE)) > 0, "writing to the console");
		tcdrain(STDOUT_FILENO);
		usleep(10000);
	}
	for (int i = 0; i < CLOCKS; i++)
		print_clocks("clock", &c[i]);
	return 0;
}

int watch(char **command)
{
	uint64_t begin = now();
	char line[512];
	int status = -1, seen = 0;
	FILE *output;
	pid_t pid;

	setvbuf(stdout, NULL, _IOLBF, 0);
	MARK(MARK_START);
	pid = start(command, &output);
	while (fgets(line, sizeof(line), output)) {
		uint64_t time = now() - begin;
		const struct clocks came = read_clocks();

		if (*line == *CLOCK_LINE)
			print_clocks("came", &came);
		fputs(line, stdout);
		if (!seen && !strncmp(line, BENCH_MARK, strlen(BENCH_MARK))) {
			printf("bench: start %llu\n", (unsigned long long)time);
			seen = 1;
		}
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(char **command)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		execvp(command[0], command);
		fprintf(stderr, "bench: %s cannot be run\n", command[0]);
		_exit(127);
	}
	if (pid > 0)
		waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int between(char **command)
{
	int status;

	MARK(MARK_OPERATION);
	status = run(command);
	MARK(MARK_OPERATION_END);
	return status;
}

static long long microseconds(struct timeval time)
{
	return time.tv_sec * 1000000ll + time.tv_usec;
}

int used(char **command)
{
	struct rusage usage;
	int status = run(command);

	getrusage(RUSAGE_CHILDREN, &usage);
	printf("bench: used %lld\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime));
	return status;
}

int times(const char *name, char **command)
{
	uint64_t begin = now();
	struct rusage usage;
	int status = run(command);
	uint64_t end = now();

	getrusage(RUSAGE_CHILDREN, &usage);
	printf("bench: times %s %llu %lld %lld\n", name, (unsigned long long)(end - begin) / 1000, microseconds(usage.ru_utime),
	       microseconds(usage.ru_stime));
	return status;
}
