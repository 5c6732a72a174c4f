/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory that the guest gives back to the Host, and has again: virtio-balloon.
 */
#ifndef WEDGE_DEVICE_BALLOON_H
#define WEDGE_DEVICE_BALLOON_H

#include "wedge/device/device.h"

#define BALLOON_PAGE	0x1000ull
#define BALLOON_STATS	16	/* values with tags 0 to 15, as the specification numbers them */

/* What is done with whole pages of the guest's RAM, at `offset` in it. Both return 0 or an errno. */
struct balloon_memory {
	/* The Host has them; whoever looks there finds zeroes. */
	int (*give_back)(void *user, u64 offset, u64 size);
	/* They are the guest's again, and the Host has promised them: ENOMEM if it cannot now. */
	int (*reserve)(void *user, u64 offset, u64 size);
	void *user;
};

struct balloon_state {
	u64 target;		/* bytes that the guest is asked for */
	u64 inflated;		/* that it has given, and not had again */
	u64 said;		/* that it says it has given */
	u64 reported;		/* free memory that it has let go of so far, without giving it away */
	u64 stats[BALLOON_STATS];	/* by tag, as last heard; UINT64_MAX: nothing was said of that */
	unsigned stats_heard;	/* so many times */
};

/*
 * [SIZE]: what the guest is asked for at the start, of its `ram_size`. NULL with a complaint. For device__open().
 */
struct device *balloon__new(const char *spec, u64 ram_size, const struct balloon_memory *memory, struct complaint *c);
/* From any thread. More than there is counts for all; fractions of a page for none. */
void balloon__set_target(struct device *device, u64 bytes);
void balloon__state(struct device *device, struct balloon_state *state);
/* Asks the guest for new statistics; stats_heard counts when they are there. */
void balloon__ask_stats(struct device *device);

#endif
