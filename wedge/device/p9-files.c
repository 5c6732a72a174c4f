// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See p9-files.h.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "wedge/device/p9-files.h"

#define FIND		(O_PATH | O_NOFOLLOW | O_CLOEXEC)
#define SAFELY		(O_NONBLOCK | O_NOCTTY | O_CLOEXEC)	/* a lease of another process's is not waited for */
#define PERMISSIONS	01777u

struct p9_link p9_files__by_descriptor(int fd)
{
	struct p9_link link;

	snprintf(link.path, sizeof(link.path), "/proc/self/fd/%d", fd);
	return link;
}

int p9_files__open_root(struct p9_root *root, const char *path, struct complaint *c)
{
	int readable = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = errno;
	struct statfs fs;
	struct stat st;

	if (readable < 0)
		return complain(c, "--share: '%s': %s", path, error == ENOTDIR ? "it is not a folder" : strerror(error));
	if (!fstatfs(readable, &fs) && fs.f_type == PROC_SUPER_MAGIC) {
		close(readable);
		return complain(c, "--share: '%s' is no folder of files: processes are in it, the Wedge's own as well", path);
	}
	root->fd = open(p9_files__by_descriptor(readable).path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	error = errno;
	close(readable);
	if (root->fd < 0 || fstat(root->fd, &st))
		return complain(c, "--share: '%s' cannot be opened by its descriptor: %s; is there no /proc?", path, strerror(error));
	root->device = st.st_dev;
	root->inode = st.st_ino;
	return 0;
}

void p9_files__close_root(struct p9_root *root)
{
	close(root->fd);
}

int p9_files__check_name(const char *name)
{
	if (!*name)
		return ENOENT;
	if (!strcmp(name, ".") || !strcmp(name, "..") || strchr(name, '/'))
		return EINVAL;
	return strlen(name) > NAME_MAX ? ENAMETOOLONG : 0;
}

static bool is_root(const struct p9_root *root, const struct stat *st)
{
	return st->st_dev == root->device && st->st_ino == root->inode;
}

/* --- Finding --- */

/* A /proc below a share would have in it what the Wedge itself is made of: its memory, and its descriptors. */
static bool is_process_folder(const struct p9_root *root, int fd, const struct stat *st)
{
	struct statfs fs;

	return st->st_dev != root->device && !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* Looks at what was just opened, and closes it if it is not to be had. */
static int inspect(const struct p9_root *root, int *fd, struct stat *st)
{
	int error = *fd < 0 ? errno : fstat(*fd, st) ? errno : is_process_folder(root, *fd, st) ? EACCES : 0;

	if (error && *fd >= 0)
		close(*fd);
	if (error)
		*fd = -1;
	return error;
}

static int find(const struct p9_root *root, int folder, const char *name, int *to, struct stat *st)
{
	*to = openat(folder, name, FIND);
	return inspect(root, to, st);
}

/* The last component is cut off; what was behind it. */
static const char *split(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash) {
		memmove(path + 2, path, strlen(path) + 1);
		memcpy(path, ".", 2);
		return path + 2;
	}
	*slash = 0;
	return slash + 1;
}

static int step_up(const struct p9_root *root, int folder, int *to, struct stat *st)
{
	char path[PATH_MAX + 2];
	int error = fstat(folder, st) ? errno : !S_ISDIR(st->st_mode) ? ENOTDIR : 0;

	if (!error && !is_root(root, st))
		error = p9_files__path(root, folder, path);
	if (error)
		return error;
	if (is_root(root, st))
		strcpy(path, ".");
	else
		split(path);
	return p9_files__at(root, path, to, st);
}

int p9_files__step(const struct p9_root *root, int folder, const char *name, int *to, struct stat *st)
{
	int error;

	*to = -1;
	if (!strcmp(name, ".."))
		return step_up(root, folder, to, st);
	error = p9_files__check_name(name);
	return error ? error : find(root, folder, name, to, st);
}

/* The Host knows where everything is that is held open, also when somebody has moved it. */
int p9_files__path(const struct p9_root *root, int fd, char *path)
{
	char top[PATH_MAX];
	ssize_t above = readlink(p9_files__by_descriptor(root->fd).path, top, sizeof(top) - 1);
	ssize_t length = readlink(p9_files__by_descriptor(fd).path, path, PATH_MAX - 1);

	if (above < 0 || length < 0)
		return errno;
	if (above == 1)
		above = 0;	/* "/" */
	if (length == PATH_MAX - 1 || length < above || memcmp(path, top, above))
		return ESTALE;
	path[length] = 0;
	if (!path[above] || !strcmp(path, "/"))
		strcpy(path, ".");
	else if (path[above] == '/')
		memmove(path, path + above + 1, length - above);
	else
		return ESTALE;
	return 0;
}

int p9_files__at(const struct p9_root *root, const char *path, int *to, struct stat *st)
{
	char rest[PATH_MAX], *next = rest;
	int error, fd;

	*to = fcntl(root->fd, F_DUPFD_CLOEXEC, 0);
	error = inspect(root, to, st);
	if (!strcmp(path, "."))
		return error;
	snprintf(rest, sizeof(rest), "%s", path);
	while (!error && next) {
		const char *name = strsep(&next, "/");

		fd = *to;
		error = p9_files__check_name(name);
		if (!error)
			error = find(root, fd, name, to, st);
		else
			*to = -1;
		close(fd);
	}
	return error;
}

int p9_files__parent(const struct p9_root *root, int fd, int *folder, char *name)
{
	char path[PATH_MAX + 2];
	struct stat st, there;
	const char *last;
	int error = fstat(fd, &st) ? errno : is_root(root, &st) ? EBUSY : p9_files__path(root, fd, path);

	if (error)
		return error;
	last = split(path);
	error = p9_files__check_name(last);
	if (error)
		return error;
	strcpy(name, last);
	error = p9_files__at(root, path, folder, &there);
	if (error)
		return error;
	error = fstatat(*folder, name, &there, AT_SYMLINK_NOFOLLOW) ? errno : there.st_dev != st.st_dev || there.st_ino != st.st_ino ? ESTALE : 0;
	if (error)
		close(*folder);
	return error;
}

/* --- Opening and making --- */

int p9_files__open(int fd, int flags, int *to)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (S_ISLNK(st.st_mode))
		return ELOOP;
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return ENXIO;
	*to = open(p9_files__by_descriptor(fd).path, flags | SAFELY);
	return *to < 0 ? errno : 0;
}

