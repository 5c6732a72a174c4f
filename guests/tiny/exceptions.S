/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exceptions that an instruction raises by itself: breakpoint, trap, overflow, reserved
 * instruction, address error, unusable coprocessor. System calls are made in user.S: natively, one in kernel mode
 * would be a call of the Host, since no kernel makes any.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

/* `insn` raises an exception; goes on behind it. */
	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

/* Jumps `bytes` into an instruction. */
	.macro	JUMPS_INTO bytes
	RESUME_AT 8f
	dla	$9, 8f + \bytes
	jr	$9
	 nop
8:
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	BLOCK	block_breakpoints, 1
	RAISES	break
	RAISES	break 7

	BLOCK	block_traps, 2
	li	$8, 1
	li	$9, -1
	RAISES	tne $8, $0
	RAISES	teq $8, $8
	RAISES	tge $8, $9
	RAISES	tgeu $9, $8
	RAISES	tlt $9, $8
	RAISES	tltu $8, $9
	RAISES	teqi $8, 1
	RAISES	tnei $8, 2
	RAISES	tgei $8, -1
	RAISES	tgeiu $9, 1
	RAISES	tlti $9, 0
	RAISES	tltiu $8, -1
	teq	$8, $0				/* these do not */
	tnei	$8, 1
	tgeiu	$8, -1
	tlt	$8, $9

	BLOCK	block_overflow, 3
	li	$9, 0x7fffffff
	RAISES	add $10, $9, $8
	RAISES	addi $10, $9, 1
	lui	$9, 0x8000
	RAISES	sub $10, $9, $8
	dli	$9, 0x7fffffffffffffff
	RAISES	dadd $10, $9, $8
	RAISES	daddi $10, $9, 1
	dli	$9, 0x8000000000000000
	RAISES	dsub $10, $9, $8
	RAISES	daddi $10, $9, -1
	addu	$10, $9, $8			/* these do not */
	dsubu	$10, $9, $8
	add	$10, $8, $8

	BLOCK	block_reserved, 4
	RAISES	.word 0x0000003d		/* SPECIAL */
	RAISES	.word 0x00000015
	RAISES	.word 0x7000003e		/* SPECIAL2 */
	RAISES	.word 0x7c00003f		/* SPECIAL3 */
	RAISES	.word 0x044d0000		/* REGIMM */
	RAISES	.word 0x6c000000 | 3 << 28	/* an opcode */
	RAISES	.word 0x42000010		/* COP0 */

	BLOCK	block_unusable, 5
	RAISES	.word 0x44080000		/* mfc1 t0, $f0 */
	RAISES	.word 0x44880000		/* mtc1 */
	RAISES	.word 0x46000000		/* add.s */
	RAISES	.word 0xc4000000		/* lwc1 */
	RAISES	.word 0xf4000000		/* sdc1 */
	RAISES	.word 0x48080000		/* mfc2 t0, $0 */

	BLOCK	block_addresses, 6
	dli	$9, 0x0001000000000000		/* behind the last mapped address */
	RAISES	lw $8, ($9)
	RAISES	sw $8, ($9)
	dla	$9, word + 2
	RAISES	ll $8, ($9)			/* must be aligned (QEMU lets an SC fail without a look) */
	RAISES	lld $8, ($9)
	JUMPS_INTO 1				/* to no instruction: EPC is the target */
	JUMPS_INTO 2
	JUMPS_INTO 3
	RESUME_AT 1f				/* before it is asked whether there is a page */
	dla	$9, afterburn_segments
	ld	$16, 40($9)			/* map_base */
	daddiu	$16, $16, 0x4ffd
	jr	$16
	 nop
1:	RESUME_AT 1f
	dla	$9, 1f + 1			/* ERET to there is no exception, its fetch is */
	mfc0	$8, CP0_STATUS
	ori	$8, $8, ST_EXL
	mtc0	$8, CP0_STATUS
	dmtc0	$9, CP0_EPC
	ehb
	eret
1:	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

	.data
	.align	3
word:	.dword	0, 0
