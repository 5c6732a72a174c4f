/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The registers of a core as gdb numbers them, and the description that tells it so: those that it knows of a MIPS, and all of
 * CP0 by their names (wedge/core/cp0.def). All of them have 64 bits.
 */
#ifndef WEDGE_DEBUG_REGISTERS_H
#define WEDGE_DEBUG_REGISTERS_H

#include <stdio.h>

#include "wedge/core/vcpu.h"

#define REGISTERS	(32 + 3 + 32 + 2 + CP0_REGISTERS)
#define REGISTER_PC	34

/* `v` rests, or is a copy of one that does; of its machine the clock is asked. `n` is below REGISTERS. */
u64 register__get(struct vcpu *v, unsigned n);
/* False: a debugger cannot change it, as that would set something off, or nothing can. What it has already can be written to any. */
bool register__set(struct vcpu *v, unsigned n, u64 value);

/* The target description, in XML. */
void registers__describe(FILE *out);

#endif
