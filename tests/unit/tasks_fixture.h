/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A made-up kernel with tasks, in RAM of 256 KB: init_task with its stack, and others.
 */
#ifndef TESTS_UNIT_TASKS_FIXTURE_H
#define TESTS_UNIT_TASKS_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "wedge/core/layout.h"
#include "wedge/load/tasks.h"

#define TASKS_RAM	0x40000u
#define TASKS_SWAPPER	0x1000u		/* where init_task lies */
#define TASKS_KERNELSP	0x3000u
#define TASKS_STACKS	0x10000u	/* that of task n; each has 16 KB */
#define TASKS_STACK	0x4000u
/* In a task. */
enum { AT_STATE = 0, AT_STACK = 24, AT_PID = 0x208, AT_CANARY = 0x210, AT_PARENT = 0x218, AT_CHILDREN = 0x228, AT_SIBLING = 0x238, AT_LEADER = 0x248,
       AT_NAME = 0x455 };

struct task_kernel {
	u8 ram[TASKS_RAM];
	struct image image;
	struct image_symbol symbol[4];
	struct ram described;
	struct windows windows;
};

static inline void task_put(struct task_kernel *k, unsigned at, u64 value, unsigned bits)
{
	for (unsigned i = 0; i < bits / 8; i++)
		k->ram[at + (k->image.little_endian ? i : bits / 8 - 1 - i)] = value >> 8 * i;
}

/* As an image has it, `base` is where the kernel was linked; in the running guest the window. */
static inline void task_make(struct task_kernel *k, u64 base, unsigned at, unsigned n, u32 pid, const char *name)
{
	const u64 self = base + at;
	const unsigned stack = TASKS_STACKS + n * TASKS_STACK;

	task_put(k, at + AT_STACK, base + stack, 64);
	task_put(k, at + AT_PID, pid, 32);
	task_put(k, at + AT_PID + 4, pid, 32);
	task_put(k, at + AT_PARENT, base + TASKS_SWAPPER, 64);
	task_put(k, at + AT_PARENT + 8, base + TASKS_SWAPPER, 64);
	for (unsigned list = AT_CHILDREN; list <= AT_SIBLING; list += 16) {
		task_put(k, at + list, self + list, 64);
		task_put(k, at + list + 8, self + list, 64);
	}
	task_put(k, at + AT_LEADER, self, 64);
	memset(k->ram + at + AT_NAME, 0, TASK_NAME);
	memcpy(k->ram + at + AT_NAME, name, strlen(name));
	task_put(k, stack, self, 64);		/* thread_info.task */
}

/* The word of kernelsp while task n runs. */
static inline u64 task_word(u64 base, unsigned n)
{
	return base + TASKS_STACKS + (n + 1) * TASKS_STACK - 32;
}

/* A kernel's file, with symbols. */
static inline void tasks_make(struct task_kernel *k, bool little_endian)
{
	*k = (struct task_kernel){
		.symbol = { { .address = IMAGE_CKSEG0 + TASKS_SWAPPER, .name = "init_task" },
			    { .address = IMAGE_CKSEG0 + TASKS_KERNELSP, .name = "kernelsp" },
			    { .address = IMAGE_CKSEG0 + TASKS_STACKS, .name = "init_stack" },
			    { .address = IMAGE_CKSEG0, .name = "__stack_chk_guard" } },
		.image = { .name = "vmlinux", .little_endian = little_endian, .symbol_count = 4, .segment_count = 1 },
		.described = { .size = TASKS_RAM, .low = TASKS_RAM }, .windows = LAYOUT_WINDOWS,
	};
	k->image.symbols = k->symbol;
	k->described.base = k->ram;
	k->image.segments[0] = (struct image_segment){ .va = IMAGE_CKSEG0, .file_size = TASKS_RAM, .mem_size = TASKS_RAM, .bytes = k->ram };
	task_make(k, IMAGE_CKSEG0, TASKS_SWAPPER, 0, 0, "swapper");
}

#endif
