/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rewriter's plan: how each kind of site is burnt and with which words, guards and regions, and the one
 * line that each bad record gets.
 */
#include "tests/unit/burn_fixture.h"
#include "wedge/burn/sequence.h"

static const struct insn mfc0_status = A("mfc0 $8, $12", 0x40086000), mtc0_status = A("mtc0 $8, $12", 0x40886000), tlbwi = A("tlbwi", 0x42000002),
			 di = A("di $9", 0x41696000), ei0 = A("ei $0", 0x41606020), rdhwr = A("rdhwr $3, $29", 0x7c03e83b), move = A("addu $26, $8, $9", 0x0109d021),
			 mfc0_count = A("mfc0 $8, $9", 0x40084800), dmtc0_epc = A("dmtc0 $8, $14", 0x40a87000), mtc0_epc = A("mtc0 $8, $14", 0x40887000),
			 dmfc0_epc = A("dmfc0 $8, $14", 0x40287000), nop = A("nop", 0x00000000);

/* One site alone: how it is burnt, and what then stands there; not the first word if that is a jump. */
static const struct {
	const struct insn *insn;
	unsigned words;
	u32 dead, flags;
	enum burn_how how;
	struct insn code[4];
} single[] = {
	{ &mfc0_status, 2, 0, 0, BURN_INLINE, { A("lw $8, 0x6088($0)", 0x8c086088), A("nop", 0x00000000) } },
	{ &mtc0_status, 2, 0, 0, BURN_INLINE, { A("sw $8, 0x6088($0)", 0xac086088), A("nop", 0x00000000) } },
	{ &dmfc0_epc, 2, 0, 0, BURN_INLINE, { A("ld $8, 0x60a8($0)", 0xdc0860a8), A("nop", 0x00000000) } },
	{ &dmtc0_epc, 2, 0, 0, BURN_INLINE, { A("sd $8, 0x60a8($0)", 0xfc0860a8), A("nop", 0x00000000) } },
	{ &mtc0_epc, 2, 0, 0, BURN_CALL, { { 0 } } },
	{ &mfc0_count, 2, 0, 0, BURN_CALL, { { 0 } } },
	{ &tlbwi, 2, 0, 0, BURN_CALL, { { 0 } } },
	{ &rdhwr, 2, 0, 0, BURN_CALL, { { 0 } } },
	{ &mfc0_status, 1, 0, 0, BURN_INLINE, { A("lw $8, 0x6088($0)", 0x8c086088) } },
	{ &dmtc0_epc, 1, 0, 0, BURN_INLINE, { A("sd $8, 0x60a8($0)", 0xfc0860a8) } },
	{ &mtc0_epc, 1, 0, 0, BURN_LEFT_UNPADDED, { { 0 } } },
	{ &mfc0_count, 1, 0, 0, BURN_LEFT_UNPADDED, { { 0 } } },
	{ &di, 1, 1 << 2, 0, BURN_LEFT_UNPADDED, { { 0 } } },
	{ &di, 2, 1 << 2, 0, BURN_OUTLINE, { { 0 }, A("lw $9, 0x6088($0)", 0x8c096088) } },
	{ &di, 4, 1 << 9 | 1 | 1 << 26 | 1 << 27, 0, BURN_OUTLINE, { { 0 }, A("sd $1, 0x7000($0)", 0xfc017000) } },	/* none of these may be used */
	{ &ei0, 2, 1 << 1 | 1 << 2, 0, BURN_OUTLINE, { { 0 }, A("lw $1, 0x6088($0)", 0x8c016088) } },
	{ &mfc0_status, 1, 0, AFTERBURN_FLAG_UNPADDED, BURN_LEFT_UNPADDED, { { 0 } } },
	{ &mfc0_status, 1, 0, AFTERBURN_FLAG_DELAY_SLOT, BURN_LEFT_SLOT, { { 0 } } },
	{ &rdhwr, 1, 0, AFTERBURN_FLAG_UNPADDED, BURN_GUARD, { { 0 } } },	/* would not trap */
	{ &rdhwr, 1, 0, AFTERBURN_FLAG_DELAY_SLOT, BURN_GUARD, { { 0 } } },
};

