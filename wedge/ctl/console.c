// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * console: between this terminal and one of a VM's, which it offers as a socket (listen:PATH) or as a terminal (pty).
 *
 * What the guest writes goes to the terminal as it is, as on any serial line. The terminal is raw meanwhile, and is put back at each end that can be
 * noticed: Ctrl-], the VM's end, a signal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "wedge/ctl/client.h"
#include "wedge/ctl/ctl.h"
#include "wedge/device/socket.h"
#include "wedge/device/terminal.h"

#define LEAVE		0x1d		/* Ctrl-] */
#define CHUNK		4096

static volatile int ended_by;		/* a signal; 0: none yet */

static void on_end(int signal)
{
	ended_by = signal;
}

static void nothing(void)
{
}

/* Where a console leads that can be attached to: what is behind "listen:" or "pty:", to be freed. NULL: it cannot. */
static char *path_of(const cJSON *row)
{
	const cJSON *where = cJSON_GetObjectItemCaseSensitive(row, "filename");
	const char *text = cJSON_IsString(where) ? where->valuestring : "", *path = NULL;

	if (!strncmp(text, "listen:", 7))
		path = text + 7;
	else if (!strncmp(text, "pty:/", 5))
		path = text + 4;
	return path ? strndup(path, strcspn(path, ",")) : NULL;
}

static char *find(const cJSON *rows, const char *label, struct complaint *c)
{
	const cJSON *row;

	cJSON_ArrayForEach(row, rows) {
		const cJSON *name = cJSON_GetObjectItemCaseSensitive(row, "label");
		char *path = cJSON_IsString(name) && (!label || !strcmp(label, name->valuestring)) ? path_of(row) : NULL;

		if (path)
			return path;
	}
	complain(c, label ? "it has no console '%.40s' that is pty or listen:PATH" : "it has no console%.0s that is pty or listen:PATH: wedge --console=pty", label ? label : "");
	return NULL;
}

static int open_end(const char *path, struct complaint *c)
{
	struct sockaddr_un address;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	struct termios raw;

	if (fd >= 0 && !tcgetattr(fd, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(fd, TCSANOW, &raw);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	fd = socket__address(&address, path) ? socket__connect(&address) : -1;
	return fd < 0 ? complain(c, "its console '%.100s': %s", path, strerror(errno)) : fd;
}

/* All of it; false if that end is gone, or we are to end. */
static bool put(int fd, const char *bytes, ssize_t n)
{
	while (n > 0 && !ended_by) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EAGAIN)
			poll(&(struct pollfd){ fd, POLLOUT, 0 }, 1, 1000);
		else if (done < 0 && errno != EINTR)
			return false;
		bytes += done > 0 ? done : 0;
		n -= done > 0 ? done : 0;
	}
	return !ended_by;
}

/* What is there of `from` to `to`; false at an end, or behind the key that leaves. */
static bool carry(int from, int to, bool *left)
{
	char bytes[CHUNK], *key = NULL;
	ssize_t n = read(from, bytes, sizeof(bytes));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return true;
	if (left && n > 0)
		key = memchr(bytes, LEAVE, n);
	if (key) {
		*left = true;
		n = key - bytes;
	}
	return n > 0 && put(to, bytes, n) && !key;
}

static void attach(int end, bool terminal)
{
	struct pollfd fds[] = { { end, POLLIN, 0 }, { STDIN_FILENO, POLLIN, 0 } };
	bool left = false;

	while (!ended_by) {
		if (poll(fds, 2, -1) < 0)
			continue;
		if (fds[0].revents && !carry(end, STDOUT_FILENO, NULL))
			return;
		if (fds[1].revents && !carry(STDIN_FILENO, end, terminal ? &left : NULL)) {
			if (terminal)
				return;
			fds[1].fd = -1;		/* the end of a file: what the guest says to it is still to come */
		}
	}
}

int ctl__console(int fd, const char *label, struct complaint *c)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP };
	cJSON *rows = client__do(fd, "query-chardev", c);
	char *path = rows ? find(rows, label, c) : NULL;
	int end = path ? open_end(path, c) : -1;
	bool terminal = false;

	cJSON_Delete(rows);
	free(path);
	if (end < 0)
		return -1;
	for (unsigned i = 0; i < ARRAY_SIZE(ends); i++)
		sigaction(ends[i], &(struct sigaction){ .sa_handler = on_end }, NULL);	/* which interrupts poll() */
	signal(SIGPIPE, SIG_IGN);
	terminal__guard_signals(terminal__restore, nothing, nothing);
	if (terminal__raw(&terminal, c))
		return -1;
	if (terminal)
		fprintf(stderr, "attached; Ctrl-] leaves\r\n");
	attach(end, terminal);
	terminal__restore();
	if (terminal)
		fputc('\n', stderr);
	close(end);
	return 0;
}
