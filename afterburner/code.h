/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One section of machine code as the object pass sees it: words, delay slots, where control can arrive, and
 * the regions in which k0 and k1 are live or FP registers are moved.
 */
#ifndef AFTERBURNER_CODE_H
#define AFTERBURNER_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/mips_insn.h"
#include "afterburner/elf64.h"

#define CODE_SLOT	0x01	/* in the delay slot of the instruction before */
#define CODE_TARGET	0x02	/* a branch, a symbol or a relocation leads here */
#define CODE_DATA	0x04	/* inside a symbol of type object: not code */
#define CODE_COVERED	0x08	/* a site record covers this word */
#define CODE_K_LIVE	0x30	/* bits 4, 5: k0, k1 live before this instruction */
#define CODE_K_SHIFT	4
#define CODE_REGION	0x40	/* must be interpreted because of k0 or k1 */
#define CODE_FUNCTION	0x80	/* a symbol of type function starts here */
#define CODE_ENTRY	0x100	/* a target that has a name, or whose address is taken: a jump through a register may lead here */

#define NO_TARGET	SIZE_MAX	/* outside the section, or not known */

struct code {
	size_t words;
	uint32_t *word;
	uint16_t *flags;
	size_t *target;		/* index of the word a branch or jump leads to */
};

struct region {
	uint8_t kind;		/* AFTERBURN_KIND_KREGION or AFTERBURN_KIND_FPU */
	size_t start, end;	/* indices of words; end is behind the last */
};

struct regions {
	struct region *region;
	size_t count;
};

/* Reads section n and finds delay slots and targets, its own and those that the rest of the file shows. */
void code__read(struct code *code, const struct elf64 *e, unsigned int n);
void code__free(struct code *code);

/* Can control come to word i other than from the word before it? */
bool code__block_start(const struct code *code, size_t i);

/* Appends the k-regions and the FPU runs of this section to `out`; the caller frees out->region. */
void regions__find_k(struct code *code, struct regions *out);
void regions__find_fpu(const struct code *code, struct regions *out);

#endif
