/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * virtio-mmio (Virtual I/O Device specification 1.2, section 4.2): the guest's side. Version 2 of its registers, or version 1, the legacy interface
 * (section 4.2.4), for kernels from before Linux 4.0 that know no other: a queue is one piece of pages, and what it holds has the guest's byte order.
 *
 * A slot is memory that vCPU processes and the monitor share. The vCPU answers each access to a register itself, from the slot;
 * the device, a thread in the monitor, hears by its bell that there is something to do, and copies what it believes of
 * the slot (device.h). For the monitor all of it is what a hostile guest could have written.
 */
#ifndef WEDGE_DEVICE_VIRTIO_H
#define WEDGE_DEVICE_VIRTIO_H

#include "lib/types.h"

#define VIRTIO_QUEUES		16
#define VIRTIO_CONFIG_SIZE	64

/* Status bits. */
#define VIRTIO_DRIVER_OK	4u
#define VIRTIO_FEATURES_OK	8u
#define VIRTIO_NEEDS_RESET	64u

/* Bits of the interrupt's cause. */
#define VIRTIO_CAUSE_QUEUE	1u
#define VIRTIO_CAUSE_CONFIG	2u

/* Features of every device. */
#define VIRTIO_INDIRECT		(1ull << 28)
#define VIRTIO_EVENT_INDEX	(1ull << 29)
#define VIRTIO_VERSION_1	(1ull << 32)
#define VIRTIO_ANY_LAYOUT	(1ull << 27)	/* of the legacy interface: buffers may be cut anywhere, which is understood since */

/* How a device is spoken with. The legacy interfaces have version 1 of the registers. */
enum virtio_interface { VIRTIO_MODERN, VIRTIO_LEGACY, VIRTIO_LEGACY_BIG_ENDIAN };

struct virtio_queue_setup {
	u32 size, ready;
	u64 descriptors, available, used;	/* guest-physical */
	u32 align, page;			/* legacy: of `used`, and the number of the queue's first page */
};

/*
 * A configuration of which the driver sees a part at a time (virtio-input): it stores which, into the first two bytes, and finds the part's size in the
 * third, and the part itself from the ninth on.
 */
#define VIRTIO_SELECTIONS	4
struct virtio_selection {
	u8 select, subselect, size;
	u8 bytes[29];
};
enum { VIRTIO_SELECTED_SIZE = 2, VIRTIO_SELECTED_BYTES = 8 };

struct virtio_slot {
	/* What the device is: the monitor's, before the guest starts. 0: there is none here. */
	u32 id, queues, queue_size;
	bool legacy;
	u64 offered;
	u64 config_writable;		/* by the driver: a bit for each byte of `config` */
	u32 selections;			/* how many parts its configuration has to select from; 0: it is as it is */
	struct virtio_selection selection[VIRTIO_SELECTIONS];

	/* What the driver has said, through vCPUs, one of them at a time. */
	u32 offered_word, accepted_word, queue;
	u64 accepted;
	u32 page_size;			/* legacy: outlives a reset, before which Linux says it */
	struct virtio_queue_setup setup[VIRTIO_QUEUES];

	/* Of both sides, atomic. */
	u32 status;
	u32 started;			/* the device has begun since the last reset, whatever has become of VIRTIO_DRIVER_OK */
	u32 cause;			/* why the interrupt is raised */
	u32 resets;			/* that the driver asked for: counted up by a vCPU, */
	u32 resets_done;		/* and so many of them the device has seen to */
	u32 config_generation;		/* odd while the device changes `config` */
	u8 config[VIRTIO_CONFIG_SIZE];
};

/* What a store to a register has brought about. */
struct virtio_effect {
	bool ring;			/* the device has something to do */
	bool reset;			/* it has been in use: the driver goes on when resets_done is resets */
	bool cause;			/* slot->cause has changed */
	bool kick;			/* there is something in a queue, whose number was stored */
};

/* `offset` is that in the slot's page. What is no register, or not its size, reads 0 and ignores stores. */
u64 virtio__read(const struct virtio_slot *slot, unsigned offset, unsigned size);
struct virtio_effect virtio__write(struct virtio_slot *slot, unsigned offset, unsigned size, u64 value);

#endif
