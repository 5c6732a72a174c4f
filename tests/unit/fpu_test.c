/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FP registers: moving them, and branching and moving on their conditions.
 */
#include "tests/unit/vcpu_fixture.h"

static void open_with_fpu(struct fixture *f)
{
	fixture_open(f, false);
	f->page->cp0[CP0_STATUS] |= STATUS_CU1;
	f->page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
}

static void fpu_moves(void **state)
{
	static const struct insn moves[] = {
		A("dmtc1 $8, $f3", 0x44a81800), A("dmfc1 $10, $f3", 0x442a1800), A("mfc1 $11, $f3", 0x440b1800),
		A("mtc1 $9, $f3", 0x44891800), A("dmfc1 $12, $f3", 0x442c1800), A("sdc1 $f3, 0($13)", 0xf5a30000),
		A("swc1 $f3, 8($13)", 0xe5a30008), A("ldc1 $f4, 0($13)", 0xd5a40000), A("lwc1 $f5, 8($13)", 0xc5a50008),
		A("ctc1 $8, $31", 0x44c8f800), A("cfc1 $14, $31", 0x444ef800), A("cfc1 $15, $0", 0x444f0000),
	};
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_STATUS] |= STATUS_CU1;
	assert_int_equal(fixture_run(&f, moves[0].word), -1);	/* this CPU has none: Config1.FP */
	assert_exception(&f, EXC_CPU, 0x180, CODE);
	f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
	f.page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
	f.v.fir = 0x00739300;
	f.v.gpr[8] = 0x8123456789abcdefull;
	f.v.gpr[9] = 0x1111111180000001ull;
	f.v.gpr[13] = DATA;
	for (size_t i = 0; i < COUNT(moves); i++)
		assert_int_equal(fixture_run(&f, moves[i].word), 0);
	assert_int_equal(f.fpu_fetches, COUNT(moves));
	assert_int_equal(f.v.gpr[10], 0x8123456789abcdefull);
	assert_int_equal(f.v.gpr[11], 0xffffffff89abcdefull);
	assert_int_equal(f.v.gpr[12], 0x8123456780000001ull);
	assert_int_equal(fixture_get(&f, DATA_PA, 8), 0x8123456780000001ull);
	assert_int_equal(fixture_get(&f, DATA_PA + 8, 8), 0x80000001);
	assert_int_equal(f.v.fpr[4], 0x8123456780000001ull);
	assert_int_equal((u32)f.v.fpr[5], 0x80000001);
	assert_int_equal(f.v.gpr[14], word(0x89abcdef & 0xff83ffff));
	assert_int_equal(f.v.gpr[15], 0x00739300);
	fixture_close(&f);
}

static void indexed_memory(void **state)
{
	static const struct insn loads[] = {
		A("ldxc1 $f4, $9($13)", 0x4da90101), A("lwxc1 $f5, $9($13)", 0x4da90140), A("luxc1 $f6, $9($13)", 0x4da90185),
	};
	static const struct insn stores[] = {
		A("sdxc1 $f3, $9($13)", 0x4da91809), A("swxc1 $f3, $9($13)", 0x4da91808), A("suxc1 $f3, $9($13)", 0x4da9180d),
	};
	static const struct insn prefx = A("prefx 4, $9($13)", 0x4da9200f), madd = A("madd.d $f1, $f2, $f3, $f4", 0x4c441861);
	const u64 value = 0x8123456789abcdefull;
	struct fixture f;

	open_with_fpu(&f);
	f.v.gpr[13] = DATA;
	f.v.gpr[9] = 24;
	fixture_put(&f, DATA_PA + 24, 8, value);
	for (size_t i = 0; i < COUNT(loads); i++)
		assert_int_equal(fixture_run(&f, loads[i].word), 0);
	assert_int_equal(f.v.fpr[4], value);
	assert_int_equal((u32)f.v.fpr[5], (u32)value);
	assert_int_equal(f.v.fpr[6], value);
	f.v.gpr[9] = 29;					/* luxc1 and suxc1 ignore the low bits */
	assert_int_equal(fixture_run(&f, loads[2].word), 0);
	assert_int_equal(f.v.fpr[6], value);
	f.v.fpr[3] = ~value;
	for (size_t i = 0; i < COUNT(stores); i++) {
		f.v.gpr[9] = 64 + 16 * i + (i == 2 ? 5 : 0);
		assert_int_equal(fixture_run(&f, stores[i].word), 0);
	}
	assert_int_equal(fixture_get(&f, DATA_PA + 64, 8), ~value);
	assert_int_equal(fixture_get(&f, DATA_PA + 80, 8), (u32)~value);
	assert_int_equal(fixture_get(&f, DATA_PA + 96, 8), ~value);
	assert_int_equal(fixture_run(&f, prefx.word), 0);
	assert_int_equal(fixture_run(&f, madd.word), -1);	/* arithmetic is not ours */
	assert_exception(&f, EXC_RI, 0x180, CODE);
	fixture_close(&f);
}

