/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The machine's trace, in the monitor: which points are on, the records gathered while somebody wants them, and the files made of them.
 *
 * Points of the flight recorder are always on: what the rings hold of them when a machine ends badly is written then.
 */
#ifndef WEDGE_MONITOR_TRACING_H
#define WEDGE_MONITOR_TRACING_H

#include "lib/complain.h"
#include "wedge/monitor/vm.h"

/* Places the rings. Before any other process is made; `--trace-file` begins here. */
void tracing__place(struct vm *vm);
/* For vCPU processes: a SWITCH for the task whose stack this is, if it is another than the last, or has another name. */
void tracing__switched(struct vm *vm, struct vcpu *v, u64 word);

/* Of Linux for MIPS, n64: after these a task may have another name. */
enum { LINUX_EXECVE = 5057, LINUX_PRCTL = 5153, LINUX_EXECVEAT = 5316 };

static inline bool tracing__may_rename(u64 number)
{
	return number == LINUX_EXECVE || number == LINUX_PRCTL || number == LINUX_EXECVEAT;
}

/* The current task may get another name. */
void tracing__renamed(struct vm *vm, const struct vcpu *v);

/* Has the guest's kernel switched to another task, since this was last asked? Nearly always not. */
static inline void tracing__look_at_task(struct vm *vm, struct vcpu *v)
{
	const u64 *at = vm->stack[v->core].at;
	u64 word;

	if (!at)
		return;
	word = __atomic_load_n(at, __ATOMIC_RELAXED);
	if (word != vm->stack[v->core].word)
		tracing__switched(vm, v, word);
}

/* The monitor's, when it makes no process any more: -1 with a complaint if what --trace-file asks for cannot be begun, or written. */
int tracing__open(struct vm *vm, struct complaint *c);
/*
 * All points are on, and their records are gathered; what was gathered before is forgotten. `process_of`: what the Host's scheduler does as well, and
 * for each core its process (BOARD_CORES_MAX; copied), or NULL. -1 with a complaint.
 */
int tracing__start(struct vm *vm, const int *process_of, struct complaint *c);
/* They are not any more; what was gathered stays. */
void tracing__stop(struct vm *vm);
/*
 * Writes what was gathered so far; or if nobody has ever asked for that, what the flight recorder has. By the file's name: for Perfetto if that ends with
 * .pftrace or .perfetto-trace, else a trace.dat. -1 with a complaint.
 */
int tracing__save(struct vm *vm, const char *path, struct complaint *c);
bool tracing__is_on(const struct vm *vm);
u64 tracing__records(const struct vm *vm);	/* gathered so far */
u64 tracing__lost(const struct vm *vm);		/* missing among them */

/* Exits are counted, or need not be. */
void tracing__count(struct vm *vm, bool count);

/* The machine has ended: the file of --trace-file; and if it has ended `badly`, the flight recorder's. */
void tracing__close(struct vm *vm, bool badly);

#endif
