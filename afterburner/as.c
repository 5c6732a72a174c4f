/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-as: the assembler that afterburn-gcc gives to GCC.
 *
 * GCC finds it as kernel/as or user/as in the driver's folder (-B). It calls the assembler that GCC would have taken,
 * with the gas macros as a first input file, which changes nothing for the source: no line number, no dependency. Then
 * the object pass completes the object. Whatever GCC was asked in whatever spelling, an object comes from here.
 *
 * Messages are gas's own. One line of ours comes behind them where a source has taken a macro away or has one of the
 * same name: gas would say that `ei' was defined already, and not by whom.
 *
 * What bites: where GCC's own assembler is knows GCC only, and it says so to nobody that it calls. So it is asked
 * (-print-prog-name=as), which costs a millisecond, with the -B options that it has, but for ours.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "afterburner/finish.h"
#include "afterburner/sensitive.h"
#include "lib/descriptors.h"

#define MACROS		"afterburn.s"
#define USER_MACROS	"afterburn-user.s"

/* "user" is the name of the folder that we were called in. */
static bool for_user(const char *self)
{
	char *copy = strdup(self), *folder = copy ? dirname(copy) : NULL;
	bool user = folder && !strcmp(basename(folder), "user");

	free(copy);
	return user;
}

/* The next word of COLLECT_GCC_OPTIONS, each in single quotes, as a shell would read it; on the heap. */
static char *next_option(const char **at)
{
	const char *p = *at + strspn(*at, " ");
	char *word = malloc(strlen(p) + 1), *w = word;
	bool quoted = false;

	if (!word)
		die("no memory");
	if (!*p) {
		free(word);
		return NULL;
	}
	for (; *p && (quoted || *p != ' '); p++)
		if (*p == '\'')
			quoted = !quoted;
		else if (*p == '\\' && !quoted && p[1])
			*w++ = *++p;
		else
			*w++ = *p;
	*w = '\0';
	*at = p;
	return word;
}

/* The question to GCC, with its -B FOLDERs; `own` is the one that led here. */
static char **question(const char *gcc, const char *own)
{
	const char *at = getenv("COLLECT_GCC_OPTIONS");
	char **args = calloc((at ? strlen(at) : 0) + 3, sizeof(*args)), *word;
	size_t n = 0;

	if (!args)
		die("no memory");
	args[n++] = (char *)gcc;
	while (at && (word = next_option(&at))) {
		char *folder = strcmp(word, "-B") ? NULL : next_option(&at);

		if (folder && strcmp(folder, own)) {
			args[n++] = word;
			args[n++] = folder;
		}
	}
	args[n++] = (char *)"-print-prog-name=as";
	return args;
}

/* GCC's assembler, with the path that GCC would call it by. */
static char *real_assembler(const char *self)
{
	const char *gcc = getenv("COLLECT_GCC");
	char *own = strdup(self), *path = NULL;
	int ends[2];
	size_t room = 0;
	FILE *answer;
	pid_t child;

	if (!gcc || !own)
		die("GCC calls this program when afterburn-gcc tells it to; who wants an assembler calls the target's");
	own[strlen(own) - strlen("as")] = '\0';
	if (pipe2(ends, O_CLOEXEC) || (child = fork()) < 0)
		die_errno("starting %s", gcc);
	if (!child) {
		char **args = question(gcc, own);

		dup2(ends[1], STDOUT_FILENO);
		execvp(gcc, args);
		die_errno("running %s", gcc);
	}
	close(ends[1]);
	answer = fdopen(ends[0], "r");
	if (!answer || getline(&path, &room, answer) <= 0)
		die("%s does not say where its assembler is", gcc);
	fclose(answer);
	waitpid(child, NULL, 0);
	path[strcspn(path, "\n")] = '\0';
	free(own);
	return path;
}

/* Waits for it and returns its exit status; dies as it died. */
static int run(char **args)
{
	int status;
	pid_t child;

	/* A ^C reaches the child as well: it decides, and we follow. */
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_IGN);
	child = fork();
	if (child < 0)
		die_errno("starting %s", args[0]);
	if (!child) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		execvp(args[0], args);
		die_errno("running %s (is the cross assembler installed?)", args[0]);
	}
	while (waitpid(child, &status, 0) < 0)
		if (errno != EINTR)
			die_errno("waiting for %s", args[0]);
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	if (WIFSIGNALED(status)) {
		signal(WTERMSIG(status), SIG_DFL);
		raise(WTERMSIG(status));
		exit(128 + WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

static const char *output_of(int argc, char **argv)
{
	const char *out = "a.out";

	for (int i = 1; i < argc; i++)
		if (!strcmp(argv[i], "-o") && i + 1 < argc)
			out = argv[++i];
		else if (!strncmp(argv[i], "-o", 2))
			out = argv[i] + 2;
	return out;
}

static bool is_regular(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode);
}

/* --- What a source does to our macros --- */

static const char *our_macro(const char *name, size_t length, bool user)
{
	const struct sensitive *row;

	for (size_t i = 0; (row = user ? sensitive__user_row(i) : sensitive__row(i)); i++)
		if (strlen(row->name) == length && !strncasecmp(row->name, name, length))
			return row->name;
	return NULL;
}

/* The macro of ours that the directive names which this line holds, or NULL. */
static const char *named_by(const char *line, const char *directive, bool user)
{
	const char *at = line;

	while ((at = strcasestr(at, directive))) {
		size_t length = 0;

		at += strlen(directive);
		if (*at != ' ' && *at != '\t')
			continue;
		at += strspn(at, " \t");
		while (isalnum((unsigned char)at[length]) || at[length] == '_' || at[length] == '.' || at[length] == '$')
			length++;
		if (our_macro(at, length, user))
			return our_macro(at, length, user);
	}
	return NULL;
}

/* One line on standard error if the source holds `directive` for one of our macros: `what` became of it. */
static bool explain_source(const char *path, const char *directive, bool user, const char *what)
{
	FILE *f = fopen(path, "re");
	const char *name = NULL;
	char *line = NULL;
	size_t room = 0;
	unsigned int n = 0;

	while (f && !name && getline(&line, &room, f) > 0) {
		n++;
		name = named_by(line, directive, user);
	}
	if (name)
		fprintf(stderr, "%s: %s:%u: '%s %s' %s\n", program_invocation_short_name, path, n, directive, name, what);
	free(line);
	if (f)
		fclose(f);
	return name;
}

static void explain(int argc, char **argv, const char *out, bool user, const char *directive, const char *what)
{
	for (int i = 1; i < argc; i++)
		if (argv[i][0] != '-' && strcmp(argv[i], out) && is_regular(argv[i]) &&
		    explain_source(argv[i], directive, user, what))
			return;
}

int main(int argc, char **argv)
{
	const bool user = for_user(argv[0]);
	char **args = calloc(argc + 2, sizeof(*args)), path[PATH_MAX];
	const char *out = output_of(argc, argv);
	struct finish_report report = { 0 };
	struct complaint c;
	int status;

	program_invocation_short_name = (char *)"afterburn-gcc";
	descriptors__hold();
	if (!realpath("/proc/self/exe", path))
		die_errno("finding the folder of this program through /proc/self/exe");
	if (!args)
		die("no memory");
	args[0] = real_assembler(argv[0]);
	if (asprintf(&args[1], "%s/%s", dirname(path), user ? USER_MACROS : MACROS) < 0)
		die("no memory");
	memcpy(args + 2, argv + 1, argc * sizeof(*args));	/* with the NULL behind the last */
	status = run(args);
	if (status)
		explain(argc, argv, out, user, ".macro", "defines a macro that afterburn-gcc has defined, to pad the instruction: "
			"give it another name, or compile with --no-afterburn");
	else if (is_regular(out) && finish__object(out, user, &report, &c)) {
		fprintf(stderr, "%s: %s\n", program_invocation_short_name, c.text);
		unlink(out);
		status = 1;
	}
	/* .word is unpadded as well, and rightly so. */
	if (!status && report.unpadded)
		explain(argc, argv, out, user, ".purgem", "takes away the macro that pads the instruction: what follows is "
			"unpadded, and traps");
	return status;
}
