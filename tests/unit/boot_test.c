// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The boot blocks, read back with the offsets that a big-endian and a little-endian Linux 6.1 use (its
 * structures octeon_boot_descriptor, cvmx_bootinfo and cvmx_bootmem_desc), not with those of board/boot.c.
 */
#include <libfdt.h>

#include "board/boot.h"
#include "lib/complain.h"
#include "tests/unit/cmocka_all.h"

#define MB		(1ull << 20)
#define CKSEG0		0xffffffff80000000ull
#define KERNEL_START	0x1100000ull
#define KERNEL_END	0x185d490ull

struct machine {
	struct board_config config;
	struct board_boot boot;
	struct board_entry entry;
	struct complaint c;
};

static void prepare(struct machine *m, uint64_t megabytes, bool little)
{
	*m = (struct machine){
		.config = { .cores = 2, .ram_size = megabytes * MB, .clock_hz = 500000000,
			    .little_endian = little },
		.boot = { .kernel_start = KERNEL_START, .kernel_end = KERNEL_END, .ckseg0 = CKSEG0,
			  .command_line = "console=ttyS0,115200  quiet" },
	};
	m->boot.ram = malloc(megabytes * MB);
	assert_non_null(m->boot.ram);
	memset(m->boot.ram, 0xee, 32 * MB);
}

static int boot(struct machine *m)
{
	return board__boot(&m->config, &m->boot, &m->entry, &m->c);
}

static uint64_t peek(const struct machine *m, uint64_t pa, unsigned size)
{
	uint64_t offset = board__ram_offset(m->config.ram_size, pa, size), value = 0;

	assert_int_not_equal(offset, UINT64_MAX);
	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)m->boot.ram[offset + i] << 8 * (m->config.little_endian ? i : size - 1 - i);
	return value;
}

/* A field at its offset in the big-endian and in the little-endian kernel's structure. */
static uint64_t field(const struct machine *m, uint64_t pa, unsigned big, unsigned little, unsigned size)
{
	return peek(m, pa + (m->config.little_endian ? little : big), size);
}

static const char *text(const struct machine *m, uint64_t pa)
{
	return (const char *)m->boot.ram + pa;
}

static void blocks_as_linux_reads_them(void **state)
{
	for (int little = 0; little < 2; little++) {
		struct machine m;
		uint64_t descriptor, info, memory;

		prepare(&m, 128, little);
		if (boot(&m))
			fail_msg("%s", m.c.text);
		descriptor = m.entry.a3 - CKSEG0;
		assert_int_equal(m.entry.a0, 2);
		assert_int_equal(field(&m, descriptor, 60, 56, 4), 2);		/* argc */
		assert_string_equal(text(&m, peek(&m, descriptor + 64, 4)), "console=ttyS0,115200");
		assert_string_equal(text(&m, peek(&m, descriptor + 68, 4)), "quiet");
		assert_int_equal(peek(&m, m.entry.a1 - CKSEG0 + 4, 4),
				 (uint32_t)(CKSEG0 + peek(&m, descriptor + 68, 4)));
		assert_int_equal(field(&m, descriptor, 320, 324, 4), 0);	/* flags: console is UART 0 */
		assert_int_equal(field(&m, descriptor, 324, 320, 4), 3);	/* core_mask */
		info = peek(&m, descriptor + 392, 8);				/* cvmx_desc_vaddr */
		assert_int_equal(field(&m, info, 0, 4, 4), 1);			/* major_version */
		assert_int_equal(field(&m, info, 4, 0, 4), 3);			/* minor_version */
		assert_int_equal(field(&m, info, 52, 48, 4), 3);		/* core_mask */
		assert_int_equal(field(&m, info, 56, 60, 4), 128);		/* dram_size */
		assert_int_equal(field(&m, info, 68, 64, 4), 500000000);	/* eclock_hz */
		assert_int_equal(field(&m, info, 80, 86, 2), 29);		/* board_type */
		assert_int_equal(field(&m, info, 82, 85, 1), 1);		/* board_rev_major */
		assert_string_equal(text(&m, info + 88), "afterburn");
		assert_int_equal(peek(&m, info + 136, 8), BOARD_DISPLAY);
		assert_memory_equal(text(&m, peek(&m, info + 152, 8)), "\xd0\x0d\xfe\xed", 4);
		memory = field(&m, info, 60, 56, 4);				/* phy_mem_desc_addr */
		assert_int_equal(field(&m, memory, 0, 4, 4), 0);		/* lock */
		assert_int_equal(peek(&m, memory + 8, 8), MB);			/* head_addr */
		assert_int_equal(field(&m, memory, 16, 20, 4), 3);		/* major_version */
		assert_int_equal(field(&m, memory, 40, 44, 4), 64);		/* named_block_num_blocks */
		assert_int_equal(field(&m, memory, 44, 40, 4), 128);		/* named_block_name_len */
		assert_int_equal(peek(&m, peek(&m, memory + 48, 8) + 8, 8), 0);
		free(m.boot.ram);
	}
}

