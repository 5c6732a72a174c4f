// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Thread-local storage of processes and threads that take turns on one CPU: each must find its own value
 * after every switch. rdhwr $29 runs natively on most Hosts, so the Wedge must swap the Host's thread
 * pointer whenever it changes the process.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define THREADS 4
#define ROUNDS 50

static __thread long mine = -1;
static __thread char pattern[256];

static void *turns(void *argument)
{
	long number = (long)argument;
	int i;

	CHECK(mine == -1 && pattern[255] == 0);
	mine = number;
	memset(pattern, (int)number, sizeof(pattern));
	for (i = 0; i < ROUNDS; i++) {
		sched_yield();
		CHECK(mine == number && pattern[0] == number && pattern[255] == number);
		CHECK(close(-1) == -1 && errno == EBADF);
	}
	mine = -1;
	memset(pattern, 0, sizeof(pattern));
	return argument;
}

static void run_threads(long base)
{
	pthread_t thread[THREADS];
	long i;

	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, turns, (void *)(base + i)));
	for (i = 0; i < THREADS; i++) {
		void *result;

		CHECK(!pthread_join(thread[i], &result));
		CHECK((long)result == base + i);
	}
}

int program_tls(int argc, char **argv)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	run_threads(child ? 1 : 33);
	turns((void *)(child ? 65L : 97L));
	if (!child)
		_exit(0);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	return 0;
}
