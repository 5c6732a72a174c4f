/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --config: options from a file.
 */
#ifndef WEDGE_MONITOR_CONFIG_H
#define WEDGE_MONITOR_CONFIG_H

#include "wedge/monitor/options.h"

/* -1 with a complaint that begins with FILE:LINE. */
int config__read(struct options *o, const char *path, struct complaint *c);

#endif