static void each_alone(void **state)
{
	for (size_t i = 0; i < COUNT(single); i++) {
		const struct burn_site *site;
		struct kernel k;

		kernel_make(&k, true);
		kernel_site(&k, SITES, single[i].insn->word, single[i].words, single[i].dead)->flags |= single[i].flags;
		kernel_burn(&k, BURN_ALL);
		site = &k.plan.sites[0];
		if (site->how != single[i].how)
			fail_msg("%s, %u words: %s", single[i].insn->text, single[i].words, burn__how_names[site->how]);
		assert_int_equal(k.plan.counts[single[i].how], 1);
		for (unsigned w = 0; w < single[i].words; w++) {
			u32 found = kernel_found(&k, SITE_AT(SITES + 4 * w)), expected = single[i].code[w].word;

			if (site->how == BURN_CALL || site->how == BURN_OUTLINE)
				expected = w ? expected : 0x08000000 | (SLOT_AT(0) >> 2 & 0x3ffffff);
			else if (site->how == BURN_GUARD)
				expected = GUARD(0);
			else if (site->how > BURN_GUARD)
				expected = single[i].insn->word;
			if (found != expected)
				fail_msg("%s, word %u: %08x, not %08x", single[i].insn->text, w, found, expected);
		}
		/* what follows is as it was */
		assert_int_equal(kernel_found(&k, SITE_AT(SITES + 4 * single[i].words)),
				 0xa0000000 | (SITES + 4 * single[i].words));
		kernel_close(&k);
	}
}

/* Words of 32 bits lie in the second half of their slot there. */
static void big_endian_offsets(void **state)
{
	static const struct insn lw = A("lw $8, 0x608c($0)", 0x8c08608c), ld = A("ld $8, 0x60a8($0)", 0xdc0860a8), sw = A("sw $8, 0x608c($0)", 0xac08608c);
	struct kernel k;

	kernel_make(&k, false);
	kernel_site(&k, SITES, mfc0_status.word, 2, 0);
	kernel_site(&k, SITES + 8, dmfc0_epc.word, 2, 0);
	kernel_site(&k, SITES + 16, mtc0_status.word, 2, 0);
	assert_int_equal(kernel_plan(&k, BURN_ALL), 0);
	assert_int_equal(k.plan.sites[0].code[0], lw.word);
	assert_int_equal(k.plan.sites[1].code[0], ld.word);
	assert_int_equal(k.plan.sites[2].code[0], sw.word);
	kernel_close(&k);
}

