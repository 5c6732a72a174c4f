/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Are the records complete? See proof.h.
 */
#include "wedge/burn/proof.h"

#include <stdlib.h>

#include "abi/mips_insn.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"
#include "wedge/burn/unrecorded.h"

static int by_start(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void join(struct proof *proof)
{
	size_t joined = 0;

	if (proof->count)
		qsort(proof->seen, proof->count, sizeof(*proof->seen), by_start);
	for (size_t i = 0; i < proof->count; i++) {
		struct region *last = joined ? &proof->seen[joined - 1] : NULL;

		if (!last || proof->seen[i].start > last->end)
			proof->seen[joined++] = proof->seen[i];
		else if (proof->seen[i].end > last->end)
			last->end = proof->seen[i].end;
	}
	proof->count = joined;
}

int proof__take(struct proof *proof, struct records *records, struct complaint *c)
{
	size_t kept = 0;

	*proof = (struct proof){ .seen = calloc(records->count + 1, sizeof(*proof->seen)) };
	if (!proof->seen)
		return complain(c, "no memory for %zu records", records->count);
	for (size_t i = 0; i < records->count; i++) {
		const struct afterburn_record *r = &records->record[i];

		if (r->kind != AFTERBURN_KIND_CODE) {
			records->record[kept++] = *r;
			continue;
		}
		if (r->region.end <= r->address) {
			proof__free(proof);
			return complain(c, ".afterburn record %zu: code %#llx-%#llx is empty", i,
					(unsigned long long)r->address, (unsigned long long)r->region.end);
		}
		proof->seen[proof->count++] = (struct region){ r->address, r->region.end };
	}
	records->count = kept;
	join(proof);
	return 0;
}

void proof__free(struct proof *proof)
{
	free(proof->seen);
	*proof = (struct proof){ 0 };
}

/* Would the Host execute it otherwise than the guest's CPU, and without a trap? */
static bool is_silent(u32 word)
{
	u32 reads, writes;

#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) \
	if ((word & (MASK)) == (MATCH) && (!__builtin_strcmp(#NAME, "rdhwr") || !__builtin_strcmp(#NAME, "synci"))) \
		return true;
#include "abi/sensitive.def"
#undef SENSITIVE
	mips_insn__gprs(word, &reads, &writes);
	return mips_insn__is_fpu(word) || ((reads | writes) & (1u << MIPS_K0 | 1u << MIPS_K1));
}

bool proof__is_sensitive(u32 word)
{
	return sequence__site(word).insn;
}

struct look {
	struct burn_plan *plan;
	struct unseen *unseen;
};

static void look_at(void *user, u64 address)
{
	const struct look *look = user;
	struct burn_plan *plan = look->plan;
	struct unseen *unseen = look->unseen;
	u32 word = burn__word(&plan->text, address);
	bool silent = word && is_silent(word), traps = word && !silent && proof__is_sensitive(word);

	/* A file that older tools have made has records, and no proof. */
	if ((!silent && !traps) || unrecorded__is_seen_to(plan, address))
		return;
	unseen->traps += traps;
	if (silent && !unseen->silent) {
		unseen->silent = address;
		unseen->word = word;
	}
}

void proof__visit(const struct proof *proof, u64 delta, u64 start, u64 end, void (*visit)(void *user, u64 address), void *user)
{
	u64 at = start;

	for (size_t i = 0; at < end && i <= proof->count; i++) {
		u64 stop = i < proof->count ? proof->seen[i].start + delta : end;

		for (; at < end && at < stop; at += 4)
			visit(user, at);
		if (i < proof->count && at < proof->seen[i].end + delta)
			at = proof->seen[i].end + delta;
	}
}

void proof__look(const struct proof *proof, struct burn_plan *plan, u64 start, u64 end, struct unseen *unseen)
{
	struct look look = { plan, unseen };

	proof__visit(proof, plan->text.delta, start, end, look_at, &look);
}
