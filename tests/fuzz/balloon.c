/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the balloon: a driver that gives and wants any pages, in chains of any shape. What is given back and reserved are whole pages of RAM,
 * and none of the Wedge's; as many bytes are in the balloon as there are bits for.
 *
 * Input: steps, each a byte that says what and bytes that say how; see step().
 */
#include <errno.h>

#include "tests/fuzz/steps.h"
#include "wedge/device/balloon.h"

#define QUEUES		5
#define QUEUE_SIZE	8
#define FEATURES	(1 | 2 | 4 | 32)

static struct fixture f;
static bool short_of_memory;

/* The pages of the queues stay: else every chain would be the last. */
static int give_back(void *user, u64 offset, u64 size)
{
	check(!(offset % BALLOON_PAGE) && size && !(size % BALLOON_PAGE) && offset < FIXTURE_RAM && size <= FIXTURE_RAM - offset);
	if (offset >= FIXTURE_DATA)
		memset(f.ram.base + offset, 0, size);
	return 0;
}

static int reserve(void *user, u64 offset, u64 size)
{
	check(!(offset % BALLOON_PAGE) && size && !(size % BALLOON_PAGE) && offset < FIXTURE_RAM && size <= FIXTURE_RAM - offset);
	return short_of_memory ? ENOMEM : 0;
}

static void drive(u8 how)
{
	fixture_negotiate(&f, how & FEATURES);
	for (unsigned i = 0; i < (how >> 6) + 2; i++)
		fixture_set_queue(&f, i, QUEUE_SIZE);
	fixture_start(&f);
}

static void ask_for_pages(struct input *in, unsigned queue)
{
	const unsigned count = next(in) % 32;
	u32 *number = (u32 *)(f.ram.base + FIXTURE_DATA);

	for (unsigned i = 0; i < count; i++)
		number[i] = htole32(next(in));
	fixture_add(&f, queue, (const struct fixture_part[]){ OUT(FIXTURE_DATA, 4 * count) }, 1);
	fixture_kick(&f);
}

static void add(struct input *in)
{
	const unsigned queue = next(in) % QUEUES;
	struct fixture_part part[3];
	unsigned parts = 1 + next(in) % 3;

	if (!f.queue[queue].size)
		return;
	for (unsigned i = 0; i < parts; i++) {
		part[i].write = next(in) & 1;
		part[i].pa = next(in) * 0x1000ull + (next(in) & 0x80);
		part[i].size = next(in) << 8 | next(in);
	}
	fixture_add(&f, queue, part, parts);
	fixture_kick(&f);
}

static void step(struct input *in)
{
	struct balloon_state state;

	switch (next(in) % 8) {
	case 0: ask_for_pages(in, 0); break;
	case 1: ask_for_pages(in, 1); break;
	case 2: add(in); break;
	case 3: drive(next(in)); break;
	case 4: short_of_memory = next(in) & 1; break;
	case 5: poke(&f, in); break;
	case 6: balloon__ask_stats(f.device); break;
	case 7: fixture_kick(&f); break;
	}
	balloon__state(f.device, &state);
	check(state.inflated <= FIXTURE_RAM);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct balloon_memory memory = { give_back, reserve, NULL };
	struct input in = { data, size };
	struct complaint c;

	short_of_memory = false;
	fixture_open(&f, balloon__new("", FIXTURE_RAM, &memory, &c));
	f.device->complaints = 1000;	/* say nothing */
	drive(next(&in));
	run_steps(&in, step);
	fixture_close(&f);
	return 0;
}
