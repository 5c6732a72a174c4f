/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which pages of RAM blocks were made of, and which of these may have been written since somebody looked.
 *
 * A guest that synchronises its instruction cache does not say what it has written (an Octeon has no such instruction), and to look at all that
 * blocks were made of costs a million instructions when they are all of a kernel. So a page that has been looked at is *locked*, as far as cores
 * go: each core keeps its own windows from writing it. A page that some core has not locked, or that was told of, is *open*, and is
 * looked at each time. Who writes elsewhere than in a window tells: the interpreter (ram.marks). Devices and programs, which write at any moment,
 * leave a mark, and such a page stays open.
 *
 * In VM memory. But for code_pages__written() one core at a time calls what is here: see blocks.h.
 */
#ifndef WEDGE_TRANSLATE_CODE_PAGES_H
#define WEDGE_TRANSLATE_CODE_PAGES_H

#include "wedge/core/vcpu.h"

#define CODE_PAGE		0x1000ull	/* of RAM, in bytes */
#define CODE_PAGES_MOST		0x2000u		/* that blocks are made of: 32 MB */
#define CODE_PAGE_PIECES	16		/* of a page, each with a sum of its own */

struct code_page {
	u32 number;			/* of the page in RAM */
	u32 block;			/* the blocks that begin there: number + 1 of one, whose `next` is another; 0: none */
	u32 refused;			/* places there that have no block: index + 1 of one, likewise */
	u32 locked;			/* bit n: by core n */
	bool known;			/* its sums are those of the last look, behind which it has been open, or locked */
	bool open;			/* to be looked at; then it is known */
	u32 sum[CODE_PAGE_PIECES];	/* when it was last looked at */
	u32 asks[CODE_PAGE / 4 / 32];	/* bit n: word n is an access that has led to a program's memory */
};

struct code_pages {
	struct ram_marks marks;		/* what ram.marks points to, in each process */
	u16 index[RAM_MARKS];		/* in page[], + 1 */
	u32 cores;			/* bit n: core n runs blocks, which write */
	u32 ordered;			/* and has been told to lock what is open */
	u32 count, open_count;
	u16 open[CODE_PAGES_MOST];
	struct code_page page[CODE_PAGES_MOST];
};

/* `p` is all zeroes; ram.marks of the machine is set. Pages are those of low RAM. */
void code_pages__make(struct code_pages *p, struct machine *machine);

/* A core is about to run blocks. What it had locked when it was gone is so still. */
void code_pages__core(struct code_pages *p, unsigned core);
/* It runs none any more. */
void code_pages__core_gone(struct code_pages *p, unsigned core);

/*
 * The page there, of low RAM: code is about to be read there, to make a block of, and its sums are known from now on. NULL: there is no room, or the
 * page is none of low RAM.
 */
struct code_page *code_pages__watch(struct code_pages *p, const struct machine *m, u64 pa);

/* The same, if it is watched. */
struct code_page *code_pages__at(struct code_pages *p, u64 pa);

/* Has the access there led to a program's memory, as far as anybody has said? For who reads or makes blocks. */
bool code_pages__asks(struct code_pages *p, u64 pa);
/* It has, on a page that is watched. */
void code_pages__note_asking(struct code_pages *p, u64 pa);

/* A core is about to write there. At any time, by any core. True: it has locked the page, and has to unlock it. */
bool code_pages__written(struct code_pages *p, u64 pa, unsigned core);

/*
 * Looks at what is open, calls changed() for each page that has been written, with a bit for each piece of it, and locks what has not been, for `core`, by
 * machine_ops.lock_code. Then pages that all have locked are no longer open, nor are those of which there is nothing. Cores for which a page that has not been
 * written is still open are told to lock it, by machine_ops.order_lock: they may be in a loop, and synchronise nothing themselves.
 */
void code_pages__look(struct code_pages *p, const struct machine *m, unsigned core, void (*changed)(void *user, struct code_page *page, u32 pieces), void *user);

/* Locks what is open, for a core that has been told to. */
void code_pages__lock(struct code_pages *p, const struct machine *m, unsigned core);

#endif
