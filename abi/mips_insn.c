/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where control goes from an instruction, and which registers it names: see mips_insn.h.
 */
#include "abi/mips_insn.h"

/* beq $0,$0 and bgez $0 are how `b` is written. */
static enum mips_flow regimm_flow(uint32_t w)
{
	switch (mips_insn__rt(w)) {
	case MIPS_BGEZ:
		return mips_insn__rs(w) ? MIPS_FLOW_BRANCH : MIPS_FLOW_ALWAYS;
	case MIPS_BLTZ: case MIPS_BLTZL: case MIPS_BGEZL:
		return MIPS_FLOW_BRANCH;
	case MIPS_BLTZAL: case MIPS_BGEZAL: case MIPS_BLTZALL: case MIPS_BGEZALL:
		return MIPS_FLOW_LINK;
	default:
		return MIPS_FLOW_NEXT;
	}
}

enum mips_flow mips_insn__flow(uint32_t w)
{
	const uint32_t deret = 0x4200001f;

	switch (mips_insn__opcode(w)) {
	case MIPS_OP_SPECIAL:
		if (mips_insn__funct(w) == MIPS_JR)
			return MIPS_FLOW_JR;
		return mips_insn__funct(w) == MIPS_JALR ? MIPS_FLOW_JALR : MIPS_FLOW_NEXT;
	case MIPS_OP_REGIMM:
		return regimm_flow(w);
	case MIPS_OP_J:
		return MIPS_FLOW_J;
	case MIPS_OP_JAL: case MIPS_OP_JALX:
		return MIPS_FLOW_JAL;
	case MIPS_OP_BEQ: case MIPS_OP_BEQL:
		return mips_insn__rs(w) == mips_insn__rt(w) ? MIPS_FLOW_ALWAYS : MIPS_FLOW_BRANCH;
	case MIPS_OP_BLEZ:
		return mips_insn__rs(w) ? MIPS_FLOW_BRANCH : MIPS_FLOW_ALWAYS;
	case MIPS_OP_BNE: case MIPS_OP_BNEL: case MIPS_OP_BGTZ: case MIPS_OP_BLEZL: case MIPS_OP_BGTZL:
	case MIPS_OP_BBIT0: case MIPS_OP_BBIT032: case MIPS_OP_BBIT1: case MIPS_OP_BBIT132:
		return MIPS_FLOW_BRANCH;
	case MIPS_OP_COP1:
	case MIPS_OP_COP2:
		/* bc1f, bc1t, their likely forms, and the paired-single bc1any2, bc1any4 */
		return (mips_insn__rs(w) & ~3u) == MIPS_COP1_BC && mips_insn__rs(w) != 0x0b ?
			MIPS_FLOW_BRANCH : MIPS_FLOW_NEXT;
	case MIPS_OP_COP0:
		return w == MIPS_ERET || w == deret ? MIPS_FLOW_ERET : MIPS_FLOW_NEXT;
	default:
		return MIPS_FLOW_NEXT;
	}
}

bool mips_insn__has_delay_slot(uint32_t w)
{
	enum mips_flow flow = mips_insn__flow(w);

	return flow != MIPS_FLOW_NEXT && flow != MIPS_FLOW_ERET;
}

bool mips_insn__is_likely(uint32_t w)
{
	switch (mips_insn__opcode(w)) {
	case MIPS_OP_BEQL: case MIPS_OP_BNEL: case MIPS_OP_BLEZL: case MIPS_OP_BGTZL:
		return true;
	case MIPS_OP_REGIMM:
		return mips_insn__flow(w) != MIPS_FLOW_NEXT && (mips_insn__rt(w) & 2);
	case MIPS_OP_COP1: case MIPS_OP_COP2:
		return mips_insn__flow(w) != MIPS_FLOW_NEXT && (mips_insn__rt(w) & 2);
	default:
		return false;
	}
}

#define RS	(1u << mips_insn__rs(w))
#define RT	(1u << mips_insn__rt(w))
#define RD	(1u << mips_insn__rd(w))
#define USES(r, w_)	do { *reads = (r); *writes = (w_); return; } while (0)

