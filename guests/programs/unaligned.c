// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loads and stores at odd addresses. Octeon does them in hardware, other Hosts' kernels repair them, lwl and
 * lwr do them architecturally: all three must agree, also across a page boundary.
 */
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guests/programs/check.h"

/* Where byte `n` of significance lies in 8 bytes. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE(n)		(7 - (n))
#else
#define BYTE(n)		(n)
#endif

int program_unaligned(int argc, char **argv)
{
	long page = sysconf(_SC_PAGESIZE);
	unsigned char *area = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int offset, i;

	CHECK(area != MAP_FAILED);
	for (offset = 0; offset < 16; offset++) {
		unsigned char *at = area + page - 8 + offset;
		uint64_t value = 0x0102030405060708UL * (offset + 1), got = 0, parts = 0;
		uint32_t half = 0;

		__asm__ volatile("sd %1, 0(%0)" : : "r"(at), "r"(value) : "memory");
		__asm__ volatile("ld %0, 0(%1)" : "=&r"(got) : "r"(at) : "memory");
		CHECK(got == value);
		__asm__ volatile("lwu %0, 2(%1)" : "=&r"(half) : "r"(at) : "memory");
		CHECK(half == (uint32_t)(value >> 16));
		for (i = 7; i >= 0; i--)
			parts = parts << 8 | at[BYTE(i)];
		CHECK(parts == value);
		memset(at, 0, 8);
		__asm__ volatile("usd %1, 0(%0)" : : "r"(at), "r"(value) : "memory", "$1");
		memcpy(&got, at, 8);
		CHECK(got == value);
	}
	return 0;
}
