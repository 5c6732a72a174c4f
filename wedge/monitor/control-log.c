// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-log.h. Nobody waits for the guest: its RAM is read as it is at that moment.
 */
#include <string.h>

#include "wedge/core/layout.h"
#include "wedge/load/kernel-log.h"
#include "wedge/monitor/control-log.h"
#include "wedge/monitor/monitor.h"

#define ANSWER_MOST	0x18000u	/* bytes: less than a client's queue has (wedge/control/server.c) */
#define RECORD_MOST	140u		/* of JSON around its text, each byte of which takes two at most */

static cJSON *describe(const struct kernel_log_record *r)
{
	cJSON *row = cJSON_CreateObject();

	cJSON_AddNumberToObject(row, "seq", r->seq);
	cJSON_AddNumberToObject(row, "ns", r->ns);
	cJSON_AddNumberToObject(row, "facility", r->facility);
	cJSON_AddNumberToObject(row, "level", r->level);
	cJSON_AddStringToObject(row, "text", r->text);
	return row;
}

int control__dmesg(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct vm *vm = ((const struct monitor *)user)->vm;
	const cJSON *from = cJSON_GetObjectItemCaseSensitive(arguments, "from");
	/* Not those of the machine, which are in memory that the guest's kernel reaches. */
	const struct windows moved = LAYOUT_WINDOWS, canonical = CANONICAL_WINDOWS;
	const struct ram ram = { .base = host__ram(vm->host), .size = vm->options.memory };
	struct kernel_log_record r;
	struct kernel_log log;
	u64 next = from ? from->valuedouble : 0;
	unsigned bytes = 0;
	cJSON *records;

	if (kernel_log__open(&log, &vm->image, &ram, vm->options.no_relink ? &canonical : &moved, &a->error))
		return -1;
	a->value = cJSON_CreateObject();
	records = cJSON_AddArrayToObject(a->value, "records");
	while (bytes < ANSWER_MOST && kernel_log__next(&log, next, &r) && r.seq < QMP_NUMBER_MOST) {
		cJSON_AddItemToArray(records, describe(&r));
		bytes += RECORD_MOST + 2 * strlen(r.text);
		next = r.seq + 1;
	}
	cJSON_AddNumberToObject(a->value, "next", next);
	return 0;
}
