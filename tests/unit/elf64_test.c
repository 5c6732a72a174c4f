/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The ELF editor of the object pass: adding sections and symbols, MIPS64's own r_info in both byte orders, and
 * files in which every byte has been damaged, under the sanitizers.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "afterburner/code.h"
#include "afterburner/elf64-fields.h"
#include "afterburner/elf64.h"

enum { TEXT = 1, RELA, SYMTAB, STRTAB, NAMES, SECTIONS };
enum { TEXT_AT = 0x40, RELA_AT = 0x50, SYMTAB_AT = 0x80, STRTAB_AT = 0xc8, NAMES_AT = 0xd0, HEADERS_AT = 0x100 };
enum { FILE_SIZE = HEADERS_AT + SECTIONS * sizeof(Elf64_Shdr), SYMBOLS = 3, LOCALS = 2 };

static char path[] = "/tmp/elf64_test.XXXXXX";

struct order { bool big_endian; };	/* what PUT() wants to see */

static void put_section(struct order *e, uint8_t *file, unsigned int n, uint32_t name, uint32_t type,
			uint64_t flags, uint64_t offset, uint64_t size, uint32_t link, uint32_t info)
{
	uint8_t *p = file + HEADERS_AT + n * sizeof(Elf64_Shdr);

	PUT(e, p, Elf64_Shdr, sh_name, name);
	PUT(e, p, Elf64_Shdr, sh_type, type);
	PUT(e, p, Elf64_Shdr, sh_flags, flags);
	PUT(e, p, Elf64_Shdr, sh_offset, offset);
	PUT(e, p, Elf64_Shdr, sh_size, size);
	PUT(e, p, Elf64_Shdr, sh_link, link);
	PUT(e, p, Elf64_Shdr, sh_info, info);
	PUT(e, p, Elf64_Shdr, sh_addralign, 8);
}

/* jal g; nop; move v0, k0; nop, with one relocation, a local symbol "f" and a global one "g". */
static void make_object(uint8_t *file, bool big_endian)
{
	static const uint32_t code[] = { 0x0c000000, 0, 0x03401025, 0 };
	static const char names[] = "\0.text\0.rela.text\0.symtab\0.strtab\0.shstrtab";
	struct order order = { big_endian }, *e = &order;

	memset(file, 0, FILE_SIZE);
	memcpy(file, ELFMAG, SELFMAG);
	file[EI_CLASS] = ELFCLASS64;
	file[EI_DATA] = big_endian ? ELFDATA2MSB : ELFDATA2LSB;
	PUT(e, file, Elf64_Ehdr, e_type, ET_REL);
	PUT(e, file, Elf64_Ehdr, e_machine, EM_MIPS);
	PUT(e, file, Elf64_Ehdr, e_shoff, HEADERS_AT);
	PUT(e, file, Elf64_Ehdr, e_shentsize, sizeof(Elf64_Shdr));
	PUT(e, file, Elf64_Ehdr, e_shnum, SECTIONS);
	PUT(e, file, Elf64_Ehdr, e_shstrndx, NAMES);
	for (size_t i = 0; i < 4; i++)
		field__put(file + TEXT_AT + 4 * i, code[i], 4, big_endian);
	field__put(file + RELA_AT + MIPS_R_SYM, LOCALS, 4, big_endian);
	file[RELA_AT + MIPS_R_TYPE] = R_MIPS_26;
	PUT(e, file + SYMTAB_AT + sizeof(Elf64_Sym), Elf64_Sym, st_name, 1);
	PUT(e, file + SYMTAB_AT + sizeof(Elf64_Sym), Elf64_Sym, st_shndx, TEXT);
	PUT(e, file + SYMTAB_AT + 2 * sizeof(Elf64_Sym), Elf64_Sym, st_name, 3);
	PUT(e, file + SYMTAB_AT + 2 * sizeof(Elf64_Sym), Elf64_Sym, st_info,
	    ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE));
	memcpy(file + STRTAB_AT, "\0f\0g", 5);
	memcpy(file + NAMES_AT, names, sizeof(names));
	put_section(e, file, TEXT, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, TEXT_AT, sizeof(code), 0, 0);
	put_section(e, file, RELA, 7, SHT_RELA, 0, RELA_AT, sizeof(Elf64_Rela), SYMTAB, TEXT);
	put_section(e, file, SYMTAB, 18, SHT_SYMTAB, 0, SYMTAB_AT, SYMBOLS * sizeof(Elf64_Sym), STRTAB, LOCALS);
	put_section(e, file, STRTAB, 26, SHT_STRTAB, 0, STRTAB_AT, 5, 0, 0);
	put_section(e, file, NAMES, 34, SHT_STRTAB, 0, NAMES_AT, sizeof(names), 0, 0);
}

static void write_file(const uint8_t *bytes, size_t size)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, size, f), size);
	assert_int_equal(fclose(f), 0);
}

