/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * afterburn-gcc: the compiler driver that prepares code for the Wedge.
 *
 * It stands in for <target>-gcc: `make CC=afterburn-gcc`. Whatever compiles or assembles gets the GCC
 * plugin and the gas macros; whatever makes an object file (-c) is shown to afterburn-finish afterwards.
 * All else, and every question Kbuild may ask, is GCC's own: the driver replaces itself by GCC, whose
 * messages, exit codes and deaths by signal are therefore its own. gcc-plan.c decides which is which.
 *
 * The macros reach gas as a first input file (-Xassembler FILE), which changes nothing for the preprocessor: no
 * dependency, no line number. gas reads no standard input next to a file, so -pipe is dropped.
 *
 * What bites: make 4.3 does not hand its variables to $(shell ...), so CROSS_COMPILE is missing exactly
 * where Kbuild asks for options. A driver that was built for one target takes that one then.
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
#define MACROS		"afterburn.s"
#define USER_MACROS	"afterburn-user.s"
#define PLUGIN_ARGUMENT	"-fplugin-arg-afterburn_plugin-"	/* GCC ends a plugin's name at a dash */
#define FINISH		"afterburn-finish"
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

/*
 * What stands before "gcc" in the real compiler's name, and may hold a path as CROSS_COMPILE does. The
 * option comes first, then the name the driver was called by, the environment, and what it was built for.
 */
static const char *compiler_prefix(const char *self, const char *option, const char *folder)
{
	const char *name = strrchr(self, '/') ? strrchr(self, '/') + 1 : self;
	const char *env = getenv("CROSS_COMPILE");
	size_t length = strlen(name), own = strlen("-" OWN_NAME);
	char *only;

	if (option)
		return print("%s-", option);
	if (length > own && !strcmp(name + length - own, "-" OWN_NAME))
		return print("%.*s-", (int)(length - own), name);
	if (env && *env)
		return env;
	only = only_target(folder);
	if (!only)
		die("for which target? call it <target>-" OWN_NAME ", or give --afterburn-target=<target> or CROSS_COMPILE=<target>-");
	return print("%s-", only);
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

/* What stood at the place of each output before GCC ran; st_ino is 0 where there was nothing. */
static struct stat *look_at_outputs(const struct plan *plan)
{
	struct stat *before = calloc(plan->outputs + 1, sizeof(*before));

	if (!before)
		die("no memory");
	for (size_t i = 0; i < plan->outputs; i++)
		if (stat(plan->output[i], &before[i]))
			memset(&before[i], 0, sizeof(before[i]));
	return before;
}

/* Times alone would not do: those of files advance in steps of some milliseconds. */
static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

/* Completes the objects that GCC has made; if it failed (of several sources one had an error), those it made nevertheless. */
static int finish(const char *folder, const struct plan *plan, bool failed, const struct stat *before)
{
	char **args = calloc(plan->outputs + 4, sizeof(*args));
	size_t n = 0, options;
	int status = 0;

	if (!args)
		die("no memory");
	args[n++] = helper(print("%s/%s", folder, FINISH));
	if (plan->user)
		args[n++] = (char *)"--user";
	args[n++] = (char *)"--";
	options = n;
	for (size_t i = 0; i < plan->outputs; i++) {
		struct stat st;

		/* Kbuild's questions compile to /dev/null; a file that is not there is GCC's business. */
		if (stat(plan->output[i], &st) || !S_ISREG(st.st_mode))
			continue;
		if (!failed || !same_file(&st, &before[i]))
			args[n++] = plan->output[i];
	}
	if (n > options)
		status = run(args);
	free(args);
	return status;
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
	hash_file(&hash, helper(print("%s/%s", folder, FINISH)));
	hash_file(&hash, plugin);
	printf("afterburn-gcc %016" PRIx64 "\n", hash);
	fflush(stdout);
	become(gcc);
}

/* What makes GCC one that afterburns, at most INSTRUMENTS words; returns how many. No device is in a user program. */
#define INSTRUMENTS 6
static size_t instrument(char **args, const char *folder, const struct plan *plan, char *plugin)
{
	size_t n = 0;

	args[n++] = print("-fplugin=%s", helper(plugin));
	if (plan->user)
		args[n++] = (char *)PLUGIN_ARGUMENT "user";
	if (!plan->user)
		args[n++] = print(PLUGIN_ARGUMENT "sensitive=%s", plan->sensitive ? plan->sensitive :
				  helper(print("%s/%s", folder, MARKS)));
	if (!plan->user && plan->profile)
		args[n++] = print(PLUGIN_ARGUMENT "profile=%s", plan->profile);
	if (plan->work != WORK_COMPILE) {
		args[n++] = (char *)"-Xassembler";
		args[n++] = helper(print("%s/%s", folder, plan->user ? USER_MACROS : MACROS));
	}
	return n;
}

/* GCC's command line: the plugin and the macros, and then the caller's words without ours. */
static char **command(const char *prefix, const char *folder, const struct plan *plan, char *plugin, size_t argc,
		      char **argv)
{
	char **args = calloc(argc + INSTRUMENTS + 2, sizeof(*args));
	size_t n = 0;

	if (!args)
		die("no memory");
	args[n++] = print("%sgcc", prefix);
	if (plan->work != WORK_NONE)
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

int main(int argc, char **argv)
{
	const char *env = getenv("AFTERBURN"), *folder = own_folder(), *prefix, *target;
	char **args, *plugin;
	struct complaint c;
	struct plan plan;
	struct stat *before;
	int status, finished;

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
	if (plan.work != WORK_OBJECT)
		become(args);
	before = look_at_outputs(&plan);
	status = run(args);
	finished = finish(folder, &plan, status, before);
	free(before);
	return status ? status : finished;
}
