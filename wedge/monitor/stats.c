/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exit statistics, in the shape people know from `perf kvm stat`.
 */
#include <stdlib.h>

#include "wedge/monitor/stats.h"
#include "wedge/monitor/vm.h"

#define PROBES		32
#define HOTTEST		20

static void count_place(struct stats_places *places, u64 pc, u32 reason, u32 count)
{
	size_t hash = (pc >> 2) * 0x9e3779b97f4a7c15ull >> (64 - STATS_PCS_BITS);

	for (unsigned i = 0; i < PROBES; i++, hash++) {
		size_t s = hash & (STATS_PCS - 1);

		if (places->slot[s].count && (places->slot[s].pc != pc || places->slot[s].reason != reason))
			continue;
		places->slot[s].pc = pc;
		places->slot[s].reason = reason;
		places->slot[s].count += count;
		return;
	}
	places->lost += count;
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
	count_place(&stats->places, pc, reason, 1);
}

void stats__interpreted(struct stats *stats, enum host_why why, u64 pc, u64 count)
{
	stats->interpreted[why] += count;
	if (why != HOST_WHY_BEGUN)
		count_place(&stats->interpreted_places, pc, why, count);
}

void stats__waited(struct stats *stats, bool for_user, u64 ns)
{
	if (for_user) {
		stats->handoffs.count++;
		stats->handoffs.ns += ns;
	} else {
		stats->waits.count++;
		stats->waits.ns += ns;
	}
}

/* Only what has one of the first `reasons`: each core writes its own as it likes. */
static void add_places(struct stats_places *sum, const struct stats_places *places, unsigned reasons)
{
	for (size_t i = 0; i < STATS_PCS; i++) {
		const u64 pc = places->slot[i].pc;
		const u32 count = places->slot[i].count, reason = __atomic_load_n(&places->slot[i].reason, __ATOMIC_RELAXED);

		if (count && reason < reasons)
			count_place(sum, pc, reason, count);
	}
	sum->lost += places->lost;
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
	for (unsigned i = 0; i < HOST_WHYS; i++)
		sum->interpreted[i] += s->interpreted[i];
	add_places(&sum->places, &s->places, HOST_EXITS);
	add_places(&sum->interpreted_places, &s->interpreted_places, HOST_WHYS);
	sum->waits.count += s->waits.count;
	sum->waits.ns += s->waits.ns;
	sum->handoffs.count += s->handoffs.count;
	sum->handoffs.ns += s->handoffs.ns;
	sum->generated += s->generated;
	sum->generated_ns += s->generated_ns;
}

const struct stats *stats__all(const struct vm *vm)
{
	static struct stats sum;

	/* The first user program starts on core 0. */
	sum = (struct stats){ .user_seen = vm->stats[0].user_seen, .first_user_sigill = vm->stats[0].first_user_sigill };
	for (unsigned i = 0; i < vm->options.cpus; i++)
		add(&sum, &vm->stats[i]);
	return &sum;
}

static void print_exits(const struct stats *s, FILE *out)
{
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

/* Those whose reason is one of the first `reasons`. */
static void print_hottest(struct vm *vm, const struct stats_places *places, const char *const *names, unsigned reasons, FILE *out)
{
	bool *shown = calloc(STATS_PCS, sizeof(*shown));

	if (!shown)
		return;
	for (unsigned n = 0; n < HOTTEST; n++) {
		size_t best = STATS_PCS;
		const char *symbol;
		u64 offset;

		for (size_t i = 0; i < STATS_PCS; i++)
			if (!shown[i] && places->slot[i].count && places->slot[i].reason < reasons &&
			    (best == STATS_PCS || places->slot[i].count > places->slot[best].count))
				best = i;
		if (best == STATS_PCS)
			break;
		shown[best] = true;
		symbol = vm__symbolize(vm, places->slot[best].pc, &offset);
		fprintf(out, "%10u %-12s %#014llx  %s+%#llx\n", places->slot[best].count, names[places->slot[best].reason],
			(unsigned long long)places->slot[best].pc, symbol, (unsigned long long)offset);
	}
	if (places->lost)
		fprintf(out, "%10llu at places not counted singly\n", (unsigned long long)places->lost);
	free(shown);
}

/* Of the guest's kernel, where it runs natively. */
static void print_interpreted(struct vm *vm, const struct stats *s, FILE *out)
{
	u64 total = 0;

	for (unsigned i = 0; i < HOST_WHYS; i++)
		total += s->interpreted[i];
	if (!total)
		return;
	fprintf(out, "\n%-18s %10s %8s\n", "interpreted", "count", "count%");
	for (unsigned i = 0; i < HOST_WHYS; i++)
		if (s->interpreted[i])
			fprintf(out, "%-18s %10llu %7.2f%%\n", host__why_names[i], (unsigned long long)s->interpreted[i],
				100.0 * s->interpreted[i] / total);
	fprintf(out, "%-18s %10llu\n\nmost interpreted:\n", "total", (unsigned long long)total);
	print_hottest(vm, &s->interpreted_places, host__why_names, HOST_WHYS, out);
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
		reached += vm->plan.sites[i].dead && vm->poisoned[i];
	}
	fprintf(out, "registers poisoned: %llu, at %zu of the %zu sites that leave any dead\n",
		(unsigned long long)vm->state->poisoned, reached, dead);
}

static void print_vcpu(const struct vm *vm, unsigned core, FILE *out)
{
	const struct vcpu *v = vm->vcpu[core];
	const u64 jumps = host__vcpu_page(vm->host, core)->sites.calls;

	if (vm->options.cpus > 1)
		fprintf(out, "core %u: ", core);
	fprintf(out, "interpreted instructions: %llu; TLB refills: %llu\nguest exceptions:",
		(unsigned long long)v->interpreted, (unsigned long long)v->refills);
	for (unsigned i = 0; i < EXC_CODES; i++)
		if (v->exceptions[i])
			fprintf(out, " %s %llu", exception__name(i), (unsigned long long)v->exceptions[i]);
	if (jumps)
		fprintf(out, "; system calls that were jumps: %llu", (unsigned long long)jumps);
	fprintf(out, "\n");
}

void stats__print(struct vm *vm, FILE *out)
{
	const struct stats *s = stats__all(vm);

	fprintf(out, "\n");
	print_exits(s, out);
	fprintf(out, "\nhottest places:\n");
	print_hottest(vm, &s->places, host__exit_names, HOST_EXIT_USER_SYSCALL, out);
	print_interpreted(vm, s, out);
	print_sites(vm, out);
	fprintf(out, "CSR accesses: %llu\n", (unsigned long long)vm->state->csr_accesses);
	print_blocks(vm, out);
	print_poisoned(vm, out);
	for (unsigned i = 0; i < vm->options.cpus; i++)
		print_vcpu(vm, i, out);
}
