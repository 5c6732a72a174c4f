/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The monitor: it makes the vCPU process, stands between its consoles and the world, and sees how it ends.
 *
 * Whatever ends, the rest follows: if the monitor dies, the Host's kernel kills the vCPU process, and with that its stubs;
 * if the vCPU process dies, the monitor says of what; if it is asked to end and does not, it is killed.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/monitor/exchange.h"
#include "wedge/monitor/control.h"
#include "wedge/monitor/debugger.h"
#include "wedge/monitor/jail.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/processes.h"
#include "wedge/monitor/tracing.h"
#include "wedge/device/terminal.h"

#define EXIT_RESTART	100		/* of the vCPU process: the guest has reset its board */
#define STOLEN_NS	500000000ull	/* so often, or every second, the Host is asked what it has had */
#define END_PATIENCE_NS	2000000000ull	/* for a vCPU process that was asked to end */
#define REST_LOOKS	20		/* at cores that were asked to rest */
#define REST_LOOK_NS	10000000
#define PAUSE_LOOKS	50		/* likewise, by a client that waits for the answer */
#define PAUSE_LOOK_NS	1000000
#define CHUNK		256
#define EXTRA_MEMORY	(1ull << 30)	/* that a vCPU process or a stub may map besides the guest's */

static volatile int termination;	/* signal that asked us to end; 0: none */
static volatile int resized;		/* the terminal has another size */
static volatile int sender;		/* from this process; 0: not known */

/* A fault that somebody has sent us by hand is no fault. */
static void on_termination(int signal, siginfo_t *info, void *context)
{
	bool sent = info->si_code <= 0, fault = signal != SIGTERM && signal != SIGINT && signal != SIGHUP;

	if (fault && !sent) {
		console__give_back();
		terminal__take(signal);
	}
	sender = sent ? info->si_pid : 0;
	termination = signal;
}

static void on_resize(int signal)
{
	resized = 1;
}

static void on_child(int signal)
{
}

/* --- A stop --- */

static const struct monitor *the_monitor;	/* for handlers */

/* All cores are to rest, or to go on. Natively they have to look. */
static void halt(const struct monitor *m, bool halted)
{
	exchange__halt(m->exchange, halted);
	if (halted && !m->vm->options.interpret)
		kill(-m->vcpu, SIGUSR1);
	if (halted && m->vm->options.interpret)
		exchange__ring(m->exchange, 0);		/* it may sleep */
}

/* Its control socket has stopped it, or a debugger. */
static bool is_held(const struct monitor *m)
{
	return m->paused || debugger__holds(m);
}

void monitor__hold(const struct monitor *m)
{
	halt(m, is_held(m));
}

/*
 * We are about to be stopped. First the cores come to rest: one that is stopped while it waits for a stub would leave user code running. Then
 * their processes, which are a group, are stopped: one may be hostile.
 */
static void stop_all(void)
{
	const struct monitor *m = the_monitor;

	halt(m, true);
	for (unsigned i = 0; i < REST_LOOKS && !m->vm->options.interpret && !exchange__rests(m->exchange, m->vm->options.cpus); i++)
		nanosleep(&(struct timespec){ .tv_nsec = REST_LOOK_NS }, NULL);
	kill(-m->vcpu, SIGSTOP);
}

/* But for one that is held. */
static void continue_all(void)
{
	monitor__hold(the_monitor);
	kill(-the_monitor->vcpu, SIGCONT);
}

/* One that is ignored stays so: nohup, and a job that a script has put into the background. */
static void handle_signals(const struct monitor *m)
{
	static const int terminations[] = { SIGTERM, SIGINT, SIGHUP, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
	struct sigaction before, action = { .sa_sigaction = on_termination, .sa_flags = SA_SIGINFO };

	signal(SIGPIPE, SIG_IGN);	/* console__flush() finds out */
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, on_child);
	signal(SIGWINCH, on_resize);
	for (unsigned i = 0; i < ARRAY_SIZE(terminations); i++)
		if (!sigaction(terminations[i], &action, &before) && before.sa_handler == SIG_IGN)
			signal(terminations[i], SIG_IGN);
	the_monitor = m;
	terminal__guard_signals(console__give_back, stop_all, continue_all);
}

