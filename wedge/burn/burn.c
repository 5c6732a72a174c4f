/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rewriter: plan, check, commit.
 *
 * Planning reads the records and the kernel's code and decides for each site; any record that does not
 * fit the code ends it with a complaint, because a kernel whose records are wrong anywhere cannot be
 * trusted to have marked its k-regions. Only commit writes.
 */
#include "wedge/burn/burn.h"

#include <stdlib.h>
#include <string.h>

#include "wedge/burn/sequence.h"
#include "wedge/core/layout.h"
#include "wedge/load/relink.h"

const char *const burn__how_names[BURN_WAYS] = {
	[BURN_INLINE] = "burnt inline", [BURN_OUTLINE] = "burnt in the code cache", [BURN_CALL] = "burnt to a call",
	[BURN_GUARD] = "guarded", [BURN_LEFT_SLOT] = "left in delay slots", [BURN_LEFT_UNPADDED] = "left unpadded",
	[BURN_LEFT_OFF] = "left by --no-burn",
};

/* What planning works on; the addresses in records are as linked. */
struct planner {
	struct burn_plan *plan;
	const struct image *image;
	const u8 *ram;
	u64 ram_size;
	struct complaint *c;
	bool big_endian;
};

static const struct row {
	u16 id;
	const char *name;
	u32 match, mask;
} rows[] = {
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) { ID, #NAME, MATCH, MASK },
#include "abi/sensitive.def"
#undef SENSITIVE
};

static const struct row *row_of(unsigned id)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].id == id)
			return &rows[i];
	return NULL;
}

static u32 code_at(const struct planner *p, u64 address)
{
	return image__get32(p->image, p->ram + (address - IMAGE_CKSEG0));
}

/* [address, address + size) must be code of this kernel, as linked. */
static int check_place(const struct planner *p, size_t n, u64 address, u64 size)
{
	u64 pa = address - IMAGE_CKSEG0;

	if (address & 3)
		return complain(p->c, "%s: .afterburn record %zu: address %#llx is not a multiple of 4", p->image->name, n,
				(unsigned long long)address);
	if (pa < p->image->start || pa >= p->image->end || size > p->image->end - pa || pa + size > p->ram_size)
		return complain(p->c, "%s: .afterburn record %zu: %#llx lies outside the kernel (%#llx-%#llx)",
				p->image->name, n, (unsigned long long)address,
				(unsigned long long)(p->image->start + IMAGE_CKSEG0),
				(unsigned long long)(p->image->end + IMAGE_CKSEG0));
	return 0;
}

static int check_site(const struct planner *p, size_t n, const struct afterburn_record *r)
{
	const struct row *row = row_of(r->site.insn);
	u32 found;

	if (!(r->flags & AFTERBURN_FLAG_COMPLETE))
		return complain(p->c, "%s: .afterburn record %zu at %#llx was never completed; link objects made by afterburn-gcc",
				p->image->name, n, (unsigned long long)r->address);
	if (!row)
		return complain(p->c, "%s: .afterburn record %zu at %#llx names instruction %u, which this Wedge does not know",
				p->image->name, n, (unsigned long long)r->address, r->site.insn);
	if (!r->site.words || r->site.words > BURN_SITE_WORDS)
		return complain(p->c, "%s: .afterburn record %zu at %#llx: a pad of %u words; 1 to %u would be right",
				p->image->name, n, (unsigned long long)r->address, r->site.words, BURN_SITE_WORDS);
	if (check_place(p, n, r->address, 4ull * r->site.words))
		return -1;
	found = code_at(p, r->address);
	if (found != r->site.word || (found & row->mask) != row->match)
		return complain(p->c, "%s: .afterburn record %zu at %#llx says %s %08x, the code there is %08x",
				p->image->name, n, (unsigned long long)r->address, row->name, r->site.word, found);
	if (r->flags & (AFTERBURN_FLAG_DELAY_SLOT | AFTERBURN_FLAG_UNPADDED))
		return 0;
	for (unsigned i = 1; i < r->site.words; i++)
		if (code_at(p, r->address + 4 * i))
			return complain(p->c, "%s: .afterburn record %zu at %#llx: word %u of its pad is %08x, no NOP",
					p->image->name, n, (unsigned long long)r->address, i,
					code_at(p, r->address + 4 * i));
	return 0;
}

