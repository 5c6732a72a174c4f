/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The rewriter: check, plan, commit.
 *
 * Any record that does not fit the code ends it with a complaint, because a kernel whose records are wrong
 * anywhere cannot be trusted to have marked its k-regions. Planning decides for each site; only commit writes.
 */
#include "wedge/burn/burn.h"

#include <stdlib.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "wedge/burn/check.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"
#include "wedge/burn/unrecorded.h"
#include "wedge/core/layout.h"

const char *const burn__how_names[BURN_WAYS] = {
	[BURN_INLINE] = "burnt inline", [BURN_OUTLINE] = "burnt in the code cache", [BURN_CALL] = "burnt to a call", [BURN_LOOK] = "burnt to a look",
	[BURN_CLOCK] = "burnt to the clock",
	[BURN_BYPASS] = "by-passed", [BURN_GUARD] = "guarded", [BURN_LEFT_SLOT] = "left in delay slots", [BURN_LEFT_UNPADDED] = "left unpadded",
	[BURN_LEFT_OFF] = "left by --no-burn",
};

/* What planning works on; the addresses in records are as linked, all others in the window. */
struct planner {
	struct burn_plan *plan;
	const struct burn_text *text;
	struct complaint *c;
};

static u8 *place_of(const struct burn_text *text, u64 address)
{
	u64 offset = address - (text->start & ~(BURN_PAGE - 1));

	return text->pages[offset / BURN_PAGE] + offset % BURN_PAGE;
}

u32 burn__word(const struct burn_text *text, u64 address)
{
	u32 word;

	memcpy(&word, place_of(text, address), 4);
	return text->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? word : __builtin_bswap32(word);
}

/* Of a record. */
static u64 window(const struct planner *p, u64 address)
{
	return address + p->text->delta;
}

/* --- Regions and guards --- */

static int by_start(const void *a, const void *b)
{
	const struct region *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

static u32 next_number(const struct burn_plan *plan)
{
	return plan->code.first + plan->code.original_count;
}

static void add_original(struct burn_plan *plan, u64 address, u32 word, u32 words, u32 stand_in)
{
	plan->code.originals[plan->code.original_count++] = (struct original){ address, word, words, stand_in };
}

static void add_guard(struct burn_plan *plan, u64 address, u32 word)
{
	add_original(plan, address, word, 1, GUARD(next_number(plan)));
}

/*
 * Records may be adjacent or nested (a k-region may hold FP moves): join them into disjoint ranges. Also where a word lies between: to
 * interpret that costs less than to go on natively and come back. Who jumps to it finds the guard of the second.
 */
static void plan_regions(struct planner *p, const struct records *records)
{
	struct burn_plan *plan = p->plan;
	size_t joined = 0;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];

		if (record__is_site(r))
			continue;
		plan->code.regions[plan->code.region_count++] = (struct region){ window(p, r->address),
										 window(p, r->region.end) };
	}
	qsort(plan->code.regions, plan->code.region_count, sizeof(*plan->code.regions), by_start);
	for (size_t i = 0; i < plan->code.region_count; i++) {
		struct region *last = joined ? &plan->code.regions[joined - 1] : NULL;

		if (last && plan->code.regions[i].start <= last->end + 4) {
			if (plan->code.regions[i].end > last->end)
				last->end = plan->code.regions[i].end;
		} else {
			plan->code.regions[joined++] = plan->code.regions[i];
		}
	}
	plan->code.region_count = joined;
}

/* The memory of a plan. Cleared; NULL if there is none. */
static void *room_for(const struct burn_text *text, size_t count, size_t size)
{
	return text->heap ? heap__alloc(text->heap, count * size) : calloc(count, size);
}

static void give_back(const struct burn_text *text, void *room)
{
	if (text->heap)
		heap__free(text->heap, room);
	else
		free(room);
}

