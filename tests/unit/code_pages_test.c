/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which pages of code have been written: by a model in which cores write by their windows, by the interpreter, and devices at any moment. Each look tells of
 * all that was written before it, and of nothing else.
 */
#include <stdlib.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/core/vcpu.h"
#include "wedge/translate/code-pages.h"

#define PAGES	24
#define CORES	3
#define STEPS	200000
#define PIECE	(CODE_PAGE / CODE_PAGE_PIECES)

static struct model {
	struct machine machine;
	struct code_pages pages;
	u8 ram[PAGES * CODE_PAGE] __attribute__((aligned(CODE_PAGE)));
	u8 seen[PAGES * CODE_PAGE];		/* as it was when somebody last looked */
	bool followed[PAGES];			/* and is what blocks have been made of since */
	bool locked[CORES][PAGES];
	bool refuses;				/* the Host cannot lock */
	u32 told[PAGES];			/* of the present look */
	unsigned core;				/* which looks */
	u64 va;					/* of what was locked last */
	bool ordered[CORES];			/* to lock what is open */
	unsigned locks, signals;
	u64 random;
} *m;

static bool lock_code(void *user, u64 pa, u64 va)
{
	if (m->refuses)
		return false;
	assert_int_equal(pa % CODE_PAGE, 0);
	m->va = va;
	m->locked[m->core][pa / CODE_PAGE] = true;
	m->locks++;
	return true;
}

/* It does so when it comes to it. */
static void order_lock(void *user, unsigned core)
{
	assert_true(core < CORES && core != m->core);
	m->ordered[core] = true;
}

static const struct machine_ops ops = { .lock_code = lock_code, .order_lock = order_lock };

static int setup(void **state)
{
	m = aligned_alloc(CODE_PAGE, (sizeof(*m) + CODE_PAGE - 1) & ~(CODE_PAGE - 1));
	assert_non_null(m);
	memset(m, 0, sizeof(*m));
	m->machine.ram = (struct ram){ m->ram, sizeof(m->ram), sizeof(m->ram), NULL };
	m->machine.ops = &ops;
	m->random = 20261129;
	code_pages__make(&m->pages, &m->machine);
	return 0;
}

static int teardown(void **state)
{
	free(m);
	return 0;
}

static void on_changed(void *user, struct code_page *page, u32 pieces)
{
	assert_int_equal(m->told[page->number], 0);
	m->told[page->number] = pieces;
}

static void look(unsigned core)
{
	m->core = core;
	memset(m->told, 0, sizeof(m->told));
	code_pages__look(&m->pages, &m->machine, core, on_changed, NULL);
	for (unsigned page = 0; page < PAGES; page++) {
		u32 changed = 0;

		for (unsigned i = 0; m->followed[page] && i < CODE_PAGE_PIECES; i++)
			if (memcmp(m->ram + page * CODE_PAGE + i * PIECE, m->seen + page * CODE_PAGE + i * PIECE, PIECE))
				changed |= 1u << i;
		if (m->followed[page])
			assert_int_equal(m->told[page], changed);
		memcpy(m->seen + page * CODE_PAGE, m->ram + page * CODE_PAGE, CODE_PAGE);
	}
}

/* A block is made there. */
static void follow(unsigned page)
{
	struct code_page *p = code_pages__at(&m->pages, page * CODE_PAGE);
	const bool known = p && p->known;	/* it tells of what was written while there was nothing there, too */

	p = code_pages__watch(&m->pages, &m->machine, page * CODE_PAGE);
	assert_non_null(p);
	assert_int_equal(p->number, page);
	p->block = 1;
	if (!known)
		memcpy(m->seen + page * CODE_PAGE, m->ram + page * CODE_PAGE, CODE_PAGE);
	m->followed[page] = true;
}

/* There is none any more, nor one in front that reaches there. */
static void leave(unsigned page)
{
	struct code_page *p = code_pages__at(&m->pages, page * CODE_PAGE);

	if (p)
		p->block = 0;
	m->followed[page] = false;
}

static void tell(unsigned core, unsigned page)
{
	if (m->pages.marks.of[page] & RAM_OF_CODE && code_pages__written(&m->pages, page * CODE_PAGE, core))
		m->locked[core][page] = false;
}

