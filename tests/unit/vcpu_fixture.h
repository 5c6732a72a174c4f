/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A vCPU with a megabyte of RAM, a clock that the test sets, and callbacks that write down what they are
 * told. Code lies at CODE, data at DATA, both in the CKSEG0 window.
 *
 * An instruction is written A("addu $10, $8, $9", 0x01095021): what gas is to make of the text, and the
 * word, so that the tests run without an assembler. tests/words assembles every text and compares.
 */
#ifndef TESTS_UNIT_VCPU_FIXTURE_H
#define TESTS_UNIT_VCPU_FIXTURE_H

#include "tests/unit/cmocka_all.h"
#include "wedge/core/interp.h"
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"

#define RAM_BYTES	0x100000ull
#define CODE_PA		0x10000ull
#define DATA_PA		0x20000ull
#define CODE		(WINDOW_CKSEG0 + CODE_PA)
#define DATA		(WINDOW_CKSEG0 + DATA_PA)
#define VECTORS		WINDOW_CKSEG0		/* EBase */

struct insn {
	const char *text;
	u32 word;
};
#define A(TEXT, WORD)	{ TEXT, WORD }

struct drop {
	u64 va, size;
	unsigned asid;
	bool global;
};

struct fixture {
	struct machine machine;
	struct vcpu v;
	struct vcpu_page *page;		/* of its own, so that the sanitizer sees what lies behind it */
	u8 *ram;
	u64 cycles;
	struct drop drop;		/* the last */
	unsigned drops, flushes, writes, icache_syncs, compare_changes, exceptions, fpu_fetches, fpu_loads, calls;
	u64 call_pa;
	u64 io_pa, io_value;
	unsigned io_size, io_reads, io_writes;
	bool executable;		/* whatever is no RAM */
};

static inline struct fixture *fixture_of(const struct vcpu *v)
{
	return v->machine->user;
}

static inline u64 fixture_cycles(const struct vcpu *v)
{
	return fixture_of(v)->cycles;
}

static inline u64 fixture_io_read(struct vcpu *v, u64 pa, unsigned size)
{
	struct fixture *f = fixture_of(v);

	f->io_reads++;
	f->io_pa = pa;
	f->io_size = size;
	return f->io_value;
}

static inline bool fixture_executes(struct vcpu *v, u64 pa) { return fixture_of(v)->executable; }

static inline void fixture_io_write(struct vcpu *v, u64 pa, unsigned size, u64 value)
{
	struct fixture *f = fixture_of(v);

	f->io_writes++;
	f->io_pa = pa;
	f->io_size = size;
	f->io_value = value;
}

static inline void fixture_dropped(struct vcpu *v, u64 va, u64 size, unsigned asid, bool global)
{
	struct fixture *f = fixture_of(v);

	f->drop = (struct drop){ va, size, asid, global };
	f->drops++;
}

static inline void fixture_compare_changed(struct vcpu *v) { fixture_of(v)->compare_changes++; }
static inline void fixture_flushed(struct vcpu *v) { fixture_of(v)->flushes++; }
static inline void fixture_written(struct vcpu *v, const struct tlb_entry *e) { fixture_of(v)->writes++; }
static inline void fixture_icache_sync(void *user) { ((struct fixture *)user)->icache_syncs++; }
static inline void fixture_exception(struct vcpu *v, unsigned code) { fixture_of(v)->exceptions++; }
static inline void fixture_fpu_fetch(struct vcpu *v) { fixture_of(v)->fpu_fetches++; }
static inline void fixture_fpu_loaded(struct vcpu *v) { fixture_of(v)->fpu_loads++; }

static inline void fixture_call(struct vcpu *v, u64 pa)
{
	fixture_of(v)->call_pa = pa;
	fixture_of(v)->calls++;
}

