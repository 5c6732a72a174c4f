/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ways back: how a call from a burnt site ends anywhere else than behind that site.
 *
 * A way is `j place; ld ra, SCRATCH($0)` in the code cache, behind the call entry, which ends with a jump to it
 * through ra. So going native costs what a call does. The other way to set pc and all registers at once is the
 * Host's: a signal frame and sigreturn, with the alarms blocked meanwhile, 2,400 instructions. A system call of
 * the guest has two such ends, and kernels have few places where they lie: behind their regions. Each core has its own.
 */
#include <string.h>

#include "board/board.h"
#include "lib/complain.h"
#include "wedge/burn/sequence.h"
#include "wedge/core/layout.h"
#include "wedge/host/mips64/entry.h"
#include "wedge/host/mips64/host.h"

#define WAYS	512		/* places; of two that want one way the later gets it */

struct way {
	u32 jump, restore_ra;
};

static struct {
	u64 pc;			/* where each leads; 0: nowhere yet */
	u64 place;		/* where that code is: there, or in a block */
} ways[WAYS];

static u64 first_way(void)
{
	return SITES_PLACE + SITES_SIZE;
}

/* lui, daddiu, dsll, daddiu, dsll, daddiu: each adds a signed half, so what is above a negative one is more by 1. */
static void put_address(u32 *code, u64 value)
{
	code[0] |= (value + 0x800080008000) >> 48;
	code[1] |= (value + 0x80008000) >> 32 & 0xffff;
	code[3] |= (value + 0x8000) >> 16 & 0xffff;
	code[5] |= value & 0xffff;
}

void ways__make_entry(u8 *code_cache)
{
	if (call_entry_end - call_entry > LOOK_PLACE)
		die("the call entry takes %td bytes of the code cache, and has %u", call_entry_end - call_entry, LOOK_PLACE);
	if (sites_end - sites_off > SITES_SIZE)
		die("system calls that are jumps take %td bytes of the code cache, and have %u", sites_end - sites_off, SITES_SIZE);
	memcpy(code_cache, call_entry, call_entry_end - call_entry);
	memcpy(code_cache + SITES_PLACE, sites_off, sites_end - sites_off);
	*(u32 *)(code_cache + SITES_PLACE + (sites_end - sites_off) - 8) = sequence__jump((u64)code_cache, false);
	sequence__make_looks(WINDOW_CKSEG0 + CODE_CACHE_PA, (u32 *)(code_cache + LOOK_PLACE));
	put_address((u32 *)(code_cache + (call_entry_stack - call_entry)), (u64)native__call_stack + NATIVE_CALL_STACK_USED);
	put_address((u32 *)(code_cache + (call_entry_switched - call_entry)), (u64)native__called);
}

u64 host__call_entry_size(struct host *h, const struct machine *machine)
{
	return host__blocks_start(h) + blocks__code(machine);
}

u64 host__blocks_start(struct host *h)
{
	return first_way() + BOARD_CORES_MAX * WAYS * sizeof(struct way);
}

u64 ways__to(struct host *h, u64 pc, u64 place)
{
	unsigned n = pc / 4 * 0x9e3779b97f4a7c15ull >> 32 & (WAYS - 1);
	struct way *way = (struct way *)(h->code_cache + first_way()) + h->core * WAYS + n;

	if (ways[n].pc != pc || ways[n].place != place) {
		if ((place ^ (u64)way) >> 28)
			die("no jump leads from the code cache to %#llx", (unsigned long long)place);
		*way = (struct way){ sequence__jump(place, false), sequence__restore_ra() };
		__builtin___clear_cache((char *)way, (char *)(way + 1));
		ways[n].pc = pc;
		ways[n].place = place;
	}
	return (u64)way;
}

bool ways__at(u64 offset, u64 *pc)
{
	u64 n = (offset - first_way()) / sizeof(struct way) - the_host.core * WAYS;

	if (offset < first_way() || n >= WAYS)
		return false;
	*pc = ways[n].pc;
	return true;
}
