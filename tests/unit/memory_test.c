/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where guest addresses lead, in kernel mode and in user mode, and accesses that cross a page.
 */
#include "tests/unit/vcpu_fixture.h"

#define SEGBITS_END	(1ull << 40)	/* of mapped addresses */
#define CP0_END	sizeof(((struct vcpu_page *)0)->cp0)

#define USER		0x120000000ull
#define IO		0x8001180000000800ull	/* XKPHYS, bit 48: the MIO UART */
#define XKPHYS_CACHED	0x9800000000000000ull
#define NOT_RAM		0x1f000000ull		/* a physical address between the banks */

/* What one address is to a load, a store and a fetch: a place, or FAULT with this code. */
enum expected { RAM, IO_SPACE, CVM, VCPU, ADE, TLB, BUS };

static const struct {
	u64 va;
	enum expected load, store, fetch;
	u64 pa;			/* of RAM and IO */
} kernel_rows[] = {
	{ WINDOW_CKSEG0, RAM, RAM, RAM, 0 },
	{ WINDOW_CKSEG0 + RAM_BYTES - 8, RAM, RAM, RAM, RAM_BYTES - 8 },
	{ WINDOW_CKSEG0 + RAM_BYTES, IO_SPACE, IO_SPACE, BUS, RAM_BYTES },
	{ WINDOW_CKSEG0 + 0x1ffffff8, IO_SPACE, IO_SPACE, BUS, 0x1ffffff8 },
	{ WINDOW_CKSEG0 + 0x20000000, TLB, TLB, TLB, 0 },		/* guest user space begins */
	{ WINDOW_CKSEG0 - 8, TLB, TLB, TLB, 0 },
	{ GUEST_LOW_END - 8, TLB, TLB, TLB, 0 },
	{ GUEST_LOW_BASE, TLB, TLB, TLB, 0 },
	{ WINDOW_PHYSMAP + DATA_PA, RAM, RAM, RAM, DATA_PA },
	{ WINDOW_PHYSMAP + NOT_RAM, IO_SPACE, IO_SPACE, BUS, NOT_RAM },
	{ WINDOW_PHYSMAP + WINDOW_PHYSMAP_SIZE - 8, IO_SPACE, IO_SPACE, BUS, WINDOW_PHYSMAP_SIZE - 8 },
	{ WINDOW_MAP, TLB, TLB, TLB, 0 },
	{ WINDOW_MAP_END - 8, TLB, TLB, TLB, 0 },
	{ WINDOW_MAP_END, TLB, TLB, TLB, 0 },		/* the Wedge: nothing that the guest has */
	{ GUEST_TASK_SIZE - 8, TLB, TLB, TLB, 0 },
	{ GUEST_TASK_SIZE, TLB, TLB, TLB, 0 },
	{ GUEST_USER_LIMIT - 8, TLB, TLB, TLB, 0 },
	{ SEGBITS_END - 8, TLB, TLB, TLB, 0 },
	{ SEGBITS_END, ADE, ADE, ADE, 0 },		/* beyond SEGBITS */
	{ USER, TLB, TLB, TLB, 0 },
	{ 0xffffffff80000000ull + DATA_PA, RAM, RAM, RAM, DATA_PA },	/* CKSEG0, CKSEG1 */
	{ 0xffffffffa0000000ull + DATA_PA, RAM, RAM, RAM, DATA_PA },
	{ 0xffffffffbfffffe8ull, IO_SPACE, IO_SPACE, BUS, 0x1fffffe8 },
	{ 0xffffffffc0000000ull, TLB, TLB, TLB, 0 },
	{ 0xffffffffffff7ff8ull, TLB, TLB, TLB, 0 },
	{ 0xffffffffffff8000ull, CVM, CVM, TLB, 0 },			/* CVMSEG holds no code */
	{ 0xffffffffffff9ff8ull, CVM, CVM, TLB, 0 },
	{ 0xffffffffffffa000ull, TLB, TLB, TLB, 0 },
	{ XKPHYS_CACHED + DATA_PA, RAM, RAM, RAM, DATA_PA },
	{ XKPHYS_CACHED + NOT_RAM, IO_SPACE, IO_SPACE, BUS, NOT_RAM },
	{ IO, IO_SPACE, IO_SPACE, BUS, 0x1180000000800ull },
	{ 0x8000000000000000ull - 8, ADE, ADE, ADE, 0 },
	{ 0xc000000000000000ull, TLB, TLB, TLB, 0 },
	{ VCPU_PAGE, VCPU, VCPU, TLB, 0 },
	{ VCPU_PAGE + CP0_END - 8, VCPU, VCPU, TLB, 0 },
	{ VCPU_PAGE + CP0_END - 4, TLB, TLB, TLB, 0 },	/* 8 bytes would reach beyond it */
	{ VCPU_PAGE + CP0_END, TLB, TLB, TLB, 0 },
	{ VCPU_PAGE + offsetof(struct vcpu_page, addend) - 8, TLB, TLB, TLB, 0 },
	{ VCPU_SCRATCH, VCPU, VCPU, TLB, 0 },
	{ VCPU_PAGE + sizeof(struct vcpu_page) - 8, VCPU, VCPU, TLB, 0 },
	{ VCPU_PAGE + sizeof(struct vcpu_page) - 4, TLB, TLB, TLB, 0 },		/* behind the jumps is nothing */
	{ VCPU_PAGE + sizeof(struct vcpu_page), TLB, TLB, TLB, 0 },			/* nor is a page behind them, */
	{ 0x3020, TLB, TLB, TLB, 0 }, { 0x8000, TLB, TLB, TLB, 0 },	/* where a NULL pointer with an offset leads */
};

