/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a comparison found: see report.h.
 */
#include "match/report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL		"block"
#define LINE_MAX_SHOWN	200

static size_t symbol_at_or_below(const struct image *guest, uint64_t pc)
{
	size_t low = 0, high = guest->symbol_count;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (guest->symbols[mid].address <= pc)
			low = mid + 1;
		else
			high = mid;
	}
	return low;		/* its index, plus 1 */
}

static bool is_label(const struct image *guest, size_t n)
{
	return !strncmp(guest->symbols[n].name, LABEL, sizeof(LABEL) - 1);
}

int labels__init(struct labels *labels, const struct image *guest, struct complaint *c)
{
	*labels = (struct labels){ .guest = guest };
	for (unsigned side = 0; guest && side < 2; side++) {
		labels->reached[side] = calloc(guest->symbol_count + 1, sizeof(bool));
		if (!labels->reached[side])
			return complain(c, "no memory for the labels of the guest");
	}
	return 0;
}

void labels__free(struct labels *labels)
{
	free(labels->reached[0]);
	free(labels->reached[1]);
}

void labels__saw(struct labels *labels, unsigned side, uint64_t pc)
{
	size_t n = labels->guest ? symbol_at_or_below(labels->guest, pc) : 0;

	if (n && is_label(labels->guest, n - 1))
		labels->reached[side][n - 1] = true;
}

static void print_place(FILE *out, const struct labels *labels, uint64_t pc)
{
	uint64_t offset;
	const char *name = labels->guest ? image__symbolize(labels->guest, pc, &offset) : NULL;

	if (name)
		fprintf(out, "%s+%#" PRIx64, name, offset);
	else
		fprintf(out, "%#" PRIx64, pc);
}

/* Where a side stands, canonical. */
static uint64_t place_of(const struct match_side *side)
{
	return log__canonical(side->log, side->now.value[LOG_PC]);
}

static void count_labels(const struct labels *labels, unsigned *both, unsigned *all)
{
	*both = *all = 0;
	for (size_t i = 0; labels->guest && i < labels->guest->symbol_count; i++) {
		if (!is_label(labels->guest, i))
			continue;
		*both += labels->reached[0][i] && labels->reached[1][i];
		(*all)++;
	}
}

static void print_names_of_differing(FILE *out, const struct match *m)
{
	const char *separator = "";

	for (unsigned i = 0; i < LOG_VALUES; i++)
		if (match__differs(m, i)) {
			fprintf(out, "%s%s", separator, log__value_name(i));
			separator = ", ";
		}
}

void report__summary(FILE *out, const struct match *m, const struct labels *labels)
{
	unsigned both, all;

	count_labels(labels, &both, &all);
	switch (m->verdict) {
	case MATCH_EQUAL:
		fprintf(out, "matched %" PRIu64 " states", m->matched);
		if (m->computed)
			fprintf(out, " (passing over %" PRIu64 " of %" PRIu64 " registers)", m->passed_over, m->matched * LOG_LO);
		break;
	case MATCH_REGISTERS:
		fprintf(out, "differs after %" PRIu64 " states: ", m->matched);
		print_names_of_differing(out, m);
		fprintf(out, " at ");
		print_place(out, labels, place_of(&m->first));
		break;
	case MATCH_WAY:
		fprintf(out, "parts after %" PRIu64 " states: at ", m->matched);
		print_place(out, labels, place_of(&m->first));
		fprintf(out, ", not ");
		print_place(out, labels, place_of(&m->second));
		break;
	case MATCH_SHORT:
		fprintf(out, "%s ends after %" PRIu64 " states, the other is at ",
			(m->first.ended ? &m->first : &m->second)->log->machine, m->matched);
		print_place(out, labels, place_of(m->first.ended ? &m->second : &m->first));
		break;
	}
	if (all)
		fprintf(out, "; %u of %u blocks in both", both, all);
	fprintf(out, "\n");
}

static const char *sensitive_name(uint32_t insn)
{
#define SENSITIVE(ID, NAME, MATCH, MASK, FORM, WORDS) if ((insn & (MASK)) == (MATCH)) return #NAME;
#include "abi/sensitive.def"
#undef SENSITIVE
	return "";
}

