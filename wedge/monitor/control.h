/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What clients of the VM's control socket can ask of it: the table of commands, and the events that they hear.
 *
 * All of it happens in the monitor's loop, between two looks at consoles. None of it waits for the guest.
 */
#ifndef WEDGE_MONITOR_CONTROL_H
#define WEDGE_MONITOR_CONTROL_H

#include <poll.h>

#include "lib/complain.h"
#include "lib/types.h"

#define CONTROL_FDS	24	/* that control__wants() may fill */

struct monitor;

/* If the VM has a name, or a path was given. -1 with a complaint. */
int control__open(struct monitor *m, struct complaint *c);
unsigned control__wants(const struct monitor *m, struct pollfd *fds);
/* Nanoseconds until control__serve() has something to do anyway. */
u64 control__due(const struct monitor *m);
void control__serve(struct monitor *m);
/* The vCPU process has ended with this status of wait(). If the machine begins again, so do its clients. */
void control__close(struct monitor *m, int wait_status);

#endif
