// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See server.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/control/server.h"
#include "wedge/control/split.h"

#define INPUT		4096u
#define QUEUE		0x40000u	/* bytes that wait for a client to read them */
#define QUEUE_HOLD	0x8000u		/* with so many it is not asked for more commands */
#define MESSAGES	8u		/* of one client, in one step */
#define WAITING		16		/* connections that we have not looked at */
#define SILENT_NS	1000000000ull	/* one that has not negotiated by then makes room for another */
#define INHERITED	"WEDGE_CONTROL"

/* No pointers: it goes through an exec as it is. */
struct client {
	int fd;
	bool negotiated, gone;
	u64 since_ns;
	unsigned at, fill;		/* of input[]: what has not been looked at */
	unsigned queued;
	struct split split;
	char input[INPUT];
	char queue[QUEUE];
};

/* --- What a client is told --- */

static void flush(struct client *client)
{
	if (!client->gone)
		client->gone = !socket__send(client->fd, client->queue, &client->queued);
}

/* `line` is used up. */
static void tell(struct client *client, char *line)
{
	const size_t n = line ? strlen(line) : 0;

	if (!line || n > QUEUE - client->queued) {
		client->gone = true;
	} else {
		memcpy(client->queue + client->queued, line, n);
		client->queued += n;
	}
	free(line);
}

void server__event(struct server *s, const char *name, cJSON *data)
{
	char *line = qmp__event(name, data);

	for (unsigned i = 0; line && i < SERVER_CLIENTS; i++)
		if (s->client[i] && s->client[i]->negotiated) {
			tell(s->client[i], strdup(line));
			flush(s->client[i]);
		}
	free(line);
}

bool server__heard(const struct server *s)
{
	for (unsigned i = 0; i < SERVER_CLIENTS; i++)
		if (s->client[i] && s->client[i]->negotiated)
			return true;
	return false;
}

/* --- What it says --- */

static void answer(struct server *s, struct client *client)
{
	const struct qmp qmp = { s->commands, s->user, s->release, &client->negotiated };

	tell(client, qmp__answer(&qmp, client->split.bytes, client->split.length));
}

/* False: there is nothing more to look at. */
static bool look(struct server *s, struct client *client)
{
	unsigned used;
	enum split_found found = split__feed(&client->split, client->input + client->at, client->fill - client->at, &used);

	client->at += used;
	switch (found) {
	case SPLIT_MORE: return false;
	case SPLIT_MESSAGE: answer(s, client); break;
	case SPLIT_NO_OBJECT: tell(client, qmp__error("GenericError", "JSON parse error, expecting an object")); break;
	case SPLIT_TOO_DEEP: tell(client, qmp__error("GenericError", "JSON nesting depth limit exceeded")); break;
	case SPLIT_TOO_LONG:
		tell(client, qmp__error("GenericError", "JSON token size limit exceeded"));
		flush(client);
		client->gone = true;
	}
	return !client->gone;
}

static void receive(struct client *client)
{
	const int n = socket__receive(client->fd, client->input, INPUT);

	client->gone |= n < 0;
	client->at = 0;
	client->fill = n > 0 ? n : 0;
}

static bool may_ask(const struct client *client)
{
	return client->queued < QUEUE_HOLD && !client->gone;
}

static void serve(struct server *s, struct client *client)
{
	flush(client);
	if (!may_ask(client))
		return;
	if (client->at == client->fill)
		receive(client);
	for (unsigned i = 0; i < MESSAGES && may_ask(client); i++)
		if (!look(s, client))
			break;
	flush(client);
}

/* --- Who comes and goes --- */

static void drop(struct server *s, unsigned i)
{
	close(s->client[i]->fd);
	free(s->client[i]);
	s->client[i] = NULL;
}

/* That of one who has connected and said nothing, if all are taken. */
static int find_slot(struct server *s)
{
	int silent = -1;

	for (unsigned i = 0; i < SERVER_CLIENTS; i++) {
		if (!s->client[i])
			return i;
		if (!s->client[i]->negotiated && (silent < 0 || s->client[i]->since_ns < s->client[silent]->since_ns))
			silent = i;
	}
	if (silent < 0 || clock__now_ns() - s->client[silent]->since_ns < SILENT_NS)
		return -1;
	drop(s, silent);
	return silent;
}

/* Our own user, and root, who could become that user anyway, for machines that systemd runs by users of their own. */
static bool is_owner(int fd)
{
	struct ucred peer;
	socklen_t size = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) && (peer.uid == geteuid() || peer.uid == 0);
}

