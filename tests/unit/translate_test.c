/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The translator: blocks do what their originals do, wherever they are stopped, and nothing is translated that would do
 * something else on the Host.
 */
#include <stdlib.h>

#include "abi/mips_insn.h"
#include "tests/unit/translate_fixture.h"

#define RANDOM_WIDE_REGISTERS	2, 3, 26, 27, 26, 27
#define RANDOM_OTHER_SOURCE	0
#include "guests/random/instructions.h"

#define K0	26
#define K1	27
#define NOP	0
#define JR_RA	(31u << 21 | 8)
#define ERET	0x42000018u
#define MFC0(rt, rd)	(0x40000000u | (rt) << 16 | (rd) << 11)
#define DMFC0(rt, rd)	(0x40200000u | (rt) << 16 | (rd) << 11)
#define MTC0(rt, rd)	(0x40800000u | (rt) << 16 | (rd) << 11)
#define DMTC0(rt, rd)	(0x40a00000u | (rt) << 16 | (rd) << 11)
#define DI(rt)		(0x41606000u | (rt) << 16)
#define EI(rt)		(0x41606020u | (rt) << 16)

/* Is all of the code in blocks? And is it that of a stock kernel, whose addresses are canonical? */
static bool looks_up, moved;
/* And is each access one that has led to a program's memory? Of that two pages are known, and one may be written. */
static bool asks;

/* And has the Host's CPU no instruction of Octeon's? */
static bool no_octeon;

#define USER		0x70000000ull
#define USER_TOO	0x70002000ull		/* may only be read; the one behind it is in the TLB, too, but nobody has looked for it */
#define RIGHTS		(ENTRYLO_V | ENTRYLO_G)

static void open_program(struct translated *t)
{
	struct vcpu_look *look = t->f.page->look;

	t->asks = asks;
	fixture_map(&t->f, 0, USER, DATA_PA, RIGHTS | ENTRYLO_D);
	fixture_map(&t->f, 1, USER_TOO, DATA_PA, RIGHTS);
	for (unsigned i = 0; i < VCPU_LOOKS; i++)
		look[i].load = look[i].store = VCPU_LOOK_NONE;
	look[VCPU_LOOK(USER)] = (struct vcpu_look){ USER, USER, WINDOW_PHYSMAP + DATA_PA - USER, 0 };
	look[VCPU_LOOK(USER_TOO)] = (struct vcpu_look){ USER_TOO, VCPU_LOOK_NONE, WINDOW_PHYSMAP + DATA_PA - USER_TOO, 0 };
	t->f.v.gpr[18] = USER;
	t->f.v.gpr[19] = USER_TOO;
	t->f.v.gpr[20] = USER + 0x804;
	t->f.v.gpr[21] = USER_TOO + 0x1000;
}

static void open_machine(struct translated *t, bool big_endian)
{
	fixture_open(&t->f, big_endian);
	translated_move(t, moved);
	t->looks_up = looks_up;
	t->no_octeon = no_octeon;
	t->asks = false;
	t->native_from = looks_up ? ~0ull : CODE + 0x10000;
	for (unsigned i = 1; i < 32; i++)
		t->f.v.gpr[i] = i * 0x0123456789abcdefull;
	t->f.v.gpr[16] = moved ? XKPHYS + DATA_PA : DATA;
	t->f.v.gpr[17] = CKSEG0 + DATA_PA;
	if (looks_up)
		open_program(t);
	t->f.v.gpr[31] = CODE + 0x8000;
	t->f.page->jump[(CODE + 0x6004) / 4 % VCPU_JUMPS] = (struct vcpu_jump){ CODE + 0x6004, BLOCK + 0x8000 };
	fixture_put(&t->f, JUMPS_PA + (CODE + 0x6004) / 4 % VCPU_JUMPS * 16, 8, CODE + 0x6004);
	fixture_put(&t->f, JUMPS_PA + (CODE + 0x6004) / 4 % VCPU_JUMPS * 16 + 8, 8, BLOCK + 0x8000);
	t->f.page->cp0[CP0_EPC] = CODE + 0x1234;
	t->f.page->cp0[CP0_BADVADDR] = WINDOW_MAP + 0x5678;
	t->f.page->badvaddr = windows__canonical(&t->f.machine.windows, WINDOW_MAP + 0x5678);
	t->f.page->cp0[CP0_CAUSE] |= 8 << 2;
}

