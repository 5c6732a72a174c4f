/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A debugger's breakpoints: words in RAM that trap, whatever runs into them.
 *
 * Such a word is a guard (vcpu.h) with a number that no piece of code has. Natively it raises a signal, by which the interpreter gets to
 * see the place; no block is made of it. The interpreter asks before each instruction, while there is any. Whoever fetches the guest's
 * program sees what stood there, also in a copy that the guest's kernel has made of it, as kprobes does; who reads it as data sees the guard.
 *
 * A breakpoint is at an address, as pc has it, and in a page. It is never in a delay slot, as branch and slot are one step: gdb puts it at the branch.
 *
 * One that is in no page waits for whatever is there one day: its page is *held*, never mapped for native code, so that whoever gets there is
 * interpreted, and that asks. So are those in programs: each program stops that has an instruction at that address, if it is not for one address space.
 *
 * Watchpoints are looked for by the interpreter, which decodes what the next instruction is about to do; so while there is one the guest's kernel is
 * interpreted. Its programs run natively, but for the pages of theirs that are watched: those are held. A word of the kernel's is the same by all its
 * addresses.
 *
 * An address space is the root of its page tables, which the kernel keeps in Context.
 */
#ifndef WEDGE_CORE_BREAKPOINT_H
#define WEDGE_CORE_BREAKPOINT_H

#include "lib/types.h"

#define BREAKPOINTS_MOST	128
#define WATCHPOINTS_MOST	8
#define WATCHPOINT_SIZE		4096u	/* bytes of one, at most */
#define BREAKPOINT_PAGE		0x1000ull	/* what is held back for one, or for two of them */

struct breakpoint {
	bool used;
	u64 va;			/* in the window, if it is of the guest's kernel */
	u64 offset;		/* of the word, in machine.ram; BREAKPOINT_NOWHERE: it is in no page */
	u32 word;		/* what stood there; in the guest's byte order once it is in a register */
	u64 root;		/* of the one address space that it is for; 0: all */
};
#define BREAKPOINT_NOWHERE	UINT64_MAX

struct watchpoint {
	u64 va;			/* as it was asked for; size 0: it is free */
	u32 size;
	bool loads, stores;
	u64 root;		/* as above */
};

struct breakpoints {
	u32 changes;		/* counted up when the guest's code is changed, by them or otherwise */
	u32 count;		/* those that are used */
	u64 filter;		/* bit BREAKPOINT_BIT(va) of each */
	struct breakpoint at[BREAKPOINTS_MOST];
	u32 watches;		/* watchpoints that are used */
	u32 nowhere;		/* breakpoints that are in no page */
	struct watchpoint watch[WATCHPOINTS_MOST];
	u32 root_shift;		/* as struct afterburn_page_tables has it, */
	bool knows_roots;	/* if that is known; else all are one */
};
#define BREAKPOINT_BIT(va)	((va) >> 2 & 63)

struct vcpu;

/*
 * Puts one at `va`, where the word at `offset` of RAM is, which must be all in `ram`, or nowhere; for the address space of `root`, or all. True also if
 * there was one. False: they are too many. `swapped`: the guest's byte order is not ours.
 */
bool breakpoints__set(struct breakpoints *b, u8 *ram, u64 va, u64 offset, u64 root, bool swapped);
/* False: there was none. What the guest has written there since stays. */
bool breakpoints__clear(struct breakpoints *b, u8 *ram, u64 va, bool swapped);
/* Watchpoints, too. */
void breakpoints__clear_all(struct breakpoints *b, u8 *ram, bool swapped);

/* `bytes`, which were read at `offset` of RAM, become what the guest has there. */
void breakpoints__see_through(const struct breakpoints *b, u64 offset, void *bytes, u64 size, bool swapped);
/* Bytes are written at `offset` of RAM, and breakpoints stay. */
void breakpoints__write(struct breakpoints *b, u8 *ram, u64 offset, const void *bytes, u64 size, bool swapped);

/* False: they are too many, or that is too large; there is none. */
bool watchpoints__set(struct breakpoints *b, const struct watchpoint *w);
bool watchpoints__clear(struct breakpoints *b, const struct watchpoint *w);
/* The one that the instruction at pc, or the one in its slot, is about to touch; -1: none. */
int watchpoint__here(struct vcpu *v);

/* Is there one at pc? */
bool breakpoint__here(struct vcpu *v);
/* That, or a watchpoint. */
bool breakpoint__stops(struct vcpu *v);
/* Is any of the page of 4 KB at `va` held, in the address space of `root`, or if that is 0 in any? An address of the window, if it is the kernel's. */
bool breakpoints__holds(const struct breakpoints *b, u64 root, u64 va);
/* The first page behind `va` that is held in any address space; UINT64_MAX: none. */
u64 breakpoints__next_held(const struct breakpoints *b, u64 va);
/* The root of the current address space; 0: not known. */
u64 breakpoints__root(const struct vcpu *v);
/* What the guest has where this guard stands, at `host` of RAM. */
u32 breakpoint__word(const struct vcpu *v, const u8 *host, u32 guard);

#endif
