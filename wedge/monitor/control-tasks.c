// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-tasks.h. Nobody waits for the guest: its RAM is read as it is at that moment.
 */
#include <stdio.h>

#include "wedge/core/layout.h"
#include "wedge/load/unwind.h"
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

/* --- Backtraces --- */

/*
 * A caller has called with the two instructions before its pc: what never returns may end with them, and pc is in another function. False: it is not in
 * the kernel.
 */
static bool add_frame(struct vm *vm, cJSON *frames, u64 pc, bool inner, u64 *start)
{
	const u64 back = inner ? 0 : 8;
	char text[160];
	u64 offset;
	const char *symbol = vm__symbolize(vm, pc - back, &offset);

	if (*symbol == '?' && !inner)
		return false;
	offset += back;
	*start = *symbol == '?' ? 0 : pc - offset;
	snprintf(text, sizeof(text), "%#llx %.100s+%#llx", (unsigned long long)pc, symbol, (unsigned long long)offset);
	cJSON_AddItemToArray(frames, cJSON_CreateString(text));
	return true;
}

/* Of a core that rests; its registers are copied once. */
static cJSON *describe_stack(struct vm *vm, unsigned core)
{
	const struct vcpu *v = vm->vcpu[core];
	const struct windows moved = LAYOUT_WINDOWS, canonical = CANONICAL_WINDOWS;
	const struct windows *windows = vm->options.no_relink ? &canonical : &moved;
	const struct ram ram = { .base = host__ram(vm->host), .size = vm->options.memory };
	const u32 status = host__vcpu_page(vm->host, core)->cp0[CP0_STATUS];
	struct unwind_frame f = { .pc = v->pc, .sp = v->gpr[REG_SP], .ra = v->gpr[REG_RA], .inner = true };
	const bool user = !(status & (STATUS_EXL | STATUS_ERL)) && (status & STATUS_KSU) == STATUS_KSU_USER;
	cJSON *row = cJSON_CreateObject(), *frames;
	const u64 *word = tasks__stack_word(&vm->tasks, &ram, core);
	struct task task;
	u64 start;

	cJSON_AddBoolToObject(row, "user", user);
	if (word && tasks__of_stack(&vm->tasks, &ram, windows, __atomic_load_n(word, __ATOMIC_RELAXED), &task)) {
		cJSON_AddNumberToObject(row, "pid", task.pid);
		cJSON_AddStringToObject(row, "name", task.name);
	}
	frames = cJSON_AddArrayToObject(row, "frames");
	add_frame(vm, frames, f.pc, true, &start);
	for (unsigned n = 1; n < UNWIND_MOST && !user && start && unwind__step(&f, start, &ram, windows, image__swapped(&vm->image)); n++)
		if (!add_frame(vm, frames, f.pc, false, &start))
			break;
	return row;
}

int control__backtrace(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;
	struct vm *vm = m->vm;
	const bool paused = m->paused;
	cJSON *rows;

	if (!vm->image.symbol_count)
		return complain(&a->error, "%s has no symbols; a kernel that is not stripped would be right", vm->image.name);
	if (options__is_logged(&vm->options))
		return complain(&a->error, "states or clocks of this machine are logged: it cannot be stopped");
	if (!paused)
		monitor__pause(m, true);
	a->value = cJSON_CreateObject();
	rows = cJSON_AddArrayToObject(a->value, "cores");
	for (unsigned i = 0; i < vm->options.cpus; i++)
		cJSON_AddItemToArray(rows, describe_stack(vm, i));
	if (!paused)
		monitor__pause(m, false);
	return 0;
}
