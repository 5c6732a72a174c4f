/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-diff: what has become of the sites from one build to the next?
 *
 * Addresses move with every change, so a record is known by its function, its mnemonic (or kind) and its number
 * among those of the same function: the third mfc0 of handle_sys. What exists in one build only was added or removed;
 * what says something else (operands, pad, dead registers, flags) has changed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/listing.h"
#include "afterburner/sensitive.h"

struct entry {
	const char *function, *what;
	unsigned int instance, number;	/* of the functions of this name; of this mnemonic there */
	uint64_t start;			/* of the function */
	const struct line *line;
};

struct side {
	struct listing list;
	struct entry *entry;
};

/* Sums by mnemonic. */
struct sum {
	const char *what;
	size_t added, removed, changed;
};

struct diff {
	struct sum *sum;
	size_t sums;
};

static int by_function(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = strcmp(a->function, b->function);

	if (order)
		return order;
	if (a->line->section != b->line->section)
		return a->line->section < b->line->section ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

/* Also the order of records in two files. */
static int by_name(const struct entry *a, const struct entry *b)
{
	int order = strcmp(a->function, b->function);

	if (order)
		return order;
	if (a->instance != b->instance)
		return a->instance < b->instance ? -1 : 1;
	order = strcmp(a->what, b->what);
	if (order)
		return order;
	return a->number < b->number ? -1 : a->number > b->number;
}

static int by_mnemonic(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;
	int order = by_name(a, b);

	if (order)
		return order;
	return a->line->r.address < b->line->r.address ? -1 : a->line->r.address > b->line->r.address;
}

static const char *what_of(const struct afterburn_record *r)
{
	const struct sensitive *row = record__is_site(r) ? sensitive__by_id(r->site.insn) : NULL;

	return row ? row->name : records__kind_name(r->kind);
}

static void number_entries(struct side *side)
{
	struct entry *e = side->entry;
	size_t count = side->list.lines;

	if (count)
		qsort(e, count, sizeof(*e), by_function);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(e[i].function, e[i - 1].function))
			e[i].instance = e[i - 1].instance + !!by_function(&e[i], &e[i - 1]);
	if (count)
		qsort(e, count, sizeof(*e), by_mnemonic);
	for (size_t i = 1; i < count; i++) {
		struct entry last = e[i - 1];

		last.number = 0;
		if (!by_name(&e[i], &last))
			e[i].number = e[i - 1].number + 1;
	}
}

static void open_side(struct side *side, const char *path)
{
	struct complaint c;

	if (listing__open(&side->list, path, &c)) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, c.text);
		exit(2);
	}
	side->entry = calloc(side->list.lines + 1, sizeof(*side->entry));
	if (!side->entry)
		die("no memory for %zu records", side->list.lines);
	for (size_t i = 0; i < side->list.lines; i++) {
		const struct line *l = &side->list.line[i];
		const char *function = listing__symbol(&side->list, l->section, l->r.address, &side->entry[i].start);

		side->entry[i].function = function ? function : "?";
		side->entry[i].what = what_of(&l->r);
		side->entry[i].line = l;
	}
	number_entries(side);
}

static struct sum *sum_of(struct diff *diff, const char *what)
{
	for (size_t i = 0; i < diff->sums; i++)
		if (!strcmp(diff->sum[i].what, what))
			return &diff->sum[i];
	diff->sum = realloc(diff->sum, (diff->sums + 1) * sizeof(*diff->sum));
	if (!diff->sum)
		die("no memory");
	diff->sum[diff->sums] = (struct sum){ .what = what };
	return &diff->sum[diff->sums++];
}

static void print(char sign, const struct side *side, const struct entry *e)
{
	const struct afterburn_record *r = &e->line->r;
	char place[300], text[400];
	const char *file;
	int number;

	printf("%c %-28s %s", sign, listing__where(&side->list, e->line->section, r->address, place, sizeof(place)),
	       listing__describe(r, text, sizeof(text)));
	file = listing__source(&side->list, e->line->section, r->address, &number);
	if (file)
		printf("  %s:%d", file, number);
	printf("\n");
}

static void compare(struct diff *diff, const struct side *old, const struct entry *a, const struct side *new,
		    const struct entry *b)
{
	char before[400], after[400];

	if (!b) {
		sum_of(diff, a->what)->removed++;
		print('-', old, a);
	} else if (!a) {
		sum_of(diff, b->what)->added++;
		print('+', new, b);
	} else if (strcmp(listing__describe(&a->line->r, before, sizeof(before)),
			  listing__describe(&b->line->r, after, sizeof(after)))) {
		sum_of(diff, a->what)->changed++;
		print('<', old, a);
		print('>', new, b);
	}
}

static void compare_all(struct diff *diff, const struct side *old, const struct side *new)
{
	const struct entry *a = old->entry, *b = new->entry;
	const struct entry *a_end = a + old->list.lines, *b_end = b + new->list.lines;

	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : by_name(a, b);

		compare(diff, old, order <= 0 ? a : NULL, new, order >= 0 ? b : NULL);
		a += order <= 0;
		b += order >= 0;
	}
}

static const char usage[] =
	"usage: afterburn-diff OLD NEW\n"
	"Compares the .afterburn records of two builds: by function, mnemonic and number there.\n"
	"  + added   - removed   < and > changed, before and after\n"
	"and then the sums by mnemonic. Exit code 0: none; 1: some; 2: wrong usage, or a file that cannot be read.\n";

int main(int argc, char **argv)
{
	struct diff diff = { 0 };
	struct side old = { 0 }, new = { 0 };

	if (argc != 3) {
		bool help = argc == 2 && !strcmp(argv[1], "--help");

		fputs(usage, help ? stdout : stderr);
		return help ? 0 : 2;
	}
	open_side(&old, argv[1]);
	open_side(&new, argv[2]);
	compare_all(&diff, &old, &new);
	for (size_t i = 0; i < diff.sums; i++)
		printf("%-8s %zu added, %zu removed, %zu changed\n", diff.sum[i].what, diff.sum[i].added,
		       diff.sum[i].removed, diff.sum[i].changed);
	free(old.entry);
	free(new.entry);
	free(diff.sum);
	listing__close(&old.list);
	listing__close(&new.list);
	return diff.sums ? 1 : 0;
}
