// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See socket.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wedge/device/socket.h"

static const char *made[SOCKETS_MOST];

bool socket__address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address->sun_path))
		return false;
	strcpy(address->sun_path, path);
	return true;
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

static int fail(int fd)
{
	const int error = errno;

	if (fd >= 0)
		close(fd);
	errno = error;
	return -1;
}

int socket__connect(const struct sockaddr_un *address)
{
	int fd = new_socket();

	return fd < 0 || connect(fd, (const struct sockaddr *)address, sizeof(*address)) ? fail(fd) : fd;
}

/* Connecting to what is no socket is refused just so: such a file is somebody's. */
static bool remove_stale(const struct sockaddr_un *address)
{
	int other = socket__connect(address);
	struct stat s;

	if (other >= 0)
		close(other);
	return other < 0 && errno == ECONNREFUSED && !lstat(address->sun_path, &s) && S_ISSOCK(s.st_mode) && !unlink(address->sun_path);
}

int socket__listen(const struct sockaddr_un *address, int waiting)
{
	const struct sockaddr *a = (const struct sockaddr *)address;
	int fd = new_socket(), result;

	if (fd < 0)
		return -1;
	result = bind(fd, a, sizeof(*address));
	if (result && errno == EADDRINUSE) {
		result = remove_stale(address) ? bind(fd, a, sizeof(*address)) : -1;
		errno = EADDRINUSE;
	}
	return result || listen(fd, waiting) ? fail(fd) : fd;
}

/* --- Names --- */

bool socket__send(int fd, void *queue, unsigned *fill)
{
	ssize_t n;

	while (*fill) {
		n = send(fd, queue, *fill, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return errno == EAGAIN;
		*fill -= n;
		memmove(queue, (u8 *)queue + n, *fill);
	}
	return true;
}

int socket__receive(int fd, void *bytes, unsigned most)
{
	const ssize_t n = recv(fd, bytes, most, MSG_DONTWAIT);

	if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
		return -1;
	return n > 0 ? n : 0;
}

void socket__made(const char *path)
{
	unsigned i = 0;

	while (i < SOCKETS_MOST - 1 && made[i])
		i++;
	made[i] = path;
}

static bool forget(const char *path)
{
	bool noted = false;

	for (unsigned i = 0; i < SOCKETS_MOST; i++)
		if (made[i] && !strcmp(made[i], path)) {
			made[i] = NULL;
			noted = true;
		}
	return noted;
}

void socket__forget(const char *path)
{
	forget(path);
}

void socket__remove(const char *path)
{
	if (forget(path))
		unlink(path);
}

void socket__remove_all(void)
{
	for (unsigned i = 0; i < SOCKETS_MOST; i++)
		if (made[i])
			unlink(made[i]);
}