static void same(const u32 *code, unsigned words, unsigned insns)
{
	struct translated t;
	const char *what;

	open_machine(&t, false);
	assert_true(translated_make(&t, code, words));
	if (t.block.insns != insns)
		fail_msg("%u instructions are translated, not %u", t.block.insns, insns);
	what = compare_block(&t);
	if (what)
		fail_msg("%s", what);
	fixture_close(&t.f);
}
#define assert_same(insns, ...) \
	do { \
		const u32 code[] = { __VA_ARGS__ }; \
		same(code, ARRAY_SIZE(code), insns); \
	} while (0)

/* The beginning of an exception, as Linux has it. */
static void exception_entry(void **state)
{
	assert_same(9,
		    MFC0(K1, 13),				/* Cause */
		    immediate(0x0c, K1, K1, 0x7c),		/* andi k1, k1, 0x7c */
		    special(0, K1, K1, 1, 0),			/* sll k1, k1, 1 */
		    special(16, K1, K1, 0, 0x2d),		/* daddu k1, s0, k1 */
		    DMFC0(K0, 14),
		    immediate(0x3f, 16, K0, 0x100),		/* sd k0, 0x100(s0) */
		    immediate(0x37, K1, K0, 0),		/* ld k0, 0(k1) */
		    DMFC0(2, 8),				/* C code sees the window, */
		    DMFC0(K1, 8),				/* handlers what is canonical */
		    ERET);
}

static void moves(void **state)
{
	assert_same(6, MFC0(K0, 12), MTC0(K0, 12), MFC0(K0, 14), DMTC0(K1, 14), DMFC0(2, 14), MFC0(K0, 8), 0x42000008 /* tlbp */);
}

static void branches(void **state)
{
	/* if (k0 < 0) k1 = 1; else k1 = 2; and out of it, both ways */
	assert_same(5, immediate(1, K0, 0, 3), NOP /* bltz k0, +3 */, immediate(0x0d, 0, K1, 2), immediate(4, 0, 0, 2), NOP /* b +2 */,
		    immediate(0x0d, 0, K1, 1), immediate(0x19, K1, 2, 0), ERET);
	assert_same(2, immediate(5, K0, 0, 100), immediate(0x0d, 0, K1, 2) /* bnez k0; slot */, special(K0, K1, 2, 0, 0x25), ERET);
	/* a loop of five turns; likely, whose slot counts only then */
	assert_same(3, immediate(0x0d, 0, K0, 5), immediate(0x19, K0, K0, -1), immediate(5, K0, 0, -2), immediate(0x19, 2, 2, 1), ERET);
	assert_same(3, immediate(0x0d, 0, K0, 5), immediate(0x19, K0, K0, -1), immediate(0x15, K0, 0, -2), immediate(0x19, 2, 2, 1), ERET);
	/* whose last slot is also where a branch leads */
	assert_same(2, immediate(4, 0, 0, 1), immediate(0x0d, 0, K0, 7), immediate(0x19, K0, K0, -1), ERET);
}

static void jumps(void **state)
{
	assert_same(1, JR_RA, immediate(0x19, K0, K1, 1));
	assert_same(1, special(K0, 0, 0, 0, 8), immediate(0x19, K0, K1, 1));			/* jr k0 */
	assert_same(3, immediate(0x0f, 0, K1, (CODE + 0x6004) >> 16), immediate(0x0d, K1, K1, CODE + 0x6004), special(K1, 0, 0, 0, 8), NOP);
	assert_same(1, special(31, 0, 3, 0, 9), immediate(0x19, 3, K0, 1));			/* jalr v1, ra */
	assert_same(1, 3u << 26 | ((CODE + 0x4000) >> 2 & 0x3ffffff), special(31, 0, K0, 0, 0x25));	/* jal; the slot sees ra */
	assert_same(1, 2u << 26 | ((CODE + 0x14000) >> 2 & 0x3ffffff), NOP);			/* j, to native code */
}

