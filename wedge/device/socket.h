/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unix sockets with a name: stream sockets, none of which waits.
 *
 * A name outlives who has made it. So those that we have made are noted, to be removed whichever way we end; and one that somebody has left who was
 * killed, at which nobody listens, is taken over.
 */
#ifndef WEDGE_DEVICE_SOCKET_H
#define WEDGE_DEVICE_SOCKET_H

#include <sys/un.h>

#include "lib/types.h"

#define SOCKETS_MOST	16			/* names that are noted at once */
#define SOCKET_PATH	sizeof(((struct sockaddr_un *)0)->sun_path)	/* with its end */

/* False if the path is longer than that. */
bool socket__address(struct sockaddr_un *address, const char *path);
/* -1 with errno; EAGAIN: so many wait there already. */
int socket__connect(const struct sockaddr_un *address);
/* -1 with errno; EADDRINUSE: somebody else listens there, or has a file of that name. */
int socket__listen(const struct sockaddr_un *address, int waiting);

/* Sends of the `fill` bytes of a queue what can be sent now; the rest moves to its front. False: the far end is gone. */
bool socket__send(int fd, void *queue, unsigned *fill);
/* Receives at most so many bytes: how many, 0 if there are none yet; -1: the far end is gone. */
int socket__receive(int fd, void *bytes, unsigned most);

/* Notes a name; the text is the caller's, until it is removed or forgotten. */
void socket__made(const char *path);
/* Notes it no more: it stays. */
void socket__forget(const char *path);
/* Removes a name, if it was noted. */
void socket__remove(const char *path);
/* Removes all. In handlers of signals, too. */
void socket__remove_all(void);

#endif
