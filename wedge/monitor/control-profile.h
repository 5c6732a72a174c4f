/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A profile by the control socket: where the guest's kernel traps, counted while somebody wants it.
 */
#ifndef WEDGE_MONITOR_CONTROL_PROFILE_H
#define WEDGE_MONITOR_CONTROL_PROFILE_H

#include "wedge/control/qmp.h"

/* {"action": "start" | "stop" | "save", "file": PATH, which save needs}: {"on", "traps": counted so far}. */
int control__profile(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