/* A load that faults, in a slot and elsewhere, and a trap that is taken. */
static void faults(void **state)
{
	assert_same(3, immediate(0x0d, 0, K0, 3), immediate(0x37, 9, K1, -8), immediate(0x0d, 0, 2, 3), ERET);
	assert_same(3, immediate(0x0d, 0, K0, 3), immediate(4, 0, 0, 1), immediate(0x37, 9, K1, -8), immediate(0x0d, 0, 2, 3), ERET);
	assert_same(2, immediate(0x0d, 0, K0, 3), special(K0, K0, 0, 0, 0x34), ERET);		/* teq */
}

static void native_code_ends_it(void **state)
{
	const u32 code[] = { MFC0(K0, 12), special(K0, 0, 2, 0, 0x25), NOP, NOP };
	struct translated t;

	open_machine(&t, false);
	t.native_from = CODE + 8;
	assert_true(translated_make(&t, code, ARRAY_SIZE(code)));
	assert_int_equal(t.block.insns, 2);
	assert_int_equal(t.block.exits, 1);
	assert_int_equal(t.block.exit[0].jump, 0);
	assert_null(compare_block(&t));
	/* entered where native code ends, as at a burnt site in front of a region */
	t.native_from = 0;
	assert_true(translated_make(&t, code, ARRAY_SIZE(code)));
	assert_int_equal(t.block.insns, 1);
	fixture_close(&t.f);
}

static void refused(void **state)
{
	static const struct insn insns[] = {
		A("syscall", 0x0000000c), A("break", 0x0000000d), A("tlbp", 0x42000008), A("tlbwr", 0x42000006), A("eret", 0x42000018),
		A("wait", 0x42000020), A("rdhwr $3, $29", 0x7c03e83b), A("synci 0($4)", 0x049f0000), A("cache 0x15, 0($4)", 0xbc950000),
		A("mfc0 $2, $9", 0x40024800), A("mtc0 $2, $11", 0x40825800), A("mtc1 $2, $f4", 0x44822000),
		A("ldc1 $f2, 0($4)", 0xd4820000), A("dmfc2 $2, 0x40", 0x48220040),
		A("bal . + 8", 0x04110001),
	};
	struct translated t;

	open_machine(&t, false);
	for (size_t i = 0; i < ARRAY_SIZE(insns); i++)
		if (translated_make(&t, &insns[i].word, 1))
			fail_msg("%s is translated", insns[i].text);
	fixture_close(&t.f);
}

/* Several words for one, with a register that nobody may see in use; the last of a block, too. */
static void interrupts_off_and_on(void **state)
{
	assert_same(4, DI(2), EI(0), DI(K1), EI(1), ERET);
	assert_same(3, EI(K0), immediate(0x19, K0, K0, 1), DI(0), ERET);
	assert_same(1, DI(0), immediate(4, 0, 0, 4), DI(0), ERET);
}

/* The page is in the byte order of the guest's, which is the Host's. */
static void low_words(void **state)
{
	const u32 code[] = { MFC0(2, 12), ERET };
	struct translated t;

	for (int big = 0; big < 2; big++) {
		open_machine(&t, big);
		assert_true(translated_make(&t, code, ARRAY_SIZE(code)));
		assert_int_equal(t.block.word[0], immediate(0x23, 0, 2, VCPU_PAGE + 8 * CP0_STATUS + 4 * big));
		fixture_close(&t.f);
	}
}

