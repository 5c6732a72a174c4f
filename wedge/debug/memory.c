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
		const u64 offset = debug__ram_offset(view, va + done);

		some = left_in_page(va + done, size - done);
		ram__will_be_written(&m->ram, m->ram.base + offset, some);
		breakpoints__write(&m->breakpoints, m->ram.base, offset, (const u8 *)bytes + done, some, vcpu__swapped(view->vcpu));
	}
	return true;
}

/* --- For one address space --- */

/* The row of this address; NULL: there is none. */
static u64 *row_of(const struct debug_view *view, u64 va)
{
	for (unsigned i = 0; i < DEBUG_ONLY_MOST; i++)
		if (view->only->at[i].root && view->only->at[i].va == va)
			return &view->only->at[i].root;
	return NULL;
}

u64 debug__only(const struct debug_view *view, u64 va)
{
	const u64 *row = row_of(view, debug__window(&view->vcpu->machine->windows, va));

	return row ? *row : 0;
}

bool debug__set_only(const struct debug_view *view, u64 va)
{
	const struct tables tables = { .vcpu = view->vcpu, .format = *view->format };
	const u64 root = tables__root(&tables), window = debug__window(&view->vcpu->machine->windows, va);
	u64 *row = row_of(view, window);

	for (unsigned i = 0; !row && i < DEBUG_ONLY_MOST; i++)
		if (!view->only->at[i].root) {
			view->only->at[i].va = window;
			row = &view->only->at[i].root;
		}
	if (!root || !row)
		return false;
	*row = root;
	return true;
}

void debug__clear_only(const struct debug_view *view, u64 va)
{
	u64 *row = row_of(view, debug__window(&view->vcpu->machine->windows, va));

	if (row)
		*row = 0;
}

/* --- Breakpoints --- */

static bool is_programs(const struct windows *w, u64 va)
{
	return windows__are_users(w, va) && va == windows__canonical(w, va);
}

static bool is_mapped_kernels(const struct windows *w, u64 va)
{
	return windows__canonical(w, va) - XKSEG < USER_END;
}

bool debug__set_breakpoint(const struct debug_view *view, u64 va)
{
	struct machine *m = view->vcpu->machine;
	const u64 window = debug__window(&m->windows, va), only = debug__only(view, va);
	const bool programs = is_programs(&m->windows, window);
	u64 offset;

	if (va & 3)
		return false;
	offset = programs ? BREAKPOINT_NOWHERE : debug__ram_offset(view, va);
	if (offset == BREAKPOINT_NOWHERE && !programs && !is_mapped_kernels(&m->windows, window))
		return false;
	if (offset != BREAKPOINT_NOWHERE)
		ram__will_be_written(&m->ram, m->ram.base + offset, 4);		/* now, and when it is taken away */
	return breakpoints__set(&m->breakpoints, m->ram.base, window, offset, only, vcpu__swapped(view->vcpu));
}

bool debug__clear_breakpoint(const struct debug_view *view, u64 va)
{
	struct machine *m = view->vcpu->machine;

	return breakpoints__clear(&m->breakpoints, m->ram.base, debug__window(&m->windows, va), vcpu__swapped(view->vcpu));
}
