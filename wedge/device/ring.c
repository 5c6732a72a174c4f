/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See ring.h.
 */
#include "wedge/device/ring.h"

#include <errno.h>
#include <string.h>

#include "lib/complain.h"

#define AGAIN_NS	1000000u	/* the Host had no memory for what was handed over */

bool ring__is_there(struct ring *r)
{
	if (r->tried)
		return r->open;
	r->tried = true;
	r->open = !io_uring_queue_init(RING_REQUESTS, &r->uring, 0);
	return r->open;
}

static struct io_uring_sqe *new_entry(struct ring *r)
{
	struct io_uring_sqe *sqe = r->pending < RING_REQUESTS ? io_uring_get_sqe(&r->uring) : NULL;

	if (!sqe)
		die("more than %u requests in a ring", RING_REQUESTS);
	r->pending++;
	return sqe;
}

void ring__transfer(struct ring *r, struct ring_request *request, int fd, const struct iovec *part, unsigned parts, u64 offset, bool write)
{
	struct io_uring_sqe *sqe = new_entry(r);

	if (write)
		io_uring_prep_writev(sqe, fd, part, parts, offset);
	else
		io_uring_prep_readv(sqe, fd, part, parts, offset);
	io_uring_sqe_set_data(sqe, request);
}

void ring__sync(struct ring *r, struct ring_request *request, int fd)
{
	struct io_uring_sqe *sqe = new_entry(r);

	io_uring_prep_fsync(sqe, fd, IORING_FSYNC_DATASYNC);
	io_uring_sqe_set_data(sqe, request);
}

static void submit(struct ring *r, unsigned await)
{
	int result = 0;

	if (io_uring_sq_ready(&r->uring) || await)
		result = io_uring_submit_and_wait(&r->uring, await);
	if (result < 0 && result != -EAGAIN && result != -EBUSY && result != -EINTR)
		die("io_uring: %s", strerror(-result));
}

/* Those that are done by now. */
static bool reap(struct ring *r)
{
	struct io_uring_cqe *cqe;
	bool any = false;

	while (!io_uring_peek_cqe(&r->uring, &cqe)) {
		struct ring_request *request = io_uring_cqe_get_data(cqe);
		const int result = cqe->res;

		io_uring_cqe_seen(&r->uring, cqe);
		r->pending--;
		any = true;
		request->done(request, result);
	}
	return any;
}

void ring__work(struct ring *r)
{
	if (!r->pending)
		return;
	do
		submit(r, 0);
	while (reap(r));
}

unsigned ring__wants(const struct ring *r, struct pollfd *fds, u64 *ns)
{
	if (!r->pending)
		return 0;
	*fds = (struct pollfd){ r->uring.ring_fd, POLLIN, 0 };
	if (io_uring_sq_ready(&r->uring) && *ns > AGAIN_NS)
		*ns = AGAIN_NS;
	return 1;
}

void ring__drain(struct ring *r)
{
	while (r->pending) {
		submit(r, 1);
		reap(r);
	}
}

void ring__close(struct ring *r)
{
	ring__drain(r);
	if (r->open)
		io_uring_queue_exit(&r->uring);
}