/* Nothing may come between them that a call of the Wedge would be. */
static void links(void **state)
{
	const u32 loop[] = { immediate(0x30, 16, K0, 0), immediate(0x19, K0, K0, 1), immediate(0x38, 16, K0, 0), immediate(4, K0, 0, -4), NOP, ERET };
	const u32 open[] = { immediate(0x19, 2, 2, 1), immediate(0x30, 16, K0, 0), 0x42000008, immediate(0x38, 16, K0, 0), ERET };
	struct translated t;

	open_machine(&t, false);
	assert_true(translated_make(&t, loop, ARRAY_SIZE(loop)));
	assert_int_equal(t.block.insns, 4);
	assert_true(translated_make(&t, open, ARRAY_SIZE(open)));
	assert_int_equal(t.block.insns, 1);
	assert_false(translated_make(&t, open + 1, ARRAY_SIZE(open) - 1));
	fixture_close(&t.f);
}

/* Where every register is named, blocks are shorter. */
static void stand_ins_run_out(void **state)
{
	u32 code[40];
	struct translated t;

	for (unsigned i = 0; i < 30; i++)
		code[i] = immediate(0x19, i < 26 ? i : K0, i < 26 ? i : K1, 1);
	code[30] = ERET;
	open_machine(&t, false);
	assert_true(translated_make(&t, code, 31));
	assert_in_range(t.block.insns, 5, 25);
	assert_null(compare_block(&t));
	fixture_close(&t.f);
}

/* Elsewhere than that there may be anything: accesses by it fault, most of the time. */
static unsigned base(void)
{
	if (asks && pick(2))
		return 18 + pick(4);
	return !moved || pick(4) ? 16 : pick(4) ? 17 : source();
}

#define OCTEON(rs, rt, rd, sa, funct)	(0x1cu << 26 | special(rs, rt, rd, sa, funct))
#define BBIT0(rs, bit, offset)	(((bit) & 32 ? 0x36u : 0x32u) << 26 | (rs) << 21 | ((bit) & 31) << 16 | (u16)(offset))
#define BBIT1(rs, bit, offset)	(((bit) & 32 ? 0x3eu : 0x3au) << 26 | (rs) << 21 | ((bit) & 31) << 16 | (u16)(offset))
#define SEQI(rs, rt, value, not)	(0x1cu << 26 | (rs) << 21 | (rt) << 16 | ((value) & 0x3ff) << 6 | 0x2e | (not))
#define CINS(rs, rt, from, size)	OCTEON(rs, rt, (size) - 1, (from) & 31, 0x32 + ((from) >= 32))
#define EXTS(rs, rt, from, size)	OCTEON(rs, rt, (size) - 1, (from) & 31, 0x3a + ((from) >= 32))

static bool has_octeon(const struct translated *t)
{
	for (unsigned i = 0; i < t->block.length; i++)
		if (mips_insn__is_octeon(t->block.word[i]))
			return true;
	return false;
}

/* Multiplied otherwise, HI and LO are other ones, as they may. */
static u32 octeon_but_for_lo(void)
{
	const u32 word = octeon();

	return no_octeon && (word & 0x3f) == 0x03 ? NOP : word;
}

/* A word of code: mostly integer instructions, of which many name k0 and k1; loads, stores, moves, branches near by. */
static u32 any_word(unsigned at, unsigned words)
{
	static const unsigned char loads[] = { 0x20, 0x21, 0x23, 0x24, 0x25, 0x27, 0x37 }, stores[] = { 0x28, 0x29, 0x2b, 0x3f };
	static const unsigned char readable[] = { 4, 8, 12, 13, 14, 10, 30 }, writable[] = { 14, 30 };
	static const unsigned char two[] = { 4, 5, 0x14, 0x15 }, one[] = { 6, 7, 0x16, 0x17 };

	switch (pick(10)) {
	case 0: return immediate(ONE_OF(loads), base(), any(), pick(256) * 8);
	case 1: return immediate(ONE_OF(stores), base(), any(), pick(256) * 8);
	case 2: return pick(2) ? DMFC0(wide_register(), ONE_OF(readable)) : MFC0(any(), ONE_OF(readable));
	case 3: return pick(2) ? DMTC0(any(), ONE_OF(writable)) : pick(2) ? DI(any()) : EI(any());
	case 4: return immediate(ONE_OF(two), source(), source(), pick(words + 4) - (int)at);
	case 5: return pick(2) ? immediate(ONE_OF(one), source(), 0, pick(words + 4) - (int)at) :
		immediate(1, source(), pick(4), pick(words + 4) - (int)at);
	case 6: return pick(4) ? octeon_but_for_lo() : pick(2) ? BBIT0(source(), pick(64), pick(words + 4) - (int)at) :
		BBIT1(source(), pick(64), pick(words + 4) - (int)at);
	default: return integer();
	}
}

