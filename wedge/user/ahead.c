/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Mapping by the guest's page tables.
 *
 * A page that is missed is looked for there before the guest's kernel is asked, and what lies around it is mapped with it: a stop of user code
 * costs as much as some twenty pages of one request. And a space that has got another ASID keeps what its tables still have.
 */
#include <stdlib.h>

#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define AROUND		16	/* pages: what Linux maps around a page of a file */
#define AROUND_HUGE	64
#define AROUND_MOST	AROUND_HUGE
#define RUNS_MOST	4	/* requests that a stop carries out: host/mips64/stub.h */

/* --- Around a page that is missed --- */

struct around {
	u64 first;		/* address, */
	unsigned count;		/* and so many pages of the Host's */
	u64 want[AROUND_MOST];	/* 0: not to be mapped */
};

static u64 wanted(const struct user_mode *u, const struct table_entry *entry, u64 va)
{
	u64 lo = tables__entrylo(&u->tables, entry, va);

	return lo & ENTRYLO_V ? space__wanted(u, (lo & ENTRYLO_PFN) << 6, lo) : 0;
}

/* Pages that were not accessed yet become so: as with those that Linux maps around a page of a file. */
static u64 wanted_beside(struct user_mode *u, const struct space *s, const struct table_entry *entry, u64 va)
{
	u64 want;

	if (!tables__present(&u->tables, entry) || !tables__touch(&u->tables, entry, ACCESS_LOAD))
		return 0;
	want = wanted(u, entry, va);
	return space__at(s, va) == want ? 0 : want;
}

/*
 * `entry` is that of `va`. Of pages as small as the Host's, whose tables are of no fewer than sixteen entries, those around it stand beside it; a larger page has
 * them all.
 */
static void look_around(struct user_mode *u, const struct space *s, u64 va, const struct table_entry *entry, struct around *around)
{
	const bool small = 1ull << entry->shift == HOST_PAGE;
	struct table_entry beside = *entry;

	around->count = small ? AROUND : entry->shift > 16 ? AROUND_HUGE : (1u << entry->shift) / HOST_PAGE;
	around->first = va & ~(around->count * HOST_PAGE - 1);
	if (small)
		beside.at -= (va - around->first) / HOST_PAGE;
	for (unsigned i = 0; i < around->count; i++, beside.at += small) {
		const u64 at = around->first + i * HOST_PAGE;

		around->want[i] = !user__may_have(u, at) || user__is_held(u, s, at) ? 0 : wanted_beside(u, s, &beside, at);
	}
}

/* Is page i one request together with the one before it? */
static bool goes_on(const struct around *around, unsigned i)
{
	return i && around->want[i - 1] && around->want[i] == around->want[i - 1] + HOST_PAGE;
}

/* The run of page `here`, and those next to it, behind it first. */
static void choose_runs(struct around *around, unsigned here)
{
	unsigned end = here + 1, begin = here, runs = 1;

	for (; end < around->count && runs <= RUNS_MOST; end++) {
		runs += around->want[end] && !goes_on(around, end);
		if (runs > RUNS_MOST)
			break;
	}
	while (begin > 0 && goes_on(around, begin))
		begin--;
	for (; begin > 0 && runs <= RUNS_MOST; begin--) {
		runs += around->want[begin - 1] && !goes_on(around, begin);
		if (runs > RUNS_MOST)
			break;
	}
	for (unsigned i = 0; i < around->count; i++)
		if (i < begin || i >= end)
			around->want[i] = 0;
}

bool ahead__map(struct user_mode *u, struct space *s, u64 va, enum access access)
{
	struct table_entry entry;
	struct around around = { .count = 0 };
	unsigned here;

	u->tables.leaf = NULL;
	if (!s->root || !user__may_have(u, va) || !tables__find(&u->tables, s->root, va, &entry) ||
	    !tables__touch(&u->tables, &entry, access))
		return false;
	look_around(u, s, va, &entry, &around);
	here = (va - around.first) / HOST_PAGE;
	if (!around.want[here])		/* a device, or it is mapped so already */
		return false;
	choose_runs(&around, here);
	if (entry.shift > 16)
		space__note_huge(u, s, va, entry.shift);
	for (unsigned i = 0; i < around.count; i++)
		if (around.want[i])
			space__map(u, s, around.first + i * HOST_PAGE, around.want[i]);
	return true;
}

