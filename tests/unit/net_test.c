// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A network card and its cable, with somebody at the other end of a stream socket or of one that keeps messages apart: frames both ways, too few
 * buffers, an end that does not take them, comes and goes.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "tests/unit/far_end.h"
#include "tests/unit/virtio_fixture.h"
#include "wedge/device/link.h"
#include "wedge/device/net.h"

#define RX	0
#define TX	1
#define ENTRIES	16
#define MERGED	(1ull << 15)
#define BUFFER(N)	(FIXTURE_DATA + 0x1000ull * (N))	/* for frames to the guest */
#define OUTGOING	(FIXTURE_DATA + 0x40000ull)
#define STATUS	6						/* in the configuration */

static struct fixture f;
static struct complaint c;
static char folder[32], path[64], spec[96];
static u8 frame[LINK_FRAME_MOST], got[LINK_FRAME_MOST];

static int begin_by(enum virtio_interface interface)
{
	struct device *d;

	signal(SIGPIPE, SIG_IGN);
	strcpy(folder, "/tmp/net-XXXXXX");
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/cable", folder);
	snprintf(spec, sizeof(spec), "socket:%s,mac=02:00:00:00:00:01", path);
	d = net__new(spec, &c);
	assert_non_null(d);
	d->interface = interface;
	fixture_open(&f, d);
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = i * 7 ^ i >> 8;
	return 0;
}

static int begin(void **state) { return begin_by(VIRTIO_MODERN); }
static int begin_legacy(void **state) { return begin_by(VIRTIO_LEGACY); }
static int begin_other_order(void **state) { return begin_by(VIRTIO_LEGACY_BIG_ENDIAN); }

static int end(void **state)
{
	fixture_close(&f);
	assert_int_equal(access(path, F_OK), -1);
	return rmdir(folder);
}

static void drive(u64 features)
{
	fixture_negotiate(&f, features);
	fixture_set_queue(&f, RX, ENTRIES);
	fixture_set_queue(&f, TX, ENTRIES);
	fixture_start(&f);
}

static int far_end(void)
{
	int fd = far_end_connect(path);

	assert_true(fd >= 0);
	fixture_kick(&f);
	return fd;
}

static void send_frame(int fd, u32 size)
{
	u32 length = htobe32(size);

	assert_int_equal(write(fd, &length, 4), 4);
	assert_int_equal(write(fd, frame, size), size);
	fixture_kick(&f);
}

/* The next frame at the far end: its size, 0 if there is none. */
static u32 take_frame(int fd)
{
	u32 length, done = 0, idle = 0;
	ssize_t n = recv(fd, &length, 4, MSG_PEEK);

	if (n != 4)
		return 0;
	assert_int_equal(read(fd, &length, 4), 4);
	length = be32toh(length);
	assert_in_range(length, 1, sizeof(got));
	while (done < length) {
		n = read(fd, got + done, length - done);
		if (n <= 0)
			fixture_kick(&f);
		assert_true(n > 0 || idle++ < 10);
		done += n > 0 ? n : 0;
	}
	return length;
}

static void put(u32 size)
{
	memset(f.ram.base + OUTGOING, 0, LINK_HEADER);
	memcpy(f.ram.base + OUTGOING + LINK_HEADER, frame, size);
	fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, LINK_HEADER), OUT(OUTGOING + LINK_HEADER, size) }, 2);
}

static bool sent(void)
{
	return fixture_used(&f, TX, NULL, NULL);
}

static void add_buffer(unsigned n, u32 size)
{
	fixture_add(&f, RX, (const struct fixture_part[]){ IN(BUFFER(n), size) }, 1);
}

static u16 buffers_in(u64 header)
{
	return f.ram.base[header + 10] | f.ram.base[header + 11] << 8;
}

static bool sleeps(void)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;
	unsigned n = f.device->ops->wants(f.device, fds, &ns);

	return ns > 1000000 && !poll(fds, n, 0);
}

/* --- Tests --- */

