/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of an ELF file with their sections and symbols: see listing.h.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/listing.h"

struct function {
	uint64_t address;
	unsigned int section;		/* as in struct line */
	const char *name;
	unsigned int rank;		/* the better name for an address: function, global, local */
};

static bool less(unsigned int section, uint64_t address, const struct function *f)
{
	return section != f->section ? section < f->section : address < f->address;
}

static int by_address(const void *left, const void *right)
{
	const struct function *a = left, *b = right;

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

static void read_functions(struct listing *list)
{
	bool relocatable = list->elf.type == ET_REL;
	struct elf64_symbol s;

	list->function = calloc(elf64__symbols(&list->elf) + 1, sizeof(*list->function));
	if (!list->function)
		die("no memory for the symbols");
	for (size_t i = 1; i < elf64__symbols(&list->elf); i++) {
		elf64__symbol(&list->elf, i, &s);
		if (!*s.name || !s.section || s.section >= list->elf.sections || s.type == STT_SECTION ||
		    s.type == STT_FILE || !(list->elf.section[s.section].flags & SHF_EXECINSTR))
			continue;
		list->function[list->functions++] = (struct function){
			.address = s.value, .section = relocatable ? s.section : 0, .name = s.name,
			.rank = s.type == STT_FUNC ? 2 : s.bind != STB_LOCAL,
		};
	}
	qsort(list->function, list->functions, sizeof(*list->function), by_address);
}

/* The last symbol at or before this address, or NULL. */
static const struct function *function_at(const struct listing *list, unsigned int section, uint64_t address)
{
	size_t low = 0, high = list->functions;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (less(section, address, &list->function[middle]))
			high = middle;
		else
			low = middle + 1;
	}
	return low && list->function[low - 1].section == section ? &list->function[low - 1] : NULL;
}

/* In a relocatable file the addresses are in the relocations. */
static void apply_relocations(struct listing *list, unsigned int records)
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
	if (list->elf.type == ET_REL)
		apply_relocations(list, n);
	qsort(list->line, list->lines, sizeof(*list->line), line_by_address);
	return 0;
}

const char *listing__where(const struct listing *list, unsigned int section, uint64_t address, char *text,
			   size_t size)
{
	const struct function *f = function_at(list, section, address);

	if (f)
		snprintf(text, size, "%s+0x%" PRIx64, f->name, address - f->address);
	else
		snprintf(text, size, "%s", section ? list->elf.section[section].name : "?");
	return text;
}

int listing__open(struct listing *list, const char *path, struct complaint *c)
{
	memset(list, 0, sizeof(*list));
	if (elf64__open(&list->elf, path, c) != ELF64_OK)
		return -1;
	if (read_lines(list, path, c)) {
		listing__close(list);
		return -1;
	}
	read_functions(list);
	return 0;
}

void listing__close(struct listing *list)
{
	free(list->line);
	free(list->function);
	elf64__close(&list->elf);
	memset(list, 0, sizeof(*list));
}
