/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CP0: the rows of cp0.def and of abi/sensitive.def, one by one, and the registers that do something.
 */
#include "abi/afterburn.h"
#include "afterburner/sensitive.h"
#include "tests/unit/vcpu_fixture.h"
#include "wedge/burn/burn.h"

static void rows_are_consistent(void **state)
{
	for (unsigned i = 0; i < CP0_REGISTERS; i++) {
		const struct cp0_info *row = &cp0_info[i];

		assert_non_null(row->name);
		assert_true(row->rd < 32 && row->sel < 8);
		assert_true(row->bits == 32 || row->bits == 64);
		if (row->bits == 32 && (row->reset >> 32 || row->writable >> 32))
			fail_msg("%s has 32 bits, but more in its reset value or mask", row->name);
		/* also proves that no two rows have the same place */
		if (cp0__find(row->rd, row->sel) != (int)i)
			fail_msg("(%u, %u) is not %s alone", row->rd, row->sel, row->name);
	}
	assert_int_equal(cp0__find(6, 1), -1);
	assert_int_equal(cp0__find(31, 7), -1);
}

static bool has_a_clock(enum cp0_register r)
{
	return r == CP0_COUNT || r == CP0_CVMCOUNT || r == CP0_RANDOM;
}

/* EBase.CPUNum, which no write changes, and RDHWR of it. */
static void core_number(void **state)
{
	static const struct insn cpunum = A("rdhwr $8, $0", 0x7c08003b);
	struct fixture f;

	fixture_open(&f, false);
	vcpu__reset(&f.v, &f.machine, f.page, 11);

	assert_int_equal(cp0__read(&f.v, CP0_EBASE), 0xffffffff8000000bull);
	cp0__write(&f.v, CP0_EBASE, 0xffffffff81234567ull, true);
	assert_int_equal(cp0__read(&f.v, CP0_EBASE), 0xffffffff8123400bull);
	assert_false(fixture_run(&f, cpunum.word));
	assert_int_equal(f.v.gpr[8], 11);
	fixture_close(&f);
}

/* A CPU without RI and XI has no bits to turn them on. */
static void no_rixi(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	cp0__write(&f.v, CP0_PAGEGRAIN, PAGEGRAIN_RIE | PAGEGRAIN_XIE, false);
	assert_int_equal(cp0_word(&f.v, CP0_PAGEGRAIN) & (PAGEGRAIN_RIE | PAGEGRAIN_XIE), PAGEGRAIN_RIE | PAGEGRAIN_XIE);
	f.page->cp0[CP0_CONFIG3] &= ~(u64)CONFIG3_RXI;
	cp0__write(&f.v, CP0_PAGEGRAIN, PAGEGRAIN_RIE | PAGEGRAIN_XIE | PAGEGRAIN_IEC, false);
	assert_int_equal(cp0_word(&f.v, CP0_PAGEGRAIN) & (PAGEGRAIN_RIE | PAGEGRAIN_XIE | PAGEGRAIN_IEC), 0);
	fixture_close(&f);
}

static void reset_values(void **state)
{
	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		vcpu__reset(&f.v, &f.machine, f.page, 0);
		for (unsigned r = 0; r < CP0_REGISTERS; r++) {
			u64 expected = cp0_info[r].reset;

			if (has_a_clock(r))
				continue;
			if (r == CP0_CONFIG)
				expected |= big ? CONFIG_BE : 0;
			if (cp0_info[r].bits == 32)
				expected = word(expected);
			if (cp0__read(&f.v, r) != expected)
				fail_msg("%s is %#lx after reset", cp0_info[r].name, (unsigned long)cp0__read(&f.v, r));
		}
		assert_true(vcpu__kernel_mode(&f.v));	/* ERL */
		fixture_close(&f);
	}
}

/* All ones, then all zeros: only writable bits change. */
static void write_masks(void **state)
{
	for (unsigned r = 0; r < CP0_REGISTERS; r++) {
		const struct cp0_info *row = &cp0_info[r];
		u64 ones, zeros;
		struct fixture f;

		if (has_a_clock(r))
			continue;
		fixture_open(&f, false);
		vcpu__reset(&f.v, &f.machine, f.page, 0);
		if (r == CP0_STATUS)		/* without an FPU CU1 and FR do not stick */
			f.page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
		ones = row->reset | row->writable;
		zeros = row->reset & ~row->writable;
		cp0__write(&f.v, r, ~0ull, true);
		if (cp0__read(&f.v, r) != (row->bits == 32 ? word(ones) : ones))
			fail_msg("%s is %#lx after ones", row->name, (unsigned long)cp0__read(&f.v, r));
		cp0__write(&f.v, r, 0, true);
		if (cp0__read(&f.v, r) != (row->bits == 32 ? word(zeros) : zeros))
			fail_msg("%s is %#lx after zeros", row->name, (unsigned long)cp0__read(&f.v, r));
		fixture_close(&f);
	}
}

