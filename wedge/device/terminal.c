/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See terminal.h. Only SIGKILL leaves a terminal raw; `stty sane` helps then.
 *
 * A handler may find guest code running natively: so all run on the signal stack, and none expects anything of the
 * registers.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "wedge/device/terminal.h"

static struct termios saved, raw;
static volatile bool wanted;		/* raw mode, as long as the guest runs */
static volatile bool is_raw;

/* Whoever is in the background would be stopped for changing the terminal, which is another's then. */
static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void terminal__refresh(void)
{
	if (wanted && !is_raw && in_foreground() && !tcsetattr(STDIN_FILENO, TCSANOW, &raw))
		is_raw = true;
}

static void put_back(void)
{
	/* Not TCSADRAIN: that would wait for whoever does not read. */
	if (is_raw && in_foreground())
		tcsetattr(STDIN_FILENO, TCSANOW, &saved);
	is_raw = false;
}

void terminal__restore(void)
{
	put_back();
	wanted = false;
}

/* The default action of the signal, now. */
void terminal__take(int signal)
{
	struct sigaction before, action = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	sigaction(signal, &action, &before);
	raise(signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigaction(signal, &before, NULL);	/* after a stop */
}

static void (*at_end)(void);
static void (*at_stop)(void), (*at_continue)(void);

static void on_end(int signal)
{
	at_end();
	terminal__take(signal);
}

static void on_stop(int signal)
{
	int e = errno;

	put_back();
	at_stop();
	terminal__take(signal);
	errno = e;
}

/* Also after SIGSTOP, which nobody hears of: the shell has put its own mode back meanwhile. */
static void on_continue(int signal)
{
	int e = errno;

	is_raw = false;
	at_continue();
	terminal__refresh();
	errno = e;
}

static void handle(int signal, void (*handler)(int))
{
	struct sigaction before, action = { .sa_handler = handler, .sa_flags = SA_ONSTACK | SA_RESTART };

	if (!sigaction(signal, NULL, &before) && before.sa_handler == SIG_DFL)
		sigaction(signal, &action, NULL);
}

void terminal__guard_signals(void (*give_back)(void), void (*stop)(void), void (*go_on)(void))
{
	static const int ends[] = {
		SIGQUIT, SIGABRT, SIGILL, SIGBUS, SIGFPE, SIGSEGV, SIGTRAP, SIGSYS, SIGXCPU, SIGALRM, SIGVTALRM, SIGPROF,
		SIGUSR1, SIGUSR2, SIGIO, SIGPWR,
	};

	at_end = give_back;
	at_stop = stop;
	at_continue = go_on;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		handle(ends[i], on_end);
	handle(SIGTSTP, on_stop);
	handle(SIGCONT, on_continue);
}

int terminal__raw(bool *is_terminal, struct complaint *c)
{
	*is_terminal = isatty(STDIN_FILENO);
	if (!*is_terminal)
		return 0;
	if (tcgetattr(STDIN_FILENO, &saved))
		return complain(c, "reading the terminal's settings: %s", strerror(errno));
	raw = saved;
	cfmakeraw(&raw);
	raw.c_oflag = saved.c_oflag;	/* our own messages keep their line ends */
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw))
		return complain(c, "putting the terminal into raw mode: %s", strerror(errno));
	wanted = is_raw = true;
	return 0;
}