static void frames_both_ways(void **state)
{
	u32 written;
	int fd;

	drive(0);
	assert_int_equal(f.slot.id, 1);
	assert_int_equal(f.slot.config[STATUS], 0);
	fd = far_end();
	assert_int_equal(f.slot.config[STATUS], 1);
	assert_int_equal(fixture_register(&f, 0x060) & VIRTIO_CAUSE_CONFIG, VIRTIO_CAUSE_CONFIG);
	add_buffer(0, 2000);
	memset(f.ram.base + BUFFER(0), 0xee, 2000);
	send_frame(fd, 1514);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, LINK_HEADER + 1514);
	assert_int_equal(f.ram.base[BUFFER(0)], 0);
	assert_int_equal(buffers_in(BUFFER(0)), 1);
	assert_memory_equal(f.ram.base + BUFFER(0) + LINK_HEADER, frame, 1514);
	assert_int_equal(f.ram.base[BUFFER(0) + LINK_HEADER + 1514], 0xee);
	put(60);
	put(1514);
	fixture_kick(&f);
	assert_true(sent() && sent() && !sent());
	assert_int_equal(take_frame(fd), 60);
	assert_int_equal(take_frame(fd), 1514);
	assert_memory_equal(got, frame, 1514);
	assert_true(sleeps());
	close(fd);
}

/* How many it took is in the first, wherever that lies. */
static void merged_buffers(void **state)
{
	const struct fixture_part split[] = { IN(BUFFER(0), 11), IN(BUFFER(1), 1), IN(BUFFER(2), 88) };
	u32 written, sizes[] = { 100, 50, 200 };
	int fd;

	drive(MERGED);
	fd = far_end();
	fixture_add(&f, RX, split, 3);
	add_buffer(3, 50);
	add_buffer(4, 1000);
	send_frame(fd, 338);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(fixture_used(&f, RX, NULL, &written));
		assert_int_equal(written, sizes[i]);
	}
	assert_false(fixture_used(&f, RX, NULL, NULL));
	assert_int_equal(f.ram.base[BUFFER(0) + 10], 3);
	assert_int_equal(f.ram.base[BUFFER(1)], 0);
	assert_memory_equal(f.ram.base + BUFFER(2), frame, 88);
	assert_memory_equal(f.ram.base + BUFFER(3), frame + 88, 50);
	assert_memory_equal(f.ram.base + BUFFER(4), frame + 138, 200);
	close(fd);
}

/* A frame comes whole or not at all; meanwhile nothing more is read, and nobody is kept awake by that. */
static void too_few_buffers(void **state)
{
	u32 written;
	int fd;

	drive(MERGED);
	fd = far_end();
	add_buffer(0, 100);
	add_buffer(1, 100);
	send_frame(fd, 1000);
	send_frame(fd, 60);
	assert_false(fixture_used(&f, RX, NULL, NULL));
	assert_true(sleeps());
	put(60);			/* the other direction goes on */
	fixture_kick(&f);
	assert_int_equal(take_frame(fd), 60);
	add_buffer(2, 1000);
	add_buffer(3, 1000);
	fixture_kick(&f);
	for (unsigned i = 0; i < 3; i++)
		assert_true(fixture_used(&f, RX, NULL, NULL));
	assert_int_equal(buffers_in(BUFFER(0)), 3);
	assert_memory_equal(f.ram.base + BUFFER(2), frame + 200 - LINK_HEADER, 1000 + LINK_HEADER - 200);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, 60 + LINK_HEADER);
	assert_false(fixture_is_broken(&f));
	close(fd);
}

