/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command of the control socket that reads the log of the guest's kernel.
 */
#ifndef WEDGE_MONITOR_CONTROL_LOG_H
#define WEDGE_MONITOR_CONTROL_LOG_H

#include "wedge/control/qmp.h"

/* As many records as fit into an answer, of those whose number is `from` at least; and which one to ask for next. None: that is all. */
int control__dmesg(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
