/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SPECIAL2 and COP2: the multiply-accumulate and count instructions of MIPS64, and what Cavium added.
 *
 * The encodings of the Octeon instructions are those of binutils' opcode table. They raise SIGILL on Hosts
 * that are not Octeons, so that a kernel built for Octeon reaches this file wherever it uses one.
 */
#include "wedge/core/interp.h"

enum {
	F2_MADD = 0x00, F2_MADDU = 0x01, F2_MUL = 0x02, F2_DMUL = 0x03, F2_MSUB = 0x04, F2_MSUBU = 0x05,
	F2_MTM0 = 0x08, F2_MTP0 = 0x09, F2_MTP1 = 0x0a, F2_MTP2 = 0x0b, F2_MTM1 = 0x0c, F2_MTM2 = 0x0d, F2_NONE = 0x0e,
	F2_VMULU = 0x0f, F2_VMM0 = 0x10, F2_V3MULU = 0x11, F2_SAA = 0x18, F2_SAAD = 0x19, F2_CLZ = 0x20,
	F2_CLO = 0x21, F2_DCLZ = 0x24, F2_DCLO = 0x25, F2_BADDU = 0x28, F2_SEQ = 0x2a, F2_SNE = 0x2b,
	F2_POP = 0x2c, F2_DPOP = 0x2d, F2_SEQI = 0x2e, F2_SNEI = 0x2f, F2_CINS = 0x32, F2_CINS32 = 0x33,
	F2_EXTS = 0x3a, F2_EXTS32 = 0x3b
};

static void accumulate(struct vcpu *v, u64 product, bool subtract)
{
	u64 sum = v->hi << 32 | (u32)v->lo;

	sum = subtract ? sum - product : sum + product;
	v->lo = word(sum);
	v->hi = word(sum >> 32);
}

static unsigned leading_zeros(u64 x, unsigned bits)
{
	if (bits == 32)
		x = (u32)x;
	return x ? (unsigned)__builtin_clzll(x) - (64 - bits) : bits;
}

/*
 * One step of the Octeon multiplier: s * MPL + P + t, of the lowest `words` words of MPL and P. The lowest word of the
 * sum is the result, those above it are the new P. VMULU and VMM0 take one word: LLVM has them leave MPL1, MPL2, P1
 * and P2 undefined.
 */
static u64 multiply_long(struct vcpu *v, u64 s, u64 t, unsigned words)
{
	u64 carry = t, result = 0;

	for (unsigned i = 0; i < words; i++) {
		u128 sum = (u128)v->mpl[i] * s + v->product[i] + carry;

		if (i)
			v->product[i - 1] = sum;
		else
			result = sum;
		carry = sum >> 64;
	}
	v->product[words - 1] = carry;
	return result;
}

/* Linux neither saves nor restores what CvmCtl says is not there: a program must not use it then. */
static bool needs_multiplier(u32 insn)
{
	unsigned function = field_function(insn);

	return function >= F2_MTM0 && function <= F2_V3MULU && function != F2_NONE;
}

static int add_to_memory(struct vcpu *v, u64 va, unsigned size, u64 addend, bool in_slot)
{
	u64 value;

	if (memory__load(v, va, size, in_slot, &value))
		return -1;
	return memory__store(v, va, size, in_slot, value + addend);
}

static u64 low_bits(u64 x, unsigned n)
{
	return n >= 64 ? x : x & ((1ull << n) - 1);
}

static u64 extract_signed(u64 x, unsigned position, unsigned size)
{
	unsigned up = 64 - size;

	x >>= position;
	return up >= 64 ? 0 : (u64)((s64)(x << up) >> up);
}

/* Fields that must be zero. */
static bool special2_reserved(u32 insn)
{
	switch (field_function(insn)) {
	case F2_MADD: case F2_MADDU: case F2_MSUB: case F2_MSUBU: return field_rd(insn) & 3;	/* the DSP's accumulators */
	case F2_BADDU: case F2_DMUL: case F2_SEQ: case F2_SNE: case F2_VMULU: case F2_VMM0: case F2_V3MULU:
		return field_sa(insn);
	case F2_POP: case F2_DPOP: return field_rt(insn) | field_sa(insn);
	case F2_SAA: case F2_SAAD: return field_rd(insn) | field_sa(insn);
	case F2_MTM0: case F2_MTM1: case F2_MTM2: case F2_MTP0: case F2_MTP1: case F2_MTP2:
		return field_rt(insn) | field_rd(insn) | field_sa(insn);
	default: return false;
	}
}

