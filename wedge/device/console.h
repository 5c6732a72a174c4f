/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The far end of a UART, or of a port of hvc.h: standard input and output, a file, a socket, or a terminal of its own.
 *
 * The guest never waits for it. What it writes is kept in a buffer and leaves as the far end takes it:
 *
 *	state		the UART	becomes
 *	FLOWING		ready		HOLDING, when the buffer is nearly full
 *	HOLDING		busy		FLOWING, when something has left; DROPPING, when nothing has for `patience_ns`
 *	DROPPING	ready, what it sends into a full buffer is lost and counted
 *					FLOWING, when half of the buffer is free
 *
 * So a reader that is slow slows the guest's terminal down, as a slow line does; one that does not read loses output.
 * Neither stops the vCPU.
 */
#ifndef WEDGE_DEVICE_CONSOLE_H
#define WEDGE_DEVICE_CONSOLE_H

#include <poll.h>

#include "lib/complain.h"
#include "lib/types.h"

#define CONSOLE_BUFFER		0x10000
#define CONSOLE_ROOM		0x400		/* left when the UART becomes busy: its driver may still send a FIFO */
#define CONSOLE_PATIENCE_NS	1000000000ull
#define CONSOLE_UARTS		2	/* their consoles have the numbers 0 and 1, ports those from CONSOLE_UARTS on */
#define CONSOLES_MOST		9

enum console_kind { CONSOLE_NOWHERE, CONSOLE_STDIO, CONSOLE_FILE, CONSOLE_CONNECTS, CONSOLE_LISTENS, CONSOLE_PTY };
enum console_flow { CONSOLE_FLOWING, CONSOLE_HOLDING, CONSOLE_DROPPING };

struct console {
	enum console_kind kind;
	const char *path;	/* of a socket */
	int in, out;		/* -1: none, or nobody there at the moment */
	int second;		/* what a client of LISTENS comes from; the other end of PTY, so that it never hangs up. -1: none */
	unsigned piece;		/* what can be written to `out` at once, when it says that it is ready; 0: it never waits */
	bool socket;		/* `out` is one */
	bool escapes;		/* Ctrl-a is for us */
	bool escaped;		/* the last byte was Ctrl-a */
	bool end_of_input;
	bool full;		/* `out` would take no more when last asked */
	enum console_flow flow;
	u64 moved_ns;		/* when something last left, or could have; by the Host's clock */
	u64 retry_ns;		/* not before then: connecting, or writing to a full disk */
	u64 patience_ns;	/* CONSOLE_PATIENCE_NS, unless changed behind console__open(); UINT64_MAX: nothing is dropped */
	u64 dropped;		/* bytes */
	u32 clients;		/* of a socket: so many so far */
	unsigned head, fill;
	u8 buffer[CONSOLE_BUFFER];
};

/* Keys after Ctrl-a, for the caller to act on. */
enum console_key { CONSOLE_NONE, CONSOLE_QUIT, CONSOLE_REGISTERS, CONSOLE_STATS };

/*
 * `where` is stdio, none, pty, file:PATH (output only; begun anew unless WEDGE_RESTARTED is in the environment),
 * unix:PATH (a listening socket to connect to, again when the other side ends) or listen:PATH (a socket that is made; one
 * client after another). `number` is below CONSOLES_MOST: what console__hand_over() left for it is taken up.
 */
int console__open(struct console *console, unsigned number, const char *where, struct complaint *c);

/* What our own standard error leads to, for messages of the vCPU process; no input. */
void console__open_stderr(struct console *console);

/* One byte from the guest. Leaves at a newline, when some have gathered, or by console__flush(). */
void console__put(struct console *console, u8 byte);
/* Several; console__room() of them fit. */
void console__write(struct console *console, const u8 *bytes, unsigned size);
/* How many bytes it takes now; none while it is busy. What is dropped anyway has room. */
unsigned console__room(const struct console *console);
/* Writes what the far end takes without waiting. */
void console__flush(struct console *console);
/* Writes all, as long as the far end takes something within CONSOLE_PATIENCE_NS. */
void console__drain(struct console *console);
/* Shall the guest see a busy transmitter? */
bool console__busy(const struct console *console);

/* Reads what is there without waiting, at most `size` bytes after the escape key has been taken out. */
unsigned console__get(struct console *console, u8 *bytes, unsigned size, enum console_key *key);

/* Is anybody there, to read or to be read from? For a file and for `none` there always is. */
bool console__connected(const struct console *console);
/* The size of its terminal. False: it is none, or has none. */
bool console__size(const struct console *console, u16 *rows, u16 *columns);

/* What to sleep for: up to 2 entries, of which the number is returned. `input`: there is room for some. */
unsigned console__wants(const struct console *console, bool input, struct pollfd *fds);
/* Nanoseconds until console__flush() is due anyway. */
u64 console__due(const struct console *console);

/* Before an exec: descriptors that the console of the same number will take up. */
void console__hand_over(const struct console *console, unsigned number);
/* Closes one that is not handed over; the name of a socket that it has made goes. Standard input and output stay. */
void console__close(struct console *console);
/* Puts back what is the user's: the terminal's mode, the names of sockets. For die_hook and signal handlers, too. */
void console__give_back(void);

/* What it points to becomes not 0 when we are to end: console__drain() then waits for nobody. May be NULL. */
extern const volatile int *console__abandon;

#endif
