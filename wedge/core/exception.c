/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Taking an exception: MD00091, chapter "Interrupts and Exceptions".
 *
 * Each function leaves pc at the vector, so that whoever drives the vCPU just goes on. All return -1, so
 * that `return exception__raise(...)` says to the caller that the instruction was not completed.
 */
#include "wedge/core/cp0.h"
#include "wedge/core/vcpu.h"

#define VECTOR_TLB_REFILL	0x000
#define VECTOR_XTLB_REFILL	0x080
#define VECTOR_GENERAL		0x180
#define VECTOR_INTERRUPT	0x200
#define BEV_BASE		0xffffffffbfc00200ull

const char *exception__name(unsigned code)
{
	static const char *const names[EXC_CODES] = {
		[EXC_INT] = "Int", [EXC_MOD] = "Mod", [EXC_TLBL] = "TLBL", [EXC_TLBS] = "TLBS",
		[EXC_ADEL] = "AdEL", [EXC_ADES] = "AdES", [EXC_IBE] = "IBE", [EXC_DBE] = "DBE",
		[EXC_SYS] = "Sys", [EXC_BP] = "Bp", [EXC_RI] = "RI", [EXC_CPU] = "CpU", [EXC_OV] = "Ov",
		[EXC_TR] = "Tr", [EXC_FPE] = "FPE", [EXC_TLBRI] = "TLBRI", [EXC_TLBXI] = "TLBXI",
	};

	return code < EXC_CODES && names[code] ? names[code] : "?";
}

static u64 vector_at(const struct vcpu *v, u64 vector)
{
	const u64 *cp0 = v->page->cp0;

	return (cp0[CP0_STATUS] & STATUS_BEV ? BEV_BASE : word(cp0[CP0_EBASE] & ~0xfffull)) + vector;
}

u64 exception__general_vector(const struct vcpu *v)
{
	return vector_at(v, VECTOR_GENERAL);
}

static void enter(struct vcpu *v, unsigned code, u64 vector, bool in_slot)
{
	u64 *cp0 = v->page->cp0;

	v->machine->ops->exception_taken(v, code);
	if (!(cp0[CP0_STATUS] & STATUS_EXL)) {
		cp0[CP0_EPC] = v->pc;		/* a branch and its slot are one step: pc is the branch */
		if (in_slot)
			cp0[CP0_CAUSE] |= CAUSE_BD;
		else
			cp0[CP0_CAUSE] &= ~(u64)CAUSE_BD;
		cp0[CP0_STATUS] |= STATUS_EXL;
	}
	cp0[CP0_CAUSE] = (cp0[CP0_CAUSE] & ~(u64)CAUSE_EXCCODE) | code << 2;
	v->pc = vector_at(v, vector);
	v->ll_valid = false;
	v->exceptions[code]++;
}

int exception__raise(struct vcpu *v, enum exception code, bool in_slot)
{
	enter(v, code, VECTOR_GENERAL, in_slot);
	return -1;
}

int exception__raise_cpu(struct vcpu *v, unsigned coprocessor, bool in_slot)
{
	v->page->cp0[CP0_CAUSE] &= ~(u64)CAUSE_CE;
	v->page->cp0[CP0_CAUSE] |= coprocessor << CAUSE_CE_SHIFT;
	return exception__raise(v, EXC_CPU, in_slot);
}

/* The one of 64 bits if addresses of that region may have so many: UX, SX, and KX for the kernel's. */
static u64 refill_vector(const struct vcpu *v, u64 va)
{
	static const u32 wide[4] = { STATUS_UX, STATUS_SX, STATUS_KX, STATUS_KX };

	return cp0_word(v, CP0_STATUS) & wide[va >> 62] ? VECTOR_XTLB_REFILL : VECTOR_TLB_REFILL;
}

/*
 * BadVAddr keeps the address as the guest's C code knows it, a window address; Context, XContext and
 * EntryHi are read by TLB handlers only and hold the canonical one. Bus errors leave all of them alone.
 */
int exception__raise_address(struct vcpu *v, enum exception code, u64 va, bool refill, bool in_slot)
{
	u64 *cp0 = v->page->cp0;
	u64 canonical = windows__canonical(&v->machine->windows, va);
	bool exl = cp0[CP0_STATUS] & STATUS_EXL;

	v->faults++;
	if (code == EXC_IBE || code == EXC_DBE)
		return exception__raise(v, code, in_slot);
	cp0[CP0_BADVADDR] = va;
	v->page->badvaddr = canonical;
	if (code != EXC_ADEL && code != EXC_ADES) {
		u64 vpn2 = canonical >> 13 & 0x7ffffff;		/* SEGBITS 40 */

		cp0[CP0_CONTEXT] = (cp0[CP0_CONTEXT] & ~CONTEXT_LOW) | (canonical >> 9 & 0x7ffff0);
		cp0[CP0_XCONTEXT] = (cp0[CP0_XCONTEXT] & ~0x1ffffffffull) | canonical >> 62 << 31 | vpn2 << 4;
		cp0[CP0_ENTRYHI] = (canonical & ENTRYHI_VPN2) | (cp0[CP0_ENTRYHI] & ENTRYHI_ASID);
	}
	if (refill)
		v->refills++;
	if (trace__on(v->tracing, TRACE_PAGE_FAULT) && code != EXC_ADEL && code != EXC_ADES && (!refill || exl))
		trace__put(v->trace, TRACE_PAGE_FAULT, v->core, code, va, v->pc);
	enter(v, code, refill && !exl ? refill_vector(v, canonical) : VECTOR_GENERAL, in_slot);
	return -1;
}

void exception__interrupt(struct vcpu *v)
{
	bool iv = cp0_word(v, CP0_CAUSE) & CAUSE_IV;

	vcpu__interrupt_begins(v);
	enter(v, EXC_INT, iv ? VECTOR_INTERRUPT : VECTOR_GENERAL, false);
}

/* A core that does not listen can be made to: nothing masks it, and ErrorEPC keeps where it was. */
void exception__nmi(struct vcpu *v)
{
	u64 *cp0 = v->page->cp0;

	cp0[CP0_ERROREPC] = v->pc;
	cp0[CP0_STATUS] |= STATUS_ERL | STATUS_BEV | STATUS_NMI;
	v->pc = RESET_VECTOR;
	v->ll_valid = v->waiting = v->hung = false;
}
