// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel image: what a good one gives, what is said of a bad one, and that no damage crashes us.
 */
#include <stdlib.h>
#include <zlib.h>

#include "tests/unit/elf_fixture.h"
#include "wedge/load/image.h"
#include "wedge/load/kernel-file.h"

static int open_elf(struct image *image, const struct elf_file *e, size_t size, struct complaint *c)
{
	return image__open_memory(image, "vmlinux", e->bytes, size, c);
}

static void a_good_kernel(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;

	for (int little = 0; little < 2; little++) {
		elf_make(&e, little);
		if (image__open_memory(&image, "vmlinux", e.bytes, ELF_SIZE, &c))
			fail_msg("%s", c.text);
		assert_int_equal(image.little_endian, little);
		assert_int_equal(image.entry, KERNEL_VA + 0x10);
		assert_int_equal(image.start, KERNEL_PA);
		assert_int_equal(image.end, KERNEL_PA + KERNEL_MEMORY);
		assert_int_equal(image.segment_count, 1);
		assert_int_equal(image.segments[0].file_size, KERNEL_FILE);
		assert_int_equal(image.segments[0].mem_size, KERNEL_MEMORY);
		assert_int_equal(image.text.va, KERNEL_VA);
		assert_int_equal(image.extable.size, 0x20);
		assert_int_equal(image.relocations.va, KERNEL_VA + 0xc0);
		assert_int_equal(image.afterburn.va, 0);
		assert_int_equal(image.afterburn.size, 12);
		assert_memory_equal(image.afterburn.bytes, "the records", 12);
		assert_int_equal(image__get32(&image, image.segments[0].bytes), 0x3c028110);
		assert_int_equal(image__get64(&image, image__bytes(&image, KERNEL_VA + 0x40, 8)),
				 KERNEL_VA + 0x44);
		assert_null(image__bytes(&image, KERNEL_VA + KERNEL_FILE - 4, 8));
		image__close(&image);
	}
}

static void symbols_both_ways(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;
	uint64_t value;

	elf_make(&e, true);
	assert_int_equal(open_elf(&image, &e, ELF_SIZE, &c), 0);
	assert_int_equal(image.symbol_count, 4);
	assert_true(image__symbol(&image, "data", &value));
	assert_int_equal(value, KERNEL_VA + 0x40);
	assert_true(image__symbol(&image, "_end", &value));
	assert_int_equal(value, KERNEL_VA + KERNEL_MEMORY);
	assert_false(image__symbol(&image, ".L1", &value));
	assert_false(image__symbol(&image, "", &value));
	assert_false(image__symbol(&image, "zzz", &value));
	image__settle(&image);
	image__sort_symbols(&image);
	assert_true(image__symbol(&image, "data", &value));
	assert_int_equal(value, KERNEL_VA + 0x40);
	assert_string_equal(image__symbolize(&image, KERNEL_VA + 0x10, &value), "start");	/* not its alias */
	assert_int_equal(value, 0);
	assert_string_equal(image__symbolize(&image, KERNEL_VA + 0x3c, &value), "start");
	assert_int_equal(value, 0x2c);
	assert_string_equal(image__symbolize(&image, KERNEL_VA + KERNEL_MEMORY - 1, &value), "data");
	assert_null(image__symbolize(&image, KERNEL_VA + 0xc, &value));
	assert_null(image__symbolize(&image, KERNEL_VA - 1, &value));
	assert_null(image__symbolize(&image, KERNEL_VA + KERNEL_MEMORY, &value));
	image__close(&image);
}

static void a_stripped_kernel(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;
	uint64_t value;

	elf_make(&e, true);
	elf_put(&e, 40, 8, 0);		/* no section headers at all */
	elf_put(&e, 60, 4, 0);
	if (open_elf(&image, &e, ELF_SIZE, &c))
		fail_msg("%s", c.text);
	assert_int_equal(image.symbol_count, 0);
	assert_null(image.relocations.bytes);
	assert_false(image__symbol(&image, "start", &value));
	assert_null(image__symbolize(&image, KERNEL_VA + 0x10, &value));
	image__close(&image);
}

static void loading(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;
	uint64_t size = KERNEL_PA + KERNEL_MEMORY;
	uint8_t *ram = malloc(size);

	elf_make(&e, true);
	assert_int_equal(open_elf(&image, &e, ELF_SIZE, &c), 0);
	memset(ram + KERNEL_PA, 0xff, KERNEL_MEMORY);
	assert_int_equal(image__load(&image, ram, size - 1, &c), -1);
	assert_string_equal(c.text,
			    "vmlinux: ends at physical address 0x1100400, beyond the 17 MB of low memory");
	assert_int_equal(ram[KERNEL_PA], 0xff);
	assert_int_equal(image__load(&image, ram, size, &c), 0);
	assert_memory_equal(ram + KERNEL_PA, e.bytes + SEGMENT_AT, KERNEL_FILE);
	for (unsigned i = KERNEL_FILE; i < KERNEL_MEMORY; i++)
		assert_int_equal(ram[KERNEL_PA + i], 0);
	image__close(&image);
	free(ram);
}

