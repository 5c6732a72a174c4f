// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Threads that count under a mutex, with atomic operations and through a condition variable: LL/SC and futexes,
 * with preemption in between. No increment may be lost.
 */
#include <pthread.h>
#include <stdint.h>

#include "guests/programs/check.h"

#define THREADS 4
#define ROUNDS 5000

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static uint64_t under_mutex, atomic, turn;

static void *worker(void *argument)
{
	uint64_t me = (uintptr_t)argument;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		__atomic_fetch_add(&atomic, me + 1, __ATOMIC_SEQ_CST);
		pthread_mutex_lock(&mutex);
		under_mutex++;
		pthread_mutex_unlock(&mutex);
	}
	for (i = 0; i < 20; i++) {	/* strictly in turn */
		pthread_mutex_lock(&mutex);
		while (turn % THREADS != me)
			pthread_cond_wait(&changed, &mutex);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

int program_threads(int argc, char **argv)
{
	pthread_t thread[THREADS];
	uintptr_t i;

	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, worker, (void *)i));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
	CHECK(under_mutex == THREADS * ROUNDS);
	CHECK(atomic == ROUNDS * (1 + 2 + 3 + 4));
	CHECK(turn == THREADS * 20);
	return 0;
}
