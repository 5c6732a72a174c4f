/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which guest pages are mapped where: a space for the kernel's mapped segment, one for the user pages that
 * the kernel copies from and to, and one for each ASID.
 *
 * The Host's mappings are the TLB that native code sees. They may hold more than the 64 entries of the
 * architecture; the TLB (core/tlb.c) says what has to be forgotten. A page is mapped when it is missed,
 * and then the other page of its pair with it.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "board/board.h"
#include "lib/complain.h"
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define FIRST_CAPACITY	256
/*
 * Pages of one space; with more it begins anew. Each may be a mapping of its own, of which the Host allows a
 * process 65,530 (vm.max_map_count), and two spaces are in our own.
 */
#define PAGES_MOST	24000

static struct page *find(const struct space *s, u64 va, bool for_insert)
{
	struct page *gone = NULL;

	if (!s->capacity)
		return NULL;
	for (u64 i = va / HOST_PAGE * 0x9e3779b97f4a7c15ull >> 32;; i++) {
		struct page *p = &s->pages[i & (s->capacity - 1)];

		if (!p->pa)
			return for_insert ? (gone ? gone : p) : NULL;
		if (p->pa == PAGE_GONE && !gone)
			gone = p;
		if (p->pa != PAGE_GONE && p->va == va)
			return p;
	}
}

static void grow(struct space *s)
{
	struct space bigger = *s;

	bigger.capacity = s->capacity ? 2 * s->capacity : FIRST_CAPACITY;
	bigger.used = 0;
	bigger.pages = calloc(bigger.capacity, sizeof(*bigger.pages));
	if (!bigger.pages)
		die("no memory to keep track of %u mapped pages", bigger.capacity);
	for (unsigned i = 0; i < s->capacity; i++)
		if (s->pages[i].pa & PAGE_USED) {
			*find(&bigger, s->pages[i].va, true) = s->pages[i];
			bigger.used++;
		}
	free(s->pages);
	*s = bigger;
}

bool space__has(const struct space *s, u64 va)
{
	return find(s, va & ~(HOST_PAGE - 1), false);
}

static void host_map(struct user_mode *u, struct space *s, u64 va, u64 page)
{
	u64 offset = board__ram_offset(u->machine->ram.size, page & ~(HOST_PAGE - 1), HOST_PAGE);
	int prot = (page & PAGE_READ ? PROT_READ : 0) | (page & PAGE_WRITE ? PROT_WRITE : 0) |
		   (page & PAGE_EXECUTE ? PROT_EXEC : 0);

	if (s->stub)
		stub__map(s->stub, va, HOST_PAGE, offset, prot);
	else
		host__map_ram(u->host, va, HOST_PAGE, offset, prot);
}

static void host_unmap(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	if (s->stub)
		stub__unmap(s->stub, va, size);
	else
		host__unmap(u->host, va, size);
}

static void unmap_page(struct user_mode *u, struct space *s, u64 va)
{
	struct page *p = s->stale ? NULL : find(s, va, false);

	if (!p)
		return;
	host_unmap(u, s, va, HOST_PAGE);
	p->pa = PAGE_GONE;
}

/* `rights` are the D, RI and XI bits of an EntryLo. True if the page is mapped and was not so before. */
static bool map_page(struct user_mode *u, struct space *s, u64 va, u64 pa, u64 rights)
{
	u64 want = pa | PAGE_USED | (rights & ENTRYLO_D ? PAGE_WRITE : 0) | (rights & ENTRYLO_RI ? 0 : PAGE_READ) |
		   (rights & ENTRYLO_XI ? 0 : PAGE_EXECUTE);
	struct page *p;

	if (board__ram_offset(u->machine->ram.size, pa, HOST_PAGE) == UINT64_MAX) {
		unmap_page(u, s, va);	/* a device: each access comes to the interpreter */
		return false;
	}
	if (s->used >= PAGES_MOST) {
		s->stale = true;
		space__refresh(u, s);
	}
	if (4 * (s->used + 1) > 3 * s->capacity)
		grow(s);
	p = find(s, va, true);
	if (p->va == va && p->pa == want)
		return false;
	if (!p->pa)
		s->used++;
	host_map(u, s, va, want);
	*p = (struct page){ va, want };
	return true;
}

static void unmap_kernel(struct user_mode *u, struct space *s)
{
	host_unmap(u, s, WINDOW_MAP, WINDOW_MAP_END - WINDOW_MAP);
	host_unmap(u, s, WINDOW_MODULES, WINDOW_MODULES_END - WINDOW_MODULES);
}

