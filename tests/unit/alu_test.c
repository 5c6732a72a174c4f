/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Instructions that compute in general registers, Cavium's among them: one row, one instruction, one result.
 *
 * $8 and $9 are the operands, $10 the result unless the row's text says otherwise.
 */
#include "tests/unit/vcpu_fixture.h"

#define MINUS(n)	(-(u64)(n))
#define MAX32		0x7fffffffull
#define MIN32		0xffffffff80000000ull
#define MAX64		0x7fffffffffffffffull
#define MIN64		0x8000000000000000ull
#define SEXT(n)		((u64)(s64)(s32)(n))
#define MIX		0x0123456789abcdefull
#define OLD		0xfedcba9876543210ull	/* what is in $10 before */

struct row {
	struct insn insn;
	u64 s, t, result;
};

static const struct row arithmetic[] = {
	{ A("addu $10, $8, $9", 0x01095021), MAX32, 1, MIN32 },
	{ A("addu $10, $8, $9", 0x01095021), 0x100000001, 2, 3 },
	{ A("subu $10, $8, $9", 0x01095023), 1, 2, MINUS(1) },
	{ A("subu $10, $8, $9", 0x01095023), MIN32, 1, MAX32 },
	{ A("daddu $10, $8, $9", 0x0109502d), MAX64, 1, MIN64 },
	{ A("dsubu $10, $8, $9", 0x0109502f), 0, 1, MINUS(1) },
	{ A("add $10, $8, $9", 0x01095020), 5, MINUS(7), MINUS(2) },
	{ A("sub $10, $8, $9", 0x01095022), 3, 5, MINUS(2) },
	{ A("dadd $10, $8, $9", 0x0109502c), MAX32, 1, 0x80000000 },
	{ A("dsub $10, $8, $9", 0x0109502e), MAX64, MAX64, 0 },
	{ A("addi $10, $8, -1", 0x210affff), 0, 0, MINUS(1) },
	{ A("addiu $10, $8, -1", 0x250affff), MIN32, 0, MAX32 },
	{ A("addiu $10, $8, 32767", 0x250a7fff), MAX32, 0, SEXT(MAX32 + 32767) },
	{ A("daddi $10, $8, 1", 0x610a0001), MAX32, 0, 0x80000000 },
	{ A("daddiu $10, $8, -32768", 0x650a8000), 0, 0, MINUS(32768) },
	{ A("slt $10, $8, $9", 0x0109502a), MINUS(1), 0, 1 },
	{ A("slt $10, $8, $9", 0x0109502a), 0, MINUS(1), 0 },
	{ A("sltu $10, $8, $9", 0x0109502b), MINUS(1), 0, 0 },
	{ A("sltu $10, $8, $9", 0x0109502b), 0, MINUS(1), 1 },
	{ A("slti $10, $8, -1", 0x290affff), MINUS(2), 0, 1 },
	{ A("sltiu $10, $8, -1", 0x2d0affff), 5, 0, 1 },		/* the immediate is sign-extended, then unsigned */
	{ A("sltiu $10, $8, -1", 0x2d0affff), MINUS(1), 0, 0 },
	{ A("and $10, $8, $9", 0x01095024), MIX, 0xffff0000ffff0000, 0x0123000089ab0000 },
	{ A("or $10, $8, $9", 0x01095025), MIX, 0xffff0000ffff0000, 0xffff4567ffffcdef },
	{ A("xor $10, $8, $9", 0x01095026), MIX, ~0ull, ~MIX },
	{ A("nor $10, $8, $9", 0x01095027), MIX, 0xff, ~(MIX | 0xff) },
	{ A("andi $10, $8, 0xff00", 0x310aff00), ~0ull, 0, 0xff00 },
	{ A("ori $10, $8, 0x8000", 0x350a8000), 0, 0, 0x8000 },
	{ A("xori $10, $8, 0xffff", 0x390affff), MIX, 0, MIX ^ 0xffff },
	{ A("lui $10, 0x8000", 0x3c0a8000), 0, 0, MIN32 },
	{ A("lui $10, 0x7fff", 0x3c0a7fff), 0, 0, 0x7fff0000 },
	{ A("movz $10, $8, $9", 0x0109500a), 7, 0, 7 },
	{ A("movz $10, $8, $9", 0x0109500a), 7, 1ull << 40, OLD },
	{ A("movn $10, $8, $9", 0x0109500b), 7, 0, OLD },
	{ A("movn $10, $8, $9", 0x0109500b), 7, 1ull << 40, 7 },
	{ A("addu $0, $8, $9", 0x01090021), 1, 2, OLD },		/* $0 is checked after every row */
	{ A("clz $10, $8", 0x710a5020), 0xffffffff00010000, 0, 15 },
	{ A("clz $10, $8", 0x710a5020), 0, 0, 32 },
	{ A("clo $10, $8", 0x710a5021), 0xfff00000, 0, 12 },
	{ A("clo $10, $8", 0x710a5021), ~0ull, 0, 32 },
	{ A("dclz $10, $8", 0x710a5024), 1, 0, 63 },
	{ A("dclz $10, $8", 0x710a5024), 0, 0, 64 },
	{ A("dclo $10, $8", 0x710a5025), 0xf000000000000000, 0, 4 },
	{ A("mul $10, $8, $9", 0x71095002), 0x12345678, 0x1000, 0x45678000 },
	{ A("mul $10, $8, $9", 0x71095002), MINUS(3), 5, MINUS(15) },
};

