// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9.h; Virtual I/O Device specification 1.2, section 5.4.9 names the device, Linux (net/9p/trans_virtio.c) says what it is.
 *
 * A chain is a message and room for its answer. They are served here and now, by the device's thread, one after another: a guest that waits for a
 * slow disk of the Host's waits with all that it wants of this share, and with nothing else.
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
#define F_MOUNT_TAG		1ull
#define TAG_MOST		32
#define DESCRIPTORS_WANTED	16384

struct config {
	u16 length;
	char tag[TAG_MOST];
};
_Static_assert(sizeof(struct config) <= VIRTIO_CONFIG_SIZE, "fits");

struct p9 {
	struct device device;
	struct p9_share share;
	struct chain chain;		/* the one that is served */
};

static struct p9 *p9_of(struct device *d)
{
	return (struct p9 *)d;
}

static bool take(struct p9 *p)
{
	struct device *d = &p->device;
	bool taken;

	pthread_mutex_lock(&d->lock);
	taken = !d->ending && device__take(d, 0, &p->chain);
	if (!taken)
		device__tell(d, 0);
	pthread_mutex_unlock(&d->lock);
	return taken;
}

static void p9_work(struct device *d)
{
	struct p9 *p = p9_of(d);

	if (d->live)
		queue__busy(&d->queue[0]);
	while (take(p)) {
		u32 written = p9_share__serve(&p->share, &p->chain);

		pthread_mutex_lock(&d->lock);
		if (written) {
			device__give(d, 0, &p->chain, written);
			device__tell(d, 0);
		} else {
			device__break(d, "a message of %llu bytes with room for an answer of %llu: %u and %u are the least",
				      (unsigned long long)p->chain.readable_size, (unsigned long long)p->chain.writable_size, P9_HEAD,
				      P9_ERROR_SIZE);
		}
		pthread_mutex_unlock(&d->lock);
	}
}

static void p9_stop(struct device *d)
{
	struct p9_share *s = &p9_of(d)->share;

	p9_fids__drop_all(s);
	s->msize = 0;
}

static void p9_close(struct device *d)
{
	p9_files__close_root(&p9_of(d)->share.root);
}

static const struct device_ops p9_ops = {
	.id = 9, .queues = 1, .queue_size = QUEUE_SIZE, .features = F_MOUNT_TAG, .work = p9_work, .stop = p9_stop, .close = p9_close,
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
	p->device.ops = &p9_ops;
	snprintf(p->device.name, sizeof(p->device.name), "share '%s'", tag);
	config = (struct config *)p->device.config;
	config->length = htole16(strlen(tag));
	memcpy(config->tag, tag, strlen(tag));
	return &p->device;
}
