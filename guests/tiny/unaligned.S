/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Unaligned accesses in kernel code that has run natively for a while: an Octeon makes them itself, another Host's kernel
 * would repair them. In the delay slot of a branch, to a page that the TLB has but that was not touched before: the branch is
 * taken. Across the end of a page, when the one behind may not be written: nothing is stored.
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
	li	$9, 200
7:	bnez	$9, 7b
	 addiu	$9, $9, -1
	.endm

/* A pair of pages at map_base + \offset, with these bits of EntryLo; its address in $16. */
	.macro	PAIR offset, first, second
	dla	$9, afterburn_segments
	ld	$16, 40($9)			/* map_base: canonical, or where the window is */
	li	$6, \offset
	daddu	$16, $16, $6
	move	$4, $16
	dla	$5, pages
	li	$6, \first
	li	$7, \offset >> 13
	jal	map_pair
	 li	$8, \second
	.endm

/* $10: 1 if the branch was taken. The write to Compare is seen in every mode. */
	.macro	IN_SLOT branch, insn:vararg
	GO_NATIVE
	li	$10, 1
	\branch	1f
	 \insn
	li	$10, 0
1:	mtc0	$0, CP0_COMPARE
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	dli	$17, 0x0123456789abcdef

	BLOCK	block_slots, 1
	PAIR	0x4000, LO_V | LO_D | LO_G, LO_V | LO_D | LO_G
	IN_SLOT	b, lw $8, 1($16)
	PAIR	0x6000, LO_V | LO_D | LO_G, LO_V | LO_D | LO_G
	IN_SLOT	bal, ld $8, 0x1003($16)
	PAIR	0x8000, LO_V | LO_D | LO_G, LO_V | LO_D | LO_G
	IN_SLOT	b, sw $17, 0x102($16)
	PAIR	0xa000, LO_V | LO_D | LO_G, LO_V | LO_D | LO_G
	IN_SLOT	b, sd $17, 0xffd($16)
	ld	$8, 0xff8($16)
	ld	$9, 0x1000($16)
	mtc0	$0, CP0_COMPARE

	BLOCK	block_page_end, 2
	PAIR	0xc000, LO_V | LO_D | LO_G, LO_V | LO_G
	sd	$0, 4088($16)
	sd	$0, 4080($16)
	GO_NATIVE
	RAISES	sh $17, 4095($16)
	ld	$8, 4088($16)
	GO_NATIVE
	RAISES	sw $17, 4093($16)
	ld	$8, 4088($16)
	GO_NATIVE
	RAISES	sd $17, 4089($16)
	ld	$8, 4088($16)
	mtc0	$0, CP0_COMPARE
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

	.bss
	.align	12
pages:	.space	8192
