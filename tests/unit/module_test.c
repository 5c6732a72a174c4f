/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the Wedge does with modules (wedge/burn/module.c), and with the numbers of pieces.
 */
#include "tests/unit/module_fixture.h"

static const struct insn mfc0 = A("mfc0 $8, $12", 0x40086000), tlbwi = A("tlbwi", 0x42000002),
			 load = A("lw $8, 0x6088($0)", 0x8c086088), rdhwr = A("rdhwr $3, $29", 0x7c03e83b),
			 di = A("di", 0x41606000), move = A("move $8, $9", 0x01204025), with_k0 = A("move $26, $8", 0x0100d025),
			 fpu = A("mtc1 $8, $f0", 0x44880000), nop = A("nop", 0x00000000);

static unsigned pieces(const struct guest *g)
{
	unsigned n = 0;

	for (const struct code *code = g->f.machine.code; code; code = code->next)
		n++;
	return n;
}

static void fill(struct guest *g)
{
	guest_word(g, TEXT + 0x40, move.word);
	guest_region(g, TEXT + 0x40, TEXT + 0x48);
	guest_site(g, TEXT + 0xffc, mfc0.word, 2);		/* its pad is on the other page */
	guest_site(g, TEXT + 0x1010, tlbwi.word, 2);
	guest_site(g, INIT + 0x10, tlbwi.word, 2);
}

static void a_module_is_burnt(void **state)
{
	struct guest g;
	unsigned word;

	guest_open(&g, false);
	guest_word(&g, TEXT + 0x1000, 0);
	fill(&g);
	assert_int_equal(guest_call(&g), 0);
	assert_string_equal(g.call.reason, "");
	assert_int_equal(pieces(&g), 2);
	assert_int_equal(guest_found(&g, TEXT + 0xffc), load.word);
	assert_int_equal(guest_found(&g, TEXT + 0x1000), nop.word);
	assert_int_equal(guest_found(&g, TEXT + 0x1010), 0x08000000 | (SLOT_AT(0) >> 2 & 0x3ffffff));
	assert_int_equal(guest_found(&g, TEXT + 0x40), GUARD(1));
	assert_int_equal(guest_found(&g, INIT + 0x10), 0x08000000 | (SLOT_AT(2) >> 2 & 0x3ffffff));
	/* the interpreter sees the guest's program */
	assert_int_equal(machine__original(&g.f.machine, TEXT + 0x40, GUARD(1))->word, move.word);
	assert_int_equal(machine__original(&g.f.machine, INIT + 0x10, guest_found(&g, INIT + 0x10))->word, tlbwi.word);
	assert_int_equal(burn__site_of_slot(&g.f.machine, ENTRY_SIZE + 2 * SLOT_SIZE + 4, &word)->address, INIT + 0x10);
	assert_int_equal(word, 1);
	assert_int_equal(burn__site_at(&g.f.machine, TEXT + 0x1000)->address, TEXT + 0xffc);
	assert_true(code__in_region(machine__code(&g.f.machine, TEXT + 0x44), TEXT + 0x44));
	assert_false(code__in_region(machine__code(&g.f.machine, TEXT + 0x48), TEXT + 0x48));
	assert_string_equal(machine__code(&g.f.machine, INIT)->name, "mod");
	assert_null(machine__code(&g.f.machine, TEXT + TEXT_SIZE));
	assert_int_equal(g.f.icache_syncs, 1);
	guest_close(&g);
}

static void with_no_burn(void **state)
{
	struct guest g;

	guest_open(&g, false);
	g.modules.mode = BURN_NONE;
	fill(&g);
	assert_int_equal(guest_call(&g), 0);
	assert_int_equal(guest_found(&g, TEXT + 0xffc), mfc0.word);
	assert_int_equal(guest_found(&g, TEXT + 0x40), GUARD(0));
	guest_close(&g);
}

/* Init code goes first; then the memory is used for another module. */
static void what_is_freed_is_forgotten(void **state)
{
	struct guest g;
	u32 jump;

	guest_open(&g, false);
	fill(&g);
	assert_int_equal(guest_call(&g), 0);
	assert_int_equal(g.modules.numbers, 3);
	jump = guest_found(&g, INIT + 0x10);
	guest_free(&g, INIT);
	assert_int_equal(pieces(&g), 1);
	assert_null(machine__original(&g.f.machine, INIT + 0x10, jump));
	guest_free(&g, INIT);			/* of nothing */
	guest_free(&g, TEXT + 4);		/* of no beginning */
	assert_int_equal(pieces(&g), 1);
	guest_free(&g, TEXT);
	assert_int_equal(pieces(&g), 0);
	assert_int_equal(g.modules.numbers, 0);
	guest_close(&g);
}

