/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Burnt code, run: whatever the instruction and the dead registers, the guest ends with the same registers
 * as if nothing had been burnt; and the interpreter sees the guest's program through what was.
 */
#include "tests/unit/burn_fixture.h"
#include "wedge/burn/sequence.h"

#define MFC0	0x40000000u
#define DMFC0	0x40200000u
#define MTC0	0x40800000u
#define DMTC0	0x40a00000u
#define DI	0x41606000u
#define EI	0x41606020u

/* What a guest can see afterwards. */
struct outcome {
	u64 gpr[32], cp0[CP0_REGISTERS];
	enum burn_how how;
};

static u64 seed(unsigned n)
{
	return (n + 1) * 0x9e3779b97f4a7c15ull;
}

/* Runs the one site of a kernel and stops behind it. An outline sequence is entered as the Host would. */
static void run_site(u32 insn, unsigned words, u32 dead, enum burn_mode mode, u64 badvaddr, struct outcome *o)
{
	const struct burn_site *site;
	struct fixture f;
	struct kernel k;
	u64 end;

	kernel_make(&k, true);
	kernel_site(&k, SITES, insn, words, dead);
	kernel_burn(&k, mode);
	site = &k.plan.sites[0];
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(SITES) + (site->how == BURN_OUTLINE ? 4 : 0));
	for (unsigned i = 1; i < 32; i++)
		f.v.gpr[i] = seed(i);
	for (unsigned r = 0; r < CP0_REGISTERS; r++)
		if (r != CP0_STATUS)
			f.page->cp0[r] = seed(32 + r) & cp0_info[r].writable;
	f.page->cp0[CP0_STATUS] = 0x1000fce0 | (insn >> 5 & 1 ? 0 : STATUS_IE);
	f.page->cp0[CP0_BADVADDR] = badvaddr;
	/* Only bits that stick are ever written: a burnt store keeps none out. There is no FPU here. */
	if (field_rd(insn) == 12)
		f.v.gpr[field_rt(insn)] &= field_rt(insn) ? 0x52f8ffe1 : 0;
	if (field_rd(insn) == 2 || field_rd(insn) == 3)
		f.v.gpr[field_rt(insn)] &= cp0_info[CP0_ENTRYLO0].writable;
	end = SITE_AT(SITES + 4 * words);
	if (site->how == BURN_OUTLINE) {	/* the slot of the jump, then where it leads */
		assert_int_equal(vcpu__step(&f.v), 0);
		f.v.pc = SLOT_AT(site->slot);
		f.machine.slots = 0;		/* else the interpreter knows better than to execute what is there */
	}
	for (unsigned steps = 0; f.v.pc != end; steps++) {
		if (steps > 10 || vcpu__step(&f.v))
			fail_msg("word %08x: stuck at %#lx", insn, (unsigned long)f.v.pc);
	}
	/* The interpreter goes past a site inline in one step, whatever its NOPs. */
	if (site->how == BURN_OUTLINE)
		assert_int_equal(burn__executed(site, k.plan.text.big_endian), 1 + f.v.interpreted);
	else if (site->how == BURN_INLINE)
		assert_int_equal(burn__executed(site, k.plan.text.big_endian), words);
	memcpy(o->gpr, f.v.gpr, sizeof(o->gpr));
	for (unsigned r = 0; r < CP0_REGISTERS; r++)
		o->cp0[r] = cp0_info[r].bits == 32 ? word(f.page->cp0[r]) : f.page->cp0[r];
	o->how = site->how;
	fixture_close(&f);
	kernel_close(&k);
}

static enum burn_how compare(u32 insn, unsigned words, u32 dead, u64 badvaddr)
{
	struct outcome burnt, unburnt;

