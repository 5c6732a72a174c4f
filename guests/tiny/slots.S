/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Delay slots of every sort of branch, taken or not, and exceptions in them: EPC is the branch, Cause.BD is
 * set, the link register is written. Sensitive instructions stand in slots, too. And a jump into a k-region, behind its start.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

/* The branch with a harmless slot, a system call, a page that is not mapped and a sensitive instruction in it. */
	.macro	BRANCH insn:vararg
	li	$10, 0
	\insn, 7f
	 daddiu	$10, $10, 1
	daddiu	$10, $10, 2
7:	RESUME_AT 7f
	\insn, 7f
	 teq	$0, $0
	daddiu	$10, $10, 4
7:	RESUME_AT 7f
	\insn, 7f
	 lw	$11, ($20)
	daddiu	$10, $10, 8
7:	\insn, 7f
	 mfc0	$11, CP0_STATUS
	daddiu	$10, $10, 16
7:
	.endm

	.macro	JUMP insn:vararg
	dla	$12, 7f
	\insn
	 daddiu	$10, $10, 1
7:	RESUME_AT 7f
	dla	$12, 7f
	\insn
	 tne	$8, $0
7:	RESUME_AT 7f
	dla	$12, 7f
	\insn
	 sw	$11, ($20)
7:	dla	$12, 7f
	\insn
	 mtc0	$0, CP0_COMPARE
7:
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	li	$8, 1
	li	$22, 1				/* QEMU takes BNE with one register twice for a NOP, without a slot */
	li	$9, -1
	dli	$20, 0x70000000			/* not mapped */

	BLOCK	block_taken, 1
	BRANCH	beq $8, $8
	BRANCH	bne $8, $9
	BRANCH	blez $9
	BRANCH	bgtz $8
	BRANCH	bltz $9
	BRANCH	bgez $8
	BRANCH	beq $0, $0
	BLOCK	block_not_taken, 2
	BRANCH	beq $8, $9
	BRANCH	bne $8, $22
	BRANCH	blez $8
	BRANCH	bgtz $9
	BRANCH	bltz $8
	BRANCH	bgez $9
	BLOCK	block_likely_taken, 3
	BRANCH	beql $8, $8
	BRANCH	bnel $8, $9
	BRANCH	blezl $9
	BRANCH	bgtzl $8
	BRANCH	bltzl $9
	BRANCH	bgezl $8
	BLOCK	block_likely_not_taken, 4
	BRANCH	beql $8, $9
	BRANCH	bnel $8, $22
	BRANCH	blezl $8
	BRANCH	bgtzl $9
	BRANCH	bltzl $8
	BRANCH	bgezl $9
	BLOCK	block_linking, 5
	BRANCH	bgezal $8
	BRANCH	bgezal $9
	BRANCH	bltzal $8
	BRANCH	bltzal $9
	BRANCH	bgezall $8
	BRANCH	bgezall $9
	BRANCH	bltzall $8
	BRANCH	bltzall $9
	BRANCH	bgezal $0
	BLOCK	block_bits, 6
	dli	$13, 0x8000000000000001
	BRANCH	bbit0 $13, 0
	BRANCH	bbit0 $13, 1
	BRANCH	bbit1 $13, 0
	BRANCH	bbit1 $13, 1
	BRANCH	bbit0 $13, 63
	BRANCH	bbit0 $13, 62
	BRANCH	bbit1 $13, 63
	BRANCH	bbit1 $13, 62
	BLOCK	block_jumps, 7
	JUMP	j 7f
	JUMP	jal 7f
	JUMP	jr $12
	JUMP	jalr $12
	JUMP	jalr $14, $12

	BLOCK	block_slot_reads_link, 8
	bal	1f
	 move	$10, $31
1:	jal	1f
	 daddiu	$31, $31, 4
1:	jalr	$14, $12
	 move	$12, $14
7:
	/* Nobody can see at the jump that k0 is live. Where it leads is an entry of the region, as its address is taken. */
	BLOCK	block_into_region, 9
	dla	$12, 1f
	li	$26, 0x1234
	jr	$12
	 nop
	li	$26, 0x4321
1:	daddiu	$10, $26, 1			/* 0x1235 */
	li	$26, 0

	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16
