/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * User memory of the current address space, for guest kernel code that copies from and to it.
 *
 * Such code touches user addresses. Mapping a page for it costs as much as 100 interpreted steps, and many copies
 * are short: so it is interpreted at first, and its pages are mapped into our own address space when the steps say that it is worth it.
 */
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define STEPS_BEFORE_MAPPING	100	/* of one copy or several */

static bool has(const struct user_mode *u, u64 va)
{
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
	if (va < GUEST_USER_BASE || va >= GUEST_TASK_SIZE)
		return;		/* below is where our windows are */
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
	refresh(u);
}

/*
 * What the TLB has but the Host's mappings have not: a page of vmalloc space or a module, or the next of a long copy, or
 * one that is touched again and again, but never last, so that uaccess__may_go_on() does not see it.
 */
void uaccess__missing(void *user, u64 va)
{
	struct user_mode *u = user;

	u->kernel.last_used = u->uses;
	if (windows__canonical(&u->machine->windows, va) != va)
		space__map_from_tlb(u, &u->kernel, va, ACCESS_LOAD);
	else if (va < GUEST_TASK_SIZE && (has(u, va - HOST_PAGE) || u->copy_steps >= STEPS_BEFORE_MAPPING))
		map(u, va);
}
