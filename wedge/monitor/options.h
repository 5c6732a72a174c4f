/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Wedge's command line.
 */
#ifndef WEDGE_MONITOR_OPTIONS_H
#define WEDGE_MONITOR_OPTIONS_H

#include "lib/complain.h"
#include "lib/types.h"
#include "wedge/device/hvc.h"
#include "wedge/monitor/jail.h"

enum device_kind {
	DEVICE_DISK,
	DEVICE_NET,
	DEVICE_RNG,
	DEVICE_BUTTON,
	DEVICE_SHARE,
	DEVICE_HVC,
	DEVICE_BALLOON,
	DEVICE_VSOCK,
};

/* A device of the guest's; they get its slots in this order. */
struct device_option {
	enum device_kind kind;
	const char *spec;
};
#define DEVICES_MOST	8

/* What its last stage does. */
enum watchdog_mode { WATCHDOG_RESET, WATCHDOG_EXIT };

struct options {
	const char *kernel;
	const char *name;		/* of the VM; NULL: it has none */
	const char *control;		/* NULL: by its name, if it has one; "off": no socket; else the socket's path */
	const char *gdb;		/* where a debugger finds it: tcp:PORT or unix:PATH; NULL: nowhere */
	bool gdb_wait;			/* it waits for one before it begins */
	const char *initrd;		/* NULL: none */
	const char *append;		/* the guest's command line, never NULL */
	const char *uart[2];		/* where the UARTs lead: see console.h */
	const char *stats;		/* NULL: no; "-": standard error; else a file */
	const char *profile;		/* NULL: no; else a file for afterburn-report */
	const char *log_state;		/* NULL: no; else FILE, FILE,all or FILE,sensitive */
	struct device_option device[DEVICES_MOST];
	unsigned devices;
	u64 virtio;			/* version of the devices' registers, 1 or 2: see enum virtio_interface */
	const char *flash;		/* NULL: none; else FILE or FILE,readonly */
	const char *hvc[HVC_PORTS_MOST];	/* the ports of the one DEVICE_HVC */
	unsigned hvcs;
	u64 memory;			/* bytes */
	u64 cpus;			/* cores of the guest, 1 to BOARD_CORES_MAX */
	bool no_burn;
	bool no_reboot;			/* a reset ends the run, as power-off does */
	bool no_translate;		/* no blocks: what must not run as it stands is interpreted */
	bool translate_at_once;		/* a block of whatever is met, not only of what is met often */
	bool interpret;
	bool poison;			/* overwrite what records call dead */
	bool firmware;			/* no kernel: the cores begin with what is in the flash */
	bool no_relink;			/* the guest stays at its canonical addresses; only with interpret */
	bool count_time;		/* the clock counts instructions; only with interpret */
	const char *record_clock;	/* NULL: no; else a file; only with count_time */
	const char *replay_clock;	/* NULL: no; else a file that was so recorded */
	bool check;			/* load, relink and plan, then stop */
	bool check_sites;		/* the same, and list the sites */
	bool dry_run;			/* say what the machine would be, and stop */
	bool layout;			/* say what is where, and stop; needs no kernel */
	u64 at;				/* where the Wedge itself is to lie; 0: anywhere */
	enum jail_mode jail;
	bool spin;			/* isolated: processors are there for cores that wait */
	bool no_user_burn;		/* direct: programs' system calls stay what they are */
	bool direct;			/* --user: programs of the guest run in their kernel's address space */
	enum watchdog_mode watchdog;
	bool trace;			/* print every exception the guest takes */
	const char *trace_file;		/* NULL: no; else a file for its trace points */
	const char *flight;		/* of the flight recorder; NULL: by its name, if it has one; "off": none */
	bool help, version;
};

/* Fills `o` from argv; -1 with a complaint for anything it does not understand. */
int options__parse(struct options *o, int argc, char **argv, struct complaint *c);
/* One option by its name, "kernel" too; value NULL: it is alone. Both stay the caller's, for as long as the options. -1 with a complaint. */
int options__set(struct options *o, const char *name, const char *value, struct complaint *c);
void options__usage(void);
const char *options__device_name(enum device_kind kind);

/* Are its states or its clock written down, or read? Then it has one core, no devices, and nobody stops it. */
static inline bool options__is_logged(const struct options *o)
{
	return o->log_state || o->record_clock || o->replay_clock;
}

#define EXIT_GUEST_DONE		0	/* the guest powered off; with --no-reboot, or reset */
#define EXIT_TROUBLE		1	/* bad input, or the Host failed us */
#define EXIT_USAGE		2
#define EXIT_GUEST_STOPPED	3	/* the guest did something it cannot go on from */
#define EXIT_KILLED		4	/* the user pressed the escape key */
#define EXIT_WATCHDOG		5	/* a watchdog of the guest's has expired, with --watchdog=exit */

#endif
