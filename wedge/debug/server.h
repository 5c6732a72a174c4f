/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where gdb finds a machine: a socket, and one client at a time, who is the machine's owner (or root).
 *
 * Nothing here waits. What a client can make us keep are some packets; who does not read what it has asked for is not listened to.
 */
#ifndef WEDGE_DEBUG_SERVER_H
#define WEDGE_DEBUG_SERVER_H

#include <poll.h>

#include "lib/complain.h"
#include "wedge/debug/gdb.h"

#define GDB_SERVER_FDS	2
#define GDB_INPUT	4096u

struct gdb_server {
	char where[160];		/* what gdb's `target remote` is to be given */
	const char *path;		/* of the Unix socket, to be removed; NULL: it is none */
	int listener, client;		/* -1: none */
	bool lost;			/* the client is gone, or cannot be understood */
	unsigned fill;
	u8 input[GDB_INPUT];		/* not looked at yet */
};

/* `where` is unix:PATH or tcp:PORT, of this machine's own address; port 0 is any that is free. -1 with a complaint. `where` has to stay. */
int gdb_server__open(struct gdb_server *s, const char *where, struct complaint *c);
/* Sockets to sleep for, with what is in the way of taking more. */
unsigned gdb_server__wants(const struct gdb_server *s, const struct gdb *g, struct pollfd fds[GDB_SERVER_FDS]);
/* Is somebody new there? Others are sent away while somebody is. */
bool gdb_server__accepts(struct gdb_server *s);
/* Takes what the client says, and sends what it is told: `lost` if that is over. */
void gdb_server__serve(struct gdb_server *s, struct gdb *g);
/* The client is sent away. */
void gdb_server__drop(struct gdb_server *s);
void gdb_server__close(struct gdb_server *s);

#endif
