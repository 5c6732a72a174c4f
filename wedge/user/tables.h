/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The page tables of the guest's user programs, as a CPU with a hardware walker would read them.
 *
 * What is mapped from them is as if the guest's own TLB refill handler had just run for that page, and the entry had been pushed out
 * again by others: software can tell no difference. When it changes an entry it invalidates what may be in the TLB, and what it does for
 * that is seen (core/tlb.c). All that is read is checked: a guest may write nonsense into its tables.
 */
#ifndef WEDGE_USER_TABLES_H
#define WEDGE_USER_TABLES_H

#include "abi/page-tables.h"
#include "wedge/core/vcpu.h"

/* A page of the guest's as its tables have it. */
struct table_entry {
	u64 *at;		/* in RAM; another core may change it at any time */
	unsigned shift;		/* the page has 1 << shift bytes */
};

struct tables {
	const struct vcpu *vcpu;
	struct afterburn_page_tables format;	/* checked; levels 0: there is none */
	/* The last table that an entry was found in: neighbours are in it as well. NULL: none. Forget it before the guest runs. */
	u64 *leaf, leaf_of;
};

/* The root of the current address space, as the guest's kernel has it; 0: not known. */
u64 tables__root(const struct tables *t);
/* False if nothing of that kind is there. */
bool tables__find(struct tables *t, u64 root, u64 va, struct table_entry *entry);
/* The EntryLo that the guest's handler would load for the page of 4 KB at `va`. Not V: none. */
u64 tables__entrylo(const struct tables *t, const struct table_entry *entry, u64 va);
bool tables__present(const struct tables *t, const struct table_entry *entry);
/*
 * What the guest's handlers do at a first access: the page becomes accessed, with `store` modified. True if the access may go on
 * then; false if it is for the guest's kernel to decide, or another core was at it.
 */
bool tables__touch(const struct tables *t, const struct table_entry *entry, enum access access);

#endif
