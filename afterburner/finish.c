/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The object pass: completes the .afterburn records of freshly assembled objects. See finish.h.
 *
 * The gas macros know where a site is and what it is called; they see neither its encoding nor the code
 * around it. This pass does: it decodes each site, marks those in delay slots and at block starts, drops
 * the claim of padding where there is none, and adds records for what no macro can see: sensitive
 * instructions written as .word, regions in which k0 or k1 is live, code that moves FP registers. At last it says of
 * each section of code that it has seen it (AFTERBURN_KIND_CODE): that is the proof that nothing is missing.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "afterburner/code.h"
#include "afterburner/elf64.h"
#include "afterburner/finish.h"
#include "afterburner/sensitive.h"
#include "format/records.h"

/* gas may expand an operand that does not fit (cache with a large offset) into this many words before. */
#define EXPANSION	6

/* Code of other encodings than the one that is read here. */
#define EF_MIPS_CODE_MICROMIPS	0x02000000	/* gas sets them where it has made an instruction of such code */
#define EF_MIPS_CODE_MIPS16	0x04000000

struct pass {
	const char *path;
	bool user;			/* of a program, in which other instructions are sensitive, and no regions are needed */
	struct elf64 elf;
	struct code *code;		/* one per section, empty where there is no code */
	unsigned int records, relas;	/* section indices of .afterburn and .rela.afterburn, 0 if none yet */
	bool changed;
	struct finish_report *report;
	struct complaint *c;
};

static const struct sensitive *match(const struct pass *p, unsigned int kind, uint32_t word)
{
	if (kind == AFTERBURN_KIND_ACCESS)
		return sensitive__match_access(word);
	return p->user ? sensitive__match_user(word) : sensitive__match(word);
}

/* Fills in what the word, which matches a row, and the code around it say. */
static void complete(const struct pass *p, const struct code *code, size_t i, struct afterburn_record *r)
{
	const struct sensitive *row = match(p, r->kind, code->word[i]);

	sensitive__decode(row, code->word[i], r);
	r->flags |= AFTERBURN_FLAG_COMPLETE | (p->user ? AFTERBURN_FLAG_USER : 0);
	if (code->flags[i] & CODE_SLOT)
		r->flags |= AFTERBURN_FLAG_DELAY_SLOT;
	if (code__block_start(code, i))
		r->flags |= AFTERBURN_FLAG_BLOCK_START;
	for (unsigned int n = 1; n < r->site.words; n++)
		if (i + n >= code->words || code->word[i + n] != MIPS_NOP || code->flags[i + n] & CODE_TARGET)
			r->flags |= AFTERBURN_FLAG_UNPADDED;
	if (r->flags & AFTERBURN_FLAG_UNPADDED)
		r->site.words = 1;
	for (unsigned int n = 0; n < r->site.words; n++)
		code->flags[i + n] |= CODE_COVERED;
}

/* The word that the record means: the one at its address, or one that gas has put setup code before. */
static bool find_word(const struct pass *p, const struct code *code, const struct afterburn_record *r, size_t *i)
{
	for (size_t end = *i + EXPANSION; *i < end && *i < code->words; ++*i) {
		const struct sensitive *row = match(p, r->kind, code->word[*i]);

		if (row && row->id == r->site.insn)
			return true;
	}
	return false;
}

static int complete_site(struct pass *p, size_t n, struct elf64_rela *rela)
{
	struct elf64_section *s = &p->elf.section[p->records];
	uint8_t *at = s->data + n * RECORD_SIZE;
	struct elf64_symbol symbol;
	struct records r;
	uint64_t offset;
	size_t i;

	elf64__symbol(&p->elf, rela->symbol, &symbol);
	offset = symbol.value + rela->addend;
	if (symbol.section >= p->elf.sections || !p->code[symbol.section].words)
		return complain(p->c, "%s: record %zu: its address is not in a section of code", p->path, n);
	if (records__read(at, RECORD_SIZE, p->elf.big_endian, &r, p->c))
		return -1;
	i = offset / 4;
	if (r.count == 1 && record__is_site(r.record)) {
		const struct code *code = &p->code[symbol.section];

		if (!find_word(p, code, r.record, &i)) {
			const struct sensitive *row = sensitive__by_id(r.record->site.insn);

			complain(p->c, "%s: record %zu: there is no %s at %s+%#llx", p->path, n,
				 row ? row->name : "known instruction", p->elf.section[symbol.section].name,
				 (unsigned long long)offset);
			records__free(&r);
			return -1;
		}
		rela->addend += i * 4 - offset;
		complete(p, code, i, r.record);
		records__write(at, r.record, p->elf.big_endian);
		p->changed = true;
	}
	records__free(&r);
	return 0;
}

