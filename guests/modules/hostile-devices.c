// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See hostile.h: what each device is asked for, to see that it works, and what is nonsense to it.
 */
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/string.h>

#include "hostile.h"

static u8 *out(struct victim *v, unsigned int queue)
{
	return v->ring[queue]->out;
}

static void put32(u8 *p, u32 value)
{
	value = (__force u32)cpu_to_le32(value);
	memcpy(p, &value, sizeof(value));
}

static bool first_is_used(struct victim *v)
{
	return used_index(v, 0) != 0;
}

/* Who waits for the second queue. */
static bool second_is_used(struct victim *v)
{
	return used_index(v, 1) != 0;
}

static unsigned int any(unsigned int queue, u8 *bytes)
{
	return bytes[0] * 16 + bytes[1] % 16 + 1;
}

/* --- Network: who has 10.0.2.2? The user network's gateway answers. --- */

#define NET_HEADER	12

static void ask_net(struct victim *v)
{
	static const u8 arp[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 8, 6,
		0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 1, 10, 0, 2, 15, 0, 0, 0, 0, 0, 0, 10, 0, 2, 2,
	};

	/* In an attack its first chain is there already. */
	if (!v->index[0])
		offer_chain(v, 0, 0, 0, 4096);
	memset(out(v, 1), 0, NET_HEADER);
	memcpy(out(v, 1) + NET_HEADER, arp, sizeof(arp));
	offer_chain(v, 1, 0, NET_HEADER + sizeof(arp), 0);
}

/* --- Disk: its first sector --- */

static void ask_disk(struct victim *v)
{
	struct ring *r = v->ring[0];

	memset(r->out, 0, 16);
	memset(r->in, 0xee, sizeof(r->in));
	offer_chain(v, 0, 0, 16, 513);
}

static bool disk_is_answered(struct victim *v)
{
	return used_index(v, 0) && v->ring[0]->in[512] == 0;
}

static unsigned int nonsense_for_disk(unsigned int queue, u8 *bytes)
{
	put32(bytes, bytes[0] % 20);
	if (bytes[4] & 1)
		memset(bytes + 8, 0, 7);
	return bytes[5] % 4 ? 16 + bytes[6] : bytes[6] % 20 + 1;
}

/* --- Console: a port is there --- */

static void ask_console(struct victim *v)
{
	if (!v->index[2])
		offer_chain(v, 2, 0, 0, 64);
	memset(out(v, 3), 0, 8);
	out(v, 3)[6] = 1;		/* DEVICE_READY, 1 */
	offer_chain(v, 3, 0, 8, 0);
}

static bool console_is_answered(struct victim *v)
{
	return used_index(v, 2) && v->ring[2]->in[4] == 1;	/* PORT_ADD */
}

static unsigned int nonsense_for_console(unsigned int queue, u8 *bytes)
{
	put32(bytes, bytes[0] % 4 ? bytes[0] % 2 : bytes[1] << 24);
	bytes[4] %= 12;
	bytes[5] = 0;
	return queue == 3 && bytes[7] % 4 ? 8 : any(queue, bytes + 8);
}

/* --- Random numbers --- */

static void ask_rng(struct victim *v)
{
	offer_chain(v, 0, 0, 0, 16);
}

/* --- Balloon: a page of our own comes and goes --- */

static void ask_balloon(struct victim *v)
{
	put32(out(v, 0), pa(v->ring[2]->in) >> 12);
	put32(out(v, 1), pa(v->ring[2]->in) >> 12);
	offer_chain(v, 0, 0, 4, 0);
	offer_chain(v, 1, 0, 4, 0);
}

/* Numbers of pages that nobody has: what it is given is lost, and this is a guest that has to be there afterwards. */
static unsigned int nonsense_for_balloon(unsigned int queue, u8 *bytes)
{
	unsigned int i, size = any(queue, bytes);

	for (i = 3; i < size + 4; i += 4)
		bytes[i] |= 0x80;
	return size;
}

