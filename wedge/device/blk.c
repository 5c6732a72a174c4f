// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See blk.h; Virtual I/O Device specification 1.2, section 5.2.
 *
 * What the Host has in its page cache is read, and what goes there is written, by the device's thread itself, at the cost of the copy.
 * What has to wait for a disk is asked of the Host by io_uring: reads of what is not cached, flushes, and all of direct I/O. Discards, and all of that on a Host
 * without io_uring, go to a pool of threads.
 * A flush is answered when the Host says that all of the file is on its disk; a write that was answered before is a part of that. A driver that has
 * not accepted flushes (an old one does not know them) believes that a write is on the disk when it is answered: so then it is.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/blk.h"
#include "wedge/device/disk.h"
#include "wedge/device/pool.h"
#include "wedge/device/rate.h"
#include "wedge/device/ring.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE		128
#define REQUESTS		32		/* at once; the others wait in the queue */
#define THREADS			4
#define TOLD			16		/* requests answered at once, for one interrupt */
#define SEGMENTS		(QUEUE_SIZE - 2)	/* of one request, besides its head and its status */
#define RANGES			16		/* of one discard */
#define RANGE_SECTORS		(1u << 22)	/* of each: 2 GB */
#define SERIAL_SIZE		20
#define LOOK_NS			1000000000	/* between two looks at the file's size */

#define F_SEG_MAX		(1ull << 2)
#define F_RO			(1ull << 5)
#define F_BLK_SIZE		(1ull << 6)
#define F_FLUSH			(1ull << 9)
#define F_DISCARD		(1ull << 13)
#define F_WRITE_ZEROES		(1ull << 14)

enum { BLK_IN = 0, BLK_OUT = 1, BLK_FLUSH = 4, BLK_GET_ID = 8, BLK_DISCARD = 11, BLK_WRITE_ZEROES = 13 };
enum { STATUS_OK = 0, STATUS_IOERR = 1, STATUS_UNSUPPORTED = 2 };

struct head {
	u32 type, reserved;
	u64 sector;
};

struct range {
	u64 sector;
	u32 sectors, flags;
};
#define RANGE_UNMAP	1u

struct config {
	u64 capacity;
	u32 size_max, seg_max;
	u8 geometry[4];
	u32 blk_size;
	u8 topology[8];
	u8 writeback, unused;
	u16 queues;
	u32 discard_sectors, discard_ranges, discard_alignment;
	u32 zeroes_sectors, zeroes_ranges;
	u8 zeroes_may_unmap, unused_too[7];
};
_Static_assert(sizeof(struct config) == VIRTIO_CONFIG_SIZE, "of the specification, and whole words");
static const u8 config_fields[] = { 8, 4, 4, 2, 1, 1, 4, 1, 1, 2, 4, 1, 1, 2, 4, 4, 4, 4, 4, 0 };

struct request {
	struct job job;
	struct ring_request ring;
	struct iovec part[CHAIN_PARTS_MOST], *rest;	/* by the ring: what is left to be moved, from `at` on */
	unsigned parts;
	u64 at;
	struct request *next;		/* free */
	struct blk *blk;
	u32 type;
	u64 offset;			/* bytes */
	struct chain chain;
};

struct blk {
	struct device device;
	struct disk disk;
	struct pool pool;
	struct ring ring;
	u64 capacity;			/* bytes, as the guest knows it */
	char serial[SERIAL_SIZE + 1];
	char path[SPEC_TEXT_SIZE];
	struct rate rate;
	u64 wanted_ops, wanted_bytes;	/* what `rate` is to be, by its user; with the lock */
	u64 looked_ns;			/* 0: a look is due */
	bool starved;			/* requests wait in the queue for one of ours */
	struct request *free, requests[REQUESTS];
};

static struct blk *blk_of(struct device *d)
{
	return (struct blk *)d;
}

/* --- One request --- */