static void the_code_cache(void **state)
{
	static const struct insn call[] = { A("sd $31, 0x7000($0)", 0xfc1f7000), { "jal entry", 0 }, A("nop", 0x00000000), A("ld $31, 0x7000($0)", 0xdc1f7000) };
	/* di without a dead register, then ei with one: the first word stands in the site, the last behind the jump back */
	static const struct insn saving[] = {
		A("lw $9, 0x6088($0)", 0x8c096088), A("lw $1, 0x6088($0)", 0x8c016088), A("ins $1, $0, 0, 1", 0x7c010004), A("sw $1, 0x6088($0)", 0xac016088),
		{ "j back", 0x08000000 | (SITE_AT(SITES + 16) >> 2 & 0x3ffffff) }, A("ld $1, 0x7000($0)", 0xdc017000),
	}, dead[] = {
		A("ori $2, $2, 1", 0x34420001), { "j back", 0x08000000 | (SITE_AT(SITES + 24) >> 2 & 0x3ffffff) }, A("sw $2, 0x6088($0)", 0xac026088),
	};
	const u64 cache = WINDOW_CKSEG0 + CODE_CACHE_PA;
	const struct burn_site *site;
	struct machine m = { 0 };
	struct sequence sequence;
	struct kernel k;
	unsigned word;

	kernel_make(&k, true);
	kernel_site(&k, SITES + 16, ei0.word, 2, 1 << 2);	/* records need not be sorted */
	kernel_site(&k, SITES + 8, di.word, 2, 0);
	kernel_site(&k, SITES, tlbwi.word, 2, 0);
	kernel_burn(&k, BURN_ALL);
	pieces__add(&m, &k.plan);
	assert_int_equal(k.plan.code.slot_count, 3);
	assert_int_equal(kernel_found(&k, SLOT_AT(0)), call[0].word);
	assert_int_equal(kernel_found(&k, SLOT_AT(0) + 4), 0x0c000000 | (cache >> 2 & 0x3ffffff));
	assert_int_equal(kernel_found(&k, SLOT_AT(0) + 8), nop.word);
	assert_int_equal(kernel_found(&k, SLOT_AT(0) + 4 * BURN_TRAMPOLINE_RETURN), call[3].word);
	assert_int_equal(kernel_found(&k, SLOT_AT(0) + 16), 0x08000000 | (SITE_AT(SITES + 8) >> 2 & 0x3ffffff));
	assert_int_equal(kernel_found(&k, SLOT_AT(0) + 20), nop.word);
	assert_int_equal(kernel_found(&k, SITE_AT(SITES + 12)), 0xfc017000);	/* sd $1, 0x7000($0) */
	for (unsigned i = 0; i < COUNT(saving); i++)
		assert_int_equal(kernel_found(&k, SLOT_AT(1) + 4 * i), saving[i].word);
	assert_int_equal(kernel_found(&k, SITE_AT(SITES + 20)), 0x8c026088);	/* lw $2, 0x6088($0) */
	for (unsigned i = 0; i < COUNT(dead); i++)
		assert_int_equal(kernel_found(&k, SLOT_AT(2) + 4 * i), dead[i].word);
	/* and back from there to the sites */
	assert_null(burn__site_of_slot(&m, ENTRY_SIZE - 4, &word));
	assert_null(burn__site_of_slot(&m, ENTRY_SIZE + 3 * SLOT_SIZE, &word));
	site = burn__site_of_slot(&m, ENTRY_SIZE + SLOT_SIZE + 12, &word);
	assert_ptr_equal(site, &k.plan.sites[1]);
	assert_int_equal(word, 3);
	assert_true(sequence__outline(site, &sequence, false));
	assert_int_equal(sequence.length, COUNT(saving));
	assert_int_equal(sequence.store, 4);
	assert_int_equal(sequence.saved, REG_AT);
	assert_true(sequence__outline(&k.plan.sites[2], &sequence, false));
	assert_int_equal(sequence.length, COUNT(dead));
	assert_int_equal(sequence.store, 2);
	assert_int_equal(sequence.saved, 0);
	assert_ptr_equal(burn__site_at(&m, SITE_AT(SITES + 4)), &k.plan.sites[0]);
	assert_ptr_equal(burn__site_at(&m, SITE_AT(SITES + 12)), site);
	assert_null(burn__site_at(&m, SITE_AT(SITES + 24)));
	assert_null(burn__site_at(&m, SITE_AT(SITES - 4)));
	kernel_close(&k);
}

