// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Makes a table, JSON and a plot of what the benchmark program wrote:
 *
 *	report [--json FILE] [--svg FILE] [--about NAME=TEXT]... [--percent] NAME:LABEL:FILE...
 *
 * Each FILE is the console of one run of the system NAME; the first system is what the others are compared
 * with. The table goes to standard output, as Markdown. --percent compares by differences in percent instead of
 * ratios.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/results.h"

#define ABOUT_MAX 16

struct arguments {
	const char *json, *svg, *about[ABOUT_MAX];
	size_t abouts;
	bool percent;
};

static void print_comparison(const struct results *r, size_t i, enum row row, bool percent)
{
	double ratio = results__ratio(r, i, row);

	if (!ratio)
		printf(" |");
	else if (percent)
		printf(" %+.2f %% |", 100 * (ratio - 1));
	else
		printf(ratio < 0.1 ? " %.4f |" : ratio < 10 ? " %.2f |" : " %.0f |", ratio);
}

static bool measured(const struct results *r, enum row row)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->systems[i].figures[row].runs)
			return true;
	return false;
}

static void print_table(const struct results *r, bool percent)
{
	char text[40];

	printf("| instructions |");
	for (size_t i = 0; i < r->count; i++)
		printf(" %s |%s", r->systems[i].label, !i ? "" : percent ? " more |" : " ratio |");
	printf("\n|---|");
	for (size_t i = 0; i < r->count; i++)
		printf("--:|%s", i ? "--:|" : "");
	printf("\n");
	for (enum row row = 0; row < ROWS; row++) {
		if (!measured(r, row))
			continue;
		printf("| %s |", row_names[row].what);
		for (size_t i = 0; i < r->count; i++) {
			const struct figure *f = &r->systems[i].figures[row];

			printf(" %s |", f->runs ? with_commas(f->value, text) : "");
			if (i)
				print_comparison(r, i, row, percent);
		}
		printf("\n");
	}
}

static void print_worst(const struct results *r, const char *what, double (*of)(const struct figure *))
{
	double worst = -1;
	size_t system = 0;
	enum row at = 0;

	for (size_t i = 0; i < r->count; i++)
		for (enum row row = 0; row < ROWS; row++) {
			const struct figure *f = &r->systems[i].figures[row];

			if (f->runs && of(f) > worst) {
				worst = of(f);
				system = i;
				at = row;
			}
		}
	printf("%s by at most %.2f %% (%s: %s).\n", what, 100 * worst, r->systems[system].label, row_names[at].what);
}

static void json_string(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fputc('\\', out);
		if ((unsigned char)*text >= ' ')
			fputc(*text, out);
	}
	fputc('"', out);
}

static void json_member(FILE *out, const char *name, const char *text)
{
	fprintf(out, "\"%s\": ", name);
	json_string(out, text);
}

static void json_figure(FILE *out, const struct results *r, size_t i, enum row row)
{
	const struct figure *f = &r->systems[i].figures[row];
	double ratio = results__ratio(r, i, row);

	json_string(out, r->systems[i].name);
	fprintf(out, ": { \"value\": %.3f, \"lowest\": %.3f, \"highest\": %.3f, \"difference\": %.6f, \"runs\": %u",
		f->value, f->lowest, f->highest, figure__difference(f), f->runs);
	if (ratio)
		fprintf(out, ", \"ratio\": %.6f", ratio);
	fprintf(out, " }");
}

