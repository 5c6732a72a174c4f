# SPDX-License-Identifier: GPL-2.0-or-later
#
# Runs of FP instructions, split where control can arrive, moved to the branch from a delay slot.

	.set	noreorder
	.set	hardfloat
	.text
	.globl	f
	.ent	f
f:	cfc1	$8, $31
	sdc1	$f0, 0($4)
1:	sdc1	$f2, 8($4)
	movf	$2, $3, $fcc0
	ldxc1	$f4, $4($5)
	nop
	bnez	$8, 1b
	 sdc1	$f4, 16($4)
	bc1t	1b
	 nop
	jr	$31
	 ctc1	$8, $31
	.end	f

# expect: .text+0x0000 f+0x0 fpu end=+0x8 (2 words) first=4448f800 block-start
# expect: .text+0x0008 f+0x8 fpu end=+0xc (3 words) first=f4820008 block-start
# expect: .text+0x0018 f+0x18 fpu end=+0x10 (4 words) first=1500fffb
# expect: .text+0x0028 f+0x28 fpu end=+0x8 (2 words) first=03e00008
