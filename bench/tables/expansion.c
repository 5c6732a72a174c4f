// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Which sensitive instructions a kernel executes, and what becomes of them when it is burnt:
 *
 *	expansion COUNTS SITES INTERRUPT
 *
 * COUNTS are metal/count.c's, of a kernel on metal; SITES is what `wedge --check-sites` says of the same file; INTERRUPT is the address, hexadecimal, that is
 * executed once for each interrupt. The table, as Markdown, has a row for each instruction and register, the most executed first: how often on
 * metal, in all and for each interrupt (what is rare is put together); at sites that are burnt, how often in place, to a sequence in the code cache, to a call of the Wedge; in
 * blocks, where the file has no record or the place is in a region; and how many instructions those at sites become, without what the calls then do.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/sensitive.h"
#include "bench/results.h"
#include "lib/complain.h"

#define KERNEL		UINT64_C(0x8000000000000000)	/* its addresses begin there */
#define ROWS_MAX	256
#define FEW		2000		/* what is a smaller part of all sensitive ones than this has no row of its own */

struct site {
	uint64_t address;
	unsigned words;
	enum way { IN_PLACE, IN_CACHE, CALLED, IN_BLOCK, WAYS } way;
};

static struct site *sites;
static size_t site_count;

static struct kind {
	char name[40];
	double executed, by[WAYS], becomes;
} rows[ROWS_MAX], sum = { .name = "all of these" }, looks = { .name = "loads and stores of user memory" }, rest_of_them;
static size_t row_count;

static FILE *opened(const char *file)
{
	FILE *f = fopen(file, "r");

	if (!f)
		die_errno("%s", file);
	return f;
}

static enum way way_of(const char *how, unsigned words)
{
	if (!words)
		return IN_BLOCK;
	return strstr(how, "inline") ? IN_PLACE : strstr(how, "call") ? CALLED : IN_CACHE;
}

/* They ascend. The first line is about all of them. */
static void read_sites(const char *file)
{
	FILE *f = opened(file);
	char line[512], how[64];
	struct site s;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%" SCNx64 " %*x %u %63[^\n]", &s.address, &s.words, how) != 3 || s.address < KERNEL)
			continue;
		s.way = way_of(how, s.words);
		if (!(site_count & (site_count + 1)))
			sites = realloc(sites, 2 * (site_count + 1) * sizeof(*sites));
		if (!sites)
			die("%s: no memory for its sites", file);
		sites[site_count++] = s;
	}
	fclose(f);
	if (!site_count)
		die("%s: no sites, as wedge --check-sites lists them", file);
}

static const struct site *site_at(uint64_t address)
{
	size_t low = 0, high = site_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sites[middle].address == address)
			return &sites[middle];
		if (sites[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const char *register_name(unsigned rd, unsigned sel, char text[16])
{
#define CP0(NAME, RD, SEL, ...) \
	if (rd == (RD) && sel == (SEL)) \
		return #NAME;
#include "wedge/core/cp0.def"
#undef CP0
	snprintf(text, 16, "$%u, %u", rd, sel);
	return text;
}

static void name_of(const struct sensitive *row, uint32_t word, char name[40])
{
	struct afterburn_record r = { 0 };
	char text[16];

	sensitive__decode(row, word, &r);
	if (row->form != FORM_RT_RD_SEL)
		snprintf(name, 40, "%s", row->name);
	else if (!strcmp(row->name, "rdhwr"))
		snprintf(name, 40, "rdhwr $%u", r.site.rd);
	else
		snprintf(name, 40, "%s %s", row->name, register_name(r.site.rd, r.site.sel, text));
}

static struct kind *row_of(const char *name)
{
	for (size_t i = 0; i < row_count; i++)
		if (!strcmp(rows[i].name, name))
			return &rows[i];
	if (row_count == ROWS_MAX)
		die("%s: too many instructions", name);
	strcpy(rows[row_count].name, name);
	return &rows[row_count++];
}

static void add(struct kind *row, const struct site *site, double count)
{
	row->executed += count;
	row->by[site ? site->way : IN_BLOCK] += count;
	row->becomes += site ? count * site->words : 0;
}

static void merge(struct kind *to, const struct kind *row, unsigned number)
{
	to->executed += row->executed;
	for (int i = 0; i < WAYS; i++)
		to->by[i] += row->by[i];
	to->becomes += row->becomes;
	snprintf(to->name, sizeof(to->name), "%u more", number);
}

static int by_executed(const void *a, const void *b)
{
	const struct kind *x = a, *y = b;

	return x->executed < y->executed ? 1 : x->executed > y->executed ? -1 : strcmp(x->name, y->name);
}

/* Nothing for 0. */
static const char *whole(double value, char text[40])
{
	if (value >= 100)
		return with_commas(value, text);
	snprintf(text, 40, value ? "%.0f" : "", value);
	return text;
}

static void print(const struct kind *row, double interrupts)
{
	const double burnt = row->executed - row->by[IN_BLOCK];
	char text[40];

	printf("| %s | %s | %.2f |", row->name, whole(row->executed, text), row->executed / interrupts);
	for (int i = 0; i < WAYS; i++)
		printf(" %s |", whole(row->by[i], text));
	printf(" %s |", whole(row->becomes, text));
	if (burnt)
		printf(" %.2f", row->becomes / burnt);
	printf(" |\n");
}

int main(int argc, char **argv)
{
	double all = 0, interrupts = 0;
	uint64_t address, count, at;
	char *rest, name[40], text[40], more[40];
	uint32_t word;
	unsigned few = 0;
	int fields;
	FILE *f;

	if (argc != 4) {
		fprintf(stderr, "expansion: takes COUNTS SITES INTERRUPT\n");
		return 2;
	}
	at = strtoull(argv[3], &rest, 16);
	if (!*argv[3] || *rest)
		die("%s: not a hexadecimal number", argv[3]);
	read_sites(argv[2]);
	f = opened(argv[1]);
	while ((fields = fscanf(f, "%" SCNx64 " %" SCNu64 " %" SCNx32, &address, &count, &word)) == 3) {
		const struct sensitive *row = sensitive__match(word);
		const struct site *site = site_at(address);

		if (address < KERNEL)
			continue;
		all += count;
		interrupts += address == at ? count : 0;
		if (row) {
			name_of(row, word, name);
			add(row_of(name), site, count);
			add(&sum, site, count);
		} else if (site) {
			add(&looks, site, count);
		}
	}
	fclose(f);
	if (fields != EOF)
		die("%s: not an address, a count and a word in each line", argv[1]);
	if (!interrupts)
		die("%s: no interrupt", argv[1]);
	qsort(rows, row_count, sizeof(*rows), by_executed);
	printf("| instruction | executed | an interrupt | in place | in the code cache | to a call | in blocks | those at sites become | each |\n");
	printf("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].executed >= sum.executed / FEW)
			print(&rows[i], interrupts);
		else
			merge(&rest_of_them, &rows[i], ++few);
	if (few)
		print(&rest_of_them, interrupts);
	print(&sum, interrupts);
	if (looks.executed)
		print(&looks, interrupts);
	printf("\n%s instructions of the kernel, %.2f %% of them sensitive; %s interrupts.\n", whole(all, text), 100 * sum.executed / all,
	       whole(interrupts, more));
	return 0;
}
