// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See hvc.h; Virtual I/O Device specification 1.2, section 5.3.
 *
 * Output. A program that writes to a port sleeps in the guest while the port's queue is full: so what a far end does not take stays there,
 * and nothing is lost. With the terminal it is otherwise: Linux waits for each of its buffers with its interrupts off. A reader
 * that is slow may hold that up for TERMINAL_PATIENCE_NS; then it is one that does not read, and loses output as console.h says.
 *
 * Input. What comes is read only as far as there is room in `ahead`, from where it goes into the driver's buffers when there are some
 * and the guest has the port open. It is read before, too: the escape key works without a driver, and whoever writes a line and
 * leaves need not wait.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/device/hvc-port.h"
#include "wedge/device/spec.h"

#define QUEUE_SIZE		32
#define PIECE			8192u		/* of output */
#define PIECES_AT_ONCE		64		/* of each port and direction */
#define TERMINAL_PATIENCE_NS	20000000ull
#define CHAIN_MOST		(1u << 20)	/* bytes of output in one */
#define LOOK_NS			1000000		/* while what is left drains, */
#define DRAIN_NS		10000000000ull	/* for so long at most */

struct config {
	u16 columns, rows;
	u32 ports, emergency;
};
static const u8 config_fields[] = { 2, 2, 4, 4, 0 };

static struct hvc *hvc_of(struct device *d)
{
	return (struct hvc *)d;
}

static unsigned in_queue(unsigned port)
{
	return port ? 2 * port + 2 : 0;
}

static unsigned out_queue(unsigned port)
{
	return in_queue(port) + 1;
}

/* --- Output --- */

/* A driver that has reset the device waits, and its buffers are still what they were. If they are nonsense there is nothing to wait for. */
static bool take_left(struct hvc *h, unsigned n)
{
	struct queue *q = &h->device.queue[out_queue(n)];
	struct port *p = &h->port[n];
	struct complaint c;
	const int taken = queue__take(q, &p->out, &c);

	p->out_held = taken > 0 && p->out.readable_size <= CHAIN_MOST;
	p->out_done = 0;
	if (taken && !p->out_held)
		q->size = 0;
	return p->out_held;
}

static bool take_output(struct hvc *h, unsigned n)
{
	struct device *d = &h->device;
	struct port *p = &h->port[n];

	if (h->stopping)
		return take_left(h, n);
	if (!device__take(d, out_queue(n), &p->out))
		return false;
	if (p->out.readable_size > CHAIN_MOST) {
		device__break(d, "%llu bytes of output at once: %u are the most", (unsigned long long)p->out.readable_size, CHAIN_MOST);
		return false;
	}
	p->out_held = true;
	p->out_done = 0;
	return true;
}

/* False: nothing more can be done now. */
static bool send_piece(struct hvc *h, unsigned n)
{
	struct device *d = &h->device;
	struct port *p = &h->port[n];
	u8 bytes[PIECE];
	unsigned room;

	if (!p->out_held && !take_output(h, n))
		return false;
	room = console__room(&p->console);
	if (!room)
		return false;
	room = chain__read(&p->out, p->out_done, bytes, room < PIECE ? room : PIECE);
	console__write(&p->console, bytes, room);
	p->out_done += room;
	if (p->out_done == p->out.readable_size) {
		device__give(d, out_queue(n), &p->out, 0);
		p->out_held = false;
	}
	return true;
}

/* --- Input --- */

/*
 * What one client has sent is taken by the driver before anything of the next is read, who may come at any moment when there is none. Nor is
 * anything read of one whom the driver should have heard of, but has not.
 */
static unsigned ahead_room(const struct port *p)
{
	const struct port_state *s = &p->state;
	const struct console *console = &p->console;
	bool other = p->ahead_size && (p->ahead_client != console->clients || !console__connected(console));
	bool unheard = s->ready && !(s->told_open && s->told_client == console->clients);

	return !console->escapes && (other || unheard) ? 0 : HVC_AHEAD - p->ahead_size;
}

static void read_ahead(struct hvc *h, struct port *p)
{
	enum console_key key;
	unsigned n;

	if (p->ahead_start) {
		memmove(p->ahead, p->ahead + p->ahead_start, p->ahead_size);
		p->ahead_start = 0;
	}
	n = console__get(&p->console, p->ahead + p->ahead_size, ahead_room(p), &key);
	if (n)
		p->ahead_client = p->console.clients;
	p->ahead_size += n;
	if (key != CONSOLE_NONE)
		h->pressed(h->user, key);
}

