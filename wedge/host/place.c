/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See place.h. The room for the Wedge is what lies between the windows and the Host's own, without what is in there already: gaps,
 * in which places are counted.
 */
#include "wedge/host/place.h"

#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"

#define STATE_END	(VCPU_STATE + (sizeof(struct vcpu) + HOST_PAGE_MOST - 1) / HOST_PAGE_MOST * HOST_PAGE_MOST)

static u64 round_up(u64 value, u64 to)
{
	return (value + to - 1) / to * to;
}

static u64 behind(const struct area *r)
{
	return r->start + r->size;
}

#define AREA(name, start, end, why)	{ name, start, (end) - (start), why }

/* Ascending. */
static const struct area fixed[PLACE_FIXED - 1] = {
	AREA("vCPU page", VCPU_PAGE, VCPU_PAGE + 2 * VCPU_PAGE_SIZE, "CP0 and scratch words: from $zero, so that a burnt site is one instruction"),
	AREA("low user space", GUEST_LOW_BASE, GUEST_LOW_END, "a part of it: where 32-bit programs are linked to"),
	AREA("nobody's", GUEST_LOW_END, GUEST_LOW_LIMIT, "nothing is mapped behind that part, where access_ok() lets a buffer reach"),
	AREA("CKSEG0 window", WINDOW_CKSEG0, WINDOW_MODULES, "the kernel: below 2 GB, aligned to 512 MB"),
	AREA("modules window", WINDOW_MODULES, WINDOW_MODULES_END, "in the kernel's 256 MB, from which each j reaches the code cache"),
	AREA("code cache", WINDOW_MODULES_END, WINDOW_MODULES_END + CODE_CACHE_SIZE, "what burnt sites jump to: the top of those 256 MB"),
	AREA("guest user space", GUEST_USER_BASE, GUEST_TASK_SIZE, "as the guest's kernel sees it; programs run in stubs"),
	AREA("nobody's", GUEST_TASK_SIZE, GUEST_USER_LIMIT, "likewise, behind user space"),
	AREA("physmap window", WINDOW_PHYSMAP, WINDOW_PHYSMAP + WINDOW_PHYSMAP_SIZE, "XKPHYS: RAM; aligned to its size"),
	AREA("XKSEG window", WINDOW_MAP, WINDOW_MAP_END, "vmalloc: above the physmap window"),
	AREA("vCPU state", VCPU_STATE, STATE_END, "a multiple of 4 GB: two instructions make its address"),
};

void place__fixed(struct area areas[PLACE_FIXED], u64 end)
{
	for (unsigned i = 0; i < PLACE_FIXED - 1; i++)
		areas[i] = fixed[i];
	areas[PLACE_FIXED - 1] = (struct area)AREA("the Host's", end - PLACE_HOSTS, end, "stack, heap, and what asked for no address");
}

u64 place__lowest(void)
{
	return WINDOW_MAP_END;
}

u64 place__highest(u64 size, u64 end)
{
	return (end - PLACE_HOSTS - size) & ~(PLACE_ALIGN - 1);
}

bool place__fits(u64 start, u64 size, u64 end)
{
	struct area taken[PLACE_FIXED];

	if (start % PLACE_ALIGN || !size || size > end - PLACE_HOSTS || start < place__lowest() || start > place__highest(size, end))
		return false;
	place__fixed(taken, end);
	for (unsigned i = 0; i < PLACE_FIXED; i++)
		if (start < behind(&taken[i]) && taken[i].start < start + size)
			return false;
	return true;
}

/* How many there are in a gap. */
static u64 places(u64 start, u64 end, u64 size)
{
	start = round_up(start, PLACE_ALIGN);
	return start + size <= end ? (end - size - start) / PLACE_ALIGN + 1 : 0;
}

u64 place__choose(u64 random, u64 size, u64 end)
{
	struct area taken[PLACE_FIXED];
	u64 count[PLACE_FIXED] = { 0 }, all = 0;	/* places in the gap before each */
	unsigned i;

	place__fixed(taken, end);
	for (i = 1; i < PLACE_FIXED; i++) {
		if (taken[i].start > place__lowest())
			count[i] = places(behind(&taken[i - 1]), taken[i].start, size);
		all += count[i];
	}
	if (!all)
		return 0;
	random %= all;
	for (i = 1; random >= count[i]; i++)
		random -= count[i];
	return round_up(behind(&taken[i - 1]), PLACE_ALIGN) + random * PLACE_ALIGN;
}

static bool is_before(const struct area *a, const struct area *b)
{
	return a->start < b->start || (a->start == b->start && a->size > b->size);
}

void place__sort(struct area *r, unsigned count)
{
	for (unsigned i = 1; i < count; i++)
		for (unsigned j = i; j && is_before(&r[j], &r[j - 1]); j--) {
			struct area swapped = r[j];

			r[j] = r[j - 1];
			r[j - 1] = swapped;
		}
}
