/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loads and stores, in both byte orders; the unaligned ones against a reference that thinks in bytes; LL/SC.
 */
#include "tests/unit/vcpu_fixture.h"

#define USER	0x120000000ull
#define OLD	0xf0e1d2c3b4a59687ull

/* $9 is loaded from 16($8); memory there holds 81 82 83 ... in address order. */
static const struct {
	struct insn insn;
	unsigned size;
	bool sign;
} loads[] = {
	{ A("lb $9, 16($8)", 0x81090010), 1, true }, { A("lbu $9, 16($8)", 0x91090010), 1, false },
	{ A("lh $9, 16($8)", 0x85090010), 2, true }, { A("lhu $9, 16($8)", 0x95090010), 2, false },
	{ A("lw $9, 16($8)", 0x8d090010), 4, true }, { A("lwu $9, 16($8)", 0x9d090010), 4, false },
	{ A("ld $9, 16($8)", 0xdd090010), 8, false },
};

static void plain_loads(void **state)
{
	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (unsigned i = 0; i < 16; i++)
			f.ram[DATA_PA + 16 + i] = 0x81 + i;
		for (size_t i = 0; i < COUNT(loads); i++) {
			unsigned up = 64 - 8 * loads[i].size;
			u64 expected = fixture_get(&f, DATA_PA + 16, loads[i].size);

			if (loads[i].sign)
				expected = (u64)((s64)(expected << up) >> up);
			f.v.gpr[8] = DATA;
			assert_int_equal(fixture_run(&f, loads[i].insn.word), 0);
			if (f.v.gpr[9] != expected)
				fail_msg("%s: %#lx", loads[i].insn.text, (unsigned long)f.v.gpr[9]);
		}
		fixture_close(&f);
	}
}

static const struct {
	struct insn insn;
	unsigned size;
} stores[] = {
	{ A("sb $9, -8($8)", 0xa109fff8), 1 }, { A("sh $9, -8($8)", 0xa509fff8), 2 }, { A("sw $9, -8($8)", 0xad09fff8), 4 }, { A("sd $9, -8($8)", 0xfd09fff8), 8 },
};

static void plain_stores(void **state)
{
	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (size_t i = 0; i < COUNT(stores); i++) {
			unsigned size = stores[i].size;

			memset(f.ram + DATA_PA - 16, 0xee, 32);
			f.v.gpr[8] = DATA;
			f.v.gpr[9] = OLD;
			assert_int_equal(fixture_run(&f, stores[i].insn.word), 0);
			assert_int_equal(fixture_get(&f, DATA_PA - 8, size), size == 8 ? OLD : OLD & ((1ull << 8 * size) - 1));
			assert_int_equal(f.ram[DATA_PA - 9], 0xee);
			assert_int_equal(f.ram[DATA_PA - 8 + size], 0xee);
		}
		fixture_close(&f);
	}
}

/*
 * The unaligned ones. Left: the bytes from the address up to the end of its word that is less significant
 * (big endian: upwards; little endian: downwards) go to the register's upper end. Right: the others, to
 * its lower end.
 */
static const struct {
	struct insn insn;
	unsigned size;
	bool left, load;
} partial[] = {
	{ A("lwl $9, 0($8)", 0x89090000), 4, true, true }, { A("lwr $9, 0($8)", 0x99090000), 4, false, true },
	{ A("ldl $9, 0($8)", 0x69090000), 8, true, true }, { A("ldr $9, 0($8)", 0x6d090000), 8, false, true },
	{ A("swl $9, 0($8)", 0xa9090000), 4, true, false }, { A("swr $9, 0($8)", 0xb9090000), 4, false, false },
	{ A("sdl $9, 0($8)", 0xb1090000), 8, true, false }, { A("sdr $9, 0($8)", 0xb5090000), 8, false, false },
};

struct moved {
	u64 reg;
	u8 memory[16];
};

/* Byte by byte, register bytes numbered by significance. */
static void reference(struct moved *m, size_t row, unsigned at, bool big)
{
	unsigned size = partial[row].size, start = at & ~(size - 1), end = start + size;
	int step = partial[row].left == big ? 1 : -1;
	unsigned byte = partial[row].left ? size - 1 : 0;

	for (unsigned a = at; a >= start && a < end; a += step) {
		if (partial[row].load)
			m->reg = (m->reg & ~(0xffull << 8 * byte)) | (u64)m->memory[a] << 8 * byte;
		else
			m->memory[a] = m->reg >> 8 * byte;
		byte += partial[row].left ? -1 : 1;
		if (!a && step < 0)
			break;
	}
	/* All word loads extend bit 31, those as well that have not written it: one of two ways for LWR. */
	if (partial[row].load && size == 4)
		m->reg = word(m->reg);
}

