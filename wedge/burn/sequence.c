/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which instructions stand for a sensitive one.
 *
 * The virtual registers are words in the vCPU page below 32 KB, so a load or store with base $zero reaches
 * them: one instruction for one instruction. Interrupts may come between any two words of an outline sequence;
 * the Host side then begins it again, or ends it (settle_outline() in host/mips64/native.c).
 */
#include "wedge/burn/sequence.h"

#include "wedge/core/interp.h"

enum { F3_INS_WORD = 0x04 };

static u32 encode(unsigned op, unsigned base, unsigned rt, u64 offset)
{
	return op << 26 | base << 21 | rt << 16 | (offset & 0xffff);
}

static u64 slot(enum cp0_register r)
{
	return VCPU_PAGE + offsetof(struct vcpu_page, cp0) + 8 * r;
}

/* The low word of a 64-bit slot. */
static u64 low_word(enum cp0_register r, bool big_endian)
{
	return slot(r) + (big_endian ? 4 : 0);
}

static u32 load_status(unsigned rt, bool big_endian)
{
	return encode(OP_LW, 0, rt, low_word(CP0_STATUS, big_endian));
}

static u32 store_status(unsigned rt, bool big_endian)
{
	return encode(OP_SW, 0, rt, low_word(CP0_STATUS, big_endian));
}

/* ins rt, $zero, 0, 1: clear bit 0; ori rt, rt, 1: set it. */
static u32 change_ie(unsigned rt, bool enable)
{
	return enable ? encode(OP_ORI, rt, rt, STATUS_IE) : encode(OP_SPECIAL3, 0, rt, F3_INS_WORD);
}

static bool inline_read(struct burn_site *site, bool wide, bool big_endian)
{
	int r = cp0__find(field_rd(site->word), site->word & 7);
	unsigned rt = field_rt(site->word);

	if (r < 0 || cp0_info[r].read != CP0_PLAIN)
		return false;
	/* A TLB handler is given another address than C code: move_from() in core/sensitive.c. */
	if (r == CP0_BADVADDR && (rt == REG_K0 || rt == REG_K1))
		return false;
	if (wide && cp0_info[r].bits == 64)
		site->code[0] = encode(OP_LD, 0, rt, slot(r));
	else
		site->code[0] = encode(OP_LW, 0, rt, low_word(r, big_endian));
	return true;
}

static bool inline_write(struct burn_site *site, bool wide, bool big_endian)
{
	int r = cp0__find(field_rd(site->word), site->word & 7);
	unsigned rt = field_rt(site->word);

	/* A word written to a 64-bit register leaves its upper half undefined: rare, and not worth a guess. */
	if (r < 0 || cp0_info[r].write != CP0_PLAIN || (!wide && cp0_info[r].bits == 64))
		return false;
	if (cp0_info[r].bits == 64)
		site->code[0] = encode(OP_SD, 0, rt, slot(r));
	else
		site->code[0] = encode(OP_SW, 0, rt, low_word(r, big_endian));
	return true;
}

enum {
#define SENSITIVE(ID, NAME, ...) ID_##NAME = ID,
#include "abi/sensitive.def"
#undef SENSITIVE
};

struct burn_site sequence__site(u32 word)
{
	struct burn_site site = { .word = word };

#define SENSITIVE(ID, NAME, MATCH, MASK, ...) \
	if ((word & (MASK)) == (MATCH)) \
		site.insn = ID;
#include "abi/sensitive.def"
#undef SENSITIVE
	return site;
}

bool sequence__inline(struct burn_site *site, bool big_endian)
{
	switch (site->insn) {
	case ID_mfc0: return inline_read(site, false, big_endian);
	case ID_dmfc0: return inline_read(site, true, big_endian);
	case ID_mtc0: return inline_write(site, false, big_endian);
	case ID_dmtc0: return inline_write(site, true, big_endian);
	default: return false;
	}
}

