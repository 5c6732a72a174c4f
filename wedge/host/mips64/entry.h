/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What entry.S and the C code around it share.
 */
#ifndef WEDGE_HOST_MIPS64_ENTRY_H
#define WEDGE_HOST_MIPS64_ENTRY_H

#include "lib/types.h"

/*
 * Labels in call_entry, which is copied to the start of the code cache: where at is saved and no more the guest's; where
 * all registers but at, hi and lo are in the vcpu; where the address of our stack belongs; where all of them are there, and sp is
 * ours; where they go back.
 */
extern const char call_entry[], call_entry_at_taken[], call_entry_saved[], call_entry_stack[], call_entry_switched[],
	call_entry_restore[], call_entry_end[];

/* What call_entry calls, on this stack. Both are constants in its instructions: no store of the guest's changes them. */
void native__called(void);
#define NATIVE_CALL_STACK_SIZE	0x40000
#define NATIVE_CALL_STACK_USED	(NATIVE_CALL_STACK_SIZE - 64)	/* it grows down from there */
extern u8 native__call_stack[NATIVE_CALL_STACK_SIZE];

#endif
