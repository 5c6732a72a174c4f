/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a guest virtual address leads: the windows, the canonical segments, the TLB.
 *
 * The interpreter reaches memory only through here and never by touching the guest's address, so that it
 * raises no host signal, whatever the guest does, and so that it runs anywhere.
 */
#include "board/board.h"
#include "lib/unaligned.h"
#include "wedge/core/cp0.h"
#include "wedge/core/vcpu.h"

#define REGION_MASK		0xc000000000000000ull
#define XKPHYS_IO		0x0001000000000000ull
#define CVMSEG			0xffffffffffff8000ull
#define SEGMENT_SIZE		0x20000000ull
#define USER_32_END		0x80000000ull		/* of user space, without Status.UX */
#define USER_END		0x10000000000ull	/* with it: SEGBITS is 40 */
#define PAGE			0x1000ull

static bool is_mapped(const struct windows *w, u64 va)
{
	return va - w->map < w->map_end - w->map || va - w->modules < w->modules_end - w->modules;
}

u64 windows__canonical(const struct windows *w, u64 va)
{
	return is_mapped(w, va) ? va | XKSEG : va;
}

u64 windows__window(const struct windows *w, u64 va)
{
	u64 low = va & ~REGION_MASK;

	return (va & REGION_MASK) == XKSEG && is_mapped(w, low) ? low : va;
}

u8 *ram__at_bank(const struct ram *ram, u64 pa, u64 size)
{
	u64 offset = board__ram_offset(ram->size, pa, size);

	return offset == UINT64_MAX ? NULL : ram->base + offset;
}

void ram__will_be_written(const struct ram *ram, const u8 *at, u64 size)
{
	struct ram_marks *marks = ram->marks;
	const u64 from = at - ram->base;

	if (!marks || !size || from >= ram->size)
		return;
	for (u64 page = from / PAGE, end = from + (size < ram->size - from ? size : ram->size - from); page * PAGE < end; page++) {
		if (__atomic_load_n(&marks->of[page], __ATOMIC_SEQ_CST) & RAM_AT_ANY_TIME)
			continue;
		if (__atomic_fetch_or(&marks->of[page], RAM_AT_ANY_TIME, __ATOMIC_SEQ_CST) & RAM_OF_CODE)
			__atomic_store_n(&marks->told, 1, __ATOMIC_SEQ_CST);
	}
}

/* A core is about to write there, by the interpreter. */
static void tell(struct vcpu *v, const u8 *host)
{
	const struct ram *ram = &v->machine->ram;
	const u64 offset = host - ram->base;

	if (ram->marks && __atomic_load_n(&ram->marks->of[offset / PAGE], __ATOMIC_ACQUIRE) & RAM_OF_CODE &&
	    v->machine->ops->code_written)
		v->machine->ops->code_written(v, offset);
}

static struct location fault(enum exception code)
{
	return (struct location){ .place = PLACE_FAULT, .code = code };
}

static struct location physical(struct vcpu *v, u64 pa, unsigned size, enum access access)
{
	struct location at = { .place = PLACE_RAM, .host = ram__at(&v->machine->ram, pa, size) };

	if (!at.host)
		at = (struct location){ .place = PLACE_IO, .pa = pa };
	if (at.place == PLACE_IO && access == ACCESS_FETCH && !(v->machine->ops->executes && v->machine->ops->executes(v, pa)))
		return fault(EXC_IBE);
	return at;
}

static struct location tlb_fault(enum tlb_result result, enum access access, bool iec)
{
	enum exception code = access == ACCESS_STORE ? EXC_TLBS : EXC_TLBL;

	switch (result) {
	case TLB_REFILL:
		return (struct location){ .place = PLACE_FAULT, .code = code, .refill = true };
	case TLB_MODIFIED:
		return fault(EXC_MOD);
	case TLB_READ_INHIBIT:
		return fault(iec ? EXC_TLBRI : EXC_TLBL);
	case TLB_EXEC_INHIBIT:
		return fault(iec ? EXC_TLBXI : EXC_TLBL);
	default:
		return fault(code);
	}
}

