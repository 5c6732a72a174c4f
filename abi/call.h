/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the guest's kernel asks of the Wedge: one block of memory for each call.
 *
 * The call is a write of the block's physical address to PRId. That register is read-only, so on hardware nothing
 * happens, and the answer stays what the caller put there. Fields are in the byte order of the kernel; new ones go to
 * the end. guests/linux-patches has the caller.
 */
#ifndef ABI_CALL_H
#define ABI_CALL_H

#include <stdint.h>

/*
 * A number that is no address asks for what the code behind the call is going to do, with that code's registers: as much of it as can be
 * done. That code does the rest, on hardware all of it.
 */
#define AFTERBURN_ASK_COPY	(-1)	/* $6 bytes from $5 to $4; the three move on */
#define AFTERBURN_ASK_STRING	(-2)	/* from $3 to $4, of $6 bytes $12 have been done; likewise. $2 becomes 0 when all is done, with the NUL */
#define AFTERBURN_ASK_LENGTH	(-3)	/* $2 moves on to a NUL, but not beyond $5; $12 becomes 0 if it is at one */

#define AFTERBURN_CALL_MAGIC	0x4146544252433031ull	/* "AFTBRC01" */

/* struct afterburn_call.operation */
#define AFTERBURN_CALL_LOAD	1	/* a module has been relocated, and is going to run */
#define AFTERBURN_CALL_FREE	2	/* the memory that begins at text[0].start is given back */
#define AFTERBURN_CALL_PROBE	3	/* text[0] is one instruction: may a kprobe take its place? */

/* Virtual memory, and a list of the physical addresses of its pages, one 64-bit word for each. */
struct afterburn_area {
	uint64_t start;
	uint64_t size;		/* bytes; 0: there is none */
	uint64_t pages;		/* physical address of the list */
};

struct afterburn_call {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t operation;
	uint64_t refused;	/* answer: not 0 if the module must not run, or the probe not be, */
	char reason[256];	/* and a line for the user, or nothing */
	char name[64];		/* of the module */
	uint64_t page_size;
	struct afterburn_area records;	/* section .afterburn with its relocations applied */
	struct afterburn_area text[2];	/* of the module, and of its init part */
};

#endif
