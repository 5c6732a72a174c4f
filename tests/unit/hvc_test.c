// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The console device: what driver and device tell each other of ports, output that nobody takes, input that the guest has no room for, clients
 * that come and go, and messages that cannot be.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/far_end.h"
#include "tests/unit/virtio_fixture.h"
#include "wedge/device/hvc-port.h"

enum { IN0, OUT0, CONTROL_IN, CONTROL_OUT, IN1, OUT1, QUEUES };
enum { DEVICE_READY, PORT_ADD, PORT_REMOVE, PORT_READY, CONSOLE_PORT, RESIZE, PORT_OPEN, PORT_NAME };

#define BUFFER(QUEUE, N)	(FIXTURE_DATA + (QUEUE) * 0x10000ull + (N) * 0x1000ull)
#define MESSAGE			BUFFER(CONTROL_OUT, 0)

static struct fixture f;
static struct complaint c;
static char folder[] = "/tmp/hvc-XXXXXX", path[64], where[128];
static enum console_key last_key;

static void pressed(void *user, enum console_key key)
{
	last_key = key;
}

static int begin(void **state)
{
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	signal(SIGPIPE, SIG_IGN);
	if (!mkdtemp(folder))
		return -1;
	snprintf(path, sizeof(path), "%s/far", folder);
	return 0;
}

static int end(void **state)
{
	fixture_close(&f);
	unlink(path);
	return rmdir(folder);
}

static struct port *port(unsigned n)
{
	return &((struct hvc *)f.device)->port[n];
}

static const char *at(const char *kind, const char *rest)
{
	snprintf(where, sizeof(where), "%s:%s%s", kind, path, rest);
	return where;
}

/* Buffers for input: eight of 4 KB. */
static void add_buffers(unsigned queue)
{
	for (unsigned i = 0; i < 8; i++)
		fixture_add(&f, queue, (const struct fixture_part[]){ IN(BUFFER(queue, i), 0x1000) }, 1);
}

/* A driver, without MULTIPORT one for port 0 alone. */
static void drive(u64 features)
{
	fixture_negotiate(&f, features);
	for (unsigned i = 0; i < (features & HVC_F_MULTIPORT ? QUEUES : CONTROL_IN); i++) {
		fixture_set_queue(&f, i, 8);
		if (i == IN0 || i == CONTROL_IN || i == IN1)
			add_buffers(i);
	}
	fixture_start(&f);
}

static void open_device(const char *first, const char *second)
{
	const char *const specs[] = { first, second };

	fixture_open(&f, hvc__new(specs, second ? 2 : 1, pressed, NULL, &c));
	assert_int_equal(hvc__connect(f.device, &c), 0);
}

static void say(u32 n, u16 event, u16 value)
{
	u8 *m = f.ram.base + MESSAGE;

	*(u32 *)m = htole32(n);
	*(u16 *)(m + 4) = htole16(event);
	*(u16 *)(m + 6) = htole16(value);
	fixture_add(&f, CONTROL_OUT, (const struct fixture_part[]){ OUT(MESSAGE, 8) }, 1);
	fixture_kick(&f);
	fixture_used(&f, CONTROL_OUT, NULL, NULL);
}

/* The next thing that the device has said; its content, of `size` bytes, lies behind. The buffer is given back. */
static bool told(u32 n, u16 event, u16 value, const void *content, unsigned size)
{
	const u8 *m;
	u32 written;
	u16 head;

	if (!fixture_used(&f, CONTROL_IN, &head, &written))
		return false;
	m = f.ram.base + BUFFER(CONTROL_IN, head);
	assert_int_equal(le32toh(*(const u32 *)m), n);
	assert_int_equal(le16toh(*(const u16 *)(m + 4)), event);
	assert_int_equal(le16toh(*(const u16 *)(m + 6)), value);
	assert_int_equal(written, 8 + size);
	assert_memory_equal(m + 8, content, size);
	fixture_add(&f, CONTROL_IN, (const struct fixture_part[]){ IN(BUFFER(CONTROL_IN, head), 0x1000) }, 1);
	return true;
}

static bool quiet(void)
{
	return !fixture_used(&f, CONTROL_IN, NULL, NULL);
}

