// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Writes a random tiny guest (guests/tiny/tiny.h) as assembly to standard output: kernel code for `match`, which compares
 * its states on metal with those under the Wedge in each mode.
 *
 *	kernel SEED NUMBER BODIES [wild]
 *
 * Guest n of a seed follows from both alone. It has BODIES blocks, each with a label, random instructions and, at its end, a
 * move to Compare: a call of the Wedge in every mode, by which its states come into the log of what ran natively. Sometimes
 * a loop stands between, long enough for the Wedge to leave its interpreter.
 *
 * What raises an exception goes on at s7, so that register names the place behind each such instruction. Addresses differ
 * between metal and windows; so they stay in registers of their own, which nothing is computed from: 16 to 21 and 31, and
 * 24 and 25 for what is read from CP0 registers that hold one.
 *
 * Each TLB entry has one pair of pages all the time, so that no two match. Page 2n of the mapped areas
 * is random_pages + 2n pages. Interrupts stay masked.
 *
 * Without `wild` what is known to go wrong is left out: unaligned stores across the end of a mapped page.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_WIDE_REGISTERS	2, 3, 4, 5, 6, 7, 28, 30
#define RANDOM_OTHER_SOURCE	0
#include "guests/random/instructions.h"

enum { UNMAPPED_SEGMENT = 16, XKPHYS, USER, KERNEL_MAPPED, NOT_MAPPED, NO_ADDRESS, COUNTER, RESUME, TAINTED, RA = 31 };

#define PAIRS		4	/* of pages in each mapped area: TLB entries 2 to 5 for user, 6 to 9 for kernel addresses */

static unsigned int label;
static bool wild;

static void word(uint32_t w)
{
	printf("\t.word\t0x%08x\n", w);
}

/* --- One instruction, which may raise an exception --- */

static void compute(void)
{
	word(pick(4) ? integer() : octeon());
}

/* "OPCODE rt, offset(base)"; offsets near the ends of pages as well. */
static void load_or_store(void)
{
	static const char *const loads[] = { "lb", "lbu", "lh", "lhu", "lw", "lwl", "lwr", "ll" };
	static const char *const wide_loads[] = { "ld", "lwu", "ldl", "ldr", "lld" };
	static const char *const stores[] = { "sb", "sh", "sw", "sd", "swl", "swr", "sdl", "sdr" };
	static const unsigned char bases[] = {
		UNMAPPED_SEGMENT, XKPHYS, USER, USER, USER, KERNEL_MAPPED, KERNEL_MAPPED, NOT_MAPPED, NO_ADDRESS,
	};
	int base = ONE_OF(bases), offset = pick(64) - 32, kind = pick(5);

	if (base == USER || base == KERNEL_MAPPED)
		offset += 4096 * (pick(7) + 1) - (pick(3) ? 0 : pick(4000));
	if (pick(2))
		offset &= ~7;
	if (kind < 2)
		printf("\t%s\t$%d, %d($%d)\n", ONE_OF(loads), word_register(), offset, base);
	else if (kind == 2)
		printf("\t%s\t$%d, %d($%d)\n", ONE_OF(wide_loads), wide_register(), offset, base);
	else
		printf("\t%s\t$%d, %d($%d)\n", ONE_OF(stores), pick(8) ? any() : 0, wild ? offset : offset & ~7, base);
}

static void trap(void)
{
	static const char *const traps[] = { "teq", "tne", "tge", "tgeu", "tlt", "tltu" };
	static const char *const immediate_traps[] = { "teqi", "tnei", "tgei", "tgeiu", "tlti", "tltiu" };
	/* Reserved, and of coprocessors that there are not. Not a branch with a field that should be 0: that field is ignored. */
	static const uint32_t refused[] = {
		0x0000003d, 0x00000015, 0x7000003e, 0x7c00003f, 0x044d0000, 0x42000010, 0x44080000, 0x46000000, 0xc4000000, 0x48080000,
	};

	switch (pick(4)) {
	case 0: printf("\tbreak\t%d\n", pick(8)); break;
	case 1: printf("\t%s\t$%d, $%d\n", ONE_OF(traps), source(), source()); break;
	case 2: printf("\t%s\t$%d, %d\n", ONE_OF(immediate_traps), source(), pick(65536) - 32768); break;
	default: word(ONE_OF(refused)); break;
	}
}