static void numbers_come_back(void **state)
{
	struct guest g;

	guest_open(&g, false);
	for (unsigned i = 0; i < 100; i++) {
		g.records = 0;
		fill(&g);
		assert_int_equal(guest_call(&g), 0);
		assert_int_equal(machine__code(&g.f.machine, TEXT)->first, 0);
		assert_int_equal(machine__code(&g.f.machine, INIT)->first, 2);
		guest_free(&g, INIT);
		guest_free(&g, TEXT);
	}
	assert_int_equal(g.modules.loaded, 100);
	assert_int_equal(g.modules.numbers_most, 3);
	guest_close(&g);
}

static struct burn_plan piece(u64 start, u32 first, size_t count)
{
	return (struct burn_plan){ .code = { .start = start, .end = start + 16, .first = first, .original_count = count } };
}

static void gaps_between_numbers(void **state)
{
	struct machine m = { 0 };
	const u32 all = pieces__numbers(ENTRY_SIZE);
	struct burn_plan a = piece(0x1000, 0, 10), b = piece(0x2000, 15, 5), c = piece(0x3000, 10, 5), d = piece(0x4000, 15, 0);

	assert_int_equal(all, (CODE_CACHE_SIZE - ENTRY_SIZE) / SLOT_SIZE);
	assert_int_equal(pieces__find_numbers(&m, all, ENTRY_SIZE), 0);
	assert_int_equal(pieces__find_numbers(&m, all + 1, ENTRY_SIZE), all);
	pieces__add(&m, &a);
	pieces__add(&m, &b);
	pieces__add(&m, &d);
	assert_int_equal(pieces__find_numbers(&m, 5, ENTRY_SIZE), 10);
	assert_int_equal(pieces__find_numbers(&m, 6, ENTRY_SIZE), 20);
	assert_int_equal(pieces__find_numbers(&m, all - 20, ENTRY_SIZE), 20);
	assert_int_equal(pieces__find_numbers(&m, all - 19, ENTRY_SIZE), all);
	pieces__add(&m, &c);
	assert_int_equal(pieces__find_numbers(&m, 1, ENTRY_SIZE), 20);
	assert_ptr_equal(pieces__remove(&m, 0x1000), &a);
	assert_null(pieces__remove(&m, 0x1000));
	assert_int_equal(pieces__find_numbers(&m, 10, ENTRY_SIZE), 0);
}

static struct burn_plan *retired(struct machine *m)
{
	struct burn_plan *plan = pieces__new(m);

	assert_non_null(plan);
	plan->code.start = 0x1000;
	plan->text.heap = m->heap;
	pieces__add(m, plan);
	pieces__retire(m, pieces__remove(m, 0x1000));
	pieces__reap(m);
	return plan;
}

/* Of two cores the second may be in the Wedge, looking at what the first removes. */
static void kept_while_a_core_may_look(void **state)
{
	static char room[0x10000] __attribute__((aligned(HEAP_ALIGN)));
	struct vcpu *v = calloc(2, sizeof(*v));
	struct machine m = { .heap = heap__make(room, sizeof(room)), .vcpu = { &v[0], &v[1] }, .cpus = 2 };
	size_t most = heap__largest(m.heap);
	struct burn_plan *kept;

	retired(&m);
	assert_null(m.retired);			/* it is in guest code */
	v[1].passage = 7;
	kept = retired(&m);
	assert_ptr_equal(m.retired, &kept->code);
	assert_true(heap__largest(m.heap) < most);
	pieces__reap(&m);
	assert_non_null(m.retired);
	v[1].passage = 9;			/* in another visit */
	pieces__reap(&m);
	assert_null(m.retired);
	assert_int_equal(heap__largest(m.heap), most);
	free(v);
}

