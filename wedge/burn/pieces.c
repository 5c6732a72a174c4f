/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The pieces of code that were burnt: see pieces.h. There are few, so they are a list, searched from its start,
 * where the kernel is.
 */
#include "wedge/burn/pieces.h"

#include <stdlib.h>

#include "wedge/core/layout.h"

static const struct burn_plan *plan_of(const struct code *code)
{
	return (const struct burn_plan *)code;	/* its first member */
}

u32 pieces__numbers(u64 entry_size)
{
	u64 slots = (CODE_CACHE_SIZE - entry_size) / SLOT_SIZE;

	return slots < GUARDS_MAX ? slots : GUARDS_MAX;
}

/* The lowest piece that has a number of [first, first + count). */
static const struct code *holder(const struct machine *m, u64 first, u64 count)
{
	const struct code *lowest = NULL;

	for (const struct code *code = m->code; code; code = code->next)
		if (code->first < first + count && first < code->first + code->original_count &&
		    (!lowest || code->first < lowest->first))
			lowest = code;
	return lowest;
}

u32 pieces__find_numbers(const struct machine *m, size_t count, u64 entry_size)
{
	u64 first = 0, all = pieces__numbers(entry_size);
	const struct code *in_the_way;

	while ((in_the_way = holder(m, first, count)))
		first = in_the_way->first + in_the_way->original_count;
	return count <= all && first <= all - count ? first : all;
}

struct burn_plan *pieces__new(struct machine *m)
{
	return m->heap ? heap__alloc(m->heap, sizeof(struct burn_plan)) : calloc(1, sizeof(struct burn_plan));
}

void pieces__drop(struct machine *m, struct burn_plan *plan)
{
	if (!plan)
		return;
	burn__free(plan);
	if (m->heap)
		heap__free(m->heap, plan);
	else
		free(plan);
}

/* Other cores walk the list meanwhile: all of a piece is in memory before it is in the list. */
void pieces__add(struct machine *m, struct burn_plan *plan)
{
	struct code **last = &m->code;

	while (*last)
		last = &(*last)->next;
	plan->code.next = NULL;
	__atomic_store_n(last, &plan->code, __ATOMIC_RELEASE);
}

struct burn_plan *pieces__remove(struct machine *m, u64 start)
{
	struct code **at = &m->code, *code;

	while (*at && (*at)->start != start)
		at = &(*at)->next;
	code = *at;
	if (code)
		__atomic_store_n(at, code->next, __ATOMIC_RELEASE);
	return (struct burn_plan *)code;
}

/* --- Pieces that are gone --- */

void pieces__retire(struct machine *m, struct burn_plan *plan)
{
	if (!plan)
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* out of the list, then the look */
	for (unsigned i = 0; i < m->cpus; i++)
		plan->passages[i] = __atomic_load_n(&m->vcpu[i]->passage, __ATOMIC_ACQUIRE);
	plan->code.next = m->retired;
	m->retired = &plan->code;
}

static bool may_be_dropped(const struct machine *m, const struct burn_plan *plan)
{
	for (unsigned i = 0; i < m->cpus; i++)
		if (plan->passages[i] & 1 && __atomic_load_n(&m->vcpu[i]->passage, __ATOMIC_ACQUIRE) == plan->passages[i])
			return false;
	return true;
}

void pieces__reap(struct machine *m)
{
	struct code **at = &m->retired, *code;

	while ((code = *at)) {
		if (!may_be_dropped(m, plan_of(code))) {
			at = &code->next;
			continue;
		}
		*at = code->next;
		pieces__drop(m, (struct burn_plan *)code);
	}
}

/* --- Sites --- */

const struct burn_site *burn__site_below(const struct burn_plan *plan, u64 address)
{
	size_t low = 0, high = plan->site_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (plan->sites[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	return low ? &plan->sites[low - 1] : NULL;
}

const struct burn_site *burn__site_of_plan(const struct burn_plan *plan, u64 address)
{
	const struct burn_site *site = burn__site_below(plan, address);

	return site && address - site->address < 4ull * site->words ? site : NULL;
}

const struct burn_plan *burn__plan_at(const struct machine *m, u64 address)
{
	return plan_of(machine__code(m, address));
}

const struct burn_site *burn__site_at(const struct machine *m, u64 address)
{
	const struct burn_plan *plan = burn__plan_at(m, address);

	return plan ? burn__site_of_plan(plan, address) : NULL;
}

const struct burn_site *burn__site_of_slot(const struct machine *m, u64 offset, unsigned *word)
{
	for (const struct code *code = m->code; code; code = code->next) {
		const struct burn_plan *plan = plan_of(code);
		u64 inside = offset - plan->cache_start;

		if (offset < plan->cache_start || inside / SLOT_SIZE >= plan->code.slot_count)
			continue;
		*word = inside % SLOT_SIZE / 4;
		return &plan->sites[plan->slot_site[inside / SLOT_SIZE]];
	}
	return NULL;
}
