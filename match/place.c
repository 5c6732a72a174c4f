/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * place: copies a kernel so that its vmalloc space, on metal, is what the Wedge's window of it stands for.
 *
 * The window is smaller than the segment and lies in the middle of it, so a kernel's first vmalloc() differs from that
 * on metal by more than the window. This one is told on metal as well where to begin and to end.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/segments.h"
#include "lib/descriptors.h"
#include "wedge/core/layout.h"
#include "wedge/load/image.h"

#define XKSEG	0xc000000000000000ull

static _Noreturn void bad(const char *text)
{
	fprintf(stderr, "place: %s\n", text);
	exit(2);
}

/* Where in the file the kernel's segment variables are. */
static size_t find_segments(const struct image *image)
{
	const uint8_t *bytes = NULL;
	uint64_t address;
	struct complaint c;

	if (image__symbol(image, AFTERBURN_SEGMENTS_SYMBOL, &address))
		bytes = image__bytes(image, address, sizeof(struct afterburn_segments));
	if (!bytes || image__get64(image, bytes) != AFTERBURN_SEGMENTS_MAGIC) {
		complain(&c, "%s: no '%s' in it; a kernel with guests/linux-patches applied would have it", image->name,
			 AFTERBURN_SEGMENTS_SYMBOL);
		bad(c.text);
	}
	return bytes - image->file;
}

static void put(const struct image *image, uint8_t *p, uint64_t value)
{
	for (unsigned i = 0; i < 8; i++)
		p[image->little_endian ? i : 7 - i] = value >> 8 * i;
}

static void write_file(const char *path, const uint8_t *bytes, size_t size)
{
	FILE *f = fopen(path, "wbe");
	struct complaint c;

	if (f && fwrite(bytes, 1, size, f) == size && !fclose(f))
		return;
	complain(&c, "writing '%s': %s", path, strerror(errno));
	bad(c.text);
}

int main(int argc, char **argv)
{
	struct image image;
	struct complaint c;
	uint8_t *segments;

	descriptors__hold();
	if (argc != 3)
		bad("usage: place KERNEL COPY");
	if (image__open(&image, argv[1], &c))
		bad(c.text);
	segments = image.file + find_segments(&image);
	put(&image, segments + offsetof(struct afterburn_segments, map_base), XKSEG | WINDOW_MAP);
	put(&image, segments + offsetof(struct afterburn_segments, vmalloc_end), XKSEG | WINDOW_VMALLOC_END);
	write_file(argv[2], image.file, image.file_size);
	image__close(&image);
	return 0;
}
