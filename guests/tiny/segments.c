// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the Wedge asks of every guest: where it has its segments. The initial values are those of hardware;
 * mapped space is where the Wedge's window for it is, so that addresses are the same.
 */
#include "abi/segments.h"

struct afterburn_segments afterburn_segments = {
	.magic = AFTERBURN_SEGMENTS_MAGIC, .size = sizeof(struct afterburn_segments),
	.ckseg0 = 0xffffffff80000000, .cac_base = 0x8000000000000000, .uncac_base = 0x8000000000000000,
	.map_base = 0xc00000c000000000, .vmalloc_end = 0xc00000cffff00000,
	.module_start = 0xffffffffc0000000, .module_end = 0xffffffffc0000000,
	.task_size = 0x4000000000, .user_base = 0x60000000, .user_size = 0x4000000000 - 0x60000000,
};
