/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A page near a program's code, where what the Wedge makes of its system calls leads to (direct user mode).
 *
 * guests/linux-patches adds a structure of this shape under the symbol AFTERBURN_NEAR_SYMBOL. A jump reaches 256 MB; the kernel maps one page of its own, the
 * same in each program, as the last of those 256 MB in which the program's code begins, and of those of its interpreter. Nothing else of the program's can
 * be there, and no other page of the kernel's is seen by its table entry. Where user space ends within a region, as that of 32-bit programs does in their last,
 * it is the last page there. Fields are in the byte order of the kernel; new ones go to the end.
 */
#ifndef ABI_NEAR_H
#define ABI_NEAR_H

#include <stdint.h>

#define AFTERBURN_NEAR_SYMBOL	"afterburn_near"
#define AFTERBURN_NEAR_NARROW_REGION	0x80000000ull	/* the end of the region in which that of 32-bit programs' space is, */
#define AFTERBURN_NEAR_NARROW_END	0x7fff8000ull	/* there: TASK_SIZE32, with pages of at most 32 KB */
#define AFTERBURN_NEAR_MAGIC	0x41465442524e3031ull	/* "AFTBRN01" */

struct afterburn_near {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t wanted;	/* the Wedge sets it, before the kernel runs */
	uint64_t page;		/* physical; 0: no program has one yet */
};

#endif