static void special_gprs(uint32_t w, uint32_t *reads, uint32_t *writes)
{
	unsigned int funct = mips_insn__funct(w);

	if (funct == MIPS_MOVCI)
		USES(RS | RD, RD);
	if (funct <= MIPS_SRA || funct >= MIPS_DSLL)
		USES(RT, RD);
	if (funct == MIPS_JR || funct == MIPS_MTHI || funct == MIPS_MTLO)
		USES(RS, 0);
	if (funct == MIPS_JALR)
		USES(RS, RD);
	if (funct == MIPS_MOVZ || funct == MIPS_MOVN)
		USES(RS | RT | RD, RD);
	if (funct >= MIPS_SYSCALL && funct <= MIPS_SYNC)
		USES(0, 0);
	if (funct == MIPS_MFHI || funct == MIPS_MFLO)
		USES(0, RD);
	if ((funct >= MIPS_MULT && funct <= MIPS_DDIVU) || (funct >= MIPS_TGE && funct <= MIPS_TNE))
		USES(RS | RT, 0);
	USES(RS | RT, RD);
}

static void special2_gprs(uint32_t w, uint32_t *reads, uint32_t *writes)
{
	switch (mips_insn__funct(w)) {
	case 0x00: case 0x01: case 0x04: case 0x05:	/* madd, maddu, msub, msubu */
	case 0x08: case 0x09: case 0x0a:		/* mtm0, mtp0, mtp1 */
	case 0x0c: case 0x0d: case 0x0e:		/* mtm1, mtm2, mtp2 */
	case 0x18: case 0x19:				/* saa, saad */
		USES(RS | RT, 0);
	case 0x20: case 0x21: case 0x24: case 0x25:	/* clz, clo, dclz, dclo */
	case 0x2c: case 0x2d:				/* pop, dpop */
		USES(RS, RD);
	case 0x2e: case 0x2f:				/* seqi, snei */
	case 0x32: case 0x33: case 0x3a: case 0x3b:	/* cins, cins32, exts, exts32 */
		USES(RS, RT);
	case 0x02: case 0x03: case 0x28:		/* mul, dmul, baddu */
	case 0x0f: case 0x10: case 0x11:		/* vmulu, vmm0, v3mulu */
	case 0x2a: case 0x2b:				/* seq, sne */
		USES(RS | RT, RD);
	case 0x3f:					/* sdbbp */
		USES(0, 0);
	default:
		USES(RS | RT | RD, 0);
	}
}

static void special3_gprs(uint32_t w, uint32_t *reads, uint32_t *writes)
{
	unsigned int funct = mips_insn__funct(w);

	if (funct <= 0x03)				/* ext, dextm, dextu, dext */
		USES(RS, RT);
	if (funct <= 0x07)				/* ins, dinsm, dinsu, dins */
		USES(RS | RT, RT);
	if (funct == 0x20 || funct == 0x24)		/* wsbh, seb, seh, dsbh, dshd */
		USES(RT, RD);
	if (funct == 0x3b)				/* rdhwr */
		USES(0, RT);
	USES(RS | RT | RD, 0);
}

static void cop_gprs(uint32_t w, uint32_t *reads, uint32_t *writes)
{
	unsigned int rs = mips_insn__rs(w);

	if (rs < MIPS_COP_MT)
		USES(0, RT);
	if (rs < MIPS_COP1_BC)
		USES(RT, 0);
	if (mips_insn__opcode(w) == MIPS_OP_COP0) {
		if (rs == MIPS_COP0_MFMC0)		/* di, ei */
			USES(0, RT);
		if (rs == MIPS_COP0_RDPGPR || rs == MIPS_COP0_WRPGPR)
			USES(RT, RD);
		if (rs == MIPS_COP0_MFTR)		/* of the MT ASE */
			USES(0, RD);
		if (rs == MIPS_COP0_MTTR)
			USES(RT, 0);
		USES(0, 0);
	}
	if (mips_insn__opcode(w) == MIPS_OP_COP1 && rs >= 0x10 && rs != 0x14 && rs != 0x15 &&
	    (mips_insn__funct(w) == 0x12 || mips_insn__funct(w) == 0x13))	/* movz.fmt, movn.fmt */
		USES(RT, 0);
	USES(0, 0);
}