/* A frame is read into as many buffers as the last one took, which is too many, too few, or more than there are: it comes whole, and in its turn. */
static void frames_of_any_size(void **state)
{
	u32 sizes[64] = { 0 }, first_sent = 0, sent_count = 0, buffer = 0, waiting = 0, turns = 20000, written;
	int fd;

	srand(20261130);
	drive(MERGED);
	fd = far_end();
	while (turns--) {
		u32 size = LINK_FRAME_LEAST + rand() % (rand() % 3 ? 300u : 3000u);

		if (rand() % 2 && sent_count - first_sent < 40) {
			frame[0] = sent_count;
			sizes[sent_count++ % 64] = size;
			send_frame(fd, size);
		}
		for (u32 more = rand() % 8; more && waiting < ENTRIES; more--, waiting++) {
			memset(f.ram.base + BUFFER(buffer % ENTRIES), 0xee, 600);
			add_buffer(buffer++ % ENTRIES, 300 + rand() % 300);
		}
		fixture_kick(&f);
		while (fixture_used(&f, RX, NULL, &written)) {
			const u32 at = buffer - waiting, number = buffers_in(BUFFER(at % ENTRIES));
			u32 done = written;

			memcpy(got, f.ram.base + BUFFER(at % ENTRIES), written);
			for (u32 i = 1; i < number; i++, done += written) {
				assert_true(fixture_used(&f, RX, NULL, &written));
				memcpy(got + done, f.ram.base + BUFFER((at + i) % ENTRIES), written);
			}
			assert_int_equal(done, sizes[first_sent % 64] + LINK_HEADER);
			assert_int_equal(got[LINK_HEADER], first_sent % 256);
			assert_memory_equal(got + LINK_HEADER + 1, frame + 1, done - LINK_HEADER - 1);
			first_sent++;
			waiting -= number;
		}
	}
	assert_true(first_sent > 1000);
	assert_false(fixture_is_broken(&f));
	close(fd);
}

/* More than the queue can hold is never there: such a frame is lost. */
static void a_frame_larger_than_the_queue(void **state)
{
	u32 written;
	int fd;

	drive(MERGED);
	fd = far_end();
	for (unsigned i = 0; i < ENTRIES; i++)
		add_buffer(i, 100);
	send_frame(fd, 2000);
	assert_false(fixture_used(&f, RX, NULL, NULL));
	send_frame(fd, 70);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, 70 + LINK_HEADER);
	assert_memory_equal(f.ram.base + BUFFER(0) + LINK_HEADER, frame, 70);
	close(fd);
}

static void buffers_that_cannot_be(void **state)
{
	int fd;

	drive(0);			/* a driver that takes a frame in one piece */
	fd = far_end();
	add_buffer(0, 100);
	send_frame(fd, 100);
	assert_true(fixture_is_broken(&f));
	drive(MERGED);			/* what was waiting is lost with the reset */
	add_buffer(0, LINK_HEADER - 1);
	add_buffer(1, 1000);
	send_frame(fd, 100);
	assert_true(fixture_is_broken(&f));
	drive(MERGED);
	add_buffer(0, 1000);
	fixture_add(&f, RX, (const struct fixture_part[]){ OUT(BUFFER(1), 1000) }, 1);
	send_frame(fd, 2000);		/* the second has room for nothing */
	assert_true(fixture_is_broken(&f));
	close(fd);
}

/* On this cable the header means nothing, and what is no frame is gone. */
static void what_a_guest_sends(void **state)
{
	const u32 sizes[] = { 0, 1, LINK_HEADER - 1, LINK_HEADER, LINK_HEADER + LINK_FRAME_LEAST - 1, LINK_BUFFER + 1 };
	int fd;

	drive(0);
	fd = far_end();
	for (unsigned i = 0; i < ARRAY_SIZE(sizes); i++) {
		fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, sizes[i]) }, 1);
		fixture_kick(&f);
		assert_true(sent());
	}
	assert_int_equal(take_frame(fd), 0);
	put(60);
	memset(f.ram.base + OUTGOING, 0xff, LINK_HEADER);
	fixture_kick(&f);
	assert_int_equal(take_frame(fd), 60);
	assert_memory_equal(got, frame, 60);
	assert_false(fixture_is_broken(&f));
	put(LINK_FRAME_MOST);
	fixture_kick(&f);
	assert_int_equal(take_frame(fd), LINK_FRAME_MOST);
	assert_memory_equal(got, frame, LINK_FRAME_MOST);
	close(fd);
}

