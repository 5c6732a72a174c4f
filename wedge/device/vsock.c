// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See vsock.h; Virtual I/O Device specification 1.2, section 5.10.
 *
 * Who does not read stops whom? Each end tells the other how much it has room for. The guest may send VSOCK_BUFFER bytes that the client has not
 * taken, and then its program sleeps; of what the client sends no more is read than the guest has room for, and then the client sleeps. Other
 * streams go on, in turns.
 *
 * A guest that gives no buffers for what it is to be told does not fill our memory: what there is to tell of a stream is kept in the stream, and of
 * what is none there is a list, and while that is full no packet is taken.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/console.h"
#include "wedge/device/spec.h"
#include "wedge/device/vsock-stream.h"

#define QUEUE_SIZE	256
#define AT_ONCE		64		/* packets of each direction */
#define WAITING		128		/* clients that wait to be taken */
#define LOOK_MS		50		/* while what is left drains, */
#define DRAIN_NS	10000000000ull	/* for so long at most */

/* --- The device --- */

static void vsock_look(struct device *d)
{
	struct vsock *v = vsock_of(d);

	pthread_mutex_lock(&d->lock);
	v->more = false;
	stream__attend(v);
	stream__expire(v);
	pthread_mutex_unlock(&d->lock);
}

static void vsock_work(struct device *d)
{
	struct vsock *v = vsock_of(d);
	unsigned heard, told = 0;
	bool full;

	pthread_mutex_lock(&d->lock);
	heard = packets__hear(v, AT_ONCE);
	full = v->refusals == REFUSALS_MOST;
	while (told < AT_ONCE && packets__tell(v))
		told++;
	v->more |= heard == AT_ONCE || told == AT_ONCE || (full && v->refusals < REFUSALS_MOST);
	device__tell(d, VSOCK_RECEIVE);
	device__tell(d, VSOCK_SEND);
	pthread_mutex_unlock(&d->lock);
}

static u64 until(u64 time, u64 now)
{
	return time > now ? time - now : 0;
}

static unsigned vsock_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	struct vsock *v = vsock_of(d);
	const struct stream *s = TAILQ_FIRST(&v->waiting);
	const u64 now = clock__now_ns();

	if (s && until(s->deadline_ns, now) < *ns)
		*ns = until(s->deadline_ns, now);
	if (d->live && v->knocked && v->streams < v->streams_most && until(v->retry_ns, now) < *ns)
		*ns = until(v->retry_ns, now);
	if (d->live && v->more)
		*ns = 0;
	fds[0] = (struct pollfd){ v->epoll, POLLIN, 0 };
	return 1;
}

/*
 * The driver has forgotten all streams. What its programs had sent, also that which is still in the queue when Linux resets its devices to power
 * off, is for the clients all the same.
 */
static void vsock_stop(struct device *d)
{
	struct vsock *v = vsock_of(d);
	struct complaint c;

	pthread_mutex_lock(&d->lock);
	v->stopping = true;
	for (unsigned n = 0; n < QUEUE_SIZE && queue__take(&d->queue[VSOCK_SEND], &v->chain, &c) > 0; n++)
		packets__hear_one(v);
	stream__end_all(v);
	v->stopping = false;
	v->first_refusal = v->refusals = 0;
	pthread_mutex_unlock(&d->lock);
}

/* Until the clients have what is left for them, as long as they take something within CONSOLE_PATIENCE_NS. */
static void drain(struct vsock *v)
{
	const u64 begin_ns = clock__now_ns();
	u64 now = begin_ns, moved_ns = begin_ns, before = v->moved;
	struct pollfd p = { v->epoll, POLLIN, 0 };

	while (v->streams && now - begin_ns < DRAIN_NS && now - moved_ns < CONSOLE_PATIENCE_NS && !(console__abandon && *console__abandon)) {
		poll(&p, 1, LOOK_MS);
		stream__attend(v);
		now = clock__now_ns();
		if (v->moved != before)
			moved_ns = now;
		before = v->moved;
	}
}

