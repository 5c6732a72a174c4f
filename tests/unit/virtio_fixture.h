/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A virtio device with a megabyte of RAM and a driver that a test plays: it negotiates and sets up queues through the registers, puts chains
 * of buffers into them and takes them back. The device has no thread; what it would do is done by fixture_kick().
 *
 * Queue n lies at n * FIXTURE_QUEUE_SPACE, buffers where the test wants them from FIXTURE_DATA on.
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

/* A reset, and then all that is accepted of the device: `features` besides VIRTIO_VERSION_1. */
static inline void fixture_negotiate(struct fixture *f, u64 features)
{
	features |= VIRTIO_VERSION_1;
	memset(f->queue, 0, sizeof(f->queue));
	fixture_set_register(f, 0x070, 0);
	device__look(f->device);
	fixture_set_register(f, 0x070, 1 | 2);
	for (unsigned i = 0; i < 2; i++) {
		fixture_set_register(f, 0x024, i);
		fixture_set_register(f, 0x020, features >> 32 * i);
	}
	fixture_set_register(f, 0x070, 1 | 2 | VIRTIO_FEATURES_OK);
	assert_true(fixture_register(f, 0x070) & VIRTIO_FEATURES_OK);
}

static inline void fixture_set_queue(struct fixture *f, unsigned n, unsigned size)
{
	const u64 at = n * FIXTURE_QUEUE_SPACE;

	f->queue[n] = (struct fixture_queue){ .size = size };
	memset(f->ram.base + at, 0, FIXTURE_QUEUE_SPACE);
	fixture_set_register(f, 0x030, n);
	fixture_set_register(f, 0x038, size);
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
	u8 *at = f->ram.base + n * FIXTURE_QUEUE_SPACE;
	u16 *available = (u16 *)(at + FIXTURE_AVAILABLE), head = q->descriptor % q->size;

	for (unsigned i = 0; i < parts; i++) {
		u8 *d = at + q->descriptor++ % q->size * 16;

		*(u64 *)d = htole64(part[i].pa);
		*(u32 *)(d + 8) = htole32(part[i].size);
		*(u16 *)(d + 12) = htole16((part[i].write ? 2 : 0) | (i + 1 < parts ? 1 : 0));
		*(u16 *)(d + 14) = htole16(q->descriptor % q->size);
	}
	available[2 + q->available++ % q->size] = htole16(head);
	available[1] = htole16(q->available);
	return head;
}

/* Takes the next chain that the device is done with, if there is one: its head, and what was written. Both may be NULL. */
static inline bool fixture_used(struct fixture *f, unsigned n, u16 *head, u32 *written)
{
	struct fixture_queue *q = &f->queue[n];
	const u8 *used = f->ram.base + n * FIXTURE_QUEUE_SPACE + FIXTURE_USED, *element = used + 4 + 8 * (q->used % q->size);

	if (le16toh(((const u16 *)used)[1]) == q->used)
		return false;
	if (head)
		*head = le32toh(*(const u32 *)element);
	if (written)
		*written = le32toh(*(const u32 *)(element + 4));
	q->used++;
	return true;
}

#endif
