/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What no record speaks of: see unrecorded.h.
 */
#include "wedge/burn/unrecorded.h"

#include "wedge/burn/pieces.h"
#include "wedge/burn/proof.h"

bool unrecorded__word(void *user, u64 address, u32 *word)
{
	const struct burn_plan *plan = user;
	const struct burn_site *site;
	struct burn_text text = plan->text;

	if (plan->pages)
		text.pages = plan->pages;
	if (address & 3 || address < text.start || address >= text.end || !text.pages)
		return false;
	site = burn__site_of_plan(plan, address);
	*word = site && site->address == address ? site->word : burn__word(&text, address);
	return true;
}

bool unrecorded__is_seen_to(const struct burn_plan *plan, u64 address)
{
	const struct bypass_code code = { unrecorded__word, (void *)plan };
	const struct burn_site *site = burn__site_below(plan, address);

	return burn__site_of_plan(plan, address) || code__in_region((struct code *)&plan->code, address) ||
	       (site && site->how == BURN_BYPASS && address <= bypass__last(&code, site->address));
}

/* Two words that are in no site and in no region. */
static bool is_free(void *user, u64 address)
{
	struct burn_plan *plan = user;
	const struct burn_site *below = burn__site_below(plan, address + 4);

	return (!below || below->address + 4 * (below->how == BURN_BYPASS ? 2 : below->words) <= address) &&
	       !code__in_region(&plan->code, address) && !code__in_region(&plan->code, address + 4);
}

/* They ascend, and so do the places that are found: few are behind this one. */
static void add_site(struct burn_plan *plan, u64 address, u32 word)
{
	size_t n = plan->site_count++;

	for (; n && plan->sites[n - 1].address > address; n--)
		plan->sites[n] = plan->sites[n - 1];
	plan->sites[n] = (struct burn_site){ .address = address, .word = word, .words = 1, .how = BURN_BYPASS };
}

/* The sensitive instruction there, if it is one and nothing leads to it yet. */
static void bypass(void *user, u64 address)
{
	struct burn_plan *plan = user;
	const struct bypass_code code = { unrecorded__word, plan };
	u32 word = burn__word(&plan->text, address);
	u64 place;

	if (!word || !proof__is_sensitive(word) || unrecorded__is_seen_to(plan, address))
		return;
	place = bypass__place(&code, address, is_free);
	if (place)
		add_site(plan, place, burn__word(&plan->text, place));
}

struct count {
	const struct burn_text *text;
	size_t found;
};

static void count_sensitive(void *user, u64 address)
{
	struct count *count = user;

	count->found += proof__is_sensitive(burn__word(count->text, address));
}

static u64 whole_words(const struct burn_text *text)
{
	return text->start + ((text->end - text->start) & ~3ull);
}

size_t unrecorded__count(const struct burn_text *text)
{
	struct count count = { text, 0 };

	if (text->proof)
		proof__visit(text->proof, text->delta, text->start, whole_words(text), count_sensitive, &count);
	return count.found;
}

size_t unrecorded__plan(struct burn_plan *plan)
{
	const struct burn_text *text = &plan->text;
	const size_t before = plan->site_count;

	if (text->proof)
		proof__visit(text->proof, text->delta, text->start, whole_words(text), bypass, plan);
	return plan->site_count - before;
}