static int check_region(const struct planner *p, size_t n, const struct afterburn_record *r)
{
	if (r->region.end <= r->address || r->region.end & 3)
		return complain(p->c, "%s: .afterburn record %zu: region %#llx-%#llx is empty or unaligned", p->image->name,
				n, (unsigned long long)r->address, (unsigned long long)r->region.end);
	return check_place(p, n, r->address, r->region.end - r->address);
}

/* Sites may not overlap each other; records are sorted by address. */
static int check_overlap(const struct planner *p, const struct records *records)
{
	const struct afterburn_record *last = NULL;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (r->kind != AFTERBURN_KIND_SITE)
			continue;
		if (last && r->address - last->address < 4ull * last->site.words)
			return complain(p->c, "%s: .afterburn: the sites at %#llx and %#llx overlap", p->image->name,
					(unsigned long long)last->address, (unsigned long long)r->address);
		last = r;
	}
	return 0;
}

static int check(const struct planner *p, const struct records *records)
{
	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (r->kind == AFTERBURN_KIND_SITE ? check_site(p, n, r) : check_region(p, n, r))
			return -1;
	}
	return check_overlap(p, records);
}

/* --- Regions and guards --- */

static int by_start(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static void add_original(struct burn_plan *plan, u64 address, u32 word, u32 words)
{
	plan->originals[plan->original_count++] = (struct original){ address, word, words };
}

/* Records may be adjacent or nested (a k-region may hold FP moves): join them into disjoint ranges. */
static void plan_regions(struct planner *p, const struct records *records)
{
	struct burn_plan *plan = p->plan;
	size_t joined = 0;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (r->kind == AFTERBURN_KIND_SITE)
			continue;
		plan->regions[plan->region_count++] = (struct region){ r->address + RELINK_DELTA(WINDOW_CKSEG0),
								       r->region.end + RELINK_DELTA(WINDOW_CKSEG0) };
	}
	qsort(plan->regions, plan->region_count, sizeof(*plan->regions), by_start);
	for (size_t i = 0; i < plan->region_count; i++) {
		struct region *last = joined ? &plan->regions[joined - 1] : NULL;

		if (last && plan->regions[i].start <= last->end) {
			if (plan->regions[i].end > last->end)
				last->end = plan->regions[i].end;
		} else {
			plan->regions[joined++] = plan->regions[i];
		}
	}
	plan->region_count = joined;
}

/*
 * Linux generates its TLB handlers at boot, into room that its text leaves for them. Such code uses k0 and
 * k1 and has no records, so where Status.EXL is set it must be interpreted. The room is known by what is in
 * it at load time: long runs of zero words.
 */
#define BLANK_WORDS	16

static int plan_blanks(struct planner *p)
{
	struct burn_plan *plan = p->plan;
	u64 start = p->image->text.va, end = start + (p->image->text.size & ~3ull), run = start;
	size_t room = 0;

	if (!p->image->text.size || check_place(p, 0, start, end - start))
		return p->image->text.size ? -1 : 0;
	for (u64 at = start; at <= end; at += 4) {
		if (at < end && !code_at(p, at))
			continue;
		if (at - run >= 4 * BLANK_WORDS) {
			if (plan->blank_count == room) {
				struct region *more = realloc(plan->blanks, (room = 2 * room + 16) * sizeof(*more));

				if (!more)
					return complain(p->c, "no memory for a list of %zu blanks in the text", room);
				plan->blanks = more;
			}
			plan->blanks[plan->blank_count++] = (struct region){ run + RELINK_DELTA(WINDOW_CKSEG0),
									     at + RELINK_DELTA(WINDOW_CKSEG0) };
		}
		run = at + 4;
	}
	return 0;
}

static bool in_region(const struct burn_plan *plan, u64 address)
{
	struct machine m = { .regions = plan->regions, .region_count = plan->region_count };

	return machine__in_region(&m, address);
}

/* --- Sites --- */

static bool runs_silently(const struct burn_site *site)
{
	const char *name = row_of(site->insn)->name;

	return !strcmp(name, "rdhwr") || !strcmp(name, "synci");
}

