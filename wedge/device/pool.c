// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See pool.h.
 */
#include "wedge/device/pool.h"
#include "wedge/device/thread.h"

void pool__open(struct pool *pool, unsigned threads)
{
	*pool = (struct pool){ .wanted = threads < POOL_THREADS_MOST ? threads : POOL_THREADS_MOST };
	pool->last = &pool->first;
	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->work, NULL);
	pthread_cond_init(&pool->idle, NULL);
}

static void *run(void *p)
{
	struct pool *pool = p;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		struct job *job = pool->first;

		if (!job && pool->ending)
			break;
		if (!job) {
			pthread_cond_wait(&pool->work, &pool->lock);
			continue;
		}
		pool->first = job->next;
		if (!pool->first)
			pool->last = &pool->first;
		pthread_mutex_unlock(&pool->lock);
		job->run(job);
		pthread_mutex_lock(&pool->lock);
		if (!--pool->jobs)
			pthread_cond_broadcast(&pool->idle);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* One more, if all are busy. */
static void grow(struct pool *pool)
{
	if (pool->jobs < pool->threads || pool->threads == pool->wanted)
		return;
	if (!thread__start(&pool->thread[pool->threads], run, pool))
		pool->threads++;
}

void pool__submit(struct pool *pool, struct job *job)
{
	bool alone;

	pthread_mutex_lock(&pool->lock);
	grow(pool);
	alone = !pool->threads;
	if (!alone) {
		job->next = NULL;
		pool->jobs++;
		*pool->last = job;
		pool->last = &job->next;
		pthread_cond_signal(&pool->work);
	}
	pthread_mutex_unlock(&pool->lock);
	if (alone)
		job->run(job);
}

void pool__drain(struct pool *pool)
{
	pthread_mutex_lock(&pool->lock);
	while (pool->jobs)
		pthread_cond_wait(&pool->idle, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void pool__close(struct pool *pool)
{
	pool__drain(pool);
	pthread_mutex_lock(&pool->lock);
	pool->ending = true;
	pthread_cond_broadcast(&pool->work);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned i = 0; i < pool->threads; i++)
		pthread_join(pool->thread[i], NULL);
	pthread_cond_destroy(&pool->work);
	pthread_cond_destroy(&pool->idle);
	pthread_mutex_destroy(&pool->lock);
}
