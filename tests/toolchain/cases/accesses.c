/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Loads and stores that reach devices, by the names that afterburner/linux.sensitive knows: found where they were
 * inlined, through two functions and in a loop, with each width; never in a delay slot; other volatile
 * accesses are nobody's business.
 */
typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef unsigned char u8;

static inline u64 cvmx_read64_uint64(u64 address) { return *(volatile u64 *)address; }
static inline void cvmx_write64_uint64(u64 address, u64 value) { *(volatile u64 *)address = value; }
static inline u64 cvmx_read_csr(u64 address) { return cvmx_read64_uint64(address); }
static inline void cvmx_write_csr(u64 address, u64 value)
{
	cvmx_write64_uint64(address, value);
	if (address >> 40 == 0x800118)
		cvmx_read64_uint64(0x8001180000000000);
}
static inline u8 __raw_readb(const volatile void *p) { return *(const volatile u8 *)p; }
static inline u16 readw(const volatile void *p) { return *(const volatile u16 *)p; }
static inline u32 readl(const volatile void *p) { return *(const volatile u32 *)p; }
static inline void writel(u32 value, volatile void *p) { *(volatile u32 *)p = value; }

void put(int c)
{
	while (!(cvmx_read_csr(0x8001180000000828) & 0x20))
		;
	cvmx_write_csr(0x8001180000000840, c);
}

/* The address in the instruction is the one that GCC would have taken. */
int status(char *base)
{
	return __raw_readb(base + 5) + readw(base + 6);
}

long sign(char *base)
{
	writel(0, base);
	return (int)readl(base + 0x7ffc);
}

u64 no_sign(char *base)
{
	return readl(base);
}

/* A plain volatile access may stay in the delay slot. */
void other(volatile u32 *p)
{
	*p = 1;
}

/*
 * expect: .text+0x0010 put+0x10 access ld v0, 2088(v1) words=2 width=64 block-start
 * expect: .text+0x0020 put+0x20 access sd a0, 2112(v1) words=2 width=64
 * expect: .text+0x0028 put+0x28 access ld v0, 0(v1) words=2 width=64
 * expect: .text+0x0038 status+0x0 access lbu v0, 5(a0) words=2 width=8 block-start
 * expect: .text+0x0040 status+0x8 access lhu v1, 6(a0) words=2 width=16
 * expect: .text+0x0058 sign+0x0 access sw zero, 0(a0) words=2 width=32 block-start
 * expect: .text+0x0060 sign+0x8 access lw v0, 32764(a0) words=2 width=32
 * expect: .text+0x0070 no_sign+0x0 access lw v0, 0(a0) words=2 width=32 block-start
 */
