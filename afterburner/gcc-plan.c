/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Reads a command line of GCC and decides what afterburn-gcc has to do about it: see gcc.h.
 *
 * Only two things matter: whether GCC will make code at all (or only answers, or preprocesses), and whether there is a
 * source among its inputs. To tell an input from the argument of an option, one list names the options whose argument
 * may stand apart. Whatever is unknown is GCC's business. Where objects go need not be known: afterburn-as sees them.
 *
 * GCC has long names for old options (--compile is -c): scan_option() sees the short ones only.
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

/* Options whose argument is the next word when nothing follows the option itself (gcc/gcc.cc, common.opt, c.opt). */
static const char *const takes_word[] = {
	"-o", "-x", "-I", "-D", "-U", "-A", "-B", "-F", "-L", "-l", "-T", "-u", "-z", "-e", "-G", "-J", "-h", "-R",
	"-MF", "-MT", "-MQ", "-include", "-imacros", "-isystem", "-iquote", "-idirafter", "-iprefix",
	"-iwithprefix", "-iwithprefixbefore", "-isysroot", "-imultilib", "-imultiarch", "-Xassembler",
	"-Xpreprocessor", "-Xlinker", "-aux-info", "-dumpbase", "-dumpbase-ext", "-dumpdir", "-wrapper",
	"-specs", "-Tdata", "-Ttext", "-Tbss", "-entry", "-fintrinsic-modules-path",
	"--param", "--sysroot", "--assert", "--define-macro", "--dump", "--dumpbase", "--dumpbase-ext", "--dumpdir", "--entry",
	"--for-assembler", "--for-linker", "--force-link", "--imacros", "--include", "--include-directory",
	"--include-directory-after", "--include-prefix", "--include-with-prefix", "--include-with-prefix-after",
	"--include-with-prefix-before", "--library-directory", "--output-pch=", "--prefix", "--specs", "--undefine-macro",
};

/* Long names of options that matter here, and the short ones. Those that end in = have their argument behind it. */
static const struct { const char *name, *means; } long_names[] = {
	{ "--output=", "-o" }, { "--output", "-o" }, { "--language=", "-x" }, { "--language", "-x" },
	{ "--compile", "-c" }, { "--assemble", "-S" }, { "--preprocess", "-E" }, { "--dependencies", "-M" },
	{ "--user-dependencies", "-MM" }, { "--no-line-commands", "-P" }, { "--pipe", "-pipe" },
	{ "--print-missing-file-dependencies", "-MG" }, { "--dump=", "-d" },
};

/* Our own options that have a value: behind a = or as the next word. */
enum { OPTION_TARGET, OPTION_SENSITIVE, OPTION_PROFILE, OPTIONS };
static const char *const own_options[OPTIONS] = { "--afterburn-target", "--afterburn-sensitive", "--afterburn-profile" };