static void plan_site(struct planner *p, struct burn_site *site, u32 flags, bool no_burn)
{
	struct burn_plan *plan = p->plan;

	memset(site->code, 0, sizeof(site->code));
	site->code[0] = site->word;
	if (flags & AFTERBURN_FLAG_DELAY_SLOT)
		site->how = BURN_LEFT_SLOT;
	else if (flags & AFTERBURN_FLAG_UNPADDED || site->words < 2)
		site->how = BURN_LEFT_UNPADDED;
	else if (no_burn)
		site->how = BURN_LEFT_OFF;
	else if (in_region(plan, site->address + 4 * site->words))
		site->how = BURN_CALL;		/* the Wedge is needed right behind it: save the guard's trap */
	else if (sequence__inline(site, p->big_endian))
		site->how = BURN_INLINE;
	else if (sequence__outline(site, (u32[SEQUENCE_OUTLINE_WORDS]){ 0 }, p->big_endian))
		site->how = BURN_OUTLINE;
	else
		site->how = BURN_CALL;
	if (site->how >= BURN_LEFT_SLOT && runs_silently(site)) {
		site->how = BURN_GUARD;
		site->words = 1;
	}
}

static void plan_sites(struct planner *p, const struct records *records, bool no_burn)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];
		struct burn_site *site = &plan->sites[plan->site_count];

		if (r->kind != AFTERBURN_KIND_SITE)
			continue;
		*site = (struct burn_site){
			.address = r->address + RELINK_DELTA(WINDOW_CKSEG0), .word = r->site.word,
			.dead = r->site.dead, .insn = r->site.insn, .words = r->site.words,
		};
		plan->site_count++;
		plan_site(p, site, r->flags, no_burn);
	}
}

/* --- The code cache --- */

static void fill_slot(const struct planner *p, struct burn_site *site)
{
	u64 cache = WINDOW_CKSEG0 + CODE_CACHE_PA;
	u32 *code = p->plan->cache + site->slot * (SLOT_SIZE / 4);
	unsigned n;

	if (site->how == BURN_CALL) {
		code[0] = sequence__save_ra();
		code[1] = sequence__jump(cache, true);
		code[BURN_TRAMPOLINE_RETURN] = sequence__restore_ra();
		n = BURN_TRAMPOLINE_RETURN + 1;
	} else {
		n = sequence__outline(site, code, p->big_endian);
	}
	code[n] = sequence__jump(site->address + 4 * site->words, false);
	memset(site->code, 0, sizeof(site->code));
	site->code[0] = sequence__jump(cache + p->plan->cache_start + (u64)site->slot * SLOT_SIZE, false);
}

static void lay_out_cache(struct planner *p)
{
	struct burn_plan *plan = p->plan;

	for (size_t i = 0; i < plan->site_count; i++) {
		struct burn_site *site = &plan->sites[i];

		if (site->how != BURN_CALL && site->how != BURN_OUTLINE)
			continue;
		site->slot = plan->slot_count++;
		plan->slot_site[site->slot] = i;
		add_original(plan, site->address, site->word, site->words);
		fill_slot(p, site);
	}
}

/*
 * Each region's first instruction gets a guard, unless a burnt site stands there: a call then leads to the
 * Wedge anyway, and anything else must become one.
 */
static void guard_regions(struct planner *p, const struct records *records)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];
		u64 address = r->address + RELINK_DELTA(WINDOW_CKSEG0);
		const struct burn_site *site;

		if (r->kind == AFTERBURN_KIND_SITE)
			continue;
		site = burn__site_at(plan, address);
		if (site && site->how <= BURN_GUARD)
			continue;
		/* two regions may begin at one place */
		if (plan->original_count && plan->originals[plan->original_count - 1].address == address)
			continue;
		add_original(plan, address, code_at(p, r->address), 1);
		plan->counts[BURN_GUARD]++;
	}
}

/* A site inside a region runs in the interpreter only; where it is the region's first word it is the guard. */
static void call_from_regions(struct planner *p, const struct records *records, bool no_burn)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count && !no_burn; n++) {
		const struct afterburn_record *r = &records->record[n];
		struct burn_site *site;

		if (r->kind == AFTERBURN_KIND_SITE)
			continue;
		site = (struct burn_site *)burn__site_at(plan, r->address + RELINK_DELTA(WINDOW_CKSEG0));
		if (site && (site->how == BURN_INLINE || site->how == BURN_OUTLINE))
			site->how = BURN_CALL;
	}
}

