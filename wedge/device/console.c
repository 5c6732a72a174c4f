/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See console.h.
 *
 * Standard input and output are shared with others, who may count on them to wait: they are not made non-blocking.
 * Pipes and terminals are opened once more instead; where that is forbidden, as for a terminal of another user, little is
 * written at a time, and only when there is room.
 */
#define _GNU_SOURCE
#include "lib/clock.h"
#include "wedge/device/console.h"

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

#include "wedge/device/socket.h"
#include "wedge/device/terminal.h"

#define ESCAPE		('a' & 0x1f)
#define GATHERED	256		/* bytes that are worth a system call */
#define RETRY_NS	500000000ull
#define LOOK_NS		10000000ull	/* at one that was full */

const volatile int *console__abandon;

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

static bool comes_again(const struct console *console)
{
	return console->kind == CONSOLE_CONNECTS || console->kind == CONSOLE_LISTENS;
}

static void hang_up(struct console *console)
{
	if (comes_again(console))
		close(console->out);
	console->in = console->out = -1;
	console->retry_ns = clock__now_ns() + RETRY_NS;
}

static void find_client(struct console *console)
{
	struct sockaddr_un address;
	struct complaint c;
	int fd;

	if (console->out >= 0 || !comes_again(console))
		return;
	if (console->kind == CONSOLE_LISTENS) {
		fd = accept4(console->second, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	} else {
		if (clock__now_ns() < console->retry_ns || make_address(&address, console->path, &c))
			return;
		console->retry_ns = clock__now_ns() + RETRY_NS;
		fd = socket__connect(&address);
	}
	if (fd >= 0)
		set_client(console, fd);
}

/* --- Output --- */

static ssize_t write_some(struct console *console, const u8 *bytes, unsigned size)
{
	struct pollfd p = { console->out, POLLOUT, 0 };

	if (console->socket)
		return send(console->out, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (console->piece) {
		if (poll(&p, 1, 0) <= 0) {
			errno = EAGAIN;
			return -1;
		}
		if (size > console->piece)
			size = console->piece;
	}
	return write(console->out, bytes, size);
}

static void drop_all(struct console *console)
{
	console->dropped += console->fill;
	console->fill = 0;
}

/* True: it may take more. */
static bool failed(struct console *console)
{
	switch (errno) {
	case EINTR:
		return !console__abandon || !*console__abandon;
	case EAGAIN:
		console->full = true;
		return false;
	case EPIPE: case ECONNRESET: case ENOTCONN: case EBADF:
		hang_up(console);
		return false;
	case EIO:
		if (console->kind != CONSOLE_FILE) {	/* a terminal that is no more */
			hang_up(console);
			return false;
		}
		break;
	}
	console->retry_ns = clock__now_ns() + RETRY_NS;	/* a full disk may have room again */
	return false;
}

static void change_flow(struct console *console, bool moved)
{
	u64 now;

	if (!console->fill || (console->flow == CONSOLE_FLOWING && console->fill <= CONSOLE_BUFFER - CONSOLE_ROOM)) {
		console->flow = CONSOLE_FLOWING;
		return;
	}
	now = clock__now_ns();
	if (moved || console->flow == CONSOLE_FLOWING)
		console->moved_ns = now;
	switch (console->flow) {
	case CONSOLE_FLOWING:
		console->flow = CONSOLE_HOLDING;
		break;
	case CONSOLE_HOLDING:
		if (console->fill <= CONSOLE_BUFFER - CONSOLE_ROOM)
			console->flow = CONSOLE_FLOWING;
		else if (now - console->moved_ns >= console->patience_ns)
			console->flow = CONSOLE_DROPPING;
		break;
	case CONSOLE_DROPPING:
		if (console->fill <= CONSOLE_BUFFER / 2)
			console->flow = CONSOLE_FLOWING;
		break;
	}
}

void console__flush(struct console *console)
{
	bool moved = false;

	find_client(console);
	console->full = false;
	if (console->out < 0 && !comes_again(console))
		drop_all(console);	/* nobody listens, nor ever will */
	if (console->fill && console->out >= 0 && (!console->retry_ns || clock__now_ns() >= console->retry_ns))
		console->retry_ns = 0;
	while (console->fill && console->out >= 0 && !console->retry_ns) {
		unsigned straight = CONSOLE_BUFFER - console->head;
		ssize_t n = write_some(console, console->buffer + console->head, console->fill < straight ? console->fill : straight);

		if (n < 0 && !failed(console))
			break;
		if (n <= 0)
			continue;
		console->head = (console->head + n) % CONSOLE_BUFFER;
		console->fill -= n;
		moved = true;
	}
	change_flow(console, moved);
}

void console__drain(struct console *console)
{
	u64 moved = clock__now_ns();
	unsigned fill;

	for (;;) {
		struct pollfd p = { console->out, POLLOUT, 0 };

		fill = console->fill;
		console__flush(console);
		if (!console->fill || (console__abandon && *console__abandon))
			break;
		if (console->fill != fill)
			moved = clock__now_ns();
		else if (clock__now_ns() - moved > CONSOLE_PATIENCE_NS)
			break;
		/* One that is ready, but takes nothing, is a full disk. */
		poll(&p, console->full, 50);
	}
}

static void put(struct console *console, u8 byte)
{
	if (console->fill == CONSOLE_BUFFER)
		console->dropped++;
	else
		console->buffer[(console->head + console->fill++) % CONSOLE_BUFFER] = byte;
}

static void send_gathered(struct console *console, bool line)
{
	/* One that was full is asked again when console__due() says so, not for each line. */
	if (console->full || console->retry_ns)
		change_flow(console, false);
	else if (line || console->fill >= GATHERED)
		console__flush(console);
}

void console__put(struct console *console, u8 byte)
{
	if (console->kind == CONSOLE_NOWHERE)
		return;
	put(console, byte);
	send_gathered(console, byte == '\n');
}

void console__write(struct console *console, const u8 *bytes, unsigned size)
{
	if (console->kind == CONSOLE_NOWHERE)
		return;
	for (unsigned i = 0; i < size; i++)
		put(console, bytes[i]);
	send_gathered(console, true);
}

unsigned console__room(const struct console *console)
{
	if (console->kind == CONSOLE_NOWHERE || console->flow == CONSOLE_DROPPING)
		return CONSOLE_BUFFER;
	return console->flow == CONSOLE_HOLDING ? 0 : CONSOLE_BUFFER - console->fill;
}

bool console__busy(const struct console *console)
{
	return console->flow == CONSOLE_HOLDING;
}

/* --- Input --- */

static enum console_key escape(u8 key)
{
	switch (key) {
	case 'x': return CONSOLE_QUIT;
	case 'r': return CONSOLE_REGISTERS;
	case 's': return CONSOLE_STATS;
	case 'h':
		fprintf(stderr, "\r\nCtrl-a x  end the guest\r\nCtrl-a r  show its registers\r\n"
			"Ctrl-a s  show exit statistics\r\nCtrl-a a  send Ctrl-a\r\n");
	}
	return CONSOLE_NONE;
}

static unsigned take_escapes(struct console *console, u8 *bytes, unsigned n, enum console_key *key)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < n; i++) {
		u8 byte = bytes[i];

		if (console->escapes && console->escaped) {
			console->escaped = false;
			if (byte != 'a' && byte != ESCAPE) {
				*key = escape(byte);
				continue;
			}
			byte = ESCAPE;
		} else if (console->escapes && byte == ESCAPE) {
			console->escaped = true;
			continue;
		}
		bytes[kept++] = byte;
	}
	return kept;
}

