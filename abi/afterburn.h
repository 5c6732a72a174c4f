/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The .afterburn section: what the build tells the Wedge about a kernel's sensitive code.
 *
 * The section is a sequence of records, each of which says its own version, kind and size, so that a
 * reader can step over what it does not know. Fields are in the byte order of the ELF file. The section
 * is not allocated: on metal it costs no memory. doc/afterburn-section.md is the full specification.
 */
#ifndef ABI_AFTERBURN_H
#define ABI_AFTERBURN_H

#define AFTERBURN_SECTION	".afterburn"
#define AFTERBURN_VERSION	1

/* struct afterburn_record.kind */
#define AFTERBURN_KIND_SITE	1	/* a padded (or knowingly unpadded) sensitive instruction */
#define AFTERBURN_KIND_KREGION	2	/* code in which k0 or k1 is live */
#define AFTERBURN_KIND_FPU	3	/* kernel code that moves FP registers: the Wedge must execute it */
#define AFTERBURN_KIND_ACCESS	4	/* a load or store that is said to reach a device or user memory: a site as well */
#define AFTERBURN_KIND_CODE	5	/* code that the object pass has seen: what has no record there needs none */

/* struct afterburn_record.flags */
#define AFTERBURN_FLAG_COMPLETE		0x01	/* the object pass has seen it: operands are valid */
#define AFTERBURN_FLAG_DELAY_SLOT	0x02	/* sits in a branch delay slot: never burn, it traps */
#define AFTERBURN_FLAG_BLOCK_START	0x04	/* control can arrive here other than by falling through */
#define AFTERBURN_FLAG_ASM		0x08	/* from an assembler source: dead registers unknown */
#define AFTERBURN_FLAG_UNPADDED		0x10	/* no NOPs behind it: words is 1 */
#define AFTERBURN_FLAG_USER		0x20	/* of a user program: see SENSITIVE_USER in abi/sensitive.def */

/* The Wedge takes so many zero words of text for room in which the kernel will generate code. */
#define AFTERBURN_BLANK_WORDS	16

#ifndef __ASSEMBLER__
#include <stdint.h>

struct afterburn_record {
	uint8_t version;	/* AFTERBURN_VERSION */
	uint8_t kind;
	uint16_t size;		/* bytes of this record: 40 in version 1 */
	uint32_t flags;
	uint64_t address;	/* of the first instruction */
	union {
		struct {			/* AFTERBURN_KIND_SITE, AFTERBURN_KIND_ACCESS */
			uint32_t word;		/* the sensitive instruction as assembled */
			uint32_t dead;		/* bit n: GPR n holds no live value after the site */
			uint16_t insn;		/* ID in abi/sensitive.def or abi/accesses.def */
			uint8_t words;		/* site length in words, instruction included */
			uint8_t rt;		/* operands, as the row's FORM names them; 0 if none */
			uint8_t rd, sel;
			uint8_t base, op;	/* OP_BASE_OFFSET: op is the cache operation */
			int16_t offset;
			uint16_t width;		/* bits moved: 8 to 64; 0 where it means nothing */
			uint32_t reserved;
		} site;
		struct {			/* AFTERBURN_KIND_KREGION, AFTERBURN_KIND_FPU, AFTERBURN_KIND_CODE */
			uint64_t end;		/* first address behind the region */
			uint32_t word;		/* the first instruction as assembled */
			uint32_t reserved[3];
		} region;
	};
};

_Static_assert(sizeof(struct afterburn_record) == 40, "the record is an ABI");
#endif /* __ASSEMBLER__ */
#endif