/* `va` as the architecture has it. */
static struct location mapped(struct vcpu *v, u64 va, unsigned size, enum access access)
{
	u64 asid = v->page->cp0[CP0_ENTRYHI] & ENTRYHI_ASID;
	struct translation *t = &v->translations[(va / PAGE) % TRANSLATIONS];
	enum tlb_result result;
	struct location at;
	u64 pa, rights;

	if (t->generation == v->tlb_generation && t->tag == ((va & ~(PAGE - 1)) | asid) &&
	    (access == ACCESS_STORE ? t->rights & ENTRYLO_D : !(t->rights & (ENTRYLO_RI | ENTRYLO_XI))))
		return (struct location){ .place = PLACE_RAM, .host = t->page + va % PAGE };
	result = tlb__lookup(v, va, access, &pa, &rights);
	if (result != TLB_HIT)
		return tlb_fault(result, access, cp0_word(v, CP0_PAGEGRAIN) & PAGEGRAIN_IEC);
	at = physical(v, pa, size, access);
	if (at.place == PLACE_RAM)
		*t = (struct translation){ (va & ~(PAGE - 1)) | asid, v->tlb_generation, at.host - va % PAGE, rights };
	return at;
}

/* How much of CVMSEG there is for the kernel, in pages: CvmMemCtl has it in cache lines. */
static u64 cvmseg_size(const struct vcpu *v)
{
	u32 control = cp0_word(v, CP0_CVMMEMCTL);
	u64 size = ((control & CVMMEMCTL_LMEMSZ) * 128 + PAGE - 1) & ~(PAGE - 1);

	return !(control & CVMMEMCTL_CVMSEGENAK) ? 0 : size < CVMSEG_SIZE ? size : CVMSEG_SIZE;
}

/* What burnt words of the guest and blocks reach there; to all else the page is not there. */
static bool in_vcpu_page(u64 offset, unsigned size)
{
	return offset <= sizeof(((struct vcpu_page *)0)->cp0) - size ||
	       (offset >= offsetof(struct vcpu_page, addend) && offset <= sizeof(struct vcpu_page) - size);
}

/* An access never crosses a page here: memory__load() and memory__store() split those. */
static struct location locate(struct vcpu *v, u64 va, unsigned size, enum access access)
{
	const struct windows *w = &v->machine->windows;
	bool kernel = vcpu__kernel_mode(v);

	if (kernel) {
		if (is_mapped(w, va))
			return mapped(v, va | XKSEG, size, access);
		if (va - w->ckseg0 < SEGMENT_SIZE)
			return physical(v, va - w->ckseg0, size, access);
		if (va - w->physmap < w->physmap_size)
			return physical(v, va - w->physmap, size, access);
		if (w->map_end && va - VCPU_PAGE < sizeof(struct vcpu_page) && access != ACCESS_FETCH && in_vcpu_page(va - VCPU_PAGE, size))
			return (struct location){ .place = PLACE_VCPU_PAGE,
						  .host = (u8 *)v->page + (va - VCPU_PAGE) };
	}
	/* A TLB fault of a user program in a window of mapped memory would look to Linux like one of its own. */
	if (va < USER_END && !is_mapped(w, va) && (va < USER_32_END || cp0_word(v, CP0_STATUS) & STATUS_UX)) {
		if (kernel) {
			v->last_user_access = v->interpreted;
			v->last_user_va = va;
		}
		return mapped(v, va, size, access);
	}
	if (!kernel || va < XKPHYS)
		return fault(access == ACCESS_STORE ? EXC_ADES : EXC_ADEL);
	if (va < XKSEG) {
		u64 pa = va & XKPHYS_PA;

		if (pa & XKPHYS_IO)
			return access == ACCESS_FETCH ? fault(EXC_IBE) : (struct location){ .place = PLACE_IO, .pa = pa };
		return physical(v, pa, size, access);
	}
	if (va >= CVMSEG && va - CVMSEG < cvmseg_size(v) && access != ACCESS_FETCH)
		return (struct location){ .place = PLACE_CVMSEG, .host = v->cvmseg + (va - CVMSEG) };
	if (va >= CKSEG0 && va < CKSSEG)
		return physical(v, va & (SEGMENT_SIZE - 1), size, access);
	return mapped(v, va, size, access);
}

