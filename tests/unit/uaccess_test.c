// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * User memory for the guest's kernel, against a small model of Linux: where its looks lead, and what is done of what it asks for, is what its
 * page tables allow now, and no more.
 */
#include "abi/call.h"
#include "tests/unit/linux_model.h"

#define KERNEL_STATUS	(STATUS_KX | STATUS_SX | STATUS_UX)
#define BUFFER_PA	0xa0000ull	/* of the kernel's, up to the end of RAM */
#define BUFFER		(WINDOW_PHYSMAP + BUFFER_PA)
#define BUFFER_SIZE	(RAM_BYTES - BUFFER_PA)

static void enter_kernel(struct test *t, unsigned process)
{
	switch_to(t, process);
	t->f.page->cp0[CP0_STATUS] = KERNEL_STATUS;
	uaccess__going_native(t->u, t->f.v.interpreted);
}

/* Where the tables have a byte of the process, if it may be accessed so without asking the kernel; NULL: it may not. */
static u8 *byte_of(struct test *t, unsigned process, u64 va, bool store)
{
	const bool large = va >= HUGE && va < HUGE + 0x200000;
	u64 entry, pa;

	if (!large && va - USER(0) >= PAGES * HOST_PAGE)
		return NULL;
	entry = *entry_of(t, process, va);
	pa = ((entry >> SHIFT & ENTRYLO_PFN) << 6) + (large ? va & 0x1fffff : va % HOST_PAGE);
	return entry & (store ? DIRTY : VALID) && pa < RAM_BYTES ? t->f.ram + pa : NULL;
}

/* --- Looks --- */

/* The kernel's, as burnt code does it. `hit`: without the Wedge. False: it is a fault for do_page_fault(). */
static bool kernel(struct test *t, unsigned process, u64 va, bool store, bool *hit)
{
	for (unsigned tries = 0; tries < 10; tries++) {
		const struct vcpu_look *look = &t->f.page->look[VCPU_LOOK(va)];
		struct location at;

		enter_kernel(t, process);
		*hit = (store ? look->store : look->load) == (va & ~(HOST_PAGE - 1));
		if (*hit) {
			assert_ptr_equal(t->f.ram + (va + look->distance - WINDOW_PHYSMAP), byte_of(t, process, va, store));
			return true;
		}
		at = memory__locate(&t->f.v, va, 1, store ? ACCESS_STORE : ACCESS_LOAD);
		if (at.place != PLACE_FAULT) {
			uaccess__looked(t->u, va);
			return true;
		}
		if (at.refill)
			refill(t, process, va);
		else if (!handle(t, process, va, store))
			return false;
	}
	fail_msg("%#llx is tried again and again", (unsigned long long)va);
	return false;
}

/* --- What is asked for --- */

/* The byte that the kernel can reach at `va` now; NULL: none. */
static u8 *reached(struct test *t, unsigned process, u64 va, bool store)
{
	return va - BUFFER < BUFFER_SIZE ? t->f.ram + BUFFER_PA + (va - BUFFER) : byte_of(t, process, va, store);
}

static u64 random_place(void)
{
	switch (chance(8)) {
	case 0: return HUGE + chance(0x40000);	/* whose frames begin at 0: a copy from there does not come to the buffer */
	case 1: return USER(PAGES) - chance(3000);
	case 2: return chance(4) ? fake_random : ~0ull - chance(64);
	case 3 ... 4: return USER(0) + chance(PAGES * HOST_PAGE);
	default: return BUFFER + chance(chance(2) ? BUFFER_SIZE : HOST_PAGE);
	}
}

static void ask_for_copy(struct test *t, unsigned process)
{
	u64 *gpr = t->f.v.gpr;
	u64 to = random_place();
	const u64 from = random_place(), size = chance(8) ? chance(9000) : fake_random;
	u64 done;

	/* The large page has the tables in it, which are not to be overwritten. */
	while (to - HUGE < 0x200000)
		to = random_place();
	gpr[4] = to;
	gpr[5] = from;
	gpr[6] = size;
	user__asked(t->u, AFTERBURN_ASK_COPY);
	done = gpr[4] - to;
	assert_int_equal(gpr[5] - from, done);
	assert_int_equal(size - gpr[6], done);
	assert_true(done <= size && done <= 0x40000 + HOST_PAGE);
	for (u64 n = 0; n < done; n += n < done - 1 && n + 64 > done - 1 ? done - 1 - n : 64) {
		const u8 *target = reached(t, process, to + n, true), *source = reached(t, process, from + n, false);

		assert_true(target && source);
		/* Two pages of a program can be one of RAM, so that a copy overwrites what it has made or will read. */
		if (from - BUFFER < BUFFER_SIZE ? to - BUFFER >= BUFFER_SIZE : 0)
			continue;
		if (to - BUFFER < BUFFER_SIZE && from - BUFFER >= BUFFER_SIZE)
			assert_int_equal(*target, *source);
	}
}