/* Moves of CP0 registers. Those that hold addresses are read to $24 and $25, from which nothing is computed. */
static void cp0_read(void)
{
	/* Config1 says whether there is an FPU: a Host may have one, metal has none. */
	static const char *const plain[] = {
		"CP0_INDEX", "CP0_ENTRYLO0", "CP0_ENTRYLO1", "CP0_PAGEMASK", "CP0_PAGEGRAIN", "CP0_WIRED", "CP0_HWRENA", "CP0_COMPARE",
		"CP0_STATUS", "$15", "$16", "$16, 2", "$16, 3", "CP0_DESAVE", "CP0_USERLOCAL",
	};
	/* Not EntryHi, Context and XContext: after an address error they hold anything. */
	static const char *const addresses[] = { "CP0_BADVADDR", "CP0_EPC", "CP0_EBASE", "CP0_CAUSE" };

	if (pick(2))
		printf("\t%s\t$%d, %s\n", pick(2) ? "mfc0" : "dmfc0", wide_register(), ONE_OF(plain));
	else
		printf("\t%s\t$%d, %s\n", pick(2) ? "mfc0" : "dmfc0", TAINTED + pick(2), ONE_OF(addresses));
}

static void cp0_write(void)
{
	int r = wide_register();
	const char *move = pick(2) ? "mtc0" : "dmtc0";

	switch (pick(9)) {
	case 0:
		printf("\tli\t$%d, %d\n\t%s\t$%d, CP0_INDEX\n", r, 2 + pick(2 * PAIRS), move, r);
		break;
	case 1: printf("\tli\t$%d, %d\n\t%s\t$%d, CP0_WIRED\n", r, pick(10), move, r); break;
	case 2: printf("\tli\t$%d, 0x%x\n\t%s\t$%d, CP0_ENTRYLO%d\n", r, pick(1 << 14) << 6 | pick(8), move, r, pick(2)); break;
	/* A time that does not come. */
	case 3: printf("\tli\t$%d, -%d\n\t%s\t$%d, CP0_COMPARE\n", r, 1 + pick(1000), move, r); break;
	case 4: printf("\tdmtc0\t$%d, CP0_USERLOCAL\n", r); break;
	case 5: printf("\tdmtc0\t$%d, CP0_%sEPC\n", r, pick(2) ? "ERROR" : ""); break;
	case 6: printf("\tli\t$%d, 0x%x\n\tmtc0\t$%d, CP0_HWRENA\n", r, pick(16), r); break;
	case 7: printf("\tli\t$%d, 0x%x\n\tmtc0\t$%d, CP0_CAUSE\n", r, 0x00800000, r); break;
	default: printf("\tli\t$%d, %d\n\tmtc0\t$%d, CP0_DESAVE\n", r, 1 + pick(30000), r); break;
	}
}

static void interrupts(void)
{
	static const char *const moves[] = { "di\t$%d", "ei\t$%d", "di", "ei" };
	int which = pick(4);

	putchar('\t');
	printf(moves[which], wide_register());
	putchar('\n');
}

/* --- Blocks --- */

static void resume_at(unsigned int l)
{
	printf("\tRESUME_AT L%u\n", l);
}

static void may_raise(void (*insn)(void))
{
	unsigned int l = label++;

	resume_at(l);
	insn();
	printf("L%u:\n", l);
}

static void constant(void)
{
	if (pick(2))
		printf("\tli\t$%d, %d\n", word_register(), (int32_t)random_value());
	else
		printf("\tdli\t$%d, 0x%llx\n", wide_register(), (unsigned long long)random_value());
}

/* A write to an entry, whose pair of pages is always the same. */
static void tlb_write(void)
{
	int entry = pick(2 * PAIRS), pair = entry % PAIRS, r = wide_register(), i;

	if (entry < PAIRS)
		printf("\tdli\t$24, 0x%x\n", 0x70000000 + pair * 8192 + pick(4));
	else
		printf("\tdaddiu\t$24, $%d, %d\n\tori\t$24, $24, %d\n", KERNEL_MAPPED, pair * 8192 - 0, pick(4));
	printf("\tdmtc0\t$24, CP0_ENTRYHI\n");
	for (i = 0; i < 2; i++)
		printf("\tdla\t$%d, random_pages + %d\n\tdext\t$%d, $%d, 0, 29\n\tdsrl\t$%d, $%d, 6\n\tori\t$%d, $%d, %d\n\tdmtc0\t$%d, CP0_ENTRYLO%d\n",
		       r, (pair * 2 + i) * 4096, r, r, r, r, r, r, pick(3) ? 6 + (entry >= PAIRS) : pick(8) & ~1, r, i);
	printf("\tli\t$%d, %d\n\tmtc0\t$%d, CP0_INDEX\n\tehb\n\ttlbwi\n\tehb\n", r, 2 + entry, r);
}

