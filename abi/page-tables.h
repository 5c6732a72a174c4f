/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How the guest's kernel lays out the page tables of its user programs: what a CPU with a hardware walker is told in registers.
 *
 * guests/linux-patches adds a structure of this shape under the symbol AFTERBURN_PAGE_TABLES_SYMBOL. Fields are in the
 * byte order of the kernel; new ones go to the end. A kernel without it works as well: then each page is looked for in the TLB.
 */
#ifndef ABI_PAGE_TABLES_H
#define ABI_PAGE_TABLES_H

#include <stdint.h>

#define AFTERBURN_PAGE_TABLES_SYMBOL	"afterburn_page_tables"
#define AFTERBURN_PAGE_TABLES_MAGIC	0x4146544252503031ull	/* "AFTBRP01" */
#define AFTERBURN_PAGE_TABLES_LEVELS	4

struct afterburn_page_tables {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t root_shift;	/* Context without its lowest 23 bits, shifted right by this, is the address of the root */
	uint64_t levels;	/* of tables, 1 to AFTERBURN_PAGE_TABLES_LEVELS */
	struct {
		uint64_t shift;		/* the index is address >> shift, */
		uint64_t bits;		/* of so many bits; an entry has 8 bytes */
	} level[AFTERBURN_PAGE_TABLES_LEVELS];	/* the root first */
	uint64_t entrylo_shift;	/* an entry of the last level, shifted right by this, is an EntryLo, but for RI and XI: */
	uint64_t no_read;	/* those are these bits of it */
	uint64_t no_exec;
	uint64_t present;	/* there is a page, though EntryLo.V may be clear until `accessed` is set as well */
	uint64_t write;		/* it may be written, though EntryLo.D may be clear until `modified` is set as well */
	uint64_t accessed;
	uint64_t modified;
	uint64_t huge;		/* in an entry of a higher level: it is one of the last, of a larger page. 0: there are none */
	uint64_t walked;	/* the Wedge sets it when it reads the tables: then nothing need be loaded into the TLB before it is used */
};

#endif
