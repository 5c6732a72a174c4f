// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program to be debugged: each part is for one of the sessions beside it. What it prints does not depend on time or on chance.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

volatile int seen, sum, changed;
volatile double real = 1.5;

/* Branches with something in their slots, a loop, a call: for single steps. */
__attribute__((noinline)) int steps(int n)
{
	int a = 0;

	for (int i = 0; i < n; i++) {
		if (i % 3 == 1)
			a += i * 2;
		else if (i & 4)
			a ^= i;
		real = real * 1.25 - i;
	}
	return a;
}

__attribute__((noinline)) int called(int a, long b)
{
	sum += a;
	return a + (int)b;
}

static void on_signal(int signal)
{
	seen = signal;
}

static void *worker(void *number)
{
	return (void *)(long)called((int)(long)number, 1);
}

static int threads(void)
{
	pthread_t thread[3];
	long total = 0;

	for (long i = 0; i < 3; i++) {
		void *value;

		pthread_create(&thread[i], NULL, worker, (void *)i);
		pthread_join(thread[i], &value);
		total += (long)value;
	}
	printf("threads %ld\n", total);
	return 0;
}

static int children(void)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(called(5, 2));
	waitpid(pid, &status, 0);
	printf("child %d\n", WEXITSTATUS(status));
	return 0;
}

static int executes(char *self)
{
	int status;
	pid_t pid = vfork();

	if (!pid) {
		execl(self, self, "calls", NULL);
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("executed %d\n", WEXITSTATUS(status));
	return 0;
}

static int signals(void)
{
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	printf("seen %d\n", seen);
	return 0;
}

static int calls(void)
{
	for (int i = 0; i < 3; i++)
		printf("call %d: %ld\n", i, syscall(SYS_getppid) > 0 ? 1l : -1l);
	return 0;
}

/* For those who attach: until somebody has changed it. */
static int waits(void)
{
	for (int i = 0; i < 6000 && !changed; i++)
		usleep(10000);
	printf("changed to %d\n", changed);
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "steps";

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!strcmp(what, "steps"))
		return printf("steps %d\n", steps(40)) < 0;
	if (!strcmp(what, "loops")) {
		for (int i = 0; i < 20000; i++)
			sum += called(i & 3, 1) + steps(4);
		return printf("loops %d\n", sum) < 0;
	}
	if (!strcmp(what, "threads"))
		return threads();
	if (!strcmp(what, "children"))
		return children();
	if (!strcmp(what, "executes"))
		return executes("/debuggers/target");
	if (!strcmp(what, "signals"))
		return signals();
	if (!strcmp(what, "calls"))
		return calls();
	return waits();
}
