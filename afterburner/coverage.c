/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records against code: see coverage.h.
 *
 * First every record is looked up and marks the words it covers, then every word is looked at. It works on objects and
 * on linked kernels, burnt or stock (where everything is uncovered, which is the list of what the Wedge will trap).
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "afterburner/coverage.h"
#include "afterburner/sensitive.h"

#define IN_K		0x01	/* words covered by a record of each kind */
#define IN_FPU		0x02
#define IN_SITE		0x04
#define REGION_START	0x08
#define SEEN		0x10	/* by the object pass */

#define LINK_WORDS	32	/* no LL is farther from its SC */

const struct coverage_name coverage__names[COVERAGE_COUNT] = {
#define X(ID, NAME, MEANING) [COVERAGE_##ID] = { NAME, MEANING },
	COVERAGE_CLASSES(X)
#undef X
};

static void *need(void *memory)
{
	if (!memory)
		die("no memory");
	return memory;
}

static const struct sensitive *match(const struct coverage *coverage, uint32_t word)
{
	return coverage->user ? sensitive__match_user(word) : sensitive__match(word);
}

static uint64_t base_of(const struct coverage *coverage, unsigned int section)
{
	const struct elf64 *e = &coverage->list->elf;

	return e->type == ET_REL ? 0 : e->section[section].address;
}

uint64_t coverage__address(const struct coverage *coverage, const struct finding *f)
{
	return base_of(coverage, f->section) + f->offset;
}

const char *coverage__place(const struct coverage *coverage, const struct finding *f)
{
	const struct elf64 *e = &coverage->list->elf;
	const char *symbol = listing__symbol(coverage->list, e->type == ET_REL ? f->section : 0,
					     coverage__address(coverage, f), NULL);

	return symbol ? symbol : e->section[f->section].name;
}

void coverage__report(struct coverage *coverage, enum coverage_class class, unsigned int section, uint64_t offset,
		      uint32_t word, const char *format, ...)
{
	struct finding *f;
	va_list args;

	/* Doubled each time it is full, at powers of two. */
	if (!(coverage->findings & (coverage->findings - 1)))
		coverage->finding = need(realloc(coverage->finding,
						 (2 * coverage->findings + 1) * sizeof(*coverage->finding)));
	f = &coverage->finding[coverage->findings++];
	*f = (struct finding){ .class = class, .section = section, .offset = offset, .word = word };
	va_start(args, format);
	if (vasprintf(&f->text, format, args) < 0)
		die("no memory");
	va_end(args);
}

static void report(struct coverage *coverage, enum coverage_class class, unsigned int section, size_t i, const char *text)
{
	coverage__report(coverage, class, section, i * 4, coverage->code[section].word[i], "%s", text);
}

/* Where a record's address lies; false if in no code. */
static bool locate(const struct coverage *coverage, const struct line *l, unsigned int *section, size_t *word)
{
	for (unsigned int i = 1; i < coverage->list->elf.sections; i++) {
		uint64_t offset = l->r.address - base_of(coverage, i);

		if ((l->section && i != l->section) || offset / 4 >= coverage->code[i].words)
			continue;
		*section = i;
		*word = offset / 4;
		return true;
	}
	return false;
}

static void check_dead(struct coverage *coverage, unsigned int section, size_t i, const struct afterburn_record *r)
{
	const struct code *code = &coverage->code[section];
	uint32_t read;

	if (r->flags & AFTERBURN_FLAG_DELAY_SLOT || mips_insn__flow(code->word[i]) != MIPS_FLOW_NEXT)
		return;
	read = coverage__read_behind(code, i + r->site.words, r->site.dead);
	for (unsigned int n = 0; n < 32; n++)
		if (read & 1u << n)
			coverage__report(coverage, COVERAGE_DEAD, section, i * 4, code->word[i],
					 "is said to leave %s dead, which is read behind it", gpr_names[n]);
}

static void check_site(struct coverage *coverage, unsigned int section, size_t i, const struct afterburn_record *r)
{
	const struct code *code = &coverage->code[section];
	const struct sensitive *row = r->kind == AFTERBURN_KIND_ACCESS ? sensitive__match_access(code->word[i]) :
		match(coverage, code->word[i]);

	coverage->sites++;
	if (!row || row->id != r->site.insn || code->word[i] != r->site.word) {
		report(coverage, COVERAGE_RECORD, section, i, "is not what its record says");
		return;
	}
	if (coverage->cover[section][i] & IN_SITE)
		report(coverage, COVERAGE_RECORD, section, i, "has two records");
	if (!!(code->flags[i] & CODE_SLOT) != !!(r->flags & AFTERBURN_FLAG_DELAY_SLOT))
		report(coverage, COVERAGE_RECORD, section, i, "is in a delay slot, or its record says so, not both");
	else if (code->flags[i] & CODE_SLOT)
		coverage__report(coverage, COVERAGE_SLOT, section, i * 4, code->word[i], "%s is in a delay slot", row->name);
	else if (r->flags & AFTERBURN_FLAG_UNPADDED)
		coverage__report(coverage, COVERAGE_UNPADDED, section, i * 4, code->word[i], "%s has no NOPs behind it",
				 row->name);
	for (unsigned int n = 1; n < r->site.words; n++)
		if (i + n >= code->words || code->word[i + n] != MIPS_NOP) {
			report(coverage, COVERAGE_RECORD, section, i, "has fewer NOPs behind it than its record says");
			return;
		}
	check_dead(coverage, section, i, r);
}

