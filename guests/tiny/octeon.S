/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Computing: Octeon's own instructions, the multiplier's registers, and MIPS64's less frequent ones.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	OPERANDS a:vararg
	dli	$8, \a
	.endm

	.macro	ON_TWO
	baddu	$10, $8, $9
	dmul	$11, $8, $9
	mul	$12, $24, $25
	seq	$13, $8, $9
	sne	$14, $8, $9
	seq	$15, $8, $8
	mult	$24, $25
	madd	$24, $25
	msub	$25, $25
	multu	$24, $25
	maddu	$24, $25
	msubu	$25, $25
	dmult	$8, $9
	mflo	$10
	mfhi	$11
	dmultu	$8, $9
	.word	0x01090005 & 0			/* nop */
	movz	$10, $8, $9
	movn	$11, $8, $9
	slt	$12, $8, $9
	sltu	$13, $8, $9
	dsllv	$10, $8, $9
	dsrlv	$11, $8, $9
	dsrav	$12, $8, $9
	drorv	$13, $8, $9
	sllv	$10, $24, $9
	srlv	$11, $24, $9
	srav	$12, $24, $9
	rorv	$13, $24, $9
	nor	$14, $8, $9
	.endm

	.macro	ON_ONE
	pop	$10, $8
	dpop	$11, $8
	clz	$12, $24
	clo	$13, $24
	dclz	$14, $8
	dclo	$15, $8
	cins	$10, $8, 0, 31
	cins	$11, $8, 7, 12
	cins32	$12, $8, 3, 10
	cins	$13, $8, 20, 0
	exts	$10, $8, 0, 31
	exts	$11, $8, 7, 12
	exts32	$12, $8, 3, 10
	exts	$13, $8, 31, 0
	exts32	$14, $8, 31, 0
	seqi	$10, $8, 5
	snei	$11, $8, -5
	dext	$10, $8, 4, 9
	dextm	$11, $8, 3, 40
	dextu	$12, $8, 40, 5
	ext	$13, $24, 5, 9
	dins	$14, $8, 3, 11
	dinsm	$14, $8, 11, 33
	dinsu	$15, $8, 40, 9
	ins	$12, $24, 4, 8
	seb	$10, $8
	seh	$11, $8
	wsbh	$12, $24
	dsbh	$13, $8
	dshd	$14, $8
	dror	$10, $8, 9
	dror32	$11, $8, 9
	ror	$12, $24, 9
	.endm

	.macro	VALUES a, b
	dli	$8, \a
	dli	$9, \b
	sll	$24, $8, 0
	sll	$25, $9, 0
	ON_TWO
	ON_ONE
	.endm

	.macro	LOAD m0, m1, m2, p0, p1, p2
	dli	$8, \m0
	mtm0	$8
	dli	$8, \m1
	mtm1	$8
	dli	$8, \m2
	mtm2	$8
	dli	$8, \p0
	mtp0	$8
	dli	$8, \p1
	mtp1	$8
	dli	$8, \p2
	mtp2	$8
	.endm

/* `insn` raises an exception; goes on behind it. */
	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	BLOCK	block_small, 1
	VALUES	5, 3
	VALUES	0, 1
	BLOCK	block_negative, 2
	VALUES	-5, 7
	VALUES	-1, -1
	BLOCK	block_large, 3
	VALUES	0x0123456789abcdef, 0xfedcba9876543210
	VALUES	0x8000000000000000, 0x7fffffffffffffff
	VALUES	0xffffffff80000000, 0x000000007fffffff
	BLOCK	block_division, 4
	li	$8, 100
	li	$9, -7
	div	$0, $8, $9
	divu	$0, $8, $9
	ddiv	$0, $8, $9
	ddivu	$0, $8, $9
	ddiv	$0, $9, $8
	mfhi	$10
	mthi	$8
	mtlo	$9

	BLOCK	block_no_multiplier, 5		/* so that nobody has to save it */
	dmfc0	$8, CP0_CVMCTL
	dli	$9, 1 << 27			/* NOMUL */
	or	$8, $8, $9
	dmtc0	$8, CP0_CVMCTL
	ehb
	RAISES	mtm0 $8
	RAISES	mtm2 $8
	RAISES	mtp1 $8
	RAISES	vmulu $10, $8, $8
	RAISES	vmm0 $10, $8, $8
	RAISES	v3mulu $10, $8, $8
	BLOCK	block_v3mulu, 6
	dmfc0	$8, CP0_CVMCTL			/* a vCPU says that it has none: it has, then */
	dli	$9, 1 << 27			/* NOMUL */
	RESUME_AT 1f
	or	$10, $8, $9
	xor	$8, $10, $9
	dmtc0	$8, CP0_CVMCTL
	ehb
1:
	LOAD	-1, -1, -1, -1, -1, -1
	dli	$8, -1
	v3mulu	$10, $8, $8
	v3mulu	$10, $0, $0
	v3mulu	$10, $0, $0
	v3mulu	$10, $0, $0
	v3mulu	$10, $0, $0
	LOAD	1, 2, 3, 4, 5, 6
	dli	$8, 0x0123456789abcdef
	v3mulu	$10, $8, $8
	v3mulu	$11, $10, $8
	v3mulu	$0, $10, $11
	BLOCK	block_vmm0, 7
	LOAD	6, 7, 8, 3, 9, 9
	li	$8, 7
	li	$9, 2
	vmm0	$10, $8, $9
	vmm0	$10, $10, $8
	BLOCK	block_vmulu, 8
	LOAD	-1, 0, 0, -1, 0, 0
	dli	$8, -1
	vmulu	$10, $8, $8
	vmulu	$10, $0, $0
	LOAD	3, 5, 7, 11, 13, 17
	dli	$8, 0xfedcba9876543210
	vmulu	$10, $8, $8
	vmulu	$11, $10, $8
	vmulu	$0, $0, $0
	BLOCK	block_mtm, 9
	LOAD	1, 2, 3, 4, 5, 6
	mtm0	$0
	mtp1	$8
	mtm2	$8
	mtp2	$8
	mtm1	$8
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16