int exec_special2(struct vcpu *v, u32 insn, bool in_slot)
{
	unsigned rs = field_rs(insn), rt = field_rt(insn), rd = field_rd(insn), sa = field_sa(insn);
	u64 s = v->gpr[rs], t = v->gpr[rt];
	s64 imm10 = (s32)(insn << 16) >> 22;

	if (special2_reserved(insn))
		return exception__raise(v, EXC_RI, in_slot);
	if (needs_multiplier(insn) && cp0_word(v, CP0_CVMCTL) & CVMCTL_NOMUL)
		return exception__raise(v, EXC_RI, in_slot);
	switch (field_function(insn)) {
	case F2_MADD: accumulate(v, (u64)((s64)(s32)s * (s32)t), false); return 0;
	case F2_MADDU: accumulate(v, (u64)(u32)s * (u32)t, false); return 0;
	case F2_MSUB: accumulate(v, (u64)((s64)(s32)s * (s32)t), true); return 0;
	case F2_MSUBU: accumulate(v, (u64)(u32)s * (u32)t, true); return 0;
	case F2_MUL: set_gpr(v, rd, word((u64)(u32)s * (u32)t)); return 0;
	case F2_CLZ: set_gpr(v, rd, leading_zeros(s, 32)); return 0;
	case F2_CLO: set_gpr(v, rd, leading_zeros(~s, 32)); return 0;
	case F2_DCLZ: set_gpr(v, rd, leading_zeros(s, 64)); return 0;
	case F2_DCLO: set_gpr(v, rd, leading_zeros(~s, 64)); return 0;
	case F2_DMUL: set_gpr(v, rd, s * t); return 0;
	case F2_BADDU: set_gpr(v, rd, (s + t) & 0xff); return 0;
	case F2_SEQ: set_gpr(v, rd, s == t); return 0;
	case F2_SNE: set_gpr(v, rd, s != t); return 0;
	case F2_SEQI: set_gpr(v, rt, s == (u64)imm10); return 0;
	case F2_SNEI: set_gpr(v, rt, s != (u64)imm10); return 0;
	case F2_POP: set_gpr(v, rd, __builtin_popcountll((u32)s)); return 0;
	case F2_DPOP: set_gpr(v, rd, __builtin_popcountll(s)); return 0;
	case F2_CINS: set_gpr(v, rt, low_bits(s, rd + 1) << sa); return 0;
	case F2_CINS32: set_gpr(v, rt, low_bits(s, rd + 1) << (sa + 32)); return 0;
	case F2_EXTS: set_gpr(v, rt, extract_signed(s, sa, rd + 1)); return 0;
	case F2_EXTS32: set_gpr(v, rt, extract_signed(s, sa + 32, rd + 1)); return 0;
	case F2_MTM0: v->mpl[0] = s; break;
	case F2_MTM1: v->mpl[1] = s; break;
	case F2_MTM2: v->mpl[2] = s; break;
	case F2_MTP0: v->product[0] = s; return 0;
	case F2_MTP1: v->product[1] = s; return 0;
	case F2_MTP2: v->product[2] = s; return 0;
	case F2_VMULU: set_gpr(v, rd, multiply_long(v, s, t, 1)); return 0;
	case F2_VMM0:
		t = multiply_long(v, s, t, 1);
		set_gpr(v, rd, t);
		v->mpl[0] = t;
		break;
	case F2_V3MULU: set_gpr(v, rd, multiply_long(v, s, t, 3)); return 0;
	case F2_SAA: return add_to_memory(v, s, 4, t, in_slot);
	case F2_SAAD: return add_to_memory(v, s, 8, t, in_slot);
	default:
		return exception__raise(v, EXC_RI, in_slot);
	}
	/* MTM0-2 and VMM0 clear the partial product. */
	v->product[0] = v->product[1] = v->product[2] = 0;
	return 0;
}

enum { COP2_MF = 0, COP2_DMF = 1, COP2_CF = 2 };

/*
 * This CPU has no crypto unit (CvmCtl.NOCRYPTO), but Linux moves some of its registers without asking once
 * a program has used COP2. For the kernel they read 0 and ignore writes; a program learns that there are none.
 */
int exec_cop2(struct vcpu *v, u32 insn, bool in_slot)
{
	if (!(cp0_word(v, CP0_STATUS) & STATUS_CU2))
		return exception__raise_cpu(v, 2, in_slot);
	if (!vcpu__kernel_mode(v))
		return exception__raise(v, EXC_RI, in_slot);
	if (field_rs(insn) <= COP2_CF)
		set_gpr(v, field_rt(insn), 0);
	return 0;
}
