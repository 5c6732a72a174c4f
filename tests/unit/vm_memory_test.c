// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * VM memory: its table says what is where; parts are cleared, aligned, apart, and the same for a child.
 */
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/host/memory.h"

#define SIZE	0x100000ull

static struct complaint c;

static void table(void **state)
{
	static const u64 sizes[] = { 1, 0x1000, 0x1001, 0x20000 };
	struct vm_memory *m = memory__open(SIZE, &c);
	u8 *end = (u8 *)(m + 1);

	assert_non_null(m);
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		char name[] = "part0";
		u8 *part;

		name[4] += i;
		part = memory__place(m, name, i + 1, sizes[i]);
		assert_int_equal((u64)part % VM_MEMORY_ALIGN, 0);
		assert_true(part >= end);
		assert_true(part[0] == 0 && part[sizes[i] - 1] == 0);
		memset(part, 0xff, sizes[i]);
		end = part + sizes[i];
		assert_string_equal(m->parts[i].name, name);
		assert_ptr_equal((u8 *)m + m->parts[i].offset, part);
		assert_int_equal(m->parts[i].size, sizes[i]);
		assert_int_equal(m->parts[i].version, i + 1);
	}
	assert_int_equal(m->count, ARRAY_SIZE(sizes));
	assert_true(m->magic == VM_MEMORY_MAGIC && m->version == VM_MEMORY_VERSION);
	assert_true(end <= (u8 *)m + m->size);
}

static void shared_with_a_child(void **state)
{
	struct vm_memory *m = memory__open(SIZE, &c);
	volatile u32 *word = memory__place(m, "word", 1, sizeof(*word));
	int status;
	pid_t pid = fork();

	if (!pid) {
		*word = 42;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(*word, 42);
}

static void too_much_of_it(void **state)
{
	struct vm_memory *m = memory__open(~0ull >> 2, &c);

	assert_null(m);
	assert_non_null(strstr(c.text, "for the state of the virtual machine"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table), cmocka_unit_test(shared_with_a_child), cmocka_unit_test(too_much_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
