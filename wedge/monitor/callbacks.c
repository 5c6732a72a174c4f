/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What vCPU, Board and Host ask of the virtual machine: three tables, each entry a line or two that passes
 * the question on to whoever knows.
 */
#include <sched.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

#include "wedge/burn/pieces.h"
#include "wedge/monitor/tracing.h"

/* --- What the vCPU asks of the machine --- */

static struct vm *vm_of(const struct vcpu *v)
{
	return v->machine->user;
}

static u64 vm_cycles(const struct vcpu *v)
{
	return vm__cycles(vm_of(v));
}

static u64 vm_shared_count(const struct vcpu *v)
{
	return host__counter();
}

static void vm_tell_clock(struct vcpu *v)
{
	vm__tell_core_of_clock(vm_of(v), v);
}

static u64 vm_io_read(struct vcpu *v, u64 pa, unsigned size)
{
	struct vm *vm = vm_of(v);
	u64 value;

	if (devices__have(vm, pa))
		return devices__read(vm, pa, size);
	vm__lock(vm);
	vm->state->csr_accesses++;
	vm->clock.accessed = true;
	value = board__read(vm->board, pa, size);
	vm->clock.accessed = false;
	vm__unlock(vm);
	return value;
}

static bool vm_executes(struct vcpu *v, u64 pa)
{
	struct vm *vm = vm_of(v);
	bool executes;

	vm__lock(vm);
	executes = board__executes(vm->board, pa);
	vm__unlock(vm);
	return executes;
}

static void vm_io_write(struct vcpu *v, u64 pa, unsigned size, u64 value)
{
	struct vm *vm = vm_of(v);

	if (devices__have(vm, pa)) {
		devices__write(vm, v, pa, size, value);
		return;
	}
	vm__lock(vm);
	vm->state->csr_accesses++;
	if (pa >= BOARD_MAILBOXES && pa < BOARD_MAILBOXES_END && !vm->state->called_cores)
		vm__call_cores(vm);
	vm->clock.accessed = true;
	board__write(vm->board, pa, size, value);
	vm->clock.accessed = false;
	vm__unlock(vm);
	/* The answer comes sooner if the other can run: else this core spins until the Host takes its processor away. */
	if (vm->kicked && vm->crowded)
		sched_yield();
	vm->kicked = false;
}

static void vm_compare_changed(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	vm__lock(vm);
	host__set_alarm(vm->host, vm__until_event(vm));
	vm__unlock(vm);
}

static void vm_tlb_dropped(struct vcpu *v, u64 va, u64 size, unsigned asid, bool global)
{
	struct vm *vm = vm_of(v);

	user__tlb_dropped(vm->user, va, size, asid, global);
	blocks__unmapped(vm->blocks, va, size);
}

static void vm_tlb_flushed(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	user__tlb_flushed(vm->user);
	blocks__all_unmapped(vm->blocks);
}

static void vm_tlb_written(struct vcpu *v, const struct tlb_entry *entry)
{
	struct vm *vm = vm_of(v);

	if (trace__on(v->tracing, TRACE_TLB_WRITE))
		trace__put(v->trace, TRACE_TLB_WRITE, v->core, entry->hi & ENTRYHI_ASID, entry->hi & ~(u64)ENTRYHI_ASID, entry->lo[0]);
	user__tlb_written(vm->user, entry);
	blocks__tlb_written(vm->blocks, entry);
}

static void vm_icache_sync(void *user)
{
	struct vm *vm = user;

	host__icache_sync(vm->host);
	user__synchronised(vm->user);
}

static void vm_code_written(struct vcpu *v, u64 offset)
{
	const u64 page = offset & ~(HOST_PAGE - 1);
	struct vm *vm = vm_of(v);
	bool locked = false;

	/* All of a page of the Host's can be written then. */
	for (u64 at = page; at < page + HOST_PAGE; at += CODE_PAGE)
		locked |= blocks__written(vm->blocks, at, v->core);
	if (locked)
		host__lock_code(vm->host, page, false);
}