/* The new Status wants a register: a dead one, or one that is saved. rt, if named, gets the old Status. */
bool sequence__outline(const struct burn_site *site, struct sequence *s, bool big_endian)
{
	unsigned rt = field_rt(site->word), n = 0, scratch;
	u32 usable = site->dead & ~(1u | 1u << rt | 1u << REG_K0 | 1u << REG_K1);

	if (site->insn != ID_di && site->insn != ID_ei)
		return false;
	s->saved = usable ? 0 : rt == REG_AT ? REG_V0 : REG_AT;
	scratch = usable ? (unsigned)__builtin_ctz(usable) : s->saved;
	if (s->saved)
		s->code[n++] = encode(OP_SD, 0, scratch, VCPU_SCRATCH);
	if (rt)
		s->code[n++] = load_status(rt, big_endian);
	s->code[n++] = load_status(scratch, big_endian);
	s->code[n++] = change_ie(scratch, site->insn == ID_ei);
	s->store = n;
	s->code[n++] = store_status(scratch, big_endian);
	if (s->saved)
		s->code[n++] = encode(OP_LD, 0, scratch, VCPU_SCRATCH);
	s->length = n;
	return true;
}

/* --- Looks --- */

/* What a routine saves, in scratch[2] and [3]. */
enum { LOOK_ENTRY = 24, LOOK_PAGE = 25 };

#define LOOK_SAVED_ENTRY	(VCPU_SCRATCH + 16)
#define LOOK_SAVED_PAGE		(VCPU_SCRATCH + 24)

static const struct look_row {
	u16 insn;
	u8 log2_size;
	bool store;
} look_rows[] = {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) { ID, __builtin_ctz((BITS) / 8), (OPCODE) >> 3 & 1 },
#include "abi/accesses.def"
#undef ACCESS
};

static const struct look_row *look_row(unsigned insn)
{
	for (size_t i = 0; i < ARRAY_SIZE(look_rows); i++)
		if (look_rows[i].insn == insn)
			return &look_rows[i];
	return NULL;
}

bool sequence__looks(const struct burn_site *site)
{
	const u32 taken = 1u << REG_AT | 1u << REG_K0 | 1u << REG_K1 | 1u << REG_RA;
	const u32 used = 1u << field_rs(site->word) | 1u << field_rt(site->word);

	return site->words == 2 && look_row(site->insn) && !(used & taken);
}

bool sequence__reads_clock(const struct burn_site *site)
{
	const u32 taken = 1u | 1u << REG_AT | 1u << REG_K0 | 1u << REG_K1 | 1u << REG_RA;

	return site->words == 2 && site->insn == ID_dmfc0 && cp0__find(field_rd(site->word), site->word & 7) == CP0_CVMCOUNT &&
	       !(1u << field_rt(site->word) & taken);
}

static u64 look_place(unsigned log2_size, bool store)
{
	return LOOK_PLACE + 4 * LOOK_WORDS * (2 * log2_size + store);
}

void sequence__look(const struct burn_site *site, u64 cache, u32 *code)
{
	const struct look_row *row = look_row(site->insn);

	code[0] = sequence__jump(cache + look_place(row->log2_size, row->store), true);
	code[1] = encode(OP_DADDIU, field_rs(site->word), REG_AT, site->word);
	code[2] = encode(field_op(site->word), REG_AT, field_rt(site->word), 0);
}

enum { JR = 0x08, XOR = 0x26, SLTU = 0x2b, DADDU = 0x2d, DSLL = 0x38 };	/* functions of SPECIAL */

static u32 operate(unsigned function, unsigned rs, unsigned rt, unsigned rd, unsigned amount)
{
	return OP_SPECIAL << 26 | rs << 21 | rt << 16 | rd << 11 | amount << 6 | function;
}

u32 sequence__dext(unsigned rt, unsigned rs, unsigned low, unsigned size)
{
	return (u32)OP_SPECIAL3 << 26 | rs << 21 | rt << 16 | (size - 1) << 11 | low << 6 | 0x03;
}

u32 sequence__dins_zero(unsigned rt, unsigned low, unsigned size)
{
	return (u32)OP_SPECIAL3 << 26 | rt << 16 | (low + size - 1) << 11 | low << 6 | 0x07;
}

void sequence__clock(const struct burn_site *site, u64 cache, u32 *code)
{
	code[0] = sequence__jump(cache + LOOK_PLACE + 8 * 4 * LOOK_WORDS, true);
	code[1] = 0;
	code[2] = operate(DADDU, REG_AT, 0, field_rt(site->word), 0);
}

/* How each of them ends: back to who has found what he wants, or, from word MISSED on, to the call; with all registers but at as they were. */
enum { MISSED = LOOK_FOUND };

