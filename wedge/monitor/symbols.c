/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Names for addresses of the guest's kernel: from its file, and of its modules.
 */
#include <stdio.h>
#include <string.h>

#include "wedge/core/layout.h"
#include "wedge/monitor/vm.h"

#define MODULES_LOOKED_AT	1024

bool vm__remembers(const struct vm *vm, const void *at, u64 size)
{
	const u64 offset = (u64)at - (u64)vm->memory;

	return offset < VM_STATE_SIZE && size <= VM_STATE_SIZE - offset && offset % _Alignof(u64) == 0;
}

/* For the monitor, too, and the list is in memory over which a guest's kernel may have written: so it is not followed for ever. */
const struct code *vm__code(const struct vm *vm, u64 va, struct code *copy)
{
	const struct code *at = __atomic_load_n(&vm->state->machine.code, __ATOMIC_ACQUIRE);

	for (unsigned i = 0; i < MODULES_LOOKED_AT && vm__remembers(vm, at, sizeof(*copy)); i++) {
		memcpy(copy, at, sizeof(*copy));
		if (va >= copy->start && va < copy->end)
			return at;
		at = copy->next;
	}
	return NULL;
}

const char *vm__symbolize(struct vm *vm, u64 va, u64 *offset)
{
	static char module[sizeof(((struct code *)0)->name)];
	const char *name = NULL;

	*offset = 0;
	image__sort_symbols(&vm->image);
	if (vm->options.no_relink)
		name = image__symbolize(&vm->image, va, offset);
	else if (va >= WINDOW_MODULES && va < WINDOW_MODULES_END) {
		struct code code;

		if (vm__code(vm, va, &code)) {
			*offset = va - code.start;
			snprintf(module, sizeof(module), "%.*s", (int)sizeof(code.name) - 1, code.name);
			name = module;
		}
	} else if (va - WINDOW_CKSEG0 < IMAGE_CKSEG0_SIZE)
		name = image__symbolize(&vm->image, va - RELINK_DELTA(WINDOW_CKSEG0), offset);
	return name ? name : "?";
}
