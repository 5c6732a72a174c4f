/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Taking exceptions and coming back: vectors, EPC, and what the address registers say.
 */
#include "tests/unit/vcpu_fixture.h"

#define USER	0x120003456ull
#define MAPPED	(WINDOW_MAP + 0x123458)			/* vmalloc: through its window */
#define MAPPED_CANONICAL (0xc000000000000000ull | MAPPED)

enum { REFILL_32 = 0x000, REFILL = 0x080, GENERAL = 0x180, INTERRUPT = 0x200 };

static void vectors(void **state)
{
	static const struct {
		enum exception code;
		bool refill;
		u32 status;	/* changed */
		u64 vector;
	} rows[] = {
		{ EXC_TLBL, true, 0, VECTORS + REFILL },
		{ EXC_TLBS, true, 0, VECTORS + REFILL },
		{ EXC_TLBL, true, STATUS_EXL, VECTORS + GENERAL },
		{ EXC_TLBL, false, 0, VECTORS + GENERAL },
		{ EXC_MOD, false, 0, VECTORS + GENERAL },
		{ EXC_ADEL, false, 0, VECTORS + GENERAL },
		{ EXC_TLBL, true, STATUS_UX, VECTORS + REFILL_32 },
		{ EXC_TLBS, true, STATUS_UX | STATUS_EXL, VECTORS + GENERAL },
		{ EXC_TLBL, true, STATUS_KX | STATUS_SX, VECTORS + REFILL },
		{ EXC_TLBL, true, STATUS_BEV, 0xffffffffbfc00280ull },
		{ EXC_ADES, false, STATUS_BEV, 0xffffffffbfc00380ull },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_STATUS] ^= rows[i].status;
		assert_int_equal(exception__raise_address(&f.v, rows[i].code, USER, rows[i].refill, false), -1);
		assert_int_equal(f.v.pc, rows[i].vector);
		assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2, rows[i].code);
		assert_true(cp0_word(&f.v, CP0_STATUS) & STATUS_EXL);
		assert_int_equal(f.exceptions, 1);
		assert_int_equal(f.v.exceptions[rows[i].code], 1);
		assert_int_equal(f.v.refills, rows[i].refill);
		fixture_close(&f);
	}
}

static void ebase(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	cp0__write(&f.v, CP0_EBASE, 0xffffffff81234fff, false);
	exception__raise(&f.v, EXC_SYS, false);
	assert_int_equal(f.v.pc, 0xffffffff81234180ull);
	fixture_close(&f);
}

static void interrupts(void **state)
{
	for (int iv = 0; iv < 2; iv++) {
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_CAUSE] = iv ? CAUSE_IV | CAUSE_BD : CAUSE_BD;
		vcpu__set_irq(&f.v, 3, true);
		f.v.ll_valid = true;
		exception__interrupt(&f.v);
		assert_exception(&f, EXC_INT, iv ? INTERRUPT : GENERAL, CODE);
		assert_int_equal(cp0_word(&f.v, CP0_CAUSE) & CAUSE_IP, 0x800);	/* stays */
		assert_int_equal(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD, 0);
		assert_false(f.v.ll_valid);
		fixture_close(&f);
	}
}