/* A burnt dmtc0 stores all bits; Linux writes ones and looks which have stuck, to find out how wide addresses are. */
static void entrylo_reads_what_sticks(void **state)
{
	for (unsigned r = CP0_ENTRYLO0; r <= CP0_ENTRYLO1; r++) {
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[r] = ~0ull;
		assert_true(cp0__read(&f.v, r) == 0xc00007ffffffffff);
		assert_int_equal(cp0_info[r].read, CP0_CALL);
		fixture_close(&f);
	}
}

/* A burnt mtc0 writes the low word only: what the slot holds above it must never be seen. */
static void words_are_sign_extended(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_STATUS] = 0x1234567880000000ull;
	assert_int_equal(cp0__read(&f.v, CP0_STATUS), 0xffffffff80000000ull);
	cp0__write(&f.v, CP0_EPC, 0x1122334480000000ull, false);
	assert_int_equal(cp0__read(&f.v, CP0_EPC), 0x1122334480000000ull);	/* whole, also by mtc0 */
	cp0__write(&f.v, CP0_ERROREPC, 0x1122334480000000ull, false);
	assert_int_equal(cp0__read(&f.v, CP0_ERROREPC), 0x1122334480000000ull);
	cp0__write(&f.v, CP0_EPC, 0x1122334480000000ull, true);
	assert_int_equal(cp0__read(&f.v, CP0_EPC), 0x1122334480000000ull);
	fixture_close(&f);
}

static bool timer_interrupt(struct fixture *f)
{
	u64 cause;

	vcpu__check_timer(&f->v);
	cause = cp0_word(&f->v, CP0_CAUSE);
	assert_int_equal(!(cause & CAUSE_TI), !(cause & 1u << (CAUSE_IP_SHIFT + 7)));	/* IntCtl.IPTI is 7 */
	return cause & CAUSE_TI;
}

static void the_timer(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.cycles = 1000000;
	assert_false(timer_interrupt(&f));		/* no Compare yet */
	cp0__write(&f.v, CP0_COUNT, 500, false);
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 500);
	cp0__write(&f.v, CP0_COMPARE, 600, false);
	assert_int_equal(f.compare_changes, 2);
	f.cycles += 99;
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 599);
	assert_false(timer_interrupt(&f));
	f.cycles++;
	assert_true(cp0__read(&f.v, CP0_CAUSE) & CAUSE_TI);	/* reading looks at the clock */
	assert_true(timer_interrupt(&f));
	cp0__write(&f.v, CP0_COMPARE, 600, false);	/* acknowledges; the match is a turn away */
	assert_false(timer_interrupt(&f));
	f.cycles += (1ull << 32) - 1;
	assert_false(timer_interrupt(&f));
	f.cycles++;
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 600);	/* so does this: blocks read Cause from the page */
	assert_true(f.page->cp0[CP0_CAUSE] & CAUSE_TI);
	assert_true(timer_interrupt(&f));
	cp0__write(&f.v, CP0_COMPARE, 599, false);	/* just gone by */
	f.cycles += 1000;
	assert_false(timer_interrupt(&f));
	fixture_close(&f);
}

#define ERET	0x42000018u

/* An interrupt of the timer that takes so long, and what it interrupts after it. */
static void tick(struct fixture *f, u64 took)
{
	f->page->cp0[CP0_STATUS] |= STATUS_IE | STATUS_IM;
	exception__interrupt(&f->v);
	f->cycles += took;
	cp0__write(&f->v, CP0_COMPARE, cp0__read(&f->v, CP0_COUNT) + 100, false);
	assert_false(fixture_run(f, ERET));
}

