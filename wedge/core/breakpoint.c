/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See breakpoint.h.
 */
#include "wedge/core/breakpoint.h"

#include <string.h>

#include "lib/unaligned.h"
#include "wedge/core/vcpu.h"

/* The word that stands for number n, and one of the guest's, as they are in memory. */
static u32 in_memory(u32 word, bool swapped)
{
	return swapped ? __builtin_bswap32(word) : word;
}

static u32 guard_of(unsigned n)
{
	return GUARD(GUARDS_MAX + n);
}

static void count(struct breakpoints *b)
{
	b->count = 0;
	b->filter = 0;
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used) {
			b->count++;
			b->filter |= 1ull << BREAKPOINT_BIT(b->at[n].va);
		}
}

/* Another one of the same word: the kernel sees it at several addresses. */
static const struct breakpoint *other_at(const struct breakpoints *b, u64 offset)
{
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used && b->at[n].offset == offset)
			return &b->at[n];
	return NULL;
}

static int find(const struct breakpoints *b, u64 va)
{
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used && b->at[n].va == va)
			return n;
	return -1;
}

bool breakpoints__set(struct breakpoints *b, u8 *ram, u64 va, u64 offset, bool swapped)
{
	const struct breakpoint *other = other_at(b, offset);
	unsigned n = 0;

	if (find(b, va) >= 0)
		return true;
	while (n < BREAKPOINTS_MOST && b->at[n].used)
		n++;
	if (n == BREAKPOINTS_MOST)
		return false;
	b->at[n] = (struct breakpoint){ true, va, offset, other ? other->word : in_memory(unaligned__get32(ram + offset), swapped) };
	unaligned__put32(ram + offset, in_memory(guard_of(n), swapped));
	count(b);
	return true;
}

bool breakpoints__clear(struct breakpoints *b, u8 *ram, u64 va, bool swapped)
{
	const int n = find(b, va);
	const struct breakpoint *other;
	struct breakpoint *at;

	if (n < 0)
		return false;
	at = &b->at[n];
	at->used = false;
	other = other_at(b, at->offset);
	if (unaligned__get32(ram + at->offset) == in_memory(guard_of(n), swapped))
		unaligned__put32(ram + at->offset, in_memory(other ? guard_of(other - b->at) : at->word, swapped));
	count(b);
	return true;
}

void breakpoints__clear_all(struct breakpoints *b, u8 *ram, bool swapped)
{
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used)
			breakpoints__clear(b, ram, b->at[n].va, swapped);
}

/* How far the word of `at` is from the first of `size` bytes at `offset`, if any byte of it is among them. */
static bool overlaps(const struct breakpoint *at, u64 offset, u64 size, s64 *distance)
{
	*distance = at->offset - offset;
	return at->used && *distance > -4 && *distance < (s64)size;
}

void breakpoints__see_through(const struct breakpoints *b, u64 offset, void *bytes, u64 size, bool swapped)
{
	s64 distance;

	for (unsigned n = 0; b->count && n < BREAKPOINTS_MOST; n++)
		if (overlaps(&b->at[n], offset, size, &distance)) {
			const u32 word = in_memory(b->at[n].word, swapped);

			for (int i = 0; i < 4; i++)
				if (distance + i >= 0 && distance + i < (s64)size)
					((u8 *)bytes)[distance + i] = ((const u8 *)&word)[i];
		}
}

void breakpoints__write(struct breakpoints *b, u8 *ram, u64 offset, const void *bytes, u64 size, bool swapped)
{
	s64 distance;

	memcpy(ram + offset, bytes, size);
	for (unsigned n = 0; b->count && n < BREAKPOINTS_MOST; n++)
		if (overlaps(&b->at[n], offset, size, &distance)) {
			u32 word = in_memory(b->at[n].word, swapped);

			for (int i = 0; i < 4; i++)
				if (distance + i >= 0 && distance + i < (s64)size)
					((u8 *)&word)[i] = ((const u8 *)bytes)[distance + i];
			b->at[n].word = in_memory(word, swapped);
			unaligned__put32(ram + b->at[n].offset, in_memory(guard_of(n), swapped));
		}
}

bool breakpoint__here(struct vcpu *v)
{
	const struct breakpoints *b = &v->machine->breakpoints;
	struct location at;
	int n;

	if (!(b->filter >> BREAKPOINT_BIT(v->pc) & 1))
		return false;
	n = find(b, v->pc);
	if (n < 0)
		return false;
	at = memory__locate(v, v->pc, 4, ACCESS_FETCH);
	return at.place == PLACE_RAM && at.host == v->machine->ram.base + b->at[n].offset;
}

/* A user program cannot be kept from having such a word of its own: there it has to be the place itself. */
u32 breakpoint__word(const struct vcpu *v, const u8 *host, u32 guard)
{
	const unsigned n = GUARD_NUMBER(guard) - GUARDS_MAX;
	const struct breakpoint *at = &v->machine->breakpoints.at[n < BREAKPOINTS_MOST ? n : 0];

	if (n >= BREAKPOINTS_MOST || !at->used || (!vcpu__kernel_mode(v) && host != v->machine->ram.base + at->offset))
		return guard;
	return at->word;
}
