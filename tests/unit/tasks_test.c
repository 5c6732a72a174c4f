// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks of a guest's kernel: found by what init_task looks like, read out of memory that may hold anything.
 */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tasks_fixture.h"

static struct task_kernel k;

static u64 swapped(u64 value, bool little_endian)
{
	return little_endian == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__) ? value : __builtin_bswap64(value);
}

static void the_current_task(void **state)
{
	struct task_layout t;
	struct task task;

	for (unsigned little = 0; little < 2; little++) {
		tasks_make(&k, little);
		assert_true(tasks__find(&t, &k.image));
		/* The kernel runs, in its window. */
		task_make(&k, WINDOW_CKSEG0, 0x6000, 2, 0x1234567, "a task\x1b[2J");
		task_put(&k, TASKS_KERNELSP + 8, task_word(WINDOW_CKSEG0, 2), 64);
		assert_ptr_equal(tasks__stack_word(&t, &k.described, 1), k.ram + TASKS_KERNELSP + 8);
		assert_true(tasks__of_stack(&t, &k.described, &k.windows, *tasks__stack_word(&t, &k.described, 1), &task));
		assert_int_equal(task.pid, 0x1234567);
		assert_int_equal(task.tgid, 0x1234567);
		assert_string_equal(task.name, "a task?[2J");
		assert_int_equal(task.parent, WINDOW_CKSEG0 + TASKS_SWAPPER);
		assert_int_equal(task.sibling, WINDOW_CKSEG0 + 0x6000 + AT_SIBLING);
	}
}

static void what_is_no_stack(void **state)
{
	const u64 words[] = { 0, 1, UINT64_MAX, task_word(WINDOW_CKSEG0, 1), task_word(WINDOW_CKSEG0, 0) + 8, WINDOW_CKSEG0 - 32, WINDOW_CKSEG0 + TASKS_RAM - 32,
			      WINDOW_CKSEG0 + TASKS_RAM + TASKS_STACK - 32, 0x12345678 };
	struct task_layout t;
	struct task task;

	tasks_make(&k, true);
	assert_true(tasks__find(&t, &k.image));
	for (unsigned i = 0; i < COUNT(words); i++)
		assert_false(tasks__of_stack(&t, &k.described, &k.windows, swapped(words[i], true), &task));
	assert_null(tasks__stack_word(&t, &k.described, TASKS_RAM / 8));
	assert_false(tasks__read(&t, &k.described, &k.windows, WINDOW_CKSEG0 + TASKS_RAM - 8, &task));
}

/* Without the symbols, or where init_task is not as Linux has it, nothing is found, and nothing is asked then. */
static void what_is_no_linux(void **state)
{
	struct task_layout t;
	struct task task;

	for (unsigned i = 0; i < 6; i++) {
		tasks_make(&k, true);
		switch (i) {
		case 0: case 1: case 2: k.symbol[i].name = "another"; break;
		case 3: task_put(&k, TASKS_SWAPPER + AT_LEADER, 0, 64); break;
		case 4: memset(k.ram + TASKS_SWAPPER + AT_NAME, 'x', TASK_NAME); break;
		case 5: k.image.segments[0].bytes = NULL; k.image.segment_count = 0; break;
		}
		assert_false(tasks__find(&t, &k.image));
		assert_false(tasks__read(&t, &k.described, &k.windows, WINDOW_CKSEG0, &task));
		assert_null(tasks__stack_word(&t, &k.described, 0));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_current_task), cmocka_unit_test(what_is_no_stack), cmocka_unit_test(what_is_no_linux),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
