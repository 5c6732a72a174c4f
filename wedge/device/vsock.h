/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Streams between programs of the guest and of the Host, without a network: virtio-vsock. At the Host's end they are Unix sockets:
 *
 *	a client connects to PATH, says "CONNECT <port>\n" and hears "OK <port of its own>\n" when a program of the guest has accepted; the
 *	guest that connects to port P of CID 2 gets to whoever listens at PATH_P.
 */
#ifndef WEDGE_DEVICE_VSOCK_H
#define WEDGE_DEVICE_VSOCK_H

#include "wedge/device/device.h"

/* PATH[,cid=N]. NULL with a complaint. For device__open(). */
struct device *vsock__new(const char *spec, struct complaint *c);
/* Listens at PATH, or goes on with `listener` if that is not -1: before device__start(). -1 with a complaint. */
int vsock__connect(struct device *device, int listener, struct complaint *c);
/* Where it listens, for the program that begins again: device__close() leaves PATH there. */
int vsock__listener(struct device *device);

#endif
