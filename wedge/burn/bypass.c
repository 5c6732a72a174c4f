/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * By-passes: see bypass.h.
 */
#include "wedge/burn/bypass.h"

#include "abi/mips_insn.h"
#include "wedge/burn/proof.h"
#include "wedge/burn/sequence.h"
#include "wedge/core/interp.h"

#define REACH	16u		/* words between two sensitive instructions of one way, and from a place to the first */

/* Neither of these goes on behind itself. */
static bool leads_away(u32 word)
{
	return mips_insn__has_delay_slot(word) || mips_insn__flow(word) == MIPS_FLOW_ERET;
}

/* Changes registers and nothing else, and always comes to its end. */
static bool only_computes(u32 word)
{
	const unsigned op = mips_insn__opcode(word), f = mips_insn__funct(word);

	switch (op) {
	case MIPS_OP_SPECIAL:
		/* shifts; addu to sltu, but for those that trap; daddu, dsubu; 64-bit shifts */
		return f <= 0x07 ? f != 0x01 && f != 0x05 : f == 0x21 || (f >= 0x23 && f <= 0x27) || f == 0x2a || f == 0x2b || f == 0x2d || f == 0x2f ||
		       f == 0x14 || f == 0x16 || f == 0x17 || (f >= 0x38 && f != 0x39 && f != 0x3d);
	case OP_ADDIU: case OP_SLTI: case OP_SLTIU: case OP_ANDI: case OP_ORI: case OP_XORI: case OP_LUI: case OP_DADDIU:
		return true;
	default:
		return false;
	}
}

/* Of those that are sensitive, what can be stopped by nothing but an interrupt. */
static bool cannot_fault(u32 word)
{
	return mips_insn__opcode(word) == MIPS_OP_COP0;
}

/* Nobody who dumps or unwinds may see another value of these; and k0 and k1 have none. */
#define KEPT	(1u << MIPS_K0 | 1u << MIPS_K1 | 1u << 28 | 1u << 29 | 1u << 30 | 1u << MIPS_RA)

/* May `next` be executed in front of `word`, and again behind it? */
static bool may_come_first(u32 word, u32 next)
{
	u32 reads, writes, next_reads, next_writes;

	/* The kernel itself writes over NOPs: jump labels, tracers. */
	if (!word || !next || !only_computes(next) || !(only_computes(word) || (proof__is_sensitive(word) && cannot_fault(word))) || leads_away(word))
		return false;
	mips_insn__gprs(word, &reads, &writes);
	mips_insn__gprs(next, &next_reads, &next_writes);
	return !(next_writes & (reads | writes | next_reads | KEPT));
}

u64 bypass__place(const struct bypass_code *code, u64 trap, bool (*allowed)(void *user, u64 address))
{
	u32 word, next, before;

	for (u64 at = trap; trap - at <= 4 * REACH; at -= 4) {
		if (!code->word(code->user, at - 4, &before) || !code->word(code->user, at, &word) || leads_away(before) ||
		    (at != trap && proof__is_sensitive(word)))
			return 0;
		if (code->word(code->user, at + 4, &next) && may_come_first(word, next) && allowed(code->user, at))
			return at;
	}
	return 0;
}

/* Not all that is sensitive can be in a block: what cannot be a load, a store or some of them is interpreted, and the code behind it is native. */
static bool ends_block(u32 word)
{
	struct burn_site site = sequence__site(word);
	struct sequence s;

	return site.insn && !sequence__inline(&site, false) && !sequence__outline(&site, &s, false);	/* the same ones in either byte order */
}

u64 bypass__last(const struct bypass_code *code, u64 place)
{
	u64 last = 0;
	u32 word;

	for (u64 at = place; at - (last ? last : place) <= 4 * REACH && code->word(code->user, at, &word); at += 4) {
		if (proof__is_sensitive(word))
			last = at;
		if (leads_away(word) || ends_block(word))
			break;
	}
	return last == place ? place + 4 : last;
}
