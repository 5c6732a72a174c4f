/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See heap.h. The room is full of blocks, each with a head before it; the last is empty and in use, so that walks end.
 */
#include "lib/heap.h"

#include <stdbool.h>
#include <string.h>

struct block {
	size_t size;		/* with this head */
	bool used;
} __attribute__((aligned(HEAP_ALIGN)));

struct heap {
	struct block first;
};

static struct block *next(const struct block *b)
{
	return (struct block *)((char *)b + b->size);
}

static size_t rounded(size_t size)
{
	return (size + HEAP_ALIGN - 1) & ~(size_t)(HEAP_ALIGN - 1);
}

struct heap *heap__make(void *room, size_t size)
{
	struct heap *heap = room;

	size &= ~(size_t)(HEAP_ALIGN - 1);
	heap->first = (struct block){ .size = size - sizeof(struct block) };
	*next(&heap->first) = (struct block){ .used = true };
	return heap;
}

static void join(struct block *b)
{
	while (!next(b)->used)
		b->size += next(b)->size;
}

void *heap__alloc(struct heap *heap, size_t size)
{
	size_t want = rounded(size) + sizeof(struct block);
	struct block *b;

	if (want < size)
		return NULL;
	for (b = &heap->first; b->size; b = next(b)) {
		if (b->used)
			continue;
		join(b);
		if (b->size < want)
			continue;
		if (b->size - want > sizeof(struct block)) {
			struct block *rest = (struct block *)((char *)b + want);

			*rest = (struct block){ .size = b->size - want };
			b->size = want;
		}
		b->used = true;
		return memset(b + 1, 0, b->size - sizeof(*b));
	}
	return NULL;
}

void heap__free(struct heap *heap, void *block)
{
	if (block)
		((struct block *)block - 1)->used = false;
}

size_t heap__largest(const struct heap *heap)
{
	size_t largest = 0, free = 0;

	for (const struct block *b = &heap->first; b->size; b = next(b)) {
		free = b->used ? 0 : free + b->size;
		if (free > largest)
			largest = free;
	}
	return largest > sizeof(struct block) ? largest - sizeof(struct block) : 0;
}
