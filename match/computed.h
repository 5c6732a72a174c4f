/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a kernel computes from its addresses comes out otherwise when they are those of windows. Sums do so by sums of
 * what its windows are moved by, which is a handful of numbers of 64 bits: as good as equal.
 */
#ifndef MATCH_COMPUTED_H
#define MATCH_COMPUTED_H

#include "format/log.h"

/*
 * Can `second` be, in the windows of its log, what `first` is elsewhere, both being sums of constants and addresses, of no
 * window more than one, added or subtracted? In 64 bits, or in the 32 of which both are extended.
 */
bool computed__is_sum(const struct log *log, uint64_t first, uint64_t second);

/*
 * Are both the address of one page table as Linux keeps it in Context, shifted left by 11 and without what tells
 * segments apart? What lies below, the page's number, has to be equal.
 */
bool computed__is_table(const struct log *log, uint64_t first, uint64_t second);

/*
 * Are both code, one or two words of it, in which sensitive instructions of the first were burnt for the second: to jumps, or
 * to loads and stores from $zero? Linux copies its exception vectors through registers.
 */
bool computed__is_code(uint64_t first, uint64_t second);

#endif
