/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest's code, for blocks: see seen.h.
 */
#include "wedge/translate/seen.h"

#include <string.h>

#include "lib/unaligned.h"
#include "wedge/burn/burn.h"
#include "wedge/burn/unrecorded.h"

/* In CKSSEG, where it is known which page of RAM that is: how many bytes are left of the page. */
static u64 mapped_at(const struct machine *m, u64 pc, const u8 **code)
{
	u64 offset;

	if (!code_pages__find(m->mapped_code, pc, &offset))
		return 0;
	*code = m->ram.base + offset;
	return CODE_PAGE - pc % CODE_PAGE;
}

/*
 * The guest's code at pc, and how many bytes of it lie there in a row; 0: none that blocks are made of. That is what lies in the window of CKSEG0,
 * where no translation is needed and none can change, and modules, a page at a time: those with by-passes, and those of a kernel that was not moved, of
 * which it is known where they lie. Not of a page that a debugger holds.
 */
static u64 code_at(const struct machine *m, u64 pc, const u8 **code)
{
	u64 pa = pc - m->windows.ckseg0, end = m->ram.low < m->windows.ckseg0_size ? m->ram.low : m->windows.ckseg0_size, left;
	const struct burn_plan *plan;

	if (pc & 3)
		return 0;
	if (pa < end) {
		*code = m->ram.base + pa;
		return (end - pa) & ~3ull;
	}
	if (breakpoints__holds(&m->breakpoints, 0, pc))
		return 0;
	if (m->mapped_code)
		return mapped_at(m, pc, code);
	plan = burn__plan_at(m, pc);
	if (!plan || !plan->pages)
		return 0;
	*code = plan->pages[pc / BURN_PAGE - plan->text.start / BURN_PAGE] + pc % BURN_PAGE;
	left = BURN_PAGE - pc % BURN_PAGE;
	return (left < plan->text.end - pc ? left : plan->text.end - pc) & ~3ull;
}

u64 code__offset(const struct machine *m, u64 pc)
{
	const u8 *code;

	return code_at(m, pc, &code) ? (u64)(code - m->ram.base) : UINT64_MAX;
}

bool code__is_for_blocks(const struct machine *m, u64 pc)
{
	const u8 *code;

	return code_at(m, pc, &code);
}

bool code__word(const struct machine *m, u64 pc, u32 *word)
{
	const u8 *code;

	if (code_at(m, pc, &code) < 4)
		return false;
	*word = unaligned__get32(code);
	return true;
}

bool seen__fetch(void *user, u64 pc, u32 *insn, u32 *length)
{
	const struct seen *s = user;
	const struct original *original;

	if (pc & 3 || pc - s->at >= s->size)
		return false;
	*insn = unaligned__get32(s->code + (pc - s->at));
	*length = 4;
	original = machine__original(s->machine, pc, *insn);
	if (original) {
		*insn = original->word;
		*length = 4 * original->words;
	}
	return true;
}

bool seen__native(void *user, u64 pc)
{
	const struct seen *s = user;

	/* A by-pass goes on to its last. */
	return machine__may_run(s->machine, pc, true) && (pc < s->at || pc > s->through);
}

unsigned seen__leads(void *user, u64 pc)
{
	const struct seen *s = user;

	return s->pages ? code_pages__leads(s->pages, code__offset(s->machine, pc)) : 0;
}

static bool word_at(void *user, u64 pc, u32 *word)
{
	u32 length;

	return seen__fetch(user, pc, word, &length);
}

void seen__look(struct seen *s, const struct machine *m, u64 pc)
{
	const struct burn_site *site = burn__site_at(m, pc);
	const u8 *code;
	u64 left;

	s->machine = m;
	s->at = pc;
	s->size = s->through = 0;
	while (s->size < sizeof(s->code) && (left = code_at(m, pc + s->size, &code))) {
		left = left < sizeof(s->code) - s->size ? left : sizeof(s->code) - s->size;
		memcpy(s->code + s->size, code, left);
		s->size += left;
		if (code__is_mapped(m, pc))
			break;		/* what comes behind the page may be elsewhere tomorrow, while this one stays */
	}
	if (site && site->how == BURN_BYPASS && site->address == pc)
		s->through = bypass__last(&(struct bypass_code){ word_at, s }, pc);
}

static u32 sum(u32 h, const u8 *code, u64 size)
{
	const u32 *word = __builtin_assume_aligned(code, 4);	/* as pc is */

	for (const u32 *end = word + size / 4; word < end; word++)
		h = (h << 5 | h >> 27) ^ *word * 0x9e3779b1u;
	return h;
}

u32 code__sum_of(const u8 *code, u64 size)
{
	return sum(0, code, size);
}

u32 code__sum(const struct machine *m, u64 pc, u64 size)
{
	const u8 *code;
	u32 h = 0;

	for (u64 done = 0, left; done < size && (left = code_at(m, pc + done, &code)); done += left) {
		left = left < size - done ? left : size - done;
		h = sum(h, code, left);
	}
	return h;
}

u32 seen__sum(const struct seen *s, u64 size)
{
	return code__sum_of(s->code, size < s->size ? size : s->size);
}
