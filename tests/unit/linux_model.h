/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A small model of Linux, for tests of guest user mode: processes with page tables, which it changes and flushes as Linux does, gives new ASIDs,
 * and frees for the next process. At random, or step by step.
 */
#ifndef TESTS_UNIT_LINUX_MODEL_H
#define TESTS_UNIT_LINUX_MODEL_H

#include <sys/mman.h>

#include "tests/unit/host_fake.h"

#define PROCESSES	6
#define PAGES		40		/* of 4 KB, in the last table of each; then comes a page of 2 MB */
#define USER(n)		(user_base + (n) * HOST_PAGE)
#define HUGE		(user_base + 0x200000)
#define TABLES_PA	0x80000ull	/* three pages for each process; pages of programs lie below */
#define FRAMES		(TABLES_PA / FRAME_SIZE)
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

/* Where the kernel may go native meanwhile: for a test that wants to see it do so. */
#ifndef MODEL_GOES_NATIVE
#define MODEL_GOES_NATIVE(t)
#endif

static struct test *the_test;		/* for the callbacks */

static inline enum stub_stop accesses(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
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

static u64 user_base = GUEST_USER_BASE;	/* where all programs have their pages: within 256 MB */

static inline u64 root_pa(unsigned process) { return TABLES_PA + process * 3 * HOST_PAGE; }
static inline u64 *table(struct test *t, unsigned process, unsigned n) { return (u64 *)(t->f.ram + root_pa(process) + n * HOST_PAGE); }
static inline u64 *pte(struct test *t, unsigned process, unsigned page) { return table(t, process, 2) + page; }
static inline u64 *huge_entry(struct test *t, unsigned process) { return table(t, process, 1) + (HUGE >> 21 & 511); }

/* A process without a page. */
static inline void begin_process(struct test *t, unsigned process)
{
	memset(table(t, process, 0), 0, 3 * HOST_PAGE);
	table(t, process, 0)[user_base >> 30] = WINDOW_PHYSMAP + root_pa(process) + HOST_PAGE;
	table(t, process, 1)[user_base >> 21 & 511] = WINDOW_PHYSMAP + root_pa(process) + 2 * HOST_PAGE;
	t->asid[process] = 0;
}

static inline void flush_all(struct test *t)
{
	u64 *cp0 = t->f.page->cp0;

	cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = cp0[CP0_PAGEMASK] = 0;
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		cp0[CP0_ENTRYHI] = 0xffffffff80000000ull + i * 0x2000;
		cp0[CP0_INDEX] = i;
		tlb__write_index(&t->f.v);
	}
}

static inline void switch_to(struct test *t, unsigned process)
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
	MODEL_GOES_NATIVE(t);
	t->f.page->cp0[CP0_CONTEXT] = (WINDOW_PHYSMAP + root_pa(process)) << 11;
}

/* local_flush_tlb_page(): what is found is made invalid. */
static inline void flush_page(struct test *t, unsigned process, u64 va)
{
	u64 *cp0 = t->f.page->cp0, before = cp0[CP0_ENTRYHI];

	if (!t->asid[process])
		return;
	cp0__write(&t->f.v, CP0_ENTRYHI, (va & ~0x1fffull) | t->asid[process], true);
	MODEL_GOES_NATIVE(t);
	cp0[CP0_PAGEMASK] = 0;
	tlb__probe(&t->f.v);
	cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = 0;
	if ((s32)cp0[CP0_INDEX] >= 0) {
		cp0[CP0_ENTRYHI] = 0xffffffff80000000ull + cp0[CP0_INDEX] * 0x2000;
		MODEL_GOES_NATIVE(t);
		tlb__write_index(&t->f.v);
	}
	cp0[CP0_ENTRYHI] = before;
}

static inline u64 entrylo(u64 entry)
{
	return entry >> SHIFT | (entry & NO_READ ? ENTRYLO_RI : 0) | (entry & NO_EXEC ? ENTRYLO_XI : 0);
}

