/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-report: what a profile of the Wedge's traps means in source lines.
 *
 * Prints places, most traps first: share of all traps, function, file and line. That is what a person reads and
 * what `afterburn-gcc --afterburn-profile` takes; a place is named so that it is found again in the next build,
 * where every address is another. What no compiler can pad follows in comments, with the reason.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "abi/profile.h"
#include "afterburner/listing.h"
#include "afterburner/sensitive.h"

struct trap {
	uint64_t count, address;
	char reason[16];
};

struct place {
	uint64_t count;
	char reason[16];
	char function[256];
	const char *file;	/* NULL: no pad can help, because: */
	int line;
	bool in_slot;		/* of the branch that the line is about */
	const char *why;
};

struct report {
	struct listing list;
	struct trap *trap;
	size_t traps;
	uint64_t hash, total;
	struct place *place;
	size_t places;
};

/* --- The profile --- */

static int bad(const char *path, unsigned int line, const char *right, struct complaint *c)
{
	return complain(c, "%s:%u: this is no profile of the Wedge; '%s' would be right here", path, line, right);
}

static int read_trap(struct report *r, const char *path, unsigned int line, const char *text, struct complaint *c)
{
	struct trap t;

	if (sscanf(text, "%" SCNu64 " %15s %" SCNx64, &t.count, t.reason, &t.address) != 3 || !t.count ||
	    t.address % 4)
		return bad(path, line, "COUNT REASON ADDRESS", c);
	r->trap = realloc(r->trap, (r->traps + 1) * sizeof(*r->trap));
	if (!r->trap)
		die("no memory for %zu traps", r->traps);
	r->trap[r->traps++] = t;
	r->total += t.count;
	return 0;
}

static int read_profile(struct report *r, const char *path, struct complaint *c)
{
	FILE *f = fopen(path, "r");
	unsigned int line = 0, seen = 0;
	char *text = NULL;
	size_t room = 0;
	int result = 0;

	if (!f)
		return complain(c, "%s: %s", path, strerror(errno));
	while (!result && getline(&text, &room, f) > 0) {
		line++;
		text[strcspn(text, "#\r\n")] = '\0';
		if (!text[strspn(text, " \t")])
			continue;
		if (seen == 0)
			result = strcmp(text, PROFILE_HEAD) ? bad(path, line, PROFILE_HEAD, c) : 0;
		else if (seen == 1)
			result = sscanf(text, "kernel %" SCNx64, &r->hash) == 1 ? 0 : bad(path, line, "kernel HASH", c);
		else
			result = read_trap(r, path, line, text, c);
		seen++;
	}
	if (!result && seen < 2)
		result = bad(path, line + 1, seen ? "kernel HASH" : PROFILE_HEAD, c);
	free(text);
	fclose(f);
	return result;
}

/* --- The kernel --- */

static uint64_t hash_of(const struct elf64 *e)
{
	const struct elf64_section *text = &e->section[elf64__find(e, ".text")];

	return profile__hash(text->data, text->data ? text->size : 0);
}

/* The word of code at this address; false if none is there. */
static bool code_at(const struct elf64 *e, uint64_t address, uint32_t *word)
{
	for (unsigned int i = 1; i < e->sections; i++) {
		const struct elf64_section *s = &e->section[i];

		if (s->data && s->flags & SHF_EXECINSTR && address >= s->address && s->size >= 4 &&
		    address - s->address <= s->size - 4) {
			*word = elf64__word(e, s, address - s->address);
			return true;
		}
	}
	return false;
}

static const char *why_recorded(const struct afterburn_record *r)
{
	if (!record__is_site(r))
		return "a region that the Wedge must execute";
	if (r->flags & AFTERBURN_FLAG_DELAY_SLOT)
		return "in a delay slot";
	if (r->flags & AFTERBURN_FLAG_UNPADDED)
		return "written as a word, where no macro sees it";
	return "has a pad, and was not burnt";
}

/* The record of the site at this address, or of the region around it. */
static const struct afterburn_record *record_at(const struct listing *list, uint64_t address)
{
	for (size_t i = 0; i < list->lines; i++) {
		const struct afterburn_record *r = &list->line[i].r;

		if (address - r->address < (record__is_site(r) ? 4 : r->region.end - r->address))
			return r;
	}
	return NULL;
}

static bool is_assembler(const char *file)
{
	size_t length = strlen(file);

	return length > 2 && (!strcmp(file + length - 2, ".S") || !strcmp(file + length - 2, ".s"));
}

/*
 * Fills in file and line, or why there is no use in them. The Host reports the branch when it was the instruction in its
 * slot; line tables often do not say where that one comes from, so the branch names the place.
 */
