/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The blocks of a machine: found by the guest's address, made when code has been met some times, linked to each other.
 *
 * They lie in VM memory and in the code cache, which all cores share. Who looks one up takes no lock: a block is complete before it can be
 * found, and what is forgotten stays where it is, for a core may be in it. One core at a time makes, links and forgets; whoever comes
 * meanwhile interprets.
 *
 * Those of a stock kernel's modules lie in CKSSEG, which the guest maps: see code-pages.h.
 *
 * There are two stores. When one is full all blocks are forgotten, and the other is used, as soon as no core can be in what it has held.
 */
#ifndef WEDGE_TRANSLATE_BLOCKS_H
#define WEDGE_TRANSLATE_BLOCKS_H

#include "wedge/burn/burn.h"
#include "wedge/core/layout.h"
#include "wedge/translate/code-pages.h"
#include "wedge/translate/seen.h"
#include "wedge/translate/translate.h"

#define BLOCKS_CODE	0x100000ull	/* bytes of the code cache; */
#define BLOCKS_CODE_ALL	0xc00000ull	/* where all of a kernel runs as blocks, */
#define BLOCKS_WORDS	0x180000u	/* of which a store has half: at most so many words, */
#define BLOCKS_MOST	(BLOCKS_PLACES_ALL / 4)	/* blocks: a quarter of the places, */
#define BLOCKS_EXITS	0x20000u
#define BLOCKS_INSNS	0x100000u
#define BLOCKS_PLACES	0x2000u		/* of the guest that are remembered: a power of two, */
#define BLOCKS_PLACES_ALL	0x40000u	/* likewise */
#define BLOCKS_MET	3		/* times that code is met before it is translated; so much costs what runs once */

struct block {
	u64 start;
	u32 word, length;		/* in the area of the code cache */
	u32 exit, exits, insn, insns;	/* in its store: first, how many */
	u32 links;			/* who leads to it: number + 1 of an exit of its store, whose link is another; 0: nobody */
	u32 next;			/* of the same page of code: number in its store + 1; 0: none */
	u8 stand_in[STAND_INS];
	bool gone;			/* forgotten */
	u32 sum;			/* of the guest's code, */
	u32 page;			/* which begins in this page of RAM, if pages are looked at */
};

/*
 * Where a core's jumps by a register have led to, where vcpu_page.jump has too few. Each core finds its own at one place, in the code cache: at any other
 * the guest's kernel could have an address of its own, of a program's memory or of nothing. No site has a slot there, as none is burnt.
 */
struct block_jumps {
	struct vcpu_jump of[VCPU_JUMPS_MANY];
};
_Static_assert(BLOCK_JUMPS + sizeof(struct block_jumps) == WINDOW_CKSEG0 + CODE_CACHE_PA + CODE_CACHE_SIZE, "the end of the code cache");

struct blocks {
	struct machine *machine;
	u64 place;			/* the guest's address of the first word; with that of `code` */
	u64 call;			/* of the call entry */
	u32 *code;
	u32 words;			/* of a store: half of its bytes */
	u32 place_count, places_taken;
	u64 eret;			/* what is called for an eret; 0: `call` */
	u32 busy;			/* one that makes, links or forgets */
	u32 met;			/* so many times is code met before it is translated */
	bool calls_for_cause, no_octeon;	/* see block_source */
	struct seen seen;		/* what one is made of, just now */
	struct block_place {
		u64 pc;			/* 0: free */
		u32 met;
		u32 block;		/* number + 1, those of the second store behind those of the first; 0: none; BLOCKS_NEVER: there can be none */
		u32 next;		/* of those of its page that can have none: index + 1; 0: none */
	} places[BLOCKS_PLACES_ALL];	/* `place_count` of them */
	struct block_jumps *jumps;	/* of each core, at BLOCK_JUMPS for the blocks of it; NULL: those of the vCPU page are used */
	struct code_pages *pages;	/* which of them to look at when the guest has changed its code; NULL: at all of it */
	unsigned now;			/* the store that is used */
	bool abandoned;			/* the other one was, */
	u32 passages[MACHINE_CORES];	/* when each core was there: vcpu.passage */
	struct block_store {
		u32 count, words, exits, insns;
		struct block block[BLOCKS_MOST];
		struct block_exit exit[BLOCKS_EXITS];
		struct block_link {	/* of the exit with the same number, if it is linked */
			u32 next;	/* who else leads there: number + 1 */
			u32 jump;	/* its word of the area */
		} link[BLOCKS_EXITS];
		struct block_insn insn[BLOCKS_INSNS];
		struct block_origin origin[BLOCKS_WORDS];
	} store[2];
	/* For statistics. */
	u64 made_in_all, insns_in_all, linked, forgotten, calls, filled;
};
#define BLOCKS_NEVER	0xffffffffu

