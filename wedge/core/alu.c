/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Instructions that compute in general registers: MD00087, one case each.
 */
#include "wedge/core/interp.h"

enum {
	F_SLL = 0x00, F_MOVCI = 0x01, F_SRL = 0x02, F_SRA = 0x03, F_SLLV = 0x04, F_SRLV = 0x06, F_SRAV = 0x07,
	F_MOVZ = 0x0a, F_MOVN = 0x0b, F_SYSCALL = 0x0c, F_BREAK = 0x0d, F_SYNC = 0x0f, F_MFHI = 0x10,
	F_MTHI = 0x11, F_MFLO = 0x12, F_MTLO = 0x13, F_DSLLV = 0x14, F_DSRLV = 0x16, F_DSRAV = 0x17,
	F_MULT = 0x18, F_MULTU = 0x19, F_DIV = 0x1a, F_DIVU = 0x1b, F_DMULT = 0x1c, F_DMULTU = 0x1d,
	F_DDIV = 0x1e, F_DDIVU = 0x1f, F_ADD = 0x20, F_ADDU = 0x21, F_SUB = 0x22, F_SUBU = 0x23, F_AND = 0x24,
	F_OR = 0x25, F_XOR = 0x26, F_NOR = 0x27, F_SLT = 0x2a, F_SLTU = 0x2b, F_DADD = 0x2c, F_DADDU = 0x2d,
	F_DSUB = 0x2e, F_DSUBU = 0x2f, F_TGE = 0x30, F_TGEU = 0x31, F_TLT = 0x32, F_TLTU = 0x33, F_TEQ = 0x34,
	F_TNE = 0x36, F_DSLL = 0x38, F_DSRL = 0x3a, F_DSRA = 0x3b, F_DSLL32 = 0x3c, F_DSRL32 = 0x3e,
	F_DSRA32 = 0x3f
};

#define ROTATE_IN_RS	1	/* in srl, dsrl: rs = 1 makes it a rotate */
#define ROTATE_IN_SA	1	/* in srlv, dsrlv: sa = 1 does */

static u64 rotate32(u64 value, unsigned n)
{
	u32 x = value;

	n &= 31;
	return word(n ? x >> n | x << (32 - n) : x);
}

static u64 rotate64(u64 x, unsigned n)
{
	n &= 63;
	return n ? x >> n | x << (64 - n) : x;
}

/* Division by zero and INT_MIN / -1 leave unpredictable results on MIPS; here they leave these. */
static void divide(struct vcpu *v, unsigned function, u64 a, u64 b)
{
	switch (function) {
	case F_DIV: {
		s64 n = (s32)a, d = (s32)b;

		v->lo = d ? word(n / d) : ~0ull;
		v->hi = d ? word(n % d) : word(n);
		break;
	}
	case F_DIVU:
		v->lo = (u32)b ? word((u32)a / (u32)b) : ~0ull;
		v->hi = (u32)b ? word((u32)a % (u32)b) : word(a);
		break;
	case F_DDIV: {
		s128 n = (s64)a, d = (s64)b;

		v->lo = d ? (u64)(n / d) : ~0ull;
		v->hi = d ? (u64)(n % d) : a;
		break;
	}
	default:
		v->lo = b ? a / b : ~0ull;
		v->hi = b ? a % b : a;
		break;
	}
}

static void multiply(struct vcpu *v, unsigned function, u64 a, u64 b)
{
	u128 wide;

	switch (function) {
	case F_MULT:
	case F_MULTU: {
		u64 product = function == F_MULT ? (u64)((s64)(s32)a * (s32)b) : (u64)(u32)a * (u32)b;

		v->lo = word(product);
		v->hi = word(product >> 32);
		return;
	}
	case F_DMULT:
		wide = (u128)((s128)(s64)a * (s64)b);
		break;
	default:
		wide = (u128)a * b;
		break;
	}
	v->lo = wide;
	v->hi = wide >> 64;
}

static bool trap_taken(unsigned function, u64 a, u64 b)
{
	switch (function) {
	case F_TGE: return (s64)a >= (s64)b;
	case F_TGEU: return a >= b;
	case F_TLT: return (s64)a < (s64)b;
	case F_TLTU: return a < b;
	case F_TEQ: return a == b;
	default: return a != b;
	}
}

static int add_checked(struct vcpu *v, unsigned rd, u64 a, u64 b, bool wide, bool subtract, bool in_slot)
{
	s64 result64;
	s32 result32;
	bool overflow;

	if (wide) {
		overflow = subtract ? __builtin_sub_overflow((s64)a, (s64)b, &result64)
				    : __builtin_add_overflow((s64)a, (s64)b, &result64);
	} else {
		overflow = subtract ? __builtin_sub_overflow((s32)a, (s32)b, &result32)
				    : __builtin_add_overflow((s32)a, (s32)b, &result32);
		result64 = result32;
	}
	if (overflow)
		return exception__raise(v, EXC_OV, in_slot);
	set_gpr(v, rd, result64);
	return 0;
}

