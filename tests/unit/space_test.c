// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is mapped of guest address spaces, against a model of what the TLB allows; and what happens when the Host runs
 * short of processes or mappings, or loses a process.
 *
 * The model is a translation for each page of each address space: what software has written to the TLB and not
 * taken back where it could tell (doc/architecture.md, "The TLB shadow"). A page may be mapped only if the model has it,
 * to the same frame and with no more rights.
 */
#include <setjmp.h>
#include <sys/mman.h>

#include "lib/complain.h"
#include "tests/unit/host_fake.h"

#define PAGES		32		/* of user memory that the tests use, and as many of vmalloc space */
#define ASIDS		4
#define USER(n)		(user_base + (n) * HOST_PAGE)
#define KERNEL(n)	(WINDOW_MAP + (n) * HOST_PAGE)
#define FRAMES		64
#define USER_STATUS	(STATUS_KX | STATUS_SX | STATUS_UX | STATUS_KSU_USER)

struct test {
	struct fixture f;
	struct user_mode *u;
	struct machine_ops ops;
	u64 model[ASIDS][PAGES];	/* EntryLo of each page; 0: none */
	u64 kernel[PAGES];
	u64 segment, shown;		/* where the guest's kernel maps, and where that is in our address space */
	u64 touched;			/* what user code reads next */
};

static struct test *the_test;		/* for the callbacks */
static u64 user_base;

/* Reads one address: a fault unless it is mapped. Whatever was mapped for another ASID is not seen. */
static enum stub_stop reads(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	const struct mapping *at = mapping_find(&stub->pages, the_test->touched & ~(HOST_PAGE - 1));

	if (at && at->prot & PROT_READ)
		return STUB_KICKED;
	*cause = EXC_TLBL << 2;
	*badvaddr = the_test->touched;
	return STUB_SIGNAL;
}

