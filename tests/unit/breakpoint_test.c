// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Breakpoints: the interpreter executes what stood there, and says where there is one; who reads and writes memory for a debugger sees none.
 */
#include "tests/unit/vcpu_fixture.h"
#include "wedge/debug/memory.h"

static struct fixture f;
static const struct insn add = A("addiu $2, $2, 1", 0x24420001);

static int begin(void **state) { fixture_open(&f, false); return 0; }
static int begin_big(void **state) { fixture_open(&f, true); return 0; }
static int end(void **state) { fixture_close(&f); return 0; }

static struct breakpoints *all(void) { return &f.machine.breakpoints; }
static bool swapped(void) { return vcpu__swapped(&f.v); }

static bool set(u64 va, u64 pa) { return breakpoints__set(all(), f.ram, va, pa, 0, swapped()); }
static bool clear(u64 va) { return breakpoints__clear(all(), f.ram, va, swapped()); }

static void what_stood_there_is_executed(void **state)
{
	fixture_put(&f, CODE_PA, 4, add.word);
	assert_false(breakpoint__here(&f.v));
	assert_true(set(CODE, CODE_PA));
	assert_int_not_equal(fixture_get(&f, CODE_PA, 4), add.word);
	assert_true(breakpoint__here(&f.v));
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.gpr[2], 1);
	assert_false(breakpoint__here(&f.v));
	/* So is a copy that the kernel has made. */
	fixture_put(&f, DATA_PA, 4, fixture_get(&f, CODE_PA, 4));
	f.v.pc = DATA;
	assert_false(breakpoint__here(&f.v));
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.gpr[2], 2);
	assert_true(clear(CODE));
	assert_false(clear(CODE));
	assert_int_equal(fixture_get(&f, CODE_PA, 4), add.word);
	assert_int_equal(all()->count, 0);
	assert_int_equal(all()->filter, 0);
}

static void big_endian(void **state)
{
	fixture_put(&f, CODE_PA, 4, add.word);
	assert_true(set(CODE, CODE_PA));
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.gpr[2], 1);
	assert_true(clear(CODE));
	assert_int_equal(fixture_get(&f, CODE_PA, 4), add.word);
}

/* One word, seen in two windows: the guest has it back when both are gone, whichever goes first. */
static void one_word_two_addresses(void **state)
{
	for (unsigned first = 0; first < 2; first++) {
		const u64 va[] = { CODE, WINDOW_PHYSMAP + CODE_PA };

		fixture_put(&f, CODE_PA, 4, add.word);
		assert_true(set(va[0], CODE_PA));
		assert_true(set(va[1], CODE_PA));
		assert_true(set(va[1], CODE_PA));
		assert_int_equal(all()->count, 2);
		assert_true(clear(va[first]));
		f.v.pc = va[!first];
		assert_true(breakpoint__here(&f.v));
		f.v.gpr[2] = 0;
		assert_int_equal(vcpu__step(&f.v), 0);
		assert_int_equal(f.v.gpr[2], 1);
		assert_true(clear(va[!first]));
		assert_int_equal(fixture_get(&f, CODE_PA, 4), add.word);
	}
}

/* What the guest has written over one stays. */
static void overwritten(void **state)
{
	assert_true(set(CODE, CODE_PA));
	fixture_put(&f, CODE_PA, 4, add.word);
	assert_true(clear(CODE));
	assert_int_equal(fixture_get(&f, CODE_PA, 4), add.word);
}

/* In another page at the same address there is none; and a program's own word of that kind is its own. */
static void of_one_program(void **state)
{
	const u64 va = 0x120000000;

	fixture_map(&f, 0, va, DATA_PA, ENTRYLO_V);
	fixture_put(&f, DATA_PA, 4, add.word);
	assert_true(set(va, DATA_PA));
	fixture_user_mode(&f);
	f.v.pc = va;
	assert_true(breakpoint__here(&f.v));
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.gpr[2], 1);
	fixture_put(&f, DATA_PA + 0x2000, 4, fixture_get(&f, DATA_PA, 4));
	fixture_map(&f, 0, va, DATA_PA + 0x2000, ENTRYLO_V);
	f.v.pc = va;
	assert_false(breakpoint__here(&f.v));
	assert_int_equal(vcpu__step(&f.v), -1);
	f.v.pc = 0x200000000;		/* where no page is */
	assert_false(breakpoint__here(&f.v));
}

