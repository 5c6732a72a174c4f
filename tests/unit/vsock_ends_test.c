// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The vsock device: both ends of a stream end in every order, whose data arrives all the same, and what there is too much of.
 */
#define _GNU_SOURCE
#include <sys/resource.h>

#include "tests/unit/vsock_driver.h"

/* --- Ends --- */

/* The guest hears of it only when it has all. */
static void the_client_half_closes(void **state)
{
	int fd = client();

	assert_int_equal(write(fd, "question", 8), 8);
	shutdown(fd, SHUT_WR);
	fixture_kick(&f);
	hears_data("question");
	hears(SHUTDOWN);
	assert_int_equal(heard.flags, SHUT_NO_SEND);
	assert_true(quiet());
	assert_true(sleeps());
	say_data("answer", 6);
	expect(fd, "answer");
	packet.flags = SHUT_BOTH;
	say(SHUTDOWN);
	hears(RESET);
	assert_true(at_end(fd));
	assert_int_equal(vsock()->streams, 0);
	close(fd);
}

static void the_guest_half_closes(void **state)
{
	int fd = called();

	say_data("question", 8);
	packet.flags = SHUT_NO_SEND;
	say(SHUTDOWN);
	expect(fd, "question");
	assert_true(at_end(fd));
	assert_int_equal(write(fd, "answer", 6), 6);
	hears_data("answer");
	close(fd);
	hears(SHUTDOWN);
	assert_int_equal(heard.flags, SHUT_BOTH);
	assert_true(quiet());
	say(RESET);
	assert_int_equal(vsock()->streams, 0);
	fd = called();			/* first one direction, then the other */
	say(SHUTDOWN);
	packet.flags = SHUT_NO_RECEIVE;
	assert_true(quiet());
	say(SHUTDOWN);
	hears(RESET);
	assert_true(at_end(fd));
	assert_int_equal(vsock()->streams, 0);
	close(fd);
	fd = called();			/* it does not want to hear more: who sends is told */
	say(SHUTDOWN);
	assert_int_equal(write(fd, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
	say_data("still", 5);
	expect(fd, "still");
	close(fd);
	while (!quiet())
		;
	assert_int_equal(heard.op, SHUTDOWN);
	say(RESET);
	assert_int_equal(vsock()->streams, 0);
}

static void the_client_closes(void **state)
{
	int fd = called();

	assert_int_equal(write(fd, "last", 4), 4);
	close(fd);
	hears_data("last");
	hears(SHUTDOWN);
	assert_int_equal(heard.flags, SHUT_BOTH);
	assert_true(quiet());
	say_data("nobody", 6);		/* was on its way, and is for nobody */
	assert_true(quiet());
	packet.flags = SHUT_BOTH;
	say(SHUTDOWN);
	hears(RESET);
	assert_int_equal(vsock()->streams, 0);
	close(called());		/* and a guest that does not answer */
	hears(SHUTDOWN);
	assert_int_equal(vsock()->streams, 1);
	vsock()->waiting.tqh_first->deadline_ns = 1;
	hears(RESET);
	assert_int_equal(vsock()->streams, 0);
	assert_true(sleeps());
}

/* What the guest sent before is the client's, who may take his time. */
static void the_guest_closes(void **state)
{
	const u16 how[] = { SHUTDOWN, RESET };

	for (unsigned i = 0; i < ARRAY_SIZE(how); i++) {
		int fd = called(), again;
		u32 sent = fill(fd);

		packet.flags = SHUT_BOTH;
		say(how[i]);
		if (how[i] == SHUTDOWN)
			hears(RESET);
		assert_true(quiet());
		assert_true(sleeps());
		packet.from_port--;	/* its ports are free */
		again = called();
		close(again);
		say(RESET);
		assert_int_equal(vsock()->streams, 1);
		assert_int_equal(write(fd, "x", 1), -1);
		assert_int_equal(drain_client(fd, 0) >= sent - VSOCK_BUFFER, 1);
		fixture_kick(&f);
		assert_int_equal(vsock()->streams, 0);
		close(fd);
	}
}

/* A reset, as when Linux powers off: what a program had sent arrives, also from the queue. */
static void the_driver_goes(void **state)
{
	int idle = called(), fd, asking = new_client();
	u32 sent;

	dprintf(asking, "CONNECT 1\n");
	fixture_kick(&f);
	fixture_kick(&f);
	assert_true(take_packet());
	fd = called();
	sent = fill(fd);
	packet.from_port--;
	memcpy(f.ram.base + TX + HEADER, "last words", 10);
	put_packet(DATA, 10);
	drive(RX_BUFFERS);
	expect(idle, "last words");
	assert_true(at_end(idle));
	assert_false(nothing_yet(asking));
	assert_true(quiet());
	assert_int_equal(vsock()->streams, 1);
	assert_true(drain_client(fd, 0) >= sent - VSOCK_BUFFER);
	fixture_kick(&f);
	assert_true(at_end(fd));
	assert_int_equal(vsock()->streams, 0);
	close(fd);
	close(idle);
	close(asking);
}

/* --- Limits --- */

static void too_many(void **state)
{
	int fd[4], one_more;

	vsock()->streams_most = 4;
	for (unsigned i = 0; i < 4; i++)
		fd[i] = called();
	packet.from_port++;
	say(REQUEST);
	hears(RESET);
	one_more = new_client();
	dprintf(one_more, "CONNECT 3\n");
	assert_true(quiet());
	assert_true(sleeps());
	close(fd[3]);
	packet.from_port--;
	hears(SHUTDOWN);
	assert_int_equal(vsock()->streams, 4);
	say(RESET);
	assert_int_equal(vsock()->streams, 3);
	assert_false(sleeps());
	packet.from_port = 3;
	fixture_kick(&f);
	hears(REQUEST);
	close(one_more);
	for (unsigned i = 0; i < 3; i++)
		close(fd[i]);
}

static void no_descriptors(void **state)
{
	struct rlimit before, none;
	int waiting = new_client();

	dprintf(waiting, "CONNECT 3\n");
	getrlimit(RLIMIT_NOFILE, &before);
	none = before;
	none.rlim_cur = waiting + 1;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	packet.to_port = SERVICE;
	say(REQUEST);
	hears(RESET);
	assert_true(vsock()->retry_ns);
	assert_true(sleeps());
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_true(quiet());
	vsock()->retry_ns = 0;
	assert_false(sleeps());
	packet.from_port = 3;
	fixture_kick(&f);
	hears(REQUEST);
	close(waiting);
}

/* A guest that gives no buffers has its own packets wait. */
static void a_guest_without_buffers(void **state)
{
	unsigned said = 0, told = 0;

	drive(0);
	packet.to_port = 2;
	for (said = 0; said < 1000; said++) {
		put_packet(DATA, 0);
		fixture_kick(&f);
		if (!fixture_used(&f, VSOCK_SEND, NULL, NULL))
			break;
	}
	assert_int_equal(said, REFUSALS_MOST);
	assert_true(sleeps());
	add_buffers(RX_BUFFERS);
	fixture_kick(&f);
	assert_false(sleeps());
	for (unsigned i = 0; i < 1000; i++) {
		fixture_kick(&f);
		while (take_packet()) {
			assert_int_equal(heard.op, RESET);
			told++;
		}
	}
	assert_true(fixture_used(&f, VSOCK_SEND, NULL, NULL));
	assert_int_equal(told, REFUSALS_MOST + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_client_half_closes, begin, end),
		cmocka_unit_test_setup_teardown(the_guest_half_closes, begin, end),
		cmocka_unit_test_setup_teardown(the_client_closes, begin, end),
		cmocka_unit_test_setup_teardown(the_guest_closes, begin, end),
		cmocka_unit_test_setup_teardown(the_driver_goes, begin, end),
		cmocka_unit_test_setup_teardown(too_many, begin, end),
		cmocka_unit_test_setup_teardown(no_descriptors, begin, end),
		cmocka_unit_test_setup_teardown(a_guest_without_buffers, begin, end),
	};

	return cmocka_run_group_tests_name("vsock_ends", tests, NULL, NULL);
}
