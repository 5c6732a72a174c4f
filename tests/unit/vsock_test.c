// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vsock device: every packet, credit and who lies about it. How streams end, and how many there may be: vsock_ends_test.c.
 */
#define _GNU_SOURCE
#include "tests/unit/vsock_driver.h"

static void a_client(void **state)
{
	int fd;

	assert_int_equal(f.slot.id, 19);
	assert_int_equal(f.slot.config[0], CID);
	fd = client();
	assert_int_equal(heard.room, VSOCK_BUFFER);
	assert_int_equal(write(fd, "to the guest", 12), 12);
	hears_data("to the guest");
	say_data("to the client", 13);
	expect(fd, "to the client");
	say(ASK_CREDIT);
	hears(CREDIT);
	assert_int_equal(heard.taken, 13);
	assert_true(quiet());
	assert_true(sleeps());
	close(fd);
}

static void the_guest_calls(void **state)
{
	int fd = called(), other = called();

	say_data("second", 6);
	packet.from_port--;
	say_data("first", 5);
	expect(fd, "first");
	expect(other, "second");
	packet.to_port = SERVICE + 1;
	say(REQUEST);
	hears(RESET);
	assert_int_equal(heard.from_port, SERVICE + 1);
	assert_true(quiet());
	close(fd);
	close(other);
}

/* What follows the line in one piece is data; a line may come in pieces. */
static void lines(void **state)
{
	const char *const bad[] = { "\n", "CONNECT\n", "CONNECT x\n", "CONNECT 4294967296\n", "CONNECT -1\n", "connect 5\n", "CONNECT 5 \n",
				    "GET / HTTP/1.1\r\n", "CONNECT 00000000000000000000000000000005\n" };
	int fd = new_client();

	packet.from_port = 5;
	assert_int_equal(write(fd, "CONN", 4), 4);
	assert_true(quiet());
	assert_int_equal(write(fd, "ECT 5\nand more", 14), 14);
	hears(REQUEST);
	assert_true(quiet());
	packet.to_port = heard.from_port;
	say(RESPONSE);
	hears_data("and more");
	close(fd);
	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		fd = new_client();
		assert_int_equal(write(fd, bad[i], strlen(bad[i])), strlen(bad[i]));
		fixture_kick(&f);
		fixture_kick(&f);
		assert_false(nothing_yet(fd));
		close(fd);
	}
	fd = new_client();		/* half a line, and then no more */
	assert_int_equal(write(fd, "CONN", 4), 4);
	fixture_kick(&f);
	shutdown(fd, SHUT_WR);
	fixture_kick(&f);
	fixture_kick(&f);
	assert_false(nothing_yet(fd));
	close(fd);
}

static void refused(void **state)
{
	int fd = new_client();

	dprintf(fd, "CONNECT 9\n");
	packet.from_port = 9;
	fixture_kick(&f);
	hears(REQUEST);
	packet.to_port = heard.from_port;
	say(RESET);
	assert_true(at_end(fd));
	assert_int_equal(vsock()->streams, 0);
	close(fd);
	fd = new_client();		/* one that does not wait for the answer */
	dprintf(fd, "CONNECT 9\n");
	fixture_kick(&f);
	hears(REQUEST);
	close(fd);
	hears(RESET);
	assert_int_equal(vsock()->streams, 0);
	fd = new_client();		/* and a guest that gives none */
	dprintf(fd, "CONNECT 9\n");
	fixture_kick(&f);
	hears(REQUEST);
	vsock()->waiting.tqh_first->deadline_ns = 1;
	assert_false(sleeps());
	hears(RESET);
	assert_true(at_end(fd));
	assert_int_equal(vsock()->streams, 0);
	close(fd);
}

/* Of what is no stream. */
static void packets_without_one(void **state)
{
	packet.from_port = 1;
	packet.to_port = 2;
	for (u16 op = 0; op < 9; op++) {
		if (op == REQUEST || op == RESET)
			continue;
		say(op);
		hears(RESET);
		assert_int_equal(heard.from_port, 2);
	}
	say(RESET);
	assert_true(quiet());
	packet.to_port = SERVICE;
	packet.type = 2;
	say(REQUEST);
	hears(RESET);
	packet.type = 1;
	packet.to_cid = 1;		/* there is no such machine: that one refuses */
	say(REQUEST);
	hears(RESET);
	packet.to_cid = VSOCK_HOST;
	packet.from_cid = CID + 1;	/* nor is it this one that says so */
	say(REQUEST);
	assert_true(quiet());
	assert_int_equal(vsock()->streams, 0);
}

