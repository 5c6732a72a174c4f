// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fuzzing a network card: a driver that puts anything into its queues, and a far end that comes, sends what may be frames, takes some and goes.
 * Nothing outside the guest's RAM is touched, and at the end a well-behaved driver is served.
 *
 * Input: how the driver begins, in its two highest bits by which interface; then steps, see step().
 */
#include <fcntl.h>
#include <unistd.h>

#include "tests/fuzz/steps.h"
#include "tests/unit/far_end.h"
#include "wedge/device/link.h"
#include "wedge/device/net.h"

#define RX		0
#define TX		1
#define ENTRIES		16
#define MERGED		(1ull << 15)
#define HEADER		(FIXTURE_DATA + 0x20000)
#define BODY		(HEADER + 0x100)

static struct fixture f;
static char path[64];
static int far_end;

static void hang_up(void)
{
	if (far_end >= 0)
		close(far_end);
	far_end = -1;
}

static void come(void)
{
	hang_up();
	far_end = far_end_connect(path);	/* -1: the card has not taken the last one yet */
	fixture_kick(&f);
}

static void drive(u8 how)
{
	fixture_negotiate(&f, how & 1 ? MERGED : 0);
	for (unsigned i = RX; i <= TX; i++)
		if (!(how >> 1 & how >> i & 1))
			fixture_set_queue(&f, i, ENTRIES);
	fixture_start(&f);
}

static u32 header_size(void)
{
	return device__is_legacy(f.device) && !(f.device->accepted & MERGED) ? LINK_HEADER - 2 : LINK_HEADER;
}

static void put_frame(u32 size)
{
	if (f.queue[TX].size)
		fixture_add(&f, TX, (const struct fixture_part[]){ OUT(HEADER, header_size()), OUT(BODY, size) }, 2);
	fixture_kick(&f);
}

static void add_buffers(unsigned count, u32 size)
{
	while (count-- && f.queue[RX].size)
		fixture_add(&f, RX, (const struct fixture_part[]){ IN(FIXTURE_DATA + count * 0x1000, size) }, 1);
}

/* A frame, or, with another length before it, what is none. */
static void send_frame(struct input *in)
{
	static u8 bytes[4 + 0x10000];
	const u32 size = next(in) << 8 | next(in), length = htobe32(next(in) & 1 ? size : next(in) << 16 | size);

	memcpy(bytes, &length, 4);
	if (send(far_end, bytes, next(in) & 1 ? size / 2 : 4 + size, MSG_NOSIGNAL) < 0)
		return;
	fixture_kick(&f);
}

static void take(struct input *in)
{
	static u8 bytes[0x10000];

	if (recv(far_end, bytes, next(in) << 8, 0) < 0)
		return;
	fixture_kick(&f);
}

static void step(struct input *in)
{
	unsigned queue;

	switch (next(in) % 10) {
	case 0: put_frame(next(in) << (next(in) & 8)); break;
	case 1: add_buffers(next(in) % ENTRIES, next(in) << (next(in) & 4)); break;
	case 2: send_frame(in); break;
	case 3: take(in); break;
	case 4: come(); break;
	case 5: hang_up(); fixture_kick(&f); break;
	case 6: add_any(&f, in, 2); fixture_kick(&f); break;
	case 7: poke(&f, in); break;
	case 8: drive(next(in)); break;
	case 9:
		queue = next(in) & 1;
		while (f.queue[queue].size && in->left && fixture_used(&f, queue, NULL, NULL))
			next(in);
		break;
	}
}

/* What the one before has sent comes first. */
static void receive_all(void)
{
	hang_up();
	drive(1);
	for (unsigned i = 0; i < 100 && f.slot.config[6] | f.slot.config[7]; i++) {
		add_buffers(ENTRIES - 1, 0x1000);
		fixture_kick(&f);
		while (fixture_used(&f, RX, NULL, NULL))
			;
		if (fixture_is_broken(&f))
			drive(1);
	}
}

static void serve_well(void)
{
	u8 bytes[4 + 60] = { 0, 0, 0, 60 };
	u32 written = 0;

	receive_all();
	drive(0);
	for (unsigned i = 0; i < 4 && far_end < 0; i++)
		come();
	fixture_kick(&f);
	add_buffers(1, 2000);
	check(send(far_end, bytes, sizeof(bytes), 0) == sizeof(bytes));
	fixture_kick(&f);
	check(fixture_used(&f, RX, NULL, &written) && written == header_size() + 60);
	put_frame(60);
	check(fixture_used(&f, TX, NULL, NULL));
	check(recv(far_end, bytes, sizeof(bytes), 0) == sizeof(bytes) && bytes[3] == 60);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct input in = { bytes, size };
	const u8 how = next(&in);
	struct complaint c;
	struct device *d;
	char spec[96];

	far_end = -1;
	snprintf(path, sizeof(path), "/tmp/fuzz-net-%d", (int)getpid());
	snprintf(spec, sizeof(spec), "socket:%s,mac=02:00:00:00:00:01", path);
	d = net__new(spec, &c);
	check(d);
	d->interface = (how >> 6) % (VIRTIO_LEGACY_BIG_ENDIAN + 1);
	d->complaints = 1000;		/* say nothing */
	fixture_open(&f, d);
	drive(how);
	run_steps(&in, step);
	serve_well();
	hang_up();
	fixture_close(&f);
	return 0;
}
