/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MIPS ELF64 files in memory: reading. See elf64.h; what changes files is in elf64-edit.c.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "afterburner/elf64-fields.h"
#include "afterburner/elf64.h"

static int read_file(struct elf64 *e, const char *path, struct complaint *c)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	size_t done = 0;

	if (fd < 0 || fstat(fd, &st)) {
		complain(c, "%s: %s", path, strerror(errno));
		goto bad;
	}
	if (!S_ISREG(st.st_mode)) {
		complain(c, "%s: not a regular file", path);
		goto bad;
	}
	e->size = st.st_size;
	e->file = malloc(e->size + 1);
	if (!e->file) {
		complain(c, "%s: no memory for %zu bytes", path, e->size);
		goto bad;
	}
	while (done < e->size) {
		ssize_t n = read(fd, e->file + done, e->size - done);

		if (n <= 0) {
			complain(c, "%s: %s", path, n ? strerror(errno) : "became shorter while it was read");
			goto bad;
		}
		done += n;
	}
	close(fd);
	return 0;
bad:
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool inside(const struct elf64 *e, uint64_t offset, uint64_t size)
{
	return offset <= e->size && size <= e->size - offset;
}

static void read_section(struct elf64 *e, struct elf64_section *s, const uint8_t *p)
{
	s->name_at = GET(e, p, Elf64_Shdr, sh_name);
	s->type = GET(e, p, Elf64_Shdr, sh_type);
	s->flags = GET(e, p, Elf64_Shdr, sh_flags);
	s->address = GET(e, p, Elf64_Shdr, sh_addr);
	s->offset = GET(e, p, Elf64_Shdr, sh_offset);
	s->size = GET(e, p, Elf64_Shdr, sh_size);
	s->link = GET(e, p, Elf64_Shdr, sh_link);
	s->info = GET(e, p, Elf64_Shdr, sh_info);
	s->align = GET(e, p, Elf64_Shdr, sh_addralign);
	s->entry = GET(e, p, Elf64_Shdr, sh_entsize);
}

/* A string of a string table, "" where there is none or it does not end. */
static const char *string(const struct elf64 *e, unsigned int table, uint64_t at)
{
	const struct elf64_section *s = table < e->sections ? &e->section[table] : NULL;

	if (!s || s->type != SHT_STRTAB || at >= s->size ||
	    !memchr(s->data + at, 0, s->size - at))
		return "";
	return (const char *)s->data + at;
}

static int read_sections(struct elf64 *e, const char *path, struct complaint *c)
{
	uint64_t at = GET(e, e->file, Elf64_Ehdr, e_shoff);
	uint64_t count = GET(e, e->file, Elf64_Ehdr, e_shnum);
	const uint64_t each = GET(e, e->file, Elf64_Ehdr, e_shentsize);

	e->names = GET(e, e->file, Elf64_Ehdr, e_shstrndx);
	if (at && (each != sizeof(Elf64_Shdr) || !inside(e, at, each)))
		return complain(c, "%s: section headers lie outside the file", path);
	/* More sections than fit 16 bits: the first header holds the true numbers. */
	if (at && !count)
		count = GET(e, e->file + at, Elf64_Shdr, sh_size);
	if (at && e->names == SHN_XINDEX)
		e->names = GET(e, e->file + at, Elf64_Shdr, sh_link);
	if (!at || !count || count > e->size / each || !inside(e, at, count * each))
		return complain(c, "%s: no section headers, or they lie outside the file", path);
	e->section = calloc(count, sizeof(*e->section));
	if (!e->section)
		return complain(c, "%s: no memory for %llu sections", path, (unsigned long long)count);
	e->sections = count;
	for (unsigned int i = 0; i < count; i++) {
		struct elf64_section *s = &e->section[i];

		read_section(e, s, e->file + at + i * each);
		if (s->type == SHT_NOBITS || s->type == SHT_NULL)
			continue;
		if (!inside(e, s->offset, s->size))
			return complain(c, "%s: section %u lies outside the file", path, i);
		s->data = e->file + s->offset;
		if (s->type == SHT_SYMTAB)
			e->symtab = i;
	}
	if (e->names >= count || e->section[e->names].type != SHT_STRTAB)
		return complain(c, "%s: section %u should hold the names of sections and does not", path, e->names);
	for (unsigned int i = 0; i < count; i++) {
		struct elf64_section *s = &e->section[i];

		s->name = string(e, e->names, s->name_at);
		if (s->type == SHT_SYMTAB && s->info > s->size / sizeof(Elf64_Sym))
			return complain(c, "%s: section %u (%s) has %u local symbols of %llu", path, i, s->name,
					s->info, (unsigned long long)(s->size / sizeof(Elf64_Sym)));
		if ((s->type == SHT_RELA || s->type == SHT_SYMTAB) && s->link >= count)
			return complain(c, "%s: section %u (%s) links to section %u of %llu", path, i, s->name,
					s->link, (unsigned long long)count);
	}
	return 0;
}

