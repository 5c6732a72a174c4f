/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A virtio device with a megabyte of RAM and a driver that a test plays: it negotiates and sets up queues through the registers, puts chains
 * of buffers into them and takes them back. The device has no thread; what it would do is done by fixture_kick().
 *
 * Queue n lies at n * FIXTURE_QUEUE_SPACE, buffers where the test wants them from FIXTURE_DATA on. A device whose `interface` is a legacy one
 * has a driver that speaks so.
 */
#ifndef TESTS_UNIT_VIRTIO_FIXTURE_H
#define TESTS_UNIT_VIRTIO_FIXTURE_H

#include <endian.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/device/device.h"

#define FIXTURE_RAM		0x100000ull
#define FIXTURE_QUEUE_SPACE	0x2000ull
#define FIXTURE_AVAILABLE	0x1000ull	/* within that */
#define FIXTURE_USED		0x1400ull
#define FIXTURE_DATA		0x20000ull
#define FIXTURE_PAGE		0x2000u		/* a legacy driver's, */
#define FIXTURE_ALIGN		0x400u		/* and where its used entries begin */

struct fixture {
	struct ram ram;
	struct virtio_slot slot;
	struct device *device;
	unsigned interrupts;
	struct fixture_queue {
		unsigned size;
		u16 descriptor, available, used;	/* so many so far */
	} queue[VIRTIO_QUEUES];
};

/* A buffer of a chain. */
struct fixture_part {
	u64 pa;
	u32 size;
	bool write;		/* by the device */
};
#define OUT(PA, SIZE)	{ PA, SIZE, false }
#define IN(PA, SIZE)	{ PA, SIZE, true }

static inline void fixture_interrupt(void *user, unsigned number)
{
	((struct fixture *)user)->interrupts++;
}

/* `device` as its own function has made it. */
static inline void fixture_open(struct fixture *f, struct device *device)
{
	struct complaint c;

	memset(f, 0, sizeof(*f));
	f->ram = (struct ram){ .base = calloc(1, FIXTURE_RAM), .size = FIXTURE_RAM, .low = FIXTURE_RAM };
	assert_non_null(f->ram.base);
	assert_non_null(device);
	f->device = device;
	assert_int_equal(device__open(device, &f->slot, 0, &f->ram, fixture_interrupt, f, &c), 0);
}

/* The device as well. */
static inline void fixture_close(struct fixture *f)
{
	device__close(f->device);
	free(f->device);
	free(f->ram.base);
}

static inline u32 fixture_register(struct fixture *f, unsigned offset)
{
	return virtio__read(&f->slot, offset, 4);
}

static inline void fixture_set_register(struct fixture *f, unsigned offset, u32 value)
{
	virtio__write(&f->slot, offset, 4, value);
}

/* The driver's byte order. */
static inline bool fixture_is_big(const struct fixture *f) { return f->device->interface == VIRTIO_LEGACY_BIG_ENDIAN; }
static inline u16 fixture_16(const struct fixture *f, u16 value) { return fixture_is_big(f) ? htobe16(value) : htole16(value); }
static inline u32 fixture_32(const struct fixture *f, u32 value) { return fixture_is_big(f) ? htobe32(value) : htole32(value); }
static inline u64 fixture_64(const struct fixture *f, u64 value) { return fixture_is_big(f) ? htobe64(value) : htole64(value); }

/* A reset, and then all that is accepted of the device: `features` besides VIRTIO_VERSION_1. */
static inline void fixture_negotiate(struct fixture *f, u64 features)
{
	memset(f->queue, 0, sizeof(f->queue));
	fixture_set_register(f, 0x070, 0);
	device__look(f->device);
	fixture_set_register(f, 0x070, 1 | 2);
	if (device__is_legacy(f->device)) {
		fixture_set_register(f, 0x028, FIXTURE_PAGE);
		fixture_set_register(f, 0x020, features);
		return;
	}
	features |= VIRTIO_VERSION_1;
	for (unsigned i = 0; i < 2; i++) {
		fixture_set_register(f, 0x024, i);
		fixture_set_register(f, 0x020, features >> 32 * i);
	}
	fixture_set_register(f, 0x070, 1 | 2 | VIRTIO_FEATURES_OK);
	assert_true(fixture_register(f, 0x070) & VIRTIO_FEATURES_OK);
}