static int complete_sites(struct pass *p)
{
	struct elf64_section *s = &p->elf.section[p->records], *relas = &p->elf.section[p->relas];
	struct elf64_rela rela;

	if (!p->records)
		return 0;
	if (!p->relas || !s->data || s->size % RECORD_SIZE)
		return complain(p->c, "%s: .afterburn of %llu bytes: records as the gas macros write them were expected",
				p->path, (unsigned long long)s->size);
	for (size_t i = 0; i < elf64__relas(relas); i++) {
		elf64__rela(&p->elf, relas, i, &rela);
		if (rela.offset % RECORD_SIZE != RECORD_ADDRESS_OFFSET || rela.offset >= s->size)
			return complain(p->c, "%s: .rela.afterburn entry %zu: offset %#llx is not that of an address",
					p->path, i, (unsigned long long)rela.offset);
		if (complete_site(p, rela.offset / RECORD_SIZE, &rela))
			return -1;
		elf64__set_rela(&p->elf, relas, i, &rela);
	}
	return 0;
}

static void need_sections(struct pass *p)
{
	struct elf64 *e = &p->elf;

	if (!p->records)
		p->records = elf64__add_section(e, AFTERBURN_SECTION, SHT_PROGBITS, RECORD_ALIGN, 0);
	if (!p->relas) {
		p->relas = elf64__add_section(e, ".rela" AFTERBURN_SECTION, SHT_RELA, 8, sizeof(Elf64_Rela));
		e->section[p->relas].flags = SHF_INFO_LINK;
		e->section[p->relas].link = e->symtab;
		e->section[p->relas].info = p->records;
	}
	p->changed = true;
}

/* Appends a relocation of the 8 bytes at `where` in .afterburn to word i of the section. */
static void relocate(struct pass *p, uint64_t where, uint32_t symbol, size_t i)
{
	struct elf64_rela rela = { .offset = where, .symbol = symbol, .type = R_MIPS_64, .addend = i * 4 };
	size_t n = elf64__relas(&p->elf.section[p->relas]);

	elf64__grow(&p->elf, p->relas, sizeof(Elf64_Rela));
	elf64__set_rela(&p->elf, &p->elf.section[p->relas], n, &rela);
}

static void append(struct pass *p, unsigned int section, struct afterburn_record *r, size_t start, size_t end)
{
	uint32_t symbol = elf64__section_symbol(&p->elf, section);
	uint64_t at;

	need_sections(p);
	at = p->elf.section[p->records].size;
	r->version = AFTERBURN_VERSION;
	r->size = RECORD_SIZE;
	r->flags |= AFTERBURN_FLAG_COMPLETE;
	records__write(elf64__grow(&p->elf, p->records, RECORD_SIZE), r, p->elf.big_endian);
	relocate(p, at + RECORD_ADDRESS_OFFSET, symbol, start);
	if (!record__is_site(r))
		relocate(p, at + RECORD_END_OFFSET, symbol, end);
}

/* Sensitive instructions that no macro has seen: .word, or mnemonics that are another spelling. */
static void add_unpadded(struct pass *p, unsigned int section)
{
	const struct code *code = &p->code[section];

	for (size_t i = 0; i < code->words; i++) {
		struct afterburn_record r = { .kind = AFTERBURN_KIND_SITE, .flags = AFTERBURN_FLAG_UNPADDED };

		if (code->flags[i] & (CODE_COVERED | CODE_DATA) || !match(p, AFTERBURN_KIND_SITE, code->word[i]))
			continue;
		r.site.words = 1;
		complete(p, code, i, &r);
		p->report->unpadded++;
		append(p, section, &r, i, i + 1);
	}
}

