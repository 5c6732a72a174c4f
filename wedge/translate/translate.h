/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The translator: guest kernel code that cannot run as it stands, to a block that can.
 *
 * What cannot is code with live k0 and k1, which the Host's kernel destroys at any moment, and code that no record speaks of. In a
 * block two other registers stand in for k0 and k1. They are saved when it is entered, and what they hold then is that of words of the vCPU
 * page, where it is put back when the block is left; all other registers are the guest's. A move of a coprocessor 0 register becomes the
 * load or store that it is at a burnt site. A block ends in a jump to where the guest goes on, be it native code or another
 * block, or, in front of what cannot be translated, in a call of the Wedge.
 *
 * A stock kernel stays where it was linked for, where no program of the Host's can have anything. In its blocks each access adds to its base
 * what the top four bits of that say (vcpu_page.addend). Where that is not known, for a program's memory and for registers, the sum is no
 * address, and what the guest has not mapped is not mapped here: the access faults, and is interpreted.
 *
 * The interpreter remains the only meaning: at each word of a block it is known which of the guest's instructions is next and where each
 * of its registers is (block_origin), so that whatever stops a block goes on there.
 *
 * Portable: nothing here executes what is generated.
 */
#ifndef WEDGE_TRANSLATE_TRANSLATE_H
#define WEDGE_TRANSLATE_TRANSLATE_H

#include "wedge/core/vcpu.h"

#define BLOCK_INSNS	64		/* of the guest, at most */
#define BLOCK_EXITS	(BLOCK_INSNS + 1)
/* An entry, at most 25 words for each instruction (a jump with a link, put away, and a look for its slot), and 26 for an exit. */
#define BLOCK_WORDS	(6 + 25 * BLOCK_INSNS + 26 * BLOCK_EXITS)
/* What stands in: for k0, for k1, and three that blocks need for themselves; 0 where there is none. */
enum { FOR_K0, FOR_K1, FOR_LOOKING, FOR_ADDRESS, FOR_OCTEON, STAND_INS };

/* Where the guest's registers are before a word of a block is executed. */
enum block_phase {
	BLOCK_OUTSIDE,		/* in themselves; k0 and k1 in the page */
	BLOCK_ENTERING,		/* but the first stand-in, which was overwritten and is in scratch[2] */
	BLOCK_BODY,		/* k0 and k1 in the stand-ins, those in scratch[2] and [3] */
	BLOCK_LEAVING,		/* k0 and k1 in the page, the stand-ins in scratch[2] and [3] */
	BLOCK_LOOKING,		/* and the third in scratch[1] */
	BLOCK_CALLING,		/* and ra in scratch[0] */
};

struct block_origin {
	u8 phase;
	u8 saved;		/* besides: a register that a sequence has saved in scratch[0], or 0 */
	u16 addressing : 1;	/* besides: the fourth in scratch[4], the fifth in scratch[7] */
	u16 looking : 1;	/* and the third in scratch[1] */
	u16 exiting : 1;	/* `index` is that of an exit, to which the guest is on its way; else of an instruction, which is next */
	u16 index : 13;
};

/*
 * A way out. Without a register it leads to `pc`: by a jump in word `jump`, which can be made to lead to a block instead of to the
 * call behind it; 0: the jump is final, to native code. With one it leads to where that register says. If that is k0 or k1, or all
 * of the code is in blocks (looks_up), the block looks into the table of jumps (vcpu_jump) before it calls.
 */
struct block_exit {
	u64 pc;
	u16 jump;
	u8 reg;
};
#define EXIT_PUT_AWAY	32	/* as a register: where it leads is in scratch[5] */

/* Of an access. To a program's memory: then it looks where that is (vcpu_page.look). To the end of XKSEG: vcpu_page.addend_high. */
enum { LEADS_TO_USER = 1, LEADS_HIGH = 2 };

struct block_insn {
	u32 word;
	u16 offset;		/* of its address from that of the first, in words */
	u8 leads;		/* where accesses of it, and of what is in its slot, have been seen to lead: LEADS_ */
};

struct block_code {
	u64 start;			/* the guest's address */
	u8 stand_in[STAND_INS];
	u16 length, exits, insns;
	/* The caller's room: */
	u32 *word;			/* BLOCK_WORDS */
	struct block_origin *origin;	/* BLOCK_WORDS */
	struct block_exit *exit;	/* BLOCK_EXITS */
	struct block_insn *insn;	/* BLOCK_INSNS + 1: and what is behind the last */
};

/* Of the guest's code; addresses are those of the windows. */
struct block_source {
	/* The instruction at pc and the bytes that it takes, seen through what was burnt. False: it cannot be had without an exception. */
	bool (*fetch)(void *user, u64 pc, u32 *insn, u32 *length);
	/* May the code there run as it stands? */
	bool (*native)(void *user, u64 pc);
	/* Where has the access there been seen to lead? */
	unsigned (*leads)(void *user, u64 pc);
	void *user;
	bool big_endian;
	u64 eret;			/* what is called in place of the call entry where an eret is next; 0: that */
	bool no_octeon;			/* the Host's CPU has no instruction of Octeon's */
	bool calls_for_cause;		/* who reads Cause wants to see the clock: that is not translated */
	bool moved;			/* memory is elsewhere than the guest's addresses say: vcpu_page.addend */
	bool looks_up;			/* a jump by any register looks where a block is: little of the code may run as it stands */
	u32 number;			/* of the block, at most 2^21: stands behind each of its calls, in a NUMBERED_NOP */
	unsigned jumps;			/* how many places the table of jumps has: a power of two; */
	u64 jumps_place;		/* and where it is: of more than 16 bits those that one lui can have, or reached by $zero */
};

/*
 * The block of the code at `pc`, which will be executed at `place`, whence a jump reaches the guest's code and `call`, the call entry; written into the
 * room that `b` has. False if the first instruction cannot be translated already.
 */
bool translate(struct block_code *b, const struct block_source *source, u64 pc, u64 place, u64 call);

/*
 * Word `word` of a block is next, and the vcpu has the registers as they are, with k0 and k1 of the page: puts each where it belongs,
 * and pc to where the guest goes on.
 */
struct block_view {
	u64 start;
	const u8 *stand_in;
	const struct block_origin *origin;
	const struct block_exit *exit;
	const struct block_insn *insn;
};
void block__settle(const struct block_view *b, unsigned word, struct vcpu *v);

#endif
