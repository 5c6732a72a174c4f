/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * User mode: system calls, what is not allowed there, pages that are not there, two address spaces.
 *
 * `hook` lets the program go on behind what raised the exception; a breakpoint ends it.
 */
#include "guests/tiny/tiny.h"

	.set	arch=octeon

#define CODE		0x120000000		/* where the program is in its address space */
#define DATA		0x120002000

	.macro	RUN name, asid
	dla	$4, \name
	jal	run_user
	 li	$5, \asid
	.endm

FUNCTION main
	daddiu	$29, $29, -16
	sd	$31, ($29)
	BLOCK	block_calls, 1
	RUN	user_calls, 1
	BLOCK	block_forbidden, 2
	RUN	user_forbidden, 1
	BLOCK	block_addresses, 3
	RUN	user_addresses, 1
	BLOCK	block_memory, 4
	RUN	user_memory, 1
	BLOCK	block_other_space, 5
	RUN	user_memory, 2
	BLOCK	block_rdhwr, 6
	dli	$9, 0x123456789
	dmtc0	$9, CP0_USERLOCAL
	lui	$9, 0x2000
	mtc0	$9, CP0_HWRENA
	ehb
	RUN	user_rdhwr, 1
	mtc0	$0, CP0_HWRENA
	jal	report
	 nop
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 16

/* Runs the program a0 in address space a1, whose data are two pages of its own. Comes back after its `break`. */
FUNCTION run_user
	daddiu	$29, $29, -32
	sd	$31, ($29)
	sd	$5, 8($29)
	dla	$9, programs
	dsubu	$16, $4, $9
	dli	$4, CODE
	or	$4, $4, $5
	dla	$5, programs
	li	$6, LO_V
	li	$7, 1
	jal	map_pair
	 li	$8, LO_V
	ld	$9, 8($29)
	dli	$4, DATA
	or	$4, $4, $9
	dla	$5, data
	dsll	$9, $9, 13
	daddu	$5, $5, $9
	li	$6, LO_V | LO_D
	li	$7, 2
	jal	map_pair
	 li	$8, LO_V			/* the second one is read-only */
	dla	$9, next_instruction
	dla	$10, hook
	sd	$9, ($10)
	dla	$10, kernel_stack
	sd	$29, ($10)
	dli	$9, CODE
	daddu	$9, $9, $16
	dmtc0	$9, CP0_EPC
	li	$9, ST_64 | ST_USER | ST_EXL
	mtc0	$9, CP0_STATUS
	ehb
	li	$8, 0
	eret

FUNCTION next_instruction
	SKIP_UNLESS_BREAK
	li	$9, ST_KERNEL
	mtc0	$9, CP0_STATUS
	ehb
	dla	$10, hook
	sd	$0, ($10)
	dla	$10, kernel_stack
	ld	$29, ($10)
	ld	$31, ($29)
	jr	$31
	 daddiu	$29, $29, 32

/* Code of user mode, mapped at CODE. It is data to the kernel, so that nobody rewrites it. */
	.data
	.align	12
programs:
user_calls:
	li	$2, 7
	syscall
	daddiu	$2, $2, 1
	syscall 5
	li	$3, 1
	teq	$3, $3
	teqi	$3, 1
	lui	$4, 0x7fff
	add	$4, $4, $4
	.word	0x0000003d
	break

user_forbidden:
	.set	push
	.set	mips64r2
	.word	0x400a6000			/* mfc0 t2, Status: not ours to rewrite */
	.word	0x408a6000			/* mtc0 */
	.word	0x42000002			/* tlbwi */
	.word	0x42000018			/* eret */
	.word	0x42000020			/* wait */
	.word	0x41606000			/* di */
	.word	0xbd010000			/* cache */
	.word	0x48080000			/* mfc2 */
	.set	pop
	break

user_addresses:
	lui	$9, 0x8110			/* CKSEG0 */
	lw	$10, ($9)
	sw	$10, ($9)
	dli	$9, 0x8000000001100000		/* XKPHYS */
	ld	$10, ($9)
	sd	$10, ($9)
	dli	$9, 0xc00000e800000000
	ld	$10, ($9)
	dli	$9, 0xffffffffffff8000		/* CVMSEG */
	ld	$10, ($9)
	dli	$9, 0x0001000000000000		/* behind the last mapped address */
	ld	$10, ($9)
	break

user_memory:
	dli	$9, DATA
	ld	$10, ($9)
	daddiu	$10, $10, 5
	sd	$10, ($9)
	ld	$11, ($9)
	ld	$11, 3($9)
	ld	$12, 0x1000($9)
	sd	$10, 0x1000($9)			/* modified */
	ld	$12, 0x2000($9)			/* refill */
	sd	$12, 0x2000($9)
	dli	$9, CODE
	sd	$10, ($9)
	lw	$10, ($9)
	break

user_rdhwr:
	.word	0x7c0ae83b			/* rdhwr t2, UserLocal: a macro would record it */
	break
	.align	12
	.fill	1024, 4, 0

	.bss
	.align	13
data:	.space	3 * 8192
kernel_stack: .space 8
