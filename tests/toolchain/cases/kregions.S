# SPDX-License-Identifier: GPL-2.0-or-later
#
# Regions in which k0 or k1 is live: each starts where neither is, a branch goes with its delay slot, the
# place a call returns to starts one, and code that reads k0 without defining it starts where it can be
# reached.

	.set	noreorder
	.set	noat
	.text
	.globl	f
	.ent	f
f:	addiu	$8, $8, 1
	mfc0	$26, $12		# a region of five words, which ends with the branch
	sll	$26, $26, 3
	bltz	$26, 1f
	 move	$26, $29
	addiu	$27, $8, 4		# nothing is live here: another one
	b	2f
	 ld	$27, 0($27)
1:	move	$27, $26
2:	sd	$27, 0($29)
	nop				# native
	beqz	$2, 3f			# the definition is in the slot: starts at the branch
	 move	$26, $2
	nop				# native: k0 is not read on this path
	b	4f
	 nop
3:	nop				# k0 is live
	jal	g
	 move	$4, $26			# last use, and k1 is defined
	move	$27, $2
	jal	g
	 nop
	move	$2, $27			# back from a call with k1 live
4:	jr	$31
	 nop
	.end	f
	.section .handler, "ax"
	lw	$2, 4($27)		# who jumps here has set k1
	movz	$26, $2, $3		# reads k0 as well
	sd	$26, 0($2)
	nop
	dmfc0	$26, $14
	eret

# expect: .text+0x0004 f+0x4 site mfc0 k0, $12, 0 words=1 width=32 asm
# expect: .text+0x0004 f+0x4 kregion end=+0x10 (4 words) first=401a6000
# expect: .text+0x0014 f+0x14 kregion end=+0x14 (5 words) first=251b0004
# expect: .text+0x002c f+0x2c kregion end=+0x8 (2 words) first=10400004
# expect: .text+0x0040 f+0x40 kregion end=+0xc (3 words) first=00000000 block-start
# expect: .text+0x004c f+0x4c kregion end=+0xc (3 words) first=0040d825 block-start
# expect: .text+0x0058 f+0x58 kregion end=+0x4 (1 words) first=03601025 block-start
# expect: .handler+0x0000 .handler kregion end=+0xc (3 words) first=8f620004 block-start
# expect: .handler+0x0010 .handler site dmfc0 k0, $14, 0 words=1 width=64 asm
# expect: .handler+0x0010 .handler kregion end=+0x4 (1 words) first=403a7000
# expect: .handler+0x0014 .handler site eret words=2 asm