	run_site(insn, words, dead, BURN_ALL, badvaddr, &burnt);
	run_site(insn, words, dead, BURN_NONE, badvaddr, &unburnt);
	assert_int_equal(burnt.gpr[0], 0);
	for (unsigned i = 0; i < 32; i++)
		/* a dead register may hold anything, but not the one that was asked for */
		if (burnt.gpr[i] != unburnt.gpr[i] && (!(dead >> i & 1) || i == field_rt(insn)))
			fail_msg("word %08x, dead %08x, %s: $%u is %#lx, not %#lx", insn, dead, burn__how_names[burnt.how],
				 i, (unsigned long)burnt.gpr[i], (unsigned long)unburnt.gpr[i]);
	for (unsigned r = 0; r < CP0_REGISTERS; r++)
		if (burnt.cp0[r] != unburnt.cp0[r])
			fail_msg("word %08x, dead %08x, %s: %s is %#lx, not %#lx", insn, dead, burn__how_names[burnt.how],
				 cp0_info[r].name, (unsigned long)burnt.cp0[r], (unsigned long)unburnt.cp0[r]);
	return burnt.how;
}

static u32 move(u32 kind, enum cp0_register r, unsigned rt)
{
	return kind | rt << 16 | (u32)cp0_info[r].rd << 11 | cp0_info[r].sel;
}

/* Every register of cp0.def, read and written, 32 and 64 bits wide, through some general registers. */
static void every_cp0_register(void **state)
{
	static const unsigned gprs[] = { 0, 1, 8, 26, 27, 31 };
	static const u64 addresses[] = { 0x120001238ull, WINDOW_MAP + 0x5238 };
	unsigned ways[BURN_WAYS] = { 0 };

	for (unsigned r = 0; r < CP0_REGISTERS; r++)
		for (size_t i = 0; i < COUNT(gprs); i++)
			for (size_t a = 0; a < COUNT(addresses); a++) {
				ways[compare(move(MFC0, r, gprs[i]), 2, 0, addresses[a])]++;
				ways[compare(move(DMFC0, r, gprs[i]), 2, 0, addresses[a])]++;
				ways[compare(move(MTC0, r, gprs[i]), 2, 0, addresses[a])]++;
				ways[compare(move(DMTC0, r, gprs[i]), 2, 0, addresses[a])]++;
			}
	assert_true(ways[BURN_INLINE] > CP0_REGISTERS && ways[BURN_CALL] > CP0_REGISTERS);
}

/* What the build promises in abi/one-word.def is kept: such a move is burnt within its one word. */
static void one_word_is_inline(void **state)
{
	static const struct {
		unsigned rd, sel, bits;
		bool reads, writes;
	} rows[] = {
#define ONE_WORD(RD, SEL, BITS, READS, WRITES) { RD, SEL, BITS, READS, WRITES },
#include "abi/one-word.def"
#undef ONE_WORD
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int r = cp0__find(rows[i].rd, rows[i].sel);

		assert_true(r >= 0);
		assert_int_equal(rows[i].bits, cp0_info[r].bits);
		if (rows[i].reads) {
			assert_int_equal(compare(move(MFC0, r, 8), 1, 0, 0), BURN_INLINE);
			assert_int_equal(compare(move(DMFC0, r, 8), 1, 0, 0), BURN_INLINE);
		}
		if (rows[i].writes) {
			assert_int_equal(compare(move(DMTC0, r, 8), 1, 0, 0), BURN_INLINE);
			assert_int_equal(compare(move(MTC0, r, 8), 1, 0, 0), rows[i].bits == 32 ? BURN_INLINE : BURN_LEFT_UNPADDED);
		}
	}
}

/* PLAIN in cp0.def is one load or store, whatever the width that the instruction has to have. */
static void plain_is_inline(void **state)
{
	for (unsigned r = 0; r < CP0_REGISTERS; r++) {
		bool read = cp0_info[r].read == CP0_PLAIN, write = cp0_info[r].write == CP0_PLAIN;
		struct outcome o;

		run_site(move(DMFC0, r, 8), 2, 0, false, 0, &o);
		assert_int_equal(o.how, read ? BURN_INLINE : r == CP0_CVMCOUNT ? BURN_CLOCK : BURN_CALL);
		run_site(move(DMTC0, r, 8), 2, 0, false, 0, &o);
		assert_int_equal(o.how, write ? BURN_INLINE : BURN_CALL);
	}
}

