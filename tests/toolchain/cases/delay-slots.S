# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sites in delay slots of every kind of branch: they trap, but their padding must not change what the branch
# does. The last one stands behind a branch in reorder mode, where gas fills the slot with a NOP.

	.set	noreorder
	.text
	.globl	f
	.ent	f
f:	beqz	$4, 1f
	 di
	bnel	$4, $5, 1f
	 mfc0	$8, $12
	bgezal	$4, 1f
	 ei
1:	bbit0	$4, 3, 1b
	 mtc0	$8, $13
	jal	f
	 tlbp
	jr	$31
	 mtc0	$9, $12
	.set	reorder
	b	1b
	mfc0	$8, $13
	.end	f

# expect: .text+0x0004 f+0x4 site di zero words=2 width=32 delay-slot asm
# expect: .text+0x0010 f+0x10 site mfc0 a4, $12, 0 words=1 width=32 delay-slot asm
# expect: .text+0x0018 f+0x18 site ei zero words=2 width=32 delay-slot asm
# expect: .text+0x0024 f+0x24 site mtc0 a4, $13, 0 words=2 width=32 delay-slot asm
# expect: .text+0x0030 f+0x30 site tlbp words=2 delay-slot asm
# expect: .text+0x003c f+0x3c site mtc0 a5, $12, 0 words=1 width=32 delay-slot asm
# expect: .text+0x0048 f+0x48 site mfc0 a4, $13, 0 words=2 width=32 block-start asm
