// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Direct user mode against the small model of Linux: wherever user code or its kernel runs, in whichever of the address spaces that a core has, what is
 * mapped there of user memory is what the tables of that process have now. The kernel goes native at all those points where it may, half-way in a
 * switch and in the middle of a flush among them.
 */
#include <setjmp.h>

#define MODEL_GOES_NATIVE(t)	goes_native(t)

struct test;
static void goes_native(struct test *t);

#include "tests/unit/linux_model.h"

#define HOMES		3		/* fewer than processes, so that they are taken away */
#define CODE_PAGE	PAGES		/* of each process: where it loads and stores, which never changes */
#define CODE_FRAME	(FRAMES - 1)
#define LOADS		USER(CODE_PAGE)
#define STORES		(LOADS + 4)
#define HARMLESS	0xf00		/* in a page: no entry of a table that is one is used there */
#define MOVES_MOST	4		/* until the core is where it has to be */

/* --- A Host with several address spaces for a core --- */

static struct mappings homes[HOST_HOMES];
static bool made[HOST_HOMES];
static unsigned here;
static jmp_buf moved;
static unsigned moves;

bool host__protect(struct host *h, u64 va, u64 size, int prot)
{
	mapping_protect(&h->own, va, size, prot);
	return true;
}

/* A new one has what was mapped in that which it is made from. */
void host__move(struct host *h, unsigned home)
{
	const struct host_user ops = user__ops(fake_user);
	const bool is_new = !made[home];

	homes[here] = h->own;
	if (!is_new)
		h->own = homes[home];
	here = home;
	made[home] = true;
	moves++;
	ops.moved(ops.user, home, is_new);
	longjmp(moved, 1);
}

void host__own_thread(struct host *h) { }
int host__go_direct(struct host *h, struct complaint *c) { return 0; }
bool host__has_fpu(void) { return true; }
bool host__share(struct host *h, void *at, u64 size) { return true; }
void *host__shared_room(struct host *h, u64 size) { return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0); }
void host__set_fp(struct host *h, const u64 fpr[32], u32 fcsr) { }
void host__forget_fp(struct host *h) { }

bool host__get_fp(struct host *h, u64 fpr[32], u32 *fcsr)
{
	memset(fpr, 0xff, 32 * sizeof(*fpr));
	*fcsr = 0;
	return true;
}

/* --- What may be mapped --- */

/* Nothing here but what this process's tables have. */
static void check_here(struct test *t, unsigned process)
{
	for (unsigned i = 0; i < fake.own.count; i++) {
		const struct mapping *at = &fake.own.at[i];

		if (at->va >= t->f.machine.windows.user && at->va < t->f.machine.windows.user_end)
			check_mapping(t, process, at);
	}
}

/* Wherever the kernel is, it may be interrupted, and goes on natively. */
static void goes_native(struct test *t)
{
	const struct host_user ops = user__ops(t->u);
	volatile unsigned tries = 0;

	t->f.page->cp0[CP0_STATUS] &= ~STATUS_KSU;
	if (setjmp(moved))
		assert_true(++tries < MOVES_MOST);
	ops.going_native(ops.user, t->f.v.interpreted);
}

/* The kernel of this process touches its memory, if it has been given an ASID. */
static void check_kernel(struct test *t, unsigned process)
{
	if (!t->asid[process])
		return;
	goes_native(t);
	check_here(t, process);
}

/* --- User code --- */

static void put_code(struct test *t, unsigned process)
{
	static const u32 words[] = { 0x8d090000, 0xad090000 };		/* lw, sw $9, 0($8) */

	memcpy(t->f.ram + CODE_FRAME * HOST_PAGE, words, sizeof(words));
	*pte(t, process, CODE_PAGE) = FRAME(CODE_FRAME) | PRESENT | ACCESSED | VALID;
}