/* As Linux does with two ports. */
static void greet(bool second_is_there)
{
	say(0, DEVICE_READY, 1);
	assert_true(told(0, PORT_ADD, 1, "", 0));
	assert_true(told(1, PORT_ADD, 1, "", 0));
	assert_true(quiet());
	say(0, PORT_READY, 1);
	assert_true(told(0, CONSOLE_PORT, 1, "", 0));
	assert_true(told(0, PORT_OPEN, 1, "", 0));
	say(1, PORT_READY, 1);
	assert_true(told(1, PORT_NAME, 1, "org.one", 7));
	assert_int_equal(told(1, PORT_OPEN, 1, "", 0), second_is_there);
	say(0, PORT_OPEN, 1);
	assert_true(quiet());
}

static void write_out(unsigned queue, const char *text)
{
	strcpy((char *)f.ram.base + BUFFER(queue, 0), text);
	fixture_add(&f, queue, (const struct fixture_part[]){ OUT(BUFFER(queue, 0), 2), OUT(BUFFER(queue, 0) + 2, strlen(text) - 2) }, 2);
	fixture_kick(&f);
}

static int client(void)
{
	int fd = far_end_connect(path);

	assert_true(fd >= 0);
	return fd;
}

/* What the guest has received, the buffers given back: into `bytes`, how much. */
static unsigned receive(unsigned queue, u8 *bytes)
{
	unsigned n = 0;
	u32 written;
	u16 head;

	fixture_kick(&f);
	while (fixture_used(&f, queue, &head, &written)) {
		memcpy(bytes + n, f.ram.base + BUFFER(queue, head), written);
		n += written;
		fixture_add(&f, queue, (const struct fixture_part[]){ IN(BUFFER(queue, head), 0x1000) }, 1);
	}
	return n;
}

static void two_ports(void **state)
{
	char bytes[32] = "";
	int fd;

	open_device("none", at("file", ",name=org.one"));
	assert_int_equal(f.slot.id, 3);
	assert_int_equal(f.slot.config[4], 2);
	drive(HVC_F_MULTIPORT | HVC_F_SIZE);
	greet(true);
	write_out(OUT0, "nowhere");
	assert_true(fixture_used(&f, OUT0, NULL, NULL));
	write_out(OUT1, "somewhere");
	assert_true(fixture_used(&f, OUT1, NULL, NULL));
	fd = open(path, O_RDONLY);
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 9);
	assert_string_equal(bytes, "somewhere");
	close(fd);
}

static void a_driver_of_one_port(void **state)
{
	u8 bytes[0x8000];
	int fd;

	open_device(at("listen", ""), NULL);
	drive(0);
	fd = client();
	assert_int_equal(write(fd, "in", 2), 2);
	assert_int_equal(receive(IN0, bytes), 2);
	write_out(OUT0, "out");
	assert_int_equal(read(fd, bytes, sizeof(bytes)), 3);
	close(fd);
}

/* What comes is told to be there, and what has come before it went. */
static void clients(void **state)
{
	u8 bytes[0x8000];
	int fd;

	open_device("none", at("listen", ",name=org.one"));
	fd = client();			/* before there is a driver, and gone again */
	assert_int_equal(write(fd, "early", 5), 5);
	close(fd);
	fixture_kick(&f);
	drive(HVC_F_MULTIPORT);
	greet(true);
	assert_int_equal(receive(IN1, bytes), 0);	/* not open yet */
	say(1, PORT_OPEN, 1);
	assert_int_equal(receive(IN1, bytes), 5);
	assert_memory_equal(bytes, "early", 5);
	assert_true(told(1, PORT_OPEN, 0, "", 0));
	fd = client();
	assert_int_equal(write(fd, "second", 6), 6);
	close(fd);
	assert_int_equal(receive(IN1, bytes), 0);	/* the guest is to see the end of the first */
	assert_true(quiet());
	say(1, PORT_OPEN, 0);
	assert_true(told(1, PORT_OPEN, 1, "", 0));
	say(1, PORT_OPEN, 1);
	assert_int_equal(receive(IN1, bytes), 6);
	assert_true(told(1, PORT_OPEN, 0, "", 0));
	fd = client();			/* and if it does not close the port, the next one is told of after a while */
	fixture_kick(&f);
	assert_true(quiet());
	port(1)->state.told_end_ns = 1;
	fixture_kick(&f);
	assert_true(told(1, PORT_OPEN, 1, "", 0));
	close(fd);
}

