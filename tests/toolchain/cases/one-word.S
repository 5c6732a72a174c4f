# SPDX-License-Identifier: GPL-2.0-or-later
#
# Moves of the registers of abi/one-word.def have no NOP, however the operands come; another register, another select,
# a width that is not the register's, or a spelling that we do not know have one. k0 and k1 are never padded.

	.macro	from reg, sel=0
	mfc0	$8, \reg, \sel
	.endm

#define CP0_STATUS $12

	.set	noreorder
	.text
	.globl	f
	.ent	f
f:	mfc0	$8, CP0_STATUS
	mfc0	$8 , $12 , 0
	from	$12
	from	$4, 2
	dmtc0	$8, $14
	mtc0	$8, $12
	dmfc0	$8, $2			# EntryLo0, whose writes alone are
	mfc0	$8, $12, 1		# IntCtl
	from	$4, 3
	mfc0	$8, $13			# Cause
	mtc0	$8, $14			# half of EPC
	mtc0	$8, $8			# BadVAddr, which is read only
	mfc0	$8, $12, 1 - 1
	nop
	mfc0	$26, $13
	mtc0	$k1, $11
	.end	f

# expect: .text+0x0000 f+0x0 site mfc0 a4, $12, 0 words=1 width=32 block-start asm
# expect: .text+0x0000 f+0x0 kregion end=+0x5c (23 words) first=40086000 block-start
# expect: .text+0x0004 f+0x4 site mfc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x0008 f+0x8 site mfc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x000c f+0xc site mfc0 a4, $4, 2 words=1 width=32 asm
# expect: .text+0x0010 f+0x10 site dmtc0 a4, $14, 0 words=1 width=64 asm
# expect: .text+0x0014 f+0x14 site mtc0 a4, $12, 0 words=1 width=32 asm
# expect: .text+0x0018 f+0x18 site dmfc0 a4, $2, 0 words=2 width=64 asm
# expect: .text+0x0020 f+0x20 site mfc0 a4, $12, 1 words=2 width=32 asm
# expect: .text+0x0028 f+0x28 site mfc0 a4, $4, 3 words=2 width=32 asm
# expect: .text+0x0030 f+0x30 site mfc0 a4, $13, 0 words=2 width=32 asm
# expect: .text+0x0038 f+0x38 site mtc0 a4, $14, 0 words=2 width=32 asm
# expect: .text+0x0040 f+0x40 site mtc0 a4, $8, 0 words=2 width=32 asm
# expect: .text+0x0048 f+0x48 site mfc0 a4, $12, 0 words=2 width=32 asm
# expect: .text+0x0054 f+0x54 site mfc0 k0, $13, 0 words=1 width=32 asm
# expect: .text+0x0058 f+0x58 site mtc0 k1, $11, 0 words=1 width=32 asm
