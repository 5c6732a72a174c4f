/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the fuzzers of devices share: an input is steps, each a byte that says what and bytes that say how. Behind its end all are 0.
 */
#ifndef TESTS_FUZZ_STEPS_H
#define TESTS_FUZZ_STEPS_H

#include "tests/unit/virtio_fixture.h"

#define STEPS_MOST	1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const u8 *at;
	size_t left;
};

static inline void check(bool condition)
{
	if (!condition)
		abort();
}

static inline u8 next(struct input *in)
{
	return in->left ? in->left--, *in->at++ : 0;
}

/* Until there are no more, or too many. */
static inline void run_steps(struct input *in, void (*step)(struct input *in))
{
	for (unsigned i = 0; in->left && i < STEPS_MOST; i++)
		step(in);
}

/* A byte of the first 64 KB: queues and some buffers. */
static inline void poke(struct fixture *f, struct input *in)
{
	u64 at = next(in) << 8;

	at |= next(in);
	f->ram.base[at] = next(in);
}

/* A chain of buffers wherever the input says. */
static inline void add_any(struct fixture *f, struct input *in, unsigned queues)
{
	const unsigned queue = next(in) % queues, parts = 1 + next(in) % 3;
	struct fixture_part part[3];

	if (!f->queue[queue].size)
		return;
	for (unsigned i = 0; i < parts; i++) {
		part[i].write = next(in) & 1;
		part[i].pa = next(in) * 0x1011ull;
		part[i].size = next(in);
		part[i].size *= next(in);
	}
	fixture_add(f, queue, part, parts);
}

#endif
