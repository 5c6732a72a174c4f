/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of an ELF file with their sections and symbols: see listing.h.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/listing.h"
#include "afterburner/sensitive.h"

const struct flag_name listing__flags[] = {
	{ AFTERBURN_FLAG_DELAY_SLOT, "delay-slot" },
	{ AFTERBURN_FLAG_BLOCK_START, "block-start" },
	{ AFTERBURN_FLAG_ASM, "asm" },
	{ AFTERBURN_FLAG_UNPADDED, "unpadded" },
	{ AFTERBURN_FLAG_USER, "user" },
	{ 0 },
};

struct symbol {
	uint64_t address;
	unsigned int section;		/* as in struct line */
	const char *name;
	unsigned int rank;		/* the better name for an address: function, global, local */
};

static bool less(unsigned int section, uint64_t address, const struct symbol *f)
{
	return section != f->section ? section < f->section : address < f->address;
}

static int by_address(const void *left, const void *right)
{
	const struct symbol *a = left, *b = right;

	if (a->section != b->section || a->address != b->address)
		return less(a->section, a->address, b) ? -1 : 1;
	return (int)a->rank - (int)b->rank;
}

static int line_by_address(const void *left, const void *right)
{
	const struct line *a = left, *b = right;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	if (a->r.address != b->r.address)
		return a->r.address < b->r.address ? -1 : 1;
	return (int)a->r.kind - (int)b->r.kind;
}

static void read_symbols(struct listing *list)
{
	bool relocatable = list->elf.type == ET_REL;
	struct elf64_symbol s;

	list->symbol = calloc(elf64__symbols(&list->elf) + 1, sizeof(*list->symbol));
	if (!list->symbol)
		die("no memory for the symbols");
	for (size_t i = 1; i < elf64__symbols(&list->elf); i++) {
		elf64__symbol(&list->elf, i, &s);
		if (!*s.name || !s.section || s.section >= list->elf.sections || s.type == STT_SECTION ||
		    s.type == STT_FILE || !(list->elf.section[s.section].flags & SHF_ALLOC))
			continue;
		list->symbol[list->symbols++] = (struct symbol){
			.address = s.value, .section = relocatable ? s.section : 0, .name = s.name,
			.rank = s.type == STT_FUNC ? 2 : s.bind != STB_LOCAL,
		};
	}
	qsort(list->symbol, list->symbols, sizeof(*list->symbol), by_address);
}

/* The last symbol at or before this address, or NULL. */
static const struct symbol *symbol_at(const struct listing *list, unsigned int section, uint64_t address)
{
	size_t low = 0, high = list->symbols;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (less(section, address, &list->symbol[middle]))
			high = middle;
		else
			low = middle + 1;
	}
	return low && list->symbol[low - 1].section == section ? &list->symbol[low - 1] : NULL;
}

/* In a relocatable file the addresses are in the relocations. False if a record has none. */
static bool apply_relocations(struct listing *list, unsigned int records)
{
	struct elf64_symbol symbol;
	struct elf64_rela rela;

	for (unsigned int i = 1; i < list->elf.sections; i++) {
		const struct elf64_section *s = &list->elf.section[i];

		if (s->info != records)
			continue;
		for (size_t n = 0; n < elf64__relas(s); n++) {
			elf64__rela(&list->elf, s, n, &rela);
			size_t record = rela.offset / RECORD_SIZE, field = rela.offset % RECORD_SIZE;

			if (record >= list->lines)
				continue;
			elf64__symbol(&list->elf, rela.symbol, &symbol);
			if (field == RECORD_ADDRESS_OFFSET) {
				list->line[record].r.address = symbol.value + rela.addend;
				list->line[record].section = symbol.section;
			} else if (field == RECORD_END_OFFSET) {
				list->line[record].r.region.end = symbol.value + rela.addend;
			}
		}
	}
	for (size_t i = 0; i < list->lines; i++)
		if (!list->line[i].section)
			return false;
	return true;
}

/* Moves what says that code was seen into an array of its own. */
static void part_lines(struct listing *list)
{
	size_t lines = 0;

	list->seen = calloc(list->lines + 1, sizeof(*list->seen));
	if (!list->seen)
		die("no memory for %zu records", list->lines);
	for (size_t i = 0; i < list->lines; i++)
		if (list->line[i].r.kind == AFTERBURN_KIND_CODE)
			list->seen[list->seens++] = list->line[i];
		else
			list->line[lines++] = list->line[i];
	list->lines = lines;
}

