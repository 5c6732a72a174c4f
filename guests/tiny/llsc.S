/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * LL and SC: pairs that hold, and what breaks the link. None is around a sensitive instruction: where that traps to the
 * Wedge the link is lost, every time.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	PAIR ll, sc
	li	$8, 0
1:	\ll	$9, ($16)
	daddiu	$9, $9, 1
	\sc	$9, ($16)
	beqz	$9, 1b
	 nop
	ld	$10, ($16)
	\ll	$9, ($16)			/* a system call in between */
	RESUME_AT 1f
	teq	$0, $0
1:	daddiu	$9, $9, 1
	\sc	$9, ($16)
	ld	$10, ($16)
	\ll	$9, ($16)			/* another value */
	sd	$10, 8($16)
	li	$11, 77
	sw	$11, ($16)
	\sc	$9, ($16)
	ld	$10, ($16)
1:	\ll	$9, ($16)			/* an SC may fail at any time */
	li	$9, -3
	\sc	$9, ($16)
	beqz	$9, 1b
	 ld	$10, ($16)
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	dla	$16, cell
	BLOCK	block_words, 1
	PAIR	ll, sc
	BLOCK	block_doublewords, 2
	PAIR	lld, scd

	BLOCK	block_counting, 3		/* a lock and a counter, as kernels have them */
	li	$12, 100
2:	ll	$9, 16($16)
	bnez	$9, 2b
	 li	$9, 1
	sc	$9, 16($16)
	beqz	$9, 2b
	 sync
	ld	$10, 24($16)
	daddiu	$10, $10, 3
	sd	$10, 24($16)
	sync
	sw	$0, 16($16)
	bnez	$12, 2b
	 daddiu	$12, $12, -1
	BLOCK	block_counted, 4
	jal	report
	 ld	$10, 24($16)
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

	.data
	.align	3
cell:	.dword	0x1122334455667788, 0, 0, 0
