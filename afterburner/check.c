/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-check: does a file's code agree with its .afterburn records?
 *
 * A second opinion on the build, from the other end: it starts from the words of the code and asks for each
 * one what the records should have said (coverage.c does). What it finds is printed with the line of the source, as a
 * compiler would print it, or as JSON; what a list of known findings explains does not count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "afterburner/coverage.h"
#include "afterburner/known.h"

struct check {
	const char *path;
	struct listing list;
	struct coverage coverage;
	struct known known;
	bool json, user;
	size_t findings, doubts, explained, stale;
};

/* The section of a finding as listing.h counts them. */
static unsigned int listed_section(const struct check *check, const struct finding *f)
{
	return check->list.elf.type == ET_REL ? f->section : 0;
}

static void print_text(const struct check *check, const struct finding *f)
{
	uint64_t address = coverage__address(&check->coverage, f);
	unsigned int section = listed_section(check, f);
	char place[300];
	const char *file;
	int line;

	file = listing__source(&check->list, section, address, &line);
	if (file)
		printf("%s:%d: ", file, line);
	else if (check->list.elf.type == ET_REL)
		printf("%s+0x%04" PRIx64 ": ", check->list.elf.section[f->section].name, f->offset);
	else
		printf("%016" PRIx64 ": ", address);
	printf("%s: %s: %08x %s\n", listing__where(&check->list, section, address, place, sizeof(place)),
	       coverage__names[f->class].name, f->word, f->text);
}

static void print_member(const char *name, const char *value)
{
	printf(", \"%s\": ", name);
	if (value)
		listing__print_json(value);
	else
		printf("null");
}

static void print_json(const struct check *check, const struct finding *f)
{
	uint64_t address = coverage__address(&check->coverage, f);
	unsigned int section = listed_section(check, f);
	char place[300];
	const char *file;
	int line = 0;

	file = listing__source(&check->list, section, address, &line);
	printf("{\"class\": \"%s\", \"address\": %" PRIu64, coverage__names[f->class].name, address);
	print_member("section", check->list.elf.section[f->section].name);
	print_member("symbol", listing__where(&check->list, section, address, place, sizeof(place)));
	print_member("file", file);
	printf(", \"line\": %d, \"word\": %u", line, f->word);
	print_member("text", f->text);
	print_member("known", f->known);
	printf("}");
}

static bool is_stale(const struct known_entry *entry)
{
	return !entry->findings && !entry->may_be_absent;
}

static void count(struct check *check)
{
	for (size_t i = 0; i < check->coverage.findings; i++) {
		const struct finding *f = &check->coverage.finding[i];

		if (f->known)
			check->explained++;
		else if (f->class == COVERAGE_DEAD)
			check->doubts++;
		else
			check->findings++;
	}
	for (size_t i = 0; i < check->known.entries; i++)
		check->stale += is_stale(&check->known.entry[i]);
}

static void text(const struct check *check)
{
	const struct coverage *c = &check->coverage;

	for (size_t i = 0; i < c->findings; i++)
		if (!c->finding[i].known)
			print_text(check, &c->finding[i]);
	for (size_t i = 0; i < check->known.entries; i++) {
		const struct known_entry *entry = &check->known.entry[i];

		if (is_stale(entry))
			printf("%s:%u: stale: there is no finding '%s' in '%s'\n", check->known.path, entry->line,
			       coverage__names[entry->class].name, entry->where);
	}
	printf("%zu sensitive instructions, %zu site records, %zu findings, %zu doubts", c->sensitive, c->sites,
	       check->findings, check->doubts);
	if (check->known.path)
		printf(", %zu known, %zu stale", check->explained, check->stale);
	printf("\nin order as they are: %zu that would run silently with the Host's meaning, %zu FP instructions, "
	       "%zu halves of unaligned accesses, %zu LL\n", c->silent, c->fpu, c->unaligned, c->links);
}

static void json(const struct check *check)
{
	const struct coverage *c = &check->coverage;
	const char *comma = "";

	printf("{\"findings\": [");
	for (size_t i = 0; i < c->findings; i++) {
		printf("%s", i ? ",\n " : "");
		print_json(check, &c->finding[i]);
	}
	printf("],\n \"stale\": [");
	for (size_t i = 0; i < check->known.entries; i++) {
		const struct known_entry *entry = &check->known.entry[i];

		if (!is_stale(entry))
			continue;
		printf("%s{\"line\": %u, \"class\": \"%s\"", comma, entry->line, coverage__names[entry->class].name);
		print_member("where", entry->where);
		printf("}");
		comma = ", ";
	}
	printf("],\n \"sensitive\": %zu, \"sites\": %zu, \"unexplained\": %zu, \"doubts\": %zu, \"known\": %zu,\n"
	       " \"silent\": %zu, \"fp\": %zu, \"unaligned\": %zu, \"links\": %zu}\n", c->sensitive, c->sites,
	       check->findings, check->doubts, check->explained, c->silent, c->fpu, c->unaligned, c->links);
}

static void usage(FILE *to)
{
	fprintf(to, "usage: afterburn-check [--json] [--user] [--known LIST] FILE\n"
		"Compares the code of a MIPS64 object, vmlinux or module with its .afterburn records.\n"
		"  --json         one JSON object, with what is known as well\n"
		"  --known LIST   what may be found: lines of a class, a function or pattern, and the reason;\n"
		"                 a ? behind the class: there need not be any\n"
		"  --user         FILE is of a user program, made with afterburn-gcc --afterburn-user\n"
		"Classes of findings:\n");
	for (int i = 0; i < COVERAGE_COUNT; i++)
		fprintf(to, "  %-10s %s\n", coverage__names[i].name, coverage__names[i].meaning);
	fprintf(to, "Exit code 0: nothing unexplained (dead registers are doubts and do not count); 1: findings that the list\n"
		"does not explain, or entries of it without findings; 2: wrong usage, or a file that cannot be read.\n");
}

/* Returns the exit code of what it has printed, or -1. */
static int parse(struct check *check, const char **known, int argc, char **argv)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "known", required_argument, NULL, 'k' },
		{ "user", no_argument, NULL, 'u' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (option == 'j') {
			check->json = true;
		} else if (option == 'u') {
			check->user = true;
		} else if (option == 'k') {
			*known = optarg;
		} else {
			usage(option == 'h' ? stdout : stderr);
			return option == 'h' ? 0 : 2;
		}
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return 2;
	}
	check->path = argv[optind];
	return -1;
}

int main(int argc, char **argv)
{
	struct check check = { 0 };
	const char *known = NULL;
	struct complaint c;
	int result = parse(&check, &known, argc, argv);

	if (result >= 0)
		return result;
	if ((known && known__open(&check.known, known, &c)) || listing__open(&check.list, check.path, &c)) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, c.text);
		return 2;
	}
	coverage__check(&check.coverage, &check.list, check.user);
	known__explain(&check.known, &check.coverage);
	count(&check);
	(check.json ? json : text)(&check);
	coverage__free(&check.coverage);
	listing__close(&check.list);
	known__close(&check.known);
	return check.findings || check.stale ? 1 : 0;
}
