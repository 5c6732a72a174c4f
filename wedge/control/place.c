// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See place.h.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wedge/control/place.h"

int place__check_name(const char *name, struct complaint *c)
{
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && (p == name || !strchr("._-", *p)))
			return complain(c, "'%.60s' is no name of a VM: letters, digits, dots, dashes and underscores are, behind a letter or digit", name);
	if (!*name || strlen(name) > NAME_MOST)
		return complain(c, "the name of a VM has 1 to %d characters", NAME_MOST);
	return 0;
}

/* --- The folder --- */

static bool is_mine(const char *path)
{
	struct stat s;

	return !lstat(path, &s) && S_ISDIR(s.st_mode) && s.st_uid == geteuid();
}

int place__folder(char *path, unsigned size, bool make, struct complaint *c)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char by_user[40];
	struct stat s;
	int n;

	snprintf(by_user, sizeof(by_user), "/run/user/%u", geteuid());
	if (!runtime || *runtime != '/')
		runtime = is_mine(by_user) ? by_user : NULL;
	n = runtime ? snprintf(path, size, "%s/afterburn", runtime) : snprintf(path, size, "/tmp/afterburn-%u", geteuid());
	if (n >= (int)size)
		return complain(c, "XDG_RUNTIME_DIR is too long for the name of a socket");
	if (make && mkdir(path, 0700) && errno != EEXIST)
		return complain(c, "making the folder for control sockets, '%s': %s", path, strerror(errno));
	if (lstat(path, &s))
		return errno == ENOENT && !make ? 0 : complain(c, "the folder for control sockets, '%s': %s", path, strerror(errno));
	if (!S_ISDIR(s.st_mode) || s.st_uid != geteuid() || s.st_mode & 077)
		return complain(c, "'%s' is %s; a folder of your own with mode 700 would be right for control sockets", path,
				!S_ISDIR(s.st_mode) ? "no folder" : s.st_uid != geteuid() ? "another user's" : "open to others");
	return 0;
}

/* --- The name --- */

int place__find(struct control_place *place, const char *name, const char *control, bool make, struct complaint *c)
{
	char folder[SOCKET_PATH];
	int n;

	place->lock_fd = -1;
	if (control) {
		n = snprintf(place->socket, sizeof(place->socket), "%s", control);
	} else {
		if (place__check_name(name, c) || place__folder(folder, sizeof(folder), make, c))
			return -1;
		n = snprintf(place->socket, sizeof(place->socket), "%s/%s" PLACE_SOCKET, folder, name);
	}
	if (n >= (int)sizeof(place->socket))
		return complain(c, "the control socket's name is longer than %zu bytes", sizeof(place->socket) - 1);
	n = snprintf(place->lock, sizeof(place->lock), "%s", place->socket);
	strcpy(place->lock + n - (control ? 0 : strlen(PLACE_SOCKET)), PLACE_LOCK);
	return 0;
}

/* Who holds it may have removed it, and another made a new one, between our opening and our locking it. */
static bool is_still_there(const char *path, int fd)
{
	struct stat ours, theirs;

	return !fstat(fd, &ours) && !stat(path, &theirs) && ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino;
}

static int read_holder(int fd)
{
	char text[16] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	return n > 0 && atoi(text) > 0 ? atoi(text) : -1;
}

static int refuse(int fd, const char *name, struct complaint *c)
{
	const int holder = read_holder(fd);

	close(fd);
	return holder > 0 ? complain(c, "'%s' is the control socket of another VM, process %d", name, holder) :
		complain(c, "'%s' is the control socket of another VM", name);
}

static int remove_stale(const struct control_place *place, struct complaint *c)
{
	struct stat s;

	if (lstat(place->socket, &s))
		return 0;
	if (!S_ISSOCK(s.st_mode))
		return complain(c, "'%s' is there and is no socket", place->socket);
	return unlink(place->socket) ? complain(c, "removing '%s', which a dead VM has left: %s", place->socket, strerror(errno)) : 0;
}

int place__take(struct control_place *place, struct complaint *c)
{
	struct flock lock = { .l_type = F_WRLCK };	/* of this opening, which a program that begins again inherits */
	char pid[16];
	int fd;

	for (;;) {
		fd = open(place->lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return complain(c, "'%s': %s", place->lock, strerror(errno));
		if (fcntl(fd, F_OFD_SETLK, &lock))
			return errno == EAGAIN || errno == EACCES ? refuse(fd, place->socket, c) :
				complain(c, "locking '%s': %s", place->lock, strerror(errno));
		if (is_still_there(place->lock, fd))
			break;
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%d\n", getpid());
	if (ftruncate(fd, 0) || pwrite(fd, pid, strlen(pid), 0) < 0)
		return complain(c, "writing '%s': %s", place->lock, strerror(errno));
	place->lock_fd = fd;
	return remove_stale(place, c);
}

int place__holder(const struct control_place *place)
{
	int fd = open(place->lock, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), holder = 0;
	struct flock lock = { .l_type = F_WRLCK };

	if (fd < 0)
		return 0;
	if (!fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK)
		holder = read_holder(fd);
	close(fd);
	return holder;
}
