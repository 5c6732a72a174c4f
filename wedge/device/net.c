// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See net.h; Virtual I/O Device specification 1.2, section 5.1.
 *
 * One queue for frames to the guest, one for frames from it. What the link cannot take now stays in the queue, what the guest has no
 * buffer for stays in the link; either way the device sleeps until that changes.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "wedge/device/link.h"
#include "wedge/device/net.h"
#include "wedge/device/net-user.h"
#include "wedge/device/rate.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE	256
#define FRAMES		64		/* of one direction, before the other has its turn and the driver is told */
#define MTU_MOST	65521u
#define MTU_LEAST	68u

#define F_MTU		(1ull << 3)
#define F_MAC		(1ull << 5)
#define F_MERGEABLE	(1ull << 15)
#define F_STATUS	(1ull << 16)

enum { QUEUE_RECEIVE, QUEUE_SEND, QUEUES };

/* In a header; it ends before num_buffers with a legacy driver that does not merge buffers. */
enum { HEADER_LENGTH = 2, HEADER_SIZE = 4, HEADER_CSUM_START = 6, HEADER_CSUM_OFFSET = 8, HEADER_BUFFERS = 10 };

struct config {
	u8 mac[6];
	u16 status, pairs, mtu;
};
static const u8 config_fields[] = { 1, 1, 1, 1, 1, 1, 2, 2, 2, 0 };
#define STATUS_LINK_UP	1u

/* What a frame to the guest goes into. */
struct buffers {
	unsigned taken;
	u64 size;			/* of all of them, in bytes */
	struct { u16 head; u64 size; } of[QUEUE_SIZE];
	unsigned parts;			/* of those that were taken before it came */
	struct iovec part[LINK_PARTS_MOST];
	/* Where the first has num_buffers of the header: one part, or two of a byte each; none if its header has no such. */
	struct iovec count[2];
	unsigned count_parts;
};

struct net {
	struct device device;
	struct link link;
	int process;			/* of the user-mode network; 0: none */
	struct config config;
	bool up;			/* as the guest knows it */
	bool full;			/* the link takes no more */
	bool no_buffers;		/* the guest has none for the frame that has come */
	struct rate rate;
	bool cut;			/* as the device's thread has last looked at `unplugged` */
	u64 wanted_bytes;		/* what `rate` is to be, by its user; with the lock */
	bool unplugged;			/* likewise: what is sent and what comes is lost */
	struct chain chain;
	unsigned header;		/* of a frame in a chain: its bytes */
	struct buffers buffers;
	unsigned ahead;			/* buffers that the last frame has filled */
	size_t start, size;		/* of the frame that has come; size 0: none */
	u8 frame[LINK_BUFFER];		/* it, or what buffers do not hold of it, each byte at its place */
};

static struct net *net_of(struct device *d)
{
	return (struct net *)d;
}

/* --- Headers of a legacy driver --- */

/* Between the driver's byte order and the link's, which is little-endian. */
static void turn_header(const struct net *n, u8 header[LINK_HEADER])
{
	for (unsigned at = HEADER_LENGTH; at < LINK_HEADER; at += sizeof(u16)) {
		u16 word;

		memcpy(&word, header + at, sizeof(word));
		word = htole16(device__16(&n->device, word));
		memcpy(header + at, &word, sizeof(word));
	}
}

/* The header is one of the link's, and the rest as it is in the chain. */
static bool send_legacy(struct net *n)
{
	const struct chain *chain = &n->chain;
	struct iovec part[CHAIN_PARTS_MOST + 1];
	u8 header[LINK_HEADER] = { 0 };
	unsigned parts;

	if (chain->readable_size < n->header)
		return true;			/* no frame: gone, as on a cable */
	chain__read(chain, 0, header, n->header);
	turn_header(n, header);
	part[0] = (struct iovec){ header, LINK_HEADER };
	parts = 1 + chain__readable(chain, n->header, chain->readable_size - n->header, part + 1);
	return link__send(&n->link, part, parts, LINK_HEADER + chain->readable_size - n->header);
}

/* What has come, for such a driver. */
static void make_legacy(struct net *n)
{
	turn_header(n, n->frame);
	n->start = LINK_HEADER - n->header;
	n->size -= n->start;
	memmove(n->frame + n->start, n->frame, n->header);
}

/* --- From the guest --- */

static bool send_chain(struct net *n)
{
	const struct chain *chain = &n->chain;

	return device__is_legacy(&n->device) ? send_legacy(n) : link__send(&n->link, chain->part, chain->readable, chain->readable_size);
}

