/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The interpreter: one instruction at a time, a branch together with its delay slot.
 *
 * Taking branch and slot as one step keeps pc always at a place where the guest can be resumed, and makes
 * an exception in the slot what the architecture wants: EPC at the branch, Cause.BD set.
 *
 * It sees the guest's program, not ours: where a site was burnt or guarded, vcpu__fetch() finds the
 * instruction that stood there.
 */
#include <stdio.h>

#include "lib/unaligned.h"
#include "wedge/core/interp.h"
#include "wedge/core/layout.h"

/* How many of them begin at or below pc. */
static size_t regions_below(const struct region *regions, size_t count, u64 pc)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (pc < regions[mid].start)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

/* Calls come from few places: most often this is asked of the same stretch as the last time. */
static const struct region *region_at(struct code *code, u64 pc)
{
	const struct region *regions = code->regions;
	size_t n = code->regions_below;

	if ((n && pc < regions[n - 1].start) || (n < code->region_count && pc >= regions[n].start))
		n = code->regions_below = regions_below(regions, code->region_count, pc);
	return n && pc < regions[n - 1].end ? &regions[n - 1] : NULL;
}

static const struct region *blank_at(const struct code *code, u64 pc)
{
	size_t n = regions_below(code->blanks, code->blank_count, pc);

	return n && pc < code->blanks[n - 1].end ? &code->blanks[n - 1] : NULL;
}

struct code *machine__code(const struct machine *m, u64 pc)
{
	struct code *code = m->code;

	while (code && (pc < code->start || pc >= code->end))
		code = code->next;
	return code;
}

bool code__in_region(struct code *code, u64 pc)
{
	return region_at(code, pc);
}

bool code__in_blank(const struct code *code, u64 pc)
{
	return blank_at(code, pc);
}

const struct region *code__closed(struct code *code, u64 pc, bool exl)
{
	const struct region *region = code->in_blocks ? &code->all : region_at(code, pc);

	return region || !exl ? region : blank_at(code, pc);
}

bool machine__may_run(const struct machine *m, u64 pc, bool exl)
{
	struct code *code = machine__code(m, pc);

	return code && !code__closed(code, pc, exl);
}

bool machine__generated(const struct machine *m, u64 pc)
{
	const struct code *code = machine__code(m, pc);

	/* a module without a piece is interpreted, but compiled */
	return code ? code__in_blank(code, pc) : pc < m->windows.modules || pc >= m->windows.modules_end;
}

static u64 jump_target(u64 pc, u32 insn)
{
	return ((pc + 4) & ~0xfffffffull) | (insn & 0x3ffffff) << 2;
}

static bool is_guard(u32 word)
{
	return (word & GUARD_MASK) == GUARD_MATCH;
}

static bool is_numbered_nop(u32 word)
{
	return (word & NUMBERED_NOP_MASK) == NUMBERED_NOP_MATCH;
}

const struct original *machine__original(const struct machine *m, u64 pc, u32 word)
{
	bool numbered = true;
	u64 n;

	if (is_guard(word)) {
		n = GUARD_NUMBER(word);
	} else if (is_numbered_nop(word)) {
		n = NUMBERED_NOP_NUMBER(word);
	} else if (field_op(word) == OP_J) {
		n = (jump_target(pc, word) - m->slots) / SLOT_SIZE;
		numbered = false;
	} else {
		return NULL;
	}
	for (const struct code *code = m->code; code; code = code->next)
		if (n - code->first < (numbered ? code->original_count : code->slot_count))
			return &code->originals[n - code->first];
	return NULL;
}

