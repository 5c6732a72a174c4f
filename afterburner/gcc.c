/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-gcc: the compiler driver that prepares code for the Wedge.
 *
 * It stands in for <target>-gcc: `make CC=afterburn-gcc`. Whatever compiles or assembles gets the GCC plugin, and an
 * assembler of ours (-B FOLDER): afterburn-as, which hands the gas macros to the real one and completes the object. So
 * an object is complete whatever made GCC assemble it. All else, and every question Kbuild may ask, is GCC's own: the
 * driver replaces itself by GCC, whose messages, exit codes and deaths by signal are therefore its own. gcc-plan.c
 * decides which is which.
 *
 * gas reads no standard input next to the file of macros, so -pipe is dropped.
 *
 * What bites: make 4.3 does not hand its variables to $(shell ...), so CROSS_COMPILE is missing exactly where Kbuild
 * asks for options. The make that has asked is found among the parents of this process, and its command line read.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "afterburner/gcc.h"
#include "lib/complain.h"
#include "lib/descriptors.h"

#define OWN_NAME	"afterburn-gcc"
#define PLUGIN		"afterburn_plugin.so"
#define PASSES		"afterburn_passes.so"	/* what the plugin loads when it fits the compiler */
#define MACROS		"afterburn.s"
#define USER_MACROS	"afterburn-user.s"
#define PLUGIN_ARGUMENT	"-fplugin-arg-afterburn_plugin-"	/* GCC ends a plugin's name at a dash */
#define ASSEMBLER	"afterburn-as"
#define PARENTS		64	/* of parents that are looked at: more is a loop */
#define MARKS		"linux.sensitive"

static char *print(const char *format, ...) __attribute__((format(printf, 1, 2)));

static char *print(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		die("no memory");
	va_end(args);
	return text;
}

/* The folder of this program, symbolic links resolved: its helpers lie beside it. */
static const char *own_folder(void)
{
	static char path[PATH_MAX];

	if (!realpath("/proc/self/exe", path))
		die_errno("finding the folder of this program through /proc/self/exe");
	return dirname(path);
}

