/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An Octeon's counter of cycles, which programs can read: the clock of guest programs that do not ask for the time.
 */
#include <signal.h>

#include "lib/clock.h"
#include "wedge/host/mips64/host.h"

u64 host__counter(void)
{
	u64 count;

	__asm__ volatile("rdhwr %0, $31" : "=r"(count));
	return count;
}

static void read_it(void *user)
{
	host__counter();
}

#define MEASURED_NS	20000000	/* the errors of two looks are a millionth of it */
#define TRIES		8		/* for each: the one during which least time has passed counts */

struct look {
	u64 ns, count;
};

static struct look look(void)
{
	struct look best = { 0 };
	u64 shortest = UINT64_MAX;

	for (unsigned i = 0; i < TRIES; i++) {
		const u64 before = clock__now_ns(), count = host__counter(), took = clock__now_ns() - before;

		if (took < shortest) {
			shortest = took;
			best = (struct look){ before + took / 2, count };
		}
	}
	return best;
}

/* Clocks are made as multiples of a third of a megahertz, and better than can be measured here. */
static u64 round_frequency(u64 hz)
{
	const u64 thirds = (3 * hz + 500000) / 1000000, likely = thirds * 1000000 / 3;
	const u64 error = hz > likely ? hz - likely : likely - hz;

	return error < hz / 5000 ? likely : hz;
}

u64 host__counter_hz(void)
{
	struct look begin, end;

	/* Other CPUs have no such register, and a kernel may keep it for itself. */
	if (!host__can(SIGILL, read_it, NULL))
		return 0;
	begin = look();
	do
		end = look();
	while (end.ns - begin.ns < MEASURED_NS);
	return round_frequency((u64)((unsigned __int128)(end.count - begin.count) * 1000000000 / (end.ns - begin.ns)));
}
