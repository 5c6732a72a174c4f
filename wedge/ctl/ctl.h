/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What wedgectl does that is more than a command and its answer.
 */
#ifndef WEDGE_CTL_CTL_H
#define WEDGE_CTL_CTL_H

#include <cjson/cJSON.h>

#include "lib/complain.h"
#include "lib/types.h"

/* All VMs of this user that have a name, one a line. */
int ctl__list(struct complaint *c);
/* What a VM costs and does; `live`: once a second, until it ends or somebody ends us. */
int ctl__stats(int fd, const char *name, bool live, struct complaint *c);
/* What it has counted, as Prometheus reads it. */
int ctl__metrics(int fd, struct complaint *c);
/* A number in an answer, 0 if there is none. */
double ctl__number(const cJSON *object, const char *name);
/* The log of its kernel, as dmesg prints it. */
int ctl__dmesg(int fd, struct complaint *c);
/* The processes of its guest, as a tree. */
int ctl__ps(int fd, struct complaint *c);
/* What each of its cores does, and who has called that. */
int ctl__backtrace(int fd, struct complaint *c);
/* Has it listen for a debugger, `where` or (NULL) beside its control socket: where that is, to be freed; NULL with a complaint. */
char *ctl__gdb(int fd, const char *where, struct complaint *c);
/* Up to MANY_MOST VMs by these names, for a gdb at our standard input and output; until it goes, or they have ended. */
int ctl__gdb_many(char **name, unsigned count, struct complaint *c);
/* The terminal becomes one of the VM's consoles, by label or the first that can be; until Ctrl-] or the end. */
int ctl__console(int fd, const char *label, struct complaint *c);

#endif
