/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What somebody may type behind gdb's `monitor`: what no packet asks for.
 */
#ifndef WEDGE_DEBUG_COMMANDS_H
#define WEDGE_DEBUG_COMMANDS_H

#include <stdio.h>

#include "wedge/debug/memory.h"

/* Says what there is to say of a core, or what is wrong with the arguments, to `out`. False: there is no such command. */
bool commands__do(const struct debug_view *view, const char *text, FILE *out);

#endif
