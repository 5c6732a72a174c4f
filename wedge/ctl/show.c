// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list, stats and dmesg: what is shown of VMs. Whatever a VM says is printed as a number or a word of our own; of its kernel's
 * log what is printable.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/control/place.h"
#include "wedge/ctl/client.h"
#include "wedge/ctl/ctl.h"

#define CORES_MOST	64
#define ANSWERS_MOST	10000		/* of a log: a guest could write one faster than we read it */

static double number(const cJSON *object, const char *name)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsNumber(value) ? value->valuedouble : 0;
}

/* --- list --- */

static void show_one(const char *name)
{
	struct control_place place;
	struct complaint c;
	cJSON *status = NULL;
	const cJSON *running;
	int fd, holder;

	if (place__find(&place, name, NULL, false, &c))
		return;
	holder = place__holder(&place);
	if (!holder)
		return;
	fd = client__open(name, &c);
	if (fd >= 0) {
		status = client__do(fd, "query-status", &c);
		close(fd);
	}
	running = cJSON_GetObjectItemCaseSensitive(status, "running");
	printf("%-24s %8d %s\n", name, holder, !status ? "does not answer" : cJSON_IsTrue(running) ? "running" : "paused");
	cJSON_Delete(status);
}

int ctl__list(struct complaint *c)
{
	char path[SOCKET_PATH];
	struct dirent **entry;
	int n;

	if (place__folder(path, sizeof(path), false, c))
		return -1;
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0)
		return errno == ENOENT ? 0 : complain(c, "'%s': %s", path, strerror(errno));
	for (int i = 0; i < n; i++) {
		char *dot = strrchr(entry[i]->d_name, '.');

		if (dot && !strcmp(dot, PLACE_SOCKET)) {
			*dot = 0;
			show_one(entry[i]->d_name);
		}
		free(entry[i]);
	}
	free(entry);
	return 0;
}

/* --- stats --- */

static double interpreted(const cJSON *stats)
{
	const cJSON *core;
	double sum = 0;

	cJSON_ArrayForEach(core, cJSON_GetObjectItemCaseSensitive(stats, "cores"))
		sum += number(core, "interpreted");
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

	printf("monitor %.0f, %.0f processes, %.1f s of the host's processors\n", number(stats, "pid"), number(stats, "processes"),
	       number(stats, "cpu-ms") / 1000);
	printf("memory %.0f MB, resident %.1f MB; CSR accesses %.0f\n", number(stats, "memory") / (1 << 20),
	       number(stats, "resident") / (1 << 20), number(stats, "csr-accesses"));
	cJSON_ArrayForEach(core, cJSON_GetObjectItemCaseSensitive(stats, "cores"))
		printf("core %2d %-5s %14.0f interpreted %10.0f exceptions %10.0f TLB refills\n", i++,
		       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(core, "idle")) ? "idle" : "busy", number(core, "interpreted"),
		       exceptions(core), number(core, "tlb-refills"));
}

static const cJSON *core_of(const cJSON *stats, int i)
{
	return cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(stats, "cores"), i);
}

/* Since the look before: in a second. */
static void show_rates(const char *name, const cJSON *now, const cJSON *before, double seconds)
{
	const int cores = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(now, "cores"));
	const char *clear = isatty(STDOUT_FILENO) ? "\033[H\033[J" : "";

	printf("%s%s: %.1f %% of a processor, resident %.1f of %.0f MB, %.0f processes, %.1f M instructions/s interpreted, %.0f CSR accesses/s\n", clear,
	       name, (number(now, "cpu-ms") - number(before, "cpu-ms")) / 10 / seconds, number(now, "resident") / (1 << 20),
	       number(now, "memory") / (1 << 20), number(now, "processes"), (interpreted(now) - interpreted(before)) / 1e6 / seconds,
	       (number(now, "csr-accesses") - number(before, "csr-accesses")) / seconds);
	for (int i = 0; i < cores && i < CORES_MOST; i++) {
		const cJSON *core = core_of(now, i), *was = core_of(before, i);

		printf("core %2d %-5s %12.0f interpreted/s %10.0f exceptions/s %10.0f TLB refills/s\n", i,
		       cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(core, "idle")) ? "idle" : "busy",
		       (number(core, "interpreted") - number(was, "interpreted")) / seconds, (exceptions(core) - exceptions(was)) / seconds,
		       (number(core, "tlb-refills") - number(was, "tlb-refills")) / seconds);
	}
}

int ctl__stats(int fd, const char *name, bool live, struct complaint *c)
{
	cJSON *before = client__do(fd, "x-afterburn-stats", c), *now;
	u64 then = clock__now_ns(), ns;

	if (!before)
		return -1;
	if (!live)
		show(before);
	while (live && !ferror(stdout)) {
		sleep(1);
		now = client__do(fd, "x-afterburn-stats", c);
		if (!now)
			break;		/* the VM has ended, as such things do */
		ns = clock__now_ns();
		show_rates(name, now, before, (ns - then) / 1e9);
		fflush(stdout);
		cJSON_Delete(before);
		before = now;
		then = ns;
	}
	cJSON_Delete(before);
	return 0;
}

/* --- dmesg --- */

/* Each line of it with the time in front, as dmesg has it. */
static void print_record(double ns, const char *text)
{
	const unsigned long long us = ns >= 0 && ns < 1e19 ? ns / 1000 : 0;

	printf("[%5llu.%06llu] ", us / 1000000, us % 1000000);
	for (; *text; text++)
		if (*text == '\n')
			printf("\n[%5llu.%06llu] ", us / 1000000, us % 1000000);
		else
			putchar(*text == '\t' || (*text >= ' ' && *text < 0x7f) ? *text : '?');
	putchar('\n');
}

/* Returns how many records there were; -1 with a complaint. */
static int print_some(int fd, double *from, struct complaint *c)
{
	char message[128];
	cJSON *answer;
	const cJSON *log, *record;
	int n;

	snprintf(message, sizeof(message), "{\"execute\":\"x-afterburn-dmesg\",\"arguments\":{\"from\":%.0f}}", *from);
	answer = client__ask(fd, message, false, c);
	if (!answer)
		return -1;
	log = cJSON_GetObjectItemCaseSensitive(answer, "return");
	cJSON_ArrayForEach(record, cJSON_GetObjectItemCaseSensitive(log, "records")) {
		const cJSON *text = cJSON_GetObjectItemCaseSensitive(record, "text");

		print_record(number(record, "ns"), cJSON_IsString(text) ? text->valuestring : "");
	}
	n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(log, "records"));
	*from = number(log, "next");
	cJSON_Delete(answer);
	return n;
}

int ctl__dmesg(int fd, struct complaint *c)
{
	double from = 0;
	int n = 1;

	for (unsigned i = 0; n > 0 && i < ANSWERS_MOST; i++)
		n = print_some(fd, &from, c);
	return n < 0 ? -1 : 0;
}