/* Whether there may be more. */
static bool send_one(struct net *n)
{
	struct device *d = &n->device;
	struct chain *chain = &n->chain;
	bool sent;

	pthread_mutex_lock(&d->lock);
	if (!device__take(d, QUEUE_SEND, chain)) {
		pthread_mutex_unlock(&d->lock);
		return false;
	}
	pthread_mutex_unlock(&d->lock);
	sent = n->cut || send_chain(n);
	pthread_mutex_lock(&d->lock);
	if (sent) {
		rate__charge(&n->rate, chain->readable_size);
		device__give(d, QUEUE_SEND, chain, 0);
	} else if (d->live) {
		queue__untake(&d->queue[QUEUE_SEND]);
	}
	pthread_mutex_unlock(&d->lock);
	n->full = !sent;
	return sent;
}

static unsigned send_some(struct net *n)
{
	unsigned count = 0;

	n->full = false;
	if (n->device.live)
		queue__busy(&n->device.queue[QUEUE_SEND]);
	while (count < FRAMES && !rate__early(&n->rate) && send_one(n))
		count++;
	return count;
}

/* --- To the guest --- */

/* False: the buffer ends before it. */
static bool find_count(struct net *n)
{
	struct buffers *b = &n->buffers;

	if (n->chain.writable_size < n->header)
		return false;
	b->count_parts = chain__writable(&n->chain, HEADER_BUFFERS, n->header - HEADER_BUFFERS, b->count);
	return true;
}

static void write_count(const struct net *n, u16 count)
{
	const struct buffers *b = &n->buffers;
	u8 bytes[sizeof(u16)];

	count = device__16(&n->device, count);
	memcpy(bytes, &count, sizeof(count));
	for (unsigned i = 0, done = 0; i < b->count_parts; done += b->count[i++].iov_len)
		memcpy(b->count[i].iov_base, bytes + done, b->count[i].iov_len);
}

/* One more, into n->chain. */
static bool take_buffer(struct net *n)
{
	struct buffers *b = &n->buffers;

	if (b->taken == n->device.queue[QUEUE_RECEIVE].size || !device__take(&n->device, QUEUE_RECEIVE, &n->chain))
		return false;
	b->of[b->taken].head = n->chain.head;
	b->of[b->taken++].size = n->chain.writable_size;
	b->size += n->chain.writable_size;
	return true;
}

static void untake_buffer(struct net *n)
{
	struct buffers *b = &n->buffers;

	b->size -= b->of[--b->taken].size;
	queue__untake(&n->device.queue[QUEUE_RECEIVE]);
}

static void give_back(struct net *n)
{
	while (n->buffers.taken)
		untake_buffer(n);
}

/* For the next frame, `most` of them, as long as they are what they should be; what is not, deliver() says. */
static void take_ahead(struct net *n, unsigned most)
{
	struct buffers *b = &n->buffers;

	b->taken = b->parts = b->size = 0;
	if (device__is_legacy(&n->device) || n->cut)
		return;
	while (b->taken < most && b->size < LINK_BUFFER && take_buffer(n)) {
		const struct chain *chain = &n->chain;

		if (!chain->writable_size || b->parts + chain->writable >= LINK_PARTS_MOST || (b->taken == 1 && !find_count(n))) {
			untake_buffer(n);
			return;
		}
		memcpy(b->part + b->parts, chain->part + chain->readable, chain->writable * sizeof(*chain->part));
		b->parts += chain->writable;
	}
}

/* The next frame, into the buffers that were taken for it, and what they do not hold into n->frame. */
static void receive(struct net *n)
{
	struct buffers *b = &n->buffers;
	unsigned parts = b->parts;

	if (b->size < LINK_BUFFER)
		b->part[parts++] = (struct iovec){ n->frame + b->size, LINK_BUFFER - b->size };
	n->size = link__receive(&n->link, b->part, parts);
	if (n->size && device__is_legacy(&n->device))
		make_legacy(n);
}

/*
 * There are not enough of them, so there is none: all of the frame is in n->frame then. True: they are all that the queue can hold, and the frame is
 * lost, for more will not come.
 */
static bool give_up(struct net *n, size_t filled)
{
	struct buffers *b = &n->buffers;
	const bool all = b->taken == n->device.queue[QUEUE_RECEIVE].size;

	for (unsigned i = 0, done = 0; done < filled; done += b->part[i++].iov_len)
		memcpy(n->frame + done, b->part[i].iov_base, b->part[i].iov_len);
	give_back(n);
	if (all)
		n->size = 0;
	return all;
}

/*
 * Into one chain, or several if the driver takes merged ones; then the first says how many, which is known at the end. All of them are taken
 * before any is given back, so that a frame comes whole or not at all. False: it has to wait. With the lock.
 */
