/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Blocks are forgotten, because the guest has changed its code or there is no room: see blocks.h.
 */
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"
#include "wedge/translate/inside.h"

/* --- Who leads to one --- */

u32 *blocks__trampoline(struct blocks *b, const struct burn_site *site)
{
	const struct machine *m = b->machine;
	const struct code *code = site ? machine__code(m, site->address) : NULL;

	if (!code || !burn__has_trampoline(site))
		return NULL;
	return b->code + (s64)(m->slots + (u64)(code->first + site->slot) * SLOT_SIZE - b->place) / 4 + BURN_TRAMPOLINE_CALL;
}

static void unlink_site(struct blocks *b, const struct block *block)
{
	u32 *call = blocks__trampoline(b, burn__site_at(b->machine, block->start));

	if (call && *call == sequence__jump(address_of(b, block), false))
		put_word(b, call, sequence__jump(b->call, true));
}

static void unlink_exits(struct blocks *b, struct block_store *s, struct block *block)
{
	for (u32 n = block->links; n; n = s->link[n - 1].next) {
		const u32 at = s->link[n - 1].jump;

		put_word(b, b->code + at, not_linked(b, at));
	}
	block->links = 0;
}

/* --- One --- */

void blocks__unlink(struct blocks *b, struct block_store *s, struct block *block)
{
	const struct machine *m = b->machine;
	struct block_place *p = blocks__place(b, block->start);

	if (block_of_place(b, p) == block) {
		__atomic_store_n(&p->block, 0, __ATOMIC_RELEASE);
		p->met = 0;
	}
	for (unsigned i = 0; i < m->cpus; i++) {
		if (jump_to(b, m->vcpu[i], block->start)->place == address_of(b, block))
			jump_to(b, m->vcpu[i], block->start)->pc = 0;
		if (m->vcpu[i]->page->vector == address_of(b, block))
			m->vcpu[i]->page->vector = 0;
	}
	unlink_site(b, block);
	unlink_exits(b, s, block);
}

void blocks__forget(struct blocks *b, struct block_store *s, struct block *block)
{
	blocks__unlink(b, s, block);
	block->gone = true;
	b->forgotten++;
}

/* Of the guest's code as it is now: where its pages are looked at it lies in a row. */
static u32 sum_now(const struct blocks *b, const struct block_store *s, const struct block *block)
{
	const u64 size = size_of(b, s, block);

	return b->pages ? code__sum_of(b->machine->ram.base + offset_of(block), size) : code__sum(b->machine, block->start, size);
}

bool blocks__is_true(const struct blocks *b, const struct block_store *s, const struct block *block)
{
	return sum_now(b, s, block) == block->sum;
}

static bool forget_if_changed(struct blocks *b, struct block_store *s, struct block *block)
{
	if (blocks__is_true(b, s, block))
		return false;
	blocks__forget(b, s, block);
	return true;
}

/* --- All --- */

struct block_store *blocks__start_over(struct blocks *b)
{
	const struct machine *m = b->machine;
	struct block_store *s = &b->store[b->now];

	for (u32 i = 0; i < b->place_count; i++)
		if (b->pages || b->places[i].block != BLOCKS_NEVER) {
			__atomic_store_n(&b->places[i].block, 0, __ATOMIC_RELEASE);
			b->places[i].met = 0;
			if (b->pages)	/* whoever has just found it looks whether its block is the right one */
				__atomic_store_n(&b->places[i].pc, 0, __ATOMIC_RELEASE);
		}
	if (b->pages)
		__atomic_store_n(&b->places_taken, 0, __ATOMIC_RELAXED);
	for (u32 i = 0; i < s->count; i++) {
		unlink_site(b, &s->block[i]);
		s->block[i].gone = true;
	}
	for (u32 i = 0; b->pages && i < b->pages->count; i++)
		b->pages->page[i].block = b->pages->page[i].refused = 0;
	for (unsigned i = 0; i < m->cpus; i++) {
		m->vcpu[i]->page->vector = 0;
		for (unsigned n = 0; n < jumps(b); n++)
			jumps_of(b, m->vcpu[i])[n].pc = 0;
	}
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* nobody finds them any more; then the look at who is in one */
	for (unsigned i = 0; i < m->cpus; i++)
		b->passages[i] = __atomic_load_n(&m->vcpu[i]->passage, __ATOMIC_ACQUIRE);
	b->abandoned = true;
	b->filled++;
	b->now = !b->now;
	s = &b->store[b->now];
	__atomic_store_n(&s->count, 0, __ATOMIC_RELEASE);
	s->words = s->exits = s->insns = 0;
	return s;
}

