// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See hostile.h: queues, and what cannot be in them. Each attack begins with a device that has been set up well, has to stop it, and the device
 * has to work once it has been reset.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "hostile.h"

#define DRIVER_OK	4
#define FEATURES_OK	8
#define NEEDS_RESET	64
#define ELSEWHERE	0x7ffffffff000ull	/* no RAM, on no machine */

void set(struct victim *v, unsigned int reg, u32 value)
{
	writel(value, v->regs + reg);
}

static void set_wide(struct victim *v, unsigned int reg, u64 value)
{
	set(v, reg, value);
	set(v, reg + 4, value >> 32);
}

u64 pa(const void *p)
{
	return virt_to_phys((void *)p);
}

struct setup well(struct victim *v, unsigned int queue)
{
	struct ring *r = v->ring[queue];

	return (struct setup){ SIZE, pa(r->table), pa(r->available), pa(r->used) };
}

static void set_up(struct victim *v, unsigned int queue, const struct setup *s)
{
	set(v, QUEUE, queue);
	set(v, QUEUE_SIZE, s->size);
	set_wide(v, DESCRIPTORS, s->table);
	set_wide(v, AVAILABLE, s->available);
	set_wide(v, USED, s->used);
	set(v, QUEUE_READY, 1);
}

void begin(struct victim *v, unsigned int queue, const struct setup *setup)
{
	unsigned int i;

	set(v, STATUS, 0);
	set(v, STATUS, 3);
	set(v, ACCEPTED_WORD, 0);
	set(v, ACCEPTED, v->kind->features | 1u << 28);
	set(v, ACCEPTED_WORD, 1);
	set(v, ACCEPTED, 1);
	set(v, STATUS, 3 | FEATURES_OK);
	for (i = 0; i < v->kind->queues; i++) {
		const struct setup s = well(v, i);

		memset(v->ring[i], 0, offsetof(struct ring, in));
		v->index[i] = 0;
		set_up(v, i, setup && i == queue ? setup : &s);
	}
	set(v, STATUS, 3 | FEATURES_OK | DRIVER_OK);
}

void put(struct descriptor *d, u64 address, u32 length, u16 flags, u16 next)
{
	*d = (struct descriptor){ cpu_to_le64(address), cpu_to_le32(length), cpu_to_le16(flags), cpu_to_le16(next) };
}

void offer(struct victim *v, unsigned int queue, u16 head)
{
	struct ring *r = v->ring[queue];

	r->available[2 + v->index[queue] % SIZE] = cpu_to_le16(head);
	wmb();
	r->available[1] = cpu_to_le16(++v->index[queue]);
	wmb();
	set(v, NOTIFY, queue);
}

void offer_chain(struct victim *v, unsigned int queue, u16 head, u32 out, u32 in)
{
	struct ring *r = v->ring[queue];

	if (out)
		put(&r->table[head], pa(r->out), out, in ? NEXT : 0, head + 1);
	if (in)
		put(&r->table[head + !!out], pa(r->in), in, WRITE, 0);
	offer(v, queue, head);
}

u16 used_index(struct victim *v, unsigned int queue)
{
	return le16_to_cpu(READ_ONCE(v->ring[queue]->used[1]));
}

bool has_stopped(struct victim *v)
{
	int look;

	for (look = 0; look < 1000 && !(readl(v->regs + STATUS) & NEEDS_RESET); look++)
		msleep(1);
	return readl(v->regs + STATUS) & NEEDS_RESET;
}

bool works(struct victim *v)
{
	int look;

	begin(v, 0, NULL);
	v->kind->ask(v);
	for (look = 0; look < 2000 && !v->kind->is_answered(v); look++)
		msleep(1);
	return v->kind->is_answered(v);
}

/* --- Chains that cannot be --- */

static void first(struct victim *v, unsigned int queue, u64 address, u32 length, u16 flags, u16 next)
{
	put(&v->ring[queue]->table[0], address, length, flags, next);
	offer(v, queue, 0);
}

#define CHAIN(name, address, length, flags, next) \
	static void name(struct victim *v, unsigned int queue) \
	{ \
		struct ring *r = v->ring[queue]; \
		(void)r; \
		first(v, queue, address, length, flags, next); \
	}

CHAIN(loop, pa(r->in), 8, NEXT | WRITE, 0)
CHAIN(no_next, pa(r->in), 8, NEXT | WRITE, 0xffff)
CHAIN(no_memory, ELSEWHERE, 4096, WRITE, 0)
CHAIN(registers, v->registers, 64, WRITE, 0)
CHAIN(too_long, pa(r->in), 0xffffffff, WRITE, 0)
CHAIN(around, ~0ull - 7, 16, WRITE, 0)
CHAIN(table_of_nothing, pa(r->indirect), 0, INDIRECT, 0)
CHAIN(table_of_one_and_a_half, pa(r->indirect), 24, INDIRECT, 0)
CHAIN(table_at_an_odd_place, pa(r->indirect) + 4, 16, INDIRECT, 0)
CHAIN(table_elsewhere, ELSEWHERE, 16, INDIRECT, 0)
CHAIN(table_too_long, pa(r->indirect), 0xfffffff0, INDIRECT, 0)
CHAIN(table_and_more, pa(r->indirect), 16, INDIRECT | NEXT, 1)

