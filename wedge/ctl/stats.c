// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * stats and metrics: what VMs have counted. Whatever a VM says is printed as a number, or as printable text.
 */
#include <stdio.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/ctl/client.h"
#include "wedge/ctl/ctl.h"

#define CORES_MOST	64

static double interpreted(const cJSON *stats)
{
	const cJSON *core;
	double sum = 0;

	cJSON_ArrayForEach(core, cJSON_GetObjectItemCaseSensitive(stats, "cores"))
		sum += ctl__number(core, "interpreted");
	return sum;
}

static double exceptions(const cJSON *core)
{
	const cJSON *value;
	double sum = 0;

	cJSON_ArrayForEach(value, cJSON_GetObjectItemCaseSensitive(core, "exceptions"))
		sum += cJSON_IsNumber(value) ? value->valuedouble : 0;
	return sum;
}

static void show(const cJSON *stats)
{
	const cJSON *core;
	int i = 0;

	printf("monitor %.0f, %.0f processes, %.1f s of the host's processors\n", ctl__number(stats, "pid"), ctl__number(stats, "processes"),
	       ctl__number(stats, "cpu-ms") / 1000);
	printf("memory %.0f MB, resident %.1f MB; CSR accesses %.0f\n", ctl__number(stats, "memory") / (1 << 20),
	       ctl__number(stats, "resident") / (1 << 20), ctl__number(stats, "csr-accesses"));
	cJSON_ArrayForEach(core, cJSON_GetObjectItemCaseSensitive(stats, "cores"))
		printf("core %2d %-5s %14.0f interpreted %10.0f exceptions %10.0f TLB refills\n", i++,
		       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(core, "idle")) ? "idle" : "busy", ctl__number(core, "interpreted"),
		       exceptions(core), ctl__number(core, "tlb-refills"));
}

static const cJSON *core_of(const cJSON *stats, int i)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(stats, "cores"), i);
}

/* How much more a row of `before`, found by its name, has of it now. */
static double since(const cJSON *row, const cJSON *before, const char *what)
{
	const double n = ctl__number(row, what) - ctl__number(row && row->string ? cJSON_GetObjectItemCaseSensitive(before, row->string) : NULL, what);

	return n > 0 ? n : 0;
}

/* What is printed of a VM's answer. */
static bool is_word(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text >= 0x7f)
			return false;
	return true;
}

/* Since the look before: in a second. */
static void show_rates(const char *name, const cJSON *now, const cJSON *before, double seconds)
{
	const int cores = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(now, "cores"));
	const char *clear = isatty(STDOUT_FILENO) ? "\033[H\033[J" : "";

	printf("%s%s: %.1f %% of a processor, resident %.1f of %.0f MB, %.0f processes, %.1f M instructions/s interpreted, %.0f CSR accesses/s\n", clear,
	       name, (ctl__number(now, "cpu-ms") - ctl__number(before, "cpu-ms")) / 10 / seconds, ctl__number(now, "resident") / (1 << 20),
	       ctl__number(now, "memory") / (1 << 20), ctl__number(now, "processes"), (interpreted(now) - interpreted(before)) / 1e6 / seconds,
	       (ctl__number(now, "csr-accesses") - ctl__number(before, "csr-accesses")) / seconds);
	for (int i = 0; i < cores && i < CORES_MOST; i++) {
		const cJSON *core = core_of(now, i), *was = core_of(before, i);

		printf("core %2d %-5s %12.0f interpreted/s %10.0f exceptions/s %10.0f TLB refills/s %5.1f %% stolen\n", i,
		       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(core, "idle")) ? "idle" : "busy",
		       (ctl__number(core, "interpreted") - ctl__number(was, "interpreted")) / seconds, (exceptions(core) - exceptions(was)) / seconds,
		       (ctl__number(core, "tlb-refills") - ctl__number(was, "tlb-refills")) / seconds,
		       (ctl__number(core, "stolen-ns") - ctl__number(was, "stolen-ns")) / 1e7 / seconds);
	}
}

/*
 * Exits by reason, as `perf kvm stat live` has them: how many since the look before, their share of the time of all, and what one has taken on average
 * since then; the least and the most are of all so far.
 */
static void show_exits(const cJSON *now, const cJSON *before, double seconds)
{
	const cJSON *exits = cJSON_GetObjectItemCaseSensitive(now, "exits"), *then = cJSON_GetObjectItemCaseSensitive(before, "exits"), *row;
	double total = 0;

	cJSON_ArrayForEach(row, exits)
		total += since(row, then, "ns");
	if (total)
		printf("\n%-18s %10s %8s %8s %12s %12s %12s\n", "exit", "count", "/s", "time%", "min us", "max us", "avg us");
	cJSON_ArrayForEach(row, exits) {
		const double count = since(row, then, "count"), ns = since(row, then, "ns");

		if (count > 0 && is_word(row->string))
			printf("%-18s %10.0f %8.0f %7.2f%% %12.2f %12.2f %12.2f\n", row->string, count, count / seconds, 100 * ns / total,
			       ctl__number(row, "min-ns") / 1e3, ctl__number(row, "max-ns") / 1e3, ns / 1e3 / count);
	}
}

static void show_sums(const cJSON *now, const cJSON *before, double seconds)
{
	static const char *const sum[][2] = { { "waits", "asleep" }, { "handoffs", "in guest programs" } };

	for (unsigned i = 0; i < 2; i++) {
		const cJSON *row = cJSON_GetObjectItemCaseSensitive(now, sum[i][0]);
		const double count = since(row, before, "count"), ns = since(row, before, "ns");

		if (count > 0)
			printf("%-18s %10.0f %8.0f %7.2f%% of a core %29.2f\n", sum[i][1], count, count / seconds, ns / 1e7 / seconds, ns / 1e3 / count);
	}
}

static cJSON *ask(int fd, bool count, struct complaint *c)
{
	cJSON *answer, *value;

	if (!count)
		return client__do(fd, "x-afterburn-stats", c);
	answer = client__ask(fd, "{\"execute\":\"x-afterburn-stats\",\"arguments\":{\"count\":true}}", false, c);
	value = cJSON_DetachItemFromObjectCaseSensitive(answer, "return");
	if (answer && !value)
		complain(c, "the VM answers with no value");
	cJSON_Delete(answer);
	return value;
}

int ctl__stats(int fd, const char *name, bool live, struct complaint *c)
{
	cJSON *before = ask(fd, live, c), *now;
	u64 then = clock__now_ns(), ns;

	if (!before)
		return -1;
	if (!live)
		show(before);
	while (live && !ferror(stdout)) {
		sleep(1);
		now = ask(fd, true, c);
		if (!now)
			break;		/* the VM has ended, as such things do */
		ns = clock__now_ns();
		show_rates(name, now, before, (ns - then) / 1e9);
		show_exits(now, before, (ns - then) / 1e9);
		show_sums(now, before, (ns - then) / 1e9);
		fflush(stdout);
		cJSON_Delete(before);
		before = now;
		then = ns;
	}
	cJSON_Delete(before);
	return 0;
}

/* --- metrics --- */

int ctl__metrics(int fd, struct complaint *c)
{
	cJSON *value = client__do(fd, "x-afterburn-metrics", c);
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(value, "text");

	if (!value)
		return -1;
	for (const char *p = cJSON_IsString(text) ? text->valuestring : ""; *p; p++)
		putchar(*p == '\n' || (*p >= ' ' && *p < 0x7f) ? *p : '?');
	cJSON_Delete(value);
	return 0;
}