static int add_blank(struct planner *p, u64 start, u64 end)
{
	struct code *code = &p->plan->code;
	size_t n = code->blank_count;

	if (!(n & (n - 1))) {		/* room for a power of two */
		struct region *more = room_for(p->text, n ? 2 * n : 1, sizeof(*more));

		if (!more)
			return complain(p->c, "no memory for a list of %zu blanks in the text", n + 1);
		if (n)
			memcpy(more, code->blanks, n * sizeof(*more));
		give_back(p->text, code->blanks);
		code->blanks = more;
	}
	code->blanks[code->blank_count++] = (struct region){ start, end };
	return 0;
}

/*
 * Linux generates its TLB handlers at boot, into room that its text leaves for them. Such code uses k0 and
 * k1 and has no records, so where Status.EXL is set it must be interpreted. The room is known by what is in
 * it at load time: long runs of zero words. No run that begins at `at` or behind it is long enough unless it
 * has the last word of [at, at + BLANK_SIZE): so of 16 words one is looked at.
 */
#define BLANK_SIZE	(4 * AFTERBURN_BLANK_WORDS)

static int plan_blanks(struct planner *p)
{
	const struct burn_text *text = p->text;

	for (u64 at = text->blank_start; at + BLANK_SIZE <= text->blank_end;) {
		u64 start = at + BLANK_SIZE - 4, end = start + 4;

		if (burn__word(text, start)) {
			at = end;
			continue;
		}
		while (start > at && !burn__word(text, start - 4))
			start -= 4;
		while (end < text->blank_end && !burn__word(text, end))
			end += 4;
		if (end - start >= BLANK_SIZE && add_blank(p, start, end))
			return -1;
		at = end;
	}
	return 0;
}

/* --- Sites --- */

static struct burn_site *site_at(const struct burn_plan *plan, u64 address)
{
	return (struct burn_site *)burn__site_of_plan(plan, address);
}

static bool runs_silently(const struct burn_site *site)
{
	const char *name = burn__insn(site->insn)->name;

	return !strcmp(name, "rdhwr") || !strcmp(name, "synci");
}

static enum burn_how plan_site(const struct planner *p, struct burn_site *site, u32 flags, enum burn_mode mode)
{
	bool room = site->words > 1;	/* for a jump and its slot */

	if (flags & AFTERBURN_FLAG_DELAY_SLOT)
		return BURN_LEFT_SLOT;
	if (flags & AFTERBURN_FLAG_UNPADDED)
		return BURN_LEFT_UNPADDED;
	if (mode == BURN_NONE)
		return BURN_LEFT_OFF;
	if (mode == BURN_POISON && site->dead)
		return room ? BURN_CALL : BURN_LEFT_UNPADDED;
	/* The Wedge is needed right behind it: save the guard's trap. */
	if (room && code__in_region(&p->plan->code, site->address + 4 * site->words))
		return BURN_CALL;
	if (sequence__inline(site, p->text->big_endian))
		return BURN_INLINE;
	if (!room)
		return BURN_LEFT_UNPADDED;
	if (mode != BURN_EXACTLY && !(flags & AFTERBURN_FLAG_ASM) && sequence__looks(site))
		return BURN_LOOK;
	if (mode != BURN_EXACTLY && !(flags & AFTERBURN_FLAG_ASM) && sequence__reads_clock(site))
		return BURN_CLOCK;
	return sequence__outline(site, &(struct sequence){ 0 }, p->text->big_endian) ? BURN_OUTLINE : BURN_CALL;
}

/* Does the region of record n have a second word, which is no site, and where no other region begins? */
static bool second_word_is_free(const struct records *records, size_t n)
{
	const struct afterburn_record *r = &records->record[n], *end = records->record + records->count;

	for (const struct afterburn_record *next = r + 1; next < end && next->address <= r->address + 4; next++)
		if (next->address == r->address + 4)
			return false;
	return r->region.end - r->address > 4;
}