/* Unaligned is fine; across two pages is the guest kernel's to emulate, and nothing has been moved. */
static void across_pages(void **state)
{
	static const struct {
		struct insn insn;
		u64 offset;
		enum exception code;
	} cases[] = {
		{ A("ldc1 $f4, 0($13)", 0xd5a40000), 0xffe, EXC_ADEL }, { A("lwc1 $f4, 0($13)", 0xc5a40000), 0xffd, EXC_ADEL },
		{ A("sdc1 $f3, 0($13)", 0xf5a30000), 0xff9, EXC_ADES }, { A("swc1 $f3, 0($13)", 0xe5a30000), 0xffe, EXC_ADES },
		{ A("ldxc1 $f4, $9($13)", 0x4da90101), 0xffc, EXC_ADEL }, { A("swxc1 $f3, $9($13)", 0x4da91808), 0xfff, EXC_ADES },
	};
	struct fixture f;

	open_with_fpu(&f);
	f.v.fpr[3] = ~0ull;
	f.v.fpr[4] = 4;
	for (size_t i = 0; i < COUNT(cases); i++) {
		f.v.gpr[13] = DATA + cases[i].offset;
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		assert_int_equal(fixture_run(&f, cases[i].insn.word), -1);
		assert_exception(&f, cases[i].code, 0x180, CODE);
		assert_int_equal(f.page->cp0[CP0_BADVADDR], DATA + cases[i].offset);
	}
	assert_int_equal(f.v.fpr[4], 4);
	assert_int_equal(fixture_get(&f, DATA_PA + 0xff8, 8), 0);
	f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
	f.v.gpr[13] = DATA + 0xff7;
	assert_int_equal(fixture_run(&f, cases[2].insn.word), 0);
	assert_int_equal(fixture_get(&f, DATA_PA + 0xff7, 8), ~0ull);
	fixture_close(&f);
}

static const struct insn count_slot = A("daddiu $11, $11, 1", 0x656b0001);

/* All branch to CODE + 16. Condition 0 is bit 23 of FCSR, condition n bit 24 + n. */
static const struct {
	struct insn insn;
	unsigned bit;
	bool when, likely;
} branches[] = {
	{ A("bc1t .+16", 0x45010003), 23, true, false },
	{ A("bc1f .+16", 0x45000003), 23, false, false },
	{ A("bc1tl .+16", 0x45030003), 23, true, true },
	{ A("bc1fl .+16", 0x45020003), 23, false, true },
	{ A("bc1t $fcc3, .+16", 0x450d0003), 27, true, false },
	{ A("bc1f $fcc7, .+16", 0x451c0003), 31, false, false },
};

static void branch_once(struct fixture *f, size_t i, bool condition)
{
	bool taken = condition == branches[i].when;

	f->v.fcsr = condition ? 1u << branches[i].bit : ~(1u << branches[i].bit);
	f->v.gpr[11] = 0;
	fixture_put(f, CODE_PA + 4, 4, count_slot.word);
	assert_int_equal(fixture_run(f, branches[i].insn.word), 0);
	if (f->v.pc != CODE + (taken ? 16 : 8) || f->v.gpr[11] != (taken || !branches[i].likely))
		fail_msg("%s, condition %d: to %#lx, slot %lu", branches[i].insn.text, condition,
			 (unsigned long)f->v.pc, (unsigned long)f->v.gpr[11]);
}

static void branches_on_conditions(void **state)
{
	struct fixture f;

	open_with_fpu(&f);
	for (size_t i = 0; i < COUNT(branches); i++) {
		branch_once(&f, i, true);
		branch_once(&f, i, false);
	}
	assert_int_equal(f.fpu_fetches, 2 * COUNT(branches));
	fixture_close(&f);
}

