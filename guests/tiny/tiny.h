/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the tiny guests share: names, and macros for assembly.
 *
 * A tiny guest is one file with `main`. start.S enters it with a stack, its own exception vectors and EXL, ERL
 * and IE clear, and switches the board off when it returns. Each begins its parts with BLOCK, which the log of
 * states shows in every mode. Rules, so that a guest leaves the same log everywhere:
 *
 *  - No clock in a register that outlives a block whose name begins with `spin`: `match` does not look into
 *    those. Whoever needs a known time writes Count.
 *  - Interrupts are enabled in such blocks only.
 *  - User addresses lie from 0x60000000 on (wedge/core/layout.h says how far), other mapped ones in MAPPED (abi/segments.h).
 *  - Only bits that exist are written to CP0: what others read back is not the same everywhere.
 */
#ifndef GUESTS_TINY_H
#define GUESTS_TINY_H

#define CP0_INDEX	$0
#define CP0_RANDOM	$1
#define CP0_ENTRYLO0	$2
#define CP0_ENTRYLO1	$3
#define CP0_CONTEXT	$4
#define CP0_USERLOCAL	$4, 2
#define CP0_PAGEMASK	$5
#define CP0_PAGEGRAIN	$5, 1
#define CP0_WIRED	$6
#define CP0_HWRENA	$7
#define CP0_BADVADDR	$8
#define CP0_COUNT	$9
#define CP0_CVMCOUNT	$9, 6
#define CP0_CVMCTL	$9, 7
#define CP0_ENTRYHI	$10
#define CP0_COMPARE	$11
#define CP0_CVMMEMCTL	$11, 7
#define CP0_STATUS	$12
#define CP0_CAUSE	$13
#define CP0_EPC		$14
#define CP0_EBASE	$15, 1
#define CP0_XCONTEXT	$20
#define CP0_ERROREPC	$30
#define CP0_DESAVE	$31

#define ST_IE		0x00000001
#define ST_EXL		0x00000002
#define ST_ERL		0x00000004
#define ST_USER		0x00000010
#define ST_UX		0x00000020
#define ST_SX		0x00000040
#define ST_KX		0x00000080
#define ST_64		(ST_KX | ST_SX | ST_UX)
#define ST_IM2		0x00000400
#define ST_IM7		0x00008000
#define ST_BEV		0x00400000
#define ST_CU0		0x10000000
#define ST_KERNEL	(ST_CU0 | ST_64)

#define CAUSE_IV	0x00800000
#define LO_G		1
#define LO_V		2
#define LO_D		4
#define LO_XI_BIT	62
#define LO_RI_BIT	63

#define UART_THR	0x8001180000000840
#define UART_LSR	0x8001180000000828
#define CIU_SUM0	0x8001070000000000
#define CIU_EN0		0x8001070000000200
#define CIU_TIM0	0x8001070000000480
#define CIU_MBOX_SET0	0x8001070000000600
#define CIU_MBOX_CLR0	0x8001070000000680

#ifdef __ASSEMBLER__
	.set	noreorder
	.set	noat

/* A labelled part of the guest: its number goes to DESAVE, whose writes are seen in every mode. */
	.macro	BLOCK name, number
	.globl	\name
\name:
	li	$1, \number
	mtc0	$1, CP0_DESAVE
	.endm

/* In a handler: goes on behind the instruction that raised the exception, but if that is a breakpoint, here. */
	.macro	SKIP_UNLESS_BREAK
	mfc0	$26, CP0_CAUSE
	andi	$26, $26, 0x7c
	xori	$26, $26, 9 << 2
	beqz	$26, 1f
	 dmfc0	$26, CP0_EPC
	daddiu	$26, $26, 4
	dmtc0	$26, CP0_EPC
	move	$26, $0
	move	$27, $0
	ehb
	eret
1:	move	$26, $0
	move	$27, $0
	.endm

/* In a handler: the pair of pages at `pages` for the address in EntryHi, at random, and back. */
	.macro	REFILL_AND_RETURN
	dla	$27, pages
	dext	$27, $27, 0, 29
	dsrl	$27, $27, 6
	ori	$27, $27, LO_V | LO_D
	dmtc0	$27, CP0_ENTRYLO0
	daddiu	$27, $27, 64
	dmtc0	$27, CP0_ENTRYLO1
	ehb
	tlbwr
	move	$26, $0
	move	$27, $0
	eret
	.endm

/* Prints text, which ends with a newline; uses at, v0, v1. */
	.macro	SAY text:vararg
	.pushsection .rodata
9:	.asciz	"\text\n"
	.popsection
	dla	$2, 9b
	bal	say
	 nop
	.endm

/* After an exception the handler goes on at `to`: handlers.S. */
	.macro	RESUME_AT to
	dla	$23, \to
	.endm

	.macro	FUNCTION name
	.text
	.globl	\name
	.align	3
\name:
	.endm
#endif
#endif
