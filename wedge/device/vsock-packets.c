// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of the vsock device: what the guest says of streams, and what it is told. See vsock.c, and vsock-stream.h.
 */
#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "wedge/device/vsock-stream.h"

#define PIECE		0x10000u	/* of data, in a packet */
#define STREAM		1		/* the only type */
enum { OP_REQUEST = 1, OP_RESPONSE, OP_RESET, OP_SHUTDOWN, OP_DATA, OP_CREDIT, OP_ASK_CREDIT };

/* In this machine's byte order but in a buffer. */
struct packet {
	u64 from_cid, to_cid;
	u32 from_port, to_port, size;
	u16 type, op;
	u32 flags, room, taken;
} __attribute__((packed));
_Static_assert(sizeof(struct packet) == 44, "as it is specified");

/* --- From the guest --- */

/* The one gate for what it says: false, with a line for the user, if v->chain is no packet. */
static bool read_packet(struct vsock *v, struct packet *p)
{
	const struct chain *chain = &v->chain;

	if (chain__read(chain, 0, p, sizeof(*p)) == sizeof(*p)) {
		*p = (struct packet){
			le64toh(p->from_cid), le64toh(p->to_cid), le32toh(p->from_port), le32toh(p->to_port), le32toh(p->size),
			le16toh(p->type), le16toh(p->op), le32toh(p->flags), le32toh(p->room), le32toh(p->taken),
		};
		if (p->size <= chain->readable_size - sizeof(*p))
			return true;
	}
	if (!v->stopping)
		device__break(&v->device, "a packet that does not fit into its %llu bytes", (unsigned long long)chain->readable_size);
	return false;
}

static void refuse(struct vsock *v, const struct packet *p)
{
	if (v->refusals < REFUSALS_MOST)
		v->refusal[(v->first_refusal + v->refusals++) % REFUSALS_MOST] =
			(struct refusal){ p->to_cid, p->to_port, p->from_port, p->type };
}

/* The guest wants to connect. */
static void call(struct vsock *v, const struct packet *p)
{
	struct sockaddr_un address = v->address;
	const size_t length = strlen(address.sun_path);
	struct stream *s = NULL;
	int fd = -1;

	snprintf(address.sun_path + length, sizeof(address.sun_path) - length, "_%u", p->to_port);
	if (!v->stopping && v->streams < v->streams_most)
		fd = socket__connect(&address);
	if (fd >= 0)
		s = stream__new(v, fd, p->to_port, p->from_port, STREAM_OPEN);
	if (!s) {
		if (fd >= 0)
			close(fd);
		refuse(v, p);
		return;
	}
	s->room = p->room < VSOCK_ROOM_MOST ? p->room : VSOCK_ROOM_MOST;
	stream__tell(v, s, TELL_RESPONSE);
}

/*
 * False if it says to have taken what was not sent. What it said before may come behind what it said later: Linux fills packets in and queues them
 * without a lock around both.
 */
static bool hear_credit(struct stream *s, const struct packet *p)
{
	const u32 ahead = p->taken - s->seen;

	if (ahead <= s->sent - s->seen)
		s->seen = p->taken;
	else if ((s32)ahead > 0)
		return false;
	s->room = p->room < VSOCK_ROOM_MOST ? p->room : VSOCK_ROOM_MOST;
	if (stream__room(s))
		s->asked = false;
	return true;
}

/* False: that cannot be. So is the end of both directions, which is answered in the same way. */
static bool obey(struct vsock *v, struct stream *s, const struct packet *p)
{
	if (s->state == STREAM_ASKS && p->op != OP_RESPONSE)
		return false;
	switch (p->op) {
	case OP_RESPONSE:
		if (s->state != STREAM_ASKS)
			return false;
		stream__open(v, s);
		return true;
	case OP_SHUTDOWN:
		stream__shut(s, p->flags);
		return s->guest_shut != SHUT_BOTH;
	case OP_DATA:
		if (s->guest_shut & SHUT_NO_SEND || p->size > VSOCK_BUFFER - (s->received - s->taken))
			return false;
		stream__write(v, s, sizeof(*p), p->size);
		return true;
	case OP_ASK_CREDIT:
		s->tell |= TELL_CREDIT;
		return true;
	default:
		return p->op == OP_CREDIT;
	}
}

void packets__hear_one(struct vsock *v)
{
	struct packet p;
	struct stream *s;

	if (!read_packet(v, &p) || p.from_cid != v->cid)
		return;
	if (p.to_cid != VSOCK_HOST || p.type != STREAM) {
		if (p.op != OP_RESET)
			refuse(v, &p);
		return;
	}
	s = stream__find(v, p.to_port, p.from_port);
	if (!s && p.op == OP_REQUEST)
		call(v, &p);
	else if (!s && p.op != OP_RESET)
		refuse(v, &p);
	if (!s || s->state == STREAM_OVER)
		return;
	if (p.op == OP_RESET)
		stream__end(v, s, false);
	else if (!hear_credit(s, &p) || !obey(v, s, &p))
		stream__end(v, s, true);
	else
		stream__settle(v, s);
}