/* One field changed: what the complaint must say. */
static const struct {
	size_t at;
	unsigned size;
	uint64_t value;
	const char *complaint;
} damages[] = {
	{ 0, 1, 0, "vmlinux: not an ELF file: give the kernel as vmlinux, as it is or compressed with gzip" },
	{ EI_CLASS, 1, ELFCLASS32, "vmlinux: not a 64-bit ELF file" },
	{ EI_DATA, 1, 3, "vmlinux: byte order 3 is neither little-endian (1) nor big-endian (2)" },
	{ EI_DATA, 1, ELFDATA2MSB, "for machine 2048, not for MIPS (8)" },
	{ 16, 2, ET_REL, "ELF type 1, not an executable (2): give the linked vmlinux" },
	{ 18, 2, EM_X86_64, "for machine 62, not for MIPS (8)" },
	{ 24, 8, KERNEL_VA + KERNEL_FILE, "the entry 0xffffffff81100100 lies in no segment" },
	{ 24, 8, KERNEL_VA + 1, "the entry 0xffffffff81100001 lies in no segment" },
	{ 32, 8, ELF_SIZE, "no program headers, or truncated" },
	{ 56, 2, 0, "no program headers" },
	{ 64, 4, PT_NOTE, "no segment to load" },
	{ 72, 8, ELF_SIZE, "truncated: the segment at 0xffffffff81100000 ends at byte" },
	{ 72, 8, UINT64_MAX, "truncated" },
	{ 80, 8, 0x120000000ull, "the segment at 0x120000000 lies outside CKSEG0" },
	{ 80, 8, 0xffffffffa0000000ull - 8, "lies outside CKSEG0" },
	{ 40, 8, ELF_SIZE - 64, "truncated: section headers at byte 1472" },
	{ 96, 8, KERNEL_MEMORY + 1, "is larger in the file than in memory" },
	{ 104, 8, KERNEL_FILE - 1, "is larger in the file than in memory" },
	{ 104, 8, 0x20000000, "lies outside CKSEG0" },
	{ SHDRS_AT + 64 + 32, 8, ELF_SIZE, "truncated: section 1 ends at byte" },
	{ SHDRS_AT + 5 * 64 + 56, 8, 23, "a symbol table that cannot be read" },
};

static void complaints(void **state)
{
	for (size_t i = 0; i < COUNT(damages); i++) {
		struct elf_file e;
		struct image image;
		struct complaint c;

		elf_make(&e, true);
		elf_put(&e, damages[i].at, damages[i].size, damages[i].value);
		assert_int_equal(open_elf(&image, &e, ELF_SIZE, &c), -1);
		assert_contains(c.text, damages[i].complaint);
	}
}

static void overlapping_segments(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;

	elf_make(&e, true);
	elf_put(&e, 56, 2, 2);
	memcpy(e.bytes + 120, e.bytes + 64, 56);
	elf_put(&e, 120 + 16, 8, KERNEL_VA + KERNEL_MEMORY - 1);
	assert_int_equal(open_elf(&image, &e, ELF_SIZE, &c), -1);
	assert_contains(c.text, "the segments at 0xffffffff81100000 and 0xffffffff811003ff overlap");
	elf_put(&e, 120 + 16, 8, KERNEL_VA + KERNEL_MEMORY);
	assert_int_equal(open_elf(&image, &e, ELF_SIZE, &c), 0);
	assert_int_equal(image.end, KERNEL_PA + 2 * KERNEL_MEMORY);
	image__close(&image);
}

static void files_that_cannot_be_read(void **state)
{
	struct image image;
	struct complaint c;

	assert_int_equal(image__open(&image, "/nonexistent/vmlinux", &c), -1);
	assert_string_equal(c.text, "kernel '/nonexistent/vmlinux': No such file or directory");
	assert_int_equal(image__open(&image, "/dev/null", &c), -1);
	assert_contains(c.text, "kernel '/dev/null': no regular file");
	assert_int_equal(image__open(&image, "/", &c), -1);
	assert_string_equal(c.text, "kernel '/': no regular file; a vmlinux would be right");
}