/* The only target whose plugin lies beside the driver, or NULL if there are none or several. */
static char *only_target(const char *folder)
{
	char *found = NULL;
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		char *plugin = print("%s/%s/%s", folder, entry->d_name, PLUGIN);

		if (entry->d_name[0] != '.' && !access(plugin, R_OK)) {
			if (found) {
				free(plugin);
				closedir(dir);
				return NULL;
			}
			found = print("%s", entry->d_name);
		}
		free(plugin);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* A file of /proc with the parts that a NUL ends, or that are one line; NULL if it cannot be read. */
static char *read_process(pid_t pid, const char *file, size_t *size)
{
	char *path = print("/proc/%ld/%s", (long)pid, file), *text = NULL;
	FILE *f = fopen(path, "re");
	size_t room = 0, n;

	*size = 0;
	free(path);
	if (!f)
		return NULL;
	do {
		room += 0x4000;
		text = realloc(text, room + 1);
		if (!text)
			die("no memory");
		n = fread(text + *size, 1, room - *size, f);
		*size += n;
	} while (n && *size == room);
	text[*size] = '\0';
	fclose(f);
	return text;
}

/* The value of the last NAME=value or NAME:=value among NUL-terminated words, on the heap, or NULL. */
static char *value_among(const char *words, size_t size, const char *name)
{
	size_t length = strlen(name);
	char *found = NULL;

	for (const char *w = words; w < words + size; w += strlen(w) + 1) {
		const char *at = w + length;

		if (strncmp(w, name, length))
			continue;
		at += *at == ':';
		if (*at != '=')
			continue;
		free(found);
		found = print("%s", at + 1);
	}
	return found;
}

static pid_t parent_of(pid_t pid)
{
	size_t size;
	char *stat = read_process(pid, "stat", &size), *at = stat ? strrchr(stat, ')') : NULL;
	long parent = 0;

	/* PID (NAME) STATE PARENT, and the name may hold anything */
	if (at)
		sscanf(at, ") %*c %ld", &parent);
	free(stat);
	return parent;
}

/*
 * CROSS_COMPILE as the nearest make was told on its command line. Where it has handed it on it is the environment's as
 * well. Where the environment differs from that make's own, somebody between us and it has changed it, who knows
 * better: NULL then.
 */
static char *asked_by_make(const char *env)
{
	pid_t pid = getppid();

	for (unsigned int n = 0; pid > 1 && n < PARENTS; pid = parent_of(pid), n++) {
		size_t size;
		char *words = read_process(pid, "cmdline", &size), *value = NULL, *had = NULL;
		bool same;

		if (words)
			value = value_among(words, size, "CROSS_COMPILE");
		free(words);
		if (!value)
			continue;
		words = read_process(pid, "environ", &size);
		if (words)
			had = value_among(words, size, "CROSS_COMPILE");
		free(words);
		same = !strcmp(had ? had : "", env ? env : "");
		free(had);
		if (same && *value)
			return value;
		free(value);
		return NULL;
	}
	return NULL;
}

/*
 * What stands before "gcc" in the real compiler's name, and may hold a path as CROSS_COMPILE does. The
 * option comes first, then the name the driver was called by, make, the environment, and what it was built for.
 */
static const char *compiler_prefix(const char *self, const char *option, const char *folder)
{
	const char *name = strrchr(self, '/') ? strrchr(self, '/') + 1 : self;
	const char *env = getenv("CROSS_COMPILE");
	size_t length = strlen(name), own = strlen("-" OWN_NAME);
	char *other;

	if (option)
		return print("%s-", option);
	if (length > own && !strcmp(name + length - own, "-" OWN_NAME))
		return print("%.*s-", (int)(length - own), name);
	other = asked_by_make(env);
	if (other)
		return other;
	if (env && *env)
		return env;
	other = only_target(folder);
	if (!other)
		die("for which target? call it <target>-" OWN_NAME ", or give --afterburn-target=<target> or CROSS_COMPILE=<target>-");
	return print("%s-", other);
}

static _Noreturn void become(char **args)
{
	execvp(args[0], args);
	die_errno("running %s (is the cross compiler installed?)", args[0]);
}

/* Waits for a program and returns its exit status; dies as it died. */
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
		become(args);
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

/* A driver without its helpers would quietly build a kernel without records. */
static char *helper(char *path)
{
	if (access(path, R_OK))
		die("%s is missing: build it with 'make afterburner', or say --no-afterburn", path);
	return path;
}

/*
 * What an object depends on beside its source and the line that makes it, for caches of compilers: the driver and
 * its helpers, as a hash (FNV-1a) of their bytes, and then GCC's own version.
 */
static void hash_file(uint64_t *hash, const char *path)
{
	FILE *file = fopen(path, "re");
	int c;

	if (!file)
		die_errno("reading %s", path);
	while ((c = getc(file)) != EOF)
		*hash = (*hash ^ c) * 0x100000001b3;
	fclose(file);
}

static _Noreturn void print_version(const char *prefix, const char *folder, const char *plugin)
{
	char *gcc[] = { print("%sgcc", prefix), (char *)"--version", NULL };
	uint64_t hash = 0xcbf29ce484222325;

	hash_file(&hash, "/proc/self/exe");
	hash_file(&hash, helper(print("%s/%s", folder, MACROS)));
	hash_file(&hash, helper(print("%s/%s", folder, USER_MACROS)));
	hash_file(&hash, helper(print("%s/%s", folder, MARKS)));
	hash_file(&hash, helper(print("%s/%s", folder, ASSEMBLER)));
	hash_file(&hash, plugin);
	hash_file(&hash, helper(print("%.*s%s", (int)(strlen(plugin) - strlen(PLUGIN)), plugin, PASSES)));
	printf("afterburn-gcc %016" PRIx64 "\n", hash);
	fflush(stdout);
	become(gcc);
}

static const char *marks_of(const struct plan *plan, const char *folder)
{
	return plan->sensitive ? plan->sensitive : helper(print("%s/%s", folder, MARKS));
}

/* What makes GCC one that afterburns, at most INSTRUMENTS words; returns how many. No device is in a user program. */
#define INSTRUMENTS 5
static size_t instrument(char **args, const char *folder, const struct plan *plan, char *plugin)
{
	const char *own = plan->user ? "user" : "kernel";
	size_t n = 0;

	helper(print("%s/%s", folder, plan->user ? USER_MACROS : MACROS));
	helper(print("%s/%s/as", folder, own));
	args[n++] = print("-B%s/%s/", folder, own);
	args[n++] = print("-fplugin=%s", helper(plugin));
	if (plan->user)
		args[n++] = (char *)PLUGIN_ARGUMENT "user";
	if (!plan->user)
		args[n++] = print(PLUGIN_ARGUMENT "sensitive=%s", marks_of(plan, folder));
	if (!plan->user && plan->profile)
		args[n++] = print(PLUGIN_ARGUMENT "profile=%s", plan->profile);
	return n;
}

/* GCC's command line: the plugin and the assembler, and then the caller's words without ours. */
static char **command(const char *prefix, const char *folder, const struct plan *plan, char *plugin, size_t argc,
		      char **argv)
{
	char **args = calloc(argc + INSTRUMENTS + 2, sizeof(*args));
	size_t n = 0;

	if (!args)
		die("no memory");
	args[n++] = print("%sgcc", prefix);
	if (plan->work == WORK_CODE)
		n += instrument(args + n, folder, plan, plugin);
	for (size_t i = 0; i < argc; i++) {
		unsigned int hidden = plan__hides(plan, argv[i]);

		if (hidden)
			i += hidden - 1;
		else
			args[n++] = argv[i];
	}
	return args;
}

/*
 * Caches of compilers look at what -E gives, and at the files that it names (# LINE "FILE"). So the marks are named at
 * its end, where they change the meaning of nothing; the line's number is a hash of what is in them.
 */
static void name_input(FILE *out, const char *path)
{
	uint64_t hash = 0xcbf29ce484222325;

	hash_file(&hash, path);
	fprintf(out, "# %" PRIu64 " \"", hash % 0x7fffffff + 1);
	for (; *path; path++)
		fprintf(out, *path == '"' || *path == '\\' ? "\\%c" : "%c", *path);
	fputs("\"\n", out);
}

static int preprocess(char **args, const struct plan *plan, const char *folder)
{
	const bool to_file = plan->out && strcmp(plan->out, "-");
	int status = run(args);
	FILE *out = stdout;
	struct stat st;

	if (status || (to_file && (stat(plan->out, &st) || !S_ISREG(st.st_mode))))
		return status;
	if (to_file)
		out = fopen(plan->out, "ae");
	if (!out)
		die_errno("adding the names of the marks to %s", plan->out);
	name_input(out, marks_of(plan, folder));
	if (plan->profile)
		name_input(out, plan->profile);
	if (fflush(out))
		die_errno("adding the names of the marks to %s", to_file ? plan->out : "standard output");
	return 0;
}

int main(int argc, char **argv)
{
	const char *env = getenv("AFTERBURN"), *folder = own_folder(), *prefix, *target;
	char **args, *plugin;
	struct complaint c;
	struct plan plan;

	program_invocation_short_name = (char *)OWN_NAME;
	descriptors__hold();
	if (plan__make(&plan, argc, argv, &c))
		die("%s", c.text);
	prefix = compiler_prefix(argv[0], plan.target, folder);
	if (env && !strcmp(env, "0"))
		plan.work = WORK_NONE;
	target = strrchr(prefix, '/') ? strrchr(prefix, '/') + 1 : prefix;
	plugin = print("%s/%.*s/%s", folder, (int)strlen(target) - 1, target, PLUGIN);
	if (plan.version)
		print_version(prefix, folder, helper(plugin));
	args = plan.word ? command(prefix, folder, &plan, plugin, plan.words, plan.word) :
		command(prefix, folder, &plan, plugin, argc - 1, argv + 1);
	if (plan.work == WORK_PREPROCESS)
		return preprocess(args, &plan, folder);
	become(args);
}
