/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A split virtqueue (Virtual I/O Device specification 1.2, section 2.7), the device's side.
 *
 * Where it lies, how long it is and where the device stands in it are the device's own, checked once. All else is read from the
 * guest's RAM, each word once, and checked after it was copied: whatever a guest writes there while we look, nothing outside
 * its RAM is read or written, and every loop ends.
 */
#ifndef WEDGE_DEVICE_QUEUE_H
#define WEDGE_DEVICE_QUEUE_H

#include <sys/uio.h>

#include "lib/complain.h"
#include "wedge/core/vcpu.h"
#include "wedge/device/virtio.h"

#define QUEUE_SIZE_MOST		256
#define CHAIN_PARTS_MOST	(QUEUE_SIZE_MOST + 1)	/* a direct descriptor may be the one before an indirect table */

struct queue {
	const struct ram *ram;
	unsigned size;			/* a power of two; 0: the driver does not use it */
	bool event_index, big_endian;
	u8 *descriptors, *available, *used;
	u16 taken, given;		/* so many chains so far */
	u16 told;			/* `given` when it was last thought about an interrupt */
};

/* Buffers that the driver has made available together. */
struct chain {
	u16 head;
	unsigned readable, writable;	/* parts: those that the device reads come first */
	u64 readable_size, writable_size;	/* bytes */
	struct iovec part[CHAIN_PARTS_MOST];
};

/* As the driver has set it up, `event_index` and `big_endian` being how it speaks; -1 with a complaint if that cannot be. */
int queue__open(struct queue *q, const struct virtio_queue_setup *setup, const struct ram *ram, bool event_index, bool big_endian,
		struct complaint *c);

/*
 * The next chain: 1, or 0 if there is none; or -1 with a complaint if the queue holds what cannot be, after which it is not to
 * be looked at again. With 0 the driver will tell when there is one.
 */
int queue__take(struct queue *q, struct chain *chain, struct complaint *c);
/* Says that none is wanted to be told of until queue__take() has returned 0. */
void queue__busy(struct queue *q);
/* Is there a chain? Takes nothing, and leaves it as it is whether the driver tells. */
bool queue__has(const struct queue *q);
/* The one taken last is not taken yet. */
void queue__untake(struct queue *q);

/* The device is done with a chain, into which it has written `written` bytes from its start. */
void queue__give(struct queue *q, u16 head, u32 written);
/* After that, once for several: does the driver want to be interrupted? */
bool queue__wants_interrupt(struct queue *q);

/* Copy up to `size` bytes between the readable or writable parts, from byte `offset` of them on, and `bytes`. How many were there. */
size_t chain__read(const struct chain *chain, u64 offset, void *bytes, size_t size);
size_t chain__write(const struct chain *chain, u64 offset, const void *bytes, size_t size);
/* The parts of that stretch themselves, into part[CHAIN_PARTS_MOST]; how many there are. */
unsigned chain__readable(const struct chain *chain, u64 offset, u64 size, struct iovec *part);
unsigned chain__writable(const struct chain *chain, u64 offset, u64 size, struct iovec *part);

#endif
