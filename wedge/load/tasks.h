/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tasks of a guest's Linux, in its memory, without asking it.
 *
 * Nobody tells us what `struct task_struct` looks like. But the kernel's file has the first of them, init_task, as its compiler laid it out, and
 * that one is its own parent and its own group's leader, has lists that lead to themselves, a stack that has a symbol, and the
 * name "swapper". So where these are is found there, once, and all the rest are alike.
 *
 * What is in the guest's memory is the guest's: each address is looked up before it is followed, and no list is followed for ever.
 */
#ifndef WEDGE_LOAD_TASKS_H
#define WEDGE_LOAD_TASKS_H

#include "wedge/core/vcpu.h"
#include "wedge/load/image.h"

#define TASK_NAME	16		/* with its 0 */

/* Addresses as linked, which lead there in any mode; offsets in struct task_struct. */
struct task_layout {
	u64 init_task;			/* 0: not known; then nothing else is */
	u64 kernelsp;			/* an array: the top of the current task's stack, of each CPU */
	u32 stack, pid, tgid, parent, children, sibling, name;
	bool swapped;			/* the guest's byte order is not ours */
};

/* A kernel whose contents are there still (image__settle()). False: its tasks are not found, as it is stripped, or no Linux of the kind. */
bool tasks__find(struct task_layout *t, const struct image *image);

/* Where the kernel keeps core n's stack, to look at it often; NULL: not in RAM. */
const u64 *tasks__stack_word(const struct task_layout *t, const struct ram *ram, unsigned core);

struct task {
	u64 at;				/* its address */
	u64 stack;			/* and that of its stack's lower end */
	u32 pid, tgid, state;		/* TASK_*: 0 it runs or could, 1 it sleeps, 2 and cannot be woken by a signal */
	u64 parent, first_child, sibling;	/* addresses of tasks and of lists */
	char name[TASK_NAME];		/* printable */
	unsigned depth;			/* of tasks__next(): how many parents it has */
	const u8 *pid_at;		/* where the pid is in RAM, */
	const u8 *info_at;		/* and what leads from a stack to the task: of tasks__of_stack() */
};

/* The task whose kernel stack this is (a word of kernelsp). False: there is none, at least none that can be read. */
bool tasks__of_stack(const struct task_layout *t, const struct ram *ram, const struct windows *windows, u64 word, struct task *task);
/* The one at this address. */
bool tasks__read(const struct task_layout *t, const struct ram *ram, const struct windows *windows, u64 at, struct task *task);

/*
 * All processes, each behind its parent and before that one's next child, from init_task on. A walk ends, whatever
 * the guest makes of its lists meanwhile.
 */
struct task_walk {
	const struct task_layout *layout;
	const struct ram *ram;
	const struct windows *windows;
	u64 at;				/* the task to be looked at next; 0: none */
	unsigned steps, depth;
};
void tasks__walk(struct task_walk *w, const struct task_layout *t, const struct ram *ram, const struct windows *windows);
bool tasks__next(struct task_walk *w, struct task *task);

#endif
