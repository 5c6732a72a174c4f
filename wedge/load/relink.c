// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Relinking: see relink.h.
 *
 * What a relocation means is decided in one place, resolve(): it reads the place, checks it and computes
 * what is to stand there. That goes on a list, and is written when all of the table has been checked.
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
	struct change *changes;		/* room for one for each entry of the tables */
	size_t change_count;
	struct complaint *c;
};

/* What a table says of one place. */
struct entry {
	unsigned n, type;
	uint64_t va;
};

/* One place and what is to stand there. */
struct change {
	uint32_t offset;		/* in RAM */
	unsigned size;
	uint64_t value;
};

static void put(const struct relinker *r, const struct change *change)
{
	if (change->size == 8)
		image__put64(r->image, r->ram + change->offset, change->value);
	else
		image__put32(r->image, r->ram + change->offset, change->value);
}

static int refuse(struct relinker *r, const struct entry *e, const char *why)
{
	return complain(r->c, "%s: relocation %u (type %u at %#" PRIx64 "): %s", r->image->name, e->n, e->type, e->va, why);
}

static int resolve_jump(struct relinker *r, const struct entry *e, struct change *change)
{
	uint32_t insn = image__get32(r->image, r->ram + change->offset);
	uint64_t target = ((e->va + 4) & JUMP_REGION) + ((insn & JUMP_BITS) << 2) + r->delta;

	if (OPCODE(insn) != OPCODE_J && OPCODE(insn) != OPCODE_JAL)
		return refuse(r, e, "no j or jal stands there");
	if ((target ^ (e->va + 4 + r->delta)) & JUMP_REGION)
		return refuse(r, e, "the jump would leave its 256 MB region");
	change->value = (insn & ~JUMP_BITS) | (target >> 2 & JUMP_BITS);
	r->counts->jumps++;
	return 0;
}

static int resolve(struct relinker *r, const struct entry *e, struct change *change)
{
	uint32_t insn;

	change->size = e->type == R_MIPS_64 ? 8 : 4;
	if (!image__bytes(r->image, e->va, change->size))
		return refuse(r, e, "outside the kernel");
	change->offset = e->va - IMAGE_CKSEG0;
	switch (e->type) {
	case R_MIPS_26:
		return resolve_jump(r, e, change);
	case R_MIPS_HI16:
		insn = image__get32(r->image, r->ram + change->offset);
		if (OPCODE(insn) != OPCODE_LUI)
			return refuse(r, e, "no lui stands there");
		change->value = (insn & ~0xffffu) | ((insn + (uint32_t)(r->delta >> 16)) & 0xffff);
		r->counts->hi16++;
		return 0;
	case R_MIPS_64:
		change->value = image__get64(r->image, r->ram + change->offset) + r->delta;
		r->counts->words++;
		return 0;
	case R_MIPS_32:
		return refuse(r, e, "a 32-bit address: build the kernel for 64 bits");
	default:
		return refuse(r, e, "a type that this Wedge does not know");
	}
}

static uint8_t *taken(struct relinker *r, uint64_t va)
{
	return &r->taken[(va - IMAGE_CKSEG0 - r->image->start) / 4];
}

/* No place twice: the first change would be undone by the second. */
static int take(struct relinker *r, const struct entry *e, unsigned size)
{
	for (unsigned i = 0; i < size; i += 4) {
		if (*taken(r, e->va + i))
			return refuse(r, e, "another relocation has the same place");
		*taken(r, e->va + i) = 1;
	}
	return 0;
}

static int plan_entry(struct relinker *r, const struct entry *e)
{
	struct change *change = &r->changes[r->change_count];

	if (e->va % 4)
		return refuse(r, e, "not at a multiple of 4");
	if (resolve(r, e, change) || take(r, e, change->size))
		return -1;
	r->change_count++;
	return 0;
}

/* Walks Linux's table. */
static int walk_table(struct relinker *r)
{
	const struct image_section *table = &r->image->relocations;

	for (unsigned n = 0; n < table->size / 4; n++) {
		uint32_t word = image__get32(r->image, table->bytes + 4 * n);
		struct entry e = { n, ENTRY_TYPE(word), r->text + ENTRY_OFFSET(word) };

		if (!word)
			return 0;
		if (!n && word == ENTRY_UNFILLED)
			return complain(r->c, "%s: its relocation table is not filled in: Linux's `relocs` tool has"
					" not run on it", r->image->name);
		if (plan_entry(r, &e))
			return -1;
	}
	return 0;
}