/* Its answer is the last byte that the device may write. */
static void answer(struct request *r, u8 status, u32 written)
{
	struct blk *b = r->blk;
	struct device *d = &b->device;
	bool ring;

	chain__write(&r->chain, r->chain.writable_size - 1, &status, 1);
	pthread_mutex_lock(&d->lock);
	device__give(d, 0, &r->chain, written + 1);
	r->next = b->free;
	b->free = r;
	ring = b->starved;
	b->starved = false;
	pthread_mutex_unlock(&d->lock);
	if (ring)
		device__ring(d);
}

static bool within(const struct blk *b, u64 offset, u64 size)
{
	const u64 capacity = __atomic_load_n(&b->capacity, __ATOMIC_RELAXED);

	return offset <= capacity && size <= capacity - offset;
}

/* How many bytes it moves; -1 for none of the disk's. */
static s64 data_size(const struct request *r)
{
	u64 size = r->type == BLK_IN ? r->chain.writable_size - 1 : r->chain.readable_size - sizeof(struct head);

	return size % DISK_SECTOR || !within(r->blk, r->offset, size) ? -1 : (s64)size;
}

static bool writes_through(const struct blk *b)
{
	return !(b->device.accepted & F_FLUSH);
}

/* Of the guest's memory, what that many bytes are moved to or from. */
static unsigned parts_of(const struct request *r, u64 size, struct iovec *part)
{
	return r->type == BLK_IN ? chain__writable(&r->chain, 0, size, part) : chain__readable(&r->chain, sizeof(struct head), size, part);
}

static int transfer(struct request *r, u64 size, bool now)
{
	struct blk *b = r->blk;
	struct iovec part[CHAIN_PARTS_MOST];
	const unsigned parts = parts_of(r, size, part);
	int error;

	if (r->type == BLK_IN)
		return disk__read(&b->disk, r->offset, part, parts, now);
	error = disk__write(&b->disk, r->offset, part, parts);
	return !error && writes_through(b) ? disk__flush(&b->disk) : error;
}

static int clear_range(struct blk *b, u32 type, const struct range *range)
{
	const u64 sector = device__64(&b->device, range->sector), offset = sector * DISK_SECTOR;
	const u32 sectors = device__32(&b->device, range->sectors), flags = device__32(&b->device, range->flags);
	const u64 size = (u64)sectors * DISK_SECTOR;

	if (sector > UINT64_MAX / DISK_SECTOR || !within(b, offset, size) || sectors > RANGE_SECTORS)
		return EINVAL;
	if (!size)
		return 0;
	if (type == BLK_DISCARD)
		return flags ? EOPNOTSUPP : disk__discard(&b->disk, offset, size);
	return flags & ~RANGE_UNMAP ? EOPNOTSUPP : disk__write_zeroes(&b->disk, offset, size, flags & RANGE_UNMAP);
}

static int clear_ranges(struct request *r)
{
	struct range ranges[RANGES];
	u64 size = r->chain.readable_size - sizeof(struct head);
	int error = 0;

	if (!size || size % sizeof(*ranges) || size > sizeof(ranges))
		return EINVAL;
	chain__read(&r->chain, sizeof(struct head), ranges, size);
	for (unsigned i = 0; i < size / sizeof(*ranges) && !error; i++)
		error = clear_range(r->blk, r->type, &ranges[i]);
	return error;
}

static u8 status_of(int error)
{
	return !error ? STATUS_OK : error == EOPNOTSUPP ? STATUS_UNSUPPORTED : STATUS_IOERR;
}

static void tell(struct blk *b)
{
	pthread_mutex_lock(&b->device.lock);
	device__tell(&b->device, 0);
	pthread_mutex_unlock(&b->device.lock);
}

/* In a thread of the pool. */
static void serve_waiting(struct job *job)
{
	struct request *r = (struct request *)job;
	struct blk *b = r->blk;
	s64 size = 0;
	int error;

	switch (r->type) {
	case BLK_IN: case BLK_OUT:
		size = data_size(r);
		error = size < 0 ? EINVAL : transfer(r, size, false);
		break;
	case BLK_FLUSH:
		error = disk__flush(&b->disk);
		break;
	default:
		error = clear_ranges(r);
		if (!error && writes_through(b))
			error = disk__flush(&b->disk);
	}
	answer(r, status_of(error), r->type == BLK_IN && !error ? size : 0);
	tell(b);
}

