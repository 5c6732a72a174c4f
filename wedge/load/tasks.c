// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See tasks.h; Linux's init/init_task.c and arch/mips/kernel/setup.c.
 */
#include <string.h>

#include "wedge/load/tasks.h"

#define TASK_SIZE_MOST	0x2000u		/* how far into init_task it is looked */
#define STACK_TOP	32u		/* bytes that Linux leaves above the word of kernelsp (set_saved_sp) */
#define STACK_LEAST	0x4000u
#define STACK_MOST	0x40000u

#define STEPS_MOST	20000u		/* of a walk: Linux has 32,768 pids at most, and nobody wants to see so many */

enum { STATE = 0 };			/* first, as thread_info is not in there on MIPS */

static u64 word_of(const struct image *image, u64 task, u32 offset)
{
	const u8 *p = image__bytes(image, task + offset, 8);

	return p ? image__get64(image, p) : 0;
}

static bool is_list(const struct image *image, u64 task, u32 offset)
{
	return word_of(image, task, offset) == task + offset && word_of(image, task, offset + 8) == task + offset;
}

/*
 * pid, tgid, with CONFIG_STACKPROTECTOR a canary, real_parent, parent, children, sibling, group_leader: in all of Linux's versions. Returns the
 * offset of real_parent, or 0.
 */
static u32 find_family(const struct image *image, u64 task)
{
	for (u32 at = 16; at < TASK_SIZE_MOST; at += 8)
		if (word_of(image, task, at) == task && word_of(image, task, at + 8) == task && is_list(image, task, at + 16) &&
		    is_list(image, task, at + 32) && word_of(image, task, at + 48) == task)
			return at;
	return 0;
}

static u32 find_stack(const struct image *image, u64 task)
{
	u64 stack;

	if (!image__symbol(image, "init_stack", &stack))
		return 0;
	for (u32 at = 8; at < TASK_SIZE_MOST; at += 8)
		if (word_of(image, task, at) == stack)
			return at;
	return 0;
}

static u32 find_name(const struct image *image, u64 task)
{
	static const char name[TASK_NAME] = "swapper";

	for (u32 at = 8; at < TASK_SIZE_MOST; at++) {
		const u8 *p = image__bytes(image, task + at, TASK_NAME);

		if (p && !memcmp(p, name, TASK_NAME))
			return at;
	}
	return 0;
}

bool tasks__find(struct task_layout *t, const struct image *image)
{
	u64 task, guard;
	u32 family;

	*t = (struct task_layout){ .swapped = image__swapped(image) };
	if (!image__symbol(image, "init_task", &task) || !image__symbol(image, "kernelsp", &t->kernelsp))
		return false;
	family = find_family(image, task);
	t->stack = find_stack(image, task);
	t->name = find_name(image, task);
	if (!family || !t->stack || !t->name)
		return false;
	t->parent = family + 8;
	t->children = family + 16;
	t->sibling = family + 32;
	t->tgid = family - 4 - (image__symbol(image, "__stack_chk_guard", &guard) ? 8 : 0);
	t->pid = t->tgid - 4;
	t->init_task = task;
	return true;
}

const u64 *tasks__stack_word(const struct task_layout *t, const struct ram *ram, unsigned core)
{
	return t->init_task && t->kernelsp % 8 == 0 ? (const u64 *)ram__at(ram, t->kernelsp - CKSEG0 + 8ull * core, 8) : NULL;
}

static const u8 *at(const struct ram *ram, const struct windows *windows, u64 va, u64 size)
{
	u64 pa;

	return windows__physical(windows, va, &pa) ? ram__at(ram, pa, size) : NULL;
}

static u64 get64(const struct task_layout *t, const u8 *p)
{
	const u64 value = unaligned__get64(p);

	return t->swapped ? __builtin_bswap64(value) : value;
}

static u32 get32(const struct task_layout *t, const u8 *p)
{
	const u32 value = unaligned__get32(p);

	return t->swapped ? __builtin_bswap32(value) : value;
}

bool tasks__read(const struct task_layout *t, const struct ram *ram, const struct windows *windows, u64 va, struct task *task)
{
	const u32 size = t->name + TASK_NAME > t->sibling + 16 ? t->name + TASK_NAME : t->sibling + 16;
	const u8 *p = t->init_task && va % 8 == 0 ? at(ram, windows, va, size) : NULL;

	if (!p)
		return false;
	*task = (struct task){
		.at = va, .stack = get64(t, p + t->stack), .pid = get32(t, p + t->pid), .tgid = get32(t, p + t->tgid), .state = get32(t, p + STATE),
		.parent = get64(t, p + t->parent), .first_child = get64(t, p + t->children), .sibling = get64(t, p + t->sibling), .pid_at = p + t->pid,
	};
	memcpy(task->name, p + t->name, TASK_NAME);
	task->name[TASK_NAME - 1] = 0;
	for (char *c = task->name; *c; c++)
		if (*c < ' ' || *c >= 0x7f)
			*c = '?';
	memset(task->name + strlen(task->name), 0, TASK_NAME - strlen(task->name));
	return true;
}

/* The stack's size is a power of two, to which it is aligned; at its lower end is struct thread_info, which begins with the task. */
bool tasks__of_stack(const struct task_layout *t, const struct ram *ram, const struct windows *windows, u64 word, struct task *task)
{
	const u64 top = (t->swapped ? __builtin_bswap64(word) : word) + STACK_TOP;

	for (u64 size = STACK_LEAST; size <= STACK_MOST; size *= 2) {
		const u8 *info = top & (size - 1) ? NULL : at(ram, windows, top - size, 8);

		if (info && tasks__read(t, ram, windows, get64(t, info), task) && task->stack == top - size) {
			task->info_at = info;
			return true;
		}
	}
	return false;
}

void tasks__walk(struct task_walk *w, const struct task_layout *t, const struct ram *ram, const struct windows *windows)
{
	*w = (struct task_walk){ .layout = t, .ram = ram, .windows = windows };
	if (t->init_task)
		w->at = windows->ckseg0 + t->init_task - CKSEG0;	/* as the guest itself calls it */
}

/* Two addresses of one place: symbols are canonical, what the guest follows are windows. */
static bool same_place(const struct task_walk *w, u64 a, u64 b)
{
	u64 pa, pb;

	return windows__physical(w->windows, a, &pa) && windows__physical(w->windows, b, &pb) && pa == pb;
}

/* From a task the first of its children, or else its next sibling, or its parent's, and so on. */
static u64 step(struct task_walk *w, struct task task)
{
	const struct task_layout *t = w->layout;

	if (!same_place(w, task.first_child, task.at + t->children)) {
		w->depth++;
		return task.first_child - t->sibling;
	}
	while (w->depth && w->steps++ < STEPS_MOST) {
		if (!same_place(w, task.sibling, task.parent + t->children))
			return task.sibling - t->sibling;
		w->depth--;
		if (!tasks__read(t, w->ram, w->windows, task.parent, &task))
			return 0;
	}
	return 0;
}

bool tasks__next(struct task_walk *w, struct task *task)
{
	if (!w->at || w->steps++ >= STEPS_MOST || !tasks__read(w->layout, w->ram, w->windows, w->at, task))
		return false;
	task->depth = w->depth;
	w->at = step(w, *task);
	return true;
}