static void ask_for_string(struct test *t, unsigned process)
{
	u64 *gpr = t->f.v.gpr;
	const u64 to = BUFFER, from = random_place(), most = chance(8) ? 1 + chance(6000) : fake_random | 1, begun = chance(4) ? 0 : chance(most);
	u64 done;

	gpr[2] = AFTERBURN_ASK_STRING;
	gpr[3] = from;
	gpr[4] = to;
	gpr[6] = most;
	gpr[12] = begun;
	user__asked(t->u, AFTERBURN_ASK_STRING);
	done = gpr[12] - begun;
	assert_true(gpr[12] < most && gpr[4] - to == done && gpr[3] - from == done);
	if (from - BUFFER < BUFFER_SIZE)		/* they may overlap */
		return;
	for (u64 n = 0; n < done; n++) {
		const u8 *source = reached(t, process, from + n, false);

		assert_true(source && *source && *source == t->f.ram[BUFFER_PA + n]);
	}
	if (!gpr[2])
		assert_true(!*reached(t, process, from + done, false) && !t->f.ram[BUFFER_PA + done]);
}

static void ask_for_length(struct test *t, unsigned process)
{
	u64 *gpr = t->f.v.gpr;
	const u64 at = random_place(), end = at + (chance(8) ? chance(6000) : fake_random);
	u64 done;

	gpr[2] = at;
	gpr[5] = end;
	gpr[12] = AFTERBURN_ASK_LENGTH;
	user__asked(t->u, AFTERBURN_ASK_LENGTH);
	done = gpr[2] - at;
	assert_true(!done || gpr[2] <= end);
	for (u64 n = 0; n < done; n++)
		assert_true(reached(t, process, at + n, false) && *reached(t, process, at + n, false));
	if (!gpr[12])
		assert_true(gpr[2] < end && !*reached(t, process, gpr[2], false));
}

static void ask(struct test *t, unsigned process)
{
	enter_kernel(t, process);
	switch (chance(3)) {
	case 0: ask_for_copy(t, process); break;
	case 1: ask_for_string(t, process); break;
	default: ask_for_length(t, process); break;
	}
	assert_int_equal(t->f.v.pc, USER(1));		/* it is no exception, whatever was asked */
}

/* Programs, the kernel's looks and what it asks for, and page tables that change all the time. */
static void random_changes(void **state)
{
	struct test *t = *state;
	unsigned hits = 0, looks = 0;

	for (u64 i = 0; i < BUFFER_SIZE; i++)
		t->f.ram[BUFFER_PA + i] = chance(64);
	for (unsigned n = 0; n < 1000000; n++) {
		const unsigned process = chance(PROCESSES), page = chance(PAGES);
		const bool store = chance(3) == 0;
		const u64 va = (chance(8) ? USER(page) : HUGE + chance(256) * HOST_PAGE) + chance(HOST_PAGE);
		u64 entry;
		bool hit;

		switch (chance(160)) {
		case 0: random_fork(t, process, (process + 1 + chance(PROCESSES - 1)) % PROCESSES); break;
		case 1: begin_process(t, process); break;
		case 2: t->asid[process] = 0; break;
		case 3:
			*huge_entry(t, process) = chance(3) ? random_entry() % (1ull << SHIFT) | HUGE_ENTRY | VALID * chance(2) : 0;
			*huge_entry(t, process) &= *huge_entry(t, process) & VALID ? ~0ull : ~DIRTY;
			flush_page(t, process, HUGE);
			break;
		case 4 ... 20: random_page(t, process, page); break;
		case 21 ... 60:
			t->f.v.pc = USER(1);
			ask(t, process);
			break;
		case 61 ... 80: user(t, process, va & ~(HOST_PAGE - 1), store); break;
		default:
			entry = *entry_of(t, process, va);
			for (unsigned i = 0; i < 3; i++) {	/* as a kernel does, more than once */
				const bool may = entry & PRESENT && (!store || entry & WRITE);

				assert_int_equal(kernel(t, process, va, store, &hit), may);
				hits += hit;
				looks += may && i && va < HUGE;
			}
		}
	}
	assert_true(looks > 2000 && hits >= looks);		/* after the first each is found */
}

/* A large page goes by one probe, so no look finds one. */
static void large_pages_are_not_told(void **state)
{
	struct test *t = *state;
	bool hit;

	*huge_entry(t, 0) = HUGE_ENTRY | PRESENT | ACCESSED | VALID;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(kernel(t, 0, HUGE + 5 * HOST_PAGE, false, &hit));
		assert_false(hit);
	}
}

/* Who is compared with metal sees each refill. */
static void nothing_without_tables(void **state)
{
	struct test *t = *state;
	const u64 at = USER(3);
	bool hit;

	user__know_tables(t->u, &(struct afterburn_page_tables){ 0 });
	*pte(t, 0, 3) = FRAME(3) | PRESENT | ACCESSED | VALID;
	for (unsigned i = 0; i < 3; i++) {
		assert_true(kernel(t, 0, at, false, &hit));
		assert_false(hit);
	}
	enter_kernel(t, 0);
	t->f.v.gpr[4] = BUFFER;
	t->f.v.gpr[5] = at;
	t->f.v.gpr[6] = 8;
	user__asked(t->u, AFTERBURN_ASK_COPY);
	assert_int_equal(t->f.v.gpr[6], 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_changes, open_test, close_test),
		cmocka_unit_test_setup_teardown(large_pages_are_not_told, open_test, close_test),
		cmocka_unit_test_setup_teardown(nothing_without_tables, open_test, close_test),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