static void tlb_look(void)
{
	int entry = pick(2 * PAIRS), r = wide_register();

	if (pick(2)) {
		printf("\tli\t$%d, %d\n\tmtc0\t$%d, CP0_INDEX\n\tehb\n\ttlbr\n\tehb\n", r, 2 + entry, r);
		printf("\tdmfc0\t$%d, CP0_ENTRYLO%d\n\tdmfc0\t$25, CP0_ENTRYHI\n", r, pick(2));
		return;
	}
	if (entry < PAIRS)
		printf("\tdli\t$24, 0x%x\n", 0x70000000 + entry * 8192 + pick(4));
	else
		printf("\tdaddiu\t$24, $%d, %d\n", KERNEL_MAPPED, (entry - PAIRS) * 8192);
	printf("\tdmtc0\t$24, CP0_ENTRYHI\n\tehb\n\ttlbp\n\tehb\n\tmfc0\t$%d, CP0_INDEX\n", r);
}

static void slot(void)
{
	static void (*const insns[])(void) = { load_or_store, trap, cp0_read, compute };

	if (!pick(5))
		printf("\tnop\n");
	else
		ONE_OF(insns)();
}

/* What never branches has no slot in QEMU: BNE of one register, BGTZ and BLTZ of $0. */
static void branch(void)
{
	static const char *const one[] = { "blez", "bgtz", "bltz", "bgez", "blezl", "bgtzl", "bltzl", "bgezl",
		"bltzal", "bgezal", "bltzall", "bgezall" };
	static const char *const two[] = { "beq", "bne", "beql", "bnel" };
	unsigned int target = label++, after = label++;
	int r = any(), n = pick(4);

	resume_at(after);
	switch (pick(5)) {
	case 0: printf("\t%s\t$%d, L%u\n", ONE_OF(one), r, target); break;
	case 1: case 2: printf("\t%s\t$%d, $%d, L%u\n", ONE_OF(two), r, r == 2 ? 3 : 2, target); break;
	case 3: printf("\tbbit%d\t$%d, %d, L%u\n", pick(2), source(), pick(64), target); break;
	default:
		printf("\tdla\t$25, L%u\n", target);
		switch (pick(4)) {
		case 0: printf("\tjr\t$25\n"); break;
		case 1: printf("\tjalr\t$25\n"); break;
		case 2: printf("\tj\tL%u\n", target); break;
		default: printf("\tjal\tL%u\n", target); break;
		}
	}
	slot();
	printf("L%u:\n", after);
	while (n--)
		may_raise(compute);
	printf("L%u:\n", target);
}

static void loop(int turns)
{
	unsigned int top = label++, end = label++;
	int n = 1 + pick(3);

	/* What overflows ends it: at the place of whatever came before, it would begin anew for ever. */
	printf("\tRESUME_AT L%u\n\tli\t$%d, %d\nL%u:\n", end, COUNTER, turns, top);
	while (n--)
		word(integer_64() & ~0u);
	printf("\tbnez\t$%d, L%u\n\t addiu\t$%d, $%d, -1\nL%u:\n", COUNTER, top, COUNTER, COUNTER, end);
}

/* A pair, done again until it holds. No exception may be between them. */
static void atomic(void)
{
	static const unsigned char bases[] = { UNMAPPED_SEGMENT, XKPHYS };
	bool wide = pick(2);
	int r = wide ? wide_register() : word_register(), base = ONE_OF(bases), offset = 8 * (pick(8) - 4);
	unsigned int top = label++;

	printf("L%u:\t%s\t$%d, %d($%d)\n", top, wide ? "lld" : "ll", r, offset, base);
	printf("\t%s\t$%d, $%d, %d\n", wide ? "daddiu" : "addiu", r, r, pick(100));
	printf("\t%s\t$%d, %d($%d)\n\tbeqz\t$%d, L%u\n\t nop\n", wide ? "scd" : "sc", r, offset, base, r, top);
}

static void atomic_add(void)
{
	printf("\t.set\tpush\n\t.set\tarch=octeon+\n");
	printf("\t%s\t$%d, ($%d)\n\t.set\tpop\n", pick(2) ? "saa" : "saad", any(), pick(2) ? UNMAPPED_SEGMENT : XKPHYS);
}

static void k_region(void)
{
	static const char *const registers[] = { "CP0_STATUS", "CP0_ENTRYLO0", "CP0_WIRED", "CP0_COMPARE" };
	int k = 26 + pick(2), n = pick(4);

	if (pick(2))
		printf("\tmfc0\t$%d, %s\n", k, ONE_OF(registers));
	else
		printf("\tli\t$%d, %d\n", k, pick(30000));
	while (n--)
		printf("\tdaddu\t$%d, $%d, $%d\n", k, k, source());
	if (pick(2))
		printf("\tmove\t$%d, $%d\n", wide_register(), k);
	else
		printf("\tdmtc0\t$%d, CP0_USERLOCAL\n", k);
	printf("\tmove\t$%d, $0\n", k);
}

