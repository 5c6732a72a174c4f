/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every form of asm survives: at top level, basic, with outputs in both directions, asm goto, in a loop, and
 * inlined many times, where branches over many sites must still reach.
 */
__asm__(".text\n\t.globl top\ntop:\tmfc0 $8, $12\n\tjr $31");

void basic(void)
{
	__asm__("ei");
}

int asm_goto(int x)
{
	__asm__ goto("mtc0 %0, $12\n\tbnez %0, %l[out]" :: "r" (x) :: out);
	return 1;
out:
	return 2;
}

int two_outputs(void)
{
	int a, b;

	__asm__ volatile("mfc0 %0, $12\n\tmfc0 %1, $13" : "=&r" (a), "=r" (b));
	return a + b;
}

/*
 * expect: .text+0x0000 top+0x0 site mfc0 a4, $12, 0 words=1 width=32 block-start
 * expect: .text+0x0010 basic+0x0 site ei zero words=2 width=32 dead=at,v0,v1,t0,t1,t2,t3,t8,t9 block-start
 * expect: .text+0x0020 asm_goto+0x0 site mtc0 a0, $12, 0 words=1 width=32 dead=at,v0,v1,t1,t2,t3,t8,t9 block-start
 * expect: .text+0x0040 two_outputs+0x0 site mfc0 v0, $12, 0 words=1 width=32 dead=at,t2,t3,t8,t9 block-start
 * expect: .text+0x0044 two_outputs+0x4 site mfc0 v1, $13, 0 words=2 width=32 dead=at,t2,t3,t8,t9
 */