static void expect(struct fixture *f, u64 va, enum access access, enum expected e, u64 pa)
{
	struct location at = memory__locate(&f->v, va, access == ACCESS_FETCH ? 4 : 8, access);
	bool right = false;

	switch (e) {
	case RAM: right = at.place == PLACE_RAM && at.host == f->ram + pa; break;
	case IO_SPACE: right = at.place == PLACE_IO && at.pa == pa; break;
	case CVM: right = at.place == PLACE_CVMSEG; break;
	case VCPU: right = at.place == PLACE_VCPU_PAGE; break;
	case ADE: right = at.place == PLACE_FAULT && at.code == (access == ACCESS_STORE ? EXC_ADES : EXC_ADEL); break;
	case TLB:
		right = at.place == PLACE_FAULT && at.refill && at.code == (access == ACCESS_STORE ? EXC_TLBS : EXC_TLBL);
		break;
	case BUS: right = at.place == PLACE_FAULT && !at.refill && at.code == EXC_IBE; break;
	}
	if (!right)
		fail_msg("%#lx, access %u: place %u, exception %s", (unsigned long)va, access, at.place,
			 exception__name(at.code));
}

static void kernel_addresses(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_CVMMEMCTL] = CVMMEMCTL_CVMSEGENAK | 54;
	for (size_t i = 0; i < COUNT(kernel_rows); i++) {
		expect(&f, kernel_rows[i].va, ACCESS_LOAD, kernel_rows[i].load, kernel_rows[i].pa);
		expect(&f, kernel_rows[i].va, ACCESS_STORE, kernel_rows[i].store, kernel_rows[i].pa);
		expect(&f, kernel_rows[i].va, ACCESS_FETCH, kernel_rows[i].fetch, kernel_rows[i].pa);
	}
	fixture_close(&f);
}

/*
 * To a user program all below SEGBITS is its own, as on hardware, and lacks a translation. But Linux takes a TLB fault in
 * the windows of mapped memory for one of the kernel's.
 */
static bool is_user(u64 va)
{
	return va < SEGBITS_END && va - WINDOW_MAP >= WINDOW_MAP_END - WINDOW_MAP &&
	       va - WINDOW_MODULES >= WINDOW_MODULES_END - WINDOW_MODULES;
}

/* A user program gets at nothing but its own pages, whichever address it takes. */
static void user_addresses(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	fixture_user_mode(&f);
	for (size_t i = 0; i < COUNT(kernel_rows); i++)
		for (enum access a = ACCESS_LOAD; a <= ACCESS_FETCH; a++)
			expect(&f, kernel_rows[i].va, a, is_user(kernel_rows[i].va) ? TLB : ADE, 0);
	fixture_map(&f, 0, USER, DATA_PA, ENTRYLO_V | ENTRYLO_D);
	expect(&f, USER + 0x10, ACCESS_STORE, RAM, DATA_PA + 0x10);
	/* Kernel mode by EXL, whatever KSU says. */
	f.page->cp0[CP0_STATUS] |= STATUS_EXL;
	expect(&f, DATA, ACCESS_STORE, RAM, DATA_PA);
	fixture_close(&f);
}

