/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A bell: an eventfd that somebody waits for with poll(). It says that there is news, not which, nor how much.
 */
#ifndef LIB_BELL_H
#define LIB_BELL_H

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/* Never waits. One that cannot be counted up any more has been rung. */
static inline void bell__ring(int bell)
{
	const uint64_t one = 1;

	if (write(bell, &one, sizeof(one)) < 0)
		return;
}

/* It has been heard. -1 with errno if it is no bell. */
static inline int bell__heard(int bell)
{
	uint64_t count;

	return read(bell, &count, sizeof(count)) < 0 && errno != EAGAIN ? -1 : 0;
}

#endif
