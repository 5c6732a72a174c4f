/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where an address of the guest's leads, for a debugger: whether the TLB has it at the moment or only the page tables, and whatever
 * mode the core is in. Nothing of the guest's changes by it.
 */
#ifndef WEDGE_DEBUG_MEMORY_H
#define WEDGE_DEBUG_MEMORY_H

#include "wedge/user/tables.h"

#define DEBUG_PAGE	0x1000ull

#define DEBUG_ONLY_MOST	32u

/*
 * Addresses, as pc has them, at which breakpoints and watchpoints are for one address space each, by its root; 0: no row. They stay when gdb takes its
 * breakpoints away, which it does at each stop.
 */
struct debug_only {
	struct { u64 va, root; } at[DEBUG_ONLY_MOST];
};

/*
 * A copy of a core, with a machine of the debugger's own, whose breakpoints are those that there are; and what is known of the guest's page
 * tables.
 */
struct debug_view {
	struct vcpu *vcpu;
	const struct afterburn_page_tables *format;	/* levels 0: nothing is known */
	u64 kernel_root;				/* of what the kernel has mapped, as an address of its window; 0: not known */
	struct debug_only *only;
};

/* The offset in RAM of what is at `va`, as far as its page goes; UINT64_MAX: no RAM is there. Canonical addresses are as good as those of windows. */
u64 debug__ram_offset(const struct debug_view *view, u64 va);
/* Memory as the guest has it, without breakpoints: how many bytes from the first on there are. */
unsigned debug__read(const struct debug_view *view, u64 va, void *bytes, unsigned size);
/* All or nothing. Breakpoints stay. */
bool debug__write(const struct debug_view *view, u64 va, const void *bytes, unsigned size);
/*
 * False: no instruction can be there, or they are too many. Where a module may be, but no page is yet, it waits for one. In a program it always does: gdb puts
 * its breakpoints there anew each time that the machine goes on, and the program that has stopped last, of which we know the pages, may be another.
 */
bool debug__set_breakpoint(const struct debug_view *view, u64 va);
bool debug__clear_breakpoint(const struct debug_view *view, u64 va);
/* The root of the one address space that a breakpoint or a watchpoint there is for; 0: all. */
u64 debug__only(const struct debug_view *view, u64 va);
/* From now on that of the view. False: there are too many rows, or the guest's kernel does not say which address space is which. */
bool debug__set_only(const struct debug_view *view, u64 va);
/* All again. */
void debug__clear_only(const struct debug_view *view, u64 va);
/* An address as pc would have it. */
u64 debug__window(const struct windows *w, u64 va);

#endif