static void take_in(struct server *s, int fd)
{
	int slot = is_owner(fd) ? find_slot(s) : -1;
	struct client *client = slot < 0 ? NULL : calloc(1, sizeof(*client));

	if (!client) {
		close(fd);
		return;
	}
	client->fd = fd;
	client->since_ns = clock__now_ns();
	s->client[slot] = client;
	tell(client, qmp__greeting(s->release));
}

unsigned server__wants(const struct server *s, struct pollfd *fds, bool *more)
{
	unsigned n = 0;

	if (s->listener < 0)
		return 0;
	fds[n++] = (struct pollfd){ s->listener, POLLIN, 0 };
	for (unsigned i = 0; i < SERVER_CLIENTS; i++) {
		const struct client *client = s->client[i];

		if (!client)
			continue;
		fds[n++] = (struct pollfd){ client->fd, (may_ask(client) ? POLLIN : 0) | (client->queued ? POLLOUT : 0), 0 };
		*more |= may_ask(client) && client->at < client->fill;
	}
	return n;
}

void server__serve(struct server *s)
{
	int fd;

	for (unsigned i = 0; i < WAITING && s->listener >= 0; i++) {
		fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			break;
		take_in(s, fd);
	}
	for (unsigned i = 0; i < SERVER_CLIENTS; i++)
		if (s->client[i]) {
			serve(s, s->client[i]);
			if (s->client[i]->gone)
				drop(s, i);
		}
}

/* --- Beginning and end --- */

static int listen_at(struct server *s, struct complaint *c)
{
	struct sockaddr_un address;
	mode_t mask = umask(0177);

	socket__address(&address, s->place.socket);
	s->listener = socket__listen(&address, WAITING);
	umask(mask);
	return s->listener < 0 ? complain(c, "control socket '%s': %s", s->place.socket, strerror(errno)) : 0;
}

static void take_up_clients(struct server *s, int file)
{
	for (unsigned i = 0; i < SERVER_CLIENTS; i++) {
		struct client *client = malloc(sizeof(*client));

		if (!client || read(file, client, sizeof(*client)) != sizeof(*client)) {
			free(client);
			break;
		}
		fcntl(client->fd, F_SETFD, FD_CLOEXEC);
		s->client[i] = client;
	}
	close(file);
}

static bool take_up(struct server *s)
{
	const char *value = getenv(INHERITED);
	int file;

	if (!value || sscanf(value, "%d,%d,%d", &s->listener, &s->place.lock_fd, &file) != 3)
		return false;
	unsetenv(INHERITED);
	fcntl(s->listener, F_SETFD, FD_CLOEXEC);
	fcntl(s->place.lock_fd, F_SETFD, FD_CLOEXEC);
	take_up_clients(s, file);
	return true;
}

int server__open(struct server *s, struct complaint *c)
{
	s->listener = -1;
	if (!take_up(s) && (place__take(&s->place, c) || listen_at(s, c)))
		return -1;
	socket__made(s->place.socket);
	socket__made(s->place.lock);
	return 0;
}

/* One that cannot be handed over hears nothing more. */
static void leave_clients(struct server *s, int file)
{
	for (unsigned i = 0; i < SERVER_CLIENTS; i++)
		if (s->client[i]) {
			flush(s->client[i]);
			fcntl(s->client[i]->fd, F_SETFD, write(file, s->client[i], sizeof(*s->client[i])) == sizeof(*s->client[i]) ? 0 : FD_CLOEXEC);
		}
	lseek(file, 0, SEEK_SET);
}

void server__hand_over(struct server *s)
{
	char value[48];
	int file;

	if (s->listener < 0)
		return;
	file = memfd_create("control", 0);
	if (file >= 0)
		leave_clients(s, file);
	fcntl(s->listener, F_SETFD, 0);
	fcntl(s->place.lock_fd, F_SETFD, 0);
	snprintf(value, sizeof(value), "%d,%d,%d", s->listener, s->place.lock_fd, file);
	setenv(INHERITED, value, 1);
	socket__forget(s->place.socket);
	socket__forget(s->place.lock);
}

void server__close(struct server *s)
{
	if (s->listener < 0)
		return;
	for (unsigned i = 0; i < SERVER_CLIENTS; i++)
		if (s->client[i]) {
			flush(s->client[i]);
			drop(s, i);
		}
	socket__remove(s->place.socket);
	socket__remove(s->place.lock);
	close(s->listener);
	close(s->place.lock_fd);
	s->listener = -1;
}
