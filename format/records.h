/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reading and writing the records of an .afterburn section.
 *
 * The section comes out of a file that anyone may have written, so the reader trusts nothing: it checks
 * version, size and bounds of each record before it looks inside, and says in one line what is wrong and
 * where. It knows nothing of ELF: whoever has found the bytes (libelf, the Wedge's loader, a module loader)
 * hands them over. What it returns is in the byte order of the machine it runs on.
 */
#ifndef FORMAT_RECORDS_H
#define FORMAT_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/afterburn.h"
#include "lib/complain.h"

#define RECORD_SIZE		sizeof(struct afterburn_record)
#define RECORD_ALIGN		8	/* each record, and so the size field, is a multiple of this */
#define RECORD_ADDRESS_OFFSET	offsetof(struct afterburn_record, address)
#define RECORD_END_OFFSET	offsetof(struct afterburn_record, region.end)

/* Records of these kinds fill `site`, the others `region`. */
static inline bool record__is_site(const struct afterburn_record *r)
{
	return r->kind == AFTERBURN_KIND_SITE || r->kind == AFTERBURN_KIND_ACCESS;
}

/* Code that must not run natively. What is neither is AFTERBURN_KIND_CODE. */
static inline bool record__is_region(const struct afterburn_record *r)
{
	return r->kind == AFTERBURN_KIND_KREGION || r->kind == AFTERBURN_KIND_FPU;
}

struct records {
	struct afterburn_record *record;	/* in the order of the section, which need not be by address */
	size_t count;
	size_t skipped;		/* records of a kind this program does not know: stepped over, as the ABI allows */
};

/*
 * Reads a whole section of `size` bytes, whose fields are in the byte order of the ELF file. Returns 0 and
 * fills `out`, which the caller gives back with records__free(); or -1 with one line in `c` and `out` empty.
 * An empty section is right and has no records.
 */
int records__read(const uint8_t *data, size_t size, bool big_endian, struct records *out, struct complaint *c)
	__attribute__((warn_unused_result));

void records__free(struct records *r);

/* Sorts by address, then kind: what a reader who looks up addresses wants. */
void records__sort(struct records *r);

/* Writes one record at `to`, which has room for RECORD_SIZE bytes, in the byte order of the file. */
void records__write(uint8_t *to, const struct afterburn_record *record, bool big_endian);

/* "site", "kregion", "fpu", "access", "code", or "unknown". */
const char *records__kind_name(unsigned int kind);
#endif