/* --- Folder: which version? --- */

static void ask_share(struct victim *v)
{
	static const u8 version[] = { 21, 0, 0, 0, 100, 0xff, 0xff, 0, 0, 1, 0, 8, 0, '9', 'P', '2', '0', '0', '0', '.', 'L' };

	memcpy(out(v, 0), version, sizeof(version));
	offer_chain(v, 0, 0, sizeof(version), 4096);
}

static bool share_is_answered(struct victim *v)
{
	return used_index(v, 0) && v->ring[0]->in[4] == 101;
}

/* A message with its size, known type and small numbers; or not. */
static unsigned int nonsense_for_share(unsigned int queue, u8 *bytes)
{
	static const u8 types[] = { 8, 12, 14, 16, 18, 20, 22, 24, 26, 30, 32, 40, 50, 52, 54, 70, 72, 74, 76, 100, 102, 104, 108, 110, 116, 118,
				    120, 122 };
	const unsigned int size = bytes[8] % 200 + 1;

	if (bytes[9] % 8)
		put32(bytes, size);
	if (bytes[9] % 16)
		bytes[4] = types[bytes[10] % ARRAY_SIZE(types)];
	if (bytes[9] % 4)
		put32(bytes + 7, bytes[11] % 4);
	return size;
}

/* --- Streams: to a port where nobody listens --- */

#define VSOCK_HEADER	44

static void vsock_head(struct victim *v, u8 *p, u16 operation)
{
	memset(p, 0, VSOCK_HEADER);
	put32(p, readl(v->regs + CONFIG));	/* from us */
	p[8] = 2;				/* to the Host */
	p[16] = 77;
	p[20] = 78;
	p[28] = 1;
	p[30] = operation;
}

static void ask_vsock(struct victim *v)
{
	if (!v->index[0])
		offer_chain(v, 0, 0, 0, 4096);
	vsock_head(v, out(v, 1), 1);
	offer_chain(v, 1, 0, VSOCK_HEADER, 0);
}

static unsigned int nonsense_for_vsock(unsigned int queue, u8 *bytes)
{
	if (bytes[0] & 1) {
		memset(bytes + 4, 0, 12);
		bytes[8] = 2;
		put32(bytes + 24, bytes[24] & 1 ? bytes[24] : 0xffffffff);
		bytes[28] = 1;
		bytes[29] = 0;
		bytes[30] %= 9;
		bytes[31] = 0;
	}
	return bytes[1] % 4 ? VSOCK_HEADER + bytes[2] : any(queue, bytes);
}

/* --- Button: what its lamps shall do --- */

static void ask_button(struct victim *v)
{
	memset(out(v, 1), 0, 8);
	out(v, 1)[0] = 0x11;		/* EV_LED */
	offer_chain(v, 1, 0, 8, 0);
}

/* The balloon's second queue is served, and then its first: so the first is waited for. */
static const struct kind kinds[] = {
	{ 1, "network", 2, 0, 2, 1, ask_net, first_is_used, any },
	{ 2, "disk", 1, 0, 1, 0, ask_disk, disk_is_answered, nonsense_for_disk },
	{ 3, "console", 4, 2, 2 | 8, 4, ask_console, console_is_answered, nonsense_for_console },
	{ 4, "random numbers", 1, 0, 1, 0, ask_rng, first_is_used, any },
	{ 5, "balloon", 4, 2 | 32, 15, 0, ask_balloon, second_is_used, nonsense_for_balloon },
	{ 9, "folder", 1, 0, 1, 0, ask_share, share_is_answered, nonsense_for_share },
	{ 18, "button", 2, 0, 2, 0, ask_button, second_is_used, any },
	{ 19, "streams", 3, 0, 2, 1, ask_vsock, first_is_used, nonsense_for_vsock },
};

const struct kind *kind_of(u32 id)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].id == id)
			return &kinds[i];
	return NULL;
}