/* Walks the free list into "start-end" lines in megabytes. */
static const char *free_memory(const struct machine *m)
{
	static char lines[256];
	size_t length = 0;
	uint64_t pa = peek(m, 0x3000 + 8, 8);

	lines[0] = 0;
	for (unsigned i = 0; pa && i < 8; i++) {
		uint64_t size = peek(m, pa + 8, 8);

		assert_int_equal((pa | size) % MB, 0);
		length += snprintf(lines + length, sizeof(lines) - length, "%s%llu-%llu", i ? " " : "",
				   (unsigned long long)(pa / MB), (unsigned long long)((pa + size) / MB));
		pa = peek(m, pa, 8);
	}
	return lines;
}

static void free_memory_by_size(void **state)
{
	static const struct {
		uint64_t megabytes;
		const char *blocks;
	} sizes[] = {
		{ 64, "1-64" },
		{ 256, "1-256" },
		{ 384, "1-256 16640-16768" },
		{ 768, "1-256 512-768 16640-16896" },
	};

	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct machine m;

		prepare(&m, sizes[i].megabytes, true);
		assert_int_equal(boot(&m), 0);
		assert_string_equal(free_memory(&m), sizes[i].blocks);
		free(m.boot.ram);
	}
}

static void the_reserved_range_is_not_handed_out(void **state)
{
	struct machine m;

	prepare(&m, 512, true);
	m.boot.reserved_start = 240 * MB;
	m.boot.reserved_size = 16 * MB;
	assert_int_equal(boot(&m), 0);
	assert_string_equal(free_memory(&m), "1-240 16640-16896");
	m.boot.reserved_start = 100 * MB;
	assert_int_equal(boot(&m), 0);
	assert_string_equal(free_memory(&m), "1-100 116-256 16640-16896");
	free(m.boot.ram);
}

/* A kernel that moves itself may end at 0x2fca920 here. */
static void the_initrd_leaves_room_for_the_kernel(void **state)
{
	static char initrd[3 * MB + 5];
	struct machine m;
	uint64_t descriptor;

	prepare(&m, 64, true);
	memset(initrd, 'i', sizeof(initrd));
	m.boot.initrd = initrd;
	m.boot.initrd_size = sizeof(initrd);
	m.boot.ckseg0 = 0x40000000;
	assert_int_equal(boot(&m), 0);
	assert_int_equal(m.entry.initrd_start, 0x2fd0000);
	assert_memory_equal(m.boot.ram + 0x2fd0000, initrd, sizeof(initrd));
	descriptor = m.entry.a3 - 0x40000000;
	assert_int_equal(m.entry.a0, 4);
	assert_string_equal(text(&m, peek(&m, descriptor + 72, 4)), "rd_start=0x0000000042fd0000");
	assert_string_equal(text(&m, peek(&m, descriptor + 76, 4)), "rd_size=3145733");
	assert_int_equal(peek(&m, 0x3000 + 8, 8), MB);
	assert_int_equal(peek(&m, MB + 8, 8), 0x2fd0000 - MB);
	assert_int_equal(peek(&m, MB, 8), 51 * MB);
	assert_int_equal(peek(&m, 51 * MB + 8, 8), 13 * MB);
	/* With 8 MB less there would be less than 8 MB behind it. */
	m.config.ram_size = 56 * MB;
	assert_int_equal(boot(&m), 0);
	assert_int_equal(m.entry.initrd_start, 0x1860000);
	assert_int_equal(peek(&m, MB + 8, 8), 0x1860000 - MB);
	assert_int_equal(peek(&m, MB, 8), 28 * MB);
	assert_int_equal(peek(&m, 28 * MB + 8, 8), 28 * MB);
	free(m.boot.ram);
}

/* What lies outside the first megabyte, the initrd and the list's headers stays untouched. */
static void the_kernel_is_left_alone(void **state)
{
	struct machine m;

	prepare(&m, 64, true);
	assert_int_equal(boot(&m), 0);
	for (uint64_t pa = KERNEL_START; pa < KERNEL_END; pa++)
		if (m.boot.ram[pa] != 0xee)
			fail_msg("byte %#llx of the kernel changed", (unsigned long long)pa);
	free(m.boot.ram);
}

