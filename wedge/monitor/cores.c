/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Cores: processes of their own that are made, called and end; and what one does to another, as the chip lets it: an
 * interrupt, a reset, the NMI that wakes it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wedge/monitor/exchange.h"
#include "wedge/monitor/vm.h"

#define CALL_PATIENCE_NS	100000000ull
#define END_PATIENCE_MS		1000

/* --- Their processes --- */

/* One that ends while the machine runs takes it along. It has said why, unless it was a signal. */
void vm__look_after_cores(struct vm *vm)
{
	int status, core;

	while (host__core_ended(vm->host, vm->state->process, &core, &status)) {
		if (WIFSIGNALED(status))
			vm__stop(vm, EXIT_GUEST_STOPPED, "the process of core %d was ended by signal %d (%s)", core, WTERMSIG(status),
				 strsignal(WTERMSIG(status)));
		else
			vm__stop(vm, WEXITSTATUS(status) ? WEXITSTATUS(status) : EXIT_GUEST_STOPPED, "%s", "");
	}
}

void vm__end_cores(struct vm *vm)
{
	for (unsigned i = 1; i < vm->options.cpus; i++)
		if (vm->state->process[i])
			host__await_core(vm->state->process[i], END_PATIENCE_MS);
}

/* The kernel's entry, where all cores but the first spin until they are called: their time would be taken from the first. */
void vm__await_call(struct vm *vm)
{
	u32 bell;

	while (bell = exchange__bell(vm->exchange, vm->core), !vm->state->called_cores && !vm->state->stopped && vm__cycles(vm) < vm->clock.hz) {
		exchange__wait(vm->exchange, vm->core, bell, CALL_PATIENCE_NS);
		vm__rest(vm);
	}
}

/* Core 0 makes the others, each as itself at this moment. Returns in all of them. */
void vm__make_cores(struct vm *vm)
{
	struct complaint c;
	int process;

	fflush(stderr);		/* or each of them would write what is in it */
	vm->state->process[0] = getpid();
	for (unsigned i = 1; i < vm->options.cpus; i++) {
		process = host__fork_core(vm->host, i, &c);
		if (process < 0)
			die("core %u: %s", i, c.text);
		if (!process) {
			vm->core = i;
			return;
		}
		vm->state->process[i] = process;
	}
}

/* What a core that is not the first has had to itself. */
_Noreturn void vm__end_core(struct vm *vm)
{
	user__close(vm->user);
	host__close(vm->host);
	fflush(stderr);
	_exit(0);
}

/* --- Called --- */

/*
 * Interrupts from another core are not lost: the line is set first, then `kick`, which a core looks at before it sleeps. Awake, it is in guest
 * code, where the signal stops it, or in the Wedge, which goes native only after a look at `kick` with signals blocked.
 */
void vm__kick(struct vm *vm, unsigned core)
{
	__atomic_store_n(&vm->vcpu[core]->kick, 1, __ATOMIC_SEQ_CST);
	if (!exchange__wake(vm->exchange, core) && vm->state->process[core])
		host__signal(vm->state->process[core]);
	vm->kicked = true;
}

void vm__call_cores(struct vm *vm)
{
	__atomic_store_n(&vm->state->called_cores, true, __ATOMIC_SEQ_CST);
	for (unsigned i = 1; vm->several && i < vm->options.cpus; i++)
		exchange__ring(vm->exchange, i);
}

/* --- Unplugged and plugged --- */

/* A reset comes before whatever else is wanted, and makes all of that void that was wanted before. */
void vm__order(struct vm *vm, unsigned core, u32 order)
{
	struct vcpu *v = vm->vcpu[core];

	if (order == ORDER_RESET)
		__atomic_store_n(&v->orders, order, __ATOMIC_SEQ_CST);
	else
		__atomic_or_fetch(&v->orders, order, __ATOMIC_SEQ_CST);
	if (vm__runs(vm, core))
		v->kick = 1;
	else
		vm__kick(vm, core);
}

static void wake(struct vm *vm, struct vcpu *v)
{
	struct board_start start = board__start(&vm->board_config, vm->state->machine.ram.base, vm__ckseg0(vm), v->core);

	v->pc = start.pc;
	v->gpr[REG_SP] = start.sp;
	v->page->cp0[CP0_STATUS] = start.status;
	v->page->cp0[CP0_CVMMEMCTL] = start.cvmmemctl;
	v->page->cp0[CP0_EBASE] = vm__ckseg0(vm) | v->core;
	v->parked = v->waiting = false;
}

/* Hardware would go round for ever, until a watchdog ends it. Where none does, the user should know of it. */
void vm__hang(struct vm *vm, struct vcpu *v)
{
	vm__lock(vm);
	v->hung = board__will_reset(vm->board);
	vm__unlock(vm);
	if (!v->hung)
		vm__stop(vm, EXIT_GUEST_STOPPED, "its exception vector %#llx cannot be executed", (unsigned long long)v->pc);
}

void vm__take_orders(struct vm *vm, struct vcpu *v)
{
	u32 orders = __atomic_exchange_n(&v->orders, 0, __ATOMIC_SEQ_CST);

	if (orders & ORDER_RESET) {
		vcpu__park(v);
		blocks__core_gone(vm->blocks, v->core);
	}
	if (orders & ORDER_RELEASE)
		v->parked = v->waiting = false;		/* at the reset vector, where its registers are */
	if (orders & ORDER_NMI && v->parked)
		wake(vm, v);
	else if (orders & ORDER_NMI && board__takes_nmi(vm->board))
		exception__nmi(v);
	if (orders & ORDER_LOCK)
		blocks__lock(vm->blocks, v->core);
}
