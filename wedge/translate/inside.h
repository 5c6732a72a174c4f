/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What blocks.c and forget.c share: where things are among the blocks of a machine.
 */
#ifndef WEDGE_TRANSLATE_INSIDE_H
#define WEDGE_TRANSLATE_INSIDE_H

#include "wedge/burn/sequence.h"
#include "wedge/translate/blocks.h"

/* --- One at a time --- */

static inline bool begin(struct blocks *b)
{
	return !__atomic_exchange_n(&b->busy, 1, __ATOMIC_ACQUIRE);
}

/* Nobody waits for anything with it. */
static inline void begin_at_last(struct blocks *b)
{
	while (!begin(b))
		;
}

static inline void end(struct blocks *b)
{
	__atomic_store_n(&b->busy, 0, __ATOMIC_RELEASE);
}

/* --- Places --- */

/* That of pc, made if there is none; NULL: too many have been met. */
struct block_place *blocks__place(struct blocks *b, u64 pc);

/* Its block; NULL: there is none, or can be none. */
static inline struct block *block_of_place(struct blocks *b, const struct block_place *p)
{
	const u32 n = p ? __atomic_load_n(&p->block, __ATOMIC_ACQUIRE) : 0;

	return n && n != BLOCKS_NEVER ? &b->store[(n - 1) / BLOCKS_MOST].block[(n - 1) % BLOCKS_MOST] : NULL;
}

static inline u64 address_of(const struct blocks *b, const struct block *block)
{
	return b->place + 4ull * block->word;
}

/* --- Stores --- */

static inline struct block_store *store_of(struct blocks *b, u64 word)
{
	return &b->store[word / b->words];
}

/* The first word of a store. */
static inline u32 base_of(const struct blocks *b, const struct block_store *s)
{
	return (s - b->store) * b->words;
}

/* Bytes of the code that a block was made of, up to its last instruction, with the slot of that. */
static inline u64 size_up_to(const struct block_insn *last)
{
	return 4 * (last->offset + 2ull);
}

static inline u64 size_of(const struct blocks *b, const struct block_store *s, const struct block *block)
{
	return code__within(b->machine, block->start, size_up_to(&s->insn[block->insn + block->insns - 1]));
}

/* --- The guest's code --- */

/* Where it is in RAM, if pages are looked at (code-pages.h). */
static inline u64 offset_of(const struct block *block)
{
	return block->page * CODE_PAGE + block->start % CODE_PAGE;
}

/* --- Links: each exit that leads to a block is on that one's list --- */

static inline void put_word(struct blocks *b, u32 *at, u32 word)
{
	__atomic_store_n(at, word, __ATOMIC_RELEASE);
	__builtin___clear_cache((char *)at, (char *)(at + 1));
}

/* The word of a way out that leads on to the call of the Wedge behind it. */
static inline u32 not_linked(const struct blocks *b, u32 jump)
{
	return sequence__jump(b->place + 4ull * (jump + 2), false);
}

/* The word of a burnt site's trampoline that calls; NULL: it has none. */
u32 *blocks__trampoline(struct blocks *b, const struct burn_site *site);

/* --- Jumps by a register --- */

static inline unsigned jumps(const struct blocks *b)
{
	return b->jumps ? VCPU_JUMPS_MANY : VCPU_JUMPS;
}

static inline struct vcpu_jump *jumps_of(const struct blocks *b, struct vcpu *v)
{
	return b->jumps ? b->jumps[v->core].of : v->page->jump;
}

static inline struct vcpu_jump *jump_to(const struct blocks *b, struct vcpu *v, u64 pc)
{
	return &jumps_of(b, v)[pc >> 2 & (jumps(b) - 1)];
}

/* From now on every jump that led to it calls the Wedge, and nobody finds it. */
void blocks__unlink(struct blocks *b, struct block_store *s, struct block *block);
/* And nobody will any more. */
void blocks__forget(struct blocks *b, struct block_store *s, struct block *block);
/* All that begin in the page; and what could not be translated there may be now. */
void blocks__forget_page(struct blocks *b, struct code_page *page);
/* Is the guest's code still what it was made of? */
bool blocks__is_true(const struct blocks *b, const struct block_store *s, const struct block *block);
/* All of them: they go on for who is in one, and nobody comes. The other store, empty, is the one that is used now. */
struct block_store *blocks__start_over(struct blocks *b);

#endif