/* As --gdb says; it says where, as a port may be any. */
static int open_debugger(struct monitor *m, struct complaint *c)
{
	const struct options *o = &m->vm->options;

	if (!o->gdb)
		return 0;
	if (debugger__open(m, o->gdb, o->gdb_wait && !m->vm->restarted, c))
		return -1;
	fprintf(stderr, "wedge: gdb: target remote %s\n", debugger__where(m));
	return 0;
}

static void open_consoles(struct monitor *m)
{
	struct complaint c;

	die_hook = console__give_back;
	console__abandon = &termination;
	for (unsigned i = 0; i < BOARD_UARTS; i++)
		if (console__open(&m->console[i], i, m->vm->options.uart[i], &c))
			die("%s", c.text);
	console__open_stderr(&m->messages);
	if (devices__connect(m->vm, &c) || control__open(m, &c) || open_debugger(m, &c))
		die("%s", c.text);
}

/* What nobody took has been lost, which whoever reads what there is should know. */
static void close_consoles(struct monitor *m, bool restart)
{
	for (unsigned i = 0; i < BOARD_UARTS; i++)
		console__drain(&m->console[i]);
	console__drain(&m->messages);
	if (restart) {
		terminal__restore();
		for (unsigned i = 0; i < BOARD_UARTS; i++)
			console__hand_over(&m->console[i], i);
	} else {
		console__give_back();
	}
	for (unsigned i = 0; i < BOARD_UARTS; i++) {
		u64 lost = m->console[i].dropped + m->console[i].fill + m->exchange->lost[i];

		if (lost)
			fprintf(stderr, "wedge: nobody took %llu bytes that the guest wrote to UART %u\n", (unsigned long long)lost, i);
	}
}

/* --- Between the rings and the world --- */

/* There is news for it. One that interprets finds out by itself when it is awake. */
static void kick(struct monitor *m)
{
	exchange__ring(m->exchange, 0);
	if (!m->vm->options.interpret)
		kill(m->vcpu, SIGUSR1);
}

static void ask(struct monitor *m, u32 what)
{
	/* Who rests does not hear, nor who is about to. */
	if ((is_held(m) || m->debugger) && what & ASKED_ENDS) {
		m->paused = false;
		debugger__release(m);
		monitor__hold(m);
	}
	exchange__ask(m->exchange, what);
	kick(m);
	if (what & ASKED_ENDS && !m->killed_ns)
		m->killed_ns = clock__now_ns() + (what & ASKED_RESET ? 10 : 1) * END_PATIENCE_NS;	/* of a reset nobody waits for the end */
}

void monitor__ask(struct monitor *m, u32 what)
{
	ask(m, what);
}

/* Rests at once, but for what a core has begun. */
void monitor__pause(struct monitor *m, bool paused)
{
	m->paused = paused;
	monitor__hold(m);
	for (unsigned i = 0; paused && i < PAUSE_LOOKS && !exchange__rests(m->exchange, m->vm->several ? m->vm->options.cpus : 1); i++)
		nanosleep(&(struct timespec){ .tv_nsec = PAUSE_LOOK_NS }, NULL);
}

/* A ring can be refilled, or emptied, without end: so one look moves as much as it can hold. */
static void pump_output(struct console *console, struct ring *ring)
{
	u8 bytes[CHUNK];

	for (unsigned taken = 0, n; taken < RING_SIZE && !console__busy(console); taken += n) {
		n = ring__take(ring, bytes, sizeof(bytes));
		if (!n)
			break;
		for (unsigned i = 0; i < n; i++)
			console__put(console, bytes[i]);
	}
	console__flush(console);
}

static void show_stats(struct monitor *m)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return;
	stats__print(m->vm, out);
	if (!fclose(out))
		for (size_t i = 0; i < size; i++)
			console__put(&m->messages, text[i]);
	free(text);
}

static void press(struct monitor *m, enum console_key key)
{
	if (key == CONSOLE_QUIT)
		ask(m, ASKED_END);
	if (key == CONSOLE_REGISTERS)
		ask(m, ASKED_REGISTERS);
	if (key == CONSOLE_STATS)
		show_stats(m);
}

