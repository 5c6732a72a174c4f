// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See vsock-stream.h.
 *
 * Descriptors are watched by their edges: what epoll says is kept in the stream until reading or writing finds that it is so no more. So a client
 * that has something for a guest which takes nothing wakes nobody, nor does one that has gone.
 *
 * A stream goes in stream__settle() alone, or in what ends with it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/spec.h"
#include "wedge/device/vsock-stream.h"

#define AT_ONCE		64		/* events, clients */
#define ROUNDS		(VSOCK_STREAMS_MOST / AT_ONCE)
#define RETRY_NS	500000000ull	/* when the Host had no descriptor for a client */
#define LINE_MOST	32		/* "CONNECT 4294967295\n", and some blanks too many */
#define FIRST_PORT	(1u << 30)	/* of clients; below are services, perhaps */

/* --- Which there are --- */

static unsigned bucket(u32 host_port, u32 guest_port)
{
	return (host_port * 31 + guest_port) % VSOCK_BUCKETS;
}

struct stream *stream__find(struct vsock *v, u32 host_port, u32 guest_port)
{
	struct stream *s;

	LIST_FOREACH(s, &v->same[bucket(host_port, guest_port)], same)
		if (s->host_port == host_port && s->guest_port == guest_port)
			return s;
	return NULL;
}

static void know(struct vsock *v, struct stream *s, u32 host_port, u32 guest_port)
{
	s->host_port = host_port;
	s->guest_port = guest_port;
	LIST_INSERT_HEAD(&v->same[bucket(host_port, guest_port)], s, same);
	s->known = true;
}

static void stop_waiting(struct vsock *v, struct stream *s)
{
	if (s->waits)
		TAILQ_REMOVE(&v->waiting, s, waiting);
	s->waits = false;
}

static void wait_for_guest(struct vsock *v, struct stream *s)
{
	stop_waiting(v, s);
	s->deadline_ns = clock__now_ns() + VSOCK_PATIENCE_NS;
	TAILQ_INSERT_TAIL(&v->waiting, s, waiting);
	s->waits = true;
}

/* The guest may use its ports for another one. */
static void forget(struct vsock *v, struct stream *s)
{
	stop_waiting(v, s);
	if (s->tells)
		TAILQ_REMOVE(&v->telling, s, telling);
	if (s->known)
		LIST_REMOVE(s, same);
	s->tells = s->known = false;
}

static void drop(struct vsock *v, struct stream *s)
{
	forget(v, s);
	LIST_REMOVE(s, all);
	free(s->buffer);
	free(s);
	v->streams--;
}

static int watch(struct vsock *v, struct stream *s, int operation)
{
	struct epoll_event event = { EPOLLIN | EPOLLRDHUP | EPOLLET | (s->blocked ? EPOLLOUT : 0), { .ptr = s } };

	return epoll_ctl(v->epoll, operation, s->fd, &event);
}

struct stream *stream__new(struct vsock *v, int fd, u32 host_port, u32 guest_port, enum stream_state state)
{
	struct stream *s = v->streams < v->streams_most ? calloc(1, sizeof(*s)) : NULL;

	if (!s)
		return NULL;
	s->fd = fd;
	s->state = state;
	if (watch(v, s, EPOLL_CTL_ADD)) {
		free(s);
		return NULL;
	}
	LIST_INSERT_HEAD(&v->all, s, all);
	v->streams++;
	if (state != STREAM_GREETS)
		know(v, s, host_port, guest_port);
	return s;
}

/* --- To the client --- */

static void set_blocked(struct vsock *v, struct stream *s, bool blocked)
{
	if (s->blocked == blocked || s->fd < 0)
		return;
	s->blocked = blocked;
	if (watch(v, s, EPOLL_CTL_MOD))
		s->hung_up = true;		/* the Host has no memory */
}

static void empty(struct stream *s)
{
	free(s->buffer);
	s->buffer = NULL;
	s->fill = 0;
}

/* It takes nothing, ever again: what was for it counts as taken. */
static void break_off(struct stream *s)
{
	s->broken = true;
	s->taken += s->fill;
	empty(s);
	s->our_shut |= SHUT_NO_RECEIVE;
}

/* What send() has returned: so many bytes are gone. */
static u32 sent(struct vsock *v, struct stream *s, ssize_t n)
{
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		break_off(s);
	if (n <= 0)
		return 0;
	s->taken += n;
	v->moved += n;
	return n;
}

