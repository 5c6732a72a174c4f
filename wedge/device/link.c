// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See link.h.
 */
#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/link.h"
#include "wedge/device/net.h"

#define LENGTH		4u		/* before each frame of a stream */
#define STREAM_BUFFER	(LENGTH + LINK_FRAME_MOST)
#define RETRY_NS	500000000ull	/* between two tries to find somebody at a socket */

/* --- Opening --- */

int link__open_tap(struct link *link, const char *name, int fd, struct complaint *c)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int header = LINK_HEADER, little_endian = 1;

	*link = (struct link){ .kind = LINK_TAP, .fd = fd, .listener = -1, .offloads = NET_CSUM | NET_GUEST_CSUM | NET_TSO };
	if (fd < 0) {
		link->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (link->fd < 0)
			return complain(c, "--net tap: /dev/net/tun: %s; --net user needs no right", strerror(errno));
		if (name && strlen(name) >= IFNAMSIZ)
			return complain(c, "--net tap: '%s' is too long for an interface's name", name);
		if (name)
			strcpy(request.ifr_name, name);
		if (ioctl(link->fd, TUNSETIFF, &request))
			return complain(c, "--net tap: interface '%s': %s%s", name ? name : "tap%d", strerror(errno), errno == EPERM ?
					"; root can make one for you: ip tuntap add dev NAME mode tap user YOU" : errno == EBUSY ?
					": somebody else has it" : "");
	} else if (ioctl(fd, TUNGETIFF, &request) || !(request.ifr_flags & IFF_TAP)) {
		return complain(c, "--net tap: descriptor %d is no tap interface's", fd);
	} else if (!(request.ifr_flags & IFF_VNET_HDR)) {
		return complain(c, "--net tap: descriptor %d was opened without IFF_VNET_HDR", fd);
	}
	if (ioctl(link->fd, TUNSETVNETHDRSZ, &header) || ioctl(link->fd, TUNSETVNETLE, &little_endian))
		return complain(c, "--net tap: this host's taps do not take virtio's header: %s", strerror(errno));
	fcntl(link->fd, F_SETFL, fcntl(link->fd, F_GETFL) | O_NONBLOCK);
	fcntl(link->fd, F_SETFD, FD_CLOEXEC);
	link__set_offloads(link, 0);
	return 0;
}

void link__take_packets(struct link *link, int fd)
{
	*link = (struct link){ .kind = LINK_PACKETS, .fd = fd, .listener = -1 };
}

/* Somebody else's file is not removed; a socket at which nobody listens is what a machine has left that was killed. */
static bool remove_stale(const char *path)
{
	struct stat s;

	return !lstat(path, &s) && S_ISSOCK(s.st_mode) && !unlink(path);
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

/* The other one, or a place to wait for it. errno says what is wrong if there is neither. */
static bool find_peer(struct link *link)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = new_socket();

	memcpy(address.sun_path, link->path, sizeof(link->path));
	if (fd < 0)
		return false;
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		link->fd = fd;
		return true;
	}
	if (errno != ENOENT && errno != ECONNREFUSED) {
		int error = errno;

		close(fd);
		errno = error;
		return errno == EAGAIN;		/* it is busy: later */
	}
	if (errno == ECONNREFUSED)
		remove_stale(link->path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) || listen(fd, 1)) {
		int error = errno;

		close(fd);
		errno = error;
		return errno == EADDRINUSE;	/* both at once: the other waits, so it is found next time */
	}
	link->listener = fd;
	return true;
}

int link__open_socket(struct link *link, const char *path, struct complaint *c)
{
	*link = (struct link){ .kind = LINK_STREAM, .fd = -1, .listener = -1 };
	if (strlen(path) >= sizeof(link->path))
		return complain(c, "--net socket: the path '%.40s...' has more than %zu characters", path, sizeof(link->path) - 1);
	if (!*path)
		return complain(c, "--net socket: no path given; --net socket:/tmp/cable would be right");
	strcpy(link->path, path);
	link->in = malloc(STREAM_BUFFER);
	link->out = malloc(STREAM_BUFFER);
	if (link->in && link->out && find_peer(link))
		return 0;
	complain(c, "--net socket: '%s': %s", path, strerror(errno));
	free(link->in);
	free(link->out);
	return -1;
}

