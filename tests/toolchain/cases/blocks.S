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
1:	mfc0	$11, $12
	jal	g
	mfc0	$2, $12
	b	f
	mfc0	$3, $12
	nop
.Lcase:	mfc0	$4, $12
	nop
	mfc0	$5, $12
	.end	f
	.data
	.dword	.Lcase

# expect: .text+0x0004 f+0x4 site mfc0 a4, $12, 0 words=2 width=32 asm
# expect: .text+0x000c f+0xc site mfc0 a5, $12, 0 words=2 width=32 block-start asm
# expect: .text+0x0024 f+0x24 site mfc0 a6, $12, 0 words=2 width=32 asm
# expect: .text+0x002c f+0x2c site mfc0 a7, $12, 0 words=2 width=32 block-start asm
# expect: .text+0x003c f+0x3c site mfc0 v0, $12, 0 words=2 width=32 block-start asm
# expect: .text+0x004c f+0x4c site mfc0 v1, $12, 0 words=2 width=32 block-start asm
# expect: .text+0x0058 f+0x58 site mfc0 a0, $12, 0 words=2 width=32 block-start asm
# expect: .text+0x0064 f+0x64 site mfc0 a1, $12, 0 words=2 width=32 asm
