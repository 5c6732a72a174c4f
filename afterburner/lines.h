/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The source line of an address, from the DWARF line tables of an ELF file.
 *
 * They may be in the file itself or, as build-kernel and Debian's packages do it, in one beside it that
 * .gnu_debuglink names. Without them there is nothing to say, and the tools go on without lines.
 */
#ifndef AFTERBURNER_LINES_H
#define AFTERBURNER_LINES_H

#include "afterburner/elf64.h"

struct lines;

/* Opens the line tables that belong to the file `e`, which was read from `path`. NULL if there are none. */
struct lines *lines__open(const struct elf64 *e, const char *path);
void lines__close(struct lines *lines);

/*
 * The source file of an address (in a relocatable file: of an offset in `section`), without a leading "./", and the
 * number of the line. NULL if not known. The name is valid until lines__close(). `lines` may be NULL.
 */
const char *lines__at(struct lines *lines, unsigned int section, uint64_t address, int *number);
#endif
