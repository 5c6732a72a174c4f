// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What monitor and vCPU process tell each other: nothing is lost between two threads, and rubbish in the memory that they
 * share, while it is used, is rubbish in what comes out of it and nothing else.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/unit/cmocka_all.h"
#include "wedge/monitor/exchange.h"

static struct exchange *e;

static int begin(void **state)
{
	struct complaint c;

	e = mmap(NULL, sizeof(*e), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return e == MAP_FAILED ? -1 : exchange__open(e, &c);
}

static int end(void **state)
{
	close(e->event);
	return munmap(e, sizeof(*e));
}

static void in_order_and_round(void **state)
{
	u8 in[1000], out[1000], next_in = 0, next_out = 0;
	struct ring *ring = &e->input[0];

	/* The indices are about to wrap. */
	ring->head = ring->tail = 0xffffff00;
	for (unsigned round = 0; round < 500; round++) {
		unsigned n = 1 + round * 7 % sizeof(in);

		for (unsigned i = 0; i < n; i++)
			in[i] = next_in++;
		assert_int_equal(ring__put(ring, in, n), n);
		assert_int_equal(ring__fill(ring), n);
		assert_int_equal(ring__take(ring, out, sizeof(out)), n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(out[i], next_out++);
	}
	assert_int_equal(ring__take(ring, out, sizeof(out)), 0);
}

static void full(void **state)
{
	static u8 bytes[RING_SIZE + 1];
	struct ring *ring = &e->output[0];

	assert_int_equal(ring__put(ring, bytes, RING_SIZE - 1), RING_SIZE - 1);
	assert_int_equal(ring__put(ring, bytes, 10), 1);
	assert_int_equal(ring__put(ring, bytes, 10), 0);
	assert_int_equal(ring__take(ring, bytes, sizeof(bytes)), RING_SIZE);
	assert_int_equal(ring__put(ring, bytes, sizeof(bytes)), RING_SIZE);
}

#define MANY	3000000u

static void *produce(void *ring)
{
	u8 bytes[61];

	for (unsigned done = 0; done < MANY;) {
		unsigned n = MANY - done < sizeof(bytes) ? MANY - done : sizeof(bytes);

		for (unsigned i = 0; i < n; i++)
			bytes[i] = (done + i) * 13;
		done += ring__put(ring, bytes, n);
	}
	return NULL;
}

static void two_threads(void **state)
{
	struct ring *ring = &e->messages;
	pthread_t producer;
	u8 bytes[97];

	assert_int_equal(pthread_create(&producer, NULL, produce, ring), 0);
	for (unsigned done = 0; done < MANY;) {
		unsigned n = ring__take(ring, bytes, sizeof(bytes));

		for (unsigned i = 0; i < n; i++)
			assert_int_equal(bytes[i], (u8)((done + i) * 13));
		done += n;
	}
	pthread_join(producer, NULL);
	assert_int_equal(ring__fill(ring), 0);
}

static volatile bool stop;

/* As a hostile guest kernel does. */
static void *scribble(void *state)
{
	u64 seed = 1;

	while (!stop) {
		u32 *words = (u32 *)e;

		for (unsigned i = 0; i < sizeof(*e) / sizeof(u32); i += 1 + (seed >> 60)) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			__atomic_store_n(&words[i], seed >> 32, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

static void rubbish(void **state)
{
	u8 guarded[3 * 64];
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, scribble, NULL), 0);
	for (unsigned i = 0; i < 300000; i++) {
		memset(guarded, 0x5a, sizeof(guarded));
		assert_true(ring__fill(&e->output[i & 1]) <= RING_SIZE);
		assert_true(ring__take(&e->output[i & 1], guarded + 64, 64) <= 64);
		assert_true(ring__put(&e->input[i & 1], guarded, 64) <= 64);
		for (unsigned j = 0; j < 64; j++)
			assert_true(guarded[j] == 0x5a && guarded[128 + j] == 0x5a);
		exchange__asked(e);
	}
	stop = true;
	pthread_join(thread, NULL);
}

static void *ask(void *state)
{
	usleep(20000);
	exchange__ask(e, ASKED_REGISTERS);
	return NULL;
}

/* What is asked before the look, between the look and the sleep, and during it. */
static void the_bell(void **state)
{
	u32 seen = exchange__bell(e, 0);
	pthread_t thread;

	exchange__ask(e, ASKED_END);
	exchange__wait(e, 0, seen, 3600000000000ull);
	assert_int_equal(exchange__asked(e), ASKED_END);
	assert_int_equal(exchange__asked(e), 0);
	seen = exchange__bell(e, 0);
	assert_int_equal(pthread_create(&thread, NULL, ask, NULL), 0);
	while (exchange__bell(e, 0) == seen)
		exchange__wait(e, 0, seen, 3600000000000ull);
	pthread_join(thread, NULL);
	assert_int_equal(exchange__asked(e), ASKED_REGISTERS);
}

static void *rest(void *core)
{
	exchange__rest(e, (unsigned)(uintptr_t)core, 1);
	return NULL;
}

static void cores_rest(void **state)
{
	pthread_t thread[2];

	assert_false(exchange__rest(e, 0, 1));	/* not asked to */
	assert_false(exchange__rests(e, 2));
	exchange__halt(e, true);
	for (uintptr_t i = 0; i < 2; i++) {
		assert_false(exchange__rests(e, 2));
		assert_int_equal(pthread_create(&thread[i], NULL, rest, (void *)i), 0);
	}
	while (!exchange__rests(e, 2))
		usleep(1000);
	exchange__halt(e, false);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	assert_false(exchange__rests(e, 1));
}

/* One has stopped, another is kept: a process rests for either, and one that runs both until the last of them may go on. */
static void debugged_cores_rest(void **state)
{
	pthread_t thread[2];

	exchange__debug(e, 1, true, false, 1);
	assert_false(exchange__rest(e, 0, 2));
	exchange__stopped(e, 0, STOPPED_BREAKPOINT);
	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, rest, (void *)i), 0);
	while (!exchange__rests(e, 2))
		usleep(1000);
	exchange__debug(e, 0, false, true, 1);
	pthread_join(thread[0], NULL);
	assert_false(exchange__rests(e, 1));
	assert_int_equal(e->debugged[0].step, 1);
	assert_int_equal(e->resting[1], 1);
	exchange__debug(e, 1, false, false, 1);
	pthread_join(thread[1], NULL);
	assert_int_equal(e->resting[1], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(in_order_and_round, begin, end),
		cmocka_unit_test_setup_teardown(full, begin, end),
		cmocka_unit_test_setup_teardown(two_threads, begin, end),
		cmocka_unit_test_setup_teardown(rubbish, begin, end),
		cmocka_unit_test_setup_teardown(the_bell, begin, end),
		cmocka_unit_test_setup_teardown(cores_rest, begin, end),
		cmocka_unit_test_setup_teardown(debugged_cores_rest, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
