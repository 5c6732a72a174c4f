// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A guest without a kernel: checks what our patches taught QEMU's core, and reports in TAP on the console.
 *
 * tests/boot/metal runs it, tests/boot/big-endian in the other byte order, with -icount, so that no time passes
 * where none should. Linked at an address of CKSEG0; core 0 only. What is expected comes from what the instructions
 * are said to do, not from the code that executes them.
 */
#include <stdbool.h>
#include <stdint.h>

#define REGISTER(pa)	((volatile uint64_t *)(0x8000000000000000ull | (pa)))
#define UART_SCR	REGISTER(0x0001180000000838ull)
#define UART_THR	REGISTER(0x0001180000000840ull)
#define DISPLAY		((volatile uint8_t *)REGISTER(0x000100001d020000ull))
#define CVMSEG		((volatile uint64_t *)0xffffffffffff8000ull)

#define READ(name, sel) ({ uint64_t v_; asm volatile("dmfc0 %0, $" #name ", " #sel : "=r"(v_)); v_; })
#define WRITE(name, sel, value) asm volatile("dmtc0 %z0, $" #name ", " #sel "\n\tehb" : : "Jr"((uint64_t)(value)))
#define COUNT()		((uint32_t)READ(9, 0))
#define TIMER_PENDING()	(READ(13, 0) >> 30 & 1)

/* Where byte `n` of significance lies in an aligned doubleword. */
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define BYTE(n)		(7 - (n))
#else
#define BYTE(n)		(n)
#endif

static unsigned number;

asm(".globl _start\n_start:\n"
    "	mfc0	$8, $12\n"
    "	ori	$8, 0xe0\n"			/* KX: XKPHYS; SX, UX */
    "	mtc0	$8, $12\n"
    "	ehb\n"
    "	dla	$29, stack + 4096\n"
    "	j	main\n");

uint64_t stack[512];

static void put(const char *text)
{
	for (; *text; text++)
		*UART_THR = *text;
}

static void put_number(unsigned n)
{
	char digits[3] = { '0' + n / 10, '0' + n % 10, 0 };

	put(digits);
}

static void ok(const char *name, bool good)
{
	put(good ? "ok " : "not ok ");
	put_number(++number);
	put(" - core: ");
	put(name);
	put("\n");
}

static void arithmetic(void)
{
	uint64_t a = 0x1234, r = 99, z = 99;

	asm volatile("baddu %0, %1, $0" : "=r"(r) : "r"(a));
	ok("baddu with $zero", r == 0x34);
	asm volatile("dmul %0, %1, $0" : "=r"(z) : "r"(a));
	ok("dmul with $zero", z == 0);
	asm volatile("baddu $0, %1, %1\n\tmove %0, $0" : "=r"(r) : "r"(a));
	ok("baddu to $zero", r == 0);
}

static void load_multiplier(uint64_t m0, uint64_t m1, uint64_t m2, uint64_t p0, uint64_t p1, uint64_t p2)
{
	asm volatile("mtm0 %0\n\tmtm1 %1\n\tmtm2 %2\n\tmtp0 %3\n\tmtp1 %4\n\tmtp2 %5"
		     : : "r"(m0), "r"(m1), "r"(m2), "r"(p0), "r"(p1), "r"(p2));
}

static uint64_t v3mulu(uint64_t rs, uint64_t rt)
{
	uint64_t r;

	asm volatile("v3mulu %0, %1, %2" : "=r"(r) : "r"(rs), "r"(rt));
	return r;
}

static void multiplier(void)
{
	uint64_t all = ~0ull, r;

	/* (2^192 - 1) * (2^64 - 1) + (2^192 - 1) + (2^64 - 1) = 2^256 - 1 */
	load_multiplier(all, all, all, all, all, all);
	ok("v3mulu of the largest numbers", v3mulu(all, all) == all && v3mulu(0, 0) == all && v3mulu(0, 0) == all &&
	   v3mulu(0, 0) == all && v3mulu(0, 0) == 0);
	/* 2^64 * 3 + 5 with a partial product of 7 * 2^64: the low word, then the rest. */
	load_multiplier(0, 1, 0, 0, 7, 0);
	ok("v3mulu carries from word to word", v3mulu(3, 5) == 5 && v3mulu(0, 0) == 10 && v3mulu(0, 0) == 0);
	load_multiplier(all, 0, 0, all, 0, 0);
	asm volatile("vmulu %0, %1, %2" : "=r"(r) : "r"(all), "r"(all));
	/* (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1 */
	ok("vmulu", r == all && v3mulu(0, 0) == all);
	load_multiplier(6, 0, 0, 3, 9, 9);
	asm volatile("vmm0 %0, %1, %2" : "=r"(r) : "r"(7ull), "r"(2ull));
	ok("vmm0 moves to MPL0 and clears P", r == 47 && v3mulu(1, 0) == 47 && v3mulu(0, 0) == 0);
	load_multiplier(0, 0, 0, 1, 2, 3);
	asm volatile("mtm0 $0");
	ok("mtm0 clears P", v3mulu(0, 0) == 0 && v3mulu(0, 0) == 0 && v3mulu(0, 0) == 0);
}

