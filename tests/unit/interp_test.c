/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stepping: branches with their delay slots, exceptions in both, system calls, and who may do what.
 */
#include "tests/unit/vcpu_fixture.h"

#define MINUS(n)	(-(u64)(n))
#define USER		0x120000000ull

static const struct insn count_slot = A("daddiu $11, $11, 1", 0x656b0001);

/* Puts a branch and the instruction in its slot at CODE and takes one step. */
static int run_pair(struct fixture *f, u32 branch, u32 slot)
{
	fixture_put(f, CODE_PA + 4, 4, slot);
	return fixture_run(f, branch);
}

enum { NO = 0, TAKEN = 1, LIKELY = 2, LINK = 4 };

/* All branch to CODE + 16, which is `.+16`. */
static const struct {
	struct insn insn;
	u64 s, t;
	unsigned what;
} branches[] = {
	{ A("beq $8, $9, .+16", 0x11090003), 5, 5, TAKEN },
	{ A("beq $8, $9, .+16", 0x11090003), 5, 5 + (1ull << 32), NO },
	{ A("bne $8, $9, .+16", 0x15090003), 5, 5, NO },
	{ A("bne $8, $9, .+16", 0x15090003), 5, 5 + (1ull << 32), TAKEN },
	{ A("blez $8, .+16", 0x19000003), 0, 0, TAKEN },
	{ A("blez $8, .+16", 0x19000003), 1, 0, NO },
	{ A("bgtz $8, .+16", 0x1d000003), 0, 0, NO },
	{ A("bgtz $8, .+16", 0x1d000003), 1, 0, TAKEN },
	{ A("bltz $8, .+16", 0x05000003), MINUS(1), 0, TAKEN },
	{ A("bltz $8, .+16", 0x05000003), 0, 0, NO },
	{ A("bgez $8, .+16", 0x05010003), 0, 0, TAKEN },
	{ A("bgez $8, .+16", 0x05010003), MINUS(1), 0, NO },
	{ A("bltzal $8, .+16", 0x05100003), MINUS(1), 0, TAKEN | LINK },
	{ A("bltzal $8, .+16", 0x05100003), 0, 0, LINK },		/* links either way */
	{ A("bgezal $8, .+16", 0x05110003), 0, 0, TAKEN | LINK },
	{ A("bgezal $8, .+16", 0x05110003), MINUS(1), 0, LINK },
	{ A("beql $8, $9, .+16", 0x51090003), 1, 1, TAKEN | LIKELY },
	{ A("beql $8, $9, .+16", 0x51090003), 1, 2, LIKELY },
	{ A("bnel $8, $9, .+16", 0x55090003), 1, 2, TAKEN | LIKELY },
	{ A("bnel $8, $9, .+16", 0x55090003), 1, 1, LIKELY },
	{ A("blezl $8, .+16", 0x59000003), 0, 0, TAKEN | LIKELY },
	{ A("blezl $8, .+16", 0x59000003), 1, 0, LIKELY },
	{ A("bgtzl $8, .+16", 0x5d000003), 1, 0, TAKEN | LIKELY },
	{ A("bgtzl $8, .+16", 0x5d000003), 0, 0, LIKELY },
	{ A("bltzl $8, .+16", 0x05020003), MINUS(1), 0, TAKEN | LIKELY },
	{ A("bltzl $8, .+16", 0x05020003), 0, 0, LIKELY },
	{ A("bgezl $8, .+16", 0x05030003), 0, 0, TAKEN | LIKELY },
	{ A("bgezl $8, .+16", 0x05030003), MINUS(1), 0, LIKELY },
	{ A("bltzall $8, .+16", 0x05120003), MINUS(1), 0, TAKEN | LIKELY | LINK },
	{ A("bgezall $8, .+16", 0x05130003), MINUS(1), 0, LIKELY | LINK },
	{ A("bbit0 $8, 5, .+16", 0xc9050003), ~0x20ull, 0, TAKEN },
	{ A("bbit0 $8, 5, .+16", 0xc9050003), 0x20, 0, NO },
	{ A("bbit1 $8, 5, .+16", 0xe9050003), 0x20, 0, TAKEN },
	{ A("bbit1 $8, 5, .+16", 0xe9050003), ~0x20ull, 0, NO },
	{ A("bbit032 $8, 5, .+16", 0xd9050003), 0x20, 0, TAKEN },
	{ A("bbit032 $8, 5, .+16", 0xd9050003), 1ull << 37, 0, NO },
	{ A("bbit132 $8, 5, .+16", 0xf9050003), 1ull << 37, 0, TAKEN },
	{ A("bbit132 $8, 5, .+16", 0xf9050003), 0x20, 0, NO },
};

