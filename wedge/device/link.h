/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a network device's cable leads to: a tap of the Host's, another virtual machine or whoever speaks the same on a Unix socket, or
 * the process that is the guest's user-mode network.
 *
 * A frame begins with the header of virtio-net, 12 bytes, which only a tap understands; elsewhere it is cut off and comes back cleared.
 */
#ifndef WEDGE_DEVICE_LINK_H
#define WEDGE_DEVICE_LINK_H

#include <poll.h>
#include <sys/uio.h>

#include "lib/complain.h"
#include "lib/types.h"

#define LINK_HEADER		12u
#define LINK_FRAME_LEAST	14u			/* an Ethernet header */
#define LINK_FRAME_MOST		65550u			/* 64 KB of IP in Ethernet */
#define LINK_BUFFER		(LINK_HEADER + LINK_FRAME_MOST)
#define LINK_PARTS_MOST		300			/* of a frame: more than a chain has */

enum link_kind {
	LINK_TAP,		/* a descriptor of /dev/net/tun: a frame a read */
	LINK_PACKETS,		/* a socket that keeps messages apart */
	LINK_STREAM,		/* a stream: the length of a frame, four bytes, big-endian, before it. So does QEMU (-netdev stream) */
};

struct link {
	enum link_kind kind;
	int fd;			/* -1: nobody is there */
	char path[108];		/* of a stream's socket; who finds nobody there waits for somebody */
	int listener;		/* -1: none */
	u64 retry_ns;		/* next try to find somebody */
	u64 offloads;		/* features of virtio-net that it can do */

	/* Of a stream: what has come of the next frame, and what was not yet taken of the last. */
	u8 *in, *out;
	unsigned in_fill, out_size, out_done;
};

/* WHERE as given to --net: see doc/wedge.1. -1 with a complaint. Readable without waiting. */
int link__open_tap(struct link *link, const char *name, int fd, struct complaint *c);
int link__open_socket(struct link *link, const char *path, struct complaint *c);
void link__take_packets(struct link *link, int fd);
void link__close(struct link *link);

/* The offloads that the driver has accepted, for a tap. */
void link__set_offloads(struct link *link, u64 accepted);

/* A frame with its header into parts that have room for LINK_BUFFER bytes, at most LINK_PARTS_MOST: its bytes, 0 if there is none now. */
size_t link__receive(struct link *link, const struct iovec *part, unsigned parts);
/* A frame with its header. False: not now, try again when it can be written. What cannot be sent at all is gone, as on a cable. */
bool link__send(struct link *link, const struct iovec *part, unsigned parts, size_t size);

static inline bool link__is_up(const struct link *link)
{
	return link->fd >= 0;
}

/* What it waits for: into fds[2], how many; at most *ns nanoseconds. */
unsigned link__wants(const struct link *link, bool receive, bool send, struct pollfd *fds, u64 *ns);
/* Looks for somebody at the other end of a stream, if there is nobody; else sends what was left of the last frame. */
void link__attend(struct link *link);

#endif
