/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The button that switches the machine off: a virtio-input with one key.
 */
#ifndef WEDGE_DEVICE_BUTTON_H
#define WEDGE_DEVICE_BUTTON_H

#include "wedge/device/device.h"

/* `spec` must be empty. NULL with a complaint. For device__open(). */
struct device *button__new(const char *spec, struct complaint *c);
/* Presses it once, and lets go; by any thread. False: the guest's kernel listens to no such button. */
bool button__press(struct device *device);

#endif
