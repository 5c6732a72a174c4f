/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small kernel with .afterburn records, planned and burnt into the RAM of a vCPU that can run it.
 *
 * The file is that of elf_fixture.h with the records appended. Sites go to the places from SITES on, where
 * the fixture's code needs nothing; SITE_AT() is where they lie in the window.
 */
#ifndef TESTS_UNIT_BURN_FIXTURE_H
#define TESTS_UNIT_BURN_FIXTURE_H

#include <sys/mman.h>

#include "tests/unit/elf_fixture.h"
#include "tests/unit/vcpu_fixture.h"
#include "wedge/burn/pieces.h"
#include "wedge/load/relink.h"

#define SITES		0x10u		/* offset in the kernel; up to 0x40, and from 0x48 to 0x80 */
#define BURN_RAM	0x10000000ull	/* the code cache is its last 16 MB */
#define ENTRY_SIZE	0x1000u
#define RECORDS_MAX	16

#define SITE_VA(offset)	(KERNEL_VA + (offset))				/* as linked */
#define SITE_AT(offset)	(WINDOW_CKSEG0 + KERNEL_PA + (offset))		/* in the window */
#define SLOT_AT(n)	(WINDOW_CKSEG0 + CODE_CACHE_PA + ENTRY_SIZE + (n) * SLOT_SIZE)

struct kernel {
	struct elf_file elf;
	struct afterburn_record record[RECORDS_MAX];
	size_t records;
	size_t cut;			/* bytes to leave off the end of the section */
	struct image image;
	struct burn_plan plan;
	struct complaint c;
	u8 *ram;			/* BURN_RAM bytes, shared by all kernels of a program */
};

static inline void kernel_make(struct kernel *k, bool little)
{
	static u8 *ram;

	if (!ram)
		ram = mmap(NULL, BURN_RAM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(ram, MAP_FAILED);
	memset(k, 0, sizeof(*k));
	k->ram = ram;
	elf_make(&k->elf, little);
}

static inline void kernel_word(struct kernel *k, unsigned offset, u32 word)
{
	elf_put(&k->elf, SEGMENT_AT + offset, 4, word);
}

/* A padded instruction and its record. */
static inline struct afterburn_record *kernel_site(struct kernel *k, unsigned offset, u32 word, unsigned words, u32 dead)
{
	struct afterburn_record *r = &k->record[k->records++];
	unsigned insn = 0, kind = AFTERBURN_KIND_SITE;

#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) if (word >> 26 == (OPCODE)) { insn = ID; kind = AFTERBURN_KIND_ACCESS; }
#include "abi/accesses.def"
#undef ACCESS
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) if ((word & (MASK)) == (MATCH)) insn = ID;
#include "abi/sensitive.def"
#undef SENSITIVE
	assert_true(k->records <= RECORDS_MAX && insn);
	for (unsigned i = 0; i < words; i++)
		kernel_word(k, offset + 4 * i, i ? 0 : word);
	*r = (struct afterburn_record){
		.version = AFTERBURN_VERSION, .kind = kind, .size = RECORD_SIZE,
		.flags = AFTERBURN_FLAG_COMPLETE, .address = SITE_VA(offset),
		.site = { .word = word, .dead = dead, .insn = insn, .words = words },
	};
	return r;
}

static inline struct afterburn_record *kernel_region(struct kernel *k, unsigned kind, unsigned start, unsigned end)
{
	struct afterburn_record *r = &k->record[k->records++];

	assert_true(k->records <= RECORDS_MAX);
	*r = (struct afterburn_record){
		.version = AFTERBURN_VERSION, .kind = kind, .size = RECORD_SIZE,
		.address = SITE_VA(start), .region = { .end = SITE_VA(end) },
	};
	return r;
}

/* Opens the file, loads and plans it: what burn__plan() returned. */
static inline int kernel_plan(struct kernel *k, enum burn_mode mode)
{
	size_t size = k->records * RECORD_SIZE - k->cut;
	u8 *file = malloc(ELF_SIZE + RECORDS_MAX * RECORD_SIZE);

	assert_non_null(file);
	elf_section(&k->elf, 4, 30, SHT_PROGBITS, 0, 0, ELF_SIZE, size, 0, 0);
	memcpy(file, k->elf.bytes, ELF_SIZE);
	for (size_t i = 0; i < k->records; i++)
		records__write(file + ELF_SIZE + i * RECORD_SIZE, &k->record[i], !k->elf.little);
	if (image__open_memory(&k->image, "vmlinux", file, ELF_SIZE + size, &k->c) ||
	    image__load(&k->image, k->ram, BURN_RAM, &k->c))
		fail_msg("%s", k->c.text);
	free(file);
	return burn__plan(&k->plan, &k->image, k->ram, BURN_RAM, ENTRY_SIZE, mode, &k->c);
}

static inline void kernel_burn(struct kernel *k, enum burn_mode mode)
{
	if (kernel_plan(k, mode))
		fail_msg("%s", k->c.text);
	burn__commit(&k->plan, k->ram + CODE_CACHE_PA);
}

/* The vCPU runs this kernel from now on. Its own RAM stays allocated, for fixture_close(). */
static inline void kernel_enter(struct kernel *k, struct fixture *f, u64 pc)
{
	struct machine *m = &f->machine;

	m->ram = (struct ram){ .base = k->ram, .size = BURN_RAM, .low = BURN_RAM };
	m->slots = SLOT_AT(0);
	m->code = NULL;
	pieces__add(m, &k->plan);
	f->v.pc = pc;
}

static inline void kernel_close(struct kernel *k)
{
	burn__free(&k->plan);
	image__close(&k->image);
}

/* A word of RAM, the code cache included; commit writes in the byte order of this machine. */
static inline u32 kernel_found(const struct kernel *k, u64 window_va)
{
	u32 w;

	memcpy(&w, k->ram + (window_va - WINDOW_CKSEG0), 4);
	return w;
}

#endif