/* What a symbol of the file stands for moves with the file; a number does not. */
static bool symbol_moves(const struct relinker *r, uint32_t symbol)
{
	const struct image_section *table = &r->image->symbol_table;
	const size_t at = symbol * sizeof(Elf64_Sym) + offsetof(Elf64_Sym, st_shndx);
	unsigned section;

	if (!symbol || symbol >= table->size / sizeof(Elf64_Sym))
		return false;
	section = r->image->little_endian ? table->bytes[at] | table->bytes[at + 1] << 8
					  : table->bytes[at] << 8 | table->bytes[at + 1];
	return section != SHN_ABS && section != SHN_UNDEF;
}

/*
 * Walks what `ld --emit-relocs` has left in one section. On MIPS64 an entry names a symbol in its first word and
 * up to three types in the bytes behind; compilers use one, but for position-independent code.
 */
static int walk_rela(struct relinker *r, const struct image_section *rela)
{
	for (unsigned n = 0; n < rela->size / sizeof(Elf64_Rela); n++) {
		const uint8_t *at = rela->bytes + n * sizeof(Elf64_Rela), *info = at + offsetof(Elf64_Rela, r_info);
		struct entry e = { n, info[7], image__get64(r->image, at) };

		if (e.type == R_MIPS_NONE || e.type == R_MIPS_LO16 || e.type == R_MIPS_PC16 || e.type == R_MIPS_JALR ||
		    !symbol_moves(r, image__get32(r->image, info)))
			continue;
		if (info[5] || info[6])
			return refuse(r, &e, "of position-independent code: compile with -fno-pic -mno-abicalls");
		if (plan_entry(r, &e))
			return -1;
	}
	return 0;
}

static int walk_relas(struct relinker *r)
{
	for (unsigned i = 0; i < r->image->rela_count; i++)
		if (walk_rela(r, &r->image->relas[i]))
			return -1;
	return 0;
}

static bool has_table(const struct image *image)
{
	return image->relocations.bytes && image->relocations.size >= 4;
}

static int walk_exceptions(struct relinker *r)
{
	const struct image_section *table = &r->image->extable;
	uint64_t start = IMAGE_CKSEG0 + r->image->start, end = IMAGE_CKSEG0 + r->image->end;

	for (uint64_t i = 0; i < table->size / 8; i++) {
		uint32_t offset = table->va - IMAGE_CKSEG0 + 8 * i;
		uint64_t address = image__get64(r->image, r->ram + offset);

		if (*taken(r, table->va + 8 * i))
			continue;
		if (address < start || address >= end)
			return complain(r->c, "%s: word %" PRIu64 " of its exception table is %#" PRIx64
					", no address in the kernel", r->image->name, i, address);
		r->counts->exceptions++;
		r->changes[r->change_count++] = (struct change){ offset, 8, address + r->delta };
	}
	return 0;
}

static int walk(struct relinker *r)
{
	return (has_table(r->image) ? walk_table(r) : walk_relas(r)) || walk_exceptions(r) ? -1 : 0;
}

static size_t most_changes(const struct image *image)
{
	size_t n = image->extable.size / 8;

	if (has_table(image))
		return n + image->relocations.size / 4;
	for (unsigned i = 0; i < image->rela_count; i++)
		n += image->relas[i].size / sizeof(Elf64_Rela);
	return n;
}

static int check(struct relinker *r)
{
	const struct image *image = r->image;

	if (!has_table(image) && !image->rela_count)
		return complain(r->c, "%s: has no relocation table: build Linux with CONFIG_RELOCATABLE=y, link anything"
				" else with --emit-relocs", image->name);
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
	r.changes = malloc((most_changes(image) + 1) * sizeof(*r.changes));
	if (!r.taken || !r.changes)
		complain(c, "%s: no memory to relink it", image->name);
	else
		result = walk(&r);
	if (!result) {
		*counts = planned;
		for (size_t i = 0; i < r.change_count; i++)
			put(&r, &r.changes[i]);
	}
	free(r.taken);
	free(r.changes);
	return result;
}
