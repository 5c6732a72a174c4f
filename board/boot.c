// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Cavium's boot protocol: the memory a kernel finds when U-Boot has started it.
 *
 * The blocks are C structures in the layout of the big-endian boot loader (Linux: asm/octeon/octeon.h,
 * cvmx-bootinfo.h, cvmx-bootmem.h). A little-endian kernel sees the same bytes through swapped lanes, and
 * its headers move every field accordingly within its 64-bit word: a field of `size` bytes goes to
 * offset ^ (8 - size). Only argv[] and arrays of bytes stay where they are. Addresses in the blocks are
 * physical; those in registers are virtual, hence board_boot.ckseg0.
 *
 *	0x000700  boot information	for kernels that unplug and plug cores (Linux: octeon_boot.h)
 *	0x000800  boot vectors		where each core goes when it is plugged in
 *	0x001000  boot descriptor	a3 points here
 *	0x002000  bootinfo
 *	0x003000  bootmem descriptor	head of the list of free blocks
 *	0x004000  named blocks		all free
 *	0x008000  argv			what a1 points to
 *	0x00c000  stacks		on which cores begin that are plugged in
 *	0x010000  argument strings
 *	0x020000  device tree
 *	0x100000  free memory, kernel, room for it to move, initrd, free memory
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE		/* memmem(); the emulator's build has it already */
#endif
#include <inttypes.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>

#include "board/boot.h"
#include "lib/complain.h"

#define BOOT_INFORMATION_PA	0x000700
#define BOOT_VECTORS_PA		0x000800
#define DESCRIPTOR_PA		0x001000
#define BOOTINFO_PA		0x002000
#define BOOTMEM_PA		0x003000
#define NAMED_BLOCKS_PA		0x004000
#define ARGV_PA			0x008000
#define STACKS_PA		0x00c000
#define STACK_SIZE		0x000400
#define STRINGS_PA		0x010000
#define DEVICE_TREE_PA		0x020000
#define DEVICE_TREE_SIZE	0x010000
#define FREE_PA			0x100000	/* a kernel takes no RAM below */

#define MEGABYTE		0x100000ull
#define ARGUMENTS_MAX		64		/* OCTEON_ARGV_MAX_ARGS */
#define COMMAND_LINE_MAX	4095		/* COMMAND_LINE_SIZE - 1 of MIPS */
#define BOARD_TYPE_EBH5610	29
#define BOOT_INFORMATION_SIGNATURE	0xaabbcc01u
#define RESET_VECTOR		0xffffffffbfc00000ull
#define NAMED_BLOCKS		64
#define NAMED_BLOCK_NAME	128
#define INITRD_ALIGN		0x10000ull	/* the largest page size of Octeon kernels */
#define KASLR_MAX		0x1010000ull	/* CONFIG_RANDOMIZE_BASE_MAX_OFFSET, and a page to align */
#define CHUNK			(4 * MEGABYTE)	/* Linux takes free memory in pieces of this size */

/* 64-bit addressing, CP0 usable, interrupts off, vectors in RAM; CVMSEG is there, but has no size yet. */
#define STATUS_CU0		0x10000000u
#define STATUS_KX_SX_UX		0x000000e0u
#define CVMMEMCTL_CVMSEGENAK	0x100u

struct boot_descriptor {
	uint32_t desc_version, desc_size;
	uint64_t stack_top, heap_base, heap_end, entry_point, desc_vaddr;
	uint32_t exception_base_addr, stack_size, heap_size, argc;
	uint32_t argv[ARGUMENTS_MAX];
	uint32_t flags, core_mask, dram_size, phy_mem_desc_addr, debugger_flags_base_addr;
	uint32_t eclock_hz, dclock_hz, spi_clock_hz;
	uint16_t board_type;
	uint8_t board_rev_major, board_rev_minor;
	uint16_t chip_type;
	uint8_t chip_rev_major, chip_rev_minor;
	char board_serial_number[20];
	uint8_t mac_addr_base[6], mac_addr_count;
	uint64_t cvmx_desc_vaddr;
};

struct bootinfo {
	uint32_t major_version, minor_version;
	uint64_t stack_top, heap_base, heap_end, desc_vaddr;
	uint32_t exception_base_addr, stack_size, flags, core_mask;
	uint32_t dram_size, phy_mem_desc_addr, debugger_flags_base_addr, eclock_hz;
	uint32_t dclock_hz, reserved0;
	uint16_t board_type;
	uint8_t board_rev_major, board_rev_minor;
	uint16_t reserved1;
	uint8_t reserved2, reserved3;
	char board_serial_number[20];
	uint8_t mac_addr_base[6], mac_addr_count;
	uint64_t compact_flash_common_base_addr, compact_flash_attribute_base_addr, led_display_base_addr;
	uint32_t dfa_ref_clock_hz, config_flags;
	uint64_t fdt_addr;
};

