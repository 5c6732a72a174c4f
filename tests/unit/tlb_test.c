/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The TLB: what a lookup finds, what the four TLB instructions do, and when the Host is told to forget.
 */
#include "tests/unit/vcpu_fixture.h"

#define USER	0x120000000ull
#define G	ENTRYLO_G
#define V	ENTRYLO_V
#define D	ENTRYLO_D
#define XI	ENTRYLO_XI
#define RI	ENTRYLO_RI

static enum tlb_result look(struct fixture *f, u64 va, enum access access, u64 *pa)
{
	u64 rights;

	*pa = 0;
	return tlb__lookup(&f->v, va, access, pa, &rights);
}

/* EntryLo bits, PageGrain, and the result of a load, a store and a fetch. */
static const struct {
	u64 lo;
	u32 grain;
	enum tlb_result load, store, fetch;
} rights_rows[] = {
	{ 0, 0, TLB_INVALID, TLB_INVALID, TLB_INVALID },
	{ D, 0, TLB_INVALID, TLB_INVALID, TLB_INVALID },
	{ V, 0, TLB_HIT, TLB_MODIFIED, TLB_HIT },
	{ V | D, 0, TLB_HIT, TLB_HIT, TLB_HIT },
	{ V | D | RI | XI, 0, TLB_HIT, TLB_HIT, TLB_HIT },	/* bits that PageGrain has not enabled */
	{ V | D | RI | XI, PAGEGRAIN_RIE, TLB_READ_INHIBIT, TLB_HIT, TLB_HIT },
	{ V | D | RI | XI, PAGEGRAIN_XIE, TLB_HIT, TLB_HIT, TLB_EXEC_INHIBIT },
	{ V | RI, PAGEGRAIN_RIE | PAGEGRAIN_XIE, TLB_READ_INHIBIT, TLB_MODIFIED, TLB_HIT },
	{ V | XI, PAGEGRAIN_RIE | PAGEGRAIN_XIE, TLB_HIT, TLB_MODIFIED, TLB_EXEC_INHIBIT },
};

static void rights(void **state)
{
	for (size_t i = 0; i < COUNT(rights_rows); i++) {
		struct fixture f;
		u64 pa;

		fixture_open(&f, false);
		assert_int_equal(look(&f, USER, ACCESS_LOAD, &pa), TLB_REFILL);
		fixture_map(&f, 5, USER, 0x30000, rights_rows[i].lo);
		f.page->cp0[CP0_PAGEGRAIN] = rights_rows[i].grain;
		assert_int_equal(look(&f, USER, ACCESS_LOAD, &pa), rights_rows[i].load);
		assert_int_equal(look(&f, USER + 0x1ffc, ACCESS_STORE, &pa), rights_rows[i].store);
		assert_int_equal(look(&f, USER + 0x1ffc, ACCESS_FETCH, &pa), rights_rows[i].fetch);
		assert_int_equal(pa, rights_rows[i].fetch == TLB_HIT ? 0x31ffc : 0);
		assert_int_equal(look(&f, USER + 0x2000, ACCESS_LOAD, &pa), TLB_REFILL);
		assert_int_equal(look(&f, USER - 1, ACCESS_LOAD, &pa), TLB_REFILL);
		fixture_close(&f);
	}
}