/* Fields that name what this CPU does not have: accumulators of the DSP, other shifts. Most others are ignored. */
static bool special_reserved(u32 insn)
{
	switch (field_function(insn)) {
	case F_SRL: case F_DSRL: case F_DSRL32: return field_rs(insn) > ROTATE_IN_RS;
	case F_SRLV: case F_DSRLV: return field_sa(insn) > ROTATE_IN_SA;
	case F_MFHI: case F_MFLO: return field_rs(insn) & 3;
	case F_MTHI: case F_MTLO: case F_MULT: case F_MULTU: return field_rd(insn) & 3;
	default: return false;
	}
}

int exec_special(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 s = v->gpr[field_rs(insn)], t = v->gpr[field_rt(insn)], result;
	unsigned rd = field_rd(insn), sa = field_sa(insn), function = field_function(insn);

	if (special_reserved(insn))
		return exception__raise(v, EXC_RI, in_slot);
	switch (function) {
	case F_SLL: result = word(t << sa); break;
	case F_SRL: result = field_rs(insn) == ROTATE_IN_RS ? rotate32(t, sa) : word((u32)t >> sa); break;
	case F_SRA: result = word((s64)(s32)t >> sa); break;
	case F_SLLV: result = word(t << (s & 31)); break;
	case F_SRLV: result = sa == ROTATE_IN_SA ? rotate32(t, s) : word((u32)t >> (s & 31)); break;
	case F_SRAV: result = word((s64)(s32)t >> (s & 31)); break;
	case F_DSLL: result = t << sa; break;
	case F_DSRL: result = field_rs(insn) == ROTATE_IN_RS ? rotate64(t, sa) : t >> sa; break;
	case F_DSRA: result = (s64)t >> sa; break;
	case F_DSLL32: result = t << (sa + 32); break;
	case F_DSRL32: result = field_rs(insn) == ROTATE_IN_RS ? rotate64(t, sa + 32) : t >> (sa + 32); break;
	case F_DSRA32: result = (s64)t >> (sa + 32); break;
	case F_DSLLV: result = t << (s & 63); break;
	case F_DSRLV: result = sa == ROTATE_IN_SA ? rotate64(t, s) : t >> (s & 63); break;
	case F_DSRAV: result = (s64)t >> (s & 63); break;
	case F_MOVZ: result = t ? v->gpr[rd] : s; break;
	case F_MOVN: result = t ? s : v->gpr[rd]; break;
	case F_MOVCI: return exec_fpu(v, insn, in_slot);
	case F_SYSCALL: return exception__raise(v, EXC_SYS, in_slot);
	case F_BREAK: return exception__raise(v, EXC_BP, in_slot);
	case F_SYNC: return 0;
	case F_MFHI: result = v->hi; break;
	case F_MFLO: result = v->lo; break;
	case F_MTHI: v->hi = s; return 0;
	case F_MTLO: v->lo = s; return 0;
	case F_MULT: case F_MULTU: case F_DMULT: case F_DMULTU:
		multiply(v, function, s, t);
		return 0;
	case F_DIV: case F_DIVU: case F_DDIV: case F_DDIVU:
		divide(v, function, s, t);
		return 0;
	case F_ADD: case F_SUB: case F_DADD: case F_DSUB:
		return add_checked(v, rd, s, t, function >= F_DADD, function & 2, in_slot);
	case F_ADDU: result = word(s + t); break;
	case F_SUBU: result = word(s - t); break;
	case F_DADDU: result = s + t; break;
	case F_DSUBU: result = s - t; break;
	case F_AND: result = s & t; break;
	case F_OR: result = s | t; break;
	case F_XOR: result = s ^ t; break;
	case F_NOR: result = ~(s | t); break;
	case F_SLT: result = (s64)s < (s64)t; break;
	case F_SLTU: result = s < t; break;
	case F_TGE: case F_TGEU: case F_TLT: case F_TLTU: case F_TEQ: case F_TNE:
		return trap_taken(function, s, t) ? exception__raise(v, EXC_TR, in_slot) : 0;
	default:
		return exception__raise(v, EXC_RI, in_slot);
	}
	set_gpr(v, rd, result);
	return 0;
}

