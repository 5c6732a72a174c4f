/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See code-pages.h.
 */
#include "wedge/translate/code-pages.h"
#include "wedge/translate/translate.h"

#define PIECE	(CODE_PAGE / CODE_PAGE_PIECES)

void code_pages__make(struct code_pages *p, struct machine *machine)
{
	machine->ram.marks = &p->marks;
	if (machine->canonical)
		machine->mapped_code = p->mapped;
}

static bool is_of_ram(const struct machine *m, u64 offset)
{
	return offset < m->ram.size && m->ram.size - offset >= CODE_PAGE - offset % CODE_PAGE && offset / CODE_PAGE < RAM_MARKS;
}

/* Two words at a time, in no order that anybody knows: a guest gains nothing by a page that looks like another. */
static u32 sum_of(const u8 *at)
{
	const u64 *word = (const u64 *)at;	/* a page of RAM */
	u64 h = 0;

	for (const u64 *end = word + PIECE / 8; word < end; word++)
		h = (h << 7 | h >> 57) ^ *word * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 32;
}

/* Which pieces are not what they were; their sums are known then. */
static u32 look(struct code_page *page, const struct machine *m)
{
	const u8 *at = m->ram.base + page->number * CODE_PAGE;
	u32 changed = 0;

	for (unsigned i = 0; i < CODE_PAGE_PIECES; i++) {
		u32 sum = sum_of(at + i * PIECE);

		if (page->sum[i] != sum)
			changed |= 1u << i;
		page->sum[i] = sum;
	}
	return changed;
}

static void open(struct code_pages *p, struct code_page *page)
{
	if (page->open)
		return;
	page->open = true;
	p->open[p->open_count++] = page - p->page;
}

static bool is_used(const struct code_page *page)
{
	return page && (page->block || page->refused) && (page->mapped || !page->of_module);
}

static u32 *who_locked(struct code_page *page)
{
	return page->of_module ? &page->held : &page->locked;
}

/* A block may reach into the next page, but none of a module does. */
static bool is_needed(struct code_pages *p, const struct code_page *page)
{
	const struct code_page *before = page->number ? code_pages__at(p, (page->number - 1) * CODE_PAGE) : NULL;

	return is_used(page) || (!page->of_module && is_used(before) && !before->of_module);
}

void code_pages__core(struct code_pages *p, unsigned core)
{
	const u32 bit = 1u << core;

	if (p->cores & bit)
		return;
	for (u32 i = 0; i < p->count; i++)
		if (p->page[i].known && !(*who_locked(&p->page[i]) & bit))
			open(p, &p->page[i]);
	p->cores |= bit;
}

void code_pages__core_gone(struct code_pages *p, unsigned core)
{
	p->cores &= ~(1u << core);
	p->ordered &= ~(1u << core);
}

struct code_page *code_pages__at(struct code_pages *p, u64 offset)
{
	u32 index = offset / CODE_PAGE < RAM_MARKS ? p->index[offset / CODE_PAGE] : 0;

	return index ? &p->page[index - 1] : NULL;
}

static struct code_page *add(struct code_pages *p, const struct machine *m, u64 offset)
{
	struct code_page *page = code_pages__at(p, offset);

	if (page || !is_of_ram(m, offset) || p->count == CODE_PAGES_MOST)
		return page;
	page = &p->page[p->count++];
	page->number = offset / CODE_PAGE;
	__atomic_store_n(&p->index[page->number], p->count, __ATOMIC_RELEASE);
	__atomic_or_fetch(&p->marks.of[page->number], RAM_OF_CODE, __ATOMIC_SEQ_CST);
	return page;
}

struct code_page *code_pages__watch(struct code_pages *p, const struct machine *m, u64 offset)
{
	struct code_page *page = add(p, m, offset);

	if (page && !page->known) {
		look(page, m);
		page->known = true;
		open(p, page);
	}
	return page;
}

bool code_pages__map(struct code_pages *p, const struct machine *m, u64 va, u64 offset)
{
	const u64 n = (va - CKSSEG) / CODE_PAGE;
	struct code_page *page = n < CODE_MAPPED && !p->mapped[n] ? add(p, m, offset) : NULL;

	if (!page || page->mapped)
		return false;
	page->mapped = n + 1;
	page->of_module = true;
	page->known = false;
	page->held = 0;
	/* Who may have written it at any time had it before it became the text of a module. */
	__atomic_and_fetch(&p->marks.of[page->number], ~RAM_AT_ANY_TIME, __ATOMIC_SEQ_CST);
	__atomic_store_n(&p->mapped[n], page->number + 1, __ATOMIC_RELEASE);
	return true;
}

struct code_page *code_pages__unmap(struct code_pages *p, u64 va)
{
	struct code_page *page;
	u64 offset;

	if (!code_pages__find(p->mapped, va, &offset))
		return NULL;
	page = code_pages__at(p, offset);
	__atomic_store_n(&p->mapped[(va - CKSSEG) / CODE_PAGE], 0, __ATOMIC_RELEASE);
	page->mapped = 0;
	return page;
}

