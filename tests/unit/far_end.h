/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who is at the other end of a Unix socket with a name. Nothing of it waits.
 */
#ifndef TESTS_UNIT_FAR_END_H
#define TESTS_UNIT_FAR_END_H

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* -1: nobody listens there. */
static inline int far_end_connect(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	if (!connect(fd, (struct sockaddr *)&address, sizeof(address)))
		return fd;
	close(fd);
	return -1;
}

/* -1: the name is taken. */
static inline int far_end_listen(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	strcpy(address.sun_path, path);
	if (!bind(fd, (struct sockaddr *)&address, sizeof(address)) && !listen(fd, 100))
		return fd;
	close(fd);
	return -1;
}

/* All that is there, of a pipe as well: how much. */
static inline size_t far_end_read(int fd)
{
	static char bytes[0x10000];
	size_t size = 0;
	ssize_t n;

	while ((n = read(fd, bytes, sizeof(bytes))) > 0)
		size += n;
	return size;
}

#endif
