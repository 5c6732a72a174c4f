/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What burnt sites call: save the guest's registers, run C on the Wedge's stack, put them back.
 *
 * This is copied to the start of the code cache, so that a `jal` of any trampoline reaches it; it depends
 * on no address of its own. The vcpu is reached from $zero. k0 and k1 are neither saved nor used: the Host
 * destroys them at any moment. An interrupt may come at any instruction; native.c's settle() knows by the
 * labels below what has been done by then.
 */
#include "asm-offsets.h"

	.set	noreorder
	.set	noat
	.text
	.align	3
	.globl	call_entry, call_entry_saved, call_entry_switched, call_entry_restore, call_entry_end

/* ra: return address in the trampoline; the guest's ra is in VCPU_SCRATCH. */
call_entry:
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30
	sd	$\n, VCPU_GPR + 8 * \n($0)
	.endr
call_entry_saved:
	sd	$31, VCPU_CALL_RETURN($0)
	sd	$0, VCPU_CALL_DONE($0)
	mfhi	$8
	mflo	$9
	sd	$8, VCPU_HI($0)
	sd	$9, VCPU_LO($0)
	ld	$29, VCPU_CALL_STACK($0)
call_entry_switched:
	ld	$25, VCPU_CALL_FUNCTION($0)
	jalr	$25
	 nop
/* The whole state is in the vcpu. From here on an interrupt starts over from there. */
call_entry_restore:
	ld	$8, VCPU_KICK($0)
	bnez	$8, call_entry_switched
	 ld	$8, VCPU_HI($0)
	ld	$9, VCPU_LO($0)
	mthi	$8
	mtlo	$9
	ld	$31, VCPU_CALL_RETURN($0)
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30
	ld	$\n, VCPU_GPR + 8 * \n($0)
	.endr
	jr	$31
	 nop
call_entry_end:

	.section .note.GNU-stack, "", @progbits
