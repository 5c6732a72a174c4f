/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Random numbers and random integer instructions, for the random user programs (guests/programs/random.c) and the random
 * kernels (tests/random/kernel.c). All of it follows from `random_state`.
 *
 * Whoever includes this has defined
 *
 *	RANDOM_WIDE_REGISTERS	registers that may be written and hold any 64 bits, a list
 *	RANDOM_OTHER_SOURCE	an expression: a register that may be read, besides those and the word registers
 *
 * Nothing here is unpredictable by the manual.
 */
#ifndef GUESTS_RANDOM_INSTRUCTIONS_H
#define GUESTS_RANDOM_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* splitmix64: any two seeds give sequences that have nothing to do with each other. */
static uint64_t random_state;

static uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static int pick(unsigned int n)
{
	return (random64() >> 32) % n;
}

#define ONE_OF(list)	((list)[pick(sizeof(list) / sizeof((list)[0]))])

/* Values near the edges of what instructions compute with. */
static uint64_t random_value(void)
{
	static const uint64_t edges[] = {
		0, 1, -1, 0x7fffffff, 0xffffffff80000000, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0x8000000000000000,
		0xffffffff00000000, 0x0101010101010101, 0x8080808080808080,
	};

	switch (pick(4)) {
	case 0: return ONE_OF(edges);
	case 1: return (int32_t)random64();
	case 2: return (int16_t)random64();
	default: return random64();
	}
}

static uint32_t special(int rs, int rt, int rd, int sa, int function)
{
	return rs << 21 | rt << 16 | rd << 11 | sa << 6 | function;
}

static uint32_t immediate(int opcode, int rs, int rt, int value)
{
	return (uint32_t)opcode << 26 | rs << 21 | rt << 16 | (value & 0xffff);
}

/*
 * Registers 8 to 15 hold sign-extended words, as instructions for words need them: with anything else what they do is
 * unpredictable. What may be more than a word goes to the others.
 */
static int word_register(void)
{
	return 8 + pick(8);
}

static int wide_register(void)
{
	static const unsigned char registers[] = { RANDOM_WIDE_REGISTERS };

	return ONE_OF(registers);
}

static int any(void)
{
	return pick(2) ? word_register() : wide_register();
}

/* One that may be read. */
static int source(void)
{
	return pick(12) ? any() : RANDOM_OTHER_SOURCE;
}

static int word_source(void)
{
	return pick(12) ? word_register() : 0;
}

static uint32_t special2(int rs, int rt, int rd, int sa, int function)
{
	return 0x1cU << 26 | special(rs, rt, rd, sa, function);
}

static uint32_t special3(int rs, int rt, int rd, int sa, int function)
{
	return 0x1fU << 26 | special(rs, rt, rd, sa, function);
}

/* Of words. */
static uint32_t integer_32(void)
{
	static const unsigned char three[] = { 0x20, 0x21, 0x22, 0x23, 0x04, 0x06, 0x07 };	/* add ... subu, sllv ... */
	static const unsigned char accumulate[] = { 0x00, 0x01, 0x04, 0x05 };			/* madd, maddu, msub, msubu */
	int rs = word_source(), rt = word_source(), rd = any(), position = pick(32), size = 1 + pick(32 - position);

	switch (pick(11)) {
	case 0: case 1: return special(rs, rt, rd, 0, ONE_OF(three));
	case 2: return special(0, rt, rd, pick(32), pick(3) ? 2 + pick(2) : 0);		/* srl, sra, sll */
	case 3: return immediate(0x08 + pick(2), rs, rd, random64());				/* addi, addiu */
	case 4: return special(rs, rt, 0, 0, 0x18 + pick(2));					/* mult, multu */
	case 5: return special2(rs, rt, 0, 0, ONE_OF(accumulate));
	case 6: return special2(rs, rt, rd, 0, 0x02);						/* mul */
	case 7: return special2(rs, rd, rd, 0, 0x20 + pick(2));				/* clz, clo */
	case 8: return pick(2) ? special(1, rt, rd, pick(32), 0x02) : special(rs, rt, rd, 1, 0x06);	/* rotr, rotrv */
	case 9: return pick(2) ? special3(rs, rd, size - 1, position, 0x00) :		/* ext */
		special3(rs, word_register(), position + size - 1, position, 0x04);		/* ins */
	default: return special3(0, rt, rd, pick(2) ? 0x02 : pick(2) ? 0x10 : 0x18, 0x20);	/* wsbh, seb, seh */
	}
}

static uint32_t integer_64(void)
{
	static const unsigned char three[] = {
		0x24, 0x25, 0x26, 0x27, 0x2c, 0x2d, 0x2e, 0x2f,				/* and or xor nor, dadd ... dsubu */
		0x14, 0x16, 0x17, 0x0a, 0x0b,							/* dsllv ... dsrav, movz, movn */
	};
	static const unsigned char shifts[] = { 0x38, 0x3a, 0x3b, 0x3c, 0x3e, 0x3f };
	static const unsigned char with_immediate[] = { 0x0d, 0x0e, 0x18, 0x19 };
	int rs = source(), rt = source(), rd = wide_register(), position = pick(32), size = 1 + pick(32 - position);

	switch (pick(12)) {
	case 0: case 1: return special(rs, rt, rd, 0, ONE_OF(three));
	case 2: return special(0, rt, rd, pick(32), ONE_OF(shifts));
	case 3: return immediate(ONE_OF(with_immediate), rs, rd, random64());
	case 4: return special(rs, rt, 0, 0, 0x1c + pick(2));					/* dmult, dmultu */
	case 5: return pick(2) ? special(0, 0, rd, 0, 0x10 + 2 * pick(2)) :			/* mfhi, mflo */
		special(rs, 0, 0, 0, 0x11 + 2 * pick(2));					/* mthi, mtlo */
	case 6: return special2(rs, rd, rd, 0, 0x24 + pick(2));				/* dclz, dclo */
	case 7: return pick(2) ? special(1, rt, rd, pick(32), 0x3a + 4 * pick(2)) : special(rs, rt, rd, 1, 0x16);	/* drotr */
	case 8: return special3(rs, rd, size - 1, position, pick(3) ? 0x03 : 0x01 + pick(2));	/* dext, dextm, dextu */
	case 9: return special3(rs, rd, position + size - 1, position, 0x07);			/* dins */
	case 10: return special3(0, rt, rd, pick(2) ? 0x02 : 0x05, 0x24);			/* dsbh, dshd */
	/* Results that are words whatever goes in. */
	default: return pick(2) ? special(rs, rt, any(), 0, 0x2a + pick(2)) :			/* slt, sltu */
		immediate(0x0a + pick(3), rs, any(), random64());				/* slti, sltiu, andi */
	}
}

static uint32_t integer(void)
{
	return pick(2) ? integer_32() : integer_64();
}

static uint32_t octeon(void)
{
	int rs = source(), rt = source(), position = pick(32), most = pick(32 - position);

	switch (pick(6)) {
	case 0: return special2(rs, rt, any(), 0, 0x28);					/* baddu */
	case 1: return special2(rs, rt, wide_register(), 0, 0x03);				/* dmul */
	case 2: return special2(rs, wide_register(), most, position, 0x32 + pick(2));	/* cins, cins32 */
	case 3: return special2(rs, wide_register(), most, position, 0x3a + pick(2));	/* exts, exts32 */
	case 4: return special2(rs, 0, any(), 0, 0x2c + pick(2));				/* pop, dpop */
	default: return special2(rs, rt, any(), 0, 0x2a + pick(2));				/* seq, sne */
	}
}

#endif