/* A megabyte, while the driver has eight buffers at a time. */
static void much_input(void **state)
{
	static u8 sent[0x100000], got[sizeof(sent) + 0x8000];
	unsigned out = 0, in = 0;
	int fd;

	for (unsigned i = 0; i < sizeof(sent); i++)
		sent[i] = i * 7 ^ i >> 9;
	open_device("none", at("listen", ",name=org.one"));
	drive(HVC_F_MULTIPORT);
	greet(false);
	fd = client();
	say(1, PORT_OPEN, 1);
	while (in < sizeof(sent)) {
		ssize_t n = write(fd, sent + out, sizeof(sent) - out);

		out += n > 0 ? n : 0;
		n = receive(IN1, got + in);
		in += n;
	}
	assert_int_equal(in, sizeof(sent));
	assert_memory_equal(sent, got, sizeof(sent));
	close(fd);
}

static void fill_port(unsigned queue, unsigned kilobytes)
{
	for (unsigned i = 0; i < kilobytes; i++) {
		fixture_add(&f, queue, (const struct fixture_part[]){ OUT(BUFFER(queue, 0), 0x400) }, 1);
		fixture_kick(&f);
		if (!fixture_used(&f, queue, NULL, NULL))
			break;
	}
}

/* A stream's output waits in the queue; nothing is lost, and a reader who comes gets it all. */
static void a_stream_that_nobody_reads(void **state)
{
	unsigned got = 0;
	int fd;

	open_device("none", at("listen", ",name=org.one"));
	drive(HVC_F_MULTIPORT);
	greet(false);
	fill_port(OUT1, 1000);
	assert_false(fixture_used(&f, OUT1, NULL, NULL));
	assert_true(port(1)->out_held);
	port(1)->console.moved_ns = 1;
	fixture_kick(&f);
	assert_false(fixture_used(&f, OUT1, NULL, NULL));
	fd = client();
	for (unsigned i = 0; i < 100; i++) {
		fixture_kick(&f);
		got += far_end_read(fd);
	}
	assert_true(fixture_used(&f, OUT1, NULL, NULL));
	assert_true(got > CONSOLE_BUFFER - CONSOLE_ROOM);
	assert_int_equal(port(1)->console.dropped, 0);
	close(fd);
}

/* A terminal's does not: Linux has its interrupts off until it is taken. */
static void a_terminal_that_nobody_reads(void **state)
{
	struct pollfd fds[DEVICE_POLL_MOST];
	u64 ns = DEVICE_FOREVER;

	open_device(at("listen", ""), NULL);
	drive(0);
	fill_port(OUT0, 1000);
	assert_true(port(0)->out_held);
	f.device->ops->wants(f.device, fds, &ns);
	assert_in_range(ns, 1, 10000000);
	port(0)->console.moved_ns = 1;
	fixture_kick(&f);
	assert_true(fixture_used(&f, OUT0, NULL, NULL));
	fill_port(OUT0, 1000);
	assert_false(port(0)->out_held);
	assert_true(port(0)->console.dropped > 900 * 1024);
	port(0)->console.fill = port(0)->console.dropped = 0;	/* else its end would wait for a reader, and tell us */
}