static void complaints(void **state)
{
	static char long_line[4200], many_words[200];
	struct machine m;

	memset(long_line, 'x', sizeof(long_line) - 1);
	for (unsigned i = 0; i < 65; i++)
		memcpy(many_words + 2 * i, "w ", 2);

	prepare(&m, 64, true);
	m.boot.command_line = long_line;
	assert_int_equal(boot(&m), -1);
	assert_string_equal(m.c.text, "the command line has 4199 characters: a kernel takes 4095");
	m.boot.command_line = many_words;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "the command line has more than 64 words");
	m.boot.command_line = NULL;
	m.boot.initrd = long_line;
	m.boot.initrd_size = 60 * MB;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "the initrd has 62914560 bytes, but only 41549824 are free");
	m.boot.initrd_size = UINT64_MAX;
	assert_int_equal(boot(&m), -1);
	m.boot.initrd = NULL;
	m.boot.kernel_start = MB;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "it must begin above 0x100000");
	m.boot.kernel_start = KERNEL_START;
	m.boot.kernel_end = 65 * MB;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "the kernel ends at 0x4100000, beyond the 64 MB of memory");
	m.boot.kernel_end = KERNEL_END;
	m.boot.reserved_start = 20 * MB;
	m.boot.reserved_size = 16 * MB;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "the reserved range at 0x1400000 overlaps the kernel");
	m.boot.reserved_start = 28 * MB;
	m.boot.reserved_size = 36 * MB;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "64 MB of memory leave less than 8 MB");
	m.config.cores = 99;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "99 cores");
	free(m.boot.ram);
}

static void kernels_for_other_boards(void **state)
{
	static const uint8_t linux_file[] = "...Linux version 6.1...", packed[] = "..\0.appended_dtb\0", other[] = "U-Boot";
	uint32_t octeon[] = { 0x00000000, 0x40c95807, 0x40295807 }, foreign[] = { 0x00000000, 0x40095800, 0x402a4807 };

	assert_false(board__is_foreign_linux(linux_file, sizeof(linux_file), octeon, 3));
	assert_true(board__is_foreign_linux(linux_file, sizeof(linux_file), octeon, 2));
	assert_true(board__is_foreign_linux(linux_file, sizeof(linux_file), octeon, 0));
	assert_true(board__is_foreign_linux(linux_file, sizeof(linux_file), foreign, 3));
	assert_true(board__is_foreign_linux(packed, sizeof(packed), foreign, 3));
	assert_false(board__is_foreign_linux(other, sizeof(other), foreign, 3));
	assert_false(board__is_foreign_linux(other, 0, foreign, 3));
}

static void a_device_tree_of_the_caller(void **state)
{
	static uint64_t blob[1024];
	struct board_config other = { .cores = 5, .ram_size = 64 * MB, .clock_hz = 500000000 };
	struct machine m;
	int size;

	prepare(&m, 64, true);
	size = board__device_tree(&other, NULL, blob, sizeof(blob), &m.c);
	assert_true(size > 0);
	m.boot.device_tree = blob;
	m.boot.device_tree_size = size;
	assert_int_equal(boot(&m), 0);
	assert_memory_equal(m.boot.ram + 0x20000, blob, size);
	m.boot.device_tree_size = size - 1;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "the device tree does not parse");
	m.boot.device_tree_size = 0x10001;
	assert_int_equal(boot(&m), -1);
	assert_contains(m.c.text, "there is room for 65536");
	free(m.boot.ram);
}

/* Each byte of one changed in turn: refused is what libfdt's own check refuses. */
static void device_trees_that_are_none(void **state)
{
	static uint64_t blob[1024];
	static const uint8_t changes[] = { 0x01, 0x02, 0x80, 0xff };
	struct machine m;
	unsigned refused = 0;
	int size;

	prepare(&m, 64, true);
	size = board__device_tree(&m.config, NULL, blob, sizeof(blob), &m.c);
	assert_true(size > 0);
	m.boot.device_tree = blob;
	m.boot.device_tree_size = size;
	for (int i = 0; i < size; i++) {
		for (unsigned j = 0; j < sizeof(changes); j++) {
			const uint8_t was = ((uint8_t *)blob)[i];
			bool wrong;

			((uint8_t *)blob)[i] ^= changes[j];
			wrong = fdt_check_full(blob, size);
			if (boot(&m) != (wrong ? -1 : 0))
				fail_msg("byte %d, ^ %#x: libfdt %s it", i, changes[j], wrong ? "refuses" : "takes");
			refused += wrong;
			((uint8_t *)blob)[i] = was;
		}
	}
	assert_true(refused > 1000);
	free(m.boot.ram);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_as_linux_reads_them),
		cmocka_unit_test(free_memory_by_size),
		cmocka_unit_test(the_reserved_range_is_not_handed_out),
		cmocka_unit_test(the_initrd_leaves_room_for_the_kernel),
		cmocka_unit_test(the_kernel_is_left_alone),
		cmocka_unit_test(complaints),
		cmocka_unit_test(kernels_for_other_boards),
		cmocka_unit_test(a_device_tree_of_the_caller),
		cmocka_unit_test(device_trees_that_are_none),
	};

	return cmocka_run_group_tests_name("boot", tests, NULL, NULL);
}