/* Ticks that take longer than what is between them leave the guest as much time as they take. */
static void a_guest_gets_on(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.machine.rest_most = 10000;
	f.cycles = 1000000;
	tick(&f, 50);
	f.cycles += 100;
	assert_true(timer_interrupt(&f));
	tick(&f, 500);				/* after 100 */
	f.cycles += 499;
	assert_false(timer_interrupt(&f));
	assert_int_equal(vcpu__timer_due(&f.v), f.cycles + 1);
	f.cycles++;
	assert_true(timer_interrupt(&f));
	/* Stopped for an hour in its handler it is not kept waiting for another. */
	tick(&f, 1ull << 40);
	f.cycles += 9999;
	assert_false(timer_interrupt(&f));
	f.cycles++;
	assert_true(timer_interrupt(&f));
	/* Where time is counted nothing is. */
	f.machine.rest_most = 0;
	tick(&f, 500);
	f.cycles += 100;
	assert_true(timer_interrupt(&f));
	fixture_close(&f);
}

/* An alarm that was set for a moment ahead comes later, unless nobody does anything else, or looks; and it is put off once only. */
static void alarms_are_put_off(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.machine.alarm_least = 1000;
	f.cycles = 1000000;
	cp0__write(&f.v, CP0_COUNT, 0, false);
	cp0__write(&f.v, CP0_COMPARE, 10, false);
	f.cycles += 600;
	assert_false(timer_interrupt(&f));
	cp0__write(&f.v, CP0_COMPARE, 610, false);
	f.cycles += 399;
	assert_false(timer_interrupt(&f));
	f.v.waiting = true;
	assert_int_equal(vcpu__timer_due(&f.v), 1000610);
	f.v.waiting = false;
	assert_int_equal(vcpu__timer_due(&f.v), 1001000);
	f.cycles++;
	assert_true(timer_interrupt(&f));
	cp0__write(&f.v, CP0_COMPARE, 1010, false);
	f.cycles += 10;
	assert_false(timer_interrupt(&f));
	assert_true(cp0__read(&f.v, CP0_CAUSE) & CAUSE_TI);
	cp0__write(&f.v, CP0_COMPARE, 3010, false);	/* further ahead it comes in time */
	f.cycles += 1999;
	assert_false(timer_interrupt(&f));
	f.cycles++;
	assert_true(timer_interrupt(&f));
	fixture_close(&f);
}

static void count_wraps(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.cycles = 12345;
	cp0__write(&f.v, CP0_COUNT, 0xfffffff0, false);
	cp0__write(&f.v, CP0_COMPARE, 0x10, false);
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 0xfffffffffffffff0ull);
	f.cycles += 0x1f;
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 0xf);
	assert_false(timer_interrupt(&f));
	f.cycles++;
	assert_true(timer_interrupt(&f));
	/* CvmCount has 64 bits and a life of its own. */
	cp0__write(&f.v, CP0_CVMCOUNT, 0xffffffff, true);
	f.cycles += 2;
	assert_int_equal(cp0__read(&f.v, CP0_CVMCOUNT), 0x100000001ull);
	assert_int_equal(cp0__read(&f.v, CP0_COUNT), 0x12);
	fixture_close(&f);
}

static void entryhi_is_canonical(void **state)
{
	static const struct {
		u64 written, found;
	} rows[] = {
		{ WINDOW_MAP + 0x4000, 0xc00000e800004000ull },
		{ WINDOW_MAP + 0x5000 + 0x42, 0xc00000e800004042ull },	/* VPN2 and ASID */
		{ WINDOW_MAP_END - 0x2000 + 1, 0xc00000efffffe001ull },
		{ WINDOW_MAP_END, WINDOW_MAP_END },
		{ 0x120000000ull, 0x120000000ull },
		{ 0xffffffffc0000000ull, 0xc00000ffc0000000ull },	/* bits above SEGBITS read as zero */
	};
	struct fixture f;

	fixture_open(&f, false);
	for (size_t i = 0; i < COUNT(rows); i++) {
		cp0__write(&f.v, CP0_ENTRYHI, rows[i].written, true);
		assert_int_equal(cp0__read(&f.v, CP0_ENTRYHI), rows[i].found);
	}
	fixture_close(&f);
}

static void interrupt_lines(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (unsigned line = 2; line < 8; line++) {
		vcpu__set_irq(&f.v, line, true);
		assert_int_equal(cp0_word(&f.v, CP0_CAUSE) & CAUSE_IP, 0x100 << line);
		assert_false(vcpu__irq_pending(&f.v));
		f.page->cp0[CP0_STATUS] = 0x100 << line;
		assert_true(vcpu__irq_pending(&f.v));
		assert_false(vcpu__irq_deliverable(&f.v));
		f.page->cp0[CP0_STATUS] |= STATUS_IE;
		assert_true(vcpu__irq_deliverable(&f.v));
		f.page->cp0[CP0_STATUS] |= line & 1 ? STATUS_EXL : STATUS_ERL;
		assert_false(vcpu__irq_deliverable(&f.v));
		vcpu__set_irq(&f.v, line, false);
		assert_int_equal(cp0_word(&f.v, CP0_CAUSE) & CAUSE_IP, 0);
	}
	fixture_close(&f);
}

