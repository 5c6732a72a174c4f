// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * wedgectl: commands for VMs that run, by their control sockets. See doc/wedgectl.1.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/descriptors.h"
#include "wedge/ctl/client.h"
#include "wedge/ctl/ctl.h"
#include "wedge/debug/many.h"

#define EXIT_USAGE	2

/* The rest of the command line, from behind the name. */
struct call {
	int fd;
	const char *name, *qmp;
	char **argument;		/* NULL at the end */
};

static int do_simple(const struct call *call, struct complaint *c)
{
	cJSON *value = client__do(call->fd, call->qmp, c);

	cJSON_Delete(value);
	return value ? 0 : -1;
}

static int do_status(const struct call *call, struct complaint *c)
{
	cJSON *value = client__do(call->fd, call->qmp, c);
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(value, "status");

	if (value)
		printf("%s\n", cJSON_IsString(status) ? status->valuestring : "unknown");
	cJSON_Delete(value);
	return value ? 0 : -1;
}

static int do_balloon(const struct call *call, struct complaint *c)
{
	const char *text = call->argument[0];
	char message[128], *end;
	unsigned long long bytes = *text >= '0' && *text <= '9' ? strtoull(text, &end, 10) : 0;
	cJSON *answer;

	if (bytes && (*end == 'M' || *end == 'G') && bytes < 1ull << 20)
		bytes <<= *end++ == 'M' ? 20 : 30;
	if (!bytes || *end)
		return complain(c, "'%s' is not a size; 128M would be one", text);
	snprintf(message, sizeof(message), "{\"execute\":\"balloon\",\"arguments\":{\"value\":%llu}}", bytes);
	answer = client__ask(call->fd, message, false, c);
	cJSON_Delete(answer);
	return answer ? 0 : -1;
}

/* `message` is used up. The rest as client__ask(). */
static cJSON *ask(const struct call *call, cJSON *message, bool raw, struct complaint *c)
{
	char *line = cJSON_PrintUnformatted(message);
	cJSON *answer = line ? client__ask(call->fd, line, raw, c) : NULL;

	if (!line)
		complain(c, "no memory for a message");
	free(line);
	cJSON_Delete(message);
	return answer;
}

static int do_qmp(const struct call *call, struct complaint *c)
{
	cJSON *message = cJSON_Parse(call->argument[0]), *answer;
	char *text;

	if (!message)
		return complain(c, "'%.100s' is no JSON; {\"execute\":\"query-status\"} would be right", call->argument[0]);
	answer = ask(call, message, true, c);
	text = answer ? cJSON_Print(answer) : NULL;
	if (text)
		puts(text);
	free(text);
	cJSON_Delete(answer);
	return answer ? 0 : -1;
}

static int do_stats(const struct call *call, struct complaint *c)
{
	const bool live = call->argument[0];

	if (live && strcmp(call->argument[0], "--live"))
		return complain(c, "'%s' is not --live", call->argument[0]);
	return ctl__stats(call->fd, call->name, live, c);
}

static int do_metrics(const struct call *call, struct complaint *c)
{
	return ctl__metrics(call->fd, c);
}

/* The VM writes the file, and has another working directory: `path` has room for twice PATH_MAX. */
static const char *whole_path(const char *file, char *path)
{
	char folder[PATH_MAX];

	if (*file != '/' && getcwd(folder, sizeof(folder)))
		snprintf(path, 2 * PATH_MAX, "%s/%s", folder, file);
	else
		snprintf(path, 2 * PATH_MAX, "%s", file);
	return path;
}

/* Behind the action may stand a file if it is `save`, and `option` if it is `start`; that is NULL for a command without one. */
static int check_more(const struct call *call, const char *option, struct complaint *c)
{
	const char *action = call->argument[0], *more = call->argument[1];

	if (!more || !strcmp(action, "save") || (option && !strcmp(action, "start") && !strcmp(more, option)))
		return 0;
	return option ? complain(c, "'%s %s' is neither 'start %s' nor 'save FILE'", action, more, option) :
			complain(c, "'%s %s' is not 'save FILE'", action, more);
}

