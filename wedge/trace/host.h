/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the Host's scheduler does, out of its tracefs, on the clock of our own records: when a core of the machine had a processor, and when another
 * task had it. A buffer of our own there (an instance): who else traces is not disturbed.
 */
#ifndef WEDGE_TRACE_HOST_H
#define WEDGE_TRACE_HOST_H

#include "lib/complain.h"
#include "wedge/trace/export.h"

struct host_trace;

/* From now on the Host notes its switches. NULL with a complaint: mostly, that only root may. */
struct host_trace *host_trace__open(struct complaint *c);
/* Hands down what it has noted since, each processor's in its order. */
void host_trace__take(struct host_trace *t, void (*take)(void *user, const struct trace_host_switch *), void *user);
/* Switches that the Host had no room for, so far. */
u64 host_trace__lost(const struct host_trace *t);
/* Nothing of it stays in tracefs. NULL is nothing. */
void host_trace__close(struct host_trace *t);

#endif