static int allocate(struct planner *p, size_t records)
{
	struct burn_plan *plan = p->plan;
	size_t most = (CODE_CACHE_SIZE - plan->cache_start) / SLOT_SIZE;

	if (most > GUARDS_MAX / 2)
		most = GUARDS_MAX / 2;
	if (records > most)
		return complain(p->c, "%s: %zu records in .afterburn are more than this Wedge has room for (%zu)",
				p->image->name, records, most);
	records++;	/* so that none of these is empty */
	plan->sites = calloc(records, sizeof(*plan->sites));
	plan->originals = calloc(2 * records, sizeof(*plan->originals));
	plan->regions = calloc(records, sizeof(*plan->regions));
	plan->slot_site = calloc(records, sizeof(*plan->slot_site));
	plan->cache = calloc(records, SLOT_SIZE);
	if (!plan->sites || !plan->originals || !plan->regions || !plan->slot_site || !plan->cache)
		return complain(p->c, "no memory for a plan of %zu records", records);
	return 0;
}

static int plan_all(struct planner *p, struct records *records, bool no_burn)
{
	struct burn_plan *plan = p->plan;

	records__sort(records);
	if (check(p, records) || allocate(p, records->count) || plan_blanks(p))
		return -1;
	plan_regions(p, records);
	plan_sites(p, records, no_burn);
	call_from_regions(p, records, no_burn);
	lay_out_cache(p);
	for (size_t i = 0; i < plan->site_count; i++) {
		plan->counts[plan->sites[i].how]++;
		if (plan->sites[i].how == BURN_GUARD)
			add_original(plan, plan->sites[i].address, plan->sites[i].word, 1);
	}
	guard_regions(p, records);
	plan->skipped_records = records->skipped;
	return 0;
}

int burn__plan(struct burn_plan *plan, const struct image *image, const u8 *ram, u64 ram_size, u64 entry_size,
	       bool no_burn, struct complaint *c)
{
	struct planner p = {
		.plan = plan, .image = image, .ram = ram, .ram_size = ram_size, .c = c,
		.big_endian = !image->little_endian,
	};
	struct complaint why;
	struct records records;
	int result;

	*plan = (struct burn_plan){ .cache_start = entry_size };
	if (!image->afterburn.bytes || !image->afterburn.size)
		return complain(c, "%s: no .afterburn section; build the kernel with CC=afterburn-gcc", image->name);
	if (records__read(image->afterburn.bytes, image->afterburn.size, p.big_endian, &records, &why))
		return complain(c, "%s: .afterburn: %.200s", image->name, why.text);
	result = plan_all(&p, &records, no_burn);
	if (result)
		burn__free(plan);
	records__free(&records);
	return result;
}

/* --- Commit --- */

static void put_word(u8 *ram, u64 address, u32 word)
{
	memcpy(ram + (address - WINDOW_CKSEG0), &word, 4);
}

void burn__commit(const struct burn_plan *plan, u8 *ram, u8 *code_cache)
{
	for (size_t i = 0; i < plan->site_count; i++) {
		const struct burn_site *site = &plan->sites[i];

		for (unsigned w = 0; w < site->words && site->how < BURN_GUARD; w++)
			put_word(ram, site->address + 4 * w, site->code[w]);
	}
	for (size_t i = plan->slot_count; i < plan->original_count; i++)
		put_word(ram, plan->originals[i].address, GUARD(i));
	memcpy(code_cache + plan->cache_start, plan->cache, plan->slot_count * SLOT_SIZE);
}

void burn__free(struct burn_plan *plan)
{
	free(plan->sites);
	free(plan->originals);
	free(plan->regions);
	free(plan->blanks);
	free(plan->slot_site);
	free(plan->cache);
	*plan = (struct burn_plan){ 0 };
}

const struct burn_site *burn__site_of_slot(const struct burn_plan *plan, u64 offset, unsigned *word)
{
	u64 slot = (offset - plan->cache_start) / SLOT_SIZE;

	if (offset < plan->cache_start || slot >= plan->slot_count)
		return NULL;
	*word = (offset - plan->cache_start) % SLOT_SIZE / 4;
	return &plan->sites[plan->slot_site[slot]];
}

unsigned burn__outline_length(const struct burn_site *site)
{
	return sequence__outline(site, (u32[SEQUENCE_OUTLINE_WORDS]){ 0 }, false);
}

unsigned burn__outline_scratch(const struct burn_site *site)
{
	return sequence__outline_scratch(site->word);
}

const struct burn_site *burn__site_at(const struct burn_plan *plan, u64 address)
{
	size_t low = 0, high = plan->site_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (plan->sites[mid].address <= address)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || address - plan->sites[low - 1].address >= 4ull * plan->sites[low - 1].words)
		return NULL;
	return &plan->sites[low - 1];
}
