/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dead registers: $at always, unless the template names it; neither what is live behind the asm nor its
 * operands, nor what its text names. Argument registers are
 * never handed out: callers may keep values there.
 */
long g(long, long, long, long, long, long, long, long);

long all_arguments_live(long a, long b, long c, long d, long e, long f, long x, long y)
{
	__asm__ volatile("di\n\tehb" ::: "memory");
	return g(a, b, c, d, e, f, x, y);
}

/* As the kernel writes arch_local_irq_restore: $1 by name, one register in and out. */
void names_at(unsigned long flags)
{
	__asm__ volatile(
	".set	push\n\t"
	".set	noreorder\n\t"
	".set	noat\n\t"
	"mfc0	$1, $12\n\t"
	"ins	$1, %[flags], 0, 1\n\t"
	"mtc0	$1, $12\n\t"
	".set	pop"
	: [flags] "=r" (flags) : "0" (flags) : "memory");
}

/* The input may be read again behind the site, and the clobber may hold something between the two. */
void operands(long value)
{
	__asm__ volatile("mtc0 %0, $9\n\tmtc0 %0, $11" :: "r" (value) : "$2");
}

/*
 * expect: .text+0x0000 all_arguments_live+0x0 site di zero words=2 width=32 dead=at,v0,v1,t0,t1,t2,t3,t8,t9 block-start
 * expect: .text+0x0010 names_at+0x0 site mfc0 at, $12, 0 words=1 width=32 dead=v0,v1,t1,t2,t3,t8,t9 block-start
 * expect: .text+0x0018 names_at+0x8 site mtc0 at, $12, 0 words=1 width=32 dead=v0,v1,t1,t2,t3,t8,t9
 * expect: .text+0x0028 operands+0x0 site mtc0 a0, $9, 0 words=2 width=32 dead=at,v1,t0,t1,t2,t3,t8,t9 block-start
 * expect: .text+0x0030 operands+0x8 site mtc0 a0, $11, 0 words=2 width=32 dead=at,v1,t0,t1,t2,t3,t8,t9
 */
