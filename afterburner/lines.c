/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Line tables: see lines.h. libdw reads them.
 *
 * What bites: the line tables of a relocatable file begin to make sense when their relocations are applied, which
 * libdw 0.188 cannot do for MIPS. We do it, on a copy of the file, and since each of its sections begins at 0 we
 * pretend that section n begins at n << SECTION_SHIFT.
 */
#define _GNU_SOURCE
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "afterburner/elf64-fields.h"
#include "afterburner/lines.h"

#define SECTION_SHIFT	40

struct lines {
	Dwarf *dwarf;
	Elf *elf;
	void *copy;		/* of a relocatable file, relocated */
	int fd;
};

static uint64_t section_base(const struct elf64 *e, unsigned int section)
{
	return e->type == ET_REL && e->section[section].flags & SHF_ALLOC ? (uint64_t)section << SECTION_SHIFT : 0;
}

static void relocate(const struct elf64 *e, uint8_t *copy, const struct elf64_section *relas)
{
	const struct elf64_section *s = &e->section[relas->info];
	struct elf64_symbol symbol;
	struct elf64_rela rela;

	for (size_t n = 0; n < elf64__relas(relas); n++) {
		elf64__rela(e, relas, n, &rela);
		size_t bytes = rela.type == R_MIPS_64 ? 8 : rela.type == R_MIPS_32 ? 4 : 0;

		if (!bytes || rela.offset > s->size || bytes > s->size - rela.offset)
			continue;
		elf64__symbol(e, rela.symbol, &symbol);
		field__put(copy + s->offset + rela.offset, section_base(e, symbol.section) + symbol.value + rela.addend,
			   bytes, e->big_endian);
	}
}

static Elf *open_relocatable(struct lines *lines, const struct elf64 *e)
{
	lines->copy = malloc(e->size);
	if (!lines->copy)
		die("no memory for a copy of %zu bytes", e->size);
	memcpy(lines->copy, e->file, e->size);
	for (unsigned int i = 1; i < e->sections; i++) {
		const struct elf64_section *s = &e->section[i];

		if (s->type == SHT_RELA && s->info < e->sections && e->section[s->info].data &&
		    !(e->section[s->info].flags & SHF_ALLOC))
			relocate(e, lines->copy, s);
	}
	return elf_memory(lines->copy, e->size);
}

/* Is this the file that .gnu_debuglink means? It knows it by the CRC of all of it. */
static bool has_crc(int fd, uint32_t wanted)
{
	unsigned long crc = crc32(0, NULL, 0);
	uint8_t buffer[65536];
	ssize_t n;

	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		crc = crc32(crc, buffer, n);
	return !n && crc == wanted;
}

/* The file that holds the line tables: one beside `path`, or `path` itself. */
static int find_file(Elf *elf, const char *path)
{
	const char *slash = strrchr(path, '/');
	int folder = slash ? slash - path + 1 : 0, fd;
	GElf_Word crc;
	const char *name = dwelf_elf_gnu_debuglink(elf, &crc);
	char *beside;

	if (!name || asprintf(&beside, "%.*s%s", folder, path, name) < 0)
		return -1;
	fd = open(beside, O_RDONLY | O_CLOEXEC);
	free(beside);
	if (fd >= 0 && !has_crc(fd, crc)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static Elf *open_linked(struct lines *lines, const struct elf64 *e, const char *path)
{
	Elf *elf = elf_memory((char *)e->file, e->size);
	int fd = elf && !elf64__find(e, ".debug_line") ? find_file(elf, path) : -1;

	if (fd < 0)
		return elf;
	elf_end(elf);
	lines->fd = fd;
	return elf_begin(fd, ELF_C_READ_MMAP, NULL);
}

struct lines *lines__open(const struct elf64 *e, const char *path)
{
	struct lines *lines = calloc(1, sizeof(*lines));

	if (!lines)
		die("no memory");
	lines->fd = -1;
	elf_version(EV_CURRENT);
	lines->elf = e->type == ET_REL ? open_relocatable(lines, e) : open_linked(lines, e, path);
	if (lines->elf)
		lines->dwarf = dwarf_begin_elf(lines->elf, DWARF_C_READ, NULL);
	if (lines->dwarf)
		return lines;
	lines__close(lines);
	return NULL;
}

void lines__close(struct lines *lines)
{
	if (!lines)
		return;
	dwarf_end(lines->dwarf);
	elf_end(lines->elf);
	if (lines->fd >= 0)
		close(lines->fd);
	free(lines->copy);
	free(lines);
}

const char *lines__at(struct lines *lines, unsigned int section, uint64_t address, int *number)
{
	const char *name = NULL;
	Dwarf_Line *line;
	Dwarf_Die unit;

	if (lines && dwarf_addrdie(lines->dwarf, address + ((uint64_t)section << SECTION_SHIFT), &unit)) {
		line = dwarf_getsrc_die(&unit, address + ((uint64_t)section << SECTION_SHIFT));
		if (line && !dwarf_lineno(line, number))
			name = dwarf_linesrc(line, NULL, NULL);
	}
	while (name && !strncmp(name, "./", 2))
		name += 2;
	return name;
}