/* Without UX user space ends at 2 GB, for the kernel as well. */
static void user_addresses_of_32_bits(void **state)
{
	for (unsigned user = 0; user < 2; user++) {
		struct fixture f;

		fixture_open(&f, false);
		fixture_map(&f, 0, 0x7fffe000, DATA_PA, ENTRYLO_V | ENTRYLO_D);
		fixture_map(&f, 1, 0x80000000, DATA_PA, ENTRYLO_V | ENTRYLO_D);
		if (user)
			fixture_user_mode(&f);
		expect(&f, 0x80000010, ACCESS_LOAD, RAM, DATA_PA + 0x10);
		f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_UX;
		expect(&f, 0x7fffe010, ACCESS_LOAD, RAM, DATA_PA + 0x10);
		expect(&f, 0x80000010, ACCESS_STORE, ADE, 0);
		fixture_close(&f);
	}
}

/* Kernel-only mappings of the vmalloc window are not there for user mode, not even when just used. */
static void vmalloc_is_the_kernels(void **state)
{
	struct fixture f;

	fixture_open(&f, false);
	fixture_map(&f, 0, 0xc000000000000000ull | (WINDOW_MAP + 0x4000), DATA_PA, ENTRYLO_V | ENTRYLO_D | ENTRYLO_G);
	expect(&f, WINDOW_MAP + 0x4010, ACCESS_LOAD, RAM, DATA_PA + 0x10);
	expect(&f, 0xc000000000000000ull | (WINDOW_MAP + 0x4010), ACCESS_LOAD, RAM, DATA_PA + 0x10);
	fixture_user_mode(&f);
	expect(&f, WINDOW_MAP + 0x4010, ACCESS_LOAD, ADE, 0);
	expect(&f, 0xc000000000000000ull | (WINDOW_MAP + 0x4010), ACCESS_LOAD, ADE, 0);
	fixture_close(&f);
}

/* Modules lie in the window of CKSEG0, and below what user programs may have. */
static void modules_are_the_kernels(void **state)
{
	const u64 va = WINDOW_MODULES + 0x4010, vdg = ENTRYLO_V | ENTRYLO_D | ENTRYLO_G;
	struct fixture f;

	fixture_open(&f, false);
	expect(&f, va, ACCESS_FETCH, TLB, 0);
	fixture_map(&f, 0, 0xc000000000000000ull | va, DATA_PA, vdg);
	expect(&f, va, ACCESS_FETCH, RAM, DATA_PA + 0x10);
	expect(&f, 0xc000000000000000ull | va, ACCESS_LOAD, RAM, DATA_PA + 0x10);
	fixture_user_mode(&f);
	expect(&f, va, ACCESS_LOAD, ADE, 0);
	expect(&f, 0xc000000000000000ull | va, ACCESS_LOAD, ADE, 0);
	fixture_close(&f);
}

/* The cache of translations may never outlive what it was made from. */
static void translations_are_forgotten(void **state)
{
	const u64 vd = ENTRYLO_V | ENTRYLO_D;
	struct fixture f;

	fixture_open(&f, false);
	f.page->cp0[CP0_ENTRYHI] = 1;
	fixture_map(&f, 0, USER, DATA_PA, vd);
	expect(&f, USER, ACCESS_LOAD, RAM, DATA_PA);
	fixture_map(&f, 0, USER, DATA_PA + 0x4000, vd);		/* another page */
	expect(&f, USER, ACCESS_LOAD, RAM, DATA_PA + 0x4000);
	f.page->cp0[CP0_ENTRYHI] = 2;				/* another address space */
	expect(&f, USER, ACCESS_LOAD, TLB, 0);
	f.page->cp0[CP0_ENTRYHI] = 1;
	fixture_map(&f, 0, USER, DATA_PA, ENTRYLO_V);		/* read-only: loaded first, then stored to */
	expect(&f, USER, ACCESS_LOAD, RAM, DATA_PA);
	assert_int_equal(memory__locate(&f.v, USER, 8, ACCESS_STORE).code, EXC_MOD);
	f.page->cp0[CP0_PAGEGRAIN] = PAGEGRAIN_RIE | PAGEGRAIN_XIE | PAGEGRAIN_IEC;
	fixture_map(&f, 0, USER, DATA_PA, vd | ENTRYLO_XI | ENTRYLO_RI);
	expect(&f, USER, ACCESS_STORE, RAM, DATA_PA);
	assert_int_equal(memory__locate(&f.v, USER, 8, ACCESS_LOAD).code, EXC_TLBRI);
	assert_int_equal(memory__locate(&f.v, USER, 4, ACCESS_FETCH).code, EXC_TLBXI);
	f.page->cp0[CP0_PAGEGRAIN] = PAGEGRAIN_RIE | PAGEGRAIN_XIE;
	assert_int_equal(memory__locate(&f.v, USER, 8, ACCESS_LOAD).code, EXC_TLBL);
	assert_false(memory__locate(&f.v, USER, 8, ACCESS_LOAD).refill);
	fixture_close(&f);
}