static const struct row shifts[] = {
	{ A("sll $10, $9, 1", 0x00095040), 0, 0x40000000, MIN32 },
	{ A("sll $10, $9, 0", 0x00095000), 0, MIX, SEXT(0x89abcdef) },
	{ A("srl $10, $9, 4", 0x00095102), 0, MIN32, 0x08000000 },
	{ A("srl $10, $9, 0", 0x00095002), 0, 0x80000000, MIN32 },
	{ A("sra $10, $9, 4", 0x00095103), 0, MIN32, 0xfffffffff8000000 },
	{ A("sllv $10, $9, $8", 0x01095004), 33, 1, 2 },
	{ A("srlv $10, $9, $8", 0x01095006), 32 + 4, MIN32, 0x08000000 },
	{ A("srav $10, $9, $8", 0x01095007), 31, MIN32, MINUS(1) },
	{ A("ror $10, $9, 8", 0x00295202), 0, 0x123456ff, SEXT(0xff123456) },
	{ A("rorv $10, $9, $8", 0x01095046), 32, 0x12345678, 0x12345678 },
	{ A("rorv $10, $9, $8", 0x01095046), 4, 0x12345678, SEXT(0x81234567) },
	{ A("dsll $10, $9, 31", 0x000957f8), 0, MIX, MIX << 31 },
	{ A("dsll32 $10, $9, 31", 0x000957fc), 0, 3, MIN64 },
	{ A("dsrl $10, $9, 31", 0x000957fa), 0, MIN64, 1ull << 32 },
	{ A("dsrl32 $10, $9, 31", 0x000957fe), 0, MIN64, 1 },
	{ A("dsra $10, $9, 1", 0x0009507b), 0, MIN64, 0xc000000000000000 },
	{ A("dsra32 $10, $9, 31", 0x000957ff), 0, MIN64, MINUS(1) },
	{ A("dsllv $10, $9, $8", 0x01095014), 64 + 4, MIX, MIX << 4 },
	{ A("dsrlv $10, $9, $8", 0x01095016), 60, MIN64, 8 },
	{ A("dsrav $10, $9, $8", 0x01095017), 60, MIN64, MINUS(8) },
	{ A("dror $10, $9, 8", 0x0029523a), 0, MIX, 0xef0123456789abcd },
	{ A("dror32 $10, $9, 0", 0x0029503e), 0, MIX, 0x89abcdef01234567 },
	{ A("drorv $10, $9, $8", 0x01095056), 64, MIX, MIX },
	{ A("drorv $10, $9, $8", 0x01095056), 4, MIX, 0xf0123456789abcde },
};

