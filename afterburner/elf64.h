/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * MIPS ELF64 files in memory: enough to read sections, symbols and relocations, and to add to them.
 *
 * Not libelf, for two reasons. MIPS64 splits r_info into a 32-bit symbol and four bytes, which little-endian
 * files do not store as one 64-bit number, and libelf's versions differ in what they make of that. And an
 * object that comes from gas should stay byte for byte as it was: changed sections and the section headers
 * are written behind the old end of the file, nothing else moves.
 */
#ifndef AFTERBURNER_ELF64_H
#define AFTERBURNER_ELF64_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/complain.h"

struct elf64_section {
	const char *name;	/* valid until a section is added */
	uint32_t name_at, type, link, info;
	uint64_t flags, address, offset, size, align, entry;
	uint8_t *data;		/* size bytes, or NULL for SHT_NOBITS */
	bool owned;		/* data is on the heap, to be written behind the old end */
};

struct elf64 {
	uint8_t *file;
	size_t size;
	bool borrowed;		/* file is somebody else's memory */
	bool big_endian;
	uint16_t type;		/* ET_REL, ET_EXEC, ET_DYN */
	uint32_t flags;		/* e_flags */
	struct elf64_section *section;
	unsigned int sections, names;	/* names: index of .shstrtab */
	unsigned int symtab;		/* index of .symtab, 0 if stripped */
};

struct elf64_symbol {
	const char *name;	/* "" if none */
	uint8_t type, bind;	/* STT_*, STB_* */
	uint32_t section;	/* SHN_XINDEX is resolved */
	uint64_t value, size;
};

struct elf64_rela {
	uint64_t offset;
	uint32_t symbol;
	uint8_t type;		/* the first of the three */
	int64_t addend;
};

enum elf64_result { ELF64_BAD = -1, ELF64_OK = 0, ELF64_FOREIGN = 1 /* not a MIPS ELF64 file */ };

/* Reads a whole file. On ELF64_BAD the line in `c` says why; on anything but ELF64_OK there is nothing to close. */
enum elf64_result elf64__open(struct elf64 *e, const char *path, struct complaint *c);
/* The same with a file in memory, which stays the caller's and must outlive `e`; `name` is for complaints. */
enum elf64_result elf64__open_memory(struct elf64 *e, const uint8_t *bytes, size_t size, const char *name,
				     struct complaint *c);
void elf64__close(struct elf64 *e);

/* Writes the file with its changes over `path`. */
int elf64__write(struct elf64 *e, const char *path, struct complaint *c);

/* Does the section hold instructions? */
static inline bool elf64__is_code(const struct elf64_section *s)
{
	return s->type == SHT_PROGBITS && s->flags & SHF_EXECINSTR && s->size >= 4;
}

/* Index of the first section of that name, 0 if there is none. */
unsigned int elf64__find(const struct elf64 *e, const char *name);

size_t elf64__symbols(const struct elf64 *e);
void elf64__symbol(const struct elf64 *e, size_t n, struct elf64_symbol *symbol);

size_t elf64__relas(const struct elf64_section *s);
void elf64__rela(const struct elf64 *e, const struct elf64_section *s, size_t n, struct elf64_rela *rela);
void elf64__set_rela(const struct elf64 *e, struct elf64_section *s, size_t n, const struct elf64_rela *rela);

/* The word at this offset of the section, in the byte order of this machine. */
uint32_t elf64__word(const struct elf64 *e, const struct elf64_section *s, uint64_t offset);

/* Makes room for `more` bytes, zeroed, at the end of the section; returns where they start. */
uint8_t *elf64__grow(struct elf64 *e, unsigned int section, size_t more);

/* Adds an empty section, which moves e->section; returns its index. */
unsigned int elf64__add_section(struct elf64 *e, const char *name, uint32_t type, uint64_t align, uint64_t entry);

/* The symbol of a section, made (behind the other local symbols) if gas left it out. */
uint32_t elf64__section_symbol(struct elf64 *e, unsigned int section);

#endif
