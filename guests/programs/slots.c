// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What stops in the delay slot of a branch: the branch must not be lost. Unaligned accesses to pages that were never
 * touched, where a Host's kernel repairs the access and meets the fault; and system calls, behind which Linux on MIPS goes on at the
 * slot, so that they are made twice. Behind branches of each kind, taken, not taken and linking; and where a slot is jumped to by
 * itself, the instruction before it is no business of anybody's.
 */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "guests/programs/check.h"

/* 1 if the branch was taken, 0 if it fell through behind the slot. */
#define TRY(NAME, BRANCH, INSN)								\
	static int NAME(char *at)							\
	{										\
		int taken;								\
		__asm__ volatile(".set push\n.set noreorder\n.set noat\n"		\
				 "li $8, 1\nmtc1 $0, $f0\nmtc1 $0, $f2\nc.eq.s $f0, $f2\n"	\
				 LOAD_ADDRESS "$9, 1f\n" BRANCH "\n " INSN "\nb 2f\n li %0, 0\n1: li %0, 1\n2:\n.set pop"	\
				 : "=&r"(taken) : "r"(at) : "memory", "$1", "$8", "$9", "$31", "$f0", "$f2", "$fcc0");	\
		return taken;								\
	}

TRY(load_word, "b 1f", "lw $1, 1(%1)")
TRY(load_double, "b 1f", "ld $1, 1(%1)")
TRY(store_word, "b 1f", "sw $0, 1(%1)")
TRY(store_half, "b 1f", "sh $0, 1(%1)")
TRY(store_across, "b 1f", "sd $0, 4093(%1)")
TRY(aligned_word, "b 1f", "lw $1, 0(%1)")
TRY(by_register, "jr $9", "lw $1, 1(%1)")
TRY(by_link, "jalr $9", "lw $1, 1(%1)")
TRY(by_bal, "bal 1f", "lw $1, 1(%1)")
TRY(by_likely, "bnel $8, $0, 1f", "lw $1, 1(%1)")
TRY(by_sign, "bgtz $8, 1f", "lw $1, 1(%1)")
TRY(by_fp, "bc1t 1f", "lw $1, 1(%1)")
TRY(by_fp_likely, "bc1tl 1f", "lw $1, 1(%1)")
TRY(not_taken, "beqz $8, 1f", "lw $1, 1(%1)")
TRY(not_taken_fp, "bc1f 1f", "lw $1, 1(%1)")
/* The slot is executed alone, behind a branch that would have been taken. */
TRY(slot_alone, "b 3f\n nop\nb 1f\n3:", "lw $1, 1(%1)")

static const struct {
	int (*go)(char *at);
	int taken;
} tries[] = {
	{ load_word, 1 }, { load_double, 1 }, { store_word, 1 }, { store_half, 1 }, { store_across, 1 }, { aligned_word, 1 },
	{ by_register, 1 }, { by_link, 1 }, { by_bal, 1 }, { by_likely, 1 }, { by_sign, 1 }, { by_fp, 1 }, { by_fp_likely, 1 },
	{ not_taken, 0 }, { not_taken_fp, 0 }, { slot_alone, 0 },
};
#define TRIES	(sizeof(tries) / sizeof(tries[0]))

/* How often the code is begun; what the branch leads to is not looked at, since the call is made again without it. */
#define CALL(NAME, BRANCH)										\
	static long NAME(void)										\
	{												\
		register long v0 __asm__("$2") = SYS_getppid, count __asm__("$16") = 0;			\
		__asm__ volatile(".set push\n.set noreorder\n.set noat\nmtc1 $0, $f0\nmtc1 $0, $f2\nc.eq.s $f0, $f2\n"	\
				 "1: addiu %1, %1, 1\n" BRANCH "\n syscall\n2:\n.set pop"		\
				 : "+r"(v0), "+r"(count) : : "$1", "$3", "$7", "$8", "$9", "$10", "$11", "$12", "$13",	\
				   "$14", "$15", "$24", "$25", "$31", "hi", "lo", "memory", "$f0", "$f2", "$fcc0");	\
		return count;										\
	}

CALL(call_plain, "b 2f")
CALL(call_link, "bal 2f")
CALL(call_fp, "bc1t 2f")
CALL(call_fp_not_taken, "bc1f 2f")

int program_slots(int argc, char **argv)
{
	long page = sysconf(_SC_PAGESIZE);
	char *area = mmap(NULL, 3 * TRIES * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i;

	CHECK(area != MAP_FAILED);
	for (i = 0; i < TRIES; i++) {
		CHECK(tries[i].go(area + 3 * i * page) == tries[i].taken);	/* never touched */
		CHECK(tries[i].go(area + 3 * i * page) == tries[i].taken);
	}
	alarm(20);
	CHECK(call_plain() == 1);
	CHECK(call_link() == 1);
	CHECK(call_fp() == 1);
	CHECK(call_fp_not_taken() == 1);
	alarm(0);
	return 0;
}
