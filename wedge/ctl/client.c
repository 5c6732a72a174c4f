// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See client.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/control/place.h"
#include "wedge/ctl/client.h"

#define ANSWER_MOST	0x100000u	/* bytes of a line */
#define PATIENCE_NS	10000000000ull

/* How much of what has come belongs to the line: nothing behind its end is taken. 0: the far side has gone; -1: see errno. */
static ssize_t take(int fd, char *to, size_t most)
{
	ssize_t n = recv(fd, to, most, MSG_DONTWAIT | MSG_PEEK);
	char *end = n > 0 ? memchr(to, '\n', n) : NULL;

	return n > 0 ? recv(fd, to, end ? end + 1 - to : n, MSG_DONTWAIT) : n;
}

/* A line, to be freed. */
static char *read_line(int fd, struct complaint *c)
{
	const u64 until = clock__now_ns() + PATIENCE_NS;
	char *line = malloc(ANSWER_MOST);
	unsigned n = 0;

	while (line && n < ANSWER_MOST) {
		struct pollfd p = { fd, POLLIN, 0 };
		const u64 now = clock__now_ns();
		ssize_t got;

		if (now >= until || !poll(&p, 1, (until - now) / 1000000 + 1)) {
			complain(c, "the VM does not answer");
			break;
		}
		got = take(fd, line + n, ANSWER_MOST - n);
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			continue;
		if (got <= 0) {
			complain(c, "the VM has ended the connection");
			break;
		}
		n += got;
		if (line[n - 1] == '\n') {
			line[n - 1] = 0;
			return line;
		}
	}
	if (!line || n == ANSWER_MOST)
		complain(c, "the VM's answer is longer than %u bytes", ANSWER_MOST);
	free(line);
	return NULL;
}

static cJSON *read_message(int fd, struct complaint *c)
{
	char *line = read_line(fd, c);
	cJSON *message = line ? cJSON_Parse(line) : NULL;

	if (line && !message)
		complain(c, "the VM answers what is no JSON");
	free(line);
	return message;
}

static int send_line(int fd, const char *text, struct complaint *c)
{
	const char *const part[] = { text, "\n" };

	for (unsigned i = 0; i < 2; i++)
		for (size_t done = 0, n = strlen(part[i]); done < n;) {
			ssize_t sent = send(fd, part[i] + done, n - done, MSG_NOSIGNAL);

			if (sent < 0 && errno == EAGAIN) {
				poll(&(struct pollfd){ fd, POLLOUT, 0 }, 1, 1000);
				continue;
			}
			if (sent < 0)
				return complain(c, "the VM has ended the connection");
			done += sent;
		}
	return 0;
}

cJSON *client__ask(int fd, const char *text, bool raw, struct complaint *c)
{
	const cJSON *error, *desc;
	cJSON *message;

	if (send_line(fd, text, c))
		return NULL;
	/* Events come in between. */
	while ((message = read_message(fd, c)) && cJSON_GetObjectItemCaseSensitive(message, "event"))
		cJSON_Delete(message);
	error = cJSON_GetObjectItemCaseSensitive(message, "error");
	if (!message || raw || !error)
		return message;
	desc = cJSON_GetObjectItemCaseSensitive(error, "desc");
	complain(c, "%s", cJSON_IsString(desc) ? desc->valuestring : "the VM refuses");
	cJSON_Delete(message);
	return NULL;
}

cJSON *client__do(int fd, const char *command, struct complaint *c)
{
	char text[128];
	cJSON *message, *value;

	snprintf(text, sizeof(text), "{\"execute\":\"%s\"}", command);
	message = client__ask(fd, text, false, c);
	value = cJSON_DetachItemFromObjectCaseSensitive(message, "return");
	if (message && !value)
		complain(c, "the VM answers neither with a value nor with an error");
	cJSON_Delete(message);
	return value;
}

static int negotiate(int fd, struct complaint *c)
{
	cJSON *greeting = read_message(fd, c), *answer = NULL;

	if (cJSON_GetObjectItemCaseSensitive(greeting, "QMP"))
		answer = client__do(fd, "qmp_capabilities", c);
	else if (greeting)
		complain(c, "what listens there is no VM's control socket");
	cJSON_Delete(greeting);
	cJSON_Delete(answer);
	return answer ? 0 : -1;
}

int client__open(const char *name, struct complaint *c)
{
	struct control_place place;
	struct sockaddr_un address;
	int fd;

	if (place__find(&place, name, strchr(name, '/') ? name : NULL, false, c))
		return -1;
	socket__address(&address, place.socket);
	fd = socket__connect(&address);
	if (fd < 0)
		return errno == ENOENT || errno == ECONNREFUSED ? complain(c, "no VM of this name runs; wedgectl list shows those that do") :
			complain(c, "'%s': %s", place.socket, strerror(errno));
	if (negotiate(fd, c)) {
		close(fd);
		return -1;
	}
	return fd;
}
