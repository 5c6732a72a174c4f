/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which guest pages are mapped where: a space for the kernel's mapped segment, one for the user pages that
 * the kernel copies from and to, and one for each address space of user code.
 *
 * The Host's mappings are the TLB that native code sees. They may hold more than the 64 entries of the
 * architecture; the TLB (core/tlb.c) says what has to be forgotten. A page is mapped when it is missed,
 * and then the other page of its pair with it.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "board/board.h"
#include "lib/complain.h"
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

/*
 * Mappings of one space. The Host allows a process 65,530 (vm.max_map_count), and two spaces are in our own, with 256 of other things.
 */
#define MAPPINGS_ELSE	256u
/*
 * What a mapping costs the Host's kernel, a mapped page us and it, and a page table, of which each region that has a mapped page, or had
 * one, takes one. Guest user code can ask for both where no memory of
 * its own stands behind (pages of zeros, children that have ended), so all spaces together may cost an eighth of RAM;
 * then those that were not used for longest begin anew.
 */
#define MAPPING_COST	256ull
#define PAGE_COST	64ull
#define TABLE_COST	HOST_PAGE
#define TABLE_REGION	(HOST_PAGE / 8 * HOST_PAGE)	/* of the Host's address space: 512 pages of 4 KB */
#define COST_LEAST	0x2000000ull
/* Marks, at addresses that no page has: of a region that needs a page table, which stays when the page goes; and of a large page of the guest's. */
#define TABLE_KEY	1
#define HUGE_KEY	2

u64 space__shown(const struct user_mode *u, u64 va)
{
	const u64 low_bits = (ENTRYHI_VPN2 & ~XKSEG) | 0x1fff, low = va & low_bits, cksseg = CKSSEG & low_bits;

	if (!u->machine->canonical)
		return windows__window(&u->machine->windows, va);
	if (va < XKSEG)
		return va;
	if (low < WINDOW_MAP_END - WINDOW_MAP)
		return WINDOW_MAP + low;
	if (low - cksseg < CKSSEG_SIZE)
		return WINDOW_CKSSEG + (low - cksseg);
	return low - (WINDOW_HIGH_OF & low_bits) < WINDOW_HIGH_SIZE ? WINDOW_HIGH + (low - (WINDOW_HIGH_OF & low_bits)) : va;
}

u64 space__canonical(const struct user_mode *u, u64 shown)
{
	if (!u->machine->canonical)
		return windows__canonical(&u->machine->windows, shown);
	if (shown - WINDOW_MAP < WINDOW_MAP_END - WINDOW_MAP)
		return XKSEG + (shown - WINDOW_MAP);
	if (shown - WINDOW_HIGH < WINDOW_HIGH_SIZE)
		return WINDOW_HIGH_OF + (shown - WINDOW_HIGH);
	return shown - WINDOW_CKSSEG < CKSSEG_SIZE ? CKSSEG + (shown - WINDOW_CKSSEG) : shown;
}

void space__set_limits(struct user_mode *u)
{
	unsigned most = host__mappings_most();
	unsigned own = most > 2 * MAPPINGS_ELSE ? (most - MAPPINGS_ELSE) / 2 : MAPPINGS_ELSE / 2;
	unsigned stub = most > 32 ? most - 16 : 16;

	u->own_runs_most = own;
	u->stub_runs_most = stub;
	u->cost_most = u->machine->ram.size / 8 > COST_LEAST ? u->machine->ram.size / 8 : COST_LEAST;
}

static void account(struct user_mode *u, struct space *s)
{
	u64 cost = s->pages.runs * MAPPING_COST + s->pages.count * PAGE_COST + s->pages.marks * TABLE_COST;

	u->cost += cost - s->cost;
	s->cost = cost;
}

bool space__has(const struct space *s, u64 va)
{
	return pages__find(&s->pages, va & ~(HOST_PAGE - 1));
}

static int prot_of(u64 page)
{
	return (page & PAGE_READ ? PROT_READ : 0) | (page & PAGE_WRITE ? PROT_WRITE : 0) | (page & PAGE_EXECUTE ? PROT_EXEC : 0);
}

