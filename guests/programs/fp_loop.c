// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Floating point: the same computation again and again for some seconds, by two processes at once, with the
 * result checked every round. Host FPU registers that leak from one guest process into the other, or from
 * a signal handler, change the result.
 *
 *	fp_loop [SECONDS]	default 1
 */
#include <stdint.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guests/programs/check.h"

/* Eight chaotic sequences at once: a single wrong bit shows in the end, and eight registers are live. */
static uint64_t compute(double seed)
{
	double x[8];
	uint64_t bits, sum = 0;
	int i, j;

	for (j = 0; j < 8; j++)
		x[j] = seed + j / 16.0;
	for (i = 0; i < 2000; i++)
		for (j = 0; j < 8; j++) {
			x[j] = 3.9 * x[j] * (1.0 - x[j]);
			if (i % 100 == 0)
				x[j] = __builtin_sqrt(x[j]) / 1.25;
		}
	for (j = 0; j < 8; j++) {
		memcpy(&bits, &x[j], sizeof(bits));
		sum = sum * 31 + bits;
	}
	return sum;
}

/* The sums IEEE 754 double precision, rounding to nearest, gives; computed on x86-64. */
static const struct {
	double seed;
	uint64_t sum;
} known[2] = {
	{ 0.11, 0x379cdfa4478f1789UL },
	{ 0.23, 0x83e60da02e27615fUL },
};

static int64_t now(void)
{
	struct timespec time;

	CHECK(!clock_gettime(CLOCK_MONOTONIC, &time));
	return time.tv_sec * 1000L + time.tv_nsec / 1000000;
}

static void loop(int which, int seconds)
{
	int64_t end = now() + seconds * 1000L;

	do
		CHECK(compute(known[which].seed) == known[which].sum);
	while (now() < end);
}

int program_fp_loop(int argc, char **argv)
{
	int seconds = argc > 1 ? atoi(argv[1]) : 1, status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	loop(pid ? 0 : 1, seconds);
	if (!pid)
		_exit(0);
	CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	return 0;
}
