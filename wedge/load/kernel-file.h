/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A kernel's file as people have it: a vmlinux, or one that is compressed.
 */
#ifndef WEDGE_LOAD_KERNEL_FILE_H
#define WEDGE_LOAD_KERNEL_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/complain.h"

#define KERNEL_FILE_MAX	0x20000000ull	/* bytes: no kernel is larger than the segment it runs in */

/*
 * What is compressed with gzip becomes what it was, in another buffer: `*file` is allocated memory of the caller's, before and after, also after -1. It is left
 * as it is if it is not compressed. Complains about what is compressed in any other way, and says what unpacks it.
 */
int kernel_file__unpack(const char *name, uint8_t **file, size_t *size, struct complaint *c);

#endif