static bool deliver(struct net *n)
{
	struct device *d = &n->device;
	struct buffers *b = &n->buffers;
	const size_t filled = b->size;
	unsigned count = 0;

	while (b->size < n->size) {
		const size_t done = b->size;
		bool fits = !b->taken || d->accepted & F_MERGEABLE;

		if (fits && !take_buffer(n))
			return d->live && give_up(n, filled);
		fits = fits && b->size > done && (done || find_count(n));
		if (!fits) {
			device__break(d, "a buffer of %llu bytes for a frame of %zu", (unsigned long long)n->chain.writable_size, n->size);
			return false;
		}
		chain__write(&n->chain, 0, n->frame + n->start + done, n->size - done);
	}
	for (size_t done = 0; done < n->size; done += b->of[count++].size)
		;
	while (b->taken > count)
		untake_buffer(n);
	write_count(n, count);
	for (unsigned i = 0; i < count; i++) {
		size_t written = n->size < b->of[i].size ? n->size : b->of[i].size;

		n->chain.head = b->of[i].head;
		device__give(d, QUEUE_RECEIVE, &n->chain, written);
		n->size -= written;
	}
	n->ahead = count;
	return true;
}

static bool receive_one(struct net *n)
{
	struct device *d = &n->device;
	size_t size;
	bool done;

	pthread_mutex_lock(&d->lock);
	take_ahead(n, n->size ? 0 : n->ahead);
	if (!n->size)
		receive(n);
	size = n->size;
	if (!size)
		give_back(n);
	if (n->cut)
		n->size = 0;
	else if (size && d->live && deliver(n))
		rate__charge(&n->rate, size);
	done = size && !n->size;
	n->no_buffers = n->size;
	pthread_mutex_unlock(&d->lock);
	return done;
}

static unsigned receive_some(struct net *n)
{
	unsigned count = 0;

	while (count < FRAMES && !rate__early(&n->rate) && receive_one(n))
		count++;
	return count;
}

/* --- The device --- */

static void look_at_link(struct net *n)
{
	bool up;
	u16 status;

	link__attend(&n->link);
	pthread_mutex_lock(&n->device.lock);
	rate__change(&n->rate, 0, n->wanted_bytes);
	n->cut = n->unplugged;
	up = link__is_up(&n->link) && !n->cut;
	pthread_mutex_unlock(&n->device.lock);
	if (n->up == up)
		return;
	n->up = up;
	status = htole16(n->up ? STATUS_LINK_UP : 0);
	pthread_mutex_lock(&n->device.lock);
	device__configure(&n->device, offsetof(struct config, status), &status, sizeof(status));
	pthread_mutex_unlock(&n->device.lock);
}

static void net_work(struct device *d)
{
	struct net *n = net_of(d);
	unsigned moved;

	look_at_link(n);
	do {
		moved = receive_some(n);
		moved += send_some(n);
		pthread_mutex_lock(&d->lock);
		device__tell(d, QUEUE_RECEIVE);
		device__tell(d, QUEUE_SEND);
		pthread_mutex_unlock(&d->lock);
	} while (moved >= FRAMES && !d->ending);
	look_at_link(n);
}

static unsigned net_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	struct net *n = net_of(d);
	u64 early = d->live ? rate__early(&n->rate) : 0;

	if (!d->live)
		return 0;
	if (early) {
		*ns = early;
		return 0;
	}
	return link__wants(&n->link, !n->no_buffers, n->full, fds, ns);
}

static void net_start(struct device *d)
{
	struct net *n = net_of(d);

	n->no_buffers = n->full = false;
	n->ahead = 0;
	n->header = device__is_legacy(d) && !(d->accepted & F_MERGEABLE) ? HEADER_BUFFERS : LINK_HEADER;
	link__set_offloads(&n->link, d->accepted);
}

/* What the guest had no buffer for is lost, as on a card that is switched off. */
static void net_stop(struct device *d)
{
	net_of(d)->size = 0;
}

static void net_close(struct device *d)
{
	link__close(&net_of(d)->link);
	if (net_of(d)->process)
		net_user__await(net_of(d)->process);
}

static const struct device_ops net_ops = {
	.id = 1, .queues = QUEUES, .queue_size = QUEUE_SIZE, .features = F_MAC | F_MERGEABLE | F_STATUS, .config_fields = config_fields,
	.start = net_start, .work = net_work, .wants = net_wants, .stop = net_stop, .close = net_close,
};

/* --- Making one --- */

struct net_options {
	char mac[SPEC_TEXT_SIZE], ifname[SPEC_TEXT_SIZE], fd[SPEC_TEXT_SIZE];
	u64 mtu, bps;
	struct net_user_options user;
};

