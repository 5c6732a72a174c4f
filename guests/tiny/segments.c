// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the Wedge asks of every guest: where it has its segments. The initial values are those of hardware;
 * mapped space is where the Wedge's window for it is, so that addresses are the same.
 */
#include "abi/segments.h"
#include "wedge/core/layout.h"

#define XKSEG	0xc000000000000000

struct afterburn_segments afterburn_segments = {
	.magic = AFTERBURN_SEGMENTS_MAGIC, .size = sizeof(struct afterburn_segments),
	.ckseg0 = 0xffffffff80000000, .cac_base = 0x8000000000000000, .uncac_base = 0x8000000000000000,
	.map_base = XKSEG | WINDOW_MAP, .vmalloc_end = XKSEG | WINDOW_VMALLOC_END,
	.module_start = 0xffffffffc0000000, .module_end = 0xffffffffc0000000,
	.task_size = GUEST_TASK_SIZE, .user_base = GUEST_USER_BASE, .user_size = GUEST_USER_LIMIT - GUEST_USER_BASE,
	.low_base = GUEST_LOW_BASE, .low_end = GUEST_LOW_END, .low_size = GUEST_LOW_LIMIT - GUEST_LOW_BASE,
};
