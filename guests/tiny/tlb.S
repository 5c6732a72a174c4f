/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The TLB: refill, invalid, modified, read and execute inhibit; ASIDs, global entries, page sizes; probe and read.
 * All in kernel mode, on user addresses and in mapped kernel space.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

	.macro	RAISES insn:vararg
	RESUME_AT 8f
	\insn
8:
	.endm

/* Long enough for the Wedge to leave the interpreter, in which it stays for some instructions after an exception. */
	.macro	GO_NATIVE
	li	$9, 40
7:	bnez	$9, 7b
	 addiu	$9, $9, -1
	.endm

	.macro	MAP address, index, even, odd
	dli	$4, \address
	dla	$5, pages
	li	$6, \even
	li	$7, \index
	jal	map_pair
	 li	$8, \odd
	.endm

	.macro	PROBE address
	dli	$9, \address
	dmtc0	$9, CP0_ENTRYHI
	ehb
	tlbp
	ehb
	mfc0	$10, CP0_INDEX
	.endm

#define USER	0x70000000
#define HIGH	0xdef0000000
#define MAPPED	0xc00000e800004000

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	li	$17, 0x55
	dla	$18, segments_map_base
	dla	$9, afterburn_segments
	ld	$19, 40($9)			/* map_base: canonical, or where the window is */

	BLOCK	block_refill, 1
	dli	$20, USER
	RAISES	lw $8, ($20)
	RAISES	sd $8, 8($20)
	dli	$20, HIGH
	RAISES	lb $8, 1($20)
	RAISES	ld $8, 0x4000($19)
	RAISES	sd $8, 0x4000($19)
	RAISES	jr $20				/* a fetch */
	 nop

	BLOCK	block_invalid, 2
	MAP	USER, 2, LO_D, LO_D | LO_V
	dli	$20, USER
	RAISES	lw $8, ($20)
	RAISES	sw $8, ($20)
	lw	$8, 0x1000($20)
	sw	$17, 0x1010($20)
	dla	$9, pages
	lw	$8, 0x1010($9)			/* what was written */

	BLOCK	block_modified, 3
	MAP	USER, 2, LO_V, LO_D | LO_V
	dli	$20, USER
	lw	$8, ($20)
	RAISES	sw $8, ($20)
	RAISES	sb $8, 5($20)
	RESUME_AT 1f
	lld	$8, ($20)
	RAISES	scd $8, ($20)			/* fails to store, whether or not the link holds */
