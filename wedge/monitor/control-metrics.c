// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What cores have counted and what the machine costs, in the text format of Prometheus (its "exposition format", version 0.0.4): families of
 * samples, each a name, labels and a number. All in VM memory is copied out as numbers; names are ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "wedge/monitor/control-stats.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/processes.h"
#include "wedge/monitor/tracing.h"

struct text {
	FILE *out;
	const char *vm;
};

static void family(const struct text *t, const char *name, const char *type, const char *help)
{
	fprintf(t->out, "# HELP afterburn_%s %s\n# TYPE afterburn_%s %s\n", name, help, name, type);
}

static void one(const struct text *t, const char *name, const char *type, const char *help, double value)
{
	family(t, name, type, help);
	fprintf(t->out, "afterburn_%s{vm=\"%s\"} %.17g\n", name, t->vm, value);
}

static void of_core(const struct text *t, const char *name, unsigned core, double value)
{
	fprintf(t->out, "afterburn_%s{vm=\"%s\",core=\"%u\"} %.17g\n", name, t->vm, core, value);
}

static void put_cores(const struct text *t, const struct monitor *m)
{
	const struct vm *vm = m->vm;

	family(t, "interpreted_instructions_total", "counter", "Instructions of the guest that were interpreted.");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		of_core(t, "interpreted_instructions_total", i, vm->vcpu[i]->interpreted);
	family(t, "tlb_refills_total", "counter", "TLB refill exceptions of the guest.");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		of_core(t, "tlb_refills_total", i, vm->vcpu[i]->refills);
	family(t, "idle", "gauge", "1: the core waits for an interrupt.");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		of_core(t, "idle", i, vm->vcpu[i]->waiting || vm->vcpu[i]->parked);
	family(t, "stolen_seconds_total", "counter", "Time for which the core could have run, and the host had no processor for it.");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		of_core(t, "stolen_seconds_total", i, m->stolen[i].ns / 1e9);
	family(t, "exceptions_total", "counter", "Exceptions that the guest has taken.");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		for (unsigned code = 0; code < EXC_CODES; code++)
			if (vm->vcpu[i]->exceptions[code])
				fprintf(t->out, "afterburn_exceptions_total{vm=\"%s\",core=\"%u\",exception=\"%s\"} %.17g\n", t->vm, i,
					exception__name(code), (double)vm->vcpu[i]->exceptions[code]);
}

static void put_exits(const struct text *t, const struct vm *vm)
{
	const struct stats *s = stats__all(vm);

	family(t, "exits_total", "counter", "Exits from native execution, while they are counted.");
	for (unsigned i = 0; i < HOST_EXITS; i++)
		if (s->exits[i].count && host__exit_names[i])
			fprintf(t->out, "afterburn_exits_total{vm=\"%s\",reason=\"%s\"} %.17g\n", t->vm, host__exit_names[i], (double)s->exits[i].count);
	family(t, "exit_seconds_total", "counter", "What the Wedge has spent on them.");
	for (unsigned i = 0; i < HOST_EXITS; i++)
		if (s->exits[i].count && host__exit_names[i])
			fprintf(t->out, "afterburn_exit_seconds_total{vm=\"%s\",reason=\"%s\"} %.17g\n", t->vm, host__exit_names[i], s->exits[i].ns / 1e9);
	one(t, "waits_total", "counter", "How often a core has slept, while that is counted.", s->waits.count);
	one(t, "wait_seconds_total", "counter", "For how long.", s->waits.ns / 1e9);
	one(t, "handoffs_total", "counter", "How often a core has handed over to a process for guest user code, while that is counted.", s->handoffs.count);
	one(t, "handoff_seconds_total", "counter", "And waited for it.", s->handoffs.ns / 1e9);
}

int control__metrics(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;
	const struct vm *vm = m->vm;
	const struct processes_usage usage = processes__usage();
	struct text t = { .vm = vm->options.name ? vm->options.name : "" };
	char *text = NULL;
	size_t size = 0;

	processes__count_stolen(m, PROCESSES_AGE_NS);
	t.out = open_memstream(&text, &size);
	if (!t.out)
		return complain(&a->error, "no memory for metrics");
	one(&t, "processes", "gauge", "Processes of the machine on the host.", usage.processes);
	one(&t, "cpu_seconds_total", "counter", "What they have had of the host's processors.", (double)usage.ticks / sysconf(_SC_CLK_TCK));
	one(&t, "resident_bytes", "gauge", "What they have of the host's memory.", usage.resident);
	one(&t, "memory_bytes", "gauge", "The guest's RAM.", vm->options.memory);
	one(&t, "csr_accesses_total", "counter", "Accesses to registers of the Board.", vm->state->csr_accesses);
	one(&t, "trace_records_total", "counter", "Records of trace points that were gathered.", tracing__records(vm));
	one(&t, "trace_lost_total", "counter", "And those that were not.", tracing__lost(vm));
	put_cores(&t, m);
	put_exits(&t, vm);
	if (fclose(t.out)) {
		free(text);
		return complain(&a->error, "no memory for metrics");
	}
	a->value = cJSON_CreateObject();
	cJSON_AddStringToObject(a->value, "text", text);
	free(text);
	return 0;
}
