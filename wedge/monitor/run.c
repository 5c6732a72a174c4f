/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The vCPU process: what the virtual machine does from within, its events, and its side of the exchange with the monitor.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "wedge/core/layout.h"
#include "wedge/monitor/exchange.h"
#include "wedge/monitor/vm.h"

#define GATHERED	256		/* bytes of console output that are worth waking the monitor */
#define OUTPUT_ROOM	0x400		/* left in the ring when the UART becomes busy: its driver may still send a FIFO */
#define OUTPUT_PATIENCE	1000		/* milliseconds, where the guest must not see a busy UART */

void vm__stop(struct vm *vm, int status, const char *format, ...)
{
	va_list args;

	if (__atomic_exchange_n(&vm->state->stopping, true, __ATOMIC_SEQ_CST))
		return;
	va_start(args, format);
	vsnprintf(vm->state->reason, sizeof(vm->state->reason), format, args);
	va_end(args);
	vm->state->exit_status = status;
	__atomic_store_n(&vm->state->stopped, true, __ATOMIC_SEQ_CST);
	host__kick(vm->host);
	for (unsigned i = 0; vm->several && i < vm->options.cpus; i++)
		if (i != vm->core)
			vm__kick(vm, i);
}

void vm__lock(struct vm *vm)
{
	host__own_thread(vm->host);
	if (vm->several)
		exchange__lock(&vm->state->lock);
}

void vm__unlock(struct vm *vm)
{
	if (vm->several)
		pthread_mutex_unlock(&vm->state->lock);
}

/* For the monitor, too, which takes no address from that memory: so the pages are asked for. */
void vm__dump(const struct vm *vm, FILE *out)
{
	for (unsigned i = 0; i < vm->options.cpus; i++) {
		if (vm->options.cpus > 1)
			fprintf(out, "  core %u%s\n", i, vm->vcpu[i]->waiting ? ", idle" : "");
		vcpu__dump(vm->vcpu[i], host__vcpu_page(vm->host, i), out);
	}
}

u64 vm__until_event(struct vm *vm)
{
	u64 now = vm__cycles(vm), deadline = board__next_event(vm->board);
	u64 ns = 1000000000;

	for (unsigned i = 0; i < vm->options.cpus; i++)
		if (vm__runs(vm, i) && vm->vcpu[i]->timer_armed && vcpu__timer_due(vm->vcpu[i]) < deadline)
			deadline = vcpu__timer_due(vm->vcpu[i]);
	if (deadline <= now)
		return 0;
	if (deadline - now < vm->clock.hz)
		ns = vm__ns_of_cycles(vm, deadline - now);
	return ns;
}

/* --- Consoles --- */

/*
 * A busy transmitter would be seen by a guest whose clock is counted or repeated, in one run and not in the other: there the
 * clock stands still while the reader catches up.
 */
static void await_room(const struct ring *output)
{
	unsigned before = ring__fill(output);

	for (unsigned look = 0; look < OUTPUT_PATIENCE && ring__fill(output) >= before; look++)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
}

void vm__transmit(struct vm *vm, unsigned uart, u8 byte)
{
	struct exchange *e = vm->exchange;
	struct ring *output = &e->output[uart];

	if (!ring__put(output, &byte, 1))
		e->lost[uart]++;
	if (byte == '\n' || ++vm->unsaid[uart] >= GATHERED) {
		vm->unsaid[uart] = 0;
		exchange__notify(e);
	}
	if (ring__fill(output) < RING_SIZE - OUTPUT_ROOM)
		return;
	exchange__notify(e);
	if (vm->options.count_time || vm->options.replay_clock) {
		await_room(output);
	} else {
		e->held[uart] = true;
		board__uart_hold(vm->board, uart, true);
	}
}

static void stop_for_signal(struct vm *vm)
{
	if (vm->termination_sender)
		vm__stop(vm, EXIT_KILLED, "ended by signal %d (%s) from process %d", vm->termination,
			 strsignal(vm->termination), vm->termination_sender);
	else
		vm__stop(vm, EXIT_KILLED, "ended by signal %d (%s)", vm->termination, strsignal(vm->termination));
}

static bool has_room_again(const struct vm *vm, unsigned uart)
{
	return vm->exchange->held[uart] && ring__fill(&vm->exchange->output[uart]) <= RING_SIZE / 2;
}

static bool has_input(const struct vm *vm, unsigned uart)
{
	return ring__fill(&vm->exchange->input[uart]) && board__uart_space(vm->board, uart);
}

static void poll_console(struct vm *vm, unsigned uart)
{
	struct exchange *e = vm->exchange;
	u8 bytes[64];

	if (has_room_again(vm, uart)) {
		e->held[uart] = false;
		board__uart_hold(vm->board, uart, false);
	}
	while (has_input(vm, uart)) {
		unsigned space = board__uart_space(vm->board, uart);
		unsigned n = ring__take(&e->input[uart], bytes, space < sizeof(bytes) ? space : sizeof(bytes));

		board__uart_receive(vm->board, uart, bytes, n);
		if (e->starved[uart])
			exchange__notify(e);
	}
}

/* --- Events --- */

