// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A structure in which a kernel and the Wedge tell each other something: all of it in the guest's RAM, and of the right kind, or it is refused.
 */
#include "tests/unit/elf_fixture.h"
#include "wedge/load/structure.h"

#define RAM_SIZE	(KERNEL_PA + KERNEL_MEMORY)
#define MAGIC		0x4146544252583031ull
#define SIZE		64u

static struct image image;
static struct complaint complaint;

/* The answer for a kernel that has the symbol `afterburn_x` at `va`, and there these two words. */
static int find(bool little, const char *name, uint64_t va, uint64_t magic, uint64_t size, uint64_t *at)
{
	struct elf_file e;
	uint8_t *ram = calloc(1, RAM_SIZE);
	int result;

	elf_make(&e, little);
	elf_section(&e, 6, 49, SHT_STRTAB, 0, 0, STRTAB_AT, 27 + 16, 0, 0);
	memcpy(e.bytes + STRTAB_AT + 27, name, strlen(name) + 1);
	elf_symbol(&e, 2, 27, STT_OBJECT, 1, va);
	assert_non_null(ram);
	assert_int_equal(image__open_memory(&image, "vmlinux", e.bytes, ELF_SIZE, &complaint), 0);
	if (va - IMAGE_CKSEG0 <= RAM_SIZE - 16) {
		image__put64(&image, ram + (va - IMAGE_CKSEG0), magic);
		image__put64(&image, ram + (va - IMAGE_CKSEG0) + 8, size);
	}
	result = structure__find(&image, ram, RAM_SIZE, "afterburn_x", MAGIC, SIZE, at, &complaint);
	image__close(&image);
	free(ram);
	return result;
}

static void one_that_is_there(void **state)
{
	uint64_t at;

	for (unsigned little = 0; little < 2; little++) {
		assert_int_equal(find(little, "afterburn_x", KERNEL_VA + 0x200, MAGIC, SIZE, &at), 1);
		assert_int_equal(at, KERNEL_PA + 0x200);
		assert_int_equal(find(little, "afterburn_x", KERNEL_VA + KERNEL_MEMORY - SIZE, MAGIC, SIZE, &at), 1);
		assert_int_equal(find(little, "afterburn_y", KERNEL_VA, MAGIC, SIZE, &at), 0);
	}
}

static void what_cannot_be(void **state)
{
	static const struct {
		uint64_t va, magic, size;
		const char *complaint;
	} rows[] = {
		{ KERNEL_VA + 4, MAGIC, SIZE, "vmlinux: 'afterburn_x' at physical 0x1100004 lies outside the kernel" },
		{ KERNEL_VA + KERNEL_MEMORY - SIZE + 8, MAGIC, SIZE, "lies outside the kernel" },
		{ KERNEL_VA + KERNEL_MEMORY, MAGIC, SIZE, "lies outside the kernel" },
		{ KERNEL_VA, MAGIC + 1, SIZE, "has magic 0x4146544252583032 and size 64, this Wedge knows 0x4146544252583031 and 64" },
		{ KERNEL_VA, MAGIC, SIZE + 8, "and size 72" },
	};
	uint64_t at;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(find(i & 1, "afterburn_x", rows[i].va, rows[i].magic, rows[i].size, &at), -1);
		assert_non_null(strstr(complaint.text, rows[i].complaint));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_that_is_there), cmocka_unit_test(what_cannot_be) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