static void locate(struct report *r, uint64_t address, struct place *p)
{
	const struct afterburn_record *record = record_at(&r->list, address);
	uint32_t word;

	if (!code_at(&r->list.elf, address, &word)) {
		p->why = "no code of this file";
		return;
	}
	if (!record && mips_insn__has_delay_slot(word) && code_at(&r->list.elf, address + 4, &word)) {
		record = record_at(&r->list, address + 4);
		p->in_slot = true;
	}
	if (record)
		p->why = why_recorded(record);
	else if (!word && !p->in_slot)
		p->why = "code made at run time";
	else if (sensitive__match(word))
		p->why = "no record; it was not built with afterburn-gcc";
	else if (!sensitive__match_access(word))
		p->why = "neither sensitive nor a load or store that can be padded";
	else
		p->file = listing__source(&r->list, 0, address, &p->line);
	if (p->file && is_assembler(p->file)) {
		p->file = NULL;
		p->why = "an assembler source; afterburn_lw for lw pads it";
	} else if (!p->file && !p->why) {
		p->why = "no line is known";
	}
}

static void describe(struct report *r, const struct trap *t, struct place *p)
{
	*p = (struct place){ .count = t->count };
	strcpy(p->reason, t->reason);
	locate(r, t->address, p);
	listing__where(&r->list, 0, t->address, p->function, sizeof(p->function));
	if (p->file && p->function[0] == '?') {
		p->file = NULL;
		p->why = "no symbol is known";
	}
	/* In the next build it is the same function, but not the same offset. */
	if (p->file)
		p->function[strcspn(p->function, "+")] = '\0';
}

/* --- The report --- */

static bool same_place(const struct place *a, const struct place *b)
{
	return !strcmp(a->function, b->function) && !strcmp(a->reason, b->reason) && a->why == b->why &&
	       a->line == b->line && a->in_slot == b->in_slot && (!a->file || !strcmp(a->file, b->file));
}

static void add_place(struct report *r, const struct place *new)
{
	for (size_t i = 0; i < r->places; i++)
		if (same_place(&r->place[i], new)) {
			r->place[i].count += new->count;
			return;
		}
	r->place[r->places++] = *new;
}

static int by_count(const void *left, const void *right)
{
	const struct place *a = left, *b = right;

	if (a->count != b->count)
		return a->count > b->count ? -1 : 1;
	return strcmp(a->function, b->function);
}

static void print(const struct report *r)
{
	uint64_t in_reach = 0;

	for (size_t i = 0; i < r->places; i++)
		if (r->place[i].file)
			in_reach += r->place[i].count;
	printf("afterburn-places 1\n# %" PRIu64 " traps, %" PRIu64 " at places that can be padded\n"
	       "# traps share what function file:line\n", r->total, in_reach);
	for (size_t i = 0; i < r->places; i++) {
		const struct place *p = &r->place[i];

		printf("%s%" PRIu64 " %.1f%% %s%s %s ", p->file ? "" : "# ", p->count, 100.0 * p->count / r->total,
		       p->reason, p->in_slot ? "/slot" : "", p->function);
		if (p->file)
			printf("%s:%d\n", p->file, p->line);
		else
			printf("(%s)\n", p->why);
	}
}

static int report(struct report *r, const char *profile, const char *kernel, struct complaint *c)
{
	struct place p;
	uint64_t hash;

	if (read_profile(r, profile, c) || listing__open(&r->list, kernel, c))
		return -1;
	hash = hash_of(&r->list.elf);
	if (hash != r->hash)
		return complain(c, "%s: of kernel %016" PRIx64 ", but %s is %016" PRIx64 "; the vmlinux that ran would be right",
				profile, r->hash, kernel, hash);
	if (!r->list.source)
		return complain(c, "%s: no line tables; one built with -g or -g1 would be right", kernel);
	r->place = calloc(r->traps + 1, sizeof(*r->place));
	if (!r->place)
		die("no memory for %zu places", r->traps);
	for (size_t i = 0; i < r->traps; i++) {
		describe(r, &r->trap[i], &p);
		add_place(r, &p);
	}
	qsort(r->place, r->places, sizeof(*r->place), by_count);
	print(r);
	return 0;
}

static const char usage[] =
	"usage: afterburn-report PROFILE VMLINUX\n"
	"Says at which source lines a kernel trapped under `wedge --profile PROFILE`; --afterburn-profile of\n"
	"afterburn-gcc takes the output.\n"
	"Exit code 0: done; 1: a file cannot be read, or they do not belong together; 2: wrong usage.\n";

int main(int argc, char **argv)
{
	struct report r = { 0 };
	struct complaint c;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 3 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	if (report(&r, argv[1], argv[2], &c))
		die("%s", c.text);
	listing__close(&r.list);
	free(r.trap);
	free(r.place);
	return 0;
}