/* di and ei with every register as target, and every single register dead, none, all, and those that may not be used. */
static void every_di_and_ei(void **state)
{
	static const u32 masks[] = { 0, ~0u, 1, 1u << 26, 1u << 27, 0x0c000001 };
	unsigned ways[BURN_WAYS] = { 0 };

	for (unsigned rt = 0; rt < 32; rt++)
		for (unsigned d = 0; d < 32 + COUNT(masks); d++) {
			u32 dead = d < 32 ? 1u << d : masks[d - 32];

			ways[compare(DI | rt << 16, 2, dead, 0)]++;
			ways[compare(EI | rt << 16, 2, dead, 0)]++;
			ways[compare(EI | rt << 16, 4, dead, 0)]++;
		}
	assert_int_equal(ways[BURN_OUTLINE], 32 * 3 * (32 + COUNT(masks)));
}

static const struct access_row {
	u32 opcode;
	unsigned size;
	bool store, sign;
} accesses[] = {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) { OPCODE, BITS / 8, #NAME[0] == 's', BITS < 64 && !strchr(#NAME, 'u') },
#include "abi/accesses.def"
#undef ACCESS
};

/* Every row of abi/accesses.def, interpreted: to a device, and to plain RAM, which the build cannot always tell from one. */
static void every_access(void **state)
{
	for (size_t i = 0; i < COUNT(accesses); i++)
		for (int device = 0; device < 2; device++) {
			u64 bits = accesses[i].size == 8 ? ~0ull : (1ull << 8 * accesses[i].size) - 1;
			u64 value = seed(40) | 1ull << (8 * accesses[i].size - 1), loaded = value & bits;
			struct fixture f;
			struct kernel k;

			kernel_make(&k, true);
			kernel_site(&k, SITES, accesses[i].opcode << 26 | 9 << 21 | 8 << 16 | 0xfff8, 2, 0);	/* $8, -8($9) */
			kernel_burn(&k, false);
			assert_int_equal(k.plan.sites[0].how, BURN_LOOK);
			fixture_open(&f, false);
			kernel_enter(&k, &f, SITE_AT(SITES));
			f.v.gpr[8] = accesses[i].store ? value : 0;
			f.v.gpr[9] = (device ? 0x8001180000000800ull : DATA) + 8;
			f.io_value = loaded;
			memcpy(k.ram + DATA_PA, accesses[i].store ? &bits : &value, 8);
			assert_int_equal(vcpu__step(&f.v), 0);
			assert_int_equal(f.v.pc, SITE_AT(SITES + 8));
			assert_int_equal(f.io_reads, device && !accesses[i].store);
			assert_int_equal(f.io_writes, device && accesses[i].store);
			if (accesses[i].sign)
				loaded |= ~bits;
			if (!accesses[i].store) {
				assert_int_equal(f.v.gpr[8], loaded);
			} else if (device) {
				assert_int_equal(f.io_pa, 0x1180000000800ull);
				assert_int_equal(f.io_size, accesses[i].size);
				assert_int_equal(f.io_value & bits, value & bits);
			} else {
				assert_memory_equal(k.ram + DATA_PA, &value, accesses[i].size);
			}
			fixture_close(&f);
			kernel_close(&k);
		}
}

#define USER_PAGE	0x2345678000ull
#define CALL_ENTRY	(WINDOW_CKSEG0 + CODE_CACHE_PA)

/* How a look that begins with these registers can be interrupted: wherever that is, they can be put back. */
static void check_interrupted(struct fixture *f, const u64 before[32], u64 slot)
{
	struct vcpu v = f->v;
	const u64 offset = v.pc - CALL_ENTRY;
	unsigned word;
	const struct burn_site *site;

	if (offset >= LOOK_PLACE && offset < LOOK_END) {
		sequence__settle_look((offset - LOOK_PLACE) / 4, &v);
		site = burn__site_of_slot(&f->machine, v.gpr[REG_RA] - CALL_ENTRY - 4, &word);
		assert_true(site && site->slot == slot && word < BURN_TRAMPOLINE_RETURN);
	}
	v.gpr[REG_RA] = v.page->scratch[0];
	for (unsigned i = 2; i < 32; i++)
		if (v.gpr[i] != before[i])
			fail_msg("at %#lx: $%u would be %#lx, not %#lx", (unsigned long)v.pc, i, (unsigned long)v.gpr[i], (unsigned long)before[i]);
}