static bool vm_code_locked(const struct vcpu *v, u64 offset)
{
	return code_pages__is_locked(vm_of(v)->code_pages, offset, v->core);
}

static bool vm_lock_code(void *user, u64 offset, u64 va)
{
	struct vm *vm = user;

	if (!va)
		return host__lock_code(vm->host, offset, true);
	user__lock_code(vm->user, va);
	return true;
}

static void vm_order_lock(void *user, unsigned core)
{
	vm__order(user, core, ORDER_LOCK);
}

static void vm_code_gone(void *user, u64 start, u64 end)
{
	struct vm *vm = user;

	blocks__gone(vm->blocks, start, end);
}

/* The points that the flight recorder has not. */
static __attribute__((noinline)) void trace_details(const struct vcpu *v, unsigned code)
{
	if (code == EXC_SYS && trace__on(v->tracing, TRACE_SYSCALL))
		trace__put(v->trace, TRACE_SYSCALL, v->core, v->gpr[REG_V0], v->gpr[REG_A0], v->gpr[REG_A0 + 1]);
	if (code == EXC_INT && trace__on(v->tracing, TRACE_INTERRUPT))
		trace__put(v->trace, TRACE_INTERRUPT, v->core, (cp0_word(v, CP0_CAUSE) & cp0_word(v, CP0_STATUS) & CAUSE_IP) >> 8, v->pc, 0);
}

/*
 * Before pc changes. The number of a system call is in v0. A program has not been switched while it ran, so it is known. The flight recorder has no system
 * calls.
 */
static void trace_exception(struct vm *vm, struct vcpu *v, unsigned code)
{
	if (code == EXC_SYS) {
		if (tracing__may_rename(v->gpr[REG_V0]))
			tracing__renamed(vm, v);
		if (!trace__on(v->tracing, TRACE_SYSCALL))
			return;		/* so many that the rest would soon be overwritten, and each would be 1 % slower */
	}
	if (trace__on(v->tracing, TRACE_SWITCH) && vcpu__kernel_mode(v))
		tracing__look_at_task(vm, v);
	if (v->tracing & (TRACE_SET(TRACE_SYSCALL) | TRACE_SET(TRACE_INTERRUPT)))
		trace_details(v, code);
	if (trace__on(v->tracing, TRACE_EXCEPTION))
		trace__put(v->trace, TRACE_EXCEPTION, v->core, code, v->pc, v->gpr[REG_RA]);
}

static void vm_look_at_task(struct vcpu *v)
{
	tracing__look_at_task(vm_of(v), v);
}

/* --trace: one line for each exception the guest takes. */
static __attribute__((noinline)) void print_exception(struct vm *vm, const struct vcpu *v, unsigned code)
{
	const char *symbol, *caller;
	u64 offset, caller_offset;

	if (vm->options.cpus > 1)
		fprintf(stderr, "%2u ", v->core);
	symbol = vm__symbolize(vm, v->pc, &offset);
	caller = vm__symbolize(vm, v->gpr[REG_RA], &caller_offset);
	fprintf(stderr, "%-5s pc %#llx %s+%#llx  ra %#llx %s+%#llx  sp %#llx  Status %08x Cause %08x BadVAddr %#llx\r\n",
		exception__name(code), (unsigned long long)v->pc, symbol, (unsigned long long)offset,
		(unsigned long long)v->gpr[REG_RA], caller, (unsigned long long)caller_offset,
		(unsigned long long)v->gpr[REG_SP], cp0_word(v, CP0_STATUS), cp0_word(v, CP0_CAUSE),
		(unsigned long long)v->page->cp0[CP0_BADVADDR]);
}

/* What is rare, in functions of their own: this one is a part of each system call's cost, and they would have it save all registers. */
static void vm_exception_taken(struct vcpu *v, unsigned code)
{
	struct vm *vm = vm_of(v);

	if (code == EXC_INT)
		vm__end_clock(vm);
	if (v->tracing)
		trace_exception(vm, v, code);
	if (vm->options.trace)
		print_exception(vm, v, code);
}

static void vm_fpu_fetch(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	user__fpu_fetch(vm->user);
}

