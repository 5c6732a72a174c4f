/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The virtual CPU and what it runs in: registers, TLB, windows, RAM.
 *
 * Everything here is portable: the interpreter runs the whole guest on x86-64 too, under sanitizers.
 * On a MIPS64 Host most kernel code runs natively and comes here only when it traps.
 */
#ifndef WEDGE_CORE_VCPU_H
#define WEDGE_CORE_VCPU_H

#include "lib/types.h"
#include "wedge/core/breakpoint.h"
#include "wedge/core/cp0.h"
#include "wedge/trace/trace.h"

#define TLB_ENTRIES	64
#define MACHINE_CORES	12		/* at most: of a CN56XX */
#define CVMSEG_SIZE	0x2000		/* 54 cache lines of 128 bytes fit */

enum { REG_AT = 1, REG_V0 = 2, REG_A0 = 4, REG_A3 = 7, REG_T0 = 12, REG_T8 = 24, REG_K0 = 26, REG_K1 = 27, REG_SP = 29, REG_RA = 31 };

/*
 * Where the guest's segments are. On metal ckseg0 and physmap would be the canonical addresses; under the
 * Wedge they are windows in the low part of the address space. Canonical addresses work as well: a stock
 * kernel uses nothing else.
 */
struct windows {
	u64 ckseg0, ckseg0_size;	/* 512 MB that stand for CKSEG0; RAM is seen in the first `size` bytes */
	u64 physmap, physmap_size;	/* stands for XKPHYS */
	u64 map, map_end;		/* stands for XKSEG: vmalloc */
	u64 modules, modules_end;	/* stands for CKSSEG, where modules are; inside that of CKSEG0 */
	u64 user, user_end;		/* where programs may have pages, */
	u64 low, low_end;		/* and there, below the windows */
};

static inline bool windows__are_users(const struct windows *w, u64 va)
{
	return va - w->user < w->user_end - w->user || va - w->low < w->low_end - w->low;
}

/* Segments as the architecture has them. */
#define CKSEG0			0xffffffff80000000ull
#define CKSEG0_SIZE		0x20000000ull
#define XKPHYS			0x8000000000000000ull
#define XKPHYS_PA		0x0001ffffffffffffull	/* of an address in it: PABITS 49; bit 48 selects I/O */
#define XKSEG			0xc000000000000000ull
#define CKSSEG			0xffffffffc0000000ull
#define CKSSEG_SIZE		0x20000000ull

/* Has the kernel this address without a translation, in a window or canonical? Then `pa` is what it leads to, RAM or not. */
static inline bool windows__physical(const struct windows *w, u64 va, u64 *pa)
{
	if (va - w->ckseg0 < w->ckseg0_size)
		*pa = va - w->ckseg0;
	else if (va - w->physmap < w->physmap_size)
		*pa = va - w->physmap;
	else if (va - CKSEG0 < CKSEG0_SIZE)
		*pa = va - CKSEG0;
	else if (va >= XKPHYS && va < XKSEG)
		*pa = va & XKPHYS_PA;
	else
		return false;
	return true;
}

/* Of pages of RAM, in its order, for who has to know what has been written: bits that anybody may set, and who has made them takes away. */
#define RAM_MARK_PAGE	0x1000ull	/* bytes of one, on any Host */
#define RAM_MARKS	0x400000u	/* pages: 16 GB, of which the Host gives what is used */
struct ram_marks {
	u32 told;		/* there are some that have not been looked at */
	u8 of[RAM_MARKS];
};
enum { RAM_OF_CODE = 1, RAM_WRITTEN = 2, RAM_AT_ANY_TIME = 4 };	/* may be written without being told of: by a device or a program */

/* Physical memory: one block, split as board__ram_banks() says. */
struct ram {
	u8 *base;		/* where the Wedge sees it */
	u64 size;
	u64 low;		/* the part of it at physical 0 */
	struct ram_marks *marks;	/* NULL: nobody wants to know */
};

