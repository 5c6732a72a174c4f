/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Threads for what may wait: reads and writes of files, flushes. A device hands them jobs and goes on.
 */
#ifndef WEDGE_DEVICE_POOL_H
#define WEDGE_DEVICE_POOL_H

#include <pthread.h>

#include "lib/complain.h"
#include "lib/types.h"

#define POOL_THREADS_MOST	8

/* Embedded in what is to be done. In one pool once at a time. */
struct job {
	struct job *next;
	void (*run)(struct job *job);
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t work, idle;
	struct job *first, **last;
	unsigned jobs;			/* that wait or run */
	unsigned wanted, threads;
	bool ending;
	pthread_t thread[POOL_THREADS_MOST];
};

/* Up to `threads` of them, made when there is something to do for them. */
void pool__open(struct pool *pool, unsigned threads);
/* In the order in which they come, as threads become free. If the Host gives no thread at all, here and now. */
void pool__submit(struct pool *pool, struct job *job);
/* Returns when all jobs are done. Nobody submits meanwhile. */
void pool__drain(struct pool *pool);
void pool__close(struct pool *pool);

#endif
