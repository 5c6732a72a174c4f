/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Spare cores (--spin). A core of the guest that waits for guest user code does not sleep at once but asks again and again: where it has a
 * processor of the Host's to itself, and the stub another, the stub's stop then finds it awake, and that processor needs not be woken from its idling.
 *
 * A Host that is busy is known by whoever takes our processor away while we ask: the kernel counts that (ru_nivcsw). Then somebody else has
 * use for it, maybe the stub itself, and the next thousand waits sleep. The answer to a short system call comes within some tens of questions;
 * who computes for longer is waited for asleep.
 */
#define _GNU_SOURCE
#include "wedge/host/mips64/spin.h"

#include <sys/resource.h>
#include <sys/wait.h>

#define QUESTIONS	64	/* of one wait: 700 instructions each */
#define LOOK		16	/* waits between two looks whether we are in somebody's way */
#define REST		1000

static bool is_in_the_way(struct spin *spin)
{
	struct rusage usage;
	long before = spin->preempted;

	if (++spin->waits % LOOK || getrusage(RUSAGE_THREAD, &usage))
		return false;
	spin->preempted = usage.ru_nivcsw;
	return spin->preempted != before;
}

pid_t spin__wait(struct spin *spin, pid_t task, int *status)
{
	if (!spin->wanted)
		return waitpid(task, status, __WALL);
	if (spin->rest) {
		spin->rest--;
	} else if (is_in_the_way(spin)) {
		spin->rest = REST;
	} else {
		for (unsigned i = 0; i < QUESTIONS; i++) {
			pid_t pid = waitpid(task, status, __WALL | WNOHANG);

			if (pid)
				return pid;
		}
	}
	return waitpid(task, status, __WALL);
}
