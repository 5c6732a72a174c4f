// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See control.h. The names of commands, their arguments and what they return are those of QEMU where it has them (its
 * qapi/ folder); x-afterburn- is before those that are ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/clock.h"
#include "wedge/control/server.h"
#include "wedge/device/balloon.h"
#include "wedge/device/button.h"
#include "wedge/monitor/control.h"
#include "wedge/monitor/control-devices.h"
#include "wedge/monitor/control-log.h"
#include "wedge/monitor/control-stats.h"
#include "wedge/monitor/control-tasks.h"
#include "wedge/monitor/control-profile.h"
#include "wedge/monitor/control-trace.h"
#include "wedge/monitor/debugger.h"
#include "wedge/monitor/monitor.h"

#define LOOK_NS		1000000000ull	/* between two looks at the balloon, as QEMU's events of it are */

struct control {
	struct server server;
	const char *why;		/* the machine ends, as far as a client knows: QEMU's word for it */
	u64 looked_ns, balloon_said;
	bool more;
};

_Static_assert(SERVER_FDS <= CONTROL_FDS, "all of them fit");

static void tell(struct monitor *m, const char *event, cJSON *data)
{
	server__event(&m->control->server, event, data);
}

/* --- What it is and does --- */

static int query_status(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const struct monitor *m = user;

	a->value = cJSON_CreateObject();
	cJSON_AddBoolToObject(a->value, "running", !m->paused && !debugger__holds(m));
	cJSON_AddBoolToObject(a->value, "singlestep", false);
	cJSON_AddStringToObject(a->value, "status", m->paused ? "paused" : debugger__holds(m) ? "debug" : "running");
	return 0;
}

static int query_name(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	const char *name = ((const struct monitor *)user)->vm->options.name;

	a->value = cJSON_CreateObject();
	if (name)
		cJSON_AddStringToObject(a->value, "name", name);
	return 0;
}

/* --- Stopped and ended --- */

static int stop(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;

	if (!m->paused && !m->killed_ns) {
		monitor__pause(m, true);
		tell(m, "STOP", NULL);
	}
	return 0;
}

static int cont(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;

	if (m->paused) {
		monitor__pause(m, false);
		tell(m, "RESUME", NULL);
	}
	return 0;
}

static int quit(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;

	m->control->why = "host-qmp-quit";
	monitor__ask(m, ASKED_QUIT);
	return 0;
}

static int system_reset(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;

	cont(m, NULL, a);		/* who is stopped does not hear of it */
	m->control->why = "host-qmp-system-reset";
	monitor__ask(m, ASKED_RESET);
	return 0;
}

static int system_powerdown(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct device *button = control__find(user, DEVICE_BUTTON, 0);

	if (!button)
		return complain(&a->error, "this machine has no button: start it with --button, or shut it down from within, or quit");
	if (!button__press(button))
		return complain(&a->error, "the guest's kernel listens to no button (a virtio-input): shut it down from within, or quit");
	tell(user, "POWERDOWN", NULL);
	return 0;
}

/* Listens for a debugger, if nobody does yet: beside the control socket, if the client does not say where. Returns where. */
static int gdb(void *user, const cJSON *arguments, struct qmp_answer *a)
{
	struct monitor *m = user;
	const cJSON *where = cJSON_GetObjectItemCaseSensitive(arguments, "where");
	const char *socket = m->control->server.place.socket;
	char usual[SOCKET_PATH + 8];
	int stem = strlen(socket);

	if (stem > (int)strlen(PLACE_SOCKET) && !strcmp(socket + stem - strlen(PLACE_SOCKET), PLACE_SOCKET))
		stem -= strlen(PLACE_SOCKET);
	snprintf(usual, sizeof(usual), "unix:%.*s.gdb", stem, socket);
	if (options__is_logged(&m->vm->options))
		return complain(&a->error, "states or clocks of this machine are logged: it cannot be stopped");
	if (!debugger__where(m) && debugger__open(m, where ? where->valuestring : usual, false, &a->error))
		return -1;
	a->value = cJSON_CreateObject();
	cJSON_AddStringToObject(a->value, "where", debugger__where(m));
	return 0;
}

