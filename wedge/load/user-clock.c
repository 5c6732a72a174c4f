/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds what a loaded guest kernel's user programs read the clock by.
 */
#include "wedge/load/user-clock.h"

#include <stddef.h>

#define SEGMENT_SIZE	0x20000000ull	/* of CKSEG0, and of the window that stands for it */

static bool is_in(uint64_t address, uint64_t size, uint64_t ram_size)
{
	return address % 8 == 0 && address <= ram_size && size <= ram_size - address;
}

int user_clock__find(const struct image *image, uint8_t *ram, uint64_t ram_size, struct afterburn_clock **clock, struct complaint *c)
{
	uint64_t pointer, address, magic, size;

	*clock = NULL;
	if (!image__symbol(image, AFTERBURN_CLOCK_SYMBOL, &pointer))
		return 0;
	pointer -= IMAGE_CKSEG0;
	/* Relinked or not: both segments begin at a multiple of their size. */
	address = is_in(pointer, 8, ram_size) ? image__get64(image, ram + pointer) % SEGMENT_SIZE : UINT64_MAX;
	if (!is_in(address, sizeof(**clock), ram_size))
		return complain(c, "%s: '%s' leads out of the kernel", image->name, AFTERBURN_CLOCK_SYMBOL);
	magic = image__get64(image, ram + address + offsetof(struct afterburn_clock, magic));
	size = image__get64(image, ram + address + offsetof(struct afterburn_clock, size));
	if (magic != AFTERBURN_CLOCK_MAGIC || size < sizeof(**clock))
		return complain(c, "%s: '%s' leads to magic %#llx and size %llu, this Wedge knows %#llx and %zu", image->name, AFTERBURN_CLOCK_SYMBOL,
				(unsigned long long)magic, (unsigned long long)size, AFTERBURN_CLOCK_MAGIC, sizeof(**clock));
	*clock = (struct afterburn_clock *)(ram + address);
	return 0;
}
