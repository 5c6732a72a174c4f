/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known to be mapped of one space: a table of its pages, by address, that also says how many mappings of the Host they are.
 */
#ifndef WEDGE_USER_PAGES_H
#define WEDGE_USER_PAGES_H

#include "lib/types.h"

/* A mapped page. `pa` is its guest physical page with the rights in its low bits; 0: the slot is free. */
struct page {
	u64 va;
	u64 pa;
};
#define PAGE_READ	1ull
#define PAGE_WRITE	2ull
#define PAGE_EXECUTE	4ull
#define PAGE_RIGHTS	7ull
#define PAGE_GONE	8ull	/* it was unmapped: searches go on here */
#define PAGE_USED	16ull
#define PAGE_MARK	32ull	/* no page, but something else that is known by an address: see space.c */

struct heap;

struct pages {
	struct heap *heap;	/* has the table; NULL: malloc() */
	struct page *slots;	/* open addressing; NULL until used */
	unsigned capacity;	/* a power of two */
	unsigned filled;	/* slots not free */
	unsigned count;		/* pages */
	unsigned marks;
	unsigned runs;		/* of pages that follow one another in RAM as well, with the same rights: each is one mapping of the Host */
};

static inline bool page__is(const struct page *p)
{
	return p->pa & PAGE_USED && !(p->pa & PAGE_MARK);
}

/* The page at this address, or the mark; NULL: none. Valid until the next call that puts something. */
struct page *pages__find(const struct pages *pages, u64 va);
/* In place of what was there. Dies if there is no memory. */
void pages__put(struct pages *pages, u64 va, u64 pa);
void pages__remove(struct pages *pages, struct page *page);
/* False if the mark is there already. */
bool pages__mark(struct pages *pages, u64 key);
/* Of a page that is there. */
void pages__change(struct pages *pages, struct page *page, u64 pa);
void pages__clear(struct pages *pages);
void pages__free(struct pages *pages);

#endif
