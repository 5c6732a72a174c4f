// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control-devices.h. Disks are disk0, disk1, ..., network cards net0, net1, ..., in the order of the command line.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wedge/device/blk.h"
#include "wedge/device/net.h"
#include "wedge/monitor/control-devices.h"

struct device *control__find(const struct monitor *m, enum device_kind kind, unsigned n)
{
	const struct options *o = &m->vm->options;

	for (unsigned i = 0; i < o->devices; i++)
		if (o->device[i].kind == kind && !n--)
			return m->vm->device[i];
	return NULL;
}

/* --- Disks --- */

static cJSON *describe_disk(struct device *device, unsigned n)
{
	cJSON *row = cJSON_CreateObject(), *inserted, *image;
	struct blk_state state;
	char name[16];

	blk__state(device, &state);
	snprintf(name, sizeof(name), "disk%u", n);
	cJSON_AddStringToObject(row, "device", name);
	cJSON_AddStringToObject(row, "type", "unknown");
	cJSON_AddBoolToObject(row, "removable", false);
	cJSON_AddBoolToObject(row, "locked", false);
	inserted = cJSON_AddObjectToObject(row, "inserted");
	cJSON_AddStringToObject(inserted, "file", state.path);
	cJSON_AddStringToObject(inserted, "drv", "raw");
	cJSON_AddBoolToObject(inserted, "ro", state.readonly);
	cJSON_AddNumberToObject(inserted, "bps", state.bps);
	cJSON_AddNumberToObject(inserted, "iops", state.iops);
	image = cJSON_AddObjectToObject(inserted, "image");
	cJSON_AddStringToObject(image, "filename", state.path);
	cJSON_AddStringToObject(image, "format", "raw");
	cJSON_AddNumberToObject(image, "virtual-size", state.capacity);
	return row;
}

int control__query_block(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct device *device;

	a->value = cJSON_CreateArray();
	for (unsigned n = 0; (device = control__find(user, DEVICE_DISK, n)); n++)
		cJSON_AddItemToArray(a->value, describe_disk(device, n));
	return 0;
}

/* disk0, net1: one of `kind`, by its name. */
static struct device *find_named(const struct monitor *m, enum device_kind kind, const cJSON *name)
{
	struct device *device;
	char text[24];

	for (unsigned n = 0; name && (device = control__find(m, kind, n)); n++) {
		snprintf(text, sizeof(text), "%s%u", options__device_name(kind), n);
		if (!strcmp(text, name->valuestring))
			return device;
	}
	return NULL;
}

static int not_found(const cJSON *name, const char *what, struct qmp_answer *a)
{
	a->class = "DeviceNotFound";
	return complain(&a->error, "Device '%.100s' not found; %s", name ? name->valuestring : "", what);
}

int control__block_resize(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(arguments, "device");
	struct device *device;

	if (!name)
		name = cJSON_GetObjectItemCaseSensitive(arguments, "node-name");
	device = find_named(user, DEVICE_DISK, name);
	if (!device)
		return not_found(name, "disks are disk0, disk1, ... as query-block lists them", a);
	return blk__resize(device, cJSON_GetObjectItemCaseSensitive(arguments, "size")->valuedouble, &a->error);
}

/* --- Networks, and what both have --- */

int control__set_link(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(arguments, "name");
	struct device *device = find_named(user, DEVICE_NET, name);

	if (!device)
		return not_found(name, "network cards are net0, net1, ... in the order of the command line", a);
	net__set_link(device, cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(arguments, "up")));
	return 0;
}

static u64 number_or_0(const cJSON *arguments, const char *name)
{
	const cJSON *number = cJSON_GetObjectItemCaseSensitive(arguments, name);

	return number ? number->valuedouble : 0;
}

int control__limit(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(arguments, "device");
	const u64 iops = number_or_0(arguments, "iops"), bps = number_or_0(arguments, "bps");
	struct device *disk = find_named(user, DEVICE_DISK, name), *net = find_named(user, DEVICE_NET, name);

	if (net && iops)
		return complain(&a->error, "A network card has no 'iops'; 'bps' would be right");
	if (disk)
		blk__limit(disk, iops, bps);
	if (net)
		net__limit(net, bps);
	return disk || net ? 0 : not_found(name, "disk0, net0, ... in the order of the command line have limits", a);
}

/* --- Consoles --- */

/* What a user would connect to: the path of a socket or of a terminal. */
static cJSON *describe_console(const char *label, const char *where, const struct console *console)
{
	cJSON *row = cJSON_CreateObject();
	char text[PATH_MAX + 256] = "pty:", folder[PATH_MAX];

	/* Whoever asks may be in another folder. */
	if (!strncmp(where, "listen:", 7) && where[7] != '/' && getcwd(folder, sizeof(folder))) {
		snprintf(text, sizeof(text), "listen:%s/%s", folder, where + 7);
		where = text;
	}
	if (console && console->kind == CONSOLE_PTY && !ptsname_r(console->in, text + 4, sizeof(text) - 4))
		where = text;
	cJSON_AddStringToObject(row, "label", label);
	cJSON_AddStringToObject(row, "filename", where);
	cJSON_AddBoolToObject(row, "frontend-open", true);
	return row;
}

int control__query_chardev(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	const struct options *o = &m->vm->options;
	char label[16];

	a->value = cJSON_CreateArray();
	for (unsigned i = 0; i < BOARD_UARTS; i++) {
		snprintf(label, sizeof(label), "uart%u", i);
		cJSON_AddItemToArray(a->value, describe_console(label, o->uart[i], &m->console[i]));
	}
	for (unsigned i = 0; i < o->hvcs; i++) {
		snprintf(label, sizeof(label), "hvc%u", i);
		cJSON_AddItemToArray(a->value, describe_console(label, o->hvc[i], NULL));
	}
	return 0;
}

/* --- The balloon --- */

u64 control__balloon_actual(const struct monitor *m, const struct balloon_state *state)
{
	const u64 ram = m->vm->options.memory;

	return state->said < ram ? ram - state->said : 0;
}

static struct device *find_balloon(const struct monitor *m, struct qmp_answer *a)
{
	struct device *device = control__find(m, DEVICE_BALLOON, 0);

	if (!device) {
		a->class = "DeviceNotActive";
		complain(&a->error, "No balloon device has been activated; --balloon gives the machine one");
	}
	return device;
}

int control__query_balloon(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct device *device = find_balloon(user, a);
	struct balloon_state state;

	if (!device)
		return -1;
	balloon__state(device, &state);
	a->value = cJSON_CreateObject();
	cJSON_AddNumberToObject(a->value, "actual", control__balloon_actual(user, &state));
	return 0;
}

int control__balloon(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;
	struct device *device = find_balloon(m, a);
	const u64 value = cJSON_GetObjectItemCaseSensitive(arguments, "value")->valuedouble, ram = m->vm->options.memory;

	if (!device)
		return -1;
	if (!value)
		return complain(&a->error, "Parameter 'value' expects a size: of what the guest shall have left, at most its memory");
	balloon__set_target(device, value < ram ? ram - value : 0);
	return 0;
}