/* Regions that touch or lie in each other become one; each beginning gets a guard, or a call that is there. */
static void regions_and_guards(void **state)
{
	struct fixture f;
	struct kernel k;
	u32 insn, length;

	kernel_make(&k, true);
	kernel_word(&k, 0x10, move.word);
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x10, 0x20);
	kernel_region(&k, AFTERBURN_KIND_FPU, 0x14, 0x18);
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x20, 0x28);
	kernel_site(&k, 0x30, mfc0_status.word, 2, 0);			/* where a region begins */
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x30, 0x40);
	kernel_site(&k, 0x48, mfc0_status.word, 2, 0);			/* right before one */
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x50, 0x58);
	kernel_site(&k, 0x60, mfc0_status.word, 2, 0);			/* away from all */
	kernel_site(&k, 0x68, mfc0_status.word, 1, 0);			/* no room for a call: right before, and where one begins */
	kernel_site(&k, 0x6c, mfc0_status.word, 1, 0);
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x6c, 0x74);
	kernel_word(&k, 0x70, move.word);
	kernel_site(&k, 0x78, mfc0_status.word, 1, 0);			/* no second word */
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x78, 0x7c);
	kernel_burn(&k, BURN_ALL);
	assert_int_equal(k.plan.code.region_count, 4);	/* the last two with the word between them */
	assert_int_equal(k.plan.sites[0].how, BURN_CALL);
	assert_int_equal(k.plan.sites[1].how, BURN_CALL);
	assert_int_equal(k.plan.sites[2].how, BURN_INLINE);
	assert_int_equal(k.plan.sites[3].how, BURN_INLINE);
	assert_int_equal(k.plan.sites[4].how, BURN_CALL);
	assert_int_equal(k.plan.sites[5].how, BURN_GUARD);
	assert_int_equal(k.plan.counts[BURN_GUARD], 5);	/* 0x10, 0x14, 0x20, 0x50, 0x78 */
	assert_int_equal(kernel_found(&k, SITE_AT(0x78)) & GUARD_MASK, GUARD_MATCH);
	assert_int_equal(kernel_found(&k, SITE_AT(0x6c)), 0x08000000 | (SLOT_AT(k.plan.sites[4].slot) >> 2 & 0x3ffffff));
	assert_int_equal(kernel_found(&k, SITE_AT(0x70)) & NUMBERED_NOP_MASK, NUMBERED_NOP_MATCH);
	assert_int_equal(kernel_found(&k, SITE_AT(0x10)) & GUARD_MASK, GUARD_MATCH);
	assert_int_equal(kernel_found(&k, SITE_AT(0x50)) & GUARD_MASK, GUARD_MATCH);
	assert_int_not_equal(kernel_found(&k, SITE_AT(0x10)), kernel_found(&k, SITE_AT(0x50)));
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(0x10));
	for (unsigned at = 0; at < 0x80; at += 4)
		assert_int_equal(code__in_region(f.machine.code, SITE_AT(at)),
				 (at >= 0x10 && at < 0x28) || (at >= 0x30 && at < 0x40) || (at >= 0x50 && at < 0x58) || (at >= 0x6c && at < 0x7c));
	assert_int_equal(vcpu__fetch(&f.v, SITE_AT(0x6c), false, &insn, &length), 0);
	assert_int_equal(insn, mfc0_status.word);
	assert_int_equal(length, 4);
	assert_int_equal(vcpu__fetch(&f.v, SITE_AT(0x70), false, &insn, &length), 0);
	assert_int_equal(insn, move.word);
	assert_int_equal(length, 4);
	fixture_close(&f);
	kernel_close(&k);
}

/* An FP region calls, if its first word may be a jump and its second that one's slot; what is behind one word more belongs to it. */
static void fp_regions(void **state)
{
	static const u32 ldc1 = 0xd4800000, lw = 0x8c8d0000, beq = 0x10000003;
	const bool calls[] = { true, false };

	for (unsigned i = 0; i < COUNT(calls); i++) {
		struct fixture f;
		struct kernel k;
		u32 insn, length;

		kernel_make(&k, true);
		for (unsigned at = 0x20; at < 0x70; at += 4)
			kernel_word(&k, at, at == 0x28 || at == 0x34 ? lw : at == 0x3c ? beq : ldc1 + at);
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x20, 0x28);
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x2c, 0x34);	/* one word behind it */
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x40, 0x48);	/* begins in a slot */
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x50, 0x54);	/* no second word */
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x60, 0x64);	/* nor here: where it would be another begins */
		kernel_region(&k, AFTERBURN_KIND_FPU, 0x64, 0x6c);
		kernel_burn(&k, calls[i] ? BURN_ALL : BURN_NONE);
		assert_int_equal(k.plan.code.region_count, 4);
		assert_int_equal(k.plan.counts[BURN_CALL], calls[i]);
		assert_int_equal(k.plan.counts[BURN_GUARD], 6 - calls[i]);
		if (calls[i]) {
			assert_int_equal(kernel_found(&k, SITE_AT(0x20)), 0x08000000 | (SLOT_AT(k.plan.sites[0].slot) >> 2 & 0x3ffffff));
			assert_int_equal(kernel_found(&k, SITE_AT(0x24)) & NUMBERED_NOP_MASK, NUMBERED_NOP_MATCH);
		} else {
			assert_int_equal(kernel_found(&k, SITE_AT(0x20)) & GUARD_MASK, GUARD_MATCH);
		}
		fixture_open(&f, false);
		kernel_enter(&k, &f, SITE_AT(0x20));
		for (unsigned at = 0x20; at < 0x6c; at += 4) {
			assert_int_equal(code__in_region(f.machine.code, SITE_AT(at)), at < 0x34 || (at >= 0x40 && at < 0x48) || at == 0x50 || at >= 0x60);
			assert_int_equal(vcpu__fetch(&f.v, SITE_AT(at), false, &insn, &length), 0);
			assert_int_equal(insn, at == 0x28 || at == 0x34 ? lw : at == 0x3c ? beq : ldc1 + at);
			assert_int_equal(length, 4);
		}
		fixture_close(&f);
		kernel_close(&k);
	}
}