/* --- By io_uring --- */

static struct request *of_ring(struct ring_request *request)
{
	return (struct request *)((u8 *)request - offsetof(struct request, ring));
}

/* What the Host has done, or why not. What it cannot do so, or not now, a thread can: there all of it begins anew. */
static void done_by_ring(struct request *r, int error)
{
	if (error == EAGAIN || error == EINTR || error == EINVAL || error == EOPNOTSUPP || error == ECANCELED)
		pool__submit(&r->blk->pool, &r->job);
	else
		answer(r, status_of(error), r->type == BLK_IN && !error ? r->at - r->offset : 0);
}

static void flushed(struct ring_request *request, int result)
{
	done_by_ring(of_ring(request), result < 0 ? -result : 0);
}

static void flush_by_ring(struct request *r)
{
	r->ring.done = flushed;
	ring__sync(&r->blk->ring, &r->ring, r->blk->disk.fd);
}

static void move_by_ring(struct request *r)
{
	const struct disk *disk = &r->blk->disk;

	ring__transfer(&r->blk->ring, &r->ring, disk__descriptor(disk, r->at, r->rest, r->parts), r->rest, r->parts, r->at, r->type == BLK_OUT);
}

static void moved(struct ring_request *request, int result)
{
	struct request *r = of_ring(request);

	if (result <= 0) {
		done_by_ring(r, result ? -result : EIO);	/* 0: the file has become shorter */
		return;
	}
	disk__advance(&r->rest, &r->parts, result);
	r->at += result;
	if (r->parts)
		move_by_ring(r);
	else if (r->type == BLK_OUT && writes_through(r->blk))
		flush_by_ring(r);
	else
		done_by_ring(r, 0);
}

static void transfer_by_ring(struct request *r, u64 size)
{
	r->rest = r->part;
	r->parts = parts_of(r, size, r->part);
	r->at = r->offset;
	r->ring.done = moved;
	move_by_ring(r);
}

/* --- What the device's thread does itself, and what not --- */

static void serve_id(struct request *r)
{
	size_t n = chain__write(&r->chain, 0, r->blk->serial, SERIAL_SIZE < r->chain.writable_size - 1 ? SERIAL_SIZE : r->chain.writable_size - 1);

	answer(r, STATUS_OK, n);
}

static void serve_transfer(struct request *r)
{
	struct blk *b = r->blk;
	const s64 size = data_size(r);
	int error;

	if (size < 0) {
		answer(r, STATUS_IOERR, 0);
		return;
	}
	error = r->type == BLK_OUT && (b->disk.direct_fd >= 0 || b->disk.block_device || writes_through(b)) ? EAGAIN : transfer(r, size, true);
	if (error == EAGAIN && size && ring__is_there(&b->ring))
		transfer_by_ring(r, size);
	else if (error == EAGAIN)
		pool__submit(&b->pool, &r->job);
	else
		answer(r, status_of(error), r->type == BLK_IN && !error ? size : 0);
}

static void serve_flush(struct request *r)
{
	if (ring__is_there(&r->blk->ring))
		flush_by_ring(r);
	else
		pool__submit(&r->blk->pool, &r->job);
}

static void serve(struct request *r)
{
	struct blk *b = r->blk;
	struct head head;
	u64 sector;

	chain__read(&r->chain, 0, &head, sizeof(head));
	r->type = device__32(&b->device, head.type);
	sector = device__64(&b->device, head.sector);
	r->offset = sector > UINT64_MAX / DISK_SECTOR ? UINT64_MAX : sector * DISK_SECTOR;
	if (b->disk.readonly && (r->type == BLK_OUT || r->type == BLK_DISCARD || r->type == BLK_WRITE_ZEROES)) {
		answer(r, STATUS_IOERR, 0);
		return;
	}
	switch (r->type) {
	case BLK_IN: case BLK_OUT: serve_transfer(r); break;
	case BLK_GET_ID: serve_id(r); break;
	case BLK_FLUSH: serve_flush(r); break;
	case BLK_DISCARD: case BLK_WRITE_ZEROES: pool__submit(&b->pool, &r->job); break;
	default: answer(r, STATUS_UNSUPPORTED, 0);
	}
}