/* A branch without an FPU is the branch's exception; one in its slot belongs to the branch, which can be repeated. */
static void exceptions_at_branches(void **state)
{
	static const struct insn slot = A("syscall", 0x0000000c);
	struct fixture f;

	open_with_fpu(&f);
	f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_CU1;
	fixture_put(&f, CODE_PA + 4, 4, slot.word);
	assert_int_equal(fixture_run(&f, branches[0].insn.word), -1);
	assert_exception(&f, EXC_CPU, 0x180, CODE);
	assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_CE) >> CAUSE_CE_SHIFT, 1);
	assert_false(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	assert_int_equal(f.fpu_fetches, 0);
	f.page->cp0[CP0_STATUS] = (f.page->cp0[CP0_STATUS] & ~(u64)STATUS_EXL) | STATUS_CU1;
	f.v.fcsr = 1u << 23;
	assert_int_equal(fixture_run(&f, branches[0].insn.word), -1);
	assert_exception(&f, EXC_SYS, 0x180, CODE);
	assert_true(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	fixture_close(&f);
}

static void moves_on_conditions(void **state)
{
	static const struct insn movt = A("movt $10, $8, $fcc0", 0x01015001), movf = A("movf $10, $8, $fcc3", 0x010c5001);
	struct fixture f;

	open_with_fpu(&f);
	f.v.gpr[8] = 42;
	f.v.fcsr = 1u << 27;			/* condition 3 only */
	assert_int_equal(fixture_run(&f, movt.word), 0);
	assert_int_equal(fixture_run(&f, movf.word), 0);
	assert_int_equal(f.v.gpr[10], 0);
	f.v.fcsr = 1u << 23;			/* condition 0 only */
	assert_int_equal(fixture_run(&f, movt.word), 0);
	assert_int_equal(f.v.gpr[10], 42);
	f.v.gpr[10] = 0;
	assert_int_equal(fixture_run(&f, movf.word), 0);
	assert_int_equal(f.v.gpr[10], 42);
	fixture_close(&f);
}

/* As many as there are in a row, and nothing else. */
static void moves_in_a_row(void **state)
{
	static const struct insn save[] = {
		A("sdc1 $f3, 0($13)", 0xf5a30000), A("sdc1 $f4, 8($13)", 0xf5a40008), A("ldc1 $f5, 8($13)", 0xd5a50008),
		A("daddiu $8, $8, 1", 0x65080001),
	};
	struct fixture f;

	open_with_fpu(&f);
	for (size_t i = 0; i < COUNT(save); i++)
		fixture_put(&f, CODE_PA + 4 * i, 4, save[i].word);
	f.v.fpr[3] = 0x0123456789abcdefull;
	f.v.fpr[4] = 0x1111222233334444ull;
	f.v.gpr[13] = DATA;
	f.v.pc = CODE;
	assert_int_equal(fpu__moves(&f.v), 3);
	assert_int_equal(f.v.pc, CODE + 12);
	assert_int_equal(f.v.interpreted, 3);
	assert_int_equal(f.fpu_fetches, 1);
	assert_int_equal(fixture_get(&f, DATA_PA, 8), 0x0123456789abcdefull);
	assert_int_equal(fixture_get(&f, DATA_PA + 8, 8), 0x1111222233334444ull);
	assert_int_equal(f.v.fpr[5], 0x1111222233334444ull);
	assert_int_equal(fpu__moves(&f.v), 0);
	/* Unaligned, where no RAM is, in user memory, without the coprocessor: the interpreter says what happens. */
	for (unsigned i = 0; i < 4; i++) {
		f.v.pc = CODE;
		f.v.gpr[13] = i == 0 ? DATA + 4 : i == 1 ? WINDOW_PHYSMAP + RAM_BYTES : i == 2 ? GUEST_USER_BASE : DATA;
		if (i == 3)
			f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_CU1;
		assert_int_equal(fpu__moves(&f.v), 0);
		assert_int_equal(f.v.pc, CODE);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fpu_moves),
		cmocka_unit_test(moves_in_a_row),
		cmocka_unit_test(indexed_memory),
		cmocka_unit_test(across_pages),
		cmocka_unit_test(branches_on_conditions),
		cmocka_unit_test(exceptions_at_branches),
		cmocka_unit_test(moves_on_conditions),
	};

	return cmocka_run_group_tests_name("fpu", tests, NULL, NULL);
}
