/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The floating-point registers, as far as a kernel touches them: moving them to memory and back.
 *
 * Guest user code computes natively on the Host's FPU. Kernel code that saves and restores FP registers
 * is executed here (the build marks it), on the registers of the guest process, which the Host keeps with
 * the stub. Arithmetic is not here: a kernel does none, and a guest whose vCPU has no FPU emulates it.
 */
#include "wedge/core/interp.h"

enum { COP1_MF = 0, COP1_DMF = 1, COP1_CF = 2, COP1_MT = 4, COP1_DMT = 5, COP1_CT = 6 };
enum { FCR_FIR = 0, FCR_FCCR = 25, FCR_FEXR = 26, FCR_FENR = 28, FCR_FCSR = 31 };

/* FCC, FS, Cause, Enables, Flags, RM: no NAN2008 or ABS2008, as on the Hosts we know. */
#define FCSR_WRITABLE	0xff83ffffu

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
		if (fs == FCR_FCSR)
			v->fcsr = t & FCSR_WRITABLE;
		return 0;
	default:
		return exception__raise(v, EXC_RI, in_slot);
	}
}

static int move_memory(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 va = v->gpr[field_rs(insn)] + field_simm(insn), value;
	unsigned ft = field_rt(insn);

	switch (field_op(insn)) {
	case OP_LWC1:
		if (memory__load(v, va, 4, in_slot, &value))
			return -1;
		v->fpr[ft] = (v->fpr[ft] & ~0xffffffffull) | value;
		return 0;
	case OP_LDC1:
		return memory__load(v, va, 8, in_slot, &v->fpr[ft]);
	case OP_SWC1:
		return memory__store(v, va, 4, in_slot, v->fpr[ft]);
	default:
		return memory__store(v, va, 8, in_slot, v->fpr[ft]);
	}
}

int exec_fpu(struct vcpu *v, u32 insn, bool in_slot)
{
	if (!(cp0_word(v, CP0_STATUS) & STATUS_CU1) || !(cp0_word(v, CP0_CONFIG1) & CONFIG1_FP))
		return exception__raise_cpu(v, 1, in_slot);
	v->machine->ops->fpu_fetch(v->machine->user);
	switch (field_op(insn)) {
	case OP_COP1:
		return move_register(v, insn, in_slot);
	case OP_LWC1: case OP_LDC1: case OP_SWC1: case OP_SDC1:
		return move_memory(v, insn, in_slot);
	default:
		return exception__raise(v, EXC_RI, in_slot);
	}
}
