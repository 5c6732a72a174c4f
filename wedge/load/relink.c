// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Relinking: see relink.h.
 *
 * What a relocation means is decided in one place, resolve(): it reads the place, checks it and computes
 * what would stand there. The first walk over the table throws the results away, the second stores them.
 *
 * The exception table is a case of its own: Linux sorts it after linking and leaves it out of the
 * relocation table, because its own boot code adds the offset to every word of it (relocate.c).
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/load/relink.h"

#define ENTRY_TYPE(entry)	((entry) >> 24)
#define ENTRY_OFFSET(entry)	(((entry) & 0xffffff) << 2)
#define ENTRY_UNFILLED		0xffffffff	/* what the linker script puts at the start of the table */

#define JUMP_BITS		0x03ffffff
#define JUMP_REGION		0xfffffffff0000000ull	/* j and jal stay in their 256 MB */
#define OPCODE(insn)		((insn) >> 26)
#define OPCODE_J		0x02
#define OPCODE_JAL		0x03
#define OPCODE_LUI		0x0f

struct relinker {
	const struct image *image;
	uint8_t *ram;
	uint64_t ram_size, delta;
	uint64_t text;			/* what the offsets in the table count from */
	struct relink_counts *counts;
	uint8_t *taken;			/* one byte for each 32-bit word from image->start: in the table */
	struct complaint *c;
};

/* One place and what is to stand there. */
struct change {
	uint8_t *place;
	unsigned size;
	uint64_t value;
};

static void put(const struct image *image, const struct change *change)
{
	for (unsigned i = 0; i < change->size; i++)
		change->place[image->little_endian ? i : change->size - 1 - i] = change->value >> 8 * i;
}

static int refuse(struct relinker *r, unsigned n, uint32_t entry, const char *why)
{
	return complain(r->c, "%s: relocation %u (type %" PRIu32 " at %#" PRIx64 "): %s", r->image->name, n,
			ENTRY_TYPE(entry), r->text + ENTRY_OFFSET(entry), why);
}

static int resolve_jump(struct relinker *r, unsigned n, uint32_t entry, uint64_t va, struct change *change)
{
	uint32_t insn = image__get32(r->image, change->place);
	uint64_t target = ((va + 4) & JUMP_REGION) + ((insn & JUMP_BITS) << 2) + r->delta;

	if (OPCODE(insn) != OPCODE_J && OPCODE(insn) != OPCODE_JAL)
		return refuse(r, n, entry, "no j or jal stands there");
	if ((target ^ (va + 4 + r->delta)) & JUMP_REGION)
		return refuse(r, n, entry, "the jump would leave its 256 MB region");
	change->value = (insn & ~JUMP_BITS) | (target >> 2 & JUMP_BITS);
	r->counts->jumps++;
	return 0;
}

static int resolve(struct relinker *r, unsigned n, uint32_t entry, struct change *change)
{
	uint64_t va = r->text + ENTRY_OFFSET(entry);
	uint32_t insn;

	change->size = ENTRY_TYPE(entry) == R_MIPS_64 ? 8 : 4;
	if (!image__bytes(r->image, va, change->size))
		return refuse(r, n, entry, "outside the kernel");
	change->place = r->ram + (va - IMAGE_CKSEG0);
	switch (ENTRY_TYPE(entry)) {
	case R_MIPS_26:
		return resolve_jump(r, n, entry, va, change);
	case R_MIPS_HI16:
		insn = image__get32(r->image, change->place);
		if (OPCODE(insn) != OPCODE_LUI)
			return refuse(r, n, entry, "no lui stands there");
		change->value = (insn & ~0xffffu) | ((insn + (uint32_t)(r->delta >> 16)) & 0xffff);
		r->counts->hi16++;
		return 0;
	case R_MIPS_64:
		change->value = image__get64(r->image, change->place) + r->delta;
		r->counts->words++;
		return 0;
	case R_MIPS_32:
		return refuse(r, n, entry, "a 32-bit address: build the kernel for 64 bits");
	default:
		return refuse(r, n, entry, "a type that this Wedge does not know");
	}
}