/* From the site behind it or to the call. Where nobody may read the counter (RDHWR) that is not even tried. */
static void run_look(struct kernel *k, struct fixture *f, const u64 before[32], bool may_read)
{
	const u64 slot = k->plan.sites[0].slot;

	assert_int_equal(vcpu__step(&f->v), 0);		/* what the slot of the jump has */
	f->v.pc = SLOT_AT(slot);
	f->machine.slots = 0;
	for (unsigned steps = 0; f->v.pc != SITE_AT(SITES + 8) && f->v.pc != CALL_ENTRY; steps++) {
		if (f->v.pc < SLOT_AT(slot) + 12)
			check_interrupted(f, before, slot);
		assert_true(may_read || kernel_found(k, f->v.pc) >> 26 != 0x1f);
		if (steps > 30 || vcpu__step(&f->v))
			fail_msg("%x: stuck at %#lx", k->plan.sites[0].word, (unsigned long)f->v.pc);
	}
	if (f->v.pc != CALL_ENTRY)
		assert_int_equal(burn__executed(&k->plan.sites[0], k->plan.text.big_endian), 1 + f->v.interpreted);
}

/* One access to USER_PAGE + at, by $rt and $base, where the page is found if `found` and may be stored to if `stored`. */
static void look(const struct access_row *row, unsigned rt, unsigned base, unsigned at, bool found, bool stored)
{
	const bool hits = found && (!row->store || stored) && !(at % row->size);
	const u64 va = USER_PAGE + at, bits = row->size == 8 ? ~0ull : (1ull << 8 * row->size) - 1, value = seed(50) | (bits ^ bits >> 1);
	u64 before[32], expected;
	const struct burn_site *site;
	struct fixture f;
	struct kernel k;

	kernel_make(&k, true);
	kernel_site(&k, SITES, row->opcode << 26 | base << 21 | rt << 16 | 0xfff8, 2, 0);
	kernel_burn(&k, false);
	sequence__make_looks(CALL_ENTRY, (u32 *)(k.ram + CODE_CACHE_PA + LOOK_PLACE));
	site = &k.plan.sites[0];
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(SITES) + 4);
	f.page->look[VCPU_LOOK(va)] = (struct vcpu_look){
		found ? USER_PAGE : VCPU_LOOK_NONE, found && stored ? USER_PAGE : VCPU_LOOK_NONE, DATA - USER_PAGE, 0,
	};
	for (unsigned i = 1; i < 32; i++)
		f.v.gpr[i] = seed(i);
	f.v.gpr[base] = va + 8;
	memcpy(before, f.v.gpr, sizeof(before));
	memcpy(k.ram + DATA_PA + at, &value, 8);
	run_look(&k, &f, before, true);
	assert_int_equal(f.v.pc == SITE_AT(SITES + 8), hits);
	expected = row->store ? before[rt] : (value & bits) | (row->sign ? ~bits : 0);
	for (unsigned i = 2; i < 31; i++)
		assert_int_equal(f.v.gpr[i], hits && i == rt ? expected : before[i]);
	assert_int_equal(f.page->scratch[0], before[31]);
	assert_int_equal(f.v.gpr[31], hits ? before[31] : SLOT_AT(site->slot) + 8);
	if (row->store)
		assert_int_equal(!memcmp(k.ram + DATA_PA + at, hits ? &before[rt] : &value, row->size), 1);
	fixture_close(&f);
	kernel_close(&k);
}