struct tlb_entry {
	u64 hi;			/* EntryHi: R, VPN2, ASID */
	u64 mask;		/* PageMask */
	u64 lo[2];
	u64 ignored;		/* of an address and an ASID, what is not compared with `hi` */
	bool global;
};

/* A translation the interpreter has used lately; valid while `generation` is that of the TLB. */
struct translation {
	u64 tag;		/* virtual page | asid */
	u64 generation;
	u8 *page;
	u64 rights;		/* ENTRYLO_D and RI/XI as in EntryLo */
};
#define TRANSLATIONS	256

/*
 * What rewriting replaced, so that the interpreter sees the guest's program and not ours. The word that
 * stands there now says which it was, whatever its address: Linux copies its exception vectors. It is
 * a jump to slot n of the code cache, which belongs to original n, or a guard or a NOP with n in it.
 */
struct original {
	u64 address;
	u32 word;		/* the instruction that stood there */
	u32 words;		/* how far it reaches: 1, or the site's length when burnt */
	u32 stand_in;		/* the word that stands there now */
};

/*
 * A coprocessor 0 operation (CO set) whose function no CPU defines. It is privileged on every MIPS, so it
 * raises SIGILL when run natively; 19 bits are free for the number of the original.
 */
#define GUARD_MATCH		0x4200003fu
#define GUARD_MASK		0xfe00003fu
#define GUARD(n)		(GUARD_MATCH | (u32)(n) << 6)
#define GUARD_NUMBER(w)		((w) >> 6 & 0x7ffff)
#define GUARDS_MAX		(0x80000 - BREAKPOINTS_MOST)	/* those behind are breakpoints: breakpoint.h */

/*
 * ori $zero, rs, immediate: does nothing, with a number in the other fields. In the slot of a jump that takes two words
 * of the guest's.
 */
#define NUMBERED_NOP_MATCH	0x34000000u
#define NUMBERED_NOP_MASK	0xfc1f0000u
#define NUMBERED_NOP(n)		(NUMBERED_NOP_MATCH | (u32)(n) >> 16 << 21 | ((n) & 0xffff))
#define NUMBERED_NOP_NUMBER(w)	(((w) >> 21 & 0x1f) << 16 | ((w) & 0xffff))

/* Code in which k0 or k1 is live, or FP registers move: [start, end). Sorted, disjoint. */
struct region {
	u64 start, end;
};

#define SLOT_SIZE	32	/* bytes of code cache for a site that needs any */

/*
 * A piece of the guest's code that was looked through for sensitive instructions: the kernel, the text of a
 * module, that of its init part. No other code of the guest's kernel may run natively.
 */
struct code {
	struct code *next;
	union {
		struct { u64 start, end; };	/* in the window */
		struct region all;
	};
	bool in_blocks;				/* nothing of it is to run as it stands */
	char name[64];
	struct original *originals;	/* first those of the slots, then the others */
	size_t original_count, slot_count;
	u32 first;				/* number of the first; the others follow. No two pieces share one */
	struct region *regions;
	size_t region_count;
	size_t regions_below;			/* that begin at or below the place last asked for */
	struct region *blanks;		/* text that was empty at load time: see burn.c */
	size_t blank_count;
};

struct vcpu;
struct heap;

enum { ORDER_RESET = 1, ORDER_RELEASE = 2, ORDER_NMI = 4, ORDER_LOCK = 8 };	/* in this order; the last: what code it may no longer write (code-pages.h) */

