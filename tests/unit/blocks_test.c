/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The blocks of a machine: made when code is met for the third time, linked, and forgotten with all that leads to them.
 */
#include "tests/unit/vcpu_fixture.h"
#include "wedge/burn/sequence.h"
#include "wedge/translate/blocks.h"
#include "wedge/translate/decode.h"

#define PLACE		(WINDOW_CKSEG0 + CODE_CACHE_PA + 0x10000)
#define CALL		(WINDOW_CKSEG0 + CODE_CACHE_PA)
#define OTHER		(CODE + 0x1000)
#define THIRD		(CODE + 0x2000)

#define DADDIU_K0	0x675a0001u		/* daddiu k0, k0, 1 */
#define TLBP		0x42000008u
#define JR_K0		0x03400008u
#define NOP		0u

static struct fixture f;
static struct blocks *blocks;
static u32 *code;

static void put(u64 at, u32 word)
{
	fixture_put(&f, at - WINDOW_CKSEG0, 4, word);
}

static int setup(void **state)
{
	fixture_open(&f, false);
	f.machine.cpus = 1;
	f.machine.vcpu[0] = &f.v;
	blocks = calloc(1, sizeof(*blocks));
	code = calloc(1, BLOCKS_CODE);
	assert_non_null(blocks);
	assert_non_null(code);
	blocks__make(blocks, &f.machine, code, PLACE, CALL, BLOCKS_MET, false, NULL, NULL);
	/* k0 is counted up, and then it is elsewhere. */
	put(CODE, DADDIU_K0);
	put(CODE + 4, sequence__jump(OTHER, false));
	put(CODE + 8, NOP);
	put(OTHER, DADDIU_K0);
	put(OTHER + 4, JR_K0);
	put(OTHER + 8, NOP);
	put(THIRD, DADDIU_K0);
	put(THIRD + 4, TLBP);
	return 0;
}

static int teardown(void **state)
{
	fixture_close(&f);
	free(blocks);
	free(code);
	return 0;
}

/* The block there, after as many meetings as it takes. */
static u64 met(u64 pc)
{
	u64 address = 0;

	for (unsigned i = 0; i < BLOCKS_MET; i++) {
		assert_int_equal(address, 0);
		address = blocks__meet(blocks, &f.v, pc);
	}
	return address;
}

static u32 *words(u64 address)
{
	return code + (address - PLACE) / 4;
}

/* What it calls with: the return address of the nth call in it. */
static u64 call_of(u64 address, unsigned n)
{
	for (unsigned i = 0;; i++)
		if (words(address)[i] == sequence__jump(CALL, true) && !n--)
			return address + 4 * (i + 2);
}

static void made_when_met_often(void **state)
{
	u64 address = met(CODE);

	assert_int_equal(address, PLACE);
	assert_int_equal(blocks__meet(blocks, &f.v, CODE), address);
	assert_int_equal(blocks->store[0].count, 1);
	assert_int_equal(met(OTHER), PLACE + 4 * blocks->store[0].block[0].length);
	assert_int_equal(blocks__meet(NULL, &f.v, CODE), 0);
}

/* TLB operations, what is not in RAM, what is not aligned. */
static void never_made(void **state)
{
	static const u64 places[] = { THIRD + 4, WINDOW_CKSEG0 + RAM_BYTES, CODE + 2, WINDOW_MAP, 0, ~0ull };

	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		for (unsigned n = 0; n < 2 * BLOCKS_MET; n++)
			assert_int_equal(blocks__meet(blocks, &f.v, places[i]), 0);
	assert_int_equal(blocks->store[0].count, 0);
}

static void each_word_is_somewhere(void **state)
{
	u64 address = met(CODE), other = met(OTHER);
	const struct block *b = &blocks->store[0].block[0];

	for (unsigned i = 0; i < b->length; i++) {
		f.v.pc = 0;
		assert_true(blocks__settle(blocks, &f.v, address + 4 * i));
		assert_true(f.v.pc == CODE || f.v.pc == CODE + 4 || f.v.pc == OTHER);
	}
	assert_true(blocks__settle(blocks, &f.v, other));
	assert_int_equal(f.v.pc, OTHER);
	assert_false(blocks__settle(blocks, &f.v, other + 4 * blocks->store[0].block[1].length));
	assert_false(blocks__settle(blocks, &f.v, PLACE - 4));
	assert_false(blocks__settle(blocks, &f.v, PLACE + BLOCKS_CODE));
	assert_false(blocks__settle(NULL, &f.v, PLACE));
}