static void address_spaces(void **state)
{
	struct fixture f;
	u64 pa;

	fixture_open(&f, false);
	f.page->cp0[CP0_ENTRYHI] = 7;
	fixture_map(&f, 0, USER, 0x30000, V);
	fixture_map(&f, 1, USER + 0x2000, 0x40000, V | G);
	assert_int_equal(look(&f, USER, ACCESS_LOAD, &pa), TLB_HIT);
	f.page->cp0[CP0_ENTRYHI] = 8;
	assert_int_equal(look(&f, USER, ACCESS_LOAD, &pa), TLB_REFILL);
	assert_int_equal(look(&f, USER + 0x2000, ACCESS_LOAD, &pa), TLB_HIT);
	assert_int_equal(pa, 0x40000);
	/* Global only if both halves are. */
	f.page->cp0[CP0_ENTRYLO0] = 0x30000 >> 6 | V | G;
	f.page->cp0[CP0_ENTRYLO1] = 0x31000 >> 6 | V;
	f.page->cp0[CP0_ENTRYHI] = (USER + 0x4000) | 7;
	f.page->cp0[CP0_INDEX] = 2;
	tlb__write_index(&f.v);
	assert_int_equal(look(&f, USER + 0x4000, ACCESS_LOAD, &pa), TLB_HIT);
	f.page->cp0[CP0_ENTRYHI] = 8;
	assert_int_equal(look(&f, USER + 0x4000, ACCESS_LOAD, &pa), TLB_REFILL);
	fixture_close(&f);
}

/* The mask, the size of one page of the pair. */
static const struct {
	u32 mask;
	u64 page;
} page_rows[] = {
	{ 0, 0x1000 }, { 0x6000, 0x4000 }, { 0x1e000, 0x10000 }, { 0x7fe000, 0x400000 }, { 0x1fffe000, 0x10000000 },
};

static void page_masks(void **state)
{
	for (size_t i = 0; i < COUNT(page_rows); i++) {
		u64 page = page_rows[i].page, va = 0x2000000000ull, pa;
		struct fixture f;

		fixture_open(&f, false);
		f.page->cp0[CP0_PAGEMASK] = page_rows[i].mask;
		f.page->cp0[CP0_ENTRYHI] = va | (page & ENTRYHI_VPN2);	/* what the mask covers is ignored */
		f.page->cp0[CP0_ENTRYLO0] = 0x40000000 >> 6 | V;
		f.page->cp0[CP0_ENTRYLO1] = 0x80000000 >> 6 | V;
		tlb__write_index(&f.v);
		assert_int_equal(look(&f, va + 0x123, ACCESS_LOAD, &pa), TLB_HIT);
		assert_int_equal(pa, 0x40000123);
		assert_int_equal(look(&f, va + page - 1, ACCESS_LOAD, &pa), TLB_HIT);
		assert_int_equal(pa, 0x40000000 + page - 1);
		assert_int_equal(look(&f, va + page, ACCESS_LOAD, &pa), TLB_HIT);
		assert_int_equal(pa, 0x80000000);
		assert_int_equal(look(&f, va + 2 * page, ACCESS_LOAD, &pa), TLB_REFILL);
		assert_int_equal(look(&f, va - 1, ACCESS_LOAD, &pa), TLB_REFILL);
		fixture_close(&f);
	}
}

/* The TLB knows what the architecture knows; windows are for those who ask it. */
static void window_addresses(void **state)
{
	struct fixture f;
	u64 pa;

	fixture_open(&f, false);
	fixture_map(&f, 0, 0xc00000e800004000ull, 0x30000, V | D | G);
	assert_int_equal(look(&f, WINDOW_MAP + 0x5008, ACCESS_STORE, &pa), TLB_REFILL);
	assert_int_equal(look(&f, 0xc00000e800005008ull, ACCESS_STORE, &pa), TLB_HIT);
	assert_int_equal(pa, 0x31008);
	assert_int_equal(look(&f, 0x000000c000005008ull & 0x3fffffffffull, ACCESS_STORE, &pa), TLB_REFILL);
	fixture_close(&f);
}

