/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest's code as blocks are made of it: where it lies, and how it was when it was looked at.
 */
#ifndef WEDGE_TRANSLATE_SEEN_H
#define WEDGE_TRANSLATE_SEEN_H

#include "wedge/burn/burn.h"
#include "wedge/translate/code-pages.h"
#include "wedge/translate/translate.h"

#define SEEN_WORDS	(BURN_SITE_WORDS * BLOCK_INSNS + 2)	/* of the guest's code that one may be made of */

/* The guest may write while a block is made: it and its sum are made of this copy. */
struct seen {
	const struct machine *machine;
	struct code_pages *pages;	/* NULL: none */
	u64 at, size;			/* the first address; bytes */
	u64 through;			/* it is a by-pass up to here, whatever may run natively; 0: it is none */
	u8 code[4 * SEEN_WORDS];
};

/* Is code there that blocks are made of? */
bool code__is_for_blocks(const struct machine *m, u64 pc);
/* Where in RAM; UINT64_MAX: nowhere. For a machine with code_pages. */
u64 code__offset(const struct machine *m, u64 pc);
/* Does it lie where the guest's kernel may map something else? A block of it has one page only. */
static inline bool code__is_mapped(const struct machine *m, u64 pc)
{
	return m->mapped_code && pc - CKSSEG < CKSSEG_SIZE;
}
/* As many of `size` bytes as a block there can be made of. */
static inline u64 code__within(const struct machine *m, u64 pc, u64 size)
{
	const u64 left = CODE_PAGE - pc % CODE_PAGE;

	return code__is_mapped(m, pc) && size > left ? left : size;
}
/* A sum of so many bytes of it, or as far as there is any; and of what is at `code` in RAM. */
u32 code__sum_of(const u8 *code, u64 size);
u32 code__sum(const struct machine *m, u64 pc, u64 size);

/* The word there. False: there is none. */
bool code__word(const struct machine *m, u64 pc, u32 *word);

void seen__look(struct seen *s, const struct machine *m, u64 pc);
u32 seen__sum(const struct seen *s, u64 size);
/* For struct block_source; `seen` is a struct seen. */
bool seen__fetch(void *seen, u64 pc, u32 *insn, u32 *length);
bool seen__native(void *seen, u64 pc);
unsigned seen__leads(void *seen, u64 pc);

#endif
