// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Consoles: what they lead to is opened, found again, and left.
 *
 * Standard input and output are shared with others, who may count on them to wait: they are not made non-blocking.
 * Pipes and terminals are opened once more instead; where that is forbidden, as for a terminal of another user, little is
 * written at a time, and only when there is room.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/console-open.h"
#include "wedge/device/socket.h"
#include "wedge/device/terminal.h"

void console__give_back(void)
{
	terminal__restore();
	socket__remove_all();
}

/* --- Opening --- */

/*
 * One that does not wait, for what `fd` is; `fd` itself, with *piece set, where there is none. A file never waits, and
 * whoever opens it once more writes elsewhere in it.
 */
static int without_waiting(int fd, int mode, unsigned *piece)
{
	bool terminal = isatty(fd);
	unsigned number;
	char path[32];
	struct stat s;
	int again;

	*piece = 0;
	if (fstat(fd, &s) || (!S_ISFIFO(s.st_mode) && !terminal))
		return fd;
	*piece = terminal ? 64 : 4096;		/* PIPE_BUF; the least that is free of a terminal that is ready, and '\n' may be two */
	if (terminal && !ioctl(fd, TIOCGPTN, &number))
		return fd;			/* the master of a pseudo terminal, and opening it makes another */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again < 0)
		return fd;
	*piece = 0;
	return again;
}

static bool is_socket(int fd)
{
	struct stat s;

	return !fstat(fd, &s) && S_ISSOCK(s.st_mode);
}

static int open_stdio(struct console *console, struct complaint *c)
{
	unsigned ignored;

	console->kind = CONSOLE_STDIO;
	console->out = without_waiting(STDOUT_FILENO, O_WRONLY, &console->piece);
	console->in = without_waiting(STDIN_FILENO, O_RDONLY, &ignored);
	console->socket = is_socket(console->out);
	return terminal__raw(&console->escapes, c);
}

static int open_file(struct console *console, const char *path, struct complaint *c)
{
	struct stat s;
	/* Of a pipe with a name we are a reader ourselves: it never breaks, and others may come and go. */
	bool pipe = !stat(path, &s) && S_ISFIFO(s.st_mode);
	int begin = getenv("WEDGE_RESTARTED") ? O_APPEND : O_TRUNC;

	console->kind = CONSOLE_FILE;
	console->out = open(path, (pipe ? O_RDWR : O_WRONLY | O_CREAT | begin) | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0666);
	if (console->out < 0)
		return complain(c, "console: opening '%s': %s", path, strerror(errno));
	return 0;
}

static int make_address(struct sockaddr_un *address, const char *path, struct complaint *c)
{
	return socket__address(address, path) ? 0 : complain(c, "console: socket name '%s' is longer than %zu bytes", path, SOCKET_PATH - 1);
}

static void set_client(struct console *console, int fd)
{
	console->in = console->out = fd;
	console->socket = true;
	console->end_of_input = console->full = false;
	console->retry_ns = 0;
	console->clients++;
}

static int open_client(struct console *console, const char *path, struct complaint *c)
{
	struct sockaddr_un address;

	console->kind = CONSOLE_CONNECTS;
	console->path = path;
	if (make_address(&address, path, c))
		return -1;
	set_client(console, socket__connect(&address));
	if (console->out < 0)
		return complain(c, "console: connecting to socket '%s': %s", path, strerror(errno));
	return 0;
}

static int open_listener(struct console *console, const char *path, struct complaint *c)
{
	struct sockaddr_un address;

	console->kind = CONSOLE_LISTENS;
	if (make_address(&address, path, c))
		return -1;
	console->second = socket__listen(&address, 1);
	if (console->second < 0)
		return complain(c, "console: listening at socket '%s': %s", path, strerror(errno));
	console->path = path;
	return 0;
}

static int open_pty(struct console *console, unsigned number, struct complaint *c)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	const char *name = master < 0 || grantpt(master) || unlockpt(master) ? NULL : ptsname(master);
	struct termios t;

	console->kind = CONSOLE_PTY;
	console->second = name ? open(name, O_RDWR | O_NOCTTY | O_CLOEXEC) : -1;
	if (console->second < 0 || tcgetattr(console->second, &t))
		return complain(c, "console: making a pseudo terminal: %s", strerror(errno));
	cfmakeraw(&t);
	tcsetattr(console->second, TCSANOW, &t);
	console->in = console->out = master;
	fprintf(stderr, "wedge: %s %u is %s\n", number < CONSOLE_UARTS ? "UART" : "hvc",
		number < CONSOLE_UARTS ? number : number - CONSOLE_UARTS, name);
	return 0;
}

