// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The time, read without a system call where that is possible, and with one, in turn: it never runs back, on whichever core, in whichever
 * thread, and both are one clock.
 *
 *	clockwatch SECONDS	a tool: reads it all the time, for so long by its own measure, and says how far it went at once at most
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define NS 1000000000ll
#define THREADS 2
#define ROUNDS 100
#define READS 20

static int64_t ns(const struct timespec *t)
{
	return t->tv_sec * NS + t->tv_nsec;
}

static int64_t read_clock(clockid_t clock, bool call)
{
	struct timespec t;

	CHECK(!(call ? syscall(SYS_clock_gettime, clock, &t) : clock_gettime(clock, &t)));
	CHECK(t.tv_nsec >= 0 && t.tv_nsec < NS);
	return ns(&t);
}

/* What any thread has read last of all. */
static int64_t latest;

static void look(bool call)
{
	int64_t before = __atomic_load_n(&latest, __ATOMIC_SEQ_CST), now;

	__sync_synchronize();
	now = read_clock(CLOCK_MONOTONIC, call);
	CHECK(now >= before);
	while (before < now && !__atomic_compare_exchange_n(&latest, &before, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		;
}

static void *read_all_the_time(void *argument)
{
	for (int i = 0; i < ROUNDS; i++) {
		look(true);
		for (int k = 0; k < READS; k++)
			look(false);
	}
	return NULL;
}

/* Nobody sets the clock here, so all of these go on alike. */
static void other_clocks(void)
{
	static const clockid_t clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE };
	struct timeval t;

	for (size_t i = 0; i < sizeof(clocks) / sizeof(clocks[0]); i++) {
		int64_t last = 0;

		for (int k = 0; k < 50; k++) {
			int64_t now = read_clock(clocks[i], k & 1);

			CHECK(now >= last);
			last = now;
		}
	}
	for (int k = 0; k < 50; k++) {
		int64_t before = read_clock(CLOCK_REALTIME, k & 1), now;

		CHECK(!gettimeofday(&t, NULL));
		now = t.tv_sec * NS + t.tv_usec * 1000;
		CHECK(now >= before - 1000 && now <= read_clock(CLOCK_REALTIME, k & 2));
	}
}

int program_clock(int argc, char **argv)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, read_all_the_time, NULL));
	for (int i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
	other_clocks();
	return 0;
}

int tool_clockwatch(int argc, char **argv)
{
	int64_t last = read_clock(CLOCK_MONOTONIC, false), end, largest = 0;

	CHECK(argc == 2);
	end = last + atoi(argv[1]) * NS;
	while (last < end) {
		int64_t now = read_clock(CLOCK_MONOTONIC, false);

		CHECK(now >= last);
		if (now - last > largest)
			largest = now - last;
		last = now;
	}
	printf("at once at most %lld ms\n", (long long)largest / 1000000);
	return 0;
}
