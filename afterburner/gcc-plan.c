/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a command line of GCC and decides what afterburn-gcc has to do about it: see gcc.h.
 *
 * Only three things matter: how far GCC goes (-E, -S, -c, link), which files are inputs, and where objects
 * go. To tell an input from the argument of an option, one list names the options whose argument may
 * stand apart. Whatever is unknown is GCC's business.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/gcc.h"

#define NO_AFTERBURN	"--no-afterburn"
#define USER_OPTION	"--afterburn-user"
#define VERSION_OPTION	"--afterburn-version"
#define RESPONSE_DEPTH	10	/* response files that name response files: more is a loop */

/* Options whose argument is the next word when nothing follows the option itself (gcc/gcc.cc, common.opt). */
static const char *const takes_word[] = {
	"-o", "-x", "-I", "-D", "-U", "-A", "-B", "-L", "-l", "-T", "-u", "-z", "-e", "-G", "-J", "-h", "-R",
	"-MF", "-MT", "-MQ", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix",
	"-iwithprefix", "-iwithprefixbefore", "-isysroot", "-imultilib", "-imultiarch", "-Xassembler",
	"-Xpreprocessor", "-Xlinker", "-aux-info", "-dumpbase", "-dumpbase-ext", "-dumpdir", "-wrapper",
	"--param", "-specs", "--sysroot", "-fplugin-arg", "-Tdata", "-Ttext", "-Tbss", "-entry", "-MJ",
};

/* Our own options that have a value: behind a = or as the next word. */
enum { OPTION_TARGET, OPTION_SENSITIVE, OPTION_PROFILE, OPTIONS };
static const char *const own_options[OPTIONS] = { "--afterburn-target", "--afterburn-sensitive", "--afterburn-profile" };

struct scan {
	bool off, user, version, question, preprocess, syntax, assembly, object, lto, other_isa;
	bool language;		/* -x: whatever follows is a source */
	bool rewrite;		/* a response file holds what GCC must not see */
	const char *out, *own[OPTIONS];
	const char *incomplete;		/* an own option without its value */
	char **input, **word;
	size_t inputs, words;
	unsigned int depth;
};

static void add(char ***list, size_t *count, const char *text)
{
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list || !((*list)[*count] = strdup(text)))
		die("no memory");
	++*count;
}

static bool starts(const char *arg, const char *with)
{
	return !strncmp(arg, with, strlen(with));
}

/* Which of own_options this is, or OPTIONS; *value is what follows its =, or NULL. */
static unsigned int own_option(const char *arg, const char **value)
{
	unsigned int n;

	for (n = 0; n < OPTIONS; n++) {
		size_t length = strlen(own_options[n]);

		if (starts(arg, own_options[n]) && (!arg[length] || arg[length] == '=')) {
			*value = arg[length] ? arg + length + 1 : NULL;
			break;
		}
	}
	return n;
}

/* How many words one of our own options takes; 0 if this is none. */
static unsigned int own_words(const char *arg)
{
	const char *value;

	if (!strcmp(arg, NO_AFTERBURN) || !strcmp(arg, "--afterburn") || !strcmp(arg, USER_OPTION) ||
	    !strcmp(arg, VERSION_OPTION))
		return 1;
	if (own_option(arg, &value) == OPTIONS)
		return 0;
	return value ? 1 : 2;
}

/* gas reads no standard input next to the file of macros. */
unsigned int plan__hides(const struct plan *plan, const char *arg)
{
	return plan->work != WORK_NONE && !strcmp(arg, "-pipe") ? 1 : own_words(arg);
}