static void goes(struct test *t, unsigned process)
{
	const struct host_user ops = user__ops(t->u);
	struct vcpu *v = &t->f.v;
	const struct mapping *at, *code;
	volatile unsigned tries = 0;

	if (setjmp(moved))
		assert_true(++tries < MOVES_MOST);
	if (!ops.goes(ops.user))
		return;
	check_here(t, process);
	t->runs++;
	code = mapping_find(&fake.own, LOADS);
	at = mapping_find(&fake.own, t->touched & ~(HOST_PAGE - 1));
	if (!code || !(code->prot & PROT_EXEC)) {
		ops.stopped(ops.user, &(struct stub_signal){ SIGSEGV, 1, v->pc }, false);
	} else if (!at || !(at->prot & (t->stores ? PROT_WRITE : PROT_READ))) {
		ops.stopped(ops.user, &(struct stub_signal){ SIGSEGV, 1, t->touched }, false);
	} else {
		v->pc += 4;
		ops.stopped(ops.user, &(struct stub_signal){ SIGALRM, 0, 0 }, true);
	}
}

/* Makes one access to the page of `va`. False: it is not allowed to. What a store that is interpreted writes is in no table's way: a large page may lie over those. */
static bool direct_user(struct test *t, unsigned process, u64 va, bool store)
{
	struct vcpu *v = &t->f.v;
	u64 *cp0 = t->f.page->cp0;
	const u64 begin = store ? STORES : LOADS;

	put_code(t, process);
	va += HARMLESS;
	t->touched = va;
	t->stores = store;
	for (unsigned tries = 0; tries < 20; tries++) {
		switch_to(t, process);
		cp0[CP0_STATUS] = USER_STATUS;
		v->pc = begin;
		v->gpr[8] = va;
		goes(t, process);
		if (v->pc == begin + 4)
			return true;
		if (v->pc == begin)
			continue;
		cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		if (v->pc == VECTORS + 0x80)
			refill(t, process, cp0[CP0_BADVADDR]);
		else if (!handle(t, process, cp0[CP0_BADVADDR], store && cp0[CP0_BADVADDR] == va))
			return false;
	}
	fail_msg("%#llx is tried again and again", (unsigned long long)va);
	return false;
}

static int open_direct(void **state)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	memset(homes, 0, sizeof(homes));
	memset(made, 0, sizeof(made));
	made[0] = true;
	here = moves = 0;
	t->u = fake_open_direct(&t->f, &t->ops, &format);
	the_test = t;
	t->u->homes_most = HOMES;
	begin_linux(t);
	*state = t;
	return 0;
}

static int close_direct(void **state)
{
	struct test *t = *state;

	fixture_close(&t->f);
	free(t);
	return 0;
}

static void random_changes(void **state)
{
	struct test *t = *state;
	unsigned allowed = 0, current = 0;

	/* So that a new address space has something of another one's. */
	for (unsigned page = 0; page < PAGES; page++) {
		*pte(t, 0, page) = FRAME(16 + page) | PRESENT | ACCESSED | VALID;
		assert_true(direct_user(t, 0, USER(page), false));
	}
	for (unsigned n = 0; n < 200000; n++) {
		const unsigned process = chance(3) ? current : chance(PROCESSES), page = chance(PAGES);
		const bool store = chance(3) == 0;
		const u64 va = chance(8) ? USER(page) : HUGE + chance(256) * HOST_PAGE;
		u64 entry;

		switch (chance(160)) {
		case 0: random_fork(t, process, (process + 1 + chance(PROCESSES - 1)) % PROCESSES); break;
		case 1:
			if (process != current)
				begin_process(t, process);
			break;
		case 2: t->asid[process] = 0; break;
		case 3: random_huge(t, process); break;
		case 4 ... 60: random_page(t, process, page); break;
		case 61 ... 70:
			switch_to(t, process);
			current = process;
			break;
		default:
			entry = *entry_of(t, process, va);
			assert_int_equal(direct_user(t, process, va, store), entry & PRESENT && (!store || entry & WRITE));
			current = process;
			allowed += entry & PRESENT;
		}
		check_kernel(t, current);
	}
	assert_true(allowed > 5000);
	assert_true(moves > 1000);
	assert_true(made[HOMES - 1] && !made[HOMES]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test_setup_teardown(random_changes, open_direct, close_direct) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
