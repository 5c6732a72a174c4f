/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A hostile driver, of whichever virtio devices nobody else has: what its parts have in common. Queues are set up and filled by hand,
 * and nothing of it is what a driver would do.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <linux/types.h>

#define SLOTS		8
#define SLOT_BASE	0x00011b0000000000ull
#define SLOT_SIZE	0x1000
#define SIZE		16		/* entries of a queue */
#define QUEUES		6		/* of a device, that are attacked */

#define NEXT		1
#define WRITE		2
#define INDIRECT	4

/* Registers. */
#define DEVICE_ID	0x08
#define OFFERED		0x10
#define ACCEPTED	0x20
#define ACCEPTED_WORD	0x24
#define QUEUE		0x30
#define QUEUE_SIZE	0x38
#define QUEUE_READY	0x44
#define NOTIFY		0x50
#define CAUSE_SEEN	0x64
#define STATUS		0x70
#define DESCRIPTORS	0x80
#define AVAILABLE	0x90
#define USED		0xa0
#define CONFIG		0x100

struct descriptor {
	__le64 address;
	__le32 length;
	__le16 flags, next;
};

/* A queue, its parts each in a page of its own, and what its chains lead to. */
struct ring {
	struct descriptor table[SIZE] __aligned(4096);
	__le16 available[2 + SIZE + 1] __aligned(4096);
	__le16 used[2 + 4 * SIZE + 1] __aligned(4096);
	struct descriptor indirect[SIZE] __aligned(4096);
	u8 in[8192] __aligned(4096);		/* what the device writes */
	u8 out[8192];				/* what it reads */
};

struct victim {
	const struct kind *kind;
	void __iomem *regs;
	u64 registers;				/* where they are */
	struct ring *ring[QUEUES];
	u16 index[QUEUES];			/* available.idx */
};

/* How a queue is set up: as it should be, but for what an attack has changed. */
struct setup {
	u32 size;
	u64 table, available, used;
};

/* What a device is, hostile-devices.c. */
struct kind {
	u32 id;
	const char *name;
	unsigned int queues;
	u64 features;				/* that it is to accept, besides version 1 */
	/* Bits of queues at which the device looks whether anything happens or not; and of those it looks at when it has been asked. */
	unsigned int eager, asked;
	/* Offers what an honest driver would, and whether the answer has come. */
	void (*ask)(struct victim *v);
	bool (*is_answered)(struct victim *v);
	/* A message that looks like one, for a queue: how many bytes of `bytes`, which are random. */
	unsigned int (*nonsense)(unsigned int queue, u8 *bytes);
};

const struct kind *kind_of(u32 id);

/* hostile-rings.c */
void set(struct victim *v, unsigned int reg, u32 value);
/* The device is reset and all queues are set up well, but number `queue` as in `setup`, if that is given. */
void begin(struct victim *v, unsigned int queue, const struct setup *setup);
struct setup well(struct victim *v, unsigned int queue);
void put(struct descriptor *d, u64 address, u32 length, u16 flags, u16 next);
void offer(struct victim *v, unsigned int queue, u16 head);
/* A chain of `out` bytes that the device reads, if any, and `in` that it writes, from descriptor `head` on. */
void offer_chain(struct victim *v, unsigned int queue, u16 head, u32 out, u32 in);
u16 used_index(struct victim *v, unsigned int queue);
u64 pa(const void *p);
bool has_stopped(struct victim *v);
/* Waits for it. */
bool works(struct victim *v);

/* Chains and queues that cannot be, one after another: how many there were, and how many of them have stopped the device. */
void attack_queue(struct victim *v, unsigned int queue, bool stops);

#endif