static const struct row fields[] = {
	{ A("ext $10, $8, 4, 8", 0x7d0a3900), MIX, 0, 0xde },
	{ A("ext $10, $8, 0, 32", 0x7d0af800), MIX, 0, SEXT(0x89abcdef) },
	{ A("dext $10, $8, 28, 8", 0x7d0a3f03), MIX, 0, 0x78 },
	{ A("dextm $10, $8, 0, 64", 0x7d0af801), MIX, 0, MIX },
	{ A("dextm $10, $8, 4, 36", 0x7d0a1901), MIX, 0, 0x6789abcde & 0xfffffffff },
	{ A("dextu $10, $8, 32, 16", 0x7d0a7802), MIX, 0, 0x4567 },
	{ A("dextu $10, $8, 63, 1", 0x7d0a07c2), MIN64, 0, 1 },
	{ A("ins $10, $8, 8, 16", 0x7d0aba04), 0x1234, 0, 0x0000000076123410 },
	{ A("ins $10, $8, 31, 1", 0x7d0affc4), 1, 0, SEXT(0xf6543210) },
	{ A("ins $10, $0, 0, 1", 0x7c0a0004), 0, 0, 0x76543210 },
	{ A("dins $10, $8, 16, 16", 0x7d0afc07), 0x1234, 0, 0xfedcba9812343210 },
	{ A("dinsm $10, $8, 16, 32", 0x7d0a7c05), 0x1122334455667788, 0, 0xfedc556677883210 },
	{ A("dinsm $10, $8, 0, 64", 0x7d0af805), MIX, 0, MIX },
	{ A("dinsu $10, $8, 32, 32", 0x7d0af806), MIX, 0, 0x89abcdef76543210 },
	{ A("dinsu $10, $8, 63, 1", 0x7d0affc6), 0, 0, 0x7edcba9876543210 },
	{ A("wsbh $10, $9", 0x7c0950a0), 0, MIX, SEXT(0xab89efcd) },
	{ A("dsbh $10, $9", 0x7c0950a4), 0, MIX, 0x23016745ab89efcd },
	{ A("dshd $10, $9", 0x7c095164), 0, MIX, 0xcdef89ab45670123 },
	{ A("seb $10, $9", 0x7c095420), 0, 0x17f, 0x7f },
	{ A("seb $10, $9", 0x7c095420), 0, 0x80, MINUS(128) },
	{ A("seh $10, $9", 0x7c095620), 0, 0x18000, MINUS(32768) },
};

static const struct row octeon[] = {
	{ A("baddu $10, $8, $9", 0x71095028), 0x1ff, 0x102, 0x01 },
	{ A("cins $10, $8, 4, 7", 0x710a3932), MIX, 0, 0xef0 },
	{ A("cins $10, $8, 31, 31", 0x710afff2), ~0ull, 0, 0x7fffffff80000000 },
	{ A("cins32 $10, $8, 0, 31", 0x710af833), MIX, 0, 0x89abcdef00000000 },
	{ A("cins32 $10, $8, 24, 7", 0x710a3e33), MIX, 0, 0xef00000000000000 },
	{ A("exts $10, $8, 4, 7", 0x710a393a), MIX, 0, MINUS(0x22) },
	{ A("exts $10, $8, 0, 3", 0x710a183a), 0x17, 0, 7 },
	{ A("exts32 $10, $8, 24, 7", 0x710a3e3b), MIX, 0, 0x01 },
	{ A("exts32 $10, $8, 0, 31", 0x710af83b), 0xf000000000000000, 0, 0xfffffffff0000000 },
	{ A("seq $10, $8, $9", 0x7109502a), MIX, MIX, 1 },
	{ A("seq $10, $8, $9", 0x7109502a), MIX, MIX + (1ull << 32), 0 },
	{ A("sne $10, $8, $9", 0x7109502b), MIX, MIX, 0 },
	{ A("sne $10, $8, $9", 0x7109502b), 0, 1ull << 63, 1 },
	{ A("seqi $10, $8, -512", 0x710a802e), MINUS(512), 0, 1 },
	{ A("seqi $10, $8, 511", 0x710a7fee), 511, 0, 1 },
	{ A("snei $10, $8, -1", 0x710affef), 0xffff, 0, 1 },
	{ A("snei $10, $8, -1", 0x710affef), MINUS(1), 0, 0 },
	{ A("pop $10, $8", 0x7100502c), ~0ull, 0, 32 },
	{ A("dpop $10, $8", 0x7100502d), MIX, 0, 32 },
	{ A("dmul $10, $8, $9", 0x71095003), 0x100000001, 0x100000001, 0x200000001 },
};

