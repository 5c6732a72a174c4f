/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The virtual machine as a whole: kernel image, RAM, vCPU, Board, consoles.
 */
#ifndef WEDGE_MONITOR_VM_H
#define WEDGE_MONITOR_VM_H

#include <pthread.h>
#include <stdio.h>

#include "abi/clock.h"
#include "board/board.h"
#include "board/boot.h"
#include "format/log.h"
#include "wedge/burn/burn.h"
#include "wedge/burn/module.h"
#include "wedge/core/vcpu.h"
#include "wedge/device/device.h"
#include "wedge/host/host.h"
#include "wedge/host/memory.h"
#include "wedge/load/image.h"
#include "wedge/load/relink.h"
#include "wedge/load/tasks.h"
#include "wedge/device/console.h"
#include "wedge/device/flash.h"
#include "wedge/monitor/options.h"
#include "wedge/monitor/stats.h"
#include "wedge/translate/blocks.h"
#include "wedge/user/user.h"

/* clock.c */
struct clock {
	u64 hz;				/* cycles a second: the core clock, as the guest learns it */
	bool by_counter;		/* they are those of a counter of the Host's, else of its monotonic clock */
	u64 start;			/* in cycles, of whichever it is: the guest's cycle 0 */
	struct afterburn_clock *user;	/* in the guest's RAM: by this its programs read that counter. NULL: neither they nor its kernel do */
	u64 slept;			/* cycles in WAIT, when time is counted */
	FILE *file;			/* recorded to or repeated from; NULL: neither, or not any more */
	u64 now;			/* what it last said */
	bool accessed;			/* the guest is accessing a register of the Board */
};

struct tracing;

/* What all processes of a VM share of it, besides vCPUs, Board and exchange: a part of VM memory. */
struct vm_state {
	pthread_mutex_t lock;		/* of the Board and of the pieces of code; taken by vm__lock() */
	struct machine machine;
	struct modules modules;
	bool called_cores;		/* core 0 has begun to call the others */
	bool stopping, stopped;		/* somebody has begun to say why; it has been said */
	bool restart;			/* the guest reset its board: begin again */
	int exit_status;
	char reason[256];		/* why it stopped, for the user; empty if all is well */
	u64 clock_seen, clock_left_out;	/* in cycles (clock.c): what it last said to anybody; how much the Host's has gone on without it */
	u32 clock_told;			/* odd: somebody is writing it into vm->clock.user */
	u64 csr_accesses;
	u64 poisoned;			/* registers, by --poison */
	int process[BOARD_CORES_MAX];	/* of each core that has one of its own, as core 0 knows it; 0: none */
};

#define VM_STATE_SIZE	(192ull << 20)	/* of VM memory; the Host gives what is used */

#define TASKS_KNOWN	16
#define TASK_STACK_BITS	14		/* at least so large is a stack */

struct task_seen {
	u32 pid;
	u64 name[TASK_NAME / 8];	/* words, which are compared without a call */
	struct task_known {		/* tasks that have been seen lately, by their stack's number: nothing of them is looked for again */
		u64 word;		/* 0: none */
		const u8 *info_at, *pid_at;	/* what is there has not changed */
		u64 info;
		u32 raw_pid, pid;
		u64 name[TASK_NAME / 8];
	} known[TASKS_KNOWN];
};

