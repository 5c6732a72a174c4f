/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Entry, exception vectors, console and end of every tiny guest.
 *
 * Each exception counts itself in `counts` by its code, reads what a handler would read, and goes on at s7
 * ($23), which RESUME_AT sets, or where `hook` leads if that is not 0. A refill first gives `refill` a chance.
 */
#include "guests/tiny/tiny.h"

	.section .vectors, "ax"
	.align	12
	.globl	vectors
vectors:
	.globl	vector_refill_32
vector_refill_32:
	b	vector_refill
	 li	$26, 32
	.org	0x080
	.globl	vector_refill
vector_refill:
	dla	$26, refill_hook
	ld	$26, ($26)
	beqz	$26, handle
	 nop
	jr	$26
	 nop
	.org	0x180
	.globl	vector_general
vector_general:
	b	handle
	 nop
	.org	0x200
	.globl	vector_interrupt
vector_interrupt:
	b	handle
	 nop
	.org	0x280

	.globl	handle
handle:
	mfc0	$26, CP0_CAUSE
	dmfc0	$27, CP0_BADVADDR
	dmfc0	$27, CP0_EPC
	andi	$26, $26, 0x7c
	dsll	$26, $26, 1			/* code * 8 */
	dla	$27, counts
	daddu	$26, $26, $27
	ld	$27, ($26)
	daddiu	$27, $27, 1
	sd	$27, ($26)
	dla	$26, hook
	ld	$26, ($26)
	beqz	$26, 1f
	 nop
	jr	$26
	 nop
1:	dmtc0	$23, CP0_EPC
	move	$26, $0
	move	$27, $0
	eret

FUNCTION _start
	/* The registers of before are the boot protocol's; argument pointers are of no use here. */
	mfc0	$8, CP0_STATUS
	li	$8, ST_KERNEL
	mtc0	$8, CP0_STATUS
	ehb
	dla	$8, vectors
	mtc0	$8, CP0_EBASE
	li	$8, CAUSE_IV
	mtc0	$8, CP0_CAUSE
	mtc0	$0, CP0_WIRED
	mtc0	$0, CP0_PAGEMASK
	dmtc0	$0, CP0_ENTRYHI
	dmtc0	$0, CP0_ENTRYLO0
	dmtc0	$0, CP0_ENTRYLO1
	dmtc0	$0, CP0_CONTEXT
	dmtc0	$0, CP0_XCONTEXT
	dla	$29, stack_top
	move	$8, $0
	jal	main
	 nop
	BLOCK	block_end, 0xffff
	dli	$2, 0x800100001d020000		/* the board's display */
	dli	$3, 0x506f7765724f6666		/* "PowerOff" */
	sd	$3, ($2)
	.globl	spin_end
spin_end:
	b	spin_end
	 nop

/* v0: text, 0-terminated. Uses v1, at. */
FUNCTION say
	dli	$3, UART_THR
1:	lbu	$1, ($2)
	beqz	$1, 2f
	 daddiu	$2, $2, 1
	b	1b
	 sd	$1, ($3)
2:	jr	$31
	 move	$3, $0

/* v0: number, printed with 16 digits and a newline. Uses v1, at, a0. */
FUNCTION say_number
	dli	$3, UART_THR
	li	$4, 60
1:	dsrlv	$1, $2, $4
	andi	$1, $1, 15
	sltiu	$5, $1, 10
	bnez	$5, 2f
	 daddiu	$1, $1, '0'
	daddiu	$1, $1, 'a' - '0' - 10
2:	sd	$1, ($3)
	bnez	$4, 1b
	 daddiu	$4, $4, -4
	li	$1, '\n'
	sd	$1, ($3)
	move	$3, $0
	jr	$31
	 move	$4, $0

/*
 * Writes TLB entry a3: the pages of address a0 become physical a1 (given as a CKSEG0 address) and the one behind
 * it, with the flags of EntryLo in a2 and a4. Uses at.
 */
FUNCTION map_pair
	dmtc0	$4, CP0_ENTRYHI
	dext	$1, $5, 0, 29
	dsrl	$1, $1, 6
	or	$1, $1, $6
	dmtc0	$1, CP0_ENTRYLO0
	dext	$1, $5, 0, 29
	dsrl	$1, $1, 6
	daddiu	$1, $1, 64
	or	$1, $1, $8
	dmtc0	$1, CP0_ENTRYLO1
	mtc0	$7, CP0_INDEX
	ehb
	tlbwi
	ehb
	jr	$31
	 nop

/* Prints how often each exception was taken. Uses v0, v1, at, a0, a1, s0, s1, s2. */
FUNCTION report
	move	$16, $31
	dla	$17, counts
	li	$18, 0
1:	ld	$2, ($17)
	beqz	$2, 2f
	 dsll	$3, $18, 32
	jal	say_number
	 or	$2, $2, $3
2:	daddiu	$18, $18, 1
	slti	$2, $18, 32
	bnez	$2, 1b
	 daddiu	$17, $17, 8
	jr	$16
	 nop

	.data
	.align	3
	.globl	hook, refill_hook, counts
hook:	.dword	0
refill_hook: .dword 0
counts:	.fill	32, 8, 0

	.bss
	.align	4
	.space	8192
stack_top:
	.space	64