static void unaligned(void **state)
{
	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (size_t row = 0; row < COUNT(partial); row++)
			for (unsigned at = 0; at < 16; at++) {
				struct moved m = { .reg = OLD };

				for (unsigned i = 0; i < 16; i++)
					m.memory[i] = f.ram[DATA_PA + i] = 0x71 + 3 * i;
				f.v.gpr[8] = DATA + at;
				f.v.gpr[9] = OLD;
				assert_int_equal(fixture_run(&f, partial[row].insn.word), 0);
				reference(&m, row, at, big);
				if (f.v.gpr[9] != m.reg || memcmp(f.ram + DATA_PA, m.memory, 16))
					fail_msg("%s at %u, %s endian: register %#lx, not %#lx", partial[row].insn.text, at,
						 big ? "big" : "little", (unsigned long)f.v.gpr[9], (unsigned long)m.reg);
			}
		fixture_close(&f);
	}
}

/* The pairs compilers write: together they move any unaligned word. */
static void unaligned_pairs(void **state)
{
	static const struct {
		struct insn left, right;
	} pairs[2] = {
		{ A("ldl $9, 7($8)", 0x69090007), A("ldr $9, 0($8)", 0x6d090000) },	/* little endian */
		{ A("ldl $9, 0($8)", 0x69090000), A("ldr $9, 7($8)", 0x6d090007) },
	};

	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (unsigned at = 0; at < 16; at++) {
			fixture_put(&f, DATA_PA + at, 8, OLD + at);
			f.v.gpr[8] = DATA + at;
			f.v.gpr[9] = 0;
			assert_int_equal(fixture_run(&f, pairs[big].left.word), 0);
			assert_int_equal(fixture_run(&f, pairs[big].right.word), 0);
			assert_int_equal(f.v.gpr[9], OLD + at);
		}
		fixture_close(&f);
	}
}

/* A fault leaves register and memory as they were. */
static void faults(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = USER + 0x1001;
	f.v.gpr[9] = OLD;
	for (size_t i = 0; i < COUNT(partial); i++) {
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		assert_int_equal(fixture_run(&f, partial[i].insn.word), -1);
		assert_exception(&f, partial[i].load ? EXC_TLBL : EXC_TLBS, 0x80, CODE);
		assert_int_equal(f.v.gpr[9], OLD);
	}
	fixture_close(&f);
}

static const struct insn ll = A("ll $9, 0($8)", 0xc1090000), sc = A("sc $10, 0($8)", 0xe10a0000), lld = A("lld $9, 0($8)", 0xd1090000),
			 scd = A("scd $10, 0($8)", 0xf10a0000), ll0 = A("ll $0, 0($8)", 0xc1000000);

static void linked(void **state)
{
	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		f.v.gpr[8] = DATA;
		fixture_put(&f, DATA_PA, 8, 0);
		fixture_put(&f, DATA_PA, 4, 0x80000005);
		assert_int_equal(fixture_run(&f, ll.word), 0);
		assert_int_equal(f.v.gpr[9], 0xffffffff80000005ull);
		f.v.gpr[10] = 0x1234567890ull;
		assert_int_equal(fixture_run(&f, sc.word), 0);
		assert_int_equal(f.v.gpr[10], 1);
		assert_int_equal(fixture_get(&f, DATA_PA, 4), 0x34567890);
		assert_int_equal(fixture_get(&f, DATA_PA + 4, 4), 0);
		f.v.gpr[10] = 7;
		assert_int_equal(fixture_run(&f, sc.word), 0);		/* without its LL */
		assert_int_equal(f.v.gpr[10], 0);
		assert_int_equal(fixture_get(&f, DATA_PA, 4), 0x34567890);
		fixture_put(&f, DATA_PA, 8, OLD);
		assert_int_equal(fixture_run(&f, lld.word), 0);
		assert_int_equal(f.v.gpr[9], OLD);
		f.v.gpr[10] = ~OLD;
		assert_int_equal(fixture_run(&f, scd.word), 0);
		assert_int_equal(f.v.gpr[10], 1);
		assert_int_equal(fixture_get(&f, DATA_PA, 8), ~OLD);
		fixture_close(&f);
	}
}

/* `ll $0` loads nothing, but what it has seen still counts. */
static void linked_to_zero(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = DATA;
	fixture_put(&f, DATA_PA, 4, 5);
	assert_int_equal(fixture_run(&f, ll0.word), 0);
	f.v.gpr[10] = 6;
	assert_int_equal(fixture_run(&f, sc.word), 0);
	assert_int_equal(f.v.gpr[10], 1);
	assert_int_equal(fixture_get(&f, DATA_PA, 4), 6);
	fixture_close(&f);
}