void link__close(struct link *link)
{
	if (link->fd >= 0)
		close(link->fd);
	if (link->listener >= 0) {
		close(link->listener);
		unlink(link->path);
	}
	free(link->in);
	free(link->out);
}

void link__set_offloads(struct link *link, u64 accepted)
{
	unsigned flags = accepted & NET_GUEST_CSUM ? TUN_F_CSUM : 0;

	if (flags && accepted & NET_GUEST_TSO4)
		flags |= TUN_F_TSO4;
	if (flags && accepted & NET_GUEST_TSO6)
		flags |= TUN_F_TSO6;
	if (link->kind == LINK_TAP)
		ioctl(link->fd, TUNSETOFFLOAD, flags);
}

/* --- Streams --- */

static void hang_up(struct link *link)
{
	close(link->fd);
	link->fd = -1;
	link->in_fill = link->out_size = link->out_done = 0;
	link->retry_ns = clock__now_ns() + RETRY_NS;
}

/* Until all of the next frame has come; its size, or 0. */
static u32 fill(struct link *link)
{
	for (;;) {
		u32 size = 0, wanted = LENGTH;
		ssize_t n;

		if (link->in_fill >= LENGTH) {
			memcpy(&size, link->in, LENGTH);
			size = be32toh(size);
			wanted += size;
			if (size < LINK_FRAME_LEAST || size > LINK_FRAME_MOST) {
				fprintf(stderr, "wedge: --net socket: '%s': a frame of %u bytes; whoever that is has been cut off\r\n", link->path, size);
				hang_up(link);
				return 0;
			}
			if (link->in_fill == wanted)
				return size;
		}
		n = recv(link->fd, link->in + link->in_fill, wanted - link->in_fill, 0);
		if (n > 0)
			link->in_fill += n;
		else if (!n || (errno != EAGAIN && errno != EINTR))
			hang_up(link);
		if (n <= 0)
			return 0;
	}
}

