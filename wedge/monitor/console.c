/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The far end of a UART.
 *
 * The guest's terminal driver does the editing and echoing, so ours is put into raw mode; Ctrl-a is kept
 * back as the escape key, as in QEMU. The descriptor itself stays blocking (others may share it): reads
 * ask poll() first.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "wedge/monitor/console.h"

#define ESCAPE	('a' & 0x1f)

const volatile int *console__abandon;

static struct termios saved;
static bool raw;

void console__restore(void)
{
	if (raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	raw = false;
}

static int open_stdio(struct console *console, struct complaint *c)
{
	struct termios t;

	console->in = STDIN_FILENO;
	console->out = STDOUT_FILENO;
	if (!isatty(STDIN_FILENO))
		return 0;
	if (tcgetattr(STDIN_FILENO, &saved))
		return complain(c, "reading the terminal's settings: %s", strerror(errno));
	t = saved;
	cfmakeraw(&t);
	t.c_oflag = saved.c_oflag;	/* our own messages keep their line ends */
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &t))
		return complain(c, "putting the terminal into raw mode: %s", strerror(errno));
	raw = true;
	console->escapes = true;
	return 0;
}

static int open_socket(struct console *console, const char *path, struct complaint *c)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return complain(c, "console: socket name '%s' is longer than %zu bytes", path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return complain(c, "console: connecting to socket '%s': %s", path, strerror(errno));
	console->in = console->out = fd;
	return 0;
}

int console__open(struct console *console, const char *where, struct complaint *c)
{
	*console = (struct console){ .in = -1, .out = -1 };
	if (!strcmp(where, "none"))
		return 0;
	if (!strcmp(where, "stdio"))
		return open_stdio(console, c);
	if (!strncmp(where, "unix:", 5))
		return open_socket(console, where + 5, c);
	if (!strncmp(where, "file:", 5)) {
		console->out = open(where + 5, O_WRONLY | O_CREAT | O_CLOEXEC | (getenv("WEDGE_RESTARTED") ? O_APPEND : O_TRUNC), 0666);
		if (console->out < 0)
			return complain(c, "console: opening '%s': %s", where + 5, strerror(errno));
		return 0;
	}
	return complain(c, "console: '%s' is none of stdio, none, file:PATH, unix:PATH", where);
}

void console__flush(struct console *console)
{
	unsigned done = 0;

	while (done < console->pending_count && console->out >= 0) {
		ssize_t n = write(console->out, console->pending + done, console->pending_count - done);

		if (n < 0 && console__abandon && *console__abandon)
			break;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = { console->out, POLLOUT, 0 };

			poll(&p, 1, -1);
		} else if (n < 0 && errno != EINTR) {
			console->out = -1;	/* nobody listens any more: the guest goes on */
		} else if (n > 0) {
			done += n;
		}
	}
	console->pending_count = 0;
}

void console__put(struct console *console, u8 byte)
{
	console->pending[console->pending_count++] = byte;
	if (byte == '\n' || console->pending_count == sizeof(console->pending))
		console__flush(console);
}

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

unsigned console__get(struct console *console, u8 *bytes, unsigned size, enum console_key *key)
{
	struct pollfd p = { console->in, POLLIN, 0 };
	unsigned kept = 0;
	ssize_t n;

	*key = CONSOLE_NONE;
	if (console->in < 0 || console->end_of_input || !size || poll(&p, 1, 0) <= 0)
		return 0;
	n = read(console->in, bytes, size);
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		console->end_of_input = true;
	for (ssize_t i = 0; i < n; i++) {
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
