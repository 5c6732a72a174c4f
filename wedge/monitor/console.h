/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The far end of a UART: the terminal in raw mode, a file, or a socket.
 */
#ifndef WEDGE_MONITOR_CONSOLE_H
#define WEDGE_MONITOR_CONSOLE_H

#include "lib/complain.h"
#include "lib/types.h"

struct console {
	int in, out;		/* -1: none */
	bool escapes;		/* Ctrl-a is for us */
	bool escaped;		/* the last byte was Ctrl-a */
	bool end_of_input;
	u8 pending[256];	/* written by the guest, not yet by us */
	unsigned pending_count;
};

/* Keys after Ctrl-a, for the caller to act on. */
enum console_key { CONSOLE_NONE, CONSOLE_QUIT, CONSOLE_REGISTERS, CONSOLE_STATS };

/* `where` is stdio, none, file:PATH (output only; begun anew unless WEDGE_RESTARTED is in the environment) or unix:PATH (a listening socket to connect to). */
int console__open(struct console *console, const char *where, struct complaint *c);

/* One byte from the guest. Written out at a newline, when 256 have gathered, or by console__flush(). */
void console__put(struct console *console, u8 byte);
void console__flush(struct console *console);

/* Reads what is there without waiting, at most `size` bytes after the escape key has been taken out. */
unsigned console__get(struct console *console, u8 *bytes, unsigned size, enum console_key *key);

/* What it points to becomes not 0 when we are to end: console__flush() then waits for nobody. May be NULL. */
extern const volatile int *console__abandon;

/* Puts the terminal back. Called at exit and from die_hook; may be called twice. */
void console__restore(void);

#endif