static void linked(void **state)
{
	u64 address = met(CODE), call = call_of(address, 0), to;
	u32 *jump = words(address) + blocks->store[0].exit[0].jump;

	assert_int_equal(*jump, sequence__jump(call - 12, false));
	for (unsigned i = 0; i < BLOCKS_MET; i++) {
		f.page->scratch[0] = 0x1234;
		assert_true(blocks__called(blocks, &f.v, call, &to));
		assert_int_equal(f.v.pc, OTHER);
		assert_int_equal(f.v.gpr[REG_RA], 0x1234);
	}
	assert_int_equal(to, blocks__meet(blocks, &f.v, OTHER));
	assert_int_equal(*jump, sequence__jump(to, false));
	assert_false(blocks__called(blocks, &f.v, CALL + 8, &to));
}

/* By a branch and by a jump to one place: there is one way out, and once it is linked nobody calls. */
static void linked_by_two(void **state)
{
	u64 address, to;
	unsigned calls = 0;

	put(CODE, 0x10400000 | ((OTHER - CODE - 4) / 4 & 0xffff));	/* beq v0, $zero */
	put(CODE + 8, sequence__jump(OTHER, false));
	put(CODE + 12, NOP);
	put(CODE + 4, NOP);
	address = met(CODE);
	for (unsigned i = 0; i < blocks->store[0].block[0].length; i++)
		calls += words(address)[i] == sequence__jump(CALL, true);
	assert_int_equal(calls, 1);
	assert_int_equal(blocks->store[0].block[0].exits, 1);
	met(OTHER);
	assert_true(blocks__called(blocks, &f.v, call_of(address, 0), &to));
	assert_int_equal(words(address)[blocks->store[0].exit[0].jump], sequence__jump(to, false));
}

/* By k0: the vCPU page says where the block is. */
static void found_in_the_page(void **state)
{
	u64 address = met(OTHER), third = met(THIRD), to;

	f.page->k[0] = f.v.gpr[REG_K0] = THIRD;
	assert_true(blocks__called(blocks, &f.v, call_of(address, 0), &to));
	assert_int_equal(f.v.pc, THIRD);
	assert_int_equal(to, third);
	assert_int_equal(f.page->jump[THIRD / 4 % VCPU_JUMPS].pc, THIRD);
	assert_int_equal(f.page->jump[THIRD / 4 % VCPU_JUMPS].place, third);
	put(THIRD, DADDIU_K0 + 1);
	blocks__check(blocks, 0);
	assert_int_equal(f.page->jump[THIRD / 4 % VCPU_JUMPS].pc, 0);
}

/* To what may run as it stands: that goes there at once, until it is code no more. */
static void native_code_is_found_in_the_page(void **state)
{
	struct burn_plan text = { .code = { .start = THIRD, .end = THIRD + 0x100 } };
	const struct vcpu_jump *jump = &f.page->jump[THIRD / 4 % VCPU_JUMPS];
	u64 address = met(OTHER), to;

	for (unsigned in_blocks = 0; in_blocks < 2; in_blocks++) {
		f.machine.code = &text.code;
		text.code.in_blocks = in_blocks;
		for (unsigned i = 0; i < BLOCKS_MET; i++) {
			f.page->k[0] = f.v.gpr[REG_K0] = THIRD;
			assert_true(blocks__called(blocks, &f.v, call_of(address, 0), &to));
			assert_int_equal(f.v.pc, THIRD);
		}
		assert_int_equal(jump->pc, THIRD);
		assert_int_equal(jump->place, in_blocks ? to : THIRD);
		assert_int_equal(to, in_blocks ? blocks__meet(blocks, &f.v, THIRD) : 0);
		blocks__gone(blocks, THIRD, THIRD + 0x100);
		f.machine.code = NULL;
		assert_int_equal(jump->pc, 0);
	}
}

