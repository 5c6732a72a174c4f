/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The trace by the control socket.
 */
#ifndef WEDGE_MONITOR_CONTROL_TRACE_H
#define WEDGE_MONITOR_CONTROL_TRACE_H

#include "wedge/control/qmp.h"

/* {"action": "start" | "stop" | "save", "file": PATH, which save needs}: what was gathered so far. */
int control__trace(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