static bool receive_piece(struct hvc *h, unsigned n)
{
	struct device *d = &h->device;
	struct port *p = &h->port[n];
	struct chain chain;
	size_t size;

	if (!p->state.open)
		return false;
	if (!p->ahead_size)
		read_ahead(h, p);
	if (!p->ahead_size || !device__take(d, in_queue(n), &chain))
		return false;
	size = chain__write(&chain, 0, p->ahead + p->ahead_start, p->ahead_size);
	if (!size) {
		device__break(d, "a buffer for input with room for none");
		return false;
	}
	device__give(d, in_queue(n), &chain, size);
	p->ahead_start += size;
	p->ahead_size -= size;
	return true;
}

/* --- The device --- */

static void look_at_size(struct hvc *h)
{
	struct port *p = &h->port[0];
	u16 rows, columns, config[2];

	if (!console__size(&p->console, &rows, &columns) || (rows == p->rows && columns == p->columns))
		return;
	p->rows = rows;
	p->columns = columns;
	config[0] = htole16(columns);
	config[1] = htole16(rows);
	device__configure(&h->device, 0, config, sizeof(config));
}

static void hvc_look(struct device *d)
{
	struct hvc *h = hvc_of(d);

	pthread_mutex_lock(&d->lock);
	h->more = false;
	look_at_size(h);
	for (unsigned i = 0; i < h->ports; i++) {
		read_ahead(h, &h->port[i]);
		console__flush(&h->port[i].console);
	}
	pthread_mutex_unlock(&d->lock);
}

static void move(struct hvc *h, unsigned port)
{
	unsigned sent = 0, received = 0;

	while (sent < PIECES_AT_ONCE && send_piece(h, port))
		sent++;
	console__flush(&h->port[port].console);
	while (received < PIECES_AT_ONCE && receive_piece(h, port))
		received++;
	h->more |= sent == PIECES_AT_ONCE || received == PIECES_AT_ONCE;
	device__tell(&h->device, out_queue(port));
	device__tell(&h->device, in_queue(port));
}

static void hvc_work(struct device *d)
{
	struct hvc *h = hvc_of(d);

	pthread_mutex_lock(&d->lock);
	hvc__control(h);
	for (unsigned i = 0; i < (h->multiport ? h->ports : 1); i++)
		move(h, i);
	hvc__control(h);	/* a client may have come or gone meanwhile */
	pthread_mutex_unlock(&d->lock);
}

static unsigned hvc_wants(struct device *d, struct pollfd *fds, u64 *ns)
{
	struct hvc *h = hvc_of(d);
	unsigned n = 0;

	for (unsigned i = 0; i < h->ports; i++) {
		const struct console *console = &h->port[i].console;

		n += console__wants(console, ahead_room(&h->port[i]), fds + n);
		if (console__due(console) < *ns)
			*ns = console__due(console);
	}
	if (h->port[0].console.flow == CONSOLE_HOLDING && *ns > TERMINAL_PATIENCE_NS / 2)
		*ns = TERMINAL_PATIENCE_NS / 2;
	if (hvc__control_due(h) < *ns)
		*ns = hvc__control_due(h);
	if (h->more && d->live)
		*ns = 0;
	return n;
}

static void hvc_start(struct device *d)
{
	hvc__forget(hvc_of(d));
}

/* --- The end of a driver --- */

/* Changes whenever something moves; 0 if nothing is left. What a console has it keeps, unless all ends. */
static u64 left_to_send(const struct hvc *h)
{
	u64 left = 0;

	for (unsigned i = 0; i < h->ports; i++) {
		const struct port *p = &h->port[i];
		const struct queue *q = &h->device.queue[out_queue(i)];

		if (h->device.ending && p->console.kind != CONSOLE_NOWHERE)
			left += p->console.fill;
		if (p->out_held)
			left += 1 + p->out.readable_size - p->out_done;
		if (queue__has(q))
			left += 1 + ((u64)(u16)~q->taken << 40);
	}
	return left;
}

/* What nobody takes is counted. */
static void lose_output(struct hvc *h)
{
	for (unsigned i = 0; i < h->ports; i++) {
		struct port *p = &h->port[i];

		for (unsigned n = 0; n <= QUEUE_SIZE && (p->out_held || take_output(h, i)); n++) {
			p->lost += p->out.readable_size - p->out_done;
			p->out_held = false;
		}
	}
}

/*
 * What the driver had in its queues is its own again. Linux resets its devices when it powers off: what a program has written before is to
 * leave all the same, as long as some of it does within the time that a console has for it.
 */