struct bootmem_descriptor {
	uint32_t lock, flags;
	uint64_t head_addr;
	uint32_t major_version, minor_version;
	uint64_t app_data_addr, app_data_size;
	uint32_t named_block_num_blocks, named_block_name_len;
	uint64_t named_block_array_addr;
};

struct boot_information {
	uint32_t labi_signature, start_core0_addr, avail_coremask, pci_console_active;
	uint32_t icache_prefetch_disable, padding;
	uint64_t init_tlb_start_addr;
	uint32_t start_app_addr, cur_exception_base, no_mark_private_data, compact_flash_common_base_addr;
	uint32_t compact_flash_attribute_base_addr, led_display_base_addr;
};

/* Not by 64-bit words: the same in either byte order. */
struct boot_vector {
	uint64_t code_addr;
	uint32_t app_start_func_addr, k0_val;
	uint64_t boot_info_addr;
	uint32_t flags, pad;
};

struct bootmem_block {
	uint64_t next_block_addr, size;
};

_Static_assert(sizeof(struct boot_descriptor) == 400, "layout of the boot loader");
_Static_assert(sizeof(struct bootinfo) == 160, "layout of the boot loader");
_Static_assert(sizeof(struct bootmem_descriptor) == 56, "layout of the boot loader");
_Static_assert(sizeof(struct boot_information) == 56, "layout of the boot loader");
_Static_assert(sizeof(struct boot_vector) == 32, "layout of the boot loader");
_Static_assert(BOOT_VECTORS_PA + BOARD_CORES_MAX * sizeof(struct boot_vector) <= DESCRIPTOR_PA, "one behind the other");
_Static_assert(STACKS_PA + BOARD_CORES_MAX * STACK_SIZE <= STRINGS_PA, "one behind the other");

struct range {
	uint64_t start, end;
};

struct boot {
	const struct board_config *config;
	const struct board_boot *request;
	uint64_t initrd;
	unsigned range_count;
	struct range ranges[8];		/* free memory, ascending */
};

static void store(const struct boot *b, uint64_t pa, unsigned size, uint64_t value)
{
	uint8_t *p = b->request->ram + board__ram_offset(b->config->ram_size, pa, size);

	for (unsigned i = 0; i < size; i++)
		p[b->config->little_endian ? i : size - 1 - i] = value >> 8 * i;
}

static void store_field(const struct boot *b, uint64_t pa, size_t offset, size_t size, uint64_t value)
{
	if (b->config->little_endian)
		offset ^= 8 - size;
	store(b, pa + offset, size, value);
}

#define FIELD(b, pa, type, field, value) \
	store_field(b, pa, offsetof(type, field), sizeof(((type *)0)->field), value)

/* Cut [start, end) out of the free memory. */
static void cut(struct boot *b, uint64_t start, uint64_t end)
{
	struct range old[8];
	unsigned count = b->range_count;

	memcpy(old, b->ranges, sizeof(old));
	b->range_count = 0;
	for (unsigned i = 0; i < count; i++) {
		struct range r = old[i];

		if (start >= r.end || end <= r.start) {
			b->ranges[b->range_count++] = r;
			continue;
		}
		if (r.start < start)
			b->ranges[b->range_count++] = (struct range){ r.start, start };
		if (end < r.end)
			b->ranges[b->range_count++] = (struct range){ end, r.end };
	}
}

/* The banks by address (not by offset), from 1 MB on. */
static void plan_ranges(struct boot *b)
{
	struct board_bank banks[3];
	unsigned n = board__ram_banks(b->config->ram_size, banks);
	static const unsigned by_address[3] = { 0, 2, 1 };

	for (unsigned i = 0; i < 3; i++) {
		const struct board_bank *bank = &banks[by_address[i]];

		if (by_address[i] < n)
			b->ranges[b->range_count++] = (struct range){ bank->pa, bank->pa + bank->size };
	}
	cut(b, 0, FREE_PA);
}

static bool overlap(uint64_t start, uint64_t size, uint64_t other, uint64_t other_size)
{
	return size && other_size && start < other + other_size && other < start + size;
}

static uint64_t align_up(uint64_t value, uint64_t to)
{
	return (value + to - 1) & ~(to - 1);
}