/* --- The queue --- */

/* With the lock. */
static struct request *next_request(struct blk *b)
{
	struct device *d = &b->device;
	struct request *r = b->free;

	if (!r) {
		b->starved = d->live && queue__has(&d->queue[0]);
		return NULL;
	}
	if (!device__take(d, 0, &r->chain))
		return NULL;
	if (r->chain.readable_size < sizeof(struct head) || !r->chain.writable_size) {
		device__break(d, "a request of %llu bytes to read and %llu to write: it begins with %zu and ends with one",
			      (unsigned long long)r->chain.readable_size, (unsigned long long)r->chain.writable_size, sizeof(struct head));
		return NULL;
	}
	b->free = r->next;
	return r;
}

/* A file may grow; one that has become shorter keeps its size, with errors where there is nothing. */
static void look_at_size(struct blk *b)
{
	u64 size, capacity;

	if (clock__now_ns() - __atomic_load_n(&b->looked_ns, __ATOMIC_SEQ_CST) < LOOK_NS)
		return;
	__atomic_store_n(&b->looked_ns, clock__now_ns(), __ATOMIC_SEQ_CST);
	size = disk__size_now(&b->disk);
	if (size <= b->capacity)
		return;
	pthread_mutex_lock(&b->device.lock);
	__atomic_store_n(&b->capacity, size, __ATOMIC_RELAXED);
	capacity = htole64(size / DISK_SECTOR);
	device__configure(&b->device, offsetof(struct config, capacity), &capacity, sizeof(capacity));
	pthread_mutex_unlock(&b->device.lock);
}

static void blk_work(struct device *d)
{
	struct blk *b = blk_of(d);
	unsigned n = 0;

	look_at_size(b);
	pthread_mutex_lock(&d->lock);
	rate__change(&b->rate, b->wanted_ops, b->wanted_bytes);
	pthread_mutex_unlock(&d->lock);
	ring__work(&b->ring);
	if (d->live)
		queue__busy(&d->queue[0]);
	while (!rate__early(&b->rate)) {
		struct request *r;

		pthread_mutex_lock(&d->lock);
		r = next_request(b);
		pthread_mutex_unlock(&d->lock);
		if (!r)
			break;
		rate__charge(&b->rate, r->chain.readable_size + r->chain.writable_size);
		serve(r);
		if (++n % TOLD == 0)
			tell(b);
	}
	ring__work(&b->ring);
	tell(b);
}

static unsigned blk_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	u64 early = rate__early(&blk_of(d)->rate);

	if (d->live)
		*ns = early && early < LOOK_NS ? early : LOOK_NS;
	return ring__wants(&blk_of(d)->ring, fds, ns);
}

static void blk_stop(struct device *d)
{
	ring__drain(&blk_of(d)->ring);		/* from which a request may go to the pool */
	pool__drain(&blk_of(d)->pool);
	blk_of(d)->starved = false;
}

static void blk_close(struct device *d)
{
	ring__close(&blk_of(d)->ring);
	pool__close(&blk_of(d)->pool);
	disk__close(&blk_of(d)->disk);
}

static const struct device_ops blk_ops = {
	.id = 2, .queues = 1, .queue_size = QUEUE_SIZE, .features = F_SEG_MAX | F_BLK_SIZE | F_FLUSH, .config_fields = config_fields,
	.work = blk_work, .wants = blk_wants, .stop = blk_stop, .close = blk_close,
};

/* --- Making one --- */