/* Linux resets the device when it powers off: what was written before comes through. */
static void a_reset_with_output_in_the_queue(void **state)
{
	unsigned got = 0;
	int fd;

	open_device("none", at("file", ",name=org.one"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	close(port(1)->console.out);
	fd = open(path, O_RDONLY | O_NONBLOCK);
	port(1)->console.out = open(path, O_WRONLY | O_NONBLOCK);
	drive(HVC_F_MULTIPORT);
	greet(true);
	fill_port(OUT1, 1000);
	assert_true(port(1)->out_held);
	got += far_end_read(fd);
	fixture_negotiate(&f, HVC_F_MULTIPORT);
	got += far_end_read(fd);
	got += port(1)->console.fill;
	assert_int_equal(got % 1024, 0);
	assert_in_range(got, 2 * 0x10000, 3 * 0x10000);
	assert_int_equal(port(1)->lost, 0);
	port(1)->console.fill = 0;
	close(fd);
}

static void a_terminal_of_another_size(void **state)
{
	struct winsize size = { .ws_row = 25, .ws_col = 80 };
	const u16 told_size[] = { htole16(80), htole16(25) }, next[] = { htole16(132), htole16(50) };

	open_device("pty", "none,name=org.one");
	assert_int_equal(ioctl(port(0)->console.out, TIOCSWINSZ, &size), 0);
	fixture_kick(&f);
	assert_memory_equal(f.slot.config, told_size, 4);
	drive(HVC_F_MULTIPORT | HVC_F_SIZE);
	say(0, DEVICE_READY, 1);
	say(0, PORT_READY, 1);
	assert_true(told(0, PORT_ADD, 1, "", 0));
	assert_true(told(1, PORT_ADD, 1, "", 0));
	assert_true(told(0, CONSOLE_PORT, 1, "", 0));
	assert_true(told(0, RESIZE, 1, told_size, 4));
	assert_true(told(0, PORT_OPEN, 1, "", 0));
	size = (struct winsize){ .ws_row = 50, .ws_col = 132 };
	assert_int_equal(ioctl(port(0)->console.out, TIOCSWINSZ, &size), 0);
	fixture_kick(&f);
	assert_true(told(0, RESIZE, 1, next, 4));
	assert_true(quiet());
}

/* The escape key is for us, without a driver as well, and whatever a driver does. */
static void the_escape_key(void **state)
{
	u8 bytes[0x8000];
	int fd;

	open_device(at("listen", ""), NULL);
	port(0)->console.escapes = true;
	fd = client();
	last_key = CONSOLE_NONE;
	assert_int_equal(write(fd, "a\001rb", 4), 4);
	fixture_kick(&f);
	assert_int_equal(last_key, CONSOLE_REGISTERS);
	drive(0);
	assert_int_equal(receive(IN0, bytes), 2);
	assert_memory_equal(bytes, "ab", 2);
	drive(HVC_F_MULTIPORT);
	say(0, PORT_READY, 1);
	assert_int_equal(write(fd, "\001x", 2), 2);
	fixture_kick(&f);
	assert_int_equal(last_key, CONSOLE_QUIT);
	port(0)->console.escapes = false;
	close(fd);
}

static void nonsense(void **state)
{
	open_device("none", "none,name=org.one");
	drive(HVC_F_MULTIPORT);
	say(7, PORT_READY, 1);
	assert_true(fixture_is_broken(&f));
	drive(HVC_F_MULTIPORT);
	fixture_add(&f, CONTROL_OUT, (const struct fixture_part[]){ OUT(MESSAGE, 7) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(HVC_F_MULTIPORT);
	fixture_add(&f, OUT0, (const struct fixture_part[]){ OUT(0, 0x80000), OUT(0, 0x80001) }, 2);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	fixture_negotiate(&f, HVC_F_MULTIPORT);
	for (unsigned i = 0; i < QUEUES; i++)
		fixture_set_queue(&f, i, 8);
	fixture_add(&f, CONTROL_IN, (const struct fixture_part[]){ IN(BUFFER(CONTROL_IN, 0), 7) }, 1);
	fixture_start(&f);
	say(0, DEVICE_READY, 1);
	assert_true(fixture_is_broken(&f));
	drive(HVC_F_MULTIPORT);
	say(0, 99, 1);			/* of a specification to come */
	say(0, DEVICE_READY, 0);
	assert_false(fixture_is_broken(&f));
	assert_true(quiet());
}

static void what_the_user_says(void **state)
{
	const char *const bad[] = { "none,nam=x", "none,name=", "none,name=0123456789012345678901234567890123456789012345678901234567890123" };
	const char *wrong = "nowhere";

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(hvc__new(&bad[i], 1, pressed, NULL, &c));
	assert_non_null(strstr(c.text, "has 64 characters; 63 is the most"));
	fixture_open(&f, hvc__new(&wrong, 1, pressed, NULL, &c));
	assert_int_equal(hvc__connect(f.device, &c), -1);
	assert_non_null(strstr(c.text, "'nowhere' is none of stdio"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(two_ports, begin, end),
		cmocka_unit_test_setup_teardown(a_driver_of_one_port, begin, end),
		cmocka_unit_test_setup_teardown(clients, begin, end),
		cmocka_unit_test_setup_teardown(much_input, begin, end),
		cmocka_unit_test_setup_teardown(a_stream_that_nobody_reads, begin, end),
		cmocka_unit_test_setup_teardown(a_terminal_that_nobody_reads, begin, end),
		cmocka_unit_test_setup_teardown(a_reset_with_output_in_the_queue, begin, end),
		cmocka_unit_test_setup_teardown(a_terminal_of_another_size, begin, end),
		cmocka_unit_test_setup_teardown(the_escape_key, begin, end),
		cmocka_unit_test_setup_teardown(nonsense, begin, end),
		cmocka_unit_test_setup_teardown(what_the_user_says, begin, end),
	};

	return cmocka_run_group_tests_name("hvc", tests, NULL, NULL);
}