/* As assembled and as linked: the linker may have filled in an immediate or the target of a jump. */
static bool same_instruction(uint32_t a, uint32_t b)
{
	enum mips_flow flow = mips_insn__flow(a);
	uint32_t filled = flow == MIPS_FLOW_J || flow == MIPS_FLOW_JAL ? 0x03ffffff : 0xffff;

	return !((a ^ b) & ~filled);
}

static void check_region(struct coverage *coverage, unsigned int section, size_t i, const struct afterburn_record *r)
{
	const struct code *code = &coverage->code[section];
	size_t end = (r->region.end - base_of(coverage, section)) / 4;

	if (end <= i || end > code->words)
		report(coverage, COVERAGE_RECORD, section, i, "starts a region that ends before it, or outside the section");
	else if (!same_instruction(code->word[i], r->region.word))
		report(coverage, COVERAGE_RECORD, section, i, "starts a region that begins otherwise in its record");
	else if (code->flags[i] & CODE_SLOT)
		report(coverage, COVERAGE_RECORD, section, i, "starts a region in a delay slot");
	coverage->cover[section][i] |= REGION_START;
	for (; i < end && i < code->words; i++)
		coverage->cover[section][i] |= r->kind == AFTERBURN_KIND_KREGION ? IN_K : IN_FPU;
}

static void check_records(struct coverage *coverage)
{
	for (size_t n = 0; n < coverage->list->lines; n++) {
		const struct line *l = &coverage->list->line[n];
		unsigned int section;
		size_t i;

		if (!locate(coverage, l, &section, &i)) {
			coverage__report(coverage, COVERAGE_RECORD, 0, l->r.address, 0, "a record for what is no code");
		} else if (record__is_site(&l->r)) {
			check_site(coverage, section, i, &l->r);
			coverage->cover[section][i] |= IN_SITE;
		} else {
			check_region(coverage, section, i, &l->r);
		}
	}
}

static void check_word(struct coverage *coverage, unsigned int section, size_t i)
{
	const uint32_t k = 1u << MIPS_K0 | 1u << MIPS_K1, word = coverage->code[section].word[i];
	const struct sensitive *row = match(coverage, word);
	uint8_t covered = coverage->cover[section][i];
	uint32_t reads, writes;

	mips_insn__gprs(word, &reads, &writes);
	coverage->sensitive += !!row;
	coverage->silent += row && row->silent;
	coverage->fpu += mips_insn__is_fpu(word);
	coverage->unaligned += mips_insn__is_unaligned(word);
	if (row && !(covered & IN_SITE))
		coverage__report(coverage, COVERAGE_UNCOVERED, section, i * 4, word, "%s without a record", row->name);
	if (coverage->user)
		return;
	if ((reads | writes) & k && !(covered & IN_K))
		report(coverage, COVERAGE_K, section, i, "names k0 or k1 outside k-regions");
	if (mips_insn__is_fpu(word) && !(covered & IN_FPU))
		report(coverage, COVERAGE_FP, section, i, "is an FP instruction outside FP regions");
	if (mips_insn__opcode(word) == MIPS_OP_COP0 && !row)
		report(coverage, COVERAGE_COP0, section, i, "is privileged and in no row of the table");
	if (mips_insn__opcode(word) == MIPS_OP_COP2)
		report(coverage, COVERAGE_COP2, section, i, "belongs to coprocessor 2");
	if (mips_insn__is_octeon(word))
		report(coverage, COVERAGE_OCTEON, section, i, "is an instruction of Octeon CPUs only");
}