/* The refill handler. */
static inline void refill(struct test *t, unsigned process, u64 va)
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

static inline u64 *entry_of(struct test *t, unsigned process, u64 va)
{
	return va >= HUGE ? huge_entry(t, process) : pte(t, process, (va - USER(0)) / HOST_PAGE);
}

/* The handlers of invalid and clean pages. False: no such access. */
static inline bool handle(struct test *t, unsigned process, u64 va, bool store)
{
	u64 *entry = entry_of(t, process, va), *cp0 = t->f.page->cp0;
	const bool at_once = *entry & (store ? DIRTY : VALID);		/* by the handler that Linux generates */

	if (!(*entry & PRESENT) || (store && !(*entry & WRITE)))
		return false;
	*entry |= ACCESSED | VALID | (store ? MODIFIED | DIRTY : 0);
	if (!at_once && chance(2))		/* afterburn_page_tables.walked */
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
static inline bool user(struct test *t, unsigned process, u64 va, bool store)
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

/* With no page in any process. */
static inline void begin_linux(struct test *t)
{
	t->f.page->cp0[CP0_PAGEGRAIN] |= PAGEGRAIN_RIE | PAGEGRAIN_XIE;
	for (unsigned i = 0; i < PROCESSES; i++)
		begin_process(t, i);
}

/* What is mapped there is what the tables of the process have now. */
static inline void check_mapping(struct test *t, unsigned process, const struct mapping *at)
{
	const bool large = at->va >= HUGE;
	u64 entry;

	assert_true(at->va >= USER(0) && at->va < HUGE + 0x200000);
	entry = *entry_of(t, process, at->va);
	assert_true(entry & VALID);
	assert_true(!large || entry & HUGE_ENTRY);
	assert_int_equal(at->offset, (entry >> SHIFT & ENTRYLO_PFN) << 6 | (large ? at->va & 0x1fffff : 0));
	assert_true(!(at->prot & PROT_WRITE) || entry & DIRTY);
	assert_true(!(at->prot & PROT_EXEC) || !(entry & NO_EXEC));
}

static inline int open_test(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	t->u = fake_open(&t->f, &t->ops, accesses);
	the_test = t;
	user__know_tables(t->u, &format);
	begin_linux(t);
	*state = t;
	return 0;
}

static inline int close_test(void **state)
{
	struct test *t = *state;

	fake_close(&t->f);
	free(t);
	return 0;
}

static inline u64 random_entry(void)
{
	u64 entry = FRAME(chance(4) ? 8 + chance(8) : chance(FRAMES)) | PRESENT | (chance(2) ? WRITE : 0);

	if (chance(2))
		entry |= ACCESSED | VALID | (entry & WRITE && chance(2) ? MODIFIED | DIRTY : 0);
	return entry | (chance(6) ? 0 : NO_EXEC);
}

static inline void random_page(struct test *t, unsigned process, unsigned page)
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

/* huge_ptep_clear_flush() probes for the first of its pages only. */
static inline void random_huge(struct test *t, unsigned process)
{
	u64 *entry = huge_entry(t, process);

	*entry = chance(3) ? random_entry() % (1ull << SHIFT) | HUGE_ENTRY | VALID * chance(2) : 0;
	*entry &= *entry & VALID ? ~0ull : ~DIRTY;
	flush_page(t, process, HUGE);
}

/* fork(): what may be written is shared, and nobody has accessed the child's. */
static inline void random_fork(struct test *t, unsigned parent, unsigned child)
{
	begin_process(t, child);
	for (unsigned page = 0; page < PAGES; page++) {
		*pte(t, parent, page) &= ~(WRITE | MODIFIED | DIRTY);
		*pte(t, child, page) = *pte(t, parent, page) & ~(ACCESSED | VALID);
	}
	*huge_entry(t, child) = *huge_entry(t, parent) &= ~(WRITE | MODIFIED | DIRTY);
	t->asid[parent] = 0;
}

#endif