/*
 * Where the initrd begins, if it may end at `low`. A kernel with CONFIG_RANDOMIZE_BASE moves up by as much as
 * KASLR_MAX and its own length, without a look at what is there: the initrd, and the head of the free block
 * behind it, must be beyond. Where memory is too short for that, it goes right behind the kernel. At the top of
 * memory it would not do: Linux refuses an initrd that ends above the last page it was given, and it is given
 * none that the initrd occupies.
 */
static uint64_t choose_initrd(const struct board_boot *q, uint64_t low)
{
	uint64_t near = align_up(q->kernel_end, INITRD_ALIGN);
	uint64_t far = align_up(q->kernel_end + KASLR_MAX + q->kernel_end - q->kernel_start, INITRD_ALIGN);

	return far < low && q->initrd_size < low - far && low - far - q->initrd_size >= 2 * CHUNK ? far : near;
}

static int plan_initrd(struct boot *b, struct complaint *c)
{
	const struct board_boot *q = b->request;
	uint64_t low = b->config->ram_size < BOARD_LOW_RAM ? b->config->ram_size : BOARD_LOW_RAM;
	uint64_t start, end;

	if (!q->initrd || !q->initrd_size)
		return 0;
	if (q->reserved_size && q->reserved_start < low)
		low = q->reserved_start;
	start = choose_initrd(q, low);
	end = start + q->initrd_size;
	if (q->initrd_size > low || end > low)
		return complain(c, "the initrd has %" PRIu64 " bytes, but only %" PRIu64 " are free between the"
				" kernel and %#" PRIx64 ": give the guest more memory or a smaller initrd",
				q->initrd_size, low > start ? low - start : 0, low);
	b->initrd = start;
	cut(b, start, align_up(end, MEGABYTE));
	return 0;
}

static int plan_memory(struct boot *b, struct complaint *c)
{
	const struct board_boot *q = b->request;
	uint64_t usable = 0;

	if (q->kernel_start < FREE_PA + sizeof(struct bootmem_block) || q->kernel_end <= q->kernel_start)
		return complain(c, "the kernel lies at %#" PRIx64 "-%#" PRIx64 ": it must begin above %#x",
				q->kernel_start, q->kernel_end, FREE_PA);
	if (board__ram_offset(b->config->ram_size, q->kernel_start, q->kernel_end - q->kernel_start) == UINT64_MAX)
		return complain(c, "the kernel ends at %#" PRIx64 ", beyond the %" PRIu64 " MB of memory",
				q->kernel_end, (uint64_t)(b->config->ram_size / MEGABYTE));
	if (overlap(q->kernel_start, q->kernel_end - q->kernel_start, q->reserved_start, q->reserved_size) ||
	    overlap(0, FREE_PA + sizeof(struct bootmem_block), q->reserved_start, q->reserved_size))
		return complain(c, "the reserved range at %#" PRIx64 " overlaps the kernel or the boot blocks",
				q->reserved_start);
	plan_ranges(b);
	if (q->reserved_size)
		cut(b, q->reserved_start, q->reserved_start + q->reserved_size);
	if (plan_initrd(b, c))
		return -1;
	for (unsigned i = 0; i < b->range_count; i++) {
		uint64_t start = b->ranges[i].start;

		if (start < q->kernel_end)
			start = align_up(q->kernel_end, MEGABYTE);
		if (start < b->ranges[i].end)
			usable += (b->ranges[i].end - start) / CHUNK;
	}
	if (usable < 2)
		return complain(c, "%" PRIu64 " MB of memory leave less than 8 MB beside kernel and initrd:"
				" give the guest more", (uint64_t)(b->config->ram_size / MEGABYTE));
	return 0;
}

static void write_bootmem(const struct boot *b)
{
	for (unsigned i = 0; i < b->range_count; i++) {
		struct range r = b->ranges[i];

		FIELD(b, r.start, struct bootmem_block, next_block_addr,
		      i + 1 < b->range_count ? b->ranges[i + 1].start : 0);
		FIELD(b, r.start, struct bootmem_block, size, r.end - r.start);
	}
	FIELD(b, BOOTMEM_PA, struct bootmem_descriptor, head_addr, b->ranges[0].start);
	FIELD(b, BOOTMEM_PA, struct bootmem_descriptor, major_version, 3);
	FIELD(b, BOOTMEM_PA, struct bootmem_descriptor, named_block_num_blocks, NAMED_BLOCKS);
	FIELD(b, BOOTMEM_PA, struct bootmem_descriptor, named_block_name_len, NAMED_BLOCK_NAME);
	FIELD(b, BOOTMEM_PA, struct bootmem_descriptor, named_block_array_addr, NAMED_BLOCKS_PA);
}

