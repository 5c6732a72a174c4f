// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A tap for somebody else, as who has the right to make one gives it to a Wedge that has none:
 *
 *	tap NAME SIZE COMMAND...	runs a command with a tap, the interface NAME, as its descriptor 3
 *
 * SIZE is how many bytes of what has been written to it may be on their way in the Host's network before it takes no more (TUNSETSNDBUF); 0: as many
 * as there are. It needs nothing but Linux, so it is for a Host and for this machine (tests/tap.c) as well.
 */
#include <fcntl.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include "guests/programs/check.h"

#define DESCRIPTOR 3

int tool_tap(int argc, char **argv)
{
	struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int fd, size;

	if (argc < 4) {
		fprintf(stderr, "tap: takes NAME SIZE COMMAND...\n");
		return 2;
	}
	size = atoi(argv[2]);
	strncpy(request.ifr_name, argv[1], IFNAMSIZ - 1);
	fd = open("/dev/net/tun", O_RDWR);
	CHECK(fd >= 0);
	CHECK(!ioctl(fd, TUNSETIFF, &request));
	CHECK(!size || !ioctl(fd, TUNSETSNDBUF, &size));
	CHECK(fd == DESCRIPTOR || dup2(fd, DESCRIPTOR) == DESCRIPTOR);
	if (fd != DESCRIPTOR)
		close(fd);
	execvp(argv[3], argv + 3);
	fprintf(stderr, "tap: %s cannot be run\n", argv[3]);
	return 127;
}
