/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * By-passes: where the jump may be, that what it leads to does what stood there, and that it is forgotten with its module.
 */
#include "tests/unit/module_fixture.h"
#include "wedge/burn/bypass.h"
#include "wedge/burn/sequence.h"
#include "wedge/translate/blocks.h"

#define RANDOM_WIDE_REGISTERS	2, 3, 4, 5, 6, 7
#define RANDOM_OTHER_SOURCE	0
#include "guests/random/instructions.h"

#define BLOCKS_AT	0x800000u		/* in the code cache */
#define CACHE		(WINDOW_CKSEG0 + CODE_CACHE_PA)
#define COPY_PA		0x40000u		/* a block in RAM, where the interpreter executes it */
#define COPY		(WINDOW_CKSEG0 + COPY_PA)
#define SLOT_COPY	(COPY + 0x8000)

#define DADDIU(rt, rs, n)	(0x64000000u | (rs) << 21 | (rt) << 16 | (n))
#define ORI(rt, rs, n)		(0x34000000u | (rs) << 21 | (rt) << 16 | (n))
#define LW(rt, rs, n)		(0x8c000000u | (rs) << 21 | (rt) << 16 | (n))
#define STATUS_TO(rt)		(0x40006000u | (rt) << 16)
#define TO_STATUS(rt)		(0x40806000u | (rt) << 16)
#define DI(rt)			(0x41606000u | (rt) << 16)
#define EI			0x41606020u
#define TLBP			0x42000008u
#define ERET			0x42000018u
#define JR_RA			0x03e00008u
#define BNE			0x14820004u	/* bne $4, $2 */
#define NOP			0u

/* --- Where --- */

struct snippet {
	const u32 *word;
	unsigned count, taken;		/* the word `taken` is not to be had */
};

static bool snippet_word(void *user, u64 address, u32 *word)
{
	const struct snippet *s = user;

	if (address >= 4ull * s->count)
		return false;
	*word = s->word[address / 4];
	return true;
}

static bool snippet_allows(void *user, u64 address)
{
	const struct snippet *s = user;

	return !s->taken || (address != 4 * s->taken && address + 4 != 4 * s->taken);
}

#define W(...)	{ __VA_ARGS__ }

static void places(void **state)
{
	static const struct {
		u32 word[24];
		unsigned trap, place, last, taken;		/* words; place 0: nowhere */
	} rows[] = {
		{ W(NOP, STATUS_TO(2), DADDIU(3, 4, 1), JR_RA), 1, 1, 2, 0 },
		{ W(NOP, STATUS_TO(2), DADDIU(3, 2, 1), JR_RA), 1, 1, 2, 0 },		/* computed again in the block */
		{ W(NOP, STATUS_TO(2), DADDIU(2, 3, 1), JR_RA), 1, 0, 0, 0 },		/* both write it */
		{ W(NOP, STATUS_TO(2), DADDIU(3, 3, 1), JR_RA), 1, 0, 0, 0 },		/* twice is once too often */
		{ W(NOP, TO_STATUS(2), DADDIU(2, 4, 1), JR_RA), 1, 0, 0, 0 },		/* it would read what comes later */
		{ W(NOP, DI(0), NOP, JR_RA), 1, 0, 0, 0 },				/* the kernel may write a jump there */
		{ W(NOP, DI(0), LW(3, 4, 0), JR_RA), 1, 0, 0, 0 },			/* what di is there for */
		{ W(NOP, DI(0), DADDIU(29, 4, 8), JR_RA), 1, 0, 0, 0 },		/* sp */
		{ W(NOP, ORI(4, 5, 1), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), JR_RA), 3, 1, 3, 0 },
		{ W(NOP, ORI(4, 5, 1), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), JR_RA), 3, 0, 0, 2 },
		{ W(NOP, LW(4, 5, 0), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), JR_RA), 3, 0, 0, 0 },	/* the load may fault */
		{ W(NOP, ORI(4, 5, 1), ORI(6, 7, 1), BNE, NOP, DI(2), ORI(2, 2, 1)), 5, 0, 0, 0 },	/* not straight */
		{ W(NOP, BNE, ORI(4, 5, 1), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), JR_RA), 4, 0, 0, 0 },	/* the first is in a slot, the second in front of it */
		{ W(NOP, BNE, NOP, ORI(4, 5, 1), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), JR_RA), 5, 3, 5, 0 },
		{ W(NOP, STATUS_TO(2), ORI(3, 4, 1), ORI(3, 3, 1), DI(3), TLBP, EI, JR_RA), 1, 1, 5, 0 },	/* tlbp ends the block */
		{ W(NOP, ERET, ORI(3, 4, 1), JR_RA), 1, 0, 0, 0 },
		{ W(STATUS_TO(2), ORI(3, 4, 1), JR_RA), 0, 0, 0, 0 },			/* what is in front of it nobody knows */
		{ W(NOP, STATUS_TO(2)), 1, 0, 0, 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct snippet s = { rows[i].word, COUNT(rows[i].word), rows[i].taken };
		const struct bypass_code code = { snippet_word, &s };
		u64 place = bypass__place(&code, 4 * rows[i].trap, snippet_allows);

		if (place != 4 * rows[i].place)
			fail_msg("row %zu: at word %d", i, (int)place / 4);
		if (place)
			assert_int_equal(bypass__last(&code, place), 4 * rows[i].last);
	}
}