static void byte_orders_and_sizes(void **state)
{
	static const unsigned sizes[] = { 1, 2, 4, 8 };
	const u64 value = 0x8182838485868788ull;

	for (int big = 0; big < 2; big++) {
		struct fixture f;

		fixture_open(&f, big);
		for (size_t i = 0; i < COUNT(sizes); i++) {
			unsigned size = sizes[i];
			u64 low = size == 8 ? value : value & ((1ull << 8 * size) - 1), found;

			for (u64 at = DATA_PA; at < DATA_PA + 9; at++) {
				assert_int_equal(memory__store(&f.v, WINDOW_CKSEG0 + at, size, false, value), 0);
				assert_int_equal(fixture_get(&f, at, size), low);
				assert_int_equal(f.ram[at], big ? low >> (8 * size - 8) : low & 0xff);
				assert_int_equal(memory__load(&f.v, WINDOW_CKSEG0 + at, size, false, &found), 0);
				assert_int_equal(found, low);
			}
		}
		fixture_close(&f);
	}
}

/* Two neighbouring pages lie far apart in RAM; an access across them finds both, or says which is missing. */
static void across_pages(void **state)
{
	for (int big = 0; big < 2; big++) {
		u64 value = 0x0102030405060708ull, found;
		struct fixture f;

		fixture_open(&f, big);
		fixture_map(&f, 0, USER, 0x30000, ENTRYLO_V | ENTRYLO_D);
		f.page->cp0[CP0_ENTRYLO1] = 0x50000 >> 6 | ENTRYLO_V | ENTRYLO_D;
		tlb__write_index(&f.v);
		for (unsigned offset = 0xff9; offset < 0x1000; offset++) {
			assert_int_equal(memory__store(&f.v, USER + offset, 8, false, value), 0);
			assert_int_equal(f.ram[0x30000 + offset], big ? 1 : 8);
			assert_int_equal(f.ram[0x50000 + offset + 7 - 0x1000], big ? 8 : 1);
			assert_int_equal(memory__load(&f.v, USER + offset, 8, false, &found), 0);
			assert_int_equal(found, value);
		}
		found = 42;
		assert_int_equal(memory__load(&f.v, USER + 0x1ffe, 4, false, &found), -1);
		assert_int_equal(found, 42);
		assert_int_equal(f.page->cp0[CP0_BADVADDR], USER + 0x2000);
		assert_exception(&f, EXC_TLBL, 0x80, CODE);
		fixture_close(&f);
	}
}

static void io(void **state)
{
	struct fixture f;
	u64 value;

	fixture_open(&f, false);
	f.io_value = 0x1122334455667788ull;
	assert_int_equal(memory__load(&f.v, IO, 8, false, &value), 0);
	assert_int_equal(value, 0x1122334455667788ull);
	assert_int_equal(f.io_pa, 0x1180000000800ull);
	assert_int_equal(f.io_size, 8);
	assert_int_equal(memory__store(&f.v, IO + 4, 4, false, 0x99), 0);
	assert_int_equal(f.io_pa, 0x1180000000804ull);
	assert_int_equal(f.io_size, 4);
	assert_int_equal(f.io_value, 0x99);
	assert_int_equal(f.io_reads, 1);
	assert_int_equal(f.io_writes, 1);
	fixture_close(&f);
}

