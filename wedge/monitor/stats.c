/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exit statistics, in the shape people know from `perf kvm stat`.
 */
#include <stdlib.h>

#include "wedge/monitor/stats.h"
#include "wedge/monitor/vm.h"

#define PROBES		8
#define HOTTEST		20

static void count_place(struct stats *stats, u64 pc, u32 reason, u32 count)
{
	size_t slot = (pc >> 2) * 0x9e3779b97f4a7c15ull >> 50;

	for (unsigned i = 0; i < PROBES; i++, slot++) {
		size_t s = slot & (STATS_PCS - 1);

		if (stats->pcs[s].count && (stats->pcs[s].pc != pc || stats->pcs[s].reason != reason))
			continue;
		stats->pcs[s].pc = pc;
		stats->pcs[s].reason = reason;
		stats->pcs[s].count += count;
		return;
	}
	stats->pcs_lost += count;
}

void stats__exit(struct stats *stats, unsigned reason, u64 pc, u64 ns, bool generated)
{
	if (!stats->user_seen && reason >= HOST_EXIT_USER_SYSCALL) {
		stats->user_seen = true;
		stats->first_user_sigill = stats->exits[HOST_EXIT_SIGILL].count;
	}
	if (!stats->exits[reason].count || ns < stats->exits[reason].min_ns)
		stats->exits[reason].min_ns = ns;
	if (ns > stats->exits[reason].max_ns)
		stats->exits[reason].max_ns = ns;
	stats->generated += generated;
	stats->generated_ns += generated ? ns : 0;
	stats->exits[reason].count++;
	stats->exits[reason].ns += ns;
	count_place(stats, pc, reason, 1);
}

static void add(struct stats *sum, const struct stats *s)
{
	for (unsigned i = 0; i < HOST_EXITS; i++) {
		if (!s->exits[i].count)
			continue;
		if (!sum->exits[i].count || s->exits[i].min_ns < sum->exits[i].min_ns)
			sum->exits[i].min_ns = s->exits[i].min_ns;
		if (s->exits[i].max_ns > sum->exits[i].max_ns)
			sum->exits[i].max_ns = s->exits[i].max_ns;
		sum->exits[i].count += s->exits[i].count;
		sum->exits[i].ns += s->exits[i].ns;
	}
	for (size_t i = 0; i < STATS_PCS; i++)
		if (s->pcs[i].count)
			count_place(sum, s->pcs[i].pc, s->pcs[i].reason, s->pcs[i].count);
	sum->generated += s->generated;
	sum->generated_ns += s->generated_ns;
	sum->pcs_lost += s->pcs_lost;
}

const struct stats *stats__all(const struct vm *vm)
{
	static struct stats sum;

	if (!vm->several)
		return vm->stats;
	/* The first user program starts on core 0. */
	sum = (struct stats){ .user_seen = vm->stats[0].user_seen, .first_user_sigill = vm->stats[0].first_user_sigill };
	for (unsigned i = 0; i < vm->options.cpus; i++)
		add(&sum, &vm->stats[i]);
	return &sum;
}

static void print_exits(const struct vm *vm, FILE *out)
{
	const struct stats *s = stats__all(vm);
	u64 total_ns = 0, total = 0;

	for (unsigned i = 0; i < HOST_EXITS; i++) {
		total_ns += s->exits[i].ns;
		total += s->exits[i].count;
	}
	fprintf(out, "%-18s %10s %8s %8s %12s %12s %12s\n", "exit", "count", "count%", "time%", "min us", "max us",
		"avg us");
	for (unsigned i = 0; i < HOST_EXITS; i++) {
		u64 n = s->exits[i].count;

		if (n)
			fprintf(out, "%-18s %10llu %7.2f%% %7.2f%% %12.2f %12.2f %12.2f\n", host__exit_names[i],
				(unsigned long long)n, 100.0 * n / total, total_ns ? 100.0 * s->exits[i].ns / total_ns : 0,
				s->exits[i].min_ns / 1e3, s->exits[i].max_ns / 1e3, s->exits[i].ns / 1e3 / n);
	}
	fprintf(out, "%-18s %10llu\n", "total", (unsigned long long)total);
	fprintf(out, "%-18s %10llu %7.2f%% %7.2f%%\n", "in generated code", (unsigned long long)s->generated,
		total ? 100.0 * s->generated / total : 0, total_ns ? 100.0 * s->generated_ns / total_ns : 0);
	if (s->user_seen)
		fprintf(out, "SIGILL exits up to the first user program: %llu\n", (unsigned long long)s->first_user_sigill);
}