/* What was left of the last frame. True: all is gone. */
static bool flush(struct link *link)
{
	while (link->out_done < link->out_size) {
		ssize_t n = send(link->fd, link->out + link->out_done, link->out_size - link->out_done, MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			return false;
		if (n < 0 && errno != EINTR) {
			hang_up(link);
			return true;
		}
		link->out_done += n > 0 ? n : 0;
	}
	return true;
}

void link__attend(struct link *link)
{
	if (link->kind != LINK_STREAM)
		return;
	if (link->fd >= 0)
		flush(link);
	else if (link->listener >= 0)
		link->fd = accept4(link->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	else if (clock__now_ns() >= link->retry_ns && (link->retry_ns = clock__now_ns() + RETRY_NS))
		find_peer(link);
}

/* In one call, mostly; what the socket does not take of it is kept. */
static bool send_stream(struct link *link, struct iovec *part, unsigned parts, u32 size)
{
	u32 length = htobe32(size);
	struct iovec all[LINK_PARTS_MOST + 1] = { { &length, LENGTH } };
	struct msghdr message = { .msg_iov = all, .msg_iovlen = parts + 1 };
	ssize_t n;

	memcpy(all + 1, part, parts * sizeof(*part));
	if (!flush(link))
		return false;
	if (link->fd < 0)
		return true;
	n = sendmsg(link->fd, &message, MSG_NOSIGNAL);
	if (n < 0 && errno == EAGAIN)
		return false;
	if (n < 0) {
		hang_up(link);
		return true;
	}
	link->out_size = link->out_done = 0;
	for (unsigned i = 0; i <= parts; i++) {
		size_t skip = (size_t)n < all[i].iov_len ? (size_t)n : all[i].iov_len;

		memcpy(link->out + link->out_size, (u8 *)all[i].iov_base + skip, all[i].iov_len - skip);
		link->out_size += all[i].iov_len - skip;
		n -= skip;
	}
	return true;
}

/* --- Frames --- */

/* The parts behind the header; how many. */
static unsigned without_header(const struct iovec *part, unsigned parts, struct iovec body[LINK_PARTS_MOST])
{
	size_t skip = LINK_HEADER;
	unsigned n = 0;

	for (unsigned i = 0; i < parts; i++) {
		size_t cut = skip < part[i].iov_len ? skip : part[i].iov_len;

		skip -= cut;
		if (part[i].iov_len > cut)
			body[n++] = (struct iovec){ (u8 *)part[i].iov_base + cut, part[i].iov_len - cut };
	}
	return n;
}

static void scatter(const struct iovec *part, unsigned parts, const u8 *bytes, size_t size)
{
	for (unsigned i = 0; i < parts && size; i++) {
		size_t n = size < part[i].iov_len ? size : part[i].iov_len;

		memcpy(part[i].iov_base, bytes, n);
		bytes += n;
		size -= n;
	}
}

size_t link__receive(struct link *link, const struct iovec *part, unsigned parts)
{
	static const u8 no_header[LINK_HEADER];
	struct iovec body[LINK_PARTS_MOST];
	unsigned bodies;
	ssize_t n;
	u32 size;

	if (link->fd < 0)
		return 0;
	if (link->kind == LINK_TAP) {
		n = readv(link->fd, part, parts);
		return n > (ssize_t)LINK_HEADER ? n : 0;
	}
	bodies = without_header(part, parts, body);
	if (link->kind == LINK_PACKETS) {
		n = recvmsg(link->fd, &(struct msghdr){ .msg_iov = body, .msg_iovlen = bodies }, 0);
		if (!n) {
			fprintf(stderr, "wedge: --net user: its process has ended; the link is down\r\n");
			hang_up(link);
		}
		size = n >= (ssize_t)LINK_FRAME_LEAST ? n : 0;
	} else {
		size = fill(link);
		scatter(body, bodies, link->in + LENGTH, size);
		if (size)
			link->in_fill = 0;
	}
	scatter(part, parts, no_header, size ? LINK_HEADER : 0);
	return size ? size + LINK_HEADER : 0;
}

bool link__send(struct link *link, const struct iovec *part, unsigned parts, size_t size)
{
	struct iovec body[LINK_PARTS_MOST];
	unsigned n;

	if (link->fd < 0 || parts > LINK_PARTS_MOST || size < LINK_HEADER + LINK_FRAME_LEAST || size > LINK_BUFFER)
		return true;
	if (link->kind == LINK_TAP)
		return writev(link->fd, part, parts) >= 0 || errno != EAGAIN;
	n = without_header(part, parts, body);
	if (link->kind == LINK_PACKETS)
		return sendmsg(link->fd, &(struct msghdr){ .msg_iov = body, .msg_iovlen = n }, MSG_NOSIGNAL) >= 0 || errno != EAGAIN;
	return send_stream(link, body, n, size - LINK_HEADER);
}

unsigned link__wants(const struct link *link, bool receive, bool send, struct pollfd *fds, u64 *ns)
{
	if (link->fd >= 0) {
		short events = (receive ? POLLIN : 0) | (send || link->out_done < link->out_size ? POLLOUT : 0);

		/* With no event asked for it would still tell of the other's end, over and over. */
		fds[0] = (struct pollfd){ events ? link->fd : -1, events, 0 };
		return 1;
	}
	if (link->listener >= 0) {
		fds[0] = (struct pollfd){ link->listener, POLLIN, 0 };
		return 1;
	}
	if (link->kind == LINK_STREAM && RETRY_NS < *ns)
		*ns = RETRY_NS;
	return 0;
}