static void add_regions(struct pass *p, unsigned int section)
{
	struct code *code = &p->code[section];
	struct regions found = { 0 };

	regions__find_k(code, &found);
	regions__find_fpu(code, &found);
	for (size_t n = 0; n < found.count; n++) {
		const struct region *region = &found.region[n];
		struct afterburn_record r = { .kind = region->kind, .region.word = code->word[region->start] };

		if (code__block_start(code, region->start))
			r.flags |= AFTERBURN_FLAG_BLOCK_START;
		append(p, section, &r, region->start, region->end);
	}
	free(found.region);
}

/*
 * What the linker may throw away has no record of its own: it would be an error there, in code without any site, too.
 * It is .discard for Linux, and one of several copies of a section group.
 */
static void add_seen(struct pass *p, unsigned int section)
{
	const struct elf64_section *s = &p->elf.section[section];
	struct afterburn_record r = { .kind = AFTERBURN_KIND_CODE };

	if (s->flags & SHF_GROUP || !strncmp(s->name, ".discard", 8) || !p->code[section].words)
		return;
	r.region.word = p->code[section].word[0];
	append(p, section, &r, 0, p->code[section].words);
}

/* An object that has been here before is complete: its first record says so. */
static bool complete_already(const struct pass *p)
{
	const struct elf64_section *s = &p->elf.section[p->records];
	const uint32_t complete_flag = AFTERBURN_FLAG_COMPLETE;
	struct records r;
	struct complaint ignored;
	bool complete_now;

	if (!p->records || !s->data || s->size < RECORD_SIZE ||
	    records__read(s->data, RECORD_SIZE, p->elf.big_endian, &r, &ignored))
		return false;
	complete_now = r.count && r.record->flags & complete_flag;
	records__free(&r);
	return complete_now;
}

static int finish_elf(struct pass *p)
{
	const unsigned int sections = p->elf.sections;
	int result;

	p->records = elf64__find(&p->elf, AFTERBURN_SECTION);
	for (unsigned int i = 1; i < sections; i++)
		if (p->records && p->elf.section[i].type == SHT_RELA && p->elf.section[i].info == p->records)
			p->relas = i;
	if (complete_already(p))
		return 0;
	p->code = calloc(sections, sizeof(*p->code));
	if (!p->code)
		die("no memory");
	for (unsigned int i = 1; i < sections; i++)
		if (elf64__is_code(&p->elf.section[i]))
			code__read(&p->code[i], &p->elf, i);
	result = complete_sites(p);
	for (unsigned int i = 1; !result && i < sections; i++) {
		add_unpadded(p, i);
		if (!p->user)
			add_regions(p, i);
	}
	/* Behind all others, whose numbers they do not change. */
	for (unsigned int i = 1; !result && !p->user && i < sections; i++)
		add_seen(p, i);
	for (unsigned int i = 1; i < sections; i++)
		code__free(&p->code[i]);
	free(p->code);
	return result;
}

int finish__object(const char *path, bool user, struct finish_report *report, struct complaint *c)
{
	struct pass p = { .path = path, .user = user, .report = report, .c = c };
	enum elf64_result opened = elf64__open(&p.elf, path, c);
	int result = 0;

	*report = (struct finish_report){ 0 };
	if (opened == ELF64_FOREIGN)
		return 0;
	if (opened == ELF64_BAD)
		return -1;
	if (p.elf.type == ET_REL && p.elf.symtab && p.elf.names) {
		if (p.elf.flags & (EF_MIPS_CODE_MIPS16 | EF_MIPS_CODE_MICROMIPS))
			result = complain(c, "%s: %s code, in which nothing can be recorded and which no 64-bit kernel has; "
					  "compile it with --no-afterburn", path,
					  p.elf.flags & EF_MIPS_CODE_MICROMIPS ? "microMIPS" : "MIPS16");
		else
			result = finish_elf(&p);
		if (!result && p.changed)
			result = elf64__write(&p.elf, path, c);
	}
	elf64__close(&p.elf);
	return result;
}
