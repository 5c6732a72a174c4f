// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Direct user mode against the small model of Linux: wherever user code or its kernel runs, in whichever of the address spaces that a core has, what is
 * mapped there of user memory is what the tables of that process have now. The kernel goes native at all those points where it may, half-way in a
 * switch and in the middle of a flush among them. System calls become jumps meanwhile: what stands in for a page is what that page is but for those, and what
 * they lead to is there.
 */
#include <setjmp.h>

#define MODEL_GOES_NATIVE(t)	goes_native(t)

struct test;
static void goes_native(struct test *t);

#include "tests/unit/linux_model.h"
#include "abi/mips_insn.h"
#include "wedge/host/site.h"

#define HOMES		3		/* fewer than processes, so that they are taken away */
#define CODE_PAGE	PAGES		/* of each process: where it loads and stores, which never changes */
#define CODE_FRAME	(FRAMES - 1)	/* or the one below it, of another program */
#define NEAR_FRAME	(FRAMES - 3)
#define NEAR_TABLE	(TABLES_PA + PROCESSES * 3 * HOST_PAGE)	/* of all processes */
#define NEAR		(near_end - HOST_PAGE)
#define LOADS		USER(CODE_PAGE)
#define STORES		(LOADS + 4)
#define CALL		(LOADS + 16)	/* behind what loads its number */
#define NUMBER		5038		/* or, of the other program, the next */
#define STANDS_IN	(1ull << 63)	/* in an offset: it is one in `room` */
#define HARMLESS	0xf00		/* in a page: no entry of a table that is one is used there */
#define MOVES_MOST	4		/* until the core is where it has to be */

/* --- A Host with several address spaces for a core --- */

static struct mappings homes[HOST_HOMES];
static bool made[HOST_HOMES];
static u64 near_end;			/* behind the page near all code */
static unsigned here;
static jmp_buf moved;
static unsigned moves;
static u8 *room;
static unsigned jumps;			/* system calls that were some */
static bool fp_unknown;			/* a thread has used the FPU, and then made a call by a jump */
static unsigned program[PROCESSES];	/* which of the two each is */

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
bool host__fp_is_known(const struct host *h, unsigned home) { return !fp_unknown; }
u64 host__eret_entry(struct host *h) { return 0; }
u8 *host__open_stand_ins(struct host *h, u64 size) { return room = host__shared_room(h, size); }
bool host__map_stand_in(struct host *h, u64 va, u64 offset) { return mapping_add(&h->own, va, STANDS_IN | offset, PROT_READ | PROT_EXEC); }
void host__flush_stand_in(struct host *h, u64 va, u64 size) { }

bool host__get_fp(struct host *h, unsigned home, u64 fpr[32], u32 *fcsr)
{
	memset(fpr, 0xff, 32 * sizeof(*fpr));
	*fcsr = 0;
	if (fp_unknown)
		fpr[4] = 0x4010000000000000;
	fp_unknown = false;
	return true;
}

/* --- What may be mapped --- */

static const u32 *words_at(const struct test *t, const struct mapping *at)
{
	return (const u32 *)(at->offset & STANDS_IN ? room + (at->offset & ~STANDS_IN) : t->f.ram + at->offset);
}

/* Where a jump at `pc` leads, if it is into the page that is near. */
static u64 stub_at(u32 word, u64 pc)
{
	const u64 target = mips_insn__jump_target(word, pc);

	return mips_insn__opcode(word) == MIPS_OP_J && (target & ~(HOST_PAGE - 1)) == NEAR ? target : 0;
}

static bool is_stub(const struct test *t, u64 stub, u64 call)
{
	const struct mapping *near = mapping_find(&fake.own, NEAR);
	u64 epc;

	if (!near || !(near->offset & STANDS_IN))
		return false;
	memcpy(&epc, words_at(t, near) + stub % HOST_PAGE / 4 + SITE_WORD_EPC, sizeof(epc));
	return epc == call;
}