static int open_test(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	user_base = GUEST_USER_BASE;
	t->u = fake_open(&t->f, &t->ops, reads);
	t->segment = t->shown = KERNEL(0);
	the_test = t;
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

static void set_asid(struct test *t, unsigned asid)
{
	u64 *hi = &t->f.page->cp0[CP0_ENTRYHI];

	*hi = (*hi & ~ENTRYHI_ASID) | asid;
}

/* One run of user code of this address space, which reads `va`. True: it could. */
static bool user_reads(struct test *t, unsigned asid, u64 va)
{
	struct host_user ops = user__ops(t->u);

	for (unsigned tries = 0; tries < 8; tries++) {
		struct space *s = &t->u->spaces[asid];

		set_asid(t, asid);
		t->f.page->cp0[CP0_STATUS] = USER_STATUS;
		t->f.v.pc = USER(0);
		t->touched = va;
		ops.run(ops.user);
		if (t->f.v.pc != USER(0))
			break;		/* the guest's exception */
		if (s->stub && mapping_find(&s->stub->pages, va & ~(HOST_PAGE - 1)))
			return true;
	}
	return false;
}

/* --- The model --- */

static int prot_of(u64 lo)
{
	return (lo & ENTRYLO_D ? PROT_WRITE : 0) | (lo & ENTRYLO_RI ? 0 : PROT_READ) | (lo & ENTRYLO_XI ? 0 : PROT_EXEC);
}

static void check_mappings(const struct mappings *m, u64 base, const u64 model[PAGES])
{
	for (unsigned i = 0; i < m->count; i++) {
		const struct mapping *at = &m->at[i];
		u64 lo;

		if (at->va - base >= PAGES * HOST_PAGE)
			continue;
		lo = model[(at->va - base) / HOST_PAGE];
		assert_true(lo & ENTRYLO_V);
		assert_int_equal(at->offset, (lo & ENTRYLO_PFN) << 6);
		assert_int_equal(at->prot & ~prot_of(lo), 0);
	}
}

static void check_model(struct test *t)
{
	for (unsigned asid = 0; asid < ASIDS; asid++) {
		const struct space *s = &t->u->spaces[asid];

		if (s->stub && !s->stale)		/* else it begins anew before it runs */
			check_mappings(&s->stub->pages, USER(0), t->model[asid]);
	}
	check_mappings(&fake.own, t->shown, t->kernel);
	if (t->u->uaccess.pages.count)
		check_mappings(&fake.own, USER(0), t->model[t->u->uaccess_asid]);
}

static u64 *model_of(struct test *t, u64 hi)
{
	u64 window = space__shown(t->u, hi & ENTRYHI_VPN2), n;

	if (window - t->shown < PAGES * HOST_PAGE)
		return &t->kernel[(window - t->shown) / HOST_PAGE];
	n = window - USER(0);
	return n < PAGES * HOST_PAGE ? &t->model[hi & ENTRYHI_ASID][n / HOST_PAGE] : NULL;
}

/* The pair of EntryHi is what the TLB holds now: nothing (NULL), or this. */
static void model_set(struct test *t, u64 hi, const u64 lo[2])
{
	u64 *model = model_of(t, hi);

	for (unsigned half = 0; model && half < 2; half++)
		model[half] = lo && lo[half] & ENTRYLO_V ? lo[half] : 0;
}

/* As Linux does it: probe, then write at the index found, or anywhere. */
static void update(struct test *t, u64 va, unsigned asid, bool global)
{
	u64 *cp0 = t->f.page->cp0;
	const struct tlb_entry *old;
	u64 lo[2];

	for (unsigned half = 0; half < 2; half++) {
		lo[half] = (u64)chance(FRAMES) << 6 | (chance(4) ? ENTRYLO_V : 0) | (chance(2) ? ENTRYLO_D : 0) |
			   (chance(4) ? 0 : ENTRYLO_RI) | (chance(4) ? 0 : ENTRYLO_XI) | (global ? ENTRYLO_G : 0);
		cp0[CP0_ENTRYLO0 + half] = lo[half];
	}
	cp0__write(&t->f.v, CP0_ENTRYHI, va | asid, true);
	cp0[CP0_PAGEMASK] = 0;
	tlb__probe(&t->f.v);
	if ((s32)cp0[CP0_INDEX] < 0) {
		model_set(t, cp0[CP0_ENTRYHI], NULL);
		if (chance(2)) {
			tlb__write_random(&t->f.v);
			model_set(t, cp0[CP0_ENTRYHI], lo);
			return;
		}
		cp0[CP0_INDEX] = chance(TLB_ENTRIES);
	}
	old = &t->f.v.tlb[cp0[CP0_INDEX]];
	if ((old->lo[0] | old->lo[1]) & ENTRYLO_V)
		model_set(t, old->hi, NULL);
	tlb__write_index(&t->f.v);
	model_set(t, cp0[CP0_ENTRYHI], lo);
}

/* tlbwi of something invalid over every index. */
static void flush_all(struct test *t)
{
	u64 *cp0 = t->f.page->cp0;

	cp0[CP0_ENTRYLO0] = cp0[CP0_ENTRYLO1] = 0;
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		cp0[CP0_ENTRYHI] = 0xffffffff80000000ull + i * 0x2000;
		cp0[CP0_INDEX] = i;
		tlb__write_index(&t->f.v);
	}
	memset(t->model, 0, sizeof(t->model));
	memset(t->kernel, 0, sizeof(t->kernel));
}

static void operate(struct test *t)
{
	struct host_user ops = user__ops(t->u);
	unsigned mapped = 0;

	t->f.page->cp0[CP0_PAGEGRAIN] |= PAGEGRAIN_RIE | PAGEGRAIN_XIE;
	for (unsigned n = 0; n < 30000; n++) {
		unsigned asid = chance(ASIDS), pair = chance(PAGES / 2) * 2;

		switch (chance(1000) ? chance(8) : 8) {
		case 0: case 1: update(t, USER(pair), asid, false); break;
		case 2: update(t, t->segment + pair * HOST_PAGE, asid, true); break;
		case 3: case 4: mapped += user_reads(t, asid, USER(pair + chance(2))); break;
		case 5:
			set_asid(t, asid);
			ops.missing(ops.user, t->shown + (pair + chance(2)) * HOST_PAGE);
			break;
		case 6:		/* kernel code copies */
			set_asid(t, asid);
			t->u->copy_steps = 1000;
			ops.missing(ops.user, USER(pair + chance(2)));
			break;
		case 7:
			set_asid(t, asid);
			ops.going_native(ops.user, 0);
			break;
		case 8: flush_all(t); break;
		}
		check_model(t);
	}
	assert_true(mapped > 500);
	assert_true(fake.own.count > 0);
}

