/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See memory.h.
 */
#include "wedge/debug/memory.h"

#include <string.h>

#define USER_END	0x10000000000ull	/* SEGBITS is 40 */

u64 debug__window(const struct windows *w, u64 va)
{
	if (va - CKSEG0 < w->ckseg0_size)
		return w->ckseg0 + (va - CKSEG0);
	if (va >= XKPHYS && va < XKSEG && (va & XKPHYS_PA) < w->physmap_size)
		return w->physmap + (va & XKPHYS_PA);
	return windows__window(w, va);
}

static u64 offset_of(const struct machine *m, const u8 *at)
{
	return at ? (u64)(at - m->ram.base) : UINT64_MAX;
}

/* As the kernel would see it, in whatever mode the core is. */
static struct location locate(struct vcpu *v, u64 va)
{
	u64 *status = &v->page->cp0[CP0_STATUS];
	const u64 before = *status;
	struct location at;

	*status = (before & ~(u64)STATUS_KSU) | STATUS_UX | STATUS_SX | STATUS_KX;
	at = memory__locate(v, va, 1, ACCESS_LOAD);
	*status = before;
	return at;
}

/* As the page tables have it, valid in the TLB or not yet. */
static u64 walk(const struct debug_view *view, u64 root, u64 va)
{
	struct tables tables = { .vcpu = view->vcpu, .format = *view->format };
	struct table_entry entry;
	u64 pa;

	if (!root || !tables__find(&tables, root, va, &entry) || !tables__present(&tables, &entry))
		return UINT64_MAX;
	pa = (tables__entrylo(&tables, &entry, va) & ENTRYLO_PFN) << 6 | va % DEBUG_PAGE;
	return offset_of(view->vcpu->machine, ram__at(&view->vcpu->machine->ram, pa, 1));
}

u64 debug__ram_offset(const struct debug_view *view, u64 va)
{
	struct vcpu *v = view->vcpu;
	const struct machine *m = v->machine;
	const struct tables tables = { .vcpu = v, .format = *view->format };
	struct location at;
	u64 canonical;

	va = debug__window(&m->windows, va);
	at = locate(v, va);
	if (at.place == PLACE_RAM)
		return offset_of(m, at.host);
	if (at.place != PLACE_FAULT || !view->format->levels)
		return UINT64_MAX;
	canonical = windows__canonical(&m->windows, va);
	if (canonical >= XKSEG && canonical < XKSEG + USER_END)
		return walk(view, view->kernel_root, canonical - XKSEG);
	return va < USER_END ? walk(view, tables__root(&tables), va) : UINT64_MAX;
}

static unsigned left_in_page(u64 va, unsigned size)
{
	const u64 left = DEBUG_PAGE - va % DEBUG_PAGE;

	return size < left ? size : left;
}

unsigned debug__read(const struct debug_view *view, u64 va, void *bytes, unsigned size)
{
	const struct machine *m = view->vcpu->machine;
	unsigned done = 0;

	for (unsigned some; done < size; done += some) {
		const u64 offset = debug__ram_offset(view, va + done);

		if (offset == UINT64_MAX)
			break;
		some = left_in_page(va + done, size - done);
		memcpy((u8 *)bytes + done, m->ram.base + offset, some);
		breakpoints__see_through(&m->breakpoints, offset, (u8 *)bytes + done, some, vcpu__swapped(view->vcpu));
	}
	return done;
}

bool debug__write(const struct debug_view *view, u64 va, const void *bytes, unsigned size)
{
	struct machine *m = view->vcpu->machine;

	for (unsigned done = 0; done < size; done += left_in_page(va + done, size - done))
		if (debug__ram_offset(view, va + done) == UINT64_MAX)
			return false;
	for (unsigned done = 0, some; done < size; done += some) {
		some = left_in_page(va + done, size - done);
		breakpoints__write(&m->breakpoints, m->ram.base, debug__ram_offset(view, va + done), (const u8 *)bytes + done, some,
				   vcpu__swapped(view->vcpu));
	}
	return true;
}

bool debug__set_breakpoint(const struct debug_view *view, u64 va)
{
	struct machine *m = view->vcpu->machine;
	const u64 offset = va & 3 ? UINT64_MAX : debug__ram_offset(view, va);

	return offset != UINT64_MAX &&
	       breakpoints__set(&m->breakpoints, m->ram.base, debug__window(&m->windows, va), offset, vcpu__swapped(view->vcpu));
}

bool debug__clear_breakpoint(const struct debug_view *view, u64 va)
{
	struct machine *m = view->vcpu->machine;

	return breakpoints__clear(&m->breakpoints, m->ram.base, debug__window(&m->windows, va), vcpu__swapped(view->vcpu));
}