/* A program may write the page from now on. */
static void will_be_written(const struct user_mode *u, u64 page)
{
	const struct ram *ram = &u->machine->ram;

	if (page & PAGE_WRITE)
		ram__will_be_written(ram, ram->base + board__ram_offset(ram->size, page & ~(HOST_PAGE - 1), HOST_PAGE), HOST_PAGE);
}

static u64 offset_of(const struct user_mode *u, u64 page)
{
	return board__ram_offset(u->machine->ram.size, page & ~(HOST_PAGE - 1), HOST_PAGE);
}

bool space__map_run(struct user_mode *u)
{
	const u64 size = u->run.size;

	u->run.size = 0;
	return !size || host__map_ram(u->host, u->run.va, size, offset_of(u, u->run.pa), prot_of(u->run.pa));
}

/* Direct: neighbours that are neighbours in RAM as well are mapped with one request, when the first comes that is none (or space__map_run()). */
static bool map_in_run(struct user_mode *u, u64 va, u64 page)
{
	const bool continues = u->run.size && u->run.va + u->run.size == va && u->run.pa + u->run.size == page &&
			       offset_of(u, u->run.pa) + u->run.size == offset_of(u, page);

	if (continues) {
		u->run.size += HOST_PAGE;
		return true;
	}
	if (!space__map_run(u))
		return false;
	u->run.va = va;
	u->run.pa = page;
	u->run.size = HOST_PAGE;
	return true;
}

static bool host_map(struct user_mode *u, struct space *s, u64 va, u64 page)
{
	u64 offset = board__ram_offset(u->machine->ram.size, page & ~(HOST_PAGE - 1), HOST_PAGE);
	const struct vcpu *v = u->vcpu;

	if (trace__on(v->tracing, TRACE_MAP))
		trace__put(v->trace, TRACE_MAP, v->core, prot_of(page), va, offset);
	if (u->direct && s != u->kernel) {
		will_be_written(u, page);
		return map_in_run(u, va, page);
	}
	if (!s->stub)
		return host__map_ram(u->host, va, HOST_PAGE, offset, prot_of(page));
	will_be_written(u, page);
	stub__map(s->stub, va, HOST_PAGE, offset, prot_of(page));	/* stub__run() says if it was refused */
	return true;
}

static bool host_unmap(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	if (!s->stub)
		return space__map_run(u) && host__unmap(u->host, va, size);
	/* What the process itself is stays. */
	if (va - STUB_PAGE >= HOST_PAGE && STUB_PAGE - va >= size) {
		stub__unmap(s->stub, va, size);
		return true;
	}
	if (va < STUB_PAGE)
		stub__unmap(s->stub, va, STUB_PAGE - va);
	if (va + size > STUB_PAGE + HOST_PAGE)
		stub__unmap(s->stub, STUB_PAGE + HOST_PAGE, va + size - (STUB_PAGE + HOST_PAGE));
	return true;
}

/* A page that is mapped where the core is not now. */
static void unmap_late(struct space *s, u64 va)
{
	for (unsigned i = 0; i < s->late_count; i++)
		if (s->late[i] == va)
			return;
	if (s->late_count < LATE_MOST)
		s->late[s->late_count++] = va;
	else
		s->stale = true;	/* all of it is looked at then */
}

void space__arrive(struct user_mode *u, struct space *s)
{
	const unsigned count = s->stale ? 0 : s->late_count;

	s->late_count = 0;
	for (unsigned i = 0; i < count; i++)
		space__unmap(u, s, s->late[i]);
}

void space__unmap(struct user_mode *u, struct space *s, u64 va)
{
	struct page *p = pages__find(&s->pages, va);

	if (!p)
		return;
	if (space__is_away(u, s)) {
		unmap_late(s, va);
		return;
	}
	if (host_unmap(u, s, va, HOST_PAGE)) {
		pages__remove(&s->pages, p);
		sites__gone(u, s, va, HOST_PAGE);
	} else {
		space__empty(u, s);	/* a hole in a mapping would have been one mapping more */
	}
}

