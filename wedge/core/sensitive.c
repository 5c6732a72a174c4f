/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the sensitive instructions mean: one handler for each row of abi/sensitive.def.
 */
#include "wedge/core/interp.h"

typedef int handler(struct vcpu *v, u32 insn, bool in_slot);

enum { HWR_CPUNUM = 0, HWR_SYNCI_STEP = 1, HWR_CC = 2, HWR_CCRES = 3, HWR_USERLOCAL = 29, HWR_CHORD = 30, HWR_CVMCOUNT = 31 };
#define CACHE_LINE	128

static bool cp0_usable(const struct vcpu *v)
{
	return vcpu__kernel_mode(v) || (cp0_word(v, CP0_STATUS) & STATUS_CU0);
}

/* Registers this CPU does not have read as zero and ignore writes, as on an Octeon. */
static int move_from(struct vcpu *v, u32 insn, bool wide)
{
	int r = cp0__find(field_rd(insn), insn & 7);
	unsigned rt = field_rt(insn);
	u64 value = r < 0 ? 0 : cp0__read(v, r);

	/*
	 * TLB handlers, which Linux generates with k0 and k1, test the sign of BadVAddr to tell kernel
	 * from user addresses; do_page_fault() gets it through other registers and compares with
	 * VMALLOC_START, a window address.
	 */
	if (r == CP0_BADVADDR && (rt == REG_K0 || rt == REG_K1))
		value = windows__canonical(&v->machine->windows, value);
	set_gpr(v, rt, wide ? value : word(value));
	return 0;
}

static int move_to(struct vcpu *v, u32 insn, bool wide)
{
	int r = cp0__find(field_rd(insn), insn & 7);

	if (r >= 0)
		cp0__write(v, r, v->gpr[field_rt(insn)], wide);
	return 0;
}

static int do_mfc0(struct vcpu *v, u32 insn, bool in_slot) { return move_from(v, insn, false); }
static int do_dmfc0(struct vcpu *v, u32 insn, bool in_slot) { return move_from(v, insn, true); }
static int do_mtc0(struct vcpu *v, u32 insn, bool in_slot) { return move_to(v, insn, false); }
static int do_dmtc0(struct vcpu *v, u32 insn, bool in_slot) { return move_to(v, insn, true); }

static int set_ie(struct vcpu *v, u32 insn, u64 ie)
{
	u64 status = word(v->page->cp0[CP0_STATUS]);

	set_gpr(v, field_rt(insn), status);
	v->page->cp0[CP0_STATUS] = (status & ~(u64)STATUS_IE) | ie;
	return 0;
}

static int do_di(struct vcpu *v, u32 insn, bool in_slot) { return set_ie(v, insn, 0); }
static int do_ei(struct vcpu *v, u32 insn, bool in_slot) { return set_ie(v, insn, STATUS_IE); }

static int do_tlbr(struct vcpu *v, u32 insn, bool in_slot) { tlb__read(v); return 0; }
static int do_tlbwi(struct vcpu *v, u32 insn, bool in_slot) { tlb__write_index(v); return 0; }
static int do_tlbwr(struct vcpu *v, u32 insn, bool in_slot) { tlb__write_random(v); return 0; }
static int do_tlbp(struct vcpu *v, u32 insn, bool in_slot) { tlb__probe(v); return 0; }

static __attribute__((noinline)) void trace_return(const struct vcpu *v)
{
	trace__put(v->trace, TRACE_RETURN, v->core, !vcpu__kernel_mode(v), v->next_pc, 0);
}

static int do_eret(struct vcpu *v, u32 insn, bool in_slot)
{
	u64 *cp0 = v->page->cp0;

	if (cp0[CP0_STATUS] & STATUS_ERL) {
		v->next_pc = cp0[CP0_ERROREPC];
		cp0[CP0_STATUS] &= ~(u64)STATUS_ERL;
	} else {
		v->next_pc = cp0[CP0_EPC];
		cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
	}
	vcpu__exception_over(v);
	v->ll_valid = false;
	if (trace__on(v->tracing, TRACE_SWITCH) && !vcpu__kernel_mode(v))
		v->machine->ops->look_at_task(v);
	if (trace__on(v->tracing, TRACE_RETURN))
		trace_return(v);
	return 0;
}

static int do_deret(struct vcpu *v, u32 insn, bool in_slot)
{
	return exception__raise(v, EXC_RI, in_slot);	/* no debug mode here */
}

static int do_wait(struct vcpu *v, u32 insn, bool in_slot)
{
	v->waiting = true;
	if (trace__on(v->tracing, TRACE_SWITCH))
		v->machine->ops->look_at_task(v);
	if (trace__on(v->tracing, TRACE_WAIT))
		trace__put(v->trace, TRACE_WAIT, v->core, 0, 0, 0);
	return 0;
}

/* The virtual caches are coherent; only what the Host's I-cache holds has to be told. */
static int do_cache(struct vcpu *v, u32 insn, bool in_slot)
{
	v->machine->ops->icache_sync(v->machine->user);
	return 0;
}

static int do_synci(struct vcpu *v, u32 insn, bool in_slot)
{
	return do_cache(v, insn, in_slot);
}

static int do_rdhwr(struct vcpu *v, u32 insn, bool in_slot)
{
	unsigned number = field_rd(insn);
	u64 value;

	if (!cp0_usable(v) && !(cp0_word(v, CP0_HWRENA) >> number & 1))
		return exception__raise(v, EXC_RI, in_slot);
	switch (number) {
	case HWR_CPUNUM: value = cp0_word(v, CP0_EBASE) & 0x3ff; break;
	case HWR_SYNCI_STEP: value = CACHE_LINE; break;
	case HWR_CC: value = cp0__read(v, CP0_COUNT); break;
	case HWR_CCRES: value = 1; break;
	case HWR_USERLOCAL: value = v->page->cp0[CP0_USERLOCAL]; break;
	case HWR_CHORD: value = 0; break;
	case HWR_CVMCOUNT:
		value = v->machine->count_shared && !vcpu__kernel_mode(v) ? v->machine->ops->shared_count(v) : cp0__read(v, CP0_CVMCOUNT);
		break;
	default: return exception__raise(v, EXC_RI, in_slot);
	}
	set_gpr(v, field_rt(insn), value);
	return 0;
}

/* synci and rdhwr are open to user mode. */
static bool allowed(const struct vcpu *v, handler *handle)
{
	return cp0_usable(v) || handle == do_rdhwr || handle == do_synci;
}

static int dispatch(struct vcpu *v, u32 insn, bool in_slot)
{
	static const struct {
		u32 match, mask;
		handler *handle;
	} rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { MATCH, MASK, do_##NAME },
#include "abi/sensitive.def"
#undef SENSITIVE
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if ((insn & rows[i].mask) != rows[i].match)
			continue;
		if (!allowed(v, rows[i].handle))
			return exception__raise_cpu(v, 0, in_slot);
		return rows[i].handle(v, insn, in_slot);
	}
	/* An unknown REGIMM or SPECIAL3 is reserved in every mode; user mode never gets to COP0's. */
	if (field_op(insn) == OP_COP0 && !cp0_usable(v))
		return exception__raise_cpu(v, 0, in_slot);
	return exception__raise(v, EXC_RI, in_slot);
}

int exec_sensitive(struct vcpu *v, u32 insn, bool in_slot)
{
	const struct machine *m = v->machine;
	u64 address = in_slot ? v->pc + 4 : v->pc;
	int result = dispatch(v, insn, in_slot);

	if (!result && m->executed)
		m->executed(v, address);
	return result;
}