struct vm {
	struct options options;
	struct image image;
	struct relink_counts relinked;
	struct burn_plan plan;		/* of the kernel */
	struct board_config board_config;
	struct board_entry entry;
	struct vm_memory *memory;
	struct vm_state *state;
	struct board *board;
	bool board_made;
	struct vcpu *vcpu[BOARD_CORES_MAX];	/* options.cpus of them */
	unsigned core;			/* which this process is; with --interpret it is all of them, and this is 0 */
	bool several;			/* processes run cores, */
	bool crowded;			/* more than the Host has, */
	bool kicked;			/* and this one has just called another, for whose answer it may spin */
	struct {			/* of a core's current task: looked at with each system call, so it lies where that has been anyway */
		const u64 *at;		/* in RAM: where its stack is; NULL: not known. Of vCPU processes only */
		u64 word;		/* what was there when that was last asked */
	} stack[BOARD_CORES_MAX];
	struct host *host;
	struct host_client client;
	struct blocks *blocks;		/* NULL: none are made */
	struct code_pages *code_pages;	/* where blocks are all of a kernel, */
	struct block_jumps *jumps;	/* likewise; else NULL */
	struct user_mode *user;		/* NULL: all is interpreted */
	struct stats *stats;		/* of each core: written by it, read by the monitor */
	struct tracing *tracing;	/* tracing.c: the monitor's */
	struct task_layout tasks;
	struct task_seen task_seen[BOARD_CORES_MAX];	/* tracing.c: this process's */
	u8 *poisoned;			/* --poison: has it been at this site of the plan? Written by vCPU processes, read by the monitor */
	struct log_writer *log;		/* of states; NULL: none */
	struct exchange *exchange;
	struct flash_file flash;
	struct virtio_slot *slots;	/* options.devices of them */
	struct device *device[BOARD_VIRTIO_MAX];	/* the monitor's; vCPU processes know their bells */
	int monitor_bell;		/* exchange.event, as the monitor knows it */
	u32 pressed;			/* bit n: key n behind the escape key of a device's console. Set by its thread, taken by the monitor */
	int vcpu_process;		/* of core 0, as the monitor knows it */
	unsigned unsaid[BOARD_UARTS];	/* bytes in exchange->output of which the monitor was not told */
	FILE *stats_file, *profile_file;	/* NULL: standard error, if at all */
	u64 kernel_hash;		/* of its text, for the profile; 0: not known yet */
	bool profiled;			/* by the control socket */
	struct clock clock;
	u64 *stolen_ns;			/* in the guest's RAM: what its kernel is told of each core's stolen time. NULL: nothing. The monitor's */
	volatile int termination;	/* signal that asked the vCPU process to end; 0: none */
	volatile int termination_sender;	/* process; 0: not known */
	bool restarted;			/* this is not the first run: what that wrote to files stays */
	bool restart;			/* in the monitor: begin again */
};

/* Does this process run core n? */
static inline bool vm__runs(const struct vm *vm, unsigned core)
{
	return !vm->several || core == vm->core;
}

/* Loads, relinks, plans and burns; the vCPU stands at the kernel's entry. -1 with a complaint. */
int vm__open(struct vm *vm, const struct options *options, struct complaint *c);
/* monitor.c: runs it in a process of its own until the guest stops. Returns the program's exit status. */
int vm__run(struct vm *vm);
/* run.c: that process. */
int vm__run_vcpu(struct vm *vm);
/* A character from a UART of the Board. */
void vm__transmit(struct vm *vm, unsigned uart, u8 byte);

/*
 * Around all that touches the Board or changes the pieces of code, where several processes do. Not taken twice; nothing waits for
 * anything with it.
 */
void vm__lock(struct vm *vm);
void vm__unlock(struct vm *vm);

/* --- cores.c --- */
/* Core 0 makes the others, each as itself at this moment. Returns in all of them. */
void vm__make_cores(struct vm *vm);
/* Core 0: has one ended? */
void vm__look_after_cores(struct vm *vm);
void vm__end_cores(struct vm *vm);
/* The end of one that is not core 0. */
_Noreturn void vm__end_core(struct vm *vm);
/* The kernel's entry, where all cores but the first spin until they are called: their time would be taken from the first. */
void vm__await_call(struct vm *vm);
/* Core 0 has begun to call the others, which have waited for that. */
void vm__call_cores(struct vm *vm);
/* There is news for core n: it looks at it before it does anything else, wherever it is. */
void vm__kick(struct vm *vm, unsigned core);
/* Core n is to be reset, or woken; with the lock. */
void vm__order(struct vm *vm, unsigned core, u32 order);
/* What was ordered of a core that this process runs, between two of its instructions; with the lock. */
void vm__take_orders(struct vm *vm, struct vcpu *v);
/* A core whose exception vector cannot be executed. */
void vm__hang(struct vm *vm, struct vcpu *v);


