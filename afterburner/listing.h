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
#include "afterburner/records.h"

struct line {
	struct afterburn_record r;
	unsigned int section;		/* of a relocatable file, else 0 */
};

struct listing {
	struct elf64 elf;
	struct line *line;		/* sorted by section, address, kind */
	size_t lines;
	struct function *function;
	size_t functions;
};

/* Reads a file and its records. Returns 0, or -1 with a line and nothing to close. */
int listing__open(struct listing *list, const char *path, struct complaint *c)
	__attribute__((warn_unused_result));
void listing__close(struct listing *list);

/* Writes "symbol+0x10" for an address, or the section's name where no symbol precedes it; returns text. */
const char *listing__where(const struct listing *list, unsigned int section, uint64_t address, char *text,
			   size_t size);
#endif
