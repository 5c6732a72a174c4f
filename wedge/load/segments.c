/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tells a loaded guest kernel where its windows are.
 */
#include "wedge/load/segments.h"

#include "abi/segments.h"
#include "wedge/core/layout.h"
#include "wedge/core/vcpu.h"

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
	};
	const uint64_t *value = &windows.magic;
	uint64_t address, magic, size;

	if (!image->symbol_count)
		return complain(c, "%s: has no symbols, one of which says where it wants to be told of its windows: it was stripped; "
				"strip -g leaves what is needed", image->name);
	if (!image__symbol(image, AFTERBURN_SEGMENTS_SYMBOL, &address))
		return complain(c, "%s: no symbol '%s'; a kernel with guests/linux-patches applied would have it",
				image->name, AFTERBURN_SEGMENTS_SYMBOL);
	address -= IMAGE_CKSEG0;
	if (address % 8 || address > ram_size || sizeof(windows) > ram_size - address)
		return complain(c, "%s: '%s' at physical %#llx lies outside the kernel", image->name,
				AFTERBURN_SEGMENTS_SYMBOL, (unsigned long long)address);
	magic = image__get64(image, ram + address);
	size = image__get64(image, ram + address + 8);
	if (magic != AFTERBURN_SEGMENTS_MAGIC || size != sizeof(windows))
		return complain(c, "%s: '%s' has magic %#llx and size %llu, this Wedge knows %#llx and %zu", image->name,
				AFTERBURN_SEGMENTS_SYMBOL, (unsigned long long)magic, (unsigned long long)size,
				AFTERBURN_SEGMENTS_MAGIC, sizeof(windows));
	for (unsigned i = 0; i < sizeof(windows) / 8; i++)
		image__put64(image, ram + address + 8 * i, value[i]);
	return 0;
}
