/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Wedge's command line: one row for each option, from which parsing and --help both come.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wedge/control/place.h"
#include "wedge/monitor/config.h"
#include "wedge/monitor/options.h"

#define MB			(1ull << 20)
#define MEMORY_LEAST		(32 * MB)
#define MEMORY_MOST		(16384 * MB)	/* what a CN56XX can have */
#define CPUS_MOST		12	/* cores of a CN56XX */

static const char *const device_names[] = {
	[DEVICE_DISK] = "disk",
	[DEVICE_NET] = "net",
	[DEVICE_RNG] = "rng",
	[DEVICE_BUTTON] = "button",
	[DEVICE_SHARE] = "share",
	[DEVICE_HVC] = "hvc",
	[DEVICE_BALLOON] = "balloon",
	[DEVICE_VSOCK] = "vsock",
};

const char *options__device_name(enum device_kind kind)
{
	return device_names[kind];
}

enum kind { FLAG, STRING, SIZE, CPUS, JAIL, USER, ADDRESS, VIRTIO, WATCHDOG, CONFIG, DEVICE, DEVICE_ALONE, PORT };	/* DEVICE_ALONE needs no value */

static const struct row {
	const char *name;
	char letter;			/* 0: none */
	enum kind kind;
	size_t field;			/* offset in struct options; of a device, which kind */
	const char *argument, *help;
} rows[] = {
	{ "initrd", 'i', STRING, offsetof(struct options, initrd), "FILE", "give the guest this initial RAM disk" },
	{ "append", 'a', STRING, offsetof(struct options, append), "TEXT", "the guest's command line (console=ttyS0,115200)" },
	{ "memory", 'm', SIZE, offsetof(struct options, memory), "SIZE", "the guest's RAM, 32M to 16G (256M)" },
	{ "cpus", 'c', CPUS, offsetof(struct options, cpus), "NUMBER", "cores of the guest, 1 to 12 (1)" },
	{ "jail", 0, JAIL, offsetof(struct options, jail), "MODE", "on: the guest's kernel reaches nothing of the Host; strict: nor its system calls; off (on)" },
	{ "user", 0, USER, offsetof(struct options, direct), "MODE", "isolated: programs of the guest have processes of their own; direct: they share their kernel's, which is faster (isolated)" },
	{ "spin", 0, FLAG, offsetof(struct options, spin), NULL, "with --user isolated: a core keeps its processor while programs run, for a while; for a host with some to spare" },
	{ "console", 0, STRING, offsetof(struct options, uart[0]), "WHERE", "UART 0: stdio, none, pty, file:PATH, unix:PATH, listen:PATH (stdio, if nothing else is)" },
	{ "uart1", 0, STRING, offsetof(struct options, uart[1]), "WHERE", "UART 1, likewise (none)" },
	{ "hvc", 0, PORT, DEVICE_HVC, "WHERE[,name=NAME]", "a virtio console's port, likewise: the first is hvc0, others are /dev/vport0pN" },
	{ "disk", 'd', DEVICE, DEVICE_DISK, "FILE[,...]", "a disk (virtio): a file or block device; ,readonly ,direct ,serial=TEXT ,iops=NUMBER ,bps=SIZE" },
	{ "flash", 0, STRING, offsetof(struct options, flash), "FILE[,readonly]", "the boot bus has a NOR flash, with the contents of this file: 64K to 8M" },
	{ "net", 'n', DEVICE, DEVICE_NET, "WHERE[,...]", "a network card: user[,hostfwd=...], tap[,ifname=NAME], socket:PATH; ,mac= ,mtu= ,bps=SIZE" },
	{ "rng", 0, DEVICE_ALONE, DEVICE_RNG, "[bps=SIZE]", "random numbers (virtio), so many bytes a second (1M)" },
	{ "button", 0, DEVICE_ALONE, DEVICE_BUTTON, NULL, "a button that wedgectl powerdown presses (virtio)" },
	{ "share", 0, DEVICE, DEVICE_SHARE, "TAG=DIR[,readonly]", "a folder for the guest to mount: mount -t 9p -o trans=virtio,version=9p2000.L TAG /mnt" },
	{ "balloon", 0, DEVICE_ALONE, DEVICE_BALLOON, "[SIZE]", "memory that the guest gives back (virtio), so much at the start (0)" },
	{ "vsock", 0, DEVICE, DEVICE_VSOCK, "PATH[,cid=N]", "streams to and from programs of the guest (virtio), by a socket at PATH and others at PATH_<port>" },
	{ "virtio", 0, VIRTIO, offsetof(struct options, virtio), "VERSION", "of these devices' registers: 1 for a kernel from before Linux 4.0 (2)" },
	{ "watchdog", 0, WATCHDOG, offsetof(struct options, watchdog), "WHAT", "when a watchdog of the guest's has expired: reset, exit (reset)" },
	{ "name", 0, STRING, offsetof(struct options, name), "NAME", "the VM's name, for wedgectl" },
	{ "control", 0, STRING, offsetof(struct options, control), "PATH", "its control socket (by its name, if it has one); off: none" },
	{ "gdb", 0, STRING, offsetof(struct options, gdb), "WHERE", "a debugger's remote target: tcp:PORT (of this machine, 0: any), unix:PATH" },
	{ "gdb-wait", 0, FLAG, offsetof(struct options, gdb_wait), NULL, "with --gdb: begin when a debugger says so" },
	{ "no-burn", 0, FLAG, offsetof(struct options, no_burn), NULL, "rewrite no site: the kernel runs as blocks, or traps at each with --no-translate" },
	{ "no-user-burn", 0, FLAG, offsetof(struct options, no_user_burn), NULL, "with --user direct: make no jumps of the system calls of programs" },
	{ "no-translate", 0, FLAG, offsetof(struct options, no_translate), NULL, "make no blocks: interpret what cannot run as it stands" },
	{ "translate-at-once", 0, FLAG, offsetof(struct options, translate_at_once), NULL, "make a block of code that is met for the first time" },
	{ "interpret", 0, FLAG, offsetof(struct options, interpret), NULL, "run nothing natively" },
	{ "poison", 0, FLAG, offsetof(struct options, poison), NULL, "overwrite the registers that the kernel's records call dead" },
	{ "no-relink", 0, FLAG, offsetof(struct options, no_relink), NULL, "with --interpret: leave the guest at its own addresses" },
	{ "count-time", 0, FLAG, offsetof(struct options, count_time), NULL, "with --interpret: an instruction takes a cycle; runs are equal" },
	{ "record-clock", 0, STRING, offsetof(struct options, record_clock), "FILE", "with --count-time: write what the guest saw of its clock" },
	{ "replay-clock", 0, STRING, offsetof(struct options, replay_clock), "FILE", "show the guest a recorded clock; ends where that ends" },
	{ "no-reboot", 0, FLAG, offsetof(struct options, no_reboot), NULL, "end when the guest resets its board, as when it powers off" },
	{ "config", 0, CONFIG, 0, "FILE", "options from a file, one a line: memory = 256M" },
	{ "dry-run", 0, FLAG, offsetof(struct options, dry_run), NULL, "say what the machine would be, with its device tree, and stop" },
	{ "check", 0, FLAG, offsetof(struct options, check), NULL, "load the kernel, say what would be burnt, and stop" },
	{ "check-sites", 0, FLAG, offsetof(struct options, check_sites), NULL, "as --check, and what would become of each site" },
	{ "layout", 0, FLAG, offsetof(struct options, layout), NULL, "say what is where in the address space, with a kernel its segments too, and stop" },
	{ "at", 0, ADDRESS, offsetof(struct options, at), "ADDRESS", "put the Wedge there, in hex, see --layout (random)" },
	{ "stats", 0, STRING, offsetof(struct options, stats), "FILE", "write exit statistics at the end (-: standard error)" },
	{ "profile", 0, STRING, offsetof(struct options, profile), "FILE", "write where the kernel trapped, for afterburn-report" },
	{ "trace", 0, FLAG, offsetof(struct options, trace), NULL, "print each exception the guest takes, to standard error" },
	{ "trace-file", 0, STRING, offsetof(struct options, trace_file), "FILE", "write all trace points there, for trace-cmd; FILE.pftrace: for Perfetto; FILE.ctf: a folder, for babeltrace2" },
	{ "flight", 0, STRING, offsetof(struct options, flight), "FILE", "what happened last, if it ends badly (by its name, if it has one); off: nowhere" },
	{ "log-state", 0, STRING, offsetof(struct options, log_state), "FILE[,WHAT]", "log the registers before each instruction seen (WHAT: all or sensitive)" },
	{ "help", 'h', FLAG, offsetof(struct options, help), NULL, "print this" },
	{ "version", 'V', FLAG, offsetof(struct options, version), NULL, "print the version" },
};