int exec_immediate(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 s = v->gpr[field_rs(insn)], result;
	unsigned rt = field_rt(insn);

	switch (field_op(insn)) {
	case OP_ADDI: return add_checked(v, rt, s, field_simm(insn), false, false, in_slot);
	case OP_DADDI: return add_checked(v, rt, s, field_simm(insn), true, false, in_slot);
	case OP_ADDIU: result = word(s + field_simm(insn)); break;
	case OP_DADDIU: result = s + field_simm(insn); break;
	case OP_SLTI: result = (s64)s < field_simm(insn); break;
	case OP_SLTIU: result = s < (u64)field_simm(insn); break;
	case OP_ANDI: result = s & field_uimm(insn); break;
	case OP_ORI: result = s | field_uimm(insn); break;
	case OP_XORI: result = s ^ field_uimm(insn); break;
	default: result = word(field_uimm(insn) << 16); break;	/* LUI */
	}
	set_gpr(v, rt, result);
	return 0;
}

static u64 low_bits(unsigned n)
{
	return n >= 64 ? ~0ull : (1ull << n) - 1;
}

static u64 swap_bytes_in_halves(u64 x)
{
	return (x >> 8 & 0x00ff00ff00ff00ffull) | (x & 0x00ff00ff00ff00ffull) << 8;
}

static u64 swap_halves(u64 x)
{
	x = (x >> 16 & 0x0000ffff0000ffffull) | (x & 0x0000ffff0000ffffull) << 16;
	return x >> 32 | x << 32;
}

enum {
	F3_EXT = 0x00, F3_DEXTM = 0x01, F3_DEXTU = 0x02, F3_DEXT = 0x03, F3_INS = 0x04, F3_DINSM = 0x05,
	F3_DINSU = 0x06, F3_DINS = 0x07, F3_BSHFL = 0x20, F3_DBSHFL = 0x24, F3_RDHWR = 0x3b
};
enum { BSHFL_WSBH = 0x02, BSHFL_SEB = 0x10, BSHFL_SEH = 0x18, DBSHFL_DSBH = 0x02, DBSHFL_DSHD = 0x05 };

static u64 insert(u64 into, u64 from, unsigned position, unsigned size)
{
	u64 mask = low_bits(size) << position;

	return (into & ~mask) | (from << position & mask);
}

/* A field that reaches beyond the register, or ends before it begins. */
static bool field_reserved(unsigned function, unsigned rd, unsigned sa)
{
	switch (function) {
	case F3_EXT: return sa + rd > 31;
	case F3_DEXTM: case F3_DEXTU: return sa + rd > 31;	/* 32 of the 63 are in one of them */
	case F3_INS: case F3_DINS: case F3_DINSU: return sa > rd;
	default: return false;
	}
}

int exec_special3(struct vcpu *v, u32 insn, bool in_slot)
{
	unsigned rt = field_rt(insn), rd = field_rd(insn), sa = field_sa(insn);
	u64 s = v->gpr[field_rs(insn)], t = v->gpr[rt];

	if (field_reserved(field_function(insn), rd, sa))
		return exception__raise(v, EXC_RI, in_slot);
	switch (field_function(insn)) {
	case F3_EXT: set_gpr(v, rt, word(s >> sa & low_bits(rd + 1))); return 0;
	case F3_DEXT: set_gpr(v, rt, s >> sa & low_bits(rd + 1)); return 0;
	case F3_DEXTM: set_gpr(v, rt, s >> sa & low_bits(rd + 33)); return 0;
	case F3_DEXTU: set_gpr(v, rt, s >> (sa + 32) & low_bits(rd + 1)); return 0;
	case F3_INS: set_gpr(v, rt, word(insert(t, s, sa, rd - sa + 1))); return 0;
	case F3_DINS: set_gpr(v, rt, insert(t, s, sa, rd - sa + 1)); return 0;
	case F3_DINSM: set_gpr(v, rt, insert(t, s, sa, rd + 33 - sa)); return 0;
	case F3_DINSU: set_gpr(v, rt, insert(t, s, sa + 32, rd - sa + 1)); return 0;
	case F3_RDHWR: return exec_sensitive(v, insn, in_slot);
	case F3_BSHFL:
		switch (sa) {
		case BSHFL_WSBH: set_gpr(v, rd, word(swap_bytes_in_halves(t))); return 0;
		case BSHFL_SEB: set_gpr(v, rd, (s64)(s8)t); return 0;
		case BSHFL_SEH: set_gpr(v, rd, (s64)(s16)t); return 0;
		}
		break;
	case F3_DBSHFL:
		switch (sa) {
		case DBSHFL_DSBH: set_gpr(v, rd, swap_bytes_in_halves(t)); return 0;
		case DBSHFL_DSHD: set_gpr(v, rd, swap_halves(t)); return 0;
		}
		break;
	}
	return exception__raise(v, EXC_RI, in_slot);
}