static const struct qmp_command commands[] = {
	{ "query-status", query_status, { { NULL, 0 } } },
	{ "query-name", query_name, { { NULL, 0 } } },
	{ "query-cpus-fast", control__query_cpus, { { NULL, 0 } } },
	{ "query-block", control__query_block, { { NULL, 0 } } },
	{ "query-chardev", control__query_chardev, { { NULL, 0 } } },
	{ "query-balloon", control__query_balloon, { { NULL, 0 } } },
	{ "stop", stop, { { NULL, 0 } } },
	{ "cont", cont, { { NULL, 0 } } },
	{ "quit", quit, { { NULL, 0 } } },
	{ "system_reset", system_reset, { { NULL, 0 } } },
	{ "system_powerdown", system_powerdown, { { NULL, 0 } } },
	{ "balloon", control__balloon, { { "value", QMP_NUMBER } } },
	{ "block_resize", control__block_resize, { { "device", QMP_STRING | QMP_OPTIONAL }, { "node-name", QMP_STRING | QMP_OPTIONAL },
		{ "size", QMP_NUMBER } } },
	{ "set_link", control__set_link, { { "name", QMP_STRING }, { "up", QMP_BOOL } } },
	{ "x-afterburn-backtrace", control__backtrace, { { NULL, 0 } } },
	{ "x-afterburn-dmesg", control__dmesg, { { "from", QMP_NUMBER | QMP_OPTIONAL } } },
	{ "x-afterburn-gdb", gdb, { { "where", QMP_STRING | QMP_OPTIONAL } } },
	{ "x-afterburn-limit", control__limit, { { "device", QMP_STRING }, { "iops", QMP_NUMBER | QMP_OPTIONAL },
		{ "bps", QMP_NUMBER | QMP_OPTIONAL } } },
	{ "x-afterburn-metrics", control__metrics, { { NULL, 0 } } },
	{ "x-afterburn-ps", control__ps, { { "from", QMP_NUMBER | QMP_OPTIONAL } } },
	{ "x-afterburn-stats", control__stats, { { "count", QMP_BOOL | QMP_OPTIONAL } } },
	{ "x-afterburn-profile", control__profile, { { "action", QMP_STRING }, { "file", QMP_STRING | QMP_OPTIONAL } } },
	{ "x-afterburn-trace", control__trace, { { "action", QMP_STRING }, { "file", QMP_STRING | QMP_OPTIONAL }, { "host", QMP_BOOL | QMP_OPTIONAL } } },
	{ NULL, NULL, { { NULL, 0 } } },
};

/* --- The socket --- */

int control__open(struct monitor *m, struct complaint *c)
{
	const struct options *o = &m->vm->options;
	struct control *control;

	if ((!o->name && !o->control) || (o->control && !strcmp(o->control, "off")))
		return 0;
	control = calloc(1, sizeof(*control));
	if (!control)
		return complain(c, "no memory for a control socket");
	control->server.commands = commands;
	control->server.user = m;
	control->server.release = AFTERBURN_RELEASE;
	if (place__find(&control->server.place, o->name, o->control, true, c) || server__open(&control->server, c))
		return -1;
	m->control = control;
	return 0;
}

unsigned control__wants(const struct monitor *m, struct pollfd *fds)
{
	return m->control ? server__wants(&m->control->server, fds, &m->control->more) : 0;
}

u64 control__due(const struct monitor *m)
{
	return m->control && m->control->more ? 0 : UINT64_MAX;
}

static void look_at_balloon(struct monitor *m)
{
	struct control *control = m->control;
	struct device *device = control__find(m, DEVICE_BALLOON, 0);
	struct balloon_state state;
	cJSON *data;

	if (!device || clock__now_ns() - control->looked_ns < LOOK_NS)
		return;
	control->looked_ns = clock__now_ns();
	balloon__state(device, &state);
	if (state.said == control->balloon_said)
		return;
	control->balloon_said = state.said;
	data = cJSON_CreateObject();
	cJSON_AddNumberToObject(data, "actual", control__balloon_actual(m, &state));
	tell(m, "BALLOON_CHANGE", data);
}

void control__serve(struct monitor *m)
{
	if (!m->control)
		return;
	server__serve(&m->control->server);
	m->control->more = false;
	server__wants(&m->control->server, (struct pollfd[SERVER_FDS]){ { 0 } }, &m->control->more);
	look_at_balloon(m);
	control__look_at_counting(m);
}

/* The guest's own doing, unless a client has asked for it, or a user or a signal. */
static const char *reason(const struct monitor *m, int status)
{
	if (m->control->why)
		return m->control->why;
	if (!WIFEXITED(status) || WEXITSTATUS(status) == EXIT_GUEST_STOPPED)
		return "guest-panic";
	if (WEXITSTATUS(status) == EXIT_KILLED)
		return m->exchange->signal ? "host-signal" : "host-ui";
	return m->vm->restart || WEXITSTATUS(status) == EXIT_WATCHDOG ? "guest-reset" : "guest-shutdown";
}

void control__close(struct monitor *m, int status)
{
	cJSON *data;

	if (!m->control)
		return;
	data = cJSON_CreateObject();
	cJSON_AddBoolToObject(data, "guest", !strncmp(reason(m, status), "guest", 5));
	cJSON_AddStringToObject(data, "reason", reason(m, status));
	tell(m, m->vm->restart ? "RESET" : "SHUTDOWN", data);
	if (m->vm->restart)
		server__hand_over(&m->control->server);
	else
		server__close(&m->control->server);
}