static void all_branches(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(branches); i++) {
		unsigned what = branches[i].what;
		bool slot_runs = (what & TAKEN) || !(what & LIKELY);

		f.v.gpr[8] = branches[i].s;
		f.v.gpr[9] = branches[i].t;
		f.v.gpr[11] = f.v.gpr[31] = 0;
		assert_int_equal(run_pair(&f, branches[i].insn.word, count_slot.word), 0);
		if (f.v.pc != CODE + (what & TAKEN ? 16 : 8) || f.v.gpr[11] != slot_runs ||
		    f.v.gpr[31] != (what & LINK ? CODE + 8 : 0))
			fail_msg("%s with %#lx, %#lx: to %#lx, slot %lu, ra %#lx", branches[i].insn.text,
				 (unsigned long)f.v.gpr[8], (unsigned long)f.v.gpr[9], (unsigned long)f.v.pc,
				 (unsigned long)f.v.gpr[11], (unsigned long)f.v.gpr[31]);
	}
	fixture_close(&f);
}

static void jumps(void **state)
{
	static const struct insn jr = A("jr $8", 0x01000008), jalr = A("jalr $10, $8", 0x01005009), back = A("beq $0, $0, .-0x8000", 0x1000dfff);
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = 0xffffffff80000000ull + DATA_PA;
	assert_int_equal(run_pair(&f, jr.word, count_slot.word), 0);
	assert_int_equal(f.v.pc, f.v.gpr[8]);
	assert_int_equal(run_pair(&f, jalr.word, count_slot.word), 0);
	assert_int_equal(f.v.pc, f.v.gpr[8]);
	assert_int_equal(f.v.gpr[10], CODE + 8);
	assert_int_equal(f.v.gpr[31], 0);
	/* j and jal: 256 MB region of the slot */
	assert_int_equal(run_pair(&f, 0x08000000 | DATA_PA >> 2, count_slot.word), 0);
	assert_int_equal(f.v.pc, WINDOW_CKSEG0 + DATA_PA);
	assert_int_equal(run_pair(&f, 0x0c000000 | DATA_PA >> 2, count_slot.word), 0);
	assert_int_equal(f.v.pc, WINDOW_CKSEG0 + DATA_PA);
	assert_int_equal(f.v.gpr[31], CODE + 8);
	assert_int_equal(run_pair(&f, back.word, count_slot.word), 0);
	assert_int_equal(f.v.pc, CODE - 0x8000);
	assert_int_equal(f.v.gpr[11], 5);
	/* An odd target is the fault of the next fetch. */
	f.v.gpr[8] = DATA + 2;
	assert_int_equal(run_pair(&f, jr.word, count_slot.word), 0);
	assert_int_equal(vcpu__step(&f.v), -1);
	assert_exception(&f, EXC_ADEL, 0x180, DATA + 2);
	assert_int_equal(f.page->cp0[CP0_BADVADDR], DATA + 2);
	fixture_close(&f);
}