/* --- The guest changes its code --- */

/* What could not be translated may be something else by now. */
static void try_again(struct blocks *b, struct code_page *page)
{
	for (u32 n = page->refused, next; n; n = next) {
		struct block_place *p = &b->places[n - 1];

		next = p->next;
		p->met = 0;
		__atomic_store_n(&p->block, 0, __ATOMIC_RELEASE);
	}
	page->refused = 0;
}

void blocks__forget_page(struct blocks *b, struct code_page *page)
{
	struct block_store *s = &b->store[b->now];

	for (; page->block; page->block = s->block[page->block - 1].next)
		if (!s->block[page->block - 1].gone)
			blocks__forget(b, s, &s->block[page->block - 1]);
	try_again(b, page);
}

/* The blocks that begin in a page and lie in pieces, one bit for each, of this one or of the next. */
static void forget_in(struct blocks *b, struct code_page *page, u32 number, u32 pieces)
{
	struct block_store *s = &b->store[b->now];
	u32 *from = &page->block;

	while (*from) {
		struct block *block = &s->block[*from - 1];
		const u64 first = offset_of(block), last = first + size_of(b, s, block) - 1, base = number * CODE_PAGE;
		const u64 piece = CODE_PAGE / CODE_PAGE_PIECES;
		bool there = last >= base && first < base + CODE_PAGE;
		u64 low = first > base ? (first - base) / piece : 0, high = last < base + CODE_PAGE ? (last - base) / piece : CODE_PAGE_PIECES - 1;

		if (block->gone || (there && pieces >> low & ((2u << (high - low)) - 1) && forget_if_changed(b, s, block)))
			*from = block->next;
		else
			from = &block->next;
	}
}

static void on_changed(void *user, struct code_page *page, u32 pieces)
{
	struct blocks *b = user;
	struct code_page *before = page->number ? code_pages__at(b->pages, (page->number - 1) * CODE_PAGE) : NULL;

	forget_in(b, page, page->number, pieces);
	try_again(b, page);
	if (before) {
		forget_in(b, before, page->number, pieces);
		try_again(b, before);
	}
}

static void check_all(struct blocks *b)
{
	struct block_store *s = &b->store[b->now];
	bool changed = false;

	for (u32 i = 0; i < s->count; i++)
		changed |= !s->block[i].gone && forget_if_changed(b, s, &s->block[i]);
	for (u32 i = 0; changed && i < b->place_count; i++)
		if (b->places[i].block == BLOCKS_NEVER)
			b->places[i].block = b->places[i].met = 0;
}

void blocks__check(struct blocks *b, unsigned core)
{
	if (!b)
		return;
	begin_at_last(b);
	if (b->pages)
		code_pages__look(b->pages, b->machine, core, on_changed, b);
	else
		check_all(b);
	end(b);
}

void blocks__lock(struct blocks *b, unsigned core)
{
	if (!b || !b->pages)
		return;
	begin_at_last(b);
	code_pages__lock(b->pages, b->machine, core);
	end(b);
}

void blocks__core_gone(struct blocks *b, unsigned core)
{
	if (!b || !b->pages)
		return;
	begin_at_last(b);
	code_pages__core_gone(b->pages, core);
	end(b);
}

bool blocks__written(struct blocks *b, u64 offset, unsigned core)
{
	return b && b->pages && code_pages__written(b->pages, offset, core);
}

/* --- The guest maps something else --- */

