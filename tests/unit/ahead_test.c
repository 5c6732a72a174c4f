// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mapping by the guest's page tables, against a small model of Linux: processes with page tables, which it changes and flushes as
 * Linux does, gives new ASIDs, and frees for the next process. What is mapped where user code runs must be what the tables have now.
 */
#include <sys/mman.h>

#include "tests/unit/host_fake.h"

#define PROCESSES	6
#define PAGES		40		/* of 4 KB, in the last table of each; then comes a page of 2 MB */
#define USER(n)		(GUEST_USER_BASE + (n) * HOST_PAGE)
#define HUGE		(GUEST_USER_BASE + 0x200000)
#define TABLES_PA	0x80000ull	/* three pages for each process; pages of programs lie below */
#define FRAMES		(TABLES_PA / HOST_PAGE)
#define USER_STATUS	(STATUS_KX | STATUS_SX | STATUS_UX | STATUS_KSU_USER)

#define SHIFT		9
#define PRESENT		1ull
#define WRITE		2ull
#define ACCESSED	4ull
#define MODIFIED	8ull
#define HUGE_ENTRY	16ull
#define NO_EXEC		128ull
#define NO_READ		256ull
#define VALID		(ENTRYLO_V << SHIFT)
#define DIRTY		(ENTRYLO_D << SHIFT)
#define FRAME(n)	((u64)(n) << 6 << SHIFT)

static const struct afterburn_page_tables format = {
	.root_shift = 11, .levels = 3, .level = { { 30, 9 }, { 21, 9 }, { 12, 9 } }, .entrylo_shift = SHIFT,
	.no_read = NO_READ, .no_exec = NO_EXEC, .present = PRESENT, .write = WRITE, .accessed = ACCESSED, .modified = MODIFIED,
	.huge = HUGE_ENTRY,
};

struct test {
	struct fixture f;
	struct user_mode *u;
	struct machine_ops ops;
	unsigned asid[PROCESSES];	/* 0: it needs one */
	unsigned next_asid;
	u64 touched;
	bool stores;
	unsigned runs;			/* of user code */
};

static struct test *the_test;		/* for the callbacks */

static enum stub_stop accesses(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	const struct test *t = the_test;
	const struct mapping *at = mapping_find(&stub->pages, t->touched & ~(HOST_PAGE - 1));

	the_test->runs++;
	if (at && at->prot & (t->stores ? PROT_WRITE : PROT_READ)) {
		h->vcpu->pc += 4;
		return STUB_KICKED;
	}
	*cause = (t->stores ? EXC_TLBS : EXC_TLBL) << 2;
	*badvaddr = t->touched;
	return STUB_SIGNAL;
}

/* --- Linux --- */

static u64 root_pa(unsigned process) { return TABLES_PA + process * 3 * HOST_PAGE; }
static u64 *table(struct test *t, unsigned process, unsigned n) { return (u64 *)(t->f.ram + root_pa(process) + n * HOST_PAGE); }
static u64 *pte(struct test *t, unsigned process, unsigned page) { return table(t, process, 2) + page; }
static u64 *huge_entry(struct test *t, unsigned process) { return table(t, process, 1) + (HUGE >> 21 & 511); }

/* A process without a page. */
static void begin_process(struct test *t, unsigned process)
{
	memset(table(t, process, 0), 0, 3 * HOST_PAGE);
	table(t, process, 0)[GUEST_USER_BASE >> 30] = WINDOW_PHYSMAP + root_pa(process) + HOST_PAGE;
	table(t, process, 1)[GUEST_USER_BASE >> 21 & 511] = WINDOW_PHYSMAP + root_pa(process) + 2 * HOST_PAGE;
	t->asid[process] = 0;
}

static void flush_all(struct test *t)
{
	u64 *cp0 = t->f.page->cp0;

	cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = cp0[CP0_PAGEMASK] = 0;
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		cp0[CP0_ENTRYHI] = 0xffffffff80000000ull + i * 0x2000;
		cp0[CP0_INDEX] = i;
		tlb__write_index(&t->f.v);
	}
}

