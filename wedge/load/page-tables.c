/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads what a loaded guest kernel says of its page tables.
 */
#include "wedge/load/page-tables.h"

#include <stddef.h>
#include <string.h>

#include "wedge/load/structure.h"

#define WALKED_AT	offsetof(struct afterburn_page_tables, walked)
#define FIELDS		(sizeof(struct afterburn_page_tables) / 8)
#define PAGE_BITS	12
#define ADDRESS_BITS	64

/* Each level is of 2 to 2^16 entries, and begins where the one below it ends; the last is of 16 at least. */
static bool levels_fit(const struct afterburn_page_tables *f)
{
	uint64_t below;

	if (f->levels < 1 || f->levels > AFTERBURN_PAGE_TABLES_LEVELS)
		return false;
	below = f->level[f->levels - 1].shift;
	if (below < PAGE_BITS || below > 16 || f->level[f->levels - 1].bits < 4)
		return false;
	for (unsigned i = f->levels; i-- > 0;) {
		if (f->level[i].shift != below || f->level[i].bits < 1 || f->level[i].bits > 16)
			return false;
		below += f->level[i].bits;
	}
	return below < ADDRESS_BITS;
}

static bool single(uint64_t bit)
{
	return bit && !(bit & (bit - 1));
}

static bool entries_fit(const struct afterburn_page_tables *f)
{
	return f->root_shift <= 23 && f->entrylo_shift < 32 && single(f->no_read) && single(f->no_exec) && single(f->present) &&
	       single(f->write) && single(f->accessed) && single(f->modified) && (!f->huge || single(f->huge));
}

bool page_tables__fit(const struct afterburn_page_tables *f)
{
	return levels_fit(f) && entries_fit(f);
}

int page_tables__find(const struct image *image, const uint8_t *ram, uint64_t ram_size, struct afterburn_page_tables *format,
		      struct complaint *c)
{
	uint64_t address, fields[FIELDS];
	int found;

	*format = (struct afterburn_page_tables){ 0 };
	found = structure__find(image, ram, ram_size, AFTERBURN_PAGE_TABLES_SYMBOL, AFTERBURN_PAGE_TABLES_MAGIC, sizeof(*format), &address, c);
	if (found <= 0)
		return found;
	for (unsigned i = 0; i < FIELDS; i++)
		fields[i] = image__get64(image, ram + address + 8 * i);
	memcpy(format, fields, sizeof(fields));
	if (!page_tables__fit(format))
		return complain(c, "%s: '%s' describes page tables that cannot be", image->name, AFTERBURN_PAGE_TABLES_SYMBOL);
	return 0;
}

void page_tables__tell_guest(const struct image *image, uint8_t *ram)
{
	uint64_t address;

	if (image__symbol(image, AFTERBURN_PAGE_TABLES_SYMBOL, &address))
		image__put64(image, ram + address - IMAGE_CKSEG0 + WALKED_AT, 1);
}