void space__refresh(struct user_mode *u, struct space *s)
{
	if (!s->stale)
		return;
	s->stale = false;
	if (s->used) {
		if (s == &u->kernel)
			unmap_kernel(u, s);
		else if (s == &u->uaccess)
			host_unmap(u, s, GUEST_USER_BASE, GUEST_TASK_SIZE - GUEST_USER_BASE);
		else
			host_unmap(u, s, HOST_PAGE, GUEST_TASK_SIZE - HOST_PAGE);
	}
	for (unsigned i = 0; i < s->capacity; i++)
		s->pages[i] = (struct page){ 0 };
	s->used = 0;
}

/* The TLB entry that translates `va` now, if it may be used for `access`. */
bool space__map_from_tlb(struct user_mode *u, struct space *s, u64 va, enum access access)
{
	u64 pa, rights;
	u64 canonical = s == &u->kernel ? windows__canonical(&u->machine->windows, va) : va;

	if (tlb__lookup(u->vcpu, canonical, access, &pa, &rights) != TLB_HIT)
		return false;
	return map_page(u, s, va & ~(HOST_PAGE - 1), pa & ~(HOST_PAGE - 1), rights);
}

/* --- What the TLB tells us --- */

static void drop_range(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	if (size / HOST_PAGE > 64) {	/* a huge page: let all of it be found again */
		s->stale = true;
		if (!s->stub)
			space__refresh(u, s);
		return;
	}
	for (u64 page = va; page < va + size; page += HOST_PAGE)
		unmap_page(u, s, page);
}

void user__tlb_dropped(struct user_mode *u, u64 va, u64 size, unsigned asid, bool global)
{
	u64 window;

	if (!u)
		return;
	window = windows__window(&u->machine->windows, va);
	if (window != va)
		drop_range(u, &u->kernel, window, size);
	else if (va < GUEST_TASK_SIZE) {
		if (u->spaces[asid].used)
			drop_range(u, &u->spaces[asid], va, size);
		if (u->uaccess.used && u->uaccess_asid == asid)
			drop_range(u, &u->uaccess, va, size);
	}
}

void user__tlb_flushed(struct user_mode *u)
{
	if (!u)
		return;
	for (unsigned i = 0; i < SPACES; i++)
		u->spaces[i].stale = true;
	u->kernel.stale = u->uaccess.stale = true;
	space__refresh(u, &u->kernel);
	space__refresh(u, &u->uaccess);
}

/*
 * A page that is mapped already follows its entry. One that is not is mapped if `wanted`; others wait until
 * somebody needs them.
 */
static void follow_entry(struct user_mode *u, struct space *s, const struct tlb_entry *e, u64 va, bool wanted)
{
	u64 size = ((e->mask | 0x1fff) + 1) / 2;

	if (s->stale)
		return;
	if (size > 64 * HOST_PAGE) {	/* not worth following: each access comes to the interpreter */
		drop_range(u, s, va, 2 * size);
		return;
	}
	for (unsigned half = 0; half < 2; half++) {
		u64 page = va + half * size, lo = e->lo[half];

		for (u64 i = 0; i < size; i += HOST_PAGE) {
			if (!(lo & ENTRYLO_V))
				unmap_page(u, s, page + i);
			else if (wanted || find(s, page + i, false))
				map_page(u, s, page + i, ((lo & ENTRYLO_PFN) << 6) + i, lo);
		}
	}
}

/* Wanted is the entry that the guest has just been told it lacks. */
void user__tlb_written(struct user_mode *u, const struct tlb_entry *e)
{
	unsigned asid = e->hi & ENTRYHI_ASID;
	u64 hi = e->hi & ENTRYHI_VPN2, va;
	bool wanted;

	if (!u)
		return;
	va = windows__window(&u->machine->windows, hi);
	wanted = !((u->vcpu->page->cp0[CP0_BADVADDR] ^ va) & ~(e->mask | 0x1fff));
	if (va != hi) {
		follow_entry(u, &u->kernel, e, va, wanted);
	} else if (va < GUEST_TASK_SIZE) {
		if (u->spaces[asid].stub)
			follow_entry(u, &u->spaces[asid], e, va, wanted);
		if (u->uaccess.used && u->uaccess_asid == asid)
			follow_entry(u, &u->uaccess, e, va, false);
	}
}
