# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same mnemonic many times, in macros of the source, in repeats, several on a line, with comments, with
# register names in every spelling, and with operands that gas's scrubber likes to damage.

	.macro	both from, to
	mfc0	\from, $12
	mtc0	\from, \to
	.endm

	.macro	nested from
	both	\from, $12
	both	\from, $13
	.endm

#define t0 $12			/* as the kernel's regdef.h */

	.text
	.globl	f
	.ent	f
f:	nested	$8
	.rept	2
	mfc0	$9, $13, 1	# a comment
	.endr
	.irp	r, $10, t0, $t1
	dmfc0	\r, $14
	.endr
	di; ei; di $8
	cache	(0x01 | 0x14), ($4)
	cache	0x15, 16 - 4 ($5)
	MFC0	$2, $12
	.end	f

# expect: .text+0x0000 f+0x0 site mfc0 a4, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x0004 f+0x4 site mtc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x0008 f+0x8 site mfc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x000c f+0xc site mtc0 a4, $13, 0 words=2 width=32 asm
# expect: .text+0x0014 f+0x14 site mfc0 a5, $13, 1 words=2 width=32 asm
# expect: .text+0x001c f+0x1c site mfc0 a5, $13, 1 words=2 width=32 asm
# expect: .text+0x0024 f+0x24 site dmfc0 a6, $14, 0 words=1 width=64 asm
# expect: .text+0x0028 f+0x28 site dmfc0 t0, $14, 0 words=1 width=64 asm
# expect: .text+0x002c f+0x2c site dmfc0 t1, $14, 0 words=1 width=64 asm
# expect: .text+0x0030 f+0x30 site di zero words=2 width=32 asm
# expect: .text+0x0038 f+0x38 site ei zero words=2 width=32 asm
# expect: .text+0x0040 f+0x40 site di a4 words=2 width=32 asm
# expect: .text+0x0048 f+0x48 site cache 0x15, 0(a0) words=2 asm
# expect: .text+0x0050 f+0x50 site cache 0x15, 12(a1) words=2 asm
# expect: .text+0x0058 f+0x58 site mfc0 v0, $12, 0 words=1 width=32 asm
