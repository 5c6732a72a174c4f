// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The registers of coprocessor 0, from compiled code: which bits stick, what is found after a write, and the CPU's
 * own description of itself but for Config1: a Host may have an FPU, metal has none. In C, so that the plugin's dead registers and inline sites are in it.
 */
#include <stdint.h>

#include "guests/tiny/tiny.h"

#define READ32(reg) ({ uint64_t v_; asm volatile("mfc0 %0, " reg : "=r"(v_)); v_; })
#define READ64(reg) ({ uint64_t v_; asm volatile("dmfc0 %0, " reg : "=r"(v_)); v_; })
#define WRITE32(reg, value) asm volatile("mtc0 %z0, " reg "\n\tehb" : : "Jr"((uint64_t)(value)))
#define WRITE64(reg, value) asm volatile("dmtc0 %z0, " reg "\n\tehb" : : "Jr"((uint64_t)(value)))
#define BLOCK(name, number) asm volatile(".globl " name "\n" name ":\n\tmtc0 %0, $31" : : "r"(number))

static void put(char c)
{
	*(volatile uint64_t *)UART_THR = c;
}

static void show(const char *name, uint64_t value)
{
	while (*name)
		put(*name++);
	put(' ');
	for (int shift = 60; shift >= 0; shift -= 4)
		put("0123456789abcdef"[value >> shift & 15]);
	put('\n');
}

static void identity(void)
{
	show("PRId", READ32("$15"));
	show("Config", READ32("$16"));
	show("Config2", READ32("$16, 2"));
	show("Config3", READ32("$16, 3"));
	show("IntCtl", READ32("$12, 1"));
	show("SRSCtl", READ32("$12, 2"));
	show("HWREna", READ32("$7"));
	show("Wired", READ32("$6"));
}

static void which_bits_stick(void)
{
	WRITE32("$0", 63);
	show("Index", READ32("$0") & 0x3f);
	WRITE32("$5", -1);
	show("PageMask", READ32("$5"));
	WRITE32("$5", 0);
	WRITE32("$6", 5);
	show("Wired", READ32("$6"));
	WRITE32("$6", 0);
	WRITE32("$7", -1);
	show("HWREna", READ32("$7"));
	WRITE32("$7", 0);
	WRITE64("$10", -1);
	show("EntryHi", READ64("$10"));
	WRITE64("$10", 0);
	WRITE64("$4", -1);
	show("Context", READ64("$4"));
	WRITE64("$4", 0);
	WRITE64("$20", -1);
	show("XContext", READ64("$20"));
	WRITE64("$20", 0);
	WRITE32("$13", -1);
	show("Cause", READ32("$13"));
	WRITE32("$13", CAUSE_IV);
	WRITE32("$5, 1", -1);
	show("PageGrain", READ32("$5, 1"));
	WRITE32("$5, 1", 0);
	WRITE64("$8", -1);
	show("BadVAddr", READ64("$8"));
	WRITE32("$5, 1", 0xc0000000);		/* RIE and XIE: RI and XI exist */
	WRITE64("$2", -1);
	show("EntryLo0", READ64("$2"));
	WRITE64("$2", 0);
	WRITE64("$3", -1);
	show("EntryLo1", READ64("$3"));
	WRITE64("$3", 0);
	WRITE32("$5, 1", 0);
}

/* Watch registers and performance counters, which Config1 has not, and DESAVE, which has 64 bits. */
static void not_there(void)
{
	WRITE64("$18", -1);
	show("WatchLo0", READ64("$18"));
	WRITE32("$19", 0x40ff0ff8);
	show("WatchHi0", READ32("$19"));
	WRITE64("$18, 1", -1);
	show("WatchLo1", READ64("$18, 1"));
	show("WatchHi1", READ32("$19, 1"));
	WRITE32("$25", -1);
	show("PerfCtl0", READ32("$25"));
	WRITE64("$25, 1", -1);
	show("PerfCnt0", READ64("$25, 1"));
	WRITE32("$25, 2", -1);
	show("PerfCtl1", READ32("$25, 2"));
	show("PerfCnt1", READ64("$25, 3"));
	WRITE64("$31", 0x123456789abcdef0);
	show("DESAVE", READ64("$31"));
	show("DESAVE", READ32("$31"));
}

static void words_and_doublewords(void)
{
	uint64_t big = 0x123456789abcdef0;

	WRITE64("$14", big);
	show("EPC", READ64("$14"));
	show("EPC", READ32("$14"));
	WRITE64("$30", ~big);
	show("ErrorEPC", READ64("$30"));
	WRITE64("$4, 2", big);
	show("UserLocal", READ64("$4, 2"));
	WRITE32("$11", big);
	show("Compare", READ32("$11"));
	show("Compare", READ64("$11"));
}

static void status(void)
{
	uint64_t before = READ32("$12"), old;

	show("Status", before);
	for (unsigned bit = 8; bit < 16; bit++) {
		WRITE32("$12", before | 1u << bit);
		show("Status", READ32("$12"));
	}
	WRITE32("$12", before | ST_BEV);
	show("Status", READ32("$12"));
	WRITE32("$12", before);
	asm volatile("di %0\n\tehb" : "=r"(old));
	show("di", old);
	asm volatile("ei %0\n\tehb" : "=r"(old));
	show("ei", old);
	asm volatile("di %0\n\tehb" : "=r"(old));
	show("di", old);
}

void main(void)
{
	BLOCK("block_identity", 1);
	identity();
	BLOCK("block_bits", 2);
	which_bits_stick();
	BLOCK("block_words", 3);
	words_and_doublewords();
	BLOCK("block_status", 4);
	status();
	BLOCK("block_not_there", 5);
	not_there();
}