static void random_operations(void **state)
{
	operate(*state);
}

static void random_operations_below_the_windows(void **state)
{
	user_base = GUEST_LOW_END - PAGES * HOST_PAGE;
	operate(*state);
}

/* The kernel that stays where it was linked for: each segment that it maps is elsewhere. */
static void stay(struct test *t, u64 segment, u64 shown)
{
	t->f.machine.canonical = true;
	t->f.machine.windows = (struct windows)CANONICAL_WINDOWS;
	t->segment = segment;
	t->shown = shown;
}

static void random_operations_in_xkseg(void **state)
{
	stay(*state, XKSEG, WINDOW_MAP);
	operate(*state);
}

static void random_operations_in_cksseg(void **state)
{
	stay(*state, CKSSEG, WINDOW_CKSSEG);
	operate(*state);
}

static void random_operations_in_high_xkseg(void **state)
{
	stay(*state, WINDOW_HIGH_OF, WINDOW_HIGH);
	operate(*state);
}

static void shown_and_back(void **state)
{
	static const struct { u64 va, shown; } pairs[] = {
		{ XKSEG, WINDOW_MAP }, { XKSEG + 0x7ffffffff, WINDOW_MAP_END - 1 }, { CKSSEG, WINDOW_CKSSEG },
		{ WINDOW_HIGH_OF, WINDOW_HIGH }, { WINDOW_HIGH_OF + WINDOW_HIGH_SIZE - 1, WINDOW_HIGH + WINDOW_HIGH_SIZE - 1 },
		{ CKSSEG + 0x1fffffff, WINDOW_CKSSEG + 0x1fffffff },
	};
	static const u64 nowhere[] = { 0x5000, CKSEG0, CKSSEG - 1, CKSSEG + CKSSEG_SIZE, XKPHYS + 0x5000, XKSEG + 0x800000000, WINDOW_HIGH_OF - 1, ~0ull };
	struct test *t = *state;

	stay(t, XKSEG, WINDOW_MAP);
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_int_equal(space__shown(t->u, pairs[i].va), pairs[i].shown);
		assert_int_equal(space__shown(t->u, pairs[i].va & (ENTRYHI_VPN2 | 0x1fff)), pairs[i].shown);
		assert_int_equal(space__canonical(t->u, pairs[i].shown), pairs[i].va);
	}
	for (size_t i = 0; i < ARRAY_SIZE(nowhere); i++)
		assert_int_equal(space__shown(t->u, nowhere[i]), nowhere[i]);
}

/* --- Code that blocks are made of --- */

static bool locked;

static bool code_locked(const struct vcpu *v, u64 offset)
{
	return locked && offset == 7 * HOST_PAGE;
}

/* A page of it that the kernel has mapped is not written unheard. */
static void code_is_not_written(void **state)
{
	const u64 flags = ENTRYLO_V | ENTRYLO_D | ENTRYLO_G, va = CKSSEG + 2 * HOST_PAGE, shown = WINDOW_CKSSEG + 2 * HOST_PAGE;
	struct ram_marks *marks = calloc(1, sizeof(*marks));
	struct test *t = *state;

	assert_non_null(marks);
	stay(t, CKSSEG, WINDOW_CKSSEG);
	t->f.machine.ram.marks = marks;
	t->ops.code_locked = code_locked;
	locked = false;
	marks->of[7] = RAM_OF_CODE;
	fixture_map(&t->f, 1, va, 7 * HOST_PAGE, flags);
	uaccess__missing(t->u, shown);
	assert_true(mapping_find(&fake.own, shown)->prot & PROT_WRITE);
	locked = true;
	user__lock_code(t->u, va);
	assert_int_equal(mapping_find(&fake.own, shown)->prot & (PROT_READ | PROT_WRITE), PROT_READ);
	uaccess__missing(t->u, shown);
	assert_false(mapping_find(&fake.own, shown)->prot & PROT_WRITE);
	uaccess__missing(t->u, shown + HOST_PAGE);	/* the other of the pair is none of it */
	assert_true(mapping_find(&fake.own, shown + HOST_PAGE)->prot & PROT_WRITE);
	locked = false;
	uaccess__missing(t->u, shown);
	assert_true(mapping_find(&fake.own, shown)->prot & PROT_WRITE);
	user__lock_code(t->u, 0);			/* mapped nowhere */
	user__lock_code(t->u, CKSSEG + 0x10000);	/* or not by us */
	user__lock_code(NULL, va);
	t->f.machine.ram.marks = NULL;
	free(marks);
}