static void probing(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_ENTRYHI] = 7;
	fixture_map(&f, 41, USER, 0x30000, V);
	f.drops = 0;
	f.page->cp0[CP0_INDEX] = 0;
	tlb__probe(&f.v);
	assert_int_equal(cp0__read(&f.v, CP0_INDEX), 41);
	assert_int_equal(f.drops, 0);
	f.page->cp0[CP0_ENTRYHI] = USER | 8;
	tlb__probe(&f.v);
	assert_int_equal(cp0__read(&f.v, CP0_INDEX), word(INDEX_P | 41));	/* below P: as it was, as on metal */
	cp0__write(&f.v, CP0_INDEX, 5, false);
	assert_int_equal(cp0__read(&f.v, CP0_INDEX), word(INDEX_P | 5));	/* P is not software's */
	assert_int_equal(f.drops, 1);		/* Linux probes what it is about to invalidate */
	assert_int_equal(f.drop.va, USER);
	assert_int_equal(f.drop.size, 0x2000);
	assert_int_equal(f.drop.asid, 8);
	assert_false(f.drop.global);
	fixture_close(&f);
}

/* With pages of 16 KB a pair has 32 KB, and all of it must be forgotten. */
static void a_missing_probe_drops_a_pair_of_this_page_size(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_PAGEMASK] = 0x6000;
	f.page->cp0[CP0_ENTRYHI] = USER | 0x4000 | 8;
	tlb__probe(&f.v);
	assert_int_equal(f.drops, 1);
	assert_int_equal(f.drop.va, USER);
	assert_int_equal(f.drop.size, 0x8000);
	fixture_close(&f);
}

static void replacing_by_index(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_ENTRYHI] = 7;
	fixture_map(&f, 3, USER, 0x30000, V);
	assert_int_equal(f.writes, 1);
	assert_int_equal(f.drops, 1);			/* of the entry before it, which was not valid */
	fixture_map(&f, 3, USER, 0x50000, V | D);	/* the same pages: tlb_written tells all */
	assert_int_equal(f.writes, 2);
	assert_int_equal(f.drops, 1);
	fixture_map(&f, 3, USER + 0x2000, 0x30000, V | G);
	assert_int_equal(f.drops, 2);
	assert_int_equal(f.drop.va, USER);
	assert_int_equal(f.drop.size, 0x2000);
	assert_int_equal(f.drop.asid, 7);
	assert_false(f.drop.global);
	fixture_map(&f, 3, USER, 0x30000, V);
	assert_int_equal(f.drops, 3);
	assert_int_equal(f.drop.va, USER + 0x2000);
	assert_true(f.drop.global);
	f.page->cp0[CP0_ENTRYHI] = 9;
	fixture_map(&f, 3, USER, 0x30000, V);		/* the same page of another address space */
	assert_int_equal(f.drops, 4);
	assert_int_equal(f.drop.asid, 7);
	fixture_close(&f);
}

/* Random writes push entries out that may stay mapped: the guest cannot tell. */
static void replacing_at_random(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (unsigned i = 0; i < 200; i++) {
		f.page->cp0[CP0_ENTRYHI] = USER + 0x2000 * i;
		f.page->cp0[CP0_ENTRYLO0] = f.page->cp0[CP0_ENTRYLO1] = 0x30000 >> 6 | V;
		tlb__write_random(&f.v);
	}
	assert_int_equal(f.writes, 200);
	assert_int_equal(f.drops, 0);
	assert_int_equal(f.flushes, 0);
	fixture_close(&f);
}

static void never_below_wired(void **state)
{
	for (unsigned wired = 0; wired < TLB_ENTRIES; wired++) {
		u64 used = 0;
		struct fixture f;

		fixture_open(&f, false);
		cp0__write(&f.v, CP0_WIRED, wired, false);
		assert_int_equal(cp0_word(&f.v, CP0_WIRED), wired);
		for (unsigned i = 0; i < 2 * TLB_ENTRIES; i++) {
			f.page->cp0[CP0_ENTRYHI] = USER + 0x2000 * i;
			tlb__write_random(&f.v);
			tlb__probe(&f.v);
			used |= 1ull << cp0_word(&f.v, CP0_INDEX);
		}
		assert_int_equal(used & ((1ull << wired) - 1), 0);
		/* and reaches more than one place, unless one is all there is */
		assert_true(wired == TLB_ENTRIES - 1 || (used & (used - 1)));
		for (unsigned i = 0; i < 2 * TLB_ENTRIES; i++)
			assert_in_range(cp0__read(&f.v, CP0_RANDOM), wired, TLB_ENTRIES - 1);
		fixture_close(&f);
	}
}