unsigned code_pages__leads(struct code_pages *p, u64 offset)
{
	const struct code_page *page = code_pages__at(p, offset);
	const unsigned word = offset % CODE_PAGE / 4;

	if (!page)
		return 0;
	return (page->to_user[word / 32] >> word % 32 & 1 ? LEADS_TO_USER : 0) | (page->high[word / 32] >> word % 32 & 1 ? LEADS_HIGH : 0);
}

void code_pages__note(struct code_pages *p, u64 offset, unsigned leads)
{
	struct code_page *page = code_pages__at(p, offset);
	const unsigned word = offset % CODE_PAGE / 4;

	if (page)
		(leads == LEADS_HIGH ? page->high : page->to_user)[word / 32] |= 1u << word % 32;
}

bool code_pages__written(struct code_pages *p, u64 offset, unsigned core)
{
	struct code_page *page = code_pages__at(p, offset);
	const u32 bit = 1u << core;
	bool locked, held;

	if (!page)
		return false;
	locked = __atomic_fetch_and(&page->locked, ~bit, __ATOMIC_SEQ_CST) & bit;
	held = __atomic_fetch_and(&page->held, ~bit, __ATOMIC_SEQ_CST) & bit;
	if (!page->open || locked || held) {
		__atomic_or_fetch(&p->marks.of[page->number], RAM_WRITTEN, __ATOMIC_SEQ_CST);
		__atomic_store_n(&p->marks.told, 1, __ATOMIC_SEQ_CST);
	}
	return locked;
}

bool code_pages__is_locked(struct code_pages *p, u64 offset, unsigned core)
{
	const struct code_page *page = code_pages__at(p, offset);

	return page && (__atomic_load_n(&page->locked, __ATOMIC_SEQ_CST) | __atomic_load_n(&page->held, __ATOMIC_SEQ_CST)) >> core & 1;
}

static void open_what_was_told_of(struct code_pages *p)
{
	if (!__atomic_exchange_n(&p->marks.told, 0, __ATOMIC_SEQ_CST))
		return;
	for (u32 i = 0; i < p->count; i++) {
		u8 *mark = &p->marks.of[p->page[i].number];

		if (!(__atomic_load_n(mark, __ATOMIC_SEQ_CST) & (RAM_WRITTEN | RAM_AT_ANY_TIME)))
			continue;
		__atomic_and_fetch(mark, ~RAM_WRITTEN, __ATOMIC_SEQ_CST);
		if (p->page[i].known)
			open(p, &p->page[i]);
	}
}

static bool is_locked(const struct code_pages *p, struct code_page *page)
{
	return (__atomic_load_n(who_locked(page), __ATOMIC_SEQ_CST) & p->cores) == p->cores;
}

static bool is_restless(const struct code_pages *p, const struct code_page *page)
{
	return __atomic_load_n(&p->marks.of[page->number], __ATOMIC_SEQ_CST) & RAM_AT_ANY_TIME;
}

/* By this core. What comes between the look and the lock is this core's own doing: none. */
static void lock(struct code_page *page, const struct machine *m, unsigned core)
{
	const u32 bit = 1u << core;

	if (page->of_module && !page->mapped)
		return;		/* nothing is made of it, and its windows are nobody's business */
	if (!(*who_locked(page) & bit) && m->ops->lock_code && m->ops->lock_code(m->user, page->number * CODE_PAGE, code_page__va(page)))
		__atomic_or_fetch(who_locked(page), bit, __ATOMIC_SEQ_CST);
}

void code_pages__look(struct code_pages *p, const struct machine *m, unsigned core, void (*changed)(void *user, struct code_page *page, u32 pieces), void *user)
{
	u32 left = 0, late = 0;

	open_what_was_told_of(p);
	for (u32 i = 0; i < p->open_count; i++) {
		struct code_page *page = &p->page[p->open[i]];
		u32 pieces = look(page, m);
		bool needed;

		if (pieces)
			changed(user, page, pieces);
		needed = is_needed(p, page);
		/* What is being written is likely to be again. */
		if (needed && !pieces && !is_restless(p, page)) {
			lock(page, m, core);
			late |= p->cores & ~*who_locked(page);
		}
		if (needed && (is_restless(p, page) || !is_locked(p, page)))
			p->open[left++] = p->open[i];
		else {
			page->open = false;
			page->known = needed;
		}
	}
	p->open_count = left;
	late &= ~(p->ordered | 1u << core);
	p->ordered |= late;
	for (; late && m->ops->order_lock; late &= late - 1)
		m->ops->order_lock(m->user, __builtin_ctz(late));
}

void code_pages__lock(struct code_pages *p, const struct machine *m, unsigned core)
{
	p->ordered &= ~(1u << core);
	for (u32 i = 0; i < p->open_count && p->cores >> core & 1; i++)
		if (!is_restless(p, &p->page[p->open[i]]))
			lock(&p->page[p->open[i]], m, core);
}