static void too_many(void **state)
{
	for (unsigned i = 0; i < BREAKPOINTS_MOST; i++)
		assert_true(set(CODE + 4 * i, CODE_PA + 4 * i));
	assert_false(set(DATA, DATA_PA));
	breakpoints__clear_all(all(), f.ram, swapped());
	assert_int_equal(all()->count, 0);
	for (unsigned i = 0; i < BREAKPOINTS_MOST; i++)
		assert_int_equal(fixture_get(&f, CODE_PA + 4 * i, 4), 0);
}

static void seen_through(void **state)
{
	u8 bytes[8];

	fixture_put(&f, CODE_PA, 8, 0x1122334455667788);
	assert_true(set(CODE, CODE_PA));
	for (unsigned i = 0; i < 8; i++) {
		memcpy(bytes, f.ram + CODE_PA + i, 8 - i);
		breakpoints__see_through(all(), CODE_PA + i, bytes, 8 - i, swapped());
		for (unsigned n = i; n < 8; n++)
			assert_int_equal(bytes[n - i], 0x88 - 0x11 * n);
	}
	memcpy(bytes, f.ram + CODE_PA - 8, 8);
	breakpoints__see_through(all(), CODE_PA - 8, bytes, 8, swapped());
	assert_int_equal(bytes[7], 0);
}

static void written_under_it(void **state)
{
	const u8 bytes[] = { 0xaa, 0xbb, 0xcc };

	fixture_put(&f, CODE_PA, 8, 0x1122334455667788);
	assert_true(set(CODE, CODE_PA));
	breakpoints__write(all(), f.ram, CODE_PA + 2, bytes, sizeof(bytes), swapped());
	assert_true(breakpoint__here(&f.v));
	assert_int_equal(all()->at[0].word, 0xbbaa7788);
	assert_true(clear(CODE));
	assert_int_equal(fixture_get(&f, CODE_PA, 8), 0x112233ccbbaa7788);
}

/* --- Watchpoints --- */

/* Which of them the instruction is about to touch. */
static int about_to(u32 word, u32 slot)
{
	fixture_put(&f, CODE_PA, 4, word);
	fixture_put(&f, CODE_PA + 4, 4, slot);
	f.v.pc = CODE;
	return watchpoint__here(&f.v);
}

static void what_is_watched(void **state)
{
	static const struct insn lw = A("lw $2, 8($4)", 0x8c820008), sw = A("sw $2, 8($4)", 0xac820008), sb = A("sb $2, 11($4)", 0xa082000b),
		sd = A("sd $2, 4($4)", 0xfc820004), after = A("sw $2, 12($4)", 0xac82000c), before = A("sh $2, 6($4)", 0xa4820006),
		swl = A("swl $2, 11($4)", 0xa882000b), ll = A("ll $2, 8($4)", 0xc0820008), saa = A("saa $2, ($4)", 0x70820018),
		jr = A("jr $31", 0x03e00008), beql = A("beql $2, $2, .+8", 0x50420001);
	const struct watchpoint stores = { DATA + 8, 4, false, true, 0 }, loads = { WINDOW_PHYSMAP + DATA_PA + 8, 4, true, false, 0 };

	f.v.gpr[4] = DATA;
	assert_int_equal(about_to(sw.word, 0), -1);
	assert_true(watchpoints__set(all(), &stores));
	assert_true(watchpoints__set(all(), &stores));
	assert_int_equal(all()->watches, 1);
	assert_int_equal(about_to(sw.word, 0), 0);
	assert_int_equal(about_to(sb.word, 0), 0);
	assert_int_equal(about_to(sd.word, 0), 0);
	assert_int_equal(about_to(swl.word, 0), 0);
	assert_int_equal(about_to(lw.word, 0), -1);
	assert_int_equal(about_to(after.word, 0), -1);
	assert_int_equal(about_to(before.word, 0), -1);
	/* In a slot, and not behind what is no branch. */
	assert_int_equal(about_to(jr.word, sw.word), 0);
	assert_int_equal(about_to(beql.word, sw.word), 0);
	assert_int_equal(about_to(add.word, sw.word), -1);
	/* By another of its addresses, or another kind of access. */
	f.v.gpr[4] = 0xffffffff80000000ull + DATA_PA;
	assert_int_equal(about_to(sw.word, 0), 0);
	assert_true(watchpoints__set(all(), &loads));
	assert_int_equal(about_to(lw.word, 0), 1);
	assert_int_equal(about_to(ll.word, 0), 1);
	f.v.gpr[4] += 8;
	assert_int_equal(about_to(saa.word, 0), 0);
	assert_true(watchpoints__clear(all(), &stores));
	assert_false(watchpoints__clear(all(), &stores));
	assert_int_equal(about_to(saa.word, 0), 1);
	breakpoints__clear_all(all(), f.ram, swapped());
	assert_int_equal(about_to(saa.word, 0), -1);
	/* Nothing happens to a guest whose code cannot be fetched. */
	assert_true(watchpoints__set(all(), &stores));
	f.v.pc = 0x1230;
	assert_int_equal(watchpoint__here(&f.v), -1);
	f.v.pc = 2;
	assert_int_equal(watchpoint__here(&f.v), -1);
	assert_int_equal(f.exceptions, 0);
}