/*
 * Can the Wedge be called where FP region `r` begins? Its second word becomes the slot of the jump: no other jump leads there (regions.c of the
 * afterburner begins another region where one does). The first must not be a slot itself.
 */
static bool can_call_from(const struct planner *p, const struct records *records, size_t n)
{
	const struct afterburn_record *r = &records->record[n];
	const u64 address = window(p, r->address);

	return r->kind == AFTERBURN_KIND_FPU && mips_insn__is_fpu(burn__word(p->text, address)) && second_word_is_free(records, n) && address > p->text->start &&
	       !code__in_region(&p->plan->code, address - 4) && !mips_insn__has_delay_slot(burn__word(p->text, address - 4)) &&
	       !burn__site_of_plan(p->plan, address);
}

static void plan_sites(struct planner *p, const struct records *records, enum burn_mode mode)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];
		struct burn_site *site = &plan->sites[plan->site_count];

		if (!record__is_site(r)) {
			if (mode != BURN_NONE && can_call_from(p, records, n)) {
				*site = (struct burn_site){ .address = window(p, r->address), .word = burn__word(p->text, window(p, r->address)), .words = 1, .how = BURN_CALL };
				plan->site_count++;
			}
			continue;
		}
		*site = (struct burn_site){
			.address = window(p, r->address), .word = r->site.word,
			.dead = r->site.dead, .insn = r->site.insn, .words = r->site.words,
		};
		plan->site_count++;
		site->code[0] = site->word;
		site->how = plan_site(p, site, r->flags, mode);
		if (site->how >= BURN_LEFT_SLOT && runs_silently(site)) {
			site->how = BURN_GUARD;
			site->words = 1;
		}
	}
}

/* --- The code cache --- */

static void fill_slot(const struct planner *p, struct burn_site *site)
{
	u64 cache = WINDOW_CKSEG0 + CODE_CACHE_PA;
	u32 *code = p->plan->cache + site->slot * (SLOT_SIZE / 4);
	u32 back = sequence__jump(site->address + 4 * site->words, false);
	struct sequence s;

	site->code[0] = sequence__jump(cache + p->plan->cache_start + (u64)site->slot * SLOT_SIZE, false);
	if (site->how == BURN_OUTLINE) {
		sequence__outline(site, &s, p->text->big_endian);
		site->code[1] = s.code[0];
		memcpy(code, s.code + 1, 4 * (s.length - 2));
		code[s.length - 2] = back;
		code[s.length - 1] = s.code[s.length - 1];
		return;
	}
	if (burn__looks_first(site)) {
		site->code[1] = sequence__save_ra();
		(site->how == BURN_LOOK ? sequence__look : sequence__clock)(site, cache, code);
	} else {
		code[0] = sequence__save_ra();
		code[BURN_TRAMPOLINE_CALL] = sequence__jump(cache, true);
	}
	code[BURN_TRAMPOLINE_RETURN] = sequence__restore_ra();
	code[BURN_TRAMPOLINE_RETURN + 1] = back;
}

unsigned burn__executed(const struct burn_site *site, bool big_endian)
{
	const unsigned trampoline = 2 + BURN_TRAMPOLINE_RETURN + 3;	/* with the two words of the site */
	struct sequence s;

	switch ((enum burn_how)site->how) {
	case BURN_INLINE:
		return site->words;
	case BURN_OUTLINE:
		return sequence__outline(site, &s, big_endian) ? s.length + 2 : 0;
	case BURN_CALL:
		return trampoline;
	case BURN_LOOK:
	case BURN_CLOCK:
		return trampoline + LOOK_FOUND;
	default:
		return 0;
	}
}

static void lay_out_cache(struct planner *p)
{
	struct burn_plan *plan = p->plan;

	for (size_t i = 0; i < plan->site_count; i++) {
		struct burn_site *site = &plan->sites[i];

		if (site->how != BURN_OUTLINE && !burn__has_trampoline(site))
			continue;
		site->slot = plan->code.slot_count++;
		plan->slot_site[site->slot] = i;
		fill_slot(p, site);
		add_original(plan, site->address, site->word, site->words, site->code[0]);
	}
}

