/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The TLB as the architecture has it: 64 entries, each a pair of pages.
 *
 * What the guest can see is exactly this. The Host's mappings, which make translations work natively, may
 * hold more: a translation that tlbwr has pushed out stays mapped until software could tell. It can tell
 * when it has asked for it (tlbp that misses: Linux probes before it invalidates), or when it has
 * written an invalid entry over every one, which is how Linux flushes all. `indices_emptied` watches for the latter.
 */
#include <string.h>

#include "wedge/core/cp0.h"
#include "wedge/core/vcpu.h"

#define PAGEMASK_MASK	0x1fffe000u

/* Linux probes in steps of its own page size, which is at most 64 KB: bigger ones must not outlive their entry. */
#define BIG_PAIR	0x20000ull

static u64 pair_mask(const struct tlb_entry *e)
{
	return e->mask | 0x1fff;
}

/* Every fault asks some times, and each asks for all of them: so little as can be is done for each. */
static const struct tlb_entry *find(const struct vcpu *v, u64 va, u64 asid)
{
	const u64 wanted = (va & ENTRYHI_VPN2) | asid;

	for (const struct tlb_entry *e = v->tlb; e < v->tlb + TLB_ENTRIES; e++)
		if (((wanted ^ e->hi) | e->ignored) == e->ignored)
			return e;
	return NULL;
}

enum tlb_result tlb__lookup(const struct vcpu *v, u64 va, enum access access, u64 *pa, u64 *rights)
{
	const struct tlb_entry *e = find(v, va, v->page->cp0[CP0_ENTRYHI] & ENTRYHI_ASID);
	u32 grain = cp0_word(v, CP0_PAGEGRAIN);
	u64 page_size, lo;

	if (!e)
		return TLB_REFILL;
	page_size = (pair_mask(e) + 1) / 2;
	lo = e->lo[va & page_size ? 1 : 0];
	if (!(lo & ENTRYLO_V))
		return TLB_INVALID;
	if (access == ACCESS_FETCH && (lo & ENTRYLO_XI) && (grain & PAGEGRAIN_XIE))
		return TLB_EXEC_INHIBIT;
	if (access == ACCESS_LOAD && (lo & ENTRYLO_RI) && (grain & PAGEGRAIN_RIE))
		return TLB_READ_INHIBIT;
	if (access == ACCESS_STORE && !(lo & ENTRYLO_D))
		return TLB_MODIFIED;
	*pa = ((lo & ENTRYLO_PFN) << 6 & ~(page_size - 1)) | (va & (page_size - 1));
	*rights = (lo & (ENTRYLO_D | ENTRYLO_RI | ENTRYLO_XI)) | (e->global ? ENTRYLO_G : 0);
	return TLB_HIT;
}

static struct tlb_entry entry_from_cp0(const struct vcpu *v)
{
	const u64 *cp0 = v->page->cp0;
	struct tlb_entry e = {
		.hi = cp0[CP0_ENTRYHI],
		.mask = cp0_word(v, CP0_PAGEMASK) & PAGEMASK_MASK,
		.lo = { cp0[CP0_ENTRYLO0], cp0[CP0_ENTRYLO1] },
		.global = cp0[CP0_ENTRYLO0] & cp0[CP0_ENTRYLO1] & ENTRYLO_G,
	};

	e.hi &= ~(pair_mask(&e) & ~ENTRYHI_ASID);
	e.ignored = e.mask | (e.global ? ENTRYHI_ASID : 0);
	return e;
}

static bool same_pages(const struct tlb_entry *a, const struct tlb_entry *b)
{
	return a->mask == b->mask && a->global == b->global &&
	       (a->global ? !((a->hi ^ b->hi) & ENTRYHI_VPN2) : a->hi == b->hi);
}

static void write_entry(struct vcpu *v, unsigned index, bool forget_old)
{
	const struct machine_ops *ops = v->machine->ops;
	struct tlb_entry new = entry_from_cp0(v);
	struct tlb_entry *e = &v->tlb[index];

	/* Also when it says that there is no page: one may have been found in the page tables since (user/ahead.c). */
	if ((forget_old || pair_mask(e) >= BIG_PAIR) && !same_pages(e, &new))
		ops->tlb_dropped(v, e->hi & ENTRYHI_VPN2, pair_mask(e) + 1, e->hi & ENTRYHI_ASID, e->global);
	*e = new;
	v->tlb_generation++;
	ops->tlb_written(v, e);
}

void tlb__write_index(struct vcpu *v)
{
	unsigned index = cp0_word(v, CP0_INDEX) & (TLB_ENTRIES - 1);
	u64 wired = (1ull << (cp0_word(v, CP0_WIRED) & (TLB_ENTRIES - 1))) - 1;

	write_entry(v, index, true);
	if ((v->tlb[index].lo[0] | v->tlb[index].lo[1]) & ENTRYLO_V)
		v->indices_emptied &= ~(1ull << index);
	else
		v->indices_emptied |= 1ull << index;
	if ((v->indices_emptied | wired) == ~0ull) {
		v->indices_emptied = 0;
		v->machine->ops->tlb_flushed(v);
	}
}

void tlb__write_random(struct vcpu *v)
{
	write_entry(v, cp0__read(v, CP0_RANDOM), false);
}

void tlb__read(struct vcpu *v)
{
	const struct tlb_entry *e = &v->tlb[cp0_word(v, CP0_INDEX) & (TLB_ENTRIES - 1)];
	u64 *cp0 = v->page->cp0;
	u64 global = e->global ? ENTRYLO_G : 0;

	cp0[CP0_ENTRYHI] = e->hi;
	cp0[CP0_PAGEMASK] = e->mask;
	cp0[CP0_ENTRYLO0] = (e->lo[0] & ~ENTRYLO_G) | global;
	cp0[CP0_ENTRYLO1] = (e->lo[1] & ~ENTRYLO_G) | global;
	v->tlb_generation++;	/* the ASID may have changed */
}

void tlb__probe(struct vcpu *v)
{
	u64 hi = v->page->cp0[CP0_ENTRYHI], pair;
	const struct tlb_entry *e = find(v, hi, hi & ENTRYHI_ASID);

	if (e) {
		v->page->cp0[CP0_INDEX] = e - v->tlb;
		return;
	}
	v->page->cp0[CP0_INDEX] = word(INDEX_P | v->page->cp0[CP0_INDEX]);
	/* PageMask takes no part in the probe, but Linux keeps its page size there: what was pushed out had it. */
	pair = (cp0_word(v, CP0_PAGEMASK) & PAGEMASK_MASK) | 0x1fff;
	v->machine->ops->tlb_dropped(v, hi & ENTRYHI_VPN2 & ~pair, pair + 1, hi & ENTRYHI_ASID, false);
}
