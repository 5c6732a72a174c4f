/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See commands.h.
 */
#include "wedge/debug/commands.h"

#include <string.h>

#include "board/board.h"
#include "wedge/debug/packet.h"

#define PHYS_USUAL	64u		/* bytes */
#define PHYS_MOST	1024u

/* A number in hex, with or without 0x in front, and blanks behind. False: there is none. */
static bool number(const char **text, u64 *value)
{
	*text += strspn(*text, " ");
	if ((*text)[0] == '0' && ((*text)[1] | 0x20) == 'x')
		*text += 2;
	return packet__number(text, value);
}

static bool at_end(const char *text)
{
	return !text[strspn(text, " ")];
}

static void phys(const struct debug_view *view, const char *text, FILE *out)
{
	u64 pa, size = PHYS_USUAL;
	const u8 *byte;

	if (!number(&text, &pa) || (!at_end(text) && !number(&text, &size)) || !at_end(text) || size > PHYS_MOST) {
		fprintf(out, "phys ADDRESS [BYTES], in hex, %x at most\n", PHYS_MOST);
		return;
	}
	for (u64 i = 0; i < size; i++) {
		byte = ram__at(&view->vcpu->machine->ram, pa + i, 1);
		if (i % 16 == 0)
			fprintf(out, "%s%012llx:", i ? "\n" : "", (unsigned long long)(pa + i));
		fprintf(out, byte ? " %02x" : " --", byte ? *byte : 0);
	}
	fprintf(out, "\n");
}

static void put_half(const struct tlb_entry *e, unsigned half, FILE *out)
{
	const u64 lo = e->lo[half];

	if (lo & ENTRYLO_V)
		fprintf(out, "  %010llx%s%s%s", (unsigned long long)((lo & ENTRYLO_PFN) << 6), lo & ENTRYLO_D ? " D" : "",
			lo & ENTRYLO_RI ? " RI" : "", lo & ENTRYLO_XI ? " XI" : "");
	else
		fprintf(out, "  not valid");
}

static void tlb(const struct debug_view *view, const char *text, FILE *out)
{
	for (unsigned i = 0; i < TLB_ENTRIES; i++) {
		const struct tlb_entry *e = &view->vcpu->tlb[i];

		if (!((e->lo[0] | e->lo[1]) & ENTRYLO_V))
			continue;
		fprintf(out, "%2u  %016llx + %llx", i, (unsigned long long)(e->hi & ENTRYHI_VPN2), (unsigned long long)(e->mask | 0x1fff) + 1);
		if (e->global)
			fprintf(out, "  global  ");
		else
			fprintf(out, "  ASID %3u", (unsigned)(e->hi & ENTRYHI_ASID));
		put_half(e, 0, out);
		put_half(e, 1, out);
		fprintf(out, "\n");
	}
}

/* Physical, of an offset in RAM. */
static u64 physical(const struct ram *ram, u64 offset)
{
	struct board_bank banks[3];
	unsigned n = board__ram_banks(ram->size, banks);

	while (n > 1 && offset < banks[n - 1].offset)
		n--;
	return banks[n - 1].pa + (offset - banks[n - 1].offset);
}

static void translate(const struct debug_view *view, const char *text, FILE *out)
{
	u64 va, offset;

	if (!number(&text, &va) || !at_end(text)) {
		fprintf(out, "translate ADDRESS, in hex\n");
		return;
	}
	offset = debug__ram_offset(view, va);
	if (offset == UINT64_MAX)
		fprintf(out, "%llx: no memory is there\n", (unsigned long long)va);
	else
		fprintf(out, "%llx: physical %llx\n", (unsigned long long)va, (unsigned long long)physical(&view->vcpu->machine->ram, offset));
}

/* Where it is that of a kernel that says how its page tables are laid out. */
static void only(const struct debug_view *view, const char *text, FILE *out)
{
	u64 va;

	if (!number(&text, &va) || !at_end(text))
		fprintf(out, "only ADDRESS, in hex\n");
	else if (debug__set_only(view, va))
		fprintf(out, "%llx: only in the address space with the page tables at %llx\n", (unsigned long long)va,
			(unsigned long long)debug__only(view, va));
	else
		fprintf(out, "%llx: there are %u of them, or the guest's kernel does not say where its page tables are\n", (unsigned long long)va,
			DEBUG_ONLY_MOST);
}

static void everywhere(const struct debug_view *view, const char *text, FILE *out)
{
	u64 va;

	if (!number(&text, &va) || !at_end(text))
		fprintf(out, "everywhere ADDRESS, in hex\n");
	else
		debug__clear_only(view, va);
}

static void help(const struct debug_view *view, const char *text, FILE *out);

static const struct row {
	const char *name, *arguments, *help;
	void (*run)(const struct debug_view *view, const char *text, FILE *out);
} rows[] = {
	{ "help", "", "this", help },
	{ "phys", " ADDRESS [BYTES]", "memory by its physical address, in hex", phys },
	{ "tlb", "", "the core's entries that are valid", tlb },
	{ "translate", " ADDRESS", "the physical address of a virtual one, by TLB or page tables", translate },
	{ "only", " ADDRESS", "breakpoints and watchpoints there are for the core's current address space", only },
	{ "everywhere", " ADDRESS", "and again for all", everywhere },
};

static void help(const struct debug_view *view, const char *text, FILE *out)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s%s", rows[i].name, rows[i].arguments);
		fprintf(out, "monitor %-24s %s\n", left, rows[i].help);
	}
}

bool commands__do(const struct debug_view *view, const char *text, FILE *out)
{
	for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
		const size_t n = strlen(rows[i].name);

		if (!strncmp(text, rows[i].name, n) && (!text[n] || text[n] == ' ')) {
			rows[i].run(view, text + n, out);
			return true;
		}
	}
	return false;
}
