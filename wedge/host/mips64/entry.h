/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What entry.S and the C code around it share.
 */
#ifndef WEDGE_HOST_MIPS64_ENTRY_H
#define WEDGE_HOST_MIPS64_ENTRY_H

#include "lib/types.h"
#include "wedge/burn/sequence.h"

/*
 * Labels in call_entry, which is copied to the start of the code cache: where at is saved and no more the guest's; where
 * all registers but at, hi and lo are in the vcpu; where the address of our stack belongs; where all of them are there, and sp is
 * ours; where they go back.
 */
extern const char call_entry[], call_entry_at_taken[], call_entry_saved[], call_entry_stack[], call_entry_switched[],
	call_entry_restore[], call_entry_end[];

/*
 * And in what is copied behind it, to SITES_PLACE: system calls of user code that are jumps, while they are off; and on, up to where the guest's kernel is
 * on its way to its vector. Where an eret calls, up to where at and t8 are saved, and where user code is on its way; and where it goes on to call_entry.
 */
extern const char sites_off[], sites_enter[], sites_entered[], sites_return[], sites_return_at_taken[], sites_returned[],
	sites_slow[], sites_end[];
#define SITES_PLACE		LOOK_END
#define SITES_SIZE		0x180
#define NATIVE_SAVED_T8		5	/* of vcpu_page.scratch; there is no block that uses it when it calls for an eret */

/* Is this offset in the code cache between two labels of the one, or of the other? */
static inline bool entry__is_between(u64 offset, const char *from, const char *to)
{
	return offset >= (u64)(from - call_entry) && offset < (u64)(to - call_entry);
}

static inline bool sites__is_between(u64 offset, const char *from, const char *to)
{
	return offset >= SITES_PLACE + (u64)(from - sites_off) && offset < SITES_PLACE + (u64)(to - sites_off);
}

/* What call_entry calls, on this stack. Both are constants in its instructions: no store of the guest's changes them. */
void native__called(void);
#define NATIVE_CALL_STACK_SIZE	0x40000
#define NATIVE_CALL_STACK_USED	(NATIVE_CALL_STACK_SIZE - 64)	/* it grows down from there */
extern u8 native__call_stack[NATIVE_CALL_STACK_SIZE];

#endif
