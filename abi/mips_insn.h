/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fields of a MIPS64 instruction word, where control goes from it, and which registers it names.
 *
 * For whoever walks through code without executing it: the object pass, the checker, the rewriter. Covers
 * MIPS64 release 2 and Octeon (whose bbit0/bbit1 share opcodes with LWC2/SWC2: no kernel for Octeon uses
 * those). Encodings: MIPS64 Architecture For Programmers, volume II (MD00087), and the cnMIPS
 * instruction set as binutils has it (opcodes/mips-opc.c).
 */
#ifndef ABI_MIPS_INSN_H
#define ABI_MIPS_INSN_H

#include <stdbool.h>
#include <stdint.h>

#define MIPS_NOP	0x00000000u
#define MIPS_ERET	0x42000018u

enum mips_gpr { MIPS_AT = 1, MIPS_K0 = 26, MIPS_K1 = 27, MIPS_RA = 31 };

enum mips_opcode {
	MIPS_OP_SPECIAL = 0x00, MIPS_OP_REGIMM = 0x01, MIPS_OP_J = 0x02, MIPS_OP_JAL = 0x03,
	MIPS_OP_BEQ = 0x04, MIPS_OP_BNE = 0x05, MIPS_OP_BLEZ = 0x06, MIPS_OP_BGTZ = 0x07,
	MIPS_OP_ADDI = 0x08, MIPS_OP_ADDIU = 0x09, MIPS_OP_ORI = 0x0d, MIPS_OP_XORI = 0x0e, MIPS_OP_LUI = 0x0f,
	MIPS_OP_COP0 = 0x10, MIPS_OP_COP1 = 0x11, MIPS_OP_COP2 = 0x12, MIPS_OP_COP1X = 0x13,
	MIPS_OP_BEQL = 0x14, MIPS_OP_BNEL = 0x15, MIPS_OP_BLEZL = 0x16, MIPS_OP_BGTZL = 0x17,
	MIPS_OP_DADDI = 0x18, MIPS_OP_DADDIU = 0x19, MIPS_OP_LDL = 0x1a, MIPS_OP_LDR = 0x1b,
	MIPS_OP_SPECIAL2 = 0x1c, MIPS_OP_JALX = 0x1d, MIPS_OP_SPECIAL3 = 0x1f,
	MIPS_OP_LB = 0x20, MIPS_OP_LWL = 0x22, MIPS_OP_LWR = 0x26, MIPS_OP_LWU = 0x27,
	MIPS_OP_SB = 0x28, MIPS_OP_SWL = 0x2a, MIPS_OP_SDL = 0x2c, MIPS_OP_SDR = 0x2d, MIPS_OP_SWR = 0x2e, MIPS_OP_CACHE = 0x2f,
	MIPS_OP_LL = 0x30, MIPS_OP_LWC1 = 0x31, MIPS_OP_BBIT0 = 0x32, MIPS_OP_PREF = 0x33,
	MIPS_OP_LLD = 0x34, MIPS_OP_LDC1 = 0x35, MIPS_OP_BBIT032 = 0x36, MIPS_OP_LD = 0x37,
	MIPS_OP_SC = 0x38, MIPS_OP_SWC1 = 0x39, MIPS_OP_BBIT1 = 0x3a,
	MIPS_OP_SCD = 0x3c, MIPS_OP_SDC1 = 0x3d, MIPS_OP_BBIT132 = 0x3e, MIPS_OP_SD = 0x3f,
};

enum mips_special_funct {
	MIPS_SLL = 0x00, MIPS_MOVCI = 0x01, MIPS_SRA = 0x03, MIPS_JR = 0x08, MIPS_JALR = 0x09,
	MIPS_MOVZ = 0x0a, MIPS_MOVN = 0x0b, MIPS_SYSCALL = 0x0c, MIPS_BREAK = 0x0d, MIPS_SYNC = 0x0f,
	MIPS_MFHI = 0x10, MIPS_MTHI = 0x11, MIPS_MFLO = 0x12, MIPS_MTLO = 0x13,
	MIPS_MULT = 0x18, MIPS_DDIVU = 0x1f, MIPS_ADDU = 0x21, MIPS_OR = 0x25, MIPS_DADDU = 0x2d, MIPS_TGE = 0x30, MIPS_TNE = 0x36, MIPS_DSLL = 0x38,
};

