/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Running the virtual machine: its events and its consoles.
 */
#define _GNU_SOURCE
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wedge/core/layout.h"
#include "wedge/monitor/terminal.h"
#include "wedge/monitor/vm.h"

void vm__stop(struct vm *vm, int status, const char *format, ...)
{
	va_list args;

	if (vm->stopped)
		return;
	va_start(args, format);
	vsnprintf(vm->reason, sizeof(vm->reason), format, args);
	va_end(args);
	vm->exit_status = status;
	vm->stopped = true;
	host__kick(vm->host);
}

const char *vm__symbolize(struct vm *vm, u64 va, u64 *offset)
{
	const char *name = NULL;

	*offset = 0;
	image__sort_symbols(&vm->image);
	if (vm->options.no_relink)
		name = image__symbolize(&vm->image, va, offset);
	else if (va >= WINDOW_MODULES && va < WINDOW_MODULES_END) {
		const struct code *code = machine__code(&vm->machine, va);

		*offset = code ? va - code->start : 0;
		name = code ? code->name : NULL;
	} else if (va - WINDOW_CKSEG0 < IMAGE_CKSEG0_SIZE)
		name = image__symbolize(&vm->image, va - RELINK_DELTA(WINDOW_CKSEG0), offset);
	return name ? name : "?";
}

void vm__dump(const struct vm *vm, FILE *out)
{
	for (unsigned i = 0; i < vm->options.cpus; i++) {
		if (vm->options.cpus > 1)
			fprintf(out, "  core %u%s\n", i, vm->vcpu[i]->waiting ? ", idle" : "");
		vcpu__dump(vm->vcpu[i], out);
	}
}

u64 vm__until_event(struct vm *vm)
{
	u64 now = vm__cycles(vm), deadline = board__next_event(vm->board);
	u64 ns = 1000000000;

	for (unsigned i = 0; i < vm->options.cpus; i++)
		if (vm->vcpu[i]->timer_armed && vm->vcpu[i]->timer_deadline < deadline)
			deadline = vm->vcpu[i]->timer_deadline;
	if (deadline <= now)
		return 0;
	if (deadline - now < VM_CLOCK_HZ)
		ns = (deadline - now) * VM_NS_PER_CYCLE;
	for (unsigned i = 0; i < 2; i++)
		if (console__due(&vm->console[i]) < ns)
			ns = console__due(&vm->console[i]);
	return ns;
}

static void poll_console(struct vm *vm, unsigned uart)
{
	u8 bytes[64];
	enum console_key key;
	unsigned n, space;

	do {
		space = board__uart_space(vm->board, uart);
		n = console__get(&vm->console[uart], bytes, space < sizeof(bytes) ? space : sizeof(bytes), &key);
		if (key == CONSOLE_QUIT)
			vm__stop(vm, EXIT_KILLED, "ended by the escape key");
		if (key == CONSOLE_REGISTERS)
			vm__dump(vm, stderr);
		if (key == CONSOLE_STATS)
			stats__print(vm, stderr);
		board__uart_receive(vm->board, uart, bytes, n);
	} while (n);
}

/*
 * A busy transmitter would be seen by a guest whose clock is counted or repeated, in one run and not in the other: there the
 * clock stands still while the reader catches up.
 */