static int read_lines(struct listing *list, const char *path, struct complaint *c)
{
	unsigned int n = elf64__find(&list->elf, AFTERBURN_SECTION);
	const struct elf64_section *s = &list->elf.section[n];
	struct complaint why;
	struct records r;

	if (!n)
		return 0;
	if (records__read(s->data, s->data ? s->size : 0, list->elf.big_endian, &r, &why))
		return complain(c, "%s: %.250s", path, why.text);
	list->line = calloc(r.count + 1, sizeof(*list->line));
	if (!list->line)
		die("no memory for %zu records", r.count);
	for (size_t i = 0; i < r.count; i++)
		list->line[i].r = r.record[i];
	list->lines = r.count;
	records__free(&r);
	if (list->elf.type == ET_REL && !apply_relocations(list, n))
		return complain(c, "%s: records without relocations, so that nobody knows where they belong: what has "
				"removed .rela" AFTERBURN_SECTION "? strip -g is right", path);
	qsort(list->line, list->lines, sizeof(*list->line), line_by_address);
	part_lines(list);
	return 0;
}

const char *listing__where(const struct listing *list, unsigned int section, uint64_t address, char *text,
			   size_t size)
{
	const struct symbol *f = symbol_at(list, section, address);

	if (f)
		snprintf(text, size, "%s+0x%" PRIx64, f->name, address - f->address);
	else
		snprintf(text, size, "%s", section ? list->elf.section[section].name : "?");
	return text;
}

__attribute__((format(printf, 3, 4)))
static void put(char **at, const char *end, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(*at, end - *at, format, args);
	va_end(args);
	*at = n < end - *at ? *at + n : (char *)end - 1;
}

const char *listing__describe(const struct afterburn_record *r, char *text, size_t size)
{
	const char *end = text + size, *comma = " dead=";
	char *at = text, insn[80];

	put(&at, end, "%-8s", records__kind_name(r->kind));
	if (record__is_site(r)) {
		put(&at, end, " %-24s words=%u", sensitive__print(r, insn, sizeof(insn)), r->site.words);
		if (r->site.width)
			put(&at, end, " width=%u", r->site.width);
		for (unsigned int n = 0; n < 32; n++)
			if (r->site.dead & 1u << n) {
				put(&at, end, "%s%s", comma, gpr_names[n]);
				comma = ",";
			}
	} else {
		put(&at, end, " end=+0x%" PRIx64 " (%" PRIu64 " words) first=%08x", r->region.end - r->address,
		    (r->region.end - r->address) / 4, r->region.word);
	}
	for (size_t i = 0; listing__flags[i].name; i++)
		if (r->flags & listing__flags[i].flag)
			put(&at, end, " %s", listing__flags[i].name);
	if (!(r->flags & AFTERBURN_FLAG_COMPLETE))
		put(&at, end, " incomplete");
	return text;
}

const char *listing__symbol(const struct listing *list, unsigned int section, uint64_t address, uint64_t *start)
{
	const struct symbol *s = symbol_at(list, section, address);

	if (s && start)
		*start = s->address;
	return s ? s->name : NULL;
}

const char *listing__source(const struct listing *list, unsigned int section, uint64_t address, int *line)
{
	return lines__at(list->source, section, address, line);
}

void listing__print_json(const char *text)
{
	putchar('"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			printf("\\%c", *text);
		else if ((unsigned char)*text < ' ')
			printf("\\u%04x", *text);
		else
			putchar(*text);
	putchar('"');
}

/* The records and symbols of list->elf; gives it back if they are bad. */
static int read_all(struct listing *list, const char *path, struct complaint *c)
{
	if (read_lines(list, path, c)) {
		listing__close(list);
		return -1;
	}
	read_symbols(list);
	return 0;
}

int listing__open(struct listing *list, const char *path, struct complaint *c)
{
	memset(list, 0, sizeof(*list));
	if (elf64__open(&list->elf, path, c) != ELF64_OK || read_all(list, path, c))
		return -1;
	list->source = lines__open(&list->elf, path);
	return 0;
}

int listing__open_memory(struct listing *list, const uint8_t *bytes, size_t size, struct complaint *c)
{
	memset(list, 0, sizeof(*list));
	return elf64__open_memory(&list->elf, bytes, size, "memory", c) != ELF64_OK ? -1 : read_all(list, "memory", c);
}

void listing__close(struct listing *list)
{
	free(list->line);
	free(list->seen);
	free(list->symbol);
	lines__close(list->source);
	elf64__close(&list->elf);
	memset(list, 0, sizeof(*list));
}