void options__usage(void)
{
	printf("Usage: wedge [OPTION]... KERNEL\n"
	       "   or: wedge [OPTION]... --interpret --flash=FILE\n"
	       "Run an afterburnt Octeon Linux kernel as an ordinary process.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char left[40];

		snprintf(left, sizeof(left), "--%s%s%s", rows[i].name, rows[i].argument ? "=" : "",
			 rows[i].argument ? rows[i].argument : "");
		printf("  %c%c%c %-18s %s\n", rows[i].letter ? '-' : ' ', rows[i].letter ? rows[i].letter : ' ',
		       rows[i].letter ? ',' : ' ', left, rows[i].help);
	}
	printf("\nOn a terminal, Ctrl-a is the escape key: Ctrl-a x ends the guest, Ctrl-a h lists the others.\n"
	       "Exit status: 0 the guest powered off, 1 bad input or the host failed,\n"
	       "2 wrong usage, 3 the guest could not go on, 4 ended by the escape key,\n"
	       "5 a watchdog has expired.\n");
}

static const struct row *find(const char *argument, const char **value)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *r = &rows[i];
		size_t length = strlen(r->name);

		*value = NULL;
		if (argument[1] != '-') {
			if (r->letter && argument[1] == r->letter) {
				*value = argument[2] ? argument + 2 : NULL;
				return r;
			}
		} else if (!strncmp(argument + 2, r->name, length) && (!argument[2 + length] || argument[2 + length] == '=')) {
			*value = argument[2 + length] ? argument + 3 + length : NULL;
			return r;
		}
	}
	return NULL;
}