static void how_many_are_watched(void **state)
{
	for (unsigned i = 0; i < WATCHPOINTS_MOST; i++)
		assert_true(watchpoints__set(all(), &(struct watchpoint){ DATA + 8 * i, 8, true, true, 0 }));
	assert_false(watchpoints__set(all(), &(struct watchpoint){ CODE, 8, true, true, 0 }));
	assert_true(watchpoints__clear(all(), &(struct watchpoint){ DATA + 8, 8, true, true, 0 }));
	assert_false(watchpoints__clear(all(), &(struct watchpoint){ 0, 0, false, false, 0 }));
	assert_false(watchpoints__set(all(), &(struct watchpoint){ CODE, WATCHPOINT_SIZE + 1, true, true, 0 }));
	assert_false(watchpoints__set(all(), &(struct watchpoint){ CODE, 0, true, true, 0 }));
	assert_true(watchpoints__set(all(), &(struct watchpoint){ CODE, 8, true, true, 0 }));
}

/* --- Where an address leads, for a debugger --- */

static const struct afterburn_page_tables format = {
	.root_shift = 11, .levels = 2, .level = { { 21, 9 }, { 12, 9 } }, .entrylo_shift = 10, .no_read = 1 << 5, .no_exec = 1 << 4,
	.present = 1 << 0, .write = 1 << 1, .accessed = 1 << 2, .modified = 1 << 3,
};

static struct debug_only rows;

#define ROOT_PA		0x30000ull
#define LEAF_PA		0x31000ull
#define PAGE_PA		0x40000ull

static void make_tables(u64 va)
{
	fixture_put(&f, ROOT_PA + (va >> 21 & 511) * 8, 8, WINDOW_PHYSMAP + LEAF_PA);
	fixture_put(&f, LEAF_PA + (va >> 12 & 511) * 8, 8, (PAGE_PA >> 6) << 10 | 1);	/* present, not yet accessed */
}

