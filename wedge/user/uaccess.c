/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * User memory of the current address space, for guest kernel code that copies from and to it.
 *
 * Such code touches user addresses. A kernel that knows of us asks for its copies (user__asked()), and its other accesses look in the vCPU
 * page where the page is that they want; we tell it there when it was not found.
 *
 * All other code faults. Mapping a page for it costs as much as 100 interpreted steps, and many copies are short: so it is interpreted at
 * first, and its pages are mapped into our own address space when the steps say that it is worth it.
 */
#include <string.h>

#include "abi/call.h"
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define STEPS_BEFORE_MAPPING	100	/* of one copy or several */

static bool has(const struct user_mode *u, u64 va)
{
	const struct space *here = u->direct ? direct__here(u) : NULL;

	if (u->direct)
		return here && space__has(here, va);
	return u->uaccess.pages.count && u->uaccess_asid == user__asid(u) && space__has(&u->uaccess, va);
}

static void refresh(struct user_mode *u)
{
	if (!u->uaccess.pages.count || u->uaccess_asid == user__asid(u))
		return;
	u->uaccess.stale = true;
	space__refresh(u, &u->uaccess);
}

static void map(struct user_mode *u, u64 va)
{
	u->copy_steps = 0;
	if (!user__may_have(u, va) || u->machine->canonical)
		return;		/* below is where our windows are; and blocks look for a program's memory, or the interpreter reaches it */
	if (u->direct) {
		struct space *here = direct__here(u);

		if (here)
			space__map_from_tlb(u, here, va, ACCESS_LOAD);
		return;
	}
	refresh(u);
	u->uaccess_asid = user__asid(u);
	u->uaccess.last_used = u->uses;
	space__map_from_tlb(u, &u->uaccess, va, ACCESS_LOAD);
}

/* Many short copies are worth a mapping as well: their steps add up while the address space stays. */
static void count_copying(struct user_mode *u, u64 since)
{
	const struct vcpu *v = u->vcpu;

	if (user__asid(u) != u->copy_asid)
		u->copy_steps = 0;
	u->copy_asid = user__asid(u);
	if (v->last_user_access > since)
		u->copy_steps += v->interpreted - since;
}

bool uaccess__may_go_on(void *user, u64 since)
{
	struct user_mode *u = user;
	const struct vcpu *v = u->vcpu;

	if (has(u, v->last_user_va))
		return true;
	if (u->copy_steps + v->interpreted - since < STEPS_BEFORE_MAPPING)
		return false;
	map(u, v->last_user_va);	/* it may fail silently: the next access will come to us then */
	return true;
}

void uaccess__going_native(void *user, u64 since)
{
	struct user_mode *u = user;

	count_copying(u, since);
	if (u->direct) {
		struct space *s = direct__be_home(u);

		if (s && s->stale)
			user__settle_space(u, s);
		if (!space__map_run(u) && s)
			space__empty(u, s);
	}
	refresh(u);
	if (u->looks && u->look_asid != user__asid(u))
		uaccess__forget_looks(u);
}

/*
 * What the TLB has but the Host's mappings have not: a page of vmalloc space or a module, or the next of a long copy, or
 * one that is touched again and again, but never last, so that uaccess__may_go_on() does not see it.
 */
void uaccess__missing(void *user, u64 va)
{
	struct user_mode *u = user;

	u->kernel->last_used = u->uses;
	if (space__canonical(u, va) != va)
		space__map_from_tlb(u, u->kernel, va, ACCESS_LOAD);
	else if (va < u->machine->windows.user_end && (has(u, va - HOST_PAGE) || u->copy_steps >= STEPS_BEFORE_MAPPING))
		map(u, va);
}

/* --- Where looks find it --- */

void uaccess__forget_looks(struct user_mode *u)
{
	struct vcpu_look *look = u->vcpu->page->look;

	for (unsigned i = 0; u->looks && i < VCPU_LOOKS; i++)
		look[i].load = look[i].store = VCPU_LOOK_NONE;
	u->looks = false;
}

void uaccess__drop_looks(struct user_mode *u, u64 va, u64 size, unsigned asid, bool global)
{
	if (!u->looks || !(global || u->look_asid == asid))
		return;
	if (size > VCPU_LOOKS * VCPU_LOOK_PAGE) {
		uaccess__forget_looks(u);
		return;
	}
	for (u64 page = va; page < va + size; page += VCPU_LOOK_PAGE) {
		struct vcpu_look *look = &u->vcpu->page->look[VCPU_LOOK(page)];

		if (look->load == page)
			look->load = look->store = VCPU_LOOK_NONE;
	}
}

/*
 * A page that is found is not refilled: so nothing is told to a guest that is compared with metal. Of a large page one probe speaks for all
 * (space__note_huge()), which is not looked for here.
 */
static bool may_be_told(struct user_mode *u, u64 page, u64 *pa, u64 *rights)
{
	struct table_entry entry;

	u->tables.leaf = NULL;
	if (!user__may_have(u, page) || tlb__lookup(u->vcpu, page, ACCESS_LOAD, pa, rights) != TLB_HIT || !ram__at(&u->machine->ram, *pa, VCPU_LOOK_PAGE))
		return false;
	/* Of a stock kernel nobody knows the tables, or compares what it does: all that is told it has in its TLB. */
	return u->machine->canonical ||
	       (u->tables.format.levels && tables__find(&u->tables, tables__root(&u->tables), page, &entry) && entry.shift <= 16);
}

