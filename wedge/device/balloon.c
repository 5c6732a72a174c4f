// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See balloon.h; Virtual I/O Device specification 1.2, section 5.5.
 *
 * A page that the guest gives is the Host's at once. If the guest looks at it all the same it finds zeroes, at the cost of a page. One that
 * it wants back it has when the Host has promised it: until then the request waits, and a guest that has said that it tells
 * us (MUST_TELL_HOST) waits with it, instead of dying of a page that is not there.
 *
 * Pages that the guest only reports as free are another matter: it uses them again without a word, and the Host had better have some then.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wedge/core/layout.h"
#include "wedge/device/balloon.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE	128
#define PAGES_MOST	16384u		/* of one request; Linux gives 256 */
#define PIECE		1024u		/* of them are looked at together */
#define CHAINS_AT_ONCE	64		/* of each queue */
#define STATS_SIZE	(10 * 64u)	/* bytes: more tags than there are */
#define RETRY_NS	100000000	/* the Host has no memory at the moment */

#define F_MUST_TELL	(1ull << 0)
#define F_STATS		(1ull << 1)
#define F_DEFLATE_OOM	(1ull << 2)
#define F_REPORTING	(1ull << 5)

enum { INFLATE, DEFLATE, STATS, HINTS, REPORTING, QUEUES };	/* as specified; see reporting_queue() */

/* Little-endian with a legacy driver as well, unlike that of any other device. */
struct config {
	u32 pages, actual, hint_command, poison;
};

struct balloon {
	struct device device;
	struct balloon_memory memory;
	u64 ram_size;
	struct balloon_state state;
	u8 *given;			/* a bit for each page of RAM */
	u32 page[PIECE];		/* numbers of pages, counted in RAM */
	bool stats_held;		/* the guest's buffer for statistics is with us, */
	u16 stats_head;			/* this one, */
	bool stats_wanted;		/* and it is to fill it anew */
	bool starved;			/* the Host has no memory for what is wanted back */
	bool more;			/* there was more to do than is done at once */
	bool complained;
};

static struct balloon *balloon_of(struct device *d)
{
	return (struct balloon *)d;
}

/* --- Pages --- */

/* What lies there is the Wedge's: see struct board_boot. */
static bool is_reserved(const struct balloon *b, u64 offset, u64 size)
{
	return b->ram_size > CODE_CACHE_PA && offset < CODE_CACHE_PA + CODE_CACHE_SIZE && offset + size > CODE_CACHE_PA;
}

static bool is_given(const struct balloon *b, u32 page)
{
	return b->given[page / 8] >> page % 8 & 1;
}

/* A run of pages, by bits, which change to `value`: how many did. */
static unsigned mark(struct balloon *b, u32 first, u32 count, bool value)
{
	unsigned changed = 0;

	for (u32 i = first; i < first + count; i++)
		if (is_given(b, i) != value) {
			b->given[i / 8] ^= 1u << i % 8;
			changed++;
		}
	return changed;
}

static void give_back(struct balloon *b, u64 offset, u64 size)
{
	const int error = b->memory.give_back(b->memory.user, offset, size);

	if (error && !b->complained) {
		fprintf(stderr, "wedge: %s: giving memory back to the Host: %s\r\n", b->device.name, strerror(error));
		b->complained = true;
	}
}

static int inflate(struct balloon *b, u32 first, u32 count)
{
	give_back(b, first * BALLOON_PAGE, count * BALLOON_PAGE);
	b->state.inflated += mark(b, first, count, true) * BALLOON_PAGE;
	return 0;
}

static int deflate(struct balloon *b, u32 first, u32 count)
{
	const int error = b->memory.reserve(b->memory.user, first * BALLOON_PAGE, count * BALLOON_PAGE);

	if (!error)
		b->state.inflated -= mark(b, first, count, false) * BALLOON_PAGE;
	return error;
}

/* From number of a frame of the guest's to that of a page of its RAM. False: the guest has no such. */
static bool to_page(struct balloon *b, u32 *number)
{
	const u64 pa = device__32(&b->device, *number) * BALLOON_PAGE;
	const u8 *at = ram__at(&b->device.ram, pa, BALLOON_PAGE);

	if (!at || is_reserved(b, at - b->device.ram.base, BALLOON_PAGE)) {
		device__break(&b->device, "a page at %#llx, which is not the guest's", (unsigned long long)pa);
		return false;
	}
	*number = (at - b->device.ram.base) / BALLOON_PAGE;
	return true;
}

static int compare(const void *a, const void *b)
{
	const u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return (x > y) - (x < y);
}