unsigned packets__hear(struct vsock *v, unsigned most)
{
	struct device *d = &v->device;
	unsigned n = 0;

	for (; n < most && v->refusals < REFUSALS_MOST && device__take(d, VSOCK_SEND, &v->chain); n++) {
		packets__hear_one(v);
		device__give(d, VSOCK_SEND, &v->chain, 0);
	}
	return n;
}

/* --- To the guest --- */

static void give(struct vsock *v, struct packet *p)
{
	*p = (struct packet){
		htole64(p->from_cid), htole64(p->to_cid), htole32(p->from_port), htole32(p->to_port), htole32(p->size),
		htole16(p->type), htole16(p->op), htole32(p->flags), htole32(p->room), htole32(p->taken),
	};
	chain__write(&v->chain, 0, p, sizeof(*p));
	device__give(&v->device, VSOCK_RECEIVE, &v->chain, sizeof(*p) + le32toh(p->size));
}

static void tell_refusal(struct vsock *v)
{
	const struct refusal *r = &v->refusal[v->first_refusal];
	struct packet p = {
		.from_cid = r->cid, .to_cid = v->cid, .from_port = r->host_port, .to_port = r->guest_port, .type = r->type, .op = OP_RESET,
	};

	v->first_refusal = (v->first_refusal + 1) % REFUSALS_MOST;
	v->refusals--;
	give(v, &p);
}

static u32 read_client(struct vsock *v, struct stream *s)
{
	struct iovec part[CHAIN_PARTS_MOST];
	const u32 room = stream__room(s), most = room < PIECE ? room : PIECE;

	if (!stream__reads(s) || !s->readable || !most)
		return 0;
	return stream__read(s, part, chain__writable(&v->chain, sizeof(struct packet), most, part));
}

/* What the guest is to hear next; with data, which are in v->chain then, *size of them. 0: nothing. */
static u16 next_op(struct vsock *v, struct stream *s, u32 *size)
{
	static const struct { u32 tell; u16 op; } first[] = {
		{ TELL_RESET, OP_RESET }, { TELL_REQUEST, OP_REQUEST }, { TELL_RESPONSE, OP_RESPONSE },
	};

	*size = 0;
	for (unsigned i = 0; i < ARRAY_SIZE(first); i++)
		if (s->tell & first[i].tell) {
			s->tell &= ~first[i].tell;
			return first[i].op;
		}
	*size = read_client(v, s);
	if (*size)
		return OP_DATA;
	if (s->state == STREAM_OPEN && s->our_shut & ~s->told_shut) {
		s->told_shut = s->our_shut;
		return OP_SHUTDOWN;
	}
	if (s->tell & TELL_CREDIT)
		return OP_CREDIT;
	if (s->tell & TELL_ASK) {
		s->tell &= ~TELL_ASK;
		return OP_ASK_CREDIT;
	}
	return 0;
}

/* Each packet says what was taken. */
static void tell(struct vsock *v, struct stream *s, u16 op, u32 size)
{
	struct packet p = {
		.from_cid = VSOCK_HOST, .to_cid = v->cid, .from_port = s->host_port, .to_port = s->guest_port, .size = size, .type = STREAM,
		.op = op, .flags = op == OP_SHUTDOWN ? s->told_shut : 0, .room = VSOCK_BUFFER, .taken = s->taken,
	};

	s->told_taken = s->taken;
	s->tell &= ~TELL_CREDIT;
	give(v, &p);
}

bool packets__tell(struct vsock *v)
{
	struct device *d = &v->device;
	struct stream *s;
	u16 op = 0;
	u32 size;

	if ((!v->refusals && TAILQ_EMPTY(&v->telling)) || !device__take(d, VSOCK_RECEIVE, &v->chain))
		return false;
	if (v->chain.writable_size <= sizeof(struct packet)) {
		device__break(d, "a buffer of %llu bytes for a packet", (unsigned long long)v->chain.writable_size);
		return false;
	}
	if (v->refusals) {
		tell_refusal(v);
		return true;
	}
	while (!op && (s = TAILQ_FIRST(&v->telling))) {
		TAILQ_REMOVE(&v->telling, s, telling);
		s->tells = false;
		op = next_op(v, s, &size);
		if (op)
			tell(v, s, op, size);
		stream__settle(v, s);
	}
	if (!op)
		queue__untake(&d->queue[VSOCK_RECEIVE]);
	return op;
}
