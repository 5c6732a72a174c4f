// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See spec.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/device/spec.h"

/* One part, up to a comma that is not doubled; where the next begins, or NULL behind the last. */
static const char *part(const char *text, char *into, bool *ok)
{
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ',' && *++text != ',') {
			into[n] = 0;
			return text;
		}
		*ok &= n < SPEC_TEXT_SIZE - 1;
		if (*ok)
			into[n++] = *text;
	}
	into[n] = 0;
	return NULL;
}

int spec__number(const char *text, bool size, u64 *value)
{
	static const char suffixes[] = "KMGT";
	char *end;
	const char *suffix;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (errno || *text < '0' || *text > '9')
		return -1;
	suffix = size && *end ? strchr(suffixes, *end & ~0x20) : NULL;
	if (suffix) {
		unsigned shift = 10 * (suffix - suffixes + 1);

		if (*value > UINT64_MAX >> shift)
			return -1;
		*value <<= shift;
		end++;
	}
	return *end ? -1 : 0;
}

static void name_all(const struct spec_key *keys, unsigned count, char *text, size_t size)
{
	for (unsigned i = 0; i < count; i++) {
		size_t n = strlen(text);

		snprintf(text + n, size - n, "%s%s%s", i ? ", " : "", keys[i].name, keys[i].kind == SPEC_FLAG ? "" : "=");
	}
}

static int add(const char *option, const struct spec_key *k, const char *value, struct complaint *c)
{
	struct spec_list *list = k->into;

	if (list->count == SPEC_LIST_MOST)
		return complain(c, "%s: more than %d times '%s'", option, SPEC_LIST_MOST, k->name);
	list->item[list->count] = strdup(value);
	if (!list->item[list->count])
		return complain(c, "%s: no memory for '%s'", option, k->name);
	list->count++;
	return 0;
}

static int set(const char *option, const struct spec_key *k, const char *value, struct complaint *c)
{
	switch (k->kind) {
	case SPEC_FLAG:
		if (value)
			return complain(c, "%s: '%s' takes no value, but was given '%.100s'", option, k->name, value);
		*(bool *)k->into = true;
		return 0;
	case SPEC_TEXT:
		if (!value || !*value)
			return complain(c, "%s: '%s' needs a value: %s=...", option, k->name, k->name);
		strcpy(k->into, value);		/* both have SPEC_TEXT_SIZE */
		return 0;
	case SPEC_LIST:
		if (!value || !*value)
			return complain(c, "%s: '%s' needs a value: %s=...", option, k->name, k->name);
		return add(option, k, value, c);
	default:
		if (!value || spec__number(value, k->kind == SPEC_SIZE, k->into))
			return complain(c, "%s: '%s=%.100s' is not a number; %s=%s would be one", option, k->name, value ? value : "",
					k->name, k->kind == SPEC_SIZE ? "64M" : "1000");
		return 0;
	}
}

static int set_named(const char *option, char *name, const struct spec_key *keys, unsigned count, struct complaint *c)
{
	char known[200] = "", *value = strchr(name, '=');

	if (value)
		*value++ = 0;
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(keys[i].name, name))
			return set(option, &keys[i], value, c);
	name_all(keys, count, known, sizeof(known));
	return complain(c, "%s: '%.100s' is none of %s (a comma in a name is written as two)", option, name, known);
}

static int too_long(const char *option, struct complaint *c)
{
	return complain(c, "%s: a value has more than %d characters", option, SPEC_TEXT_SIZE - 1);
}

static int parse_rest(const char *option, const char *text, const struct spec_key *keys, unsigned count, struct complaint *c)
{
	char *buffer = malloc(SPEC_TEXT_SIZE);
	bool ok = true;
	int result = 0;

	if (!buffer)
		return complain(c, "%s: no memory to read it", option);
	while (text && ok && !result) {
		text = part(text, buffer, &ok);
		if (ok)
			result = set_named(option, buffer, keys, count, c);
	}
	free(buffer);
	return ok ? result : too_long(option, c);
}

int spec__parse(const char *option, const char *text, char *first, const struct spec_key *keys, unsigned count, struct complaint *c)
{
	bool ok = true;

	text = part(text, first, &ok);
	return ok ? parse_rest(option, text, keys, count, c) : too_long(option, c);
}

int spec__parse_keys(const char *option, const char *text, const struct spec_key *keys, unsigned count, struct complaint *c)
{
	return parse_rest(option, *text ? text : NULL, keys, count, c);
}
