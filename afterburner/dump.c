/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-dump: shows the .afterburn records of an object, a vmlinux or a module.
 *
 * One line for each record, sorted by address; or JSON, one object for each record; or counts.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/listing.h"
#include "afterburner/sensitive.h"

enum format { FORMAT_TEXT, FORMAT_JSON, FORMAT_SUMMARY, FORMAT_CODE };

static void print_text(const struct listing *d, const struct line *l)
{
	char place[300], text[400];
	const char *file;
	int number;

	if (l->section)
		printf("%s+0x%04" PRIx64, d->elf.section[l->section].name, l->r.address);
	else
		printf("%016" PRIx64, l->r.address);
	printf("  %-28s %s", listing__where(d, l->section, l->r.address, place, sizeof(place)),
	       listing__describe(&l->r, text, sizeof(text)));
	file = listing__source(d, l->section, l->r.address, &number);
	if (file)
		printf("  %s:%d", file, number);
	printf("\n");
}

static void print_site_json(const struct line *l)
{
	const struct sensitive *row = sensitive__by_id(l->r.site.insn);
	const char *comma = "";
	char insn[80];

	printf(", \"insn\": \"%s\", \"id\": %u, \"text\": \"%s\", \"word\": %u, \"words\": %u, \"rt\": %u, "
	       "\"rd\": %u, \"sel\": %u, \"base\": %u, \"op\": %u, \"offset\": %d, \"width\": %u, \"dead\": [",
	       row ? row->name : "?", l->r.site.insn, sensitive__print(&l->r, insn, sizeof(insn)), l->r.site.word,
	       l->r.site.words, l->r.site.rt, l->r.site.rd, l->r.site.sel, l->r.site.base, l->r.site.op,
	       l->r.site.offset, l->r.site.width);
	for (unsigned int n = 0; n < 32; n++)
		if (l->r.site.dead & 1u << n) {
			printf("%s%u", comma, n);
			comma = ", ";
		}
	printf("]");
}

static void print_json(const struct listing *d, const struct line *l)
{
	const char *comma = "";
	char place[300];
	const char *file;
	int number;

	printf("{\"kind\": \"%s\", \"address\": %" PRIu64 ", \"section\": ", records__kind_name(l->r.kind),
	       l->r.address);
	listing__print_json(l->section ? d->elf.section[l->section].name : "");
	printf(", \"symbol\": ");
	listing__print_json(listing__where(d, l->section, l->r.address, place, sizeof(place)));
	file = listing__source(d, l->section, l->r.address, &number);
	if (file) {
		printf(", \"file\": ");
		listing__print_json(file);
		printf(", \"line\": %d", number);
	}
	if (record__is_site(&l->r))
		print_site_json(l);
	else
		printf(", \"end\": %" PRIu64 ", \"word\": %u", l->r.region.end, l->r.region.word);
	printf(", \"complete\": %s, \"flags\": [", l->r.flags & AFTERBURN_FLAG_COMPLETE ? "true" : "false");
	for (size_t i = 0; listing__flags[i].name; i++)
		if (l->r.flags & listing__flags[i].flag) {
			printf("%s\"%s\"", comma, listing__flags[i].name);
			comma = ", ";
		}
	printf("]}");
}

/* One line of the summary: the records of a kind, and of an instruction if they are sites. */
static void print_count(const struct listing *d, const char *what, unsigned int kind, unsigned int insn)
{
	size_t count = 0, unpadded = 0, slots = 0, starts = 0, words = 0;

	for (size_t i = 0; i < d->lines; i++) {
		const struct afterburn_record *r = &d->line[i].r;

		if (r->kind != kind || (record__is_site(r) && r->site.insn != insn))
			continue;
		count++;
		unpadded += !!(r->flags & AFTERBURN_FLAG_UNPADDED);
		slots += !!(r->flags & AFTERBURN_FLAG_DELAY_SLOT);
		starts += !!(r->flags & AFTERBURN_FLAG_BLOCK_START);
		words += record__is_site(r) ? r->site.words : (r->region.end - r->address) / 4;
	}
	if (count)
		printf("%-10s %7zu %7zu %8zu %10zu %11zu\n", what, count, words, unpadded, slots, starts);
}

static void print_summary(const struct listing *d)
{
	const struct sensitive *row;

	printf("%-10s %7s %7s %8s %10s %11s\n", "what", "records", "words", "unpadded", "delay-slot",
	       "block-start");
	for (size_t i = 0; (row = sensitive__row(i)); i++)
		print_count(d, row->name, AFTERBURN_KIND_SITE, row->id);
	for (size_t i = 0; (row = sensitive__user_row(i)); i++)
		if (sensitive__by_id(row->id) == row)	/* not of both lists */
			print_count(d, row->name, AFTERBURN_KIND_SITE, row->id);
	for (size_t i = 0; (row = sensitive__access_row(i)); i++)
		print_count(d, row->name, AFTERBURN_KIND_ACCESS, row->id);
	for (unsigned int kind = AFTERBURN_KIND_KREGION; kind <= AFTERBURN_KIND_FPU; kind++)
		print_count(d, records__kind_name(kind), kind, 0);
	printf("%-10s %7zu\n", "all", d->lines);
	if (d->seens) {
		size_t words = 0;

		for (size_t i = 0; i < d->seens; i++)
			words += (d->seen[i].r.region.end - d->seen[i].r.address) / 4;
		printf("%-10s %7zu %7zu\n", "code", d->seens, words);
	}
}

static void print_all(const struct listing *d, enum format format)
{
	if (format == FORMAT_SUMMARY) {
		print_summary(d);
		return;
	}
	for (size_t i = 0; format == FORMAT_CODE && i < d->seens; i++)
		print_text(d, &d->seen[i]);
	if (format == FORMAT_CODE)
		return;
	if (format == FORMAT_JSON)
		printf("[");
	for (size_t i = 0; i < d->lines; i++) {
		if (format == FORMAT_JSON) {
			printf("%s", i ? ",\n " : "");
			print_json(d, &d->line[i]);
		} else {
			print_text(d, &d->line[i]);
		}
	}
	if (format == FORMAT_JSON)
		printf("]\n");
}

static const char usage[] =
	"usage: afterburn-dump [--json | --summary | --code] FILE\n"
	"Shows the .afterburn records of a MIPS64 object, vmlinux or module.\n"
	"  --json      one JSON array, one object for each record\n"
	"  --summary   counts by instruction and kind\n"
	"  --code      instead of sites and regions, the code that has been searched for them\n"
	"Exit code 0: done; 1: FILE cannot be read or its records are bad; 2: wrong usage.\n";

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "summary", no_argument, NULL, 's' },
		{ "code", no_argument, NULL, 'c' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	enum format format = FORMAT_TEXT;
	struct listing d;
	struct complaint c;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j')
			format = FORMAT_JSON;
		else if (option == 's')
			format = FORMAT_SUMMARY;
		else if (option == 'c')
			format = FORMAT_CODE;
		else {
			fputs(usage, option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind + 1 != argc) {
		fputs(usage, stderr);
		return 2;
	}
	if (listing__open(&d, argv[optind], &c))
		die("%s", c.text);
	print_all(&d, format);
	listing__close(&d);
	return 0;
}
