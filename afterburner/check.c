/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-check: does a file's code agree with its .afterburn records?
 *
 * A second opinion on the build, from the other end: it starts from the words of the code and asks for each
 * one what the records should have said. It works on objects and on linked kernels, burnt or stock (where
 * everything is uncovered, which is the list of what the Wedge will have to trap).
 *
 * It reports sensitive instructions without a record; records that do not match their words; k0 and k1
 * named outside k-regions; FP instructions outside FP regions; and registers recorded as dead that the code
 * behind the site reads. For the last it follows branches for a while and stops at calls, returns and the next
 * function. These are doubts, not findings: code behind __builtin_unreachable() reads what was never set.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/code.h"
#include "afterburner/listing.h"
#include "afterburner/sensitive.h"

#define IN_K	0x01	/* words covered by a record of each kind */
#define IN_FPU	0x02
#define IN_SITE	0x04

#define STEPS	300	/* instructions followed behind a site */
#define PATHS	64	/* branches remembered on the way */

struct check {
	struct listing list;
	struct code *code;		/* one per section */
	uint8_t **cover;		/* IN_*, one byte per word */
	size_t findings, doubts, sensitive, sites;
};

static bool has_code(const struct elf64_section *s)
{
	return s->type == SHT_PROGBITS && s->flags & SHF_EXECINSTR && s->size >= 4;
}

static uint64_t base_of(const struct check *check, unsigned int section)
{
	return check->list.elf.type == ET_REL ? 0 : check->list.elf.section[section].address;
}

static void show(struct check *check, unsigned int section, size_t word, const char *what)
{
	uint64_t address = base_of(check, section) + word * 4;
	unsigned int shown = check->list.elf.type == ET_REL ? section : 0;
	char place[300];

	printf("%s+0x%04" PRIx64 "  %s: %08x %s\n", check->list.elf.section[section].name,
	       (uint64_t)word * 4, listing__where(&check->list, shown, address, place, sizeof(place)),
	       check->code[section].word[word], what);
}

static void report(struct check *check, unsigned int section, size_t word, const char *what)
{
	check->findings++;
	show(check, section, word, what);
}

/* Where a record's address lies; false if in no code. */
static bool locate(const struct check *check, const struct line *l, unsigned int *section, size_t *word)
{
	for (unsigned int i = 1; i < check->list.elf.sections; i++) {
		uint64_t offset = l->r.address - base_of(check, i);

		if ((l->section && i != l->section) || offset / 4 >= check->code[i].words)
			continue;
		*section = i;
		*word = offset / 4;
		return true;
	}
	return false;
}

/* Unaligned loads come in pairs, of which the first merges with what nobody will see. */
static void gprs(uint32_t word, uint32_t *reads, uint32_t *writes)
{
	unsigned int op = mips_insn__opcode(word);

	mips_insn__gprs(word, reads, writes);
	if (op == MIPS_OP_LWL || op == MIPS_OP_LWR || op == MIPS_OP_LDL || op == MIPS_OP_LDR)
		*reads = 1u << mips_insn__base(word);
}

/* Follows the code behind a site; returns the registers of `dead` that something there reads first. */
static uint32_t read_behind(const struct code *code, size_t from, uint32_t dead)
{
	struct { size_t at; uint32_t dead; } path[PATHS] = { { from, dead } };
	unsigned int paths = 1, steps = 0;
	uint32_t read = 0, reads, writes;

	while (paths) {
		size_t i = path[--paths].at;
		uint32_t live = path[paths].dead;

		/* What falls into the next function was said to be unreachable. */
		while (i < code->words && live && steps++ < STEPS && !(code->flags[i] & CODE_FUNCTION)) {
			enum mips_flow flow = mips_insn__flow(code->word[i]);

			gprs(code->word[i], &reads, &writes);
			read |= reads & live;
			live &= ~writes;
			if (flow == MIPS_FLOW_NEXT) {
				i++;
				continue;
			}
			if (flow == MIPS_FLOW_ERET || i + 1 >= code->words)
				break;
			gprs(code->word[i + 1], &reads, &writes);
			/* A likely branch may skip its slot: what the slot writes is still dead then. */
			read |= reads & live;
			if (!mips_insn__is_likely(code->word[i]))
				live &= ~writes;
			if (flow != MIPS_FLOW_BRANCH && flow != MIPS_FLOW_ALWAYS)
				break;
			if (code->target[i] != NO_TARGET && paths < PATHS) {
				path[paths].at = code->target[i];
				path[paths++].dead = live & ~writes;
			}
			if (flow == MIPS_FLOW_ALWAYS)
				break;
			i += 2;
		}
	}
	return read;
}

static void check_dead(struct check *check, unsigned int section, size_t i, const struct afterburn_record *r)
{
	const struct code *code = &check->code[section];
	uint32_t read;
	char text[64];

	if (r->flags & AFTERBURN_FLAG_DELAY_SLOT || mips_insn__flow(code->word[i]) != MIPS_FLOW_NEXT)
		return;
	read = read_behind(code, i + r->site.words, r->site.dead);
	for (unsigned int n = 0; n < 32; n++)
		if (read & 1u << n) {
			snprintf(text, sizeof(text), "is said to leave %s dead, which is read behind it",
				 gpr_names[n]);
			check->doubts++;
			show(check, section, i, text);
		}
}

