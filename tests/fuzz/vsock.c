// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing the vsock device: a driver that says anything of any stream, in chains of any shape, and clients and a service that come, send, take
 * and go. What is kept of a stream stays within its bounds, and at the end nothing is left.
 *
 * Input: steps; see step().
 */
#define _GNU_SOURCE
#include "tests/fuzz/steps.h"
#include "tests/unit/vsock_fixture.h"
#include "wedge/device/console.h"

#define CLIENTS		4
#define SERVICE		2

static int client[CLIENTS], service;

/* Every stream keeps what it counts. */
static void look_at_streams(void)
{
	unsigned n = 0;

	for (struct stream *s = vsock()->all.lh_first; s; s = s->all.le_next, n++) {
		check(s->fill <= VSOCK_BUFFER && !s->buffer == !s->fill && s->head < VSOCK_BUFFER);
		check(s->received - s->taken == s->fill);
		check(s->sent - s->seen <= VSOCK_ROOM_MOST);
		check(s->fd >= 0 || s->known);
		check(s->tells || s->state == STREAM_OVER || !stream__has_news(s));
	}
	check(n == vsock()->streams && n <= VSOCK_STREAMS_MOST && vsock()->refusals <= REFUSALS_MOST);
}

static void hang_up(unsigned i)
{
	if (client[i] >= 0)
		close(client[i]);
	client[i] = -1;
}

static void say(struct input *in)
{
	const u8 how = next(in);

	packet.from_port = next(in) % 4;
	packet.to_port = how & 1 ? vsock()->next_port - next(in) % 4 : next(in) % 4;
	packet.type = how & 2 ? next(in) : 1;
	packet.from_cid = how & 4 ? next(in) : CID;
	packet.to_cid = how & 8 ? next(in) : VSOCK_HOST;
	packet.flags = next(in);
	packet.room = how & 16 ? 0xffffffffu : next(in) << (how >> 5);
	packet.taken = how & 32 ? next(in) : vsock()->all.lh_first ? vsock()->all.lh_first->sent : 0;
	if (f.queue[VSOCK_SEND].size)
		put_packet(next(in) % 9, next(in) << (how >> 6 << 2));
	fixture_kick(&f);
}

static void client_comes(struct input *in)
{
	unsigned i = next(in) % CLIENTS;
	char line[20];

	hang_up(i);
	client[i] = next(in) & 1 ? accept4(service, NULL, NULL, SOCK_NONBLOCK) : new_client();
	snprintf(line, sizeof(line), "CONNECT %u\n", next(in) % 4);
	if (next(in) & 1 && send(client[i], line, strlen(line), MSG_NOSIGNAL) < 0)
		return;
}

static void client_does(struct input *in)
{
	static u8 bytes[0x10000];
	const int fd = client[next(in) % CLIENTS];
	const size_t size = next(in) << 8;

	switch (next(in) % 4) {
	case 0: if (send(fd, bytes, size, MSG_NOSIGNAL) < 0) return; break;
	case 1: if (recv(fd, bytes, size, 0) < 0) return; break;
	case 2: shutdown(fd, next(in) % 3); break;
	case 3: if (send(fd, "CONNECT 1\n", (size >> 8) % 11, MSG_NOSIGNAL) < 0) return; break;
	}
}

static void hear(struct input *in)
{
	u32 written;
	u16 head;

	for (unsigned n = next(in); n && f.queue[VSOCK_RECEIVE].size && fixture_used(&f, VSOCK_RECEIVE, &head, &written); n--)
		fixture_add(&f, VSOCK_RECEIVE, (const struct fixture_part[]){ IN(RX(head % RX_BUFFERS), RX_SIZE) }, 1);
	while (f.queue[VSOCK_SEND].size && in->left && fixture_used(&f, VSOCK_SEND, NULL, NULL))
		next(in);
}

static void step(struct input *in)
{
	switch (next(in) % 11) {
	case 0: case 1: say(in); break;
	case 2: client_comes(in); break;
	case 3: case 4: client_does(in); break;
	case 5: hear(in); break;
	case 6: fixture_kick(&f); break;
	case 7: add_any(&f, in, VSOCK_QUEUES); break;
	case 8: poke(&f, in); break;
	case 9: drive(next(in) % (RX_BUFFERS + 1)); break;
	case 10:
		hang_up(next(in) % CLIENTS);
		if (next(in) & 1 && vsock()->waiting.tqh_first)
			vsock()->waiting.tqh_first->deadline_ns = 0;
		vsock()->streams_most = 1 + next(in) % 8;
		break;
	}
	look_at_streams();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static const volatile int abandon = 1;
	struct input in = { bytes, size };
	char name[80];

	console__abandon = &abandon;
	for (unsigned i = 0; i < CLIENTS; i++)
		client[i] = -1;
	fixture_open_vsock();
	f.device->complaints = 1000;	/* say nothing */
	service = new_service(SERVICE);
	drive(RX_BUFFERS);
	run_steps(&in, step);
	for (unsigned i = 0; i < CLIENTS; i++)
		hang_up(i);
	close(service);
	fixture_negotiate(&f, 0);
	fixture_kick(&f);
	check(!vsock()->streams);
	fixture_close(&f);
	snprintf(name, sizeof(name), "%s_%u", path, SERVICE);
	unlink(name);
	check(!rmdir(folder));
	return 0;
}
