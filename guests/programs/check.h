/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What every guest test program shares: it checks, says where the first check failed, and the driver in
 * main.c prints the one line "NAME: ok". Nothing here may depend on time or on chance: the same line must
 * come out on metal and under the Wedge.
 */
#ifndef GUESTS_PROGRAMS_CHECK_H
#define GUESTS_PROGRAMS_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the process with status 1 if COND does not hold. */
#define CHECK(cond)									\
	do {										\
		if (!(cond)) {								\
			fprintf(stderr, "%s:%d: does not hold: %s (errno %d)\n",	\
				__FILE__, __LINE__, #cond, errno);			\
			_Exit(1);							\
		}									\
	} while (0)

/* The instruction that loads an address. */
#if _MIPS_SIM == _ABI64
#define LOAD_ADDRESS "dla "
#else
#define LOAD_ADDRESS "la "
#endif

/* The file of this program, to exec it again under another name. */
#define SELF "/proc/self/exe"

#define PROGRAM(name) int program_##name(int argc, char **argv);
#define LONG PROGRAM
#define WIDE PROGRAM
#define TOOL(name) int tool_##name(int argc, char **argv);
#include "guests/programs/programs.def"
#undef PROGRAM
#undef LONG
#undef WIDE
#undef TOOL

#endif
