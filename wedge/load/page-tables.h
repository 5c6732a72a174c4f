/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kernel says of its page tables: abi/page-tables.h.
 */
#ifndef WEDGE_LOAD_PAGE_TABLES_H
#define WEDGE_LOAD_PAGE_TABLES_H

#include <stdbool.h>

#include "abi/page-tables.h"
#include "wedge/load/image.h"

/*
 * Of the kernel that image__load() has put into `ram` (of `ram_size` bytes). `format->levels` is 0 if it says nothing. -1 with a
 * complaint if it says what cannot be: what is returned can be followed without a further look at its shifts.
 */
int page_tables__find(const struct image *image, const uint8_t *ram, uint64_t ram_size, struct afterburn_page_tables *format,
		      struct complaint *c);

/* Tells that kernel that they are read. */
void page_tables__tell_guest(const struct image *image, uint8_t *ram);
/* Can there be such tables? */
bool page_tables__fit(const struct afterburn_page_tables *format);

#endif
