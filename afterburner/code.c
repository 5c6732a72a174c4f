/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a section of machine code: delay slots and the places where control can arrive. See code.h.
 *
 * Everything errs towards "control can arrive here": a relocation of any kind that names an address in the
 * section counts, be it of a jump table, an exception table or a function pointer.
 */
#include <stdlib.h>

#include "afterburner/code.h"

static void mark_target(struct code *code, uint64_t offset, bool entry)
{
	if (offset % 4 == 0 && offset / 4 < code->words)
		code->flags[offset / 4] |= CODE_TARGET | (entry ? CODE_ENTRY : 0);
}

static void mark_symbols(struct code *code, const struct elf64 *e, unsigned int n)
{
	/* In a linked file a symbol's value is its address. */
	uint64_t base = e->type == ET_REL ? 0 : e->section[n].address;
	struct elf64_symbol symbol;

	for (size_t i = 1; i < elf64__symbols(e); i++) {
		elf64__symbol(e, i, &symbol);
		if (symbol.section != n)
			continue;
		symbol.value -= base;
		mark_target(code, symbol.value, symbol.type != STT_SECTION);
		if (symbol.type == STT_FUNC && symbol.value / 4 < code->words)
			code->flags[symbol.value / 4] |= CODE_FUNCTION;
		if (symbol.type != STT_OBJECT)
			continue;
		for (size_t w = symbol.value / 4; w < code->words && w * 4 < symbol.value + symbol.size; w++)
			code->flags[w] |= CODE_DATA;
		/*
		 * Linux's system call table lies in .text and has no size. In an object its words are zero, with
		 * relocations; in a linked file they look like anything.
		 */
		if (!symbol.size && e->type != ET_REL && symbol.value / 4 < code->words)
			code->flags[symbol.value / 4] |= CODE_DATA;
	}
	if (e->type != ET_REL)
		for (size_t w = 1; w < code->words; w++)
			if (code->flags[w - 1] & CODE_DATA && !(code->flags[w] & CODE_TARGET))
				code->flags[w] |= CODE_DATA;
}

/* One relocation of section `from` whose symbol lies in section n. */
static void mark_relocation(struct code *code, const struct elf64_rela *rela, uint64_t value, bool own)
{
	/* A PC16 addend counts from the branch, the branch from its delay slot. */
	uint64_t offset = value + rela->addend + (rela->type == R_MIPS_PC16 ? 4 : 0);

	bool jump = rela->type == R_MIPS_26 || rela->type == R_MIPS_PC16;

	/* Jumps of this section are followed; what others do in front of theirs is not known here. */
	mark_target(code, offset, !own || !jump);
	if (own && jump && rela->offset / 4 < code->words)
		code->target[rela->offset / 4] = offset / 4 < code->words ? offset / 4 : NO_TARGET;
}

static void mark_relocations(struct code *code, const struct elf64 *e, unsigned int n)
{
	struct elf64_symbol symbol;
	struct elf64_rela rela;

	for (unsigned int i = 1; i < e->sections; i++) {
		const struct elf64_section *s = &e->section[i];

		/* Debug information names every address: it is no way to get there. */
		if (s->info >= e->sections || !(e->section[s->info].flags & SHF_ALLOC))
			continue;
		for (size_t r = 0; r < elf64__relas(s); r++) {
			elf64__rela(e, s, r, &rela);
			/* What a relocated jump holds in its field is not where it leads. */
			if (s->info == n && (rela.type == R_MIPS_26 || rela.type == R_MIPS_PC16) &&
			    rela.offset / 4 < code->words)
				code->target[rela.offset / 4] = NO_TARGET;
			elf64__symbol(e, rela.symbol, &symbol);
			if (symbol.section == n)
				mark_relocation(code, &rela, symbol.value, s->info == n);
		}
	}
}

/* Branches that gas has resolved; jumps always carry a relocation. */
static void find_branches(struct code *code)
{
	for (size_t i = 0; i < code->words; i++) {
		enum mips_flow flow;
		uint64_t target;

		code->target[i] = NO_TARGET;
		if (code->flags[i] & CODE_DATA)
			continue;
		flow = mips_insn__flow(code->word[i]);
		if (i + 1 < code->words && mips_insn__has_delay_slot(code->word[i]) &&
		    !(code->flags[i] & CODE_SLOT))
			code->flags[i + 1] |= CODE_SLOT;
		if (flow != MIPS_FLOW_BRANCH && flow != MIPS_FLOW_ALWAYS && flow != MIPS_FLOW_LINK)
			continue;
		target = mips_insn__branch_target(code->word[i], i * 4) / 4;
		if (target < code->words)
			code->target[i] = target;
	}
}

void code__read(struct code *code, const struct elf64 *e, unsigned int n)
{
	const struct elf64_section *s = &e->section[n];

	code->words = s->size / 4;
	code->word = calloc(code->words + 1, sizeof(*code->word));
	code->flags = calloc(code->words + 1, sizeof(*code->flags));
	code->target = calloc(code->words + 1, sizeof(*code->target));
	if (!code->word || !code->flags || !code->target)
		die("no memory for a section of %zu words", code->words);
	for (size_t i = 0; i < code->words; i++)
		code->word[i] = elf64__word(e, s, i * 4);
	mark_symbols(code, e, n);
	find_branches(code);
	mark_relocations(code, e, n);
	for (size_t i = 0; i < code->words; i++)
		if (code->target[i] != NO_TARGET)
			code->flags[code->target[i]] |= CODE_TARGET;
}

void code__free(struct code *code)
{
	free(code->word);
	free(code->flags);
	free(code->target);
}

bool code__block_start(const struct code *code, size_t i)
{
	if (!i || (code->flags[i] & CODE_TARGET))
		return true;
	if (mips_insn__flow(code->word[i - 1]) == MIPS_FLOW_ERET)
		return true;
	if (i < 2 || !(code->flags[i - 1] & CODE_SLOT))
		return false;
	/* Behind a jump there is only another way in; behind a call the callee returns. */
	return mips_insn__flow(code->word[i - 2]) != MIPS_FLOW_BRANCH;
}
