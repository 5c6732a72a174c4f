// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See queue.h.
 *
 * Who waits for whom: the driver writes a chain, counts up `available.idx` and then looks whether the device wants to be told; the
 * device says that it wants to be told and then looks at `available.idx` again. A full fence between the two, on both sides:
 * so one of them sees what the other has written, and no wake-up is lost. With interrupts it is the same the other way round.
 */
#include <string.h>

#include "wedge/device/order.h"
#include "wedge/device/queue.h"

#define DESCRIPTOR_SIZE		16
#define FLAG_NEXT		1u
#define FLAG_WRITE		2u
#define FLAG_INDIRECT		4u

#define NO_NOTIFY		1u	/* used.flags */
#define NO_INTERRUPT		1u	/* available.flags */

/* Offsets: {flags, idx, ring[size], event}; an element of the used ring has 8 bytes. */
#define FLAGS			0
#define INDEX			2
#define RING			4

struct descriptor {
	u64 address;
	u32 length;
	u16 flags, next;
};

static u16 load16(const struct queue *q, const u8 *p)
{
	return order16(q->big_endian, __atomic_load_n((const u16 *)p, __ATOMIC_RELAXED));
}

static void store16(const struct queue *q, u8 *p, u16 value)
{
	__atomic_store_n((u16 *)p, order16(q->big_endian, value), __ATOMIC_RELAXED);
}

static void store32(const struct queue *q, u8 *p, u32 value)
{
	__atomic_store_n((u32 *)p, order32(q->big_endian, value), __ATOMIC_RELAXED);
}

static struct descriptor descriptor_at(const struct queue *q, const u8 *p)
{
	return (struct descriptor){
		.address = order64(q->big_endian, __atomic_load_n((const u64 *)p, __ATOMIC_RELAXED)),
		.length = order32(q->big_endian, __atomic_load_n((const u32 *)(p + 8), __ATOMIC_RELAXED)),
		.flags = load16(q, p + 12),
		.next = load16(q, p + 14),
	};
}

static int place(u8 **at, const struct ram *ram, const char *what, u64 pa, u64 size, unsigned align, struct complaint *c)
{
	*at = pa % align ? NULL : ram__at(ram, pa, size);
	return *at ? 0 : complain(c, "its %s at %#llx (%llu bytes) do not lie in RAM, at a multiple of %u", what,
				  (unsigned long long)pa, (unsigned long long)size, align);
}

int queue__open(struct queue *q, const struct virtio_queue_setup *setup, const struct ram *ram, bool event_index, bool big_endian,
		struct complaint *c)
{
	const u32 size = setup->size;

	*q = (struct queue){ .ram = ram, .event_index = event_index, .big_endian = big_endian };
	if (!size || size > QUEUE_SIZE_MOST || size & (size - 1))
		return complain(c, "it has %u entries; a power of two up to %u would be right", size, QUEUE_SIZE_MOST);
	if (place(&q->descriptors, ram, "descriptors", setup->descriptors, size * DESCRIPTOR_SIZE, 16, c) ||
	    place(&q->available, ram, "available entries", setup->available, RING + 2 * size + 2, 2, c) ||
	    place(&q->used, ram, "used entries", setup->used, RING + 8 * size + 2, 4, c))
		return -1;
	q->size = size;
	return 0;
}

/* --- Taking --- */

static u16 waiting(const struct queue *q)
{
	return order16(q->big_endian, __atomic_load_n((const u16 *)(q->available + INDEX), __ATOMIC_ACQUIRE)) - q->taken;
}

bool queue__has(const struct queue *q)
{
	return q->size && waiting(q);
}

void queue__busy(struct queue *q)
{
	/* With an index the driver looks at one that it has passed long ago. */
	if (q->size && !q->event_index)
		store16(q, q->used + FLAGS, NO_NOTIFY);
}

