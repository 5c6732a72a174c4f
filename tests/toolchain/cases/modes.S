# SPDX-License-Identifier: GPL-2.0-or-later
#
# .set noreorder, noat, nomacro and an older ISA stay what they were behind a site, and an operand that gas
# expands moves the record to the instruction itself.

	.text
	.globl	f
	.ent	f
f:	.set	push
	.set	noat
	.set	noreorder
	.set	nomacro
	mfc0	$1, $12
	ins	$1, $8, 0, 1
	mtc0	$1, $12
	.set	pop
	.set	push
	.set	mips3
	dmfc0	$8, $10
	.set	pop
	.set	push
	.set	mips32r2
	di	$9
	.set	pop
	cache	0x15, 0x12348($4)
	synci	-0x7ff0($4)
	.set	noreorder
	beqz	$8, 1f
	 nop
	mfc0	$8, $12
	b	1f
	 nop
1:	jr	$31
	 nop
	.end	f

# expect: .text+0x0000 f+0x0 site mfc0 at, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x0008 f+0x8 site mtc0 at, $12, 0 words=1 width=32 asm
# expect: .text+0x000c f+0xc site dmfc0 a4, $10, 0 words=1 width=64 asm
# expect: .text+0x0014 f+0x14 site di a5 words=2 width=32 asm
# expect: .text+0x0024 f+0x24 site cache 0x15, 9032(at) words=2 asm
# expect: .text+0x002c f+0x2c site synci -32752(a0) words=2 asm
# expect: .text+0x003c f+0x3c site mfc0 a4, $12, 0 words=1 width=32 asm