int p9_files__chmod(int fd, u32 mode)
{
	struct stat st;

	if (fstat(fd, &st))
		return errno;
	if (mode & S_ISUID || (mode & S_ISGID && !S_ISDIR(st.st_mode)))
		return EPERM;
	return chmod(p9_files__by_descriptor(fd).path, mode & 07777) ? errno : 0;
}

/* What the guest asked for, whatever our umask is; the guest has had its own. A folder's group may be inherited. */
static int set_permissions(int fd, u32 mode, struct stat *st)
{
	const u32 wanted = (mode & PERMISSIONS) | (st->st_mode & S_ISGID);
	int error;

	if ((st->st_mode & 07777) == wanted)
		return 0;
	error = p9_files__chmod(fd, wanted);
	st->st_mode = (st->st_mode & S_IFMT) | wanted;
	return error;
}

int p9_files__create(const struct p9_root *root, int folder, const char *name, int flags, bool exclusive, u32 mode, int *to, struct stat *st)
{
	int found, error = p9_files__check_name(name);

	if (error)
		return error;
	/* Without O_EXCL it could open whatever is there. */
	*to = openat(folder, name, flags | O_CREAT | O_EXCL | O_NOFOLLOW | SAFELY, mode & PERMISSIONS);
	error = inspect(root, to, st);
	if (!error) {
		set_permissions(*to, mode, st);
		return 0;
	}
	if (error != EEXIST || exclusive)
		return error;
	error = find(root, folder, name, &found, st);
	if (error)
		return error;
	error = S_ISDIR(st->st_mode) ? EISDIR : p9_files__open(found, flags, to);
	close(found);
	return error;
}

