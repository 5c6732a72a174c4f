/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A virtio device: a thread of the monitor's that serves the queues of one slot.
 *
 * What is common to all is here: it hears the bell, sees the driver start and reset the device, opens the queues, and when a queue holds what
 * cannot be, stops with one line until the driver resets it. What a device does with its chains is a file of its own with
 * a struct device_ops.
 *
 * A device never waits for a guest, and a guest never for a device, but in a reset: until nothing is in flight into memory that
 * the driver may then use for something else.
 */
#ifndef WEDGE_DEVICE_DEVICE_H
#define WEDGE_DEVICE_DEVICE_H

#include <pthread.h>
#include <sys/poll.h>

#include "lib/bell.h"
#include "wedge/device/order.h"
#include "wedge/device/queue.h"
#include "wedge/trace/trace.h"

#define DEVICE_POLL_MOST	16	/* descriptors besides the bell */
#define DEVICE_FOREVER		UINT64_MAX

struct device;

struct device_ops {
	u32 id;				/* of the specification */
	unsigned queues, queue_size;
	u64 features;			/* besides those of every device */
	u64 config_writable;		/* by the driver: a bit for each byte */
	const u8 *config_fields;	/* that have the guest's byte order with a legacy driver: how long each is, up to a 0; NULL: none */
	const struct virtio_selection *selections;	/* parts of its configuration; NULL: it is as it is */
	unsigned selection_count;
	/* The driver has started it: queues are open, `device->accepted` counts. May be NULL. */
	void (*start)(struct device *device);
	/* Whether the driver has started it or not, before work(). May be NULL. */
	void (*look)(struct device *device);
	/* Serve the queues, without waiting for anything. Also when one of the descriptors is ready. */
	void (*work)(struct device *device);
	/* The driver has reset it, or it is about to end: returns when nothing of it is in flight. May be NULL. */
	void (*stop)(struct device *device);
	/* What else it waits for: fills fds[DEVICE_POLL_MOST], how many; and for how many ns at most. May be NULL. */
	unsigned (*wants)(struct device *device, struct pollfd *fds, u64 *ns);
	void (*close)(struct device *device);	/* after stop(), once */
};

struct device {
	const struct device_ops *ops;
	char name[64];			/* for messages: "disk 'root.img'" */
	unsigned number;		/* of its slot */
	enum virtio_interface interface;
	u64 features;			/* offered: ops->features and what this one can do */
	u8 config[VIRTIO_CONFIG_SIZE] __attribute__((aligned(8)));	/* as it begins */
	struct virtio_slot *slot;	/* in VM memory: hostile */
	struct ram ram;			/* our own copy */
	int bell;			/* eventfd */
	void (*interrupt)(void *user, unsigned number);	/* slot->cause has been set */
	void *user;
	pthread_t thread;
	bool threaded;
	volatile bool ending;
	struct trace_output *trace;	/* NULL: what it does is not traced */

	/* Of all that follows, and of slot->config: the device's threads. */
	pthread_mutex_t lock;
	bool live;			/* the driver has started it, and no queue is broken */
	u64 accepted;			/* features */
	u32 resets;			/* seen so far */
	unsigned complaints;
	struct queue queue[VIRTIO_QUEUES];
};

/*
 * Becomes the device of `slot`, which is cleared memory; before the guest starts. `ops` has been set, and `interface`, `features`, `config`
 * (little-endian) and `name`. -1 with a complaint.
 */
int device__open(struct device *d, struct virtio_slot *slot, unsigned number, const struct ram *ram,
		 void (*interrupt)(void *user, unsigned number), void *user, struct complaint *c);
/* Its thread begins; when the process makes no others any more. */
int device__start(struct device *d, struct complaint *c);
/* Stops, joins and closes. */
void device__close(struct device *d);

/* There is something to do for it. By anybody, and never waits. */
static inline void device__ring(const struct device *d)
{
	bell__ring(d->bell);
}

/* One look at the slot and its queues, and what is to be done about them: what the thread does. */
void device__look(struct device *d);

/* --- For devices --- */

static inline bool device__is_legacy(const struct device *d)
{
	return d->interface != VIRTIO_MODERN;
}

/* A word of a message, between the driver's order and ours. */
static inline u16 device__16(const struct device *d, u16 value)
{
	return order16(d->interface == VIRTIO_LEGACY_BIG_ENDIAN, value);
}

static inline u32 device__32(const struct device *d, u32 value)
{
	return order32(d->interface == VIRTIO_LEGACY_BIG_ENDIAN, value);
}

static inline u64 device__64(const struct device *d, u64 value)
{
	return order64(d->interface == VIRTIO_LEGACY_BIG_ENDIAN, value);
}

/* The next chain of a queue. False if there is none, or if that queue has stopped the device. With the lock. */
bool device__take(struct device *d, unsigned queue, struct chain *chain);
/* Gives one back; device__tell() interrupts the driver, once for several, if it wants that. With the lock. */
void device__give(struct device *d, unsigned queue, const struct chain *chain, u32 written);
void device__tell(struct device *d, unsigned queue);
/* The driver has done what cannot be: a line for the user, and nothing more until it resets the device. With the lock. */
void device__break(struct device *d, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Whole fields of the configuration, little-endian, and the driver is told. With the lock. */
void device__configure(struct device *d, unsigned offset, const void *bytes, unsigned size);

#endif
