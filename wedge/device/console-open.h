/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two halves of a console share: console.c, through which bytes go, and console-open.c, which finds where to.
 */
#ifndef WEDGE_DEVICE_CONSOLE_OPEN_H
#define WEDGE_DEVICE_CONSOLE_OPEN_H

#include "wedge/device/console.h"

#define CONSOLE_RETRY_NS	500000000ull	/* between two tries to find somebody, or room on a disk */

/* Is it a socket whose other side comes and goes? */
static inline bool console__comes_again(const struct console *console)
{
	return console->kind == CONSOLE_CONNECTS || console->kind == CONSOLE_LISTENS;
}

/* The other side has gone. */
void console__hang_up(struct console *console);
/* Looks for one, if there is none and one may come. */
void console__find_client(struct console *console);

#endif
