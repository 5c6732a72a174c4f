/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * match: compares what a guest did on metal with what it did under the Wedge.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "match/report.h"

enum { EXIT_SAME = 0, EXIT_DIFFERENT = 1, EXIT_BAD = 2 };

struct options {
	const char *guest, *console[2], *log[2], *spin;
	bool quiet, until_interrupt, burnt, computed, late_timer, ignored[LOG_VALUES];
};

static const char usage[] =
	"Usage: match [OPTION]... LOG LOG\n"
	"Compare two logs of states of one guest, the first one from metal or from wedge --interpret.\n\n"
	"  --guest=FILE          the guest's ELF file: for names, its blocks, and what to pass over\n"
	"  --console=FILE,FILE   what the two runs wrote to their consoles: compared as well\n"
	"  --spin=NAME           pass over this function of the guest, as over labels that begin with spin\n"
	"  --ignore=REGISTER     may differ; may be repeated\n"
	"  --until-interrupt     compare up to the first interrupt on either side\n"
	"  --burnt               the second log is of a burnt guest: what that may change is in match/README.md\n"
	"  --computed            registers may hold what a kernel computed from its addresses: match/README.md\n"
	"  --late-timer          the second log is of a replayed clock, which shows a due timer later\n"
	"  --quiet               one line, no details\n"
	"  --help                print this\n\n"
	"Exit status: 0 they match, 1 they do not, 2 bad input or wrong usage.\n";

static _Noreturn void bad(const char *text)
{
	fprintf(stderr, "match: %s\n", text);
	exit(EXIT_BAD);
}

static bool option(const char *argument, const char *name, const char **value)
{
	size_t length = strlen(name);

	if (strncmp(argument, name, length) || argument[length] != '=')
		return false;
	*value = argument + length + 1;
	return true;
}

static void ignore(struct options *o, const char *name)
{
	struct complaint c;

	for (unsigned i = 1; i < LOG_VALUES; i++)
		if (!strcmp(name, log__value_name(i))) {
			o->ignored[i] = true;
			return;
		}
	complain(&c, "--ignore: no register is called '%s'; v0, hi or Status would be right", name);
	bad(c.text);
}

static void parse(struct options *o, int argc, char **argv)
{
	struct complaint c;
	unsigned logs = 0;

	for (int i = 1; i < argc; i++) {
		char *argument = argv[i], *comma;
		const char *name;

		if (option(argument, "--guest", &o->guest) || option(argument, "--spin", &o->spin)) {
			continue;
		} else if (option(argument, "--console", &o->console[0])) {
			comma = strchr(o->console[0], ',');
			if (!comma)
				bad("--console takes two files: --console=METAL,WEDGE");
			*comma = 0;
			o->console[1] = comma + 1;
		} else if (option(argument, "--ignore", &name)) {
			ignore(o, name);
		} else if (!strcmp(argument, "--until-interrupt")) {
			o->until_interrupt = true;
		} else if (!strcmp(argument, "--burnt")) {
			o->burnt = true;
		} else if (!strcmp(argument, "--computed")) {
			o->computed = true;
		} else if (!strcmp(argument, "--late-timer")) {
			o->late_timer = true;
		} else if (!strcmp(argument, "--quiet")) {
			o->quiet = true;
		} else if (!strcmp(argument, "--help")) {
			printf("%s", usage);
			exit(0);
		} else if (argument[0] == '-') {
			complain(&c, "unknown option '%s'; match --help lists them", argument);
			bad(c.text);
		} else if (logs < 2) {
			o->log[logs++] = argument;
		} else {
			bad("more than two logs given");
		}
	}
	if (logs < 2)
		bad("two logs are needed; usage: match [OPTION]... LOG LOG");
}

/* The code to pass over; the caller frees it. */
static struct match_range *find_spins(const struct image *guest, const char *also, size_t *count)
{
	struct match_range *spins = calloc(guest->symbol_count + 1, sizeof(*spins));

	if (!spins)
		bad("no memory for the guest's labels");
	*count = 0;
	for (size_t i = 0; i < guest->symbol_count; i++) {
		const struct image_symbol *s = &guest->symbols[i];
		size_t behind = i + 1;

		if (strncmp(s->name, "spin", 4) && (!also || strcmp(s->name, also)))
			continue;
		while (behind < guest->symbol_count && guest->symbols[behind].address == s->address)
			behind++;
		spins[(*count)++] = (struct match_range){
			s->address, behind < guest->symbol_count ? guest->symbols[behind].address : guest->end + IMAGE_CKSEG0,
		};
	}
	return spins;
}

static void saw(void *user, const struct match_side *side, uint64_t pc)
{
	struct labels *labels = ((void **)user)[0];
	const struct match *m = ((void **)user)[1];

	labels__saw(labels, side != &m->first, pc);
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct image guest;
	struct labels labels;
	struct log logs[2];
	struct complaint c;
	struct match m = { .first.log = &logs[0], .second.log = &logs[1], .saw = saw };
	void *user[] = { &labels, &m };
	struct match_range *spins = NULL;
	int consoles = 0;

	parse(&o, argc, argv);
	if (o.guest && image__open(&guest, o.guest, &c))
		bad(c.text);
	if (o.guest) {
		image__sort_symbols(&guest);
		m.spins = spins = find_spins(&guest, o.spin, &m.spin_count);
	}
	memcpy(m.ignored, o.ignored, sizeof(m.ignored));
	m.until_interrupt = o.until_interrupt;
	m.burnt = o.burnt;
	m.computed = o.computed;
	m.late_timer = o.late_timer;
	m.user = user;
	if (labels__init(&labels, o.guest ? &guest : NULL, &c) || log__open(&logs[0], o.log[0], &c) ||
	    log__open(&logs[1], o.log[1], &c) || match__run(&m, &c))
		bad(c.text);
	report__summary(stdout, &m, &labels);
	if (!o.quiet)
		report__difference(stdout, &m, &labels);
	if (o.console[0])
		consoles = report__consoles(stdout, o.console[0], o.console[1], o.until_interrupt, &c);
	if (consoles < 0)
		bad(c.text);
	log__free(&logs[0]);
	log__free(&logs[1]);
	labels__free(&labels);
	free(spins);
	if (o.guest)
		image__close(&guest);
	return m.verdict != MATCH_EQUAL || consoles ? EXIT_DIFFERENT : EXIT_SAME;
}
