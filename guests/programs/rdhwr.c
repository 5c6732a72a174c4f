// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hardware registers a user program may read: the CPU number, the cache line step of synci, the cycle
 * counter and its resolution, the thread pointer. Host and Wedge must not let the Host's own values through
 * where they matter: the thread pointer is what every C library function with errno depends on.
 */
#include <sched.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define RDHWR(number)									\
	({										\
		unsigned long value_;							\
		__asm__ volatile("rdhwr %0, $" #number : "=r"(value_));			\
		value_;									\
	})

/*
 * On a core of several its number is the one that the kernel has for it: asked for, as natively under the Wedge it is the Host's.
 */
static void cores(void)
{
	long number = sysconf(_SC_NPROCESSORS_CONF);
	cpu_set_t before, one;

	CHECK(!sched_getaffinity(0, sizeof(before), &before));
	for (long i = 0; number > 1 && i < number; i++) {
		CPU_ZERO(&one);
		CPU_SET(i, &one);
		CHECK(!sched_setaffinity(0, sizeof(one), &one));
		CHECK(RDHWR(0) == (uint64_t)i);
	}
	CHECK(!sched_setaffinity(0, sizeof(before), &before));
}

int program_rdhwr(int argc, char **argv)
{
	uint64_t synci_step = RDHWR(1), resolution = RDHWR(3), pointer = RDHWR(29);
	uint32_t then = (uint32_t)RDHWR(2), now = then;
	int i;

	CHECK(RDHWR(0) < 64);
	if (argc > 1 && !strcmp(argv[1], "cores"))
		cores();
	CHECK(synci_step <= 1024 && (synci_step & (synci_step - 1)) == 0);
	CHECK(resolution >= 1 && resolution <= 16);
	for (i = 0; i < 1000000 && now == then; i++)
		now = (uint32_t)RDHWR(2);
	CHECK(now != then);
	CHECK(pointer != 0);
	errno = EXDEV;	/* through the thread pointer, and back */
	CHECK(RDHWR(29) == pointer && errno == EXDEV);
	return 0;
}
