# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sensitive instructions that no macro sees, written as .word. Data in text that a symbol
# of type object covers is not code, whatever it looks like.

	.text
	.globl	f
	.ent	f
f:	.word	0x40086000	# mfc0 $8, $12
	nop
	.word	0x42000020	# wait
	beqz	$8, 1f
	.set	noreorder
	b	1f
	.word	0x41606000	# di, in the delay slot
	.set	reorder
1:	jr	$31
	.end	f
	.type	table, @object
table:	.word	0x40086000, 0x8f5a0000
	.size	table, . - table

# expect: .text+0x0000 f+0x0 site mfc0 a4, $12, 0 words=1 width=32 block-start unpadded
# expect: .text+0x0008 f+0x8 site wait words=1 unpadded
# expect: .text+0x0018 f+0x18 site di zero words=1 width=32 delay-slot unpadded
