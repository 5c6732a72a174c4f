/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Modules: see module.h.
 *
 * Everything comes from the guest's kernel and names physical memory only, which is checked page by page; nothing
 * here needs a translation of the guest's, so nothing can fault.
 */
#include "wedge/burn/module.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi/call.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/proof.h"
#include "wedge/burn/unrecorded.h"
#include "wedge/core/layout.h"

#define RECORDS_MOST	0x1000000ull	/* bytes */
#define PARTS		2

/* A call as far as it has come: all that has to be given back. */
struct loading {
	struct modules *modules;
	struct afterburn_call call;
	struct complaint c;
	struct records records;		/* sites and regions */
	struct proof proof;
	struct burn_plan *plan[PARTS];	/* NULL: no such part */
};

/* --- The guest's memory --- */

static u64 swap(const struct machine *m, u64 value)
{
	return m->big_endian == (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) ? value : __builtin_bswap64(value);
}

static void swap_area(const struct machine *m, struct afterburn_area *area)
{
	area->start = swap(m, area->start);
	area->size = swap(m, area->size);
	area->pages = swap(m, area->pages);
}

static bool read_call(const struct machine *m, u64 pa, struct afterburn_call *call)
{
	const u8 *block = ram__at(&m->ram, pa, sizeof(*call));

	if (!block)
		return false;
	memcpy(call, block, sizeof(*call));
	call->magic = swap(m, call->magic);
	call->size = swap(m, call->size);
	call->operation = swap(m, call->operation);
	call->page_size = swap(m, call->page_size);
	call->name[sizeof(call->name) - 1] = 0;
	swap_area(m, &call->records);
	for (unsigned i = 0; i < PARTS; i++)
		swap_area(m, &call->text[i]);
	return call->magic == AFTERBURN_CALL_MAGIC && call->size >= sizeof(*call);
}

static void answer(const struct machine *m, u64 pa, bool refused, const char *reason)
{
	u8 *block = ram__at(&m->ram, pa, sizeof(struct afterburn_call));
	u64 word = swap(m, refused);

	memcpy(block + offsetof(struct afterburn_call, refused), &word, sizeof(word));
	snprintf((char *)block + offsetof(struct afterburn_call, reason), sizeof(((struct afterburn_call *)0)->reason),
		 "%.255s", reason);
}

/* Where each BURN_PAGE bytes of an area are in our memory, from the page that its start is in. NULL with a complaint. */
static u8 **pages_of(struct loading *l, const char *what, const struct afterburn_area *area)
{
	const struct machine *m = l->modules->machine;
	u64 unit = l->call.page_size, first = area->start & ~(unit - 1), size = area->start - first + area->size;
	u8 **pages = malloc((size / BURN_PAGE + 2 + unit / BURN_PAGE) * sizeof(*pages));
	size_t n = 0;

	if (!pages)
		complain(&l->c, "no memory for a list of the pages of its %s", what);
	for (u64 i = 0; pages && i * unit < size; i++) {
		const u8 *entry = ram__at(&m->ram, area->pages + 8 * i, 8);
		u64 pa = ~0ull;
		u8 *page;

		if (entry)
			memcpy(&pa, entry, 8);
		pa = swap(m, pa);
		page = pa & (unit - 1) ? NULL : ram__at(&m->ram, pa, unit);
		if (!page) {
			complain(&l->c, "page %llu of its %s is not in RAM", (unsigned long long)i, what);
			free(pages);
			return NULL;
		}
		for (u64 at = 0; at < unit; at += BURN_PAGE)
			pages[n++] = page + at;
	}
	/* the pages in front of the one with `start` in it */
	if (pages)
		memmove(pages, pages + (area->start - first) / BURN_PAGE, (n - (area->start - first) / BURN_PAGE) * sizeof(*pages));
	return pages;
}

/* --- Checks --- */