/* From now on it tells, or has already: then there is something to take. */
static u16 ask_to_be_told(struct queue *q)
{
	if (q->event_index)
		store16(q, q->used + RING + 8 * q->size, q->taken);
	else
		store16(q, q->used + FLAGS, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return waiting(q);
}

static int add_part(const struct queue *q, struct chain *chain, const struct descriptor *d, struct complaint *c)
{
	unsigned parts = chain->readable + chain->writable;
	bool write = d->flags & FLAG_WRITE;
	u8 *at;

	if (parts == CHAIN_PARTS_MOST)
		return complain(c, "a chain of more than %u buffers", CHAIN_PARTS_MOST);
	if (!write && chain->writable)
		return complain(c, "a buffer to be read follows one to be written");
	at = ram__at(q->ram, d->address, d->length);
	if (!at)
		return complain(c, "a buffer of %u bytes at %#llx, which is not all RAM", d->length, (unsigned long long)d->address);
	chain->part[parts] = (struct iovec){ at, d->length };
	if (write) {
		ram__will_be_written(q->ram, at, d->length);
		chain->writable++;
		chain->writable_size += d->length;
	} else {
		chain->readable++;
		chain->readable_size += d->length;
	}
	return 0;
}

/* A table of descriptors, all of a chain from `index` on. That it has no loop follows from how many there may be. */
static int walk(const struct queue *q, struct chain *chain, const u8 *table, unsigned size, unsigned index, bool inner, struct complaint *c)
{
	for (unsigned n = 0; n < size; n++) {
		struct descriptor d;

		if (index >= size)
			return complain(c, "descriptor %u of %u", index, size);
		d = descriptor_at(q, table + index * DESCRIPTOR_SIZE);
		if (d.flags & FLAG_INDIRECT) {
			const u8 *more = d.length % DESCRIPTOR_SIZE || d.address % 8 ? NULL : ram__at(q->ram, d.address, d.length);
			unsigned entries = d.length / DESCRIPTOR_SIZE;

			if (inner || d.flags & FLAG_NEXT || !entries || entries > QUEUE_SIZE_MOST || !more)
				return complain(c, "a table of %u bytes at %#llx%s", d.length, (unsigned long long)d.address,
						inner ? " in a table" : ", which cannot be one of descriptors");
			return walk(q, chain, more, entries, 0, true, c);
		}
		if (add_part(q, chain, &d, c))
			return -1;
		if (!(d.flags & FLAG_NEXT))
			return 0;
		index = d.next;
	}
	return complain(c, "a chain of descriptors that has no end");
}

int queue__take(struct queue *q, struct chain *chain, struct complaint *c)
{
	u16 there;

	if (!q->size)
		return 0;
	there = waiting(q);
	if (!there)
		there = ask_to_be_told(q);
	if (!there)
		return 0;
	if (there > q->size)
		return complain(c, "%u chains are available, of a queue of %u", there, q->size);
	chain->head = load16(q, q->available + RING + 2 * (q->taken % q->size));
	chain->readable = chain->writable = 0;
	chain->readable_size = chain->writable_size = 0;
	if (walk(q, chain, q->descriptors, q->size, chain->head, false, c))
		return -1;
	q->taken++;
	return 1;
}

void queue__untake(struct queue *q)
{
	q->taken--;
}

/* --- Giving back --- */

void queue__give(struct queue *q, u16 head, u32 written)
{
	u8 *element = q->used + RING + 8 * (q->given % q->size);

	store32(q, element, head);
	store32(q, element + 4, written);
	q->given++;
	__atomic_store_n((u16 *)(q->used + INDEX), order16(q->big_endian, q->given), __ATOMIC_RELEASE);
}

bool queue__wants_interrupt(struct queue *q)
{
	u16 before = q->told, event;

	if (before == q->given)
		return false;
	q->told = q->given;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!q->event_index)
		return !(load16(q, q->available + FLAGS) & NO_INTERRUPT);
	/* Has `given` gone past the index at which it wants to know? */
	event = load16(q, q->available + RING + 2 * q->size);
	return (u16)(q->given - event - 1) < (u16)(q->given - before);
}

/* --- Chains --- */

static unsigned slice(const struct iovec *from, unsigned count, u64 offset, u64 size, struct iovec *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count && size; i++) {
		size_t length = from[i].iov_len;

		if (offset >= length) {
			offset -= length;
			continue;
		}
		length -= offset;
		if (length > size)
			length = size;
		to[n++] = (struct iovec){ (u8 *)from[i].iov_base + offset, length };
		size -= length;
		offset = 0;
	}
	return n;
}

unsigned chain__readable(const struct chain *chain, u64 offset, u64 size, struct iovec *part)
{
	return slice(chain->part, chain->readable, offset, size, part);
}

unsigned chain__writable(const struct chain *chain, u64 offset, u64 size, struct iovec *part)
{
	return slice(chain->part + chain->readable, chain->writable, offset, size, part);
}

size_t chain__read(const struct chain *chain, u64 offset, void *bytes, size_t size)
{
	struct iovec part[CHAIN_PARTS_MOST];
	unsigned n = chain__readable(chain, offset, size, part);
	size_t done = 0;

	for (unsigned i = 0; i < n; done += part[i++].iov_len)
		memcpy((u8 *)bytes + done, part[i].iov_base, part[i].iov_len);
	return done;
}

size_t chain__write(const struct chain *chain, u64 offset, const void *bytes, size_t size)
{
	struct iovec part[CHAIN_PARTS_MOST];
	unsigned n = chain__writable(chain, offset, size, part);
	size_t done = 0;

	for (unsigned i = 0; i < n; done += part[i++].iov_len)
		memcpy(part[i].iov_base, (const u8 *)bytes + done, part[i].iov_len);
	return done;
}
