// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9.h; Virtual I/O Device specification 1.2, section 5.4.9 names the device, Linux (net/9p/trans_virtio.c) says what it is.
 *
 * A chain is a message and room for its answer. They are served by the device's thread, one after another; but what has to wait for the data
 * of a file, which is most of what may be slow, goes to a pool of threads, and the next message is served. Names are looked up, made and removed by the
 * device's thread: who waits there for a slow disk of the Host's waits with all that he wants of this share, and with nothing else.
 */
#include <ctype.h>
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "wedge/device/p9-serve.h"
#include "wedge/device/p9.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE		128		/* Linux's messages have no more parts */
#define REQUESTS		32		/* at once; the others wait in the queue */
#define THREADS			4
#define F_MOUNT_TAG		1ull
#define TAG_MOST		32
#define DESCRIPTORS_WANTED	16384

struct config {
	u16 length;
	char tag[TAG_MOST];
};
_Static_assert(sizeof(struct config) <= VIRTIO_CONFIG_SIZE, "fits");
static const u8 config_fields[] = { 2, 0 };

struct request {
	struct job job;
	struct request *next;		/* free; or the next of `flushes` */
	struct request *flushes;	/* that are answered when this one has been, in their order */
	struct p9 *p9;
	bool left;			/* to the pool */
	u32 written;			/* of a flush that waits */
	struct p9_rest rest;
	struct chain chain;
};

struct p9 {
	struct device device;
	struct p9_share share;
	struct pool pool;
	bool starved;			/* messages wait in the queue for a request of ours */
	struct request *free, requests[REQUESTS];
};

static struct p9 *p9_of(struct device *d)
{
	return (struct p9 *)d;
}

/* --- Answers. With the lock --- */

static void give(struct request *r, u32 written)
{
	struct p9 *p = r->p9;

	if (written)
		device__give(&p->device, 0, &r->chain, written);
	else
		device__break(&p->device, "a message of %llu bytes with room for an answer of %llu: %u and %u are the least",
			      (unsigned long long)r->chain.readable_size, (unsigned long long)r->chain.writable_size, P9_HEAD, P9_ERROR_SIZE);
	r->next = p->free;
	p->free = r;
}

static void give_left(struct request *r, u32 written)
{
	struct request *flush = r->flushes, *next;

	r->left = false;
	r->flushes = NULL;
	give(r, written);
	for (; flush; flush = next) {
		next = flush->next;
		give(flush, flush->written);
	}
}

/* The one with that tag which is not answered yet, or behind which it waits. */
static struct request *find_left(struct p9 *p, u16 tag)
{
	for (unsigned i = 0; i < REQUESTS; i++) {
		struct request *r = &p->requests[i];

		if (!r->left)
			continue;
		if (r->rest.tag == tag)
			return r;
		for (const struct request *flush = r->flushes; flush; flush = flush->next)
			if (flush->rest.tag == tag)
				return r;
	}
	return NULL;
}

static void give_or_wait(struct request *r, u32 written)
{
	struct request *left = written && r->rest.type == P9_TFLUSH ? find_left(r->p9, r->rest.count) : NULL, **end;

	if (!left) {
		give(r, written);
		return;
	}
	for (end = &left->flushes; *end; end = &(*end)->next)
		;
	*end = r;
	r->next = NULL;
	r->written = written;
}

/* --- Messages --- */

/* In a thread of the pool. */
static void serve_left(struct job *job)
{
	struct request *r = (struct request *)job;
	struct p9 *p = r->p9;
	const u32 written = p9_rest__serve(&r->rest, &r->chain);
	bool ring;

	pthread_mutex_lock(&p->device.lock);
	give_left(r, written);
	device__tell(&p->device, 0);
	ring = p->starved;
	p->starved = false;
	pthread_mutex_unlock(&p->device.lock);
	if (ring)
		device__ring(&p->device);
}

/* Its chain as well; NULL if there is none of either. */
static struct request *take(struct p9 *p)
{
	struct device *d = &p->device;
	struct request *r;

	pthread_mutex_lock(&d->lock);
	r = d->ending ? NULL : p->free;
	p->starved = !r && d->live && queue__has(&d->queue[0]);
	if (r && !device__take(d, 0, &r->chain))
		r = NULL;
	if (r)
		p->free = r->next;
	else
		device__tell(d, 0);
	pthread_mutex_unlock(&d->lock);
	return r;
}