static int parse_size(const struct row *r, const char *text, u64 *size, struct complaint *c)
{
	char *end;
	u64 n;

	errno = 0;
	n = strtoull(text, &end, 10);
	/* strtoull() also takes blanks and signs, and wraps what is negative. */
	if (errno || *text < '0' || *text > '9' || n > MEMORY_MOST)
		return complain(c, "--%s: '%s' is not a size; 256M would be one", r->name, text);
	switch (*end) {
	case 'G': case 'g': n <<= 30; end++; break;
	case 'M': case 'm': n <<= 20; end++; break;
	case 'K': case 'k': n <<= 10; end++; break;
	}
	if (*end)
		return complain(c, "--%s: '%s' is not a size; 256M would be one", r->name, text);
	if (n < MEMORY_LEAST || n > MEMORY_MOST || n % MB)
		return complain(c, "--%s: %s is not a whole number of megabytes from 32M to 16G", r->name, text);
	*size = n;
	return 0;
}

static int parse_cpus(const struct row *r, const char *text, u64 *cpus, struct complaint *c)
{
	char *end;

	*cpus = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
	if (*cpus < 1 || *cpus > CPUS_MOST || *end)
		return complain(c, "--%s: '%s' is not a number of cores, 1 to %d", r->name, text, CPUS_MOST);
	return 0;
}

static int parse_jail(const char *text, enum jail_mode *jail, struct complaint *c)
{
	static const char *const names[] = { [JAIL_ON] = "on", [JAIL_STRICT] = "strict", [JAIL_OFF] = "off" };

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(text, names[i])) {
			*jail = i;
			return 0;
		}
	return complain(c, "--jail: '%s' is none of on, strict, off", text);
}

static int parse_user(const char *text, bool *direct, struct complaint *c)
{
	*direct = !strcmp(text, "direct");
	return *direct || !strcmp(text, "isolated") ? 0 : complain(c, "--user: '%s' is neither isolated nor direct", text);
}

/* Where the Wedge may lie it says when it knows its Host. */
static int parse_address(const char *text, u64 *address, struct complaint *c)
{
	char *end;

	errno = 0;
	*address = isxdigit((unsigned char)*text) ? strtoull(text, &end, 16) : 0;
	if (!*address || errno || *end)
		return complain(c, "--at: '%s' is no address; 0xf000000000 would be one", text);
	return 0;
}

static int parse_virtio(const char *text, u64 *version, struct complaint *c)
{
	*version = *text - '0';
	return (*text == '1' || *text == '2') && !text[1] ? 0 : complain(c, "--virtio: '%s' is none of 1, 2", text);
}

