// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See kernel-file.h.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "wedge/load/image.h"
#include "wedge/load/kernel-file.h"

#define GZIP	(16 + MAX_WBITS)	/* for inflateInit2(): with the header of gzip, and no other */

/* How else a kernel's build, a boot loader or a person packs one, by the first bytes of the file. */
static const struct packing {
	const char *magic;
	unsigned size;
	const char *name, *cure;	/* `cure` takes the file's name */
} packings[] = {
	{ "\xfd""7zXZ", 5, "xz", "xz -dc %s >vmlinux" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd", "zstd -dc %s >vmlinux" },
	{ "\x5d\0\0", 3, "lzma", "xz -dc --format=lzma %s >vmlinux" },
	{ "BZh", 3, "bzip2", "bzip2 -dc %s >vmlinux" },
	{ "\x89LZO", 4, "lzo", "lzop -dc %s >vmlinux" },
	{ "\x02\x21\x4c\x18", 4, "lz4", "lz4 -dc %s >vmlinux" },
	{ "\x04\x22\x4d\x18", 4, "lz4", "lz4 -dc %s >vmlinux" },
	{ "\x27\x05\x19\x56", 4, "mkimage", "dumpimage -o vmlinux %s" },
	{ "\xd0\x0d\xfe\xed", 4, "mkimage", "dumpimage -p 0 -o vmlinux %s" },
};

static int refuse_packed(const char *name, const uint8_t *file, size_t size, struct complaint *c)
{
	for (size_t i = 0; i < sizeof(packings) / sizeof(*packings); i++) {
		const struct packing *p = &packings[i];
		char cure[256];

		if (size < p->size || memcmp(file, p->magic, p->size))
			continue;
		snprintf(cure, sizeof(cure), p->cure, name);
		return complain(c, "%s: packed with %s, which is not unpacked here: %s", name, p->name, cure);
	}
	return 0;
}

/* Room for twice as much, and no more than a kernel can have, and one byte by which it is seen to have more. */
static bool grow(z_stream *z, uint8_t **out, size_t *room)
{
	const size_t more = *room ? *room * 2 : 1 << 20, size = more <= KERNEL_FILE_MAX ? more : KERNEL_FILE_MAX + 1;
	uint8_t *grown = size > *room ? realloc(*out, size) : NULL;

	if (!grown)
		return false;
	z->next_out = grown + *room;
	z->avail_out = size - *room;
	*out = grown;
	*room = size;
	return true;
}

/* What follows the end is left alone, as gzip does. */
static int unpack(const char *name, z_stream *z, uint8_t **out, struct complaint *c)
{
	size_t room = 0;
	int status = Z_OK;

	while (status == Z_OK) {
		if (!z->avail_out && !grow(z, out, &room))
			return complain(c, "%s: unpacked it is larger than %" PRIu64 " MB, or than there is memory for", name,
					(uint64_t)(KERNEL_FILE_MAX >> 20));
		status = inflate(z, Z_NO_FLUSH);
	}
	if (status == Z_STREAM_END)
		return 0;
	if (status == Z_BUF_ERROR)
		return complain(c, "%s: packed with gzip, and truncated", name);
	return complain(c, "%s: packed with gzip, and damaged: %s", name, z->msg ? z->msg : zError(status));
}

int kernel_file__unpack(const char *name, uint8_t **file, size_t *size, struct complaint *c)
{
	z_stream z = { .next_in = *file, .avail_in = *size };
	uint8_t *out = NULL;

	if (*size > KERNEL_FILE_MAX || *size < 2 || memcmp(*file, "\x1f\x8b", 2))
		return refuse_packed(name, *file, *size, c);
	if (inflateInit2(&z, GZIP) != Z_OK)
		return complain(c, "%s: no memory to unpack it", name);
	if (unpack(name, &z, &out, c)) {
		inflateEnd(&z);
		free(out);
		return -1;
	}
	free(*file);
	*file = out;
	*size = z.total_out;
	inflateEnd(&z);
	return 0;
}

/* Its bytes, with one more of room; NULL: a complaint. */
static uint8_t *read_file(const char *path, size_t *size, struct complaint *c)
{
	FILE *f = fopen(path, "rb");
	uint8_t *file = NULL;
	struct stat s;

	if (!f) {
		complain(c, "kernel '%s': %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fileno(f), &s) || !S_ISREG(s.st_mode)) {
		complain(c, "kernel '%s': no regular file; a vmlinux would be right", path);
	} else {
		*size = s.st_size;
		file = (uint64_t)s.st_size <= KERNEL_FILE_MAX ? malloc(*size + 1) : NULL;
		if (!file || fread(file, 1, *size, f) != *size) {
			free(file);
			file = NULL;
			complain(c, "%s: cannot be read, or larger than %" PRIu64 " MB", path, (uint64_t)(KERNEL_FILE_MAX >> 20));
		}
	}
	fclose(f);
	return file;
}

int image__open(struct image *image, const char *path, struct complaint *c)
{
	size_t size;
	uint8_t *file = read_file(path, &size, c);

	if (!file)
		return -1;
	if (kernel_file__unpack(path, &file, &size, c)) {
		free(file);
		return -1;
	}
	return image__take(image, path, file, size, c);
}
