/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the tools of the build with objects and kernels: whatever the file, it is either refused with one line, or its
 * records, symbols and code are read, its regions found, and everything asked that afterburn-check asks.
 */
#include <stdlib.h>
#include <string.h>

#include "afterburner/coverage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void find_regions(const struct coverage *coverage)
{
	for (unsigned int i = 1; i < coverage->list->elf.sections; i++) {
		struct regions found = { 0 };

		regions__find_k(&coverage->code[i], &found);
		regions__find_fpu(&coverage->code[i], &found);
		for (size_t n = 0; n < found.count; n++)
			if (found.region[n].start >= found.region[n].end || found.region[n].end > coverage->code[i].words)
				abort();
		free(found.region);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct complaint c = { "" };
	struct coverage coverage;
	struct listing list;
	char text[300];

	if (listing__open_memory(&list, data, size, &c)) {
		if (!c.text[0] || strchr(c.text, '\n'))
			abort();
		return 0;
	}
	coverage__check(&coverage, &list, size & 1);
	for (size_t i = 0; i < coverage.findings; i++) {
		const struct finding *f = &coverage.finding[i];

		if (!coverage__place(&coverage, f))
			abort();
		listing__where(&list, list.elf.type == ET_REL ? f->section : 0, coverage__address(&coverage, f), text,
			       sizeof(text));
	}
	for (size_t i = 0; i < list.lines; i++)
		listing__describe(&list.line[i].r, text, sizeof(text));
	find_regions(&coverage);
	coverage__free(&coverage);
	listing__close(&list);
	return 0;
}
