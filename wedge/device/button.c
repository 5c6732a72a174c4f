// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See button.h; Virtual I/O Device specification 1.2, section 5.8.
 *
 * What becomes of it is the guest's affair: systemd-logind powers off, and so can acpid.
 */
#include <endian.h>
#include <linux/input.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/device/button.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE	64

enum { EVENTS, STATUS, QUEUES };

/* What the driver may select of the configuration. */
enum { SELECT_NAME = 0x01, SELECT_IDS = 0x03, SELECT_EVENTS = 0x11 };

/* As the specification has it. */
struct event {
	u16 type, code;
	u32 value;
};

static const struct event press[] = {
	{ EV_KEY, KEY_POWER, 1 }, { EV_SYN, SYN_REPORT, 0 }, { EV_KEY, KEY_POWER, 0 }, { EV_SYN, SYN_REPORT, 0 },
};

struct button {
	struct device device;
	unsigned owed;			/* events of a press that have not been told yet, the last ones */
};

static struct button *button_of(struct device *d)
{
	return (struct button *)d;
}

static bool tell(struct device *d, const struct event *event)
{
	const struct event bytes = { htole16(event->type), htole16(event->code), htole32(event->value) };
	struct chain chain;

	if (!device__take(d, EVENTS, &chain))
		return false;
	if (chain.readable || chain.writable_size < sizeof(bytes)) {
		device__break(d, "a buffer for an event with %llu bytes to read and %llu to write: 0 and at least %zu would be right",
			      (unsigned long long)chain.readable_size, (unsigned long long)chain.writable_size, sizeof(bytes));
		return false;
	}
	chain__write(&chain, 0, &bytes, sizeof(bytes));
	device__give(d, EVENTS, &chain, sizeof(bytes));
	return true;
}

static void button_work(struct device *d)
{
	struct button *b = button_of(d);
	struct chain chain;

	pthread_mutex_lock(&d->lock);
	while (b->owed && d->live && tell(d, &press[ARRAY_SIZE(press) - b->owed]))
		b->owed--;
	device__tell(d, EVENTS);
	/* Lamps, of which it has none. */
	for (unsigned n = 0; n < QUEUE_SIZE && d->live && device__take(d, STATUS, &chain); n++) {
		if (chain.writable)
			device__break(d, "%llu bytes to write of a lamp: only such to read would be right", (unsigned long long)chain.writable_size);
		else
			device__give(d, STATUS, &chain, 0);
	}
	device__tell(d, STATUS);
	pthread_mutex_unlock(&d->lock);
}

/* Whoever comes next knows nothing of it. */
static void button_stop(struct device *d)
{
	button_of(d)->owed = 0;
}

bool button__press(struct device *d)
{
	bool live;

	pthread_mutex_lock(&d->lock);
	live = d->live;
	if (live && !button_of(d)->owed)
		button_of(d)->owed = ARRAY_SIZE(press);
	pthread_mutex_unlock(&d->lock);
	device__ring(d);
	return live;
}

static const struct virtio_selection selections[] = {
	{ SELECT_NAME, 0, 16, "Afterburn button" },
	{ SELECT_IDS, 0, 8, { BUS_VIRTUAL } },
	{ SELECT_EVENTS, EV_KEY, KEY_POWER / 8 + 1, { [KEY_POWER / 8] = 1 << KEY_POWER % 8 } },
};

static const struct device_ops button_ops = {
	.id = 18, .queues = QUEUES, .queue_size = QUEUE_SIZE, .config_writable = 3, .selections = selections, .selection_count = ARRAY_SIZE(selections),
	.work = button_work, .stop = button_stop,
};

struct device *button__new(const char *spec, struct complaint *c)
{
	struct button *b;

	if (*spec) {
		complain(c, "--button takes nothing, not '%s'", spec);
		return NULL;
	}
	b = calloc(1, sizeof(*b));
	if (!b) {
		complain(c, "--button: no memory for it");
		return NULL;
	}
	b->device.ops = &button_ops;
	strcpy(b->device.name, "button");
	return &b->device;
}