/* What it does not take now stays in the queue, and the device sleeps. */
static void a_far_end_that_does_not_read(void **state)
{
	unsigned there = 0, taken = 0;
	int fd;

	drive(0);
	fd = far_end();
	for (;; there++) {
		*(u32 *)frame = there;
		put(20000);
		fixture_kick(&f);
		if (!sent())
			break;
	}
	assert_in_range(there, 2, 1000);
	assert_true(sleeps());
	for (unsigned i = 0; i < 20 || taken <= there; i++) {
		if (take_frame(fd)) {
			assert_int_equal(*(u32 *)got, taken);
			assert_memory_equal(got + 4, frame + 4, 19996);
			taken++;
		}
		fixture_kick(&f);
	}
	assert_int_equal(taken, there + 1);
	assert_true(sent());
	close(fd);
}

/* Of which the last is not left in half when the guest sends no more. */
static void the_last_piece(void **state)
{
	unsigned there = 0;
	int fd;

	drive(0);
	fd = far_end();
	while (put(60000), fixture_kick(&f), sent())
		there++;
	drive(0);			/* forgets what the link has not taken at all */
	assert_true(sleeps());
	for (; there; there--)
		assert_int_equal(take_frame(fd), 60000);
	assert_memory_equal(got, frame, 60000);
	fixture_kick(&f);
	assert_true(sleeps());
	close(fd);
}

/* Nor is it lost by a reset of what the other direction waits for. */
static void resets(void **state)
{
	u32 written;
	int fd;

	drive(MERGED);
	fd = far_end();
	while (put(60000), fixture_kick(&f), sent())
		;
	send_frame(fd, 500);
	drive(MERGED);
	add_buffer(0, 1000);
	send_frame(fd, 70);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, 70 + LINK_HEADER);
	while (take_frame(fd))		/* no frame of before comes in half */
		fixture_kick(&f);
	put(70);
	fixture_kick(&f);
	assert_true(sent());
	assert_int_equal(take_frame(fd), 70);
	close(fd);
}

static void an_end_that_goes(void **state)
{
	u32 length = htobe32(LINK_FRAME_MOST + 1), written;
	int fd;

	drive(0);
	fd = far_end();
	assert_int_equal(write(fd, &length, 3), 3);
	close(fd);			/* in the middle of a frame */
	fixture_kick(&f);
	assert_int_equal(f.slot.config[STATUS], 0);
	put(60);			/* nobody is there */
	fixture_kick(&f);
	assert_true(sent());
	assert_true(sleeps());
	fd = far_end();
	assert_int_equal(f.slot.config[STATUS], 1);
	add_buffer(0, 2000);
	send_frame(fd, 60);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(write(fd, &length, 4), 4);	/* one that sends nonsense */
	fixture_kick(&f);
	assert_int_equal(f.slot.config[STATUS], 0);
	assert_int_equal(read(fd, &length, 1), 0);
	close(fd);
}

/* What comes or is sent while its user has unplugged it is lost, and what is sent afterwards arrives. */
static void unplugged(void **state)
{
	u32 written;
	int fd;

	drive(0);
	fd = far_end();
	net__set_link(f.device, false);
	fixture_kick(&f);
	assert_int_equal(f.slot.config[STATUS], 0);
	assert_int_equal(fixture_register(&f, 0x060) & VIRTIO_CAUSE_CONFIG, VIRTIO_CAUSE_CONFIG);
	add_buffer(0, 2000);
	for (unsigned i = 0; i < 3; i++) {
		put(60);
		send_frame(fd, 60);
		assert_true(sent());
	}
	assert_int_equal(take_frame(fd), 0);
	assert_false(fixture_used(&f, RX, NULL, NULL));
	assert_true(sleeps());
	net__set_link(f.device, true);
	fixture_kick(&f);
	assert_int_equal(f.slot.config[STATUS], 1);
	assert_false(fixture_used(&f, RX, NULL, NULL));
	put(80);
	send_frame(fd, 70);
	assert_true(sent());
	assert_int_equal(take_frame(fd), 80);
	assert_int_equal(take_frame(fd), 0);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, LINK_HEADER + 70);
	close(fd);
}

