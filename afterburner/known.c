/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The list of what is knowingly left: see known.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "afterburner/known.h"

#define BLANKS " \t"

static int class_of(const char *name)
{
	for (int i = 0; i < COVERAGE_COUNT; i++)
		if (!strcmp(coverage__names[i].name, name))
			return i;
	return -1;
}

static int read_entry(struct known *known, char *text, unsigned int line, struct complaint *c)
{
	char *class = strtok(text, BLANKS), *where = strtok(NULL, BLANKS), *reason = strtok(NULL, "");
	bool may_be_absent = false;
	int n;

	if (!class || *class == '#')
		return 0;
	if (class[strlen(class) - 1] == '?') {
		may_be_absent = true;
		class[strlen(class) - 1] = '\0';
	}
	n = class_of(class);
	if (n < 0)
		return complain(c, "%s:%u: '%s' is no class of findings; afterburn-check --help lists them", known->path, line,
				class);
	if (reason)
		reason += strspn(reason, BLANKS);
	if (!reason || !*reason)
		return complain(c, "%s:%u: '%s' wants a function and a reason behind it", known->path, line, class);
	known->entry = realloc(known->entry, (known->entries + 1) * sizeof(*known->entry));
	if (!known->entry)
		die("no memory");
	known->entry[known->entries++] = (struct known_entry){
		.class = n, .where = where, .reason = reason, .line = line, .may_be_absent = may_be_absent,
	};
	return 0;
}

int known__open(struct known *known, const char *path, struct complaint *c)
{
	FILE *file = fopen(path, "r");
	unsigned int number = 0;
	size_t room = 0;
	char *next;

	*known = (struct known){ .path = path };
	if (!file)
		return complain(c, "%s: %s", path, strerror(errno));
	if (getdelim(&known->text, &room, '\0', file) < 0) {
		bool failed = ferror(file);

		known__close(known);
		if (failed)
			complain(c, "%s: %s", path, strerror(errno));
		fclose(file);
		return failed ? -1 : 0;
	}
	fclose(file);
	next = known->text;
	for (char *line; (line = strsep(&next, "\n")); )
		if (read_entry(known, line, ++number, c)) {
			known__close(known);
			return -1;
		}
	return 0;
}

void known__close(struct known *known)
{
	free(known->text);
	free(known->entry);
	*known = (struct known){ 0 };
}

void known__explain(struct known *known, struct coverage *coverage)
{
	for (size_t i = 0; i < coverage->findings; i++) {
		struct finding *f = &coverage->finding[i];
		const char *where = coverage__place(coverage, f);

		for (size_t n = 0; n < known->entries; n++) {
			struct known_entry *entry = &known->entry[n];

			if (entry->class != f->class || fnmatch(entry->where, where, 0))
				continue;
			f->known = entry->reason;
			entry->findings++;
			break;
		}
	}
}