/* What a vCPU asks of the machine that it belongs to (v->machine->user); `v` is the one that asks. */
struct machine_ops {
	u64 (*cycles)(const struct vcpu *v);	/* core clock cycles since start */
	u64 (*shared_count)(const struct vcpu *v);	/* that counter, while machine.count_shared */
	void (*tell_clock)(struct vcpu *v);		/* brings page->clock up to date; NULL: there is none */
	u64 (*io_read)(struct vcpu *v, u64 pa, unsigned size);
	void (*io_write)(struct vcpu *v, u64 pa, unsigned size, u64 value);
	bool (*executes)(struct vcpu *v, u64 pa);	/* can code be fetched there, where no RAM is? NULL: nowhere */
	void (*compare_changed)(struct vcpu *v);	/* Compare or Count was written */
	/* A TLB entry is no more: [va, va + size) of `asid` (or of all, if global) must be forgotten. */
	void (*tlb_dropped)(struct vcpu *v, u64 va, u64 size, unsigned asid, bool global);
	void (*tlb_flushed)(struct vcpu *v);		/* all that is not in the TLB now must be forgotten */
	void (*tlb_written)(struct vcpu *v, const struct tlb_entry *entry);
	void (*icache_sync)(void *user);		/* of every core */
	void (*code_written)(struct vcpu *v, u64 offset);	/* a page of RAM that is marked RAM_OF_CODE is about to be */
	bool (*code_locked)(const struct vcpu *v, u64 offset);	/* may the core not write that without telling? NULL: it always may */
	/*
	 * A page of RAM must not be written by this core without that: where the guest's kernel has mapped it, at `va` of CKSSEG; 0: where it need not be mapped.
	 * False: it cannot be kept from it. NULL: never.
	 */
	bool (*lock_code)(void *user, u64 offset, u64 va);
	void (*order_lock)(void *user, unsigned core);	/* that core is to lock what is open: ORDER_LOCK */
	void (*code_gone)(void *user, u64 start, u64 end);	/* a piece of code is about to be none any more. NULL: nobody wants to know */
	void (*exception_taken)(struct vcpu *v, unsigned code);	/* before pc changes */
	void (*fpu_fetch)(struct vcpu *v);	/* kernel code is about to use fpr and fcsr: fill them */
	void (*fpu_loaded)(struct vcpu *v);	/* kernel code has written FCSR, the last that Linux loads of a thread's registers */
	void (*call)(struct vcpu *v, u64 pa);	/* the guest asks something of the Wedge: abi/call.h */
	void (*executing)(struct vcpu *v, u32 insn);	/* if vcpu.watched: before each step, its instruction fetched */
	void (*look_at_task)(struct vcpu *v);	/* if TRACE_SWITCH is on: the guest's kernel is about to let a program go on, or to wait */
};

struct machine {
	struct windows windows;
	struct ram ram;
	const struct machine_ops *ops;
	void *user;
	struct code *code;			/* the kernel first */
	struct code *retired;			/* pieces that are none any more, until no core can be looking: pieces.h */
	struct heap *heap;			/* for pieces, where several processes have to see them; NULL: malloc() */
	struct vcpu *vcpu[MACHINE_CORES];	/* `cpus` of them */
	unsigned cpus;
	u64 slots;				/* address of slot 0 of the code cache */
	u64 rest_most;				/* cycles that a timer can be made to wait: vcpu__timer_due(). 0: it is not */
	u64 alarm_least;			/* likewise, behind the writing of Compare */
	/* NULL, or what is told of each sensitive instruction that was executed, at this address: for --poison. */
	void (*executed)(struct vcpu *v, u64 address);
	bool big_endian;
	bool canonical;				/* the kernel lies where it was linked for: its code cannot run as it stands */
	bool in_blocks;				/* all of it runs as blocks, or interpreted */
	const u32 *mapped_code;			/* of each page of CKSSEG: the page of RAM, + 1, whose code blocks are made of there; 0: none. NULL: nowhere */
	struct breakpoints breakpoints;		/* a debugger's; changed while all cores rest */
	bool count_shared;			/* user code that runs natively reads a counter of the Host's, which CvmCount follows */
};

/*
 * On a MIPS64 Host the vcpu lies at VCPU_STATE (layout.h), which call_entry has as a constant, in two instructions. Its
 * first fields are those that call_entry reaches from there with an offset of 16 bits. What burnt code reaches from $zero
 * is in the vCPU page (cp0.h).
 */
