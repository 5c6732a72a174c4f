/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The linked stub, as bytes, and where in it the Wedge starts its system calls.
 */
	.section .rodata
	.globl	stub_program, stub_program_end
	.align	3
stub_program:
	.incbin	STUB_FILE
stub_program_end:

	.section .note.GNU-stack, "", @progbits
