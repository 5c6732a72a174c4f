// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Says where instructions were executed that metal/count.c has counted: by part of the system, and by function.
 *
 *	places COUNTS DIVISOR FUNCTIONS PART...
 *
 * Each PART is NAME:FIRST:LAST:ADD:SYMBOLS, a range of addresses and, unless that is empty, a file as `nm` and
 * /proc/kallsyms write it, for the addresses of the range with ADD added. The first part that has an address counts;
 * numbers are hexadecimal. Counts are divided by DIVISOR, the iterations that were counted. The table, as Markdown,
 * has each part, and below it those of the FUNCTIONS dearest of all that are its own.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/results.h"
#include "lib/complain.h"

#define PARTS_MAX 8

struct symbol {
	uint64_t address;
	char *name;
	uint64_t count;		/* instructions from here to the next symbol */
};

static struct part {
	char *name;
	uint64_t first, last, add, count;
	struct symbol *symbols;	/* by address; the first one is for what lies before all others, and behind the last */
	size_t length, shown;
} parts[PARTS_MAX];
static size_t part_count;

static FILE *opened(const char *file)
{
	FILE *f = fopen(file, "r");

	if (!f)
		die_errno("%s", file);
	return f;
}

static int by_address(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->address < y->address ? -1 : x->address > y->address;
}

static int by_count(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	return x->count < y->count ? 1 : x->count > y->count ? -1 : by_address(x, y);
}

static void add_symbol(struct part *part, uint64_t address, const char *name)
{
	if (!(part->length & (part->length + 1))) {
		part->symbols = realloc(part->symbols, 2 * (part->length + 1) * sizeof(*part->symbols));
		if (!part->symbols)
			die("%s: no memory for its symbols", part->name);
	}
	part->symbols[part->length++] = (struct symbol){ address, strdup(name), 0 };
}

static void read_symbols(struct part *part, const char *file)
{
	FILE *f = opened(file);
	char line[512], name[256], type;
	uint64_t address;

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%" SCNx64 " %c %255s", &address, &type, name) == 3 && strchr("tTwWdDbBrR", type))
			add_symbol(part, address, name);
	fclose(f);
	if (part->length < 2)
		die("%s: no symbols, as nm writes them", file);
	qsort(part->symbols, part->length, sizeof(*part->symbols), by_address);
}

static void read_part(char *text)
{
	struct part *part = &parts[part_count];
	char *field[5], *end;
	uint64_t *numbers[] = { &part->first, &part->last, &part->add };

	if (part_count == PARTS_MAX)
		die("%s: too many parts", text);
	for (int i = 0; i < 5; i++)
		if (!(field[i] = strsep(&text, ":")))
			die("%s: not NAME:FIRST:LAST:ADD:SYMBOLS", field[0]);
	part->name = field[0];
	for (int i = 0; i < 3; i++) {
		*numbers[i] = strtoull(field[i + 1], &end, 16);
		if (*end || !*field[i + 1])
			die("%s: not a hexadecimal number", field[i + 1]);
	}
	add_symbol(part, 0, "generated code, no function");
	if (*field[4])
		read_symbols(part, field[4]);
	part_count++;
}

static void add(uint64_t address, uint64_t count)
{
	for (struct part *p = parts; p < parts + part_count; p++) {
		size_t low = 0, high = p->length;

		if (address < p->first || address > p->last)
			continue;
		p->count += count;
		while (high - low > 1) {
			size_t middle = (low + high) / 2;

			if (p->symbols[middle].address <= address + p->add)
				low = middle;
			else
				high = middle;
		}
		/* What a kernel makes at run time lies behind its functions; kallsyms may have modules above. */
		if (low == p->length - 1 || !strcmp(p->symbols[low].name, "_einittext"))
			low = 0;
		p->symbols[low].count += count;
		return;
	}
	fprintf(stderr, "places: %" PRIu64 " instructions at %" PRIx64 " are in no part\n", count, address);
}

static void read_counts(const char *file)
{
	FILE *f = opened(file);
	uint64_t address, count;
	uint32_t word;		/* what it is */
	int fields;

	while ((fields = fscanf(f, "%" SCNx64 " %" SCNu64 " %" SCNx32, &address, &count, &word)) == 3)
		add(address, count);
	fclose(f);
	if (fields != EOF)
		die("%s: not an address, a count and a word in each line", file);
}

/* Dearest symbols first, and how many of each part are among the FUNCTIONS dearest of all. */
static void choose(unsigned long functions)
{
	for (struct part *p = parts; p < parts + part_count; p++)
		qsort(p->symbols, p->length, sizeof(*p->symbols), by_count);
	while (functions--) {
		struct part *best = NULL;

		for (struct part *p = parts; p < parts + part_count; p++)
			if (p->shown < p->length && p->symbols[p->shown].count &&
			    (!best || p->symbols[p->shown].count > best->symbols[best->shown].count))
				best = p;
		if (!best)
			return;
		best->shown++;
	}
}

static void print_part(const struct part *part, double divisor, double sum)
{
	char text[40];

	printf("| **%s** | %s | %.1f %% |\n", part->name, with_commas(part->count / divisor, text), 100 * part->count / sum);
	for (const struct symbol *s = part->symbols; part->length > 1 && s < part->symbols + part->shown; s++)
		printf("| %s | %s | %.1f %% |\n", s->name, with_commas(s->count / divisor, text), 100 * s->count / sum);
}

int main(int argc, char **argv)
{
	double divisor, sum = 0;
	char *rest, *rest_of_functions, text[40];
	unsigned long functions;

	if (argc < 5) {
		fprintf(stderr, "places: takes COUNTS DIVISOR FUNCTIONS PART...\n");
		return 2;
	}
	divisor = strtod(argv[2], &rest);
	functions = strtoul(argv[3], &rest_of_functions, 10);
	if (*rest || !(divisor >= 1) || *rest_of_functions || argv[3][0] == '-') {
		fprintf(stderr, "places: DIVISOR is a number from 1 on, FUNCTIONS one from 0 on\n");
		return 2;
	}
	for (int i = 4; i < argc; i++)
		read_part(argv[i]);
	read_counts(argv[1]);
	for (size_t i = 0; i < part_count; i++)
		sum += parts[i].count;
	if (!sum)
		die("%s: nothing was counted", argv[1]);
	choose(functions);
	printf("| | instructions | |\n|---|--:|--:|\n");
	for (size_t i = 0; i < part_count; i++)
		if (parts[i].count)
			print_part(&parts[i], divisor, sum);
	printf("| sum | %s | |\n", with_commas(sum / divisor, text));
	return 0;
}