/* Its first argument is what to do. What the VM says; NULL with a complaint. */
static cJSON *ask_to(const struct call *call, const char *command, const char *option, struct complaint *c)
{
	const char *action = call->argument[0], *more = call->argument[1];
	cJSON *message, *arguments;
	char path[2 * PATH_MAX];

	if (check_more(call, option, c))
		return NULL;
	message = cJSON_CreateObject();
	arguments = cJSON_AddObjectToObject(message, "arguments");
	cJSON_AddStringToObject(message, "execute", command);
	cJSON_AddStringToObject(arguments, "action", action);
	if (more && !strcmp(action, "save"))
		cJSON_AddStringToObject(arguments, "file", whole_path(more, path));
	else if (more)
		cJSON_AddTrueToObject(arguments, option + strlen("--"));
	return ask(call, message, false, c);
}

static int do_trace(const struct call *call, struct complaint *c)
{
	cJSON *answer = ask_to(call, "x-afterburn-trace", "--host", c);
	const cJSON *value;

	if (!answer)
		return -1;
	value = cJSON_GetObjectItemCaseSensitive(answer, "return");
	printf("%s, %.0f records, %.0f lost\n", cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "on")) ? "on" : "off",
	       ctl__number(value, "records"), ctl__number(value, "lost"));
	cJSON_Delete(answer);
	return 0;
}

static int do_profile(const struct call *call, struct complaint *c)
{
	cJSON *answer = ask_to(call, "x-afterburn-profile", NULL, c);
	const cJSON *value;

	if (!answer)
		return -1;
	value = cJSON_GetObjectItemCaseSensitive(answer, "return");
	printf("%s, %.0f traps\n", cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(value, "on")) ? "on" : "off", ctl__number(value, "traps"));
	cJSON_Delete(answer);
	return 0;
}

static int do_dmesg(const struct call *call, struct complaint *c)
{
	return ctl__dmesg(call->fd, c);
}

static int do_ps(const struct call *call, struct complaint *c)
{
	return ctl__ps(call->fd, c);
}

static int do_backtrace(const struct call *call, struct complaint *c)
{
	return ctl__backtrace(call->fd, c);
}

/* What gdb is to be told: gdb-multiarch -ex "$(wedgectl gdb NAME)" vmlinux. */
static int do_gdb(const struct call *call, struct complaint *c)
{
	char *where = ctl__gdb(call->fd, call->argument[0], c);

	if (where)
		printf("target remote %s\n", where);
	free(where);
	return where ? 0 : -1;
}

static int misused(const char *format, const char *what)
{
	fputs("wedgectl: ", stderr);
	fprintf(stderr, format, what);
	fputs("; wedgectl --help says how it is used\n", stderr);
	return EXIT_USAGE;
}

/* gdb NAME NAME..., and no place to listen at: that is what gdb has started us for, and it waits for two seconds only. */
static bool is_for_many(int argc, char **argv)
{
	return argc > 3 && !strcmp(argv[1], "gdb") && strncmp(argv[3], "tcp:", 4) && strncmp(argv[3], "unix:", 5);
}

static int run_gdb(int argc, char **argv)
{
	struct complaint c;

	if (argc - 2 > (int)MANY_MOST)
		return misused("'%s' takes eight machines at most", argv[1]);
	if (!ctl__gdb_many(argv + 2, argc - 2, &c))
		return 0;
	fprintf(stderr, "wedgectl: gdb: %s\n", c.text);
	return 1;
}

static int do_console(const struct call *call, struct complaint *c)
{
	return ctl__console(call->fd, call->argument[0], c);
}

