/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What GCC loads: it loads the plugin proper (afterburn_passes.so, beside it) into the GCC that this was built for, and
 * says to any other in one line what it is and what that is.
 *
 * The plugin proper cannot: another GCC has other functions, and gives up with the name of one that it lacks. So nothing
 * here may need a symbol of GCC's.
 */
#include "gcc-plugin.h"
#include "plugin-version.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int plugin_is_GPL_compatible;

static bool same(const struct plugin_gcc_version *a, const struct plugin_gcc_version *b)
{
	return !strcmp(a->basever, b->basever) && !strcmp(a->datestamp, b->datestamp) && !strcmp(a->devphase, b->devphase) &&
	       !strcmp(a->revision, b->revision) && !strcmp(a->configuration_arguments, b->configuration_arguments);
}

/* "GCC 12.2.0 (20220819) for mips64el-linux-gnuabi64" */
static void describe(char *text, size_t size, const struct plugin_gcc_version *v)
{
	const char *target = strstr(v->configuration_arguments, "--target="), *own = "its own machine";

	target = target ? target + strlen("--target=") : own;
	snprintf(text, size, "GCC %s (%s) for %.*s", v->basever, v->datestamp,
		 (int)(target == own ? strlen(own) : strcspn(target, " '")), target);
}

int plugin_init(struct plugin_name_args *args, struct plugin_gcc_version *version)
{
	const char *slash = strrchr(args->full_name, '/');
	int (*init)(struct plugin_name_args *);
	char ours[200], theirs[200], path[4096];
	void *passes;

	if (!same(version, &gcc_version)) {
		describe(ours, sizeof(ours), &gcc_version);
		describe(theirs, sizeof(theirs), version);
		fprintf(stderr, "afterburn-plugin: %s was built for %s, this is %s%s: build it for this compiler with "
			"'make afterburner TARGET=...'\n", args->full_name, ours, theirs,
			strcmp(ours, theirs) ? "" : ", configured otherwise");
		exit(1);
	}
	snprintf(path, sizeof(path), "%.*safterburn_passes.so", slash ? (int)(slash + 1 - args->full_name) : 0, args->full_name);
	passes = dlopen(path, RTLD_NOW);
	*(void **)&init = passes ? dlsym(passes, "afterburn_init") : NULL;
	if (!init) {
		fprintf(stderr, "afterburn-plugin: %s: build it again with 'make afterburner'\n", dlerror());
		exit(1);
	}
	return init(args);
}
