/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See descriptors.h.
 */
#include "descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "complain.h"

void descriptors__hold(void)
{
	static const int wrong_way[] = { O_WRONLY, O_RDONLY, O_RDONLY };

	/* A new descriptor is the lowest that is free. */
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", wrong_way[fd]) != fd)
			die_errno("standard descriptor %d is closed, and /dev/null cannot stand in for it", fd);
}
