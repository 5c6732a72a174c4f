// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-stats.h. What cores have counted is in VM memory, and may be rubbish: see stats.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wedge/monitor/control-stats.h"
#include "wedge/monitor/monitor.h"

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
int control__query_cpus(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	int core[BOARD_CORES_MAX] = { 0 };

	if (m->vm->several)
		children(m->vcpu, core + 1, BOARD_CORES_MAX - 1);
	a->value = cJSON_CreateArray();
	for (unsigned i = 0; i < m->vm->options.cpus; i++) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddNumberToObject(row, "cpu-index", i);
		cJSON_AddStringToObject(row, "qom-path", "/machine");
		cJSON_AddNumberToObject(row, "thread-id", core[i] ? core[i] : m->vcpu);
		cJSON_AddStringToObject(row, "target", m->vm->image.little_endian ? "mips64el" : "mips64");
		cJSON_AddItemToArray(a->value, row);
	}
	return 0;
}

struct usage {
	u64 ticks;			/* of processors */
	u64 resident;			/* bytes; of shared pages each process counts its own */
	unsigned processes;
};

static void add_process(struct usage *usage, int process)
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

/* A process and all that it has made. */
static struct usage measure(int process)
{
	struct usage usage = { 0 };
	static int waiting[PROCESSES_MOST];
	unsigned n = 0;

	waiting[n++] = process;
	for (unsigned i = 0; i < n; i++) {
		add_process(&usage, waiting[i]);
		n += children(waiting[i], waiting + n, PROCESSES_MOST - n);
	}
	return usage;
}

/* --- What they have counted --- */

static cJSON *describe_core(const struct vm *vm, unsigned core)
{
	const struct vcpu *v = vm->vcpu[core];
	cJSON *row = cJSON_CreateObject(), *taken;

	cJSON_AddBoolToObject(row, "idle", v->waiting || v->parked);
	cJSON_AddNumberToObject(row, "interpreted", v->interpreted);
	cJSON_AddNumberToObject(row, "tlb-refills", v->refills);
	taken = cJSON_AddObjectToObject(row, "exceptions");
	for (unsigned i = 0; i < EXC_CODES; i++)
		if (v->exceptions[i])
			cJSON_AddNumberToObject(taken, exception__name(i), v->exceptions[i]);
	return row;
}

/* Only with --stats and --profile are they counted. */
static void describe_exits(const struct vm *vm, cJSON *to)
{
	const struct stats *s;
	cJSON *exits;

	if (!vm->options.stats && !vm->options.profile)
		return;
	s = stats__all(vm);
	exits = cJSON_AddObjectToObject(to, "exits");
	for (unsigned i = 0; i < HOST_EXITS; i++)
		if (s->exits[i].count)
			cJSON_AddNumberToObject(exits, host__exit_names[i], s->exits[i].count);
}

int control__stats(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	const struct usage usage = measure(getpid());
	cJSON *cores;

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
		cJSON_AddItemToArray(cores, describe_core(m->vm, i));
	return 0;
}
