/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminal at standard input, in raw mode for a guest whose own terminal driver edits and echoes.
 */
#ifndef WEDGE_DEVICE_TERMINAL_H
#define WEDGE_DEVICE_TERMINAL_H

#include <sys/types.h>

#include "lib/complain.h"
#include "lib/types.h"

/* Puts it into raw mode, and sees to it that whatever stops or ends us puts it back. Nothing if it is no terminal. */
int terminal__raw(bool *is_terminal, struct complaint *c);

/* Raw again, if we were in the background when that was due. Before each read. */
void terminal__refresh(void);

/* Puts it back. Called at exit and from die_hook; may be called twice, and in signal handlers. */
void terminal__restore(void);

/* The default action of the signal, now. */
void terminal__take(int signal);

/*
 * Every signal that would end the process restores the terminal first, and then ends it as it would have. What handles
 * one of them itself does so afterwards. Those that we were started with ignored stay ignored. `give_back` is called on the way.
 * `stop` is called before it is stopped by the terminal, `go_on` when it goes on, after whatever has stopped it. All three in handlers of signals.
 */
void terminal__guard_signals(void (*give_back)(void), void (*stop)(void), void (*go_on)(void));

#endif
