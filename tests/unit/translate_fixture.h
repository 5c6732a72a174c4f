/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A block beside the code it was made of: both executed by the interpreter, from the same state, and whatever leaves or stops
 * the block must find what the interpreter finds in the original. The code is at CODE, the block at BLOCK.
 */
#ifndef TESTS_UNIT_TRANSLATE_FIXTURE_H
#define TESTS_UNIT_TRANSLATE_FIXTURE_H

#include "tests/unit/vcpu_fixture.h"
#include "wedge/translate/decode.h"

#define BLOCK_PA	0x40000ull
#define JUMPS_PA	0x50000ull		/* a table of jumps that one lui finds */
#define BLOCK		(WINDOW_CKSEG0 + BLOCK_PA)
#define CALL		(WINDOW_CKSEG0 + 0x50000)	/* the call entry */
#define DATA_BYTES	0x1000u
#define STEPS_MOST	2000

/* All that a guest can see. */
struct state {
	u64 gpr[32], hi, lo, pc, cp0[CP0_REGISTERS], badvaddr;
	u8 data[DATA_BYTES];
};

struct translated {
	struct fixture f;
	struct block_code block;
	struct {
		u32 word[BLOCK_WORDS];
		struct block_origin origin[BLOCK_WORDS];
		struct block_exit exit[BLOCK_EXITS];
		struct block_insn insn[BLOCK_INSNS + 1];
	} room;				/* for it */
	struct state start;
	u64 native_from;		/* code from here on may run as it stands */
	bool moved;			/* the code has canonical addresses */
	bool looks_up;			/* all of it is in blocks */
	bool asks;			/* each access looks for a program's memory */
	bool no_octeon;			/* the Host's CPU has no instruction of Octeon's */
};

static inline bool translated_fetch(void *user, u64 pc, u32 *insn, u32 *length)
{
	struct translated *t = user;

	if (pc & 3 || pc - WINDOW_CKSEG0 > RAM_BYTES - 4)
		return false;
	*insn = fixture_get(&t->f, pc - WINDOW_CKSEG0, 4);
	*length = 4;
	return true;
}

/* Every other one of a kernel that is elsewhere has led to the end of XKSEG. */
static inline unsigned translated_leads(void *user, u64 pc)
{
	const struct translated *t = user;

	return (t->asks ? LEADS_TO_USER : 0) | (t->moved && pc & 4 ? LEADS_HIGH : 0);
}

static inline bool translated_native(void *user, u64 pc)
{
	return pc >= ((struct translated *)user)->native_from && pc < BLOCK;
}

/* What a stock kernel's blocks need of the vCPU page: the memory of its canonical addresses is in the windows. */
static inline void translated_move(struct translated *t, bool moved)
{
	t->moved = moved;
	vcpu__set_addends(&t->f.v);
}

static inline void save_state(const struct fixture *f, struct state *s)
{
	memcpy(s->gpr, f->v.gpr, sizeof(s->gpr));
	memcpy(s->cp0, f->page->cp0, sizeof(s->cp0));
	memcpy(s->data, f->ram + DATA_PA, DATA_BYTES);
	s->badvaddr = f->page->badvaddr;
	s->hi = f->v.hi;
	s->lo = f->v.lo;
	s->pc = f->v.pc;
}

static inline void load_state(struct fixture *f, const struct state *s)
{
	memcpy(f->v.gpr, s->gpr, sizeof(s->gpr));
	memcpy(f->page->cp0, s->cp0, sizeof(s->cp0));
	memcpy(f->ram + DATA_PA, s->data, DATA_BYTES);
	f->page->badvaddr = s->badvaddr;
	f->v.hi = s->hi;
	f->v.lo = s->lo;
	f->v.pc = s->pc;
	f->v.ll_valid = false;
}

/* Code, translated; false if its first instruction cannot be. The state at its start is that of the vcpu. */
static inline bool translated_make(struct translated *t, const u32 *code, unsigned words)
{
	const struct block_source source = {
		.fetch = translated_fetch, .native = translated_native, .leads = translated_leads, .user = t, .big_endian = t->f.machine.big_endian, .moved = t->moved,
		.no_octeon = t->no_octeon, .looks_up = t->looks_up, .jumps = VCPU_JUMPS, .jumps_place = t->looks_up ? WINDOW_CKSEG0 + JUMPS_PA : VCPU_PAGE + offsetof(struct vcpu_page, jump),
	};

	for (unsigned i = 0; i < words; i++)
		fixture_put(&t->f, CODE_PA + 4 * i, 4, code[i]);
	t->f.v.pc = CODE;
	save_state(&t->f, &t->start);
	memset(&t->room, 0xa5, sizeof(t->room));
	t->block = (struct block_code){ .word = t->room.word, .origin = t->room.origin, .exit = t->room.exit, .insn = t->room.insn };
	if (!translate(&t->block, &source, CODE, BLOCK, CALL))
		return false;
	for (unsigned i = 0; i < t->block.length; i++)
		fixture_put(&t->f, BLOCK_PA + 4 * i, 4, t->block.word[i]);
	return true;
}

static inline bool in_block(const struct translated *t, u64 pc)
{
	return pc - BLOCK < 4ull * t->block.length;
}

