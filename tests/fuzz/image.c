/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the loader and the relinker with kernel files: whatever the file, it is either used or refused
 * with one line, and a relinking that is refused has changed nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/load/image.h"
#include "wedge/load/kernel-file.h"
#include "wedge/load/relink.h"

#define RAM_SIZE	0x01120000u	/* the seeds' kernel lies at 17 MB */
#define COMPARED	0x20000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void move(const struct image *image, uint8_t *ram)
{
	static uint8_t before[COMPARED];
	uint64_t length = image->end - image->start;
	struct relink_counts counts;
	struct complaint c;

	if (length > COMPARED)
		length = COMPARED;
	memcpy(before, ram + image->start, length);
	if (relink(image, ram, RAM_SIZE, RELINK_DELTA(0x40000000), &counts, &c) &&
	    memcmp(before, ram + image->start, length))
		abort();
}

static void check(const struct complaint *c)
{
	if (!c->text[0] || strchr(c->text, '\n'))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t *ram;
	struct complaint c = { "" };
	struct image image;
	uint64_t value;
	uint8_t *file;

	if (!ram)
		ram = calloc(1, RAM_SIZE);	/* on the heap, so that the sanitizer guards its end */
	file = malloc(size + 1);
	memcpy(file, data, size);
	if (kernel_file__unpack("vmlinux", &file, &size, &c)) {
		check(&c);
		free(file);
		return 0;
	}
	if (image__take(&image, "vmlinux", file, size, &c)) {
		check(&c);
		return 0;
	}
	image__symbol(&image, "start", &value);
	image__sort_symbols(&image);
	image__symbolize(&image, image.entry, &value);
	image__symbolize(&image, IMAGE_CKSEG0 + image.end - 1, &value);
	if (!image__load(&image, ram, RAM_SIZE, &c))
		move(&image, ram);
	image__close(&image);
	return 0;
}
