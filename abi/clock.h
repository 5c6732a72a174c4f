/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What CvmCount, as user programs of the guest read it (rdhwr $31), has to do with what its kernel reads.
 *
 * guests/linux-patches puts such a structure into the page of data that its vDSO reads, and the address of it into a pointer that is called
 * AFTERBURN_CLOCK_SYMBOL. On hardware both are the same. Under the Wedge a program that runs natively reads the Host's. Fields are in the byte order of
 * the kernel; new ones go to the end.
 */
#ifndef ABI_CLOCK_H
#define ABI_CLOCK_H

#include <stdint.h>

#define AFTERBURN_CLOCK_SYMBOL	"afterburn_clock"
#define AFTERBURN_CLOCK_MAGIC	0x4146544252543031ull	/* "AFTBRT01" */

struct afterburn_clock {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t rate;		/* the kernel's is the program's, times this, shifted right by 32 (of 128 bits), */
	uint64_t offset;	/* plus this; */
	uint64_t until;		/* but only if the program's is less than this. 0: never, it is not to be read; else the kernel is asked */
};

#endif