static int check_call(struct loading *l)
{
	const struct afterburn_call *call = &l->call;

	if (call->page_size < BURN_PAGE || call->page_size > 0x10000 || call->page_size & (call->page_size - 1))
		return complain(&l->c, "pages of %llu bytes; a power of two from 4 KB to 64 KB would be right",
				(unsigned long long)call->page_size);
	if (call->records.size > RECORDS_MOST || call->records.start > ~0ull - RECORDS_MOST)
		return complain(&l->c, "a section .afterburn of %llu bytes; at most 16 MB would be right",
				(unsigned long long)call->records.size);
	for (unsigned i = 0; i < PARTS; i++) {
		const struct afterburn_area *t = &call->text[i];

		if (!t->size)
			continue;
		if ((t->start | t->size) & 3 || t->start < WINDOW_MODULES || t->start >= WINDOW_MODULES_END ||
		    t->size > WINDOW_MODULES_END - t->start)
			return complain(&l->c, "text at %#llx, %llu bytes, is not where modules are (%#llx-%#llx)",
					(unsigned long long)t->start, (unsigned long long)t->size, WINDOW_MODULES,
					WINDOW_MODULES_END);
		for (const struct code *code = l->modules->machine->code; code; code = code->next)
			if (t->start < code->end && code->start < t->start + t->size)
				return complain(&l->c, "text at %#llx is where '%s' is", (unsigned long long)t->start, code->name);
	}
	if (call->text[0].size && call->text[1].size && call->text[0].start < call->text[1].start + call->text[1].size &&
	    call->text[1].start < call->text[0].start + call->text[0].size)
		return complain(&l->c, "the texts of the module and of its init part overlap");
	return 0;
}

static int read_records(struct loading *l)
{
	const struct afterburn_area *area = &l->call.records;
	struct complaint why;
	u8 **pages, *bytes;
	int result;

	if (!area->size)
		return 0;
	pages = pages_of(l, "records", area);
	if (!pages)
		return -1;
	bytes = malloc(area->size);
	for (u64 done = 0, n; bytes && done < area->size; done += n) {
		u64 at = (area->start & (BURN_PAGE - 1)) + done;

		n = BURN_PAGE - at % BURN_PAGE;
		if (n > area->size - done)
			n = area->size - done;
		memcpy(bytes + done, pages[at / BURN_PAGE] + at % BURN_PAGE, n);
	}
	free(pages);
	if (!bytes)
		return complain(&l->c, "no memory for its records");
	result = records__read(bytes, area->size, l->modules->machine->big_endian, &l->records, &why);
	free(bytes);
	/* The kernel relocates them if there is a .rela.afterburn. */
	for (size_t i = 0; !result && i < l->records.count; i++)
		if (!l->records.record[i].address)
			return complain(&l->c, ".afterburn: records without addresses: what has removed .rela.afterburn from the "
					"module? strip -g leaves it");
	if (result || proof__take(&l->proof, &l->records, &why))
		return complain(&l->c, ".afterburn: %.200s", why.text);
	return 0;
}

/* --- What no record speaks of --- */

/* What the user is told of it: nothing, if it has nothing that records would be needed for. False if it must not run natively. */
static bool may_run(struct loading *l)
{
	const char *why = l->records.count || l->proof.count ? "an object in it that afterburn-gcc has not made" : "no .afterburn records";
	struct unseen unseen = { 0 };

	for (unsigned i = 0; i < PARTS; i++)
		if (l->plan[i])
			proof__look(&l->proof, l->plan[i], l->plan[i]->text.start, l->plan[i]->text.end, &unseen);
	if (unseen.silent)
		complain(&l->c, "%s, and code at %#llx that must not run natively: it is interpreted; build it with "
			 "CC=afterburn-gcc", why, (unsigned long long)unseen.silent);
	else if (unseen.traps)
		complain(&l->c, "%s: %u sensitive instructions will trap; build it with CC=afterburn-gcc", why, unseen.traps);
	return !unseen.silent;
}

/* --- Loading --- */

/* Records of init code are planned with the init text, all others with the text proper, which complains if need be. */
static bool belongs(const struct loading *l, const struct afterburn_record *r, unsigned part)
{
	bool init = r->address - l->call.text[1].start < l->call.text[1].size;

	return init == (part == 1);
}

static int plan_part(struct loading *l, unsigned part)
{
	const struct afterburn_area *area = &l->call.text[part];
	const struct machine *m = l->modules->machine;
	struct burn_text text = {
		.what = "module", .start = area->start, .end = area->start + area->size, .big_endian = m->big_endian,
	};
	struct records mine = { .record = calloc(l->records.count + 1, sizeof(*mine.record)) };
	struct burn_plan *plan;
	int result = -1;

	for (size_t i = 0; mine.record && i < l->records.count; i++)
		if (belongs(l, &l->records.record[i], part))
			mine.record[mine.count++] = l->records.record[i];
	text.heap = m->heap;
	text.proof = l->modules->bypass && l->modules->mode != BURN_NONE ? &l->proof : NULL;
	plan = pieces__new(l->modules->machine);
	if (!mine.record || !plan)
		complain(&l->c, "no memory for a plan of its text");
	else if ((text.pages = pages_of(l, "text", area))) {
		text.unrecorded = unrecorded__count(&text);
		text.first = pieces__find_numbers(m, mine.count + text.unrecorded, l->modules->entry_size);
		result = burn__plan_text(plan, &text, &mine, l->modules->entry_size, l->modules->mode, &l->c);
	}
	records__free(&mine);
	if (result) {
		pieces__drop(l->modules->machine, plan);
		return -1;
	}
	strcpy(plan->code.name, l->call.name);
	l->plan[part] = plan;
	return 0;
}

