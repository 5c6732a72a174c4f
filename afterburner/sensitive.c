/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rows of abi/sensitive.def and abi/accesses.def as data: see sensitive.h.
 */
#include <stdio.h>

#include "abi/mips_insn.h"
#include "afterburner/sensitive.h"

#define ROW(ID, NAME, MATCH, MASK, FORM, WORDS, USER) \
	{ .id = ID, .name = #NAME, .match = MATCH, .mask = MASK, .form = FORM_##FORM, .words = WORDS, .user = USER, \
	  .silent = (MATCH) >> 26 != MIPS_OP_COP0 && (MATCH) >> 26 != MIPS_OP_CACHE },

static const struct sensitive rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) ROW(ID, NAME, MATCH, MASK, FORM, WORDS, false)
#include "abi/sensitive.def"
#undef SENSITIVE
};

static const struct sensitive user_rows[] = {
#define SENSITIVE(...)
#define SENSITIVE_USER(ID, NAME, MATCH, MASK, FORM, WORDS) ROW(ID, NAME, MATCH, MASK, FORM, WORDS, true)
#include "abi/sensitive.def"
#undef SENSITIVE
#undef SENSITIVE_USER
};

static const struct sensitive access_rows[] = {
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) \
	{ .id = ID, .name = #NAME, .match = (uint32_t)OPCODE << 26, .mask = 0xfc000000, .form = FORM_RT_BASE_OFFSET, \
	  .words = WORDS, .bits = BITS },
#include "abi/accesses.def"
#undef ACCESS
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
#define USER_ROWS (sizeof(user_rows) / sizeof(user_rows[0]))
#define ACCESS_ROWS (sizeof(access_rows) / sizeof(access_rows[0]))

const char *const gpr_names[32] = {
	"zero", "at", "v0", "v1", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3",
	"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "t8", "t9", "k0", "k1", "gp", "sp", "s8", "ra",
};

const struct sensitive *sensitive__row(size_t i)
{
	return i < ROWS ? &rows[i] : NULL;
}

const struct sensitive *sensitive__user_row(size_t i)
{
	return i < USER_ROWS ? &user_rows[i] : NULL;
}

const struct sensitive *sensitive__access_row(size_t i)
{
	return i < ACCESS_ROWS ? &access_rows[i] : NULL;
}

static const struct sensitive *match(const struct sensitive *row, size_t count, uint32_t word)
{
	for (size_t i = 0; i < count; i++)
		if ((word & row[i].mask) == row[i].match)
			return &row[i];
	return NULL;
}

const struct sensitive *sensitive__match(uint32_t word)
{
	return match(rows, ROWS, word);
}

const struct sensitive *sensitive__match_user(uint32_t word)
{
	return match(user_rows, USER_ROWS, word);
}

const struct sensitive *sensitive__match_access(uint32_t word)
{
	return match(access_rows, ACCESS_ROWS, word);
}

const struct sensitive *sensitive__by_id(unsigned int id)
{
	for (size_t i = 0; i < ROWS; i++)
		if (rows[i].id == id)
			return &rows[i];
	for (size_t i = 0; i < USER_ROWS; i++)
		if (user_rows[i].id == id)
			return &user_rows[i];
	for (size_t i = 0; i < ACCESS_ROWS; i++)
		if (access_rows[i].id == id)
			return &access_rows[i];
	return NULL;
}

/* How many bits the instruction moves: bit 0 of COP0's rs field says doubleword, rdhwr moves what a GPR holds. */
static unsigned int width_of(const struct sensitive *row, uint32_t word)
{
	if (row->form == FORM_RT)
		return 32;
	if (row->bits)
		return row->bits;
	if (row->form != FORM_RT_RD_SEL)
		return 0;
	if (mips_insn__opcode(word) == MIPS_OP_COP0)
		return mips_insn__rs(word) & 1 ? 64 : 32;
	return 64;
}

void sensitive__decode(const struct sensitive *row, uint32_t word, struct afterburn_record *record)
{
	record->site.insn = row->id;
	record->site.word = word;
	record->site.width = width_of(row, word);
	record->site.rt = record->site.rd = record->site.sel = 0;
	record->site.base = record->site.op = 0;
	record->site.offset = 0;
	switch (row->form) {
	case FORM_RT_RD_SEL:
		record->site.rd = mips_insn__rd(word);
		record->site.sel = mips_insn__opcode(word) == MIPS_OP_COP0 ?
			mips_insn__sel(word) : mips_insn__rdhwr_sel(word);
		/* fall through */
	case FORM_RT:
		record->site.rt = mips_insn__rt(word);
		break;
	case FORM_OP_BASE_OFFSET:
		record->site.op = mips_insn__cache_op(word);
		record->site.base = mips_insn__base(word);
		record->site.offset = mips_insn__imm(word);
		break;
	case FORM_RT_BASE_OFFSET:
		record->site.rt = mips_insn__rt(word);
		/* fall through */
	case FORM_BASE_OFFSET:
		record->site.base = mips_insn__base(word);
		record->site.offset = mips_insn__imm(word);
		break;
	}
}

char *sensitive__print(const struct afterburn_record *r, char *text, size_t size)
{
	const struct sensitive *row = sensitive__by_id(r->site.insn);

	if (!row) {
		snprintf(text, size, "insn-%u", r->site.insn);
		return text;
	}
	if (!(r->flags & AFTERBURN_FLAG_COMPLETE)) {
		snprintf(text, size, "%s ?", row->name);
		return text;
	}
	switch (row->form) {
	case FORM_RT_RD_SEL:
		snprintf(text, size, "%s %s, $%u, %u", row->name, gpr_names[r->site.rt & 31], r->site.rd,
			 r->site.sel);
		break;
	case FORM_RT:
		snprintf(text, size, "%s %s", row->name, gpr_names[r->site.rt & 31]);
		break;
	case FORM_OP_BASE_OFFSET:
		snprintf(text, size, "%s 0x%02x, %d(%s)", row->name, r->site.op, r->site.offset,
			 gpr_names[r->site.base & 31]);
		break;
	case FORM_RT_BASE_OFFSET:
		snprintf(text, size, "%s %s, %d(%s)", row->name, gpr_names[r->site.rt & 31], r->site.offset,
			 gpr_names[r->site.base & 31]);
		break;
	case FORM_BASE_OFFSET:
		snprintf(text, size, "%s %d(%s)", row->name, r->site.offset, gpr_names[r->site.base & 31]);
		break;
	default:
		snprintf(text, size, "%s", row->name);
	}
	return text;
}
