/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Inside the interpreter: fields of an instruction, and its parts by kind of instruction.
 *
 * Each exec_*() completes one instruction (not a branch) and returns 0, or -1 when the guest took an
 * exception instead; `in_slot` says that it stands in a delay slot.
 */
#ifndef WEDGE_CORE_INTERP_H
#define WEDGE_CORE_INTERP_H

#include "wedge/core/vcpu.h"

static inline unsigned field_op(u32 i) { return i >> 26; }
static inline unsigned field_rs(u32 i) { return i >> 21 & 31; }
static inline unsigned field_rt(u32 i) { return i >> 16 & 31; }
static inline unsigned field_rd(u32 i) { return i >> 11 & 31; }
static inline unsigned field_sa(u32 i) { return i >> 6 & 31; }
static inline unsigned field_function(u32 i) { return i & 63; }
static inline s64 field_simm(u32 i) { return (s16)i; }
static inline u64 field_uimm(u32 i) { return i & 0xffff; }

enum {
	OP_SPECIAL = 0x00, OP_REGIMM = 0x01, OP_J = 0x02, OP_JAL = 0x03, OP_BEQ = 0x04, OP_BNE = 0x05,
	OP_BLEZ = 0x06, OP_BGTZ = 0x07, OP_ADDI = 0x08, OP_ADDIU = 0x09, OP_SLTI = 0x0a, OP_SLTIU = 0x0b,
	OP_ANDI = 0x0c, OP_ORI = 0x0d, OP_XORI = 0x0e, OP_LUI = 0x0f, OP_COP0 = 0x10, OP_COP1 = 0x11,
	OP_COP2 = 0x12, OP_COP1X = 0x13, OP_BEQL = 0x14, OP_BNEL = 0x15, OP_BLEZL = 0x16, OP_BGTZL = 0x17,
	OP_DADDI = 0x18, OP_DADDIU = 0x19, OP_LDL = 0x1a, OP_LDR = 0x1b, OP_SPECIAL2 = 0x1c,
	OP_SPECIAL3 = 0x1f, OP_LB = 0x20, OP_LH = 0x21, OP_LWL = 0x22, OP_LW = 0x23, OP_LBU = 0x24,
	OP_LHU = 0x25, OP_LWR = 0x26, OP_LWU = 0x27, OP_SB = 0x28, OP_SH = 0x29, OP_SWL = 0x2a, OP_SW = 0x2b,
	OP_SDL = 0x2c, OP_SDR = 0x2d, OP_SWR = 0x2e, OP_CACHE = 0x2f, OP_LL = 0x30, OP_LWC1 = 0x31,
	OP_BBIT0 = 0x32, OP_PREF = 0x33, OP_LLD = 0x34, OP_LDC1 = 0x35, OP_BBIT032 = 0x36, OP_LD = 0x37,
	OP_SC = 0x38, OP_SWC1 = 0x39, OP_BBIT1 = 0x3a, OP_SCD = 0x3c, OP_SDC1 = 0x3d, OP_BBIT132 = 0x3e,
	OP_SD = 0x3f
};

/* bc1f, bc1t, bc1fl, bc1tl */
static inline bool is_fp_branch(u32 i) { return i >> 21 == (OP_COP1 << 5 | 8); }

enum { F_JR = 0x08, F_JALR = 0x09 };

/* Major opcodes among which branches are: the interpreter asks this of every instruction. */
#define BRANCH_OPCODES	(0xfeull | 1ull << OP_COP1 | 0xfull << OP_BEQL | 1ull << OP_BBIT0 | 1ull << OP_BBIT032 | \
			 1ull << OP_BBIT1 | 1ull << OP_BBIT132)

static inline bool may_branch(u32 insn)
{
	if (field_op(insn) == OP_SPECIAL)
		return field_function(insn) == F_JR || field_function(insn) == F_JALR;
	return BRANCH_OPCODES >> field_op(insn) & 1;
}

static inline void set_gpr(struct vcpu *v, unsigned n, u64 value)
{
	if (n)
		v->gpr[n] = value;
}

int __must_check exec_special(struct vcpu *v, u32 insn, bool in_slot);		/* alu.c */
int __must_check exec_immediate(struct vcpu *v, u32 insn, bool in_slot);	/* alu.c */
int __must_check exec_special2(struct vcpu *v, u32 insn, bool in_slot);		/* octeon.c */
int __must_check exec_cop2(struct vcpu *v, u32 insn, bool in_slot);		/* octeon.c */
int __must_check exec_special3(struct vcpu *v, u32 insn, bool in_slot);		/* alu.c */
int __must_check exec_memory(struct vcpu *v, u32 insn, bool in_slot);		/* loadstore.c */
int __must_check exec_fpu(struct vcpu *v, u32 insn, bool in_slot);		/* fpu.c */
/* fpu.c: makes the FP registers usable here. For bc1f, bc1t, movf, movt: is the condition as they want it? */
int __must_check fpu__use(struct vcpu *v, bool in_slot);
/*
 * Kernel code that saves or loads all of them: executes the ldc1 and sdc1 from pc on that reach RAM directly, which is in the Host's byte
 * order, and says how many. Any other is left to vcpu__step(), which costs ten times as much.
 */
unsigned fpu__moves(struct vcpu *v);
bool fpu__condition(const struct vcpu *v, u32 insn);
int __must_check exec_sensitive(struct vcpu *v, u32 insn, bool in_slot);	/* sensitive.c */

#endif
