// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile driver of virtio devices (hostile.h), of the first `slots` that no driver of Linux's has, or of `slot`: first chains and queues that cannot be
 * (hostile-rings.c), then what may go well or stop the device, as it happens, and after which it has to work when it was reset.
 * Says on the log what did not go as it should, and of each device a line when all is done. With `taken` it is one thing only: the device
 * in the slot is reset under the driver that has it.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "hostile.h"

static int slot = -1;
module_param(slot, int, 0);
static int slots = SLOTS;
module_param(slots, int, 0);
static bool taken;
module_param(taken, bool, 0);
static int times = 300;
module_param(times, int, 0);

static void complain(struct victim *v, const char *what)
{
	pr_info("hostile: %s: %s\n", v->kind->name, what);
}

/* Whatever has become of it: it is reset and works. */
static void expect_work(struct victim *v, const char *after)
{
	if (!works(v))
		pr_info("hostile: %s: does not work after %s\n", v->kind->name, after);
}

/* Messages of nonsense in chains that are in order, as long as it takes them. */
static void nonsense(struct victim *v)
{
	int i;

	begin(v, 0, NULL);
	for (i = 0; i < times; i++) {
		const unsigned int queue = get_random_u32() % v->kind->queues;
		struct ring *r = v->ring[queue];
		u8 dice[4];

		get_random_bytes(dice, sizeof(dice));
		get_random_bytes(r->out, sizeof(r->out));
		offer_chain(v, queue, i * 2 % SIZE, v->kind->nonsense(queue, r->out), dice[0] & 1 ? dice[1] * 16 : 0);
		if (i % 8 == 7 && (readl(v->regs + STATUS) & 64 || dice[2] % 8 == 0))
			begin(v, 0, NULL);
	}
	expect_work(v, "nonsense");
}

/* What is read is changed meanwhile, and what is written to are the queues themselves. */
static void changing(struct victim *v)
{
	int i;

	begin(v, 0, NULL);
	for (i = 0; i < times; i++) {
		const unsigned int queue = i % v->kind->queues;
		struct ring *r = v->ring[queue];
		struct descriptor *d = &r->table[i / 4 % SIZE];
		const u64 where[] = { pa(r->in), pa(r->used), pa(r->available), pa(r->table), ~0ull, pa(r->indirect) };

		offer(v, queue, i % SIZE);
		put(d, where[i % 6], i & 8 ? 64 : 0xffffffff, i % 7, i & 16 ? (i + 1) % SIZE : 77);
		put(&r->indirect[i % SIZE], where[i / 6 % 6], 64, i % 3, i % SIZE);
		if (i % 32 == 31 && readl(v->regs + STATUS) & 64)
			begin(v, 0, NULL);
	}
	expect_work(v, "queues that change");
}

/* One queue's parts are another's, or its own. */
static void one_over_another(struct victim *v)
{
	struct setup s = well(v, 0);
	int i;

	for (i = 0; i < 6; i++) {
		const u64 parts[] = { s.table, s.available, s.used };
		struct setup other = { SIZE, parts[i % 3], parts[(i + 1 + i / 3) % 3], parts[i % 3] };

		begin(v, v->kind->queues - 1, &other);
		v->kind->ask(v);
		msleep(2);
	}
	expect_work(v, "queues that lie over each other");
}

/* What a driver has after a reset is its own again. */
static void reset_in_flight(struct victim *v)
{
	int i, late = 0;
	unsigned int queue, j;

	for (i = 0; i < 30; i++) {
		begin(v, 0, NULL);
		v->kind->ask(v);
		set(v, STATUS, 0);
		for (queue = 0; queue < v->kind->queues; queue++)
			memset(v->ring[queue], 0x55, sizeof(struct ring));
		msleep(i % 3);
		for (queue = 0; queue < v->kind->queues; queue++)
			for (j = 0; j < sizeof(struct ring); j += 4)
				late += READ_ONCE(*(u32 *)((u8 *)v->ring[queue] + j)) != 0x55555555;
	}
	if (late)
		complain(v, "wrote to memory after a reset");
	expect_work(v, "resets in flight");
}

/* The device is on its way: no address, which would be where it writes to, in a guest that has to be there afterwards. */
static bool is_harmless(unsigned int reg)
{
	return reg < DESCRIPTORS - 7 || reg >= USED + 8;
}