static void flush(struct vsock *v, struct stream *s)
{
	u32 n = 1;

	while (s->fill && n) {
		const u32 straight = VSOCK_BUFFER - s->head;

		n = sent(v, s, send(s->fd, s->buffer + s->head, s->fill < straight ? s->fill : straight, MSG_NOSIGNAL | MSG_DONTWAIT));
		s->head = (s->head + n) % VSOCK_BUFFER;
		s->fill -= s->fill ? n : 0;
	}
	if (!s->fill)
		empty(s);
	set_blocked(v, s, s->fill);
}

/* False: there is no memory for it. */
static bool keep(struct vsock *v, struct stream *s, u64 offset, u32 size)
{
	if (!s->buffer) {
		s->buffer = malloc(VSOCK_BUFFER);
		s->head = 0;
	}
	if (!s->buffer)
		return false;
	while (size) {
		const u32 at = (s->head + s->fill) % VSOCK_BUFFER, straight = VSOCK_BUFFER - at, n = size < straight ? size : straight;

		chain__read(&v->chain, offset, s->buffer + at, n);
		s->fill += n;
		offset += n;
		size -= n;
	}
	return true;
}

/* It is told of room when half of what it knows of is used: often enough never to wait while there is some. */
static void tell_credit(struct stream *s)
{
	if (s->state == STREAM_OPEN && s->taken != s->told_taken && s->received - s->told_taken > VSOCK_BUFFER / 2)
		s->tell |= TELL_CREDIT;
}

void stream__write(struct vsock *v, struct stream *s, u64 offset, u32 size)
{
	struct iovec part[CHAIN_PARTS_MOST];
	struct msghdr message = { .msg_iov = part };
	u32 done = 0;

	s->received += size;
	if (s->fd >= 0 && !s->broken && !s->fill) {
		message.msg_iovlen = chain__readable(&v->chain, offset, size, part);
		done = sent(v, s, sendmsg(s->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT));
	}
	if (s->fd < 0 || s->broken)
		s->taken += size - done;
	else if (done < size && !keep(v, s, offset + done, size - done))
		s->hung_up = true;
	set_blocked(v, s, s->fill);
	tell_credit(s);
}

/* --- From the client --- */

u32 stream__read(struct stream *s, const struct iovec *part, unsigned parts)
{
	struct msghdr message = { .msg_iov = (struct iovec *)part, .msg_iovlen = parts };
	ssize_t n = recvmsg(s->fd, &message, MSG_DONTWAIT);

	if (n > 0) {
		s->sent += n;
		return n;
	}
	s->readable = n < 0 && errno == EINTR;
	if (!n || (errno != EAGAIN && errno != EINTR)) {
		s->ended = true;
		s->our_shut |= SHUT_NO_SEND;
	}
	return 0;
}

static void ask_guest(struct vsock *v, struct stream *s, u32 guest_port)
{
	do {
		v->next_port = v->next_port < FIRST_PORT || v->next_port >= 2 * FIRST_PORT - 1 ? FIRST_PORT : v->next_port + 1;
	} while (stream__find(v, v->next_port, guest_port));
	know(v, s, v->next_port, guest_port);
	s->state = STREAM_ASKS;
	s->tell |= TELL_REQUEST;
	wait_for_guest(v, s);
}

/* No more than the line is read: what follows is for the guest. `last`: there will be nothing more. */
static void greet(struct vsock *v, struct stream *s, bool last)
{
	static const char word[] = "CONNECT ";
	char line[LINE_MOST + 1] = "", *end;
	ssize_t n = recv(s->fd, line, LINE_MOST, MSG_PEEK | MSG_DONTWAIT);
	u64 port;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	end = n > 0 ? memchr(line, '\n', n) : NULL;
	if (!end) {
		s->hung_up |= n <= 0 || n == LINE_MOST || last;
		return;
	}
	*end = 0;
	if (recv(s->fd, line, end + 1 - line, MSG_DONTWAIT) != end + 1 - line)
		s->hung_up = true;
	*end = 0;
	if (strncmp(line, word, strlen(word)) || spec__number(line + strlen(word), false, &port) || port > UINT32_MAX)
		s->hung_up = true;
	if (!s->hung_up)
		ask_guest(v, s, port);
}

void stream__open(struct vsock *v, struct stream *s)
{
	char line[LINE_MOST];
	int n = snprintf(line, sizeof(line), "OK %u\n", s->host_port);

	stop_waiting(v, s);
	s->state = STREAM_OPEN;
	if (send(s->fd, line, n, MSG_NOSIGNAL | MSG_DONTWAIT) != n)
		s->hung_up = true;
}