/* What GCC compiles or assembles; all else is for the linker, unless -x says otherwise. */
static bool is_source(const char *name)
{
	static const char *const suffixes[] = {
		"c", "i", "ii", "cc", "cp", "cxx", "cpp", "CPP", "c++", "C", "m", "s", "S", "sx",
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (!strcmp(dot + 1, suffixes[i]))
			return true;
	return false;
}

static void scan_words(struct scan *s, int argc, char **argv);

/* One word of a response file: white space parts words, quotes and backslash protect (libiberty's rules). */
static char *next_word(const char **at)
{
	const char *p = *at;
	char *word, *w, quote = 0;

	while (isspace((unsigned char)*p))
		p++;
	if (!*p)
		return NULL;
	word = w = malloc(strlen(p) + 1);
	if (!word)
		die("no memory");
	for (; *p && (quote || !isspace((unsigned char)*p)); p++) {
		if (*p == '\\' && p[1])
			*w++ = *++p;
		else if (quote && *p == quote)
			quote = 0;
		else if (!quote && (*p == '\'' || *p == '"'))
			quote = *p;
		else
			*w++ = *p;
	}
	*w = '\0';
	*at = p;
	return word;
}

/* False if GCC will take @name for a file name: there is no such response file. */
static bool scan_response(struct scan *s, const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = NULL, *word, **words = NULL;
	size_t room = 0, count = 0;
	const char *at;

	if (!f || s->depth == RESPONSE_DEPTH) {
		if (f)
			fclose(f);
		return false;
	}
	if (getdelim(&text, &room, '\0', f) > 0) {
		for (at = text; (word = next_word(&at)); free(word))
			add(&words, &count, word);
		s->depth++;
		scan_words(s, count, words);
		s->depth--;
	}
	fclose(f);
	free(text);
	return true;
}

static bool takes_next(const char *arg)
{
	for (size_t i = 0; i < sizeof(takes_word) / sizeof(takes_word[0]); i++)
		if (!strcmp(arg, takes_word[i]))
			return true;
	return false;
}

/* Questions that GCC answers without compiling, whatever else stands on the line. */
static bool is_question(const char *arg)
{
	return starts(arg, "-print-") || starts(arg, "--print-") || starts(arg, "--help") ||
	       starts(arg, "--target-help") || !strcmp(arg, "--version") || !strcmp(arg, "-###") ||
	       !strcmp(arg, "-dumpmachine") || !strcmp(arg, "-dumpversion") ||
	       !strcmp(arg, "-dumpfullversion") || !strcmp(arg, "-dumpspecs");
}

static void scan_option(struct scan *s, const char *arg)
{
	if (!strcmp(arg, NO_AFTERBURN))
		s->off = true;
	else if (!strcmp(arg, "--afterburn"))
		s->off = false;
	else if (!strcmp(arg, USER_OPTION))
		s->user = true;
	else if (!strcmp(arg, VERSION_OPTION))
		s->version = true;
	else if (is_question(arg))
		s->question = true;
	else if (!strcmp(arg, "-E") || !strcmp(arg, "-M") || !strcmp(arg, "-MM"))
		s->preprocess = true;
	else if (!strcmp(arg, "-fsyntax-only"))
		s->syntax = true;
	else if (!strcmp(arg, "-S"))
		s->assembly = true;
	else if (!strcmp(arg, "-c"))
		s->object = true;
	else if (starts(arg, "-flto"))
		s->lto = true;
	else if (!strcmp(arg, "-fno-lto"))
		s->lto = false;
	else if (starts(arg, "-mabi="))
		s->other_isa = strcmp(arg, "-mabi=64") != 0;
	else if (!strcmp(arg, "-mips16") || !strcmp(arg, "-mmicromips") || !strcmp(arg, "-m32"))
		s->other_isa = true;
	else if (!strcmp(arg, "-mno-mips16") || !strcmp(arg, "-mno-micromips"))
		s->other_isa = false;
}

/* An option whose argument is the next word. */
static void scan_pair(struct scan *s, const char *arg, const char *value)
{
	if (!strcmp(arg, "-o"))
		s->out = value;
	if (!strcmp(arg, "-x") && value)
		s->language = strcmp(value, "none") != 0;
}

/* One of our options that have a value. Returns whether that was the next word. */
static bool scan_own(struct scan *s, unsigned int n, const char *value, const char *next)
{
	s->own[n] = value ? value : next;
	if (!s->own[n] || !*s->own[n])
		s->incomplete = own_options[n];
	if (value || !next)
		return false;
	add(&s->word, &s->words, next);
	return true;
}

static void scan_words(struct scan *s, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		const char *arg = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL, *own_value;
		unsigned int own = own_option(arg, &own_value);

		if (arg[0] == '@' && scan_response(s, arg + 1))
			continue;
		add(&s->word, &s->words, arg);
		s->rewrite |= s->depth && (own_words(arg) || !strcmp(arg, "-pipe"));
		if (own != OPTIONS) {
			i += scan_own(s, own, own_value, value);
		} else if (arg[0] != '-' || !arg[1]) {
			if (s->language || is_source(arg))
				add(&s->input, &s->inputs, arg);
		} else if (starts(arg, "-o") && arg[2]) {
			s->out = arg + 2;
		} else if (takes_next(arg)) {
			scan_pair(s, arg, value);
			if (value)
				add(&s->word, &s->words, value);
			i++;
		} else if (starts(arg, "-x")) {
			s->language = strcmp(arg, "-xnone") != 0;
		} else {
			scan_option(s, arg);
		}
	}
}

/* Where GCC puts the object of this input when no -o says so: the last part of the name, with .o. */
static void default_output(struct plan *plan, const char *input)
{
	const char *name = strrchr(input, '/') ? strrchr(input, '/') + 1 : input;
	const char *dot = strrchr(name, '.');
	char *out;

	if (asprintf(&out, "%.*s.o", dot ? (int)(dot - name) : (int)strlen(name), name) < 0)
		die("no memory");
	add(&plan->output, &plan->outputs, out);
	free(out);
}

int plan__make(struct plan *plan, int argc, char **argv, struct complaint *c)
{
	struct scan s = { 0 };

	memset(plan, 0, sizeof(*plan));
	scan_words(&s, argc - 1, argv + 1);
	plan->target = s.own[OPTION_TARGET];
	plan->sensitive = s.own[OPTION_SENSITIVE];
	plan->profile = s.own[OPTION_PROFILE];
	plan->user = s.user;
	plan->version = s.version;
	if (s.rewrite)
		plan->word = s.word;
	plan->words = s.words;
	if (s.incomplete)
		return complain(c, "%s needs a value: %s=%s", s.incomplete, s.incomplete,
				s.incomplete == own_options[OPTION_TARGET] ? "TARGET" : "FILE");
	if (s.off || s.question || s.preprocess || s.syntax || s.other_isa || !s.inputs)
		return 0;	/* WORK_NONE */
	if (s.lto)
		return complain(c, "-flto: the code would be made at link time, where no record can be; leave it out or add " NO_AFTERBURN);
	if (s.assembly) {
		plan->work = WORK_COMPILE;
	} else if (s.object) {
		plan->work = WORK_OBJECT;
		if (s.out)
			add(&plan->output, &plan->outputs, s.out);
		else
			for (size_t i = 0; i < s.inputs; i++)
				default_output(plan, s.input[i]);
	} else {
		plan->work = WORK_LINK;
	}
	return 0;
}