static void pump_input(struct monitor *m, unsigned uart)
{
	struct exchange *e = m->exchange;
	enum console_key key;
	u8 bytes[CHUNK];
	unsigned n;

	for (unsigned given = 0; given < RING_SIZE; given += n) {
		unsigned room = RING_SIZE - ring__fill(&e->input[uart]);

		e->starved[uart] = !room;
		n = console__get(&m->console[uart], bytes, room < sizeof(bytes) ? room : sizeof(bytes), &key);
		press(m, key);
		if (!n)
			break;
		if (ring__put(&e->input[uart], bytes, n))
			kick(m);
	}
}

static void pump(struct monitor *m)
{
	struct exchange *e = m->exchange;

	for (unsigned i = 0; i < BOARD_UARTS; i++) {
		pump_output(&m->console[i], &e->output[i]);
		if (e->held[i] && ring__fill(&e->output[i]) <= RING_SIZE / 2)
			kick(m);
		pump_input(m, i);
	}
	pump_output(&m->messages, &e->messages);
}

/* What consoles of devices have to do with us. */
static void attend_devices(struct monitor *m)
{
	const u32 pressed = __atomic_exchange_n(&m->vm->pressed, 0, __ATOMIC_SEQ_CST);

	for (enum console_key key = CONSOLE_NONE; key <= CONSOLE_STATS; key++)
		if (pressed >> key & 1)
			press(m, key);
	if (resized) {
		resized = 0;
		devices__resized(m->vm);
	}
}

static u64 patience(const struct monitor *m)
{
	u64 ns = console__due(&m->messages), now;

	for (unsigned i = 0; i < BOARD_UARTS; i++)
		if (console__due(&m->console[i]) < ns)
			ns = console__due(&m->console[i]);
	if (control__due(m) < ns)
		ns = control__due(m);
	if (debugger__due(m) < ns)
		ns = debugger__due(m);
	if (m->killed_ns) {
		now = clock__now_ns();
		if (m->killed_ns <= now)
			return 0;
		if (m->killed_ns - now < ns)
			ns = m->killed_ns - now;
	}
	return ns < 1000000000 ? ns : 1000000000;
}

/* Until there is something to do. Signals come here only, so that none comes between a look and the sleep. */
static void wait_for_news(struct monitor *m, const sigset_t *unblocked)
{
	struct pollfd fds[1 + 3 * 2 + CONTROL_FDS + DEBUGGER_FDS];
	u64 ns = patience(m), count;
	struct timespec t = { ns / 1000000000, ns % 1000000000 };
	nfds_t n = 0;

	fds[n++] = (struct pollfd){ m->event, POLLIN, 0 };
	for (unsigned i = 0; i < BOARD_UARTS; i++)
		n += console__wants(&m->console[i], ring__fill(&m->exchange->input[i]) < RING_SIZE, fds + n);
	n += console__wants(&m->messages, false, fds + n);
	n += control__wants(m, fds + n);
	n += debugger__wants(m, fds + n);
	if (ppoll(fds, n, &t, unblocked) > 0 && fds[0].revents && read(m->event, &count, sizeof(count)) < 0 && errno != EAGAIN)
		die_errno("reading the bell of the virtual CPU");
}

/* Its wait status. */
static int attend(struct monitor *m, const sigset_t *unblocked)
{
	int status;
	pid_t pid;

	for (;;) {
		pid = waitpid(m->vcpu, &status, WNOHANG | WUNTRACED | WCONTINUED);
		if (pid < 0 && errno != EINTR)
			die_errno("waiting for the process of the virtual CPU");
		/* Somebody has stopped it, or made it go on: the other cores would wait for it, and find that it is stuck. */
		if (pid == m->vcpu && (WIFSTOPPED(status) || WIFCONTINUED(status))) {
			halt(m, WIFSTOPPED(status) || is_held(m));
			continue;
		}
		pump(m);
		attend_devices(m);
		control__serve(m);
		debugger__serve(m);
		processes__count_stolen(m, STOLEN_NS);
		if (pid == m->vcpu)
			return status;
		if (termination && !m->killed_ns) {
			m->exchange->sender = sender;
			m->exchange->signal = termination;
			ask(m, ASKED_END);
		}
		if (m->killed_ns && clock__now_ns() >= m->killed_ns)
			kill(m->vcpu, SIGKILL);
		wait_for_news(m, unblocked);
	}
}

/* --- The end --- */

