/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See breakpoint.h.
 */
#include "wedge/core/breakpoint.h"

#include <string.h>

#include "lib/unaligned.h"
#include "wedge/core/interp.h"

#define F_SAA		0x18	/* of SPECIAL2 */
#define F_SAAD		0x19

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
	b->count = b->nowhere = 0;
	b->filter = 0;
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used) {
			b->count++;
			b->nowhere += b->at[n].offset == BREAKPOINT_NOWHERE;
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

bool breakpoints__set(struct breakpoints *b, u8 *ram, u64 va, u64 offset, u64 root, bool swapped)
{
	const bool nowhere = offset == BREAKPOINT_NOWHERE;
	const struct breakpoint *other = nowhere ? NULL : other_at(b, offset);
	unsigned n = 0;

	if (find(b, va) >= 0)
		return true;
	while (n < BREAKPOINTS_MOST && b->at[n].used)
		n++;
	if (n == BREAKPOINTS_MOST)
		return false;
	b->at[n] = (struct breakpoint){ true, va, offset, 0, root };
	if (!nowhere) {
		b->at[n].word = other ? other->word : in_memory(unaligned__get32(ram + offset), swapped);
		unaligned__put32(ram + offset, in_memory(guard_of(n), swapped));
	}
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
	if (at->offset != BREAKPOINT_NOWHERE && unaligned__get32(ram + at->offset) == in_memory(guard_of(n), swapped))
		unaligned__put32(ram + at->offset, in_memory(other ? guard_of(other - b->at) : at->word, swapped));
	count(b);
	return true;
}

void breakpoints__clear_all(struct breakpoints *b, u8 *ram, bool swapped)
{
	for (unsigned n = 0; n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used)
			breakpoints__clear(b, ram, b->at[n].va, swapped);
	memset(b->watch, 0, sizeof(b->watch));
	b->watches = 0;
}

/* How far the word of `at` is from the first of `size` bytes at `offset`, if any byte of it is among them. */
static bool overlaps(const struct breakpoint *at, u64 offset, u64 size, s64 *distance)
{
	*distance = at->offset - offset;
	return at->used && at->offset != BREAKPOINT_NOWHERE && *distance > -4 && *distance < (s64)size;
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

u64 breakpoints__root(const struct vcpu *v)
{
	const struct breakpoints *b = &v->machine->breakpoints;

	return b->knows_roots ? cp0__tables_root(v, b->root_shift) : 0;
}

static bool is_for(const struct breakpoints *b, u64 root, const struct vcpu *v)
{
	return !root || !b->knows_roots || root == breakpoints__root(v);
}

bool breakpoint__here(struct vcpu *v)
{
	const struct breakpoints *b = &v->machine->breakpoints;
	const struct breakpoint *found;
	struct location at;
	int n;

	if (!(b->filter >> BREAKPOINT_BIT(v->pc) & 1))
		return false;
	n = find(b, v->pc);
	if (n < 0)
		return false;
	found = &b->at[n];
	if (!is_for(b, found->root, v))
		return false;
	at = memory__locate(v, v->pc, 4, ACCESS_FETCH);
	return at.place == PLACE_RAM && (found->offset == BREAKPOINT_NOWHERE || at.host == v->machine->ram.base + found->offset);
}

bool breakpoint__stops(struct vcpu *v)
{
	return breakpoint__here(v) || watchpoint__here(v) >= 0;
}

/* Is any byte of [va, va + size) in the page that `page` is in? */
static bool in_page(u64 va, u64 size, u64 page)
{
	return (va & ~(BREAKPOINT_PAGE - 1)) <= page && page <= va + size - 1;
}

bool breakpoints__holds(const struct breakpoints *b, u64 root, u64 va)
{
	const u64 page = va & ~(BREAKPOINT_PAGE - 1);

	for (unsigned n = 0; b->nowhere && n < BREAKPOINTS_MOST; n++) {
		const struct breakpoint *at = &b->at[n];

		if (at->used && at->offset == BREAKPOINT_NOWHERE && (!root || !at->root || at->root == root) && in_page(at->va, 4, page))
			return true;
	}
	for (unsigned n = 0; b->watches && n < WATCHPOINTS_MOST; n++) {
		const struct watchpoint *w = &b->watch[n];

		if (w->size && (!root || !w->root || w->root == root) && in_page(w->va, w->size, page))
			return true;
	}
	return false;
}

/* The lower of `lowest` and the first page of [va, va + size) that is behind `behind`. */
static u64 lower(u64 lowest, u64 va, u64 size, u64 behind)
{
	const u64 first = va & ~(BREAKPOINT_PAGE - 1), last = (va + size - 1) & ~(BREAKPOINT_PAGE - 1), page = first > behind ? first : last;

	return page > behind && page < lowest ? page : lowest;	/* there are no more than two */
}

u64 breakpoints__next_held(const struct breakpoints *b, u64 va)
{
	u64 lowest = UINT64_MAX;

	for (unsigned n = 0; b->nowhere && n < BREAKPOINTS_MOST; n++)
		if (b->at[n].used && b->at[n].offset == BREAKPOINT_NOWHERE)
			lowest = lower(lowest, b->at[n].va, 4, va);
	for (unsigned n = 0; b->watches && n < WATCHPOINTS_MOST; n++)
		if (b->watch[n].size)
			lowest = lower(lowest, b->watch[n].va, b->watch[n].size, va);
	return lowest;
}

/* A user program cannot be kept from having such a word of its own: there it has to be the place itself. */
u32 breakpoint__word(const struct vcpu *v, const u8 *host, u32 guard)
{
	const unsigned n = GUARD_NUMBER(guard) - GUARDS_MAX;
	const struct breakpoint *at = &v->machine->breakpoints.at[n < BREAKPOINTS_MOST ? n : 0];

	if (n >= BREAKPOINTS_MOST || !at->used || at->offset == BREAKPOINT_NOWHERE || (!vcpu__kernel_mode(v) && host != v->machine->ram.base + at->offset))
		return guard;
	return at->word;
}

/* --- Watchpoints --- */

static bool is_same(const struct watchpoint *a, const struct watchpoint *b)
{
	return a->va == b->va && a->size == b->size && a->loads == b->loads && a->stores == b->stores;	/* whomever they are for */
}

static struct watchpoint *slot_for(struct breakpoints *b, const struct watchpoint *w)
{
	for (unsigned n = 0; n < WATCHPOINTS_MOST; n++)
		if (b->watch[n].size ? is_same(&b->watch[n], w) : !w->size)
			return &b->watch[n];
	return NULL;
}

bool watchpoints__set(struct breakpoints *b, const struct watchpoint *w)
{
	struct watchpoint *slot;

	if (!w->size || w->size > WATCHPOINT_SIZE)
		return false;
	if (slot_for(b, w))
		return true;
	slot = slot_for(b, &(struct watchpoint){ 0 });
	if (!slot)
		return false;
	*slot = *w;
	b->watches++;
	return true;
}

bool watchpoints__clear(struct breakpoints *b, const struct watchpoint *w)
{
	struct watchpoint *slot = w->size ? slot_for(b, w) : NULL;

	if (!slot)
		return false;
	slot->size = 0;
	b->watches--;
	return true;
}

/* One address for each that memory has: of what needs no translation the one in XKPHYS. */
static u64 place_of(const struct windows *w, u64 va)
{
	u64 pa;

	return windows__physical(w, va, &pa) ? XKPHYS | pa : windows__window(w, va);
}

struct touch {
	u64 va;
	unsigned size;		/* 0: no memory is touched */
	bool loads, stores;
};

static struct touch touch(u64 va, unsigned size, bool store)
{
	return (struct touch){ va, size, !store, store };
}

/* What part of an aligned word is touched does not matter: whoever watches compares. */
static struct touch touch_part(u64 va, unsigned size, bool store)
{
	return touch(va & ~(u64)(size - 1), size, store);
}

static struct touch touched_by(const struct vcpu *v, u32 insn)
{
	const u64 base = v->gpr[field_rs(insn)], va = base + field_simm(insn), sum = base + v->gpr[field_rt(insn)];

	switch (field_op(insn)) {
	case OP_LB: case OP_LBU: case OP_SB: return touch(va, 1, field_op(insn) == OP_SB);
	case OP_LH: case OP_LHU: case OP_SH: return touch(va, 2, field_op(insn) == OP_SH);
	case OP_LW: case OP_LWU: case OP_LL: case OP_LWC1: return touch(va, 4, false);
	case OP_LD: case OP_LLD: case OP_LDC1: return touch(va, 8, false);
	case OP_SW: case OP_SC: case OP_SWC1: return touch(va, 4, true);
	case OP_SD: case OP_SCD: case OP_SDC1: return touch(va, 8, true);
	case OP_LWL: case OP_LWR: return touch_part(va, 4, false);
	case OP_LDL: case OP_LDR: return touch_part(va, 8, false);
	case OP_SWL: case OP_SWR: return touch_part(va, 4, true);
	case OP_SDL: case OP_SDR: return touch_part(va, 8, true);
	case OP_SPECIAL2:
		if (field_function(insn) == F_SAA || field_function(insn) == F_SAAD)
			return (struct touch){ base, field_function(insn) == F_SAA ? 4 : 8, true, true };
		break;
	case OP_COP1X:		/* lwxc1 to suxc1, and others, which touch nothing */
		return field_function(insn) < 0x0f ? touch(sum & ~7ull, 8, field_function(insn) & 8) : (struct touch){ 0 };
	default:
		break;
	}
	return (struct touch){ 0 };
}

static int watched(const struct vcpu *v, const struct touch *t)
{
	const struct windows *windows = &v->machine->windows;
	const struct breakpoints *b = &v->machine->breakpoints;

	for (unsigned n = 0; t->size && n < WATCHPOINTS_MOST; n++) {
		const struct watchpoint *w = &b->watch[n];
		const u64 distance = place_of(windows, t->va) - place_of(windows, w->va);

		if (w->size && is_for(b, w->root, v) && ((w->loads && t->loads) || (w->stores && t->stores)) && (distance < w->size || -distance < t->size))
			return n;
	}
	return -1;
}

/* Of an instruction that cannot be fetched the guest is to hear when it executes it. */
static bool look_at(struct vcpu *v, u64 pc, u32 *insn)
{
	u32 length;

	return !(pc & 3) && memory__locate(v, pc, 4, ACCESS_FETCH).place == PLACE_RAM && !vcpu__fetch(v, pc, pc != v->pc, insn, &length);
}

int watchpoint__here(struct vcpu *v)
{
	u32 insn, slot;
	struct touch t;
	int found;

	if (!v->machine->breakpoints.watches || !look_at(v, v->pc, &insn))
		return -1;
	t = touched_by(v, insn);
	found = watched(v, &t);
	if (found >= 0 || !may_branch(insn) || (field_op(insn) == OP_COP1 && !is_fp_branch(insn)) || !look_at(v, v->pc + 4, &slot))
		return found;
	t = touched_by(v, slot);
	return watched(v, &t);
}