/* Where a queue has its entries, within its space. A legacy one begins with the second page of all: there is no first. */
static inline u64 fixture_available(const struct fixture *f, unsigned n)
{
	return device__is_legacy(f->device) ? 16 * f->queue[n].size : FIXTURE_AVAILABLE;
}

static inline u64 fixture_used_at(const struct fixture *f, unsigned n)
{
	const u64 end = fixture_available(f, n) + 2 * (3 + f->queue[n].size);

	return device__is_legacy(f->device) ? (end + FIXTURE_ALIGN - 1) / FIXTURE_ALIGN * FIXTURE_ALIGN : FIXTURE_USED;
}

static inline u64 fixture_queue_at(const struct fixture *f, unsigned n)
{
	return (n + device__is_legacy(f->device)) * FIXTURE_QUEUE_SPACE;
}

static inline void fixture_set_queue(struct fixture *f, unsigned n, unsigned size)
{
	const u64 at = fixture_queue_at(f, n);

	f->queue[n] = (struct fixture_queue){ .size = size };
	memset(f->ram.base + at, 0, FIXTURE_QUEUE_SPACE);
	fixture_set_register(f, 0x030, n);
	fixture_set_register(f, 0x038, size);
	if (device__is_legacy(f->device)) {
		fixture_set_register(f, 0x03c, FIXTURE_ALIGN);
		fixture_set_register(f, 0x040, at / FIXTURE_PAGE);
		return;
	}
	fixture_set_register(f, 0x080, at);
	fixture_set_register(f, 0x090, at + FIXTURE_AVAILABLE);
	fixture_set_register(f, 0x0a0, at + FIXTURE_USED);
	fixture_set_register(f, 0x044, 1);
}

static inline void fixture_kick(struct fixture *f)
{
	device__look(f->device);
}

/* The driver is ready: the device begins. */
static inline void fixture_start(struct fixture *f)
{
	fixture_set_register(f, 0x070, 1 | 2 | VIRTIO_FEATURES_OK | VIRTIO_DRIVER_OK);
	fixture_kick(f);
}

static inline bool fixture_is_broken(struct fixture *f)
{
	return fixture_register(f, 0x070) & VIRTIO_NEEDS_RESET;
}

/* Makes a chain available, of which the device hears by fixture_kick(); its head. Descriptors are used one after the other, round and round. */
static inline u16 fixture_add(struct fixture *f, unsigned n, const struct fixture_part *part, unsigned parts)
{
	struct fixture_queue *q = &f->queue[n];
	u8 *at = f->ram.base + fixture_queue_at(f, n);
	u16 *available = (u16 *)(at + fixture_available(f, n)), head = q->descriptor % q->size;

	for (unsigned i = 0; i < parts; i++) {
		u8 *d = at + q->descriptor++ % q->size * 16;

		*(u64 *)d = fixture_64(f, part[i].pa);
		*(u32 *)(d + 8) = fixture_32(f, part[i].size);
		*(u16 *)(d + 12) = fixture_16(f, (part[i].write ? 2 : 0) | (i + 1 < parts ? 1 : 0));
		*(u16 *)(d + 14) = fixture_16(f, q->descriptor % q->size);
	}
	available[2 + q->available++ % q->size] = fixture_16(f, head);
	available[1] = fixture_16(f, q->available);
	return head;
}

/* Takes the next chain that the device is done with, if there is one: its head, and what was written. Both may be NULL. */
static inline bool fixture_used(struct fixture *f, unsigned n, u16 *head, u32 *written)
{
	struct fixture_queue *q = &f->queue[n];
	const u8 *used = f->ram.base + fixture_queue_at(f, n) + fixture_used_at(f, n), *element = used + 4 + 8 * (q->used % q->size);

	if (fixture_16(f, ((const u16 *)used)[1]) == q->used)
		return false;
	if (head)
		*head = fixture_32(f, *(const u32 *)element);
	if (written)
		*written = fixture_32(f, *(const u32 *)(element + 4));
	q->used++;
	return true;
}

#endif
