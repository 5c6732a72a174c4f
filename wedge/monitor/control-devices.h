/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of the control socket that are about devices, and what is common to them.
 */
#ifndef WEDGE_MONITOR_CONTROL_DEVICES_H
#define WEDGE_MONITOR_CONTROL_DEVICES_H

#include "wedge/control/qmp.h"
#include "wedge/device/balloon.h"
#include "wedge/monitor/monitor.h"

/* The n-th of its kind, in the order of the command line; NULL: there is none. */
struct device *control__find(const struct monitor *m, enum device_kind kind, unsigned n);
/* The guest's memory less what it has given away. */
u64 control__balloon_actual(const struct monitor *m, const struct balloon_state *state);

int control__query_block(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__query_chardev(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__query_balloon(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__balloon(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__block_resize(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__set_link(void *user, const cJSON *arguments, struct qmp_answer *a);
int control__limit(void *user, const cJSON *arguments, struct qmp_answer *a);

#endif
