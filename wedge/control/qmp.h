/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire format of QEMU's machine protocol (QMP): what a message of a client means, and what is said to it.
 *
 * A client first hears the greeting, then says qmp_capabilities, and may command from then on. Each command is answered once, in the order
 * of the commands, with the client's own "id"; events come in between.
 */
#ifndef WEDGE_CONTROL_QMP_H
#define WEDGE_CONTROL_QMP_H

#include <cjson/cJSON.h>

#include "lib/complain.h"
#include "lib/types.h"

#define QMP_ARGUMENTS	4
#define QMP_NUMBER_MOST	(1ull << 53)	/* beyond that a number of JSON's is not exact */

struct qmp_answer {
	cJSON *value;			/* what the command returns, to be freed by who asked; NULL: {} */
	const char *class;		/* of an error */
	struct complaint error;
};

enum qmp_type { QMP_STRING, QMP_NUMBER, QMP_BOOL, QMP_OPTIONAL = 0x10 };

/* Arguments have been checked: those that are needed are there, all are of their types, a number is a whole one from 0 to QMP_NUMBER_MOST. */
struct qmp_command {
	const char *name;		/* NULL: the end of the table */
	int (*run)(void *user, const cJSON *arguments, struct qmp_answer *answer);	/* -1 with answer->error */
	struct {
		const char *name;
		enum qmp_type type;
	} argument[QMP_ARGUMENTS];
};

/* One client's side of it. */
struct qmp {
	const struct qmp_command *commands;
	void *user;
	const char *release;		/* "0.1" */
	bool *negotiated;
};

/* All of them give a line, to be freed; NULL: no memory. */
char *qmp__greeting(const char *release);
/* What is to be said to a message of so many bytes. */
char *qmp__answer(const struct qmp *qmp, const char *message, unsigned length);
char *qmp__error(const char *class, const char *description);
/* `data` is used up; NULL: none. */
char *qmp__event(const char *name, cJSON *data);

#endif
