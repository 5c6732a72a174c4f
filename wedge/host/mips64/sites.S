/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * System calls of guest user code that are jumps (wedge/host/site.h): the exception that its kernel expects, and the way back from an eret, if it leads
 * straight behind the last such call and the Wedge has had nothing to do meanwhile.
 *
 * Copied into the code cache (direct.c). at and t8 are nobody's at a system call. Status says by each moment what runs: with EXL it is the guest's kernel, at
 * its vector; without, user code. A signal finds by the labels below what is still to be done.
 */
#include "asm-offsets.h"

	.set	noreorder
	.set	noat
	.text
	.align	3
	.globl	sites_off, sites_enter, sites_entered, sites_return, sites_return_at_taken, sites_returned, sites_slow, sites_end

/* t8: CALL of the stub. */
sites_off:
	jr	$24
	 nop

sites_enter:
	ld	$1, SITE_FROM_LINK_EPC($24)
	sd	$1, PAGE_EPC($0)
	daddiu	$1, $1, 4
	sd	$1, SITES_BACK($0)
	daddiu	$1, $24, SITE_FROM_LINK_BACK
	sd	$1, SITES_STUB($0)
	ld	$1, SITES_CALLS($0)
	daddiu	$1, $1, 1
	sd	$1, SITES_CALLS($0)
	lw	$1, PAGE_CAUSE($0)
	ins	$1, $0, 2, 5		/* ExcCode */
	ins	$1, $0, 31, 1		/* BD */
	ori	$1, $1, 8 << 2		/* Sys */
	sw	$1, PAGE_CAUSE($0)
	lw	$1, PAGE_STATUS($0)
	ori	$1, $1, 2		/* EXL */
	sd	$1, SITES_STATUS($0)
	sw	$1, PAGE_STATUS($0)
sites_entered:
	ld	$1, PAGE_VECTOR($0)
	teq	$1, $0			/* its block has been forgotten: the Wedge goes on to the vector */
	jr	$1
	 nop

/* In place of call_entry, where an eret calls: ra is in scratch[0], and says where. */
sites_return:
	sd	$1, VCPU_SAVED_AT($0)
sites_return_at_taken:
	sd	$24, VCPU_SAVED_T8($0)
	ld	$1, PAGE_EPC($0)
	ld	$24, SITES_BACK($0)
	bne	$1, $24, sites_slow
	 lw	$1, PAGE_STATUS($0)
	ld	$24, SITES_STATUS($0)
	bne	$1, $24, sites_slow
	 ld	$1, PAGE_ENTRYHI($0)
	ld	$24, SITES_ENTRYHI($0)
	bne	$1, $24, sites_slow
	 ld	$1, PAGE_USERLOCAL($0)
	ld	$24, SITES_USERLOCAL($0)
	bne	$1, $24, sites_slow
	 ld	$1, SITES_FRESH($0)
	beqz	$1, sites_slow
	 lw	$1, PAGE_STATUS($0)
	xori	$1, $1, 2
	sw	$1, PAGE_STATUS($0)	/* traps, if an interrupt is pending that was masked */
sites_returned:
	ld	$24, VCPU_SAVED_T8($0)
	ld	$31, VCPU_SAVED_RA($0)
	ld	$1, SITES_STUB($0)
	jr	$1
	 nop
sites_slow:
	ld	$24, VCPU_SAVED_T8($0)
	.word	0			/* j call_entry */
	 ld	$1, VCPU_SAVED_AT($0)
sites_end:

	.section .note.GNU-stack, "", @progbits
