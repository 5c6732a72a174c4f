// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hardware registers a user program may read: the CPU number, the cache line step of synci, the cycle
 * counter and its resolution, the thread pointer. Host and Wedge must not let the Host's own values through
 * where they matter: the thread pointer is what every C library function with errno depends on.
 */
#include <stdint.h>

#include "guests/programs/check.h"

#define RDHWR(number)									\
	({										\
		uint64_t value_;							\
		__asm__ volatile("rdhwr %0, $" #number : "=r"(value_));			\
		value_;									\
	})

int program_rdhwr(int argc, char **argv)
{
	uint64_t synci_step = RDHWR(1), resolution = RDHWR(3), pointer = RDHWR(29);
	uint32_t then = (uint32_t)RDHWR(2), now = then;
	int i;

	CHECK(RDHWR(0) < 64);
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