static void write_bootinfo(const struct boot *b)
{
	const struct board_config *config = b->config;

	FIELD(b, BOOTINFO_PA, struct bootinfo, major_version, 1);
	FIELD(b, BOOTINFO_PA, struct bootinfo, minor_version, 3);
	FIELD(b, BOOTINFO_PA, struct bootinfo, core_mask, (1u << config->cores) - 1);
	FIELD(b, BOOTINFO_PA, struct bootinfo, dram_size, config->ram_size / MEGABYTE);
	FIELD(b, BOOTINFO_PA, struct bootinfo, phy_mem_desc_addr, BOOTMEM_PA);
	FIELD(b, BOOTINFO_PA, struct bootinfo, eclock_hz, config->clock_hz);
	FIELD(b, BOOTINFO_PA, struct bootinfo, dclock_hz, 333000000);
	FIELD(b, BOOTINFO_PA, struct bootinfo, board_type, BOARD_TYPE_EBH5610);
	FIELD(b, BOOTINFO_PA, struct bootinfo, board_rev_major, 1);
	FIELD(b, BOOTINFO_PA, struct bootinfo, led_display_base_addr, BOARD_DISPLAY);
	FIELD(b, BOOTINFO_PA, struct bootinfo, fdt_addr, DEVICE_TREE_PA);
	snprintf((char *)b->request->ram + BOOTINFO_PA + offsetof(struct bootinfo, board_serial_number), 20,
		 "afterburn");
}

static void write_descriptor(const struct boot *b, unsigned argc)
{
	const struct board_config *config = b->config;

	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, desc_version, 6);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, desc_size, sizeof(struct boot_descriptor));
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, desc_vaddr, DESCRIPTOR_PA);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, argc, argc);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, core_mask, (1u << config->cores) - 1);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, dram_size, config->ram_size / MEGABYTE);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, phy_mem_desc_addr, BOOTMEM_PA);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, eclock_hz, config->clock_hz);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, board_type, BOARD_TYPE_EBH5610);
	FIELD(b, DESCRIPTOR_PA, struct boot_descriptor, cvmx_desc_vaddr, BOOTINFO_PA);
}

/* All cores are the kernel's; where a plugged core begins to execute we know without being told. */
static void write_boot_information(const struct boot *b)
{
	FIELD(b, BOOT_INFORMATION_PA, struct boot_information, labi_signature, BOOT_INFORMATION_SIGNATURE);
	FIELD(b, BOOT_INFORMATION_PA, struct boot_information, init_tlb_start_addr, RESET_VECTOR);
}

/*
 * The whole command line, one word per argument. rd_start is an address in CKSEG0: Linux takes a short
 * number for a sign-extended 32-bit one. It always has 16 digits: what lies behind it in memory does so wherever
 * CKSEG0 is seen. The device tree has no bootargs, which would win over all this.
 */
static int command_line(const struct boot *b, char line[COMMAND_LINE_MAX + 2], struct complaint *c)
{
	const char *given = b->request->command_line ? b->request->command_line : "";
	int n;

	if (b->initrd)
		n = snprintf(line, COMMAND_LINE_MAX + 2, "%s rd_start=0x%016" PRIx64 " rd_size=%" PRIu64, given,
			     b->request->ckseg0 + b->initrd, b->request->initrd_size);
	else
		n = snprintf(line, COMMAND_LINE_MAX + 2, "%s", given);
	if (n > COMMAND_LINE_MAX)
		return complain(c, "the command line has %d characters: a kernel takes %d", n, COMMAND_LINE_MAX);
	return 0;
}

/* Splits the line in place; the words lie behind one another in guest memory. Returns argc or -1. */
static int split(char *line, unsigned offsets[ARGUMENTS_MAX], struct complaint *c)
{
	int argc = 0;

	for (char *p = line; *p; ) {
		size_t length = strcspn(p, " \t\n");

		if (length && argc == ARGUMENTS_MAX)
			return complain(c, "the command line has more than %d words: U-Boot passes no more",
					ARGUMENTS_MAX);
		if (length)
			offsets[argc++] = p - line;
		p += length;
		if (*p)
			*p++ = 0;
	}
	return argc;
}