static void switch_to(struct test *t, unsigned process)
{
	if (!t->asid[process]) {
		if (++t->next_asid == 12) {		/* few, so that they are used up often */
			flush_all(t);
			memset(t->asid, 0, sizeof(t->asid));
			t->next_asid = 1;
		}
		t->asid[process] = t->next_asid;
	}
	t->f.page->cp0[CP0_ENTRYHI] = t->asid[process];
	t->f.page->cp0[CP0_CONTEXT] = (WINDOW_PHYSMAP + root_pa(process)) << 11;
}

/* local_flush_tlb_page(): what is found is made invalid. */
static void flush_page(struct test *t, unsigned process, u64 va)
{
	u64 *cp0 = t->f.page->cp0, before = cp0[CP0_ENTRYHI];

	if (!t->asid[process])
		return;
	cp0__write(&t->f.v, CP0_ENTRYHI, (va & ~0x1fffull) | t->asid[process], true);
	cp0[CP0_PAGEMASK] = 0;
	tlb__probe(&t->f.v);
	cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = 0;
	if ((s32)cp0[CP0_INDEX] >= 0) {
		cp0[CP0_ENTRYHI] = 0xffffffff80000000ull + cp0[CP0_INDEX] * 0x2000;
		tlb__write_index(&t->f.v);
	}
	cp0[CP0_ENTRYHI] = before;
}

static u64 entrylo(u64 entry)
{
	return entry >> SHIFT | (entry & NO_READ ? ENTRYLO_RI : 0) | (entry & NO_EXEC ? ENTRYLO_XI : 0);
}

/* The refill handler. */
static void refill(struct test *t, unsigned process, u64 va)
{
	u64 *cp0 = t->f.page->cp0;
	const u64 entry = *huge_entry(t, process);
	const u64 *pair = pte(t, process, (va - USER(0)) / HOST_PAGE & ~1ull);

	if (va >= HUGE) {
		cp0[CP0_PAGEMASK] = 0x1fe000;		/* pairs of 1 MB */
		cp0[CP0_ENTRYLO0] = entrylo(entry);
		cp0[CP0_ENTRYLO1] = entrylo(entry) + (0x100000 >> 6);
	} else {
		cp0[CP0_PAGEMASK] = 0;
		cp0[CP0_ENTRYLO0] = entrylo(pair[0]);
		cp0[CP0_ENTRYLO1] = entrylo(pair[1]);
	}
	cp0__write(&t->f.v, CP0_ENTRYHI, (va & ~0x1fffull) | t->asid[process], true);
	tlb__write_random(&t->f.v);
	cp0[CP0_PAGEMASK] = 0;
}

static u64 *entry_of(struct test *t, unsigned process, u64 va)
{
	return va >= HUGE ? huge_entry(t, process) : pte(t, process, (va - USER(0)) / HOST_PAGE);
}

/* The handlers of invalid and clean pages. False: no such access. */
static bool handle(struct test *t, unsigned process, u64 va, bool store)
{
	u64 *entry = entry_of(t, process, va), *cp0 = t->f.page->cp0;

	if (!(*entry & PRESENT) || (store && !(*entry & WRITE)))
		return false;
	*entry |= ACCESSED | VALID | (store ? MODIFIED | DIRTY : 0);
	if (chance(2))		/* afterburn_page_tables.walked */
		return true;
	cp0__write(&t->f.v, CP0_ENTRYHI, (va & ~0x1fffull) | t->asid[process], true);
	tlb__probe(&t->f.v);
	if ((s32)cp0[CP0_INDEX] < 0)
		return true;
	flush_page(t, process, va);
	refill(t, process, va);
	return true;
}

