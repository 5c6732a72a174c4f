/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a device asks the Host for and has to wait for, by io_uring: no thread of ours waits with it, and several requests are one system call.
 *
 * A Host may have none, or have forbidden it: then there are the threads of a pool (pool.h), which can do the same. All of it is called by one thread at a
 * time, the device's, or whoever closes it.
 */
#ifndef WEDGE_DEVICE_RING_H
#define WEDGE_DEVICE_RING_H

#include <liburing.h>
#include <sys/poll.h>
#include <sys/uio.h>

#include "lib/types.h"

#define RING_REQUESTS	64u		/* at once, at most: the caller's to keep */

struct ring_request {
	/* In ring__work() or ring__drain(); it may ask for more. `result` is what the system call would have returned, or the errno, negative. */
	void (*done)(struct ring_request *request, int result);
};

struct ring {			/* all zeroes at first */
	struct io_uring uring;
	bool tried, open;
	unsigned pending;	/* not done */
};

/* Is there one? It is made when that is first asked, so that nobody has one who needs none. */
bool ring__is_there(struct ring *r);
/* part[] and the memory of its parts are the request's until it is done. It may move less than all. */
void ring__transfer(struct ring *r, struct ring_request *request, int fd, const struct iovec *part, unsigned parts, u64 offset, bool write);
/* fdatasync() */
void ring__sync(struct ring *r, struct ring_request *request, int fd);

/* Hands over what was asked for, and calls done() for what is. Never waits. */
void ring__work(struct ring *r);
/* For poll(): when ring__work() has something to do; in how many ns at most. How many descriptors: one, or none. */
unsigned ring__wants(const struct ring *r, struct pollfd *fds, u64 *ns);
/* Until nothing is pending. */
void ring__drain(struct ring *r);
/* Drains it. */
void ring__close(struct ring *r);

#endif
