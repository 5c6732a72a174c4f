/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tells a loaded guest kernel where its windows are.
 */
#include "wedge/load/segments.h"

#include "abi/segments.h"
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"
#include "wedge/load/structure.h"

/*
 * Uncached is what Linux asks of registers, which stay where they are, so UNCAC_BASE stays as well: resource_init()
 * leaves RAM out of /proc/iomem unless it is IO_BASE, a constant. A store to RAM through it is interpreted.
 */
int segments__tell_guest(const struct image *image, uint8_t *ram, uint64_t ram_size, struct complaint *c)
{
	static const struct afterburn_segments windows = {
		.magic = AFTERBURN_SEGMENTS_MAGIC, .size = sizeof(windows),
		.ckseg0 = WINDOW_CKSEG0, .cac_base = WINDOW_PHYSMAP, .uncac_base = XKPHYS,
		.map_base = WINDOW_MAP, .vmalloc_end = WINDOW_VMALLOC_END,
		.module_start = WINDOW_MODULES, .module_end = WINDOW_MODULES_END,
		.task_size = GUEST_TASK_SIZE, .user_base = GUEST_USER_BASE,
		.user_size = GUEST_USER_LIMIT - GUEST_USER_BASE,
		.low_base = GUEST_LOW_BASE, .low_end = GUEST_LOW_END, .low_size = GUEST_LOW_LIMIT - GUEST_LOW_BASE,
	};
	const uint64_t *value = &windows.magic;
	uint64_t address;
	int found;

	if (!image->symbol_count)
		return complain(c, "%s: has no symbols, one of which says where it wants to be told of its windows: it was stripped; "
				"strip -g leaves what is needed", image->name);
	found = structure__find(image, ram, ram_size, AFTERBURN_SEGMENTS_SYMBOL, AFTERBURN_SEGMENTS_MAGIC, sizeof(windows), &address, c);
	if (!found)
		return complain(c, "%s: no symbol '%s'; a kernel with guests/linux-patches applied would have it",
				image->name, AFTERBURN_SEGMENTS_SYMBOL);
	if (found < 0)
		return -1;
	for (unsigned i = 0; i < sizeof(windows) / 8; i++)
		image__put64(image, ram + address + 8 * i, value[i]);
	return 0;
}