/* EPC is the branch, BD is set, and neither the branch nor the rest of the slot has happened. */
static void exceptions_in_slots(void **state)
{
	static const struct insn taken = A("beq $0, $0, .+16", 0x10000003), not_taken = A("bne $0, $0, .+16", 0x14000003);
	static const struct {
		struct insn insn;
		enum exception code;
		unsigned vector;
	} slots[] = {
		{ A("syscall", 0x0000000c), EXC_SYS, 0x180 },
		{ A("break", 0x0000000d), EXC_BP, 0x180 },
		{ A("teq $0, $0", 0x00000034), EXC_TR, 0x180 },
		{ A("add $10, $8, $8", 0x01085020), EXC_OV, 0x180 },
		{ A("lw $10, 0($9)", 0x8d2a0000), EXC_TLBL, 0x080 },
		{ A("sd $10, 0($9)", 0xfd2a0000), EXC_TLBS, 0x080 },
		{ A("lwc1 $f1, 0($9)", 0xc5210000), EXC_CPU, 0x180 },
		{ A("jr $8", 0x01000008), EXC_RI, 0x180 },		/* unpredictable on hardware */
	};
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = 0x7fffffff;
	f.v.gpr[9] = USER;
	f.v.gpr[10] = 77;
	for (size_t i = 0; i < 2 * COUNT(slots); i++) {
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		assert_int_equal(run_pair(&f, i & 1 ? taken.word : not_taken.word, slots[i / 2].insn.word), -1);
		assert_exception(&f, slots[i / 2].code, slots[i / 2].vector, CODE);
		assert_true(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
		assert_int_equal(f.v.gpr[10], 77);
	}
	fixture_close(&f);
}

/* The slot lies on a page that is not there: the whole branch is repeated once it is. */
static void a_slot_on_the_next_page(void **state)
{
	static const struct insn jalr = A("jalr $31, $8", 0x0100f809);
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_ENTRYLO0] = CODE_PA >> 6 | ENTRYLO_V;
	f.page->cp0[CP0_ENTRYLO1] = 0;
	f.page->cp0[CP0_ENTRYHI] = USER;
	tlb__write_index(&f.v);
	fixture_user_mode(&f);
	fixture_put(&f, CODE_PA + 0xffc, 4, jalr.word);
	f.v.pc = USER + 0xffc;
	f.v.gpr[8] = USER;
	f.v.gpr[31] = 5;
	assert_int_equal(vcpu__step(&f.v), -1);
	assert_exception(&f, EXC_TLBL, 0x180, USER + 0xffc);
	assert_int_equal(f.page->cp0[CP0_BADVADDR], USER + 0x1000);
	assert_true(cp0_word(&f.v, CP0_CAUSE) & CAUSE_BD);
	assert_int_equal(f.v.gpr[31], 5);
	fixture_close(&f);
}

/* What user mode gets for what it may not do, and kernel mode for what nobody may. */
static const struct {
	struct insn insn;
	int user, kernel;		/* exception code, -1 for none */
	unsigned coprocessor;
} privileges[] = {
	{ A("mfc0 $10, $12", 0x400a6000), EXC_CPU, -1, 0 },
	{ A("dmtc0 $10, $14", 0x40aa7000), EXC_CPU, -1, 0 },
	{ A("di $10", 0x416a6000), EXC_CPU, -1, 0 },
	{ A("eret", 0x42000018), EXC_CPU, -1, 0 },
	{ A("wait", 0x42000020), EXC_CPU, -1, 0 },
	{ A("tlbwr", 0x42000006), EXC_CPU, -1, 0 },
	{ A("cache 0x15, 0($10)", 0xbd550000), EXC_CPU, -1, 0 },
	{ A("synci 0($10)", 0x055f0000), -1, -1, 0 },
	{ A("sync", 0x0000000f), -1, -1, 0 },
	{ A("pref 0, 0($10)", 0xcd400000), -1, -1, 0 },
	{ A("rdhwr $10, $29", 0x7c0ae83b), -1, -1, 0 },		/* HWREna has 0 and 29 */
	{ A("rdhwr $10, $2", 0x7c0a103b), EXC_RI, -1, 0 },
	{ A("rdhwr $10, $7", 0x7c0a383b), EXC_RI, EXC_RI, 0 },
	{ A(".word 0x040d0000", 0x040d0000), EXC_RI, EXC_RI, 0 },	/* a REGIMM that nobody has */
	{ A(".word 0x7c0a0e3b", 0x7c0a0e3b), EXC_RI, EXC_RI, 0 },	/* rdhwr with bits that must be zero */
	{ A(".word 0x42000030", 0x42000030), EXC_CPU, EXC_RI, 0 },	/* COP0: user mode does not get that far */
	{ A("mfc1 $10, $f0", 0x440a0000), EXC_CPU, EXC_CPU, 1 },
	{ A("ldc1 $f0, 0($10)", 0xd5400000), EXC_CPU, EXC_CPU, 1 },
	{ A("movf $10, $8, $fcc0", 0x01005001), EXC_CPU, EXC_CPU, 1 },
	{ A(".word 0x48000000", 0x48000000), EXC_CPU, EXC_CPU, 2 },
	{ A("syscall", 0x0000000c), EXC_SYS, EXC_SYS, 0 },
	{ A("break", 0x0000000d), EXC_BP, EXC_BP, 0 },
};