static void unmap(struct blocks *b, u64 va)
{
	struct code_page *page = code_pages__unmap(b->pages, va);
	struct block_store *s = &b->store[b->now];

	if (!page)
		return;
	for (u32 n = page->block; n; n = s->block[n - 1].next)
		if (!s->block[n - 1].gone)
			blocks__unlink(b, s, &s->block[n - 1]);
	try_again(b, page);
}

/* An address as EntryHi has it, as its segment has it: the bits between are like those above. */
static u64 of_entryhi(u64 va)
{
	return va < XKSEG ? va : va | ~(ENTRYHI_VPN2 | 0x1fff);
}

void blocks__unmapped(struct blocks *b, u64 va, u64 size)
{
	const u64 from = of_entryhi(va), last = from + size - 1 < from ? ~0ull : from + size - 1;
	u64 offset;
	bool any = false;

	/* What reaches in from below would be a pair of more than 1 GB. */
	if (!b || !b->machine->mapped_code || from - CKSSEG >= CKSSEG_SIZE)
		return;
	for (u64 at = from; at <= last && at - CKSSEG < CKSSEG_SIZE && !any; at += CODE_PAGE)
		any = code_pages__find(b->machine->mapped_code, at, &offset);
	if (!any)
		return;
	begin_at_last(b);
	for (u64 at = from; at <= last && at - CKSSEG < CKSSEG_SIZE; at += CODE_PAGE)
		unmap(b, at);
	end(b);
}

/* Does the entry say of the page at `va`, its first or its second, what is known of it? */
static bool says_the_same(const struct blocks *b, const struct tlb_entry *e, unsigned half, u64 va)
{
	const struct ram *ram = &b->machine->ram;
	const u8 *at = ram__at(ram, (e->lo[half] & ENTRYLO_PFN) << 6, CODE_PAGE);
	u64 offset;

	return !code_pages__find(b->machine->mapped_code, va, &offset) || (e->global && e->lo[half] & ENTRYLO_V && at == ram->base + offset);
}

void blocks__tlb_written(struct blocks *b, const struct tlb_entry *e)
{
	const u64 va = of_entryhi(e->hi & ENTRYHI_VPN2);

	if (!b || !b->machine->mapped_code || va - CKSSEG >= CKSSEG_SIZE)
		return;
	if (e->mask)
		blocks__unmapped(b, va, (e->mask | 0x1fff) + 1);
	for (unsigned half = 0; !e->mask && half < 2; half++)
		if (!says_the_same(b, e, half, va + half * CODE_PAGE))
			blocks__unmapped(b, va + half * CODE_PAGE, CODE_PAGE);
}

void blocks__all_unmapped(struct blocks *b)
{
	if (!b || !b->machine->mapped_code)
		return;
	begin_at_last(b);
	for (u32 i = 0; i < b->pages->count; i++)
		if (b->pages->page[i].mapped)
			unmap(b, code_page__va(&b->pages->page[i]));
	end(b);
}

/* Jumps there have led to code that may run as it stands. */
static void forget_jumps(struct blocks *b, u64 from, u64 to)
{
	for (unsigned i = 0; i < b->machine->cpus; i++)
		for (unsigned n = 0; n < jumps(b); n++) {
			struct vcpu_jump *jump = &jumps_of(b, b->machine->vcpu[i])[n];

			if (jump->pc >= from && jump->pc < to)
				jump->pc = 0;
		}
}

void blocks__gone(struct blocks *b, u64 from, u64 to)
{
	if (!b)
		return;
	begin_at_last(b);
	forget_jumps(b, from, to);
	for (unsigned n = 0; n < ARRAY_SIZE(b->store); n++)
		for (u32 i = 0; i < b->store[n].count; i++) {
			struct block *block = &b->store[n].block[i];

			if (!block->gone && block->start >= from && block->start < to)
				blocks__forget(b, &b->store[n], block);
		}
	for (u32 i = 0; i < b->place_count; i++)
		if (b->places[i].pc >= from && b->places[i].pc < to)
			b->places[i].block = b->places[i].met = 0;
	end(b);
}