struct scan {
	bool off, user, version, question, preprocess, only_dependencies, no_lines, syntax, lto, other_isa;
	bool language;		/* -x: whatever follows is a source, */
	bool assembler;		/* of assembler */
	bool in_c;		/* there is a source of C among the inputs */
	bool rewrite;		/* a response file holds what GCC must not see */
	const char *out, *own[OPTIONS];
	const char *incomplete;		/* an own option without its value */
	char **word;
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

static bool is_pipe(const char *arg)
{
	return !strcmp(arg, "-pipe") || !strcmp(arg, "--pipe");
}

/* gas reads no standard input next to the file of macros. */
unsigned int plan__hides(const struct plan *plan, const char *arg)
{
	return plan->work == WORK_CODE && is_pipe(arg) ? 1 : own_words(arg);
}

static bool has_suffix(const char *name, const char *const *suffixes)
{
	const char *dot = strrchr(name, '.');

	for (; dot && *suffixes; suffixes++)
		if (!strcmp(dot + 1, *suffixes))
			return true;
	return false;
}

/* What GCC compiles or assembles is a source; all else is for the linker, unless -x says otherwise. */
static void scan_input(struct scan *s, const char *name)
{
	static const char *const c[] = { "c", "i", "ii", "cc", "cp", "cxx", "cpp", "CPP", "c++", "C", "m", NULL };
	static const char *const assembler[] = { "s", "S", "sx", NULL };
	bool is_c = s->language ? !s->assembler : has_suffix(name, c);

	s->in_c |= is_c;
	s->inputs += is_c || s->language || has_suffix(name, assembler);
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
	return starts(arg, "-print-") || starts(arg, "--print-") || !strcmp(arg, "--help") || starts(arg, "--help=") ||
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
	else if (!strcmp(arg, "-E"))
		s->preprocess = true;
	else if (!strcmp(arg, "-M") || !strcmp(arg, "-MM"))
		s->only_dependencies = true;
	else if (!strcmp(arg, "-P") || !strcmp(arg, "-dM"))
		s->no_lines = true;
	else if (!strcmp(arg, "-fsyntax-only"))
		s->syntax = true;
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

static void scan_language(struct scan *s, const char *language)
{
	s->language = strcmp(language, "none") != 0;
	s->assembler = starts(language, "assembler");
}

/* An option and its argument, or NULL. */
static void scan_pair(struct scan *s, const char *arg, const char *value)
{
	if (!strcmp(arg, "-o"))
		s->out = value;
	else if (!strcmp(arg, "-x") && value)
		scan_language(s, value);
	else if ((!strcmp(arg, "--dump") || !strcmp(arg, "-d")) && value)
		s->no_lines |= strchr(value, 'M') != NULL;
}

/* The short name of an option; *value is what stands behind its =, or NULL. */
static const char *short_name(const char *arg, const char **value)
{
	*value = NULL;
	for (size_t i = 0; i < sizeof(long_names) / sizeof(long_names[0]); i++) {
		const char *name = long_names[i].name;
		size_t length = strlen(name);

		if (name[length - 1] == '=' ? !starts(arg, name) : strcmp(arg, name))
			continue;
		if (name[length - 1] == '=')
			*value = arg + length;
		return long_names[i].means;
	}
	return arg;
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
		const char *value = i + 1 < argc ? argv[i + 1] : NULL, *own_value, *joined, *arg = short_name(argv[i], &joined);
		unsigned int own = own_option(arg, &own_value);

		if (arg[0] == '@' && scan_response(s, arg + 1))
			continue;
		add(&s->word, &s->words, argv[i]);
		s->rewrite |= s->depth && (own_words(arg) || is_pipe(arg));
		if (own != OPTIONS) {
			i += scan_own(s, own, own_value, value);
		} else if (arg[0] != '-' || !arg[1]) {
			scan_input(s, arg);
		} else if (joined) {
			scan_pair(s, arg, joined);
		} else if (starts(arg, "-o") && arg[2]) {
			s->out = arg + 2;
		} else if (takes_next(arg)) {
			scan_pair(s, arg, value);
			if (value)
				add(&s->word, &s->words, value);
			i++;
		} else if (starts(arg, "-x")) {
			scan_language(s, arg + 2);
		} else {
			scan_option(s, arg);
		}
	}
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
	plan->out = s.out;
	if (s.rewrite)
		plan->word = s.word;
	plan->words = s.words;
	if (s.incomplete)
		return complain(c, "%s needs a value: %s=%s", s.incomplete, s.incomplete,
				s.incomplete == own_options[OPTION_TARGET] ? "TARGET" : "FILE");
	if (s.off || s.question || s.only_dependencies || s.syntax || s.other_isa || !s.inputs)
		return 0;	/* WORK_NONE */
	if (s.preprocess) {
		if (s.in_c && !s.no_lines && !s.user)
			plan->work = WORK_PREPROCESS;
		return 0;
	}
	if (s.lto)
		return complain(c, "-flto: the code would be made at link time, where no record can be; leave it out or add " NO_AFTERBURN);
	plan->work = WORK_CODE;
	return 0;
}