/* --- A module --- */

static struct blocks *blocks;
static struct machine_ops ops;
static struct guest g;

static void code_gone(void *user, u64 start, u64 end)
{
	blocks__gone(blocks, start, end);
}

static int setup(void **state)
{
	guest_open(&g, false);
	blocks = calloc(1, sizeof(*blocks));
	assert_non_null(blocks);
	ops = *g.f.machine.ops;
	ops.code_gone = code_gone;
	g.f.machine.ops = &ops;
	g.f.machine.cpus = 1;
	g.f.machine.vcpu[0] = &g.f.v;
	g.modules.bypass = true;
	blocks__make(blocks, &g.f.machine, (u32 *)(g.modules.code_cache + BLOCKS_AT), CACHE + BLOCKS_AT, CACHE, BLOCKS_MET, false, NULL, NULL);
	return 0;
}

static int teardown(void **state)
{
	guest_close(&g);
	free(blocks);
	return 0;
}

static void write_code(u64 at, const u32 *word, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		guest_word(&g, at + 4 * i, word[i]);
}

static u64 met(const struct burn_site *site)
{
	u64 address = 0;

	for (unsigned i = 0; i < BLOCKS_MET; i++)
		address = blocks__meet_site(blocks, &g.f.v, site);
	return address;
}

static u32 *trampoline(unsigned slot)
{
	return (u32 *)(g.modules.code_cache + ENTRY_SIZE + slot * SLOT_SIZE);
}

/* Over the end of a page; the next one lies elsewhere in RAM. */
static void made_and_forgotten(void **state)
{
	static const u32 code[] = { ORI(4, 5, 1), ORI(6, 7, 1), DI(2), ORI(2, 2, 1), TLBP, JR_RA, NOP };
	const u64 at = TEXT + 0xff8;
	const struct burn_site *site;
	u64 address, gone;

	write_code(at, code, COUNT(code));
	assert_int_equal(guest_call(&g), 0);
	assert_string_equal(g.call.reason, "");
	assert_int_equal(guest_found(&g, at), sequence__jump(SLOT_AT(0), false));
	assert_int_equal(guest_found(&g, at + 4), code[1]);
	assert_int_equal(machine__original(&g.f.machine, at, guest_found(&g, at))->word, code[0]);
	site = burn__site_at(&g.f.machine, at);
	assert_int_equal(site->how, BURN_BYPASS);
	address = met(site);
	assert_int_equal(address, CACHE + BLOCKS_AT);
	assert_int_equal(trampoline(0)[1], sequence__jump(address, false));
	/* tlbp is for the interpreter */
	assert_int_equal(blocks->store[0].block[0].insns, 4);
	assert_int_equal(blocks->store[0].exit[0].pc, at + 16);
	assert_int_not_equal(blocks->store[0].exit[0].jump, 0);
	/* code that it was made of is another: on the second page */
	guest_word(&g, at + 12, ORI(2, 2, 5));
	blocks__check(blocks, 0);
	assert_int_equal(trampoline(0)[1], sequence__jump(CACHE, true));
	assert_int_not_equal(met(site), 0);
	gone = blocks->forgotten;
	guest_free(&g, TEXT);
	assert_int_equal(blocks->forgotten, gone + 1);
	assert_int_equal(trampoline(0)[1], sequence__jump(CACHE, true));
	assert_int_equal(blocks__meet(blocks, &g.f.v, at), 0);
}

