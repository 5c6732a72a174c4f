/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CP0 of the virtual CPU: names for cp0.def's rows, the fields Linux uses, and the vCPU page.
 *
 * The values live in the vCPU page, one 64-bit slot each, because burnt sites read and write them there
 * with plain loads and stores. A 32-bit register is the low word of its slot; a burnt mtc0 leaves the
 * high word as it was, so 32-bit registers are read through cp0_word() only.
 */
#ifndef WEDGE_CORE_CP0_H
#define WEDGE_CORE_CP0_H

#include "lib/types.h"

enum cp0_register {
#define CP0(NAME, ...) CP0_##NAME,
#include "wedge/core/cp0.def"
#undef CP0
	CP0_REGISTERS
};

enum cp0_access { CP0_PLAIN, CP0_CALL };

struct cp0_info {
	const char *name;
	u8 rd, sel, bits;
	u8 read, write;		/* enum cp0_access */
	u64 reset, writable;
};

extern const struct cp0_info cp0_info[CP0_REGISTERS];

/* The register that (rd, sel) names, or -1 if this CPU has none there. */
int cp0__find(unsigned rd, unsigned sel);

/*
 * The vCPU page, mapped at VCPU_PAGE in the Wedge's address space, so that $zero reaches it with a
 * 16-bit offset. It is made read-only while an interrupt is pending and masked, and the next store to it, by a burnt
 * site, is then the moment to look again. What says nothing of interrupts is behind it, where it is always writable: the trampoline of a
 * call stores there, and a block, and what is called looks again anyway. (When it was on the same page, four calls of each interrupt of a
 * device were signals instead, of 9,000 instructions.) A Host with pages of 16 KB has one page there, at 0x4000, with both, and all of it is read-only
 * then: such a store is a signal again, and there no block is entered meanwhile (host/mips64/drive.c).
 *
 * A NULL pointer of the guest's kernel reaches them as well, with an offset. So they are the only pages that lie so low, the last that a
 * signed offset of 16 bits reaches, and hold what is reached from $zero and nothing else: no pointer but for burnt code itself, and
 * nothing that the Wedge believes. `scratch` is live only while a burnt sequence is at it.
 */
#define VCPU_PAGE	0x6000
#define VCPU_PAGE_SIZE	0x1000		/* of that which may be read-only */

/* Powers of two: how many places the table of jumps has, and how many where blocks are all of a kernel, which have one of their own (layout.h). */
#define VCPU_JUMPS	64
#define VCPU_JUMPS_MANY	65536

/* Of a kernel that is not where it was linked for: by the top four bits of one of its addresses, what is added to get to where that is. */
#define VCPU_ADDENDS		16
#define VCPU_ADDEND(va)		((va) >> 60)

#define VCPU_LOOK_BITS	5
#define VCPU_LOOKS	(1 << VCPU_LOOK_BITS)
#define VCPU_LOOK_PAGE	0x1000ull	/* in so many bytes: 4 KB, whatever pages Host and guest have */
#define VCPU_LOOK(va)	((va) >> 12 & (VCPU_LOOKS - 1))
#define VCPU_LOOK_NONE	0x7ffffffffffff000ull	/* no address */

struct vcpu_page {
	u64 cp0[CP0_REGISTERS];
	u64 unused[VCPU_PAGE_SIZE / 8 - 1 - 2 * VCPU_ADDENDS - 4 * VCPU_LOOKS - CP0_REGISTERS];
	u64 addend[VCPU_ADDENDS];
	u64 addend_high[VCPU_ADDENDS];	/* the same for accesses that have led to the end of XKSEG, which no sum with the other number reaches */
	struct vcpu_look {	/* where pages of user memory are for the guest's kernel, by address: VCPU_LOOK() */
		u64 load;	/* the page's address, if it may be read */
		u64 store;	/* and if it may be written; else VCPU_LOOK_NONE */
		u64 distance;	/* from there to a window */
		u64 unused;
	} look[VCPU_LOOKS];
	u64 badvaddr;		/* BadVAddr as TLB handlers want it, which read it into k0 or k1: canonical */
	/* Behind the page: registers of the guest that native code and blocks have put away. */
	/* 0: a register that a sequence saves; 0 and 1: ra and at, until call_entry has saved them; 2 and 3: of a block or a look; 4 to 7: of a block */
	u64 scratch[8];
	u64 k[2];		/* k0 and k1, while native code runs */
	struct vcpu_jump {	/* where jumps by a register have led, by address */
		u64 pc;		/* 0: none */
		u64 place;	/* a block's; or pc, if the code may run as it stands */
	} jump[VCPU_JUMPS];
	u64 vector;		/* the block of the general exception vector; 0: none */
	struct vcpu_sites {	/* of system calls of user code in the Wedge's own address space that are jumps: wedge/host/mips64/sites.S */
		u64 enter;	/* where they lead to */
		u64 back;	/* of the last: where the program goes on, */
		u64 stub;	/* whence it gets there, */
		u64 status;	/* and Status as its kernel has found it */
		u64 entryhi, userlocal;	/* as it ran with */
		u64 fresh;	/* not 0: the Wedge has not been called since it ran */
		u64 calls;	/* for statistics */
	} sites;
	struct vcpu_clock {	/* what CvmCount is to native code of the kernel: a counter of the Host's, which it can read, and a number */
		u64 until;	/* while that counter is below it; 0: never. Then the Wedge is asked */
		u64 offset;
	} clock;
};
#define VCPU_SCRATCH	(VCPU_PAGE + offsetof(struct vcpu_page, scratch))

