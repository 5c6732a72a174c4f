// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Several VMs for one gdb, which has started us and speaks to us by a pipe: (gdb) target extended-remote | wedgectl gdb web db
 *
 * The first it finds there, the others when it attaches to them, as to processes: (gdb) add-inferior, inferior 2, attach 2. So there is no socket that somebody else could come to, and all is over when gdb has gone. What it means is wedge/debug/many.h's business.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wedge/ctl/client.h"
#include "wedge/ctl/ctl.h"
#include "wedge/debug/many.h"
#include "wedge/device/socket.h"

#define INPUT	4096u

struct input {
	u8 bytes[INPUT];
	unsigned fill;
};

struct session {
	struct many many;
	char **name;
	int fd[MANY_MOST];
	struct input client, vm[MANY_MOST];
	bool client_gone;
};

/* --- Where a VM's stub is --- */

char *ctl__gdb(int fd, const char *where, struct complaint *c)
{
	cJSON *message = cJSON_CreateObject(), *arguments = cJSON_AddObjectToObject(message, "arguments"), *answer;
	const cJSON *found;
	char *text, *result = NULL;

	cJSON_AddStringToObject(message, "execute", "x-afterburn-gdb");
	if (where)
		cJSON_AddStringToObject(arguments, "where", where);
	text = cJSON_PrintUnformatted(message);
	answer = text ? client__ask(fd, text, false, c) : NULL;
	found = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(answer, "return"), "where");
	if (!text)
		complain(c, "no memory for a message");
	else if (answer && !cJSON_IsString(found))
		complain(c, "the VM does not say where its debugger is");
	else if (answer && !(result = strdup(found->valuestring)))
		complain(c, "no memory for an answer");
	free(text);
	cJSON_Delete(answer);
	cJSON_Delete(message);
	return result;
}

static int connect_tcp(const char *where)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	address.sin_port = htons(strtoul(strrchr(where, ':') + 1, NULL, 10));
	if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The way to the stub of the VM of this name. -1 with a complaint. */
static int reach(const char *name, struct complaint *c)
{
	struct sockaddr_un address;
	const int control = client__open(name, c);
	char *where = control < 0 ? NULL : ctl__gdb(control, NULL, c);
	int fd = -1;

	if (where) {
		if (*where != '/')
			fd = strrchr(where, ':') ? connect_tcp(where) : -1;
		else if (socket__address(&address, where))
			fd = socket__connect(&address);
		if (fd < 0)
			complain(c, "connecting to '%.100s': %s", where, strerror(errno));
	}
	free(where);
	if (control >= 0)
		close(control);
	return fd;
}

/* --- Bytes --- */

static void drop(struct input *in, unsigned taken)
{
	in->fill -= taken;
	memmove(in->bytes, in->bytes + taken, in->fill);
}

static void serve_client(struct session *s)
{
	struct many *m = &s->many;
	ssize_t n;

	if (s->client.fill < INPUT) {
		n = read(STDIN_FILENO, s->client.bytes + s->client.fill, INPUT - s->client.fill);
		s->client_gone |= !n || (n < 0 && errno != EAGAIN && errno != EINTR);
		s->client.fill += n > 0 ? n : 0;
	}
	drop(&s->client, many__take(m, s->client.bytes, s->client.fill));
	if (m->queued) {
		n = write(STDOUT_FILENO, m->output, m->queued);
		s->client_gone |= n < 0 && errno != EAGAIN && errno != EINTR;
		m->queued -= n > 0 ? n : 0;
		memmove(m->output, m->output + (n > 0 ? n : 0), m->queued);
	}
}

static void reach_wanted(struct session *s)
{
	const unsigned i = s->many.wants - 1;
	struct complaint c;

	s->vm[i].fill = 0;
	s->fd[i] = reach(s->name[i], &c);
	if (s->fd[i] >= 0) {
		many__reached(&s->many, i);
	} else {
		fprintf(stderr, "wedgectl: %s: %s\n", s->name[i], c.text);
		many__lost(&s->many, i);
	}
}

static void serve_vm(struct session *s, unsigned i)
{
	struct many *m = &s->many;
	struct input *in = &s->vm[i];
	int n = 0;

	if (s->fd[i] < 0)
		return;
	if (in->fill < INPUT)
		n = socket__receive(s->fd[i], in->bytes + in->fill, INPUT - in->fill);
	in->fill += n > 0 ? n : 0;
	drop(in, many__take_from(m, i, in->bytes, in->fill));
	if (n >= 0 && socket__send(s->fd[i], m->vm[i].output, &m->vm[i].queued) && m->vm[i].state != MANY_GONE && m->vm[i].state != MANY_AWAY)
		return;
	many__lost(m, i);
	close(s->fd[i]);
	s->fd[i] = -1;
}

static void wait_for_bytes(const struct session *s)
{
	const struct many *m = &s->many;
	struct pollfd fds[MANY_MOST + 2];
	unsigned n = 0;

	fds[n++] = (struct pollfd){ s->client.fill < INPUT ? STDIN_FILENO : -1, POLLIN, 0 };
	fds[n++] = (struct pollfd){ m->queued ? STDOUT_FILENO : -1, POLLOUT, 0 };
	for (unsigned i = 0; i < m->count; i++)
		fds[n++] = (struct pollfd){ s->fd[i], (s->vm[i].fill < INPUT ? POLLIN : 0) | (m->vm[i].queued ? POLLOUT : 0), 0 };
	poll(fds, n, -1);
}

/* What one hears may be what another has waited for: so all are asked, until nobody has anything to do. */
static bool is_busy(const struct session *s)
{
	const struct many *m = &s->many;

	if (s->client.fill && many__takes(m, s->client.bytes[0]))
		return true;
	for (unsigned i = 0; i < m->count; i++)
		if (s->fd[i] >= 0 && s->vm[i].fill && many__takes_from(m, i))
			return true;
	return false;
}

int ctl__gdb_many(char **name, unsigned count, struct complaint *c)
{
	struct session *s = calloc(1, sizeof(*s));
	struct many *m = s ? &s->many : NULL;

	if (!s)
		return complain(c, "no memory for a session");
	s->name = name;
	for (unsigned i = 0; i < count; i++)
		s->fd[i] = -1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGINT, SIG_IGN);	/* at a terminal that is gdb's */
	fcntl(STDIN_FILENO, F_SETFL, fcntl(STDIN_FILENO, F_GETFL) | O_NONBLOCK);
	fcntl(STDOUT_FILENO, F_SETFL, fcntl(STDOUT_FILENO, F_GETFL) | O_NONBLOCK);
	many__open(m, count);
	while (!s->client_gone && !(m->ends && !m->queued)) {
		for (unsigned i = 0; i < count; i++)
			serve_vm(s, i);
		serve_client(s);
		if (m->wants)
			reach_wanted(s);
		else if (!is_busy(s))
			wait_for_bytes(s);
	}
	for (unsigned i = 0; i < count; i++)
		if (s->fd[i] >= 0) {
			socket__send(s->fd[i], m->vm[i].output, &m->vm[i].queued);
			close(s->fd[i]);
		}
	free(s);
	return 0;
}
