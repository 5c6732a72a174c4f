/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Direct user mode: what a system call of a program becomes when it is a jump. `li v0, N; syscall` is then `j stub; li v0, N`, and the stub lies in a page
 * near the program's code (abi/near.h):
 *
 *	0	ld	at, sites.enter($0)
 *		jalr	t8, at			the Wedge's; with t8 it finds the rest. A system call spoils both
 *		nop
 *	CALL	syscall				when sites are off: back by t8
 *	BACK_RA	ld	ra, scratch[0]($0)	the way back, from a call of the Wedge
 *	BACK	j	behind the system call	and straight from the guest's kernel
 *		ld	at, scratch[1]($0)
 *		nop
 *	EPC	address of the system call
 */
#ifndef WEDGE_HOST_SITE_H
#define WEDGE_HOST_SITE_H

#define SITE_WORD_CALL		3
#define SITE_WORD_BACK_RA	4
#define SITE_WORD_BACK		5
#define SITE_WORD_EPC		8
#define SITE_WORDS		10

#endif
