/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the console device: a driver that says anything to any queue, at any time, and a far end that sends and takes something now and
 * then. Nothing outside the guest's RAM is touched, and each look ends.
 *
 * Input: steps, each a byte that says what and bytes that say how; see step().
 */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/steps.h"
#include "wedge/device/hvc-port.h"

#define PORTS		2
#define QUEUES		6
#define QUEUE_SIZE	8
#define CONTROL_OUT	3

static struct fixture f;
static int far_end;

static void drive(u8 how)
{
	fixture_negotiate(&f, how & 1 ? HVC_F_MULTIPORT : HVC_F_SIZE);
	for (unsigned i = 0; i < QUEUES; i++)
		if (!(how >> 2 & how >> i & 1))
			fixture_set_queue(&f, i, QUEUE_SIZE);
	if (how & 2 && f.queue[2].size)
		for (unsigned i = 0; i < 4; i++)
			fixture_add(&f, 2, (const struct fixture_part[]){ IN(FIXTURE_DATA + i * 0x1000ull, 0x1000) }, 1);
	fixture_start(&f);
}

static void say(struct input *in)
{
	u64 at = FIXTURE_DATA + 0x8000;
	unsigned size = next(in) % 16;

	for (unsigned i = 0; i < 8; i++)
		f.ram.base[at + i] = i == 1 || i == 2 || i == 3 || i == 5 || i == 7 ? 0 : next(in);
	if (f.queue[CONTROL_OUT].size)
		fixture_add(&f, CONTROL_OUT, (const struct fixture_part[]){ OUT(at, size > 12 ? size - 12 : 8) }, 1);
	fixture_kick(&f);
}

static void step(struct input *in)
{
	u8 bytes[256];
	unsigned queue;

	switch (next(in) % 8) {
	case 0: say(in); break;
	case 1: add_any(&f, in, QUEUES); break;
	case 2: fixture_kick(&f); break;
	case 3: drive(next(in)); break;
	case 4:
		memset(bytes, next(in), sizeof(bytes));
		if (send(far_end, bytes, next(in), MSG_DONTWAIT) < 0)
			return;
		break;
	case 5:
		if (recv(far_end, bytes, sizeof(bytes), MSG_DONTWAIT) < 0)
			return;
		break;
	case 6: poke(&f, in); break;
	case 7:
		queue = next(in) % QUEUES;
		while (f.queue[queue].size && in->left && fixture_used(&f, queue, NULL, NULL))
			next(in);
		break;
	}
}

static void pressed(void *user, enum console_key key) { }

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const specs[PORTS] = { "none", "none,name=other" };
	static const volatile int abandon = 1;
	struct input in = { data, size };
	struct complaint c;
	struct port *p;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair))
		abort();
	console__abandon = &abandon;
	fixture_open(&f, hvc__new(specs, PORTS, pressed, NULL, &c));
	if (hvc__connect(f.device, &c))
		abort();
	f.device->complaints = 1000;	/* say nothing */
	p = &((struct hvc *)f.device)->port[next(&in) & 1];
	p->console.kind = CONSOLE_FILE;
	p->console.in = p->console.out = pair[0];
	p->console.socket = true;
	p->console.escapes = next(&in) & 1;
	far_end = pair[1];
	drive(next(&in));
	run_steps(&in, step);
	p->console.dropped = p->console.fill = p->lost = 0;
	fixture_kick(&f);
	fixture_negotiate(&f, 0);	/* lets go of what is in the queues, silently */
	p->console.dropped = p->console.fill = p->lost = 0;
	((struct hvc *)f.device)->port[0].lost = ((struct hvc *)f.device)->port[1].lost = 0;
	fixture_close(&f);
	close(far_end);
	return 0;
}