/* The rs field of COP0, COP1 and COP2 words: below 8 a move, and bit 2 says to the coprocessor. */
enum mips_cop_rs {
	MIPS_COP_MT = 0x04, MIPS_COP1_BC = 0x08, MIPS_COP2_BC = 0x08, MIPS_COP0_MFTR = 0x08,
	MIPS_COP0_RDPGPR = 0x0a, MIPS_COP0_MFMC0 = 0x0b, MIPS_COP0_MTTR = 0x0c, MIPS_COP0_WRPGPR = 0x0e, MIPS_COP0_CO = 0x10,
};

enum mips_regimm_rt {
	MIPS_BLTZ = 0x00, MIPS_BGEZ = 0x01, MIPS_BLTZL = 0x02, MIPS_BGEZL = 0x03,
	MIPS_BLTZAL = 0x10, MIPS_BGEZAL = 0x11, MIPS_BLTZALL = 0x12, MIPS_BGEZALL = 0x13,
};

static inline unsigned int mips_insn__opcode(uint32_t w) { return w >> 26; }
static inline unsigned int mips_insn__rs(uint32_t w) { return w >> 21 & 31; }
static inline unsigned int mips_insn__base(uint32_t w) { return w >> 21 & 31; }
static inline unsigned int mips_insn__rt(uint32_t w) { return w >> 16 & 31; }
static inline unsigned int mips_insn__cache_op(uint32_t w) { return w >> 16 & 31; }
static inline unsigned int mips_insn__rd(uint32_t w) { return w >> 11 & 31; }
static inline unsigned int mips_insn__funct(uint32_t w) { return w & 63; }
static inline unsigned int mips_insn__sel(uint32_t w) { return w & 7; }
static inline unsigned int mips_insn__rdhwr_sel(uint32_t w) { return w >> 6 & 7; }
static inline int16_t mips_insn__imm(uint32_t w) { return (int16_t)w; }

enum mips_flow {
	MIPS_FLOW_NEXT,		/* goes on with the next instruction (traps and syscalls come back there) */
	MIPS_FLOW_BRANCH,	/* conditional, relative to PC */
	MIPS_FLOW_ALWAYS,	/* b: relative to PC, never falls through */
	MIPS_FLOW_LINK,		/* bal and its conditional forms: relative to PC, comes back */
	MIPS_FLOW_J, MIPS_FLOW_JAL,
	MIPS_FLOW_JR, MIPS_FLOW_JALR,
	MIPS_FLOW_ERET,		/* eret and deret: no delay slot */
};

enum mips_flow mips_insn__flow(uint32_t w);

static inline bool mips_insn__is_break(uint32_t w)
{
	return mips_insn__opcode(w) == MIPS_OP_SPECIAL && mips_insn__funct(w) == 0x0d;
}

/* Executed whether or not the branch is taken, or only if it is (likely). */
bool mips_insn__has_delay_slot(uint32_t w);
bool mips_insn__is_likely(uint32_t w);

/* For BRANCH, ALWAYS and LINK; for J and JAL within the 256 MB region of pc + 4. */
static inline uint64_t mips_insn__branch_target(uint32_t w, uint64_t pc)
{
	return pc + 4 + (int64_t)mips_insn__imm(w) * 4;
}

static inline uint64_t mips_insn__jump_target(uint32_t w, uint64_t pc)
{
	return ((pc + 4) & ~UINT64_C(0x0fffffff)) | (uint64_t)(w & 0x03ffffff) << 2;
}

/*
 * GPRs read and written, bit n for register n. What is not known counts as reading all three fields and
 * writing nothing, which errs on the side of liveness. A conditional move reads its target.
 */
void mips_insn__gprs(uint32_t w, uint32_t *reads, uint32_t *writes);

/* Halves of an unaligned access: lwl, lwr, ldl, ldr; with swl, swr, sdl, sdr. */
bool mips_insn__is_unaligned_load(uint32_t w);
bool mips_insn__is_unaligned(uint32_t w);

static inline bool mips_insn__is_ll(uint32_t w)
{
	return mips_insn__opcode(w) == MIPS_OP_LL || mips_insn__opcode(w) == MIPS_OP_LLD;
}

static inline bool mips_insn__is_sc(uint32_t w)
{
	return mips_insn__opcode(w) == MIPS_OP_SC || mips_insn__opcode(w) == MIPS_OP_SCD;
}

/* In no other MIPS64r2 CPU; not coprocessor 2, which others may have as well. */
bool mips_insn__is_octeon(uint32_t w);

/* COP1, COP1X, loads and stores of FP registers, and moves on FP conditions. */
bool mips_insn__is_fpu(uint32_t w);

#endif