struct vcpu {
	u64 gpr[32], hi, lo, pc;
	u64 call_return;		/* return address of the trampoline that called the Wedge */
	u64 call_done;			/* its site has been executed, only the way back remains */
	u64 kick;			/* not 0: something happened, poll before going native */
	u32 lines;			/* the interrupt lines IP2-7 (bit n: IPn) as others have set them; see vcpu__take_lines() */
	u32 orders;			/* ORDER_: what others want of the core, which sees to it when it looks at `kick` */
	u32 passage;			/* counted up when its process enters the Wedge, and when it leaves: odd inside */
	struct machine *machine;
	struct vcpu_page *page;		/* a mapping of the vCPU page that is always writable */
	u64 next_pc;			/* while an instruction executes: where the next one is */
	u64 fpr[32];
	u32 fcsr, fir;
	u64 mpl[3], product[3];		/* Octeon multiplier: MPL0-2, P0-2 */

	bool ll_valid;			/* an interpreted LL stands open */
	u64 ll_address, ll_value, ll_pc;

	unsigned core;			/* its number on the Board */
	bool waiting;			/* executed `wait`, or parked */
	bool parked;			/* was reset, and waits for an NMI, or to be let go; no interrupt is enabled after a reset */
	bool hung;			/* for ever in an exception whose vector cannot be executed, until an NMI or a reset */
	bool watched;			/* tell the machine of each instruction */
	u32 code_changes;		/* breakpoints.changes, when it last looked */
	bool debugged;			/* ask the machine before each instruction that is interpreted, and before going native. The monitor's, while it rests */
	s64 count_offset, cvmcount_offset;	/* Count = cycles + offset */
	bool timer_armed;		/* Compare was written and its match has not been seen */
	u64 timer_deadline;		/* in cycles */
	bool interrupted;		/* an interrupt was taken, and none is enabled again */
	u64 interrupt_begun, interrupt_over;	/* when the last was; in cycles */
	u64 timer_rest;			/* the timer keeps quiet until then */
	u64 alarm_floor;		/* and interrupts nobody sooner, who does not wait for it */

	struct tlb_entry tlb[TLB_ENTRIES];
	u64 tlb_generation;
	u64 indices_emptied;		/* bit n: tlbwi wrote an invalid entry n, the last since a flush: see tlb.c */
	u32 random;
	struct translation translations[TRANSLATIONS];
	u8 cvmseg[CVMSEG_SIZE];

	u64 exceptions[EXC_CODES];	/* taken, by code */
	u64 interpreted;		/* instructions, */
	u64 faults;			/* of which so many were stopped by their address */
	u64 last_user_access;		/* value of `interpreted` when kernel code last touched user memory, */
	u64 last_user_va;		/* and where */
	u64 refills;

	u64 tracing;			/* points that are on (TRACE_SET), TRACE_COUNT. Set by the monitor at any time, read by its owner */
	struct trace_ring *trace;	/* where its owner writes them; not NULL if any is on. The monitor goes by its own copy */
};

/* Reset state of core `core`, which is EBase.CPUNum; `page` and `machine` must outlive the vcpu. */
void vcpu__reset(struct vcpu *v, struct machine *machine, struct vcpu_page *page, unsigned core);
/* A core is reset while the machine runs: what counts goes on, and the core is the model that it was. Then it is parked. */
void vcpu__park(struct vcpu *v);

/* For blocks of a kernel that stays where it was linked for: where the windows of RAM are that native code sees (layout.h). */
void vcpu__set_addends(struct vcpu *v);

/* --- CP0 (cp0.c) --- */
static inline u32 cp0_word(const struct vcpu *v, enum cp0_register r)
{
	return (u32)v->page->cp0[r];
}

/* The root of the current address space, as Linux keeps it in Context, shifted by `shift` (0 to 63): abi/page-tables.h. */
static inline u64 cp0__tables_root(const struct vcpu *v, unsigned shift)
{
	return (v->page->cp0[CP0_CONTEXT] & ~CONTEXT_LOW) >> (shift & 63) & ~0xfffull;
}