/* The word that stands at pc, of RAM or of what the Board has there; -1 when fetching it raised an exception. */
static int fetch_word(struct vcpu *v, u64 pc, bool in_slot, u32 *word)
{
	const u8 *host = memory__direct(v, pc, 4);
	struct location at;

	if (pc & 3)
		return exception__raise_address(v, EXC_ADEL, pc, false, in_slot);
	if (!host) {
		at = memory__locate(v, pc, 4, ACCESS_FETCH);
		if (at.place == PLACE_FAULT)
			return exception__raise_address(v, at.code, pc, at.refill, in_slot);
		if (at.place == PLACE_IO) {
			*word = v->machine->ops->io_read(v, at.pa, 4);
			return 0;
		}
		host = at.host;
	}
	*word = unaligned__get32(host);
	if (vcpu__swapped(v))
		*word = __builtin_bswap32(*word);
	if (is_guard(*word) && v->machine->breakpoints.count)
		*word = breakpoint__word(v, host, *word);
	return 0;
}

/* What the slot at `pc` of the code cache stands for; NULL if none begins there. */
static const struct original *original_of_slot(const struct machine *m, u64 pc)
{
	u64 n = (pc - m->slots) / SLOT_SIZE;

	if (pc < m->slots || (pc - m->slots) % SLOT_SIZE)
		return NULL;
	for (const struct code *code = m->code; code; code = code->next)
		if (n - code->first < code->slot_count)
			return &code->originals[n - code->first];
	return NULL;
}

/*
 * A guest that emulates the words of its own text, as kprobes does, follows the jump of a burnt site into the code cache.
 * That is the site's instruction, wherever the word is that stands there now; nothing else there is the guest's.
 */
static int fetch_from_cache(struct vcpu *v, u64 pc, bool in_slot, u32 *insn, u32 *length)
{
	const struct original *original = in_slot ? NULL : original_of_slot(v->machine, pc);

	if (!original)
		return exception__raise_address(v, EXC_IBE, pc, false, in_slot);
	v->pc = original->address;
	*insn = original->word;
	*length = 4 * original->words;
	return 0;
}

static bool in_code_cache(const struct vcpu *v, u64 pc)
{
	return pc - (WINDOW_CKSEG0 + CODE_CACHE_PA) < CODE_CACHE_SIZE && v->machine->slots && vcpu__kernel_mode(v);
}

int vcpu__fetch(struct vcpu *v, u64 pc, bool in_slot, u32 *insn, u32 *length)
{
	const struct original *original;
	u32 w = 0;

	if (in_code_cache(v, pc))
		return fetch_from_cache(v, pc, in_slot, insn, length);
	if (fetch_word(v, pc, in_slot, &w))
		return -1;
	*length = 4;
	original = vcpu__kernel_mode(v) ? machine__original(v->machine, pc, w) : NULL;
	if (original) {
		w = original->word;
		*length = 4 * original->words;
	}
	*insn = w;
	return 0;
}

/* The same, with a short way for what nearly every instruction is: kernel code of this byte order, as it was built. */
static inline int fetch(struct vcpu *v, u64 pc, bool in_slot, u32 *insn, u32 *length)
{
	const u8 *host = memory__direct(v, pc, 4);

	if (pc & 3 || !host || vcpu__swapped(v))
		return vcpu__fetch(v, pc, in_slot, insn, length);
	*insn = unaligned__get32(host);
	*length = 4;
	if (is_guard(*insn) || is_numbered_nop(*insn) || field_op(*insn) == OP_J)
		return vcpu__fetch(v, pc, in_slot, insn, length);
	return 0;
}

enum { R_BLTZ = 0x00, R_BGEZ = 0x01, R_BLTZL = 0x02, R_BGEZL = 0x03, R_TGEI = 0x08, R_TGEIU = 0x09,
       R_TLTI = 0x0a, R_TLTIU = 0x0b, R_TEQI = 0x0c, R_TNEI = 0x0e, R_BLTZAL = 0x10, R_BGEZAL = 0x11,
       R_BLTZALL = 0x12, R_BGEZALL = 0x13 };
#define HINT_HB	16u	/* jalr.hb; other hints are reserved */

struct branch {
	bool is_branch, taken, likely;
	u64 target;
	unsigned link;		/* register, 0 for none */
};