static inline void settle(struct translated *t, unsigned word)
{
	const struct block_code *b = &t->block;
	const struct block_view view = { b->start, b->stand_in, b->origin, b->exit, b->insn };

	t->f.v.gpr[REG_K0] = t->f.page->k[0];
	t->f.v.gpr[REG_K1] = t->f.page->k[1];
	block__settle(&view, word, &t->f.v);
}

/* An access, or one in a slot, that a Host refuses: no program has anything there. What executes the block here has the rights of the guest's kernel. */
static inline bool is_beyond_host(const struct translated *t)
{
	const u32 *at = t->block.word + (t->f.v.pc - BLOCK) / 4, word = mips_insn__has_delay_slot(*at) ? at[1] : *at;

	return t->moved && decoded__is_access(word) && (t->f.v.gpr[mips_insn__rs(word)] + (u64)(s16)word) >> 40;
}

/*
 * Executes the block from the start, at most `steps` words, or until it is left, calls, or an instruction of it faults. Then the guest's state
 * is the vcpu's. Returns how many words were executed; a fault is taken back, so that the interpreter meets it.
 */
static inline unsigned run_block(struct translated *t, unsigned steps)
{
	struct fixture *f = &t->f;
	struct state before;
	unsigned n;

	load_state(f, &t->start);
	f->page->k[0] = f->v.gpr[REG_K0];
	f->page->k[1] = f->v.gpr[REG_K1];
	f->v.gpr[REG_K0] = f->v.gpr[REG_K1] = 0xbad;	/* the Host's kernel was here */
	f->v.pc = BLOCK;
	for (n = 0; n < steps && in_block(t, f->v.pc) && !is_beyond_host(t); n++) {
		save_state(f, &before);
		if (vcpu__step(&f->v)) {
			load_state(f, &before);
			break;
		}
	}
	f->v.ll_valid = false;
	if (f->v.pc == CALL)		/* as from the slot of the jump that led there */
		settle(t, (f->v.gpr[REG_RA] - BLOCK) / 4 - 1);
	else if (f->v.pc == BLOCK + 0x8000) {	/* a jump found this in the page: it stands for the one place that is there */
		f->v.gpr[REG_K0] = f->page->k[0];
		f->v.gpr[REG_K1] = f->page->k[1];
		f->v.pc = CODE + 0x6004;
	} else if (in_block(t, f->v.pc))
		settle(t, (f->v.pc - BLOCK) / 4);
	else {
		f->v.gpr[REG_K0] = f->page->k[0];
		f->v.gpr[REG_K1] = f->page->k[1];
	}
	return n;
}

static inline bool covered(const struct translated *t, u64 pc)
{
	for (unsigned i = 0; i < t->block.insns; i++)
		if (pc == t->block.start + 4 * t->block.insn[i].offset)
			return true;
	return false;
}

/* The interpreter, from where the vcpu stands until it is out of the code that the block stands for. False: it does not get there. */
static inline bool interpret(struct translated *t)
{
	for (unsigned n = 0; n < STEPS_MOST; n++) {
		if (!covered(t, t->f.v.pc))
			return true;
		(void)!vcpu__step(&t->f.v);
	}
	return false;
}

/* A move that became a store has stored bits that reading does not show. */
static inline u64 shown(u64 value, unsigned r)
{
	return cp0_info[r].write == CP0_PLAIN && cp0_info[r].read != CP0_PLAIN ? value & cp0_info[r].writable : value;
}

static inline const char *difference(const struct state *a, const struct state *b)
{
	static char text[128];

	for (unsigned i = 0; i < 32; i++)
		if (a->gpr[i] != b->gpr[i])
			return snprintf(text, sizeof(text), "$%u is %#lx, not %#lx", i, (long)a->gpr[i], (long)b->gpr[i]), text;
	for (unsigned i = 0; i < CP0_REGISTERS; i++)
		if (shown(a->cp0[i], i) != shown(b->cp0[i], i) && i != CP0_RANDOM)
			return snprintf(text, sizeof(text), "%s is %#lx, not %#lx", cp0_info[i].name, (long)a->cp0[i], (long)b->cp0[i]), text;
	if (a->pc != b->pc)
		return snprintf(text, sizeof(text), "pc is %#lx, not %#lx", (long)a->pc, (long)b->pc), text;
	if (a->hi != b->hi || a->lo != b->lo || a->badvaddr != b->badvaddr)
		return "hi, lo or BadVAddr";
	return memcmp(a->data, b->data, DATA_BYTES) ? "memory" : NULL;
}

/*
 * The block and its original, and the block stopped before each of its words that the guest comes by. NULL: all of them end
 * alike. Code that does not end is left alone.
 */
static inline const char *compare_block(struct translated *t)
{
	struct state expected, got;
	const char *what;
	unsigned all;

	load_state(&t->f, &t->start);
	if (!interpret(t))
		return NULL;
	save_state(&t->f, &expected);
	all = run_block(t, STEPS_MOST);
	for (unsigned n = 0; n <= all; n++) {
		run_block(t, n);
		if (!interpret(t))
			return "it does not end when it is stopped";
		save_state(&t->f, &got);
		what = difference(&got, &expected);
		if (what)
			return what;
	}
	return NULL;
}

#endif
