/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the two halves of the console device share: hvc.c, which moves bytes, and hvc-control.c, in which driver and device tell each
 * other of ports. All of it belongs to the device's thread and whoever has the device's lock.
 */
#ifndef WEDGE_DEVICE_HVC_PORT_H
#define WEDGE_DEVICE_HVC_PORT_H

#include "wedge/device/hvc.h"

#define HVC_NAME_SIZE	64
#define HVC_AHEAD	4096u	/* bytes of input that wait for the driver */

#define HVC_F_SIZE	(1ull << 0)
#define HVC_F_MULTIPORT	(1ull << 1)

enum { HVC_CONTROL_IN = 2, HVC_CONTROL_OUT = 3 };	/* queues */

struct port {
	struct console console;
	char *where, name[HVC_NAME_SIZE];
	u16 rows, columns;		/* of the terminal; 0: it has no size */

	struct chain out;		/* being written, */
	bool out_held;			/* if there is one, */
	u64 out_done;			/* up to here */
	u8 ahead[HVC_AHEAD];		/* input that was read, from `ahead_start` on */
	unsigned ahead_start, ahead_size;
	u32 ahead_client;		/* console.clients when it came */
	u64 lost;			/* bytes of output that were in the queue at the end */

	/* What driver and device have told each other; all forgotten when the driver starts anew. */
	struct port_state {
		bool added, is_console, named;	/* the driver was told so */
		bool ready;			/* the driver has it */
		bool open;			/* a program of the guest has it open, or it is the guest's terminal */
		bool told_open;			/* the driver was told that the far end is there: */
		u32 told_client;		/* this one */
		u64 told_end_ns;		/* and when it was told that he has gone; 0: never */
		u16 told_rows, told_columns;
	} state;
};

struct hvc {
	struct device device;
	unsigned ports;
	bool multiport;			/* the driver knows of more than port 0 */
	bool driver_ready;		/* and has said that it wants to hear of them */
	bool more;			/* there was more to be done than is done at once */
	bool stopping;			/* the driver has reset it */
	bool restart;
	void (*pressed)(void *user, enum console_key key);
	void *user;
	struct port port[];
};

/* The driver starts anew. */
void hvc__forget(struct hvc *h);
/* Hears what the driver has to say and tells what is new. Both with the lock. */
void hvc__control(struct hvc *h);
/* Nanoseconds until there will be something to tell. */
u64 hvc__control_due(const struct hvc *h);

#endif