static void print_hottest(struct vm *vm, FILE *out)
{
	const struct stats *s = stats__all(vm);
	bool *shown = calloc(STATS_PCS, sizeof(*shown));

	if (!shown)
		return;
	fprintf(out, "\nhottest places:\n");
	for (unsigned n = 0; n < HOTTEST; n++) {
		size_t best = STATS_PCS;
		const char *symbol;
		u64 offset;

		for (size_t i = 0; i < STATS_PCS; i++)
			if (!shown[i] && s->pcs[i].count && s->pcs[i].reason < HOST_EXIT_USER_SYSCALL &&
			    (best == STATS_PCS || s->pcs[i].count > s->pcs[best].count))
				best = i;
		if (best == STATS_PCS)
			break;
		shown[best] = true;
		symbol = vm__symbolize(vm, s->pcs[best].pc, &offset);
		fprintf(out, "%10u %-12s %#014llx  %s+%#llx\n", s->pcs[best].count, host__exit_names[s->pcs[best].reason],
			(unsigned long long)s->pcs[best].pc, symbol, (unsigned long long)offset);
	}
	if (s->pcs_lost)
		fprintf(out, "%10llu at places not counted singly\n", (unsigned long long)s->pcs_lost);
	free(shown);
}

static void print_sites(const struct vm *vm, FILE *out)
{
	fprintf(out, "\nsites: %zu", vm->plan.site_count);
	for (unsigned i = 0; i < BURN_WAYS; i++)
		if (vm->plan.counts[i])
			fprintf(out, ", %u %s", vm->plan.counts[i], burn__how_names[i]);
	fprintf(out, "; %zu regions\n", vm->plan.code.region_count);
	fprintf(out, "modules: %u loaded, %u of them interpreted, %u refused; their places in the code cache: %u now, %u at most\n",
		vm->state->modules.loaded, vm->state->modules.interpreted, vm->state->modules.refused, vm->state->modules.numbers,
		vm->state->modules.numbers_most);
}

static void print_blocks(const struct vm *vm, FILE *out)
{
	const struct blocks *b = vm->blocks;

	if (b)
		fprintf(out, "blocks: %llu made of %llu instructions; %llu links, %llu calls; %llu forgotten, all of them %llu times\n",
			(unsigned long long)b->made_in_all, (unsigned long long)b->insns_in_all, (unsigned long long)b->linked,
			(unsigned long long)b->calls, (unsigned long long)b->forgotten, (unsigned long long)b->filled);
}

static void print_poisoned(const struct vm *vm, FILE *out)
{
	size_t dead = 0, reached = 0;

	if (!vm->options.poison)
		return;
	for (size_t i = 0; i < vm->plan.site_count; i++) {
		dead += !!vm->plan.sites[i].dead;
		reached += vm->plan.sites[i].dead && vm->plan.sites[i].poisoned;
	}
	fprintf(out, "registers poisoned: %llu, at %zu of the %zu sites that leave any dead\n",
		(unsigned long long)vm->state->poisoned, reached, dead);
}

static void print_vcpu(const struct vm *vm, const struct vcpu *v, FILE *out)
{
	if (vm->options.cpus > 1)
		fprintf(out, "core %u: ", v->core);
	fprintf(out, "interpreted instructions: %llu, of them in generated code: %llu; TLB refills: %llu\nguest exceptions:",
		(unsigned long long)v->interpreted, (unsigned long long)v->interpreted_generated, (unsigned long long)v->refills);
	for (unsigned i = 0; i < EXC_CODES; i++)
		if (v->exceptions[i])
			fprintf(out, " %s %llu", exception__name(i), (unsigned long long)v->exceptions[i]);
	fprintf(out, "\n");
}

void stats__print(struct vm *vm, FILE *out)
{
	fprintf(out, "\n");
	print_exits(vm, out);
	print_hottest(vm, out);
	print_sites(vm, out);
	fprintf(out, "CSR accesses: %llu\n", (unsigned long long)vm->state->csr_accesses);
	print_blocks(vm, out);
	print_poisoned(vm, out);
	for (unsigned i = 0; i < vm->options.cpus; i++)
		print_vcpu(vm, vm->vcpu[i], out);
}
