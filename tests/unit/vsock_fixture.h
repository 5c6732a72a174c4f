/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A vsock device with a driver that says and hears packets, and clients at its socket. For tests/unit/vsock_test.c and tests/fuzz/vsock.c.
 */
#ifndef TESTS_UNIT_VSOCK_FIXTURE_H
#define TESTS_UNIT_VSOCK_FIXTURE_H

#include <fcntl.h>
#include <unistd.h>

#include "tests/unit/far_end.h"
#include "tests/unit/virtio_fixture.h"
#include "wedge/device/vsock-stream.h"

enum { REQUEST = 1, RESPONSE, RESET, SHUTDOWN, DATA, CREDIT, ASK_CREDIT };

#define CID		5
#define HEADER		44
#define RX(N)		(FIXTURE_DATA + (N) * 0x1000ull)
#define RX_SIZE		0x1000
#define RX_BUFFERS	16
#define TX		(FIXTURE_DATA + 0x20000)

/* As it lies in memory. */
struct said {
	u64 from_cid, to_cid;
	u32 from_port, to_port, size;
	u16 type, op;
	u32 flags, room, taken;
} __attribute__((packed));

static struct fixture f;
static struct complaint c;
static char folder[32], path[64], spec[80];
static struct said packet;		/* what the guest has said, and says next time */
static struct said heard;		/* what it has heard last, in our byte order, */
static u8 data[RX_SIZE];		/* and the data of that */

static inline struct vsock *vsock(void)
{
	return (struct vsock *)f.device;
}

static inline void add_buffers(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fixture_add(&f, VSOCK_RECEIVE, (const struct fixture_part[]){ IN(RX(i), RX_SIZE) }, 1);
}

static inline void drive(unsigned buffers)
{
	fixture_negotiate(&f, 0);
	for (unsigned i = 0; i < VSOCK_QUEUES; i++)
		fixture_set_queue(&f, i, RX_BUFFERS);
	add_buffers(buffers);
	fixture_start(&f);
}

static inline void fixture_open_vsock(void)
{
	strcpy(folder, "/tmp/vsock-XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/s", folder);
	snprintf(spec, sizeof(spec), "%s,cid=%u", path, CID);
	fixture_open(&f, vsock__new(spec, &c));
	assert_int_equal(vsock__connect(f.device, -1, &c), 0);
	packet = (struct said){ .from_cid = CID, .to_cid = VSOCK_HOST, .type = 1, .room = 0x10000 };
}

/* Puts `packet`, with `size` bytes of data behind it, into the queue. */
static inline void put_packet(u16 op, u32 size)
{
	const struct said p = {
		htole64(packet.from_cid), htole64(packet.to_cid), htole32(packet.from_port), htole32(packet.to_port), htole32(size),
		htole16(packet.type), htole16(op), htole32(packet.flags), htole32(packet.room), htole32(packet.taken),
	};

	memcpy(f.ram.base + TX, &p, sizeof(p));
	fixture_add(&f, VSOCK_SEND, (const struct fixture_part[]){ OUT(TX, HEADER), OUT(TX + HEADER, size) }, size ? 2 : 1);
}

/* Takes what the guest is told next. */
static inline bool take_packet(void)
{
	u32 written;
	u16 head;

	if (!fixture_used(&f, VSOCK_RECEIVE, &head, &written))
		return false;
	memcpy(&heard, f.ram.base + RX(head), HEADER);
	heard = (struct said){
		le64toh(heard.from_cid), le64toh(heard.to_cid), le32toh(heard.from_port), le32toh(heard.to_port), le32toh(heard.size),
		le16toh(heard.type), le16toh(heard.op), le32toh(heard.flags), le32toh(heard.room), le32toh(heard.taken),
	};
	assert_int_equal(written, HEADER + heard.size);
	memcpy(data, f.ram.base + RX(head) + HEADER, heard.size);
	fixture_add(&f, VSOCK_RECEIVE, (const struct fixture_part[]){ IN(RX(head), RX_SIZE) }, 1);
	return true;
}

static inline int new_client(void)
{
	return far_end_connect(path);
}

static inline int new_service(unsigned port)
{
	char name[80];

	snprintf(name, sizeof(name), "%s_%u", path, port);
	unlink(name);
	return far_end_listen(name);
}

#endif
