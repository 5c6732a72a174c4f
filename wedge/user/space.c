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
 * process 65,530 (vm.max_map_count), and two spaces are in our own, with 256 of other things.
 */
#define PAGES_MOST	24000
#define MAPPINGS_ELSE	256u
/*
 * What a mapped page costs the Host's kernel and us at most, if it is a mapping of its own; and a page table, of which
 * each region that has a mapped page, or had one, takes one. Guest user code can ask for both where no memory of
 * its own stands behind (pages of zeros, children that have ended), so all spaces together may cost an eighth of RAM;
 * then those that were not used for longest begin anew.
 */
#define PAGE_COST	256ull
#define TABLE_COST	HOST_PAGE
#define TABLE_REGION	0x200000ull	/* of the Host's address space: 512 pages */
#define COST_LEAST	0x2000000ull

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

void space__set_limits(struct user_mode *u)
{
	unsigned most = host__mappings_most();
	unsigned own = most > 2 * MAPPINGS_ELSE ? (most - MAPPINGS_ELSE) / 2 : MAPPINGS_ELSE / 2;
	unsigned stub = most > 32 ? most - 16 : 16;

	u->own_pages_most = own < PAGES_MOST ? own : PAGES_MOST;
	u->stub_pages_most = stub < PAGES_MOST ? stub : PAGES_MOST;
	u->cost_most = u->machine->ram.size / 8 > COST_LEAST ? u->machine->ram.size / 8 : COST_LEAST;
}

static void account(struct user_mode *u, struct space *s)
{
	u64 cost = (s->used - s->tables) * PAGE_COST + s->tables * TABLE_COST;

	u->cost += cost - s->cost;
	s->cost = cost;
}

bool space__has(const struct space *s, u64 va)
{
	return find(s, va & ~(HOST_PAGE - 1), false);
}

static bool host_map(struct user_mode *u, struct space *s, u64 va, u64 page)
{
	u64 offset = board__ram_offset(u->machine->ram.size, page & ~(HOST_PAGE - 1), HOST_PAGE);
	int prot = (page & PAGE_READ ? PROT_READ : 0) | (page & PAGE_WRITE ? PROT_WRITE : 0) |
		   (page & PAGE_EXECUTE ? PROT_EXEC : 0);

	if (!s->stub)
		return host__map_ram(u->host, va, HOST_PAGE, offset, prot);
	stub__map(s->stub, va, HOST_PAGE, offset, prot);	/* stub__run() says if it was refused */
	return true;
}

static bool host_unmap(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	if (!s->stub)
		return host__unmap(u->host, va, size);
	stub__unmap(s->stub, va, size);
	return true;
}

static void unmap_page(struct user_mode *u, struct space *s, u64 va)
{
	struct page *p = s->stale ? NULL : find(s, va, false);

	if (!p)
		return;
	if (host_unmap(u, s, va, HOST_PAGE))
		p->pa = PAGE_GONE;
	else
		space__empty(u, s);	/* a hole in a mapping would have been one mapping more */
}

/* The page table of `va`, which stays when the page goes. */
static void note_table(struct space *s, u64 va)
{
	u64 region = (va & ~(TABLE_REGION - 1)) | 1;	/* no page has such an address */
	struct page *p = find(s, region, true);

	if (p->va == region && p->pa & PAGE_TABLE)
		return;
	s->used += !p->pa;
	s->tables++;
	*p = (struct page){ region, PAGE_TABLE | PAGE_USED };
}

/* What was not used for longest begins anew, what is stale before that, `s` itself last. */
static void make_room(struct user_mode *u, struct space *s)
{
	while (u->cost > u->cost_most / 4 * 3) {
		struct space *victim = s;

		for (unsigned i = 0; i < SPACES + 2; i++) {
			struct space *other = i < SPACES ? &u->spaces[i] : i == SPACES ? &u->kernel : &u->uaccess;

			if (!other->cost || other == s)
				continue;
			if (victim == s || (other->stale ? 0 : other->last_used) < (victim->stale ? 0 : victim->last_used))
				victim = other;
		}
		space__empty(u, victim);
		if (victim == s)
			return;
	}
}

/*
 * A Host whose CPU has no RI and XI keeps neither, and the guest is not promised them (monitor/vm.c), unless its states are
 * to be as on metal: then what can be kept is. The Host's kernel loops in a read of what may be written only. So there a page
 * that can neither be read nor executed (PROT_NONE of Linux and PROT_WRITE alone) is not mapped: each access comes to
 * the interpreter. One that can be executed only is mapped, and read; one that cannot be executed is executed: for those
 * every instruction would have to come.
 */
