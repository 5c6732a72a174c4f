# SPDX-License-Identifier: GPL-2.0-or-later
#
# Block starts: numeric labels around sites still mean what they meant, and what a label, a table of
# addresses in another section, a return or an unconditional jump leads to is marked.

	.text
	.globl	f
	.ent	f
f:	nop
	mfc0	$8, $12
1:	mfc0	$9, $12
	beqz	$9, 1f
	bnez	$9, 1b
	mfc0	$10, $12
1:	mfc0	$11, $13
	jal	g
	mfc0	$2, $12
	b	f
	mfc0	$3, $13
	nop
.Lcase:	mfc0	$4, $12
	nop
	mfc0	$5, $12
	.end	f
	.data
	.dword	.Lcase

# expect: .text+0x0004 f+0x4 site mfc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x0008 f+0x8 site mfc0 a5, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x001c f+0x1c site mfc0 a6, $12, 0 words=1 width=32 asm
# expect: .text+0x0020 f+0x20 site mfc0 a7, $13, 0 words=2 width=32 block-start asm
# expect: .text+0x0030 f+0x30 site mfc0 v0, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x003c f+0x3c site mfc0 v1, $13, 0 words=2 width=32 block-start asm
# expect: .text+0x0048 f+0x48 site mfc0 a0, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x0050 f+0x50 site mfc0 a1, $12, 0 words=1 width=32 asm