/* Two of one way share a jump; what none leads to is counted; no probe may be in the slot. */
static void what_is_left_is_said(void **state)
{
	static const u32 code[] = { STATUS_TO(2), ORI(3, 4, 1), EI, JR_RA, NOP, DI(0), NOP, JR_RA, NOP };
	const struct afterburn_call load = g.call;

	write_code(TEXT + 0x80, code, COUNT(code));
	assert_int_equal(guest_call(&g), 0);
	assert_string_equal(g.call.reason, "no .afterburn records: 1 sensitive instructions will trap; build it with CC=afterburn-gcc");
	assert_int_equal(machine__code(&g.f.machine, TEXT)->slot_count, 1);
	g.call.operation = AFTERBURN_CALL_PROBE;
	for (unsigned i = 0; i < 3; i++) {
		g.call.text[0].start = TEXT + 0x80 + 4 * i;
		assert_int_equal(guest_call(&g), i < 2);
	}
	g.call = load;
}

/* Beside another piece: its numbers are its own. */
static void numbers(void **state)
{
	static const u32 code[] = { STATUS_TO(2), ORI(3, 4, 1), JR_RA };

	guest_site(&g, TEXT + 0x1010, 0x42000002 /* tlbwi */, 2);
	write_code(INIT + 0x10, code, COUNT(code));
	assert_int_equal(guest_call(&g), 0);
	assert_int_equal(guest_found(&g, TEXT + 0x1010), sequence__jump(SLOT_AT(0), false));
	assert_int_equal(guest_found(&g, INIT + 0x10), sequence__jump(SLOT_AT(1), false));
	assert_int_equal(machine__original(&g.f.machine, INIT + 0x10, guest_found(&g, INIT + 0x10))->word, code[0]);
}

/* Where there are no blocks, and with --no-burn, all is left. */
static void not_without_blocks(void **state)
{
	static const u32 code[] = { STATUS_TO(2), ORI(3, 4, 1), JR_RA };

	for (int i = 0; i < 2; i++) {
		g.modules.bypass = i;
		g.modules.mode = i ? BURN_NONE : BURN_ALL;
		write_code(TEXT + 0x80, code, COUNT(code));
		assert_int_equal(guest_call(&g), 0);
		assert_int_equal(guest_found(&g, TEXT + 0x80), code[0]);
		guest_free(&g, TEXT);
		guest_free(&g, INIT);
	}
}

/* --- What it leads to does what stood there --- */

/* False: an exception, or another way. */
static bool run(u64 from, u64 to)
{
	g.f.v.pc = from;
	for (unsigned i = 0; i < 300 && g.f.v.pc != to; i++)
		if (vcpu__step(&g.f.v))
			return false;
	return g.f.v.pc == to;
}

static void any_registers(u64 seed)
{
	random_state = seed;
	for (unsigned i = 1; i < 32; i++)
		g.f.v.gpr[i] = i < 8 ? random_value() : i < 16 ? (u64)(s32)random64() : 0x1111 * i;
}

static u32 any_word(void)
{
	switch (pick(4)) {
	case 0: return pick(2) ? STATUS_TO(2 + pick(14)) : pick(2) ? DI(pick(16)) : EI;
	case 1: return pick(4) ? integer() : octeon();
	default: return integer();
	}
}

