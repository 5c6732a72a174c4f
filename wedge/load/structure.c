/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See structure.h.
 */
#include "wedge/load/structure.h"

int structure__find(const struct image *image, const uint8_t *ram, uint64_t ram_size, const char *symbol, uint64_t magic, uint64_t size,
		    uint64_t *at, struct complaint *c)
{
	uint64_t has_magic, has_size;

	if (!image__symbol(image, symbol, at))
		return 0;
	*at -= IMAGE_CKSEG0;
	if (*at % 8 || *at > ram_size || size > ram_size - *at)
		return complain(c, "%s: '%s' at physical %#llx lies outside the kernel", image->name, symbol, (unsigned long long)*at);
	has_magic = image__get64(image, ram + *at);
	has_size = image__get64(image, ram + *at + 8);
	if (has_magic != magic || has_size != size)
		return complain(c, "%s: '%s' has magic %#llx and size %llu, this Wedge knows %#llx and %llu", image->name, symbol,
				(unsigned long long)has_magic, (unsigned long long)has_size, (unsigned long long)magic, (unsigned long long)size);
	return 1;
}