/* With --no-burn sites stay, but what would run silently and what must not run natively is guarded. */
static void without_burning(void **state)
{
	struct kernel k;

	kernel_make(&k, true);
	kernel_site(&k, 0x10, mfc0_status.word, 2, 0);
	kernel_site(&k, 0x18, rdhwr.word, 2, 0);
	kernel_site(&k, 0x20, di.word, 4, ~0u);
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x48, 0x50);
	kernel_burn(&k, BURN_NONE);
	assert_int_equal(k.plan.counts[BURN_LEFT_OFF], 2);
	assert_int_equal(k.plan.counts[BURN_GUARD], 2);
	assert_int_equal(k.plan.code.slot_count, 0);
	assert_int_equal(kernel_found(&k, SITE_AT(0x10)), mfc0_status.word);
	assert_int_equal(kernel_found(&k, SITE_AT(0x18)) & GUARD_MASK, GUARD_MATCH);
	assert_int_equal(kernel_found(&k, SITE_AT(0x1c)), 0);
	assert_int_equal(kernel_found(&k, SITE_AT(0x20)), di.word);
	assert_int_equal(kernel_found(&k, SITE_AT(0x48)) & GUARD_MASK, GUARD_MATCH);
	kernel_close(&k);
}

/* A kernel is refused whose code holds, where no object pass has been and no record is, what must not run natively. */
static void only_what_was_seen(void **state)
{
	static const struct {
		unsigned start, end;	/* seen, of 0x80 bytes of code */
		unsigned at;
		u32 word;
		const char *complaint;
	} rows[] = {
		{ 0x00, 0x80, 0x48, 0x0080d025 /* move k0, a0 */, NULL },
		{ 0x00, 0x48, 0x48, 0x0080d025, "vmlinux: .afterburn says nothing of the code at 0xffffffff81100048 (0080d025), which must not" },
		{ 0x4c, 0x80, 0x48, 0x0080d025, "vmlinux: .afterburn says nothing of the code at 0xffffffff81100048 (0080d025)" },
		{ 0x4c, 0x80, 0x48, 0x7c03103b /* rdhwr */, "vmlinux: .afterburn says nothing of the code at 0xffffffff81100048" },
		{ 0x4c, 0x80, 0x48, 0x40086000 /* mfc0: traps */, NULL },
		{ 0x4c, 0x80, 0x24, 0x0080d025, NULL },	/* in a region */
		{ 0, 0, 0x48, 0x40086000, NULL },	/* of older tools */
		{ 0, 0, 0x24, 0x0080d025, NULL },
		{ 0, 0, 0x48, 0x0080d025, "vmlinux: .afterburn does not say which code was searched, as older tools left it, and the word at 0xffffffff81100048" },
		{ 0x10, 0x10, 0x48, 0, "vmlinux: .afterburn record 1: code 0xffffffff81100010-0xffffffff81100010 is empty" },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct kernel k;
		int result;

		kernel_make(&k, true);
		elf_section(&k.elf, 1, 1, SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, KERNEL_VA, SEGMENT_AT, 0x80, 0, 0);
		kernel_word(&k, rows[i].at, rows[i].word);
		kernel_region(&k, AFTERBURN_KIND_KREGION, 0x20, 0x28);
		if (rows[i].end)
			kernel_region(&k, AFTERBURN_KIND_CODE, rows[i].start, rows[i].end);
		result = kernel_plan(&k, BURN_ALL);
		assert_int_equal(result, rows[i].complaint ? -1 : 0);
		if (rows[i].complaint)
			assert_memory_equal(k.c.text, rows[i].complaint, strlen(rows[i].complaint));
		else
			assert_int_equal(k.plan.code.region_count, 1);
		kernel_close(&k);
	}
}