/* By a window: where it is locked this is a signal, and the interpreter makes the access. */
static void store(unsigned core, u64 at, u8 value)
{
	if (m->locked[core][at / CODE_PAGE]) {
		m->signals++;
		tell(core, at / CODE_PAGE);
		assert_false(m->locked[core][at / CODE_PAGE]);
	}
	m->ram[at] = value;
}

static void obey(unsigned core)
{
	m->ordered[core] = false;
	m->core = core;
	code_pages__lock(&m->pages, &m->machine, core);
}

/* A core that only runs in a circle. */
static void told_to_lock(void **state)
{
	code_pages__core(&m->pages, 0);
	code_pages__core(&m->pages, 1);
	follow(3);
	look(0);
	assert_true(m->ordered[1]);
	m->ordered[1] = false;
	look(0);
	assert_false(m->ordered[1]);		/* once is enough */
	assert_int_equal(m->pages.open_count, 1);
	store(1, 3 * CODE_PAGE, 1);
	obey(1);
	look(0);
	assert_int_equal(m->told[3], 1);
	look(0);
	assert_int_equal(m->pages.open_count, 0);
	store(1, 3 * CODE_PAGE, 2);
	assert_int_equal(m->signals, 1);
	look(0);
	assert_int_equal(m->told[3], 1);
	code_pages__core_gone(&m->pages, 1);
	look(0);
	assert_int_equal(m->pages.open_count, 0);
	/* It comes back with what it had locked, and unlocks that. */
	code_pages__core(&m->pages, 1);
	obey(1);
	look(0);
	assert_true(m->locked[1][3]);
	code_pages__core_gone(&m->pages, 1);
	code_pages__core(&m->pages, 1);
	store(1, 3 * CODE_PAGE, 3);
	look(0);
	assert_int_equal(m->told[3], 1);
}

static void one_page(void **state)
{
	code_pages__core(&m->pages, 0);
	follow(3);
	look(0);
	assert_int_equal(m->locks, 1);
	assert_int_equal(m->pages.open_count, 0);
	store(0, 3 * CODE_PAGE + 5 * PIECE, 1);
	look(0);
	assert_int_equal(m->told[3], 1u << 5);
	assert_int_equal(m->pages.open_count, 1);	/* it may be written again */
	store(0, 3 * CODE_PAGE + 6 * PIECE, 1);
	assert_int_equal(m->signals, 1);
	look(0);
	assert_int_equal(m->told[3], 1u << 6);
	look(0);
	assert_int_equal(m->locks, 2);
	assert_int_equal(m->pages.open_count, 0);
}

/* Where nothing can be locked all is looked at each time. */
static void no_room_to_lock(void **state)
{
	m->refuses = true;
	code_pages__core(&m->pages, 0);
	follow(3);
	for (unsigned i = 0; i < 3; i++) {
		look(0);
		store(0, 3 * CODE_PAGE + i, 1);
	}
	assert_int_equal(m->pages.open_count, 1);
}

static void by_a_device(void **state)
{
	code_pages__core(&m->pages, 0);
	follow(3);
	follow(4);
	look(0);
	ram__will_be_written(&m->machine.ram, m->ram + 3 * CODE_PAGE + 8, CODE_PAGE);
	look(0);
	m->ram[4 * CODE_PAGE + 1] = 1;		/* when it gets to it */
	look(0);
	assert_int_equal(m->told[4], 1);
	look(0);
	m->ram[3 * CODE_PAGE + PIECE] = 1;
	look(0);
	assert_int_equal(m->told[3], 2);
	/* Nothing behind the last page, nor a page too few for a byte in front of it. */
	ram__will_be_written(&m->machine.ram, m->ram + sizeof(m->ram) - 1, 100);
	assert_int_equal(m->pages.marks.of[PAGES - 1], RAM_AT_ANY_TIME);
	assert_int_equal(m->pages.marks.of[PAGES], 0);
	assert_int_equal(m->pages.marks.of[PAGES - 2], 0);
}

