/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MIPS ELF64 files in memory: what changes them. See elf64.h.
 *
 * What bites: local symbols must precede global ones, so a new section symbol takes the place of the first
 * global symbol, and every number of a global symbol in the file (relocations, group signatures) grows by
 * one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "afterburner/elf64-fields.h"
#include "afterburner/elf64.h"

static void *need(void *memory)
{
	if (!memory)
		die("no memory");
	return memory;
}

void elf64__set_rela(const struct elf64 *e, struct elf64_section *s, size_t n, const struct elf64_rela *rela)
{
	uint8_t *p = s->data + n * sizeof(Elf64_Rela);

	memset(p, 0, sizeof(Elf64_Rela));
	PUT(e, p, Elf64_Rela, r_offset, rela->offset);
	field__put(p + MIPS_R_SYM, rela->symbol, 4, e->big_endian);
	p[MIPS_R_TYPE] = rela->type;
	PUT(e, p, Elf64_Rela, r_addend, rela->addend);
}

uint8_t *elf64__grow(struct elf64 *e, unsigned int section, size_t more)
{
	struct elf64_section *s = &e->section[section];
	uint8_t *data = need(malloc(s->size + more + 1));

	if (s->size)
		memcpy(data, s->data, s->size);
	memset(data + s->size, 0, more);
	if (s->owned)
		free(s->data);
	s->data = data;
	s->owned = true;
	s->size += more;
	/* The names of sections point into this one. */
	if (section == e->names)
		for (unsigned int i = 0; i < e->sections; i++)
			e->section[i].name = (const char *)data + e->section[i].name_at;
	return data + s->size - more;
}

unsigned int elf64__add_section(struct elf64 *e, const char *name, uint32_t type, uint64_t align, uint64_t entry)
{
	unsigned int n = e->sections;
	uint32_t name_at = e->section[e->names].size;

	memcpy(elf64__grow(e, e->names, strlen(name) + 1), name, strlen(name));
	e->section = need(realloc(e->section, (n + 1) * sizeof(*e->section)));
	e->sections++;
	e->section[n] = (struct elf64_section){
		.name = (const char *)e->section[e->names].data + name_at,
		.name_at = name_at, .type = type, .align = align, .entry = entry,
		.data = need(calloc(1, 1)), .owned = true,
	};
	return n;
}

/* Numbers of symbols from `first` on grow by one, wherever they stand. */
static void renumber(struct elf64 *e, uint32_t first)
{
	for (unsigned int i = 1; i < e->sections; i++) {
		struct elf64_section *s = &e->section[i];

		if (s->link != e->symtab)
			continue;
		if (s->type == SHT_GROUP && s->info >= first)
			s->info++;
		if (s->type != SHT_RELA && s->type != SHT_REL)
			continue;
		const size_t each = s->type == SHT_RELA ? sizeof(Elf64_Rela) : sizeof(Elf64_Rel);

		for (size_t at = 0; at + each <= s->size; at += each) {
			uint32_t symbol = field__get(s->data + at + MIPS_R_SYM, 4, e->big_endian);

			if (symbol >= first)
				field__put(s->data + at + MIPS_R_SYM, symbol + 1, 4, e->big_endian);
		}
	}
}

/* Opens a gap of `each` bytes for entry n of a table. */
static uint8_t *insert(struct elf64 *e, unsigned int section, uint32_t n, size_t each)
{
	struct elf64_section *s = &e->section[section];

	elf64__grow(e, section, each);
	memmove(s->data + (n + 1) * each, s->data + n * each, s->size - (n + 1) * each);
	memset(s->data + n * each, 0, each);
	return s->data + n * each;
}

uint32_t elf64__section_symbol(struct elf64 *e, unsigned int section)
{
	struct elf64_symbol symbol;
	uint32_t first = e->section[e->symtab].info;
	uint8_t *p;

	for (uint32_t i = 0; i < first; i++) {
		elf64__symbol(e, i, &symbol);
		if (symbol.type == STT_SECTION && symbol.section == section)
			return i;
	}
	renumber(e, first);
	for (unsigned int i = 1; i < e->sections; i++)
		if (e->section[i].type == SHT_SYMTAB_SHNDX && e->section[i].link == e->symtab) {
			p = insert(e, i, first, sizeof(uint32_t));
			field__put(p, section >= SHN_LORESERVE ? section : 0, sizeof(uint32_t), e->big_endian);
		}
	p = insert(e, e->symtab, first, sizeof(Elf64_Sym));
	PUT(e, p, Elf64_Sym, st_info, ELF64_ST_INFO(STB_LOCAL, STT_SECTION));
	PUT(e, p, Elf64_Sym, st_shndx, section >= SHN_LORESERVE ? SHN_XINDEX : section);
	e->section[e->symtab].info++;
	return first;
}

static void put_header(const struct elf64 *e, uint8_t *p, const struct elf64_section *s)
{
	PUT(e, p, Elf64_Shdr, sh_name, s->name_at);
	PUT(e, p, Elf64_Shdr, sh_type, s->type);
	PUT(e, p, Elf64_Shdr, sh_flags, s->flags);
	PUT(e, p, Elf64_Shdr, sh_addr, s->address);
	PUT(e, p, Elf64_Shdr, sh_offset, s->offset);
	PUT(e, p, Elf64_Shdr, sh_size, s->size);
	PUT(e, p, Elf64_Shdr, sh_link, s->link);
	PUT(e, p, Elf64_Shdr, sh_info, s->info);
	PUT(e, p, Elf64_Shdr, sh_addralign, s->align);
	PUT(e, p, Elf64_Shdr, sh_entsize, s->entry);
}

/* What we add or let grow are tables, which want no more than this, whatever their headers say. */
static size_t align_up(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

/* The image of the changed file: the old one, the changed sections, the new headers. */
static uint8_t *image(struct elf64 *e, size_t *size)
{
	size_t total = e->size, headers;
	uint8_t *out;

	for (unsigned int i = 1; i < e->sections; i++) {
		struct elf64_section *s = &e->section[i];

		if (s->owned) {
			s->offset = align_up(total);
			total = s->offset + s->size;
		}
	}
	headers = align_up(total);
	*size = headers + e->sections * sizeof(Elf64_Shdr);
	out = need(calloc(1, *size));
	memcpy(out, e->file, e->size);
	for (unsigned int i = 0; i < e->sections; i++) {
		struct elf64_section *s = &e->section[i];

		if (s->owned && s->size)
			memcpy(out + s->offset, s->data, s->size);
		/* Header 0 holds the number of sections where it does not fit the file header. */
		if (!i && e->sections >= SHN_LORESERVE)
			s->size = e->sections;
		put_header(e, out + headers + i * sizeof(Elf64_Shdr), s);
	}
	PUT(e, out, Elf64_Ehdr, e_shoff, headers);
	PUT(e, out, Elf64_Ehdr, e_shnum, e->sections >= SHN_LORESERVE ? 0 : e->sections);
	return out;
}

int elf64__write(struct elf64 *e, const char *path, struct complaint *c)
{
	size_t size, done = 0;
	uint8_t *out = image(e, &size);
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);

	while (fd >= 0 && done < size) {
		ssize_t n = write(fd, out + done, size - done);

		if (n < 0)
			break;
		done += n;
	}
	free(out);
	if (fd < 0 || done < size || close(fd))
		return complain(c, "%s: writing the completed object: %s", path, strerror(errno));
	return 0;
}