/* Ends the run at the next opportunity; the first reason counts. */
void vm__stop(struct vm *vm, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Are states compared with those of metal, or of another run? Then nothing may be left out that either has. */
static inline bool vm__is_compared(const struct options *o)
{
	return o->log_state || o->replay_clock;
}

/* Is each run as the last? Then the guest sees nothing of the Host that is not always the same: neither its time nor its random numbers. */
static inline bool vm__is_repeated(const struct options *o)
{
	return o->count_time || vm__is_compared(o);
}

/* clock.c: -1 with a complaint if a recorded clock cannot be opened. */
int vm__start_clock(struct vm *vm, bool native, struct complaint *c);
/* The kernel has been loaded, to run natively: from here on its programs can be told how to read the clock. -1 with a complaint. */
int vm__tell_of_clock(struct vm *vm, struct complaint *c);
/* Brings page->clock up to date, for the core that this process runs. */
void vm__tell_core_of_clock(const struct vm *vm, struct vcpu *v);
/* How long so many cycles of the guest's clock take, in nanoseconds. */
u64 vm__ns_of_cycles(const struct vm *vm, u64 cycles);
/* The kernel has been loaded: if it wants to know of stolen time (abi/stolen.h), it is told that it will. -1 with a complaint. */
int vm__count_stolen(struct vm *vm, struct complaint *c);
void vm__tell_of_stolen(struct vm *vm, unsigned core, u64 ns);
u64 vm__cycles(const struct vm *vm);
/* Does this instruction see the clock? Then, and when a device looks at it for the guest, the next time is recorded or repeated. */
bool vm__sees_clock(u32 insn);
void vm__clock_seen(struct vm *vm);
/* A recording ends here; where one is repeated, the machine. Neither: nothing happens. */
void vm__end_clock(struct vm *vm);

/* callbacks.c: what the parts ask of the whole. */
extern const struct machine_ops vm__machine_ops;
extern const struct board_callbacks vm__board_callbacks;
struct host_client vm__host_client(struct vm *vm);
void vm__poison(struct vcpu *v, u64 address);	/* for struct machine.executed */

/* --- devices.c: in the monitor. Opened before the vCPU process is made, started afterwards. --- */
int devices__open(struct vm *vm, struct complaint *c);
int devices__open_flash(struct vm *vm, struct complaint *c);
/* Descriptors that the vCPU process has to have: into keep[], how many. */
unsigned devices__bells(const struct vm *vm, int *keep);
/* Opens what consoles among them lead to, and looks at their terminal again. */
int devices__connect(struct vm *vm, struct complaint *c);
void devices__resized(struct vm *vm);
void devices__start(struct vm *vm);
/* When all that was asked of them is done. With `restart` what holds a lock stays open for who begins again. */
void devices__close(struct vm *vm, bool restart);
/* In vCPU processes. Is a device's register there? Registers; and core 0 looks whether one has raised its interrupt, with the lock. */
bool devices__have(const struct vm *vm, u64 pa);
u64 devices__read(struct vm *vm, u64 pa, unsigned size);
void devices__write(struct vm *vm, const struct vcpu *v, u64 pa, unsigned size, u64 value);
void devices__poll(struct vm *vm);

/* layout.c: what is where in this process, to standard output. Of a VM that was not opened only what is there without it. */
void layout__print(const struct vm *vm);

/* dry-run.c: the machine and its device tree, to standard output. -1 with a complaint. */
int dry_run__print(const struct vm *vm, struct complaint *c);

/* interpret.c: the loop of the interpreter, until vm->stopped. */
void vm__interpret(struct vm *vm);

/* Where the guest's kernel sees CKSEG0. */
u64 vm__ckseg0(const struct vm *vm);
/* Prints the registers of each core. */
void vm__dump(const struct vm *vm, FILE *out);
/* Looks at the clock, the Board's events and the consoles. */
void vm__poll(struct vm *vm);
/* Rests as long as the monitor wants it. */
void vm__rest(struct vm *vm);
/*
 * debugged.c, for vcpu.debugged, between two instructions: true if the core has executed one, or has to look at `kick` first, as it has stopped for a
 * debugger.
 */
bool vm__debugged(struct vm *vm, struct vcpu *v);
/* Nanoseconds from now until vm__poll() has something to do, at most one second. */
u64 vm__until_event(struct vm *vm);	/* with the lock */
/* Sleeps until then, or until there is console input. */
void vm__idle(struct vm *vm);
/* state-log.c: begins the log that --log-state asks for, if it does, and ends it. */
int vm__open_log(struct vm *vm, struct complaint *c);
void vm__log_instruction(struct vcpu *v, u32 insn);
void vm__close_log(struct vm *vm);
/*
 * symbols.c, for addresses that come from VM memory, which a hostile guest may have written: does something of that size lie there, aligned? And the piece of
 * code that `va` is in, of which `copy` is what it says now: NULL if there is none. What the copy points to has to be asked for as well.
 */
bool vm__remembers(const struct vm *vm, const void *at, u64 size);
const struct code *vm__code(const struct vm *vm, u64 va, struct code *copy);
/* symbols.c: symbol and offset of a guest kernel address, "?" if there is none; valid until the next call. */
const char *vm__symbolize(struct vm *vm, u64 va, u64 *offset);

#endif