/* --- What follows --- */

bool stream__has_news(const struct stream *s)
{
	return s->tell || (s->state == STREAM_OPEN && s->our_shut & ~s->told_shut) || (stream__reads(s) && s->readable && stream__room(s));
}

void stream__tell(struct vsock *v, struct stream *s, u32 what)
{
	s->tell |= what;
	if (s->tells || !stream__has_news(s))
		return;
	TAILQ_INSERT_TAIL(&v->telling, s, telling);
	s->tells = true;
}

static void settle_client(struct vsock *v, struct stream *s)
{
	if (s->hung_up && !s->broken)
		break_off(s);
	if (s->guest_shut & SHUT_NO_SEND && !s->fill && !s->half_closed) {
		shutdown(s->fd, SHUT_WR);
		s->half_closed = true;
	}
	if (s->state == STREAM_OVER ? !s->fill : s->hung_up && !stream__reads(s)) {
		close(s->fd);
		s->fd = -1;
		if (s->state == STREAM_OPEN) {
			s->our_shut = SHUT_BOTH;
			wait_for_guest(v, s);
		}
	}
}

void stream__settle(struct vsock *v, struct stream *s)
{
	if (s->fd >= 0)
		settle_client(v, s);
	if (s->fd < 0 && s->state == STREAM_ASKS) {
		s->state = STREAM_OVER;
		s->tell = TELL_RESET;
		stop_waiting(v, s);
	}
	if (s->state == STREAM_OVER && !(s->tell & TELL_RESET))
		forget(v, s);
	if (s->fd < 0 && !s->known) {
		drop(v, s);
		return;
	}
	if (stream__reads(s) && s->readable && !stream__room(s) && !s->asked) {
		s->asked = true;
		s->tell |= TELL_ASK;
	}
	stream__tell(v, s, 0);
}

void stream__shut(struct stream *s, u32 flags)
{
	s->guest_shut |= flags & SHUT_BOTH;
	if (s->guest_shut & SHUT_NO_RECEIVE && s->fd >= 0)
		shutdown(s->fd, SHUT_RD);
}

/* What the client still sends is for nobody: it is not to wait with that while we wait for it. */
void stream__end(struct vsock *v, struct stream *s, bool reset)
{
	s->state = STREAM_OVER;
	s->tell = reset ? TELL_RESET : 0;
	stop_waiting(v, s);
	if (s->fd >= 0)
		shutdown(s->fd, SHUT_RD);
	stream__settle(v, s);
}

void stream__end_all(struct vsock *v)
{
	struct stream *next;

	for (struct stream *s = LIST_FIRST(&v->all); s; s = next) {
		next = LIST_NEXT(s, all);
		stream__end(v, s, false);
	}
}

void stream__expire(struct vsock *v)
{
	struct stream *s;

	while ((s = TAILQ_FIRST(&v->waiting)) && s->deadline_ns <= clock__now_ns())
		stream__end(v, s, true);
}

/* --- Events --- */

static void hear(struct vsock *v, struct stream *s, u32 events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		s->readable = true;
	if (events & EPOLLHUP)
		s->hung_up = true;
	if (s->state == STREAM_GREETS && !s->hung_up)
		greet(v, s, events & EPOLLRDHUP);
	if (s->fill && !s->hung_up)
		flush(v, s);
	tell_credit(s);
	stream__settle(v, s);
}

static void take_clients(struct vsock *v)
{
	unsigned n = 0;

	if (v->retry_ns > clock__now_ns())
		return;
	for (; n < AT_ONCE && v->knocked && v->streams < v->streams_most; n++) {
		int fd = accept4(v->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0 && stream__new(v, fd, 0, 0, STREAM_GREETS))
			continue;
		if (fd >= 0)
			close(fd);
		else if (errno == EAGAIN)
			v->knocked = false;
		v->retry_ns = v->knocked ? clock__now_ns() + RETRY_NS : 0;
		return;
	}
	v->more |= n == AT_ONCE;
}

void stream__attend(struct vsock *v)
{
	struct epoll_event event[AT_ONCE];
	int n = AT_ONCE;

	for (unsigned round = 0; n == AT_ONCE && round < ROUNDS; round++) {
		n = epoll_wait(v->epoll, event, AT_ONCE, 0);
		for (int i = 0; i < n; i++)
			if (event[i].data.ptr)
				hear(v, event[i].data.ptr, event[i].events);
			else
				v->knocked = true;
	}
	if (v->device.live)
		take_clients(v);
}
