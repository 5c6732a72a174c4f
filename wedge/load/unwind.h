/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who called whom in a guest's kernel: from a stack, by what each function's first instructions do, as Linux itself does it on MIPS
 * (arch/mips/kernel/process.c). No table says it: the kernel has neither frame pointers nor unwind information.
 *
 * Memory and registers are the guest's: what leads nowhere ends the walk.
 */
#ifndef WEDGE_LOAD_UNWIND_H
#define WEDGE_LOAD_UNWIND_H

#include "wedge/core/vcpu.h"
#include "wedge/load/image.h"

#define UNWIND_MOST	64		/* frames that are worth following */

struct unwind_frame {
	u64 pc, sp, ra;			/* ra counts in the innermost frame only */
	bool inner;			/* this is that one */
};

/* The kernel as it runs: `start` is the address of the function that pc is in. True: `f` is its caller. False: nobody knows. */
bool unwind__step(struct unwind_frame *f, u64 start, const struct ram *ram, const struct windows *windows, bool swapped);

#endif