unsigned console__get(struct console *console, u8 *bytes, unsigned size, enum console_key *key)
{
	struct pollfd p = { .events = POLLIN };
	ssize_t n;

	*key = CONSOLE_NONE;
	find_client(console);
	p.fd = console->in;
	if (console->in < 0 || (console->end_of_input && !comes_again(console)))
		return 0;
	if (console->escapes)
		terminal__refresh();
	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (console->end_of_input && p.revents & POLLHUP)
		hang_up(console);	/* before, it had only ended its own output */
	if (console->end_of_input || !size)
		return 0;
	n = read(console->in, bytes, size);
	if (n > 0)
		return take_escapes(console, bytes, n, key);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	/* A socket's client has gone; any other input has ended, and output may go on. */
	if (comes_again(console) && p.revents & POLLHUP)
		hang_up(console);
	else if (console->kind != CONSOLE_PTY)
		console->end_of_input = true;
	return 0;
}

bool console__connected(const struct console *console)
{
	return console->out >= 0 || console->kind == CONSOLE_NOWHERE;
}

bool console__size(const struct console *console, u16 *rows, u16 *columns)
{
	struct winsize size;

	if (!(console->kind == CONSOLE_STDIO && console->escapes) && console->kind != CONSOLE_PTY)
		return false;
	if (console->in < 0 || ioctl(console->in, TIOCGWINSZ, &size) || !size.ws_row || !size.ws_col)
		return false;
	*rows = size.ws_row;
	*columns = size.ws_col;
	return true;
}

/* --- When to look again --- */

unsigned console__wants(const struct console *console, bool input, struct pollfd *fds)
{
	unsigned n = 0;

	if (console->kind == CONSOLE_LISTENS && console->out < 0)
		fds[n++] = (struct pollfd){ console->second, POLLIN, 0 };
	/* Input that the guest has no room for would end the sleep at once, again and again. */
	if (console->in >= 0 && !console->end_of_input && input)
		fds[n++] = (struct pollfd){ console->in, POLLIN, 0 };
	if (console->full && console->out >= 0)
		fds[n++] = (struct pollfd){ console->out, POLLOUT, 0 };
	return n;
}

u64 console__due(const struct console *console)
{
	/* A client that sends no more is asked now and then whether it is still there. */
	if (console->flow == CONSOLE_DROPPING || console->retry_ns || (comes_again(console) && (console->out < 0 || console->end_of_input)))
		return RETRY_NS;
	return console->full || console->flow == CONSOLE_HOLDING ? LOOK_NS : UINT64_MAX;
}