static bool kept_by_us(const struct user_mode *u, u64 rights)
{
	return !u->rixi && rights & ENTRYLO_RI && rights & ENTRYLO_XI && cp0_word(u->vcpu, CP0_PAGEGRAIN) & PAGEGRAIN_RIE;
}

/* `rights` are the D, RI and XI bits of an EntryLo. True if the page is mapped and was not so before. */
static bool map_page(struct user_mode *u, struct space *s, u64 va, u64 pa, u64 rights)
{
	u64 want;
	struct page *p;

	/* A device: each access comes to the interpreter. */
	if (board__ram_offset(u->machine->ram.size, pa, HOST_PAGE) == UINT64_MAX || kept_by_us(u, rights)) {
		unmap_page(u, s, va);
		return false;
	}
	if (!u->rixi)
		rights &= ~(ENTRYLO_RI | ENTRYLO_XI);
	want = pa | PAGE_USED | (rights & ENTRYLO_D ? PAGE_WRITE : 0) | (rights & ENTRYLO_RI ? 0 : PAGE_READ) |
	       (rights & ENTRYLO_XI ? 0 : PAGE_EXECUTE);
	if (u->cost > u->cost_most)
		make_room(u, s);
	if (s->used - s->tables >= (s->stub ? u->stub_pages_most : u->own_pages_most)) {
		s->stale = true;
		space__refresh(u, s);
	}
	if (4 * (s->used + 2) > 3 * s->capacity)
		grow(s);
	p = find(s, va, true);
	if (p->va == va && p->pa == want)
		return false;
	if (!host_map(u, s, va, want)) {
		space__empty(u, s);	/* the interpreter reaches it without */
		return false;
	}
	s->used += !p->pa;
	*p = (struct page){ va, want };
	note_table(s, va);
	account(u, s);
	return true;
}

static void unmap_all(struct user_mode *u, struct space *s)
{
	bool done = true;

	if (s == &u->kernel)
		done = host_unmap(u, s, WINDOW_MAP, WINDOW_MAP_END - WINDOW_MAP) &&
		       host_unmap(u, s, WINDOW_MODULES, WINDOW_MODULES_END - WINDOW_MODULES);
	else if (s == &u->uaccess)
		done = host_unmap(u, s, GUEST_USER_BASE, GUEST_TASK_SIZE - GUEST_USER_BASE);
	else if (s->stub)
		stub__unmap(s->stub, HOST_PAGE, GUEST_TASK_SIZE - HOST_PAGE);
	if (!done)
		die("the Host would not unmap a window");
}

static void clear(struct user_mode *u, struct space *s)
{
	for (unsigned i = 0; i < s->capacity; i++)
		s->pages[i] = (struct page){ 0 };
	s->used = s->tables = 0;
	account(u, s);
}

void space__forget(struct user_mode *u, struct space *s)
{
	s->stale = false;
	free(s->pages);
	s->pages = NULL;
	s->capacity = 0;
	clear(u, s);
}

void space__refresh(struct user_mode *u, struct space *s)
{
	if (!s->stale)
		return;
	s->stale = false;
	if (s->used)
		unmap_all(u, s);
	clear(u, s);
}

void space__empty(struct user_mode *u, struct space *s)
{
	bool stale = s->stale;

	if (s->stub)
		stub__empty(s->stub, HOST_PAGE, GUEST_TASK_SIZE - HOST_PAGE);
	else
		unmap_all(u, s);
	space__forget(u, s);
	s->stale = stale && s->stub;	/* what else begins anew with it: user.c */
}

/*
 * The kernel's mapped segment is one space for all ASIDs, so only what is global is mapped there: an entry of one ASID would
 * be seen from the next. Accesses to others come to the interpreter. Linux has none.
 */
static bool may_be_mapped(const struct user_mode *u, const struct space *s, bool global)
{
	return s != &u->kernel || global;
}

/* The TLB entry that translates `va` now, if it may be used for `access`. */
bool space__map_from_tlb(struct user_mode *u, struct space *s, u64 va, enum access access)
{
	u64 pa, rights;
	u64 canonical = s == &u->kernel ? windows__canonical(&u->machine->windows, va) : va;

	if (tlb__lookup(u->vcpu, canonical, access, &pa, &rights) != TLB_HIT || !may_be_mapped(u, s, rights & ENTRYLO_G))
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
		for (unsigned i = global ? 0 : asid; i < (global ? SPACES : asid + 1); i++)
			if (u->spaces[i].used)
				drop_range(u, &u->spaces[i], va, size);
		if (u->uaccess.used && (global || u->uaccess_asid == asid))
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
	if (size > 64 * HOST_PAGE || !may_be_mapped(u, s, e->global)) {	/* not worth following: each access comes to the interpreter */
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