/* AFTERBURN_TURNS: more of it than anybody waits for after each change. */
static void random_code(void **state)
{
	const char *wanted = getenv("AFTERBURN_TURNS");
	const unsigned turns = wanted ? strtoul(wanted, NULL, 10) : looks_up ? 2000 : 4000;
	struct translated t;
	u32 code[24];

	for (unsigned turn = 0; turn < turns; turn++) {
		const unsigned words = 2 + pick(22);
		const char *what;

		random_state = turn;
		open_machine(&t, false);
		for (unsigned i = 8; i < 16; i++)
			t.f.v.gpr[i] = (s32)random_value();
		for (unsigned i = 0; i < words; i++)
			code[i] = any_word(i, words);
		code[words - 1] = ERET;
		t.native_from = CODE + 4 * (words + pick(4));
		what = translated_make(&t, code, words) ? compare_block(&t) : NULL;
		if (no_octeon && has_octeon(&t))
			what = "an instruction of Octeon's is left";
		if (what)
			fail_msg("turn %u: %s", turn, what);
		fixture_close(&t.f);
	}
}

/* --- A Host whose CPU is no Octeon --- */

static void others_stand_for_octeon(void **state)
{
	const u32 mtlo = 0x13, mthi = 0x11;

	no_octeon = true;
	for (unsigned bit = 0; bit < 64; bit += 7) {
		assert_same(4, BBIT0(9, bit, 3), immediate(0x19, 9, 9, 1), immediate(0x0d, 0, 2, 2), immediate(4, 0, 0, 2), NOP, immediate(0x0d, 0, 3, 1), ERET);
		assert_same(4, BBIT1(K0, bit, 3), immediate(0x37, 16, K0, 8), immediate(0x0d, 0, 2, 2), immediate(4, 0, 0, 2), NOP, immediate(0x0d, 0, 3, 1), ERET);
		assert_same(3, BBIT1(9, bit, 40), immediate(0x3f, 16, 9, 8), SEQI(9, 9, (int)bit * 9 - 512, bit & 1), immediate(0x37, 16, 2, 8), ERET);
	}
	/* Each as long as it can be, and as short; onto itself, in a slot, of k1. */
	for (unsigned from = 0; from < 64; from += 9)
		for (unsigned size = 1; size <= 32 && from + size <= 64; size += 31)
			assert_same(5, CINS(9, 9, from, size), EXTS(10, 10, from, size), CINS(11, K1, from, size), EXTS(K1, 12, from, size),
				    immediate(5, 9, 0, 100), EXTS(12, 12, from, size), ERET);
	assert_same(6, OCTEON(9, 10, 9, 0, 0x28), OCTEON(10, 10, 10, 0, 0x28), OCTEON(9, 10, 9, 0, 0x2a), OCTEON(9, 11, 11, 0, 0x2b), SEQI(9, 9, 0, 0),
		    SEQI(9, 9, 1, 1), ERET);
	assert_same(4, OCTEON(9, 10, 9, 0, 0x03), OCTEON(K0, K0, K0, 0, 0x03), special(0, 0, 0, 0, mtlo), special(0, 0, 0, 0, mthi), ERET);
	assert_same(1, JR_RA, OCTEON(9, 10, 9, 0, 0x28));
	if (looks_up)
		assert_same(1, special(9, 0, 3, 0, 9), OCTEON(9, 10, 9, 0, 0x28));	/* where it leads is put away */
	no_octeon = false;
}

