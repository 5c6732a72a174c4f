// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See stolen.h.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/monitor/stolen.h"

static u64 less(u64 a, u64 b)
{
	return a > b ? a - b : 0;
}

/* Processes end and begin, and the rest keep their order: each is looked for from where the one before it was. */
static const struct stolen_reading *find(const struct stolen_core *c, unsigned *from, int process)
{
	for (unsigned i = *from; i < c->before_count; i++)
		if (c->before[i].process == process) {
			*from = i + 1;
			return &c->before[i];
		}
	return NULL;
}

int stolen__account(struct stolen_core *c, u64 now_ns, u64 slept_ns, const struct stolen_reading *reading, unsigned count)
{
	static const struct stolen_reading nothing;
	struct stolen_reading *copy = malloc((count + 1) * sizeof(*copy));
	u64 ran = 0, waited = 0, spare, taken;
	unsigned from = 0;

	if (!copy)
		return -1;
	memcpy(copy, reading, count * sizeof(*copy));
	for (unsigned i = 0; i < count; i++) {
		const struct stolen_reading *before = find(c, &from, reading[i].process);

		if (!before)
			before = &nothing;
		ran += less(reading[i].ran_ns, before->ran_ns);
		waited += less(reading[i].waited_ns, before->waited_ns);
	}
	/* What was waited for is said when it has come to an end, perhaps a period later. */
	spare = less(less(now_ns, c->looked_ns), ran + less(slept_ns, c->slept_ns));
	taken = waited < spare + c->spare_ns ? waited : spare + c->spare_ns;
	if (c->looked_ns)
		c->ns += taken;
	c->spare_ns = c->looked_ns ? less(spare, taken) : 0;
	c->looked_ns = now_ns;
	c->slept_ns = slept_ns;
	free(c->before);
	c->before = copy;
	c->before_count = count;
	return 0;
}

void stolen__close(struct stolen_core *c)
{
	free(c->before);
	*c = (struct stolen_core){ 0 };
}