/* At exception level: what is raised there goes to the general vector, and EPC stays. */
static void exception_level(void)
{
	unsigned int l = label++;
	int r = wide_register(), n = 1 + pick(3);

	printf("\tli\t$%d, ST_KERNEL | ST_EXL\n\tmtc0\t$%d, CP0_STATUS\n\tehb\n", r, r);
	while (n--)
		pick(2) ? word(integer_64()) : cp0_read();
	resume_at(l);
	if (pick(2))
		load_or_store();
	printf("L%u:\tli\t$%d, ST_KERNEL\n\tmtc0\t$%d, CP0_STATUS\n\tehb\n", l, r, r);
}

static void division(void)
{
	bool wide = pick(2);
	int r = wide ? wide_register() : word_register();

	printf("\tori\t$%d, $%d, 1\n", r, r);
	word(special(wide ? source() : word_source(), r, 0, 0, (wide ? 0x1e : 0x1a) + pick(2)));
}

static void hint(void)
{
	static const char *const hints[] = { "sync", "ehb", "pref\t0, ($16)", "synci\t($16)", "cache\t0, ($16)", "cache\t1, ($17)", "ssnop" };

	printf("\t%s\n", ONE_OF(hints));
}

static void body(int number)
{
	int blocks = 3 + pick(10);

	printf("\n\tBLOCK\tblock_%d, %d\n", number, number % 32000 + 1);
	while (blocks--) {
		int n = 1 + pick(4);

		switch (pick(24)) {
		case 0: case 1: constant(); break;
		case 2: case 3: while (n--) may_raise(compute); break;
		case 4: case 5: case 6: while (n--) may_raise(load_or_store); break;
		case 7: case 8: case 9: branch(); break;
		case 10: case 11: tlb_write(); break;
		case 12: tlb_look(); break;
		case 13: may_raise(trap); break;
		case 14: case 15: while (n--) cp0_read(); break;
		case 16: case 17: cp0_write(); break;
		case 18: interrupts(); break;
		case 19: pick(2) ? atomic() : pick(2) ? atomic_add() : hint(); break;
		case 20: k_region(); break;
		case 21: exception_level(); break;
		case 22: division(); break;
		default: loop(pick(3) ? 12 : 3); break;
		}
	}
	printf("\tmtc0\t$0, CP0_COMPARE\n");
}

int main(int argc, char **argv)
{
	int i, bodies;

	if (argc < 4) {
		fprintf(stderr, "kernel: takes SEED NUMBER BODIES [wild]\n");
		return 2;
	}
	random_state = strtoul(argv[1], NULL, 0) * 0x100000001b3 + strtoul(argv[2], NULL, 0);
	random64();
	bodies = atoi(argv[3]);
	wild = argc > 4 && !strcmp(argv[4], "wild");

	printf("/* Made by tests/random/kernel %s %s %s. */\n#include \"guests/tiny/tiny.h\"\n\n\t.set\tarch=octeon\n"
	       "\nFUNCTION main\n\tdaddiu\t$29, $29, -16\n\tsd\t$31, ($29)\n", argv[1], argv[2], argv[3]);
	for (i = 2; i < 31; i++)
		if (i < 16 || i == 28 || i == 30)
			printf("\tdli\t$%d, 0x%llx\n", i, (unsigned long long)(i >= 8 && i < 16 ? (uint64_t)(int32_t)random_value() : random_value()));
	printf("\tdla\t$%d, random_bytes + 64\n\tdla\t$24, afterburn_segments\n\tld\t$%d, 24($24)\n\tdext\t$25, $%d, 0, 29\n"
	       "\tdaddu\t$%d, $%d, $25\n", UNMAPPED_SEGMENT, XKPHYS, UNMAPPED_SEGMENT, XKPHYS, XKPHYS);
	printf("\tdli\t$%d, 0x70000000\n\tld\t$%d, 40($24)\n\tdaddiu\t$%d, $%d, 0x4000\n", USER, KERNEL_MAPPED, KERNEL_MAPPED, KERNEL_MAPPED);
	printf("\tdli\t$%d, 0x70040000\n\tdli\t$%d, 0x0001000000000040\n", NOT_MAPPED, NO_ADDRESS);
	for (i = 0; i < bodies; i++)
		body(i);
	printf("\n\tBLOCK\tblock_report, 32002\n\tli\t$24, ST_KERNEL\n\tmtc0\t$24, CP0_STATUS\n\tehb\n\tjal\treport\n\t nop\n\tld\t$31, ($29)\n"
	       "\tjr\t$31\n\t daddiu\t$29, $29, 16\n\n\t.data\n\t.align\t3\nrandom_bytes:\n");
	for (i = 0; i < 32; i++)
		printf("\t.dword\t0x%llx\n", (unsigned long long)random64());
	printf("\n\t.bss\n\t.align\t12\nrandom_pages:\t.space\t%d\n", PAIRS * 8192);
	return 0;
}