static int parse_watchdog(const char *text, enum watchdog_mode *mode, struct complaint *c)
{
	*mode = strcmp(text, "exit") ? WATCHDOG_RESET : WATCHDOG_EXIT;
	return strcmp(text, "exit") && strcmp(text, "reset") ? complain(c, "--watchdog: '%s' is none of reset, exit", text) : 0;
}

static int add_device(struct options *o, const struct row *r, const char *spec, struct complaint *c)
{
	for (unsigned i = 0; i < o->devices; i++)
		if ((r->field == DEVICE_BALLOON || r->field == DEVICE_VSOCK) && o->device[i].kind == r->field)
			return complain(c, "--%s is given twice; a machine has one", r->name);
	if (o->devices == DEVICES_MOST)
		return complain(c, "--%s=%s: one too many; a machine has room for %d devices", r->name, spec, DEVICES_MOST);
	o->device[o->devices++] = (struct device_option){ r->field, spec };
	return 0;
}

/* The first brings the device with it. */
static int add_port(struct options *o, const struct row *r, const char *spec, struct complaint *c)
{
	if (o->hvcs == HVC_PORTS_MOST)
		return complain(c, "--%s=%s: one too many; the device has room for %d ports", r->name, spec, HVC_PORTS_MOST);
	o->hvc[o->hvcs++] = spec;
	return o->hvcs == 1 ? add_device(o, r, spec, c) : 0;
}

static int set(struct options *o, const struct row *r, const char *value, struct complaint *c)
{
	void *field = r->kind >= DEVICE ? NULL : (char *)o + r->field;

	switch (r->kind) {
	case FLAG:
		if (value)
			return complain(c, "--%s takes no value, but was given '%s'", r->name, value);
		*(bool *)field = true;
		return 0;
	case STRING:
		*(const char **)field = value;
		return 0;
	case DEVICE: case DEVICE_ALONE:
		return add_device(o, r, value, c);
	case PORT:
		return add_port(o, r, value, c);
	case USER:
		return parse_user(value, field, c);
	case JAIL:
		return parse_jail(value, field, c);
	case ADDRESS:
		return parse_address(value, field, c);
	case VIRTIO:
		return parse_virtio(value, field, c);
	case WATCHDOG:
		return parse_watchdog(value, field, c);
	case CPUS:
		return parse_cpus(r, value, field, c);
	case CONFIG:
		return config__read(o, value, c);
	default:
		return parse_size(r, value, field, c);
	}
}

static bool is_stdio(const char *where)
{
	return where && !strncmp(where, "stdio", 5) && (!where[5] || where[5] == ',');
}

/* One of them at most is standard input and output, and UART 0 if it is left to us. */
static int place_stdio(struct options *o, struct complaint *c)
{
	const char *first = is_stdio(o->uart[0]) ? "console" : NULL, *second = NULL;

	if (is_stdio(o->uart[1]))
		*(first ? &second : &first) = "uart1";
	for (unsigned i = 0; i < o->hvcs && !second; i++)
		if (is_stdio(o->hvc[i]))
			*(first ? &second : &first) = "hvc";
	if (second)
		return complain(c, "--%s and --%s are both stdio; one of them can be", first, second);
	if (!o->uart[0])
		o->uart[0] = first ? "none" : "stdio";
	return 0;
}

/* Of a device that is younger than the interface no driver has ever known it there. */
static int check_interface(const struct options *o, struct complaint *c)
{
	for (unsigned i = 0; i < o->devices && o->virtio == 1; i++)
		if (o->device[i].kind == DEVICE_VSOCK || o->device[i].kind == DEVICE_BUTTON)
			return complain(c, "--virtio=1 with --%s, which has never been there; leave one out", device_names[o->device[i].kind]);
	return 0;
}

/* What is meant by an option without a value; NULL: nothing is. */
static const char *value_alone(const struct row *r)
{
	/* --stats alone means standard error */
	if (r->kind == STRING && r->field == offsetof(struct options, stats))
		return "-";
	return r->kind == DEVICE_ALONE ? "" : NULL;
}

static int set_kernel(struct options *o, const char *path, struct complaint *c)
{
	if (o->kernel)
		return complain(c, "two kernels given, '%s' and '%s'; one is right", o->kernel, path);
	o->kernel = path;
	return 0;
}