/* Nothing is written; the exception is the result, 0 for none. */
static const struct {
	struct insn insn;
	u64 s, t;
	enum exception code;
} exceptions[] = {
	{ A("add $10, $8, $9", 0x01095020), MAX32, 1, EXC_OV },
	{ A("sub $10, $8, $9", 0x01095022), MIN32, 1, EXC_OV },
	{ A("dadd $10, $8, $9", 0x0109502c), MAX64, 1, EXC_OV },
	{ A("dsub $10, $8, $9", 0x0109502e), MIN64, 1, EXC_OV },
	{ A("addi $10, $8, -1", 0x210affff), MIN32, 0, EXC_OV },
	{ A("daddi $10, $8, 1", 0x610a0001), MAX64, 0, EXC_OV },
	{ A("teq $8, $9", 0x01090034), 5, 5, EXC_TR },
	{ A("teq $8, $9", 0x01090034), 5, 5 + (1ull << 32), 0 },
	{ A("tne $8, $9", 0x01090036), 5, 6, EXC_TR },
	{ A("tne $8, $9", 0x01090036), 5, 5, 0 },
	{ A("tge $8, $9", 0x01090030), 0, MINUS(1), EXC_TR },
	{ A("tge $8, $9", 0x01090030), MINUS(1), 0, 0 },
	{ A("tgeu $8, $9", 0x01090031), MINUS(1), 0, EXC_TR },
	{ A("tgeu $8, $9", 0x01090031), 0, MINUS(1), 0 },
	{ A("tlt $8, $9", 0x01090032), MINUS(1), 0, EXC_TR },
	{ A("tlt $8, $9", 0x01090032), 0, 0, 0 },
	{ A("tltu $8, $9", 0x01090033), 0, MINUS(1), EXC_TR },
	{ A("tltu $8, $9", 0x01090033), MINUS(1), 0, 0 },
	{ A("teqi $8, -1", 0x050cffff), MINUS(1), 0, EXC_TR },
	{ A("tnei $8, -1", 0x050effff), MINUS(1), 0, 0 },
	{ A("tgei $8, -1", 0x0508ffff), 0, 0, EXC_TR },
	{ A("tgeiu $8, -1", 0x0509ffff), 0, 0, 0 },
	{ A("tlti $8, -1", 0x050affff), MINUS(2), 0, EXC_TR },
	{ A("tltiu $8, -1", 0x050bffff), 0, 0, EXC_TR },
	{ A(".word 0x7c000019", 0x7c000019), 0, 0, EXC_RI },
	{ A(".word 0x7000003e", 0x7000003e), 0, 0, EXC_RI },
	{ A(".word 0x00000005", 0x00000005), 0, 0, EXC_RI },
	{ A(".word 0x040d0000", 0x040d0000), 0, 0, EXC_RI },
};

/* Executes with the operands in their registers; false if the guest took an exception. */
static bool run(struct fixture *f, const struct insn *insn, u64 s, u64 t)
{
	f->v.gpr[8] = s;
	f->v.gpr[9] = t;
	f->v.gpr[10] = OLD;
	f->page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
	return !fixture_run(f, insn->word);
}

static void run_rows(const struct row *row, size_t count)
{
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < count; i++, row++) {
		if (!run(&f, &row->insn, row->s, row->t) || f.v.gpr[10] != row->result)
			fail_msg("%s with %#lx, %#lx: %#lx, not %#lx", row->insn.text, (unsigned long)row->s,
				 (unsigned long)row->t, (unsigned long)f.v.gpr[10], (unsigned long)row->result);
		assert_int_equal(f.v.pc, CODE + 4);
		assert_int_equal(f.v.gpr[0], 0);
	}
	fixture_close(&f);
}

static void test_arithmetic(void **state) { run_rows(arithmetic, COUNT(arithmetic)); }
static void test_shifts(void **state) { run_rows(shifts, COUNT(shifts)); }
static void test_fields(void **state) { run_rows(fields, COUNT(fields)); }
static void test_octeon(void **state) { run_rows(octeon, COUNT(octeon)); }

