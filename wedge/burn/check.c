/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Do the records fit the code?
 */
#include "wedge/burn/check.h"

static const struct burn_insn rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { ID, #NAME, MATCH, MASK },
#include "abi/sensitive.def"
#undef SENSITIVE
#define ACCESS(ID, NAME, OPCODE, BITS, WORDS) { ID, #NAME, (u32)OPCODE << 26, 0xfc000000 },
#include "abi/accesses.def"
#undef ACCESS
};

const struct burn_insn *burn__insn(unsigned id)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

/* [address, address + size), as linked, must be code of this text. */
static int check_place(const struct burn_text *t, size_t n, u64 address, u64 size, struct complaint *c)
{
	u64 start = address + t->delta;

	if (address & 3)
		return complain(c, ".afterburn record %zu: address %#llx is not a multiple of 4", n,
				(unsigned long long)address);
	if (start < t->start || start >= t->end || size > t->end - start)
		return complain(c, ".afterburn record %zu: %#llx lies outside the %s (%#llx-%#llx)", n,
				(unsigned long long)address, t->what, (unsigned long long)(t->start - t->delta),
				(unsigned long long)(t->end - t->delta));
	return 0;
}

static int check_site(const struct burn_text *t, size_t n, const struct afterburn_record *r, struct complaint *c)
{
	const struct burn_insn *row = burn__insn(r->site.insn);
	u32 found;

	if (!(r->flags & AFTERBURN_FLAG_COMPLETE))
		return complain(c, ".afterburn record %zu at %#llx was never completed; link objects made by afterburn-gcc", n, (unsigned long long)r->address);
	if (!row)
		return complain(c, ".afterburn record %zu at %#llx names instruction %u, which this Wedge does not know", n, (unsigned long long)r->address, r->site.insn);
	if (!r->site.words || r->site.words > BURN_SITE_WORDS)
		return complain(c, ".afterburn record %zu at %#llx: a pad of %u words; 1 to %u would be right", n, (unsigned long long)r->address, r->site.words, BURN_SITE_WORDS);
	if (check_place(t, n, r->address, 4ull * r->site.words, c))
		return -1;
	found = burn__word(t, r->address + t->delta);
	if (found != r->site.word || (found & row->mask) != row->match)
		return complain(c, ".afterburn record %zu at %#llx says %s %08x, the code there is %08x", n, (unsigned long long)r->address, row->name, r->site.word, found);
	if (r->flags & (AFTERBURN_FLAG_DELAY_SLOT | AFTERBURN_FLAG_UNPADDED))
		return 0;
	for (unsigned i = 1; i < r->site.words; i++)
		if (burn__word(t, r->address + t->delta + 4 * i))
			return complain(c, ".afterburn record %zu at %#llx: word %u of its pad is %08x, no NOP", n, (unsigned long long)r->address, i,
					burn__word(t, r->address + t->delta + 4 * i));
	return 0;
}

static int check_region(const struct burn_text *t, size_t n, const struct afterburn_record *r, struct complaint *c)
{
	if (r->region.end <= r->address || r->region.end & 3)
		return complain(c, ".afterburn record %zu: region %#llx-%#llx is empty or unaligned", n, (unsigned long long)r->address, (unsigned long long)r->region.end);
	return check_place(t, n, r->address, r->region.end - r->address, c);
}

/* Sites may not overlap each other; records are sorted by address. */
static int check_overlap(const struct records *records, struct complaint *c)
{
	const struct afterburn_record *last = NULL;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (!record__is_site(r))
			continue;
		if (last && r->address - last->address < 4ull * last->site.words)
			return complain(c, ".afterburn: the sites at %#llx and %#llx overlap", (unsigned long long)last->address, (unsigned long long)r->address);
		last = r;
	}
	return 0;
}

int burn__check(const struct burn_text *t, const struct records *records, struct complaint *c)
{
	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (record__is_site(r) ? check_site(t, n, r, c) : check_region(t, n, r, c))
			return -1;
	}
	return check_overlap(records, c);
}
