// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See hvc-port.h; Virtual I/O Device specification 1.2, section 5.3.6.
 *
 *	the driver says		it is then told
 *	DEVICE_READY		PORT_ADD, of each port
 *	PORT_READY		once: CONSOLE_PORT (of port 0), PORT_NAME (if it has one);
 *				whenever it changes: PORT_OPEN (is somebody at the far end?), RESIZE (of port 0)
 *	PORT_OPEN		that is, a program of the guest has opened or closed it: input flows, or waits
 *
 * Nothing is queued: what the driver was told is known, and what differs from it is said when the driver has a buffer for it. So
 * a guest that takes no messages costs nothing, and what has changed twice since is not said at all.
 *
 * One client after another is the exception. A program that reads from the port sees that one has gone if it looks before it hears of the next;
 * and what comes while it still has the port open, Linux throws away when it closes it. So the next one has to wait until
 * it has, or until it seems that it does not want to (BREAK_NS).
 */
#include <string.h>

#include "lib/clock.h"
#include "wedge/device/hvc-port.h"

#define MESSAGES_AT_ONCE	64
#define BREAK_NS		300000000ull
#define NONE			0xffffu

enum { DEVICE_READY = 0, PORT_ADD, PORT_REMOVE, PORT_READY, CONSOLE_PORT, RESIZE, PORT_OPEN, PORT_NAME };

struct message {
	u32 port;
	u16 event, value;
};

void hvc__forget(struct hvc *h)
{
	h->multiport = h->device.accepted & HVC_F_MULTIPORT;
	h->driver_ready = false;
	for (unsigned i = 0; i < h->ports; i++) {
		h->port[i].state = (struct port_state){ 0 };
		h->port[i].out_held = false;
	}
	h->port[0].state.open = !h->multiport;
}

/* --- What the driver says --- */

static void hear(struct hvc *h, const struct message *m)
{
	if (m->event == DEVICE_READY) {
		h->driver_ready = m->value;
		return;
	}
	if (m->port >= h->ports) {
		device__break(&h->device, "a message (%u) of port %u: it has %u", m->event, m->port, h->ports);
		return;
	}
	switch (m->event) {
	case PORT_READY: h->port[m->port].state.ready = m->value; break;
	case PORT_OPEN: h->port[m->port].state.open = m->value; break;
	}
}

/* False: there is nothing more. */
static bool hear_next(struct hvc *h)
{
	struct device *d = &h->device;
	struct chain chain;
	struct message m;

	if (!device__take(d, HVC_CONTROL_OUT, &chain))
		return false;
	if (chain__read(&chain, 0, &m, sizeof(m)) < sizeof(m)) {
		device__break(d, "a message of %llu bytes: %zu would be right", (unsigned long long)chain.readable_size, sizeof(m));
		return false;
	}
	hear(h, &(struct message){ device__32(d, m.port), device__16(d, m.event), device__16(d, m.value) });
	device__give(d, HVC_CONTROL_OUT, &chain, 0);
	return d->live;
}

/* --- What it is told --- */

/* The far end is there as long as there is something from it that the driver has not had yet: else that would come after the end. */
static bool far_end_is_there(const struct port *p)
{
	return console__connected(&p->console) || p->ahead_size;
}

/* Somebody else is there now, and of him before there is nothing left. */
static bool is_another(const struct port *p)
{
	return p->state.told_client != p->console.clients && !p->ahead_size;
}

/* How long the driver is not to hear of the next client yet. */
static u64 break_ns(const struct port *p)
{
	const u64 since = clock__now_ns() - p->state.told_end_ns;

	return p->state.told_end_ns && p->state.open && since < BREAK_NS ? BREAK_NS - since : 0;
}

u64 hvc__control_due(const struct hvc *h)
{
	u64 due = DEVICE_FOREVER;

	for (unsigned i = 0; i < h->ports; i++) {
		const struct port *p = &h->port[i];
		const u64 ns = p->state.ready && !p->state.told_open && far_end_is_there(p) ? break_ns(p) : 0;

		if (ns && ns < due)
			due = ns;
	}
	return due;
}

/* What of the port is to be said next; NONE: nothing. */
static u16 news(const struct hvc *h, unsigned n, u16 *value)
{
	const struct port *p = &h->port[n];
	const struct port_state *s = &p->state;

	*value = 1;
	if (!s->added)
		return PORT_ADD;
	if (!s->ready)
		return NONE;
	if (n == 0 && !s->is_console)
		return CONSOLE_PORT;
	if (p->name[0] && !s->named)
		return PORT_NAME;
	if (n == 0 && p->rows && (p->rows != s->told_rows || p->columns != s->told_columns))
		return RESIZE;
	*value = !s->told_open;
	if (s->told_open)
		return !far_end_is_there(p) || is_another(p) ? PORT_OPEN : NONE;
	return far_end_is_there(p) && !break_ns(p) ? PORT_OPEN : NONE;
}

/* What follows the head of a message. */
static size_t content(const struct device *d, const struct port *p, u16 event, u8 *bytes)
{
	/* As specified. A Linux from before the spring of 2025 takes the one for the other. */
	const u16 size[2] = { device__16(d, p->columns), device__16(d, p->rows) };

	switch (event) {
	case RESIZE:
		memcpy(bytes, size, sizeof(size));
		return sizeof(size);
	case PORT_NAME:
		memcpy(bytes, p->name, strlen(p->name));
		return strlen(p->name);
	}
	return 0;
}

static void note(struct port *p, u16 event, u16 value)
{
	struct port_state *s = &p->state;

	switch (event) {
	case PORT_ADD: s->added = true; break;
	case CONSOLE_PORT: s->is_console = true; break;
	case PORT_NAME: s->named = true; break;
	case RESIZE:
		s->told_rows = p->rows;
		s->told_columns = p->columns;
		break;
	case PORT_OPEN:
		s->told_open = value;
		if (!value)
			s->told_end_ns = clock__now_ns();
		s->told_client = p->ahead_size ? p->ahead_client : p->console.clients;
	}
}

/* False: there is nothing to say, or no buffer to say it in. */
static bool tell_next(struct hvc *h, unsigned n)
{
	struct device *d = &h->device;
	u8 bytes[sizeof(struct message) + HVC_NAME_SIZE];
	u16 value, event = news(h, n, &value);
	struct message m = { device__32(d, n), device__16(d, event), device__16(d, value) };
	struct chain chain;
	size_t size;

	if (event == NONE || !device__take(d, HVC_CONTROL_IN, &chain))
		return false;
	memcpy(bytes, &m, sizeof(m));
	size = sizeof(m) + content(d, &h->port[n], event, bytes + sizeof(m));
	if (chain.writable_size < size) {
		device__break(d, "a buffer of %llu bytes for a message of %zu", (unsigned long long)chain.writable_size, size);
		return false;
	}
	device__give(d, HVC_CONTROL_IN, &chain, chain__write(&chain, 0, bytes, size));
	note(&h->port[n], event, value);
	return true;
}

void hvc__control(struct hvc *h)
{
	unsigned heard = 0, told = 0;

	if (!h->multiport)
		return;
	while (heard < MESSAGES_AT_ONCE && hear_next(h))
		heard++;
	for (unsigned i = 0; i < h->ports && h->driver_ready; i++)
		while (told < MESSAGES_AT_ONCE && tell_next(h, i))
			told++;
	h->more |= heard == MESSAGES_AT_ONCE || told == MESSAGES_AT_ONCE;
	device__tell(&h->device, HVC_CONTROL_OUT);
	device__tell(&h->device, HVC_CONTROL_IN);
}