static void where_addresses_lead(void **state)
{
	static const struct afterburn_page_tables none;
	const u64 user = 0x3412000, kernel = 0xc000000000000000ull | WINDOW_MAP;
	struct debug_view view = { &f.v, &format, WINDOW_CKSEG0 + ROOT_PA, &rows };

	assert_int_equal(debug__ram_offset(&view, CODE), CODE_PA);
	assert_int_equal(debug__ram_offset(&view, 0xffffffff80000000ull + CODE_PA), CODE_PA);
	assert_int_equal(debug__ram_offset(&view, 0x8000000000000000ull + CODE_PA), CODE_PA);
	assert_int_equal(debug__ram_offset(&view, 0x9800000000000000ull + CODE_PA), CODE_PA);
	assert_int_equal(debug__ram_offset(&view, WINDOW_PHYSMAP + CODE_PA), CODE_PA);
	assert_true(debug__ram_offset(&view, WINDOW_PHYSMAP + RAM_BYTES) == UINT64_MAX);
	assert_true(debug__ram_offset(&view, user) == UINT64_MAX);
	/* What the TLB has, in whichever mode the core is; not what only another address space has. */
	fixture_map(&f, 3, user, DATA_PA, ENTRYLO_V);
	fixture_user_mode(&f);
	assert_int_equal(debug__ram_offset(&view, user + 0x123), DATA_PA + 0x123);
	assert_int_equal(debug__ram_offset(&view, CODE), CODE_PA);
	f.page->cp0[CP0_ENTRYHI] = 7;
	assert_true(debug__ram_offset(&view, user) == UINT64_MAX);
	/* And what page tables have. */
	make_tables(user);
	f.page->cp0[CP0_CONTEXT] = (WINDOW_CKSEG0 + ROOT_PA) << 11;
	assert_int_equal(debug__ram_offset(&view, user + 0x123), PAGE_PA + 0x123);
	assert_true(debug__ram_offset(&view, user + 0x1000) == UINT64_MAX);
	view.format = &none;
	assert_true(debug__ram_offset(&view, user) == UINT64_MAX);
	view.format = &format;
	make_tables(WINDOW_MAP & 0x3fffffff);
	f.page->cp0[CP0_CONTEXT] = 0;
	assert_true(debug__ram_offset(&view, kernel) == UINT64_MAX);	/* more than these tables reach */
	view.kernel_root = 0;
	assert_true(debug__ram_offset(&view, kernel) == UINT64_MAX);
	assert_int_equal(cp0_word(&f.v, CP0_STATUS) & STATUS_KSU, STATUS_KSU_USER);
}

/* Over the end of a page, as far as there is one; and nothing of what cannot all be written. */
static void memory_of_two_pages(void **state)
{
	const u64 va = 0x120000000, last = va + 0x2000;
	const struct debug_view view = { &f.v, &format, 0, &rows };
	u8 bytes[16] = { 1, 2, 3, 4, 5, 6, 7, 8 };

	fixture_map(&f, 0, va, DATA_PA, ENTRYLO_V);
	assert_true(debug__set_breakpoint(&view, va + 0xffc));
	assert_false(debug__set_breakpoint(&view, va + 2));
	assert_true(debug__write(&view, va + 0xffc, bytes, 8));
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(debug__read(&view, va + 0xffc, bytes, 8), 8);
	assert_int_equal(fixture_get(&f, DATA_PA + 0x1000, 4), 0x08070605);
	for (unsigned i = 0; i < 8; i++)
		assert_int_equal(bytes[i], i + 1);
	assert_true(debug__clear_breakpoint(&view, va + 0xffc));
	assert_int_equal(fixture_get(&f, DATA_PA + 0xffc, 4), 0x04030201);
	assert_int_equal(debug__read(&view, last - 3, bytes, 8), 3);
	assert_false(debug__write(&view, last - 3, bytes, 8));
	assert_int_equal(fixture_get(&f, DATA_PA + 0x1ffc, 4), 0);
}

/* Where no page is yet: it stops there as soon as one is, and until then, and for good from native code, the page is held. */
static void not_mapped_yet(void **state)
{
	const u64 va = 0x120000010, module = WINDOW_MODULES + 0x2008;
	const struct debug_view view = { &f.v, &format, 0, &rows };

	assert_true(debug__set_breakpoint(&view, va));
	assert_true(debug__set_breakpoint(&view, 0xc000000000000000ull | module));
	assert_false(debug__set_breakpoint(&view, va + 2));
	assert_false(debug__set_breakpoint(&view, WINDOW_PHYSMAP + RAM_BYTES));	/* which never is */
	assert_true(breakpoints__holds(all(), 0, va));
	assert_true(breakpoints__holds(all(), 0x5000, va & ~0xfffull));
	assert_false(breakpoints__holds(all(), 0, va + 0x1000));
	assert_true(breakpoints__holds(all(), 0, module));
	assert_int_equal(breakpoints__next_held(all(), 0), module & ~0xfffull);
	assert_int_equal(breakpoints__next_held(all(), module & ~0xfffull), va & ~0xfffull);
	assert_true(breakpoints__next_held(all(), va) == UINT64_MAX);
	fixture_user_mode(&f);
	f.v.pc = va;
	assert_false(breakpoint__here(&f.v));		/* the guest is to hear of the page that is missing */
	fixture_map(&f, 0, va & ~0x1fffull, DATA_PA, ENTRYLO_V);
	fixture_put(&f, DATA_PA + 0x10, 4, add.word);
	assert_true(breakpoint__here(&f.v));
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.gpr[2], 1);
	assert_int_equal(fixture_get(&f, DATA_PA + 0x10, 4), add.word);
	assert_true(debug__clear_breakpoint(&view, va));
	assert_true(debug__clear_breakpoint(&view, module));
	assert_false(breakpoints__holds(all(), 0, va));
	assert_int_equal(all()->nowhere, 0);
}