static void who_may_do_what(void **state)
{
	for (size_t i = 0; i < 2 * COUNT(privileges); i++) {
		bool user = i & 1;
		int expected = user ? privileges[i / 2].user : privileges[i / 2].kernel, got;
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_HWRENA] = 0x20000001;
		f.page->cp0[CP0_EPC] = CODE;
		fixture_map(&f, 0, USER, CODE_PA, ENTRYLO_V);
		fixture_put(&f, CODE_PA, 4, privileges[i / 2].insn.word);
		f.v.pc = user ? USER : CODE;
		f.v.gpr[10] = DATA;
		if (user)
			fixture_user_mode(&f);
		got = vcpu__step(&f.v) ? (int)(cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2 : -1;
		if (got != expected || (got == EXC_CPU && (cp0_word(&f.v, CP0_CAUSE) & CAUSE_CE) >> CAUSE_CE_SHIFT !=
							  privileges[i / 2].coprocessor))
			fail_msg("%s in %s mode: exception %d, Cause %#x", privileges[i / 2].insn.text,
				 user ? "user" : "kernel", got, cp0_word(&f.v, CP0_CAUSE));
		fixture_close(&f);
	}
}

static void status_cu0_opens_cp0_to_users(void **state)
{
	static const struct insn mfc0 = A("mfc0 $10, $15", 0x400a7800), rdhwr = A("rdhwr $10, $2", 0x7c0a103b);
	struct fixture f;

	fixture_open(&f, false);
	fixture_user_mode(&f);
	f.page->cp0[CP0_STATUS] |= STATUS_CU0;
	assert_int_equal(exec_sensitive(&f.v, mfc0.word, false), 0);
	assert_int_equal(f.v.gpr[10], 0x000d0409);
	assert_int_equal(exec_sensitive(&f.v, rdhwr.word, false), 0);	/* whatever HWREna says */
	fixture_close(&f);
}

static void hardware_registers(void **state)
{
	static const struct {
		struct insn insn;
		u64 value;
	} rows[] = {
		{ A("rdhwr $10, $0", 0x7c0a003b), 0 },
		{ A("rdhwr $10, $1", 0x7c0a083b), 128 },		/* synci step: an Octeon's cache line */
		{ A("rdhwr $10, $2", 0x7c0a103b), 0xffffffff90000001ull },
		{ A("rdhwr $10, $3", 0x7c0a183b), 1 },
		{ A("rdhwr $10, $29", 0x7c0ae83b), 0x123456789abcdef0ull },
		{ A("rdhwr $10, $31", 0x7c0af83b), 0x190000001ull },
	};
	struct fixture f;

	fixture_open(&f, false);
	f.cycles = 0x190000001ull;
	f.page->cp0[CP0_USERLOCAL] = 0x123456789abcdef0ull;
	for (size_t i = 0; i < COUNT(rows); i++) {
		f.v.gpr[10] = 0xdead;
		assert_int_equal(fixture_run(&f, rows[i].insn.word), 0);
		assert_int_equal(f.v.gpr[10], rows[i].value);
	}
	fixture_close(&f);
}

