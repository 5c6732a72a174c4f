/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The floating-point registers, as far as the Wedge itself has to do with them: moving them to memory and
 * back, and branching on their conditions.
 *
 * Guest user code computes natively on the Host's FPU. Kernel code that saves and restores FP registers
 * is executed here (the build marks it), on the registers of the guest process, which the Host keeps with
 * the stub. Of user code we get what the Host cannot do there: accesses to memory that is not mapped, and
 * branches whose delay slot it cannot execute. Arithmetic is not here: a kernel does none, and a guest whose
 * vCPU has no FPU emulates it.
 */
#include "wedge/core/interp.h"

enum { COP1_MF = 0, COP1_DMF = 1, COP1_CF = 2, COP1_MT = 4, COP1_DMT = 5, COP1_CT = 6 };
enum { FCR_FIR = 0, FCR_FCCR = 25, FCR_FEXR = 26, FCR_FENR = 28, FCR_FCSR = 31 };
/* Functions of COP1X that use memory. */
enum { X_LWXC1 = 0x00, X_LDXC1 = 0x01, X_LUXC1 = 0x05, X_SWXC1 = 0x08, X_SDXC1 = 0x09, X_SUXC1 = 0x0d, X_PREFX = 0x0f };

/* FCC, FS, Cause, Enables, Flags, RM: no NAN2008 or ABS2008, as on the Hosts we know. */
#define FCSR_WRITABLE	0xff83ffffu

bool fpu__condition(const struct vcpu *v, u32 insn)
{
	unsigned cc = field_rt(insn) >> 2;

	return (v->fcsr >> (cc ? 24 + cc : 23) & 1) == (field_rt(insn) & 1);
}

static int move_on_condition(struct vcpu *v, u32 insn)
{
	if (fpu__condition(v, insn))
		set_gpr(v, field_rd(insn), v->gpr[field_rs(insn)]);
	return 0;
}

static int move_register(struct vcpu *v, u32 insn, bool in_slot)
{
	unsigned rt = field_rt(insn), fs = field_rd(insn);
	u64 t = v->gpr[rt];

	switch (field_rs(insn)) {
	case COP1_MF: set_gpr(v, rt, word(v->fpr[fs])); return 0;
	case COP1_DMF: set_gpr(v, rt, v->fpr[fs]); return 0;
	case COP1_MT: v->fpr[fs] = (v->fpr[fs] & ~0xffffffffull) | (u32)t; return 0;
	case COP1_DMT: v->fpr[fs] = t; return 0;
	case COP1_CF:
		set_gpr(v, rt, fs == FCR_FIR ? v->fir : fs == FCR_FCSR ? word(v->fcsr) : 0);
		return 0;
	case COP1_CT:
		if (fs != FCR_FCSR)
			return 0;
		v->fcsr = t & FCSR_WRITABLE;
		if (vcpu__kernel_mode(v))
			v->machine->ops->fpu_loaded(v);
		return 0;
	default:
		return exception__raise(v, EXC_RI, in_slot);
	}
}

/*
 * The integer unit splits an access across two pages, and a fault in the second names the second. Not so FP: Linux's emulation,
 * of FPUs that are not there (metal's) as of accesses that a CPU refuses, names the instruction's own address. So such an access is
 * refused, for the guest's kernel to emulate. TLBL at that address would not do: its page may well be there.
 */
static int load(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 *value)
{
	return memory__crosses_page(va, size) ? exception__raise_address(v, EXC_ADEL, va, false, in_slot) :
		memory__load(v, va, size, in_slot, value);
}

static int store(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 value)
{
	return memory__crosses_page(va, size) ? exception__raise_address(v, EXC_ADES, va, false, in_slot) :
		memory__store(v, va, size, in_slot, value);
}

static int load_word(struct vcpu *v, unsigned ft, u64 va, bool in_slot)
{
	u64 value;

	if (load(v, va, 4, in_slot, &value))
		return -1;
	v->fpr[ft] = (v->fpr[ft] & ~0xffffffffull) | value;
	return 0;
}

static int move_memory(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn);
	unsigned ft = field_rt(insn);

	switch (field_op(insn)) {
	case OP_LWC1: return load_word(v, ft, va, in_slot);
	case OP_LDC1: return load(v, va, 8, in_slot, &v->fpr[ft]);
	case OP_SWC1: return store(v, va, 4, in_slot, v->fpr[ft]);
	default: return store(v, va, 8, in_slot, v->fpr[ft]);
	}
}

static int move_indexed(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + v->gpr[field_rt(insn)];
	unsigned fd = field_sa(insn), fs = field_rd(insn);

	switch (field_function(insn)) {
	case X_LWXC1: return load_word(v, fd, va, in_slot);
	case X_LDXC1: return load(v, va, 8, in_slot, &v->fpr[fd]);
	case X_LUXC1: return load(v, va & ~7ull, 8, in_slot, &v->fpr[fd]);
	case X_SWXC1: return store(v, va, 4, in_slot, v->fpr[fs]);
	case X_SDXC1: return store(v, va, 8, in_slot, v->fpr[fs]);
	case X_SUXC1: return store(v, va & ~7ull, 8, in_slot, v->fpr[fs]);
	case X_PREFX: return 0;
	default: return exception__raise(v, EXC_RI, in_slot);
	}
}

int fpu__use(struct vcpu *v, bool in_slot)
{
	if (!(cp0_word(v, CP0_STATUS) & STATUS_CU1) || !(cp0_word(v, CP0_CONFIG1) & CONFIG1_FP))
		return exception__raise_cpu(v, 1, in_slot);
	v->machine->ops->fpu_fetch(v);
	return 0;
}

int exec_fpu(struct vcpu *v, u32 insn, bool in_slot)
{
	if (fpu__use(v, in_slot))
		return -1;
	switch (field_op(insn)) {
	case OP_SPECIAL: return move_on_condition(v, insn);	/* movf, movt */
	case OP_COP1: return move_register(v, insn, in_slot);
	case OP_COP1X: return move_indexed(v, insn, in_slot);
	default: return move_memory(v, insn, in_slot);
	}
}

/* What is there is not looked at word by word: at most so many registers are moved in one go. */
#define MOVES_MOST	32

unsigned fpu__moves(struct vcpu *v)
{
	unsigned n = 0;

	if (v->watched || vcpu__swapped(v) || !(cp0_word(v, CP0_STATUS) & STATUS_CU1) || !(cp0_word(v, CP0_CONFIG1) & CONFIG1_FP))
		return 0;
	for (; n < MOVES_MOST; n++) {
		const u8 *text = memory__direct(v, v->pc, 4);
		u32 insn = text && v->pc % 4 == 0 ? *(const u32 *)text : 0;
		u64 va = v->gpr[field_rs(insn)] + field_simm(insn);
		u8 *data;

		if (field_op(insn) != OP_LDC1 && field_op(insn) != OP_SDC1)
			break;
		data = va % 8 ? NULL : memory__direct(v, va, 8);
		if (!data)
			break;
		if (!n)
			v->machine->ops->fpu_fetch(v);
		if (field_op(insn) == OP_LDC1)
			v->fpr[field_rt(insn)] = *(const u64 *)data;
		else
			*(u64 *)data = v->fpr[field_rt(insn)];
		v->pc += 4;
	}
	v->interpreted += n;
	return n;
}
