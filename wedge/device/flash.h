/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The contents of the Board's flash: a file of the Host's, mapped.
 *
 * The mapping is shared, and every process of the machine has it at the same address. So what the guest has programmed is in the file at
 * once, whoever dies next; the Host writes it to its disk when it likes, and when the machine ends.
 */
#ifndef WEDGE_DEVICE_FLASH_H
#define WEDGE_DEVICE_FLASH_H

#include "lib/complain.h"
#include "lib/types.h"

struct flash_file {
	int fd;			/* the monitor's */
	u8 *bytes;		/* NULL: there is none */
	u32 size;
	bool readonly;
};

/*
 * FILE[,readonly], opened, locked and mapped: whoever else would write it is refused, and so are we. `inherited` is a descriptor
 * on which it is open and locked already, or -1. -1 with a complaint.
 */
int flash_file__open(struct flash_file *f, const char *spec, int inherited, struct complaint *c);
/* Waits until the Host has it where it is without power. */
void flash_file__close(struct flash_file *f);
/*
 * An access at this address has failed with SIGBUS. If it is in the file, that is the Host's fault, and this process dies with a
 * line. For a signal's handler.
 */
void flash_file__failed(const struct flash_file *f, u64 address);

#endif