/* di and ei give the Status there was; $0 takes nothing. */
static void interrupt_enable(void **state)
{
	static const struct insn di = A("di $10", 0x416a6000), ei = A("ei $10", 0x416a6020), ei0 = A("ei $0", 0x41606020);
	const u64 off = STATUS_KX | 0xff00, on = off | STATUS_IE;
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_STATUS] = off;
	assert_int_equal(fixture_run(&f, ei.word), 0);
	assert_int_equal(f.v.gpr[10], off);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS), on);
	assert_int_equal(fixture_run(&f, di.word), 0);
	assert_int_equal(f.v.gpr[10], on);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS), off);
	assert_int_equal(fixture_run(&f, ei0.word), 0);
	assert_int_equal(f.v.gpr[0], 0);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS), on);
	fixture_close(&f);
}

/* TLB handlers use k0 and k1 and want the canonical address, C code the one it knows. */
static void badvaddr_for_handlers(void **state)
{
	static const struct insn for_c = A("dmfc0 $10, $8", 0x402a4000), k0 = A("dmfc0 $26, $8", 0x403a4000), k1 = A("dmfc0 $27, $8", 0x403b4000);
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_BADVADDR] = WINDOW_MAP + 0x1238;
	assert_int_equal(fixture_run(&f, for_c.word), 0);
	assert_int_equal(fixture_run(&f, k0.word), 0);
	assert_int_equal(fixture_run(&f, k1.word), 0);
	assert_int_equal(f.v.gpr[10], WINDOW_MAP + 0x1238);
	assert_int_equal(f.v.gpr[26], 0xc000000000000000ull | (WINDOW_MAP + 0x1238));
	assert_int_equal(f.v.gpr[27], 0xc000000000000000ull | (WINDOW_MAP + 0x1238));
	fixture_close(&f);
}

static void wait_and_caches(void **state)
{
	static const struct insn wait = A("wait", 0x42000020), cache = A("cache 0x10, 0($0)", 0xbc100000), synci = A("synci 0($0)", 0x041f0000);
	struct fixture f;

	fixture_open(&f, false);
	assert_int_equal(fixture_run(&f, wait.word), 0);
	assert_true(f.v.waiting);
	assert_int_equal(f.v.pc, CODE + 4);	/* the interrupt's EPC */
	assert_int_equal(fixture_run(&f, cache.word), 0);
	assert_int_equal(fixture_run(&f, synci.word), 0);
	assert_int_equal(f.icache_syncs, 2);
	fixture_close(&f);
}

/* A CP0 register this CPU does not have reads as zero and ignores writes, as on an Octeon. */
static void missing_cp0_registers(void **state)
{
	static const struct insn from = A("dmfc0 $10, $6, 1", 0x402a3001), to = A("dmtc0 $8, $6, 1", 0x40a83001);
	struct fixture f;

	fixture_open(&f, false);
	f.v.gpr[8] = f.v.gpr[10] = 42;
	assert_int_equal(fixture_run(&f, to.word), 0);
	assert_int_equal(fixture_run(&f, from.word), 0);
	assert_int_equal(f.v.gpr[10], 0);
	fixture_close(&f);
}