/* The jump's slot, and then the block: executed where the interpreter executes it. */
static void run_bypass(const struct burn_site *site, u64 address, u64 end)
{
	const struct block *b = &blocks->store[0].block[blocks->store[0].count - 1];

	fixture_put(&g.f, SLOT_COPY - WINDOW_CKSEG0, 4, guest_found(&g, site->address + 4));
	assert_true(run(SLOT_COPY, SLOT_COPY + 4));
	for (unsigned i = 0; i < b->length; i++)
		fixture_put(&g.f, COPY_PA + 4 * i, 4, blocks->code[b->word + i]);
	assert_int_equal(address, CACHE + BLOCKS_AT + 4 * b->word);
	assert_true(run(COPY, end));
}

static void set_registers(u64 seed)
{
	any_registers(seed);
	g.f.v.hi = g.f.v.lo = seed;
	g.f.page->cp0[CP0_STATUS] = STATUS_KX | (seed & STATUS_IE);
}

/* From the first by-pass of the code on. False: it has none, or the block calls, or its original meets an exception. */
static bool compare(unsigned seed, u64 at, const u32 *code, unsigned count)
{
	const u64 copy = COPY + 0x10000;
	const struct block_store *s = &blocks->store[0];
	const struct burn_site *site = NULL;
	const struct block_exit *exit;
	u64 expected[32], status, address, end;

	for (unsigned i = 0; i < count && !site; i++)
		site = burn__site_at(&g.f.machine, at + 4 * i);
	address = site ? met(site) : 0;
	if (!address)
		return false;
	exit = &s->exit[s->block[s->count - 1].exit];
	end = exit->pc;
	if (exit->jump)		/* calls: something cannot be translated */
		return false;
	for (unsigned i = 0; i < count; i++)
		fixture_put(&g.f, copy - WINDOW_CKSEG0 + 4 * i, 4, code[i]);
	set_registers(seed);
	if (!run(copy + (site->address - at), copy + (end - at)))
		return false;
	memcpy(expected, g.f.v.gpr, sizeof(expected));
	status = g.f.page->cp0[CP0_STATUS];
	set_registers(seed);
	run_bypass(site, address, end);
	assert_int_equal(g.f.page->cp0[CP0_STATUS], status);
	for (unsigned i = 0; i < 32; i++)
		if (g.f.v.gpr[i] != expected[i])
			fail_msg("seed %u: $%u is %#llx, not %#llx", seed, i, (long long)g.f.v.gpr[i], (long long)expected[i]);
	return true;
}

/* As if there had never been any. */
static void forget_blocks(void)
{
	memset(blocks->places, 0, blocks->place_count * sizeof(*blocks->places));
	for (unsigned i = 0; i < ARRAY_SIZE(blocks->store); i++)
		blocks->store[i].count = blocks->store[i].words = blocks->store[i].exits = blocks->store[i].insns = 0;
	blocks->now = 0;
	blocks->abandoned = false;
}

static void random_code(void **state)
{
	unsigned compared = 0;
	u32 code[16];

	for (unsigned seed = 0; seed < 4000; seed++) {
		random_state = seed;
		for (unsigned i = 0; i < COUNT(code); i++)
			code[i] = any_word();
		write_code(TEXT + 0x100, code, COUNT(code));
		assert_int_equal(guest_call(&g), 0);
		compared += compare(seed, TEXT + 0x100, code, COUNT(code));
		guest_free(&g, TEXT);
		guest_free(&g, INIT);
		forget_blocks();
	}
	assert_true(compared > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test_setup_teardown(made_and_forgotten, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_left_is_said, setup, teardown),
		cmocka_unit_test_setup_teardown(numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(not_without_blocks, setup, teardown),
		cmocka_unit_test_setup_teardown(random_code, setup, teardown),
	};

	return cmocka_run_group_tests_name("bypass", tests, NULL, NULL);
}