static void vm_fpu_loaded(struct vcpu *v)
{
	struct vm *vm = vm_of(v);

	user__fpu_loaded(vm->user);
}

static void vm_call(struct vcpu *v, u64 pa)
{
	struct vm *vm = vm_of(v);

	if (trace__on(v->tracing, TRACE_CALL))
		trace__put(v->trace, TRACE_CALL, v->core, 0, pa, 0);
	if ((s64)pa < 0) {
		if (!v->machine->breakpoints.watches)	/* each access is to be seen */
			user__asked(vm->user, pa);
		return;
	}
	vm__lock(vm);
	modules__call(&vm->state->modules, pa);
	vm__unlock(vm);
}

/*
 * --poison: what a record calls dead behind a site is overwritten as soon as the site was executed, so that whoever
 * reads it comes to grief. The value shows in a register dump, and no address begins like it.
 */
#define POISON	0xdeadf00d00000000ull

void vm__poison(struct vcpu *v, u64 address)
{
	struct vm *vm = vm_of(v);
	const struct burn_site *site;

	/* --interpret makes a plan, but no piece of it. */
	site = vm->state->machine.code ? burn__site_at(&vm->state->machine, address) : burn__site_of_plan(&vm->plan, address);
	if (!site || site->address != address)
		return;		/* in a copy of the code, which has no records */
	if (site >= vm->plan.sites && site < vm->plan.sites + vm->plan.site_count)
		vm->poisoned[site - vm->plan.sites] = true;
	for (unsigned n = 1; n < 32; n++)
		if (site->dead >> n & 1) {
			v->gpr[n] = POISON | (u32)address;
			vm->state->poisoned++;
		}
}

static void vm_executing(struct vcpu *v, u32 insn)
{
	struct vm *vm = vm_of(v);

	if (vm__sees_clock(insn))
		vm__clock_seen(vm);
	vm__log_instruction(v, insn);
}

const struct machine_ops vm__machine_ops = {
	.cycles = vm_cycles, .shared_count = vm_shared_count, .tell_clock = vm_tell_clock, .io_read = vm_io_read, .io_write = vm_io_write, .executes = vm_executes,
	.compare_changed = vm_compare_changed, .tlb_dropped = vm_tlb_dropped, .tlb_flushed = vm_tlb_flushed,
	.tlb_written = vm_tlb_written, .icache_sync = vm_icache_sync, .code_gone = vm_code_gone,
	.code_written = vm_code_written, .code_locked = vm_code_locked, .lock_code = vm_lock_code, .order_lock = vm_order_lock,
	.exception_taken = vm_exception_taken, .fpu_fetch = vm_fpu_fetch, .fpu_loaded = vm_fpu_loaded, .call = vm_call,
	.executing = vm_executing, .look_at_task = vm_look_at_task,
};

/* --- What the Board asks of the machine --- */

/* The guest asks one of its clocks, or sets a timer; or it is our own doing. */
static u64 board_cycles(void *user)
{
	struct vm *vm = user;

	if (vm->clock.accessed)
		vm__clock_seen(vm);
	return vm__cycles(vm);
}

static u64 board_seconds(void *user)
{
	const struct options *o = &((struct vm *)user)->options;
	struct timespec t;

	if (vm__is_repeated(o))
		return BOARD_SECONDS_COUNTED;
	clock_gettime(CLOCK_REALTIME, &t);	/* not time(): with it a filter of system calls would have to let through one more */
	return t.tv_sec;
}

static u64 board_random(void *user)
{
	u64 value;

	return getrandom(&value, sizeof(value), 0) == sizeof(value) ? value : 0;	/* it does not fail for so few */
}

static void board_irq(void *user, unsigned core, unsigned line, bool level)
{
	struct vm *vm = user;
	const struct vcpu *own = vm->vcpu[vm->core];

	if (trace__on(own->tracing, TRACE_IRQ))
		trace__put(own->trace, TRACE_IRQ, own->core, line, core, level);
	vcpu__set_line(vm->vcpu[core], line, level);
	if (vm__runs(vm, core))
		vcpu__take_lines(vm->vcpu[core]);
	else
		vm__kick(vm, core);
}