static void vsock_close(struct device *d)
{
	struct vsock *v = vsock_of(d);
	struct stream *s;

	drain(v);
	while ((s = LIST_FIRST(&v->all))) {
		s->hung_up = true;
		stream__settle(v, s);
	}
	if (v->keep_name)
		socket__forget(v->address.sun_path);
	socket__remove(v->address.sun_path);
	if (v->listener >= 0)
		close(v->listener);
	close(v->epoll);
}

static const struct device_ops vsock_ops = {
	.id = 19, .queues = VSOCK_QUEUES, .queue_size = QUEUE_SIZE,
	.look = vsock_look, .work = vsock_work, .stop = vsock_stop, .wants = vsock_wants, .close = vsock_close,
};

/* --- Making one --- */

static int parse(struct vsock *v, const char *spec, struct complaint *c)
{
	char path[SPEC_TEXT_SIZE];
	const struct spec_key keys[] = { { "cid", SPEC_NUMBER, &v->cid } };
	const size_t most = SOCKET_PATH - 1 - strlen("_4294967295");

	v->cid = VSOCK_CID_LEAST;
	if (spec__parse("--vsock", spec, path, keys, 1, c))
		return -1;
	if (v->cid < VSOCK_CID_LEAST || v->cid > VSOCK_CID_MOST)
		return complain(c, "--vsock: cid=%llu is not from %u to %u", (unsigned long long)v->cid, VSOCK_CID_LEAST, VSOCK_CID_MOST);
	if (!*path)
		return complain(c, "--vsock: no path given; --vsock /tmp/guest.vsock would be right");
	if (strlen(path) > most || !socket__address(&v->address, path))
		return complain(c, "--vsock: the path '%.40s...' has more than %zu characters", path, most);
	return 0;
}

/* Half of the descriptors are for others: a guest that opens all it can is to harm itself alone. */
static unsigned find_descriptors(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r))
		return VSOCK_STREAMS_MOST / 2;
	if (r.rlim_cur < 2 * VSOCK_STREAMS_MOST) {
		r.rlim_cur = r.rlim_max < 2 * VSOCK_STREAMS_MOST ? r.rlim_max : 2 * VSOCK_STREAMS_MOST;
		setrlimit(RLIMIT_NOFILE, &r);
	}
	return r.rlim_cur / 2 < VSOCK_STREAMS_MOST ? r.rlim_cur / 2 : VSOCK_STREAMS_MOST;
}

struct device *vsock__new(const char *spec, struct complaint *c)
{
	struct vsock *v = calloc(1, sizeof(*v));
	u64 cid;

	if (!v)
		complain(c, "--vsock: no memory for it");
	if (!v || parse(v, spec, c)) {
		free(v);
		return NULL;
	}
	v->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (v->epoll < 0) {
		complain(c, "--vsock: epoll: %s", strerror(errno));
		free(v);
		return NULL;
	}
	v->listener = -1;
	v->streams_most = find_descriptors();
	TAILQ_INIT(&v->telling);
	TAILQ_INIT(&v->waiting);
	cid = htole64(v->cid);
	memcpy(v->device.config, &cid, sizeof(cid));
	v->device.ops = &vsock_ops;
	snprintf(v->device.name, sizeof(v->device.name), "vsock '%.50s'", v->address.sun_path);
	return &v->device;
}

int vsock__connect(struct device *device, int listener, struct complaint *c)
{
	struct vsock *v = vsock_of(device);
	struct epoll_event event = { EPOLLIN | EPOLLET, { .ptr = NULL } };

	v->listener = listener >= 0 ? listener : socket__listen(&v->address, WAITING);
	if (v->listener < 0)
		return complain(c, "--vsock: listening at socket '%s': %s", v->address.sun_path, strerror(errno));
	fcntl(v->listener, F_SETFD, FD_CLOEXEC);
	socket__made(v->address.sun_path);
	return epoll_ctl(v->epoll, EPOLL_CTL_ADD, v->listener, &event) ? complain(c, "--vsock: epoll: %s", strerror(errno)) : 0;
}

int vsock__listener(struct device *device)
{
	vsock_of(device)->keep_name = true;
	return vsock_of(device)->listener;
}