static void test_exceptions(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(exceptions); i++) {
		if (run(&f, &exceptions[i].insn, exceptions[i].s, exceptions[i].t) == !!exceptions[i].code)
			fail_msg("%s with %#lx, %#lx", exceptions[i].insn.text, (unsigned long)exceptions[i].s,
				 (unsigned long)exceptions[i].t);
		if (exceptions[i].code)
			assert_exception(&f, exceptions[i].code, 0x180, CODE);
		assert_int_equal(f.v.gpr[10], OLD);
	}
	fixture_close(&f);
}

/* HI:LO = 1:2 before. */
static const struct {
	struct insn insn;
	u64 s, t, hi, lo;
} products[] = {
	{ A("mult $8, $9", 0x01090018), MINUS(2), 3, MINUS(1), MINUS(6) },
	{ A("mult $8, $9", 0x01090018), MIN32, MIN32, 0x40000000, 0 },
	{ A("multu $8, $9", 0x01090019), MINUS(2), 3, 2, SEXT(0xfffffffa) },
	{ A("dmult $8, $9", 0x0109001c), MINUS(2), 3, MINUS(1), MINUS(6) },
	{ A("dmult $8, $9", 0x0109001c), MIN64, MIN64, 0x4000000000000000, 0 },
	{ A("dmultu $8, $9", 0x0109001d), ~0ull, ~0ull, MINUS(2), 1 },
	{ A("div $0, $8, $9", 0x0109001a), MINUS(7), 2, MINUS(1), MINUS(3) },
	{ A("divu $0, $8, $9", 0x0109001b), 0xffffffff, 16, 15, 0x0fffffff },
	{ A("divu $0, $8, $9", 0x0109001b), MINUS(1), 1, 0, MINUS(1) },
	{ A("ddiv $0, $8, $9", 0x0109001e), MINUS(7), 2, MINUS(1), MINUS(3) },
	{ A("ddivu $0, $8, $9", 0x0109001f), ~0ull, 10, 5, 0x1999999999999999 },
	{ A("madd $8, $9", 0x71090000), MINUS(1), 3, 0, SEXT(0xffffffff) },
	{ A("maddu $8, $9", 0x71090001), 0xffffffff, 0xffffffff, MINUS(1), 3 },
	{ A("msub $8, $9", 0x71090004), 1, 3, 0, SEXT(0xffffffff) },
	{ A("msubu $8, $9", 0x71090005), 1, 1, 1, 1 },
	{ A("mthi $8", 0x01000011), MIX, 0, MIX, 2 },
	{ A("mtlo $8", 0x01000013), MIX, 0, 1, MIX },
};

static void hi_and_lo(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(products); i++) {
		f.v.gpr[8] = products[i].s;
		f.v.gpr[9] = products[i].t;
		f.v.hi = 1;
		f.v.lo = 2;
		assert_int_equal(fixture_run(&f, products[i].insn.word), 0);
		if (f.v.hi != products[i].hi || f.v.lo != products[i].lo)
			fail_msg("%s: %#lx:%#lx", products[i].insn.text, (unsigned long)f.v.hi, (unsigned long)f.v.lo);
	}
	fixture_close(&f);
}

/* Unpredictable on MIPS, but the Host must not notice. */
static void divisions_without_result(void **state)
{
	static const struct insn divisions[] = {
		A("div $0, $8, $9", 0x0109001a), A("divu $0, $8, $9", 0x0109001b), A("ddiv $0, $8, $9", 0x0109001e), A("ddivu $0, $8, $9", 0x0109001f),
	};
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(divisions); i++) {
		f.v.gpr[8] = i < 2 ? MIN32 : MIN64;
		for (u64 t = 0; t + 2 > 1; t--) {
			f.v.gpr[9] = t;
			assert_int_equal(fixture_run(&f, divisions[i].word), 0);
			assert_int_equal(f.v.pc, CODE + 4);
		}
	}
	fixture_close(&f);
}

