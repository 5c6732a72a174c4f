/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CP0 registers: which there are, what reading computes and what writing sets off.
 *
 * Time: Count and CvmCount both run at the core clock. Compare's match is a deadline in cycles, kept here
 * and looked at by vcpu__check_timer(), which whoever drives the vCPU calls when its clock goes off.
 */
#include <string.h>

#include "wedge/core/cp0.h"
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"

const struct cp0_info cp0_info[CP0_REGISTERS] = {
#define PLAIN CP0_PLAIN
#define CALL CP0_CALL
#define CP0(NAME, RD, SEL, BITS, RESET, WRITABLE, READ, WRITE) \
	[CP0_##NAME] = { #NAME, RD, SEL, BITS, READ, WRITE, RESET, WRITABLE },
#include "wedge/core/cp0.def"
#undef CP0
#undef PLAIN
#undef CALL
};

int cp0__find(unsigned rd, unsigned sel)
{
	static s8 index[32][8];
	static bool built;

	if (!built) {
		for (unsigned i = 0; i < CP0_REGISTERS; i++)
			index[cp0_info[i].rd][cp0_info[i].sel] = i + 1;
		built = true;
	}
	return index[rd & 31][sel & 7] - 1;
}

static u64 cycles(const struct vcpu *v)
{
	return v->machine->ops->cycles(v);
}

/* The Random register only has to differ from one tlbwr to the next and stay at or above Wired. */
static u32 next_random(struct vcpu *v)
{
	u32 wired = cp0_word(v, CP0_WIRED);

	if (wired >= TLB_ENTRIES)
		return TLB_ENTRIES - 1;
	v->random = v->random <= wired ? TLB_ENTRIES - 1 : v->random - 1;
	return v->random;
}

#define LINES	0xfcu		/* IP2-7 */

void vcpu__set_line(struct vcpu *v, unsigned line, bool level)
{
	if (level)
		__atomic_or_fetch(&v->lines, 1u << line, __ATOMIC_SEQ_CST);
	else
		__atomic_and_fetch(&v->lines, ~(1u << line), __ATOMIC_SEQ_CST);
}

void vcpu__take_lines(struct vcpu *v)
{
	u64 lines = __atomic_load_n(&v->lines, __ATOMIC_SEQ_CST) & LINES;

	v->page->cp0[CP0_CAUSE] = (v->page->cp0[CP0_CAUSE] & ~((u64)LINES << CAUSE_IP_SHIFT)) | lines << CAUSE_IP_SHIFT;
}

void vcpu__set_irq(struct vcpu *v, unsigned line, bool level)
{
	vcpu__set_line(v, line, level);
	vcpu__take_lines(v);
}

static void set_timer_irq(struct vcpu *v, bool level)
{
	if (level)
		v->page->cp0[CP0_CAUSE] |= CAUSE_TI;
	else
		v->page->cp0[CP0_CAUSE] &= ~(u64)CAUSE_TI;
	vcpu__set_irq(v, cp0_word(v, CP0_INTCTL) >> INTCTL_IPTI_SHIFT, level);
}

static u64 later(u64 a, u64 b)
{
	return a < b ? b : a;
}

/* For who looks, by reading Count or Cause: Linux probes the timer by waiting 50 ticks for Cause.TI, far less than an alarm takes. */
static u64 timer_seen(const struct vcpu *v)
{
	return later(v->timer_deadline, v->timer_rest);
}

u64 vcpu__timer_due(const struct vcpu *v)
{
	return v->waiting ? timer_seen(v) : later(timer_seen(v), v->alarm_floor);
}

void vcpu__interrupt_begins(struct vcpu *v)
{
	if (!v->machine->rest_most)
		return;
	v->interrupt_begun = cycles(v);
	v->interrupted = true;
}

void vcpu__exception_over(struct vcpu *v)
{
	u64 now, took, before;

	if (!v->interrupted || (cp0_word(v, CP0_STATUS) & (STATUS_IE | STATUS_EXL | STATUS_ERL)) != STATUS_IE)
		return;
	now = cycles(v);
	took = now - v->interrupt_begun;
	before = v->interrupt_begun - v->interrupt_over;
	if (took > before)
		v->timer_rest = now + (took < v->machine->rest_most ? took : v->machine->rest_most);
	v->interrupt_over = now;
	v->interrupted = false;
}

static void check_timer(struct vcpu *v, u64 now, u64 due)
{
	if (!v->timer_armed || now < due)
		return;
	set_timer_irq(v, true);
	v->timer_deadline += 1ull << 32;	/* Count comes by again */
}

void vcpu__check_timer(struct vcpu *v)
{
	if (v->timer_armed)
		check_timer(v, cycles(v), vcpu__timer_due(v));
}

u64 cp0__read(struct vcpu *v, enum cp0_register r)
{
	u64 now;

	switch (r) {
	case CP0_COUNT:
		now = cycles(v);
		/* Who sees it behind Compare sees Cause.TI, which blocks read without us: Linux probes for that, and an alarm may be late by a tick of the Host's. */
		check_timer(v, now, timer_seen(v));
		return word(now + v->count_offset);
	case CP0_CVMCOUNT:
		now = cycles(v);
		if (v->machine->ops->tell_clock)
			v->machine->ops->tell_clock(v);
		return now + v->cvmcount_offset;
	case CP0_CAUSE:
		check_timer(v, cycles(v), timer_seen(v));
		return word(v->page->cp0[r]);
	case CP0_RANDOM:
		return next_random(v);
	case CP0_ENTRYLO0: case CP0_ENTRYLO1:	/* a burnt write has stored all bits */
		return v->page->cp0[r] & cp0_info[r].writable;
	default:
		return cp0_info[r].bits == 32 ? word(v->page->cp0[r]) : v->page->cp0[r];
	}
}

/*
 * Compare matches when Count next equals it. A distance of zero is a full turn of Count away, as on
 * hardware: Linux's clockevent writes Compare and then checks whether Count has passed it.
 */
static void arm_timer(struct vcpu *v)
{
	u64 now = cycles(v);
	u32 distance = cp0_word(v, CP0_COMPARE) - (u32)(now + v->count_offset);

	v->timer_deadline = now + (distance ? distance : 1ull << 32);
	v->timer_armed = true;
	if (v->alarm_floor <= now)		/* else it is put off already */
		v->alarm_floor = now + v->machine->alarm_least;
	v->machine->ops->compare_changed(v);
}

/*
 * A kernel sets CvmCount to what another register with the same clock has said just before, so that the cores agree: here they do. Another value is
 * not what user code reads.
 */
static void follow_shared_count(struct vcpu *v)
{
	const s64 just_before = 1 << 24;

	if (!v->machine->count_shared)
		return;
	if (v->cvmcount_offset > 0 || v->cvmcount_offset < -just_before)
		v->machine->count_shared = false;
	else
		v->cvmcount_offset = 0;
}

void cp0__write(struct vcpu *v, enum cp0_register r, u64 value, bool wide)
{
	const struct cp0_info *info = &cp0_info[r];
	bool whole = wide || r == CP0_EPC || r == CP0_ERROREPC;		/* MTC0 in MD00087, and metal */
	u64 now, written = value;

	if (info->bits == 32 || !whole)
		value = word(value);
	value = (value & info->writable) | (v->page->cp0[r] & ~info->writable);
	switch (r) {
	case CP0_COUNT:
		now = cycles(v);
		v->count_offset = (s64)(u32)value - (s64)now;
		arm_timer(v);
		return;
	case CP0_CVMCOUNT:
		v->cvmcount_offset = value - cycles(v);
		v->page->clock.until = 0;
		follow_shared_count(v);
		return;
	case CP0_COMPARE:
		v->page->cp0[r] = value;
		set_timer_irq(v, false);
		arm_timer(v);
		return;
	case CP0_ENTRYHI:
		/* Linux writes window addresses here (flush_tlb_kernel_range); the TLB knows canonical ones. */
		v->page->cp0[r] = windows__canonical(&v->machine->windows, value & ~ENTRYHI_ASID) & info->writable;
		v->page->cp0[r] |= value & ENTRYHI_ASID;
		return;
	case CP0_PRID:		/* read-only: who writes to it means us */
		v->machine->ops->call(v, written);
		return;
	case CP0_STATUS:
		if (!(cp0_word(v, CP0_CONFIG1) & CONFIG1_FP))
			value &= ~(u64)(STATUS_CU1 | STATUS_FR);
		v->page->cp0[r] = word(value);
		return;
	case CP0_PAGEGRAIN:
		if (!(cp0_word(v, CP0_CONFIG3) & CONFIG3_RXI))
			value &= ~(u64)(PAGEGRAIN_RIE | PAGEGRAIN_XIE | PAGEGRAIN_IEC);
		v->page->cp0[r] = word(value);
		return;
	case CP0_WIRED:
		v->page->cp0[r] = value;
		v->random = TLB_ENTRIES - 1;
		return;
	default:
		v->page->cp0[r] = value;
		return;
	}
}

static void reset_registers(struct vcpu *v)
{
	struct vcpu_page *page = v->page;

	for (unsigned i = 0; i < CP0_REGISTERS; i++)
		page->cp0[i] = cp0_info[i].reset;
	page->badvaddr = 0;
	page->cp0[CP0_EBASE] |= v->core;
	if (v->machine->big_endian)
		page->cp0[CP0_CONFIG] |= CONFIG_BE;
	v->pc = RESET_VECTOR;
	v->random = TLB_ENTRIES - 1;
	v->tlb_generation++;
	memset(v->tlb, 0, sizeof(v->tlb));
	/* No two entries may match anything: each a page of its own in CKSEG0, which is never mapped. */
	for (unsigned i = 0; i < TLB_ENTRIES; i++)
		v->tlb[i].hi = (0xffffffff80000000ull + i * 0x2000) & ENTRYHI_VPN2;
}

void vcpu__reset(struct vcpu *v, struct machine *machine, struct vcpu_page *page, unsigned core)
{
	*v = (struct vcpu){ .machine = machine, .page = page, .core = core };
	reset_registers(v);
}

void vcpu__park(struct vcpu *v)
{
	const u64 config1 = v->page->cp0[CP0_CONFIG1], config3 = v->page->cp0[CP0_CONFIG3];

	reset_registers(v);
	v->page->cp0[CP0_CONFIG1] = config1;
	v->page->cp0[CP0_CONFIG3] = config3;
	memset(v->gpr, 0, sizeof(v->gpr));
	memset(v->fpr, 0, sizeof(v->fpr));
	memset(v->mpl, 0, sizeof(v->mpl));
	memset(v->product, 0, sizeof(v->product));
	v->hi = v->lo = v->fcsr = 0;
	v->count_offset = v->cvmcount_offset = 0;
	v->ll_valid = v->timer_armed = v->hung = false;
	v->indices_emptied = 0;
	v->parked = v->waiting = true;
	v->machine->ops->tlb_flushed(v);
}

/* Added to an address below 2^63 it makes one that no process of the Host's has. Those above are such as they stand. */
#define NO_ADDRESS	0x4000000000000000ull

void vcpu__set_addends(struct vcpu *v)
{
	struct vcpu_page *p = v->page;

	for (unsigned i = 0; i < VCPU_ADDENDS; i++)
		p->addend[i] = i < VCPU_ADDENDS / 2 ? NO_ADDRESS : 0;
	p->addend[VCPU_ADDEND(XKPHYS)] = WINDOW_PHYSMAP - XKPHYS;
	p->addend[VCPU_ADDEND(XKSEG)] = WINDOW_MAP - XKSEG;
	p->addend[VCPU_ADDEND(CKSEG0)] = WINDOW_CKSEG0 - CKSEG0;
	memcpy(p->addend_high, p->addend, sizeof(p->addend));
	p->addend_high[VCPU_ADDEND(XKSEG)] = WINDOW_HIGH - WINDOW_HIGH_OF;
}
