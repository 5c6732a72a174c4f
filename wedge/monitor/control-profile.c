// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-profile.h. Traps are counted in VM memory since somebody first asked for any; nothing is taken back at a stop.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "wedge/monitor/control-profile.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/stats.h"
#include "wedge/monitor/tracing.h"

/* The kernel's file is read again for its hash: of five megabytes, so not at each start. */
static int save(struct vm *vm, const char *path, struct complaint *c)
{
	FILE *out;

	if (profile__name(vm, c))
		return -1;
	out = fopen(path, "we");
	if (!out)
		return complain(c, "the profile '%s': %s", path, strerror(errno));
	profile__write(vm, out, true);
	return fclose(out) ? complain(c, "the profile '%s': %s", path, strerror(errno)) : 0;
}

static double traps(const struct vm *vm)
{
	const struct stats *s = stats__all(vm);

	return (double)(s->exits[HOST_EXIT_SIGILL].count + s->exits[HOST_EXIT_SIGBUS].count);
}

int control__profile(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct vm *vm = ((struct monitor *)user)->vm;
	const char *action = cJSON_GetObjectItemCaseSensitive(arguments, "action")->valuestring;
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(arguments, "file");

	if (vm->options.interpret)
		return complain(&a->error, "nothing traps in a machine that is interpreted");
	if (!strcmp(action, "start") || !strcmp(action, "stop")) {
		vm->profiled = !strcmp(action, "start");
		tracing__count(vm, false);
	} else if (strcmp(action, "save")) {
		return complain(&a->error, "'%.40s' is none of start, stop, save", action);
	} else if (!file || file->valuestring[0] != '/') {
		return complain(&a->error, "save needs a file, with the whole path: \"file\": \"/tmp/traps\"");
	} else if (save(vm, file->valuestring, &a->error)) {
		return -1;
	}
	a->value = cJSON_CreateObject();
	cJSON_AddBoolToObject(a->value, "on", vm->profiled || vm->options.profile);
	cJSON_AddNumberToObject(a->value, "traps", traps(vm));
	return 0;
}