/* From LL to SC in a straight line; who branches away has given the link up. Interpreted pairs are whole. */
static void check_link(struct coverage *coverage, unsigned int section, size_t ll)
{
	const struct code *code = &coverage->code[section];
	const uint8_t *cover = coverage->cover[section];
	size_t suspect = 0;

	coverage->links++;
	if (cover[ll] & IN_K)
		return;
	for (size_t i = ll + 1; i < code->words && i < ll + LINK_WORDS; i++) {
		if (cover[i] & (IN_SITE | REGION_START) && !suspect)
			suspect = i;
		if (mips_insn__is_ll(code->word[i]) || code->flags[i] & CODE_FUNCTION)
			return;
		if (!mips_insn__is_sc(code->word[i]))
			continue;
		if (suspect)
			report(coverage, COVERAGE_LINK, section, suspect, "stands between LL and SC");
		return;
	}
}

static void check_section(struct coverage *coverage, unsigned int section)
{
	const struct code *code = &coverage->code[section];

	for (size_t i = 0; i < code->words; i++) {
		if (code->flags[i] & CODE_DATA)
			continue;
		check_word(coverage, section, i);
		if (mips_insn__is_ll(code->word[i]))
			check_link(coverage, section, i);
	}
	if (!coverage->user)
		coverage__find_blanks(coverage, section);
}

/* Words that no object pass has seen, but for what the linker puts between objects: one finding for each run. */
static void find_unseen(struct coverage *coverage, unsigned int section)
{
	const struct code *code = &coverage->code[section];
	const uint8_t *cover = coverage->cover[section];

	for (size_t i = 0, end; i < code->words; i = end) {
		size_t first = code->words, instructions = 0;

		for (end = i; end < code->words && !(cover[end] & SEEN); end++) {
			if (!code->word[end])
				continue;
			first = first < end ? first : end;
			instructions++;
		}
		if (instructions)
			coverage__report(coverage, COVERAGE_UNSEEN, section, first * 4, code->word[first],
					 "begins %zu words that no object pass has seen", instructions);
		while (end < code->words && cover[end] & SEEN)
			end++;
	}
}

/* Places in a region, where k0 or k1 is live, that a jump through a register can reach without meeting a guard. */
static void find_entries(struct coverage *coverage, unsigned int section)
{
	struct code *code = &coverage->code[section];
	const uint8_t *cover = coverage->cover[section];
	struct regions ignored = { 0 };

	regions__find_k(code, &ignored);
	free(ignored.region);
	for (size_t i = 0; i < code->words; i++)
		if (code->flags[i] & CODE_ENTRY && code->flags[i] & CODE_K_LIVE && cover[i] & IN_K && !(cover[i] & REGION_START))
			report(coverage, COVERAGE_K_ENTRY, section, i, "can be jumped to, and its k-region begins elsewhere");
}

static void mark_seen(struct coverage *coverage)
{
	for (size_t n = 0; n < coverage->list->seens; n++) {
		const struct line *l = &coverage->list->seen[n];
		unsigned int section;
		size_t i;

		if (!locate(coverage, l, &section, &i)) {
			coverage__report(coverage, COVERAGE_RECORD, 0, l->r.address, 0, "a record for what is no code");
			continue;
		}
		for (uint64_t a = l->r.address; a < l->r.region.end && i < coverage->code[section].words; a += 4)
			coverage->cover[section][i++] |= SEEN;
	}
}

static int by_place(const void *left, const void *right)
{
	const struct finding *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->offset != b->offset)
		return a->offset < b->offset ? -1 : 1;
	return (int)a->class - (int)b->class;
}

void coverage__check(struct coverage *coverage, struct listing *list, bool user)
{
	const struct elf64 *e = &list->elf;

	*coverage = (struct coverage){ .list = list, .user = user };
	coverage->code = need(calloc(e->sections + 1, sizeof(*coverage->code)));
	coverage->cover = need(calloc(e->sections + 1, sizeof(*coverage->cover)));
	for (unsigned int i = 1; i < e->sections; i++)
		if (elf64__is_code(&e->section[i])) {
			code__read(&coverage->code[i], e, i);
			coverage->cover[i] = need(calloc(coverage->code[i].words + 1, 1));
		}
	check_records(coverage);
	mark_seen(coverage);
	for (unsigned int i = 1; i < e->sections; i++) {
		check_section(coverage, i);
		if (user)
			continue;
		coverage__find_embedded(coverage, i);
		find_entries(coverage, i);
		if (list->seens)
			find_unseen(coverage, i);
	}
	if (coverage->findings)
		qsort(coverage->finding, coverage->findings, sizeof(*coverage->finding), by_place);
}

void coverage__free(struct coverage *coverage)
{
	for (unsigned int i = 1; i < coverage->list->elf.sections; i++) {
		code__free(&coverage->code[i]);
		free(coverage->cover[i]);
	}
	for (size_t i = 0; i < coverage->findings; i++)
		free(coverage->finding[i].text);
	free(coverage->finding);
	free(coverage->code);
	free(coverage->cover);
	*coverage = (struct coverage){ 0 };
}