/* A good kernel (site at 0x10, region at 0x20, di at 0x28) with one thing wrong. */
enum wrong { VERSION, KIND, CUT, OUTSIDE, BEFORE, AT_END, UNALIGNED, OVERLAP, CODE_DIFFERS, NOT_THAT_ROW, PAD,
	     INCOMPLETE, UNKNOWN, TOO_LONG, EMPTY, BACKWARDS, REGION_OUTSIDE, NONE };

static const struct {
	enum wrong wrong;
	const char *complaint;
} complaints[] = {
	{ VERSION, "vmlinux: .afterburn: record 2 at offset 0x50: version 2, this program reads version 1" },
	{ KIND, "vmlinux: .afterburn: record 2 at offset 0x50: kind 0, kinds start at 1" },
	{ CUT, "vmlinux: .afterburn: record 2 at offset 0x50: size 40, but only 32 bytes are left" },
	{ OUTSIDE, "vmlinux: .afterburn record 2: 0xffffffff81100400 lies outside the kernel (0xffffffff81100000-0xffffffff81100400)" },
	{ BEFORE, "vmlinux: .afterburn record 0: 0xffffffff810ffffc lies outside the kernel" },
	{ AT_END, "vmlinux: .afterburn record 2: 0xffffffff811003f8 lies outside the kernel" },
	{ UNALIGNED, "vmlinux: .afterburn: record 2 at offset 0x50: address 0xffffffff8110002a is not that of an instruction" },
	{ OVERLAP, "vmlinux: .afterburn: the sites at 0xffffffff81100028 and 0xffffffff81100034 overlap" },
	{ CODE_DIFFERS, "vmlinux: .afterburn record 2 at 0xffffffff81100028 says di 41696000, the code there is 416a6000" },
	{ NOT_THAT_ROW, "vmlinux: .afterburn record 2 at 0xffffffff81100028 says ei 41696000, the code there is 41696000" },
	{ PAD, "vmlinux: .afterburn record 2 at 0xffffffff81100028: word 3 of its pad is 00000001, no NOP" },
	{ INCOMPLETE, "vmlinux: .afterburn record 2 at 0xffffffff81100028 was never completed; link objects made by afterburn-gcc" },
	{ UNKNOWN, "vmlinux: .afterburn record 2 at 0xffffffff81100028 names instruction 99, which this Wedge does not know" },
	{ TOO_LONG, "vmlinux: .afterburn record 2 at 0xffffffff81100028: a pad of 5 words; 1 to 4 would be right" },
	{ EMPTY, "vmlinux: .afterburn record 1: region 0xffffffff81100020-0xffffffff81100020 is empty" },
	{ BACKWARDS, "vmlinux: .afterburn record 1: region 0xffffffff81100020-0xffffffff8110001c is empty" },
	{ REGION_OUTSIDE, "vmlinux: .afterburn record 1: 0xffffffff81100020 lies outside the kernel" },
	{ NONE, "vmlinux: no .afterburn section; build the kernel with CC=afterburn-gcc" },
};