/* --- What the Host may refuse --- */

static void map_user(struct test *t, unsigned asid, u64 va, u64 frame)
{
	set_asid(t, asid);
	fixture_map(&t->f, (va / 0x2000) % TLB_ENTRIES, va, frame * HOST_PAGE, ENTRYLO_V | ENTRYLO_D);
}

/* Whatever its kernel has there: a page of a program's is nowhere but where programs may have pages. */
static void only_where_programs_are(void **state)
{
	static const struct { u64 va; bool may; } rows[] = {
		{ 0, false }, { 0x4000, false }, { VCPU_PAGE, false }, { GUEST_LOW_BASE - FRAME_SIZE, false }, { GUEST_LOW_BASE, true }, { 0x400000, true },
		{ 0x10000000, true }, { GUEST_LOW_END - FRAME_SIZE, true }, { GUEST_LOW_END, false }, { WINDOW_CKSEG0 - FRAME_SIZE, false },
		{ WINDOW_CKSEG0, false }, { WINDOW_MODULES_END, false }, { GUEST_USER_BASE - FRAME_SIZE, false }, { GUEST_USER_BASE, true },
		{ 0x7fff7000, true }, { GUEST_TASK_SIZE - FRAME_SIZE, true }, { GUEST_TASK_SIZE, false },
	};
	struct test *t = *state;
	struct host_user ops = user__ops(t->u);

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const u64 va = rows[i].va;

		map_user(t, 1, va, 5);
		assert_int_equal(user_reads(t, 1, va), rows[i].may);
		assert_int_equal(t->u->spaces[1].stub && mapping_find(&t->u->spaces[1].stub->pages, va), rows[i].may);
		/* Nor for the copies of its kernel, which is where the windows are. */
		set_asid(t, 1);
		t->u->copy_steps = 1000;
		ops.missing(ops.user, va);
		assert_int_equal(mapping_find(&fake.own, va) != NULL, rows[i].may);
	}
}

static void few_processes(void **state)
{
	struct test *t = *state;

	fake.stubs_most = 2;
	for (unsigned round = 0; round < 3; round++)
		for (unsigned asid = 1; asid < 10; asid++) {
			map_user(t, asid, USER(2), asid);
			assert_true(user_reads(t, asid, USER(2)));
			assert_int_equal(mapping_find(&t->u->spaces[asid].stub->pages, USER(2))->offset, asid * HOST_PAGE);
		}
	assert_int_equal(fake.stubs, 2);
}

/* FP registers go with their thread, not with the stub. */
static void few_processes_fp(void **state)
{
	struct test *t = *state;
	u64 expected[32];

	fake.stubs_most = 1;
	t->f.page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
	map_user(t, 1, USER(2), 1);
	assert_true(user_reads(t, 1, USER(2)));
	memset(t->u->spaces[1].stub->fpr, 0x11, sizeof(expected));
	memset(expected, 0x11, sizeof(expected));
	assert_false(user_reads(t, 1, USER(2)));	/* Coprocessor Unusable: its first use was seen */
	assert_int_equal(cp0_word(&t->f.v, CP0_CAUSE) & CAUSE_EXCCODE, EXC_CPU << 2);
	map_user(t, 2, USER(2), 2);
	set_asid(t, 2);
	t->f.page->cp0[CP0_STATUS] = USER_STATUS | STATUS_CU1;
	t->f.v.pc = USER(0);
	memset(t->f.v.fpr, 0x22, sizeof(expected));
	t->u->fp_in_vcpu = true;
	t->touched = USER(2);
	user__run(t->u);
	assert_int_equal(t->u->spaces[2].stub->fpr[7], 0x2222222222222222ull);
	assert_null(t->u->spaces[1].stub);
	assert_true(t->u->spaces[1].fp_used);
	/* Its registers of the first use are put in when its kernel has loaded fresh ones: for it, not for another thread. */
	set_asid(t, 1);
	memset(t->f.v.fpr, 0xff, sizeof(expected));
	t->f.v.fcsr = 0;
	t->u->fp_in_vcpu = true;
	t->f.page->cp0[CP0_USERLOCAL] = 1;
	user__fpu_loaded(t->u);
	assert_int_equal(t->f.v.fpr[7], ~0ull);
	t->f.page->cp0[CP0_USERLOCAL] = 0;
	user__fpu_loaded(t->u);
	assert_memory_equal(t->f.v.fpr, expected, sizeof(expected));
	user__run(t->u);
	assert_memory_equal(t->u->spaces[1].stub->fpr, expected, sizeof(expected));
}

