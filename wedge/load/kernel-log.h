/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The log of a guest's kernel (dmesg), read from its RAM without its help: it may be stopped, or hang.
 *
 * The guest is not trusted. Each address that it gives is looked up in RAM, each length is bounded, what is looked at is copied
 * first, and text comes out printable. What it can do is show a log of its own making.
 */
#ifndef WEDGE_LOAD_KERNEL_LOG_H
#define WEDGE_LOAD_KERNEL_LOG_H

#include "wedge/core/vcpu.h"
#include "wedge/load/image.h"

#define KERNEL_LOG_LINE	1024u		/* bytes of a record, as Linux has it at most (CONSOLE_LOG_MAX); more are cut off */

struct kernel_log {
	const struct ram *ram;
	const struct windows *windows;
	bool swapped, big_endian;
	u64 records, infos, text;	/* addresses of the guest's */
	unsigned count_bits, text_bits;
	u64 id;				/* of the record to be looked at next */
	unsigned left;			/* records to be looked at */
};

struct kernel_log_record {
	u64 seq;			/* the first since the start is 0 */
	u64 ns;				/* since the start */
	u8 facility, level;		/* as in syslog(2) */
	char text[4 * KERNEL_LOG_LINE + 1];	/* ASCII with newlines and tabs; else \x1b, as in /dev/kmsg */
};

/*
 * The log of a kernel that has been loaded into `ram`, and sees it through `windows`. -1 with a complaint if there is none that
 * can be read. `ram` and `windows` have to stay until the last record is read.
 */
int kernel_log__open(struct kernel_log *log, const struct image *image, const struct ram *ram, const struct windows *windows,
		     struct complaint *c);
/* The next one whose number is `from` at least; false: there is none. Numbers grow if `from` does. */
bool kernel_log__next(struct kernel_log *log, u64 from, struct kernel_log_record *r);

#endif
