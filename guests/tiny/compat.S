/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Without 64-bit user addresses: Status.UX clear. A refill of a user address has the other vector then, that of 32 bits,
 * and what lies above 2 GB is an address error. In kernel mode and in user mode, whose program computes in 32 bits.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

	.macro	STATUS bits
	li	$9, ST_CU0 | ST_KX | (\bits)
	mtc0	$9, CP0_STATUS
	ehb
	.endm

#define CODE		0x60000000
#define DATA		0x70000000
#define HIGH		0x3f00000000

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	li	$17, 0x55
	dli	$20, DATA
	dli	$21, HIGH

	BLOCK	block_refill, 1
	STATUS	0
	RAISES	lw $8, ($20)
	RAISES	sd $8, 8($20)
	bnez	$20, 1f
	 nop
1:	RESUME_AT 1f
	b	1f
	 lw	$8, ($20)
1:	STATUS	ST_UX
	RAISES	lw $8, ($20)			/* again that of 64 bits */
	STATUS	0

	BLOCK	block_nested, 2
	STATUS	ST_EXL
	RAISES	lw $8, ($20)			/* the general one */
	STATUS	0

	BLOCK	block_address_error, 3
	RAISES	lw $8, ($21)
	RAISES	sw $8, ($21)
	dli	$8, 0x80000000
	RAISES	lb $8, ($8)
	li	$8, 0x7ffffff8
	RAISES	lb $8, ($8)			/* a refill */

	BLOCK	block_handler, 4
	dla	$9, refill
	dla	$10, refill_hook
	sd	$9, ($10)
	sw	$17, 0x20($20)
	lw	$8, 0x20($20)
	dli	$8, DATA + 0x2000
	lw	$8, 0x1020($8)
	STATUS	ST_UX
	lw	$8, 0x20($20)
	STATUS	0

	BLOCK	block_user, 5
	li	$9, 2				/* the refills leave the program in entry 1 alone */
	mtc0	$9, CP0_WIRED
	ehb
	dla	$9, next_instruction
	dla	$10, hook
	sd	$9, ($10)
	dli	$4, CODE
	dla	$5, program
	li	$6, LO_V | LO_G
	li	$7, 1
	jal	map_pair
	 li	$8, LO_V | LO_G
	dla	$10, kernel_stack
	sd	$29, ($10)
	dli	$9, CODE
	dmtc0	$9, CP0_EPC
	li	$9, ST_KX | ST_USER | ST_EXL
	mtc0	$9, CP0_STATUS
	ehb
	eret

/* Behind what raised the exception; a breakpoint ends the program. */
FUNCTION next_instruction
	SKIP_UNLESS_BREAK
	li	$9, ST_KERNEL
	mtc0	$9, CP0_STATUS
	ehb
	dla	$10, hook
	sd	$0, ($10)
	dla	$10, refill_hook
	sd	$0, ($10)
	dla	$10, kernel_stack
	ld	$29, ($10)
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

/* Pages of `pages`, wherever the address is in that pair. */
FUNCTION refill
	dmfc0	$26, CP0_BADVADDR
	dmfc0	$26, CP0_CONTEXT
	REFILL_AND_RETURN

	.data
	.align	12
program:
	lui	$9, DATA >> 16
	lw	$10, 0x20($9)
	addiu	$10, $10, 5
	sw	$10, 0x20($9)
	lui	$9, 0x7100			/* refills */
	sw	$10, 0x24($9)
	lw	$11, 0x1020($9)
	li	$2, 7
	syscall
	lw	$11, ($21)			/* above 2 GB */
	sw	$11, ($21)
	lui	$9, 0x8110			/* the kernel */
	lw	$11, ($9)
	break
	.align	12
	.fill	1024, 4, 0

	.bss
	.align	13
pages:	.space	8192
kernel_stack: .space 8
