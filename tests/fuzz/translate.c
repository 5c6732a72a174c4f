/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the translator with instruction words: a block leaves what the interpreter leaves of its original, and so does
 * one that is stopped before any of its words. Among code that runs as it stands, where all are blocks, and of a kernel that was not moved,
 * on a Host that is an Octeon and on one that is none.
 *
 * Input: the words. They reach memory by $16 only, which they do not write, and do not leave kernel mode: what reaches the vCPU page
 * otherwise sees what blocks do there. And no SC, which may fail in code that was stopped: tests/unit/translate_test has them in loops.
 */
#include <stdio.h>

#include "abi/mips_insn.h"
#include "tests/unit/translate_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define WORDS_MOST	80

static bool reaches_memory(u32 word)
{
	const unsigned op = mips_insn__opcode(word);

	return op == MIPS_OP_LDL || op == MIPS_OP_LDR || op >= MIPS_OP_LB ||
	       (op == MIPS_OP_SPECIAL2 && (mips_insn__funct(word) == 0x18 || mips_insn__funct(word) == 0x19)) ||
	       (op == MIPS_OP_SPECIAL3 && mips_insn__funct(word) == 0x0a);
}

static bool is_status_written(u32 word)
{
	return mips_insn__opcode(word) == MIPS_OP_COP0 && mips_insn__rd(word) == 12;
}

static bool may_be_used(u32 word)
{
	u32 reads, writes;

	mips_insn__gprs(word, &reads, &writes);
	return !(writes >> 16 & 1) && !is_status_written(word) && !mips_insn__is_sc(word) &&
	       (!reaches_memory(word) || mips_insn__has_delay_slot(word) || (mips_insn__rs(word) == 16 && mips_insn__imm(word) >= 0));
}

struct mode {
	bool looks_up, asks, moved, no_octeon;
};

/* Multiplied otherwise, HI and LO are other ones, as they may. */
static bool multiplies(const u32 *code, unsigned words)
{
	for (unsigned i = 0; i < words; i++)
		if (mips_insn__opcode(code[i]) == MIPS_OP_SPECIAL2 && mips_insn__funct(code[i]) == 0x03)
			return true;
	return false;
}

static void compare(const struct mode *mode, const u32 *code, unsigned words)
{
	static struct translated t;
	const char *what;

	if (mode->no_octeon && multiplies(code, words))
		return;
	if (!t.f.ram)
		fixture_open(&t.f, false);
	memset(t.f.ram, 0, RAM_BYTES);
	fixture_reset(&t.f);
	translated_move(&t, mode->moved);
	t.looks_up = mode->looks_up;
	t.asks = mode->asks;
	t.no_octeon = mode->no_octeon;
	for (unsigned i = 0; i < VCPU_LOOKS; i++)
		t.f.page->look[i].load = t.f.page->look[i].store = VCPU_LOOK_NONE;
	t.native_from = CODE + 4 * WORDS_MOST + 64;
	for (unsigned i = 1; i < 32; i++)
		t.f.v.gpr[i] = i * 0x0123456789abcdefull;
	t.f.v.gpr[16] = mode->moved ? XKPHYS + DATA_PA : DATA;
	t.f.page->cp0[CP0_STATUS] |= STATUS_EXL;
	what = translated_make(&t, code, words) ? compare_block(&t) : NULL;
	if (what) {
		fprintf(stderr, "%s%s%s%s: %s\n", mode->looks_up ? "all blocks" : "a block", mode->asks ? ", which look" : "", mode->moved ? ", not moved" : "",
			mode->no_octeon ? ", without Octeon's instructions" : "", what);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct mode modes[] = {
		{ }, { .looks_up = true }, { .looks_up = true, .asks = true }, { .looks_up = true, .asks = true, .moved = true },
		{ .no_octeon = true }, { .looks_up = true, .asks = true, .moved = true, .no_octeon = true },
	};
	u32 code[WORDS_MOST];
	unsigned words = size / 4 < WORDS_MOST ? size / 4 : WORDS_MOST;

	memcpy(code, data, 4 * words);
	for (unsigned i = 0; i < words; i++)
		if (!may_be_used(code[i]))
			return 0;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		compare(&modes[i], code, words);
	return 0;
}
