/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * host.h where there is no libtracefs: in place of host.c.
 */
#include "wedge/trace/host.h"

struct host_trace *host_trace__open(struct complaint *c)
{
	complain(c, "the Host's scheduler: this Wedge was built without libtracefs");
	return NULL;
}

void host_trace__take(struct host_trace *t, void (*take)(void *user, const struct trace_host_switch *), void *user)
{
}

u64 host_trace__lost(const struct host_trace *t)
{
	return 0;
}

void host_trace__close(struct host_trace *t)
{
}
