/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The first instructions of the Wedge, wherever the Host has put it: see start.c. Then it is at the place of its choice, and the
 * C library begins as in any other program.
 *
 * Addresses come from the table that gp points into. Before start__relocate() they are distances from the image's start.
 */
	.set	noreorder
	.text
	.globl	wedge_start
	.ent	wedge_start
wedge_start:
	move	$16, $29
	bal	1f
	 move	$30, $0				/* debuggers: nobody has called us */
1:	lui	$28, %hi(%neg(%gp_rel(1b)))
	daddiu	$28, $28, %lo(%neg(%gp_rel(1b)))
	daddu	$28, $28, $31
	ld	$17, %got_disp(1b)($28)
	dsubu	$17, $31, $17			/* the image */
	ld	$5, %got_disp(_DYNAMIC)($28)
	ld	$25, %got_disp(start__relocate)($28)
	daddu	$5, $5, $17
	daddu	$25, $25, $17
	jalr	$25
	 move	$4, $17
	/* As linked, but for the place. */
	ld	$25, %got_disp(start__move)($28)
	move	$4, $17
	jalr	$25
	 move	$5, $16
	dsubu	$18, $2, $17			/* so far from here */
	daddu	$28, $28, $18
	ld	$25, %got_disp(2f)($28)
	jr	$25
	 move	$4, $2
	/* There. */
2:	ld	$25, %got_disp(start__arrive)($28)
	move	$5, $16
	jalr	$25
	 move	$6, $17
	ld	$25, %got_disp(__start)($28)
	move	$29, $16
	jr	$25
	 move	$2, $0				/* no function for exit() to call */
	.end	wedge_start

	.section .note.GNU-stack, "", @progbits