/* What nothing stands for ends the block, and the interpreter has it. */
static void nothing_stands_for_some(void **state)
{
	const u32 words[] = { OCTEON(9, 0, 9, 0, 0x2c), OCTEON(9, 0, 9, 0, 0x2d), OCTEON(16, 9, 0, 0, 0x18), CINS(9, 9, 60, 32), EXTS(9, 9, 33, 32) };
	struct translated t;

	no_octeon = true;
	for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
		const u32 code[] = { immediate(0x19, 9, 9, 1), words[i], ERET }, slot[] = { BBIT0(9, 3, 9), EXTS(9, 9, 3, 3), ERET };

		open_machine(&t, false);
		assert_true(translated_make(&t, code, ARRAY_SIZE(code)));
		assert_int_equal(t.block.insns, 1);
		assert_false(translated_make(&t, slot, ARRAY_SIZE(slot)));	/* one register for both */
		fixture_close(&t.f);
	}
	no_octeon = false;
}

/* --- A kernel that is all blocks --- */

static void as_all(void (*test)(void **state))
{
	looks_up = true;
	test(NULL);
	looks_up = false;
}

/* And stays where it was linked for. */
static void as_moved(void (*test)(void **state))
{
	moved = true;
	as_all(test);
	moved = false;
}

static void register_jumps(void **state)
{
	/* by a register that is in the table, and by one that is not */
	assert_same(3, immediate(0x0f, 0, 3, (CODE + 0x6004) >> 16), immediate(0x0d, 3, 3, CODE + 0x6004), special(3, 0, 0, 0, 8), NOP);
	assert_same(1, special(31, 0, 3, 0, 9), NOP);
	/* the slot writes the register: by moving another, and itself; found and not */
	assert_same(1, special(31, 0, 0, 0, 8), special(3, 0, 31, 0, 0x25));
	assert_same(1, special(31, 0, 3, 0, 9), immediate(0x37, 16, 31, 8));
	assert_same(3, immediate(0x0f, 0, 3, (CODE + 0x6004) >> 16), immediate(0x0d, 3, 3, CODE + 0x6004), special(3, 0, 0, 0, 8), immediate(0x19, 3, 3, 8));
	assert_same(4, special(16, 0, K0, 0, 0x25), immediate(0x0f, 0, 3, (CODE + 0x6004) >> 16), immediate(0x0d, 3, 3, CODE + 0x6004), special(3, 0, 0, 0, 8),
		    special(K0, 0, 3, 0, 0x25));
}

static void accesses(void **state)
{
	/* two of one base, one of another, and again; what is loaded is a base; through a branch, and in its slot */
	assert_same(5, immediate(0x37, 16, 2, 8), immediate(0x3f, 16, 2, 16), immediate(0x23, 17, 3, 8), immediate(0x2b, 16, 3, 24),
		    immediate(0x28, 16, 16, 1), ERET);
	assert_same(3, immediate(0x0f, 0, 2, 0x8000), immediate(0x0d, 2, 2, DATA_PA), immediate(0x20, 2, 2, 5), ERET);
	assert_same(3, immediate(0x3f, 16, 17, 8), immediate(0x37, 16, 16, 8), immediate(0x37, 16, 16, 8), ERET);
	assert_same(3, immediate(0x37, 16, 2, 8), immediate(4, 0, 0, 1), immediate(0x37, 17, 17, 8), immediate(0x23, 17, 3, 0), ERET);
	assert_same(2, immediate(0x37, 16, 2, 8), special(31, 0, 0, 0, 8), immediate(0x3f, 17, 31, 8), ERET);
	/* where a branch leads, another base may have been used last */
	assert_same(5, immediate(0x37, 16, 2, 8), immediate(4, 2, 3, 2), NOP, immediate(0x37, 17, 2, 8), immediate(0x23, 16, 3, 0), immediate(0x23, 17, 3, 4), ERET);
	/* k0 and k1 */
	assert_same(3, special(16, 0, K0, 0, 0x25), immediate(0x37, K0, K1, 8), immediate(0x3f, K0, K1, 16), ERET);
	/* faults; and what has no base */
	assert_same(3, immediate(0x37, 16, 2, 8), immediate(0x37, 9, 5, 16), immediate(0x37, 30, 5, 16), ERET);
}

