/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The table of what is mapped of a space.
 */
#include <stdlib.h>
#include <string.h>

#include "lib/complain.h"
#include "lib/heap.h"
#include "wedge/host/host.h"
#include "wedge/user/pages.h"

#define FIRST_CAPACITY	256

/* Where `va` is, or would be put. */
static struct page *slot_of(const struct pages *pages, u64 va, bool for_insert)
{
	struct page *gone = NULL;

	if (!pages->capacity)
		return NULL;
	for (u64 i = va / HOST_PAGE * 0x9e3779b97f4a7c15ull >> 32;; i++) {
		struct page *p = &pages->slots[i & (pages->capacity - 1)];

		if (!p->pa)
			return for_insert ? (gone ? gone : p) : NULL;
		if (p->pa == PAGE_GONE && !gone)
			gone = p;
		if (p->pa != PAGE_GONE && p->va == va)
			return p;
	}
}

struct page *pages__find(const struct pages *pages, u64 va)
{
	return slot_of(pages, va, false);
}

static void give_back(const struct pages *pages)
{
	if (pages->heap)
		heap__free(pages->heap, pages->slots);
	else
		free(pages->slots);
}

/* What is gone goes, and there is room for as many again. */
static void make_anew(struct pages *pages)
{
	struct pages bigger = *pages;

	bigger.capacity = FIRST_CAPACITY;
	while (bigger.capacity < 3 * (pages->count + pages->marks))
		bigger.capacity *= 2;
	bigger.filled = pages->count + pages->marks;
	bigger.slots = pages->heap ? heap__alloc(pages->heap, bigger.capacity * sizeof(*bigger.slots)) : calloc(bigger.capacity, sizeof(*bigger.slots));
	if (!bigger.slots)
		die("no memory to keep track of %u mapped pages", bigger.capacity);
	for (unsigned i = 0; i < pages->capacity; i++)
		if (pages->slots[i].pa & PAGE_USED)
			*slot_of(&bigger, pages->slots[i].va, true) = pages->slots[i];
	give_back(pages);
	*pages = bigger;
}

static struct page *room_for(struct pages *pages, u64 va)
{
	if (4 * (pages->filled + 1) > 3 * pages->capacity)
		make_anew(pages);
	return slot_of(pages, va, true);
}

/* With how many of its neighbours is the page one mapping? */
static unsigned joins(const struct pages *pages, u64 va, u64 pa)
{
	const struct page *before = pages__find(pages, va - HOST_PAGE), *behind = pages__find(pages, va + HOST_PAGE);

	return (before && before->pa == pa - HOST_PAGE) + (behind && behind->pa == pa + HOST_PAGE);
}

void pages__change(struct pages *pages, struct page *page, u64 pa)
{
	pages->runs += joins(pages, page->va, page->pa);
	page->pa = pa;
	pages->runs -= joins(pages, page->va, pa);
}

void pages__put(struct pages *pages, u64 va, u64 pa)
{
	struct page *p = room_for(pages, va);

	if (p->pa & PAGE_USED) {
		pages__change(pages, p, pa);
		return;
	}
	pages->filled += !p->pa;
	*p = (struct page){ va, pa };
	pages->count++;
	pages->runs += 1 - joins(pages, va, pa);
}

bool pages__mark(struct pages *pages, u64 key)
{
	struct page *p = room_for(pages, key);

	if (p->pa & PAGE_USED)
		return false;
	pages->filled += !p->pa;
	*p = (struct page){ key, PAGE_MARK | PAGE_USED };
	pages->marks++;
	return true;
}

void pages__remove(struct pages *pages, struct page *page)
{
	if (page->pa & PAGE_MARK) {
		pages->marks--;
	} else {
		pages->count--;
		pages->runs += joins(pages, page->va, page->pa) - 1;
	}
	page->pa = PAGE_GONE;
}

void pages__clear(struct pages *pages)
{
	if (pages->filled)
		memset(pages->slots, 0, pages->capacity * sizeof(*pages->slots));
	pages->filled = pages->count = pages->marks = pages->runs = 0;
}

void pages__free(struct pages *pages)
{
	give_back(pages);
	*pages = (struct pages){ .heap = pages->heap };
}