void uaccess__looked(void *user, u64 va)
{
	struct user_mode *u = user;
	const u64 page = va & ~(VCPU_LOOK_PAGE - 1);
	u64 pa, rights;

	if (!may_be_told(u, page, &pa, &rights))
		return;
	if (u->look_asid != user__asid(u))
		uaccess__forget_looks(u);
	u->looks = true;
	u->look_asid = user__asid(u);
	u->vcpu->page->look[VCPU_LOOK(va)] = (struct vcpu_look){
		.load = page, .store = rights & ENTRYLO_D ? page : VCPU_LOOK_NONE, .distance = WINDOW_PHYSMAP + pa - page,
	};
}

/* --- What the guest's kernel asks for --- */

#define ASKED_MOST	0x40000ull	/* bytes at a time: so long no interrupt is looked at */

/*
 * Where memory of the guest's is; NULL: it does not translate now, or is no RAM. A page that has no entry in the TLB, but one in the guest's page
 * tables, is loaded. `room` is what is left of the page.
 */
static u8 *reach(struct user_mode *u, u64 va, enum access access, u64 *room)
{
	struct location at = memory__locate(u->vcpu, va, 1, access);
	const struct space *s;

	*room = VCPU_LOOK_PAGE - va % VCPU_LOOK_PAGE;
	/* Only where there is no entry: of two for one page a probe finds one. */
	if (at.place == PLACE_FAULT && at.refill && user__may_have(u, va)) {
		s = bind__of(u, user__asid(u));
		if (s && s->root == tables__root(&u->tables) && ahead__refill(u, s, va))
			at = memory__locate(u->vcpu, va, 1, access);
	}
	return at.place == PLACE_RAM ? at.host : NULL;
}

static u64 least(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Does a NUL end the `n` bytes? Then there are so many in front of it. */
static bool cut_at_nul(const u8 *bytes, u64 *n)
{
	const u8 *nul = memchr(bytes, 0, *n);

	if (nul)
		*n = nul - bytes;
	return nul;
}

/*
 * glibc's memmove() takes twice the instructions of its memcpy() where the one end is not aligned as the other, as with what a network sends. A
 * kernel copies between different places; but who says so is the guest.
 */
static void move(u8 *target, const u8 *source, u64 n)
{
	if (source < target + n && target < source + n)
		memmove(target, source, n);
	else
		memcpy(target, source, n);
}

static void copy(struct user_mode *u)
{
	u64 *gpr = u->vcpu->gpr, *to = &gpr[REG_A0], *from = &gpr[REG_A0 + 1], *left = &gpr[REG_A0 + 2], from_room, to_room;

	for (u64 done = 0, n; *left && done < ASKED_MOST; done += n) {
		const u8 *source = reach(u, *from, ACCESS_LOAD, &from_room);
		u8 *target = source ? reach(u, *to, ACCESS_STORE, &to_room) : NULL;

		/* The page of the one may have gone from the TLB for that of the other, but not from memory. */
		if (!target)
			break;
		n = least(least(from_room, to_room), *left);
		move(target, source, n);
		*from += n;
		*to += n;
		*left -= n;
	}
}

static void copy_string(struct user_mode *u)
{
	u64 *gpr = u->vcpu->gpr, *to = &gpr[REG_A0], *from = &gpr[REG_V0 + 1], *done = &gpr[REG_T0], from_room, to_room, n;
	const u64 most = gpr[REG_A0 + 2], end = *done + ASKED_MOST;
	const u8 *source;
	u8 *target;
	bool ends;

	/* The last is left: its NUL or another byte, the code behind it finds out. */
	while (*done < end && *done + 1 < most) {
		source = reach(u, *from, ACCESS_LOAD, &from_room);
		target = source ? reach(u, *to, ACCESS_STORE, &to_room) : NULL;
		if (!target)
			break;
		n = least(least(from_room, to_room), most - 1 - *done);
		ends = cut_at_nul(source, &n);
		move(target, source, n + ends);
		*from += n;
		*to += n;
		*done += n;
		if (ends) {
			gpr[REG_V0] = 0;
			break;
		}
	}
}

static void measure_string(struct user_mode *u)
{
	u64 *gpr = u->vcpu->gpr, *at = &gpr[REG_V0], room, n;
	const u64 end = gpr[REG_A0 + 1];
	const u8 *source;
	bool ends;

	for (u64 done = 0; *at < end && done < ASKED_MOST; done += n) {
		source = reach(u, *at, ACCESS_LOAD, &room);
		if (!source)
			break;
		n = least(room, end - *at);
		ends = cut_at_nul(source, &n);
		*at += n;
		if (ends) {
			gpr[REG_T0] = 0;
			break;
		}
	}
}

void user__asked(struct user_mode *u, int number)
{
	/* Likewise: a refill that we make is an exception less. */
	if (!u || !u->tables.format.levels)
		return;
	switch (number) {
	case AFTERBURN_ASK_COPY: copy(u); break;
	case AFTERBURN_ASK_STRING: copy_string(u); break;
	case AFTERBURN_ASK_LENGTH: measure_string(u); break;
	default: break;		/* of a later kernel */
	}
	u->vcpu->last_user_access = 0;	/* it is done: nothing of it is to be interpreted */
}