static void print_path(FILE *out, const struct match_side *side, const struct labels *labels)
{
	uint64_t n = side->passed > MATCH_PATH ? side->passed - MATCH_PATH : 0;

	fprintf(out, "\nthe path of %s (%" PRIu64 " entries), the last one below:\n", side->log->machine, side->passed);
	for (; n < side->passed; n++) {
		fprintf(out, "  %10" PRIu64 "  %016" PRIx64 "  %08" PRIx32 " %-6s ", n + 1, side->path[n % MATCH_PATH].pc,
			side->path[n % MATCH_PATH].insn, sensitive_name(side->path[n % MATCH_PATH].insn));
		print_place(out, labels, side->path[n % MATCH_PATH].pc);
		fprintf(out, "\n");
	}
}

/* Two values a line; a star marks those that differ, a tilde an address in a window that stands for the other. */
static void print_registers(FILE *out, const struct match *m)
{
	const unsigned half = (LOG_VALUES + 1) / 2;

	fprintf(out, "\nregisters (%s, %s):\n", m->first.log->machine, m->second.log->machine);
	for (unsigned i = 0; i < half; i++)
		for (unsigned n = i; n < LOG_VALUES; n += half) {
			uint64_t a = m->first.now.value[n], b = m->second.now.value[n];

			fprintf(out, " %c%-9s %016" PRIx64 " %016" PRIx64 "%s", match__differs(m, n) ? '*' : a != b ? '~' : ' ',
				log__value_name(n), a, b, n < half && n + half < LOG_VALUES ? "  " : "\n");
		}
}

static void print_labels(FILE *out, const struct match *m, const struct labels *labels)
{
	for (size_t i = 0; labels->guest && i < labels->guest->symbol_count; i++)
		if (is_label(labels->guest, i) && labels->reached[0][i] != labels->reached[1][i])
			fprintf(out, "only %s came to %s\n",
				(labels->reached[0][i] ? &m->first : &m->second)->log->machine, labels->guest->symbols[i].name);
}

void report__difference(FILE *out, const struct match *m, const struct labels *labels)
{
	if (m->verdict == MATCH_EQUAL)
		return;
	print_labels(out, m, labels);
	print_path(out, &m->first, labels);
	print_path(out, &m->second, labels);
	if (!m->first.ended && !m->second.ended)
		print_registers(out, m);
}

/* A line without its newline, carriage returns left out; false at the end. */
static bool read_line(FILE *f, char line[LINE_MAX_SHOWN + 1])
{
	unsigned n = 0;
	int byte = getc(f);

	if (byte == EOF)
		return false;
	for (; byte != EOF && byte != '\n'; byte = getc(f))
		if (byte != '\r' && n < LINE_MAX_SHOWN)
			line[n++] = byte;
	line[n] = 0;
	return true;
}

int report__consoles(FILE *out, const char *first, const char *second, bool earlier, struct complaint *c)
{
	FILE *a = fopen(first, "re"), *b = a ? fopen(second, "re") : NULL;
	char line_a[LINE_MAX_SHOWN + 1] = "", line_b[LINE_MAX_SHOWN + 1] = "";
	bool more_a, more_b, end_b;
	unsigned n = 0;

	if (!b) {
		complain(c, "the console '%s': %s", a ? second : first, strerror(errno));
		if (a)
			fclose(a);
		return -1;
	}
	do {
		more_a = read_line(a, line_a);
		more_b = read_line(b, line_b);
		end_b = feof(b);
		n++;
	} while (more_a && more_b && !strcmp(line_a, line_b));
	fclose(a);
	fclose(b);
	if ((!more_a && !more_b) || (earlier && end_b && (!more_b || (more_a && !strncmp(line_a, line_b, strlen(line_b))))))
		return 0;
	fprintf(out, "the consoles part in line %u:\n  %s\n  %s\n", n, more_a ? line_a : "(its end)", more_b ? line_b : "(its end)");
	return 1;
}
