/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command of the control socket that reads the processes of the guest out of its kernel's memory.
 */
#ifndef WEDGE_MONITOR_CONTROL_TASKS_H
#define WEDGE_MONITOR_CONTROL_TASKS_H

#include "wedge/control/qmp.h"

/* Some of them, from number `from` on, each behind its parent; and which one to ask for next. None: that is all. Threads are not among them. */
int control__ps(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
