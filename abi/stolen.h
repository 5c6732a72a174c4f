/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the guest's kernel is told of the time that others have had: in it a core could have run, and the Host had no processor for it.
 *
 * guests/linux-patches adds a structure of this shape under the symbol AFTERBURN_STOLEN_SYMBOL. Fields are in the byte order of the kernel; new ones go to
 * the end. A kernel without it takes such time for its programs' own.
 */
#ifndef ABI_STOLEN_H
#define ABI_STOLEN_H

#include <stdint.h>

#define AFTERBURN_STOLEN_SYMBOL	"afterburn_stolen"
#define AFTERBURN_STOLEN_MAGIC	0x4146544252573031ull	/* "AFTBRW01" */
#define AFTERBURN_STOLEN_CORES	16

struct afterburn_stolen {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t counted;	/* the Wedge sets it when it is going to count */
	uint64_t ns[AFTERBURN_STOLEN_CORES];	/* of each core, since the start */
};

#endif