/* Linux gives its pages one by one: what lies side by side is done at once. */
static int for_runs(struct balloon *b, unsigned count, int (*act)(struct balloon *b, u32 first, u32 count))
{
	int error = 0;

	qsort(b->page, count, sizeof(*b->page), compare);
	for (unsigned i = 0, next; i < count && !error; i = next) {
		for (next = i + 1; next < count && b->page[next] - b->page[next - 1] <= 1; next++)
			;
		error = act(b, b->page[i], b->page[next - 1] - b->page[i] + 1);
	}
	return error;
}

/* All pages of a request. An error, after which it may be begun again; also if it has stopped the device. */
static int serve_pages(struct balloon *b, const struct chain *chain, int (*act)(struct balloon *b, u32 first, u32 count))
{
	const u64 size = chain->readable_size;
	int error = 0;

	if (size % sizeof(*b->page) || size > PAGES_MOST * sizeof(*b->page)) {
		device__break(&b->device, "%llu bytes of page numbers: each has 4, and %u are the most", (unsigned long long)size, PAGES_MOST);
		return EINVAL;
	}
	for (u64 done = 0; done < size && !error; done += sizeof(b->page)) {
		unsigned n = chain__read(chain, done, b->page, sizeof(b->page)) / sizeof(*b->page);

		for (unsigned i = 0; i < n; i++)
			if (!to_page(b, &b->page[i]))
				return EINVAL;
		error = for_runs(b, n, act);
	}
	return error;
}

/* --- Queues --- */

static void serve_inflate(struct balloon *b)
{
	struct device *d = &b->device;
	struct chain chain;
	unsigned n = 0;

	while (n++ < CHAINS_AT_ONCE && device__take(d, INFLATE, &chain) && !serve_pages(b, &chain, inflate))
		device__give(d, INFLATE, &chain, 0);
	b->more |= n > CHAINS_AT_ONCE;
	device__tell(d, INFLATE);
}

static void serve_deflate(struct balloon *b)
{
	struct device *d = &b->device;
	struct chain chain;
	unsigned n = 0;

	b->starved = false;
	while (n++ < CHAINS_AT_ONCE && !b->starved && device__take(d, DEFLATE, &chain)) {
		if (!serve_pages(b, &chain, deflate)) {
			device__give(d, DEFLATE, &chain, 0);
		} else if (d->live) {
			queue__untake(&d->queue[DEFLATE]);
			b->starved = true;
		}
	}
	b->more |= n > CHAINS_AT_ONCE;
	device__tell(d, DEFLATE);
}

static void read_stats(struct balloon *b, const struct chain *chain)
{
	struct { u16 tag; u64 value; } __attribute__((packed)) stat;

	memset(b->state.stats, 0xff, sizeof(b->state.stats));
	for (u64 at = 0; at < STATS_SIZE && chain__read(chain, at, &stat, sizeof(stat)) == sizeof(stat); at += sizeof(stat))
		if (device__16(&b->device, stat.tag) < BALLOON_STATS)
			b->state.stats[device__16(&b->device, stat.tag)] = device__64(&b->device, stat.value);
	b->state.stats_heard++;
}

/* The guest fills a buffer and gives it to us; it has it back when we want it filled anew. */
static void serve_stats(struct balloon *b)
{
	struct device *d = &b->device;
	struct chain chain;

	if (!(d->accepted & F_STATS))
		return;
	if (b->stats_held && b->stats_wanted) {
		chain.head = b->stats_head;
		device__give(d, STATS, &chain, 0);
		device__tell(d, STATS);
		b->stats_held = b->stats_wanted = false;
	}
	if (b->stats_held || !device__take(d, STATS, &chain))
		return;
	read_stats(b, &chain);
	b->stats_held = true;
	b->stats_head = chain.head;
}

/* By the specification it is the fifth, whichever others there are. Linux and QEMU count those that there are: so it is the last. */
static unsigned reporting_queue(const struct balloon *b)
{
	unsigned n = QUEUES;

	while (n > DEFLATE + 1 && !b->device.queue[n - 1].size)
		n--;
	return n - 1;
}

static bool serve_report(struct balloon *b, const struct chain *chain)
{
	const struct iovec *part = chain->part + chain->readable;

	for (unsigned i = 0; i < chain->writable; i++) {
		const u64 at = (u8 *)part[i].iov_base - b->device.ram.base;
		const u64 begin = (at + BALLOON_PAGE - 1) & ~(BALLOON_PAGE - 1), end = (at + part[i].iov_len) & ~(BALLOON_PAGE - 1);

		if (is_reserved(b, at, part[i].iov_len)) {
			device__break(&b->device, "free memory is reported that is not the guest's");
			return false;
		}
		if (begin < end) {
			give_back(b, begin, end - begin);
			b->state.reported += end - begin;
		}
	}
	return true;
}

