/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * wedgectl's side of a control socket: one connection, commands and their answers.
 *
 * The far side is a VM of the same user's, but a guest may have got at it: an answer is bounded, and waited for so long only.
 */
#ifndef WEDGE_CTL_CLIENT_H
#define WEDGE_CTL_CLIENT_H

#include <cjson/cJSON.h>

#include "lib/complain.h"
#include "lib/types.h"

/* Connects to the VM of this name and negotiates. The descriptor; -1 with a complaint. */
int client__open(const char *name, struct complaint *c);
/* Sends a whole message; what it is answered, to be freed; NULL with a complaint, of an "error" too, unless `raw`. */
cJSON *client__ask(int fd, const char *message, bool raw, struct complaint *c);
/* A command without arguments: what it returns, to be freed. */
cJSON *client__do(int fd, const char *command, struct complaint *c);

#endif