/* --- abi/sensitive.def --- */

static void sensitive_rows_are_apart(void **state)
{
	const struct sensitive *a, *b;

	for (size_t i = 0; (a = sensitive__row(i)); i++) {
		if (a->match & ~a->mask)
			fail_msg("%s: bits of MATCH outside MASK", a->name);
		if (a->words < 2 || a->words > BURN_SITE_WORDS)
			fail_msg("%s: %u words", a->name, a->words);
		if (!((a->match ^ GUARD_MATCH) & a->mask & GUARD_MASK))
			fail_msg("%s could be a guard", a->name);
		for (size_t j = 0; j < i; j++) {
			b = sensitive__row(j);
			assert_int_not_equal(a->id, b->id);
			if (!((a->match ^ b->match) & a->mask & b->mask))
				fail_msg("%s and %s match the same word", a->name, b->name);
		}
	}
}

static void sensitive_operands_decode(void **state)
{
	const struct sensitive *row;

	for (size_t i = 0; (row = sensitive__row(i)); i++) {
		u32 w = row->match | (0x015fa5c7 & ~row->mask);
		struct afterburn_record r = { .site = { .rt = 0xff } };
		bool rt = row->form == FORM_RT || row->form == FORM_RT_RD_SEL;

		assert_ptr_equal(sensitive__match(w), row);
		assert_ptr_equal(sensitive__by_id(row->id), row);
		sensitive__decode(row, w, &r);
		assert_int_equal(r.site.word, w);
		assert_int_equal(r.site.rt, rt ? field_rt(w) : 0);
		assert_int_equal(r.site.rd, row->form == FORM_RT_RD_SEL ? field_rd(w) : 0);
		assert_int_equal(r.site.op, row->form == FORM_OP_BASE_OFFSET ? field_rt(w) : 0);
		if (row->form == FORM_BASE_OFFSET || row->form == FORM_OP_BASE_OFFSET) {
			assert_int_equal(r.site.base, field_rs(w));
			assert_int_equal(r.site.offset, field_simm(w));
		}
	}
}

/* Each row is executed in kernel mode, and those that user mode must not are refused there. */
static void sensitive_rows_have_handlers(void **state)
{
	const struct sensitive *row;

	for (size_t i = 0; (row = sensitive__row(i)); i++) {
		bool open_to_users = !strcmp(row->name, "synci") || !strcmp(row->name, "rdhwr");
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_HWRENA] = 0xf;
		f.page->cp0[CP0_EPC] = CODE + 4;
		if (fixture_run(&f, row->match) && strcmp(row->name, "deret"))
			fail_msg("%s: exception %s", row->name,
				 exception__name((cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2));
		f.page->cp0[CP0_STATUS] = 0;
		fixture_user_mode(&f);
		assert_int_equal(exec_sensitive(&f.v, row->match, false), open_to_users ? 0 : -1);
		if (!open_to_users) {
			assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2, EXC_CPU);
			assert_int_equal(cp0_word(&f.v, CP0_CAUSE) & CAUSE_CE, 0);
		}
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_consistent),
		cmocka_unit_test(reset_values),
		cmocka_unit_test(core_number),
		cmocka_unit_test(no_rixi),
		cmocka_unit_test(write_masks),
		cmocka_unit_test(entrylo_reads_what_sticks),
		cmocka_unit_test(words_are_sign_extended),
		cmocka_unit_test(the_timer),
		cmocka_unit_test(a_guest_gets_on),
		cmocka_unit_test(alarms_are_put_off),
		cmocka_unit_test(count_wraps),
		cmocka_unit_test(entryhi_is_canonical),
		cmocka_unit_test(interrupt_lines),
		cmocka_unit_test(sensitive_rows_are_apart),
		cmocka_unit_test(sensitive_operands_decode),
		cmocka_unit_test(sensitive_rows_have_handlers),
	};

	return cmocka_run_group_tests_name("cp0", tests, NULL, NULL);
}
