/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest kernel's segment variables: how the Wedge tells it where its windows are.
 *
 * guests/linux-patches adds a structure of this shape under the symbol AFTERBURN_SEGMENTS_SYMBOL,
 * initialised to the hardware's values. Fields are in the byte order of the kernel; new ones go to the end.
 */
#ifndef ABI_SEGMENTS_H
#define ABI_SEGMENTS_H

#include <stdint.h>

#define AFTERBURN_SEGMENTS_SYMBOL	"afterburn_segments"
#define AFTERBURN_SEGMENTS_MAGIC	0x4146544252533031ull	/* "AFTBRS01" */

struct afterburn_segments {
	uint64_t magic;
	uint64_t size;		/* of this structure, in bytes */
	uint64_t ckseg0;
	uint64_t cac_base;	/* cached XKPHYS */
	uint64_t uncac_base;
	uint64_t map_base;	/* XKSEG: vmalloc space */
	uint64_t vmalloc_end;
	uint64_t module_start;	/* CKSSEG */
	uint64_t module_end;
	uint64_t task_size;	/* end of user space */
	uint64_t user_base;	/* no user mapping below this, but there: */
	uint64_t user_size;	/* access_ok(): from user_base on; what lies behind task_size is never mapped */
	uint64_t low_base;	/* below the windows, where 32-bit programs are linked to, */
	uint64_t low_end;	/* up to this */
	uint64_t low_size;	/* access_ok(): from low_base on */
};

#endif