static void few_mappings(void **state)
{
	struct test *t = *state;

	fake.mappings_most = 20;		/* less than was said at the start */
	for (unsigned n = 0; n < 100; n += 2) {
		map_user(t, 1, USER(n), n % FRAMES);
		assert_true(user_reads(t, 1, USER(n)));
		set_asid(t, 1);
		t->u->copy_steps = 1000;
		uaccess__missing(t->u, USER(n));
	}
	assert_true(fake.own.count > 0);
}

/* With no mapping at all that process ends, and nobody else. */
static void no_mappings(void **state)
{
	struct test *t = *state;

	fake.mappings_most = 0;
	map_user(t, 1, USER(2), 1);
	assert_false(user_reads(t, 1, USER(2)));
	assert_int_equal(cp0_word(&t->f.v, CP0_CAUSE) & CAUSE_EXCCODE, EXC_SYS << 2);
	assert_int_equal(t->f.v.gpr[REG_A0], 137);
	fake.mappings_most = 100;
	map_user(t, 2, USER(2), 2);
	assert_true(user_reads(t, 2, USER(2)));
}

/* Pages of zeros far apart, in one address space after the other. */
static void page_tables(void **state)
{
	struct test *t = *state;

	for (unsigned asid = 1; asid < 200; asid++) {
		for (unsigned n = 0; n < 100; n++) {
			u64 va = USER(0) + n * 0x200000ull;

			map_user(t, asid, va, 3);
			assert_true(user_reads(t, asid, va));
			assert_true(t->u->cost <= t->u->cost_most + 2 * (256 + HOST_PAGE));
		}
	}
	for (unsigned asid = 1, total = 0; asid < 200; asid++) {
		total += t->u->spaces[asid].pages.marks;
		assert_true(total * HOST_PAGE <= t->u->cost_most + HOST_PAGE);
	}
	assert_true(t->u->spaces[199].pages.count + t->u->spaces[199].pages.marks >= 100);	/* what ran last has what it needs */
	assert_int_equal(t->u->spaces[1].pages.count, 0);
}

/* A program of more mappings than the Host gives: some go for each that comes, never all. */
static void many_mappings(void **state)
{
	struct test *t = *state;
	unsigned least = ~0u;

	t->u->stub_runs_most = 200;
	for (unsigned n = 0; n < 1000; n++) {
		const u64 va = USER(0) + n % 100 * 2 * HOST_PAGE + n % 7 * 0x200000ull;

		map_user(t, 1, va, n % FRAMES);
		assert_true(user_reads(t, 1, va));
		assert_true(t->u->spaces[1].pages.runs <= 200);
		if (n > 200 && t->u->spaces[1].pages.runs < least)
			least = t->u->spaces[1].pages.runs;
	}
	assert_true(least >= 50);
}

static void killed_before_it_runs(void **state)
{
	struct test *t = *state;

	map_user(t, 1, USER(2), 1);
	assert_true(user_reads(t, 1, USER(2)));
	t->u->spaces[1].stub->killed = true;
	assert_true(user_reads(t, 1, USER(2)));
	assert_int_equal(fake.stubs_made, 2);
	assert_false(t->u->spaces[1].stub->killed);
}

static enum stub_stop is_killed(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	return STUB_GONE;
}

static void killed_while_it_runs(void **state)
{
	struct test *t = *state;

	map_user(t, 1, USER(2), 1);
	fake.runs = is_killed;
	assert_false(user_reads(t, 1, USER(2)));
	assert_int_equal(t->f.v.gpr[REG_V0], 5205);
	assert_int_equal(t->f.v.gpr[REG_A0], 137);
	assert_exception(&t->f, EXC_SYS, 0x180, USER(0));
	fake.runs = reads;
	assert_true(user_reads(t, 1, USER(2)));
}

