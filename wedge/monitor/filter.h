/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The strict part of the jail: the system calls that a vCPU process and its stubs may make, and none besides.
 *
 * It costs some 600 instructions for each call on the Host of FACTS, so it comes when it is asked for, and where the Host
 * gives no namespaces.
 */
#ifndef WEDGE_MONITOR_FILTER_H
#define WEDGE_MONITOR_FILTER_H

#include "lib/complain.h"

/* For this process and all that come of it, for ever; no_new_privs is set. A call that is none of these is SIGSYS. */
int filter__install(struct complaint *c);

#endif