static void board_hold(void *user, unsigned core) { vm__order(user, core, ORDER_RESET); }
static void board_nmi(void *user, unsigned core) { vm__order(user, core, ORDER_NMI); }
static void board_release(void *user, unsigned core) { vm__order(user, core, ORDER_RELEASE); }

static void board_event_moved(void *user)
{
	struct vm *vm = user;

	if (vm->board_made)	/* it resets itself before we have it */
		host__set_alarm(vm->host, vm__until_event(vm));
}

static void board_transmit(void *user, unsigned uart, uint8_t byte)
{
	vm__transmit(user, uart, byte);
}

static void board_power_off(void *user)
{
	vm__stop(user, EXIT_GUEST_DONE, "%s", "");
}

static void board_reset(void *user)
{
	struct vm *vm = user;

	vm->state->restart = !vm->options.no_reboot;
	vm__stop(vm, EXIT_GUEST_DONE, "%s", "");
}

/* The user is told where the guest was in either case. */
static void board_watchdog(void *user, unsigned core)
{
	struct vm *vm = user;
	bool ends = vm->options.watchdog == WATCHDOG_EXIT;

	vm->state->restart = !ends && !vm->options.no_reboot;
	vm__stop(vm, ends ? EXIT_WATCHDOG : EXIT_GUEST_DONE, "the watchdog of core %u has expired%s", core, ends ? "" : " and resets the board");
}

static void board_unknown(void *user, uint64_t pa, unsigned size, bool write, uint64_t value)
{
	fprintf(stderr, "wedge: guest %s unknown register at %#llx (%u bytes)\r\n", write ? "writes" : "reads",
		(unsigned long long)pa, size);
}

const struct board_callbacks vm__board_callbacks = {
	.irq = board_irq, .cycles = board_cycles, .seconds = board_seconds, .event_moved = board_event_moved,
	.uart_transmit = board_transmit, .reset = board_reset, .power_off = board_power_off, .hold = board_hold,
	.nmi = board_nmi, .release = board_release, .watchdog = board_watchdog, .random = board_random, .unknown = board_unknown,
};

/* --- What native execution asks of the machine --- */

static void client_poll(void *user) { vm__poll(user); }
static void client_idle(void *user) { vm__idle(user); }
static bool client_stopped(void *user) { return ((struct vm *)user)->state->stopped; }
static void client_hang(void *user) { vm__hang(user, ((struct vm *)user)->vcpu[((struct vm *)user)->core]); }

static void client_failed(void *user, u64 address) { flash_file__failed(&((struct vm *)user)->flash, address); }

static bool client_debugged(void *user) { return vm__debugged(user, ((struct vm *)user)->vcpu[((struct vm *)user)->core]); }

static void client_terminate(void *user, int signal, int sender)
{
	struct vm *vm = user;

	vm->termination_sender = sender;
	vm->termination = signal;
}

static void client_exited(void *user, unsigned reason, u64 pc, u64 ns)
{
	struct vm *vm = user;

	stats__exit(&vm->stats[vm->core], reason, pc, ns, reason < HOST_EXIT_USER_SYSCALL && machine__generated(&vm->state->machine, pc));
}

static void client_waited(void *user, bool for_user, u64 ns)
{
	struct vm *vm = user;

	stats__waited(&vm->stats[vm->core], for_user, ns);
}

static void client_stepped(void *user, enum host_why why, u64 pc, u64 count)
{
	struct vm *vm = user;

	stats__interpreted(&vm->stats[vm->core], why, pc, count);
}

struct host_client vm__host_client(struct vm *vm)
{
	return (struct host_client){
		.poll = client_poll, .idle = client_idle, .stopped = client_stopped, .hang = client_hang,
		.terminate = client_terminate, .failed = client_failed, .debugged = client_debugged, .user = vm,
		.exited = client_exited, .waited = client_waited,
		.stepped = vm->options.stats ? client_stepped : NULL,
	};
}