/* It could not say so itself. */
static void print_death(struct monitor *m, int signal)
{
	fprintf(stderr, "\nwedge: %s ended by signal %d (%s)", m->killed_ns ? "the virtual CPU did not answer, and was" :
		"the process of the virtual CPU was", signal, strsignal(signal));
	if (signal == SIGSYS)
		fprintf(stderr, ": it has called the host in a way that its jail forbids");
	if (!m->killed_ns)
		fprintf(stderr, "; the guest was last seen at");
	fputc('\n', stderr);
	if (!m->killed_ns)
		vm__dump(m->vm, stderr);
}

static int status_of(struct monitor *m, int wait_status)
{
	if (WIFSIGNALED(wait_status)) {
		print_death(m, WTERMSIG(wait_status));
		return m->killed_ns ? EXIT_KILLED : EXIT_GUEST_STOPPED;
	}
	if (WEXITSTATUS(wait_status) == EXIT_RESTART)
		return EXIT_GUEST_DONE;
	if (WEXITSTATUS(wait_status) <= EXIT_WATCHDOG)
		return WEXITSTATUS(wait_status);
	fprintf(stderr, "\nwedge: the process of the virtual CPU ended by itself, with status %d; the guest was last seen at\n",
		WEXITSTATUS(wait_status));
	vm__dump(m->vm, stderr);
	return EXIT_GUEST_STOPPED;
}

static unsigned add_file(int *keep, unsigned n, FILE *file)
{
	if (file)
		keep[n++] = fileno(file);
	return n;
}

static pid_t make_vcpu_process(struct monitor *m)
{
	struct vm *vm = m->vm;
	int keep[4 + BOARD_VIRTIO_MAX] = { m->event };
	unsigned n = 1;
	struct complaint c;
	pid_t pid;

	if (host__ram_fd(vm->host) >= 0)
		keep[n++] = host__ram_fd(vm->host);
	n = add_file(keep, n, vm->clock.file);
	n = add_file(keep, n, vm->log ? log__file(vm->log) : NULL);
	n += devices__bells(vm, keep + n);
	signal(SIGUSR1, SIG_IGN);	/* a kick before it is ready for one */
	if (vm->options.jail == JAIL_OFF)
		fprintf(stderr, "wedge: --jail=off: the guest's kernel can do whatever you can\n");
	/* Pages of the guest may be in several places; and a guest has as much again for its pieces of code. */
	pid = jail__fork(vm->options.jail, keep, n, 4 * vm->options.memory + EXTRA_MEMORY, &c);
	if (pid < 0)
		die("%s", c.text);
	if (pid) {
		signal(SIGUSR1, SIG_DFL);
		return pid;
	}
	die_hook = NULL;
	exchange__take_stderr(m->exchange);
	n = vm__run_vcpu(vm);
	fflush(stderr);
	_exit(vm->state->restart ? EXIT_RESTART : n);
}

/* Nobody has wanted that end. Who was asked to end and did not answer, as on a Host with fifty who were asked at once, was to. */
static bool ended_badly(const struct monitor *m, int wait_status)
{
	if (!WIFEXITED(wait_status))
		return !m->killed_ns;
	return !m->vm->restart && WEXITSTATUS(wait_status) != EXIT_GUEST_DONE && WEXITSTATUS(wait_status) != EXIT_KILLED;
}

int vm__run(struct vm *vm)
{
	struct monitor m = { .vm = vm };
	sigset_t blocked, unblocked;
	struct complaint c;
	int status;

	if (exchange__open(vm->exchange, &c))
		die("%s", c.text);
	m.exchange = vm->exchange;
	m.event = vm->monitor_bell = m.exchange->event;
	open_consoles(&m);
	exchange__halt(m.exchange, is_held(&m));
	m.vcpu = make_vcpu_process(&m);
	vm->vcpu_process = m.vcpu;
	handle_signals(&m);
	if (tracing__open(vm, &c))
		die("%s", c.text);
	devices__start(vm);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGWINCH);
	sigprocmask(SIG_BLOCK, &blocked, &unblocked);
	status = attend(&m, &unblocked);
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
	vm->restart = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_RESTART;
	debugger__close(&m, WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_GUEST_STOPPED);
	control__close(&m, status);
	devices__close(vm, vm->restart);
	close_consoles(&m, vm->restart);
	for (unsigned i = 0; i < BOARD_CORES_MAX; i++)
		stolen__close(&m.stolen[i]);
	tracing__close(vm, ended_badly(&m, status));
	return status_of(&m, status);
}