/* As a kernel finds the CPU, with 64-bit addresses. */
static inline void fixture_reset(struct fixture *f)
{
	vcpu__reset(&f->v, &f->machine, f->page, 0);
	f->page->cp0[CP0_STATUS] = STATUS_KX | STATUS_SX | STATUS_UX;
	f->page->cp0[CP0_EBASE] = VECTORS;
	f->v.pc = CODE;
}

static inline void fixture_open(struct fixture *f, bool big_endian)
{
	static const struct machine_ops ops = {
		.cycles = fixture_cycles, .io_read = fixture_io_read, .io_write = fixture_io_write, .executes = fixture_executes,
		.compare_changed = fixture_compare_changed, .tlb_dropped = fixture_dropped,
		.tlb_flushed = fixture_flushed, .tlb_written = fixture_written,
		.icache_sync = fixture_icache_sync, .exception_taken = fixture_exception,
		.fpu_fetch = fixture_fpu_fetch, .fpu_loaded = fixture_fpu_loaded, .call = fixture_call,
	};

	memset(f, 0, sizeof(*f));
	f->ram = calloc(1, RAM_BYTES);
	f->page = calloc(1, sizeof(*f->page));
	assert_non_null(f->ram);
	assert_non_null(f->page);
	f->machine = (struct machine){
		.windows = LAYOUT_WINDOWS, .ram = { .base = f->ram, .size = RAM_BYTES, .low = RAM_BYTES }, .ops = &ops, .user = f,
		.big_endian = big_endian,
	};
	fixture_reset(f);
}

static inline void fixture_close(struct fixture *f)
{
	free(f->ram);
	free(f->page);
}

/* `size` bytes at a physical address, in the guest's byte order. */
static inline void fixture_put(struct fixture *f, u64 pa, unsigned size, u64 value)
{
	for (unsigned i = 0; i < size; i++)
		f->ram[pa + (f->machine.big_endian ? size - 1 - i : i)] = value >> 8 * i;
}

static inline u64 fixture_get(const struct fixture *f, u64 pa, unsigned size)
{
	u64 value = 0;

	for (unsigned i = 0; i < size; i++)
		value |= (u64)f->ram[pa + (f->machine.big_endian ? size - 1 - i : i)] << 8 * i;
	return value;
}

/* Puts this one instruction at CODE and executes it. */
static inline int fixture_run(struct fixture *f, u32 word)
{
	fixture_put(f, CODE_PA, 4, word);
	f->v.pc = CODE;
	return vcpu__step(&f->v);
}

/* The guest is in its user mode from now on; `pc`, where it goes on, is not translated yet. */
static inline void fixture_user_mode(struct fixture *f)
{
	f->page->cp0[CP0_STATUS] |= STATUS_KSU_USER;
}

/* TLB entry `index`: the pair of 4 KB pages at `va` leads to `pa` and the page behind, with these EntryLo bits. */
static inline void fixture_map(struct fixture *f, unsigned index, u64 va, u64 pa, u64 bits)
{
	u64 *cp0 = f->page->cp0;

	cp0[CP0_ENTRYHI] = (va & ENTRYHI_VPN2) | (cp0[CP0_ENTRYHI] & ENTRYHI_ASID);
	cp0[CP0_PAGEMASK] = 0;
	cp0[CP0_ENTRYLO0] = pa >> 6 | bits;
	cp0[CP0_ENTRYLO1] = (pa + 0x1000) >> 6 | bits;
	cp0[CP0_INDEX] = index;
	tlb__write_index(&f->v);
}

/* An exception was taken: this code, at the vector EBase + offset, with EPC there. */
#define assert_exception(f, code, offset, epc) \
	do { \
		assert_int_equal((cp0_word(&(f)->v, CP0_CAUSE) & CAUSE_EXCCODE) >> 2, code); \
		assert_int_equal((f)->v.pc, VECTORS + (offset)); \
		assert_int_equal((f)->page->cp0[CP0_EPC], epc); \
		assert_true(cp0_word(&(f)->v, CP0_STATUS) & STATUS_EXL); \
	} while (0)

#endif