static void forgotten(void **state)
{
	u64 address = met(CODE), other = met(OTHER), call = call_of(address, 0), to;
	u32 *jump = words(address) + blocks->store[0].exit[0].jump;

	assert_true(blocks__called(blocks, &f.v, call, &to));
	assert_int_equal(*jump, sequence__jump(other, false));
	blocks__check(blocks, 0);
	assert_int_equal(blocks__meet(blocks, &f.v, OTHER), other);
	put(OTHER, DADDIU_K0 + 1);
	blocks__check(blocks, 0);
	assert_int_equal(*jump, sequence__jump(call - 12, false));
	assert_int_equal(blocks->forgotten, 1);
	/* Whoever is in it still knows where he is, and goes on to what is there now. */
	assert_true(blocks__settle(blocks, &f.v, other));
	assert_int_equal(f.v.pc, OTHER);
	assert_int_not_equal(met(OTHER), other);
	assert_int_equal(blocks__meet(blocks, &f.v, CODE), address);
}

/* The kernel's own text, not only what it has generated: a debugger may write there. */
static void forgotten_in_text(void **state)
{
	struct region region = { OTHER, OTHER + 8 };
	struct burn_plan text = { .code = { .start = CODE, .end = CODE + 0x10000, .regions = &region, .region_count = 1 } };
	u64 other;

	f.machine.code = &text.code;
	other = met(OTHER);
	blocks__check(blocks, 0);
	assert_int_equal(blocks__meet(blocks, &f.v, OTHER), other);
	put(OTHER + 4, JR_K0 ^ 0x00200000);
	blocks__check(blocks, 0);
	assert_int_equal(blocks->forgotten, 1);
	assert_int_not_equal(met(OTHER), other);
	f.machine.code = NULL;
}

/* At the end of RAM there is no word behind the last. */
static void at_the_end(void **state)
{
	const u64 last = WINDOW_CKSEG0 + RAM_BYTES - 4;
	u64 address;

	put(last, DADDIU_K0);
	address = met(last);
	assert_true(address);
	blocks__check(blocks, 0);
	assert_int_equal(blocks__meet(blocks, &f.v, last), address);
	put(last, DADDIU_K0 + 1);
	blocks__check(blocks, 0);
	assert_int_equal(blocks->forgotten, 1);
}

/* New code everywhere. */
static void change_code(void)
{
	static unsigned changes;

	changes++;
	for (u64 pc = CODE; pc < CODE + 0x10000; pc += 8) {
		put(pc, DADDIU_K0 + changes);
		put(pc + 4, TLBP);
	}
	blocks__check(blocks, 0);
}

/* Makes blocks of it, again and again, until a store is full. False: no more can be made. */
static bool fill(u64 *last)
{
	const u64 filled = blocks->filled;

	for (unsigned turn = 0; turn < 1000; turn++) {
		change_code();
		for (u64 pc = CODE; pc < CODE + 0x10000; pc += 8) {
			u64 made = blocks->made_in_all;

			for (unsigned i = 0; i < 2 * BLOCKS_MET && blocks->made_in_all == made; i++)
				*last = blocks__meet(blocks, &f.v, pc);
			if (blocks->filled != filled)
				return true;
			if (blocks->made_in_all == made)
				return false;
		}
	}
	fail();
	return false;
}

/* A full store is followed by the other, and that by the first. Whoever is in a block of the one before still knows where he is. */
static void filled(void **state)
{
	u64 first = met(OTHER), second, last;

	f.page->k[0] = f.v.gpr[REG_K0] = THIRD;
	met(THIRD);
	assert_true(blocks__called(blocks, &f.v, call_of(first, 0), &second));
	assert_true(fill(&last));
	assert_int_equal(blocks->now, 1);
	assert_int_equal(f.page->jump[THIRD / 4 % VCPU_JUMPS].pc, 0);
	assert_in_range(last, PLACE + BLOCKS_CODE / 2, PLACE + BLOCKS_CODE - 1);
	assert_true(blocks__settle(blocks, &f.v, first));
	assert_int_equal(f.v.pc, OTHER);
	/* It calls, and is not linked: it is nobody's any more. */
	f.page->k[0] = f.v.gpr[REG_K0] = THIRD;
	assert_true(blocks__called(blocks, &f.v, call_of(first, 0), &second));
	assert_true(fill(&last));
	assert_int_equal(blocks->now, 0);
	assert_in_range(last, PLACE, PLACE + BLOCKS_CODE / 2 - 1);
}

