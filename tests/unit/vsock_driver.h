/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tests of the vsock device say and hear: a guest that does one thing at a time, with clients of its own.
 */
#ifndef TESTS_UNIT_VSOCK_DRIVER_H
#define TESTS_UNIT_VSOCK_DRIVER_H

#include <errno.h>
#include <poll.h>
#include <signal.h>

#include "tests/unit/vsock_fixture.h"

#define GUEST_PORT	77u
#define SERVICE		80u

static int service;

static inline int begin(void **state)
{
	signal(SIGPIPE, SIG_IGN);
	fixture_open_vsock();
	service = new_service(SERVICE);
	drive(RX_BUFFERS);
	return 0;
}

static inline int end(void **state)
{
	char name[80];

	fixture_close(&f);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(name, sizeof(name), "%s_%u", path, SERVICE);
	unlink(name);
	close(service);
	return rmdir(folder);
}

/* --- Both ends --- */

static inline void say(u16 op)
{
	put_packet(op, 0);
	fixture_kick(&f);
	assert_true(fixture_used(&f, VSOCK_SEND, NULL, NULL));
}

static inline void say_data(const void *bytes, u32 size)
{
	memcpy(f.ram.base + TX + HEADER, bytes, size);
	put_packet(DATA, size);
	fixture_kick(&f);
	assert_true(fixture_used(&f, VSOCK_SEND, NULL, NULL));
}

/* The next thing that the guest hears is this, of that stream. */
static inline void hears(u16 op)
{
	fixture_kick(&f);
	if (!take_packet())
		fail_msg("nothing in place of %u", op);
	assert_int_equal(heard.op, op);
	assert_int_equal(heard.from_cid, packet.to_cid);
	assert_int_equal(heard.to_cid, CID);
	assert_int_equal(heard.to_port, packet.from_port);
	assert_int_equal(heard.type, packet.type);
}

static inline bool quiet(void)
{
	fixture_kick(&f);
	fixture_kick(&f);
	return !take_packet();
}

/* Does the device's thread sleep, until there is news? */
static inline bool sleeps(void)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;
	unsigned n = f.device->ops->wants(f.device, fds, &ns);

	return ns > 1000000 && !poll(fds, n, 0);
}

static inline void hears_data(const char *text)
{
	hears(DATA);
	assert_int_equal(heard.size, strlen(text));
	assert_memory_equal(data, text, heard.size);
}

static inline void expect(int fd, const char *text)
{
	char bytes[64];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	assert_int_equal(n, strlen(text));
	assert_memory_equal(bytes, text, n);
}

static inline bool at_end(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 0;
}

static inline bool nothing_yet(int fd)
{
	char byte;

	return read(fd, &byte, 1) < 0 && errno == EAGAIN;
}

/* A client that the guest has accepted. */
static inline int client(void)
{
	char line[32];
	int fd = new_client();

	dprintf(fd, "CONNECT %u\n", GUEST_PORT);
	fixture_kick(&f);
	packet.from_port = GUEST_PORT;
	hears(REQUEST);
	packet.to_port = heard.from_port;
	say(RESPONSE);
	snprintf(line, sizeof(line), "OK %u\n", heard.from_port);
	expect(fd, line);
	return fd;
}

/* A service that the guest has called; from a port of its own each time. */
static inline int called(void)
{
	int fd;

	packet.from_port++;
	packet.to_port = SERVICE;
	say(REQUEST);
	fd = accept4(service, NULL, NULL, SOCK_NONBLOCK);
	assert_true(fd >= 0);
	hears(RESPONSE);
	assert_int_equal(heard.from_port, SERVICE);
	return fd;
}

/* --- Much data --- */

static inline u8 pattern(u32 i)
{
	return i * 7 ^ i >> 9;
}

/* The guest sends as long as it may; how much that is. */
static inline u32 fill(int fd)
{
	static u8 bytes[0x1000];
	u32 sent = 0, taken = 0;

	for (;;) {
		while (take_packet())
			taken = heard.op == CREDIT ? heard.taken : taken;
		if (sent - taken + sizeof(bytes) > VSOCK_BUFFER)
			return sent;
		for (u32 i = 0; i < sizeof(bytes); i++)
			bytes[i] = pattern(sent + i);
		say_data(bytes, sizeof(bytes));
		sent += sizeof(bytes);
	}
}

static inline u32 drain_client(int fd, u32 from)
{
	static u8 bytes[0x1000];
	u32 got = from;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (vsock()->all.lh_first && vsock()->all.lh_first->fill)) {
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(bytes[i], pattern(got + i));
		got += n > 0 ? n : 0;
		fixture_kick(&f);
	}
	return got;
}

#endif
