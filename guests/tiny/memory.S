/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loads and stores: every width at every offset, across pages, the halves of unaligned words; CVMSEG.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

	.macro	ALL_AT offset
	lb	$8, \offset($16)
	lbu	$9, \offset($16)
	lh	$10, \offset($16)
	lhu	$11, \offset($16)
	lw	$12, \offset($16)
	lwu	$13, \offset($16)
	ld	$14, \offset($16)
	move	$8, $17
	lwl	$8, \offset($16)
	move	$9, $17
	lwr	$9, \offset($16)
	move	$10, $17
	ldl	$10, \offset($16)
	move	$11, $17
	ldr	$11, \offset($16)
	sd	$17, \offset + 64($16)
	sw	$18, \offset + 64($16)
	sh	$19, \offset + 65($16)
	sb	$18, \offset + 66($16)
	ld	$14, 64($16)
	ld	$15, 72($16)
	swl	$18, \offset + 64($16)
	ld	$14, 64($16)
	swr	$19, \offset + 64($16)
	ld	$14, 64($16)
	sdl	$18, \offset + 64($16)
	ld	$14, 64($16)
	sdr	$17, \offset + 64($16)
	ld	$14, 64($16)
	ld	$15, 72($16)
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	dli	$17, 0x0123456789abcdef
	dli	$18, 0xfedcba9876543210
	dli	$19, 0x8070605040302010

	BLOCK	block_offsets, 1
	dla	$16, bytes
	.irp	offset, 0, 1, 2, 3, 4, 5, 6, 7
	ALL_AT	\offset
	.endr

	BLOCK	block_page_edge, 2
	dla	$16, edge + 4096 - 68
	.irp	offset, 0, 1, 2, 3, 4, 5, 6, 7
	ALL_AT	\offset
	.endr

	BLOCK	block_mapped_edge, 3		/* mapped, and not mapped behind it */
	dli	$4, 0x70000000
	dla	$5, edge
	li	$6, LO_V | LO_D
	li	$7, 4
	jal	map_pair
	 li	$8, LO_D
	dli	$16, 0x70000000 + 4096 - 8
	sd	$17, ($16)
	ld	$8, ($16)
	RAISES	ld $8, 3($16)
	RAISES	sd $18, 5($16)
	RAISES	lw $8, 5($16)
	RAISES	sh $18, 7($16)
	ld	$8, ($16)
	RAISES	ldl $8, 8($16)
	RAISES	sdr $8, 8($16)
	lwr	$8, 6($16)

	BLOCK	block_atomic_add, 4
	dla	$16, bytes
	.set	push
	.set	arch=octeon+
	saa	$17, ($16)
	ld	$8, ($16)
	saad	$17, ($16)
	ld	$8, ($16)
	daddiu	$9, $16, 4
	saa	$18, ($9)
	ld	$8, ($16)
	dli	$9, 0x70002000
	RAISES	saad $17, ($9)
	.set	pop

	BLOCK	block_cvmseg, 5
	dmfc0	$9, CP0_CVMMEMCTL
	li	$10, 0x100 | 54			/* kernel may use it; 54 lines */
	dmtc0	$10, CP0_CVMMEMCTL
	ehb
	dli	$16, 0xffffffffffff8000
	sd	$17, ($16)
	sd	$18, 0x1af8($16)
	ld	$8, ($16)
	ld	$9, 0x1af8($16)
	sw	$18, 2($16)
	ld	$8, ($16)
	li	$9, 1
2:	dsll	$10, $9, 7
	daddu	$10, $10, $16
	sd	$10, ($10)
	daddiu	$9, $9, 1
	bne	$9, $11, 2b
	 li	$11, 54
	ld	$8, 128($16)
	li	$10, 0				/* nothing is left of it */
	dmtc0	$10, CP0_CVMMEMCTL
	ehb
	RAISES	ld $8, ($16)
	RAISES	sd $8, 0x80($16)

	BLOCK	block_indexed, 6
	dla	$16, bytes
	dla	$9, edge
	pref	0, ($16)
	sync
	synci	($16)
	cache	0, ($16)
	cache	1, ($9)
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

	.data
	.align	3
bytes:	.byte	0x80, 0x91, 0xa2, 0xb3, 0xc4, 0xd5, 0xe6, 0xf7, 0x08, 0x19, 0x2a, 0x3b, 0x4c, 0x5d, 0x6e, 0x7f
	.fill	16, 8, 0x1122334455667788
	.bss
	.align	12
edge:	.space	8192
