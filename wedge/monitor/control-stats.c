// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-stats.h. What cores have counted is in VM memory, and may be rubbish: see stats.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wedge/monitor/control-stats.h"
#include "lib/clock.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/tracing.h"

#define COUNT_NS		5000000000ull	/* for which exits are counted when a client has asked for it */
#define PROCESSES_MOST	1000		/* that are looked at: a guest has one for each of its address spaces */

/* --- Processes --- */

/* Those that a process has made, in that order: how many. */
static unsigned children(int process, int *child, unsigned most)
{
	char path[64];
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", process, process);
	f = fopen(path, "re");
	while (f && n < most && fscanf(f, "%d", &child[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

/* A core of its own is a child of core 0's process, made before any other. */
void control__cores(const struct monitor *m, int *process)
{
	memset(process, 0, BOARD_CORES_MAX * sizeof(*process));
	if (m->vm->several)
		children(m->vcpu, process + 1, BOARD_CORES_MAX - 1);
	for (unsigned i = 0; i < BOARD_CORES_MAX; i++)
		if (!process[i])
			process[i] = m->vcpu;	/* one for all of them */
}

int control__query_cpus(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	int core[BOARD_CORES_MAX];

	control__cores(m, core);
	a->value = cJSON_CreateArray();
	for (unsigned i = 0; i < m->vm->options.cpus; i++) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddNumberToObject(row, "cpu-index", i);
		cJSON_AddStringToObject(row, "qom-path", "/machine");
		cJSON_AddNumberToObject(row, "thread-id", core[i]);
		cJSON_AddStringToObject(row, "target", m->vm->image.little_endian ? "mips64el" : "mips64");
		cJSON_AddItemToArray(a->value, row);
	}
	return 0;
}

static void add_process(struct control_usage *usage, int process)
{
	unsigned long long user = 0, system = 0;
	char path[64], text[1024], *end;
	size_t n;
	long pages = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", process);
	f = fopen(path, "re");
	if (!f)
		return;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	end = strrchr(text, ')');	/* behind a name, in which anything may be */
	if (!end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
			   &user, &system, &pages) != 3)
		return;
	usage->ticks += user + system;
	usage->resident += (u64)pages * sysconf(_SC_PAGESIZE);
	usage->processes++;
}

struct control_usage control__usage(void)
{
	struct control_usage usage = { 0 };
	static int waiting[PROCESSES_MOST];
	unsigned n = 0;

	waiting[n++] = getpid();
	for (unsigned i = 0; i < n; i++) {
		add_process(&usage, waiting[i]);
		n += children(waiting[i], waiting + n, PROCESSES_MOST - n);
	}
	return usage;
}

/* The second number of schedstat: it was runnable, and had no processor. */
u64 control__stolen_ns(const struct monitor *m, unsigned core)
{
	int process[BOARD_CORES_MAX];
	unsigned long long waited = 0;
	char path[64];
	FILE *f;

	control__cores(m, process);
	snprintf(path, sizeof(path), "/proc/%d/schedstat", process[core]);
	f = fopen(path, "re");
	if (f && fscanf(f, "%*u %llu", &waited) != 1)
		waited = 0;
	if (f)
		fclose(f);
	return waited;
}

/* --- What they have counted --- */

static void count_for(struct monitor *m, u64 ns)
{
	m->counted_ns = clock__now_ns() + ns;
	tracing__count(m->vm, true);
}

void control__look_at_counting(struct monitor *m)
{
	if (!m->counted_ns || clock__now_ns() < m->counted_ns)
		return;
	m->counted_ns = 0;
	tracing__count(m->vm, false);
}

static cJSON *describe_core(const struct monitor *m, unsigned core)
{
	const struct vcpu *v = m->vm->vcpu[core];
	cJSON *row = cJSON_CreateObject(), *taken;

	cJSON_AddBoolToObject(row, "idle", v->waiting || v->parked);
	cJSON_AddNumberToObject(row, "interpreted", v->interpreted);
	cJSON_AddNumberToObject(row, "tlb-refills", v->refills);
	cJSON_AddNumberToObject(row, "stolen-ns", control__stolen_ns(m, core));
	taken = cJSON_AddObjectToObject(row, "exceptions");
	for (unsigned i = 0; i < EXC_CODES; i++)
		if (v->exceptions[i])
			cJSON_AddNumberToObject(taken, exception__name(i), v->exceptions[i]);
	return row;
}

static void describe_sum(cJSON *to, const char *name, u64 count, u64 ns)
{
	cJSON *row = cJSON_AddObjectToObject(to, name);

	cJSON_AddNumberToObject(row, "count", count);
	cJSON_AddNumberToObject(row, "ns", ns);
}

/* With --stats and --profile they are counted, and while a client asks for that. */
static void describe_exits(const struct vm *vm, cJSON *to)
{
	const struct stats *s;
	cJSON *exits;

	s = stats__all(vm);
	exits = cJSON_AddObjectToObject(to, "exits");
	for (unsigned i = 0; i < HOST_EXITS; i++)
		if (s->exits[i].count && host__exit_names[i]) {
			cJSON *row = cJSON_AddObjectToObject(exits, host__exit_names[i]);

			cJSON_AddNumberToObject(row, "count", s->exits[i].count);
			cJSON_AddNumberToObject(row, "ns", s->exits[i].ns);
			cJSON_AddNumberToObject(row, "min-ns", s->exits[i].min_ns);
			cJSON_AddNumberToObject(row, "max-ns", s->exits[i].max_ns);
		}
	describe_sum(to, "waits", s->waits.count, s->waits.ns);
	describe_sum(to, "handoffs", s->handoffs.count, s->handoffs.ns);
}

int control__stats(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;
	const cJSON *count = cJSON_GetObjectItemCaseSensitive(arguments, "count");
	const struct control_usage usage = control__usage();
	cJSON *cores;

	if (count && cJSON_IsTrue(count))
		count_for(m, COUNT_NS);
	a->value = cJSON_CreateObject();
	cJSON_AddNumberToObject(a->value, "pid", getpid());
	cJSON_AddNumberToObject(a->value, "processes", usage.processes);
	cJSON_AddNumberToObject(a->value, "cpu-ms", usage.ticks * 1000 / sysconf(_SC_CLK_TCK));
	cJSON_AddNumberToObject(a->value, "resident", usage.resident);
	cJSON_AddNumberToObject(a->value, "memory", m->vm->options.memory);
	cJSON_AddNumberToObject(a->value, "csr-accesses", m->vm->state->csr_accesses);
	describe_exits(m->vm, a->value);
	cores = cJSON_AddArrayToObject(a->value, "cores");
	for (unsigned i = 0; i < m->vm->options.cpus; i++)
		cJSON_AddItemToArray(cores, describe_core(m, i));
	return 0;
}
