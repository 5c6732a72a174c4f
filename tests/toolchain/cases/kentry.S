/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ways into a k-region behind its start: a place whose address is taken, one that has a name, one that another section
 * jumps to. Each starts a region of its own, so that native code that comes there meets a guard. A place that only
 * branches of the region lead to does not, and neither does a jump that has set k0 itself.
 */
	.set	noreorder
	.text
	.globl	f
	.ent	f
f:	lui	$26, 1			/* five words, until one is a place to jump to */
	bnez	$8, 1f
	 nop
	nop
1:	ori	$26, $26, 2		/* a branch of ours leads here */
2:	daddiu	$9, $26, 3		/* its address is taken */
	nop
	dla	$10, 2b
	jr	$10
	 nop
	lui	$27, 4
named:	move	$11, $27		/* somebody knows its name */
	lui	$27, 5
3:	move	$12, $27		/* another section jumps here */
	jr	$31
	 nop
	.end	f
	.section .elsewhere, "ax"
	j	3b
	 nop
/*
 * expect: .text+0x0000 f+0x0 kregion end=+0x14 (5 words) first=3c1a0001 block-start
 * expect: .text+0x0014 f+0x14 kregion end=+0x4 (1 words) first=67490003 block-start
 * expect: .text+0x003c f+0x3c kregion end=+0x4 (1 words) first=3c1b0004 block-start
 * expect: .text+0x0040 named+0x0 kregion end=+0x4 (1 words) first=03605825 block-start
 * expect: .text+0x0044 named+0x4 kregion end=+0x4 (1 words) first=3c1b0005
 * expect: .text+0x0048 named+0x8 kregion end=+0x4 (1 words) first=03606025 block-start
 */