static void damage(struct kernel *k, enum wrong wrong)
{
	struct afterburn_record *region = &k->record[1], *r = &k->record[2];

	switch (wrong) {
	case VERSION: r->version = 2; break;
	case KIND: r->kind = 0; break;
	case CUT: k->cut = 8; break;
	case OUTSIDE: r->address = SITE_VA(KERNEL_MEMORY); break;
	case BEFORE: r->address = SITE_VA(-4); break;
	case AT_END: r->address = SITE_VA(KERNEL_MEMORY - 8); break;
	case UNALIGNED: r->address += 2; break;
	case OVERLAP: kernel_site(k, 0x34, di.word, 1, 0)->flags |= AFTERBURN_FLAG_UNPADDED;
		      kernel_word(k, 0x34, di.word); r->flags |= AFTERBURN_FLAG_DELAY_SLOT; break;
	case CODE_DIFFERS: kernel_word(k, 0x28, 0x416a6000); break;
	case NOT_THAT_ROW: r->site.insn = 6; break;
	case PAD: kernel_word(k, 0x34, 1); break;
	case INCOMPLETE: r->flags = 0; break;
	case UNKNOWN: r->site.insn = 99; break;
	case TOO_LONG: r->site.words = 5; break;
	case EMPTY: region->region.end = region->address; break;
	case BACKWARDS: region->region.end = region->address - 4; break;
	case REGION_OUTSIDE: region->region.end = SITE_VA(KERNEL_MEMORY + 4); break;
	case NONE: k->records = 0; break;
	}
}

static void bad_records(void **state)
{
	for (size_t i = 0; i < COUNT(complaints); i++) {
		struct kernel k;

		kernel_make(&k, true);
		kernel_site(&k, 0x10, mfc0_status.word, 2, 0);
		kernel_region(&k, AFTERBURN_KIND_KREGION, 0x20, 0x24);
		kernel_site(&k, 0x28, di.word, 4, ~0u);
		damage(&k, complaints[i].wrong);
		assert_int_equal(kernel_plan(&k, BURN_ALL), -1);
		assert_contains(k.c.text, complaints[i].complaint);
		assert_null(strchr(k.c.text, '\n'));
		assert_memory_equal(k.ram + KERNEL_PA, k.elf.bytes + SEGMENT_AT, KERNEL_FILE);
		assert_null(k.plan.sites);
		image__close(&k.image);
	}
}

/* Runs of zero words of every length and at every place, the ends of the text among them: those of 16 are room. */
static void blanks(void **state)
{
	static u8 memory[2][BURN_PAGE];
	const u64 base = WINDOW_MODULES;

	for (unsigned round = 0; round < 1000; round++) {
		struct burn_text text = {
			.what = "text", .start = base, .end = base + sizeof(memory), .blank_start = base + 4 * (round % 7),
			.blank_end = base + sizeof(memory) - 4 * (round % 5), .pages = malloc(2 * sizeof(u8 *)),
		};
		struct records none = { 0 };
		struct burn_plan plan;
		struct complaint c;
		size_t found = 0;
		u64 run;

		srand(round);
		memset(memory, 0, sizeof(memory));
		for (u8 *p = memory[0]; p < memory[2]; p += 4 * (1 + rand() % 40))
			*p = 1;
		text.pages[0] = memory[0];
		text.pages[1] = memory[1];
		assert_int_equal(burn__plan_text(&plan, &text, &none, ENTRY_SIZE, BURN_ALL, &c), 0);
		run = text.blank_start;
		for (u64 at = run; at <= text.blank_end; at += 4) {
			if (at < text.blank_end && !burn__word(&text, at))
				continue;
			if (at - run >= 4 * AFTERBURN_BLANK_WORDS) {
				assert_true(found < plan.code.blank_count);
				assert_int_equal(plan.code.blanks[found].start, run);
				assert_int_equal(plan.code.blanks[found].end, at);
				found++;
			}
			run = at + 4;
		}
		assert_true(found > 10);
		assert_int_equal(plan.code.blank_count, found);
		burn__free(&plan);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_alone),
		cmocka_unit_test(big_endian_offsets),
		cmocka_unit_test(the_code_cache),
		cmocka_unit_test(regions_and_guards),
		cmocka_unit_test(fp_regions),
		cmocka_unit_test(without_burning),
		cmocka_unit_test(only_what_was_seen),
		cmocka_unit_test(bad_records),
		cmocka_unit_test(blanks),
	};

	return cmocka_run_group_tests_name("burn", tests, NULL, NULL);
}
