/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See server.h.
 */
#define _GNU_SOURCE
#include "wedge/debug/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wedge/device/socket.h"

#define WAITING	4		/* connections that we have not looked at */

/* --- Opening --- */

static int listen_unix(struct gdb_server *s, const char *path, struct complaint *c)
{
	struct sockaddr_un address;
	mode_t mask;

	if (!*path || !socket__address(&address, path))
		return complain(c, "gdb: '%.120s' is no name of a socket, which has 1 to %zu bytes", path, SOCKET_PATH - 1);
	mask = umask(0177);
	s->listener = socket__listen(&address, WAITING);
	umask(mask);
	if (s->listener < 0)
		return complain(c, "gdb: listening at '%s': %s", path, strerror(errno));
	s->path = path;
	socket__made(path);
	snprintf(s->where, sizeof(s->where), "%s", path);
	return 0;
}

static int listen_tcp(struct gdb_server *s, const char *text, struct complaint *c)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	char *end;
	unsigned long port = *text >= '0' && *text <= '9' ? strtoul(text, &end, 10) : 65536;

	if (port > 65535 || *end)
		return complain(c, "gdb: '%.60s' is no port, 0 to 65535", text);
	address.sin_port = htons(port);
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listener < 0)
		return complain(c, "gdb: making a socket: %s", strerror(errno));
	setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
	if (bind(s->listener, (struct sockaddr *)&address, sizeof(address)) || listen(s->listener, WAITING) ||
	    getsockname(s->listener, (struct sockaddr *)&address, &size)) {
		complain(c, "gdb: listening at port %lu of 127.0.0.1: %s", port, strerror(errno));
		close(s->listener);
		s->listener = -1;
		return -1;
	}
	snprintf(s->where, sizeof(s->where), "127.0.0.1:%u", ntohs(address.sin_port));
	return 0;
}

int gdb_server__open(struct gdb_server *s, const char *where, struct complaint *c)
{
	*s = (struct gdb_server){ .listener = -1, .client = -1 };
	if (!strncmp(where, "unix:", 5))
		return listen_unix(s, where + 5, c);
	if (!strncmp(where, "tcp:", 4))
		return listen_tcp(s, where + 4, c);
	return complain(c, "gdb: '%.60s' is neither tcp:PORT nor unix:PATH", where);
}

/* --- Who comes --- */

/* The user whose socket the far end of a connection within this machine is, as the kernel lists them; -1: it is not listed. */
static long user_of_peer(const struct sockaddr_in *peer, const struct sockaddr_in *own)
{
	unsigned here, here_port, there, there_port;
	unsigned long uid;
	char line[512];
	long found = -1;
	FILE *list = fopen("/proc/net/tcp", "re");

	while (list && found < 0 && fgets(line, sizeof(line), list))
		if (sscanf(line, " %*u: %x:%x %x:%x %*x %*x:%*x %*x:%*x %*x %lu", &here, &here_port, &there, &there_port, &uid) == 5 &&
		    here == peer->sin_addr.s_addr && here_port == ntohs(peer->sin_port) && there == own->sin_addr.s_addr &&
		    there_port == ntohs(own->sin_port))
			found = uid;
	if (list)
		fclose(list);
	return found;
}

static bool is_owner(int fd, bool is_unix)
{
	struct sockaddr_in peer = { 0 }, own = { 0 };
	socklen_t size = sizeof(peer), own_size = sizeof(own), credentials = sizeof(struct ucred);
	struct ucred user = { .uid = -1 };
	long uid;

	if (is_unix)
		return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &user, &credentials) && (user.uid == geteuid() || !user.uid);
	if (getpeername(fd, (struct sockaddr *)&peer, &size) || getsockname(fd, (struct sockaddr *)&own, &own_size))
		return false;
	uid = user_of_peer(&peer, &own);
	return !uid || uid == (long)geteuid();
}

bool gdb_server__accepts(struct gdb_server *s)
{
	bool new = false;
	int fd;

	for (unsigned i = 0; i < WAITING && s->listener >= 0 && (fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0; i++) {
		if (s->client >= 0 || !is_owner(fd, s->path)) {
			close(fd);
			continue;
		}
		if (!s->path)
			setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
		s->client = fd;
		s->lost = false;
		s->fill = 0;
		new = true;
	}
	return new;
}

/* --- The client --- */

static bool may_receive(const struct gdb_server *s, const struct gdb *g)
{
	return s->fill < GDB_INPUT && !g->ends;
}

unsigned gdb_server__wants(const struct gdb_server *s, const struct gdb *g, struct pollfd fds[GDB_SERVER_FDS])
{
	unsigned n = 0;

	if (s->listener >= 0)
		fds[n++] = (struct pollfd){ s->listener, POLLIN, 0 };
	if (s->client >= 0)
		fds[n++] = (struct pollfd){ s->client, (may_receive(s, g) ? POLLIN : 0) | (g->queued ? POLLOUT : 0), 0 };
	return n;
}

static void flush(struct gdb_server *s, struct gdb *g)
{
	if (!s->lost)
		s->lost = !socket__send(s->client, g->output, &g->queued);
}

static void receive(struct gdb_server *s)
{
	const int n = socket__receive(s->client, s->input + s->fill, GDB_INPUT - s->fill);

	s->lost |= n < 0;
	s->fill += n > 0 ? n : 0;
}

void gdb_server__serve(struct gdb_server *s, struct gdb *g)
{
	unsigned used;

	if (s->client < 0)
		return;
	flush(s, g);
	if (may_receive(s, g))
		receive(s);
	used = gdb__take(g, s->input, s->fill);
	s->fill -= used;
	memmove(s->input, s->input + used, s->fill);
	flush(s, g);
	if (g->ends && !g->queued)
		s->lost = true;
}

void gdb_server__drop(struct gdb_server *s)
{
	if (s->client >= 0)
		close(s->client);
	s->client = -1;
	s->fill = 0;
}

void gdb_server__close(struct gdb_server *s)
{
	gdb_server__drop(s);
	if (s->path)
		socket__remove(s->path);
	if (s->listener >= 0)
		close(s->listener);
	s->listener = -1;
}