/* Where blocks are all of a kernel, more of its instructions may be met than there are places. */
static void places_run_out(void **state)
{
	struct code_pages *pages = calloc(1, sizeof(*pages));
	u64 before = 0;

	assert_non_null(pages);
	code_pages__make(pages, &f.machine);
	f.machine.canonical = true;
	blocks__make(blocks, &f.machine, code, PLACE, CALL, BLOCKS_MET, false, pages, NULL);
	blocks->words = BLOCKS_CODE / 8;
	blocks->place_count = 64;
	change_code();
	for (unsigned i = 0; i < 300; i++) {
		u64 pc = CODE + 8 * i + 4 * (i & 1), address = 0;	/* every other one can have none */

		for (unsigned n = 0; n < 3 * BLOCKS_MET && !address; n++)
			address = blocks__meet(blocks, &f.v, pc);
		assert_int_equal(!address, i & 1);
		before = address ? address : before;
	}
	assert_true(before && blocks->filled > 3);
	change_code();
	assert_true(blocks->forgotten);
	f.machine.ram.marks = NULL;
	free(pages);
}

/* --- Modules of a kernel that was not moved: their code is mapped --- */

#define MODULE		(CKSSEG + 0x6000)
#define FRAME		(CODE_PA + 0x4000)		/* of a pair of pages; */
#define ANOTHER		(CODE_PA + 0x8000)		/* and of one */
#define IN(frame)	(WINDOW_CKSEG0 + (frame))

static struct code_pages *pages;

static int setup_modules(void **state)
{
	setup(state);
	pages = calloc(1, sizeof(*pages));
	assert_non_null(pages);
	f.machine.canonical = true;
	code_pages__make(pages, &f.machine);
	blocks__make(blocks, &f.machine, code, PLACE, CALL, BLOCKS_MET, false, pages, NULL);
	blocks->words = BLOCKS_CODE / 8;
	for (u64 page = 0; page < 0x2000; page += 0x1000) {
		put(IN(FRAME) + page, DADDIU_K0);
		put(IN(FRAME) + page + 4, TLBP);
		put(IN(ANOTHER) + page, DADDIU_K0 + 1);
		put(IN(ANOTHER) + page + 4, TLBP);
		put(IN(FRAME) + page + 0xffc, DADDIU_K0);
	}
	return 0;
}

static int teardown_modules(void **state)
{
	free(pages);
	return teardown(state);
}

static void map_module(u64 frame, u64 bits)
{
	fixture_map(&f, 3, MODULE, frame, bits);
	blocks__tlb_written(blocks, &f.v.tlb[3]);
}

static u64 met_some_times(u64 pc)
{
	u64 address = 0;

	for (unsigned i = 0; i < 2 * BLOCKS_MET && !address; i++)
		address = blocks__meet(blocks, &f.v, pc);
	return address;
}

static void mapped(void **state)
{
	u64 address, offset;

	assert_int_equal(met_some_times(MODULE), 0);
	map_module(FRAME, ENTRYLO_V);			/* of one address space only */
	assert_int_equal(met_some_times(MODULE), 0);
	map_module(FRAME, ENTRYLO_G);
	assert_int_equal(met_some_times(MODULE), 0);
	map_module(RAM_BYTES, ENTRYLO_V | ENTRYLO_G);	/* no RAM */
	assert_int_equal(met_some_times(MODULE), 0);
	map_module(FRAME, ENTRYLO_V | ENTRYLO_G);
	address = met(MODULE);
	assert_true(address && blocks__settle(blocks, &f.v, address));
	assert_int_equal(f.v.pc, MODULE);
	assert_true(code_pages__find(pages->mapped, MODULE + 8, &offset));
	assert_int_equal(offset, FRAME + 8);
	/* The entry is pushed out: what is known of it stays. */
	fixture_map(&f, 3, GUEST_USER_BASE, FRAME, ENTRYLO_V);
	assert_int_equal(blocks__meet(blocks, &f.v, MODULE), address);
	assert_int_equal(met_some_times(CKSSEG + CKSSEG_SIZE), 0);
	assert_int_equal(met_some_times(CKSSEG - 4), 0);
}

