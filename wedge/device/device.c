// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See device.h.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "wedge/device/device.h"
#include "wedge/device/thread.h"

#define COMPLAINTS_MOST		10	/* that a guest can bring about with one device */
#define NS_PER_MS		1000000ull

/* The features of every device, and those that this one has of its own as far as its interface has room for them. */
static u64 offered(const struct device *d)
{
	const u64 own = d->features | d->ops->features | VIRTIO_INDIRECT | VIRTIO_EVENT_INDEX;

	return device__is_legacy(d) ? (u32)own | VIRTIO_ANY_LAYOUT : own | VIRTIO_VERSION_1;
}

/* Which byte of the configuration as it is here the driver finds at `at`. */
static unsigned turned(const struct device *d, unsigned at)
{
	const u8 *size = d->interface == VIRTIO_LEGACY_BIG_ENDIAN ? d->ops->config_fields : NULL;

	for (unsigned begin = 0; size && *size; begin += *size++)
		if (at - begin < *size)
			return begin + *size - 1 - (at - begin);
	return at;
}

static void put_config(struct device *d, unsigned offset, const u8 *bytes, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		__atomic_store_n(&d->slot->config[turned(d, offset + i)], bytes[i], __ATOMIC_RELAXED);
}

int device__open(struct device *d, struct virtio_slot *slot, unsigned number, const struct ram *ram,
		 void (*interrupt)(void *user, unsigned number), void *user, struct complaint *c)
{
	d->slot = slot;
	d->number = number;
	d->ram = *ram;
	d->interrupt = interrupt;
	d->user = user;
	d->features = offered(d);
	slot->id = d->ops->id;
	slot->legacy = device__is_legacy(d);
	slot->queues = d->ops->queues;
	slot->queue_size = d->ops->queue_size;
	slot->offered = d->features;
	slot->config_writable = d->ops->config_writable;
	put_config(d, 0, d->config, sizeof(d->config));
	slot->selections = d->ops->selection_count;
	if (slot->selections)
		memcpy(slot->selection, d->ops->selections, slot->selections * sizeof(*slot->selection));
	pthread_mutex_init(&d->lock, NULL);
	d->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return d->bell < 0 ? complain(c, "%s: eventfd: %s", d->name, strerror(errno)) : 0;
}

/* --- What the driver is told --- */

static void tell_driver(struct device *d, u32 cause)
{
	trace__from_thread(d->trace, TRACE_RAISE, d->number, cause, 0);
	__atomic_or_fetch(&d->slot->cause, cause, __ATOMIC_SEQ_CST);
	d->interrupt(d->user, d->number);
}

void device__break(struct device *d, const char *format, ...)
{
	char what[256];
	va_list args;

	d->live = false;
	if (d->complaints++ < COMPLAINTS_MOST) {
		va_start(args, format);
		vsnprintf(what, sizeof(what), format, args);
		va_end(args);
		fprintf(stderr, "wedge: %s has stopped until the guest resets it: %s%s\r\n", d->name, what,
			d->complaints == COMPLAINTS_MOST ? " (no more is said of this device)" : "");
	}
	__atomic_or_fetch(&d->slot->status, VIRTIO_NEEDS_RESET, __ATOMIC_SEQ_CST);
	tell_driver(d, VIRTIO_CAUSE_CONFIG);
}

void device__configure(struct device *d, unsigned offset, const void *bytes, unsigned size)
{
	__atomic_add_fetch(&d->slot->config_generation, 1, __ATOMIC_SEQ_CST);
	put_config(d, offset, bytes, size);
	__atomic_add_fetch(&d->slot->config_generation, 1, __ATOMIC_SEQ_CST);
	if (d->live)
		tell_driver(d, VIRTIO_CAUSE_CONFIG);
}

/* --- Queues --- */

bool device__take(struct device *d, unsigned queue, struct chain *chain)
{
	struct complaint c;
	int result = d->live ? queue__take(&d->queue[queue], chain, &c) : 0;

	if (result < 0)
		device__break(d, "queue %u: %s", queue, c.text);
	if (result > 0)
		trace__from_thread(d->trace, TRACE_TAKE, d->number, queue, chain->head);
	return result > 0;
}

void device__give(struct device *d, unsigned queue, const struct chain *chain, u32 written)
{
	if (!d->live)
		return;
	trace__from_thread(d->trace, TRACE_GIVE, d->number, queue, chain->head);
	queue__give(&d->queue[queue], chain->head, written);
}