/* A byte a second: both directions wait, and nothing is lost when their user lets them go on. */
static void limited(void **state)
{
	u32 written;
	int fd;

	drive(0);
	fd = far_end();
	add_buffer(0, 2000);
	net__limit(f.device, 1);
	put(60);
	put(70);
	fixture_kick(&f);
	assert_true(sent() && !sent());
	send_frame(fd, 80);
	assert_false(fixture_used(&f, RX, NULL, NULL));
	assert_true(sleeps());
	assert_int_equal(take_frame(fd), 60);
	assert_int_equal(take_frame(fd), 0);
	net__limit(f.device, 0);
	fixture_kick(&f);
	assert_true(sent());
	assert_int_equal(take_frame(fd), 70);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, LINK_HEADER + 80);
	close(fd);
}

/* A header of 10 bytes, or, with buffers that are merged, of 12, in the driver's order. */
static void legacy(void **state)
{
	const unsigned header = LINK_HEADER - 2;
	u32 written;
	int fd;

	drive(0);
	fd = far_end();
	assert_int_equal(fixture_16(&f, virtio__read(&f.slot, 0x100 + STATUS, 2)), 1);
	add_buffer(0, 2000);
	memset(f.ram.base + BUFFER(0), 0xee, 2000);
	send_frame(fd, 1514);
	assert_true(fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, header + 1514);
	for (unsigned i = 0; i < header; i++)
		assert_int_equal(f.ram.base[BUFFER(0) + i], 0);
	assert_memory_equal(f.ram.base + BUFFER(0) + header, frame, 1514);
	assert_int_equal(f.ram.base[BUFFER(0) + header + 1514], 0xee);
	memset(f.ram.base + OUTGOING, 0, header);
	memcpy(f.ram.base + OUTGOING + header, frame, 1514);
	fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, 3), OUT(OUTGOING + 3, header - 3 + 1514) }, 2);
	fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, header - 1) }, 1);
	fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, header) }, 1);
	fixture_add(&f, TX, (const struct fixture_part[]){ OUT(OUTGOING, header + 60) }, 1);
	fixture_kick(&f);
	assert_true(sent() && sent() && sent() && sent());
	assert_int_equal(take_frame(fd), 1514);
	assert_memory_equal(got, frame, 1514);
	assert_int_equal(take_frame(fd), 60);
	add_buffer(0, header - 1);
	send_frame(fd, 60);
	assert_true(fixture_is_broken(&f));
	drive(MERGED);
	add_buffer(0, 100);
	add_buffer(1, 1000);
	send_frame(fd, 500);
	assert_true(fixture_used(&f, RX, NULL, NULL) && fixture_used(&f, RX, NULL, &written));
	assert_int_equal(written, LINK_HEADER + 500 - 100);
	assert_int_equal(fixture_16(&f, buffers_in(BUFFER(0))), 2);
	put(1514);
	fixture_kick(&f);
	assert_int_equal(take_frame(fd), 1514);
	assert_memory_equal(got, frame, 1514);
	close(fd);
}

static void two_cards(void **state)
{
	static struct link other;
	static u8 bytes[LINK_BUFFER];
	const struct iovec all = { bytes, sizeof(bytes) };
	u8 header[LINK_HEADER] = { 0 };
	struct iovec part[] = { { header, sizeof(header) }, { frame, 100 } };

	drive(0);
	assert_int_equal(link__open_socket(&other, path, &c), 0);
	assert_true(link__is_up(&other));
	fixture_kick(&f);
	add_buffer(0, 2000);
	assert_true(link__send(&other, part, 2, LINK_HEADER + 100));
	fixture_kick(&f);
	assert_true(fixture_used(&f, RX, NULL, NULL));
	assert_memory_equal(f.ram.base + BUFFER(0) + LINK_HEADER, frame, 100);
	put(60);
	fixture_kick(&f);
	assert_int_equal(link__receive(&other, &all, 1), LINK_HEADER + 60);
	assert_int_equal(link__receive(&other, &all, 1), 0);
	link__close(&other);
}

