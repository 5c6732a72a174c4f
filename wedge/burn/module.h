/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Modules: what the guest's module loader tells the Wedge (abi/call.h), and what becomes of it.
 *
 * A module with records is checked and burnt as the kernel is. One without, or what no object pass has seen of it, is looked
 * through word by word: unless it uses k0, k1 or the FPU, or reads hardware registers, it may run natively, and what is sensitive in it is by-passed
 * (bypass.h) or traps. Otherwise it is interpreted, as is all code that the Wedge was never told of. A module whose records are wrong is refused.
 */
#ifndef WEDGE_BURN_MODULE_H
#define WEDGE_BURN_MODULE_H

#include "wedge/burn/burn.h"
#include "wedge/core/vcpu.h"

struct modules {
	struct machine *machine;
	u8 *code_cache;			/* NULL: all is interpreted, and modules are none of our business */
	u64 entry_size;			/* bytes at the start of the code cache that are not slots */
	enum burn_mode mode;
	bool bypass;			/* there are blocks, to which by-passes lead */
	unsigned loaded, refused, interpreted;	/* so far */
	u32 numbers, numbers_most;	/* that modules have (pieces.h), now and at most */
};

/* The guest calls. What is no call at all has no effect. */
void modules__call(struct modules *modules, u64 pa);

#endif
