/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A program for uprobes: functions that begin with instructions of several kinds, called by two threads at once. What it prints is
 * the same with probes in it.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

long branch_first(long n);
__asm__(".text\n\t.set push\n\t.set noreorder\n\t.align 3\n\t.globl branch_first\n\t.type branch_first, @function\n"
	"branch_first:\n\tbeqz $4, 1f\n\t daddiu $2, $4, 1\n\tjr $31\n\t nop\n1:\tjr $31\n\t li $2, 7\n\t"
	".size branch_first, . - branch_first\n\t.set pop");

__attribute__((noinline)) long leaf(long n)
{
	__asm__ volatile("");
	return 3 * n + 1;
}

__attribute__((noinline)) long rabbits(long n)
{
	return n < 2 ? n : rabbits(n - 1) + rabbits(n - 2);
}

static int turns;

static void *run(void *result)
{
	long sum = 0;

	for (int i = 0; i < turns; i++)
		sum += leaf(i) + branch_first(i % 3) + rabbits(i % 10);
	*(long *)result = sum;
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_t other;
	long here = 0, there = 0;

	turns = argc > 1 ? atoi(argv[1]) : 100;
	if (pthread_create(&other, NULL, run, &there))
		return 1;
	run(&here);
	pthread_join(other, NULL);
	printf("%ld %ld\n", here, there);
	return 0;
}
