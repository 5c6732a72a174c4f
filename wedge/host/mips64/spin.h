/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef WEDGE_HOST_MIPS64_SPIN_H
#define WEDGE_HOST_MIPS64_SPIN_H

#include <stdbool.h>
#include <sys/types.h>

struct spin {
	bool wanted;
	unsigned rest;		/* waits that sleep at once, before it is tried again */
	unsigned waits;
	long preempted;		/* times that this thread had to leave its processor, when it last looked */
};

/* As waitpid() with __WALL, for a thread of a stub that runs. */
pid_t spin__wait(struct spin *spin, pid_t task, int *status);

#endif
