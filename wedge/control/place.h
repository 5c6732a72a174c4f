/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the control sockets of a user's VMs are: a folder that is his alone, with NAME.sock and NAME.lock for each VM.
 *
 * Whoever holds the lock has the name. It is gone with its process, however that has ended; what is left of the files then is
 * taken over by the next.
 */
#ifndef WEDGE_CONTROL_PLACE_H
#define WEDGE_CONTROL_PLACE_H

#include "lib/complain.h"
#include "lib/types.h"
#include "wedge/device/socket.h"

#define NAME_MOST	48		/* bytes of a name */
#define PLACE_SOCKET	".sock"
#define PLACE_LOCK	".lock"		/* appended to a socket's path, for one that has no name */

/* Letters, digits, dots, dashes and underscores; the first a letter or digit. -1 with a complaint. */
int place__check_name(const char *name, struct complaint *c);

/*
 * $XDG_RUNTIME_DIR/afterburn, else /run/user/UID/afterburn, else /tmp/afterburn-UID; with `make` it is made. It is ours, and nobody else may look
 * into it. -1 with a complaint.
 */
int place__folder(char *path, unsigned size, bool make, struct complaint *c);

struct control_place {
	char socket[SOCKET_PATH], lock[SOCKET_PATH + sizeof(PLACE_LOCK)];
	int lock_fd;
};

/* The paths for a VM: by `control`, if that is not NULL, else by its name. -1 with a complaint. */
int place__find(struct control_place *place, const char *name, const char *control, bool make, struct complaint *c);
/* Takes the lock; -1 with a complaint if another VM has it. A socket that a dead one has left goes. */
int place__take(struct control_place *place, struct complaint *c);
/* The process that holds the lock; 0: none does, -1: one that is not known. */
int place__holder(const struct control_place *place);

#endif