/* What the Wedge before the guest's reset has left for this console: descriptors of a socket or a pseudo terminal. */
static bool take_over(struct console *console, unsigned number, const char *where)
{
	char name[] = "WEDGE_UART0";
	const char *left;
	int fd, second;

	name[sizeof(name) - 2] += number;
	left = getenv(name);
	if (!left || sscanf(left, "%d %d", &fd, &second) != 2)
		return false;
	unsetenv(name);
	console->kind = !strcmp(where, "pty") ? CONSOLE_PTY : *where == 'l' ? CONSOLE_LISTENS : CONSOLE_CONNECTS;
	console->path = strchr(where, ':') ? strchr(where, ':') + 1 : NULL;
	console->second = second;
	console->in = console->out = fd;
	console->clients = 1;
	console->socket = console->kind != CONSOLE_PTY;
	for (unsigned i = 0; i < 2; i++)
		if (i ? second >= 0 : fd >= 0)
			fcntl(i ? second : fd, F_SETFD, FD_CLOEXEC);
	return true;
}

void console__hand_over(const struct console *console, unsigned number)
{
	char name[] = "WEDGE_UART0", value[32];

	if (console->kind < CONSOLE_CONNECTS)
		return;
	name[sizeof(name) - 2] += number;
	snprintf(value, sizeof(value), "%d %d", console->out, console->second);
	setenv(name, value, 1);
	for (unsigned i = 0; i < 2; i++)
		if ((i ? console->second : console->out) >= 0)
			fcntl(i ? console->second : console->out, F_SETFD, 0);
}

void console__close(struct console *console)
{
	const int fds[] = { console->in, console->out == console->in ? -1 : console->out, console->second };

	if (console->kind == CONSOLE_LISTENS && console->path)
		socket__remove(console->path);
	for (unsigned i = 0; i < ARRAY_SIZE(fds); i++)
		if (fds[i] > STDERR_FILENO)
			close(fds[i]);
	console->in = console->out = console->second = -1;
	console->kind = CONSOLE_NOWHERE;
}

static int open_new(struct console *console, unsigned number, const char *where, struct complaint *c)
{
	if (!strcmp(where, "none"))
		return 0;
	if (!strcmp(where, "stdio"))
		return open_stdio(console, c);
	if (!strcmp(where, "pty"))
		return open_pty(console, number, c);
	if (!strncmp(where, "unix:", 5))
		return open_client(console, where + 5, c);
	if (!strncmp(where, "listen:", 7))
		return open_listener(console, where + 7, c);
	if (!strncmp(where, "file:", 5))
		return open_file(console, where + 5, c);
	return complain(c, "console: '%s' is none of stdio, none, pty, file:PATH, unix:PATH, listen:PATH", where);
}

int console__open(struct console *console, unsigned number, const char *where, struct complaint *c)
{
	memset(console, 0, sizeof(*console));
	console->in = console->out = console->second = -1;
	console->patience_ns = CONSOLE_PATIENCE_NS;
	if (!take_over(console, number, where) && open_new(console, number, where, c))
		return -1;
	if (console->kind == CONSOLE_LISTENS)
		socket__made(console->path);
	console->moved_ns = clock__now_ns();
	return 0;
}

void console__open_stderr(struct console *console)
{
	memset(console, 0, sizeof(*console));
	console->kind = CONSOLE_STDIO;
	console->in = console->second = -1;
	console->patience_ns = CONSOLE_PATIENCE_NS;
	console->out = without_waiting(STDERR_FILENO, O_WRONLY, &console->piece);
	console->socket = is_socket(console->out);
	console->moved_ns = clock__now_ns();
}

/* --- Sockets whose other side comes and goes --- */

void console__hang_up(struct console *console)
{
	if (console__comes_again(console))
		close(console->out);
	console->in = console->out = -1;
	console->retry_ns = clock__now_ns() + CONSOLE_RETRY_NS;
}

void console__find_client(struct console *console)
{
	struct sockaddr_un address;
	struct complaint c;
	int fd;

	if (console->out >= 0 || !console__comes_again(console))
		return;
	if (console->kind == CONSOLE_LISTENS) {
		fd = accept4(console->second, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} else {
		if (clock__now_ns() < console->retry_ns || make_address(&address, console->path, &c))
			return;
		console->retry_ns = clock__now_ns() + CONSOLE_RETRY_NS;
		fd = socket__connect(&address);
	}
	if (fd >= 0)
		set_client(console, fd);
}