static void serve(struct request *r)
{
	struct p9 *p = r->p9;
	const u32 written = p9_share__serve(&p->share, &r->chain);

	r->rest = p->share.rest;
	pthread_mutex_lock(&p->device.lock);
	r->left = written == P9_LEFT;
	if (!r->left) {
		give_or_wait(r, written);
		device__tell(&p->device, 0);
	}
	pthread_mutex_unlock(&p->device.lock);
	/* No more of `r` here: it may be somebody else's by now. */
	if (written == P9_LEFT)
		pool__submit(&p->pool, &r->job);
}

static void p9_work(struct device *d)
{
	struct request *r;

	if (d->live)
		queue__busy(&d->queue[0]);
	while ((r = take(p9_of(d))))
		serve(r);
}

static void p9_stop(struct device *d)
{
	struct p9 *p = p9_of(d);

	pool__drain(&p->pool);
	p9_fids__drop_all(&p->share);
	p->share.msize = 0;
	p->starved = false;
}

static void p9_close(struct device *d)
{
	pool__close(&p9_of(d)->pool);
	p9_files__close_root(&p9_of(d)->share.root);
}

static const struct device_ops p9_ops = {
	.id = 9, .queues = 1, .queue_size = QUEUE_SIZE, .features = F_MOUNT_TAG, .config_fields = config_fields,
	.work = p9_work, .stop = p9_stop, .close = p9_close,
};

/* --- Making one --- */

static int check_tag(const char *tag, struct device *const *others, unsigned count, struct complaint *c)
{
	if (!*tag)
		return complain(c, "--share: a share has a tag, by which the guest mounts it; --share work=/some/folder would be right");
	if (strlen(tag) > TAG_MOST)
		return complain(c, "--share: the tag '%.40s' has %zu characters; %d are the most", tag, strlen(tag), TAG_MOST);
	for (const char *p = tag; *p; p++)
		if (*p == '/' || *p == ',' || !isgraph((unsigned char)*p))
			return complain(c, "--share: the tag '%s' may have no slash, comma, blank or control character in it", tag);
	for (unsigned i = 0; i < count; i++) {
		const struct config *config = (const struct config *)others[i]->config;

		if (others[i]->ops == &p9_ops && le16toh(config->length) == strlen(tag) && !memcmp(config->tag, tag, strlen(tag)))
			return complain(c, "--share: two shares have the tag '%s'; the guest could not tell them apart", tag);
	}
	return 0;
}

/* Splits what is before the first comma. */
static int parse(const char *spec, char *tag, const char **path, bool *readonly, struct complaint *c)
{
	const struct spec_key keys[] = { { "readonly", SPEC_FLAG, readonly } };
	char *equals;

	if (spec__parse("--share", spec, tag, keys, sizeof(keys) / sizeof(*keys), c))
		return -1;
	equals = strchr(tag, '=');
	if (!equals || !equals[1])
		return complain(c, "--share: '%.100s' names no folder; --share work=/some/folder would be right", tag);
	*equals = 0;
	*path = equals + 1;
	return 0;
}

/* A guest may have many files open, and many Hosts give 1,024 to who does not ask for more. */
static void want_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= DESCRIPTORS_WANTED)
		return;
	limit.rlim_cur = limit.rlim_max < DESCRIPTORS_WANTED ? limit.rlim_max : DESCRIPTORS_WANTED;
	setrlimit(RLIMIT_NOFILE, &limit);
}

struct device *p9__new(const char *spec, struct device *const *others, unsigned count, struct complaint *c)
{
	struct p9 *p = calloc(1, sizeof(*p));
	char tag[SPEC_TEXT_SIZE];
	const char *path = NULL;
	struct config *config;

	if (!p) {
		complain(c, "--share: no memory for it");
		return NULL;
	}
	if (parse(spec, tag, &path, &p->share.readonly, c) || check_tag(tag, others, count, c) ||
	    p9_files__open_root(&p->share.root, path, c)) {
		free(p);
		return NULL;
	}
	want_descriptors();
	for (unsigned i = 0; i < REQUESTS; i++) {
		p->requests[i] = (struct request){ .job.run = serve_left, .p9 = p, .next = p->free };
		p->free = &p->requests[i];
	}
	pool__open(&p->pool, THREADS);
	p->share.pool = &p->pool;
	p->device.ops = &p9_ops;
	snprintf(p->device.name, sizeof(p->device.name), "share '%s'", tag);
	config = (struct config *)p->device.config;
	config->length = htole16(strlen(tag));
	memcpy(config->tag, tag, strlen(tag));
	return &p->device;
}