/* Where it is in CKSSEG is told to who locks it; a page is at one place. */
static void mapped(void **state)
{
	const u64 va = CKSSEG + 5 * CODE_PAGE;
	u64 offset;

	code_pages__core(&m->pages, 0);
	ram__will_be_written(&m->machine.ram, m->ram + 3 * CODE_PAGE, 1);	/* by a program that had it before */
	assert_true(code_pages__map(&m->pages, &m->machine, va + 8, 3 * CODE_PAGE));
	assert_false(code_pages__map(&m->pages, &m->machine, va, 4 * CODE_PAGE));
	assert_false(code_pages__map(&m->pages, &m->machine, va + CODE_PAGE, 3 * CODE_PAGE));
	assert_false(code_pages__map(&m->pages, &m->machine, CKSSEG + CKSSEG_SIZE, 4 * CODE_PAGE));
	assert_false(code_pages__map(&m->pages, &m->machine, CKSSEG - 1, 4 * CODE_PAGE));
	assert_false(code_pages__map(&m->pages, &m->machine, CKSSEG, sizeof(m->ram)));
	assert_true(code_pages__find(m->pages.mapped, va + 12, &offset));
	assert_int_equal(offset, 3 * CODE_PAGE + 12);
	assert_false(code_pages__find(m->pages.mapped, va - 1, &offset));
	follow(3);
	look(0);
	assert_int_equal(m->va, va);
	assert_true(code_pages__is_locked(&m->pages, 3 * CODE_PAGE, 0));
	assert_false(code_pages__is_locked(&m->pages, 3 * CODE_PAGE, 1));
	assert_false(code_pages__is_locked(&m->pages, 4 * CODE_PAGE, 0));
	assert_int_equal(code_pages__unmap(&m->pages, va + 4)->number, 3);
	assert_null(code_pages__unmap(&m->pages, va));
	assert_true(code_pages__map(&m->pages, &m->machine, va + CODE_PAGE, 3 * CODE_PAGE));
}

static void what_is_no_page(void **state)
{
	assert_null(code_pages__watch(&m->pages, &m->machine, sizeof(m->ram)));
	assert_null(code_pages__watch(&m->pages, &m->machine, ~0ull));
	assert_null(code_pages__at(&m->pages, ~0ull));
	assert_false(code_pages__written(&m->pages, 0, 0));
	look(0);
}

static u32 random_below(u32 n)
{
	m->random ^= m->random << 13;
	m->random ^= m->random >> 7;
	m->random ^= m->random << 17;
	return (m->random >> 11) % n;
}

static void as_in_the_model(void **state)
{
	u8 byte = 0;

	for (unsigned i = 0; i < STEPS; i++) {
		const unsigned page = random_below(PAGES), core = random_below(CORES);
		const u64 at = page * CODE_PAGE + random_below(CODE_PAGE);

		byte++;
		m->refuses = !random_below(50);
		switch (random_below(16)) {
		case 0:
			code_pages__core(&m->pages, core);
			follow(page);
			break;
		case 1:
			if (!random_below(4))
				leave(page);
			break;
		case 2:
			tell(core, page);
			m->ram[at] = byte;
			break;
		case 3:
			if (!random_below(200))
				ram__will_be_written(&m->machine.ram, m->ram + at, random_below(2 * CODE_PAGE));
			break;
		case 4:
			if (m->pages.marks.of[page] & RAM_AT_ANY_TIME)
				m->ram[at] = byte;
			break;
		case 7:
			if (m->ordered[core])
				obey(core);
			else if (!random_below(100))
				code_pages__core_gone(&m->pages, core);
			break;
		case 5: case 6:
			if (m->pages.cores >> core & 1)
				store(core, at, byte);
			break;
		default:
			if (m->pages.cores >> core & 1)
				look(core);
			break;
		}
	}
	assert_in_range(m->locks, 1000, STEPS);
	assert_in_range(m->signals, 1000, STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_page, setup, teardown),
		cmocka_unit_test_setup_teardown(told_to_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(no_room_to_lock, setup, teardown),
		cmocka_unit_test_setup_teardown(by_a_device, setup, teardown),
		cmocka_unit_test_setup_teardown(mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_no_page, setup, teardown),
		cmocka_unit_test_setup_teardown(as_in_the_model, setup, teardown),
	};

	return cmocka_run_group_tests_name("code pages", tests, NULL, NULL);
}
