// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See qmp.h; QEMU's docs/interop/qmp-spec.txt.
 *
 * A cJSON that found no memory is NULL, and so is what is made of it: in the end the client is told nothing, and goes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wedge/control/qmp.h"

#define GENERIC		"GenericError"
#define NOT_FOUND	"CommandNotFound"

static char *line_of(cJSON *message)
{
	char *text = message ? cJSON_PrintUnformatted(message) : NULL, *line = NULL;
	const size_t n = text ? strlen(text) : 0;

	cJSON_Delete(message);
	if (text)
		line = realloc(text, n + 3);
	if (line)
		strcpy(line + n, "\r\n");
	else
		free(text);
	return line;
}

static cJSON *version(const char *release)
{
	int major = 0, minor = 0, micro = 0;
	char package[64];
	cJSON *version = cJSON_CreateObject(), *numbers = cJSON_AddObjectToObject(version, "qemu");

	sscanf(release, "%d.%d.%d", &major, &minor, &micro);
	snprintf(package, sizeof(package), "Afterburn for MIPS64 %s", release);
	cJSON_AddNumberToObject(numbers, "major", major);
	cJSON_AddNumberToObject(numbers, "minor", minor);
	cJSON_AddNumberToObject(numbers, "micro", micro);
	cJSON_AddStringToObject(version, "package", package);
	return version;
}

char *qmp__greeting(const char *release)
{
	cJSON *message = cJSON_CreateObject(), *qmp = cJSON_AddObjectToObject(message, "QMP");

	cJSON_AddItemToObject(qmp, "version", version(release));
	cJSON_AddArrayToObject(qmp, "capabilities");
	return line_of(message);
}

/* --- Answers --- */

static cJSON *error_of(const char *class, const char *description)
{
	cJSON *message = cJSON_CreateObject(), *error = cJSON_AddObjectToObject(message, "error");

	cJSON_AddStringToObject(error, "class", class);
	cJSON_AddStringToObject(error, "desc", description);
	return message;
}

char *qmp__error(const char *class, const char *description)
{
	return line_of(error_of(class, description));
}

char *qmp__event(const char *name, cJSON *data)
{
	cJSON *message = cJSON_CreateObject(), *at = cJSON_AddObjectToObject(message, "timestamp");
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	cJSON_AddNumberToObject(at, "seconds", t.tv_sec);
	cJSON_AddNumberToObject(at, "microseconds", t.tv_nsec / 1000);
	cJSON_AddStringToObject(message, "event", name);
	if (data)
		cJSON_AddItemToObject(message, "data", data);
	return line_of(message);
}

static int fail(struct qmp_answer *a, const char *class, const char *what, const char *name)
{
	a->class = class;
	return complain(&a->error, what, name);
}

/* --- What a client asks --- */

static bool is_of(const cJSON *value, enum qmp_type type)
{
	switch (type & ~QMP_OPTIONAL) {
	case QMP_STRING: return cJSON_IsString(value);
	case QMP_BOOL: return cJSON_IsBool(value);
	default: return cJSON_IsNumber(value) && value->valuedouble >= 0 && value->valuedouble <= QMP_NUMBER_MOST &&
			value->valuedouble == (double)(u64)value->valuedouble;
	}
}

static int check_arguments(const struct qmp_command *command, const cJSON *arguments, struct qmp_answer *a)
{
	static const char *const types[] = { [QMP_STRING] = "string", [QMP_NUMBER] = "integer", [QMP_BOOL] = "boolean" };
	const cJSON *value;

	if (arguments && !cJSON_IsObject(arguments))
		return fail(a, GENERIC, "QMP input member '%s' must be an object", "arguments");
	for (unsigned i = 0; i < QMP_ARGUMENTS && command->argument[i].name; i++) {
		const enum qmp_type type = command->argument[i].type;

		value = cJSON_GetObjectItemCaseSensitive(arguments, command->argument[i].name);
		if (!value && !(type & QMP_OPTIONAL))
			return fail(a, GENERIC, "Parameter '%s' is missing", command->argument[i].name);
		if (value && !is_of(value, type)) {
			a->class = GENERIC;
			return complain(&a->error, "Invalid parameter type for '%s', expected: %s", command->argument[i].name,
					types[type & ~QMP_OPTIONAL]);
		}
	}
	cJSON_ArrayForEach(value, arguments) {
		unsigned i = 0;

		while (i < QMP_ARGUMENTS && command->argument[i].name && strcmp(command->argument[i].name, value->string))
			i++;
		if (i == QMP_ARGUMENTS || !command->argument[i].name)
			return fail(a, GENERIC, "Parameter '%.100s' is unexpected", value->string);
	}
	return 0;
}