void vm__console_changed(struct vm *vm, unsigned uart)
{
	if (!console__busy(&vm->console[uart])) {
		board__uart_hold(vm->board, uart, false);
	} else if (vm->options.count_time || vm->options.replay_clock) {
		console__drain(&vm->console[uart]);
	} else {
		board__uart_hold(vm->board, uart, true);
		host__set_alarm(vm->host, vm__until_event(vm));
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

static void flush_console(struct vm *vm, unsigned uart)
{
	console__flush(&vm->console[uart]);
	vm__console_changed(vm, uart);
}

void vm__poll(struct vm *vm)
{
	if (vm->termination)
		stop_for_signal(vm);
	for (unsigned i = 0; i < vm->options.cpus; i++)
		vcpu__check_timer(vm->vcpu[i]);
	if (board__next_event(vm->board) <= vm__cycles(vm))
		board__tick(vm->board);
	for (unsigned i = 0; i < 2; i++) {
		flush_console(vm, i);
		poll_console(vm, i);
	}
	host__set_alarm(vm->host, vm__until_event(vm));
}

void vm__idle(struct vm *vm)
{
	struct pollfd fds[2 * 3];
	struct timespec t;
	nfds_t n = 0;
	u64 ns;

	if (vm->options.replay_clock)
		vm__end_clock(vm);	/* it would sleep for ever */
	for (unsigned i = 0; i < 2; i++) {
		flush_console(vm, i);
		n += console__wants(&vm->console[i], board__uart_space(vm->board, i), fds + n);
	}
	ns = vm__until_event(vm);
	t = (struct timespec){ ns / 1000000000, ns % 1000000000 };
	ppoll(fds, n, &t, NULL);
	vm__poll(vm);
}

/* Why it ended, and where the guest was: each of its cores. */
static void print_end(struct vm *vm)
{
	fprintf(stderr, "\nwedge: %s%s; the guest was at", vm->exit_status == EXIT_GUEST_STOPPED ? "the guest cannot go on: " : "",
		vm->reason);
	for (unsigned i = 0; i < vm->options.cpus; i++) {
		const struct vcpu *v = vm->vcpu[i];
		u64 offset;
		const char *symbol = vm__symbolize(vm, v->pc, &offset);

		fprintf(stderr, "%s %#llx, %s+%#llx%s", i ? ";" : "", (unsigned long long)v->pc, symbol, (unsigned long long)offset,
			v->waiting ? ", idle" : "");
	}
	fprintf(stderr, "\n");
	if (vm->exit_status == EXIT_GUEST_STOPPED)
		vm__dump(vm, stderr);
}

static struct vm *running;	/* for the signal handler */

static void on_termination(int signal)
{
	running->termination = signal;
}

/* One that is ignored stays so: nohup, and a job that a script has put into the background. */
static void handle_signals(struct vm *vm)
{
	static const int terminations[] = { SIGTERM, SIGINT, SIGHUP };

	running = vm;
	signal(SIGPIPE, SIG_IGN);	/* console__flush() finds out */
	signal(SIGXFSZ, SIG_IGN);
	for (unsigned i = 0; i < ARRAY_SIZE(terminations); i++)
		if (signal(terminations[i], on_termination) == SIG_IGN)
			signal(terminations[i], SIG_IGN);
	terminal__guard_signals(console__give_back);
}

static void open_consoles(struct vm *vm)
{
	struct complaint c;

	die_hook = console__give_back;
	console__abandon = &vm->termination;
	for (unsigned i = 0; i < 2; i++)
		if (console__open(&vm->console[i], i, vm->options.uart[i], &c))
			die("%s", c.text);
}

/* What nobody took has been lost, which whoever reads what there is should know. */
static void close_consoles(struct vm *vm)
{
	for (unsigned i = 0; i < 2; i++)
		console__drain(&vm->console[i]);
	if (vm->restart) {
		terminal__restore();
		for (unsigned i = 0; i < 2; i++)
			console__hand_over(&vm->console[i], i);
	} else {
		console__give_back();
	}
	for (unsigned i = 0; i < 2; i++)
		if (vm->console[i].dropped + vm->console[i].fill)
			fprintf(stderr, "wedge: nobody took %llu bytes that the guest wrote to UART %u\n",
				(unsigned long long)vm->console[i].dropped + vm->console[i].fill, i);
}

int vm__run(struct vm *vm)
{
	handle_signals(vm);
	open_consoles(vm);
	if (vm->options.interpret)
		vm__interpret(vm);
	else
		host__run(vm->host);
	close_consoles(vm);
	user__close(vm->user);
	vm->user = NULL;
	host__close(vm->host);
	vm__close_log(vm);
	vm__end_clock(vm);
	if (vm->reason[0])
		print_end(vm);
	return vm->exit_status;
}
