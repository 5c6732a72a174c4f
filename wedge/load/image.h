/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest kernel's ELF file, checked completely before anything of it is used.
 *
 * The kernel is linked in CKSEG0, so a virtual address gives the physical one. A stripped stock kernel is
 * as welcome as our own: symbols and the .afterburn section may be missing.
 */
#ifndef WEDGE_LOAD_IMAGE_H
#define WEDGE_LOAD_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/complain.h"
#include "lib/unaligned.h"

#define IMAGE_CKSEG0		0xffffffff80000000ull
#define IMAGE_CKSEG0_SIZE	0x20000000ull
#define IMAGE_SEGMENTS_MAX	16
#define IMAGE_RELAS_MAX		64
#define IMAGE_CODE_MAX		64

struct image_segment {
	uint64_t va, pa;		/* as linked; pa = va - IMAGE_CKSEG0 */
	uint64_t file_size, mem_size;	/* file_size <= mem_size, which is not 0; the rest is zeroed */
	const uint8_t *bytes;		/* file_size bytes */
};

struct image_symbol {
	uint64_t address;
	const char *name;		/* points into the file */
	unsigned char type;		/* STT_FUNC, STT_OBJECT, STT_NOTYPE */
};

struct image_section {
	uint64_t va, size;		/* va is 0 if the section is not allocated */
	const uint8_t *bytes;		/* NULL: not in the file */
};

struct image {
	const char *name;		/* of the file, for complaints */
	bool little_endian;		/* what the file says */
	uint64_t entry;			/* as linked */
	uint64_t start, end;		/* physical range of all segments */
	unsigned segment_count;
	struct image_segment segments[IMAGE_SEGMENTS_MAX];	/* ascending */
	size_t symbol_count;		/* 0 if stripped */
	struct image_symbol *symbols;	/* ascending by address after image__sort_symbols() */
	struct image_section text;	/* .text */
	struct image_section afterburn;	/* .afterburn */
	struct image_section relocations; /* .data.reloc: CONFIG_RELOCATABLE's table */
	struct image_section extable;	/* __ex_table: pairs of absolute addresses */
	struct image_section symbol_table;
	struct image_section code[IMAGE_CODE_MAX];	/* executable ones, .text among them */
	unsigned code_count;
	struct image_section relas[IMAGE_RELAS_MAX];	/* what --emit-relocs left for allocated sections */
	unsigned rela_count;

	uint8_t *file;			/* all its bytes, until image__settle() */
	size_t file_size;
	bool symbols_sorted;		/* private */
};

/*
 * Read and check a kernel of either byte order. The name is kept, not copied. After -1 (with a complaint)
 * there is nothing to close.
 */
int image__open(struct image *image, const char *path, struct complaint *c);	/* kernel-file.c: it may be compressed with gzip */

/* The same for a file already in memory; the bytes are copied. Or, if they are in memory that is allocated, taken over: then they are freed after -1, too. */
int image__open_memory(struct image *image, const char *name, const void *bytes, size_t size,
		       struct complaint *c);
int image__take(struct image *image, const char *name, uint8_t *file, size_t size, struct complaint *c);
void image__close(struct image *image);

/* Its contents have been used: what is left are addresses and the names of symbols, a tenth of the memory. */
void image__settle(struct image *image);

/*
 * Copy all segments into `ram`, which stands for physical addresses 0..ram_size-1, and zero what follows
 * their bytes. Complains, and writes nothing, if one lies outside.
 */
int image__load(const struct image *image, uint8_t *ram, uint64_t ram_size, struct complaint *c);

/* Address, as linked, of a symbol. It looks at one after the other: half a dozen are asked for, of 40,000. */
bool image__symbol(const struct image *image, const char *name, uint64_t *address);

/* Only who wants names for addresses pays for this, 40 million instructions of a boot. */
void image__sort_symbols(struct image *image);

/*
 * The symbols being sorted: name of the one at or below `address` (as linked) with the distance to it; NULL if
 * there is none or the address lies outside the image.
 */
const char *image__symbolize(const struct image *image, uint64_t address, uint64_t *offset);

/* `size` bytes of the file that load at `va`, or NULL unless one segment's file part holds them all. */
const uint8_t *image__bytes(const struct image *image, uint64_t va, uint64_t size);

/* Numbers in the image's byte order, anywhere. Relinking asks for half a million. */
static inline bool image__swapped(const struct image *image)
{
	return image->little_endian != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
}

static inline uint32_t image__get32(const struct image *image, const uint8_t *p)
{
	uint32_t value = unaligned__get32(p);

	return image__swapped(image) ? __builtin_bswap32(value) : value;
}

static inline uint64_t image__get64(const struct image *image, const uint8_t *p)
{
	uint64_t value = unaligned__get64(p);

	return image__swapped(image) ? __builtin_bswap64(value) : value;
}

static inline void image__put32(const struct image *image, uint8_t *p, uint32_t value)
{
	unaligned__put32(p, image__swapped(image) ? __builtin_bswap32(value) : value);
}

static inline void image__put64(const struct image *image, uint8_t *p, uint64_t value)
{
	unaligned__put64(p, image__swapped(image) ? __builtin_bswap64(value) : value);
}

#endif
