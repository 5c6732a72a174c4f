/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the parts of the vsock device share: vsock.c; vsock-packets.c, where guest and device speak; and vsock-stream.c, where the streams are, each
 * with its client: a socket of the Host's. All of it is the device's thread's, with the device's lock.
 *
 *	state	what it is				becomes
 *	GREETS	the client has not said where to	ASKS, by its line; gone if that is none, or the client goes
 *	ASKS	the guest has not answered yet		OPEN, by RESPONSE; OVER, by RST, by nonsense, when the client goes or after VSOCK_PATIENCE_NS
 *	OPEN						OVER, by RST, by SHUTDOWN of both directions, by nonsense; by the client's end
 *							when the guest has not answered that for VSOCK_PATIENCE_NS
 *	OVER	the guest has no part in it any more	gone, when the client has all that the guest sent before and the guest its RST
 *
 * What the guest does that cannot be is answered by RST, and ends that stream alone.
 */
#ifndef WEDGE_DEVICE_VSOCK_STREAM_H
#define WEDGE_DEVICE_VSOCK_STREAM_H

#include <sys/queue.h>

#include "wedge/device/socket.h"
#include "wedge/device/vsock.h"

#define VSOCK_STREAMS_MOST	1024
#define VSOCK_BUFFER		0x10000u	/* bytes that the guest has sent and the client has not taken; of each stream */
#define VSOCK_ROOM_MOST		(1u << 30)	/* that we believe a guest to have */
#define VSOCK_PATIENCE_NS	30000000000ull
#define VSOCK_BUCKETS		256

#define VSOCK_HOST		2		/* the Host's CID */
#define VSOCK_CID_LEAST		3
#define VSOCK_CID_MOST		0xfffffffeu

enum { VSOCK_RECEIVE, VSOCK_SEND, VSOCK_EVENT, VSOCK_QUEUES };	/* we have no events: no stream outlives its driver */

/* Flags of SHUTDOWN: its sender will not receive, or send, any more. */
#define SHUT_NO_RECEIVE		1u
#define SHUT_NO_SEND		2u
#define SHUT_BOTH		3u

/* What there is to tell the guest of a stream, besides data and the client's end. */
#define TELL_RESET		1u
#define TELL_REQUEST		2u
#define TELL_RESPONSE		4u
#define TELL_CREDIT		8u
#define TELL_ASK		16u		/* for credit */

enum stream_state { STREAM_GREETS, STREAM_ASKS, STREAM_OPEN, STREAM_OVER };

struct stream {
	LIST_ENTRY(stream) all, same;		/* `same`: with this hash of its ports, from ASKS on while the guest may speak of it */
	TAILQ_ENTRY(stream) telling, waiting;
	bool known, tells, waits;		/* is it in the latter three? */
	enum stream_state state;
	u32 host_port, guest_port;
	u64 deadline_ns;			/* if it waits */
	u32 tell;
	u32 guest_shut, our_shut, told_shut;

	int fd;					/* of the client; -1: it has gone */
	bool readable;				/* perhaps */
	bool ended;				/* it sends no more, and all has been read */
	bool broken;				/* it takes no more */
	bool blocked;				/* it takes no more now */
	bool hung_up;				/* it has closed its socket */
	bool half_closed;			/* it was told that the guest sends no more */

	/* From the guest: so many bytes that came, that the client has taken, and that the guest knows to be taken; modulo 2^32. */
	u32 received, taken, told_taken;
	/* To the guest: so many that were sent, that it has taken; and how many it has room for. */
	u32 sent, seen, room;
	bool asked;				/* for credit, since there was some */
	u8 *buffer;				/* NULL while it is empty */
	u32 head, fill;
};

/* An RST for what is no stream. */
struct refusal {
	u64 cid;				/* for whom the packet was */
	u32 host_port, guest_port;
	u16 type;
};
#define REFUSALS_MOST	256u

struct vsock {
	struct device device;
	u64 cid;
	struct sockaddr_un address;
	int listener, epoll;
	bool keep_name;
	bool knocked;				/* somebody waits at the listener, perhaps */
	u64 retry_ns;				/* no client is taken before then: there was no descriptor for one */
	unsigned streams, streams_most;
	u32 next_port;
	u64 moved;				/* bytes that clients have taken */
	LIST_HEAD(, stream) all, same[VSOCK_BUCKETS];
	TAILQ_HEAD(stream_queue, stream) telling, waiting;	/* `waiting`: the first has the nearest deadline */
	unsigned first_refusal, refusals;
	struct refusal refusal[REFUSALS_MOST];
	bool more;				/* there was more to be done than is done at once */
	bool stopping;				/* the driver has reset it */
	struct chain chain;
};

static inline struct vsock *vsock_of(struct device *d)
{
	return (struct vsock *)d;
}

/* With a client; the ports count unless it has to greet. NULL: there is no room; `fd` is the caller's then. */
struct stream *stream__new(struct vsock *v, int fd, u32 host_port, u32 guest_port, enum stream_state state);
struct stream *stream__find(struct vsock *v, u32 host_port, u32 guest_port);

/* Takes clients from the listener, and hears what there is to hear of all. */
void stream__attend(struct vsock *v);
/* The guest has not answered for too long. */
void stream__expire(struct vsock *v);

/* The guest has accepted. */
void stream__open(struct vsock *v, struct stream *s);
/* `size` bytes of v->chain from `offset` on; there is room for them. */
void stream__write(struct vsock *v, struct stream *s, u64 offset, u32 size);
/* Into these parts; how many bytes. 0: none now. */
u32 stream__read(struct stream *s, const struct iovec *part, unsigned parts);
/* The guest will not receive, or send, any more. */
void stream__shut(struct stream *s, u32 flags);
/* The guest's part in it is over; with `reset` it is to be told so. */
void stream__end(struct vsock *v, struct stream *s, bool reset);
/* Says so of all, without telling the guest. */
void stream__end_all(struct vsock *v);

/* Is there anything to be told? Then it is in v->telling. */
bool stream__has_news(const struct stream *s);
void stream__tell(struct vsock *v, struct stream *s, u32 what);
/* Behind whatever has changed it: does what follows; the stream may be gone then. */
void stream__settle(struct vsock *v, struct stream *s);

/* Takes packets from the guest, so many at most; how many. */
unsigned packets__hear(struct vsock *v, unsigned most);
/* The one in v->chain. */
void packets__hear_one(struct vsock *v);
/* Gives the guest a packet. False: there is nothing to tell, or no buffer for it. */
bool packets__tell(struct vsock *v);

/* Bytes that the guest has room for. */
static inline u32 stream__room(const struct stream *s)
{
	const u32 flying = s->sent - s->seen;

	return flying < s->room ? s->room - flying : 0;
}

/* Is what the client sends for the guest? */
static inline bool stream__reads(const struct stream *s)
{
	return s->state == STREAM_OPEN && s->fd >= 0 && !s->ended && !(s->guest_shut & SHUT_NO_RECEIVE);
}

#endif
