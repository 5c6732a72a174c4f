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
 * Code of modules lies in CKSSEG, which is mapped: where a page of it is in RAM is what a core's TLB has said when it came there, until some core is told
 * otherwise (as with what the Host maps: core/tlb.c). A page of RAM is known at one place there only. It is that mapping which is locked, as a kernel writes a module where
 * that is: in the windows such pages lie all over RAM, and one of 4 KB that is different from its neighbours takes a large page of the Host's apart. So what is known
 * of the page ends with the mapping.
 *
 * In VM memory. But for code_pages__written() one core at a time calls what is here: see blocks.h.
 */
#ifndef WEDGE_TRANSLATE_CODE_PAGES_H
#define WEDGE_TRANSLATE_CODE_PAGES_H

#include "wedge/core/vcpu.h"

#define CODE_PAGE		0x1000ull	/* of RAM, in bytes */
#define CODE_PAGES_MOST		0x2000u		/* that blocks are made of: 32 MB */
#define CODE_MAPPED		(CKSSEG_SIZE / CODE_PAGE)
#define CODE_PAGE_PIECES	16		/* of a page, each with a sum of its own */

struct code_page {
	u32 number;			/* of the page in RAM: its offset / CODE_PAGE */
	u32 mapped;			/* the page of CKSSEG where it is, + 1; 0: nowhere */
	u32 block;			/* the blocks that begin there: number + 1 of one, whose `next` is another; 0: none */
	u32 refused;			/* places there that have no block: index + 1 of one, likewise */
	u32 locked, held;		/* bit n: by core n; in its windows, in CKSSEG */
	bool of_module;			/* what is made of it is in CKSSEG, if it is mapped there; else, where it need not be mapped */
	bool known;			/* its sums are those of the last look, behind which it has been open, or locked */
	bool open;			/* to be looked at; then it is known */
	u32 sum[CODE_PAGE_PIECES];	/* when it was last looked at */
	u32 to_user[CODE_PAGE / 4 / 32];	/* bit n: word n is an access that has led to a program's memory; */
	u32 high[CODE_PAGE / 4 / 32];	/* to the end of XKSEG */
};

struct code_pages {
	struct ram_marks marks;		/* what ram.marks points to, in each process */
	u16 index[RAM_MARKS];		/* in page[], + 1 */
	u32 mapped[CODE_MAPPED];	/* of each page of CKSSEG: that in RAM, + 1; 0: it is not known */
	u32 cores;			/* bit n: core n runs blocks, which write */
	u32 ordered;			/* and has been told to lock what is open */
	u32 count, open_count;
	u16 open[CODE_PAGES_MOST];
	struct code_page page[CODE_PAGES_MOST];
};

/* `p` is all zeroes; ram.marks of the machine is set. Pages are those of RAM, by their offset in it. */
void code_pages__make(struct code_pages *p, struct machine *machine);

/* A core is about to run blocks. What it had locked when it was gone is so still. */
void code_pages__core(struct code_pages *p, unsigned core);
/* It runs none any more. */
void code_pages__core_gone(struct code_pages *p, unsigned core);

/*
 * The page there: code is about to be read there, to make a block of, and its sums are known from now on. NULL: there is no room, or no such RAM.
 */
struct code_page *code_pages__watch(struct code_pages *p, const struct machine *m, u64 offset);

/* The same, if it is watched. */
struct code_page *code_pages__at(struct code_pages *p, u64 offset);

/* Is `va` in a page of CKSSEG whose place in RAM is known, by `mapped` (code_pages.mapped, machine.mapped_code)? Then `offset` is that of `va`. */
static inline bool code_pages__find(const u32 *mapped, u64 va, u64 *offset)
{
	const u32 page = va - CKSSEG < CKSSEG_SIZE ? __atomic_load_n(&mapped[(va - CKSSEG) / CODE_PAGE], __ATOMIC_ACQUIRE) : 0;

	*offset = (page - 1ull) * CODE_PAGE + va % CODE_PAGE;
	return page;
}
/* It is: that of `va`'s page, of which no blocks are where it need not be mapped. False: there is no room, no such RAM, or that is known at another place. */
bool code_pages__map(struct code_pages *p, const struct machine *m, u64 va, u64 offset);
/* It is not known any more where `va` is. The page where it was; NULL: it was not known. */
struct code_page *code_pages__unmap(struct code_pages *p, u64 va);

/* Where has the access there led, as far as anybody has said: LEADS_ (translate.h)? For who reads or makes blocks. */
unsigned code_pages__leads(struct code_pages *p, u64 offset);
/* One of them, on a page that is watched. */
void code_pages__note(struct code_pages *p, u64 offset, unsigned leads);

/* A core is about to write there. At any time, by any core. True: it has locked the page, and has to unlock it. */
bool code_pages__written(struct code_pages *p, u64 offset, unsigned core);
/* Has it locked that? */
bool code_pages__is_locked(struct code_pages *p, u64 offset, unsigned core);
/* The address in CKSSEG where the page is, as machine_ops.lock_code has it. */
static inline u64 code_page__va(const struct code_page *page)
{
	return page->mapped ? CKSSEG + (page->mapped - 1) * CODE_PAGE : 0;
}

/*
 * Looks at what is open, calls changed() for each page that has been written, with a bit for each piece of it, and locks what has not been, for `core`, by
 * machine_ops.lock_code. Then pages that all have locked are no longer open, nor are those of which there is nothing. Cores for which a page that has not been
 * written is still open are told to lock it, by machine_ops.order_lock: they may be in a loop, and synchronise nothing themselves.
 */
void code_pages__look(struct code_pages *p, const struct machine *m, unsigned core, void (*changed)(void *user, struct code_page *page, u32 pieces), void *user);

/* Locks what is open, for a core that has been told to. */
void code_pages__lock(struct code_pages *p, const struct machine *m, unsigned core);

#endif
