// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See host.h. libtracefs finds the place, and reads the buffers; libtraceevent knows where fields of an event are, from what the Host says of it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "wedge/trace/host.h"

#define INSTANCE	"wedge-%d"	/* the monitor's process */

enum { PREVIOUS_NAME, PREVIOUS_PID, PREVIOUS_PRIORITY, PREVIOUS_STATE, NEXT_NAME, NEXT_PID, NEXT_PRIORITY, FIELDS };

static const char *const field_name[FIELDS] = {
	"prev_comm", "prev_pid", "prev_prio", "prev_state", "next_comm", "next_pid", "next_prio",
};

struct host_trace {
	struct tracefs_instance *instance;
	struct tep_handle *events;
	const struct tep_format_field *field[FIELDS];
	int id;					/* of sched_switch */
	void (*take)(void *user, const struct trace_host_switch *);
	void *user;
};

static int find_fields(struct host_trace *t, struct complaint *c)
{
	static const char *const systems[] = { "sched", NULL };
	struct tep_event *event;

	t->events = tracefs_local_events_system(NULL, systems);
	event = t->events ? tep_find_event_by_name(t->events, "sched", "sched_switch") : NULL;
	if (!event)
		return complain(c, "the Host's scheduler: no event sched_switch in tracefs");
	t->id = event->id;
	for (unsigned i = 0; i < FIELDS; i++) {
		t->field[i] = tep_find_field(event, field_name[i]);
		if (!t->field[i])
			return complain(c, "the Host's scheduler: its sched_switch has no '%s'", field_name[i]);
	}
	return 0;
}

/* What one has left that was killed: it would go on for ever. */
static void remove_stale(void)
{
	char *path = tracefs_get_tracing_file("instances");
	DIR *folder = path ? opendir(path) : NULL;
	struct dirent *entry;
	int process, end;

	while (folder && (entry = readdir(folder))) {
		end = 0;
		if (sscanf(entry->d_name, INSTANCE "%n", &process, &end) != 1 || entry->d_name[end] || process <= 0 || !kill(process, 0) || errno != ESRCH)
			continue;
		unlinkat(dirfd(folder), entry->d_name, AT_REMOVEDIR);
	}
	if (folder)
		closedir(folder);
	tracefs_put_tracing_file(path);
}

/* `mono` is CLOCK_MONOTONIC, to which the times of our own records have been converted. */
static int begin(struct host_trace *t, struct complaint *c)
{
	char name[32];

	remove_stale();
	snprintf(name, sizeof(name), INSTANCE, getpid());
	errno = 0;
	t->instance = tracefs_instance_create(name);
	if (!t->instance)
		return complain(c, "the Host's scheduler: its tracefs gives us no buffer (%s): root may have one, or who may write /sys/kernel/tracing/instances",
				errno ? strerror(errno) : "no tracefs");
	if (find_fields(t, c))
		return -1;
	if (tracefs_instance_file_write(t->instance, "trace_clock", "mono") < 0)
		return complain(c, "the Host's scheduler: its tracefs has no clock 'mono'");
	if (tracefs_event_enable(t->instance, "sched", "sched_switch"))
		return complain(c, "the Host's scheduler: sched_switch: %s", strerror(errno));
	return 0;
}

struct host_trace *host_trace__open(struct complaint *c)
{
	struct host_trace *t = calloc(1, sizeof(*t));

	if (t && !begin(t, c))
		return t;
	if (!t)
		complain(c, "no memory for the trace");
	host_trace__close(t);
	return NULL;
}

static u64 number(const struct host_trace *t, unsigned field, const struct tep_record *record)
{
	unsigned long long value = 0;

	tep_read_number_field((struct tep_format_field *)t->field[field], record->data, &value);
	return value;
}

static void name(const struct host_trace *t, unsigned field, const struct tep_record *record, char *to)
{
	const struct tep_format_field *f = t->field[field];

	if (f->offset + f->size <= record->size)
		snprintf(to, TRACE_HOST_NAME, "%.*s", f->size, (const char *)record->data + f->offset);
}

static int one(struct tep_event *event, struct tep_record *record, int cpu, void *user)
{
	const struct host_trace *t = user;
	struct trace_host_switch s = { .time = record->ts, .cpu = cpu };

	if (event->id != t->id)
		return 0;
	s.previous = number(t, PREVIOUS_PID, record);
	s.next = number(t, NEXT_PID, record);
	s.previous_priority = number(t, PREVIOUS_PRIORITY, record);
	s.next_priority = number(t, NEXT_PRIORITY, record);
	s.previous_state = number(t, PREVIOUS_STATE, record);
	name(t, PREVIOUS_NAME, record, s.previous_name);
	name(t, NEXT_NAME, record, s.next_name);
	t->take(t->user, &s);
	return 0;
}

void host_trace__take(struct host_trace *t, void (*take)(void *user, const struct trace_host_switch *), void *user)
{
	t->take = take;
	t->user = user;
	tracefs_iterate_raw_events(t->events, t->instance, NULL, 0, one, t);
}

/* Of one processor; -1: there is none of that number. */
static long long overrun(const struct host_trace *t, unsigned cpu)
{
	unsigned long long n = 0;
	char path[48], *text, *at;

	snprintf(path, sizeof(path), "per_cpu/cpu%u/stats", cpu);
	text = tracefs_instance_file_read(t->instance, path, NULL);
	if (!text)
		return -1;
	at = strstr(text, "overrun:");
	if (at)
		sscanf(at, "overrun: %llu", &n);
	free(text);
	return n;
}

u64 host_trace__lost(const struct host_trace *t)
{
	const long cpus = sysconf(_SC_NPROCESSORS_CONF);
	u64 lost = 0;
	long long n;

	for (long i = 0; i < cpus; i++) {
		n = overrun(t, i);
		lost += n > 0 ? n : 0;
	}
	return lost;
}

void host_trace__close(struct host_trace *t)
{
	if (!t)
		return;
	if (t->instance) {
		tracefs_event_disable(t->instance, "sched", "sched_switch");
		tracefs_instance_destroy(t->instance);
		tracefs_instance_free(t->instance);
	}
	if (t->events)
		tep_free(t->events);
	free(t);
}