void device__tell(struct device *d, unsigned queue)
{
	if (d->live && queue__wants_interrupt(&d->queue[queue]))
		tell_driver(d, VIRTIO_CAUSE_QUEUE);
}

/* --- Started and reset --- */

/* The slot is copied first: what it says while we look at it may change. */
static void start(struct device *d)
{
	struct virtio_queue_setup setup[VIRTIO_QUEUES];
	struct complaint c;

	memcpy(setup, d->slot->setup, sizeof(setup));
	d->accepted = d->slot->accepted & d->features;
	d->live = true;
	for (unsigned i = 0; i < d->ops->queues; i++) {
		d->queue[i] = (struct queue){ 0 };
		if (setup[i].ready && queue__open(&d->queue[i], &setup[i], &d->ram, d->accepted & VIRTIO_EVENT_INDEX,
						  d->interface == VIRTIO_LEGACY_BIG_ENDIAN, &c))
			device__break(d, "queue %u: %s", i, c.text);
	}
	if (d->live && d->ops->start)
		d->ops->start(d);
}

static void reset(struct device *d, u32 resets)
{
	d->live = false;
	pthread_mutex_unlock(&d->lock);
	if (d->ops->stop)
		d->ops->stop(d);
	malloc_trim(0);		/* what a driver has made us have, and nobody has any more, is the Host's again */
	pthread_mutex_lock(&d->lock);
	memset(d->queue, 0, sizeof(d->queue));
	/* What was said to the driver that is gone may have come behind its reset. */
	__atomic_and_fetch(&d->slot->status, ~VIRTIO_NEEDS_RESET, __ATOMIC_SEQ_CST);
	__atomic_store_n(&d->slot->cause, 0, __ATOMIC_SEQ_CST);
	d->resets = resets;
	__atomic_store_n(&d->slot->resets_done, resets, __ATOMIC_SEQ_CST);
}

void device__look(struct device *d)
{
	u32 resets = __atomic_load_n(&d->slot->resets, __ATOMIC_SEQ_CST), status;

	pthread_mutex_lock(&d->lock);
	if (resets != d->resets)
		reset(d, resets);
	status = __atomic_load_n(&d->slot->status, __ATOMIC_SEQ_CST);
	if (!d->live && !(status & VIRTIO_NEEDS_RESET) && __atomic_load_n(&d->slot->started, __ATOMIC_SEQ_CST) && !d->ending)
		start(d);
	pthread_mutex_unlock(&d->lock);
	if (d->ops->look)
		d->ops->look(d);
	if (d->live)
		d->ops->work(d);
}

/* --- The thread --- */

static void wait_for_news(struct device *d)
{
	struct pollfd fds[1 + DEVICE_POLL_MOST] = { { d->bell, POLLIN, 0 } };
	u64 ns = DEVICE_FOREVER;
	unsigned n = 1;

	if (d->ops->wants)
		n += d->ops->wants(d, fds + 1, &ns);
	/* Rounded up: a device that waits for a time must not look at its clock over and over. */
	if (poll(fds, n, ns / NS_PER_MS < 1000000 ? (int)((ns + NS_PER_MS - 1) / NS_PER_MS) : -1) > 0 && fds[0].revents &&
	    bell__heard(d->bell))
		die_errno("%s: reading its bell", d->name);
}

static void end(struct device *d)
{
	pthread_mutex_lock(&d->lock);
	d->live = false;
	pthread_mutex_unlock(&d->lock);
	if (d->ops->stop)
		d->ops->stop(d);
}

static void *run(void *device)
{
	struct device *d = device;

	while (!d->ending) {
		device__look(d);
		if (!d->ending)
			wait_for_news(d);
	}
	end(d);		/* here: what a thread has asked of the Host by io_uring would end undone with it */
	return NULL;
}

int device__start(struct device *d, struct complaint *c)
{
	const int error = thread__start(&d->thread, run, d);

	d->threaded = !error;
	return error ? complain(c, "%s: a thread for it: %s", d->name, strerror(error)) : 0;
}

void device__close(struct device *d)
{
	d->ending = true;
	device__ring(d);
	if (d->threaded)
		pthread_join(d->thread, NULL);
	else
		end(d);
	if (d->ops->close)
		d->ops->close(d);
	close(d->bell);
	pthread_mutex_destroy(&d->lock);
}