static int parse_mac(const char *text, u8 mac[6], struct complaint *c)
{
	unsigned byte[6];
	char more;

	if (!*text) {
		mac[0] = 0x02;			/* locally administered, for one station */
		return getrandom(mac + 1, 5, 0) == 5 ? 0 : complain(c, "--net: no random bytes for an address: %s", strerror(errno));
	}
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", byte, byte + 1, byte + 2, byte + 3, byte + 4, byte + 5, &more) != 6 || byte[0] & 1)
		return complain(c, "--net: mac=%.40s is not the address of one station; mac=02:00:00:00:00:01 would be", text);
	for (unsigned i = 0; i < 6; i++)
		mac[i] = byte[i];
	return 0;
}

static int parse_fd(const char *text, int *fd, struct complaint *c)
{
	char *end;
	long value = strtol(text, &end, 10);

	*fd = *text ? value : -1;
	return *text && (*end || value < 3 || value > 65535) ? complain(c, "--net tap: fd=%.20s is no descriptor's number", text) : 0;
}

static int open_link(struct net *n, const char *where, struct net_options *o, struct complaint *c)
{
	int fd;

	if (parse_fd(o->fd, &fd, c))
		return -1;
	if (!strcmp(where, "tap"))
		return link__open_tap(&n->link, *o->ifname ? o->ifname : NULL, fd, c);
	if (*o->ifname || *o->fd)
		return complain(c, "--net %s: ifname= and fd= are of --net tap", where);
	if (!strncmp(where, "socket:", 7))
		return link__open_socket(&n->link, where + 7, c);
	if (strcmp(where, "user"))
		return complain(c, "--net: '%.100s' is none of user, tap, socket:PATH", where);
	fd = net_user__start(&o->user, &n->process, c);
	if (fd < 0)
		return -1;
	link__take_packets(&n->link, fd);
	return 0;
}

static int parse(struct net *n, const char *spec, struct net_options *o, struct complaint *c)
{
	const struct spec_key keys[] = {
		{ "mac", SPEC_TEXT, o->mac }, { "mtu", SPEC_NUMBER, &o->mtu }, { "bps", SPEC_SIZE, &o->bps },
		{ "ifname", SPEC_TEXT, o->ifname }, { "fd", SPEC_TEXT, o->fd }, { "hostfwd", SPEC_LIST, &o->user.forward },
		{ "restrict", SPEC_FLAG, &o->user.restricted },
	};
	char where[SPEC_TEXT_SIZE];

	if (spec__parse("--net", spec, where, keys, sizeof(keys) / sizeof(*keys), c) || parse_mac(o->mac, n->config.mac, c))
		return -1;
	if (o->mtu && (o->mtu < MTU_LEAST || o->mtu > MTU_MOST))
		return complain(c, "--net: mtu=%llu is not from %u to %u", (unsigned long long)o->mtu, MTU_LEAST, MTU_MOST);
	if ((o->user.forward.count || o->user.restricted) && strcmp(where, "user"))
		return complain(c, "--net %.100s: hostfwd= and restrict are of --net user", where);
	return open_link(n, where, o, c);
}

struct device *net__new(const char *spec, struct complaint *c)
{
	struct net_options *o = calloc(1, sizeof(*o));
	struct net *n = calloc(1, sizeof(*n));

	if (!o || !n)
		complain(c, "--net: no memory for it");
	if (!o || !n || parse(n, spec, o, c)) {
		free(o);
		free(n);
		return NULL;
	}
	n->device.ops = &net_ops;
	n->device.features = n->link.offloads | (o->mtu ? F_MTU : 0);
	n->rate.bytes = n->wanted_bytes = o->bps;
	n->up = link__is_up(&n->link);
	n->config.status = htole16(n->up ? STATUS_LINK_UP : 0);
	n->config.pairs = htole16(1);
	n->config.mtu = htole16(o->mtu);
	memcpy(n->device.config, &n->config, sizeof(n->config));
	snprintf(n->device.name, sizeof(n->device.name), "network '%.40s'", spec);
	free(o);
	return &n->device;
}

/* --- For its user --- */

void net__set_link(struct device *device, bool up)
{
	pthread_mutex_lock(&device->lock);
	net_of(device)->unplugged = !up;
	pthread_mutex_unlock(&device->lock);
	device__ring(device);
}

void net__limit(struct device *device, u64 bps)
{
	pthread_mutex_lock(&device->lock);
	net_of(device)->wanted_bytes = bps;
	pthread_mutex_unlock(&device->lock);
	device__ring(device);
}