static void check_site(struct check *check, unsigned int section, size_t i, const struct afterburn_record *r)
{
	const struct sensitive *row = sensitive__match(check->code[section].word[i]);

	check->sites++;
	if (!row || row->id != r->site.insn || check->code[section].word[i] != r->site.word) {
		report(check, section, i, "is not what its record says");
		return;
	}
	if (check->cover[section][i] & IN_SITE)
		report(check, section, i, "has two records");
	if (!!(check->code[section].flags[i] & CODE_SLOT) != !!(r->flags & AFTERBURN_FLAG_DELAY_SLOT))
		report(check, section, i, "is in a delay slot, or its record says so, not both");
	for (unsigned int n = 1; n < r->site.words; n++)
		if (i + n >= check->code[section].words || check->code[section].word[i + n] != MIPS_NOP) {
			report(check, section, i, "has fewer NOPs behind it than its record says");
			return;
		}
	check_dead(check, section, i, r);
}

static void check_records(struct check *check)
{
	for (size_t n = 0; n < check->list.lines; n++) {
		const struct line *l = &check->list.line[n];
		unsigned int section;
		size_t i, end;

		if (!locate(check, l, &section, &i)) {
			printf("record at %#" PRIx64 ": there is no code\n", l->r.address);
			check->findings++;
		} else if (l->r.kind == AFTERBURN_KIND_SITE) {
			check_site(check, section, i, &l->r);
			check->cover[section][i] |= IN_SITE;
		} else {
			end = (l->r.region.end - base_of(check, section)) / 4;
			if (end <= i || end > check->code[section].words)
				report(check, section, i, "starts a region that ends before it, or outside the section");
			else if (check->code[section].flags[i] & CODE_SLOT)
				report(check, section, i, "starts a region in a delay slot");
			for (; i < end && i < check->code[section].words; i++)
				check->cover[section][i] |= l->r.kind == AFTERBURN_KIND_KREGION ? IN_K : IN_FPU;
		}
	}
}

static void check_code(struct check *check, unsigned int section)
{
	const struct code *code = &check->code[section];
	const uint32_t k = 1u << MIPS_K0 | 1u << MIPS_K1;
	uint32_t reads, writes;

	for (size_t i = 0; i < code->words; i++) {
		if (code->flags[i] & CODE_DATA)
			continue;
		if (sensitive__match(code->word[i])) {
			check->sensitive++;
			if (!(check->cover[section][i] & IN_SITE))
				report(check, section, i, sensitive__match(code->word[i])->name);
		}
		mips_insn__gprs(code->word[i], &reads, &writes);
		if ((reads | writes) & k && !(check->cover[section][i] & IN_K))
			report(check, section, i, "names k0 or k1 outside k-regions");
		if (mips_insn__is_fpu(code->word[i]) && !(check->cover[section][i] & IN_FPU))
			report(check, section, i, "is an FP instruction outside FP regions");
	}
}

static void *need(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory)
		die("no memory");
	return memory;
}

static void read_code(struct check *check)
{
	unsigned int sections = check->list.elf.sections;

	check->code = need(sections, sizeof(*check->code));
	check->cover = need(sections, sizeof(*check->cover));
	for (unsigned int i = 1; i < sections; i++)
		if (has_code(&check->list.elf.section[i])) {
			code__read(&check->code[i], &check->list.elf, i);
			check->cover[i] = need(check->code[i].words, 1);
		}
}

static void free_code(struct check *check)
{
	for (unsigned int i = 1; i < check->list.elf.sections; i++) {
		code__free(&check->code[i]);
		free(check->cover[i]);
	}
	free(check->code);
	free(check->cover);
}

static const char usage[] =
	"usage: afterburn-check FILE\n"
	"Compares the code of a MIPS64 object, vmlinux or module with its .afterburn records.\n"
	"Exit code 0: they agree, with doubts or without; 1: they do not, one line for each finding; 2: wrong usage,\n"
	"or FILE cannot be read.\n";

int main(int argc, char **argv)
{
	struct check check = { 0 };
	struct complaint c;

	if (argc != 2 || argv[1][0] == '-') {
		bool help = argc == 2 && !strcmp(argv[1], "--help");

		fputs(usage, help ? stdout : stderr);
		return help ? 0 : 2;
	}
	if (listing__open(&check.list, argv[1], &c)) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, c.text);
		return 2;
	}
	read_code(&check);
	check_records(&check);
	for (unsigned int i = 1; i < check.list.elf.sections; i++)
		check_code(&check, i);
	printf("%zu sensitive instructions, %zu site records, %zu findings, %zu doubts\n", check.sensitive,
	       check.sites, check.findings, check.doubts);
	free_code(&check);
	listing__close(&check.list);
	return check.findings ? 1 : 0;
}