/* Linux flushes all by overwriting every entry from Wired on. */
static void a_flush_is_noticed(void **state)
{
	static const unsigned wired[] = { 0, 1, 5, 63 };

	for (size_t n = 0; n < COUNT(wired); n++) {
		struct fixture f;

		fixture_open(&f, false);
		cp0__write(&f.v, CP0_WIRED, wired[n], false);
		for (unsigned round = 1; round <= 2; round++) {
			for (unsigned i = TLB_ENTRIES - 1; i > wired[n]; i--) {
				fixture_map(&f, i, 0xffffffff80000000ull + i * 0x2000, 0, 0);
				assert_int_equal(f.flushes, round - 1);
			}
			fixture_map(&f, wired[n], 0xffffffff80000000ull + wired[n] * 0x2000, 0, 0);
			assert_int_equal(f.flushes, round);
		}
		fixture_close(&f);
	}
}

static void reading_back(void **state)
{
	struct fixture f;
	u64 *cp0;

	fixture_open(&f, false);
	cp0 = f.page->cp0;
	cp0[CP0_PAGEMASK] = 0x6000;
	cp0[CP0_ENTRYHI] = USER | 0x55;
	cp0[CP0_ENTRYLO0] = 0x40000 >> 6 | V | D | G | RI | 3 << 3;
	cp0[CP0_ENTRYLO1] = 0x80000 >> 6 | V | XI;
	cp0[CP0_INDEX] = 17;
	tlb__write_index(&f.v);
	cp0[CP0_PAGEMASK] = cp0[CP0_ENTRYHI] = cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = 0;
	tlb__read(&f.v);
	assert_int_equal(cp0[CP0_PAGEMASK], 0x6000);
	assert_int_equal(cp0[CP0_ENTRYHI], USER | 0x55);
	assert_int_equal(cp0[CP0_ENTRYLO0], (0x40000 >> 6 | V | D | RI | 3 << 3));	/* one G is none */
	assert_int_equal(cp0[CP0_ENTRYLO1], (0x80000 >> 6 | V | XI));
	cp0[CP0_ENTRYLO0] |= G;
	cp0[CP0_ENTRYLO1] |= G;
	tlb__write_index(&f.v);
	tlb__read(&f.v);
	assert_true(cp0[CP0_ENTRYLO0] & cp0[CP0_ENTRYLO1] & G);
	fixture_close(&f);
}

/* Reset leaves 64 entries of which no two match the same address. */
static void reset_entries(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		f.page->cp0[CP0_ENTRYHI] = f.v.tlb[i].hi;
		tlb__probe(&f.v);
		assert_int_equal(cp0_word(&f.v, CP0_INDEX), i);
		assert_int_equal((f.v.tlb[i].lo[0] | f.v.tlb[i].lo[1]) & V, 0);
	}
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rights),
		cmocka_unit_test(address_spaces),
		cmocka_unit_test(page_masks),
		cmocka_unit_test(window_addresses),
		cmocka_unit_test(probing),
		cmocka_unit_test(a_missing_probe_drops_a_pair_of_this_page_size),
		cmocka_unit_test(replacing_by_index),
		cmocka_unit_test(replacing_at_random),
		cmocka_unit_test(never_below_wired),
		cmocka_unit_test(a_flush_is_noticed),
		cmocka_unit_test(reading_back),
		cmocka_unit_test(reset_entries),
	};

	return cmocka_run_group_tests_name("tlb", tests, NULL, NULL);
}
