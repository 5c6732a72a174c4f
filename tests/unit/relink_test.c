// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The relinker: what it changes, what it refuses, and that a refusal changes nothing.
 */
#include "tests/unit/elf_fixture.h"
#include "wedge/load/relink.h"

#define WINDOW		0x40000000ull
#define TABLE_AT	(SEGMENT_AT + 0xc0)
#define RAM_SIZE	(KERNEL_PA + KERNEL_MEMORY)

struct loaded {
	struct image image;
	uint8_t *ram;
	struct relink_counts counts;
	struct complaint c;
};

static void load(struct loaded *l, const struct elf_file *e)
{
	memset(l, 0, sizeof(*l));
	if (image__open_memory(&l->image, "vmlinux", e->bytes, ELF_SIZE, &l->c))
		fail_msg("%s", l->c.text);
	l->ram = malloc(RAM_SIZE);
	assert_int_equal(image__load(&l->image, l->ram, RAM_SIZE, &l->c), 0);
}

static void unload(struct loaded *l)
{
	image__close(&l->image);
	free(l->ram);
}

static int move(struct loaded *l, uint64_t delta)
{
	return relink(&l->image, l->ram, RAM_SIZE, delta, &l->counts, &l->c);
}

static uint32_t word(const struct loaded *l, unsigned offset)
{
	return image__get32(&l->image, l->ram + KERNEL_PA + offset);
}

static uint64_t address(const struct loaded *l, unsigned offset)
{
	return image__get64(&l->image, l->ram + KERNEL_PA + offset);
}

static void into_the_window(void **state)
{
	for (int little = 0; little < 2; little++) {
		struct elf_file e;
		struct loaded l;

		elf_make(&e, little);
		load(&l, &e);
		if (move(&l, RELINK_DELTA(WINDOW)))
			fail_msg("%s", l.c.text);
		assert_int_equal(l.counts.hi16, 1);
		assert_int_equal(l.counts.jumps, 2);
		assert_int_equal(l.counts.words, 1);
		assert_int_equal(l.counts.exceptions, 4);
		assert_int_equal(word(&l, 0x00), 0x3c024110);
		assert_int_equal(word(&l, 0x04), 0x0c440004);	/* same place in its region */
		assert_int_equal(word(&l, 0x0c), 0x08440000);
		assert_int_equal(address(&l, 0x40), 0x41100044);
		for (unsigned i = 0; i < 4; i++)
			assert_int_equal(address(&l, 0x80 + 8 * i), 0x41100000 + 4 * i);
		assert_int_equal(word(&l, 0x10), 0xa0000010);
		unload(&l);
	}
}

static void by_a_distance_that_changes_jumps(void **state)
{
	struct elf_file e;
	struct loaded l;

	elf_make(&e, true);
	load(&l, &e);
	assert_int_equal(move(&l, 0x00230000), 0);
	assert_int_equal(word(&l, 0x00), 0x3c028133);
	assert_int_equal(word(&l, 0x04), 0x0c440004 + (0x230000 >> 2));
	assert_int_equal(address(&l, 0x40), KERNEL_VA + 0x230044);
	unload(&l);
}

/* Entries that Linux itself lists in the table are not moved twice. */
static void a_listed_exception_table(void **state)
{
	struct elf_file e;
	struct loaded l;

	elf_make(&e, true);
	elf_put(&e, TABLE_AT + 16, 4, R_MIPS_64 << 24 | 0x88 / 4);
	load(&l, &e);
	assert_int_equal(move(&l, RELINK_DELTA(WINDOW)), 0);
	assert_int_equal(l.counts.words, 2);
	assert_int_equal(l.counts.exceptions, 3);
	assert_int_equal(address(&l, 0x88), 0x41100004);
	unload(&l);
}

/* One word of the file changed, a distance, and what is said of it. */
static const struct {
	size_t at;
	uint32_t value;
	uint64_t delta;
	const char *complaint;
} refusals[] = {
	{ TABLE_AT, 0xffffffff, 0xc0000000, "vmlinux: its relocation table is not filled in" },
	{ TABLE_AT + 16, R_MIPS_32 << 24 | 0x50 / 4, 0xc0000000,
	  "vmlinux: relocation 4 (type 2 at 0xffffffff81100050): a 32-bit address" },
	{ TABLE_AT + 16, 99u << 24 | 0x50 / 4, 0xc0000000, "relocation 4 (type 99 at 0xffffffff81100050): a type" },
	{ TABLE_AT + 16, R_MIPS_64 << 24 | 0xfc / 4, 0xc0000000, "relocation 4 (type 18 at 0xffffffff811000fc): outside" },
	{ TABLE_AT + 16, R_MIPS_HI16 << 24 | 0xffffff, 0xc0000000, "at 0xffffffff850ffffc): outside the kernel" },
	{ TABLE_AT + 16, R_MIPS_HI16 << 24 | 0x10 / 4, 0xc0000000, "no lui stands there" },
	{ TABLE_AT + 16, R_MIPS_26 << 24 | 0x10 / 4, 0xc0000000, "no j or jal stands there" },
	{ TABLE_AT + 16, R_MIPS_HI16 << 24, 0xc0000000, "relocation 4 (type 5 at 0xffffffff81100000): another" },
	{ TABLE_AT + 16, R_MIPS_64 << 24 | 0x44 / 4, 0xc0000000, "another relocation has the same place" },
	{ SEGMENT_AT + 0x98, 0x12345678, 0xc0000000, "word 3 of its exception table is 0xffffffff12345678, no address" },
	{ SEGMENT_AT + 0x04, 0x0fffffff, 0x00010000, "relocation 1 (type 4 at 0xffffffff81100004): the jump would leave" },
	{ SEGMENT_AT + 0x10, 0, 0xc0001000, "cannot be moved by 0xc0001000: only by multiples of 64 KB" },
};