/* What cannot be said of a stream ends it. */
static void nonsense(void **state)
{
	const u16 wrong[] = { 0, REQUEST, RESPONSE, 8, 0xffff };
	int fd;

	for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
		fd = called();
		say(wrong[i]);
		hears(RESET);
		assert_true(at_end(fd));
		close(fd);
	}
	fd = new_client();
	dprintf(fd, "CONNECT 9\n");
	packet.from_port = 9;
	fixture_kick(&f);
	hears(REQUEST);
	packet.to_port = heard.from_port;
	say_data("early", 5);
	hears(RESET);
	assert_true(at_end(fd));
	close(fd);
	fd = called();			/* it has said that it would send no more */
	packet.flags = SHUT_NO_SEND;
	say(SHUTDOWN);
	say_data("late", 4);
	hears(RESET);
	close(fd);
	assert_int_equal(vsock()->streams, 0);
}

static void chains_that_are_no_packets(void **state)
{
	fixture_add(&f, VSOCK_SEND, (const struct fixture_part[]){ OUT(TX, HEADER - 1) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(RX_BUFFERS);
	put_packet(DATA, 0);
	*(u32 *)(f.ram.base + TX + 24) = htole32(1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(RX_BUFFERS);
	fixture_add(&f, VSOCK_SEND, (const struct fixture_part[]){ IN(TX, 0x1000) }, 1);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
	drive(0);
	fixture_add(&f, VSOCK_RECEIVE, (const struct fixture_part[]){ IN(RX(0), HEADER) }, 1);
	packet.to_port = SERVICE;
	put_packet(REQUEST, 0);
	fixture_kick(&f);
	assert_true(fixture_is_broken(&f));
}

/* --- Credit --- */

/* A client sends more than the guest has room for. */
static void a_guest_that_does_not_read(void **state)
{
	static u8 bytes[300000];
	u32 got = 0, sent = 0;
	int fd;

	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = pattern(i);
	packet.room = 10000;
	fd = called();
	sent = write(fd, bytes, sizeof(bytes));
	assert_true(sent > 20000);
	for (fixture_kick(&f); take_packet() && heard.op == DATA; fixture_kick(&f), got += heard.size)
		assert_memory_equal(data, bytes + got, heard.size);
	assert_int_equal(got, 10000);
	assert_int_equal(heard.op, ASK_CREDIT);
	assert_true(quiet());
	assert_true(sleeps());
	close(fd);			/* it has gone, and that wakes nobody, */
	assert_true(quiet() || heard.op == SHUTDOWN);
	assert_true(quiet());
	assert_true(sleeps());
	while (got < sent) {		/* but all that it has sent arrives */
		packet.taken = got;
		say(CREDIT);
		for (; take_packet() && heard.op == DATA; fixture_kick(&f), got += heard.size)
			assert_memory_equal(data, bytes + got, heard.size);
		assert_true(got - packet.taken <= packet.room);
	}
	while (!quiet())
		;
	assert_int_equal(heard.op, SHUTDOWN);
	assert_int_equal(heard.flags, SHUT_BOTH);
	say(RESET);
	assert_int_equal(vsock()->streams, 0);
}

/* It stops the one program of the guest that sends to it, and nobody else. */
static void a_client_that_does_not_read(void **state)
{
	int other = called(), fd = called();
	u32 sent = fill(fd), got;

	assert_true(sent > VSOCK_BUFFER);
	assert_true(quiet());
	assert_true(sleeps());
	packet.from_port--;
	say_data("hello", 5);
	expect(other, "hello");
	packet.from_port++;
	got = drain_client(fd, 0);
	hears(CREDIT);
	while (!quiet())
		assert_int_equal(heard.op, CREDIT);
	assert_int_equal(heard.taken, sent);
	assert_int_equal(got, sent);
	assert_null(vsock()->all.lh_first->buffer);
	close(fd);
	close(other);
}

static void overrun(void **state)
{
	int fd = called();
	u32 sent = fill(fd);

	put_packet(DATA, 0x1000);
	put_packet(DATA, 0x1000);
	fixture_kick(&f);
	hears(RESET);
	assert_true(quiet());
	assert_true(sent > VSOCK_BUFFER);
	assert_int_equal(vsock()->streams, 1);	/* what came before is the client's */
	assert_null(stream__find(vsock(), SERVICE, packet.from_port));
	close(fd);
	fixture_kick(&f);
	assert_int_equal(vsock()->streams, 0);
}

static void lies_about_credit(void **state)
{
	int fd;

	packet.room = 0xffffffff;
	fd = called();
	assert_int_equal(write(fd, "12345", 5), 5);
	hears_data("12345");
	packet.taken = 4;
	say(CREDIT);
	packet.taken = 3;		/* it was overtaken by the other */
	say(CREDIT);
	assert_true(quiet());
	assert_int_equal(vsock()->all.lh_first->seen, 4);
	packet.taken = 6;
	say(CREDIT);
	hears(RESET);
	assert_true(at_end(fd));
	close(fd);
	packet.taken = 0;
	packet.room = 0;		/* none at all */
	fd = called();
	assert_int_equal(write(fd, "12345", 5), 5);
	hears(ASK_CREDIT);
	say(CREDIT);
	assert_true(quiet());
	packet.room = 3;
	say(CREDIT);
	hears_data("123");
	hears(ASK_CREDIT);
	packet.room = 1;		/* less than is on its way */
	say(CREDIT);
	assert_true(quiet());
	packet.taken = 3;
	say(CREDIT);
	hears_data("4");
	close(fd);
}

/* --- The user --- */

static void what_the_user_says(void **state)
{
	static const struct { const char *spec, *complaint; } bad[] = {
		{ "", "no path given" }, { "x,cid=2", "cid=2 is not from 3 to 4294967294" }, { "x,cid=4294967295", "cid=4294967295" },
		{ "x,port=3", "'port' is none of cid=" },
	};
	char name[SOCKET_PATH];

	for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_null(vsock__new(bad[i].spec, &c));
		assert_contains(c.text, bad[i].complaint);
	}
	memset(name, 'x', sizeof(name));
	name[97] = 0;
	assert_null(vsock__new(name, &c));
	assert_contains(c.text, "has more than 96 characters");
}

static void names(void **state)
{
	struct sockaddr_un address;
	struct device *other = vsock__new(spec, &c);
	int fd;

	assert_int_equal(vsock__connect(other, -1, &c), -1);
	assert_contains(c.text, "Address already in use");
	other->ops->close(other);
	free(other);
	fixture_close(&f);
	assert_true(socket__address(&address, path));
	fd = socket__listen(&address, 1);	/* what one that was killed leaves */
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(access(path, F_OK), 0);
	fixture_open(&f, vsock__new(spec, &c));
	assert_int_equal(vsock__connect(f.device, -1, &c), 0);
	fd = dup(vsock__listener(f.device));	/* the guest's reset */
	fixture_close(&f);
	assert_int_equal(access(path, F_OK), 0);
	fixture_open(&f, vsock__new(spec, &c));
	assert_int_equal(vsock__connect(f.device, fd, &c), 0);
	drive(RX_BUFFERS);
	close(client());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_client, begin, end),
		cmocka_unit_test_setup_teardown(the_guest_calls, begin, end),
		cmocka_unit_test_setup_teardown(lines, begin, end),
		cmocka_unit_test_setup_teardown(refused, begin, end),
		cmocka_unit_test_setup_teardown(packets_without_one, begin, end),
		cmocka_unit_test_setup_teardown(nonsense, begin, end),
		cmocka_unit_test_setup_teardown(chains_that_are_no_packets, begin, end),
		cmocka_unit_test_setup_teardown(a_guest_that_does_not_read, begin, end),
		cmocka_unit_test_setup_teardown(a_client_that_does_not_read, begin, end),
		cmocka_unit_test_setup_teardown(overrun, begin, end),
		cmocka_unit_test_setup_teardown(lies_about_credit, begin, end),
		cmocka_unit_test_setup_teardown(what_the_user_says, begin, end),
		cmocka_unit_test_setup_teardown(names, begin, end),
	};

	return cmocka_run_group_tests_name("vsock", tests, NULL, NULL);
}
