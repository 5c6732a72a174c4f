/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --layout: the map of the address space, an area on each line, ascending. What lies inside another comes behind it.
 */
#include <stdio.h>

#include "wedge/monitor/vm.h"

#define AREAS	(HOST_AREAS + IMAGE_SEGMENTS_MAX)

static unsigned add_kernel(const struct vm *vm, struct area *areas)
{
	const struct image *image = &vm->image;

	for (unsigned i = 0; i < image->segment_count; i++)
		areas[i] = (struct area){ "kernel", vm__ckseg0(vm) + image->segments[i].pa, image->segments[i].mem_size, vm->options.kernel };
	return image->segment_count;
}

static void print(u64 start, u64 end, const char *name, const char *why)
{
	printf("%012llx-%012llx  %-16s  %s\n", (unsigned long long)start, (unsigned long long)end, name, why);
}

void layout__print(const struct vm *vm)
{
	struct area areas[AREAS];
	unsigned count = host__areas(vm->host, areas);
	u64 end = 0;

	count += add_kernel(vm, areas + count);
	place__sort(areas, count);
	for (unsigned i = 0; i < count; i++) {
		const struct area *a = &areas[i];

		if (a->start > end)
			print(end, a->start, "free", "");
		print(a->start, a->start + a->size, a->name, a->why);
		if (a->start + a->size > end)
			end = a->start + a->size;
	}
}