static void memory(void)
{
	static uint64_t area[1024] __attribute__((aligned(4096)));
	char *edge = (char *)area + 4096 - 3, *low_half = (char *)area + BYTE(0) / 4 * 4;
	uint64_t r;

	area[0] = 0xffffffff00000001ull;
	asm volatile(".set push\n\t.set arch=octeon+\n\tsaa %0, (%1)\n\t.set pop" : : "r"(0xffffffffull), "r"(low_half) : "memory");
	ok("saa adds 32 bits and carries nowhere", area[0] == 0xffffffff00000000ull);
	asm volatile(".set push\n\t.set arch=octeon+\n\tsaad %0, (%1)\n\t.set pop" : : "r"(0x100000000ull), "r"(area) : "memory");
	ok("saad adds 64 bits", area[0] == 0);
	asm volatile("sd %1, (%2)\n\tld %0, (%2)" : "=r"(r) : "r"(0x0102030405060708ull), "r"(edge) : "memory");
	ok("sd and ld across pages, unaligned", r == 0x0102030405060708ull && edge[BYTE(0)] == 8 && edge[BYTE(7)] == 1);
	asm volatile("sw %1, (%2)\n\tlwu %0, (%2)" : "=r"(r) : "r"(0xf1f2f3f4ull), "r"(edge + 1) : "memory");
	ok("sw and lwu across pages, unaligned", r == 0xf1f2f3f4 && edge[1 + BYTE(0) % 4] == (char)0xf4);
	WRITE(11, 7, READ(11, 7) | 0x100 | 54);
	CVMSEG[0] = 11;
	CVMSEG[54 * 16 - 1] = 22;
	ok("CVMSEG", CVMSEG[0] == 11 && CVMSEG[54 * 16 - 1] == 22);
}

static void time(void)
{
	uint64_t first, second, third;
	uint32_t count;

	WRITE(9, 6, 0x100000000ull);
	first = READ(9, 6);
	asm volatile("rdhwr %0, $31" : "=r"(second));
	third = READ(9, 6);
	ok("CvmCount counts, in 64 bits", first >= 0x100000000ull && first <= second && second <= third &&
	   third < 0x100100000ull);
	/* Compare is Count: the timer is a turn of the counter away. */
	asm volatile("mfc0 %0, $9\n\tmtc0 %0, $11\n\tehb" : "=r"(count));
	ok("Compare equal to Count is not yet an interrupt", !TIMER_PENDING());
	count = COUNT() + 10000;
	WRITE(11, 0, (int32_t)count);
	while ((int32_t)(COUNT() - count) < -100)
		if (TIMER_PENDING())
			break;
	ok("no timer interrupt before its time", !TIMER_PENDING());
	while ((int32_t)(COUNT() - count) <= 100)
		;
	ok("a timer interrupt at its time", TIMER_PENDING());
	WRITE(11, 0, (int32_t)(COUNT() - 1));
	ok("writing Compare acknowledges it", !TIMER_PENDING());
}

/* A narrow access moves those bytes of a register that memory would have there. */
static void lanes(void)
{
	volatile uint8_t *bytes = (volatile uint8_t *)UART_SCR;

	bytes[BYTE(0)] = 0x5a;
	ok("a register by its bytes", *UART_SCR == 0x5a && bytes[BYTE(0)] == 0x5a && bytes[BYTE(1)] == 0);
}

/* Where a TLB refill goes: counts it in k1 and skips the instruction. */
asm("refill:\n"
    "	daddiu	$27, 1\n"
    "	dmfc0	$26, $14\n"
    "	daddiu	$26, 4\n"
    "	dmtc0	$26, $14\n"
    "	ehb\n"
    "	eret\n"
    "refill_end:\n");
extern const uint32_t refill[], refill_end[];

static uint64_t misses(uint64_t address)
{
	uint64_t n;

	asm volatile("move $27, $0\n\tlb $0, (%1)\n\tmove %0, $27" : "=r"(n) : "r"(address));
	return n;
}

static void map(uint64_t address)
{
	WRITE(10, 0, address);
	WRITE(2, 0, 0x16);	/* physical address 0, valid and to be written */
	WRITE(3, 0, 0x16);
	asm volatile("tlbwr\n\tehb");
}

/* An entry that tlbwr replaces is gone at once: with -icount what a program costs hangs on it. */
static void replacement(void)
{
	uint32_t *vector = (uint32_t *)0xffffffff80000080;
	const uint64_t pages[] = { 0x10000, 0x20000, 0x30000 };

	for (int i = 0; i < refill_end - refill; i++)
		vector[i] = refill[i];
	asm volatile("synci (%0)" : : "r"(vector));
	WRITE(5, 0, 0);
	WRITE(6, 0, 62);	/* leaves two entries of 64, and none is replaced twice in a row */
	ok("no TLB entry, a refill", misses(pages[0]) == 1);
	for (int i = 0; i < 3; i++)
		map(pages[i]);
	ok("TLB entries that were not replaced", misses(pages[1]) == 0 && misses(pages[2]) == 0);
	ok("a TLB entry that was", misses(pages[0]) == 1);
}

static void identity(void)
{
	ok("PRId and the vector of the timer", (uint32_t)READ(15, 0) == 0x000d0409 && READ(12, 1) >> 29 << 61 >> 61 == 7);
	WRITE(10, 0, ~0ull);
	ok("virtual addresses of 49 bits", READ(10, 0) >> 13 << 13 == 0xc001ffffffffe000ull);
}

void main(void)
{
	arithmetic();
	multiplier();
	memory();
	lanes();
	time();
	replacement();
	identity();
	put("1..");
	put_number(number);
	put("\n");
	for (int i = 0; i < 8; i++)		/* the first character is the uppermost byte */
		DISPLAY[BYTE(7 - i)] = "PowerOff"[i];
	for (;;)
		;
}