/* A Host that enforces neither is never asked for a page that may not be read: its kernel loops in a read of it. */
static void no_rixi(void **state)
{
	struct test *t = *state;

	t->u->rixi = false;
	set_asid(t, 1);
	fixture_map(&t->f, 0, USER(2), 3 * HOST_PAGE, ENTRYLO_V | ENTRYLO_D | ENTRYLO_RI | ENTRYLO_XI);
	assert_true(user_reads(t, 1, USER(2)));		/* PageGrain does not say that RI counts */
	assert_int_equal(mapping_find(&t->u->spaces[1].stub->pages, USER(2))->prot, PROT_READ | PROT_WRITE | PROT_EXEC);
	t->f.page->cp0[CP0_PAGEGRAIN] |= PAGEGRAIN_RIE | PAGEGRAIN_XIE;
	set_asid(t, 1);
	fixture_map(&t->f, 1, USER(4), 3 * HOST_PAGE, ENTRYLO_V | ENTRYLO_D | ENTRYLO_RI | ENTRYLO_XI);
	assert_false(user_reads(t, 1, USER(4)));
	assert_null(mapping_find(&t->u->spaces[1].stub->pages, USER(4)));
}

/*
 * A page that a debugger watches, or has a breakpoint in that waits, is taken from whoever has it, and comes to nobody until it is done; what
 * touches it is interpreted, or stops first.
 */
static void held_pages(void **state)
{
	struct test *t = *state;
	struct breakpoints *b = &t->f.machine.breakpoints;
	const struct watchpoint w = { USER(2) + 8, 8, true, true, 0 };
	static const struct insn lw = A("lw $2, 8($4)", 0x8c820008);

	for (unsigned asid = 1; asid < 3; asid++) {
		map_user(t, asid, USER(2), asid);
		map_user(t, asid, USER(4), asid);
		assert_true(user_reads(t, asid, USER(2)));
		assert_true(user_reads(t, asid, USER(4)));
	}
	assert_true(watchpoints__set(b, &w));
	assert_true(breakpoints__set(b, t->f.ram, USER(6), BREAKPOINT_NOWHERE, 0, false));
	assert_true(breakpoints__set(b, t->f.ram, KERNEL(2), BREAKPOINT_NOWHERE, 0, false));
	user__hold(t->u);
	for (unsigned asid = 1; asid < 3; asid++) {
		assert_null(mapping_find(&t->u->spaces[asid].stub->pages, USER(2)));
		if (asid == 2)		/* whose entry is the one of the TLB */
			assert_non_null(mapping_find(&t->u->spaces[asid].stub->pages, USER(4)));
		map_user(t, asid, USER(2), asid);
		map_user(t, asid, USER(6), asid);
		assert_false(user_reads(t, asid, USER(2)));
		assert_false(user_reads(t, asid, USER(6)));
	}
	map_user(t, 3, USER(2), 3);
	assert_false(user_reads(t, 3, USER(2)));	/* nor who comes later */
	/* Of the kernel's likewise. */
	fixture_map(&t->f, 9, 0xc000000000000000ull | KERNEL(2), 5 * HOST_PAGE, ENTRYLO_V | ENTRYLO_G);
	uaccess__missing(t->u, KERNEL(2));
	assert_null(mapping_find(&fake.own, KERNEL(2)));
	/* The access is not made, while a debugger is there who has not seen it. */
	map_user(t, 1, USER(0), 7);
	map_user(t, 1, USER(2), 1);
	fixture_put(&t->f, 7 * HOST_PAGE, 4, lw.word);
	t->f.v.debugged = true;
	t->f.v.gpr[4] = USER(2);
	t->f.v.pc = USER(0);
	set_asid(t, 1);
	t->f.page->cp0[CP0_STATUS] = USER_STATUS;
	t->touched = USER(2);
	user__run(t->u);
	assert_true(t->f.v.pc == USER(0));
	assert_int_equal(watchpoint__here(&t->f.v), 0);
	breakpoints__clear_all(b, t->f.ram, false);
	user__hold(t->u);
	t->f.v.debugged = false;
	map_user(t, 1, USER(2), 1);
	assert_true(user_reads(t, 1, USER(2)));
	assert_true(user_reads(t, 2, USER(6)));
}

/* --- A Host with larger pages --- */

static jmp_buf has_died;

static void leave_dying(void)
{
	longjmp(has_died, 1);
}

