/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small but complete kernel file, made in memory, for the tests of the loader and the relinker.
 *
 *	0x000  lui	R_MIPS_HI16
 *	0x004  jal	R_MIPS_26
 *	0x00c  j	R_MIPS_26
 *	0x040  address	R_MIPS_64
 *	0x080  __ex_table, two pairs of addresses
 *	0x0c0  .data.reloc
 *	0x100  end of the file's part; .bss up to 0x400
 */
#ifndef TESTS_UNIT_ELF_FIXTURE_H
#define TESTS_UNIT_ELF_FIXTURE_H

#include <elf.h>

#include "tests/unit/cmocka_all.h"

#define KERNEL_VA	0xffffffff81100000ull
#define KERNEL_PA	0x01100000ull
#define KERNEL_FILE	0x100u		/* bytes of the segment in the file */
#define KERNEL_MEMORY	0x400u

/* Places in the file. */
#define SEGMENT_AT	0x100u
#define AFTERBURN_AT	0x200u
#define STRTAB_AT	0x240u
#define SHSTRTAB_AT	0x280u
#define SYMTAB_AT	0x300u
#define SHDRS_AT	0x400u
#define SECTIONS	8u
#define SYMBOLS		6u
#define ELF_SIZE	(SHDRS_AT + SECTIONS * 64)

struct elf_file {
	uint8_t bytes[ELF_SIZE];
	bool little;
};

static inline void elf_put(struct elf_file *e, size_t at, unsigned size, uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		e->bytes[at + (e->little ? i : size - 1 - i)] = value >> 8 * i;
}

static inline void elf_section(struct elf_file *e, unsigned n, unsigned name, uint32_t type, uint64_t flags,
			       uint64_t address, uint64_t offset, uint64_t size, uint32_t link, uint64_t entsize)
{
	size_t at = SHDRS_AT + 64 * n;

	elf_put(e, at + 0, 4, name);
	elf_put(e, at + 4, 4, type);
	elf_put(e, at + 8, 8, flags);
	elf_put(e, at + 16, 8, address);
	elf_put(e, at + 24, 8, offset);
	elf_put(e, at + 32, 8, size);
	elf_put(e, at + 40, 4, link);
	elf_put(e, at + 48, 8, 4);
	elf_put(e, at + 56, 8, entsize);
}

static inline void elf_symbol(struct elf_file *e, unsigned n, unsigned name, unsigned type, unsigned section,
			      uint64_t value)
{
	size_t at = SYMTAB_AT + 24 * n;

	elf_put(e, at + 0, 4, name);
	elf_put(e, at + 4, 1, STB_GLOBAL << 4 | type);
	elf_put(e, at + 6, 2, section);
	elf_put(e, at + 8, 8, value);
}

static inline void elf_headers(struct elf_file *e)
{
	memcpy(e->bytes, ELFMAG, SELFMAG);
	e->bytes[EI_CLASS] = ELFCLASS64;
	e->bytes[EI_DATA] = e->little ? ELFDATA2LSB : ELFDATA2MSB;
	e->bytes[EI_VERSION] = EV_CURRENT;
	elf_put(e, 16, 2, ET_EXEC);
	elf_put(e, 18, 2, EM_MIPS);
	elf_put(e, 20, 4, EV_CURRENT);
	elf_put(e, 24, 8, KERNEL_VA + 0x10);	/* e_entry */
	elf_put(e, 32, 8, 64);			/* e_phoff */
	elf_put(e, 40, 8, SHDRS_AT);
	elf_put(e, 52, 2, 64);
	elf_put(e, 54, 2, 56);
	elf_put(e, 56, 2, 1);			/* e_phnum */
	elf_put(e, 58, 2, 64);
	elf_put(e, 60, 2, SECTIONS);
	elf_put(e, 62, 2, SECTIONS - 1);
	elf_put(e, 64, 4, PT_LOAD);
	elf_put(e, 68, 4, PF_R | PF_W | PF_X);
	elf_put(e, 72, 8, SEGMENT_AT);
	elf_put(e, 80, 8, KERNEL_VA);
	elf_put(e, 88, 8, KERNEL_VA);
	elf_put(e, 96, 8, KERNEL_FILE);
	elf_put(e, 104, 8, KERNEL_MEMORY);
	elf_put(e, 112, 8, 0x100);
}

