// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/results.h"

#define PREFIX "bench: "

const struct row_name row_names[ROWS] = {
	[ROW_BOOT] = { "boot", STARTING, "the kernel, to its first program" },
	[ROW_START] = { "start", STARTING, "the same, with what starts it" },
#define OPERATION(name, group, what) [ROW_##name] = { #name, group, what },
#include "bench/operations.def"
#undef OPERATION
#define PROGRAM(name, what, before, commands) [ROW_##name] = { #name, PROGRAMS, what },
#include "bench/programs.def"
#undef PROGRAM
};

static struct system *system_of(struct results *r, const char *name, const char *label)
{
	for (size_t i = 0; i < r->count; i++)
		if (!strcmp(r->systems[i].name, name))
			return &r->systems[i];
	if (r->count == SYSTEMS_MAX)
		return NULL;
	r->systems[r->count] = (struct system){ .name = name, .label = label };
	return &r->systems[r->count++];
}

static double least(double a, double b)
{
	return a < b ? a : b;
}

static double most(double a, double b)
{
	return a > b ? a : b;
}

static void add(struct figure *f, double median, double lowest, double highest)
{
	if (!f->runs)
		*f = (struct figure){ 0, 0, lowest, highest, median, median };
	f->value = (f->value * f->runs + median) / (f->runs + 1);
	f->runs++;
	f->lowest = least(f->lowest, lowest);
	f->highest = most(f->highest, highest);
	f->least = least(f->least, median);
	f->most = most(f->most, median);
}

/* The part of a line behind the prefix; returns -1 if it says nothing that we know. */
static int parse(struct system *s, const char *text, bool *ended)
{
	double median, lowest, highest;
	char name[32], rest;
	int words = sscanf(text, "%31s %lf %lf %lf %*u %*u %c", name, &median, &lowest, &highest, &rest);

	if (!strcmp(text, "end")) {
		*ended = true;
		return 0;
	}
	if (sscanf(text, "kernel %63s", s->kernel) == 1)
		return 0;
	if (words == 2)
		lowest = highest = median;
	for (int row = 0; words >= 2 && row < ROWS; row++) {
		if (strcmp(name, row_names[row].name))
			continue;
		if (words != (row_names[row].group == STARTING ? 2 : 4) || !(lowest >= 0) || !(median >= lowest) ||
		    !(highest >= median))
			return -1;
		add(&s->figures[row], median, lowest, highest);
		return 0;
	}
	return -1;
}

static int parse_file(struct system *s, const char *file, FILE *in)
{
	char line[512];
	bool ended = false;

	for (unsigned number = 1; fgets(line, sizeof(line), in); number++) {
		line[strcspn(line, "\r\n")] = 0;
		if (strncmp(line, PREFIX, strlen(PREFIX)))
			continue;
		if (parse(s, line + strlen(PREFIX), &ended)) {
			fprintf(stderr, "report: %s:%u: no result: %s\n", file, number, line);
			return -1;
		}
	}
	if (!ended) {
		fprintf(stderr, "report: %s: the run did not come to its end, a line '" PREFIX "end'\n", file);
		return -1;
	}
	return 0;
}

int results__add(struct results *r, const char *name, const char *label, const char *file)
{
	struct system *s = system_of(r, name, label);
	FILE *in;
	int status;

	if (!s) {
		fprintf(stderr, "report: more than %d systems\n", SYSTEMS_MAX);
		return -1;
	}
	in = fopen(file, "r");
	if (!in) {
		fprintf(stderr, "report: %s: %s\n", file, strerror(errno));
		return -1;
	}
	status = parse_file(s, file, in);
	fclose(in);
	return status;
}

double results__ratio(const struct results *r, size_t system, enum row row)
{
	const struct figure *base = &r->systems[0].figures[row], *f = &r->systems[system].figures[row];

	return base->runs && f->runs && base->value > 0 ? f->value / base->value : 0;
}

double figure__difference(const struct figure *f)
{
	return f->least > 0 ? f->most / f->least - 1 : 0;
}

double figure__spread(const struct figure *f)
{
	return f->value > 0 ? (f->highest - f->lowest) / f->value : 0;
}

const char *with_commas(double value, char text[40])
{
	char plain[32];
	size_t length, out = 0;

	if (value < 100) {
		snprintf(text, 40, "%.1f", value);
		return text;
	}
	length = snprintf(plain, sizeof(plain), "%.0f", value);
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			text[out++] = ',';
		text[out++] = plain[i];
	}
	text[out] = 0;
	return text;
}