/* The Octeon multiplier: 192 bits of MPL times 64 bits, step by step as bignum code does it. */
static void long_multiplication(void **state)
{
	static const struct insn mtm[] = { A("mtm0 $8", 0x71000008), A("mtm1 $8", 0x7100000c), A("mtm2 $8", 0x7100000d) };
	static const struct insn mtp[] = { A("mtp0 $8", 0x71000009), A("mtp1 $8", 0x7100000a), A("mtp2 $8", 0x7100000b) };
	static const struct insn v3mulu = A("v3mulu $10, $8, $9", 0x71095011), vmulu = A("vmulu $10, $8, $9", 0x7109500f),
				 vmm0 = A("vmm0 $10, $8, $9", 0x71095010);
	static const u64 expected[] = { 0x0000000000000007, MINUS(1), MINUS(1), MINUS(2) };
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[10] = 99;				/* CvmCtl: no multiplier, and then its instructions are reserved */
	assert_int_equal(fixture_run(&f, v3mulu.word), -1);
	assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2, EXC_RI);
	assert_int_equal(f.v.gpr[10], 99);
	f.page->cp0[CP0_CVMCTL] &= ~(u64)CVMCTL_NOMUL;
	for (unsigned i = 0; i < 3; i++) {		/* MPL = 2^192 - 1 */
		f.v.gpr[8] = ~0ull;
		assert_int_equal(fixture_run(&f, mtm[i].word), 0);
	}
	/* (2^192 - 1) * (2^64 - 1) + 6 = 2^256 - 2^192 - 2^64 + 7, out word by word */
	for (unsigned i = 0; i < 4; i++) {
		f.v.gpr[8] = i ? 0 : ~0ull;
		f.v.gpr[9] = i ? 0 : 6;
		assert_int_equal(fixture_run(&f, v3mulu.word), 0);
		assert_int_equal(f.v.gpr[10], expected[i]);
	}
	for (unsigned i = 0; i < 3; i++) {		/* the partial product as it was set */
		f.v.gpr[8] = 10 + i;
		assert_int_equal(fixture_run(&f, mtp[i].word), 0);
	}
	for (unsigned i = 0; i < 4; i++) {
		f.v.gpr[8] = f.v.gpr[9] = 0;
		assert_int_equal(fixture_run(&f, v3mulu.word), 0);
		assert_int_equal(f.v.gpr[10], i < 3 ? 10 + i : 0);
	}
	/* vmulu: one word. (2^64 - 1) * (2^64 - 1) + (2^64 - 1) + (2^64 - 1) = 2^128 - 1, whatever MPL1 and MPL2 are */
	f.v.gpr[8] = ~0ull;
	assert_int_equal(fixture_run(&f, mtm[0].word), 0);
	assert_int_equal(fixture_run(&f, mtp[0].word), 0);
	f.v.gpr[9] = ~0ull;
	assert_int_equal(fixture_run(&f, vmulu.word), 0);
	assert_int_equal(f.v.gpr[10], ~0ull);
	f.v.gpr[8] = f.v.gpr[9] = 0;
	assert_int_equal(fixture_run(&f, vmulu.word), 0);
	assert_int_equal(f.v.gpr[10], ~0ull);
	assert_int_equal(fixture_run(&f, vmulu.word), 0);
	assert_int_equal(f.v.gpr[10], 0);
	f.v.gpr[8] = 7;
	assert_int_equal(fixture_run(&f, mtm[0].word), 0);
	f.v.gpr[8] = 5;
	f.v.gpr[9] = 4;
	assert_int_equal(fixture_run(&f, vmm0.word), 0);	/* 7 * 5 + 4, which is MPL0 then */
	assert_int_equal(f.v.gpr[10], 39);
	assert_int_equal(fixture_run(&f, vmm0.word), 0);
	assert_int_equal(f.v.gpr[10], 39 * 5 + 4);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic),
		cmocka_unit_test(test_shifts),
		cmocka_unit_test(test_fields),
		cmocka_unit_test(test_octeon),
		cmocka_unit_test(test_exceptions),
		cmocka_unit_test(hi_and_lo),
		cmocka_unit_test(divisions_without_result),
		cmocka_unit_test(long_multiplication),
	};

	return cmocka_run_group_tests_name("alu", tests, NULL, NULL);
}