static uint8_t *taken(struct relinker *r, uint64_t va)
{
	return &r->taken[(va - IMAGE_CKSEG0 - r->image->start) / 4];
}

/* No place twice: the second walk would find there what the first did not check. */
static int take(struct relinker *r, unsigned n, uint32_t entry, unsigned size)
{
	uint64_t va = r->text + ENTRY_OFFSET(entry);

	for (unsigned i = 0; i < size; i += 4) {
		if (*taken(r, va + i))
			return refuse(r, n, entry, "another relocation has the same place");
		*taken(r, va + i) = 1;
	}
	return 0;
}

/* Walks the table once; `commit` also writes. */
static int walk_table(struct relinker *r, bool commit)
{
	const struct image_section *table = &r->image->relocations;

	for (unsigned n = 0; n < table->size / 4; n++) {
		uint32_t entry = image__get32(r->image, table->bytes + 4 * n);
		struct change change = { .size = 0 };

		if (!entry)
			return 0;
		if (!n && entry == ENTRY_UNFILLED)
			return complain(r->c, "%s: its relocation table is not filled in: Linux's `relocs` tool has"
					" not run on it", r->image->name);
		if (resolve(r, n, entry, &change))
			return -1;
		if (commit)
			put(r->image, &change);
		else if (take(r, n, entry, change.size))
			return -1;
	}
	return 0;
}

static int walk_exceptions(struct relinker *r, bool commit)
{
	const struct image_section *table = &r->image->extable;
	uint64_t start = IMAGE_CKSEG0 + r->image->start, end = IMAGE_CKSEG0 + r->image->end;

	for (uint64_t i = 0; i < table->size / 8; i++) {
		uint8_t *place = r->ram + (table->va - IMAGE_CKSEG0) + 8 * i;
		uint64_t address = image__get64(r->image, place);

		if (*taken(r, table->va + 8 * i))
			continue;
		if (address < start || address >= end)
			return complain(r->c, "%s: word %" PRIu64 " of its exception table is %#" PRIx64
					", no address in the kernel", r->image->name, i, address);
		r->counts->exceptions++;
		if (commit)
			put(r->image, &(struct change){ place, 8, address + r->delta });
	}
	return 0;
}

static int check(struct relinker *r)
{
	const struct image *image = r->image;

	if (!image->relocations.bytes || image->relocations.size < 4)
		return complain(r->c, "%s: has no relocation table: build it with CONFIG_RELOCATABLE=y", image->name);
	if (image->end > r->ram_size)
		return complain(r->c, "%s: ends at %#" PRIx64 ", beyond the memory it was loaded into", image->name,
				image->end);
	if (r->delta & 0xffff)
		return complain(r->c, "%s: cannot be moved by %#" PRIx64 ": only by multiples of 64 KB", image->name,
				r->delta);
	if (image->extable.bytes && !image__bytes(image, image->extable.va, image->extable.size))
		return complain(r->c, "%s: its exception table at %#" PRIx64 " is not in the kernel", image->name,
				image->extable.va);
	return 0;
}

int relink(const struct image *image, uint8_t *ram, uint64_t ram_size, uint64_t delta,
	   struct relink_counts *counts, struct complaint *c)
{
	struct relink_counts planned = { 0 };
	struct relinker r = {
		.image = image, .ram = ram, .ram_size = ram_size, .delta = delta,
		.text = image->text.va, .counts = &planned, .c = c,
	};
	int result = -1;

	if (!r.text && !image__symbol(image, "_text", &r.text))
		r.text = image->segments[0].va;
	if (check(&r))
		return -1;
	r.taken = calloc((image->end - image->start) / 4 + 2, 1);
	if (!r.taken)
		return complain(c, "%s: no memory to relink it", image->name);
	if (!walk_table(&r, false) && !walk_exceptions(&r, false)) {
		*counts = planned;
		walk_table(&r, true);
		walk_exceptions(&r, true);
		result = 0;
	}
	free(r.taken);
	return result;
}
