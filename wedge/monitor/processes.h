/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the Host says of a machine's processes, in /proc: which there are, and what each has had.
 */
#ifndef WEDGE_MONITOR_PROCESSES_H
#define WEDGE_MONITOR_PROCESSES_H

#include "wedge/monitor/stolen.h"

struct monitor;

#define PROCESSES_MOST	1000		/* that are looked at: a guest has one for each of its address spaces */
#define PROCESSES_AGE_NS	100000000ull	/* so old may be what somebody is told of them */

/* What all processes of this machine have had of the Host. */
struct processes_usage {
	u64 ticks;			/* of processors */
	u64 resident;			/* bytes; of shared pages each process counts its own */
	unsigned processes;
};
struct processes_usage processes__usage(void);
/* The process of each core on the Host: `process` has room for BOARD_CORES_MAX. */
void processes__of_cores(const struct monitor *m, int *process);
/*
 * What the process of a core and those that it has made for user code have had of the Host's processors so far: how many have been written into
 * `reading`, at most PROCESSES_MOST. `cores` is of processes__of_cores().
 */
unsigned processes__read(const int *cores, unsigned core, struct stolen_reading *reading);

/*
 * How much of each core has been stolen, into m->stolen and for the guest's kernel (abi/stolen.h), if that was last looked at `period_ns` ago or earlier.
 * While all cores sleep nothing is read.
 */
void processes__count_stolen(struct monitor *m, u64 period_ns);

#endif
