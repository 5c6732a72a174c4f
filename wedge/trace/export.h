/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records that have been read (collect.h), as files that other people's programs show.
 */
#ifndef WEDGE_TRACE_EXPORT_H
#define WEDGE_TRACE_EXPORT_H

#include <stdio.h>

#include "wedge/trace/trace.h"

enum trace_show { SHOW_NONE, SHOW_DECIMAL, SHOW_HEX, SHOW_ADDRESS, SHOW_EXIT, SHOW_EXCEPTION, SHOW_NAME16 };

/* A row of points.def. */
struct trace_row {
	const char *name, *system, *event;
	struct {
		const char *name;
		enum trace_show show;
	} field[3];
	const char *meaning;
};
extern const struct trace_row trace__rows[TRACE_POINTS];

#define TRACE_HOST_NAME	16

/* The Host's scheduler has given a processor to another task. */
struct trace_host_switch {
	u64 time;			/* nanoseconds of the monotonic clock, as records have */
	u64 previous_state;		/* as sched_switch says it: the low byte 0, it could have gone on */
	s32 previous, next;		/* their numbers, as the Host's root sees them */
	s32 previous_priority, next_priority;
	u32 cpu;
	char previous_name[TRACE_HOST_NAME], next_name[TRACE_HOST_NAME];
};

struct trace_log {
	const struct trace_record *record;	/* as trace_reader__take() gives them out: the times of each core ascend */
	u64 count;
	unsigned cores;			/* of the machine: records of the monitor's threads have this number */
	u64 begin_ns;			/* no record is earlier */
	const char *vm;			/* its name */
	u32 process;			/* of the monitor: makes what files of several machines number different */
	bool interpreted;
	const char *const *exit_names;	/* of enum host_exit */
	unsigned exits;
	const char *(*exception_name)(unsigned code);
	unsigned exceptions;		/* codes below this */
	/* Of the guest's kernel, for who shows names for addresses: as /proc/kallsyms has them. NULL: none. */
	void (*symbols)(void *user, FILE *out);
	void *user;
	/* What the Host's scheduler did meanwhile; NULL: nobody has asked. Only a trace for Perfetto has it. */
	const struct trace_host_switch *host;
	u64 host_count;
	const int *process_of;		/* of each core: its process on the Host, 0: not known. NULL: none is */
	u64 boot_offset_ns;		/* the clock CLOCK_BOOTTIME is this far in front of the monotonic one */
};

/* A trace.dat (version 6) for trace-cmd and KernelShark, one CPU for each core, and a last one for the monitor's threads. 0, or -1: see errno. */
int trace_dat__write(const struct trace_log *log, FILE *out);
/* Perfetto's protocol buffers (TracePacket with TrackEvent). Likewise. */
int trace_perfetto__write(const struct trace_log *log, FILE *out);
/*
 * The Common Trace Format: a folder, in which a file `metadata` says what events look like, and others are the streams, of a core each, and of the
 * monitor's threads as one behind them. Likewise.
 */
int trace_ctf__metadata(const struct trace_log *log, FILE *out);
int trace_ctf__stream(const struct trace_log *log, unsigned core, FILE *out);

#endif
