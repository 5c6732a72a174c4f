/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of the control socket that say what the machine costs and does.
 */
#ifndef WEDGE_MONITOR_CONTROL_STATS_H
#define WEDGE_MONITOR_CONTROL_STATS_H

#include "wedge/control/qmp.h"

/* Cores, with the process that runs each. */
int control__query_cpus(void *user, const cJSON *arguments, struct qmp_answer *a);
/* Time of the Host's processors, memory, and what each core has counted. */
int control__stats(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