/* Bytes of the code cache for the blocks of a machine. */
static inline u64 blocks__code(const struct machine *m)
{
	return m->in_blocks ? BLOCKS_CODE_ALL : BLOCKS_CODE;
}

/*
 * `b` is all zeroes, and stays so where it is not needed. `code` are blocks__code() bytes, which the guest sees at `place`. Code is translated when
 * it is met for the `met`th time. With `calls_for_cause` what sees the clock calls, as states are to be compared. `pages` and `jumps` are for a machine
 * whose kernel is all blocks (in_blocks); else NULL.
 */
void blocks__make(struct blocks *b, struct machine *machine, u32 *code, u64 place, u64 call, u32 met, bool calls_for_cause,
		  struct code_pages *pages, struct block_jumps *jumps);

/* Has met the guest's code at pc, which is not to run as it stands. The address of its block; 0: there is none. NULL is allowed, here and below. */
u64 blocks__meet(struct blocks *b, const struct vcpu *v, u64 pc);
/* The same at the general exception vector, whose block vcpu_page.vector says then. False: there is none. */
bool blocks__meet_vector(struct blocks *b, const struct vcpu *v, u64 pc);
/* The same at a burnt site that has called the Wedge. If there is a block, later calls go to it at once. */
u64 blocks__meet_site(struct blocks *b, const struct vcpu *v, const struct burn_site *site);

/* Code that must not run as it stands, and that cannot be translated: for statistics. */
bool blocks__refuses(struct blocks *b, u64 pc);

/* The address is in a block: `v` has the registers as they are there. False: it is in none. */
bool blocks__settle(struct blocks *b, struct vcpu *v, u64 address);
/*
 * Is what has called the Wedge, with this return address, a block? Then pc and registers are those of the guest, and `to` the address of the
 * block to go on at, to which the same call leads from now on; 0: none.
 */
bool blocks__called(struct blocks *b, struct vcpu *v, u64 address, u64 *to);

/*
 * An access at `address` has faulted, and registers and pc are settled. Does it lead to a program's memory, `va`, where pages are looked at? Then from now
 * on it looks where that is (vcpu_page.look), before it faults. What leads to the end of XKSEG finds that from now on, too.
 */
bool blocks__asks(struct blocks *b, const struct vcpu *v, u64 address, u64 *va);

/* The guest has synchronised its instruction cache: blocks of code that it has changed are forgotten. `core` is who says so. */
void blocks__check(struct blocks *b, unsigned core);
/* A core has been told to lock what is open; or it runs no blocks any more, until it meets one: see code-pages.h. */
void blocks__lock(struct blocks *b, unsigned core);
void blocks__core_gone(struct blocks *b, unsigned core);
/* A core is about to write a page of RAM with a mark RAM_OF_CODE. True: it has locked that, and has to unlock it (machine_ops.lock_code). */
bool blocks__written(struct blocks *b, u64 offset, unsigned core);
/*
 * What is mapped of CKSSEG in [va, va + size), va as EntryHi has it, may be another page from now on, or an entry of a core's TLB says so; or all of it. Blocks of code
 * there are not found any more until a core comes there, and its TLB says that it still is where it was.
 */
void blocks__unmapped(struct blocks *b, u64 va, u64 size);
void blocks__tlb_written(struct blocks *b, const struct tlb_entry *e);
void blocks__all_unmapped(struct blocks *b);
/* The guest's code there, a piece of the machine's, is about to be none any more. */
void blocks__gone(struct blocks *b, u64 from, u64 to);

#endif