static int make(int folder, const char *name, u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return mkdirat(folder, name, mode & PERMISSIONS) ? errno : 0;
	case 0: case S_IFREG: case S_IFIFO: case S_IFSOCK:
		return mknodat(folder, name, (mode & S_IFMT) | (mode & PERMISSIONS), 0) ? errno : 0;
	case S_IFCHR: case S_IFBLK:
		return EPERM;
	default:
		return EINVAL;
	}
}

int p9_files__make(const struct p9_root *root, int folder, const char *name, u32 mode, struct stat *st)
{
	int fd, error = p9_files__check_name(name);

	if (!error)
		error = make(folder, name, mode);
	if (!error)
		error = find(root, folder, name, &fd, st);
	if (error)
		return error;
	/* Somebody may have put something else there: then it keeps what it has. */
	if ((st->st_mode & S_IFMT) == (mode & S_IFMT ? mode & S_IFMT : S_IFREG))
		set_permissions(fd, mode, st);
	close(fd);
	return 0;
}

int p9_files__link(int fd, int folder, const char *name)
{
	int error = p9_files__check_name(name);

	if (error)
		return error;
	return linkat(AT_FDCWD, p9_files__by_descriptor(fd).path, folder, name, AT_SYMLINK_FOLLOW) ? errno : 0;
}

/* --- Changing --- */

int p9_files__truncate(int fd, bool writable, u64 size)
{
	struct stat st;
	int error, to;

	if (size > INT64_MAX)
		return EINVAL;
	if (writable)
		return ftruncate(fd, size) ? errno : 0;
	if (fstat(fd, &st))
		return errno;
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? EISDIR : EINVAL;
	error = p9_files__open(fd, O_WRONLY, &to);
	if (error)
		return error;
	error = ftruncate(to, size) ? errno : 0;
	close(to);
	return error;
}

int p9_files__set_times(int fd, const struct timespec times[2])
{
	return utimensat(AT_FDCWD, p9_files__by_descriptor(fd).path, times, 0) ? errno : 0;
}

/*
 * Inode numbers are unique on one device only: those of file systems that are mounted below the share are mixed with its number. The version changes
 * when the contents do, for guests that keep them (cache=loose).
 */
struct p9_qid p9_files__qid(const struct p9_root *root, const struct stat *st)
{
	struct p9_qid qid = {
		.type = S_ISDIR(st->st_mode) ? P9_QID_DIRECTORY : S_ISLNK(st->st_mode) ? P9_QID_SYMLINK : 0,
		.version = (u32)st->st_mtim.tv_sec ^ (u32)st->st_mtim.tv_nsec ^ (u32)st->st_size << 8,
		.path = st->st_ino,
	};

	if (st->st_dev != root->device)
		qid.path ^= (u64)st->st_dev * 0x9e3779b97f4a7c15ull;
	return qid;
}

/* In its handle there is more than its number, for those who keep it when the file is gone. */
u64 p9_files__generation(int fd)
{
	union {
		struct file_handle handle;
		u8 bytes[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} h = { .handle.handle_bytes = MAX_HANDLE_SZ };
	u64 hash = 0xcbf29ce484222325ull;
	int mount;

	if (name_to_handle_at(fd, "", &h.handle, &mount, AT_EMPTY_PATH))
		return 0;
	for (unsigned i = 0; i < h.handle.handle_bytes; i++)
		hash = (hash ^ h.handle.f_handle[i]) * 0x100000001b3ull;
	return hash;
}
