// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Loads and stores that the compiler has marked because they may reach a device (afterburner/linux.sensitive): of every
 * width, from registers of the board, and from memory, where only a burnt one comes to the Wedge.
 */
#include <stdint.h>

#include "guests/tiny/tiny.h"

#define BLOCK(name, number) asm volatile(".globl " name "\n" name ":\n\tmtc0 %0, $31" : : "r"(number))

static inline uint64_t readq(const volatile void *p) { return *(const volatile uint64_t *)p; }
static inline uint32_t readl(const volatile void *p) { return *(const volatile uint32_t *)p; }
static inline uint16_t readw(const volatile void *p) { return *(const volatile uint16_t *)p; }
static inline uint8_t readb(const volatile void *p) { return *(const volatile uint8_t *)p; }
static inline void writeq(uint64_t v, volatile void *p) { *(volatile uint64_t *)p = v; }
static inline void writel(uint32_t v, volatile void *p) { *(volatile uint32_t *)p = v; }
static inline void writew(uint16_t v, volatile void *p) { *(volatile uint16_t *)p = v; }
static inline void writeb(uint8_t v, volatile void *p) { *(volatile uint8_t *)p = v; }

static uint64_t memory[4];

/* The same marked instruction for a device and for memory, so that its address decides. */
static __attribute__((noinline)) void show(uint64_t value, volatile void *where)
{
	for (int shift = 60; shift >= 0; shift -= 4)
		writeq("0123456789abcdef"[value >> shift & 15], where);
	writeq('\n', where);
}

static __attribute__((noinline)) uint64_t get(const volatile void *p)
{
	return readq(p);
}

static void in_memory(volatile uint8_t *p)
{
	writeq(0x0123456789abcdef, p);
	writel(0xfedcba98, p + 8);
	writew(0x7654, p + 12);
	writeb(0x32, p + 15);
	show(get(p), (void *)UART_THR);
	show(readl(p + 8), (void *)UART_THR);
	show(readw(p + 12) + readb(p + 15), (void *)UART_THR);
	show(get(p + 8), p + 16);
	show(get(p + 16), (void *)UART_THR);
}

static void in_registers(void)
{
	writeq(0, (void *)CIU_EN0);
	show(get((void *)CIU_EN0), (void *)UART_THR);
	writeq(3, (void *)CIU_MBOX_SET0);
	show(get((void *)CIU_MBOX_SET0), (void *)UART_THR);
	show(get((void *)CIU_SUM0), (void *)UART_THR);
	writeq(3, (void *)CIU_MBOX_CLR0);
	show(get((void *)CIU_SUM0), (void *)UART_THR);
	show(get((void *)UART_LSR), (void *)UART_THR);
}

void main(void)
{
	BLOCK("block_memory", 1);
	in_memory((uint8_t *)memory);
	BLOCK("block_registers", 2);
	in_registers();
}
