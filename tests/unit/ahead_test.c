// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mapping by the guest's page tables, against a small model of Linux. What is mapped where user code runs must be what the tables have now.
 */
#include "tests/unit/linux_model.h"

/* --- Random changes --- */

static int by_address(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* So many mappings a Host would have. */
static unsigned runs_of(const struct mappings *m)
{
	struct mapping sorted[FAKE_MAPPINGS];
	unsigned runs = 0;

	memcpy(sorted, m->at, m->count * sizeof(*sorted));
	qsort(sorted, m->count, sizeof(*sorted), by_address);
	for (unsigned i = 0; i < m->count; i++)
		runs += !i || sorted[i].va != sorted[i - 1].va + HOST_PAGE || sorted[i].prot != sorted[i - 1].prot ||
			sorted[i].offset != sorted[i - 1].offset + HOST_PAGE;
	return runs;
}

/* Where it runs now, `process` must see nothing but what its tables have. */
static void check(struct test *t, unsigned process)
{
	const struct space *s = t->asid[process] ? bind__of(t->u, t->asid[process]) : NULL;

	/* Another's that had the ASID before, or its own that is looked at before it is used. */
	if (!s || !s->stub || s->stale || s->root != WINDOW_PHYSMAP + root_pa(process))
		return;
	assert_int_equal(s->pages.count, s->stub->pages.count);
	assert_int_equal(s->pages.runs, runs_of(&s->stub->pages));
	for (unsigned i = 0; i < s->stub->pages.count; i++)
		check_mapping(t, process, &s->stub->pages.at[i]);
}

static void random_changes(void **state)
{
	struct test *t = *state;
	unsigned allowed = 0;

	for (unsigned n = 0; n < 60000; n++) {
		const unsigned process = chance(PROCESSES), page = chance(PAGES);
		const bool store = chance(3) == 0;
		const u64 va = chance(8) ? USER(page) : HUGE + chance(256) * HOST_PAGE;
		u64 entry;

		switch (chance(160)) {
		case 0: random_fork(t, process, (process + 1 + chance(PROCESSES - 1)) % PROCESSES); break;
		case 1: begin_process(t, process); break;		/* its tables are those of the next */
		case 2: t->asid[process] = 0; break;
		case 3: random_huge(t, process); break;
		case 4 ... 60: random_page(t, process, page); break;
		default:
			entry = *entry_of(t, process, va);
			assert_int_equal(user(t, process, va, store), entry & PRESENT && (!store || entry & WRITE));
			allowed += entry & PRESENT;
		}
		for (unsigned i = 0; i < PROCESSES; i++)
			check(t, i);
	}
	assert_true(allowed > 5000);
}

/* --- One thing after the other --- */

static void fill(struct test *t, unsigned process, u64 flags)
{
	for (unsigned page = 0; page < PAGES; page++)
		*pte(t, process, page) = FRAME(16 + page) | PRESENT | flags;
}

static void neighbours_come_with_it(void **state)
{
	struct test *t = *state;

	fill(t, 0, ACCESSED | VALID);
	assert_true(user(t, 0, USER(5), false));
	assert_int_equal(t->runs, 2);
	assert_int_equal(bind__of(t->u, 1)->stub->pages.count, 16);
	assert_true(user(t, 0, USER(15), false));
	assert_int_equal(t->f.v.exceptions[EXC_TLBL], 0);
	*pte(t, 0, 17) = 0;
	assert_true(user(t, 0, USER(16), false));
	assert_null(mapping_find(&bind__of(t->u, 1)->stub->pages, USER(17)));
	assert_non_null(mapping_find(&bind__of(t->u, 1)->stub->pages, USER(31)));
}

/* Pages that lie about in RAM are a request each, of which a stop has four. */
static void few_requests(void **state)
{
	struct test *t = *state;

	for (unsigned page = 0; page < PAGES; page++)
		*pte(t, 0, page) = FRAME(16 + 2 * page) | PRESENT | ACCESSED | VALID;
	assert_true(user(t, 0, USER(6), false));
	assert_int_equal(bind__of(t->u, 1)->stub->pages.count, 4);
	assert_non_null(mapping_find(&bind__of(t->u, 1)->stub->pages, USER(9)));
}

/* A page that is not there costs one run of user code, not two, and one exception: what the refill handler would load is known. */
static void faults_once(void **state)
{
	struct test *t = *state;

	assert_false(user(t, 0, USER(3), false));
	assert_int_equal(t->runs, 1);
	assert_int_equal(t->f.v.exceptions[EXC_TLBL], 1);
	*pte(t, 0, 3) = FRAME(3) | PRESENT | ACCESSED | VALID;		/* the kernel finds a page, and says nothing to the TLB */
	assert_true(user(t, 0, USER(3), false));
	assert_int_equal(t->runs, 2);
	assert_int_equal(t->f.v.exceptions[EXC_TLBL], 1);
}

static void fork_keeps_what_it_may(void **state)
{
	struct test *t = *state;
	const struct mapping *at;

	fill(t, 0, ACCESSED | VALID | WRITE | MODIFIED | DIRTY);
	assert_true(user(t, 0, USER(5), true));
	for (unsigned page = 0; page < 8; page++)
		*pte(t, 0, page) &= ~(WRITE | MODIFIED | DIRTY);
	t->asid[0] = 0;
	assert_true(user(t, 0, USER(1), false));
	at = mapping_find(&bind__of(t->u, 2)->stub->pages, USER(5));
	assert_non_null(at);
	assert_false(at->prot & PROT_WRITE);
	at = mapping_find(&bind__of(t->u, 2)->stub->pages, USER(9));
	assert_true(at->prot & PROT_WRITE);
	assert_int_equal(t->f.v.exceptions[EXC_TLBL] + t->f.v.exceptions[EXC_MOD] + t->f.v.exceptions[EXC_TLBS], 0);
	assert_int_equal(fake.stubs_made, 1);
	assert_false(user(t, 0, USER(5), true));
}

/* One probe for its first page is all that Linux does about a large one. */
static void large_pages_go_at_once(void **state)
{
	struct test *t = *state;
	unsigned count;

	*huge_entry(t, 0) = HUGE_ENTRY | PRESENT | ACCESSED | VALID;
	assert_true(user(t, 0, HUGE + 70 * HOST_PAGE, false));
	count = bind__of(t->u, 1)->stub->pages.count;
	assert_int_equal(count, 64);
	assert_null(mapping_find(&bind__of(t->u, 1)->stub->pages, HUGE));
	*huge_entry(t, 0) = 0;
	flush_page(t, 0, HUGE);
	assert_int_equal(bind__of(t->u, 1)->stub->pages.count, 0);
}

/* Whatever a guest writes into its tables, only its own RAM is looked at. */
static void nonsense(void **state)
{
	struct test *t = *state;

	for (unsigned n = 0; n < 20000; n++) {
		const u64 places[] = { WINDOW_PHYSMAP, WINDOW_CKSEG0, WINDOW_PHYSMAP + RAM_BYTES - HOST_PAGE, 0, ~0ull };
		struct space *s;

		for (unsigned i = 0; i < 2; i++)
			table(t, 0, i)[chance(2) ? (i ? GUEST_USER_BASE >> 21 : GUEST_USER_BASE >> 30) & 511 : chance(512)] =
				places[chance(5)] + (chance(2) ? chance(RAM_BYTES) : fake_random);
		*pte(t, 0, chance(512)) = fake_random;
		switch_to(t, 0);
		if (chance(2))
			t->f.page->cp0[CP0_CONTEXT] = chance(2) ? fake_random : (places[chance(5)] + chance(RAM_BYTES)) << 11;
		s = bind__current(t->u);
		s->stub = s->stub ? s->stub : stub__new(&fake, NULL);
		ahead__map(t->u, s, USER(chance(PAGES)), chance(3));
		ahead__check(t->u, s);
	}
	for (unsigned i = 0; i < SPACES; i++)
		for (unsigned n = 0; t->u->spaces[i].stub && n < t->u->spaces[i].stub->pages.count; n++)
			assert_true(t->u->spaces[i].stub->pages.at[n].offset < RAM_BYTES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_changes, open_test, close_test),
		cmocka_unit_test_setup_teardown(neighbours_come_with_it, open_test, close_test),
		cmocka_unit_test_setup_teardown(few_requests, open_test, close_test),
		cmocka_unit_test_setup_teardown(faults_once, open_test, close_test),
		cmocka_unit_test_setup_teardown(fork_keeps_what_it_may, open_test, close_test),
		cmocka_unit_test_setup_teardown(large_pages_go_at_once, open_test, close_test),
		cmocka_unit_test_setup_teardown(nonsense, open_test, close_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
