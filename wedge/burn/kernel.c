/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's plan: its records are in a section of its file, and all of it must have been seen by an object pass.
 */
#include <stdlib.h>
#include <string.h>

#include "wedge/burn/burn.h"
#include "wedge/burn/proof.h"
#include "wedge/core/layout.h"
#include "wedge/load/relink.h"

static int kernel_text(struct burn_text *text, const struct image *image, u8 *ram, u64 ram_size, struct complaint *c)
{
	const u64 first = image->start & ~(BURN_PAGE - 1), end = image->end < ram_size ? image->end : ram_size;
	const size_t count = (end - first + BURN_PAGE - 1) / BURN_PAGE;

	*text = (struct burn_text){
		.what = "kernel", .start = WINDOW_CKSEG0 + image->start, .end = WINDOW_CKSEG0 + end,
		.delta = RELINK_DELTA(WINDOW_CKSEG0), .big_endian = !image->little_endian,
	};
	if (image->text.va - IMAGE_CKSEG0 >= image->start && image->text.size <= image->end - (image->text.va - IMAGE_CKSEG0)) {
		text->blank_start = image->text.va + text->delta;
		text->blank_end = text->blank_start + (image->text.size & ~3ull);
	}
	text->pages = malloc((count + 1) * sizeof(*text->pages));
	if (!text->pages)
		return complain(c, "no memory for a list of %zu pages", count);
	for (size_t i = 0; i < count; i++)
		text->pages[i] = ram + first + i * BURN_PAGE;
	return 0;
}

/* Code that no object pass has seen may not be such as only runs right by records. */
static int check_proof(struct burn_plan *plan, const struct image *image, const struct proof *proof, struct complaint *c)
{
	struct unseen unseen = { 0 };

	for (unsigned i = 0; i < image->code_count; i++) {
		u64 start = image->code[i].va + plan->text.delta, end = start + (image->code[i].size & ~3ull);

		if (!(start & 3) && start >= plan->text.start && start < plan->text.end && end <= plan->text.end)
			proof__look(proof, plan, start, end, &unseen);
	}
	if (!unseen.silent)
		return 0;
	if (!proof->count)
		return complain(c, ".afterburn does not say which code was searched, as older tools left it, and the word at %#llx (%08x) "
				"would not be right natively; build the kernel again",
				(unsigned long long)(unseen.silent - plan->text.delta), unseen.word);
	return complain(c, ".afterburn says nothing of the code at %#llx (%08x), which must not run natively; compile all of the "
			"kernel with CC=afterburn-gcc", (unsigned long long)(unseen.silent - plan->text.delta), unseen.word);
}

static int plan_kernel(struct burn_plan *plan, const struct image *image, u8 *ram, u64 ram_size, u64 entry_size,
		       struct records *records, enum burn_mode mode, struct complaint *c)
{
	struct burn_text text;
	struct proof proof;
	int result;

	if (proof__take(&proof, records, c))
		return -1;
	result = kernel_text(&text, image, ram, ram_size, c) || burn__plan_text(plan, &text, records, entry_size, mode, c);
	if (!result && check_proof(plan, image, &proof, c)) {
		burn__free(plan);
		result = -1;
	}
	proof__free(&proof);
	return result;
}

int burn__plan(struct burn_plan *plan, const struct image *image, u8 *ram, u64 ram_size, u64 entry_size,
	       enum burn_mode mode, struct complaint *c)
{
	struct complaint why;
	struct records records;
	int result;

	*plan = (struct burn_plan){ 0 };
	if (!image->afterburn.bytes || !image->afterburn.size)
		return complain(c, "%s: no .afterburn section; build the kernel with CC=afterburn-gcc", image->name);
	if (records__read(image->afterburn.bytes, image->afterburn.size, !image->little_endian, &records, &why))
		return complain(c, "%s: .afterburn: %.200s", image->name, why.text);
	result = plan_kernel(plan, image, ram, ram_size, entry_size, &records, mode, &why);
	strcpy(plan->code.name, "kernel");
	records__free(&records);
	return result ? complain(c, "%s: %.200s", image->name, why.text) : 0;
}