/*
 * A site inside a region runs in the interpreter only; where it is the region's first word it leads there. A call needs
 * two words. Nobody comes to the second one of a region but by the first, so it can be the slot of the jump.
 */
static void call_from_regions(struct planner *p, const struct records *records, enum burn_mode mode)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count && mode != BURN_NONE; n++) {
		const struct afterburn_record *r = &records->record[n];
		struct burn_site *site;

		if (record__is_site(r))
			continue;
		site = site_at(plan, window(p, r->address));
		if (site && (site->how == BURN_INLINE || site->how == BURN_OUTLINE))
			site->how = site->words > 1 || second_word_is_free(records, n) ? BURN_CALL : BURN_GUARD;
	}
}

/* Each region's first instruction gets a guard, unless a burnt site stands there, which leads to the Wedge anyway. */
static void guard_regions(struct planner *p, const struct records *records)
{
	struct burn_plan *plan = p->plan;

	for (size_t n = 0; n < records->count; n++) {
		const struct afterburn_record *r = &records->record[n];
		u64 address = window(p, r->address), last;
		const struct burn_site *site;

		if (record__is_site(r))
			continue;
		/* two regions may begin at one place */
		last = plan->code.original_count ? plan->code.originals[plan->code.original_count - 1].address : 0;
		site = site_at(plan, address);
		if (site && site->how == BURN_CALL && site->words == 1) {
			if (last != address + 4)
				add_original(plan, address + 4, burn__word(p->text, address + 4), 1, NUMBERED_NOP(next_number(plan)));
		} else if ((!site || site->how > BURN_GUARD) && last != address) {
			add_guard(plan, address, burn__word(p->text, address));
			plan->counts[BURN_GUARD]++;
		}
	}
}

/* The pages stay known: blocks are made of what is there. */
static int plan_unrecorded(struct planner *p)
{
	const struct burn_text *text = p->text;
	const size_t pages = (text->end - (text->start & ~(BURN_PAGE - 1)) + BURN_PAGE - 1) / BURN_PAGE;

	if (!unrecorded__plan(p->plan))
		return 0;
	p->plan->pages = room_for(text, pages, sizeof(*p->plan->pages));
	if (!p->plan->pages)
		return complain(p->c, "no memory for a list of %zu pages", pages);
	memcpy(p->plan->pages, text->pages, pages * sizeof(*text->pages));
	return 0;
}

/* A record gives one original at most, but two where an FP region calls: the jump and its slot. */
static size_t originals_most(const struct records *records)
{
	size_t most = records->count;

	for (size_t n = 0; n < records->count; n++)
		most += records->record[n].kind == AFTERBURN_KIND_FPU;
	return most;
}

static int allocate(struct planner *p, size_t records, u64 entry_size)
{
	struct burn_plan *plan = p->plan;
	u32 most = pieces__numbers(entry_size) - p->text->first;

	if (records > most)
		return complain(p->c, "%zu records in .afterburn are more than this Wedge has room for (%u)", records, most);
	records++;	/* so that none of these is empty */
	plan->sites = room_for(p->text, records, sizeof(*plan->sites));
	plan->code.originals = room_for(p->text, records, sizeof(*plan->code.originals));
	plan->code.regions = room_for(p->text, records, sizeof(*plan->code.regions));
	plan->slot_site = room_for(p->text, records, sizeof(*plan->slot_site));
	plan->cache = calloc(records, SLOT_SIZE);
	if (!plan->sites || !plan->code.originals || !plan->code.regions || !plan->slot_site || !plan->cache)
		return complain(p->c, "no memory for a plan of %zu records", records);
	return 0;
}