/* It is the guest's page, but for system calls that are jumps. */
static void check_stand_in(struct test *t, unsigned process, const struct mapping *at)
{
	const u32 *copy = words_at(t, at), *code;
	struct mapping as_mapped = *at;

	if (at->va == NEAR) {
		assert_true(table(t, process, 1)[NEAR >> 21 & 511]);
		return;
	}
	as_mapped.offset = (*entry_of(t, process, at->va) >> SHIFT & ENTRYLO_PFN) << 6;
	check_mapping(t, process, &as_mapped);
	code = (const u32 *)(t->f.ram + as_mapped.offset);
	for (unsigned n = 0; n < HOST_PAGE / 4; n++) {
		const u64 stub = stub_at(copy[n], at->va + 4 * n);

		if (copy[n] == code[n])
			continue;
		assert_true(stub && is_stub(t, stub, at->va + 4 * n + 4) && copy[n + 1] == code[n] && code[n + 1] == MIPS_SYSCALL);
		n++;
	}
}

/* Nothing here but what this process's tables have. */
static void check_here(struct test *t, unsigned process)
{
	for (unsigned i = 0; i < fake.own.count; i++) {
		const struct mapping *at = &fake.own.at[i];

		if (at->offset & STANDS_IN)
			check_stand_in(t, process, at);
		else if (windows__are_users(&t->f.machine.windows, at->va))
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
	for (unsigned i = 0; i < 2; i++) {
		/* lw, sw $9, 0($8); nop; li v0; syscall */
		const u32 words[] = { 0x8d090000, 0xad090000, 0, 0x24020000 | (NUMBER + i), MIPS_SYSCALL };

		memcpy(t->f.ram + (CODE_FRAME - i) * HOST_PAGE, words, sizeof(words));
	}
	*pte(t, process, CODE_PAGE) = FRAME(CODE_FRAME - program[process]) | PRESENT | ACCESSED | VALID;
	table(t, process, 1)[NEAR >> 21 & 511] = WINDOW_PHYSMAP + NEAR_TABLE;
	((u64 *)(t->f.ram + NEAR_TABLE))[NEAR >> 12 & 511] = FRAME(NEAR_FRAME) | PRESENT | ACCESSED | VALID;
}

static void becomes(struct test *t, unsigned process, unsigned which)
{
	program[process] = which;
	put_code(t, process);
	flush_page(t, process, LOADS);
}

static void goes(struct test *t, unsigned process)
{
	const struct host_user ops = user__ops(t->u);
	struct vcpu *v = &t->f.v;
	const struct mapping *at, *code;
	volatile unsigned tries = 0;
	u64 way_back;

	if (setjmp(moved))
		assert_true(++tries < MOVES_MOST);
	if (!ops.goes(ops.user, &way_back))
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

static const u64 near = NEAR_FRAME * FRAME_SIZE;

/* Where it stands; or its kernel has been called first for the page there, as who has not moved is looked at more closely. */
static void stands_at(struct test *t, unsigned process, u64 pc)
{
	u64 *cp0 = t->f.page->cp0;
	struct vcpu *v = &t->f.v;

	if (v->pc == VECTORS + 0x80) {
		assert_int_equal(cp0[CP0_EPC], pc);
		cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		refill(t, process, pc);
		v->pc = pc;
	}
	assert_int_equal(v->pc, pc);
}

/* A stop on the way to the call, at it, or no stop but a jump to the kernel. */
static void make_call(struct test *t, unsigned process, u64 pc)
{
	const struct host_user ops = user__ops(t->u);
	const u32 *words = words_at(t, mapping_find(&fake.own, LOADS)), word = words[CALL % HOST_PAGE / 4 - 1];
	const u64 stub = stub_at(word, CALL - 4);
	struct vcpu *v = &t->f.v;

	if (pc == CALL - 4)
		v->gpr[REG_V0] = (stub ? words[CALL % HOST_PAGE / 4] : word) & 0xffff;
	if (!stub) {
		v->pc = CALL + 4;
		ops.stopped(ops.user, &(struct stub_signal){ SIGSYS, 1, 0 }, false);
		return;
	}
	assert_true(pc == CALL - 4 || pc == stub);
	assert_true(is_stub(t, stub, CALL));
	switch (chance(6)) {
	case 0:
		v->pc = stub + 4 * chance(SITE_WORD_CALL + 1);
		ops.stopped(ops.user, &(struct stub_signal){ SIGALRM, 0, 0 }, true);
		stands_at(t, process, CALL);
		break;
	case 1:
		v->pc = stub + 4 * chance(SITE_WORD_CALL);
		ops.stopped(ops.user, &(struct stub_signal){ SIGSEGV, 1, 0x6000 }, false);
		break;
	case 2:
		v->pc = stub + 4 * (SITE_WORD_CALL + 1);
		ops.stopped(ops.user, &(struct stub_signal){ SIGSYS, 1, 0 }, false);
		break;
	default:
		v->pc = CALL;
		exception__raise(v, EXC_SYS, false);
		jumps++;
	}
}

/* Goes on at `pc`; false: it has to try again. */
static bool goes_on(struct test *t, unsigned process, u64 pc, u64 *place, u64 *way_back)
{
	const struct host_user ops = user__ops(t->u);
	const struct mapping *code;
	struct vcpu *v = &t->f.v;
	volatile unsigned tries = 0;

	switch_to(t, process);
	t->f.page->cp0[CP0_STATUS] = USER_STATUS;
	v->pc = pc;
	if (setjmp(moved))
		assert_true(++tries < MOVES_MOST);
	*place = ops.goes(ops.user, way_back);
	if (!*place)
		return false;
	check_here(t, process);
	code = mapping_find(&fake.own, LOADS);
	if (code && code->prot & PROT_EXEC)
		return true;
	ops.stopped(ops.user, &(struct stub_signal){ SIGSEGV, 1, v->pc }, false);
	if (v->pc == VECTORS + 0x80) {
		t->f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		refill(t, process, LOADS);
	}
	return false;
}

/* A system call, and back. */
static void calls(struct test *t, unsigned process)
{
	u64 *cp0 = t->f.page->cp0, place, way_back, pc = CALL - 4;
	struct vcpu *v = &t->f.v;
	unsigned tries = 0;

	put_code(t, process);
	v->gpr[REG_V0] = 0;
	while (v->pc != VECTORS + 0x180 || !tries) {
		assert_true(++tries < 20);
		if (!goes_on(t, process, pc, &place, &way_back)) {
			v->pc = 0;
			continue;
		}
		make_call(t, process, place);
		if (v->pc == CALL)		/* it goes on there, with what it has */
			pc = CALL;
	}
	assert_int_equal(cp0[CP0_EPC], CALL);
	assert_int_equal(v->gpr[REG_V0], NUMBER + program[process]);
	for (tries = 0; !goes_on(t, process, CALL + 4, &place, &way_back); tries++)
		assert_true(tries < 20);
	assert_int_equal(place, CALL + 4);
	if (!way_back)
		return;
	assert_true(is_stub(t, way_back - 4 * SITE_WORD_BACK_RA, CALL));
	v->pc = way_back + 4 * chance(3);
	cp0[CP0_STATUS] = USER_STATUS;
	t->f.page->scratch[0] = 0x31;
	t->f.page->scratch[1] = 0x01;
	user__ops(t->u).stopped(t->u, &(struct stub_signal){ SIGALRM, 0, 0 }, true);
	stands_at(t, process, CALL + 4);
	assert_true(v->gpr[REG_RA] == 0x31 && v->gpr[REG_AT] == 0x01);
}

static int open_at(void **state, u64 base, u64 end)
{
	struct test *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	user_base = base;
	near_end = end;
	memset(homes, 0, sizeof(homes));
	memset(made, 0, sizeof(made));
	made[0] = true;
	here = moves = jumps = 0;
	memset(program, 0, sizeof(program));
	t->u = fake_open_direct(&t->f, &t->ops, &format);
	assert_int_equal(sites__open(t->u, &near), 0);
	the_test = t;
	t->u->homes_most = HOMES;
	begin_linux(t);
	*state = t;
	return 0;
}

static int open_direct(void **state)
{
	return open_at(state, GUEST_USER_BASE, GUEST_USER_BASE + 0x10000000);
}

/* Where user space ends within the 256 MB. */
static int open_before_the_hole(void **state)
{
	return open_at(state, 0x30000000, GUEST_LOW_END);
}

static int open_narrow(void **state)
{
	return open_at(state, 0x70000000, 0x7fff8000);
}

static int close_direct(void **state)
{
	struct test *t = *state;

	free(t->u);
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
	for (unsigned n = 0; n < 300000; n++) {
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
		case 4: becomes(t, process, chance(2)); break;
		case 5 ... 24:
			calls(t, process);
			current = process;
			break;
		case 25 ... 60: random_page(t, process, page); break;
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
	assert_true(jumps > 1000);
	assert_true(made[HOMES - 1] && !made[HOMES]);
}

/* --- What is a site, and what is none --- */

static bool stands_in(u64 va)
{
	const struct mapping *at = mapping_find(&fake.own, va);

	return at && at->offset & STANDS_IN;
}

static void calls_often(struct test *t)
{
	for (unsigned i = 0; i < 20; i++)
		calls(t, 0);
}

/* Its code is mapped, and it is about to run. */
static bool goes_there(struct test *t, unsigned process)
{
	u64 place, way_back;

	for (unsigned tries = 0; tries < 20; tries++)
		if (goes_on(t, process, CALL - 4, &place, &way_back))
			return true;
	return false;
}

static void code_that_is_none(void **state)
{
	const struct { unsigned at; u32 word; } rows[] = {
		{ 3, 0x8c020000 },			/* lw v0, 0($0): may fault in the slot */
		{ 3, 0x24030000 | NUMBER },		/* li v1 */
		{ 2, 0x10000001 },			/* the number is in a branch's slot */
		{ 100, 0x1400ff9f },			/* bnez $0, to the call */
		{ 101, 0x08000000 | (CALL >> 2 & 0x3ffffff) },	/* j to it */
		{ 102, 0x0c000000 | (CALL >> 2 & 0x3ffffff) },
	};
	struct test *t = *state;
	u32 *code = (u32 *)(t->f.ram + CODE_FRAME * HOST_PAGE);

	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		put_code(t, 0);
		memset(code + 5, 0, HOST_PAGE - 20);
		code[rows[i].at] = rows[i].word;
		t->asid[0] = 0;
		assert_true(goes_there(t, 0));
		for (unsigned n = 0; n < 10; n++)
			sites__met(t->u, t->u->homes[t->u->home].space, CALL);
		assert_false(stands_in(LOADS));
	}
}

static void code_that_changes(void **state)
{
	struct test *t = *state;
	u32 *code = (u32 *)(t->f.ram + CODE_FRAME * HOST_PAGE);
	u64 place = 0, way_back, second;

	calls_often(t);
	assert_true(stands_in(LOADS) && stands_in(NEAR) && jumps);
	/* While jumps are off, calls are met in the stub: that makes no other. */
	for (unsigned i = 0; i < 40; i++) {
		assert_true(goes_on(t, 0, CALL, &place, &way_back));
		t->f.v.pc = place + 4 * (SITE_WORD_CALL + 1);
		user__ops(t->u).stopped(t->u, &(struct stub_signal){ SIGSYS, 1, 0 }, false);
		assert_int_equal(t->f.page->cp0[CP0_EPC], CALL);
	}
	memcpy(&second, words_at(t, mapping_find(&fake.own, NEAR)) + SITE_WORDS + SITE_WORD_EPC, sizeof(second));
	assert_true(place == NEAR && !second);
	/* As it was: it may stay. */
	user__synchronised(t->u);
	assert_true(stands_in(LOADS));
	/* The program has written to it by another way. */
	code[50] = 0x25290001;
	user__synchronised(t->u);
	assert_false(stands_in(LOADS));
	code[50] = 0;
	calls_often(t);
	assert_true(stands_in(LOADS));
	/* So have others, of what was a site. */
	code[3]++;
	user__synchronised(t->u);
	assert_false(stands_in(LOADS));
	code[3]--;
	/* Who does so again and again has none. */
	for (unsigned i = 0; i < 20; i++) {
		calls_often(t);
		user__synchronised(t->u);
	}
	calls_often(t);
	assert_false(stands_in(LOADS) || stands_in(NEAR));
}

/* Without the page that they lead to there is no jump. */
static void the_page_near_goes(void **state)
{
	struct test *t = *state;

	calls_often(t);
	assert_true(stands_in(LOADS) && stands_in(NEAR));
	((u64 *)(t->f.ram + NEAR_TABLE))[NEAR >> 12 & 511] = 0;
	flush_page(t, 0, NEAR);
	assert_false(stands_in(LOADS) || stands_in(NEAR));
	calls_often(t);
	assert_true(stands_in(LOADS));
}

/* Nor on a page that may be written. */
static void rights_change(void **state)
{
	struct test *t = *state;

	calls_often(t);
	assert_true(stands_in(LOADS));
	*pte(t, 0, CODE_PAGE) |= WRITE | MODIFIED | DIRTY;
	flush_page(t, 0, LOADS);
	assert_false(stands_in(LOADS));
	calls_often(t);
	assert_true(stands_in(LOADS));
	/* With its next ASID it is looked at again. */
	*pte(t, 0, CODE_PAGE) |= NO_EXEC;
	t->asid[0] = 0;
	assert_false(goes_there(t, 0));
	assert_false(stands_in(LOADS));
}

/* The TLB gets an entry that leads to another page, or the same one with another number in it. */
static void another_page_comes(void **state)
{
	struct test *t = *state;
	struct space *s;

	calls_often(t);
	s = t->u->homes[t->u->home].space;
	assert_true(stands_in(LOADS) && sites__has(t->u, s, LOADS));
	program[0] = 1;
	put_code(t, 0);
	t->f.page->cp0[CP0_BADVADDR] = LOADS;
	refill(t, 0, LOADS);
	assert_false(sites__has(t->u, s, LOADS));
	calls(t, 0);
	assert_false(stands_in(LOADS));
	calls_often(t);
	assert_true(stands_in(LOADS));
}

/* A program's own jump to where stubs are makes no site of what stands behind it. */
static void a_jump_of_the_program(void **state)
{
	struct test *t = *state;
	u32 *code = (u32 *)(t->f.ram + CODE_FRAME * HOST_PAGE);
	u64 place = 0, way_back;

	put_code(t, 0);
	code[60] = 0x08000000 | (NEAR >> 2 & 0x3ffffff);
	calls_often(t);
	assert_true(stands_in(LOADS));
	assert_true(goes_on(t, 0, LOADS + 4 * 61, &place, &way_back));
	assert_int_equal(place, LOADS + 4 * 61);
	assert_true(goes_on(t, 0, LOADS + 4 * 62, &place, &way_back));
	assert_int_equal(way_back, 0);
}

/* A thread uses the FPU for the first time, and the next thing that it does is a call that is a jump: its registers are kept when another goes on. */
static void registers_that_nobody_has_seen(void **state)
{
	struct test *t = *state;
	u64 *cp0 = t->f.page->cp0;
	u64 place, way_back;
	struct space *s;

	cp0[CP0_CONFIG1] |= CONFIG1_FP;
	cp0[CP0_USERLOCAL] = 0x1000;
	calls_often(t);
	s = t->u->homes[t->u->home].space;
	assert_true(goes_there(t, 0) && !s->fp_used);
	fp_unknown = true;
	/* The same one: there they are. */
	assert_true(goes_there(t, 0));
	assert_true(fp_unknown && !s->fp_used);
	/* Another has to ask its kernel first, as all do from now on. */
	cp0[CP0_USERLOCAL] = 0x2000;
	cp0[CP0_EPC] = 0;
	goes_there(t, 0);
	assert_true(s->fp_used && s->fp_first.pending && s->fp_first.thread == 0x1000 && s->fp_first.fpr[4] == 0x4010000000000000);
	assert_int_equal(cp0[CP0_CAUSE] >> 2 & 31, EXC_CPU);
	/* The kernel reads the program's memory, and its space is looked at again: they are kept. */
	s->stale = true;
	user__settle_space(t->u, s);
	assert_true(s->fp_first.pending && !s->fp_first.told);
	/* The thread is told; its kernel loads fresh ones then, and they are put in. Whoever comes without is another. */
	cp0[CP0_USERLOCAL] = 0x1000;
	assert_false(goes_on(t, 0, CALL - 4, &place, &way_back));
	assert_true(s->fp_first.pending && s->fp_first.told);
	assert_false(goes_on(t, 0, CALL - 4, &place, &way_back));
	assert_false(s->fp_first.pending);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(random_changes, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(random_changes, open_before_the_hole, close_direct),
		cmocka_unit_test_setup_teardown(random_changes, open_narrow, close_direct),
		cmocka_unit_test_setup_teardown(code_that_is_none, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(code_that_changes, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(the_page_near_goes, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(the_page_near_goes, open_before_the_hole, close_direct),
		cmocka_unit_test_setup_teardown(the_page_near_goes, open_narrow, close_direct),
		cmocka_unit_test_setup_teardown(rights_change, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(another_page_comes, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(a_jump_of_the_program, open_direct, close_direct),
		cmocka_unit_test_setup_teardown(registers_that_nobody_has_seen, open_direct, close_direct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
