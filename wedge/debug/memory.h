/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where an address of the guest's leads, for a debugger: whether the TLB has it at the moment or only the page tables, and whatever
 * mode the core is in. Nothing of the guest's changes by it.
 */
#ifndef WEDGE_DEBUG_MEMORY_H
#define WEDGE_DEBUG_MEMORY_H

#include "wedge/user/tables.h"

#define DEBUG_PAGE	0x1000ull

/*
 * A copy of a core, with a machine of the debugger's own, whose breakpoints are those that there are; and what is known of the guest's page
 * tables.
 */
struct debug_view {
	struct vcpu *vcpu;
	const struct afterburn_page_tables *format;	/* levels 0: nothing is known */
	u64 kernel_root;				/* of what the kernel has mapped, as an address of its window; 0: not known */
};

/* The offset in RAM of what is at `va`, as far as its page goes; UINT64_MAX: no RAM is there. Canonical addresses are as good as those of windows. */
u64 debug__ram_offset(const struct debug_view *view, u64 va);
/* Memory as the guest has it, without breakpoints: how many bytes from the first on there are. */
unsigned debug__read(const struct debug_view *view, u64 va, void *bytes, unsigned size);
/* All or nothing. Breakpoints stay. */
bool debug__write(const struct debug_view *view, u64 va, const void *bytes, unsigned size);
/* False: no instruction can be there, or they are too many. */
bool debug__set_breakpoint(const struct debug_view *view, u64 va);
bool debug__clear_breakpoint(const struct debug_view *view, u64 va);
/* An address as pc would have it. */
u64 debug__window(const struct windows *w, u64 va);

#endif