static void every_look(void **state)
{
	static const unsigned registers[][2] = { { 8, 9 }, { 24, 25 }, { 25, 24 }, { 2, 2 }, { 0, 29 }, { 28, 30 } };
	static const unsigned places[] = { 0, 8, 0xff8, 4, 2, 1, 0x801, 0xfff };

	for (size_t i = 0; i < COUNT(accesses); i++)
		for (size_t r = 0; r < COUNT(registers); r++)
			for (size_t p = 0; p < COUNT(places); p++) {
				if (!registers[r][0] && !accesses[i].store)
					continue;
				for (unsigned allowed = 0; allowed < 4; allowed++)
					look(&accesses[i], registers[r][0], registers[r][1], places[p], allowed & 1, allowed & 2);
			}
}

/* One read of CvmCount into $rt, with a counter that says `count`. */
static void read_clock(unsigned rt, u64 count, u64 until, u64 offset)
{
	const bool hits = count < until;
	u64 before[32];
	const struct burn_site *site;
	struct fixture f;
	struct kernel k;

	kernel_make(&k, true);
	kernel_site(&k, SITES, move(DMFC0, CP0_CVMCOUNT, rt), 2, 0);
	kernel_burn(&k, false);
	sequence__make_looks(CALL_ENTRY, (u32 *)(k.ram + CODE_CACHE_PA + LOOK_PLACE));
	site = &k.plan.sites[0];
	assert_int_equal(site->how, BURN_CLOCK);
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(SITES) + 4);
	f.cycles = count;
	f.page->clock = (struct vcpu_clock){ until, offset };
	for (unsigned i = 1; i < 32; i++)
		f.v.gpr[i] = seed(i);
	memcpy(before, f.v.gpr, sizeof(before));
	run_look(&k, &f, before, until);
	assert_int_equal(f.v.pc == SITE_AT(SITES + 8), hits);
	for (unsigned i = 2; i < 31; i++)
		assert_int_equal(f.v.gpr[i], hits && i == rt ? count + offset : before[i]);
	assert_int_equal(f.page->scratch[0], before[31]);
	assert_int_equal(f.v.gpr[31], hits ? before[31] : SLOT_AT(site->slot) + 8);
	fixture_close(&f);
	kernel_close(&k);
}

static void every_clock(void **state)
{
	static const unsigned registers[] = { 2, 8, 24, 25, 29, 30 };

	for (size_t r = 0; r < COUNT(registers); r++) {
		read_clock(registers[r], 1000, 1001, -600);
		read_clock(registers[r], 1000, 1000, -600);
		read_clock(registers[r], 1000, 0, -600);
		read_clock(registers[r], 1ull << 63, ~0ull, 1);
		read_clock(registers[r], 1ull << 63, 5, 1);
	}
}

/* Those whose registers a look needs, or whose at may be in use, are calls; so are reads of the clock. */
static void no_look(void **state)
{
	static const unsigned registers[][2] = { { 1, 9 }, { 9, 1 }, { 31, 9 }, { 9, 31 }, { 26, 9 }, { 9, 27 } };

	for (size_t r = 0; r <= COUNT(registers); r++) {
		unsigned rt = r < COUNT(registers) ? registers[r][0] : 8, base = r < COUNT(registers) ? registers[r][1] : 9;
		struct kernel k;

		kernel_make(&k, true);
		kernel_site(&k, SITES, 0x23u << 26 | base << 21 | rt << 16, 2, 0);
		if (r == COUNT(registers))
			k.record[0].flags |= AFTERBURN_FLAG_ASM;
		kernel_burn(&k, false);
		assert_int_equal(k.plan.sites[0].how, BURN_CALL);
		kernel_close(&k);
	}
	for (unsigned rt = 0; rt < 32; rt++)
		for (int in_assembler = 0; in_assembler < 2; in_assembler++) {
			const bool taken = rt == 0 || rt == 1 || rt == 26 || rt == 27 || rt == 31;
			struct kernel k;

			kernel_make(&k, true);
			kernel_site(&k, SITES, move(DMFC0, CP0_CVMCOUNT, rt), 2, 0);
			if (in_assembler)
				k.record[0].flags |= AFTERBURN_FLAG_ASM;
			kernel_burn(&k, false);
			assert_int_equal(k.plan.sites[0].how, taken || in_assembler ? BURN_CALL : BURN_CLOCK);
			kernel_close(&k);
		}
}

