// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Exit statistics, which the monitor prints from memory that a guest's kernel may have written over: what was counted comes out,
 * of all cores, with names; and rubbish in that memory is rubbish in the figures and nothing else.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/core/layout.h"
#include "wedge/monitor/vm.h"

#define CORES	3

/* Of the Host, which is not linked here. */
const char *const host__exit_names[HOST_EXITS] = { [HOST_EXIT_SIGILL] = "SIGILL", [HOST_EXIT_SIGBUS] = "SIGBUS", [HOST_EXIT_CALL] = "call" };
const char *const host__why_names[HOST_WHYS] = { [HOST_WHY_BEGUN] = "trap, call" };

static struct vcpu_page page;
struct vcpu_page *host__vcpu_page(struct host *host, unsigned n) { return &page; }

static struct vm vm;
static struct code *module;

static int begin(void **state)
{
	struct complaint c;

	vm = (struct vm){ .options = { .cpus = CORES, .stats = "-", .kernel = "vmlinux" }, .several = true };
	vm.memory = memory__open(VM_STATE_SIZE, &c);
	if (!vm.memory)
		return -1;
	vm.state = memory__place(vm.memory, "machine", 1, sizeof(*vm.state));
	vm.stats = memory__place(vm.memory, "statistics", 1, CORES * sizeof(*vm.stats));
	vm.blocks = memory__place(vm.memory, "blocks", 1, sizeof(*vm.blocks));
	module = memory__place(vm.memory, "module", 1, sizeof(*module));
	for (unsigned i = 0; i < CORES; i++)
		vm.vcpu[i] = memory__place(vm.memory, "vcpu", 1, sizeof(*vm.vcpu[i]));
	*module = (struct code){ .start = WINDOW_MODULES, .end = WINDOW_MODULES + 0x1000, .name = "amodule" };
	vm.state->machine.code = module;
	return 0;
}

static int end(void **state)
{
	return munmap(vm.memory, VM_STATE_SIZE);
}

static char *printed(void)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	stats__print(&vm, out);
	profile__write(&vm, out, false);
	assert_int_equal(fclose(out), 0);
	assert_true(size < 1 << 20);
	return text;
}

static void assert_says(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in\n%s", part, text);
}

static void of_all_cores(void **state)
{
	char *text;

	for (unsigned i = 0; i < CORES; i++) {
		stats__exit(&vm.stats[i], HOST_EXIT_SIGILL, WINDOW_MODULES + 0x10, 1000, false);
		stats__exit(&vm.stats[i], HOST_EXIT_CALL, WINDOW_CKSEG0 + 0x100000 + i * 4, 2000, i == 1);
	}
	text = printed();
	assert_says(text, "SIGILL                      3   50.00%   33.33%");
	assert_says(text, "total                       6");
	assert_says(text, "in generated code           1   16.67%   22.22%");
	assert_says(text, "amodule+0x10\n");
	assert_says(text, "core 2: interpreted");
	free(text);
}

static void of_one_core(void **state)
{
	char *text;

	vm.options.cpus = 1;
	vm.several = false;
	stats__exit(&vm.stats[0], HOST_EXIT_SIGBUS, WINDOW_MODULES + 0x2000, 1000, false);
	text = printed();
	assert_says(text, "SIGBUS                      1  100.00%  100.00%");
	assert_says(text, "  ?+0\n");
	free(text);
}

static void reasons_that_are_none(void **state)
{
	char *text;

	for (unsigned i = 0; i < CORES; i++)
		for (unsigned n = 0; n < STATS_PCS; n++) {
			vm.stats[i].places.slot[n].pc = vm.stats[i].interpreted_places.slot[n].pc = WINDOW_MODULES + 4 * n;
			vm.stats[i].places.slot[n].count = vm.stats[i].interpreted_places.slot[n].count = 1;
			vm.stats[i].places.slot[n].reason = HOST_EXITS + n * 0x100000;
			vm.stats[i].interpreted_places.slot[n].reason = HOST_WHYS + n * 0x100000;
		}
	text = printed();
	assert_null(strstr(text, "amodule"));
	free(text);
}

/* The list of pieces leads nowhere, round in a circle, past the end, and to a name without one. */
static void a_list_that_is_none(void **state)
{
	struct code *const nowhere[] = {
		(struct code *)8, (struct code *)((u8 *)module + 1), (struct code *)((u8 *)vm.memory + VM_STATE_SIZE - 8),
		(struct code *)((u8 *)vm.memory - 8), (struct code *)~7ull,
	};

	stats__exit(&vm.stats[0], HOST_EXIT_SIGILL, WINDOW_MODULES + 0x2000, 1000, false);
	for (unsigned i = 0; i <= ARRAY_SIZE(nowhere); i++) {
		char *text;

		module->next = i < ARRAY_SIZE(nowhere) ? nowhere[i] : module;
		text = printed();
		assert_says(text, "  ?+0\n");
		free(text);
	}
	module->end = ~0ull;
	memset(module->name, 'x', sizeof(module->name));
	free(printed());
}

static void rubbish(void **state)
{
	for (unsigned round = 0; round < 20; round++) {
		u8 *bytes = (u8 *)vm.stats;

		srand(round);
		for (size_t i = 0; i < CORES * sizeof(*vm.stats); i++)
			bytes[i] = rand() >> 7;
		bytes = (u8 *)vm.state;
		for (size_t i = 0; i < sizeof(*vm.state); i++)
			bytes[i] = rand() >> 7;
		memset(vm.blocks, 0xff, sizeof(*vm.blocks));
		for (unsigned i = 0; i < CORES; i++)
			memset(vm.vcpu[i], round, sizeof(*vm.vcpu[i]));
		free(printed());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(of_all_cores, begin, end),
		cmocka_unit_test_setup_teardown(of_one_core, begin, end),
		cmocka_unit_test_setup_teardown(reasons_that_are_none, begin, end),
		cmocka_unit_test_setup_teardown(a_list_that_is_none, begin, end),
		cmocka_unit_test_setup_teardown(rubbish, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