1:
	BLOCK	block_kernel_space, 4
	daddiu	$4, $19, 0x4000
	dla	$5, pages
	li	$6, LO_V | LO_D | LO_G
	li	$7, 5
	jal	map_pair
	 li	$8, LO_V | LO_G
	sd	$17, 0x4018($19)
	ld	$8, 0x4018($19)
	RAISES	sd $17, 0x5018($19)

	BLOCK	block_asids, 5
	MAP	USER + 1, 2, LO_V | LO_D, LO_V | LO_D
	MAP	USER + 2, 3, LO_V, LO_V
	dli	$20, USER
	li	$9, 1
	dmtc0	$9, CP0_ENTRYHI
	ehb
	sw	$17, 32($20)
	li	$9, 2
	dmtc0	$9, CP0_ENTRYHI
	ehb
	lw	$8, 32($20)
	RAISES	sw $17, 32($20)
	li	$9, 3
	dmtc0	$9, CP0_ENTRYHI
	ehb
	RAISES	lw $8, 32($20)
	ld	$8, 0x4018($19)			/* global */

	BLOCK	block_probe, 6
	PROBE	USER + 1
	PROBE	USER + 2
	PROBE	USER + 3
	PROBE	USER + 0x2002
	PROBE	MAPPED + 7
	PROBE	HIGH

	BLOCK	block_read, 7
	li	$9, 5
	mtc0	$9, CP0_INDEX
	ehb
	tlbr
	ehb
	dmfc0	$10, CP0_ENTRYHI
	dmfc0	$11, CP0_ENTRYLO0
	dmfc0	$12, CP0_ENTRYLO1
	mfc0	$13, CP0_PAGEMASK
	li	$9, 2
	mtc0	$9, CP0_INDEX
	ehb
	tlbr
	ehb
	dmfc0	$10, CP0_ENTRYHI
	dmfc0	$11, CP0_ENTRYLO0

	BLOCK	block_page_sizes, 8
	li	$9, 0x1e000			/* 64 KB */
	mtc0	$9, CP0_PAGEMASK
	dla	$9, pages
	dext	$9, $9, 0, 29
	dsrl	$9, $9, 16
	dsll	$5, $9, 16
	dsrl	$9, $5, 6
	ori	$9, $9, LO_V | LO_D
	dmtc0	$9, CP0_ENTRYLO0
	dmtc0	$0, CP0_ENTRYLO1
	dli	$10, 0x71000000
	dmtc0	$10, CP0_ENTRYHI
	li	$9, 7
	mtc0	$9, CP0_INDEX
	ehb
	tlbwi
	ehb
	dla	$9, pages
	dext	$11, $9, 0, 16
	daddu	$11, $11, $10
	ld	$8, 24($11)			/* as at pages + 24 */
	ld	$8, 24($9)
	dli	$10, 0x71010000
	RAISES	lw $8, ($10)			/* the odd page: invalid */
	dli	$10, 0x71020000
	RAISES	lw $8, ($10)			/* the next pair: refill */
	PROBE	0x71012000
	tlbr
	ehb
	dmfc0	$11, CP0_ENTRYLO0
	mfc0	$12, CP0_PAGEMASK
	mtc0	$0, CP0_PAGEMASK

	BLOCK	block_inhibit, 9
	lui	$9, 0xe800			/* PageGrain: RIE, XIE, ELPA and IEC */
	mtc0	$9, CP0_PAGEGRAIN
	ehb
	mfc0	$9, CP0_PAGEGRAIN
	MAP	USER, 2, LO_V | LO_D, LO_V | LO_D
	dmfc0	$9, CP0_ENTRYLO0
	li	$10, 1
	dsll	$11, $10, LO_RI_BIT
	or	$9, $9, $11
	dmtc0	$9, CP0_ENTRYLO0
	dmfc0	$9, CP0_ENTRYLO1
	dsll	$11, $10, LO_XI_BIT
	or	$9, $9, $11
	dmtc0	$9, CP0_ENTRYLO1
	ehb
	tlbwi
	ehb
	dli	$20, USER
	RAISES	lw $8, ($20)			/* TLBRI */
	sw	$8, ($20)			/* may be written */
	lw	$8, 0x1000($20)
	daddiu	$20, $20, 0x1000
	RAISES	jr $20				/* TLBXI */
	 nop
	lui	$9, 0xe000			/* without IEC: TLBL */
	mtc0	$9, CP0_PAGEGRAIN
	ehb
	RAISES	jr $20
	 nop
	dli	$20, USER
	RAISES	lw $8, ($20)
	tlbr
	ehb
	dmfc0	$11, CP0_ENTRYLO0

	BLOCK	block_handler, 10
	dla	$9, refill
	dla	$10, refill_hook
	sd	$9, ($10)
	dli	$20, 0x72000000
	lw	$8, 0x18($20)			/* comes back as if nothing had been */
	sw	$17, 0x1020($20)
	dli	$20, 0x72002000
	sw	$17, 0x20($20)
	bnez	$17, 1f
	 lw	$8, 0x2000($20)			/* and from a slot */
1:	dla	$10, refill_hook
	sd	$0, ($10)

	BLOCK	block_wired, 11
	li	$9, 8
	mtc0	$9, CP0_WIRED
	ehb
	mfc0	$9, CP0_WIRED
	dmtc0	$0, CP0_ENTRYHI

	BLOCK	block_kernel_asid, 12		/* an entry of one ASID in kernel space, natively */
	daddiu	$4, $19, 0x6000
	ori	$4, $4, 1
	dla	$5, pages
	li	$6, LO_V | LO_D
	li	$7, 6
	jal	map_pair
	 li	$8, LO_V | LO_D
	GO_NATIVE
	sd	$17, 0x6018($19)
	ld	$8, 0x6018($19)
	li	$9, 2
	dmtc0	$9, CP0_ENTRYHI
	ehb
	GO_NATIVE
	RAISES	ld $8, 0x6018($19)
	dmtc0	$0, CP0_ENTRYHI
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

/* As an operating system does it: the pages behind Context or BadVAddr, whatever they are. */
FUNCTION refill
	dmfc0	$26, CP0_BADVADDR
	dmfc0	$26, CP0_CONTEXT
	dmfc0	$26, CP0_XCONTEXT
	REFILL_AND_RETURN

	.data
segments_map_base:
	.dword	0
	.bss
	.align	12
pages:	.space	8192
