# SPDX-License-Identifier: GPL-2.0-or-later
#
# k0 live around a loop, killed by a likely branch's slot on one path only, and a jump into the middle of a
# run, where nothing is live.

	.set	noreorder
	.set	noat
	.text
	.globl	f
	.ent	f
f:	li	$26, 10
1:	addiu	$8, $8, 1
	bnez	$8, 1b
	 addiu	$26, $26, -1
	bnel	$8, $9, 2f
	 move	$26, $0			# only if taken
	sd	$26, 0($4)
2:	move	$27, $8			# reached from anywhere: nothing is live
	sd	$27, 0($4)
	b	2b
	 nop
	.end	f

# expect: .text+0x0000 f+0x0 kregion end=+0x1c (7 words) first=241a000a block-start
# expect: .text+0x001c f+0x1c kregion end=+0x8 (2 words) first=0100d825 block-start
