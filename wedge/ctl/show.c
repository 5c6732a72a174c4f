// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * list, dmesg, ps and backtrace: what is shown of VMs (stats: stats.c). Whatever a VM says is printed as a number or a word of our own; of its kernel's
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

#define ANSWERS_MOST	10000		/* of a log: a guest could write one faster than we read it */

double ctl__number(const cJSON *object, const char *name)
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

		print_record(ctl__number(record, "ns"), cJSON_IsString(text) ? text->valuestring : "");
	}
	n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(log, "records"));
	*from = ctl__number(log, "next");
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

/* --- ps --- */

static void print_text(const cJSON *value)
{
	for (const char *p = cJSON_IsString(value) ? value->valuestring : "?"; *p; p++)
		putchar(*p >= ' ' && *p < 0x7f ? *p : '?');
}

static void print_task(const cJSON *row)
{
	const cJSON *core = cJSON_GetObjectItemCaseSensitive(row, "core");
	const double depth = ctl__number(row, "depth");

	printf("%8.0f ", ctl__number(row, "pid"));
	print_text(cJSON_GetObjectItemCaseSensitive(row, "state"));
	if (cJSON_IsNumber(core))
		printf(" %4.0f ", core->valuedouble);
	else
		printf("    - ");
	for (unsigned i = 0; i < depth && i < 40; i++)
		fputs("  ", stdout);
	print_text(cJSON_GetObjectItemCaseSensitive(row, "name"));
	putchar('\n');
}

int ctl__ps(int fd, struct complaint *c)
{
	double from = 0;
	int n = 1;

	printf("%8s S CORE COMMAND\n", "PID");
	for (unsigned i = 0; n > 0 && i < ANSWERS_MOST; i++) {
		char message[128];
		const cJSON *value, *row;
		cJSON *answer;

		snprintf(message, sizeof(message), "{\"execute\":\"x-afterburn-ps\",\"arguments\":{\"from\":%.0f}}", from);
		answer = client__ask(fd, message, false, c);
		if (!answer)
			return -1;
		value = cJSON_GetObjectItemCaseSensitive(answer, "return");
		cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(value, "tasks"))
			print_task(row);
		n = cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(value, "tasks"));
		from = ctl__number(value, "next");
		cJSON_Delete(answer);
	}
	return 0;
}

/* --- backtrace --- */

int ctl__backtrace(int fd, struct complaint *c)
{
	cJSON *value = client__do(fd, "x-afterburn-backtrace", c);
	const cJSON *core, *frame;
	int n = 0;

	if (!value)
		return -1;
	cJSON_ArrayForEach(core, cJSON_GetObjectItemCaseSensitive(value, "cores")) {
		printf("core %d: %.0f ", n++, ctl__number(core, "pid"));
		print_text(cJSON_GetObjectItemCaseSensitive(core, "name"));
		puts(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(core, "user")) ? ", in a program" : "");
		cJSON_ArrayForEach(frame, cJSON_GetObjectItemCaseSensitive(core, "frames")) {
			fputs("  ", stdout);
			print_text(frame);
			putchar('\n');
		}
	}
	cJSON_Delete(value);
	return 0;
}
