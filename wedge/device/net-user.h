/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest's user-mode network: libslirp, which makes the guest's connections as a program of the Host's would, so that it takes no
 * right. It reads what a guest sends, byte by byte, so it has a process of its own, which has nothing else and may do
 * little (a filter of system calls); frames come and go by a socket.
 *
 *	10.0.2.2	the Host; 10.0.2.3 its name server; 10.0.2.15 the guest, by DHCP
 */
#ifndef WEDGE_DEVICE_NET_USER_H
#define WEDGE_DEVICE_NET_USER_H

#include "lib/complain.h"
#include "wedge/device/spec.h"

#define NET_USER_ARGUMENT	"--net-user-process"	/* argv[1] of a program that is to become it */

struct net_user_options {
	struct spec_list forward;	/* of hostfwd=: (tcp|udp):[ADDRESS]:PORT-[ADDRESS]:PORT, the Host's first */
	bool restricted;		/* the guest reaches nobody but by what is forwarded */
};

/* The process, which ends when nobody has the other end of its socket any more. That end, or -1 with a complaint; *process is its number. */
int net_user__start(const struct net_user_options *options, int *process, struct complaint *c);
/* After that end was closed: the ports that it had are free when this returns. */
void net_user__await(int process);

/* What main() becomes if argv[1] is NET_USER_ARGUMENT. Returns its exit status. */
int net_user__main(int argc, char **argv);

#endif
