// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations of a disk. A guest's is its first virtio disk, past its page cache; the Host's own is a file, which is what the Wedge
 * makes a disk of. It has to be there, with a few megabytes.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/bench.h"

#define SIZE	(4u << 20)
#define PAGE	4096u
#define PIECE	(256u << 10)

static const char *const places[] = { "/dev/vda", "/tmp/disk" };

static int disk = -1;
static void *buffer;

static void open_disk(void)
{
	for (unsigned i = 0; disk < 0 && i < sizeof(places) / sizeof(*places); i++)
		disk = open(places[i], i ? O_RDWR : O_RDWR | O_DIRECT);
	need(disk >= 0, "a disk, /dev/vda or /tmp/disk");
	if (!buffer)
		buffer = aligned_alloc(PAGE, PIECE);
	need(buffer && pread(disk, buffer, PIECE, SIZE - PIECE) == PIECE, "reading from the disk");
}

/* Whatever the seed, it reads the same places. */
uint64_t measure_disk_random(unsigned long n)
{
	uint32_t place = 1;
	uint64_t start, end;

	open_disk();
	start = now();
	for (unsigned long i = 0; i < n; i++) {
		place = place * 1664525u + 1013904223u;
		if (pread(disk, buffer, PAGE, (place >> 8) % (SIZE / PAGE) * PAGE) != PAGE)
			break;
	}
	end = now();
	return end - start;
}

static uint64_t in_sequence(unsigned long n, int writing)
{
	uint64_t start, end;

	open_disk();
	start = now();
	for (unsigned long i = 0; i < n; i++) {
		const off_t at = i % (SIZE / PIECE) * PIECE;

		if ((writing ? pwrite(disk, buffer, PIECE, at) : pread(disk, buffer, PIECE, at)) != PIECE)
			break;
	}
	end = now();
	return end - start;
}

uint64_t measure_disk_read(unsigned long n)
{
	return in_sequence(n, 0);
}

uint64_t measure_disk_write(unsigned long n)
{
	return in_sequence(n, 1);
}