int options__set(struct options *o, const char *name, const char *value, struct complaint *c)
{
	const struct row *r = rows, *end = rows + ARRAY_SIZE(rows);

	if (!strcmp(name, "kernel"))
		return value ? set_kernel(o, value, c) : complain(c, "'kernel' needs a value: kernel = vmlinux");
	while (r < end && strcmp(r->name, name))
		r++;
	if (r == end || r->kind == CONFIG || !strcmp(name, "help") || !strcmp(name, "version"))
		return complain(c, "no option '%.60s' for a file; wedge --help lists them", name);
	if (r->kind != FLAG && !value) {
		value = value_alone(r);
		if (!value)
			return complain(c, "'%s' needs a value: %s = %s", name, name, r->argument);
	}
	return set(o, r, value, c);
}

/* Without a kernel the cores begin as on the chip, with what is in the flash: at its own addresses. */
static int check_firmware(struct options *o, struct complaint *c)
{
	if (!o->flash)
		return complain(c, "no kernel given; usage: wedge [OPTION]... KERNEL, or with --flash and a boot loader in it none");
	if (!o->interpret)
		return complain(c, "no kernel given: a boot loader in the flash can only be run with --interpret");
	if (o->initrd || o->append)
		return complain(c, "--%s is for a kernel, and none is given: the boot loader in the flash gives it to the one that it starts",
				o->initrd ? "initrd" : "append");
	if (o->check || o->poison)
		return complain(c, "--%s is about a kernel's sites, and no kernel is given", o->check ? "check" : "poison");
	o->firmware = o->no_relink = true;
	return 0;
}

int options__parse(struct options *o, int argc, char **argv, struct complaint *c)
{
	bool only_files = false;

	*o = (struct options){ .memory = 256 * MB, .cpus = 1, .virtio = 2, .uart = { NULL, "none" } };
	for (int i = 1; i < argc; i++) {
		const struct row *r;
		const char *value;

		if (!only_files && !strcmp(argv[i], "--")) {
			only_files = true;
			continue;
		}
		if (only_files || argv[i][0] != '-' || !argv[i][1]) {
			if (set_kernel(o, argv[i], c))
				return -1;
			continue;
		}
		r = find(argv[i], &value);
		if (!r)
			return complain(c, "unknown option '%s'; wedge --help lists them", argv[i]);
		if (r->kind != FLAG && !value) {
			value = value_alone(r);
			if (!value && i + 1 >= argc)
				return complain(c, "--%s needs a value: --%s=%s", r->name, r->name, r->argument);
			if (!value)
				value = argv[++i];
		}
		if (set(o, r, value, c))
			return -1;
	}
	o->check |= o->check_sites;
	if (place_stdio(o, c) || check_interface(o, c))
		return -1;
	if (o->name && place__check_name(o->name, c))
		return -1;
	if (o->gdb_wait && !o->gdb)
		return complain(c, "--gdb-wait: nothing to wait for; it goes with --gdb only");
	if (o->gdb && options__is_logged(o))
		return complain(c, "--gdb: states and clocks are logged of a machine that nobody stops");
	if (o->direct && o->interpret)
		return complain(c, "--user direct with --interpret: nothing runs natively; leave one out");
	if (o->spin && (o->direct || o->interpret))
		return complain(c, "--spin with --%s: no core waits for processes of programs; leave one out", o->direct ? "user direct" : "interpret");
	if (o->profile && o->interpret)
		return complain(c, "--profile with --interpret: nothing traps when nothing runs natively; leave one out");
	if (o->no_relink && !o->interpret)
		return complain(c, "--no-relink leaves the guest where only the interpreter can run it; it goes with --interpret only");
	if (o->count_time && !o->interpret)
		return complain(c, "--count-time counts interpreted instructions; it goes with --interpret only");
	if (o->record_clock && !o->count_time)
		return complain(c, "--record-clock: the Host's clock is no use to another run; it goes with --count-time only");
	if (o->cpus > 1 && options__is_logged(o))
		return complain(c, "--cpus=%llu: states and clocks are logged of one core only", (unsigned long long)o->cpus);
	if (o->replay_clock && o->count_time)
		return complain(c, "--replay-clock with --count-time: two clocks for one guest; leave one out");
	if (o->devices && options__is_logged(o))
		return complain(c, "--%s: states and clocks are logged of a machine without devices", device_names[o->device[0].kind]);
	if (!o->kernel && !o->help && !o->version && !o->layout && check_firmware(o, c))
		return -1;
	if (!o->append)
		o->append = "console=ttyS0,115200";
	return 0;
}