enum disturbance { BY_STORE, BY_EXCEPTION, BY_ADDRESS, BY_ERET, DISTURBANCES };

static void broken_links(void **state)
{
	static const struct insn eret = A("eret", 0x42000018);

	for (enum disturbance d = 0; d < DISTURBANCES; d++) {
		struct fixture f;

		fixture_open(&f, false);
		f.v.gpr[8] = DATA;
		fixture_put(&f, DATA_PA, 4, 5);
		fixture_put(&f, DATA_PA + 8, 4, 5);
		assert_int_equal(fixture_run(&f, ll.word), 0);
		switch (d) {
		case BY_STORE: fixture_put(&f, DATA_PA, 4, 6); break;		/* another host task */
		case BY_EXCEPTION: exception__interrupt(&f.v); break;
		case BY_ERET: assert_int_equal(fixture_run(&f, eret.word), 0); break;
		default: f.v.gpr[8] += 8; break;
		}
		f.v.gpr[10] = 9;
		assert_int_equal(fixture_run(&f, sc.word), 0);
		assert_int_equal(f.v.gpr[10], 0);
		assert_int_equal(fixture_get(&f, DATA_PA, 4), d == BY_STORE ? 6 : 5);
		assert_int_equal(fixture_get(&f, DATA_PA + 8, 4), 5);
		fixture_close(&f);
	}
}

/* An Octeon mends unaligned loads and stores, but not these. */
static void alignment(void **state)
{
	static const struct {
		struct insn insn;
		enum exception code;
	} rows[] = {
		{ A("ll $9, 2($8)", 0xc1090002), EXC_ADEL }, { A("sc $10, 2($8)", 0xe10a0002), EXC_ADES },
		{ A("lld $9, 4($8)", 0xd1090004), EXC_ADEL }, { A("scd $10, 4($8)", 0xf10a0004), EXC_ADES },
	};
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = DATA;
	for (size_t i = 0; i < COUNT(rows); i++) {
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		assert_int_equal(fixture_run(&f, rows[i].insn.word), -1);
		assert_exception(&f, rows[i].code, 0x180, CODE);
		assert_int_equal(f.page->cp0[CP0_BADVADDR], DATA + (i < 2 ? 2 : 4));
	}
	fixture_close(&f);
}

static void store_atomic_add(void **state)
{
	static const struct insn saa = A("saa $9, ($8)", 0x71090018), saad = A("saad $9, ($8)", 0x71090019);
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = DATA;
	f.v.gpr[9] = 3;
	fixture_put(&f, DATA_PA, 8, 0x00000001fffffffeull);
	assert_int_equal(fixture_run(&f, saa.word), 0);
	assert_int_equal(fixture_get(&f, DATA_PA, 8), 0x0000000100000001ull);
	fixture_put(&f, DATA_PA, 8, 0x00000001fffffffeull);
	assert_int_equal(fixture_run(&f, saad.word), 0);
	assert_int_equal(fixture_get(&f, DATA_PA, 8), 0x0000000200000001ull);
	fixture_close(&f);
}

/* BadVAddr is the byte that the instruction names, not the beginning of its word. */
static void faults_of_unaligned_ones(void **state)
{
	static const struct insn ones[] = {
		A("lwl $9, 5($8)", 0x89090005), A("lwr $9, 5($8)", 0x99090005), A("ldl $9, 5($8)", 0x69090005),
		A("ldr $9, 5($8)", 0x6d090005), A("swl $9, 5($8)", 0xa9090005), A("swr $9, 5($8)", 0xb9090005),
		A("sdl $9, 5($8)", 0xb1090005), A("sdr $9, 5($8)", 0xb5090005),
	};

	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (size_t i = 0; i < COUNT(ones); i++) {
			fixture_reset(&f);
			f.v.gpr[8] = USER;
			assert_int_equal(fixture_run(&f, ones[i].word), -1);
			if (f.page->cp0[CP0_BADVADDR] != USER + 5)
				fail_msg("%s: %#lx", ones[i].text, (unsigned long)f.page->cp0[CP0_BADVADDR]);
		}
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_loads),
		cmocka_unit_test(plain_stores),
		cmocka_unit_test(unaligned),
		cmocka_unit_test(unaligned_pairs),
		cmocka_unit_test(faults),
		cmocka_unit_test(linked),
		cmocka_unit_test(linked_to_zero),
		cmocka_unit_test(broken_links),
		cmocka_unit_test(alignment),
		cmocka_unit_test(store_atomic_add),
		cmocka_unit_test(faults_of_unaligned_ones),
	};

	return cmocka_run_group_tests_name("loadstore", tests, NULL, NULL);
}