static void refusals_change_nothing(void **state)
{
	for (size_t i = 0; i < COUNT(refusals); i++) {
		struct elf_file e;
		struct loaded l;

		elf_make(&e, true);
		elf_put(&e, refusals[i].at, 4, refusals[i].value);
		load(&l, &e);
		assert_int_equal(move(&l, refusals[i].delta), -1);
		assert_contains(l.c.text, refusals[i].complaint);
		assert_memory_equal(l.ram + KERNEL_PA, e.bytes + SEGMENT_AT, KERNEL_FILE);
		unload(&l);
	}
}

/* What `ld --emit-relocs` leaves does as well: here in the place of the table, for .text. */
static void emitted_relocations(void **state)
{
	static const struct {
		unsigned offset, symbol, type;
	} relas[] = { { 0x00, 1, R_MIPS_HI16 }, { 0x04, 5, R_MIPS_26 } };	/* symbol 5 is absolute: does not move */

	for (int little = 0; little < 2; little++) {
		struct elf_file e;
		struct loaded l;

		elf_make(&e, little);
		e.bytes[SHSTRTAB_AT + 19] = 'x';	/* ".xata.reloc" */
		elf_section(&e, 3, 18, SHT_RELA, 0, 0, SEGMENT_AT + 0xc0, 48, 0, 24);
		elf_put(&e, SHDRS_AT + 3 * 64 + 44, 4, 1);	/* sh_info */
		for (unsigned i = 0; i < 2; i++) {
			size_t at = SEGMENT_AT + 0xc0 + 24 * i;

			elf_put(&e, at, 8, KERNEL_VA + relas[i].offset);
			elf_put(&e, at + 8, 4, relas[i].symbol);
			elf_put(&e, at + 12, 4, 0);
			e.bytes[at + 15] = relas[i].type;
			elf_put(&e, at + 16, 8, 0);
		}
		load(&l, &e);
		if (move(&l, RELINK_DELTA(WINDOW)))
			fail_msg("%s", l.c.text);
		assert_int_equal(l.counts.hi16, 1);
		assert_int_equal(l.counts.jumps, 0);
		assert_int_equal(word(&l, 0x00), 0x3c024110);
		unload(&l);
	}
}

static void no_table(void **state)
{
	struct elf_file e;
	struct loaded l;

	elf_make(&e, true);
	e.bytes[SHSTRTAB_AT + 19] = 'x';	/* ".xata.reloc" */
	load(&l, &e);
	assert_int_equal(move(&l, RELINK_DELTA(WINDOW)), -1);
	assert_string_equal(l.c.text, "vmlinux: has no relocation table: build Linux with CONFIG_RELOCATABLE=y, link anything else with --emit-relocs");
	unload(&l);
}

/* Every byte of the kernel and its section headers, damaged: never a crash, never half a change. */
static void damaged_anywhere(void **state)
{
	for (size_t at = SEGMENT_AT; at < ELF_SIZE; at++) {
		struct elf_file e;
		struct loaded l = { .ram = NULL };

		elf_make(&e, true);
		e.bytes[at] ^= 0xff;
		if (image__open_memory(&l.image, "vmlinux", e.bytes, ELF_SIZE, &l.c))
			continue;
		l.ram = malloc(RAM_SIZE);
		assert_int_equal(image__load(&l.image, l.ram, RAM_SIZE, &l.c), 0);
		if (move(&l, RELINK_DELTA(WINDOW)))
			assert_memory_equal(l.ram + KERNEL_PA, e.bytes + SEGMENT_AT, KERNEL_FILE);
		unload(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(into_the_window),
		cmocka_unit_test(by_a_distance_that_changes_jumps),
		cmocka_unit_test(a_listed_exception_table),
		cmocka_unit_test(refusals_change_nothing),
		cmocka_unit_test(no_table),
		cmocka_unit_test(emitted_relocations),
		cmocka_unit_test(damaged_anywhere),
	};

	return cmocka_run_group_tests_name("relink", tests, NULL, NULL);
}
