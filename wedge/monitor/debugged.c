/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A core that is debugged, in its own process: it stops where a breakpoint is, or behind the one instruction that it was to execute, and rests
 * until the monitor has it go on.
 */
#include "wedge/monitor/exchange.h"
#include "wedge/monitor/vm.h"

static void step(struct vm *vm, struct vcpu *v)
{
	const u64 pc = v->pc;

	if (v->hung || (v->waiting && !vcpu__irq_pending(v)))
		return;
	v->waiting = false;
	if (vcpu__step(v) && v->pc == pc)
		vm__hang(vm, v);
}

static void stop(struct vm *vm, struct vcpu *v, u32 why)
{
	exchange__stopped(vm->exchange, v->core, why);
	v->kick = 1;
}

/* No interrupt is taken before an instruction that a debugger wants: by the time that somebody looks there is always one. */
bool vm__debugged(struct vm *vm, struct vcpu *v)
{
	struct debugged *d = &vm->exchange->debugged[v->core];
	const u64 passes = d->passes;
	int watch;

	d->passes = NOWHERE;
	if (d->step) {
		step(vm, v);
		stop(vm, v, STOPPED_STEP);
		return true;
	}
	if (v->waiting || v->hung)
		return false;
	watch = watchpoint__here(v);
	if (watch < 0 && !breakpoint__here(v))
		return false;
	if (v->pc == passes)
		step(vm, v);
	else
		stop(vm, v, watch < 0 ? STOPPED_BREAKPOINT : STOPPED_WATCHPOINT + watch);
	return true;
}
