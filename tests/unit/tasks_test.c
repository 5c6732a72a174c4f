// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Tasks of a guest's kernel: found by what init_task looks like, read out of memory that may hold anything.
 */
#include "tests/unit/cmocka_all.h"
#include "tests/unit/tasks_fixture.h"
#include "wedge/load/unwind.h"

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

static void link_list(unsigned head, unsigned next, unsigned previous)
{
	task_put(&k, head, WINDOW_CKSEG0 + next, 64);
	task_put(&k, head + 8, WINDOW_CKSEG0 + previous, 64);
}

static unsigned walk(const struct task_layout *t, char *names)
{
	struct task_walk w;
	struct task task;
	unsigned n = 0;

	*names = 0;
	for (tasks__walk(&w, t, &k.described, &k.windows); tasks__next(&w, &task); n++)
		if (n < 8)
			sprintf(names + strlen(names), "%u%s ", task.depth, task.name);
	return n;
}

/* swapper has init, and kthreadd; init has sh. */
static void make_family(struct task_layout *t)
{
	static const unsigned init = 0x6000, kthreadd = 0x8000, sh = 0xa000;

	tasks_make(&k, true);
	assert_true(tasks__find(t, &k.image));
	task_make(&k, WINDOW_CKSEG0, TASKS_SWAPPER, 0, 0, "swapper");
	task_make(&k, WINDOW_CKSEG0, init, 1, 1, "init");
	task_make(&k, WINDOW_CKSEG0, kthreadd, 2, 2, "kthreadd");
	task_make(&k, WINDOW_CKSEG0, sh, 3, 3, "sh");
	task_put(&k, sh + AT_PARENT + 8, WINDOW_CKSEG0 + init, 64);
	link_list(TASKS_SWAPPER + AT_CHILDREN, init + AT_SIBLING, kthreadd + AT_SIBLING);
	link_list(init + AT_SIBLING, kthreadd + AT_SIBLING, TASKS_SWAPPER + AT_CHILDREN);
	link_list(kthreadd + AT_SIBLING, TASKS_SWAPPER + AT_CHILDREN, init + AT_SIBLING);
	link_list(init + AT_CHILDREN, sh + AT_SIBLING, sh + AT_SIBLING);
	link_list(sh + AT_SIBLING, init + AT_CHILDREN, init + AT_CHILDREN);
}

static void all_processes(void **state)
{
	struct task_layout t;
	char names[200];

	make_family(&t);
	assert_int_equal(walk(&t, names), 4);
	assert_string_equal(names, "0swapper 1init 2sh 1kthreadd ");
}

/* Lists without an end, or that lead nowhere: the walk ends. */
static void lists_that_cannot_be(void **state)
{
	static const unsigned places[] = { TASKS_SWAPPER + AT_CHILDREN, 0x6000 + AT_SIBLING, 0x6000 + AT_CHILDREN, 0xa000 + AT_SIBLING, 0xa000 + AT_PARENT + 8 };
	static const u64 values[] = { 0, UINT64_MAX, WINDOW_CKSEG0 + 0x6000 + AT_SIBLING, WINDOW_CKSEG0 + 0xa000, WINDOW_CKSEG0 + TASKS_RAM,
				      WINDOW_CKSEG0 + TASKS_SWAPPER + AT_SIBLING, WINDOW_CKSEG0 + 0xa000 + AT_SIBLING };
	struct task_layout t;
	char names[200];

	for (unsigned i = 0; i < COUNT(places); i++)
		for (unsigned j = 0; j < COUNT(values); j++) {
			make_family(&t);
			task_put(&k, places[i], values[j], 64);
			assert_true(walk(&t, names) <= 20000);
		}
}

/* --- Stacks --- */

static const u64 stack = WINDOW_CKSEG0 + 0x5000, function = WINDOW_CKSEG0 + 0x7000;

static bool unwind(struct unwind_frame *f, u64 start)
{
	return unwind__step(f, start, &k.described, &k.windows, !k.image.little_endian);
}

static void callers(void **state)
{
	for (unsigned little = 0; little < 2; little++) {
		struct unwind_frame f = { .pc = function + 20, .sp = stack, .ra = 1, .inner = true };

		tasks_make(&k, little);
		task_put(&k, 0x7000, 0x67bdffe0, 32);		/* daddiu sp,sp,-32 */
		task_put(&k, 0x7004, 0xffb00010, 32);		/* sd s0,16(sp) */
		task_put(&k, 0x7008, 0xffbf0018, 32);		/* sd ra,24(sp) */
		task_put(&k, 0x5018, function + 100, 64);
		task_put(&k, 0x5038, function + 200, 64);
		assert_true(unwind(&f, function));
		assert_int_equal(f.pc, function + 100);
		assert_int_equal(f.sp, stack + 32);
		assert_true(unwind(&f, function));
		assert_int_equal(f.pc, function + 200);
		/* Before ra is on the stack it is in its register; the first instruction has not even moved sp. */
		f = (struct unwind_frame){ .pc = function + 8, .sp = stack, .ra = function + 300, .inner = true };
		assert_true(unwind(&f, function));
		assert_int_equal(f.pc, function + 300);
		assert_int_equal(f.sp, stack + 32);
		f = (struct unwind_frame){ .pc = function, .sp = stack, .ra = function + 300, .inner = true };
		assert_true(unwind(&f, function));
		assert_int_equal(f.sp, stack);
		/* Of a caller nobody knows that register. */
		assert_true(f.pc == function + 300 && !f.inner);
		f.pc = function + 4;
		assert_false(unwind(&f, function));
	}
}

static void stacks_that_cannot_be(void **state)
{
	const struct unwind_frame frames[] = { { .pc = function + 20, .sp = 0 }, { .pc = function + 20, .sp = UINT64_MAX - 20 }, { .pc = function + 20, .sp = stack + 3 },
					       { .pc = function + 20, .sp = WINDOW_CKSEG0 + TASKS_RAM }, { .pc = 0, .sp = stack }, { .pc = function + 0x10000000, .sp = stack },
					       { .pc = WINDOW_CKSEG0 + TASKS_RAM + 8, .sp = stack } };

	tasks_make(&k, true);
	task_put(&k, 0x7000, 0x67bdffe0, 32);
	task_put(&k, 0x7008, 0xffbf0018, 32);
	for (unsigned i = 0; i < COUNT(frames); i++) {
		struct unwind_frame f = frames[i];

		assert_false(unwind(&f, i == 6 ? WINDOW_CKSEG0 + TASKS_RAM : function));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_current_task), cmocka_unit_test(what_is_no_stack), cmocka_unit_test(what_is_no_linux), cmocka_unit_test(all_processes),
		cmocka_unit_test(lists_that_cannot_be), cmocka_unit_test(callers), cmocka_unit_test(stacks_that_cannot_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
