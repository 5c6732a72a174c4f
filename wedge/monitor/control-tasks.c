// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-tasks.h. Nobody waits for the guest: its RAM is read as it is at that moment.
 */
#include "wedge/core/layout.h"
#include "wedge/monitor/control-tasks.h"
#include "wedge/monitor/monitor.h"

#define ROWS_MOST	500u		/* in an answer, each of a hundred bytes or so: less than a client's queue has */

/* As ps(1) has them: its letter for a state (include/linux/sched.h). */
static const char *state_letter(u32 state)
{
	if (state & 0x80)
		return "X";
	if (state & 0x400)
		return "I";			/* sleeps without being counted as load */
	return state & 0x2 ? "D" : state & 0x1 ? "S" : state & 0xc ? "T" : state ? "?" : "R";
}

/* Which core has it as its current task; -1: none. */
static int core_of(const struct vm *vm, const struct ram *ram, const struct windows *windows, u64 at)
{
	for (unsigned i = 0; i < vm->options.cpus; i++) {
		const u64 *word = tasks__stack_word(&vm->tasks, ram, i);
		struct task task;

		if (word && tasks__of_stack(&vm->tasks, ram, windows, __atomic_load_n(word, __ATOMIC_RELAXED), &task) && task.at == at)
			return i;
	}
	return -1;
}

int control__ps(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct vm *vm = ((const struct monitor *)user)->vm;
	const cJSON *from = cJSON_GetObjectItemCaseSensitive(arguments, "from");
	const u64 first = from ? from->valuedouble : 0;
	const struct windows moved = LAYOUT_WINDOWS, canonical = CANONICAL_WINDOWS;
	const struct windows *windows = vm->options.no_relink ? &canonical : &moved;
	const struct ram ram = { .base = host__ram(vm->host), .size = vm->options.memory, .low = 0 };
	struct task_walk walk;
	struct task task;
	cJSON *rows;
	u64 n = 0;

	if (!vm->tasks.init_task)
		return complain(&a->error, "%s: its tasks are not found; a Linux with symbols would be right", vm->image.name);
	a->value = cJSON_CreateObject();
	rows = cJSON_AddArrayToObject(a->value, "tasks");
	tasks__walk(&walk, &vm->tasks, &ram, windows);
	while (n < first + ROWS_MOST && tasks__next(&walk, &task)) {
		cJSON *row;
		int core;

		if (n++ < first)
			continue;
		row = cJSON_CreateObject();
		core = core_of(vm, &ram, windows, task.at);
		cJSON_AddNumberToObject(row, "pid", task.pid);
		cJSON_AddStringToObject(row, "state", state_letter(task.state));
		cJSON_AddStringToObject(row, "name", task.name);
		cJSON_AddNumberToObject(row, "depth", task.depth);
		if (core >= 0)
			cJSON_AddNumberToObject(row, "core", core);
		cJSON_AddItemToArray(rows, row);
	}
	cJSON_AddNumberToObject(a->value, "next", n);
	return 0;
}
