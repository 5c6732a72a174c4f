// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See console.h. What is opened, and how, is in console-open.c.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/console-open.h"
#include "wedge/device/terminal.h"

#define ESCAPE		('a' & 0x1f)
#define GATHERED	256		/* bytes that are worth a system call */
#define LOOK_NS		10000000ull	/* at one that was full */

const volatile int *console__abandon;

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
		console__hang_up(console);
		return false;
	case EIO:
		if (console->kind != CONSOLE_FILE) {	/* a terminal that is no more */
			console__hang_up(console);
			return false;
		}
		break;
	}
	console->retry_ns = clock__now_ns() + CONSOLE_RETRY_NS;	/* a full disk may have room again */
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

	console__find_client(console);
	console->full = false;
	if (console->out < 0 && !console__comes_again(console))
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
	console__find_client(console);
	p.fd = console->in;
	if (console->in < 0 || (console->end_of_input && !console__comes_again(console)))
		return 0;
	if (console->escapes)
		terminal__refresh();
	if (poll(&p, 1, 0) <= 0)
		return 0;
	if (console->end_of_input && p.revents & POLLHUP)
		console__hang_up(console);	/* before, it had only ended its own output */
	if (console->end_of_input || !size)
		return 0;
	n = read(console->in, bytes, size);
	if (n > 0)
		return take_escapes(console, bytes, n, key);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	/* A socket's client has gone; any other input has ended, and output may go on. */
	if (console__comes_again(console) && p.revents & POLLHUP)
		console__hang_up(console);
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
	if (console->flow == CONSOLE_DROPPING || console->retry_ns || (console__comes_again(console) && (console->out < 0 || console->end_of_input)))
		return CONSOLE_RETRY_NS;
	return console->full || console->flow == CONSOLE_HOLDING ? LOOK_NS : UINT64_MAX;
}
