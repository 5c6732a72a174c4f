/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * VM memory: all state of a virtual machine but its RAM, in memory that its processes share, at one address in each.
 *
 * It begins with a table of what is where, with names, sizes and versions, so that somebody else can find his way through it. All is
 * placed before the first process is made; nobody allocates afterwards but in a heap (lib/heap.h) that is a part.
 */
#ifndef WEDGE_HOST_MEMORY_H
#define WEDGE_HOST_MEMORY_H

#include "lib/complain.h"
#include "lib/types.h"
#include "wedge/host/place.h"

#define VM_MEMORY_MAGIC		0x314d454d56424157ull	/* "WABVMEM1" */
#define VM_MEMORY_VERSION	1
#define VM_MEMORY_PARTS		16
#define VM_MEMORY_ALIGN		HOST_PAGE_MOST	/* of each part: parts of it are mapped elsewhere as well */

struct vm_memory {
	u64 magic;
	u32 version, count;
	u64 size;			/* of all that may be placed */
	struct vm_memory_part {
		char name[24];
		u64 offset, size;	/* bytes, from the start of the memory */
		u32 version, reserved;	/* of what is in it; counted up when that changes */
	} parts[VM_MEMORY_PARTS];
};

/* Room for `size` bytes, of which the Host gives what is used. NULL with a complaint. */
struct vm_memory *memory__open(u64 size, struct complaint *c);
/* A part of it, cleared. Too many parts or too much of them is a bug of the caller's. */
void *memory__place(struct vm_memory *memory, const char *name, u32 version, u64 size);

#endif