/* What mfc0/dmfc0 and mtc0/dmtc0 do; reading sign-extends 32-bit registers. */
u64 cp0__read(struct vcpu *v, enum cp0_register r);
void cp0__write(struct vcpu *v, enum cp0_register r, u64 value, bool wide);

/*
 * Raise or lower the hardware interrupt line Cause.IP`line` (2-7): any core may. Cause is the owner's, who reads and writes it
 * without a lock, so it only changes when the owner looks.
 */
void vcpu__set_line(struct vcpu *v, unsigned line, bool level);
void vcpu__take_lines(struct vcpu *v);
/* Both, for the owner. */
void vcpu__set_irq(struct vcpu *v, unsigned line, bool level);
/* Looks at the clock: raises Cause.TI when Compare was reached. */
void vcpu__check_timer(struct vcpu *v);
/*
 * When that is, in cycles, if timer_armed. Not before the guest has had as much time for itself as its last interrupt took, if that took more than
 * there was between it and the one before: on a Host that is too busy, or with a guest that traps at each turn, its ticks would else be all that it does.
 * And not so soon behind the writing of Compare that a guest which has just switched to another task would not get there: one that sleeps for microseconds
 * keeps others from running at all, as their kernel has them pay for what each switch costs (Go sleeps 20 ns where it means to sleep 20 us, on MIPS).
 */
u64 vcpu__timer_due(const struct vcpu *v);
/* An interrupt is taken; an eret has been executed. */
void vcpu__interrupt_begins(struct vcpu *v);
void vcpu__exception_over(struct vcpu *v);

