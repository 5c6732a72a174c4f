/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No program break: Linux puts that of a program that may lie anywhere two thirds up, in the middle of our guests' programs.
 *
 * These are glibc's own names, of brk.o and sbrk.o, which are not linked then. Whoever asks (malloc(), and the setting up of the first
 * thread) has an answer for a Host that gives none: mmap(). errno stays: the first who ask come before there is one.
 */
#include <stddef.h>
#include <stdint.h>

int __brk(void *end);
void *__sbrk(intptr_t increment);
int brk(void *end) __attribute__((alias("__brk")));
void *sbrk(intptr_t increment) __attribute__((alias("__sbrk")));

void *__curbrk = (void *)-1;	/* NULL: glibc would ask the Host itself */

int __brk(void *end)
{
	return -1;
}

void *__sbrk(intptr_t increment)
{
	return (void *)-1;
}