/* As with the process of a network of the user's. */
static void messages(void **state)
{
	static u8 bytes[LINK_BUFFER];
	const struct iovec all = { bytes, sizeof(bytes) };
	struct iovec part[] = { { bytes, 5 }, { bytes, 7 }, { frame, 1000 } };
	struct link link;
	struct pollfd fds[2];
	unsigned there = 0;
	u64 ns = DEVICE_FOREVER;
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, pair), 0);
	link__take_packets(&link, pair[0]);
	while (link__send(&link, part, 3, LINK_HEADER + 1000))
		there++;
	assert_int_equal(link__wants(&link, true, true, fds, &ns), 1);
	assert_int_equal(fds[0].events, POLLIN | POLLOUT);
	for (unsigned i = 0; i < there; i++)
		assert_int_equal(read(pair[1], got, sizeof(got)), 1000);
	assert_memory_equal(got, frame, 1000);
	assert_int_equal(read(pair[1], got, sizeof(got)), -1);
	assert_true(link__send(&link, part, 3, LINK_HEADER + 1000));
	assert_int_equal(write(pair[1], frame, LINK_FRAME_LEAST - 1), LINK_FRAME_LEAST - 1);
	assert_int_equal(link__receive(&link, &all, 1), 0);
	assert_int_equal(write(pair[1], frame, 100), 100);
	memset(bytes, 0xee, LINK_HEADER);
	assert_int_equal(link__receive(&link, &all, 1), LINK_HEADER + 100);
	assert_int_equal(bytes[0] | bytes[LINK_HEADER - 1], 0);
	close(pair[1]);			/* it has not read all: that is an error first, and the end then */
	assert_int_equal(link__receive(&link, &all, 1), 0);
	assert_int_equal(link__receive(&link, &all, 1), 0);
	assert_false(link__is_up(&link));
	assert_true(link__send(&link, part, 3, LINK_HEADER + 1000));
	link__close(&link);
}

static void what_the_user_says(void **state)
{
	static const struct { const char *spec, *complaint; } bad[] = {
		{ "", "'' is none of user, tap, socket:PATH" }, { "socket:", "no path given" }, { "user,mac=1", "mac=1 is not the address" },
		{ "user,mac=01:00:00:00:00:01", "not the address of one station" }, { "user,mtu=67", "mtu=67 is not from 68 to 65521" },
		{ "socket:x,restrict", "hostfwd= and restrict are of --net user" }, { "socket:x,ifname=y", "ifname= and fd= are of --net tap" },
		{ "tap,fd=1", "fd=1 is no descriptor's number" }, { "tap,fd=700", "descriptor 700 is no tap interface's" },
		{ "socket:/no/where/at/all", "No such file" },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_null(net__new(bad[i].spec, &c));
		assert_contains(c.text, bad[i].complaint);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(frames_both_ways, begin, end),
		cmocka_unit_test_setup_teardown(merged_buffers, begin, end),
		cmocka_unit_test_setup_teardown(frames_of_any_size, begin, end),
		cmocka_unit_test_setup_teardown(too_few_buffers, begin, end),
		cmocka_unit_test_setup_teardown(a_frame_larger_than_the_queue, begin, end),
		cmocka_unit_test_setup_teardown(buffers_that_cannot_be, begin, end),
		cmocka_unit_test_setup_teardown(what_a_guest_sends, begin, end),
		cmocka_unit_test_setup_teardown(a_far_end_that_does_not_read, begin, end),
		cmocka_unit_test_setup_teardown(the_last_piece, begin, end),
		cmocka_unit_test_setup_teardown(resets, begin, end),
		cmocka_unit_test_setup_teardown(an_end_that_goes, begin, end),
		cmocka_unit_test_setup_teardown(unplugged, begin, end),
		cmocka_unit_test_setup_teardown(limited, begin, end),
		cmocka_unit_test_setup_teardown(legacy, begin_legacy, end),
		cmocka_unit_test_setup_teardown(legacy, begin_other_order, end),
		cmocka_unit_test_setup_teardown(two_cards, begin, end),
		cmocka_unit_test_setup_teardown(messages, begin, end),
		cmocka_unit_test_setup_teardown(what_the_user_says, begin, end),
	};

	return cmocka_run_group_tests_name("net", tests, NULL, NULL);
}
