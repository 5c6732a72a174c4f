/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of the control socket that say what the machine costs and does.
 */
#ifndef WEDGE_MONITOR_CONTROL_STATS_H
#define WEDGE_MONITOR_CONTROL_STATS_H

#include "lib/types.h"
#include "wedge/control/qmp.h"

struct monitor;

/* Cores, with the process that runs each. */
int control__query_cpus(void *user, const cJSON *arguments, struct qmp_answer *a);
/*
 * Time of the Host's processors, memory, and what each core has counted. With {"count": true} exits are counted from now on, for some seconds: who looks
 * again and again keeps it so.
 */
int control__stats(void *user, const cJSON *arguments, struct qmp_answer *a);
/* The same for Prometheus: {"text": ...}. control-metrics.c */
int control__metrics(void *user, const cJSON *arguments, struct qmp_answer *a);
/* Now and then: does anybody still want exits counted? */
void control__look_at_counting(struct monitor *m);

#endif