/* A module that was built without afterburn-gcc. */
static void without_records(void **state)
{
	static const struct {
		const struct insn *insn;
		const char *reason;
		unsigned pieces;
	} rows[] = {
		{ &move, "", 2 },
		{ &di, "no .afterburn records: 1 sensitive instructions will trap", 2 },
		{ &rdhwr, "no .afterburn records, and code at 0x4c020080 that must not run natively: it is interpreted", 0 },
		{ &with_k0, "no .afterburn records, and code at 0x4c020080 that must not", 0 },
		{ &fpu, "no .afterburn records, and code at 0x4c020080 that must not", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct guest g;

		guest_open(&g, false);
		guest_word(&g, TEXT + 0x80, rows[i].insn->word);
		assert_int_equal(guest_call(&g), 0);
		assert_memory_equal(g.call.reason, rows[i].reason, strlen(rows[i].reason));
		assert_int_equal(pieces(&g), rows[i].pieces);
		assert_int_equal(guest_found(&g, TEXT + 0x80), rows[i].insn->word);
		guest_close(&g);
	}
}

enum wrong { PAGE_SIZE, HUGE_RECORDS, ELSEWHERE, TOO_LONG, UNALIGNED, OVERLAPS, PARTS_OVERLAP, LIST, PAGE, CUT, OUTSIDE, CODE_DIFFERS, IN_INIT };

static const struct {
	enum wrong wrong;
	const char *reason;
} refusals[] = {
	{ PAGE_SIZE, "pages of 4095 bytes; a power of two from 4 KB to 64 KB would be right" },
	{ HUGE_RECORDS, "a section .afterburn of 16777217 bytes; at most 16 MB would be right" },
	{ ELSEWHERE, "text at 0x41000000, 7936 bytes, is not where modules are (0x4c000000-0x4f000000)" },
	{ TOO_LONG, "text at 0x4effe000, 8448 bytes, is not where modules are" },
	{ UNALIGNED, "text at 0x4c020002, 7936 bytes, is not where modules are" },
	{ OVERLAPS, "text at 0x4c020000 is where 'mod' is" },
	{ PARTS_OVERLAP, "the texts of the module and of its init part overlap" },
	{ LIST, "page 0 of its text is not in RAM" },
	{ PAGE, "page 1 of its text is not in RAM" },
	{ CUT, ".afterburn: record 3 at offset 0x78: size 40, but only 32 bytes are left" },
	{ OUTSIDE, ".afterburn record 2: 0x4c021f00 lies outside the module (0x4c020000-0x4c021f00)" },
	{ CODE_DIFFERS, ".afterburn record 1 at 0x4c020ffc says mfc0 40086000, the code there is 40096000" },
	{ IN_INIT, ".afterburn record 0 at 0x4c080010 says tlbwi 42000002, the code there is 42000006" },
};

/* What object passes have seen need not be looked at; the rest must, though there are records. */
static void partly_seen(void **state)
{
	static const struct {
		u64 start, end;		/* seen */
		const char *reason;
		unsigned pieces;
	} rows[] = {
		{ TEXT, TEXT + TEXT_SIZE, "", 2 },
		{ TEXT + 0x100, TEXT + 0x104, "", 2 },
		{ TEXT, TEXT + 0x100, "an object in it that afterburn-gcc has not made, and code at 0x4c020100 that must not", 0 },
		{ TEXT + 0x104, TEXT + TEXT_SIZE, "an object in it that afterburn-gcc has not made, and code at 0x4c020100", 0 },
		{ INIT, INIT + INIT_SIZE, "an object in it that afterburn-gcc has not made, and code", 0 },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct guest g;

		guest_open(&g, false);
		guest_site(&g, TEXT + 0x10, di.word, 2);
		guest_region(&g, TEXT + 0x80, TEXT + 0x88);
		guest_word(&g, TEXT + 0x84, with_k0.word);	/* known, if not seen */
		guest_word(&g, TEXT + 0x100, with_k0.word);
		guest_region(&g, rows[i].start, rows[i].end);
		g.record[g.records - 1].kind = AFTERBURN_KIND_CODE;
		assert_int_equal(guest_call(&g), 0);
		assert_memory_equal(g.call.reason, rows[i].reason, strlen(rows[i].reason) + (*rows[i].reason ? 0 : 1));
		assert_int_equal(pieces(&g), rows[i].pieces);
		guest_close(&g);
	}
}

static void damage(struct guest *g, enum wrong wrong)
{
	struct afterburn_area *text = &g->call.text[0];

	switch (wrong) {
	case PAGE_SIZE: g->call.page_size--; break;
	case HUGE_RECORDS: g->call.records = (struct afterburn_area){ RECORDS, 0x1000001, LISTS + 24 }; break;
	case ELSEWHERE: text->start = 0x41000000; break;
	case TOO_LONG: text->start = WINDOW_MODULES_END - 0x2000; text->size = 0x2100; break;
	case UNALIGNED: text->start += 2; break;
	case OVERLAPS: assert_int_equal(guest_call(g), 0); guest_free(g, INIT); break;
	case PARTS_OVERLAP: g->call.text[1].start = TEXT + TEXT_SIZE - 4; break;
	case LIST: text->pages = RAM_BYTES - 4; break;
	case PAGE: text->pages = LISTS + 4; break;	/* two halves: no page */
	case CUT: g->call.records = (struct afterburn_area){ RECORDS, 4 * RECORD_SIZE - 8, LISTS + 24 }; break;
	case OUTSIDE: g->record[2].address = TEXT + TEXT_SIZE; break;
	case CODE_DIFFERS: guest_word(g, TEXT + 0xffc, mfc0.word + 0x10000); break;
	case IN_INIT: guest_word(g, INIT + 0x10, 0x42000006); break;
	}
}

/* Each answer, and nothing else has changed: no word of the text, no piece. */
static void refused(void **state)
{
	static u8 before[RAM_BYTES];

	for (size_t i = 0; i < COUNT(refusals); i++) {
		unsigned had;
		struct guest g;

		guest_open(&g, false);
		fill(&g);
		damage(&g, refusals[i].wrong);
		if (refusals[i].wrong == PAGE)
			g.call.text[0].pages = LISTS;
		guest_put(&g);
		if (refusals[i].wrong == PAGE)
			fixture_put(&g.f, LISTS + 8, 8, TEXT_PA(1) + 4);
		had = pieces(&g);
		memcpy(before, g.f.ram, RAM_BYTES);
		modules__call(&g.modules, BLOCK);
		assert_int_equal(fixture_get(&g.f, BLOCK + offsetof(struct afterburn_call, refused), 8), 1);
		assert_memory_equal(g.f.ram + BLOCK + offsetof(struct afterburn_call, reason), refusals[i].reason,
				    strlen(refusals[i].reason));
		assert_memory_equal(before + TEXT_PA(2), g.f.ram + TEXT_PA(2), 0x3000);
		assert_int_equal(pieces(&g), had);
		assert_int_equal(g.modules.refused, 1);
		guest_close(&g);
	}
}

/* Whether a kprobe may be at an address: not on what names its original, nor where k0 or k1 are in use, as they are in what was generated. */
static void probes(void **state)
{
	static const struct { u64 va; bool refused; } rows[] = {
		{ TEXT + 0x3c, false }, { TEXT + 0x40, true }, { TEXT + 0x44, true }, { TEXT + 0x48, false },	/* a region */
		{ TEXT + 0xffc, false }, { TEXT + 0x1000, false },		/* in place: a load, and its pad */
		{ TEXT + 0x100c, false }, { TEXT + 0x1010, true }, { TEXT + 0x1014, true }, { TEXT + 0x1018, false },
		{ TEXT + 0x1ffc, false }, { TEXT + 0x1e00, true }, { TEXT + 0x1e3c, true }, { TEXT + 0x1e40, false },	/* generated */
		{ INIT + 0x10, true }, { INIT + INIT_SIZE, false }, { 0, false }, { ~0ull, false },
	};
	struct region blank = { TEXT + 0x1e00, TEXT + 0x1e40 };
	struct guest g;

	guest_open(&g, false);
	fill(&g);
	assert_int_equal(guest_call(&g), 0);
	g.f.machine.code->blanks = &blank;
	g.f.machine.code->blank_count = 1;
	g.call.operation = AFTERBURN_CALL_PROBE;
	for (size_t i = 0; i < COUNT(rows); i++) {
		g.call.text[0].start = rows[i].va;
		g.call.refused = 0;
		assert_int_equal(guest_call(&g), rows[i].refused);
		assert_int_equal(!!g.call.reason[0], rows[i].refused);
	}
	g.f.machine.code->blanks = NULL;
	guest_close(&g);
}

/* What is no call has no answer; nor has one where everything is interpreted. */
static void not_for_us(void **state)
{
	struct guest g;

	guest_open(&g, false);
	fill(&g);
	g.record[1].version = 2;
	g.call.magic++;
	assert_int_equal(guest_call(&g), 0);
	g.call.magic--;
	g.call.size--;
	assert_int_equal(guest_call(&g), 0);
	g.call.size++;
	modules__call(&g.modules, RAM_BYTES - 8);
	modules__call(&g.modules, ~0ull);
	assert_int_equal(g.modules.refused, 0);
	assert_int_equal(guest_call(&g), 1);
	guest_close(&g);
}

static void big_endian(void **state)
{
	struct guest g;

	guest_open(&g, true);
	fill(&g);
	g.record[1].version = 2;
	assert_int_equal(guest_call(&g), 1);
	assert_string_equal(g.call.reason, ".afterburn: record 1 at offset 0x28: version 2, this program reads version 1");
	guest_close(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_module_is_burnt),
		cmocka_unit_test(with_no_burn),
		cmocka_unit_test(what_is_freed_is_forgotten),
		cmocka_unit_test(numbers_come_back),
		cmocka_unit_test(gaps_between_numbers),
		cmocka_unit_test(kept_while_a_core_may_look),
		cmocka_unit_test(without_records),
		cmocka_unit_test(partly_seen),
		cmocka_unit_test(refused),
		cmocka_unit_test(probes),
		cmocka_unit_test(not_for_us),
		cmocka_unit_test(big_endian),
	};

	return cmocka_run_group_tests_name("modules", tests, NULL, NULL);
}