/* A store across pages is precise: the first page is not written if the second cannot be. */
static void a_store_is_all_or_nothing(void **state)
{
	struct fixture f;
	u64 value;

	fixture_open(&f, false);
	fixture_map(&f, 3, 0x70000000, 0x30000, ENTRYLO_V | ENTRYLO_D);
	f.page->cp0[CP0_ENTRYLO1] = 0;
	tlb__write_index(&f.v);
	assert_int_equal(memory__store(&f.v, 0x70000ff8, 8, false, 0x1122334455667788), 0);
	assert_int_equal(memory__store(&f.v, 0x70000ffc, 8, false, ~0ull), -1);
	assert_int_equal(f.page->cp0[CP0_BADVADDR], 0x70001000);
	assert_int_equal(memory__load(&f.v, 0x70000ff8, 8, false, &value), 0);
	assert_int_equal(value, 0x1122334455667788);
	fixture_close(&f);
}

static void cvmseg_is_memory(void **state)
{
	struct fixture f;
	u64 value;

	fixture_open(&f, false);
	/* none at first; nor without the enable; then as many pages as CvmMemCtl has lines for */
	assert_int_equal(memory__load(&f.v, 0xffffffffffff8000ull, 8, false, &value), -1);
	f.page->cp0[CP0_CVMMEMCTL] = 54;
	assert_int_equal(memory__load(&f.v, 0xffffffffffff8000ull, 8, false, &value), -1);
	f.page->cp0[CP0_CVMMEMCTL] = CVMMEMCTL_CVMSEGENAK | 1;
	assert_int_equal(memory__load(&f.v, 0xffffffffffff8ff8ull, 8, false, &value), 0);
	assert_int_equal(memory__load(&f.v, 0xffffffffffff9000ull, 8, false, &value), -1);
	f.page->cp0[CP0_CVMMEMCTL] = CVMMEMCTL_CVMSEGENAK | 54;
	for (u64 va = 0xffffffffffff8000ull; va < 0xffffffffffffa000ull; va += 8)
		assert_int_equal(memory__store(&f.v, va, 8, false, va * 3), 0);
	for (u64 va = 0xffffffffffff8000ull; va < 0xffffffffffffa000ull; va += 8) {
		assert_int_equal(memory__load(&f.v, va, 8, false, &value), 0);
		assert_int_equal(value, va * 3);
	}
	/* across its end: nothing is there */
	assert_int_equal(memory__load(&f.v, 0xffffffffffff9ffcull, 8, false, &value), -1);
	assert_int_equal(f.page->cp0[CP0_BADVADDR], 0xffffffffffffa000ull);
	fixture_close(&f);
}

static void windows_and_back(void **state)
{
	static const struct windows w = LAYOUT_WINDOWS;

	for (u64 va = WINDOW_MAP; va < WINDOW_MAP_END; va += 0x123456789) {
		assert_int_equal(windows__canonical(&w, va), va | 0xc000000000000000ull);
		assert_int_equal(windows__window(&w, windows__canonical(&w, va)), va);
		assert_int_equal(windows__window(&w, va), va);
	}
	for (u64 va = WINDOW_MODULES; va < WINDOW_MODULES_END; va += 0x12345) {
		assert_int_equal(windows__canonical(&w, va), va | 0xc000000000000000ull);
		assert_int_equal(windows__window(&w, windows__canonical(&w, va)), va);
	}
	assert_int_equal(windows__canonical(&w, WINDOW_MODULES - 1), WINDOW_MODULES - 1);
	assert_int_equal(windows__canonical(&w, WINDOW_MODULES_END), WINDOW_MODULES_END);
	assert_int_equal(windows__canonical(&w, WINDOW_MAP_END), WINDOW_MAP_END);
	assert_int_equal(windows__canonical(&w, WINDOW_MAP - 1), WINDOW_MAP - 1);
	assert_int_equal(windows__window(&w, 0xc000000000000000ull), 0xc000000000000000ull);
	assert_int_equal(windows__window(&w, 0xffffffffc0000000ull), 0xffffffffc0000000ull);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kernel_addresses),
		cmocka_unit_test(user_addresses),
		cmocka_unit_test(user_addresses_of_32_bits),
		cmocka_unit_test(vmalloc_is_the_kernels),
		cmocka_unit_test(modules_are_the_kernels),
		cmocka_unit_test(translations_are_forgotten),
		cmocka_unit_test(byte_orders_and_sizes),
		cmocka_unit_test(across_pages),
		cmocka_unit_test(io),
		cmocka_unit_test(a_store_is_all_or_nothing),
		cmocka_unit_test(cvmseg_is_memory),
		cmocka_unit_test(windows_and_back),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
