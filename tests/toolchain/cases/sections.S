# SPDX-License-Identifier: GPL-2.0-or-later
#
# Sites in sections of any name, in subsections, and across .pushsection and .previous of the source.

	.section .init.text, "ax"
	.globl	f
f:	mfc0	$8, $12
	.pushsection "odd name", "ax"
	di
	.popsection
	.section .text.hot, "ax"
	ei
	.previous
	mtc0	$8, $12
	.subsection 1
	tlbr
	.previous
	eret

# expect: .init.text+0x0000 f+0x0 site mfc0 a4, $12, 0 words=1 width=32 block-start asm
# expect: .init.text+0x0004 f+0x4 site mtc0 a4, $12, 0 words=1 width=32 asm
# expect: .init.text+0x0008 f+0x8 site eret words=2 asm
# expect: .init.text+0x0010 f+0x10 site tlbr words=2 asm
# expect: odd name+0x0000 odd name site di zero words=2 width=32 block-start asm
# expect: .text.hot+0x0000 .text.hot site ei zero words=2 width=32 block-start asm
