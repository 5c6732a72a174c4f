/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See memory.h.
 */
#define _GNU_SOURCE
#include "wedge/host/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static u64 aligned(u64 size)
{
	return (size + VM_MEMORY_ALIGN - 1) & ~(VM_MEMORY_ALIGN - 1);
}

struct vm_memory *memory__open(u64 size, struct complaint *c)
{
	struct vm_memory *memory;

	size = aligned(size) + aligned(sizeof(*memory));
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (memory == MAP_FAILED) {
		complain(c, "%llu MB for the state of the virtual machine: %s", (unsigned long long)size >> 20, strerror(errno));
		return NULL;
	}
	memory->magic = VM_MEMORY_MAGIC;
	memory->version = VM_MEMORY_VERSION;
	memory->size = size;
	return memory;
}

void *memory__place(struct vm_memory *memory, const char *name, u32 version, u64 size)
{
	struct vm_memory_part *part = &memory->parts[memory->count], *last = part - 1;
	u64 offset = memory->count ? aligned(last->offset + last->size) : aligned(sizeof(*memory));

	if (memory->count == VM_MEMORY_PARTS || offset > memory->size || size > memory->size - offset)
		die("no room for '%s' in VM memory", name);
	*part = (struct vm_memory_part){ .offset = offset, .size = size, .version = version };
	strncpy(part->name, name, sizeof(part->name) - 1);
	memory->count++;
	return (u8 *)memory + offset;
}