static int plan_all(struct planner *p, struct records *records, u64 entry_size, enum burn_mode mode)
{
	struct burn_plan *plan = p->plan;

	records__sort(records);
	if (burn__check(p->text, records, p->c) || allocate(p, originals_most(records) + p->text->unrecorded, entry_size) || plan_blanks(p))
		return -1;
	plan_regions(p, records);
	plan_sites(p, records, mode);
	call_from_regions(p, records, mode);
	if (plan_unrecorded(p))
		return -1;
	lay_out_cache(p);
	for (size_t i = 0; i < plan->site_count; i++) {
		plan->counts[plan->sites[i].how]++;
		if (plan->sites[i].how == BURN_GUARD)
			add_guard(plan, plan->sites[i].address, plan->sites[i].word);
	}
	guard_regions(p, records);
	plan->skipped_records = records->skipped;
	plan->text.proof = NULL;
	return 0;
}

int burn__plan_text(struct burn_plan *plan, const struct burn_text *text, struct records *records, u64 entry_size,
		    enum burn_mode mode, struct complaint *c)
{
	struct planner p = { .plan = plan, .text = text, .c = c };

	*plan = (struct burn_plan){
		.code = { .start = text->start, .end = text->end, .first = text->first }, .text = *text,
		.cache_start = entry_size + (u64)text->first * SLOT_SIZE,
	};
	if (!plan_all(&p, records, entry_size, mode))
		return 0;
	burn__free(plan);
	return -1;
}

/* --- Commit --- */

static void put_word(const struct burn_plan *plan, u64 address, u32 word)
{
	memcpy(place_of(&plan->text, address), &word, 4);
}

void burn__commit(const struct burn_plan *plan, u8 *code_cache)
{
	u8 *slots = code_cache + plan->cache_start;

	for (size_t i = 0; i < plan->site_count; i++) {
		const struct burn_site *site = &plan->sites[i];

		for (unsigned w = 0; w < site->words && site->how < BURN_GUARD; w++)
			put_word(plan, site->address + 4 * w, site->code[w]);
	}
	for (size_t i = plan->code.slot_count; i < plan->code.original_count; i++)
		put_word(plan, plan->code.originals[i].address, plan->code.originals[i].stand_in);
	memcpy(slots, plan->cache, plan->code.slot_count * SLOT_SIZE);
	__builtin___clear_cache((char *)slots, (char *)slots + plan->code.slot_count * SLOT_SIZE);
}

void burn__lead_erets(const struct burn_plan *plan, u8 *code_cache, u64 entry)
{
	u32 *slots = (u32 *)(code_cache + plan->cache_start);

	for (size_t i = 0; i < plan->site_count; i++) {
		const struct burn_site *site = &plan->sites[i];

		if (site->word == MIPS_ERET && site->how == BURN_CALL)
			slots[site->slot * (SLOT_SIZE / 4) + BURN_TRAMPOLINE_CALL] = sequence__jump(entry, true);
	}
}

/* dmtc0 rt, PRId */
static bool is_ask(u32 word)
{
	return (word & 0xffe0ffff) == 0x40a07800;
}

void burn__drop_asks(const struct burn_plan *plan, u8 *ram)
{
	for (size_t i = 0; i < plan->site_count; i++) {
		const struct burn_site *site = &plan->sites[i];

		if (is_ask(site->word))
			memset(ram + (site->address - WINDOW_CKSEG0), 0, 4 * site->words);	/* NOPs */
	}
}

void burn__settle(struct burn_plan *plan)
{
	free(plan->text.pages);
	free(plan->cache);
	plan->text.pages = NULL;
	plan->cache = NULL;
}

void burn__free(struct burn_plan *plan)
{
	const struct burn_text text = plan->text;

	burn__settle(plan);
	give_back(&text, plan->sites);
	give_back(&text, plan->code.originals);
	give_back(&text, plan->code.regions);
	give_back(&text, plan->code.blanks);
	give_back(&text, plan->slot_site);
	give_back(&text, plan->pages);
	*plan = (struct burn_plan){ 0 };
}