/* Is the guest's byte order not ours? */
static inline bool vcpu__swapped(const struct vcpu *v)
{
	return v->machine->big_endian != (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
}

static inline bool vcpu__kernel_mode(const struct vcpu *v)
{
	u32 status = cp0_word(v, CP0_STATUS);

	return (status & (STATUS_EXL | STATUS_ERL)) || (status & STATUS_KSU) != STATUS_KSU_USER;
}

static inline bool vcpu__exl(const struct vcpu *v)
{
	return cp0_word(v, CP0_STATUS) & (STATUS_EXL | STATUS_ERL);
}

/* Unmasked pending interrupts, whether or not the vCPU takes them now. */
static inline bool vcpu__irq_pending(const struct vcpu *v)
{
	return cp0_word(v, CP0_STATUS) & cp0_word(v, CP0_CAUSE) & CAUSE_IP;
}

static inline bool vcpu__irq_deliverable(const struct vcpu *v)
{
	u32 status = cp0_word(v, CP0_STATUS);

	return (status & (STATUS_IE | STATUS_EXL | STATUS_ERL)) == STATUS_IE && vcpu__irq_pending(v);
}

/* --- Exceptions (exception.c): each sets EPC, Cause, Status and pc, and returns -1. --- */
int exception__raise(struct vcpu *v, enum exception code, bool in_slot);
/* Where most lead, system calls among them. */
u64 exception__general_vector(const struct vcpu *v);
int exception__raise_cpu(struct vcpu *v, unsigned coprocessor, bool in_slot);
int exception__raise_address(struct vcpu *v, enum exception code, u64 va, bool refill, bool in_slot);
void exception__interrupt(struct vcpu *v);
/* Between two instructions. */
void exception__nmi(struct vcpu *v);

/* --- TLB (tlb.c) --- */
enum access { ACCESS_LOAD, ACCESS_STORE, ACCESS_FETCH };

/*
 * How a mapped address, as the architecture has it (windows__canonical()), translates now. `rights` are the bits D, RI and XI
 * of its EntryLo, and G if that is set in both of the pair.
 */
enum tlb_result { TLB_HIT, TLB_REFILL, TLB_INVALID, TLB_MODIFIED, TLB_READ_INHIBIT, TLB_EXEC_INHIBIT };

enum tlb_result tlb__lookup(const struct vcpu *v, u64 va, enum access access, u64 *pa, u64 *rights);
void tlb__write_index(struct vcpu *v);
void tlb__write_random(struct vcpu *v);
void tlb__read(struct vcpu *v);
void tlb__probe(struct vcpu *v);

/* --- Memory (memory.c) --- */
u8 *ram__at_bank(const struct ram *ram, u64 pa, u64 size);

/* NULL if not all of it is RAM. Nearly all accesses are low ones: they must not cost a search of the banks. */
static inline u8 *ram__at(const struct ram *ram, u64 pa, u64 size)
{
	return pa < ram->low && size <= ram->low - pa ? ram->base + pa : ram__at_bank(ram, pa, size);
}

/* Somebody who is no core may write there from now on, at any moment. */
void ram__will_be_written(const struct ram *ram, const u8 *at, u64 size);

enum place { PLACE_RAM, PLACE_IO, PLACE_CVMSEG, PLACE_VCPU_PAGE, PLACE_FAULT };

struct location {
	enum place place;
	u8 *host;		/* RAM, CVMSEG, vCPU page */
	u64 pa;			/* IO */
	enum exception code;	/* FAULT */
	bool refill;
};

/* The way of nearly every kernel access, in a few instructions: low RAM through one of its windows, or NULL. */
static inline u8 *memory__direct(const struct vcpu *v, u64 va, unsigned size)
{
	const struct machine *m = v->machine;
	u64 pa = va - m->windows.ckseg0;

	if (pa >= m->windows.ckseg0_size)
		pa = va - m->windows.physmap;
	return pa < m->ram.low && size <= m->ram.low - pa && vcpu__kernel_mode(v) ? m->ram.base + pa : NULL;
}

/* Does an access of `size` bytes at `va` lie on two pages of 4 KB? */
bool memory__crosses_page(u64 va, unsigned size);

struct location memory__locate(struct vcpu *v, u64 va, unsigned size, enum access access);
/* Load (zero-extended) or store; -1 when the guest took an exception instead. */
int __must_check memory__load(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 *value);
int __must_check memory__store(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 value);
/*
 * What the guest's kernel knows as an address of vmalloc space or of a module, as the architecture would show it: in
 * XKSEG. Any other address unchanged.
 */
u64 windows__canonical(const struct windows *w, u64 va);
/* And back. */
u64 windows__window(const struct windows *w, u64 va);

/* --- The interpreter (interp.c) --- */
/*
 * Executes one instruction at pc, a branch together with its delay slot. Returns 0, or -1 if an exception
 * was taken; either way the state is exact and pc is where the guest goes on.
 */
int vcpu__step(struct vcpu *v);
/* Fetches the guest's instruction at pc, seeing through what was burnt. `length` is in bytes. */
int __must_check vcpu__fetch(struct vcpu *v, u64 pc, bool in_slot, u32 *insn, u32 *length);
/* What `word`, found at pc, was before rewriting; NULL if it is the guest's own. */
const struct original *machine__original(const struct machine *m, u64 pc, u32 word);
/* The piece of code that pc is in, or NULL. */
struct code *machine__code(const struct machine *m, u64 pc);
bool code__in_region(struct code *code, u64 pc);
bool code__in_blank(const struct code *code, u64 pc);
/* The stretch around pc that must not run as it stands: a region or, while EXL is set, a blank; or the whole piece. NULL: it may. */
const struct region *code__closed(struct code *code, u64 pc, bool exl);
/* May the code at pc run as it stands? Only what is of a piece may. */
bool machine__may_run(const struct machine *m, u64 pc, bool exl);
/* Did the kernel write the code there at run time: into a blank, or at an exception vector? */
bool machine__generated(const struct machine *m, u64 pc);

/* Prints the registers, for a guest that stops. */
struct _IO_FILE;
void vcpu__dump(const struct vcpu *v, const struct vcpu_page *page, struct _IO_FILE *out);

#endif
