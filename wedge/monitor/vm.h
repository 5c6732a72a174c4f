/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The virtual machine as a whole: kernel image, RAM, vCPU, Board, consoles.
 */
#ifndef WEDGE_MONITOR_VM_H
#define WEDGE_MONITOR_VM_H

#include <stdio.h>

#include "board/board.h"
#include "board/boot.h"
#include "format/log.h"
#include "wedge/burn/burn.h"
#include "wedge/burn/module.h"
#include "wedge/core/vcpu.h"
#include "wedge/host/host.h"
#include "wedge/load/image.h"
#include "wedge/load/relink.h"
#include "wedge/monitor/console.h"
#include "wedge/monitor/options.h"
#include "wedge/monitor/stats.h"
#include "wedge/user/user.h"

/* clock.c */
struct clock {
	u64 start_ns;			/* of the Host's monotonic clock: cycle 0 */
	u64 slept;			/* cycles in WAIT, when time is counted */
	FILE *file;			/* recorded to or repeated from; NULL: neither, or not any more */
	u64 now;			/* what it last said */
	bool accessed;			/* the guest is accessing a register of the Board */
};

struct vm {
	struct options options;
	struct image image;
	struct relink_counts relinked;
	struct burn_plan plan;		/* of the kernel */
	struct modules modules;
	struct board_config board_config;
	struct board *board;
	struct board_entry entry;
	struct machine machine;
	struct vcpu *vcpu[BOARD_CORES_MAX];	/* options.cpus of them */
	struct host *host;
	struct host_client client;
	struct user_mode *user;		/* NULL: all is interpreted */
	struct stats stats;
	struct log_writer *log;		/* of states; NULL: none */
	struct exchange *exchange;
	unsigned unsaid[BOARD_UARTS];	/* bytes in exchange->output of which the monitor was not told */
	FILE *stats_file, *profile_file;	/* NULL: standard error, if at all */
	struct clock clock;
	volatile int termination;	/* signal that asked the vCPU process to end; 0: none */
	volatile int termination_sender;	/* process; 0: not known */
	u64 csr_accesses;
	u64 poisoned;			/* registers, by --poison */
	bool called_cores;		/* core 0 has begun to call the others */
	bool stopped;
	bool restarted;			/* this is not the first run: what that wrote to files stays */
	bool restart;			/* the guest reset its board: begin again */
	int exit_status;
	char reason[256];		/* why it stopped, for the user; empty if all is well */
};

/*
 * The core clock. Any rate would do: the guest learns it from the boot descriptor. This one is a clean
 * divisor of 1 GHz and near to what CN56XX boards have.
 */
#define VM_CLOCK_HZ	500000000ull
#define VM_NS_PER_CYCLE	(1000000000ull / VM_CLOCK_HZ)

/* Loads, relinks, plans and burns; the vCPU stands at the kernel's entry. -1 with a complaint. */
int vm__open(struct vm *vm, const struct options *options, struct complaint *c);
/* monitor.c: runs it in a process of its own until the guest stops. Returns the program's exit status. */
int vm__run(struct vm *vm);
/* run.c: that process. */
int vm__run_vcpu(struct vm *vm);
/* A character from a UART of the Board. */
void vm__transmit(struct vm *vm, unsigned uart, u8 byte);

/* Ends the run at the next opportunity; the first reason counts. */
void vm__stop(struct vm *vm, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* clock.c: -1 with a complaint if a recorded clock cannot be opened. */
int vm__start_clock(struct vm *vm, struct complaint *c);
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

/* interpret.c: the loop of the interpreter, until vm->stopped. */
void vm__interpret(struct vm *vm);

/* Prints the registers of each core. */
void vm__dump(const struct vm *vm, FILE *out);
/* Looks at the clock, the Board's events and the consoles. */
void vm__poll(struct vm *vm);
/* Nanoseconds from now until vm__poll() has something to do, at most one second. */
u64 vm__until_event(struct vm *vm);
/* Sleeps until then, or until there is console input. */
void vm__idle(struct vm *vm);
/* state-log.c: begins the log that --log-state asks for, if it does, and ends it. */
int vm__open_log(struct vm *vm, struct complaint *c);
void vm__log_instruction(struct vcpu *v, u32 insn);
void vm__close_log(struct vm *vm);
/* Symbol and offset of a guest kernel address, "?" if there is none. */
const char *vm__symbolize(struct vm *vm, u64 va, u64 *offset);

#endif
