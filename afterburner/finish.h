/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The object pass, for afterburn-as, which runs it on each object that gas makes, and for afterburn-finish.
 */
#ifndef AFTERBURNER_FINISH_H
#define AFTERBURNER_FINISH_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/complain.h"

struct finish_report {
	size_t unpadded;	/* sensitive instructions that no macro has seen */
};

/*
 * Completes the records of one object in place. `user`: it is of a program, not of a kernel. Files that are not MIPS
 * ELF64 objects, and complete ones, are left alone. -1 with a complaint: what the file is then is undefined, remove it.
 */
int finish__object(const char *path, bool user, struct finish_report *report, struct complaint *c)
	__attribute__((warn_unused_result));

#endif
