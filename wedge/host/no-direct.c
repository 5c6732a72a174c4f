// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A Host without direct user mode, which nobody asks it for: none.c, and that of the unit tests.
 */
#include <stdlib.h>

#include "wedge/host/host.h"

u64 host__eret_entry(struct host *host) { abort(); }
void host__own_thread(struct host *host) { }
int host__go_direct(struct host *host, struct complaint *c) { abort(); }
bool host__has_fpu(void) { abort(); }
void host__move(struct host *host, unsigned home) { abort(); }
bool host__share(struct host *host, void *at, u64 size) { abort(); }
void *host__shared_room(struct host *host, u64 size) { abort(); }
bool host__get_fp(struct host *host, unsigned home, u64 fpr[32], u32 *fcsr) { abort(); }
void host__set_fp(struct host *host, const u64 fpr[32], u32 fcsr) { abort(); }
void host__forget_fp(struct host *host) { abort(); }
bool host__fp_is_known(const struct host *host, unsigned home) { abort(); }
u8 *host__open_stand_ins(struct host *host, u64 size) { abort(); }
bool host__map_stand_in(struct host *host, u64 va, u64 offset) { abort(); }
void host__flush_stand_in(struct host *host, u64 va, u64 size) { abort(); }
