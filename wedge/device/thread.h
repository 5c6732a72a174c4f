/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Threads of the monitor's that serve devices. Signals are the monitor's: none comes to them.
 */
#ifndef WEDGE_DEVICE_THREAD_H
#define WEDGE_DEVICE_THREAD_H

#include <pthread.h>
#include <signal.h>

/* 0, or the errno for which the Host gives none. */
static inline int thread__start(pthread_t *thread, void *(*run)(void *), void *user)
{
	sigset_t all, before;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	error = pthread_create(thread, NULL, run, user);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

#endif