/* User code makes one access. False: it is not allowed to. */
static bool user(struct test *t, unsigned process, u64 va, bool store)
{
	for (unsigned tries = 0; tries < 10; tries++) {
		switch_to(t, process);
		t->f.page->cp0[CP0_STATUS] = USER_STATUS;
		t->f.v.pc = USER(1);
		t->touched = va;
		t->stores = store;
		user__run(t->u);
		if (t->f.v.pc == USER(1) + 4)
			return true;
		if (t->f.v.pc == USER(1))
			continue;
		if (t->f.v.pc == VECTORS + 0x80)
			refill(t, process, va);
		else if (!handle(t, process, va, store))
			return false;
	}
	fail_msg("%#llx is tried again and again", (unsigned long long)va);
	return false;
}

static int open_test(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->u = fake_open(&t->f, &t->ops, accesses);
	the_test = t;
	user__know_tables(t->u, &format);
	t->f.page->cp0[CP0_PAGEGRAIN] |= PAGEGRAIN_RIE | PAGEGRAIN_XIE;
	for (unsigned i = 0; i < PROCESSES; i++)
		begin_process(t, i);
	*state = t;
	return 0;
}

static int close_test(void **state)
{
	struct test *t = *state;

	fake_close(&t->f);
	free(t);
	return 0;
}

/* --- Random changes --- */

static u64 random_entry(void)
{
	u64 entry = FRAME(chance(4) ? 8 + chance(8) : chance(FRAMES)) | PRESENT | (chance(2) ? WRITE : 0);

	if (chance(2))
		entry |= ACCESSED | VALID | (entry & WRITE && chance(2) ? MODIFIED | DIRTY : 0);
	return entry | (chance(6) ? 0 : NO_EXEC);
}

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
	const u64 huge = *huge_entry(t, process);

	/* Another's that had the ASID before, or its own that is looked at before it is used. */
	if (!s || !s->stub || s->stale || s->root != WINDOW_PHYSMAP + root_pa(process))
		return;
	assert_int_equal(s->pages.count, s->stub->pages.count);
	assert_int_equal(s->pages.runs, runs_of(&s->stub->pages));
	for (unsigned i = 0; i < s->stub->pages.count; i++) {
		const struct mapping *at = &s->stub->pages.at[i];
		const bool large = at->va >= HUGE;
		const u64 entry = *entry_of(t, process, at->va);

		assert_true(at->va >= USER(0) && at->va < HUGE + 0x200000);
		assert_true(entry & VALID);
		assert_true(!large || huge & HUGE_ENTRY);
		assert_int_equal(at->offset, (entry >> SHIFT & ENTRYLO_PFN) << 6 | (large ? at->va & 0x1fffff : 0));
		assert_true(!(at->prot & PROT_WRITE) || entry & DIRTY);
		assert_true(!(at->prot & PROT_EXEC) || !(entry & NO_EXEC));
	}
}

static void random_page(struct test *t, unsigned process, unsigned page)
{
	u64 *entry = pte(t, process, page);

	switch (chance(4)) {
	case 0:
		*entry = random_entry();
		break;
	case 1:
		*entry &= ~(WRITE | MODIFIED | DIRTY);		/* as before a copy on write */
		break;
	case 2:
		*entry &= ~(ACCESSED | VALID);
		break;
	default:
		*entry = 0;
	}
	flush_page(t, process, USER(page));
}

/* fork(): what may be written is shared, and nobody has accessed the child's. */
static void random_fork(struct test *t, unsigned parent, unsigned child)
{
	begin_process(t, child);
	for (unsigned page = 0; page < PAGES; page++) {
		*pte(t, parent, page) &= ~(WRITE | MODIFIED | DIRTY);
		*pte(t, child, page) = *pte(t, parent, page) & ~(ACCESSED | VALID);
	}
	*huge_entry(t, child) = *huge_entry(t, parent) &= ~(WRITE | MODIFIED | DIRTY);
	t->asid[parent] = 0;
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
		case 3:		/* huge_ptep_clear_flush() probes for the first of its pages only */
			*huge_entry(t, process) = chance(3) ? random_entry() % (1ull << SHIFT) | HUGE_ENTRY | VALID * chance(2) : 0;
			*huge_entry(t, process) &= *huge_entry(t, process) & VALID ? ~0ull : ~DIRTY;
			flush_page(t, process, HUGE);
			break;
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
