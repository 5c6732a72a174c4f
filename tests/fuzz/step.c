/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the interpreter with instruction words: the guest may do anything to itself, but $zero stays
 * zero, and the Host's memory is what the sanitizer watches.
 *
 * Input: a byte of flags (1: big endian, 2: user mode, 4: an FPU), three that mean nothing, then the words.
 * Each is put at CODE with the one behind it as its delay slot, and executed with whatever registers the
 * ones before have left; at first these point to every kind of memory.
 */
#include "tests/unit/vcpu_fixture.h"

#define USER		0x120000000ull
#define STEPS_MAX	256

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const u64 registers[32] = {
	0, DATA, DATA + 0xffd, WINDOW_PHYSMAP + DATA_PA, WINDOW_MAP + 0x4000, USER, USER + 0x1ffe, VCPU_PAGE,
	VCPU_PAGE + sizeof(struct vcpu_page) - 8, VCPU_SCRATCH, VCPU_SCRATCH + 31, 0xffffffffffff8000ull,
	0xffffffffffff9ff9ull, 0x8001180000000800ull, 0x9800000000000000ull, 0xffffffff80000000ull,
	0xffffffffa0020000ull, 0xc00000c000004000ull, WINDOW_CKSEG0 + RAM_BYTES - 4, WINDOW_CKSEG0 + 0x1fffffff,
	GUEST_TASK_SIZE - 4, WINDOW_MAP_END - 1, ~0ull, 0x7fffffffffffffffull, 0x8000000000000000ull, 0x7fffffff,
	0xffffffff80000000ull, 1, 63, CODE, 0x12345678, 0xfedcba9876543210ull,
};

static void start(struct fixture *f, unsigned flags)
{
	/* A megabyte from the sanitizer's allocator for each input would take longer than running it. */
	if (!f->ram)
		fixture_open(f, false);
	memset(f->ram, 0, RAM_BYTES);
	f->machine.big_endian = flags & 1;
	fixture_reset(f);
	f->cycles = 0;
	memcpy(f->v.gpr, registers, sizeof(registers));
	fixture_map(f, 0, 0xc00000c000004000ull, DATA_PA, ENTRYLO_V | ENTRYLO_D | ENTRYLO_G);
	fixture_map(f, 1, USER, CODE_PA, ENTRYLO_V | ENTRYLO_D);
	if (flags & 2)
		fixture_user_mode(f);
	if (flags & 4) {
		f->page->cp0[CP0_STATUS] |= STATUS_CU1;
		f->page->cp0[CP0_CONFIG1] |= CONFIG1_FP;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture f;
	size_t count = size / 4;

	if (count < 2)
		return 0;
	start(&f, data[0]);
	for (size_t i = 1; i < count && i < STEPS_MAX; i++) {
		u32 pair[2] = { 0, 0 };

		memcpy(pair, data + 4 * i, i + 1 < count ? 8 : 4);
		fixture_put(&f, CODE_PA, 4, pair[0]);
		fixture_put(&f, CODE_PA + 4, 4, pair[1]);
		if (data[0] & 2)	/* every exception goes back where it came from */
			f.page->cp0[CP0_STATUS] &= ~(u64)STATUS_EXL;
		f.v.pc = vcpu__kernel_mode(&f.v) ? CODE : USER;
		f.cycles += 1000;
		if (vcpu__irq_deliverable(&f.v))
			exception__interrupt(&f.v);
		(void)!vcpu__step(&f.v);
		if (f.v.gpr[0])
			abort();
	}
	return 0;
}
