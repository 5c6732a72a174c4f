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
#include "wedge/monitor/processes.h"
#include "wedge/monitor/tracing.h"

#define COUNT_NS		5000000000ull	/* for which exits are counted when a client has asked for it */

int control__query_cpus(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	int core[BOARD_CORES_MAX];

	processes__of_cores(m, core);
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
	cJSON_AddNumberToObject(row, "stolen-ns", m->stolen[core].ns);
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
	const struct processes_usage usage = processes__usage();
	cJSON *cores;

	processes__count_stolen(m, PROCESSES_AGE_NS);
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
