/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Code that is not there yet, and code that lies among the data.
 *
 * Linux writes its TLB handlers and page copying at boot into room that its text leaves for them. The Wedge takes
 * every long run of zero words for such room, and so do we. And its vDSO, a shared library for user programs, lies in
 * the data as a whole ELF file.
 */
#include <string.h>

#include "afterburner/coverage.h"
#include "afterburner/sensitive.h"

#define ALIGNMENT_WORDS	32	/* nothing is aligned to more */

/* Is this room inside a function? What lies between functions is there to align the next. */
static bool inside_function(const struct coverage *coverage, unsigned int section, uint64_t offset)
{
	const struct elf64 *e = &coverage->list->elf;
	uint64_t value = offset + (e->type == ET_REL ? 0 : e->section[section].address);
	struct elf64_symbol s;

	for (size_t i = 1; i < elf64__symbols(e); i++) {
		elf64__symbol(e, i, &s);
		if (s.section == section && s.type == STT_FUNC && value - s.value < s.size)
			return true;
	}
	return false;
}

static void check_blank(struct coverage *coverage, unsigned int section, size_t start, size_t end)
{
	/* The run may have begun with the end of the function before. */
	if (end - start < AFTERBURN_BLANK_WORDS)
		return;
	if (end - start >= ALIGNMENT_WORDS || inside_function(coverage, section, end * 4 - 4))
		coverage__report(coverage, COVERAGE_BLANK, section, start * 4, 0,
				 "%zu words for code made at run time", end - start);
}

void coverage__find_blanks(struct coverage *coverage, unsigned int section)
{
	const struct code *code = &coverage->code[section];
	size_t start = 0, part;

	for (size_t i = 0; i <= code->words; i++) {
		if (i < code->words && !code->word[i] && !(code->flags[i] & CODE_DATA))
			continue;
		/* A run may be the room of several functions. */
		for (; i - start >= AFTERBURN_BLANK_WORDS; start = part) {
			for (part = start + 1; part < i && !(code->flags[part] & CODE_FUNCTION); )
				part++;
			check_blank(coverage, section, start, part);
		}
		start = i + 1;
	}
}

/* The sensitive instructions of a file that lies at `offset` of a section. */
static void check_file(struct coverage *coverage, unsigned int section, uint64_t offset, const struct elf64 *file)
{
	for (unsigned int n = 1; n < file->sections; n++) {
		const struct elf64_section *s = &file->section[n];

		for (uint64_t at = 0; elf64__is_code(s) && at + 4 <= s->size; at += 4) {
			uint32_t word = elf64__word(file, s, at);
			const struct sensitive *row = sensitive__match(word);

			if (row)
				coverage__report(coverage, COVERAGE_EMBEDDED, section, offset + s->offset + at, word,
						 "%s in %s of an ELF file among the data", row->name, s->name);
		}
	}
}

void coverage__find_embedded(struct coverage *coverage, unsigned int section)
{
	const struct elf64_section *s = &coverage->list->elf.section[section];
	struct complaint ignored;
	struct elf64 file;

	if (!s->data || !(s->flags & SHF_ALLOC) || s->flags & SHF_EXECINSTR)
		return;
	for (uint64_t at = 0; at + sizeof(Elf64_Ehdr) <= s->size; at += 8) {
		if (memcmp(s->data + at, ELFMAG, SELFMAG) ||
		    elf64__open_memory(&file, s->data + at, s->size - at, s->name, &ignored) != ELF64_OK)
			continue;
		check_file(coverage, section, at, &file);
		elf64__close(&file);
	}
}