static void no_base(void **state)
{
	assert_same(1, immediate(0x37, 16, 2, 8), immediate(0x37, 0, 5, 16), ERET);
}

static void as_asking(void (*test)(void **state))
{
	asks = true;
	as_all(test);
	as_moved(test);
	asks = false;
}

/* A program's memory, where it is known. */
static void looks(void **state)
{
	struct translated t;

	assert_same(5, immediate(0x37, 18, 2, 8), immediate(0x3f, 18, 2, 16), immediate(0x23, 19, 3, 8), immediate(0x2b, 16, 3, 24), immediate(0x28, 17, 16, 1), ERET);
	/* in slots; a base that is loaded; a page that is only read; over its end; one that is not known */
	assert_same(3, immediate(0x37, 18, 2, 8), immediate(4, 0, 0, 1), immediate(0x3f, 18, 17, 8), immediate(0x23, 19, 3, 0), ERET);
	assert_same(2, immediate(0x37, 18, 2, 8), special(31, 0, 0, 0, 8), immediate(0x3f, 18, 31, 8), ERET);
	assert_same(2, immediate(0x3f, 18, 18, 8), immediate(0x37, 18, 18, 8), ERET);
	assert_same(2, immediate(0x37, 19, 2, 8), immediate(0x3f, 19, 2, 8), ERET);
	assert_same(2, immediate(0x37, 20, 2, 0x7f8), immediate(0x22, 20, 3, 0x7fb), ERET);
	assert_same(1, immediate(0x37, 21, 2, 0), ERET);
	assert_same(3, special(18, 0, K0, 0, 0x25), immediate(0x37, K0, K1, 8), immediate(0x3f, K0, K1, 16), ERET);
	/* What is known is reached without a fault. */
	const u32 known[] = { immediate(0x37, 18, 2, 8), immediate(0x3f, 18, 3, 16), immediate(0x25, 19, 4, 2), ERET };

	open_machine(&t, false);
	assert_true(translated_make(&t, known, 4));
	run_block(&t, 1000);
	assert_int_equal(t.f.v.pc, CODE + 12);
	fixture_close(&t.f);
}

static void without_octeon(void (*test)(void **state))
{
	no_octeon = true;
	test(NULL);
	as_all(test);
	as_moved(test);
	as_asking(test);
	no_octeon = false;
}

static void without_octeon_branches(void **state) { without_octeon(branches); }
static void without_octeon_jumps(void **state) { without_octeon(jumps); }
static void without_octeon_stand_ins(void **state) { without_octeon(stand_ins_run_out); }
static void without_octeon_random_code(void **state) { without_octeon(random_code); }
static void all_others_stand(void **state) { as_all(others_stand_for_octeon); }
static void moved_others_stand(void **state) { as_moved(others_stand_for_octeon); }
static void asking_others_stand(void **state) { as_asking(others_stand_for_octeon); }
static void asking_looks(void **state) { as_asking(looks); }
static void asking_branches(void **state) { as_asking(branches); }
static void asking_jumps(void **state) { as_asking(jumps); }
static void asking_links(void **state) { as_asking(links); }
static void asking_stand_ins(void **state) { as_asking(stand_ins_run_out); }
static void asking_random_code(void **state) { as_asking(random_code); }