static bool trap_immediate(const struct vcpu *v, u32 insn)
{
	u64 s = v->gpr[field_rs(insn)];
	s64 imm = field_simm(insn);

	switch (field_rt(insn)) {
	case R_TGEI: return (s64)s >= imm;
	case R_TGEIU: return s >= (u64)imm;
	case R_TLTI: return (s64)s < imm;
	case R_TLTIU: return s < (u64)imm;
	case R_TEQI: return s == (u64)imm;
	default: return s != (u64)imm;
	}
}

static bool is_trap_immediate(u32 insn)
{
	return field_op(insn) == OP_REGIMM && field_rt(insn) >= R_TGEI && field_rt(insn) <= R_TNEI &&
	       field_rt(insn) != 0x0d;
}

/* Any instruction but a branch. */
static int execute(struct vcpu *v, u32 insn, bool in_slot)
{
	switch (field_op(insn)) {
	case OP_SPECIAL: return exec_special(v, insn, in_slot);
	case OP_SPECIAL2: return exec_special2(v, insn, in_slot);
	case OP_SPECIAL3: return exec_special3(v, insn, in_slot);
	case OP_REGIMM:
		if (!is_trap_immediate(insn))
			return exec_sensitive(v, insn, in_slot);	/* synci; branches never come here */
		return trap_immediate(v, insn) ? exception__raise(v, EXC_TR, in_slot) : 0;
	case OP_ADDI: case OP_ADDIU: case OP_SLTI: case OP_SLTIU: case OP_ANDI: case OP_ORI: case OP_XORI:
	case OP_LUI: case OP_DADDI: case OP_DADDIU:
		return exec_immediate(v, insn, in_slot);
	case OP_COP0: case OP_CACHE:
		return exec_sensitive(v, insn, in_slot);
	case OP_COP1: case OP_COP1X: case OP_LWC1: case OP_LDC1: case OP_SWC1: case OP_SDC1:
		return exec_fpu(v, insn, in_slot);
	case OP_COP2:
		return exec_cop2(v, insn, in_slot);
	case OP_PREF:
		return 0;
	default:
		return exec_memory(v, insn, in_slot);
	}
}

static struct branch decode_regimm(const struct vcpu *v, u32 insn)
{
	s64 s = v->gpr[field_rs(insn)];
	unsigned kind = field_rt(insn);
	struct branch b = { .is_branch = true };

	switch (kind) {
	case R_BLTZ: case R_BLTZL: case R_BLTZAL: case R_BLTZALL: b.taken = s < 0; break;
	case R_BGEZ: case R_BGEZL: case R_BGEZAL: case R_BGEZALL: b.taken = s >= 0; break;
	default: return (struct branch){ 0 };
	}
	b.likely = kind & 2;
	b.link = kind & 0x10 ? REG_RA : 0;
	return b;
}

/* On an Octeon these four take the place of LWC2, LDC2, SWC2 and SDC2. */
static bool bit_branch_taken(const struct vcpu *v, u32 insn)
{
	unsigned op = field_op(insn), bit = field_rt(insn) + (op & 4 ? 32 : 0);
	bool set = v->gpr[field_rs(insn)] >> bit & 1;

	return op & 8 ? set : !set;
}

static struct branch decode_branch(const struct vcpu *v, u64 pc, u32 insn)
{
	u64 s = v->gpr[field_rs(insn)], t = v->gpr[field_rt(insn)];
	struct branch b = { .is_branch = true };
	unsigned op = field_op(insn);

