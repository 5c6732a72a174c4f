/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The control socket of a VM and its clients, of which none is trusted to be well, and all of which are the VM's owner.
 *
 * Nothing here waits: it is served in the monitor's own loop, a bounded step for each client at a time. What a client can make us keep is one
 * message and QUEUE bytes of answers and events; who does not read them is dropped, and so are those that are too many.
 */
#ifndef WEDGE_CONTROL_SERVER_H
#define WEDGE_CONTROL_SERVER_H

#include <poll.h>

#include "wedge/control/place.h"
#include "wedge/control/qmp.h"

#define SERVER_CLIENTS	16
#define SERVER_FDS	(1 + SERVER_CLIENTS)

struct client;

struct server {
	struct control_place place;
	int listener;
	const struct qmp_command *commands;
	void *user;
	const char *release;
	struct client *client[SERVER_CLIENTS];	/* NULL: free */
};

/*
 * `place`, `commands`, `user` and `release` are set. Takes the name and listens there, or takes up what server__hand_over() has left in the
 * environment. -1 with a complaint.
 */
int server__open(struct server *s, struct complaint *c);
/* What to sleep for: up to SERVER_FDS entries, how many; and whether there is more to do without sleeping. */
unsigned server__wants(const struct server *s, struct pollfd *fds, bool *more);
/* A step for each client. */
void server__serve(struct server *s);
/* To each client that has negotiated. `data` is used up; NULL: none. */
void server__event(struct server *s, const char *name, cJSON *data);
/* Does anybody listen to events? */
bool server__heard(const struct server *s);
/* Before an exec: the socket, the name and the clients go on. */
void server__hand_over(struct server *s);
/* What can be sent to clients at once is. The socket's name is removed by socket__remove_all(), too. */
void server__close(struct server *s);

#endif
