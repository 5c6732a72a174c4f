/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Exit statistics: how often the guest left native execution, why, where, and what that took.
 *
 * vCPU processes count, in VM memory; the monitor, which has the files, prints. A guest's kernel may have written over what was
 * counted: then figures are rubbish, but nothing is, or leads, where it should not.
 */
#ifndef WEDGE_MONITOR_STATS_H
#define WEDGE_MONITOR_STATS_H

#include <stdio.h>

#include "lib/types.h"
#include "wedge/host/host.h"

#define STATS_PCS_BITS	16		/* slots for hot places: a kernel that is all blocks calls once at each of them */
#define STATS_PCS	(1u << STATS_PCS_BITS)

struct stats {
	struct {
		u64 count, ns, min_ns, max_ns;
	} exits[HOST_EXITS];
	struct stats_places {
		struct {
			u64 pc;			/* 0: free */
			u32 count, reason;
		} slot[STATS_PCS];
		u64 lost;			/* that found no slot */
	} places, interpreted_places;		/* of exits; of instructions that were interpreted, their reason an enum host_why */
	u64 generated, generated_ns;	/* exits at code made at run time */
	u64 interpreted[HOST_WHYS];	/* instructions */
	struct {
		u64 count, ns;
	} waits, handoffs;		/* asleep; for guest user code, which ran meanwhile. In no exit */
	u64 first_user_sigill;		/* SIGILL exits when the first user program started; 0: not yet */
	u32 user_seen;
};

/* `generated`: the kernel made the code there at run time. */
void stats__exit(struct stats *stats, unsigned reason, u64 pc, u64 ns, bool generated);

/* So many instructions, the first at pc, were interpreted. Where, is counted but for HOST_WHY_BEGUN: those are the places of exits. */
void stats__interpreted(struct stats *stats, enum host_why why, u64 pc, u64 count);

/* The core has slept, or waited for guest user code. */
void stats__waited(struct stats *stats, bool for_user, u64 ns);

struct vm;
void stats__print(struct vm *vm, FILE *out);
/* Those of all cores, added up: a copy, in which each reason is one. Valid until the next call. */
const struct stats *stats__all(const struct vm *vm);

/* outputs.c: the files of --stats and --profile, opened before the guest starts, so that nobody waits in vain, and written when it has ended. */
void outputs__open(struct vm *vm);
void outputs__write(struct vm *vm);

/* profile.c: writes where the kernel trapped; with `head` as a file of its own, without as more of one. */
void profile__write(const struct vm *vm, FILE *out, bool head);
/* Of the kernel's file, while its contents are there: what the profile names it by. */
void profile__look(struct vm *vm);
/* Of a kernel that has been looked at no more than to load it: reads its file again. -1 with a complaint. */
int profile__name(struct vm *vm, struct complaint *c);

#endif