static void load(const void __iomem *p, unsigned int width)
{
	switch (width) {
	case 0: __raw_readb(p); break;
	case 1: __raw_readw(p); break;
	case 2: __raw_readl(p); break;
	default: __raw_readq(p);
	}
}

static void store(void __iomem *p, unsigned int width, u64 value)
{
	switch (width) {
	case 0: __raw_writeb(value, p); break;
	case 1: __raw_writew(value, p); break;
	case 2: __raw_writel(value, p); break;
	default: __raw_writeq(value, p);
	}
}

/* Registers and what lies between them, in all widths, whatever they become; and halves of words, by the instructions for what is not aligned. */
static void noise(struct victim *v)
{
	unsigned int reg, width;
	int i;
	u64 word = 0;

	begin(v, 0, NULL);
	for (reg = 0; reg < SLOT_SIZE; reg += reg < 0x160 ? 1 : 61)
		for (width = 0; width < 4; width++)
			load(v->regs + (reg & ~((1 << width) - 1)), width);
	for (reg = 0; reg < 0x148; reg++)
		asm volatile("lwl %0, (%1)\n\tlwr %0, (%1)\n\tldl %0, (%1)\n\tldr %0, (%1)" : "+r"(word) : "r"(v->regs + reg) : "memory");
	for (reg = 0; reg < 0x148; reg++)
		if (is_harmless(reg))
			asm volatile("swl %0, (%1)\n\tswr %0, (%1)\n\tsdl %0, (%1)\n\tsdr %0, (%1)" : : "r"(word), "r"(v->regs + reg) : "memory");
	for (i = 0; i < 10 * times; i++) {
		u32 dice = get_random_u32();

		width = dice & 3;
		reg = (dice >> 8) % 0x148 & ~((1 << width) - 1);
		if (is_harmless(reg))
			store(v->regs + reg, width, dice & 4 ? dice >> 24 : (u64)dice << 32 | get_random_u32());
	}
	expect_work(v, "noise in its registers");
}

static void storm(struct victim *v)
{
	int i;

	begin(v, 0, NULL);
	for (i = 0; i < 10 * times; i++)
		set(v, NOTIFY, i & 16 ? i : i % v->kind->queues);
	for (i = 0; i < times; i++)
		set(v, CONFIG + i % 64 / 4 * 4, i);
	expect_work(v, "a storm of notifications");
}

static bool make_rings(struct victim *v)
{
	unsigned int i;

	for (i = 0; i < v->kind->queues; i++) {
		v->ring[i] = kzalloc(sizeof(struct ring), GFP_KERNEL);
		if (!v->ring[i])
			return false;
	}
	return true;
}

static void attack(struct victim *v)
{
	unsigned int i;

	if (!works(v)) {
		complain(v, "does not work to begin with");
		return;
	}
	for (i = 0; i < v->kind->queues; i++)
		attack_queue(v, i, (v->kind->eager | v->kind->asked) >> i & 1);
	nonsense(v);
	changing(v);
	one_over_another(v);
	reset_in_flight(v);
	noise(v);
	storm(v);
	set(v, STATUS, 0);
	complain(v, "done");
}

static int attack_slot(int number)
{
	struct victim v = { .registers = SLOT_BASE + number * SLOT_SIZE };
	unsigned int i;

	v.regs = ioremap(v.registers, SLOT_SIZE);
	if (!v.regs)
		return -ENOMEM;
	v.kind = kind_of(readl(v.regs + DEVICE_ID));
	if (taken)
		set(&v, STATUS, 0);
	else if (v.kind && !(readl(v.regs + STATUS) & 4) && make_rings(&v))
		attack(&v);
	for (i = 0; i < QUEUES; i++)
		kfree(v.ring[i]);
	iounmap(v.regs);
	return 0;
}

static int __init hostile_init(void)
{
	int i, error = 0;

	for (i = 0; i < slots && !error; i++)
		if (slot < 0 ? !taken : i == slot)
			error = attack_slot(i);
	return error;
}

static void __exit hostile_exit(void)
{
}

module_init(hostile_init);
module_exit(hostile_exit);
MODULE_LICENSE("GPL");
