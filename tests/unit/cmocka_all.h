/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * cmocka.h with all that it wants included before it.
 */
#ifndef TESTS_UNIT_CMOCKA_ALL_H
#define TESTS_UNIT_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

/* A text contains another. */
#define assert_contains(text, part) \
	do { \
		if (!strstr(text, part)) \
			fail_msg("\"%s\" does not contain \"%s\"", text, part); \
	} while (0)

#endif