/* One address space is meant, of two that have the same page. */
static void of_one_address_space(void **state)
{
	const u64 va = 0x120000010, one = (WINDOW_CKSEG0 + ROOT_PA) << 11, other = (WINDOW_CKSEG0 + LEAF_PA) << 11;
	const struct debug_view view = { &f.v, &format, 0, &rows };
	struct watchpoint w = { va + 0x100, 8, true, true, 0 };
	static const struct insn lw = A("lw $2, 8($4)", 0x8c820008);

	fixture_map(&f, 0, va & ~0x1fffull, DATA_PA, ENTRYLO_V | ENTRYLO_G);
	fixture_put(&f, DATA_PA + 0x10, 4, lw.word);
	f.v.gpr[4] = va + 0xf8;
	assert_false(debug__set_only(&view, va));	/* none is known */
	f.page->cp0[CP0_CONTEXT] = one | 0x123450;
	all()->root_shift = format.root_shift;
	all()->knows_roots = true;
	assert_true(debug__set_only(&view, va));
	assert_true(debug__set_only(&view, CODE));
	assert_true(debug__set_only(&view, w.va));
	assert_int_equal(debug__only(&view, va), WINDOW_CKSEG0 + ROOT_PA);
	assert_true(debug__set_breakpoint(&view, va));
	assert_true(debug__set_breakpoint(&view, CODE));
	assert_int_equal(all()->nowhere, 1);
	assert_int_not_equal(fixture_get(&f, CODE_PA, 4), 0);	/* the kernel's is a guard, which native code runs into */
	w.root = debug__only(&view, w.va);
	assert_true(watchpoints__set(all(), &w));
	assert_int_equal(fixture_get(&f, DATA_PA + 0x10, 4), lw.word);	/* others have that page */
	assert_true(breakpoints__holds(all(), WINDOW_CKSEG0 + ROOT_PA, va));
	assert_false(breakpoints__holds(all(), WINDOW_CKSEG0 + LEAF_PA, va));
	for (unsigned i = 0; i < 2; i++) {
		f.page->cp0[CP0_CONTEXT] = i ? other : one;
		f.v.pc = CODE;
		assert_int_equal(breakpoint__here(&f.v), !i);
		f.v.pc = va;
		assert_int_equal(breakpoint__here(&f.v), !i);
		assert_int_equal(watchpoint__here(&f.v), i ? -1 : 0);
		assert_int_equal(breakpoint__stops(&f.v), !i);
	}
	/* Taken away and put there again, as gdb does, it is still for that one; until it is for all. */
	assert_true(debug__clear_breakpoint(&view, CODE));
	assert_true(debug__set_breakpoint(&view, CODE));
	f.v.pc = CODE;
	assert_false(breakpoint__here(&f.v));
	debug__clear_only(&view, CODE);
	assert_true(debug__clear_breakpoint(&view, CODE));
	assert_true(debug__set_breakpoint(&view, CODE));
	assert_true(breakpoint__here(&f.v));
	for (unsigned i = 0; i < DEBUG_ONLY_MOST - 2; i++)
		assert_true(debug__set_only(&view, DATA + 4 * i));
	assert_false(debug__set_only(&view, DATA - 4));
	memset(&rows, 0, sizeof(rows));
}

