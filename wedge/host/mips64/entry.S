/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What burnt sites call: save the guest's registers, run C on the Wedge's stack, put them back.
 *
 * This is copied to the start of the code cache, so that a `jal` of any trampoline reaches it; it depends
 * on no address of its own. Until at has been saved, in the vCPU page, only $zero reaches anything; then at has the
 * address of the vcpu. While an interrupt is pending that page may be read-only; but not where scratch words are. k0 and k1 are neither saved nor used: the Host destroys them at any
 * moment. An interrupt may come at any instruction; native.c's settle() knows by the labels below what has been done by
 * then.
 */
#include "asm-offsets.h"

	.set	noreorder
	.set	noat
	.text
	.align	3
	.globl	call_entry, call_entry_at_taken, call_entry_saved, call_entry_stack, call_entry_switched, call_entry_restore, call_entry_end

	/* Of something of the Wedge, whose place is known when it runs: call_entry is copied, and gets the address there (ways.c). */
	.macro	LOAD_ADDRESS register
	lui	\register, 0
	daddiu	\register, \register, 0
	dsll	\register, \register, 16
	daddiu	\register, \register, 0
	dsll	\register, \register, 16
	daddiu	\register, \register, 0
	.endm

/* ra: return address in the trampoline; the guest's ra is in VCPU_SCRATCH. */
call_entry:
	sd	$1, VCPU_SAVED_AT($0)
call_entry_at_taken:
	li	$1, VCPU_STATE_UPPER
	dsll32	$1, $1, 0
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30
	sd	$\n, VCPU_GPR + 8 * \n($1)
	.endr
call_entry_saved:
	ld	$8, VCPU_SAVED_AT($0)
	sd	$31, VCPU_CALL_RETURN($1)
	sd	$8, VCPU_GPR + 8 * 1($1)
	sd	$0, VCPU_CALL_DONE($1)
	mfhi	$8
	mflo	$9
	sd	$8, VCPU_HI($1)
	sd	$9, VCPU_LO($1)
call_entry_stack:
	LOAD_ADDRESS $29
call_entry_switched:
	LOAD_ADDRESS $25
	jalr	$25
	 nop
/* The whole state is in the vcpu. From here on an interrupt starts over from there. */
call_entry_restore:
	li	$1, VCPU_STATE_UPPER
	dsll32	$1, $1, 0
	ld	$8, VCPU_KICK($1)
	bnez	$8, call_entry_switched
	 ld	$8, VCPU_HI($1)
	ld	$9, VCPU_LO($1)
	mthi	$8
	mtlo	$9
	ld	$31, VCPU_CALL_RETURN($1)
	.irp	n, 2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,28,29,30
	ld	$\n, VCPU_GPR + 8 * \n($1)
	.endr
	jr	$31
	 ld	$1, VCPU_GPR + 8 * 1($1)
call_entry_end:

/* direct.c: a0 the frame, a1 the kick, a2 the flag. A signal up to the call of the Host finds pc in here, and calls it off. */
	.globl	direct__go, direct__go_by_call, direct__go_end
	.ent	direct__go
direct__go:
	ld	$8, 0($5)
	bnez	$8, 1f
	 li	$8, 1
	sb	$8, 0($6)
	move	$29, $4
	li	$2, 5211		/* rt_sigreturn */
	syscall
/* a0: call_entry_restore, where it is; a1: the stack on which the Wedge is called; a2: the flag. That looks at the kick. */
direct__go_by_call:
	li	$8, 1
	sb	$8, 0($6)
	jr	$4
	 move	$29, $5
direct__go_end:
1:	jr	$31
	 nop
	.end	direct__go

/* a0: call_entry_restore, where it is; a1: the stack on which the Wedge is called. */
	.globl	direct__enter_kernel
	.ent	direct__enter_kernel
direct__enter_kernel:
	jr	$4
	 move	$29, $5
	.end	direct__enter_kernel

	.section .note.GNU-stack, "", @progbits
