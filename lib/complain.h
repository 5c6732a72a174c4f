/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a parser says what is wrong with its input.
 *
 * Code that reads what others wrote (ELF files, records, device trees, options) never exits: it fills a
 * complaint with one line and returns -1, so that it can be tested and fuzzed. Programs print the line
 * and exit. When the Host itself fails us there is nothing to return to: die_errno().
 */
#ifndef LIB_COMPLAIN_H
#define LIB_COMPLAIN_H

struct complaint {
	char text[320];		/* one line without newline: what, where, what would be right */
};

/* Writes the line (truncated to fit) and returns -1, so that `return complain(c, ...)` reads well. */
int complain(struct complaint *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Print "program: line" on standard error and exit with status 1; die_errno appends strerror(errno). */
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_errno(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Called first by die() and die_errno(): lets a program put the terminal back. May be NULL. */
extern void (*die_hook)(void);
#endif
