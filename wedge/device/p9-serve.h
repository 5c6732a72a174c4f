/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A shared folder answers messages.
 */
#ifndef WEDGE_DEVICE_P9_SERVE_H
#define WEDGE_DEVICE_P9_SERVE_H

#include "wedge/device/p9-fids.h"
#include "wedge/device/queue.h"

#define P9_LEFT	UINT32_MAX

/*
 * Serves the message in the chain's readable part, and writes the answer into the writable part: how many bytes it has. 0 if that is no
 * message, or has no room for an answer. P9_LEFT: what is left is s->rest, and the caller sees to it that
 * p9_rest__serve() does it. Of others s->rest has type and tag, and of a flush in `count` which tag is flushed: nobody may hear
 * that it is before that message has been answered.
 */
u32 p9_share__serve(struct p9_share *s, const struct chain *chain);
/* In any thread. Waits for the Host. How many bytes the answer has. */
u32 p9_rest__serve(const struct p9_rest *rest, const struct chain *chain);

#endif