static const struct row {
	const char *name, *qmp;
	int (*run)(const struct call *call, struct complaint *c);
	int least, most;		/* arguments behind the VM's name */
	const char *arguments, *help;
} rows[] = {
	{ "status", "query-status", do_status, 0, 0, "NAME", "running or paused" },
	{ "stop", "stop", do_simple, 0, 0, "NAME", "its cores rest" },
	{ "cont", "cont", do_simple, 0, 0, "NAME", "they go on" },
	{ "powerdown", "system_powerdown", do_simple, 0, 0, "NAME", "press its power button, if it has one" },
	{ "reset", "system_reset", do_simple, 0, 0, "NAME", "reset it, whatever its guest does" },
	{ "quit", "quit", do_simple, 0, 0, "NAME", "end it, whatever its guest does" },
	{ "stats", NULL, do_stats, 0, 1, "NAME [--live]", "what it costs and does; each second" },
	{ "metrics", NULL, do_metrics, 0, 0, "NAME", "likewise, for Prometheus" },
	{ "trace", NULL, do_trace, 1, 2, "NAME start [--host]", "gather its trace points; and what the host's scheduler does" },
	{ "trace", NULL, do_trace, 1, 2, "NAME stop", "no more" },
	{ "trace", NULL, do_trace, 1, 2, "NAME save FILE", "what was gathered: for trace-cmd; FILE.pftrace: for Perfetto; FILE.ctf: a folder, for babeltrace2" },
	{ "profile", NULL, do_profile, 1, 2, "NAME start|stop", "count where its kernel traps; no more" },
	{ "profile", NULL, do_profile, 1, 2, "NAME save FILE", "what was counted: for afterburn-report" },
	{ "dmesg", NULL, do_dmesg, 0, 0, "NAME", "the log of its kernel, also if that hangs" },
	{ "ps", NULL, do_ps, 0, 0, "NAME", "the processes of its guest, also if that hangs" },
	{ "backtrace", NULL, do_backtrace, 0, 0, "NAME", "what each core of its guest's kernel does" },
	{ "gdb", NULL, do_gdb, 0, 1, "NAME [WHERE]", "a debugger may come: prints what gdb is to be told; tcp:PORT, unix:PATH" },
	{ "gdb", NULL, do_gdb, 0, 1, "NAME NAME...", "several for one: (gdb) target extended-remote | wedgectl gdb NAME NAME..." },
	{ "console", NULL, do_console, 0, 1, "NAME [LABEL]", "this terminal becomes its console; Ctrl-] leaves it" },
	{ "balloon", NULL, do_balloon, 1, 1, "NAME SIZE", "so much memory the guest shall have" },
	{ "qmp", NULL, do_qmp, 1, 1, "NAME JSON", "any message of QMP, and its answer" },
};

static void usage(void)
{
	printf("Usage: wedgectl list\n       wedgectl COMMAND NAME [ARGUMENT]\nSpeak to virtual machines that were started with wedge --name NAME.\n\n"
	       "  %-28s %s\n", "list", "those that run");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char left[64];

		snprintf(left, sizeof(left), "%s %s", rows[i].name, rows[i].arguments);
		printf("  %-28s %s\n", left, rows[i].help);
	}
	printf("\nNAME may be the path of a socket, for wedge --control. Exit status: 0 done, 1 not, 2 wrong usage.\n");
}

static int run(const struct row *row, int argc, char **argv)
{
	struct call call = { .name = argv[2], .qmp = row->qmp, .argument = argv + 3 };
	struct complaint c;
	int result = -1;

	if (argc < 3 + row->least || argc > 3 + row->most)
		return misused("'%s' takes other arguments", row->name);
	call.fd = client__open(call.name, &c);
	if (call.fd >= 0)
		result = row->run(&call, &c);
	if (result)
		fprintf(stderr, "wedgectl: %s: %s\n", call.name, c.text);
	return result ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct row *row = rows, *end = rows + sizeof(rows) / sizeof(*rows);
	struct complaint c;

	descriptors__hold();
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		usage();
		return 0;
	}
	if (argc == 2 && !strcmp(argv[1], "list")) {
		if (!ctl__list(&c))
			return 0;
		fprintf(stderr, "wedgectl: %s\n", c.text);
		return 1;
	}
	if (is_for_many(argc, argv))
		return run_gdb(argc, argv);
	while (row < end && (argc < 2 || strcmp(row->name, argv[1])))
		row++;
	if (row == end)
		return argc < 2 ? misused("no %s given", "command") : misused("no command '%s'", argv[1]);
	return run(row, argc, argv);
}