void mips_insn__gprs(uint32_t w, uint32_t *reads, uint32_t *writes)
{
	unsigned int op = mips_insn__opcode(w);

	switch (op) {
	case MIPS_OP_SPECIAL:
		special_gprs(w, reads, writes);
		return;
	case MIPS_OP_REGIMM:
		USES(RS, mips_insn__flow(w) == MIPS_FLOW_LINK ? 1u << MIPS_RA : 0);
	case MIPS_OP_J:
		USES(0, 0);
	case MIPS_OP_JAL: case MIPS_OP_JALX:
		USES(0, 1u << MIPS_RA);
	case MIPS_OP_BEQ: case MIPS_OP_BNE: case MIPS_OP_BEQL: case MIPS_OP_BNEL:
		USES(RS | RT, 0);
	case MIPS_OP_BLEZ: case MIPS_OP_BGTZ: case MIPS_OP_BLEZL: case MIPS_OP_BGTZL:
	case MIPS_OP_BBIT0: case MIPS_OP_BBIT032: case MIPS_OP_BBIT1: case MIPS_OP_BBIT132:
	case MIPS_OP_CACHE: case MIPS_OP_PREF:
	case MIPS_OP_LWC1: case MIPS_OP_LDC1: case MIPS_OP_SWC1: case MIPS_OP_SDC1:
		USES(RS, 0);
	case MIPS_OP_LUI:
		USES(0, RT);
	case MIPS_OP_COP0: case MIPS_OP_COP1: case MIPS_OP_COP2:
		cop_gprs(w, reads, writes);
		return;
	case MIPS_OP_COP1X:				/* indexed loads, stores and prefetch; alnv.ps */
		if (mips_insn__funct(w) < 0x10)
			USES(RS | RT, 0);
		USES(mips_insn__funct(w) == 0x1e ? RS : 0, 0);
	case MIPS_OP_SPECIAL2:
		special2_gprs(w, reads, writes);
		return;
	case MIPS_OP_SPECIAL3:
		special3_gprs(w, reads, writes);
		return;
	case MIPS_OP_LWL: case MIPS_OP_LWR: case MIPS_OP_LDL: case MIPS_OP_LDR:
	case MIPS_OP_SC: case MIPS_OP_SCD:
		USES(RS | RT, RT);
	case MIPS_OP_DADDI: case MIPS_OP_DADDIU: case MIPS_OP_LL: case MIPS_OP_LLD: case MIPS_OP_LD:
		USES(RS, RT);
	case MIPS_OP_SD:
		USES(RS | RT, 0);
	}
	if ((op >= MIPS_OP_ADDI && op <= MIPS_OP_XORI) || (op >= MIPS_OP_LB && op <= MIPS_OP_LWU))
		USES(RS, RT);
	if (op >= MIPS_OP_SB && op <= MIPS_OP_SWR)
		USES(RS | RT, 0);
	USES(RS | RT | RD, 0);
}

bool mips_insn__is_fpu(uint32_t w)
{
	switch (mips_insn__opcode(w)) {
	case MIPS_OP_COP1: case MIPS_OP_COP1X:
	case MIPS_OP_LWC1: case MIPS_OP_LDC1: case MIPS_OP_SWC1: case MIPS_OP_SDC1:
		return true;
	case MIPS_OP_SPECIAL:
		return mips_insn__funct(w) == MIPS_MOVCI;
	default:
		return false;
	}
}

bool mips_insn__is_unaligned_load(uint32_t w)
{
	unsigned int op = mips_insn__opcode(w);

	return op == MIPS_OP_LWL || op == MIPS_OP_LWR || op == MIPS_OP_LDL || op == MIPS_OP_LDR;
}

bool mips_insn__is_unaligned(uint32_t w)
{
	unsigned int op = mips_insn__opcode(w);

	return mips_insn__is_unaligned_load(w) || op == MIPS_OP_SWL || op == MIPS_OP_SWR || op == MIPS_OP_SDL ||
	       op == MIPS_OP_SDR;
}

bool mips_insn__is_octeon(uint32_t w)
{
	switch (mips_insn__opcode(w)) {
	case MIPS_OP_BBIT0: case MIPS_OP_BBIT032: case MIPS_OP_BBIT1: case MIPS_OP_BBIT132:
		return true;
	case MIPS_OP_SPECIAL2:
		switch (mips_insn__funct(w)) {
		case 0x03: case 0x28:				/* dmul, baddu */
		case 0x08: case 0x09: case 0x0a:		/* mtm0, mtp0, mtp1 */
		case 0x0c: case 0x0d: case 0x0e:		/* mtm1, mtm2, mtp2 */
		case 0x0f: case 0x10: case 0x11:		/* vmulu, vmm0, v3mulu */
		case 0x18: case 0x19:				/* saa, saad */
		case 0x2a: case 0x2b: case 0x2e: case 0x2f:	/* seq, sne, seqi, snei */
		case 0x2c: case 0x2d:				/* pop, dpop */
		case 0x32: case 0x33: case 0x3a: case 0x3b:	/* cins, cins32, exts, exts32 */
			return true;
		}
		return false;
	default:
		return false;
	}
}
