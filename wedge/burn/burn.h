/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rewriter: checks the records of a kernel or a module, plans every site, then writes.
 *
 * A site is burnt in one of five ways. Inline: it becomes a load or store on the vCPU page. Outline: it jumps to a
 * sequence of such in the code cache. Call: it jumps to a trampoline in the code cache that calls the Wedge. Look: a load or
 * store that looks first where its page of user memory is, and calls if that is not known. Clock: it reads CvmCount, looks first whether the Host's
 * counter says it, and calls if that is not known. A site that none of these fits stays as it is, is counted, and traps.
 *
 * What no record speaks of is by-passed (bypass.h): one word of it becomes a jump to a trampoline, which leads to a block.
 *
 * Besides sites there are guards: a GUARD() at the first instruction of a region that must not run
 * natively (k0 or k1 live, FP registers moving), and in place of unpadded instructions that would run
 * natively without a trap but with the Host's meaning (rdhwr, synci).
 */
#ifndef WEDGE_BURN_BURN_H
#define WEDGE_BURN_BURN_H

#include "format/records.h"
#include "lib/heap.h"
#include "wedge/core/vcpu.h"
#include "wedge/load/image.h"

enum burn_how {
	BURN_INLINE, BURN_OUTLINE, BURN_CALL, BURN_LOOK, BURN_CLOCK, BURN_BYPASS, BURN_GUARD,
	BURN_LEFT_SLOT,		/* in a delay slot */
	BURN_LEFT_UNPADDED,	/* no room behind it, where some is needed */
	BURN_LEFT_OFF,		/* --no-burn */
	BURN_WAYS
};
extern const char *const burn__how_names[BURN_WAYS];

enum burn_mode {
	BURN_ALL,
	BURN_EXACTLY,		/* without looks, which leave another value in at: for states that are compared */
	BURN_NONE,		/* every site traps */
	BURN_POISON,		/* sites with dead registers call the Wedge, which then overwrites those */
};

#define BURN_SITE_WORDS	4	/* the longest site that is taken; two is the most that our tables ask for */

struct burn_site {
	u64 address;		/* in the window */
	u32 word;		/* the instruction */
	u32 dead;
	u16 insn;		/* ID in abi/sensitive.def */
	u8 words, how;
	u32 code[BURN_SITE_WORDS];	/* what will stand there */
	u32 slot;		/* OUTLINE, CALL, LOOK, CLOCK, BYPASS: its slot of the code cache */
};

/*
 * Code that is to be burnt: where it runs and where its bytes are. The numbers of its originals, and with them its
 * slots, begin with `first`.
 */
struct burn_text {
	const char *what;		/* "kernel" or "module", for complaints */
	u64 start, end;			/* in the window */
	u64 delta;			/* from the addresses in records to those in the window */
	u64 blank_start, blank_end;	/* where room for code made at run time may be; equal: nowhere */
	u8 **pages;			/* each of BURN_PAGE bytes; the first has `start` in it. On the heap */
	u32 first;
	struct heap *heap;		/* has the plan's memory, if several processes use it; NULL: malloc() */
	const struct proof *proof;	/* what it does not cover is by-passed; NULL: nothing is. Only while it is planned, */
	size_t unrecorded;		/* as is this: unrecorded__count() */
	bool big_endian;
};
#define BURN_PAGE	0x1000ull

struct burn_plan {
	struct code code;		/* for the machine; first, so that one can be found from the other */
	struct burn_text text;
	struct burn_site *sites;	/* ascending by address */
	size_t site_count;
	u32 *slot_site;			/* slot, counted from its first -> index of the site */
	u32 *cache;			/* the words of all slots */
	u64 cache_start;		/* offset of its first slot in the code cache */
	u8 **pages;			/* as in `text`, for as long as the plan is there, where something is by-passed; else NULL */
	unsigned counts[BURN_WAYS];
	size_t skipped_records;
	u32 passages[MACHINE_CORES];	/* pieces__retire(): where each core was */
};

/*
 * Plan for the kernel that lies, relinked, in `ram` of `ram_size` bytes. The code cache is
 * WINDOW_CKSEG0 + CODE_CACHE_PA; its first `entry_size` bytes are the call entry. Nothing is written.
 * -1 with a complaint when a record is wrong: another version, outside the kernel's text, overlapping,
 * or not what the code says.
 */
int burn__plan(struct burn_plan *plan, const struct image *image, u8 *ram, u64 ram_size, u64 entry_size,
	       enum burn_mode mode, struct complaint *c);
/* The same for any code. Sorts the records. text->pages belongs to the plan, and is freed if there will be none. */
int burn__plan_text(struct burn_plan *plan, const struct burn_text *text, struct records *records, u64 entry_size,
		    enum burn_mode mode, struct complaint *c);
/* The word at `address`, which must be in the text. */
u32 burn__word(const struct burn_text *text, u64 address);
/* Writes the plan into its text and the code cache. Cannot fail. */
void burn__commit(const struct burn_plan *plan, u8 *code_cache);
/* Has the trampolines of erets, in a plan that is committed, call `entry` in place of the call entry. Nobody has executed them yet. */
void burn__lead_erets(const struct burn_plan *plan, u8 *code_cache, u64 entry);
/*
 * Has a kernel, committed, ask nothing of the Wedge about user memory (AFTERBURN_ASK_*): what it does itself then is as good where that memory is its own
 * address space's. `ram` is the guest's, from physical 0 on.
 */
void burn__drop_asks(const struct burn_plan *plan, u8 *ram);
/* Frees what nobody needs who only looks a place up: what is to be written, and where. */
void burn__settle(struct burn_plan *plan);
void burn__free(struct burn_plan *plan);

/*
 * A slot holds a call trampoline,
 *	sd ra, SCRATCH($0); jal entry; nop; ld ra, SCRATCH($0); j behind the site; nop
 * or that of a load or store, whose site has the first of these words,
 *	jal look; daddiu at, base, offset; the access at 0(at); ld ra, SCRATCH($0); j behind the site; nop
 * or that of a clock, likewise,
 *	jal clock; nop; daddu rt, at, $0; ld ra, SCRATCH($0); j behind the site; nop
 * or all of an outline sequence (sequence.h) but its first word, which is in the site.
 */
#define BURN_TRAMPOLINE_CALL	1	/* word that calls */
#define BURN_TRAMPOLINE_RETURN	3	/* word at which the call returns, with the effect of the site behind it */

/* Does its slot hold a trampoline, so that ra is saved there? */
static inline bool burn__has_trampoline(const struct burn_site *site)
{
	return site->how == BURN_CALL || site->how == BURN_LOOK || site->how == BURN_CLOCK || site->how == BURN_BYPASS;
}

/* And is that done at the site, by who looks before it calls? */
static inline bool burn__looks_first(const struct burn_site *site)
{
	return site->how == BURN_LOOK || site->how == BURN_CLOCK;
}

/*
 * The instructions that are executed for a site, its NOPs included: of a call those around it, of a look or a clock those that find what they want. 0: it traps, or
 * is part of a block.
 */
unsigned burn__executed(const struct burn_site *site, bool big_endian);

/* The plan of the code at `address`, or NULL. */
const struct burn_plan *burn__plan_at(const struct machine *machine, u64 address);
/* The site whose slot covers `offset` of the code cache, or NULL; `word` gets the place in the slot. */
const struct burn_site *burn__site_of_slot(const struct machine *machine, u64 offset, unsigned *word);
/* The site that begins or lies at or just below `address` and covers it, or NULL. */
const struct burn_site *burn__site_at(const struct machine *machine, u64 address);

#endif
