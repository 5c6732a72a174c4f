// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile driver of a virtio disk, in the second slot, which nobody else may be using: queues that cannot be, chains of nonsense,
 * resets in the middle, and in the end noise. The device has to stop each time, and to work again when it was reset.
 * It says on the log how often each of it came out as it should.
 */
#include <linux/delay.h>
#include <linux/io.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/slab.h>

#define SLOT		0x00011b0000001000ull
#define SIZE		16
#define TIMES		20

#define DRIVER_OK	4
#define FEATURES_OK	8
#define NEEDS_RESET	64

#define NEXT		1
#define WRITE		2
#define INDIRECT	4

struct descriptor {
	__le64 address;
	__le32 length;
	__le16 flags, next;
};

/* A queue and what its chains lead to, each in a page of its own. */
struct area {
	struct descriptor table[SIZE] __aligned(4096);
	__le16 available[2 + SIZE + 1] __aligned(4096);
	__le16 used[2 + 4 * SIZE + 1] __aligned(4096);
	struct descriptor indirect[SIZE] __aligned(4096);
	struct { __le32 type, reserved; __le64 sector; } head;
	u8 status;
	u8 data[65536] __aligned(4096);
};

static void __iomem *regs;
static struct area *area;
static u16 index;

static u64 pa(const void *p)
{
	return virt_to_phys((void *)p);
}

static void set(unsigned int reg, u32 value)
{
	writel(value, regs + reg);
}

static void set_wide(unsigned int reg, u64 value)
{
	set(reg, value);
	set(reg + 4, value >> 32);
}

static void begin(u32 size, u64 table, u64 available, u64 used)
{
	set(0x70, 0);
	memset(area, 0, offsetof(struct area, data));
	index = 0;
	set(0x70, 3);
	set(0x24, 0);
	set(0x20, 0);
	set(0x24, 1);
	set(0x20, 1);
	set(0x70, 3 | FEATURES_OK);
	set(0x30, 0);
	set(0x38, size);
	set_wide(0x80, table);
	set_wide(0x90, available);
	set_wide(0xa0, used);
	set(0x44, 1);
	set(0x70, 3 | FEATURES_OK | DRIVER_OK);
}

static void begin_well(void)
{
	begin(SIZE, pa(area->table), pa(area->available), pa(area->used));
}

static void put(struct descriptor *d, u64 address, u32 length, u16 flags, u16 next)
{
	*d = (struct descriptor){ cpu_to_le64(address), cpu_to_le32(length), cpu_to_le16(flags), cpu_to_le16(next) };
}

static void offer(u16 head)
{
	area->available[2 + index % SIZE] = cpu_to_le16(head);
	wmb();
	area->available[1] = cpu_to_le16(++index);
	wmb();
	set(0x50, 0);
}

/* A request as it should be: `size` bytes from the start of the disk. */
static void ask(u32 size)
{
	area->head.type = 0;
	area->head.sector = 0;
	area->status = 0xee;
	put(&area->table[0], pa(&area->head), 16, NEXT, 1);
	put(&area->table[1], pa(area->data), size, NEXT | WRITE, 2);
	put(&area->table[2], pa(&area->status), 1, WRITE, 0);
	offer(0);
}

static bool is_answered(void)
{
	int look;

	for (look = 0; look < 1000 && READ_ONCE(area->status) == 0xee; look++)
		msleep(1);
	return area->status == 0;
}

static bool has_stopped(void)
{
	int look;

	for (look = 0; look < 1000 && !(readl(regs + 0x70) & NEEDS_RESET); look++)
		msleep(1);
	return readl(regs + 0x70) & NEEDS_RESET;
}

static bool works(void)
{
	begin_well();
	ask(512);
	return is_answered();
}

static void loop(void) { put(&area->table[0], pa(area->data), 8, NEXT, 0); offer(0); }
static void no_descriptor(void) { offer(SIZE + 3); }
static void no_next(void) { put(&area->table[0], pa(area->data), 8, NEXT, 0xffff); offer(0); }
static void no_memory(void) { put(&area->table[0], 0x7ffffffff000ull, 4096, WRITE, 0); offer(0); }
static void too_long(void) { put(&area->table[0], pa(area->data), 0xffffffff, WRITE, 0); offer(0); }
static void backwards(void) { index = 0xfff0; offer(0); }
static void no_request(void) { put(&area->table[0], pa(area->data), 8, WRITE, 0); offer(0); }

