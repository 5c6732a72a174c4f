// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See config.h. A line is "name = value", or a name alone; blanks around both do not count, whatever else is in a value does. A line that begins with
 * # is a comment. What is given twice adds up or replaces as on the command line, of which the file is a part where it stands.
 *
 * The text stays in memory, as options point into it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "wedge/monitor/config.h"

#define SIZE_MOST	0x10000

/* With its end, to be kept. */
static char *read_text(const char *path, struct complaint *c)
{
	char *text = malloc(SIZE_MOST + 1);
	FILE *f = fopen(path, "re");
	size_t n = f && text ? fread(text, 1, SIZE_MOST + 1, f) : 0;
	const int error = !f || ferror(f) ? errno : 0;

	if (f)
		fclose(f);
	if (text && !error && n <= SIZE_MOST && !memchr(text, 0, n)) {
		text[n] = 0;
		return text;
	}
	free(text);
	complain(c, "--config: '%s': %s", path, error ? strerror(error) : n > SIZE_MOST ? "longer than 64 KB" : "no text");
	return NULL;
}

/* Without the blanks on both sides. */
static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r", end[-1]))
		end--;
	*end = 0;
	return text;
}

static int read_line(struct options *o, char *line, struct complaint *c)
{
	char *value = strchr(line, '=');

	line += strspn(line, " \t\r");
	if (!*line || *line == '#')
		return 0;
	if (value)
		*value++ = 0;
	return options__set(o, trim(line), value ? trim(value) : NULL, c);
}

int config__read(struct options *o, const char *path, struct complaint *c)
{
	char *line = read_text(path, c), *next;
	struct complaint why;

	if (!line)
		return -1;
	for (unsigned number = 1; line; line = next, number++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		if (read_line(o, line, &why))
			return complain(c, "%s:%u: %s", path, number, why.text);
	}
	return 0;
}