static void count_numbers(struct modules *modules)
{
	modules->numbers = 0;
	for (const struct code *code = modules->machine->code; code; code = code->next)
		if (code->start >= WINDOW_MODULES)
			modules->numbers += code->original_count;
	if (modules->numbers > modules->numbers_most)
		modules->numbers_most = modules->numbers;
}

/* Both parts are planned before either is written. The numbers of the first must be taken when the second looks for its own. */
static int plan_parts(struct loading *l)
{
	struct machine *m = l->modules->machine;

	for (unsigned i = 0; i < PARTS; i++) {
		if (!l->call.text[i].size)
			continue;
		if (plan_part(l, i))
			return -1;
		pieces__add(m, l->plan[i]);
	}
	return 0;
}

/* Blocks of it are forgotten while its sites are still known. */
static void remove_piece(struct machine *m, u64 start)
{
	const struct code *code = machine__code(m, start);

	if (code && code->start == start && m->ops->code_gone)
		m->ops->code_gone(m->user, code->start, code->end);
	pieces__retire(m, pieces__remove(m, start));
}

static void take_back(struct loading *l)
{
	for (unsigned i = 0; i < PARTS; i++) {
		if (l->plan[i])
			remove_piece(l->modules->machine, l->call.text[i].start);
	}
}

static int load(struct loading *l)
{
	struct modules *modules = l->modules;

	if (check_call(l) || read_records(l))
		return -1;
	if (plan_parts(l)) {
		take_back(l);
		return -1;
	}
	if (!may_run(l)) {
		modules->interpreted++;
		take_back(l);
		return 0;
	}
	for (unsigned i = 0; i < PARTS; i++)
		if (l->plan[i]) {
			burn__commit(l->plan[i], modules->code_cache);
			burn__settle(l->plan[i]);
		}
	modules->machine->ops->icache_sync(modules->machine->user);
	return 0;
}

static void load_module(struct modules *modules, u64 pa, const struct afterburn_call *call)
{
	struct loading l = { .modules = modules, .call = *call };
	int result = load(&l);

	records__free(&l.records);
	proof__free(&l.proof);
	if (result)
		modules->refused++;
	else
		modules->loaded++;
	answer(modules->machine, pa, result, l.c.text);
}

/*
 * A kprobe executes a copy of the word it finds. A load or a store on the vCPU page is as good as the original; a word
 * that only names its original is not, nor is the second word of a jump. And it takes an exception, which code that uses k0 and k1 does
 * not survive, on hardware neither.
 */
static const char *why_no_probe(const struct machine *m, u64 va)
{
	struct code *code = machine__code(m, va);
	const struct burn_site *before;

	if (!code)
		return NULL;
	if (code__in_region(code, va))
		return "k0, k1 or the FPU are in use there";
	if (code__in_blank(code, va))
		return "the kernel has generated this code, which exceptions run";
	for (size_t i = 0; i < code->original_count; i++) {
		const struct original *o = &code->originals[i];

		if (va - o->address < 4 * o->words)
			return "the Wedge has rewritten this instruction";
	}
	before = burn__site_at(m, va - 4);
	return before && before->how == BURN_BYPASS ? "it is in the slot of a jump of the Wedge's" : NULL;
}

void modules__call(struct modules *modules, u64 pa)
{
	struct afterburn_call call;

	if (!modules->code_cache || !read_call(modules->machine, pa, &call))
		return;
	/* Never the kernel: it is not in the window of modules. */
	if (call.operation == AFTERBURN_CALL_FREE && call.text[0].start >= WINDOW_MODULES)
		remove_piece(modules->machine, call.text[0].start);
	else if (call.operation == AFTERBURN_CALL_LOAD)
		load_module(modules, pa, &call);
	else if (call.operation == AFTERBURN_CALL_PROBE) {
		const char *why = why_no_probe(modules->machine, call.text[0].start);

		answer(modules->machine, pa, why, why ? why : "");
	}
	pieces__reap(modules->machine);
	count_numbers(modules);
}
