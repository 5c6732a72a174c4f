/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of the control socket that read the processes of the guest, and what its cores do, out of its kernel's memory.
 */
#ifndef WEDGE_MONITOR_CONTROL_TASKS_H
#define WEDGE_MONITOR_CONTROL_TASKS_H

#include "wedge/control/qmp.h"

/* Some of them, from number `from` on, each behind its parent; and which one to ask for next. None: that is all. Threads are not among them. */
int control__ps(void *user, const cJSON *arguments, struct qmp_answer *a);
/* Who called whom on each core: rests for that as long as it takes. Where a program runs there is its address only. */
int control__backtrace(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