static inline void elf_contents(struct elf_file *e)
{
	const uint32_t relocations[] = {
		R_MIPS_HI16 << 24, R_MIPS_26 << 24 | 4 / 4, R_MIPS_26 << 24 | 0xc / 4,
		R_MIPS_64 << 24 | 0x40 / 4, 0,
	};

	for (unsigned i = 0; i < KERNEL_FILE; i += 4)
		elf_put(e, SEGMENT_AT + i, 4, i < 0xc0 ? 0xa0000000 | i : 0);
	elf_put(e, SEGMENT_AT + 0x00, 4, 0x3c028110);		/* lui v0, 0x8110 */
	elf_put(e, SEGMENT_AT + 0x04, 4, 0x0c440004);		/* jal 0x81100010 */
	elf_put(e, SEGMENT_AT + 0x0c, 4, 0x08440000);		/* j 0x81100000 */
	elf_put(e, SEGMENT_AT + 0x40, 8, KERNEL_VA + 0x44);
	for (unsigned i = 0; i < 4; i++)
		elf_put(e, SEGMENT_AT + 0x80 + 8 * i, 8, KERNEL_VA + 4 * i);
	for (unsigned i = 0; i < COUNT(relocations); i++)
		elf_put(e, SEGMENT_AT + 0xc0 + 4 * i, 4, relocations[i]);
	memcpy(e->bytes + AFTERBURN_AT, "the records", 12);
	memcpy(e->bytes + STRTAB_AT, "\0start\0data\0alias\0.L1\0_end", 27);
	memcpy(e->bytes + SHSTRTAB_AT,
	       "\0.text\0__ex_table\0.data.reloc\0.afterburn\0.symtab\0.strtab\0.shstrtab", 67);
}

static inline void elf_make(struct elf_file *e, bool little)
{
	memset(e, 0, sizeof(*e));
	e->little = little;
	elf_headers(e);
	elf_contents(e);
	elf_section(e, 1, 1, SHT_PROGBITS, SHF_ALLOC, KERNEL_VA, SEGMENT_AT, 0x80, 0, 0);
	elf_section(e, 2, 7, SHT_PROGBITS, SHF_ALLOC, KERNEL_VA + 0x80, SEGMENT_AT + 0x80, 0x20, 0, 0);
	elf_section(e, 3, 18, SHT_PROGBITS, SHF_ALLOC, KERNEL_VA + 0xc0, SEGMENT_AT + 0xc0, 0x40, 0, 0);
	elf_section(e, 4, 30, SHT_PROGBITS, 0, 0, AFTERBURN_AT, 12, 0, 0);
	elf_section(e, 5, 41, SHT_SYMTAB, 0, 0, SYMTAB_AT, SYMBOLS * 24, 6, 24);
	elf_section(e, 6, 49, SHT_STRTAB, 0, 0, STRTAB_AT, 27, 0, 0);
	elf_section(e, 7, 57, SHT_STRTAB, 0, 0, SHSTRTAB_AT, 67, 0, 0);
	elf_symbol(e, 1, 1, STT_FUNC, 1, KERNEL_VA + 0x10);		/* start */
	elf_symbol(e, 2, 7, STT_OBJECT, 1, KERNEL_VA + 0x40);		/* data */
	elf_symbol(e, 3, 12, STT_NOTYPE, 1, KERNEL_VA + 0x10);		/* alias */
	elf_symbol(e, 4, 18, STT_NOTYPE, 1, KERNEL_VA + 0x20);		/* .L1: not kept */
	elf_symbol(e, 5, 22, STT_NOTYPE, SHN_ABS, KERNEL_VA + KERNEL_MEMORY);	/* _end */
}

#endif
