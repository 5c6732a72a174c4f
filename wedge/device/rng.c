// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See rng.h; Virtual I/O Device specification 1.2, section 5.4.
 *
 * A guest can ask without end, and each byte costs the Host as much as a guest's own instructions cost it: so there is a rate, and what is
 * asked beyond it waits in the queue. A short answer is allowed, so no request is long.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "lib/clock.h"
#include "wedge/device/rng.h"
#include "wedge/device/rate.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE	8
#define RATE		(1ull << 20)	/* bytes a second, unless the user says otherwise */
#define ANSWER_MOST	0x10000u	/* bytes */
#define COST_LEAST	64		/* bytes that a request counts for, however short it is */
#define BURST_NS	10000000	/* by which requests may be early: a timer's resolution */
#define RETRY_NS	100000000	/* the Host has just been switched on, and has no randomness yet */

struct rng {
	struct device device;
	struct rate rate;
	bool early;			/* which is why the queue was not looked at, nor will the driver tell of what it puts there */
	bool seeded;
	u64 state;			/* of the generator, if it is seeded */
	u8 bytes[ANSWER_MOST];
};

/* splitmix64 (Steele, Lea and Flood, 2014): numbers that look random, for a guest that is to see the same ones each time. */
static u64 next_number(struct rng *r)
{
	u64 z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* How many bytes are there now: fewer than `size` perhaps, or none. */
static size_t fill(struct rng *r, size_t size)
{
	ssize_t n;

	if (!r->seeded) {
		n = getrandom(r->bytes, size, GRND_NONBLOCK);
		return n < 0 ? 0 : n;
	}
	for (size_t i = 0; i < size; i++)
		r->bytes[i] = next_number(r);
	return size;
}

/* With a low rate in small portions: one that took minutes to be paid for would keep the next one waiting as long. */
static size_t answer_most(const struct rng *r)
{
	const u64 most = r->rate.bytes / 8;

	return !r->rate.bytes || most > ANSWER_MOST ? ANSWER_MOST : most < COST_LEAST ? COST_LEAST : most;
}

/* False: nothing more is to be done now. */
static bool answer(struct rng *r)
{
	struct device *d = &r->device;
	struct chain chain;
	size_t size;

	r->early = rate__early(&r->rate);
	if (r->early || !device__take(d, 0, &chain))
		return false;
	if (chain.readable || !chain.writable_size) {
		device__break(d, "a request with %llu bytes to read and %llu to write: only such to write would be right",
			      (unsigned long long)chain.readable_size, (unsigned long long)chain.writable_size);
		return false;
	}
	size = fill(r, chain.writable_size < answer_most(r) ? chain.writable_size : answer_most(r));
	if (!size) {
		queue__untake(&d->queue[0]);
		r->rate.due_ns = clock__now_ns() + RETRY_NS;
		r->early = true;
		return false;
	}
	chain__write(&chain, 0, r->bytes, size);
	memset(r->bytes, 0, size);	/* the guest's, and nobody else's */
	rate__charge(&r->rate, size < COST_LEAST ? COST_LEAST : size);
	device__give(d, 0, &chain, size);
	return true;
}

static void rng_work(struct device *d)
{
	struct rng *r = (struct rng *)d;

	pthread_mutex_lock(&d->lock);
	for (unsigned n = 0; n < QUEUE_SIZE && answer(r); n++)
		;
	device__tell(d, 0);
	pthread_mutex_unlock(&d->lock);
}

static unsigned rng_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	struct rng *r = (struct rng *)d;

	if (d->live && (r->early || queue__has(&d->queue[0])))
		*ns = rate__early(&r->rate);
	return 0;
}

static const struct device_ops rng_ops = { .id = 4, .queues = 1, .queue_size = QUEUE_SIZE, .work = rng_work, .wants = rng_wants };

struct device *rng__new(const char *spec, u64 seed, struct complaint *c)
{
	struct rng *r = calloc(1, sizeof(*r));
	const struct spec_key keys[] = { { "bps", SPEC_SIZE, r ? &r->rate.bytes : NULL } };

	if (!r) {
		complain(c, "--rng: no memory for it");
		return NULL;
	}
	r->rate.bytes = RATE;
	if (spec__parse_keys("--rng", spec, keys, 1, c)) {
		free(r);
		return NULL;
	}
	r->seeded = seed;
	r->state = seed;
	r->device.ops = &rng_ops;
	strcpy(r->device.name, "rng");
	return &r->device;
}
