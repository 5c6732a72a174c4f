// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where a kernel says that its programs look how to read the clock: in its own memory, or it is refused.
 */
#include "tests/unit/elf_fixture.h"
#include "wedge/core/layout.h"
#include "wedge/load/user-clock.h"

#define RAM_SIZE	(KERNEL_PA + 0x2000)
#define CLOCK_PA	(KERNEL_PA + 0x1000)

struct test {
	struct elf_file e;
	struct image image;
	struct complaint c;
	uint8_t *ram;
};

/* A kernel, loaded, whose pointer is that of the symbol `name`. */
static void load(struct test *t, bool little, const char *name, uint64_t pointer, uint64_t magic, uint64_t size)
{
	uint8_t *clock;

	elf_make(&t->e, little);
	elf_section(&t->e, 6, 49, SHT_STRTAB, 0, 0, STRTAB_AT, 27 + 16, 0, 0);
	memcpy(t->e.bytes + STRTAB_AT + 27, name, strlen(name) + 1);
	elf_symbol(&t->e, 2, 27, STT_OBJECT, 1, KERNEL_VA + 0x40);
	assert_int_equal(image__open_memory(&t->image, "vmlinux", t->e.bytes, ELF_SIZE, &t->c), 0);
	t->ram = calloc(1, RAM_SIZE);
	assert_non_null(t->ram);
	image__put64(&t->image, t->ram + KERNEL_PA + 0x40, pointer);
	clock = t->ram + CLOCK_PA;
	image__put64(&t->image, clock + offsetof(struct afterburn_clock, magic), magic);
	image__put64(&t->image, clock + offsetof(struct afterburn_clock, size), size);
}

static int find(struct test *t, struct afterburn_clock **clock)
{
	return user_clock__find(&t->image, t->ram, RAM_SIZE, clock, &t->c);
}

static void unload(struct test *t)
{
	image__close(&t->image);
	free(t->ram);
}

static void what_a_kernel_says(void **state)
{
	static const uint64_t pointers[] = { WINDOW_CKSEG0 + CLOCK_PA, 0xffffffff80000000ull + CLOCK_PA };
	struct afterburn_clock *clock;
	struct test t;

	for (unsigned i = 0; i < 8; i++) {
		load(&t, i & 1, "afterburn_clock", pointers[i >> 1 & 1], AFTERBURN_CLOCK_MAGIC, sizeof(*clock) + (i & 4 ? 16 : 0));
		assert_int_equal(find(&t, &clock), 0);
		assert_ptr_equal(clock, t.ram + CLOCK_PA);
		unload(&t);
	}
	load(&t, true, "another", 0, 0, 0);
	assert_int_equal(find(&t, &clock), 0);
	assert_null(clock);
	unload(&t);
}

static void what_cannot_be(void **state)
{
	static const struct {
		uint64_t pointer, magic, size;
		const char *complaint;
	} rows[] = {
		{ 0, AFTERBURN_CLOCK_MAGIC, 40, "leads to magic 0" },
		{ WINDOW_CKSEG0 + CLOCK_PA + 4, AFTERBURN_CLOCK_MAGIC, 40, "leads out of the kernel" },
		{ WINDOW_CKSEG0 + RAM_SIZE, AFTERBURN_CLOCK_MAGIC, 40, "leads out of the kernel" },
		{ WINDOW_CKSEG0 + RAM_SIZE - 32, AFTERBURN_CLOCK_MAGIC, 40, "leads out of the kernel" },
		{ ~0ull & ~7ull, AFTERBURN_CLOCK_MAGIC, 40, "leads out of the kernel" },
		{ WINDOW_CKSEG0 + CLOCK_PA, AFTERBURN_CLOCK_MAGIC + 1, 40, "this Wedge knows 0x4146544252543031 and 40" },
		{ WINDOW_CKSEG0 + CLOCK_PA, AFTERBURN_CLOCK_MAGIC, 32, "and size 32" },
	};
	struct afterburn_clock *clock;
	struct test t;

	for (unsigned i = 0; i < COUNT(rows); i++) {
		load(&t, i & 1, "afterburn_clock", rows[i].pointer, rows[i].magic, rows[i].size);
		assert_int_equal(find(&t, &clock), -1);
		if (!strstr(t.c.text, rows[i].complaint))
			fail_msg("row %u: %s", i, t.c.text);
		assert_null(clock);
		unload(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_a_kernel_says), cmocka_unit_test(what_cannot_be) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
