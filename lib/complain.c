/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Complaints and deaths: see complain.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

void (*die_hook)(void);

int complain(struct complaint *c, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->text, sizeof(c->text), format, args);
	va_end(args);
	return -1;
}

static _Noreturn void die_with(const char *format, va_list args, const char *cause)
{
	if (die_hook)
		die_hook();
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	if (cause)
		fprintf(stderr, ": %s", cause);
	fputc('\n', stderr);
	exit(1);
}

void die(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	die_with(format, args, NULL);
}

void die_errno(const char *format, ...)
{
	const char *cause = strerror(errno);
	va_list args;

	va_start(args, format);
	die_with(format, args, cause);
}