/* A pair of pages of so many bits, two frames that follow one another. */
static void map_pair(struct test *t, u64 va, u64 pa, unsigned bits)
{
	u64 *cp0 = t->f.page->cp0;
	const u64 flags = ENTRYLO_V | ENTRYLO_D;

	cp0[CP0_PAGEMASK] = (2ull << bits) - 0x2000;
	cp0[CP0_ENTRYLO0] = pa >> 6 | flags;
	cp0[CP0_ENTRYLO1] = (pa + (1ull << bits)) >> 6 | flags;
	cp0[CP0_ENTRYHI] = va | 1;
	tlb__write_random(&t->f.v);
}

static void host_pages_of_16_kb(void **state)
{
	struct test *t = *state;
	const struct mapping *at;
	struct complaint c;

	host__page_bits = 14;
	map_pair(t, USER(0), 0x8000, 14);
	assert_true(user_reads(t, 1, USER(1) + 0x3123));
	at = mapping_find(&t->u->spaces[1].stub->pages, USER(1));
	assert_int_equal(at->offset, 0xc000);
	/* A probe for less than a page of the Host's that misses takes all of it. */
	memset(t->f.v.tlb, 0, sizeof(t->f.v.tlb));
	t->f.page->cp0[CP0_PAGEMASK] = 0;
	t->f.page->cp0[CP0_ENTRYHI] = (USER(1) + 0x2000) | 1;
	tlb__probe(&t->f.v);
	assert_false(user_reads(t, 1, USER(1) + 0x3123));
	assert_null(mapping_find(&t->u->spaces[1].stub->pages, USER(1)));

	/* The guest's may be larger: only whole ones of the Host's are mapped. */
	map_pair(t, USER(8), 0x20000, 16);
	assert_true(user_reads(t, 1, USER(11) + 0x10));
	for (unsigned i = 0; i < t->u->spaces[1].stub->pages.count; i++)
		assert_int_equal((t->u->spaces[1].stub->pages.at[i].va | t->u->spaces[1].stub->pages.at[i].offset) % HOST_PAGE, 0);

	/* But not smaller, which only a kernel that says nothing of its tables gets to: all around a page would be its program's. */
	assert_int_equal(user__check_page(14, &c), 0);
	assert_int_equal(user__check_page(16, &c), 0);
	assert_int_equal(user__check_page(12, &c), -1);
	assert_non_null(strstr(c.text, "CONFIG_PAGE_SIZE_16KB"));
	die_hook = leave_dying;
	if (!setjmp(has_died)) {
		map_pair(t, USER(20), 0x9000, 12);
		fail_msg("a page of 4 KB is mapped");
	}
	die_hook = NULL;
	host__page_bits = 12;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_operations, open_test, close_test),
		cmocka_unit_test_setup_teardown(random_operations_below_the_windows, open_test, close_test),
		cmocka_unit_test_setup_teardown(only_where_programs_are, open_test, close_test),
		cmocka_unit_test_setup_teardown(random_operations_in_xkseg, open_test, close_test),
		cmocka_unit_test_setup_teardown(random_operations_in_cksseg, open_test, close_test),
		cmocka_unit_test_setup_teardown(random_operations_in_high_xkseg, open_test, close_test),
		cmocka_unit_test_setup_teardown(shown_and_back, open_test, close_test),
		cmocka_unit_test_setup_teardown(code_is_not_written, open_test, close_test),
		cmocka_unit_test_setup_teardown(few_processes, open_test, close_test),
		cmocka_unit_test_setup_teardown(few_processes_fp, open_test, close_test),
		cmocka_unit_test_setup_teardown(few_mappings, open_test, close_test),
		cmocka_unit_test_setup_teardown(no_mappings, open_test, close_test),
		cmocka_unit_test_setup_teardown(page_tables, open_test, close_test),
		cmocka_unit_test_setup_teardown(many_mappings, open_test, close_test),
		cmocka_unit_test_setup_teardown(killed_before_it_runs, open_test, close_test),
		cmocka_unit_test_setup_teardown(killed_while_it_runs, open_test, close_test),
		cmocka_unit_test_setup_teardown(no_rixi, open_test, close_test),
		cmocka_unit_test_setup_teardown(held_pages, open_test, close_test),
		cmocka_unit_test_setup_teardown(host_pages_of_16_kb, open_test, close_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
