/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exception and error level: what is nested in them, and how ERET leaves them.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

	.macro	STATUS bits
	li	$9, ST_KERNEL | (\bits)
	mtc0	$9, CP0_STATUS
	ehb
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)

	BLOCK	block_exl, 1
	STATUS	ST_EXL
	dmtc0	$0, CP0_EPC
	RESUME_AT 1f
	teq	$0, $0			/* EPC and BD stay; the handler's ERET leaves EXL */
1:	mfc0	$10, CP0_STATUS
	dmfc0	$11, CP0_EPC

	BLOCK	block_exl_refill, 2
	STATUS	ST_EXL
	dli	$12, 0x70000000
	RESUME_AT 1f
	b	1f
	 lw	$8, ($12)			/* general vector, not that of a refill; BD stays clear */
1:	mfc0	$10, CP0_STATUS

	BLOCK	block_erl, 3
	STATUS	ST_ERL
	RESUME_AT 1f
	dla	$9, 1f
	dmtc0	$9, CP0_ERROREPC
	ehb
	teq	$0, $0			/* enters EXL as well, and ERET first leaves ERL, to ErrorEPC */
	break
1:	mfc0	$10, CP0_STATUS			/* EXL is still set */
	STATUS	0

	BLOCK	block_both, 4
	STATUS	ST_ERL | ST_EXL
	dla	$9, 1f
	dmtc0	$9, CP0_ERROREPC
	dla	$9, 2f
	dmtc0	$9, CP0_EPC
	ehb
	eret
1:	mfc0	$10, CP0_STATUS			/* ERL is clear, EXL is not */
	eret
2:	mfc0	$10, CP0_STATUS

	BLOCK	block_hooked, 5
	dla	$9, nest
	dla	$10, hook
	sd	$9, ($10)
	RESUME_AT 1f
	teq	$0, $0
1:	dla	$10, hook
	sd	$0, ($10)

	BLOCK	block_di_ei, 6
	di	$9
	ei	$10				/* nothing is unmasked */
	di	$10
	di
	ei
	mfc0	$9, CP0_STATUS
	ei	$0
	di	$0
	b	1f
	 di	$11
	nop
1:	b	1f
	 ei	$11
	nop
1:	b	1f
	 mtc0	$9, CP0_STATUS
1:	mfc0	$9, CP0_STATUS
	STATUS	0
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

/* A handler that takes an exception itself: once with EXL, once after it has made room for another. */
FUNCTION nest
	dla	$26, hook
	sd	$0, ($26)
	dla	$26, 1f
	move	$25, $23
	move	$23, $26
	dmfc0	$24, CP0_EPC
	move	$26, $0
	move	$27, $0
	mfc0	$9, CP0_STATUS
	xori	$9, $9, ST_EXL
	mtc0	$9, CP0_STATUS
	ehb
	break
1:	mfc0	$9, CP0_STATUS
	ori	$9, $9, ST_EXL
	mtc0	$9, CP0_STATUS
	ehb
	dmtc0	$25, CP0_EPC
	ehb
	eret