static void unmap_page(struct user_mode *u, struct space *s, u64 va)
{
	if (!s->stale)		/* else all of it is looked at before it matters */
		space__unmap(u, s, va);
}

u64 space__at(const struct space *s, u64 va)
{
	const struct page *p = pages__find(&s->pages, va);

	return p ? p->pa : 0;
}

void space__protect(struct user_mode *u, struct space *s, u64 va, u64 rights)
{
	struct page *p = pages__find(&s->pages, va);

	if (!p)			/* direct: all of it had to go for the one before */
		return;
	if (sites__has(u, s, va)) {	/* it is not what stands in for it that has other rights */
		space__unmap(u, s, va);
		return;
	}
	will_be_written(u, (p->pa & ~PAGE_RIGHTS) | rights);
	if (s->stub)
		stub__protect(s->stub, va, HOST_PAGE, prot_of(rights));
	else if (!space__map_run(u) || !host__protect(u->host, va, HOST_PAGE, prot_of(rights))) {
		space__empty(u, s);
		return;
	}
	pages__change(&s->pages, p, (p->pa & ~PAGE_RIGHTS) | rights);
}

void space__note_huge(struct user_mode *u, struct space *s, u64 va, unsigned shift)
{
	s->huge = shift;
	pages__mark(&s->pages, (va & ~((1ull << shift) - 1)) | HUGE_KEY);
}