static void answer(struct vm *vm, u32 asked)
{
	if (asked & ASKED_END && vm->exchange->signal) {
		vm->termination_sender = vm->exchange->sender;
		vm->termination = vm->exchange->signal;
	} else if (asked & ASKED_END) {
		vm__stop(vm, EXIT_KILLED, "ended by the escape key");
	}
	if (asked & ASKED_QUIT)
		vm__stop(vm, EXIT_KILLED, "ended by its control socket");
	if (asked & ASKED_KILL)
		vm__stop(vm, EXIT_KILLED, "ended by its debugger");
	if (asked & ASKED_RESET) {
		vm->state->restart = !vm->options.no_reboot;
		vm__stop(vm, EXIT_GUEST_DONE, "%s", "");
	}
	if (vm->termination)
		stop_for_signal(vm);
	if (asked & ASKED_REGISTERS)
		vm__dump(vm, stderr);
}

/* Output that was not worth it when it came. */
static void tell_monitor(struct vm *vm)
{
	for (unsigned i = 0; i < BOARD_UARTS; i++)
		if (vm->unsaid[i]) {
			vm->unsaid[i] = 0;
			exchange__notify(vm->exchange);
		}
}

void vm__rest(struct vm *vm)
{
	const unsigned cores = vm->several ? 1 : vm->options.cpus;
	struct vcpu *v = vm->vcpu[vm->core];
	u32 changes;

	if (!exchange__has_to_rest(vm->exchange, vm->core, cores))
		return;
	user__fpu_fetch(vm->user);	/* for whoever looks meanwhile */
	exchange__rest(vm->exchange, vm->core, cores);
	changes = __atomic_load_n(&vm->state->machine.breakpoints.changes, __ATOMIC_SEQ_CST);
	if (v->code_changes == changes)
		return;
	v->code_changes = changes;
	user__hold(vm->user);
	host__icache_sync(vm->host);
}

void vm__poll(struct vm *vm)
{
	vm__rest(vm);
	tell_monitor(vm);
	if (vm->core == 0)
		answer(vm, exchange__asked(vm->exchange));
	else if (vm->termination)
		stop_for_signal(vm);
	if (vm->several && vm->core == 0)
		vm__look_after_cores(vm);
	vm__lock(vm);
	for (unsigned i = 0; i < vm->options.cpus; i++)
		if (vm__runs(vm, i)) {
			vm__take_orders(vm, vm->vcpu[i]);
			vcpu__take_lines(vm->vcpu[i]);
			vcpu__check_timer(vm->vcpu[i]);
		}
	if (board__next_event(vm->board) <= vm__cycles(vm))
		board__tick(vm->board);
	for (unsigned i = 0; vm->core == 0 && i < BOARD_UARTS; i++)
		poll_console(vm, i);
	if (vm->core == 0)
		devices__poll(vm);
	host__set_alarm(vm->host, vm__until_event(vm));
	vm__unlock(vm);
}

static bool has_news(void *user)
{
	struct vm *vm = user;
	bool news = vm->several && __atomic_load_n(&vm->vcpu[vm->core]->kick, __ATOMIC_SEQ_CST);

	for (unsigned i = 0; i < BOARD_UARTS; i++)
		news |= vm->unsaid[i] || (!vm->core && (has_input(vm, i) || has_room_again(vm, i)));
	if (vm->core)
		return news;
	return news || __atomic_load_n(&vm->exchange->asked, __ATOMIC_SEQ_CST) || __atomic_load_n(&vm->exchange->raised, __ATOMIC_SEQ_CST);
}

void vm__idle(struct vm *vm)
{
	u64 ns;

	if (vm->options.replay_clock)
		vm__end_clock(vm);	/* it would sleep for ever */
	vm__lock(vm);
	ns = vm__until_event(vm);
	vm__unlock(vm);
	exchange__sleep(vm->exchange, vm->core, has_news, vm, ns);
	vm__poll(vm);
}

/* Why it ended, and where the guest was: each of its cores. */
static void print_end(struct vm *vm)
{
	fprintf(stderr, "\nwedge: %s%s; the guest was at", vm->state->exit_status == EXIT_GUEST_STOPPED ? "the guest cannot go on: " : "",
		vm->state->reason);
	for (unsigned i = 0; i < vm->options.cpus; i++) {
		const struct vcpu *v = vm->vcpu[i];
		/* What it does in an NMI is less to the point than where that has found it. */
		bool nmi = cp0_word(v, CP0_STATUS) & STATUS_NMI && cp0_word(v, CP0_STATUS) & STATUS_ERL;
		u64 pc = nmi ? v->page->cp0[CP0_ERROREPC] : v->pc, offset;
		const char *symbol = vm__symbolize(vm, pc, &offset);

		fprintf(stderr, "%s %#llx, %s+%#llx%s", i ? ";" : "", (unsigned long long)pc, symbol, (unsigned long long)offset,
			nmi ? ", before its NMI" : v->waiting ? ", idle" : "");
	}
	fprintf(stderr, "\n");
	if (vm->state->exit_status == EXIT_GUEST_STOPPED)
		vm__dump(vm, stderr);
}

int vm__run_vcpu(struct vm *vm)
{
	struct complaint c;

	if (vm->several)
		vm__make_cores(vm);
	if (vm->user && user__start(vm->user, &c))
		die("%s", c.text);
	if (vm->core)
		vm__await_call(vm);
	if (vm->options.interpret)
		vm__interpret(vm);
	else
		host__run(vm->host);
	if (vm->core)
		vm__end_core(vm);
	if (vm->several)
		vm__end_cores(vm);
	user__close(vm->user);
	vm->user = NULL;
	host__close(vm->host);
	vm__close_log(vm);
	vm__end_clock(vm);
	if (vm->state->reason[0])
		print_end(vm);
	return vm->state->exit_status;
}
