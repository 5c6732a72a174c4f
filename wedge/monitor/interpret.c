/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --interpret: every instruction is executed here, on any machine, and the cores of the guest take turns.
 *
 * A turn is so many instructions, or less if the core waits for an interrupt. So a run depends on nothing but the guest and
 * its clock; with --count-time, where an instruction of any core lasts a cycle, two runs are equal.
 *
 * All cores enter the kernel at its entry, and all but core 0 spin there until it calls them. On the chip that costs
 * nothing; here it would take their turns from core 0. So they begin when core 0 touches the mailboxes, which Linux does
 * before it calls, and after a second of the guest's clock at the latest.
 */
#include <signal.h>

#include "wedge/monitor/exchange.h"
#include "wedge/monitor/vm.h"

#define TURN	1024	/* instructions between two looks at consoles and clocks */

/* Whether it has executed anything. */
static bool take_turn(struct vm *vm, struct vcpu *v)
{
	for (unsigned n = 0; n < TURN && !vm->state->stopped; n++) {
		u64 pc = v->pc;

		if (vm->options.count_time)
			vcpu__check_timer(v);		/* to the instruction */
		if (v->debugged && vm__debugged(vm, v))
			return true;
		if (v->hung)
			return n;
		if (v->waiting) {
			if (!vcpu__irq_pending(v))
				return n;
			v->waiting = false;
			if (trace__on(v->tracing, TRACE_WAKE))
				trace__put(v->trace, TRACE_WAKE, v->core, 0, 0, 0);
		}
		if (vcpu__irq_deliverable(v))
			exception__interrupt(v);
		if (vcpu__step(v) && v->pc == pc)
			vm__hang(vm, v);
	}
	return true;
}

static unsigned running_cores(struct vm *vm)
{
	if (!vm->state->called_cores && vm__cycles(vm) >= vm->clock.hz)
		vm->state->called_cores = true;
	return vm->state->called_cores ? vm->options.cpus : 1;
}

static const struct flash_file *flash;		/* for the handler */

/* Where nothing is executed natively, nobody else asks. What is not the flash's fault ends us all the same. */
static void on_bus_error(int number, siginfo_t *info, void *context)
{
	flash_file__failed(flash, (u64)info->si_addr);
	signal(number, SIG_DFL);
}

static void guard_flash(struct vm *vm)
{
	struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO };

	flash = &vm->flash;
	sigaction(SIGBUS, &action, NULL);
}

void vm__interpret(struct vm *vm)
{
	guard_flash(vm);
	vm__poll(vm);
	while (!vm->state->stopped) {
		bool idle = true;

		for (unsigned i = 0; i < running_cores(vm) && !exchange__has_to_rest(vm->exchange, 0, vm->options.cpus); i++)
			if (!vm->exchange->debugged[i].kept)
				idle &= !take_turn(vm, vm->vcpu[i]);
		if (idle && vm->options.count_time)	/* counted time does not pass by itself */
			vm->clock.slept += (unsigned __int128)vm__until_event(vm) * vm->clock.hz / 1000000000;
		else if (idle)
			vm__idle(vm);
		vm__poll(vm);
	}
}