static int list_commands(const struct qmp *qmp, struct qmp_answer *a)
{
	static const char *const own[] = { "qmp_capabilities", "query-version", "query-commands" };

	a->value = cJSON_CreateArray();
	for (unsigned i = 0; i < sizeof(own) / sizeof(*own); i++) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "name", own[i]);
		cJSON_AddItemToArray(a->value, row);
	}
	for (const struct qmp_command *c = qmp->commands; c->name; c++) {
		cJSON *row = cJSON_CreateObject();

		cJSON_AddStringToObject(row, "name", c->name);
		cJSON_AddItemToArray(a->value, row);
	}
	return 0;
}

/* Capabilities may be asked for; there are none. */
static int negotiate(const struct qmp *qmp, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *enable = cJSON_GetObjectItemCaseSensitive(arguments, "enable");

	if (*qmp->negotiated)
		return fail(a, NOT_FOUND, "Capabilities negotiation is already complete, command '%s' is ignored", "qmp_capabilities");
	if (enable && (!cJSON_IsArray(enable) || cJSON_GetArraySize(enable)))
		return fail(a, GENERIC, "Capability is not available: '%s' has to be empty", "enable");
	*qmp->negotiated = true;
	return 0;
}

static int execute(const struct qmp *qmp, const char *name, const cJSON *arguments, struct qmp_answer *a)
{
	const struct qmp_command *command = qmp->commands;

	if (!strcmp(name, "qmp_capabilities"))
		return negotiate(qmp, arguments, a);
	if (!*qmp->negotiated)
		return fail(a, NOT_FOUND, "Expecting capabilities negotiation with 'qmp_capabilities', not '%.100s'", name);
	if (!strcmp(name, "query-version")) {
		a->value = version(qmp->release);
		return 0;
	}
	if (!strcmp(name, "query-commands"))
		return list_commands(qmp, a);
	while (command->name && strcmp(command->name, name))
		command++;
	if (!command->name)
		return fail(a, NOT_FOUND, "The command %.100s has not been found", name);
	return check_arguments(command, arguments, a) ? -1 : command->run(qmp->user, arguments, a);
}

static int serve(const struct qmp *qmp, const cJSON *message, struct qmp_answer *a)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(message, "execute"), *member;

	if (!cJSON_IsObject(message))
		return fail(a, GENERIC, "%s", "JSON parse error");
	cJSON_ArrayForEach(member, message)
		if (strcmp(member->string, "execute") && strcmp(member->string, "arguments") && strcmp(member->string, "id"))
			return fail(a, GENERIC, "QMP input member '%.100s' is unexpected", member->string);
	if (!cJSON_IsString(name))
		return fail(a, GENERIC, "QMP input lacks member '%s', a string", "execute");
	return execute(qmp, name->valuestring, cJSON_GetObjectItemCaseSensitive(message, "arguments"), a);
}

char *qmp__answer(const struct qmp *qmp, const char *text, unsigned length)
{
	cJSON *message = cJSON_ParseWithLength(text, length), *id = cJSON_DetachItemFromObjectCaseSensitive(message, "id"), *answer;
	struct qmp_answer a = { .class = GENERIC };

	if (serve(qmp, message, &a)) {
		answer = error_of(a.class, a.error.text);
		cJSON_Delete(a.value);
	} else {
		answer = cJSON_CreateObject();
		cJSON_AddItemToObject(answer, "return", a.value ? a.value : cJSON_CreateObject());
	}
	if (id)
		cJSON_AddItemToObject(answer, "id", id);
	cJSON_Delete(message);
	return line_of(answer);
}