static void serve_reports(struct balloon *b)
{
	struct device *d = &b->device;
	const unsigned queue = reporting_queue(b);
	struct chain chain;
	unsigned n = 0;

	if (!(d->accepted & F_REPORTING) || queue <= (d->accepted & F_STATS ? STATS : DEFLATE))
		return;
	while (n++ < CHAINS_AT_ONCE && device__take(d, queue, &chain) && serve_report(b, &chain))
		device__give(d, queue, &chain, 0);
	b->more |= n > CHAINS_AT_ONCE;
	device__tell(d, queue);
}

/* --- The device --- */

static void balloon_work(struct device *d)
{
	struct balloon *b = balloon_of(d);

	pthread_mutex_lock(&d->lock);
	b->more = false;
	serve_deflate(b);
	serve_inflate(b);
	serve_stats(b);
	serve_reports(b);
	pthread_mutex_unlock(&d->lock);
}

static unsigned balloon_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	struct balloon *b = balloon_of(d);

	if (d->live && b->starved)
		*ns = RETRY_NS;
	if (d->live && b->more)
		*ns = 0;
	return 0;
}

/* The guest has all of its pages again, as far as the Host has them. */
static void balloon_stop(struct device *d)
{
	struct balloon *b = balloon_of(d);
	const u32 pages = b->ram_size / BALLOON_PAGE;
	int error = 0;

	pthread_mutex_lock(&d->lock);
	for (u32 first = 0, next; first < pages && b->state.inflated && !error && !d->ending; first = next) {
		for (next = first; next < pages && next - first < PIECE && is_given(b, next); next++)
			;
		if (next > first)
			error = deflate(b, first, next - first);
		else
			next++;
	}
	memset(b->given, 0, pages / 8);
	b->state.inflated = 0;
	b->stats_held = b->starved = false;
	pthread_mutex_unlock(&d->lock);
}

static void balloon_close(struct device *d)
{
	free(balloon_of(d)->given);
}

static const struct device_ops balloon_ops = {
	.id = 5, .queues = QUEUES, .queue_size = QUEUE_SIZE, .features = F_MUST_TELL | F_STATS | F_DEFLATE_OOM | F_REPORTING,
	.config_writable = 0xfull << offsetof(struct config, actual),
	.work = balloon_work, .wants = balloon_wants, .stop = balloon_stop, .close = balloon_close,
};

/* --- For its user --- */

static u32 pages_of(const struct balloon *b, u64 bytes)
{
	return htole32((bytes < b->ram_size ? bytes : b->ram_size) / BALLOON_PAGE);
}

void balloon__set_target(struct device *device, u64 bytes)
{
	struct balloon *b = balloon_of(device);
	const u32 pages = pages_of(b, bytes);

	pthread_mutex_lock(&device->lock);
	b->state.target = le32toh(pages) * BALLOON_PAGE;
	device__configure(device, offsetof(struct config, pages), &pages, sizeof(pages));
	pthread_mutex_unlock(&device->lock);
}

void balloon__state(struct device *device, struct balloon_state *state)
{
	u32 said;

	pthread_mutex_lock(&device->lock);
	*state = balloon_of(device)->state;
	memcpy(&said, device->slot->config + offsetof(struct config, actual), sizeof(said));
	state->said = le32toh(said) * BALLOON_PAGE;
	pthread_mutex_unlock(&device->lock);
}

void balloon__ask_stats(struct device *device)
{
	pthread_mutex_lock(&device->lock);
	balloon_of(device)->stats_wanted = true;
	pthread_mutex_unlock(&device->lock);
	device__ring(device);
}

static int parse(const char *spec, u64 ram_size, u64 *target, struct complaint *c)
{
	if (*spec && spec__number(spec, true, target))
		return complain(c, "--balloon: '%.100s' is not a size; 64M would be one", spec);
	if (*target >= ram_size)
		return complain(c, "--balloon: %s is not less than the guest's memory of %lluM", spec, (unsigned long long)ram_size >> 20);
	return 0;
}

struct device *balloon__new(const char *spec, u64 ram_size, const struct balloon_memory *memory, struct complaint *c)
{
	struct balloon *b;
	struct config config = { 0 };
	u64 target = 0;

	if (parse(spec, ram_size, &target, c))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b)
		b->given = calloc(1, ram_size / BALLOON_PAGE / 8);
	if (!b || !b->given) {
		free(b);
		complain(c, "--balloon: no memory for it");
		return NULL;
	}
	b->memory = *memory;
	b->ram_size = ram_size;
	b->state.target = target / BALLOON_PAGE * BALLOON_PAGE;
	memset(b->state.stats, 0xff, sizeof(b->state.stats));
	config.pages = pages_of(b, target);
	memcpy(b->device.config, &config, sizeof(config));
	b->device.ops = &balloon_ops;
	strcpy(b->device.name, "balloon");
	return &b->device;
}
