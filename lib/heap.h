/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory in a room of fixed size, which several processes share at one address: what malloc() is for one of them.
 *
 * First fit, neighbours that are free are joined. For blocks that are few and large. The callers see to it that one of them is
 * at work at a time.
 */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

#include <stddef.h>

#define HEAP_ALIGN	16

struct heap;

/* In `size` bytes at `room`, aligned to HEAP_ALIGN. */
struct heap *heap__make(void *room, size_t size);
/* Cleared; NULL if there is no room for it. */
void *heap__alloc(struct heap *heap, size_t size);
/* What heap__alloc() gave, or NULL. */
void heap__free(struct heap *heap, void *block);
/* Bytes that could be had at once. */
size_t heap__largest(const struct heap *heap);

#endif