_Static_assert(sizeof(struct vcpu_look) == 1 << VCPU_LOOK_BITS, "a look finds its entry by two shifts by as much");
_Static_assert(offsetof(struct vcpu_page, scratch) == VCPU_PAGE_SIZE && sizeof(struct vcpu_page) <= 2 * VCPU_PAGE_SIZE,
	       "what may be read-only is a page of 4 KB, and there is one behind it");

#define STATUS_IE	0x00000001u
#define STATUS_EXL	0x00000002u
#define STATUS_ERL	0x00000004u
#define STATUS_KSU	0x00000018u
#define STATUS_KSU_USER	0x00000010u
#define STATUS_UX	0x00000020u
#define STATUS_SX	0x00000040u
#define STATUS_KX	0x00000080u
#define STATUS_IM	0x0000ff00u
#define STATUS_NMI	0x00080000u
#define STATUS_BEV	0x00400000u
#define STATUS_FR	0x04000000u
#define STATUS_CU0	0x10000000u
#define STATUS_CU1	0x20000000u
#define STATUS_CU2	0x40000000u

#define RESET_VECTOR	0xffffffffbfc00000ull	/* of an NMI as well; on the boot bus */

#define CAUSE_EXCCODE	0x0000007cu
#define CAUSE_IP	0x0000ff00u
#define CAUSE_IP_SHIFT	8
#define CAUSE_IV	0x00800000u
#define CAUSE_CE	0x30000000u
#define CAUSE_CE_SHIFT	28
#define CAUSE_TI	0x40000000u
#define CAUSE_BD	0x80000000u

#define INTCTL_IPTI_SHIFT	29
#define CONFIG_BE		0x00008000u
#define CONFIG1_FP		0x00000001u
#define CVMCTL_NOMUL		0x08000000u
#define CVMMEMCTL_LMEMSZ	0x0000003fu
#define CVMMEMCTL_CVMSEGENAK	0x00000100u
#define CONFIG3_RXI		0x00001000u
#define PAGEGRAIN_RIE		0x80000000u
#define PAGEGRAIN_XIE		0x40000000u
#define PAGEGRAIN_IEC		0x08000000u
#define INDEX_P			0x80000000u

#define ENTRYHI_ASID	0x00000000000000ffull
#define ENTRYHI_VPN2	0xc00000ffffffe000ull
#define ENTRYLO_G	0x1ull
#define ENTRYLO_V	0x2ull
#define CONTEXT_LOW	0x7fffffull	/* of Context: BadVPN2, which hardware writes */
#define ENTRYLO_D	0x4ull
#define ENTRYLO_PFN	0x00000003ffffffc0ull	/* 40 bits of physical address: all that has RAM */
#define ENTRYLO_XI	0x4000000000000000ull
#define ENTRYLO_RI	0x8000000000000000ull

/* Exception codes of Cause */
enum exception {
	EXC_INT = 0, EXC_MOD = 1, EXC_TLBL = 2, EXC_TLBS = 3, EXC_ADEL = 4, EXC_ADES = 5, EXC_IBE = 6,
	EXC_DBE = 7, EXC_SYS = 8, EXC_BP = 9, EXC_RI = 10, EXC_CPU = 11, EXC_OV = 12, EXC_TR = 13,
	EXC_FPE = 15, EXC_TLBRI = 19, EXC_TLBXI = 20, EXC_CODES = 32
};

/* The name the architecture manual gives the code, "?" for a reserved one. */
const char *exception__name(unsigned code);

#endif