static enum elf64_result open_bytes(struct elf64 *e, const uint8_t *bytes, size_t size, struct complaint *c)
{
	write_file(bytes, size);
	return elf64__open(e, path, c);
}

static void test_adds_and_renumbers(void **state)
{
	for (int big = 0; big <= 1; big++) {
		uint8_t file[FILE_SIZE];
		struct elf64_symbol symbol;
		struct elf64_rela rela;
		struct complaint c;
		struct elf64 e;
		unsigned int n;

		make_object(file, big);
		assert_int_equal(open_bytes(&e, file, sizeof(file), &c), ELF64_OK);
		assert_string_equal(e.section[RELA].name, ".rela.text");
		n = elf64__add_section(&e, ".afterburn", SHT_PROGBITS, 8, 0);
		memcpy(elf64__grow(&e, n, 3), "abc", 3);
		assert_int_equal(elf64__section_symbol(&e, TEXT), LOCALS);
		assert_int_equal(elf64__section_symbol(&e, TEXT), LOCALS);
		assert_int_equal(elf64__write(&e, path, &c), 0);
		elf64__close(&e);

		assert_int_equal(elf64__open(&e, path, &c), ELF64_OK);
		n = elf64__find(&e, ".afterburn");
		assert_int_equal(n, SECTIONS);
		assert_int_equal(e.section[n].size, 3);
		assert_memory_equal(e.section[n].data, "abc", 3);
		assert_int_equal(elf64__symbols(&e), SYMBOLS + 1);
		assert_int_equal(e.section[SYMTAB].info, LOCALS + 1);
		elf64__symbol(&e, LOCALS, &symbol);
		assert_int_equal(symbol.type, STT_SECTION);
		assert_int_equal(symbol.section, TEXT);
		elf64__rela(&e, &e.section[RELA], 0, &rela);
		assert_int_equal(rela.type, R_MIPS_26);
		elf64__symbol(&e, rela.symbol, &symbol);
		assert_string_equal(symbol.name, "g");
		elf64__close(&e);
	}
}

static void test_r_info_of_both_byte_orders(void **state)
{
	uint8_t bytes[sizeof(Elf64_Rela)];
	struct elf64_section s = { .type = SHT_RELA, .size = sizeof(bytes), .data = bytes };
	struct elf64_rela rela = { .offset = 8, .symbol = 0x01020304, .type = R_MIPS_64, .addend = -4 }, back;

	for (int big = 0; big <= 1; big++) {
		struct elf64 e = { .big_endian = big };

		elf64__set_rela(&e, &s, 0, &rela);
		assert_int_equal(bytes[8], big ? 1 : 4);
		assert_int_equal(bytes[15], R_MIPS_64);
		elf64__rela(&e, &s, 0, &back);
		assert_memory_equal(&rela, &back, sizeof(rela));
	}
}

static void test_foreign_and_short_files(void **state)
{
	uint8_t file[FILE_SIZE];
	struct complaint c;
	struct elf64 e;

	make_object(file, false);
	file[EI_CLASS] = ELFCLASS32;
	assert_int_equal(open_bytes(&e, file, sizeof(file), &c), ELF64_FOREIGN);
	make_object(file, false);
	for (size_t size = 0; size < sizeof(file); size++) {
		enum elf64_result result = open_bytes(&e, file, size, &c);

		assert_int_equal(result, size < sizeof(Elf64_Ehdr) ? ELF64_FOREIGN : ELF64_BAD);
	}
}

/* What the object pass does with a file; nothing may be read or written outside it. */
static void use(struct elf64 *e)
{
	struct regions found = { 0 };
	struct complaint c;
	struct code code;

	for (unsigned int i = 1; i < e->sections; i++) {
		if (e->section[i].type != SHT_PROGBITS || !e->section[i].data)
			continue;
		code__read(&code, e, i);
		regions__find_k(&code, &found);
		regions__find_fpu(&code, &found);
		code__free(&code);
	}
	free(found.region);
	elf64__add_section(e, ".afterburn", SHT_PROGBITS, 8, 0);
	if (e->symtab)
		elf64__section_symbol(e, TEXT);
	assert_int_equal(elf64__write(e, path, &c), 0);
	elf64__close(e);
}

static void test_every_byte_damaged(void **state)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	uint8_t file[FILE_SIZE];
	struct complaint c;
	struct elf64 e;

	for (size_t at = 0; at < sizeof(file); at++)
		for (size_t v = 0; v < sizeof(values); v++) {
			make_object(file, false);
			file[at] = values[v];
			if (open_bytes(&e, file, sizeof(file), &c) == ELF64_OK)
				use(&e);
		}
}

static int make_path(void **state)
{
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_path(void **state)
{
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adds_and_renumbers),
		cmocka_unit_test(test_r_info_of_both_byte_orders),
		cmocka_unit_test(test_foreign_and_short_files),
		cmocka_unit_test(test_every_byte_damaged),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}
