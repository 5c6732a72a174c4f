// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-trace.h. A file is written before the answer; nobody else is served meanwhile.
 */
#include <string.h>

#include "wedge/monitor/control-trace.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/processes.h"
#include "wedge/monitor/tracing.h"

int control__trace(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	struct vm *vm = m->vm;
	int core[BOARD_CORES_MAX];
	const char *action = cJSON_GetObjectItemCaseSensitive(arguments, "action")->valuestring;
	const cJSON *file = cJSON_GetObjectItemCaseSensitive(arguments, "file");

	if (!strcmp(action, "start")) {
		if (vm->options.trace_file)
			return complain(&a->error, "this machine is traced from its start, into '%s'", vm->options.trace_file);
		processes__of_cores(m, core);
		if (tracing__start(vm, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(arguments, "host")) ? core : NULL, &a->error))
			return -1;
	} else if (!strcmp(action, "stop")) {
		tracing__stop(vm);
	} else if (!strcmp(action, "save")) {
		if (!file || file->valuestring[0] != '/')
			return complain(&a->error, "save needs a file, with the whole path: \"file\": \"/tmp/trace.dat\"");
		if (tracing__save(vm, file->valuestring, &a->error))
			return -1;
	} else {
		return complain(&a->error, "'%.40s' is none of start, stop, save", action);
	}
	a->value = cJSON_CreateObject();
	cJSON_AddBoolToObject(a->value, "on", tracing__is_on(vm));
	cJSON_AddNumberToObject(a->value, "records", tracing__records(vm));
	cJSON_AddNumberToObject(a->value, "lost", tracing__lost(vm));
	return 0;
}
