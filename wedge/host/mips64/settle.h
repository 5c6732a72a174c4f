/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Is each thing where it belongs? host__settle_down() and host__areas(), of host.h, are in settle.c as well.
 */
#ifndef WEDGE_HOST_MIPS64_SETTLE_H
#define WEDGE_HOST_MIPS64_SETTLE_H

#include "lib/complain.h"

/* Mappings and the Wedge; -1 with a complaint if not. */
int settle__check(struct complaint *c);
/* What the Host has put where it likes must not lie where something else will. */
int settle__check_mapping(const void *at, const char *what, struct complaint *c);

#endif
