/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How fast a device may go, as its user has said: so many operations, so many bytes in a second.
 */
#ifndef WEDGE_DEVICE_RATE_H
#define WEDGE_DEVICE_RATE_H

#include "lib/clock.h"
#include "lib/types.h"

#define RATE_BURST_NS	10000000ull	/* by which something may be early: a timer's resolution */

struct rate {
	u64 ops, bytes;			/* in a second; 0: as fast as it goes */
	u64 due_ns;			/* before this time nothing begins */
};

/* By whoever charges it. What is not paid for yet, by another rate, is let off. */
static inline void rate__change(struct rate *rate, u64 ops, u64 bytes)
{
	if (rate->ops == ops && rate->bytes == bytes)
		return;
	rate->ops = ops;
	rate->bytes = bytes;
	rate->due_ns = 0;
}

/* Something of `bytes` begins. */
static inline void rate__charge(struct rate *rate, u64 bytes)
{
	u64 now, ns, by_bytes;

	if (!rate->ops && !rate->bytes)
		return;
	now = clock__now_ns();
	ns = rate->ops ? 1000000000 / rate->ops : 0;
	by_bytes = rate->bytes ? (u64)((u128)bytes * 1000000000 / rate->bytes) : 0;
	rate->due_ns = (rate->due_ns > now ? rate->due_ns : now) + (ns > by_bytes ? ns : by_bytes);
}

/* So long nothing may begin; 0: it may now. */
static inline u64 rate__early(const struct rate *rate)
{
	u64 now;

	if (!rate->due_ns)
		return 0;
	now = clock__now_ns();
	return rate->due_ns > now + RATE_BURST_NS ? rate->due_ns - now : 0;
}

#endif