static int parse(struct blk *b, const char *spec, char *path, struct disk_options *options, struct complaint *c)
{
	char serial[SPEC_TEXT_SIZE] = "";
	const struct spec_key keys[] = {
		{ "readonly", SPEC_FLAG, &options->readonly }, { "direct", SPEC_FLAG, &options->direct },
		{ "serial", SPEC_TEXT, serial }, { "iops", SPEC_NUMBER, &b->rate.ops }, { "bps", SPEC_SIZE, &b->rate.bytes },
	};

	if (spec__parse("--disk", spec, path, keys, sizeof(keys) / sizeof(*keys), c))
		return -1;
	if (!*path)
		return complain(c, "--disk: no file given; --disk root.img would be right");
	if (strlen(serial) > SERIAL_SIZE)
		return complain(c, "--disk: the serial number '%.40s' has %zu characters; %d is the most", serial, strlen(serial), SERIAL_SIZE);
	strcpy(b->serial, serial);
	strcpy(b->path, path);
	return 0;
}

static void write_config(struct blk *b)
{
	const struct config config = {
		.capacity = htole64(b->capacity / DISK_SECTOR), .seg_max = htole32(SEGMENTS), .blk_size = htole32(DISK_SECTOR),
		.queues = htole16(1), .discard_sectors = htole32(RANGE_SECTORS), .discard_ranges = htole32(RANGES),
		.discard_alignment = htole32(1), .zeroes_sectors = htole32(RANGE_SECTORS), .zeroes_ranges = htole32(RANGES),
		.zeroes_may_unmap = 1,
	};

	memcpy(b->device.config, &config, sizeof(config));
}

struct device *blk__new(const char *spec, int inherited, struct complaint *c)
{
	struct disk_options options = { 0 };
	struct blk *b = calloc(1, sizeof(*b));
	char path[SPEC_TEXT_SIZE];

	if (!b) {
		complain(c, "--disk: no memory for it");
		return NULL;
	}
	if (parse(b, spec, path, &options, c) || disk__open(&b->disk, path, &options, inherited, c)) {
		free(b);
		return NULL;
	}
	b->capacity = b->disk.size;
	b->wanted_ops = b->rate.ops;
	b->wanted_bytes = b->rate.bytes;
	b->device.ops = &blk_ops;
	b->device.features = options.readonly ? F_RO : F_DISCARD | F_WRITE_ZEROES;
	snprintf(b->device.name, sizeof(b->device.name), "disk '%.50s'", path);
	for (unsigned i = 0; i < REQUESTS; i++) {
		b->requests[i].blk = b;
		b->requests[i].job.run = serve_waiting;
		b->requests[i].next = b->free;
		b->free = &b->requests[i];
	}
	pool__open(&b->pool, THREADS);
	write_config(b);
	return &b->device;
}

int blk__descriptor(const struct device *device)
{
	return ((const struct blk *)device)->disk.fd;
}

/* --- For its user --- */

void blk__state(struct device *device, struct blk_state *state)
{
	struct blk *b = blk_of(device);

	pthread_mutex_lock(&device->lock);
	*state = (struct blk_state){
		.path = b->path, .capacity = __atomic_load_n(&b->capacity, __ATOMIC_RELAXED), .readonly = b->disk.readonly,
		.iops = b->wanted_ops, .bps = b->wanted_bytes,
	};
	pthread_mutex_unlock(&device->lock);
}

void blk__limit(struct device *device, u64 iops, u64 bps)
{
	struct blk *b = blk_of(device);

	pthread_mutex_lock(&device->lock);
	b->wanted_ops = iops;
	b->wanted_bytes = bps;
	pthread_mutex_unlock(&device->lock);
	device__ring(device);
}

int blk__resize(struct device *device, u64 bytes, struct complaint *c)
{
	struct blk *b = blk_of(device);
	const u64 size = disk__size_now(&b->disk);

	if (b->disk.readonly || b->disk.block_device)
		return complain(c, "%s is %s: its size is not ours to change", device->name, b->disk.readonly ? "read-only" : "a block device");
	if (bytes % DISK_SECTOR || bytes < size)
		return complain(c, "%s: %llu is no new size; one that is not less than %llu, in whole sectors of %u, would be", device->name,
				(unsigned long long)bytes, (unsigned long long)size, DISK_SECTOR);
	if (ftruncate(b->disk.fd, bytes))
		return complain(c, "%s: %s", device->name, strerror(errno));
	__atomic_store_n(&b->looked_ns, 0, __ATOMIC_SEQ_CST);
	device__ring(device);
	return 0;
}
