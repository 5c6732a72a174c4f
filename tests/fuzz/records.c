/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzzing the reader of .afterburn records and the rewriter. Refused records change nothing. Of accepted
 * ones, burning changes sites and guards only, and at each of those the interpreter still fetches what
 * stood there.
 *
 * Input: a byte of flags (1: big endian, 2: --no-burn), KERNEL_CODE bytes of code, the section.
 */
#include "tests/unit/burn_fixture.h"

#define KERNEL_CODE	0x80u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool condition)
{
	if (!condition)
		abort();
}

static bool changed_by_plan(const struct burn_plan *plan, u64 address)
{
	const struct burn_site *site = burn__site_of_plan(plan, address);

	if (site && site->how < BURN_GUARD)
		return true;
	for (size_t i = plan->code.slot_count; i < plan->code.original_count; i++)
		if (plan->code.originals[i].address == address)
			return true;
	return false;
}

/* The RAM after burning, against what was there before. */
static void check_burnt(struct kernel *k, const u8 *before)
{
	static struct vcpu_page page;
	static struct vcpu v;
	struct machine m = {
		.windows = LAYOUT_WINDOWS, .ram = { .base = k->ram, .size = BURN_RAM, .low = BURN_RAM }, .slots = SLOT_AT(0),
		.code = &k->plan.code,
	};
	u32 insn, length;

	vcpu__reset(&v, &m, &page, 0);
	for (u64 at = 0; at < KERNEL_MEMORY; at += 4)
		if (!changed_by_plan(&k->plan, SITE_AT(at)))
			check(!memcmp(before + at, k->ram + KERNEL_PA + at, 4));
	for (size_t i = 0; i < k->plan.code.original_count; i++) {
		check(!vcpu__fetch(&v, k->plan.code.originals[i].address, false, &insn, &length));
		check(insn == k->plan.code.originals[i].word && length == 4 * k->plan.code.originals[i].words);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct kernel kernel[2];
	static u8 before[KERNEL_MEMORY];
	enum burn_mode mode;
	struct kernel *k;
	u8 *section;

	if (size < 1 + KERNEL_CODE)
		return 0;
	k = &kernel[data[0] & 1];
	if (!k->ram) {
		kernel_make(k, !(data[0] & 1));
		check(!image__open_memory(&k->image, "vmlinux", k->elf.bytes, ELF_SIZE, &k->c));
	}
	check(!image__load(&k->image, k->ram, BURN_RAM, &k->c));
	memcpy(k->ram + KERNEL_PA, data + 1, KERNEL_CODE);
	memcpy(before, k->ram + KERNEL_PA, KERNEL_MEMORY);
	size -= 1 + KERNEL_CODE;
	section = malloc(size + 1);
	check(section);
	memcpy(section, data + 1 + KERNEL_CODE, size);
	k->image.afterburn.bytes = section;
	k->image.afterburn.size = size;
	mode = data[0] & 2 ? BURN_NONE : data[0] & 4 ? BURN_POISON : BURN_ALL;
	if (burn__plan(&k->plan, &k->image, k->ram, BURN_RAM, ENTRY_SIZE, mode, &k->c)) {
		check(k->c.text[0] && !strchr(k->c.text, '\n'));
		check(!memcmp(before, k->ram + KERNEL_PA, KERNEL_MEMORY));
	} else {
		if (!(data[0] & 1)) {	/* commit writes in the byte order of this machine */
			burn__commit(&k->plan, k->ram + CODE_CACHE_PA);
			check_burnt(k, before);
		}
		burn__free(&k->plan);
	}
	k->image.afterburn.bytes = NULL;
	free(section);
	return 0;
}