/* Fields that must be zero, or that name what this CPU does not have; and some that are ignored. */
static void reserved_fields(void **state)
{
	static const struct {
		struct insn insn;
		bool reserved;
	} words[] = {
		{ A(".word 0x19090003", 0x19090003), true },	/* blez $8, with rt */
		{ A(".word 0x1d090003", 0x1d090003), true },	/* bgtz */
		{ A(".word 0x59090003", 0x59090003), false },	/* blezl */
		{ A(".word 0x5d090003", 0x5d090003), false },	/* bgtzl */
		{ A(".word 0x0100f849", 0x0100f849), true },	/* jalr $8, hint 1 */
		{ A(".word 0x0100fc09", 0x0100fc09), false },	/* hint 16: jalr.hb */
		{ A(".word 0x01000048", 0x01000048), false },	/* jr, hint 1 */
		{ A(".word 0x00495082", 0x00495082), true },	/* srl, rs 2 */
		{ A(".word 0x00495080", 0x00495080), false },	/* sll, rs 2 */
		{ A(".word 0x0049507a", 0x0049507a), true },	/* dsrl, rs 2 */
		{ A(".word 0x0049507e", 0x0049507e), true },	/* dsrl32, rs 2 */
		{ A(".word 0x01095086", 0x01095086), true },	/* srlv, sa 2 */
		{ A(".word 0x01095096", 0x01095096), true },	/* dsrlv, sa 2 */
		{ A(".word 0x01095084", 0x01095084), false },	/* sllv, sa 2 */
		{ A(".word 0x00205010", 0x00205010), true },	/* mfhi of accumulator 1 */
		{ A(".word 0x01000811", 0x01000811), true },	/* mthi to it */
		{ A(".word 0x01090818", 0x01090818), true },	/* mult into it */
		{ A(".word 0x0109081c", 0x0109081c), false },	/* dmult, rd 1 */
		{ A(".word 0x71090800", 0x71090800), true },	/* madd into it */
		{ A(".word 0x71095068", 0x71095068), true },	/* baddu, sa 1 */
		{ A(".word 0x71095043", 0x71095043), true },	/* dmul, sa 1 */
		{ A(".word 0x7109506a", 0x7109506a), true },	/* seq, sa 1 */
		{ A(".word 0x7109502d", 0x7109502d), true },	/* dpop, rt 9 */
		{ A(".word 0x71095042", 0x71095042), false },	/* mul, sa 1 */
		{ A(".word 0x71095060", 0x71095060), false },	/* clz, sa 1 */
		{ A(".word 0x71090818", 0x71090818), true },	/* saa, rd 1 */
		{ A(".word 0x7d09f900", 0x7d09f900), true },	/* ext from 4, 32 bits */
		{ A(".word 0x7d092204", 0x7d092204), true },	/* ins from 8 to 4 */
		{ A(".word 0x7d09f901", 0x7d09f901), true },	/* dextm from 4, 64 bits */
		{ A(".word 0x7d092207", 0x7d092207), true },	/* dins from 8 to 4 */
		{ A(".word 0x7d092205", 0x7d092205), false },	/* dinsm from 8 to 36 */
		{ A(".word 0x3d091234", 0x3d091234), false },	/* lui, rs 8 */
	};
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(words); i++) {
		fixture_reset(&f);
		f.v.gpr[8] = CODE + 0x100;
		if (run_pair(&f, words[i].insn.word, 0) != (words[i].reserved ? -1 : 0) ||
		    (words[i].reserved && (cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2 != EXC_RI))
			fail_msg("%s", words[i].insn.text);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_branches),
		cmocka_unit_test(jumps),
		cmocka_unit_test(exceptions_in_slots),
		cmocka_unit_test(a_slot_on_the_next_page),
		cmocka_unit_test(who_may_do_what),
		cmocka_unit_test(status_cu0_opens_cp0_to_users),
		cmocka_unit_test(hardware_registers),
		cmocka_unit_test(interrupt_enable),
		cmocka_unit_test(badvaddr_for_handlers),
		cmocka_unit_test(wait_and_caches),
		cmocka_unit_test(missing_cp0_registers),
		cmocka_unit_test(reserved_fields),
	};

	return cmocka_run_group_tests_name("interp", tests, NULL, NULL);
}