/* What reaches memory by no base register is left to the interpreter. */
static void unmoved(void **state)
{
	static const struct insn insns[] = {
		A("ld $2, 8($0)", 0xdc020008), A("sd $2, -32768($0)", 0xfc028000), A("ldx $2, $3($4)", 0x7c831000 | 0x20a), A("saa $3, ($4)", 0x70830018),
	};
	struct translated t;

	open_machine(&t, false);
	for (size_t i = 0; i < ARRAY_SIZE(insns); i++)
		if (translated_make(&t, &insns[i].word, 1))
			fail_msg("%s is translated", insns[i].text);
	fixture_close(&t.f);
}

static void all_entry(void **state) { as_all(exception_entry); }
static void all_branches(void **state) { as_all(branches); }
static void all_jumps(void **state) { as_all(jumps); }
static void all_faults(void **state) { as_all(faults); }
static void all_links(void **state) { as_all(links); }
static void all_register_jumps(void **state) { as_all(register_jumps); }
static void all_accesses(void **state) { as_all(accesses); }
static void all_stand_ins(void **state) { as_all(stand_ins_run_out); }
static void all_random_code(void **state) { as_all(random_code); }

static void moved_entry(void **state) { as_moved(exception_entry); }
static void moved_unmoved(void **state) { as_moved(unmoved); }
static void moved_no_base(void **state) { as_moved(no_base); }
static void moved_register_jumps(void **state) { as_moved(register_jumps); }
static void moved_accesses(void **state) { as_moved(accesses); }
static void moved_branches(void **state) { as_moved(branches); }
static void moved_jumps(void **state) { as_moved(jumps); }
static void moved_faults(void **state) { as_moved(faults); }
static void moved_links(void **state) { as_moved(links); }
static void moved_stand_ins(void **state) { as_moved(stand_ins_run_out); }
static void moved_random_code(void **state) { as_moved(random_code); }

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exception_entry), cmocka_unit_test(moves), cmocka_unit_test(branches), cmocka_unit_test(jumps),
		cmocka_unit_test(faults), cmocka_unit_test(native_code_ends_it), cmocka_unit_test(refused), cmocka_unit_test(low_words), cmocka_unit_test(links),
		cmocka_unit_test(interrupts_off_and_on),
		cmocka_unit_test(stand_ins_run_out), cmocka_unit_test(random_code),
		cmocka_unit_test(others_stand_for_octeon), cmocka_unit_test(all_others_stand), cmocka_unit_test(moved_others_stand),
		cmocka_unit_test(asking_others_stand), cmocka_unit_test(nothing_stands_for_some), cmocka_unit_test(without_octeon_branches),
		cmocka_unit_test(without_octeon_jumps), cmocka_unit_test(without_octeon_stand_ins), cmocka_unit_test(without_octeon_random_code),
		cmocka_unit_test(all_entry), cmocka_unit_test(all_branches), cmocka_unit_test(all_jumps), cmocka_unit_test(all_faults),
		cmocka_unit_test(all_links), cmocka_unit_test(all_register_jumps), cmocka_unit_test(all_accesses), cmocka_unit_test(all_stand_ins),
		cmocka_unit_test(all_random_code),
		cmocka_unit_test(moved_accesses), cmocka_unit_test(moved_unmoved), cmocka_unit_test(moved_no_base), cmocka_unit_test(moved_register_jumps), cmocka_unit_test(moved_entry), cmocka_unit_test(moved_branches), cmocka_unit_test(moved_jumps),
		cmocka_unit_test(moved_faults), cmocka_unit_test(moved_links), cmocka_unit_test(moved_stand_ins), cmocka_unit_test(moved_random_code),
		cmocka_unit_test(asking_looks), cmocka_unit_test(asking_branches), cmocka_unit_test(asking_jumps), cmocka_unit_test(asking_links),
		cmocka_unit_test(asking_stand_ins), cmocka_unit_test(asking_random_code),
	};

	return cmocka_run_group_tests_name("translate", tests, NULL, NULL);
}