/* Who has told that the page may be another is asked: it is found again where it was, and only there. */
static void unmapped(void **state)
{
	const u64 flags = ENTRYLO_V | ENTRYLO_G;
	u64 address, second, made;

	map_module(FRAME, flags);
	address = met(MODULE);
	second = met(MODULE + 0x1000);
	made = blocks->made_in_all;
	blocks__unmapped(blocks, MODULE & ENTRYHI_VPN2, 0x1000);
	assert_int_equal(blocks__meet(blocks, &f.v, MODULE + 0x1000), second);
	assert_int_equal(met_some_times(MODULE), address);
	blocks__all_unmapped(blocks);
	assert_int_equal(met_some_times(MODULE), address);
	assert_int_equal(met_some_times(MODULE + 0x1000), second);
	assert_int_equal(blocks->made_in_all, made);
	map_module(FRAME, flags);			/* which says the same */
	assert_int_equal(blocks__meet(blocks, &f.v, MODULE), address);
	map_module(ANOTHER, flags);
	assert_int_not_equal(met_some_times(MODULE), address);
	assert_int_equal(blocks->made_in_all, made + 1);
	map_module(FRAME, 0);
	assert_int_equal(met_some_times(MODULE), 0);
	map_module(FRAME, flags);
	assert_int_equal(met_some_times(MODULE), address);
	/* Nothing of programs, of vmalloc space, of what lies around. */
	blocks__unmapped(blocks, 0, ~0ull >> 1);
	blocks__unmapped(blocks, XKSEG, CKSSEG - XKSEG);
	blocks__unmapped(blocks, MODULE - 0x2000, 0x2000);
	blocks__unmapped(blocks, MODULE + 0x2000, ~0ull);
	assert_int_equal(blocks__meet(blocks, &f.v, MODULE), address);
	blocks__unmapped(blocks, MODULE - 0x2000, ~0ull);
	assert_int_equal(pages->mapped[(MODULE - CKSSEG) / CODE_PAGE], 0);
}

/* Another module is loaded where the one was. */
static void changed_while_unmapped(void **state)
{
	u64 address;

	map_module(FRAME, ENTRYLO_V | ENTRYLO_G);
	address = met(MODULE);
	blocks__all_unmapped(blocks);
	put(IN(FRAME), DADDIU_K0 + 5);
	blocks__check(blocks, 0);
	assert_int_equal(blocks->forgotten, 1);
	assert_int_not_equal(met(MODULE), address);
	put(IN(FRAME), DADDIU_K0 + 6);
	blocks__check(blocks, 0);
	assert_int_equal(blocks->forgotten, 2);
}

/* Where an access has led is known to the block that is made next. */
static void leads_elsewhere(void **state)
{
	static const struct { u64 base; unsigned leads; } to[] = { { WINDOW_HIGH_OF + 0x1000, LEADS_HIGH }, { GUEST_USER_BASE, LEADS_TO_USER } };
	u64 address, va;

	put(IN(FRAME), 0xdc820008);			/* ld v0, 8(a0) */
	map_module(FRAME, ENTRYLO_V | ENTRYLO_G);
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		address = met_some_times(MODULE);
		for (unsigned turn = 0; turn < 2; turn++) {
			f.v.gpr[REG_A0] = to[i].base;
			f.v.pc = MODULE;
			assert_int_equal(blocks__asks(blocks, &f.v, address, &va), to[i].leads == LEADS_TO_USER);
			assert_int_equal(va, to[i].base + 8);
			assert_int_equal(blocks->forgotten, i + 1);
			address = met_some_times(MODULE);
			assert_true(blocks->store[0].insn[blocks->store[0].block[blocks->store[0].count - 1].insn].leads & to[i].leads);
		}
	}
	f.v.gpr[REG_A0] = CKSSEG;			/* where nothing has to be known */
	assert_false(blocks__asks(blocks, &f.v, address, &va));
	assert_int_equal(blocks->forgotten, 2);
}