bool ahead__refill(struct user_mode *u, const struct space *s, u64 va)
{
	struct vcpu *v = u->vcpu;
	u64 *cp0 = v->page->cp0;
	const u64 pair = (cp0_word(v, CP0_PAGEMASK) | 0x1fff) + 1ull, first = va & ~(pair - 1);
	struct table_entry entry;
	u64 lo[2];

	u->tables.leaf = NULL;
	if (!s->root || !user__may_have(u, va))
		return false;
	for (unsigned half = 0; half < 2; half++) {
		if (!tables__find(&u->tables, s->root, first + half * pair / 2, &entry) || 1ull << entry.shift != pair / 2)
			return false;
		lo[half] = tables__entrylo(&u->tables, &entry, first + half * pair / 2);
	}
	cp0[CP0_ENTRYLO0] = lo[0];
	cp0[CP0_ENTRYLO1] = lo[1];
	cp0[CP0_ENTRYHI] = (va & ENTRYHI_VPN2) | user__asid(u);
	tlb__write_random(v);
	return true;
}

/* --- A space that may have changed --- */

#define CHANGES_MOST	512	/* pages: with more all of it is mapped anew */
#define REQUESTS_MOST	16	/* likewise */
#define SAMPLE		32	/* if most of so many have changed, it is another program */

struct change {
	u64 va;
	u64 rights;		/* that are left; 0: none, it is unmapped */
};

static int by_address(const void *a, const void *b)
{
	const u64 x = ((const struct change *)a)->va, y = ((const struct change *)b)->va;

	return x < y ? -1 : x > y;
}

/* What has to change of a page that is mapped. False: nothing. */
static bool changes(struct user_mode *u, const struct space *s, const struct page *p, struct change *change)
{
	struct table_entry entry;
	u64 want = 0;

	if (tables__find(&u->tables, s->root, p->va, &entry))
		want = wanted(u, &entry, p->va);
	*change = (struct change){ p->va, 0 };
	if (want && !((want ^ p->pa) & ~(HOST_PAGE - 1)))
		change->rights = want & p->pa & PAGE_RIGHTS;
	return change->rights != (p->pa & PAGE_RIGHTS);
}

bool ahead__any_left(struct user_mode *u, const struct space *s)
{
	struct change change;

	u->tables.leaf = NULL;
	for (unsigned i = 0; s->pages.count && i < s->pages.capacity; i++)
		if (page__is(&s->pages.slots[i]))
			return !changes(u, s, &s->pages.slots[i], &change) || change.rights;
	return false;
}

static unsigned requests_for(const struct change *change, unsigned count)
{
	unsigned requests = 0;

	for (unsigned i = 0; i < count; i++)
		requests += !i || change[i].va != change[i - 1].va + HOST_PAGE || change[i].rights != change[i - 1].rights;
	return requests;
}

bool ahead__check(struct user_mode *u, struct space *s)
{
	struct change change[CHANGES_MOST + 1];
	unsigned count = 0, seen = 0;

	if (!s->root || (!s->stub && !u->direct))
		return false;
	u->tables.leaf = NULL;
	for (unsigned i = 0; i < s->pages.capacity && count <= CHANGES_MOST; i++) {
		const struct page *p = &s->pages.slots[i];

		if (!page__is(p))
			continue;
		count += changes(u, s, p, &change[count]);
		if (++seen == SAMPLE && count > SAMPLE / 2 && !change[0].rights)
			return false;
	}
	if (count > CHANGES_MOST)
		return false;
	qsort(change, count, sizeof(*change), by_address);
	if (requests_for(change, count) > REQUESTS_MOST)
		return false;
	for (unsigned i = 0; i < count; i++)
		if (change[i].rights)
			space__protect(u, s, change[i].va, change[i].rights);
		else
			space__unmap(u, s, change[i].va);
	return true;
}