static void json(FILE *out, const struct results *r, const struct arguments *a)
{
	static const char *const groups[GROUPS] = { "starting", "kernel", "disk", "computing", "programs" };

	fprintf(out, "{\n  \"unit\": \"instructions\",\n");
	for (size_t i = 0; i < a->abouts; i++) {
		const char *text = strchr(a->about[i], '=') + 1;

		fprintf(out, "  \"%.*s\": ", (int)(text - 1 - a->about[i]), a->about[i]);
		json_string(out, text);
		fprintf(out, ",\n");
	}
	fprintf(out, "  \"systems\": [\n");
	for (size_t i = 0; i < r->count; i++) {
		fprintf(out, "    { ");
		json_member(out, "name", r->systems[i].name);
		fprintf(out, ", ");
		json_member(out, "label", r->systems[i].label);
		fprintf(out, ", ");
		json_member(out, "kernel", r->systems[i].kernel);
		fprintf(out, " }%s\n", i + 1 < r->count ? "," : "");
	}
	fprintf(out, "  ],\n  \"operations\": [\n");
	for (enum row row = 0; row < ROWS; row++) {
		const char *comma = "";

		fprintf(out, "    { ");
		json_member(out, "name", row_names[row].name);
		fprintf(out, ", ");
		json_member(out, "group", groups[row_names[row].group]);
		fprintf(out, ", ");
		json_member(out, "what", row_names[row].what);
		fprintf(out, ", \"figures\": {");
		for (size_t i = 0; i < r->count; i++) {
			if (!r->systems[i].figures[row].runs)
				continue;
			fprintf(out, "%s\n      ", comma);
			json_figure(out, r, i, row);
			comma = ",";
		}
		fprintf(out, " } }%s\n", row + 1 < ROWS ? "," : "");
	}
	fprintf(out, "  ]\n}\n");
}

static int write_json(const struct results *r, const struct arguments *a)
{
	FILE *out = fopen(a->json, "w");

	if (out)
		json(out, r, a);
	if (!out || fclose(out)) {
		fprintf(stderr, "report: %s: %s\n", a->json, strerror(errno));
		return -1;
	}
	return 0;
}

static int usage(const char *what)
{
	fprintf(stderr, "report: %s; it takes [--json FILE] [--svg FILE] [--about NAME=TEXT]... [--percent] NAME:LABEL:FILE...\n",
		what);
	return 2;
}

/* Changes `argument`, of which the system keeps two parts. */
static int add_run(struct results *r, char *argument)
{
	char *label = strchr(argument, ':'), *file = label ? strchr(label + 1, ':') : NULL;

	if (!file)
		return usage("a run is NAME:LABEL:FILE");
	*label++ = 0;
	*file++ = 0;
	return results__add(r, argument, label, file) ? 1 : 0;
}

static int write_all(const struct results *r, const struct arguments *a)
{
	char note[512] = "";

	for (size_t i = 0; i < a->abouts; i++)
		snprintf(note + strlen(note), sizeof(note) - strlen(note), "%s%s", i ? "; " : "", strchr(a->about[i], '=') + 1);
	print_table(r, a->percent);
	printf("\n%s\n", note);
	print_worst(r, "Runs differ", figure__difference);
	print_worst(r, "Repetitions differ", figure__spread);
	if (a->json && write_json(r, a))
		return 1;
	if (a->svg && plot(r, note, a->svg))
		return 1;
	return 0;
}

int main(int argc, char **argv)
{
	static struct results results;
	struct arguments a = { 0 };
	int status;

	for (int i = 1; i < argc; i++) {
		bool takes = !strcmp(argv[i], "--json") || !strcmp(argv[i], "--svg") || !strcmp(argv[i], "--about");

		if (takes && i + 1 == argc)
			return usage("an option lacks its argument");
		if (!strcmp(argv[i], "--json"))
			a.json = argv[++i];
		else if (!strcmp(argv[i], "--svg"))
			a.svg = argv[++i];
		else if (!strcmp(argv[i], "--percent"))
			a.percent = true;
		else if (takes) {
			if (a.abouts == ABOUT_MAX || !strchr(argv[++i], '='))
				return usage("--about takes NAME=TEXT, and not too many");
			a.about[a.abouts++] = argv[i];
		} else if ((status = add_run(&results, argv[i])) != 0) {
			return status;
		}
	}
	return results.count ? write_all(&results, &a) : usage("nothing to report");
}