static void hvc_stop(struct device *d)
{
	struct hvc *h = hvc_of(d);
	const u64 begin_ns = clock__now_ns();
	u64 now = begin_ns, moved_ns = begin_ns, before = 0, left;

	pthread_mutex_lock(&d->lock);
	h->stopping = true;
	while ((left = left_to_send(h)) && now - begin_ns < DRAIN_NS && !(console__abandon && *console__abandon)) {
		if (left != before)
			moved_ns = now;
		else if (now - moved_ns > CONSOLE_PATIENCE_NS)
			break;
		before = left;
		for (unsigned i = 0; i < h->ports; i++) {
			for (unsigned n = 0; n < PIECES_AT_ONCE && send_piece(h, i); n++)
				;
			console__flush(&h->port[i].console);
		}
		if (left_to_send(h) == left)
			nanosleep(&(struct timespec){ .tv_nsec = LOOK_NS }, NULL);
		now = clock__now_ns();
	}
	lose_output(h);
	h->stopping = false;
	hvc__forget(h);
	pthread_mutex_unlock(&d->lock);
}

static void close_port(struct hvc *h, unsigned n)
{
	struct port *p = &h->port[n];
	const u64 lost = p->console.dropped + p->console.fill + p->lost;

	if (lost)
		fprintf(stderr, "wedge: nobody took %llu bytes that the guest wrote to hvc %u%s%s\n", (unsigned long long)lost, n,
			p->name[0] ? ", " : "", p->name);
	if (h->restart) {
		console__hand_over(&p->console, CONSOLE_UARTS + n);
		return;
	}
	console__close(&p->console);
	free(p->where);
}

static void hvc_close(struct device *d)
{
	for (unsigned i = 0; i < hvc_of(d)->ports; i++)
		close_port(hvc_of(d), i);
}

static const struct device_ops hvc_ops = {
	.id = 3, .queues = 2 * HVC_PORTS_MOST + 2, .queue_size = QUEUE_SIZE, .features = HVC_F_SIZE | HVC_F_MULTIPORT, .config_fields = config_fields,
	.start = hvc_start, .look = hvc_look, .work = hvc_work, .stop = hvc_stop, .wants = hvc_wants, .close = hvc_close,
};
_Static_assert(2 * HVC_PORTS_MOST + 2 <= VIRTIO_QUEUES, "a device has no more");
_Static_assert(2 * HVC_PORTS_MOST <= DEVICE_POLL_MOST, "each port may wait for two descriptors");
_Static_assert(CONSOLE_UARTS + HVC_PORTS_MOST <= CONSOLES_MOST, "each has a number");

/* --- Making one --- */

static int parse(struct port *p, const char *spec, struct complaint *c)
{
	char where[SPEC_TEXT_SIZE], name[SPEC_TEXT_SIZE] = "";
	const struct spec_key keys[] = { { "name", SPEC_TEXT, name } };

	if (spec__parse("--hvc", spec, where, keys, 1, c))
		return -1;
	if (strlen(name) >= HVC_NAME_SIZE)
		return complain(c, "--hvc: the name '%.100s' has %zu characters; %d is the most", name, strlen(name), HVC_NAME_SIZE - 1);
	strcpy(p->name, name);
	p->where = strdup(where);
	return p->where ? 0 : complain(c, "--hvc: no memory for it");
}

struct device *hvc__new(const char *const *specs, unsigned ports, void (*pressed)(void *user, enum console_key key), void *user,
			struct complaint *c)
{
	struct hvc *h = calloc(1, sizeof(*h) + ports * sizeof(*h->port));
	const struct config config = { .ports = htole32(ports) };

	if (!h) {
		complain(c, "--hvc: no memory for it");
		return NULL;
	}
	h->ports = ports;
	h->pressed = pressed;
	h->user = user;
	for (unsigned i = 0; i < ports; i++)
		if (parse(&h->port[i], specs[i], c)) {
			for (unsigned k = 0; k < ports; k++)
				free(h->port[k].where);
			free(h);
			return NULL;
		}
	h->device.ops = &hvc_ops;
	strcpy(h->device.name, "hvc");
	memcpy(h->device.config, &config, sizeof(config));
	return &h->device;
}

int hvc__connect(struct device *device, struct complaint *c)
{
	struct hvc *h = hvc_of(device);

	for (unsigned i = 0; i < h->ports; i++) {
		if (console__open(&h->port[i].console, CONSOLE_UARTS + i, h->port[i].where, c))
			return -1;
		h->port[i].console.patience_ns = i ? UINT64_MAX : TERMINAL_PATIENCE_NS;
	}
	return 0;
}

void hvc__resized(struct device *device)
{
	device__ring(device);
}

void hvc__will_restart(struct device *device)
{
	hvc_of(device)->restart = true;
}