static void table_in_table(void)
{
	put(&area->indirect[0], pa(area->indirect), 16, INDIRECT, 0);
	put(&area->table[0], pa(area->indirect), 16, INDIRECT, 0);
	offer(0);
}

/* While it is looked at. */
static void changing(void)
{
	int i;

	for (i = 0; i < 2000; i++) {
		area->head.type = i;
		put(&area->table[0], pa(&area->head), 16, NEXT, 1);
		put(&area->table[1], i & 1 ? pa(area->data) : ~0ull, i & 2 ? 512 : 0xffffffff, NEXT | WRITE, i & 4 ? 2 : 77);
		put(&area->table[2], pa(&area->status), 1, WRITE, 0);
		offer(0);
	}
	area->available[1] = cpu_to_le16(index + 1000);
	set(0x50, 0);
}

static void queue_of_three(void) { begin(3, pa(area->table), pa(area->available), pa(area->used)); }
static void queue_elsewhere(void) { begin(SIZE, ~0ull << 12, pa(area->available), pa(area->used)); }
static void queue_at_an_odd_place(void) { begin(SIZE, pa(area->table), pa(area->available) + 1, pa(area->used) + 2); }

static void attack(const char *name, void (*what)(void))
{
	int i, good = 0;

	for (i = 0; i < TIMES; i++) {
		begin_well();
		what();
		good += has_stopped() && works();
	}
	pr_info("queues: %s: %d\n", name, good);
}

/* What the driver has after a reset is its own again. */
static void reset_in_flight(void)
{
	int i, j, late = 0;

	for (i = 0; i < 200; i++) {
		begin_well();
		ask(sizeof(area->data));
		set(0x70, 0);
		memset(area->data, 0x55, sizeof(area->data));
		if (i % 10 == 0)
			msleep(5);
		for (j = 0; j < sizeof(area->data); j += 64)
			late += READ_ONCE(area->data[j]) != 0x55;
	}
	pr_info("queues: bytes that came after a reset: %d\n", late);
}

/*
 * Registers and indices, whatever they become. Not addresses: the device writes where they point to, and this is a guest that has to be there
 * afterwards.
 */
static void noise(void)
{
	u8 bytes[4];
	int i;

	begin_well();
	for (i = 0; i < 20000; i++) {
		unsigned int reg;

		get_random_bytes(bytes, sizeof(bytes));
		reg = bytes[1] * 4 % 0x140;
		if (!(bytes[0] & 1))
			((u8 *)area->available)[bytes[2] % sizeof(area->available)] = bytes[3];
		else if (reg < 0x80 || reg >= 0xa8)
			set(reg, bytes[0] & 2 ? bytes[2] : bytes[2] * 0x01010101);
	}
}

static int __init queues_init(void)
{
	regs = ioremap(SLOT, 0x1000);
	area = kzalloc(sizeof(*area), GFP_KERNEL);
	if (!regs || !area || readl(regs) != 0x74726976 || readl(regs + 8) != 2)
		return -ENODEV;
	pr_info("queues: it works: %d\n", works());
	attack("loop", loop);
	attack("no descriptor", no_descriptor);
	attack("no next", no_next);
	attack("no memory", no_memory);
	attack("too long", too_long);
	attack("backwards", backwards);
	attack("no request", no_request);
	attack("table in a table", table_in_table);
	attack("changing", changing);
	attack("queue of three", queue_of_three);
	attack("queue elsewhere", queue_elsewhere);
	attack("queue at an odd place", queue_at_an_odd_place);
	reset_in_flight();
	noise();
	pr_info("queues: it works: %d\n", works());
	set(0x70, 0);
	kfree(area);
	iounmap(regs);
	return 0;
}

static void __exit queues_exit(void)
{
}

module_init(queues_init);
module_exit(queues_exit);
MODULE_LICENSE("GPL");
