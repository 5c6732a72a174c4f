/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the monitor writes for its user when the guest has ended, however it has: the files of --stats and --profile. What is in them
 * was counted in VM memory, so they are written as well when the vCPU process was killed; and no vCPU process has them.
 */
#include <string.h>

#include "wedge/monitor/vm.h"

/* NULL: standard error, if at all. What a run before the guest's reset wrote stays. */
static FILE *open_output(const struct vm *vm, const char *what, const char *where)
{
	FILE *out;

	if (!where || !strcmp(where, "-"))
		return NULL;
	out = fopen(where, vm->restarted ? "ae" : "we");
	if (!out)
		die_errno("writing %s to '%s'", what, where);
	return out;
}

void outputs__open(struct vm *vm)
{
	vm->stats_file = open_output(vm, "statistics", vm->options.stats);
	vm->profile_file = open_output(vm, "the profile", vm->options.profile);
}

static void close_output(FILE *file, const char *what, const char *where)
{
	if (file && fclose(file))
		die_errno("writing %s to '%s'", what, where);
}

void outputs__write(struct vm *vm)
{
	const struct options *o = &vm->options;

	if (o->stats)
		stats__print(vm, vm->stats_file ? vm->stats_file : stderr);
	close_output(vm->stats_file, "statistics", o->stats);
	if (o->profile)
		profile__write(vm, vm->profile_file ? vm->profile_file : stderr, !vm->restarted);
	close_output(vm->profile_file, "the profile", o->profile);
}