	if ((op == OP_BLEZ || op == OP_BGTZ) && field_rt(insn))		/* reserved, but not in the likely ones */
		return (struct branch){ 0 };
	switch (op) {
	case OP_SPECIAL:
		if (field_function(insn) != F_JR && (field_function(insn) != F_JALR || field_sa(insn) & ~HINT_HB))
			return (struct branch){ 0 };
		b.taken = true;
		b.target = s;
		b.link = field_function(insn) == F_JALR ? field_rd(insn) : 0;
		return b;
	case OP_J: case OP_JAL:
		b.taken = true;
		b.target = jump_target(pc, insn);
		b.link = op == OP_JAL ? REG_RA : 0;
		return b;
	case OP_REGIMM:
		b = decode_regimm(v, insn);
		break;
	case OP_BEQ: case OP_BEQL: b.taken = s == t; b.likely = op == OP_BEQL; break;
	case OP_BNE: case OP_BNEL: b.taken = s != t; b.likely = op == OP_BNEL; break;
	case OP_BLEZ: case OP_BLEZL: b.taken = (s64)s <= 0; b.likely = op == OP_BLEZL; break;
	case OP_BGTZ: case OP_BGTZL: b.taken = (s64)s > 0; b.likely = op == OP_BGTZL; break;
	case OP_COP1:
		if (!is_fp_branch(insn))
			return (struct branch){ 0 };
		b.taken = fpu__condition(v, insn);
		b.likely = insn >> 17 & 1;
		break;
	case OP_BBIT0: case OP_BBIT1: case OP_BBIT032: case OP_BBIT132: b.taken = bit_branch_taken(v, insn); break;
	default: return (struct branch){ 0 };
	}
	b.target = pc + 4 + field_simm(insn) * 4;
	return b;
}

/*
 * The link register is written after the slot's fetch and before its execution, so that a fault in the
 * fetch leaves the branch repeatable even where the slot's page is not there.
 */
static int step_branch(struct vcpu *v, const struct branch *b)
{
	u64 pc = v->pc;
	u32 slot, length;

	if (b->likely && !b->taken) {
		v->interpreted++;	/* a slot that is annulled takes its cycle */
		if (b->link)
			v->gpr[b->link] = pc + 8;
		v->pc = pc + 8;
		return 0;
	}
	if (fetch(v, pc + 4, true, &slot, &length))
		return -1;
	if (b->link)
		v->gpr[b->link] = pc + 8;
	v->interpreted++;
	if (slot && execute(v, slot, true))
		return -1;
	v->pc = b->taken ? b->target : pc + 8;
	return 0;
}

static inline int step_plain(struct vcpu *v, u32 insn, u32 length)
{
	v->next_pc = v->pc + length;	/* eret changes it */
	if (execute(v, insn, false))
		return -1;
	v->pc = v->next_pc;
	return 0;
}

/* Not part of vcpu__step(), whose other instructions need no registers saved for it. */
static __attribute__((noinline)) int step_may_branch(struct vcpu *v, u32 insn, u32 length)
{
	struct branch b;

	if (is_fp_branch(insn) && fpu__use(v, false))
		return -1;
	b = decode_branch(v, v->pc, insn);
	return b.is_branch ? step_branch(v, &b) : step_plain(v, insn, length);
}

int vcpu__step(struct vcpu *v)
{
	u32 insn, length;

	v->interpreted++;
	if (fetch(v, v->pc, false, &insn, &length))
		return -1;
	if (__builtin_expect(v->watched, false))
		v->machine->ops->executing(v, insn);
	return may_branch(insn) ? step_may_branch(v, insn, length) : step_plain(v, insn, length);
}

void vcpu__dump(const struct vcpu *v, const struct vcpu_page *page, FILE *out)
{
	static const char *const names[32] = {
		"zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3",
		"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "s8", "ra"
	};

	fprintf(out, "  pc %016llx  hi %016llx  lo %016llx\n", (unsigned long long)v->pc,
		(unsigned long long)v->hi, (unsigned long long)v->lo);
	for (unsigned i = 0; i < 32; i++)
		fprintf(out, "  %4s %016llx%s", names[i], (unsigned long long)v->gpr[i], i % 4 == 3 ? "\n" : "");
	fprintf(out, "  Status %08x  Cause %08x (%s)  EPC %016llx  BadVAddr %016llx  EntryHi %016llx\n",
		(u32)page->cp0[CP0_STATUS], (u32)page->cp0[CP0_CAUSE],
		exception__name((page->cp0[CP0_CAUSE] & CAUSE_EXCCODE) >> 2),
		(unsigned long long)page->cp0[CP0_EPC], (unsigned long long)page->cp0[CP0_BADVADDR],
		(unsigned long long)page->cp0[CP0_ENTRYHI]);
}