/* What the interpreter fetches where something was burnt or guarded is what stood there. */
static void the_guests_program_shines_through(void **state)
{
	static const struct insn tlbwi = A("tlbwi", 0x42000002), di = A("di", 0x41606000), rdhwr = A("rdhwr $3, $29", 0x7c03e83b), mfc0 = A("mfc0 $8, $12", 0x40086000),
				 guarded = A("move $27, $31", 0x03e0d825), lw = A("lw $8, 0x6088($0)", 0x8c086088);
	static const struct {
		unsigned offset;
		const struct insn *insn;
		unsigned length;
	} rows[] = {
		{ 0x10, &tlbwi, 8 },	/* a call */
		{ 0x18, &di, 16 },	/* outline */
		{ 0x28, &rdhwr, 4 },	/* a guard */
		{ 0x2c, &guarded, 4 },	/* a region's beginning */
		{ 0x34, &lw, 4 },	/* inline is executed as it stands */
	};
	struct fixture f;
	struct kernel k;
	u32 insn, length;

	kernel_make(&k, true);
	kernel_site(&k, 0x10, tlbwi.word, 2, 0);
	kernel_site(&k, 0x18, di.word, 4, 0);
	kernel_site(&k, 0x28, rdhwr.word, 1, 0)->flags |= AFTERBURN_FLAG_UNPADDED;
	kernel_word(&k, 0x2c, guarded.word);
	kernel_region(&k, AFTERBURN_KIND_KREGION, 0x2c, 0x34);
	kernel_site(&k, 0x34, mfc0.word, 2, 0);
	kernel_burn(&k, BURN_ALL);
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(0x10));
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(vcpu__fetch(&f.v, SITE_AT(rows[i].offset), false, &insn, &length), 0);
		if (insn != rows[i].insn->word || length != rows[i].length)
			fail_msg("at %#x: %08x, %u bytes", rows[i].offset, insn, length);
	}
	/* Linux copies its exception vectors: a guard and a jump to a slot mean the same anywhere. */
	memcpy(k.ram + 0x1000, k.ram + KERNEL_PA, 0x40);
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(vcpu__fetch(&f.v, WINDOW_CKSEG0 + 0x1000 + rows[i].offset, false, &insn, &length), 0);
		assert_int_equal(insn, rows[i].insn->word);
	}
	/* A number beyond the originals is no guard of ours, nor is a jump to a slot that is not used. */
	assert_null(machine__original(&f.machine, SITE_AT(0), GUARD(k.plan.code.original_count)));
	assert_null(machine__original(&f.machine, SITE_AT(0), 0x08000000 | (SLOT_AT(2) >> 2 & 0x3ffffff)));
	assert_non_null(machine__original(&f.machine, SITE_AT(0), 0x08000000 | (SLOT_AT(1) >> 2 & 0x3ffffff)));
	fixture_close(&f);
	kernel_close(&k);
}

/* A guarded instruction in a delay slot is executed as part of its branch. */
static void a_guard_in_a_delay_slot(void **state)
{
	static const struct insn branch = A("beq $0, $0, .+16", 0x10000003), rdhwr = A("rdhwr $3, $29", 0x7c03e83b);
	struct fixture f;
	struct kernel k;

	kernel_make(&k, true);
	kernel_word(&k, 0x10, branch.word);
	kernel_site(&k, 0x14, rdhwr.word, 1, 0)->flags |= AFTERBURN_FLAG_DELAY_SLOT;
	kernel_burn(&k, BURN_ALL);
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(0x10));
	f.page->cp0[CP0_USERLOCAL] = 0x1234567890ull;
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.pc, SITE_AT(0x20));
	assert_int_equal(f.v.gpr[3], 0x1234567890ull);
	fixture_close(&f);
	kernel_close(&k);
}