/* What was not used for longest begins anew, what is stale before that, `s` itself last. */
static void make_room(struct user_mode *u, struct space *s)
{
	while (u->cost > u->cost_most / 4 * 3) {
		struct space *victim = s;

		for (unsigned i = 0; i < SPACES + 2; i++) {
			struct space *other = i < SPACES ? &u->spaces[i] : i == SPACES ? u->kernel : &u->uaccess;

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

bool space__unmap_users(struct user_mode *u)
{
	const struct windows *w = &u->machine->windows;

	return host__unmap(u->host, w->user, w->user_end - w->user) && (w->low == w->low_end || host__unmap(u->host, w->low, w->low_end - w->low));
}

void space__unmap_all(struct user_mode *u, struct space *s)
{
	bool done = true;

	if (s->home != HOME_NONE && space__is_away(u, s)) {
		u->homes[s->home].dirty = true;
		return;
	}
	if (!s->stub)
		u->run.size = 0;
	if (s == u->kernel && u->machine->canonical)
		done = host_unmap(u, s, WINDOW_MAP, WINDOW_MAP_END - WINDOW_MAP) && host_unmap(u, s, WINDOW_CKSSEG, CKSSEG_SIZE) &&
		       host_unmap(u, s, WINDOW_HIGH, WINDOW_HIGH_SIZE);
	else if (s == u->kernel)
		done = host_unmap(u, s, WINDOW_MAP, WINDOW_MAP_END - WINDOW_MAP) &&
		       host_unmap(u, s, WINDOW_MODULES, WINDOW_MODULES_END - WINDOW_MODULES);
	else if (s == &u->uaccess || (u->direct && s->home == u->home))
		done = space__unmap_users(u);
	else if (s->stub)
		host_unmap(u, s, HOST_PAGE, u->machine->windows.user_end - HOST_PAGE);
	if (!done)
		die("the Host would not unmap a window");
}

static void clear(struct user_mode *u, struct space *s)
{
	pages__clear(&s->pages);
	sites__gone_all(u, s);
	s->huge = s->late_count = 0;
	account(u, s);
}

static void begin_anew(struct user_mode *u, struct space *s)
{
	if (s->pages.filled)
		space__unmap_all(u, s);
	clear(u, s);
}

u64 space__wanted(const struct user_mode *u, u64 pa, u64 rights)
{
	if (board__ram_offset(u->machine->ram.size, pa, HOST_PAGE) == UINT64_MAX || kept_by_us(u, rights))
		return 0;
	if (!u->rixi)
		rights &= ~(ENTRYLO_RI | ENTRYLO_XI);
	return pa | PAGE_USED | (rights & ENTRYLO_D ? PAGE_WRITE : 0) | (rights & ENTRYLO_RI ? 0 : PAGE_READ) |
	       (rights & ENTRYLO_XI ? 0 : PAGE_EXECUTE);
}

/* With one request to the Host, whatever of it is mapped. */
static void forget_range(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	bool any = false;

	for (u64 page = va; page < va + size; page += HOST_PAGE) {
		struct page *p = pages__find(&s->pages, page);

		if (p)
			pages__remove(&s->pages, p);
		any |= p != NULL;
	}
	if (any && !host_unmap(u, s, va, size))
		space__empty(u, s);
	else if (any)
		sites__gone(u, s, va, size);
}

/* The Host gives no more mappings: those of another region go, for a space that needs all of them would else begin anew again and again. */
static void evict(struct user_mode *u, struct space *s, u64 va)
{
	for (unsigned n = 0; n < s->pages.capacity; n++) {
		const struct page *p = &s->pages.slots[s->hand++ & (s->pages.capacity - 1)];

		if (page__is(p) && (p->va ^ va) & ~(TABLE_REGION - 1)) {
			forget_range(u, s, p->va & ~(TABLE_REGION - 1), TABLE_REGION);
			return;
		}
	}
	begin_anew(u, s);
}

bool space__map(struct user_mode *u, struct space *s, u64 va, u64 want)
{
	if (space__at(s, va) == want)
		return false;
	if (u->cost > u->cost_most)
		make_room(u, s);
	if (s->pages.runs >= (s->stub ? u->stub_runs_most : u->own_runs_most))
		evict(u, s, va);
	if (!host_map(u, s, va, want)) {
		space__empty(u, s);	/* the interpreter reaches it without */
		return false;
	}
	sites__gone(u, s, va, HOST_PAGE);
	pages__put(&s->pages, va, want);
	pages__mark(&s->pages, (va & ~(TABLE_REGION - 1)) | TABLE_KEY);
	account(u, s);
	return true;
}

/* Of a kernel that was not moved blocks are made of what is there, and the core has told that it will not write it unheard. */
static bool is_locked(const struct user_mode *u, u64 page)
{
	const struct machine *m = u->machine;
	const u64 offset = offset_of(u, page);

	for (u64 at = offset; m->ram.marks && m->ops->code_locked && at < offset + HOST_PAGE; at += RAM_MARK_PAGE)
		if (__atomic_load_n(&m->ram.marks->of[at / RAM_MARK_PAGE], __ATOMIC_ACQUIRE) & RAM_OF_CODE && m->ops->code_locked(u->vcpu, at))
			return true;
	return false;
}

/* `rights` are the D, RI and XI bits of an EntryLo. True if the page is mapped and was not so before. */
static bool map_page(struct user_mode *u, struct space *s, u64 va, u64 pa, u64 rights)
{
	const u64 named = s == u->kernel && u->machine->canonical ? space__canonical(u, va) : va;
	u64 want = (s != u->kernel && !user__may_have(u, va)) || user__is_held(u, s, named) ? 0 : space__wanted(u, pa, rights);

	if (want & PAGE_WRITE && s == u->kernel && is_locked(u, want))
		want &= ~PAGE_WRITE;
	if (want)
		return space__map(u, s, va, want);
	unmap_page(u, s, va);
	return false;
}

void space__forget(struct user_mode *u, struct space *s)
{
	s->stale = false;
	pages__free(&s->pages);
	clear(u, s);
}

void space__refresh(struct user_mode *u, struct space *s)
{
	if (!s->stale)
		return;
	s->stale = false;
	if (!ahead__check(u, s))
		begin_anew(u, s);
}

void space__empty(struct user_mode *u, struct space *s)
{
	const u64 end = u->machine->windows.user_end;
	bool stale = s->stale;

	if (s->stub)
		stub__empty(s->stub, HOST_PAGE, (end < STUB_PAGE ? end : STUB_PAGE) - HOST_PAGE);
	if (s->stub && end > STUB_PAGE)
		stub__empty(s->stub, STUB_PAGE + HOST_PAGE, end - (STUB_PAGE + HOST_PAGE));
	if (!s->stub)
		space__unmap_all(u, s);
	space__forget(u, s);
	s->stale = stale && (s->stub || u->direct);	/* what else begins anew with it: user.c */
}

/*
 * The kernel's mapped segment is one space for all ASIDs, so only what is global is mapped there: an entry of one ASID would
 * be seen from the next. Accesses to others come to the interpreter. Linux has none.
 */
static bool may_be_mapped(const struct user_mode *u, const struct space *s, bool global)
{
	return s != u->kernel || global;
}

/* The TLB entry that translates `va` now, if it may be used for `access`. */
bool space__map_from_tlb(struct user_mode *u, struct space *s, u64 va, enum access access)
{
	u64 pa, rights;
	u64 canonical = s == u->kernel ? space__canonical(u, va) : va;

	if (tlb__lookup(u->vcpu, canonical, access, &pa, &rights) != TLB_HIT || !may_be_mapped(u, s, rights & ENTRYLO_G))
		return false;
	return map_page(u, s, va & ~(HOST_PAGE - 1), pa & ~(HOST_PAGE - 1), rights);
}

/* The tables first: the TLB knows of one page only, and may not have heard of it yet. */
bool space__map_missed(struct user_mode *u, struct space *s, u64 va, enum access access)
{
	return va < u->machine->windows.user_end && (ahead__map(u, s, va, access) || space__map_from_tlb(u, s, va, access));
}

/* What is mapped there for the guest's kernel, in CKSSEG, must not be written unheard: blocks are made of it. */
void user__lock_code(struct user_mode *u, u64 va)
{
	const u64 shown = u && va ? space__shown(u, va) : va, at = shown & ~(HOST_PAGE - 1), page = shown != va ? space__at(u->kernel, at) : 0;

	if (page & PAGE_WRITE)
		space__protect(u, u->kernel, at, page & PAGE_RIGHTS & ~PAGE_WRITE);
}

/* What is mapped already of pages that a debugger wants to see. */
void user__hold(struct user_mode *u)
{
	const struct breakpoints *b = u ? &u->machine->breakpoints : NULL;

	for (u64 va = 0; u && (va = breakpoints__next_held(b, va)) != UINT64_MAX;) {
		const u64 shown = u->machine->canonical ? space__shown(u, va) : va;

		if (space__canonical(u, shown) != shown)
			space__unmap(u, u->kernel, shown & ~(HOST_PAGE - 1));
		for (unsigned i = 0; i < SPACES; i++)
			if ((u->spaces[i].stub || u->direct) && user__is_held(u, &u->spaces[i], va))
				space__unmap(u, &u->spaces[i], va & ~(HOST_PAGE - 1));
	}
}

/* --- What the TLB tells us --- */

/* Of a page of the guest's that is larger than what is probed for, one probe speaks for all. */
static void drop_huge(struct user_mode *u, struct space *s, u64 va)
{
	const u64 size = 1ull << s->huge, base = va & ~(size - 1);
	struct page *p = pages__find(&s->pages, base | HUGE_KEY);

	if (!p)
		return;
	pages__remove(&s->pages, p);
	forget_range(u, s, base, size);
}

#define FEW	64		/* pages, that are asked for one by one, */
#define MANY	4096		/* and so many that it is better to look at all again */

static void drop_range(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	const u64 end = va + size;

	if (s->stale)
		return;
	va &= ~(HOST_PAGE - 1);		/* before it has told its page size a kernel probes for less */
	size = (end - va + HOST_PAGE - 1) & ~(HOST_PAGE - 1);
	if (size / HOST_PAGE > MANY || (space__is_away(u, s) && (s->huge || size / HOST_PAGE > FEW))) {
		s->stale = true;
		if (!s->stub && !u->direct)
			space__refresh(u, s);
	} else if (size / HOST_PAGE > FEW) {
		forget_range(u, s, va, size);
	} else {
		if (s->huge)
			drop_huge(u, s, va);
		for (u64 page = va; page < va + size; page += HOST_PAGE)
			unmap_page(u, s, page);
	}
}

void user__tlb_dropped(struct user_mode *u, u64 va, u64 size, unsigned asid, bool global)
{
	u64 window;

	if (!u)
		return;
	window = space__shown(u, va);
	if (window != va) {
		drop_range(u, u->kernel, window, size);
		for (unsigned i = 0; u->direct && i < HOST_HOMES; i++)
			if (i != u->home)
				u->homes[i].kernel.stale = true;
		if (u->kernel->stale)
			space__refresh(u, u->kernel);
	} else if (va < u->machine->windows.user_end) {
		for (unsigned i = global ? 0 : asid; i < (global ? SPACES : asid + 1); i++) {
			struct space *s = bind__of(u, i);

			if (s && s->pages.count)
				drop_range(u, s, va, size);
		}
		if (u->uaccess.pages.count && (global || u->uaccess_asid == asid))
			drop_range(u, &u->uaccess, va, size);
		uaccess__drop_looks(u, va, size, asid, global);
	}
}

void user__tlb_flushed(struct user_mode *u)
{
	if (!u)
		return;
	for (unsigned i = 0; i < SPACES; i++)
		u->spaces[i].stale = true;
	u->uaccess.stale = u->kernel->stale = true;
	for (unsigned i = 0; u->direct && i < HOST_HOMES; i++)
		u->homes[i].kernel.stale = true;
	space__refresh(u, u->kernel);
	space__refresh(u, &u->uaccess);
	uaccess__forget_looks(u);
	if (u->direct)			/* ASIDs are given anew: who owns one is asked then */
		memset(u->of_asid, 0, sizeof(u->of_asid));
}

/* It is mapped anew when it is missed there, if it is another. */
static void follow_late(struct user_mode *u, struct space *s, u64 va, u64 pa, u64 rights)
{
	const u64 at = space__at(s, va);

	if (at && at != space__wanted(u, pa, rights))
		unmap_late(s, va);
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
	if (size < HOST_PAGE || size > FEW * HOST_PAGE || !may_be_mapped(u, s, e->global)) {	/* not worth following: each access comes to the interpreter */
		drop_range(u, s, va, 2 * size);
		return;
	}
	for (unsigned half = 0; half < 2; half++) {
		u64 page = va + half * size, lo = e->lo[half];

		for (u64 i = 0; i < size; i += HOST_PAGE) {
			if (!(lo & ENTRYLO_V))
				unmap_page(u, s, page + i);
			else if (space__is_away(u, s))
				follow_late(u, s, page + i, ((lo & ENTRYLO_PFN) << 6) + i, lo);
			else if (wanted || pages__find(&s->pages, page + i))
				map_page(u, s, page + i, ((lo & ENTRYLO_PFN) << 6) + i, lo);
		}
	}
}

/* Wanted is the entry that the guest has just been told it lacks. */
void user__tlb_written(struct user_mode *u, const struct tlb_entry *e)
{
	unsigned asid = e->hi & ENTRYHI_ASID;
	u64 hi = e->hi & ENTRYHI_VPN2, va;
	struct complaint c;
	struct space *s;
	bool wanted;

	if (!u)
		return;
	if ((e->lo[0] | e->lo[1]) & ENTRYLO_V && user__check_page(__builtin_ctzll((e->mask | 0x1fff) + 1ull) - 1, &c))
		die("%s", c.text);	/* its kernel has not said so before */
	va = space__shown(u, hi);
	wanted = !((u->vcpu->page->cp0[CP0_BADVADDR] ^ (u->machine->canonical ? hi : va)) & ENTRYHI_VPN2 & ~(e->mask | 0x1fff));
	if (va != hi) {
		follow_entry(u, u->kernel, e, va, wanted);
	} else if (va < u->machine->windows.user_end) {
		s = bind__of(u, asid);
		if (s && (s->stub || u->direct))
			follow_entry(u, s, e, va, wanted);
		if (u->uaccess.pages.count && u->uaccess_asid == asid)
			follow_entry(u, &u->uaccess, e, va, false);
		uaccess__drop_looks(u, va, (e->mask | 0x1fff) + 1ull, asid, e->global);
	}
}