static void delay_slots(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	exception__raise(&f.v, EXC_OV, true);
	assert_exception(&f, EXC_OV, GENERAL, CODE);
	assert_true(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	/* The next one, not in a slot, clears it. */
	f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
	f.v.pc = CODE + 0x100;
	exception__raise(&f.v, EXC_BP, false);
	assert_exception(&f, EXC_BP, GENERAL, CODE + 0x100);
	assert_false(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	fixture_close(&f);
}

static void nested(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	exception__raise(&f.v, EXC_SYS, true);
	f.v.pc = CODE + 0x200;
	exception__raise_address(&f.v, EXC_TLBS, USER, true, false);
	assert_exception(&f, EXC_TLBS, GENERAL, CODE);	/* EPC and BD are those of the first */
	assert_true(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	assert_int_equal(f.page->cp0[CP0_BADVADDR], USER);
	fixture_close(&f);
}

/* What a TLB handler finds in each register. */
static const struct {
	u64 va, badvaddr, entryhi, context, xcontext;
} address_rows[] = {
	{ USER, USER, 0x120002000ull | 0x5a, 0x100010, 0x900010 },
	/* the window address for C code, the canonical one for the TLB */
	{ MAPPED, MAPPED, 0xc00000e800122000ull | 0x5a, 0x000910, 0x1f4000910ull },
	{ MAPPED_CANONICAL, MAPPED_CANONICAL, 0xc00000e800122000ull | 0x5a, 0x000910, 0x1f4000910ull },
	{ 0xffffffffc0006008ull, 0xffffffffc0006008ull, 0xc00000ffc0006000ull | 0x5a, 0x600030,
	  0x1ffe00030ull },
};

static void addresses(void **state)
{
	for (size_t i = 0; i < COUNT(address_rows); i++) {
		u64 base = 0xffffffff81800000ull, wide = 0x1234567800000000ull & ~0x1ffffffffull;
		struct fixture f;
		u64 *cp0;

		fixture_open(&f, false);
		cp0 = f.page->cp0;
		cp0[CP0_ENTRYHI] = 0x5a;
		cp0[CP0_CONTEXT] = base | 0x7fffff;
		cp0[CP0_XCONTEXT] = wide | 0x1ffffffff;
		exception__raise_address(&f.v, EXC_TLBL, address_rows[i].va, true, false);
		assert_int_equal(cp0[CP0_BADVADDR], address_rows[i].badvaddr);
		assert_int_equal(cp0[CP0_ENTRYHI], address_rows[i].entryhi);
		assert_int_equal(cp0[CP0_CONTEXT], base | (address_rows[i].va >> 9 & 0x7ffff0));
		assert_int_equal(cp0[CP0_CONTEXT] & 0x7fffff, address_rows[i].context);
		assert_int_equal(cp0[CP0_XCONTEXT] & 0x1ffffffff, address_rows[i].xcontext);
		assert_int_equal(cp0[CP0_XCONTEXT] & ~0x1ffffffffull, wide);
		fixture_close(&f);
	}
}

/* An address error says where; the TLB registers stay. A bus error does not even say where. */
static void address_and_bus_errors(void **state)
{
	static const enum exception codes[] = { EXC_ADEL, EXC_ADES, EXC_IBE, EXC_DBE };

	for (size_t i = 0; i < COUNT(codes); i++) {
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_ENTRYHI] = 0x5a;
		f.page->cp0[CP0_BADVADDR] = 0x1234;
		exception__raise_address(&f.v, codes[i], USER + 1, false, false);
		assert_exception(&f, codes[i], GENERAL, CODE);
		assert_int_equal(f.page->cp0[CP0_BADVADDR],
				 codes[i] == EXC_IBE || codes[i] == EXC_DBE ? 0x1234 : USER + 1);
		assert_int_equal(f.page->cp0[CP0_ENTRYHI], 0x5a);
		assert_int_equal(f.page->cp0[CP0_CONTEXT], 0);
		assert_int_equal(f.page->cp0[CP0_XCONTEXT], 0);
		fixture_close(&f);
	}
}

static void which_coprocessor(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (unsigned n = 4; n--;) {
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		f.v.pc = CODE;
		assert_int_equal(exception__raise_cpu(&f.v, n, false), -1);
		assert_exception(&f, EXC_CPU, GENERAL, CODE);
		assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_CE) >> CAUSE_CE_SHIFT, n);
	}
	fixture_close(&f);
}

static void names(void **state)
{
	assert_string_equal(exception__name(EXC_TLBXI), "TLBXI");
	assert_string_equal(exception__name(14), "?");
	assert_string_equal(exception__name(31), "?");
	assert_string_equal(exception__name(1000), "?");
}