/* Who follows the jump of a site, as kprobes does, is at the site's instruction; elsewhere in the code cache at nothing. */
static void a_pc_in_the_code_cache(void **state)
{
	static const struct insn tlbwi = A("tlbwi", 0x42000002), di = A("di $3", 0x41636000);
	static const u32 breakpoint = 0x0000000d;
	struct fixture f;
	struct kernel k;

	kernel_make(&k, true);
	kernel_site(&k, 0x10, tlbwi.word, 2, 0);
	kernel_site(&k, 0x18, di.word, 2, 1 << 2);
	kernel_burn(&k, BURN_ALL);
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(0x10));
	f.page->cp0[CP0_STATUS] |= STATUS_IE;
	kernel_word(&k, 0x10, breakpoint);
	kernel_word(&k, 0x18, breakpoint);
	f.v.pc = SLOT_AT(0);
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.pc, SITE_AT(0x18));
	assert_int_equal(f.writes, 1);
	f.v.pc = SLOT_AT(1);
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.pc, SITE_AT(0x20));
	assert_int_equal(cp0_word(&f.v, CP0_STATUS) & STATUS_IE, 0);
	assert_int_equal(f.v.gpr[3] & STATUS_IE, STATUS_IE);
	for (unsigned i = 0; i < 3; i++) {
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		f.v.pc = (const u64[]){ SLOT_AT(1) + 4, SLOT_AT(2), WINDOW_CKSEG0 + CODE_CACHE_PA }[i];
		assert_int_equal(vcpu__step(&f.v), -1);
		assert_int_equal((cp0_word(&f.v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2, EXC_IBE);
	}
	fixture_close(&f);
	kernel_close(&k);
}

static u64 told[4], tellings;

static void tell(struct vcpu *v, u64 address)
{
	told[tellings++ % 4] = address;
}

/* --poison: a site that leaves registers dead calls the Wedge, and each execution is told, wherever it stands. */
static void poison(void **state)
{
	static const struct insn mfc0 = A("mfc0 $8, $12", 0x40086000), branch = A("beq $0, $0, .+12", 0x10000002);
	struct fixture f;
	struct kernel k;

	kernel_make(&k, true);
	kernel_site(&k, 0x10, mfc0.word, 2, 0x4);
	kernel_site(&k, 0x18, mfc0.word, 2, 0);
	kernel_word(&k, 0x20, branch.word);
	kernel_site(&k, 0x24, mfc0.word, 1, 0)->flags |= AFTERBURN_FLAG_DELAY_SLOT;
	kernel_site(&k, 0x30, mfc0.word, 1, 0x4);
	kernel_burn(&k, BURN_POISON);
	assert_int_equal(k.plan.sites[0].how, BURN_CALL);
	assert_int_equal(k.plan.sites[1].how, BURN_INLINE);
	assert_int_equal(k.plan.sites[3].how, BURN_LEFT_UNPADDED);	/* traps, and so comes to us */
	fixture_open(&f, false);
	kernel_enter(&k, &f, SITE_AT(0x10));
	f.machine.executed = tell;
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(f.v.pc, SITE_AT(0x18));
	f.v.pc = SITE_AT(0x20);
	assert_int_equal(vcpu__step(&f.v), 0);
	assert_int_equal(tellings, 2);
	assert_int_equal(told[0], SITE_AT(0x10));
	assert_int_equal(told[1], SITE_AT(0x24));
	fixture_close(&f);
	kernel_close(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_cp0_register),
		cmocka_unit_test(one_word_is_inline),
		cmocka_unit_test(plain_is_inline),
		cmocka_unit_test(every_di_and_ei),
		cmocka_unit_test(every_access), cmocka_unit_test(every_look), cmocka_unit_test(every_clock), cmocka_unit_test(no_look),
		cmocka_unit_test(the_guests_program_shines_through),
		cmocka_unit_test(a_guard_in_a_delay_slot),
		cmocka_unit_test(a_pc_in_the_code_cache),
		cmocka_unit_test(poison),
	};

	return cmocka_run_group_tests_name("burnt", tests, NULL, NULL);
}
