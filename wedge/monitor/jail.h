/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The jail: what a vCPU process, in which the guest's kernel runs natively, can reach of the Host.
 *
 * Which is: its own memory and that of its stubs, the descriptors that it was given, and no other process, file, name or
 * socket. Namespaces of its own (user, PID, mount, network, IPC, UTS) cost nothing for each system call, where a filter costs
 * 600 instructions. In them an empty root, no privilege and no way to one, and limits.
 */
#ifndef WEDGE_MONITOR_JAIL_H
#define WEDGE_MONITOR_JAIL_H

#include <sys/types.h>

#include "lib/complain.h"
#include "lib/types.h"

enum jail_mode {
	JAIL_ON,		/* namespaces; a filter of system calls where the Host gives none */
	JAIL_STRICT,		/* both */
	JAIL_OFF		/* whatever the user may, it may */
};

/*
 * Like fork(), with the child in its jail: of the descriptors it has the `count` in `keep`, and 0 to 2, which lead nowhere. It
 * ends when its parent does. `memory` bytes may be mapped besides what is now. Returns in both; -1 in the parent with a
 * complaint. What the Host forbids, so that a filter has to do, is said on standard error.
 */
pid_t jail__fork(enum jail_mode mode, const int *keep, unsigned count, u64 memory, struct complaint *c);

#endif