static void coming_back(void **state)
{
	static const struct insn eret = A("eret", 0x42000018);
	struct fixture f;
	u64 *cp0;

	fixture_open(&f, false);
	cp0 = f.page->cp0;
	cp0[CP0_EPC] = 0x120000040ull;
	cp0[CP0_ERROREPC] = DATA;
	f.v.ll_valid = true;
	cp0[CP0_STATUS] |= STATUS_EXL | STATUS_ERL | STATUS_KSU_USER;
	assert_int_equal(fixture_run(&f, eret.word), 0);	/* ERL first */
	assert_int_equal(f.v.pc, DATA);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS) & (STATUS_EXL | STATUS_ERL), STATUS_EXL);
	assert_true(vcpu__kernel_mode(&f.v));
	assert_false(f.v.ll_valid);
	assert_int_equal(fixture_run(&f, eret.word), 0);
	assert_int_equal(f.v.pc, 0x120000040ull);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS) & (STATUS_EXL | STATUS_ERL), 0);
	assert_false(vcpu__kernel_mode(&f.v));
	fixture_close(&f);
}

/* From user mode, out of a wait: to code that is on the boot bus, and back. */
static void nmi(void **state)
{
	static const struct insn eret = A("eret", 0x42000018), move = A("ori $2, $0, 0x1234", 0x34021234);

	for (int big = 0; big < 2; big++) {
		struct fixture f;
		u64 *cp0;

		fixture_open(&f, big);
		cp0 = f.page->cp0;
		fixture_user_mode(&f);
		cp0[CP0_STATUS] |= STATUS_IE | STATUS_IM;
		cp0[CP0_EPC] = DATA;
		f.v.pc = USER;
		f.v.waiting = f.v.hung = f.v.ll_valid = true;
		exception__nmi(&f.v);
		assert_int_equal(f.v.pc, 0xffffffffbfc00000ull);
		assert_int_equal(cp0[CP0_ERROREPC], USER);
		assert_int_equal(cp0[CP0_EPC], DATA);
		assert_true(cp0_word(&f.v, CP0_STATUS) & STATUS_NMI);
		assert_true(vcpu__kernel_mode(&f.v));
		assert_false(f.v.waiting || f.v.hung || f.v.ll_valid);
		vcpu__set_irq(&f.v, 2, true);
		assert_false(vcpu__irq_deliverable(&f.v));
		f.executable = true;
		f.io_value = move.word;
		assert_int_equal(vcpu__step(&f.v), 0);
		assert_int_equal(f.io_pa, 0x1fc00000);
		assert_int_equal(f.io_size, 4);
		assert_int_equal(f.v.gpr[2], 0x1234);
		f.io_value = eret.word;
		assert_int_equal(vcpu__step(&f.v), 0);
		assert_int_equal(f.v.pc, USER);
		assert_false(vcpu__kernel_mode(&f.v));
		/* Where nothing is, its own vector is a bus error, again and again. */
		f.executable = false;
		exception__nmi(&f.v);
		assert_int_equal(vcpu__step(&f.v), -1);
		assert_int_equal(f.v.pc, 0xffffffffbfc00380ull);
		assert_int_equal(vcpu__step(&f.v), -1);
		assert_int_equal(f.v.pc, 0xffffffffbfc00380ull);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(ebase),
		cmocka_unit_test(interrupts),
		cmocka_unit_test(delay_slots),
		cmocka_unit_test(nested),
		cmocka_unit_test(addresses),
		cmocka_unit_test(address_and_bus_errors),
		cmocka_unit_test(which_coprocessor),
		cmocka_unit_test(names),
		cmocka_unit_test(coming_back),
		cmocka_unit_test(nmi),
	};

	return cmocka_run_group_tests_name("exception", tests, NULL, NULL);
}
