/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Walks the guest's page tables.
 */
#include "wedge/core/cp0.h"
#include "wedge/user/tables.h"

#define ENTRYLO_LOW	0x3full		/* how it is cached, D, V, G */

u64 tables__root(const struct tables *t)
{
	if (!t->format.levels)
		return 0;
	return cp0__tables_root(t->vcpu, t->format.root_shift);
}

/* Tables lie in the kernel's image, if they are empty, or where the kernel sees all RAM. */
static u64 *table_at(const struct tables *t, u64 address, unsigned bits)
{
	const struct machine *m = t->vcpu->machine;
	u64 pa = address - m->windows.ckseg0;

	if (pa >= m->windows.ckseg0_size)
		pa = address - m->windows.physmap;
	if (pa % 8)
		return NULL;
	return (u64 *)ram__at(&m->ram, pa, 8ull << bits);
}

static u64 load(const u64 *at)
{
	return __atomic_load_n(at, __ATOMIC_RELAXED);
}

static u64 index_in(const struct afterburn_page_tables *f, unsigned level, u64 va)
{
	return va >> f->level[level].shift & ((1ull << f->level[level].bits) - 1);
}

static bool huge(const struct afterburn_page_tables *f, unsigned level, u64 entry)
{
	return level && f->huge && entry & f->huge;
}

bool tables__find(struct tables *t, u64 root, u64 va, struct table_entry *entry)
{
	const struct afterburn_page_tables *f = &t->format;
	const unsigned last = f->levels - 1, span = f->level[last].shift + f->level[last].bits;
	u64 table = root, *at;

	if (t->leaf && t->leaf_of == va >> span) {
		*entry = (struct table_entry){ t->leaf + index_in(f, last, va), f->level[last].shift };
		return true;
	}
	if (va >> (f->level[0].shift + f->level[0].bits))
		return false;
	for (unsigned level = 0; level <= last; level++) {
		at = table_at(t, table, f->level[level].bits);
		if (!at)
			return false;
		if (level == last) {
			t->leaf = at;
			t->leaf_of = va >> span;
		}
		at += index_in(f, level, va);
		*entry = (struct table_entry){ at, f->level[level].shift };
		table = load(at);
		if (huge(f, level, table))
			return true;
	}
	return true;
}

u64 tables__entrylo(const struct tables *t, const struct table_entry *entry, u64 va)
{
	const struct afterburn_page_tables *f = &t->format;
	u64 word = load(entry->at), lo = word >> f->entrylo_shift, inside = va & ((1ull << entry->shift) - 1) & ~0xfffull;

	lo &= ENTRYLO_PFN | ENTRYLO_LOW;
	/* A page lies at a multiple of its size: what a TLB would ignore of the frame is not there. */
	lo &= ~(((1ull << entry->shift) - 0x1000) >> 6);
	lo |= inside >> 6;
	if (cp0_word(t->vcpu, CP0_PAGEGRAIN) & PAGEGRAIN_RIE)
		lo |= (word & f->no_read ? ENTRYLO_RI : 0) | (word & f->no_exec ? ENTRYLO_XI : 0);
	return lo;
}

bool tables__present(const struct tables *t, const struct table_entry *entry)
{
	return load(entry->at) & t->format.present;
}

/* Does the word let this happen as it stands? */
static bool allows(const struct tables *t, u64 word, enum access access)
{
	const struct afterburn_page_tables *f = &t->format;
	const bool rixi = cp0_word(t->vcpu, CP0_PAGEGRAIN) & PAGEGRAIN_RIE;
	const u64 v = ENTRYLO_V << f->entrylo_shift, d = ENTRYLO_D << f->entrylo_shift;

	if (!(word & v))
		return false;
	switch (access) {
	case ACCESS_STORE: return word & d;
	case ACCESS_LOAD: return !rixi || !(word & f->no_read);
	default: return !rixi || !(word & f->no_exec);
	}
}

bool tables__touch(const struct tables *t, const struct table_entry *entry, enum access access)
{
	const struct afterburn_page_tables *f = &t->format;
	u64 old = load(entry->at), new = old | f->accessed | ENTRYLO_V << f->entrylo_shift;

	if (allows(t, old, access))
		return true;
	if (!(old & f->present) || (access == ACCESS_STORE && !(old & f->write)))
		return false;
	/* Where there is no RI, a page that must not be read is never valid: the guest's kernel sees each access. */
	if (access != ACCESS_STORE && old & f->no_read && !(cp0_word(t->vcpu, CP0_PAGEGRAIN) & PAGEGRAIN_RIE))
		return false;
	if (access == ACCESS_STORE)
		new |= f->modified | ENTRYLO_D << f->entrylo_shift;
	return allows(t, new, access) && __atomic_compare_exchange_n(entry->at, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}