/* As fdt_check_full(), which the copy of libfdt in Linux's source lacks: every tag of the structure is one, down to its end, in one root. */
static bool is_whole_tree(const void *tree, uint64_t size)
{
	int depth = 0, at, next = 0, length, roots = 0;
	const char *name;
	uint32_t tag;

	if (size < sizeof(struct fdt_header) || fdt_check_header(tree) || fdt_totalsize(tree) > size || fdt_num_mem_rsv(tree) < 0)
		return false;
	do {
		at = next;
		tag = fdt_next_tag(tree, at, &next);
		if (next < 0 || (tag == FDT_PROP && (depth == 0 || !fdt_getprop_by_offset(tree, at, &name, &length))))
			return false;
		if (tag == FDT_BEGIN_NODE && depth == 0 && (roots++ || !fdt_get_name(tree, at, &length) || length))
			return false;
		depth += tag == FDT_BEGIN_NODE ? 1 : tag == FDT_END_NODE ? -1 : 0;
	} while (tag != FDT_END && depth >= 0);
	return depth == 0;
}

static int place_device_tree(const struct boot *b, struct complaint *c)
{
	const struct board_boot *q = b->request;
	uint8_t *place = q->ram + DEVICE_TREE_PA;

	if (!q->device_tree)
		return board__device_tree(b->config, q->rng_seed, place, DEVICE_TREE_SIZE, c) < 0 ? -1 : 0;
	if (q->device_tree_size > DEVICE_TREE_SIZE)
		return complain(c, "the device tree has %" PRIu64 " bytes: there is room for %d",
				q->device_tree_size, DEVICE_TREE_SIZE);
	if (!is_whole_tree(q->device_tree, q->device_tree_size))
		return complain(c, "the device tree does not parse: %" PRIu64 " bytes that are no flattened tree",
				q->device_tree_size);
	memcpy(place, q->device_tree, q->device_tree_size);
	return 0;
}

int board__boot(const struct board_config *config, const struct board_boot *request, struct board_entry *entry,
		struct complaint *c)
{
	struct boot b = { .config = config, .request = request };
	char line[COMMAND_LINE_MAX + 2];
	unsigned offsets[ARGUMENTS_MAX];
	int argc, length;

	if (board__check_config(config, c) || plan_memory(&b, c) || command_line(&b, line, c))
		return -1;
	length = strlen(line) + 1;
	argc = split(line, offsets, c);
	if (argc < 0)
		return -1;
	memset(request->ram, 0, FREE_PA);
	if (place_device_tree(&b, c))
		return -1;
	memcpy(request->ram + STRINGS_PA, line, length);
	for (int i = 0; i < argc; i++) {
		store(&b, DESCRIPTOR_PA + offsetof(struct boot_descriptor, argv) + 4 * i, 4,
		      STRINGS_PA + offsets[i]);
		store(&b, ARGV_PA + 4 * i, 4, request->ckseg0 + STRINGS_PA + offsets[i]);
	}
	write_descriptor(&b, argc);
	write_bootinfo(&b);
	write_bootmem(&b);
	write_boot_information(&b);
	if (b.initrd)
		memcpy(request->ram + b.initrd, request->initrd, request->initrd_size);
	*entry = (struct board_entry){
		.a0 = argc,
		.a1 = request->ckseg0 + ARGV_PA,
		.a3 = request->ckseg0 + DESCRIPTOR_PA,
		.status = STATUS_CU0 | STATUS_KX_SX_UX,
		.cvmmemctl = CVMMEMCTL_CVMSEGENAK,
		.initrd_start = b.initrd,
	};
	return 0;
}

struct board_start board__start(const struct board_config *config, const uint8_t *ram, uint64_t ckseg0, unsigned core)
{
	uint64_t vector = BOOT_VECTORS_PA + core * sizeof(struct boot_vector);
	const uint8_t *p = ram + vector + offsetof(struct boot_vector, app_start_func_addr);
	uint32_t address = 0;

	for (unsigned i = 0; i < 4; i++)
		address |= (uint32_t)p[config->little_endian ? i : 3 - i] << 8 * i;
	return (struct board_start){
		.pc = (uint64_t)(int32_t)address,
		.sp = ckseg0 + STACKS_PA + (core + 1) * STACK_SIZE,
		.status = STATUS_CU0 | STATUS_KX_SX_UX,
		.cvmmemctl = CVMMEMCTL_CVMSEGENAK,
	};
}

#define READ_CVMMEMCTL		0x40205807	/* dmfc0 rt, $11, 7 */
#define READ_CVMMEMCTL_MASK	0xffe0ffff

static bool holds(const uint8_t *file, size_t size, const char *text)
{
	return memmem(file, size, text, strlen(text));
}

/* One for Octeon is never compressed, and to hold a compressed one is what a section .appended_dtb tells. */
bool board__is_foreign_linux(const uint8_t *file, size_t size, const uint32_t *word, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		if ((word[i] & READ_CVMMEMCTL_MASK) == READ_CVMMEMCTL)
			return false;
	return holds(file, size, "Linux version ") || holds(file, size, ".appended_dtb");
}
