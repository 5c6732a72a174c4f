/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A shared folder answers messages.
 */
#ifndef WEDGE_DEVICE_P9_SERVE_H
#define WEDGE_DEVICE_P9_SERVE_H

#include "wedge/device/p9-fids.h"
#include "wedge/device/queue.h"

/*
 * Serves the message in the chain's readable part, and writes the answer into the writable part: how many bytes it has. 0 if that is no
 * message, or has no room for an answer.
 */
u32 p9_share__serve(struct p9_share *s, const struct chain *chain);

#endif