static void no_descriptor(struct victim *v, unsigned int queue)
{
	offer(v, queue, SIZE + 3);
}

static void backwards(struct victim *v, unsigned int queue)
{
	v->index[queue] = 0xfff0;
	offer(v, queue, 0);
}

static void too_many(struct victim *v, unsigned int queue)
{
	v->index[queue] = SIZE;
	offer(v, queue, 0);
}

static void longest_loop(struct victim *v, unsigned int queue)
{
	struct ring *r = v->ring[queue];
	unsigned int i;

	for (i = 0; i < SIZE; i++)
		put(&r->table[i], pa(r->in), 0, NEXT | WRITE, (i + 1) % SIZE);
	offer(v, queue, 0);
}

static void wrong_order(struct victim *v, unsigned int queue)
{
	put(&v->ring[queue]->table[1], pa(v->ring[queue]->out), 8, 0, 0);
	first(v, queue, pa(v->ring[queue]->in), 8, WRITE | NEXT, 1);
}

static void table_in_a_table(struct victim *v, unsigned int queue)
{
	struct ring *r = v->ring[queue];

	put(&r->indirect[0], pa(r->indirect), sizeof(r->indirect), INDIRECT, 0);
	first(v, queue, pa(r->indirect), sizeof(r->indirect), INDIRECT, 0);
}

static void loop_in_a_table(struct victim *v, unsigned int queue)
{
	struct ring *r = v->ring[queue];

	put(&r->indirect[0], pa(r->in), 8, NEXT | WRITE, 1);
	put(&r->indirect[1], pa(r->in), 8, NEXT | WRITE, 0);
	first(v, queue, pa(r->indirect), sizeof(r->indirect), INDIRECT, 0);
}

static const struct {
	const char *name;
	void (*offer)(struct victim *v, unsigned int queue);
} chains[] = {
	{ "a loop", loop }, { "the longest loop", longest_loop }, { "no descriptor", no_descriptor }, { "no next descriptor", no_next },
	{ "a buffer in no memory", no_memory }, { "a buffer in registers", registers }, { "a buffer of 2^32-1", too_long },
	{ "a buffer around the end of addresses", around }, { "buffers in a wrong order", wrong_order },
	{ "an index that runs backwards", backwards }, { "more chains than there are", too_many },
	{ "a table of nothing", table_of_nothing }, { "a table of one and a half", table_of_one_and_a_half },
	{ "a table at an odd place", table_at_an_odd_place }, { "a table in no memory", table_elsewhere },
	{ "a table of 2^32-16", table_too_long }, { "a table and more", table_and_more }, { "a table in a table", table_in_a_table },
	{ "a loop in a table", loop_in_a_table },
};

/* --- Queues that cannot be --- */

#define SETUPS 9

static const char *spoil(struct victim *v, unsigned int n, struct setup *s)
{
	switch (n) {
	case 0: s->size = 3; return "a queue of three";
	case 1: s->size = 0; return "a queue of nothing";
	case 2: s->size = 0x10000; return "a queue of 65,536";
	case 3: s->table = ELSEWHERE; return "a queue in no memory";
	case 4: s->used = ~0ull - 3; return "used entries around the end of addresses";
	case 5: s->available = v->registers + 0x100; return "available entries in registers";
	case 6: s->available++; return "available entries at an odd place";
	case 7: s->used += 2; return "used entries at an odd place";
	default: s->table += 8; return "descriptors at an odd place";
	}
}

/* --- One after another --- */

static void judge(struct victim *v, unsigned int queue, const char *name, bool must_stop)
{
	if (must_stop && !has_stopped(v))
		pr_info("hostile: %s: queue %u: %s does not stop it\n", v->kind->name, queue, name);
	if (!works(v))
		pr_info("hostile: %s: queue %u: %s, and it does not work any more\n", v->kind->name, queue, name);
}

void attack_queue(struct victim *v, unsigned int queue, bool stops)
{
	const bool asked = v->kind->asked >> queue & 1;
	struct setup s;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(chains); i++) {
		begin(v, 0, NULL);
		chains[i].offer(v, queue);
		if (asked)
			v->kind->ask(v);
		judge(v, queue, chains[i].name, stops);
	}
	for (i = 0; i < SETUPS; i++) {
		const char *name;

		s = well(v, queue);
		name = spoil(v, i, &s);
		begin(v, queue, &s);
		judge(v, queue, name, true);
	}
}
