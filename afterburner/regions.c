/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Finds the code that must not run natively: where k0 or k1 is live, and where FP registers are moved.
 *
 * The host destroys k0 and k1 at any moment, so no instruction that reads or writes them may run natively. A
 * region holds every instruction that names k0 or k1 and every one in front of which either is live. The
 * Wedge puts a trap at the first instruction of each region and interprets until PC is in none. So each
 * place where native code can enter starts a region of its own:
 *
 *  - an instruction with neither live before it: code arrives there from anywhere;
 *  - the first of a run of such instructions;
 *  - the place a call returns to, because the callee runs natively while the caller's k0 is live;
 *  - a place that has a name or whose address is taken: native code may have got its address and jump there.
 *
 * A branch and its delay slot are never parted. Liveness is the usual backward data flow, over two bits.
 * Jumps to other sections and through registers end it: whoever jumps there with k0 live is in a region
 * as far as the jump, and the interpreter goes on where it leads, which is a region as well if k0 is read.
 */
#include <stdlib.h>

#include "abi/afterburn.h"
#include "afterburner/code.h"

static void add(struct regions *out, unsigned int kind, size_t start, size_t end)
{
	out->region = realloc(out->region, (out->count + 1) * sizeof(*out->region));
	if (!out->region)
		die("no memory");
	out->region[out->count++] = (struct region){ .kind = kind, .start = start, .end = end };
}

/* k0 and k1 in a mask of GPRs, as two bits. */
static unsigned int k_bits(uint32_t gprs)
{
	return gprs >> MIPS_K0 & 3;
}

static unsigned int live_before(const struct code *code, size_t i)
{
	return i < code->words ? (code->flags[i] & CODE_K_LIVE) >> CODE_K_SHIFT : 0;
}

static unsigned int transfer(const struct code *code, size_t i, unsigned int live_after)
{
	uint32_t reads, writes;

	if (code->flags[i] & CODE_DATA)
		return 0;
	mips_insn__gprs(code->word[i], &reads, &writes);
	return k_bits(reads) | (live_after & ~k_bits(writes));
}

/* What is live where instruction i, a branch or jump, leads to when it is taken, and when it is not. */
static void successors(const struct code *code, size_t i, unsigned int *taken, unsigned int *not_taken)
{
	unsigned int next = live_before(code, i + 2);
	unsigned int target = code->target[i] == NO_TARGET ? 0 : live_before(code, code->target[i]);

	switch (mips_insn__flow(code->word[i])) {
	case MIPS_FLOW_BRANCH:
		*taken = target;
		*not_taken = next;
		break;
	case MIPS_FLOW_LINK: case MIPS_FLOW_JAL:
		*taken = target | next;
		*not_taken = next;
		break;
	case MIPS_FLOW_JALR:
		*taken = *not_taken = next;
		break;
	default:			/* b, j, jr */
		*taken = *not_taken = target;
	}
}

/* Live before the branch at i; *slot gets what is live before its delay slot. */
static unsigned int branch_live(const struct code *code, size_t i, unsigned int *slot)
{
	unsigned int taken, not_taken, after;

	successors(code, i, &taken, &not_taken);
	if (i + 1 >= code->words) {
		*slot = 0;
		after = taken | not_taken;
	} else if (mips_insn__is_likely(code->word[i])) {
		*slot = transfer(code, i + 1, taken);
		after = *slot | not_taken;
	} else {
		*slot = after = transfer(code, i + 1, taken | not_taken);
	}
	return transfer(code, i, after);
}

static bool is_branch(const struct code *code, size_t i)
{
	return !(code->flags[i] & (CODE_DATA | CODE_SLOT)) && mips_insn__has_delay_slot(code->word[i]);
}

static bool set_live(struct code *code, size_t i, unsigned int live)
{
	uint16_t before = code->flags[i];

	code->flags[i] |= live << CODE_K_SHIFT;
	return code->flags[i] != before;
}

static bool one_pass(struct code *code)
{
	bool changed = false;

	for (size_t i = code->words; i-- > 0; ) {
		unsigned int slot, live;

		if (is_branch(code, i)) {
			live = branch_live(code, i, &slot);
			if (i + 1 < code->words)
				changed |= set_live(code, i + 1, slot);
		} else if (code->flags[i] & CODE_SLOT && !(code->flags[i] & CODE_TARGET)) {
			continue;	/* seen with its branch */
		} else if (mips_insn__flow(code->word[i]) == MIPS_FLOW_ERET) {
			live = 0;
		} else {
			live = transfer(code, i, live_before(code, i + 1));
		}
		changed |= set_live(code, i, live);
	}
	return changed;
}

static bool names_k(const struct code *code, size_t i)
{
	uint32_t reads, writes;

	if (code->flags[i] & CODE_DATA)
		return false;
	mips_insn__gprs(code->word[i], &reads, &writes);
	return k_bits(reads | writes);
}

static bool code_names_k(const struct code *code)
{
	for (size_t i = 0; i < code->words; i++)
		if (names_k(code, i))
			return true;
	return false;
}

static void mark_regions(struct code *code)
{
	for (size_t i = 0; i < code->words; i++)
		if (!(code->flags[i] & CODE_DATA) && (names_k(code, i) || live_before(code, i)))
			code->flags[i] |= CODE_REGION;
	for (size_t i = 0; i + 1 < code->words; i++)
		if (is_branch(code, i) && (code->flags[i] | code->flags[i + 1]) & CODE_REGION) {
			code->flags[i] |= CODE_REGION;
			code->flags[i + 1] |= CODE_REGION;
		}
}

static bool returns_here(const struct code *code, size_t i)
{
	enum mips_flow flow;

	if (i < 2 || !(code->flags[i - 1] & CODE_SLOT))
		return false;
	flow = mips_insn__flow(code->word[i - 2]);
	return flow == MIPS_FLOW_LINK || flow == MIPS_FLOW_JAL || flow == MIPS_FLOW_JALR;
}

static bool starts_region(const struct code *code, size_t i)
{
	if (!(code->flags[i] & CODE_REGION))
		return false;
	if (!i || !(code->flags[i - 1] & CODE_REGION))
		return true;
	return !(code->flags[i] & CODE_SLOT) &&
	       (!live_before(code, i) || code->flags[i] & CODE_ENTRY || returns_here(code, i));
}

void regions__find_k(struct code *code, struct regions *out)
{
	if (!code_names_k(code))
		return;
	while (one_pass(code))
		;
	mark_regions(code);
	for (size_t i = 0; i < code->words; ) {
		size_t start = i++;

		if (!starts_region(code, start))
			continue;
		while (i < code->words && code->flags[i] & CODE_REGION && !starts_region(code, i))
			i++;
		add(out, AFTERBURN_KIND_KREGION, start, i);
	}
}

static bool is_fpu(const struct code *code, size_t i)
{
	return !(code->flags[i] & CODE_DATA) && mips_insn__is_fpu(code->word[i]);
}

void regions__find_fpu(const struct code *code, struct regions *out)
{
	for (size_t i = 0; i < code->words; ) {
		size_t start = i++;

		if (!is_fpu(code, start))
			continue;
		while (i < code->words && is_fpu(code, i) && !(code->flags[i] & CODE_TARGET))
			i++;
		if (code->flags[start] & CODE_SLOT)
			start--;
		/* A branch at the end takes its delay slot along. */
		if (i < code->words && code->flags[i] & CODE_SLOT)
			i++;
		add(out, AFTERBURN_KIND_FPU, start, i);
	}
}