static void end_look(u64 cache, u32 *code)
{
	code[10] = encode(OP_LD, 0, LOOK_PAGE, LOOK_SAVED_PAGE);
	code[11] = operate(JR, REG_RA, 0, 0, 0);
	code[12] = encode(OP_LD, 0, LOOK_ENTRY, LOOK_SAVED_ENTRY);
	code[MISSED] = code[10];
	code[14] = sequence__jump(cache, false);
	code[15] = code[12];
}

/* An address that is not a multiple of the size misses: an access across two pages would need both. */
static void make_look(unsigned log2_size, bool store, u64 cache, u32 *code)
{
	const u64 look = VCPU_PAGE + offsetof(struct vcpu_page, look);
	code[0] = encode(OP_SD, 0, LOOK_ENTRY, LOOK_SAVED_ENTRY);
	code[1] = sequence__dext(LOOK_ENTRY, REG_AT, 12, VCPU_LOOK_BITS);
	code[2] = operate(DSLL, 0, LOOK_ENTRY, LOOK_ENTRY, VCPU_LOOK_BITS);
	code[3] = encode(OP_SD, 0, LOOK_PAGE, LOOK_SAVED_PAGE);
	code[4] = encode(OP_LD, LOOK_ENTRY, LOOK_PAGE, look + (store ? offsetof(struct vcpu_look, store) : offsetof(struct vcpu_look, load)));
	code[5] = operate(XOR, LOOK_PAGE, REG_AT, LOOK_PAGE, 0);
	code[6] = sequence__dins_zero(LOOK_PAGE, log2_size, 12 - log2_size);
	code[7] = encode(OP_BNE, LOOK_PAGE, 0, MISSED - 8);
	code[8] = encode(OP_LD, LOOK_ENTRY, LOOK_ENTRY, look + offsetof(struct vcpu_look, distance));
	code[9] = operate(DADDU, REG_AT, LOOK_ENTRY, REG_AT, 0);
	end_look(cache, code);
}

/*
 * The counter is read last: what the two numbers say of it holds until it is past the first of them. Where it cannot be read the first is 0. What is saved, and
 * where, is as in the others.
 */
static void make_clock(u64 cache, u32 *code)
{
	const u64 clock = VCPU_PAGE + offsetof(struct vcpu_page, clock);
	enum { UNTIL = LOOK_ENTRY, COUNT = LOOK_PAGE, RDHWR_CVMCOUNT = 0x7c00f83b };

	code[0] = encode(OP_SD, 0, UNTIL, LOOK_SAVED_ENTRY);
	code[1] = encode(OP_LD, 0, UNTIL, clock + offsetof(struct vcpu_clock, until));
	code[2] = encode(OP_LD, 0, REG_AT, clock + offsetof(struct vcpu_clock, offset));
	code[3] = encode(OP_SD, 0, COUNT, LOOK_SAVED_PAGE);
	code[4] = encode(OP_BEQ, UNTIL, 0, MISSED - 5);
	code[5] = 0;
	code[6] = RDHWR_CVMCOUNT | COUNT << 16;
	code[7] = operate(SLTU, COUNT, UNTIL, UNTIL, 0);
	code[8] = encode(OP_BEQ, UNTIL, 0, MISSED - 9);
	code[9] = operate(DADDU, REG_AT, COUNT, REG_AT, 0);
	end_look(cache, code);
}

void sequence__make_looks(u64 cache, u32 *code)
{
	for (unsigned i = 0; i < 8; i++)
		make_look(i / 2, i & 1, cache, code + i * LOOK_WORDS);
	make_clock(cache, code + 8 * LOOK_WORDS);
}

void sequence__settle_look(unsigned word, struct vcpu *v)
{
	word %= LOOK_WORDS;
	if (word > 0)
		v->gpr[LOOK_ENTRY] = v->page->scratch[2];
	if (word > 3)
		v->gpr[LOOK_PAGE] = v->page->scratch[3];
}

/* --- Jumps, and ra around a call --- */

u32 sequence__jump(u64 target, bool link)
{
	return (u32)(link ? OP_JAL : OP_J) << 26 | (target >> 2 & 0x3ffffff);
}

u32 sequence__save_ra(void)
{
	return encode(OP_SD, 0, REG_RA, VCPU_SCRATCH);
}

u32 sequence__restore_ra(void)
{
	return encode(OP_LD, 0, REG_RA, VCPU_SCRATCH);
}
