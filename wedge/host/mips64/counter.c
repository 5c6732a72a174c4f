/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An Octeon's counter of cycles, which programs can read: the clock of guest programs that do not ask for the time.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>

#include "lib/clock.h"
#include "lib/complain.h"
#include "wedge/host/host.h"

u64 host__counter(void)
{
	u64 count;

	__asm__ volatile("rdhwr %0, $31" : "=r"(count));
	return count;
}

static sigjmp_buf refused;

static void on_refused(int signal)
{
	siglongjmp(refused, 1);
}

/* By trying: other CPUs have no such register, and a kernel may keep it for itself. */
static bool can_be_read(void)
{
	struct sigaction action = { .sa_handler = on_refused }, before;
	volatile bool can = false;

	if (sigaction(SIGILL, &action, &before))
		die_errno("looking for a counter of cycles");
	if (!sigsetjmp(refused, 1)) {
		host__counter();
		can = true;
	}
	sigaction(SIGILL, &before, NULL);
	return can;
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

	if (!can_be_read())
		return 0;
	begin = look();
	do
		end = look();
	while (end.ns - begin.ns < MEASURED_NS);
	return round_frequency((u64)((unsigned __int128)(end.count - begin.count) * 1000000000 / (end.ns - begin.ns)));
}
