/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See settle.h. What a process cannot change any more it begins again with.
 */
#include "wedge/host/mips64/settle.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <unistd.h>

#include "wedge/core/layout.h"
#include "wedge/host/memory.h"
#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/start.h"

#define STACK_USUAL	0x800000u	/* Linux's limit if nobody says otherwise */

/* Does the Host put mappings where place.h wants them? It goes down from where the first is. */
static bool mappings_are_high(void)
{
	void *area = mmap(NULL, HOST_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return true;	/* whoever needs one next says so */
	munmap(area, HOST_PAGE);
	return (u64)area >= the_start.end - PLACE_HOSTS / 4;	/* RAM has to go below it */
}

static _Noreturn void begin_again(char **argv, const char *why)
{
	execv("/proc/self/exe", argv);
	die_errno("starting again %s", why);
}

/*
 * Mappings are put below the room that the stack may need: in the middle of our guests if that is unlimited, or if the
 * process is to have the layout of old programs. What decides is what exec() finds.
 */
static void settle_mappings(char **argv)
{
	int persona = personality(0xffffffff);
	struct rlimit stack;

	if (mappings_are_high() || getrlimit(RLIMIT_STACK, &stack))
		return;
	if (stack.rlim_cur <= STACK_USUAL && !(persona & ADDR_COMPAT_LAYOUT))
		return;		/* it is something else: check_host() complains */
	if (stack.rlim_cur > STACK_USUAL)
		stack.rlim_cur = STACK_USUAL;
	if (setrlimit(RLIMIT_STACK, &stack) || personality(persona & ~ADDR_COMPAT_LAYOUT) == -1)
		die_errno("asking for a process with the usual layout");
	begin_again(argv, "with the usual layout");
}

/* start.c has done what it was asked, or could not; it was asked by a variable that is not for those who come after us. */
int host__settle_down(char **argv, u64 at, struct complaint *c)
{
	const char *before = getenv(START_AT);
	bool asked = before && strtoull(before, NULL, 16) == at;
	char text[24];

	settle_mappings(argv);
	unsetenv(START_AT);
	if (!at || at == the_start.at)
		return 0;
	if (!place__fits(at, the_start.size, the_start.end))
		return complain(c, "--at=%#llx is no place for the Wedge: a multiple of %#llx from %#llx to %#llx is, but for %#llx (wedge --layout)",
				(unsigned long long)at, PLACE_ALIGN, (unsigned long long)place__lowest(),
				(unsigned long long)place__highest(the_start.size, the_start.end), VCPU_STATE);
	if (asked)
		return complain(c, "--at=%#llx: the Host did not give that place", (unsigned long long)at);
	snprintf(text, sizeof(text), "%llx", (unsigned long long)at);
	setenv(START_AT, text, 1);
	begin_again(argv, "at the place that was asked for");
}

unsigned host__areas(const struct host *h, struct area areas[HOST_AREAS])
{
	unsigned n = PLACE_FIXED;

	place__fixed(areas, the_start.end);
	areas[0].start = host__low_pages();		/* the vCPU page */
	areas[0].size = host__low_pages_end() - host__low_pages();
	areas[n++] = (struct area){ "the Wedge", the_start.at, the_start.size, "its program: text and data; random, or --at" };
	if (h) {
		areas[n++] = (struct area){ "VM memory", (u64)h->memory, h->memory->size, "state that all processes share" };
		areas[n++] = (struct area){ "RAM", (u64)h->ram, h->ram_size, "the guest's, in one piece" };
	}
	return n;
}

int settle__check(struct complaint *c)
{
	if (!mappings_are_high())
		return complain(c, "this host puts a process's mappings below %#llx, where those of the guest's programs are",
				(unsigned long long)the_start.end - PLACE_HOSTS / 4);
	if (!place__fits(the_start.at, the_start.size, the_start.end))
		return complain(c, "this host has left the Wedge at %#llx, which is no place for it (wedge --layout)",
				(unsigned long long)the_start.at);
	return 0;
}

int settle__check_mapping(const void *at, const char *what, struct complaint *c)
{
	u64 lowest = the_start.end - PLACE_HOSTS;

	if ((u64)at >= lowest)
		return 0;
	return complain(c, "this host has put %s at %p, and has no room for it above %#llx (wedge --layout)", what, at,
			(unsigned long long)lowest);
}
