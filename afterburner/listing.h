/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The records of an ELF file together with what a person wants to see beside them: section, symbol, offset.
 *
 * For the tools that print. In a relocatable file the addresses come from the relocations and are offsets
 * in a section; in a linked file they are what the records hold, and every section is 0.
 */
#ifndef AFTERBURNER_LISTING_H
#define AFTERBURNER_LISTING_H

#include "afterburner/elf64.h"
#include "afterburner/lines.h"
#include "format/records.h"

struct line {
	struct afterburn_record r;
	unsigned int section;		/* of a relocatable file, else 0 */
};

struct listing {
	struct elf64 elf;
	struct line *line;		/* sites and regions, sorted by section, address, kind */
	size_t lines;
	struct line *seen;		/* code that the object pass has seen, sorted likewise */
	size_t seens;
	struct symbol *symbol;		/* sorted by section, address */
	size_t symbols;
	struct lines *source;		/* NULL: the file has no line tables */
};

/* Reads a file and its records. Returns 0, or -1 with a line and nothing to close. */
int listing__open(struct listing *list, const char *path, struct complaint *c)
	__attribute__((warn_unused_result));
/* The same for a file in memory, which must outlive the listing; without lines of the source. */
int listing__open_memory(struct listing *list, const uint8_t *bytes, size_t size, struct complaint *c)
	__attribute__((warn_unused_result));
void listing__close(struct listing *list);

/* Writes "symbol+0x10" for an address, or the section's name where no symbol precedes it; returns text. */
const char *listing__where(const struct listing *list, unsigned int section, uint64_t address, char *text,
			   size_t size);

/* The name of the symbol that an address lies behind or at, and where it starts (may be NULL); NULL if there is none. */
const char *listing__symbol(const struct listing *list, unsigned int section, uint64_t address, uint64_t *start);

/* Names of AFTERBURN_FLAG_*, the last one NULL. */
struct flag_name {
	uint32_t flag;
	const char *name;
};
extern const struct flag_name listing__flags[];

/* Writes what a record says, but for its address, on one line: "site     di zero   words=4 dead=at"; returns text. */
const char *listing__describe(const struct afterburn_record *r, char *text, size_t size);

/* As lines__at(): the source file and line of an address, or NULL. */
const char *listing__source(const struct listing *list, unsigned int section, uint64_t address, int *line);

/* Prints a string as JSON has it, quotes included: names come from the file. */
void listing__print_json(const char *text);
#endif
