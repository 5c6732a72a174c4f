/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A console device with several ports: virtio-console. Port 0 is a terminal (hvc0 in the guest), the others are streams of bytes
 * (/dev/vportNpM) with names. Each leads where a UART can lead: see console.h.
 */
#ifndef WEDGE_DEVICE_HVC_H
#define WEDGE_DEVICE_HVC_H

#include "wedge/device/console.h"
#include "wedge/device/device.h"

#define HVC_PORTS_MOST	7	/* two queues each, and two more */

/*
 * `specs`: WHERE[,name=NAME] of each port. `pressed`, in the device's thread, is told of keys behind the escape key. NULL with a complaint.
 * For device__open().
 */
struct device *hvc__new(const char *const *specs, unsigned ports, void (*pressed)(void *user, enum console_key key), void *user,
			struct complaint *c);
/* Opens what the ports lead to: before device__start(). -1 with a complaint. */
int hvc__connect(struct device *device, struct complaint *c);
/* The terminal's size may have changed. From any thread, and from handlers of signals. */
void hvc__resized(struct device *device);
/* device__close() leaves sockets and pseudo terminals to the program that begins again. */
void hvc__will_restart(struct device *device);

#endif