static uint8_t *copy_of(const void *bytes, size_t size)
{
	uint8_t *copy = malloc(size + 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	return copy;
}

/* `size` bytes as gzip packs them; the caller frees them. */
static uint8_t *pack(const uint8_t *bytes, size_t size, size_t *packed)
{
	z_stream z = { .next_in = (Bytef *)bytes, .avail_in = size };
	uint8_t *out;

	assert_int_equal(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
	*packed = deflateBound(&z, size);
	out = malloc(*packed);
	assert_non_null(out);
	z.next_out = out;
	z.avail_out = *packed;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	*packed = z.total_out;
	deflateEnd(&z);
	return out;
}

static void packed_with_gzip(void **state)
{
	static const size_t sizes[] = { 0, 1, 4096, 1 << 20, (1 << 20) + 1, 5 << 20 };
	struct complaint c;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		uint8_t *bytes = malloc(sizes[i] + 1), *file;
		size_t size;

		for (size_t n = 0; n < sizes[i]; n++)
			bytes[n] = n * n >> 7;
		file = pack(bytes, sizes[i], &size);
		assert_int_equal(kernel_file__unpack("vmlinux.gz", &file, &size, &c), 0);
		assert_int_equal(size, sizes[i]);
		assert_memory_equal(file, bytes, size);
		free(file);
		free(bytes);
	}
}

/* Of each length: a complaint, and the buffer is the caller's still. */
static void packed_and_cut_or_damaged(void **state)
{
	uint8_t bytes[2000], *whole, *file;
	struct complaint c;
	size_t packed, size;

	for (size_t n = 0; n < sizeof(bytes); n++)
		bytes[n] = n * n >> 3;
	whole = pack(bytes, sizeof(bytes), &packed);
	for (size_t cut = 2; cut < packed; cut++) {
		file = copy_of(whole, size = cut);
		assert_int_equal(kernel_file__unpack("k", &file, &size, &c), -1);
		assert_string_equal(c.text, "k: packed with gzip, and truncated");
		assert_int_equal(size, cut);
		free(file);
	}
	for (size_t at = 2; at < packed; at++) {
		file = copy_of(whole, size = packed);
		file[at] ^= 0x55;
		c.text[0] = 0;
		if (kernel_file__unpack("k", &file, &size, &c))
			assert_contains(c.text, "k: packed with gzip, and ");
		free(file);
	}
	free(whole);
}

static void packed_in_another_way(void **state)
{
	static const struct { const char *bytes, *says; } ways[] = {
		{ "\xfd" "7zXZ", "k: packed with xz, which is not unpacked here: xz -dc k >vmlinux" },
		{ "\x28\xb5\x2f\xfd", "k: packed with zstd, which is not unpacked here: zstd -dc k >vmlinux" },
		{ "\x27\x05\x19\x56", "k: packed with mkimage, which is not unpacked here: dumpimage -o vmlinux k" },
	};
	struct complaint c;

	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		size_t length = strlen(ways[i].bytes), size = length;
		uint8_t *file = copy_of(ways[i].bytes, size);

		assert_int_equal(kernel_file__unpack("k", &file, &size, &c), -1);
		assert_string_equal(c.text, ways[i].says);
		size--;		/* not all of what tells it */
		assert_int_equal(kernel_file__unpack("k", &file, &size, &c), 0);
		assert_int_equal(size, length - 1);
		free(file);
	}
}

/* Whatever was damaged: no crash, no leak, and either a complaint or an image that can be used. */
static void use(const struct elf_file *e, size_t size)
{
	static uint8_t ram[1 << 16];
	struct image image;
	struct complaint c = { "" };
	uint64_t offset;

	if (open_elf(&image, e, size, &c)) {
		assert_true(c.text[0]);
		assert_null(strchr(c.text, '\n'));
		return;
	}
	image__load(&image, ram, sizeof(ram), &c);
	image__sort_symbols(&image);
	image__symbolize(&image, image.entry, &offset);
	image__symbol(&image, "start", &offset);
	image__close(&image);
}

static void truncated_anywhere(void **state)
{
	struct elf_file e;
	struct image image;
	struct complaint c;

	elf_make(&e, true);
	for (size_t size = 0; size < ELF_SIZE; size += size < 256 ? 1 : 16) {
		use(&e, size);
		assert_int_equal(open_elf(&image, &e, size, &c), -1);
	}
}

static void damaged_anywhere(void **state)
{
	static const uint8_t flips[] = { 0x01, 0x80, 0xff };

	for (size_t at = 0; at < ELF_SIZE; at++)
		for (size_t i = 0; i < COUNT(flips); i++) {
			struct elf_file e;

			elf_make(&e, true);
			e.bytes[at] ^= flips[i];
			use(&e, ELF_SIZE);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_kernel),
		cmocka_unit_test(symbols_both_ways),
		cmocka_unit_test(a_stripped_kernel),
		cmocka_unit_test(loading),
		cmocka_unit_test(complaints),
		cmocka_unit_test(overlapping_segments),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(packed_with_gzip),
		cmocka_unit_test(packed_and_cut_or_damaged),
		cmocka_unit_test(packed_in_another_way),
		cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(damaged_anywhere),
	};

	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