/* A CPU lets an SC fail that is not where its LL was, and says nothing: so what is known of the one is known of the other. */
static void sc_leads_where_ll_does(void **state)
{
	static const u32 loop[] = { 0xd0430000, 0x64630001, 0xf0430000, 0x1060fffc, NOP };	/* 1: lld v1, 0(v0); daddiu v1, v1, 1; scd v1, 0(v0); beqz v1, 1b */
	unsigned high = 0, other = 0;
	const u32 *word;
	u64 va;

	for (size_t i = 0; i < ARRAY_SIZE(loop); i++)
		put(IN(FRAME) + 4 * i, loop[i]);
	map_module(FRAME, ENTRYLO_V | ENTRYLO_G);
	f.v.gpr[2] = WINDOW_HIGH_OF + 0x1000;
	f.v.pc = MODULE;
	blocks__asks(blocks, &f.v, met_some_times(MODULE), &va);
	word = code + (met_some_times(MODULE) - PLACE) / 4;
	for (const u32 *end = word + blocks->store[0].block[blocks->store[0].count - 1].length; word < end; word++) {
		high += *word >> 26 == OP_LD && (u16)*word == (u16)PAGE(addend_high);
		other += *word >> 26 == OP_LD && (u16)*word == (u16)PAGE(addend);
	}
	assert_int_equal(high, 1);
	assert_int_equal(other, 0);
}

/* What is behind the end of a page may be elsewhere tomorrow. And a page that is known at one place is not at a second. */
static void pages_alone(void **state)
{
	const u64 last = MODULE + 0xffc, flags = ENTRYLO_V | ENTRYLO_G;
	u64 address;

	map_module(FRAME, flags);
	met(MODULE + 0x1000);
	address = met(last);
	assert_true(address);
	assert_int_equal(blocks->store[0].block[1].insns, 1);
	put(IN(FRAME) + 0xffc, JR_K0);			/* its slot is there */
	blocks__check(blocks, 0);
	assert_int_equal(met_some_times(last), 0);
	fixture_map(&f, 5, MODULE + 0x10000, FRAME, flags);
	assert_int_equal(met_some_times(MODULE + 0x10000), 0);
	map_module(ANOTHER, flags);
	assert_true(met_some_times(MODULE + 0x10000));
}

/* Another core may be in one: then there are no more until it has been in the Wedge, and out again. */
static void filled_with_another_in_it(void **state)
{
	struct vcpu other = { .core = 1, .page = f.page };
	u64 last;

	f.machine.vcpu[1] = &other;
	f.machine.cpus = 2;
	assert_true(fill(&last));
	assert_false(fill(&last));
	other.passage++;
	assert_false(fill(&last));
	other.passage++;
	assert_true(fill(&last));
	/* Or it sleeps there. */
	other.passage++;
	assert_false(fill(&last));
	other.waiting = true;
	assert_true(fill(&last));
	/* Awake again, it may be on its way to a block. */
	other.waiting = false;
	for (unsigned i = 0; i < 3; i++) {
		assert_false(fill(&last));
		other.passage++;
	}
	assert_true(fill(&last));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(made_when_met_often, setup, teardown),
		cmocka_unit_test_setup_teardown(never_made, setup, teardown),
		cmocka_unit_test_setup_teardown(each_word_is_somewhere, setup, teardown),
		cmocka_unit_test_setup_teardown(linked, setup, teardown),
		cmocka_unit_test_setup_teardown(linked_by_two, setup, teardown),
		cmocka_unit_test_setup_teardown(found_in_the_page, setup, teardown),
		cmocka_unit_test_setup_teardown(native_code_is_found_in_the_page, setup, teardown),
		cmocka_unit_test_setup_teardown(forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(forgotten_in_text, setup, teardown),
		cmocka_unit_test_setup_teardown(at_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(places_run_out, setup, teardown),
		cmocka_unit_test_setup_teardown(mapped, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(unmapped, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(changed_while_unmapped, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(leads_elsewhere, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(sc_leads_where_ll_does, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(pages_alone, setup_modules, teardown_modules),
		cmocka_unit_test_setup_teardown(filled, setup, teardown),
		cmocka_unit_test_setup_teardown(filled_with_another_in_it, setup, teardown),
	};

	return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
