/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Interrupts of the CPU's timer, of the CIU's timer and mailbox, and by software; waiting for them with a loop,
 * with WAIT, and by looking at Cause. Where time passes the label begins with `spin`.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

#define TIMER		52			/* bits of CIU_SUM0 */
#define MBOX		32
#define SOON		200000			/* cycles: long for who executes, short for who waits */

	.macro	SPIN name
	.globl	\name
\name:
	.endm

	.macro	STATUS bits
	li	$9, ST_KERNEL | (\bits)
	mtc0	$9, CP0_STATUS
	ehb
	.endm

	.macro	HOOK name
	dla	$9, \name
	dla	$10, hook
	sd	$9, ($10)
	.endm

/* Count and Compare, so that a match is `SOON` away. */
	.macro	ARM
	mtc0	$0, CP0_COUNT
	li	$9, SOON
	mtc0	$9, CP0_COMPARE
	ehb
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	dli	$18, CIU_SUM0
	dli	$19, CIU_EN0
	dli	$20, CIU_TIM0

	BLOCK	block_poll, 1
	mtc0	$0, CP0_COMPARE
SPIN	spin_poll
	ARM
1:	mfc0	$9, CP0_CAUSE
	bbit0	$9, 30, 1b
	 nop
	BLOCK	block_polled, 2
	mfc0	$9, CP0_CAUSE
	li	$10, SOON
	mtc0	$10, CP0_COMPARE		/* acknowledges */
	ehb
	mfc0	$9, CP0_CAUSE

	BLOCK	block_compare, 3
	HOOK	ack_compare
	RESUME_AT block_compared
SPIN	spin_compare
	ARM
	STATUS	ST_IE | ST_IM7
1:	b	1b
	 nop
	BLOCK	block_compared, 4
	STATUS	0

	BLOCK	block_wait, 5
	RESUME_AT block_waited
SPIN	spin_wait
	ARM
	STATUS	ST_IE | ST_IM7
1:	wait
	b	1b
	 nop
	BLOCK	block_waited, 6
	STATUS	0

	BLOCK	block_masked, 7			/* pending when it is unmasked */
	RESUME_AT block_unmasked
SPIN	spin_masked
	ARM
1:	mfc0	$9, CP0_CAUSE
	bbit0	$9, 30, 1b
	 nop
	STATUS	ST_IM7
	ei
1:	b	1b
	 nop
	BLOCK	block_unmasked, 8
	STATUS	0

	BLOCK	block_software, 9
	HOOK	ack_software
	RESUME_AT block_software_taken
SPIN	spin_software
	li	$9, CAUSE_IV | 0x100
	mtc0	$9, CP0_CAUSE
	STATUS	ST_IE | 0x100
1:	b	1b
	 nop
	BLOCK	block_software_taken, 10
	STATUS	0

	BLOCK	block_ciu_timer, 11
	HOOK	ack_ciu
	li	$9, 1
	dsll	$9, $9, TIMER
	sd	$9, ($19)
	ld	$10, ($19)
	RESUME_AT block_ciu_timer_taken
SPIN	spin_ciu_timer
	dli	$9, 1 << 36 | SOON		/* once */
	sd	$9, ($20)
	STATUS	ST_IE | ST_IM2
1:	b	1b
	 nop
	BLOCK	block_ciu_timer_taken, 12
	STATUS	0

	BLOCK	block_mailbox, 13
	li	$9, 1
	dsll	$9, $9, MBOX
	sd	$9, ($19)
	RESUME_AT block_mailbox_taken
SPIN	spin_mailbox
	dli	$21, CIU_MBOX_SET0
	li	$10, 5
	STATUS	ST_IE | ST_IM2
	sd	$10, ($21)
1:	wait
	b	1b
	 nop
	BLOCK	block_mailbox_taken, 14
	STATUS	0

	BLOCK	block_clocks, 15		/* they go forward, and not far */
SPIN	spin_clocks
	mtc0	$0, CP0_COUNT
	mfc0	$9, CP0_COUNT
1:	mfc0	$10, CP0_COUNT
	beq	$9, $10, 1b
	 sltu	$11, $9, $10
	rdhwr	$9, $31
	rdhwr	$12, $2
1:	dmfc0	$10, CP0_CVMCOUNT
	beq	$9, $10, 1b
	 sltu	$14, $9, $10
	li	$9, 0
	li	$10, 0
	li	$12, 0
	BLOCK	block_clocks_read, 16
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

/* Handlers: take the cause away and go on. */
FUNCTION ack_compare
	mtc0	$0, CP0_COMPARE
	ehb
	dmtc0	$23, CP0_EPC
	move	$26, $0
	move	$27, $0
	eret

FUNCTION ack_software
	li	$26, CAUSE_IV
	mtc0	$26, CP0_CAUSE
	dmtc0	$23, CP0_EPC
	move	$26, $0
	move	$27, $0
	eret

FUNCTION ack_ciu
	ld	$26, ($18)
	sd	$26, ($18)			/* SUM0: the timer's bit is cleared by writing it */
	dli	$27, CIU_MBOX_CLR0
	ld	$26, ($27)
	sd	$26, ($27)
	ld	$26, ($18)
	dmtc0	$23, CP0_EPC
	move	$26, $0
	move	$27, $0
	eret