static enum elf64_result parse(struct elf64 *e, const char *path, struct complaint *c)
{
	if (e->size < sizeof(Elf64_Ehdr) || memcmp(e->file, ELFMAG, SELFMAG) ||
	    e->file[EI_CLASS] != ELFCLASS64)
		goto foreign;
	e->big_endian = e->file[EI_DATA] == ELFDATA2MSB;
	if (GET(e, e->file, Elf64_Ehdr, e_machine) != EM_MIPS)
		goto foreign;
	e->type = GET(e, e->file, Elf64_Ehdr, e_type);
	e->flags = GET(e, e->file, Elf64_Ehdr, e_flags);
	if (read_sections(e, path, c))
		goto bad;
	return ELF64_OK;
foreign:
	elf64__close(e);
	complain(c, "%s: not an ELF64 file for MIPS", path);
	return ELF64_FOREIGN;
bad:
	elf64__close(e);
	return ELF64_BAD;
}

enum elf64_result elf64__open(struct elf64 *e, const char *path, struct complaint *c)
{
	memset(e, 0, sizeof(*e));
	if (!read_file(e, path, c))
		return parse(e, path, c);
	elf64__close(e);
	return ELF64_BAD;
}

enum elf64_result elf64__open_memory(struct elf64 *e, const uint8_t *bytes, size_t size, const char *name,
				     struct complaint *c)
{
	*e = (struct elf64){ .file = (uint8_t *)bytes, .size = size, .borrowed = true };
	return parse(e, name, c);
}

void elf64__close(struct elf64 *e)
{
	for (unsigned int i = 0; i < e->sections; i++)
		if (e->section[i].owned)
			free(e->section[i].data);
	free(e->section);
	if (!e->borrowed)
		free(e->file);
	memset(e, 0, sizeof(*e));
}

unsigned int elf64__find(const struct elf64 *e, const char *name)
{
	for (unsigned int i = 1; i < e->sections; i++)
		if (!strcmp(e->section[i].name, name))
			return i;
	return 0;
}

size_t elf64__symbols(const struct elf64 *e)
{
	return e->symtab ? e->section[e->symtab].size / sizeof(Elf64_Sym) : 0;
}

/* The section of a symbol whose number does not fit its 16-bit field (-ffunction-sections makes such files). */
static uint32_t extended_section(const struct elf64 *e, size_t n)
{
	for (unsigned int i = 1; i < e->sections; i++) {
		const struct elf64_section *s = &e->section[i];

		if (s->type == SHT_SYMTAB_SHNDX && s->link == e->symtab && (n + 1) * 4 <= s->size)
			return field__get(s->data + n * 4, 4, e->big_endian);
	}
	return SHN_UNDEF;
}

void elf64__symbol(const struct elf64 *e, size_t n, struct elf64_symbol *symbol)
{
	const struct elf64_section *s = &e->section[e->symtab];
	const uint8_t *p;
	unsigned int info;

	memset(symbol, 0, sizeof(*symbol));
	symbol->name = "";
	if (n >= elf64__symbols(e))
		return;
	p = s->data + n * sizeof(Elf64_Sym);
	info = GET(e, p, Elf64_Sym, st_info);
	symbol->name = string(e, s->link, GET(e, p, Elf64_Sym, st_name));
	symbol->type = ELF64_ST_TYPE(info);
	symbol->bind = ELF64_ST_BIND(info);
	symbol->section = GET(e, p, Elf64_Sym, st_shndx);
	symbol->value = GET(e, p, Elf64_Sym, st_value);
	symbol->size = GET(e, p, Elf64_Sym, st_size);
	if (symbol->section == SHN_XINDEX)
		symbol->section = extended_section(e, n);
	else if (symbol->section >= SHN_LORESERVE)
		symbol->section = SHN_UNDEF;	/* absolute, common: nothing that lies in a section */
	if (symbol->section >= e->sections)
		symbol->section = SHN_UNDEF;
}

size_t elf64__relas(const struct elf64_section *s)
{
	return s->type == SHT_RELA ? s->size / sizeof(Elf64_Rela) : 0;
}

void elf64__rela(const struct elf64 *e, const struct elf64_section *s, size_t n, struct elf64_rela *rela)
{
	const uint8_t *p = s->data + n * sizeof(Elf64_Rela);

	rela->offset = GET(e, p, Elf64_Rela, r_offset);
	rela->symbol = field__get(p + MIPS_R_SYM, 4, e->big_endian);
	rela->type = p[MIPS_R_TYPE];
	rela->addend = GET(e, p, Elf64_Rela, r_addend);
}

uint32_t elf64__word(const struct elf64 *e, const struct elf64_section *s, uint64_t offset)
{
	return field__get(s->data + offset, 4, e->big_endian);
}