/* Whatever a client asks to be watched, the pages are found in no time. */
static void pages_at_the_end(void **state)
{
	assert_true(watchpoints__set(all(), &(struct watchpoint){ UINT64_MAX - 7, 8, true, true, 0 }));
	assert_true(watchpoints__set(all(), &(struct watchpoint){ UINT64_MAX - 7, 4096, true, true, 0 }));
	assert_true(watchpoints__set(all(), &(struct watchpoint){ 0x5ff8, 4096, true, true, 0 }));
	assert_int_equal(breakpoints__next_held(all(), 0), 0x5000);
	assert_int_equal(breakpoints__next_held(all(), 0x5000), 0x6000);
	assert_true(breakpoints__next_held(all(), 0x6000) == (UINT64_MAX & ~0xfffull));
	assert_true(breakpoints__next_held(all(), UINT64_MAX & ~0xfffull) == UINT64_MAX);
	assert_true(breakpoints__holds(all(), 0, 0x6ff7));
	assert_false(breakpoints__holds(all(), 0, 0x7000));
}

/* A vCPU process may have written anything over its core. */
static void rubbish(void **state)
{
	const struct debug_view view = { &f.v, &format, WINDOW_CKSEG0 + ROOT_PA, &rows };
	u8 bytes[64];
	u64 seed = 1, va;

	for (unsigned round = 0; round < 2000; round++) {
		for (unsigned i = 0; i < TLB_ENTRIES; i++) {
			u64 *words = (u64 *)&f.v.tlb[i];

			for (unsigned n = 0; n < offsetof(struct tlb_entry, global) / 8; n++)
				words[n] = seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		}
		for (unsigned i = 0; i < CP0_REGISTERS; i++)
			f.page->cp0[i] = seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		for (unsigned i = 0; i < 32; i++) {
			f.v.gpr[i] = seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			va = i & 1 ? f.v.tlb[i].hi + i * 0x800 : f.v.gpr[i] >> (seed >> 58);
			if (debug__ram_offset(&view, va) != UINT64_MAX)
				assert_true(debug__ram_offset(&view, va) < RAM_BYTES);
			debug__read(&view, va, bytes, sizeof(bytes));
			debug__write(&view, va, bytes, sizeof(bytes));
			if (debug__set_breakpoint(&view, va & ~3ull))
				assert_true(debug__clear_breakpoint(&view, va & ~3ull));
		}
	}
}

static void addresses_of_windows(void **state)
{
	const struct windows w = LAYOUT_WINDOWS, canonical = CANONICAL_WINDOWS;

	assert_int_equal(debug__window(&w, 0xffffffff80001000ull), WINDOW_CKSEG0 + 0x1000);
	assert_int_equal(debug__window(&w, WINDOW_CKSEG0 + 0x1000), WINDOW_CKSEG0 + 0x1000);
	assert_int_equal(debug__window(&w, 0x9800000000001000ull), WINDOW_PHYSMAP + 0x1000);
	assert_int_equal(debug__window(&w, 0xc000000000000000ull | WINDOW_MODULES), WINDOW_MODULES);
	assert_int_equal(debug__window(&w, 0x120000000), 0x120000000);
	assert_int_equal(debug__window(&canonical, 0xffffffff80001000ull), 0xffffffff80001000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_stood_there_is_executed, begin, end),
		cmocka_unit_test_setup_teardown(big_endian, begin_big, end),
		cmocka_unit_test_setup_teardown(one_word_two_addresses, begin, end),
		cmocka_unit_test_setup_teardown(overwritten, begin, end),
		cmocka_unit_test_setup_teardown(of_one_program, begin, end),
		cmocka_unit_test_setup_teardown(too_many, begin, end),
		cmocka_unit_test_setup_teardown(seen_through, begin, end),
		cmocka_unit_test_setup_teardown(written_under_it, begin, end),
		cmocka_unit_test_setup_teardown(what_is_watched, begin, end),
		cmocka_unit_test_setup_teardown(how_many_are_watched, begin, end),
		cmocka_unit_test_setup_teardown(rubbish, begin, end),
		cmocka_unit_test_setup_teardown(where_addresses_lead, begin, end),
		cmocka_unit_test_setup_teardown(memory_of_two_pages, begin, end),
		cmocka_unit_test_setup_teardown(not_mapped_yet, begin, end),
		cmocka_unit_test_setup_teardown(of_one_address_space, begin, end),
		cmocka_unit_test_setup_teardown(pages_at_the_end, begin, end),
		cmocka_unit_test(addresses_of_windows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
