/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing a disk as a hostile driver sees it: registers, queues, requests, resets in between, by each interface in turn. Nothing outside of RAM
 * and of the file is touched (sanitizers say so), and at the end a well-behaved driver is served.
 *
 * Input: steps. A byte says what: bits 0 to 1 kind, the others a number. 0: a register, 3 bytes: offset / 4, value; 1: bytes into RAM, 2 for where, 1
 * for how many; 2: look; 3: a chain as a driver makes it, 4 bytes: type, sector, size, flags.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/virtio_fixture.h"
#include "wedge/device/blk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTORS	64
#define STATUS	(FIXTURE_DATA + 0x8000)

static struct fixture *f;		/* the one that is played with */

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void begin(enum virtio_interface interface)
{
	struct complaint c;
	char path[64];
	int fd = memfd_create("disk", 0);

	check(fd >= 0 && !ftruncate(fd, SECTORS * 512));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	f->ram = (struct ram){ .base = calloc(1, FIXTURE_RAM), .size = FIXTURE_RAM, .low = FIXTURE_RAM };
	f->device = blk__new(path, -1, &c);
	check(f->ram.base && f->device);
	f->device->interface = interface;
	check(!device__open(f->device, &f->slot, 0, &f->ram, fixture_interrupt, f, &c));
}

static void restart(void)
{
	fixture_negotiate(f, 0);
	fixture_set_queue(f, 0, 16);
	fixture_start(f);
}

static void add_chain(u8 type, u8 sector, u8 kilobytes, u8 flags)
{
	const u64 at = FIXTURE_DATA + 0x100;
	const bool in = type == 0 || type == 8;
	const struct fixture_part part[] = { OUT(FIXTURE_DATA, 16), { at, kilobytes * 1024u, in != (flags & 1) }, IN(STATUS, 1) };

	*(u32 *)(f->ram.base + FIXTURE_DATA) = fixture_32(f, type);
	*(u64 *)(f->ram.base + FIXTURE_DATA + 8) = fixture_64(f, flags & 2 ? sector * 0x0101010101010101ull : sector);
	if (f->queue[0].size)
		fixture_add(f, 0, part, 3);
}

static size_t step(const u8 *p, size_t left)
{
	size_t n;

	switch (*p & 3) {
	case 0:
		if (left < 4)
			return left;
		virtio__write(&f->slot, p[1] * 4, *p & 4 ? 1 : 4, p[2] | (u64)p[3] << (p[0] >> 3));
		virtio__read(&f->slot, p[1] * 4, *p & 4 ? 8 : 4);
		return 4;
	case 1:
		n = left < 4 ? 0 : p[3];
		if (left < 4 + n)
			return left;
		memcpy(f->ram.base + (p[1] | p[2] << 8), p + 4, n);
		return 4 + n;
	case 2:
		device__look(f->device);
		return 1;
	default:
		if (left < 5)
			return left;
		add_chain(p[1], p[2], p[3], p[4]);
		return 5;
	}
}

static void play(const uint8_t *data, size_t size)
{
	struct fixture_part part[] = { OUT(FIXTURE_DATA, 16), IN(FIXTURE_DATA + 0x100, 512), IN(STATUS, 1) };

	f->device->complaints = 1000;		/* nobody reads them */
	memset(f->ram.base, 0, 0x40000);
	restart();
	for (size_t at = 0; at < size; )
		at += step(data + at, size - at);
	device__look(f->device);

	restart();
	f->ram.base[STATUS] = 0xee;
	memset(f->ram.base + FIXTURE_DATA, 0, 16);
	fixture_add(f, 0, part, 3);
	for (unsigned look = 0; look < 5000 && f->ram.base[STATUS] == 0xee; look++) {
		device__look(f->device);
		if (f->ram.base[STATUS] == 0xee)
			usleep(1000);
	}
	check(f->ram.base[STATUS] == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fixture each[VIRTIO_LEGACY_BIG_ENDIAN + 1];

	for (enum virtio_interface i = VIRTIO_MODERN; i <= VIRTIO_LEGACY_BIG_ENDIAN; i++) {
		f = &each[i];
		if (!f->device)
			begin(i);
		play(data, size);
	}
	return 0;
}