struct location memory__locate(struct vcpu *v, u64 va, unsigned size, enum access access)
{
	struct location at = locate(v, va, size, access);

	if (access == ACCESS_STORE && at.place == PLACE_RAM)
		tell(v, at.host);
	return at;
}

static u64 get(const struct vcpu *v, const u8 *p, unsigned size)
{
	u64 value = 0;

	if (vcpu__swapped(v)) {
		for (unsigned i = 0; i < size; i++)
			value |= (u64)p[v->machine->big_endian ? size - 1 - i : i] << 8 * i;
		return value;
	}
	switch (size) {
	case 1: return *p;
	case 2: return unaligned__get16(p);
	case 4: return unaligned__get32(p);
	default: return unaligned__get64(p);
	}
}

static void put(const struct vcpu *v, u8 *p, unsigned size, u64 value)
{
	if (vcpu__swapped(v)) {
		for (unsigned i = 0; i < size; i++)
			p[v->machine->big_endian ? size - 1 - i : i] = value >> 8 * i;
		return;
	}
	switch (size) {
	case 1: *p = value; break;
	case 2: unaligned__put16(p, value); break;
	case 4: unaligned__put32(p, value); break;
	default: unaligned__put64(p, value); break;
	}
}

bool memory__crosses_page(u64 va, unsigned size)
{
	return va % PAGE + size > PAGE;
}

/* The Octeon fixes unaligned accesses in hardware; one that crosses a page goes byte by byte. */
static int load_bytes(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 *value)
{
	u64 byte, all = 0;

	for (unsigned i = 0; i < size; i++) {
		if (memory__load(v, va + i, 1, in_slot, &byte))
			return -1;
		all |= byte << 8 * (v->machine->big_endian ? size - 1 - i : i);
	}
	*value = all;
	return 0;
}

/* All or nothing: no page is written unless both can be. */
static int store_bytes(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 value)
{
	const u64 begin[] = { va, (va | (PAGE - 1)) + 1 };

	for (unsigned i = 0; i < ARRAY_SIZE(begin); i++) {
		struct location at = memory__locate(v, begin[i], 1, ACCESS_STORE);

		if (at.place == PLACE_FAULT)
			return exception__raise_address(v, at.code, begin[i], at.refill, in_slot);
	}
	for (unsigned i = 0; i < size; i++)
		if (memory__store(v, va + i, 1, in_slot, value >> 8 * (v->machine->big_endian ? size - 1 - i : i)))
			return -1;
	return 0;
}

int memory__load(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 *value)
{
	struct location at;
	const u8 *host = memory__direct(v, va, size);

	if (host) {
		*value = get(v, host, size);
		return 0;
	}
	if (memory__crosses_page(va, size))
		return load_bytes(v, va, size, in_slot, value);
	at = memory__locate(v, va, size, ACCESS_LOAD);
	switch (at.place) {
	case PLACE_FAULT:
		return exception__raise_address(v, at.code, va, at.refill, in_slot);
	case PLACE_IO:
		*value = v->machine->ops->io_read(v, at.pa, size);
		return 0;
	default:
		*value = get(v, at.host, size);
		return 0;
	}
}

int memory__store(struct vcpu *v, u64 va, unsigned size, bool in_slot, u64 value)
{
	struct location at;
	u8 *host = memory__direct(v, va, size);

	if (host) {
		tell(v, host);
		put(v, host, size, value);
		return 0;
	}
	if (memory__crosses_page(va, size))
		return store_bytes(v, va, size, in_slot, value);
	at = memory__locate(v, va, size, ACCESS_STORE);
	switch (at.place) {
	case PLACE_FAULT:
		return exception__raise_address(v, at.code, va, at.refill, in_slot);
	case PLACE_IO:
		v->machine->ops->io_write(v, at.pa, size, value);
		return 0;
	default:
		put(v, at.host, size, value);
		return 0;
	}
}
