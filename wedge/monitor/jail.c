/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See jail.h. The order matters:
 *
 *	parent		child
 *	clone()		waits, as nobody, with all rights in namespaces in which there is nothing
 *	writes its maps of users and groups: one of each, unprivileged outside, too
 *			becomes that user, makes an empty root, gives up all rights, closes descriptors
 *
 * Without namespaces (fork()) the middle is missing, and a filter of system calls comes at the end.
 *
 * The child is process 1 of its namespace: with it the Host's kernel ends all the others there, so no stub is left behind.
 */
#define _GNU_SOURCE
#include "wedge/monitor/jail.h"
#include "wedge/monitor/filter.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY		65534
#define NAMESPACES	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
#define PROCESSES	1024		/* tasks: two for each stub, of which there are up to 256, and room for their ends */
#define DESCRIPTORS	64

/* --- The child --- */

/* What it could not do: one line to the parent, through `out`. */
static _Noreturn void give_up(int out, const char *what)
{
	struct complaint c;

	complain(&c, "%s: %s", what, strerror(errno));
	if (write(out, c.text, strlen(c.text)) < 0)
		_exit(2);
	_exit(1);
}

/* Any folder will do to mount nothing on. */
static void empty_root(int out)
{
	static const char *const folders[] = { "/proc", "/tmp", "/dev", "/sys", "/mnt" };
	const char *folder = NULL;
	struct stat s;

	for (unsigned i = 0; !folder && i < ARRAY_SIZE(folders); i++)
		if (!lstat(folders[i], &s) && S_ISDIR(s.st_mode))
			folder = folders[i];
	if (!folder) {
		errno = ENOENT;
		give_up(out, "a folder to mount an empty root on");
	}
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		give_up(out, "keeping mounts private");
	if (mount("empty", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY, "size=4k,nr_inodes=2,mode=555"))
		give_up(out, "mounting an empty root");
	/* On an initramfs pivot_root() is refused; moving the mount over the root is not. */
	if (chdir(folder))
		give_up(out, "entering the empty root");
	if (syscall(SYS_pivot_root, ".", ".") == 0) {
		if (umount2(".", MNT_DETACH))
			give_up(out, "letting go of the old root");
	} else if (mount(".", "/", NULL, MS_MOVE, NULL)) {
		give_up(out, "moving to the empty root");
	}
	if (chroot(".") || chdir("/"))
		give_up(out, "changing to the empty root");
}

static void drop_rights(int out)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	/* Whoever may not give them up has none, and with no_new_privs gets none. */
	for (int cap = 0; cap < 64; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) && errno != EINVAL && errno != EPERM)
			give_up(out, "dropping capabilities");
	if (syscall(SYS_capset, &head, none))
		give_up(out, "dropping capabilities");
}

/* Bytes that are mapped now. */
static u64 mapped(void)
{
	unsigned long long pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f) {
		if (fscanf(f, "%llu", &pages) != 1)
			pages = 0;
		fclose(f);
	}
	return pages * sysconf(_SC_PAGESIZE);
}

static void limit(int out, u64 memory)
{
	const struct {
		int what;
		rlim_t most;
	} limits[] = {
		{ RLIMIT_NPROC, PROCESSES }, { RLIMIT_NOFILE, DESCRIPTORS }, { RLIMIT_CORE, 0 }, { RLIMIT_MSGQUEUE, 0 },
		{ RLIMIT_MEMLOCK, 0 }, { RLIMIT_RTPRIO, 0 }, { RLIMIT_AS, mapped() + memory },
	};

	for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
		struct rlimit r;

		if (getrlimit(limits[i].what, &r))
			continue;
		r.rlim_max = r.rlim_max < limits[i].most ? r.rlim_max : limits[i].most;
		r.rlim_cur = r.rlim_cur < r.rlim_max ? r.rlim_cur : r.rlim_max;
		if (setrlimit(limits[i].what, &r))
			give_up(out, "setting limits");
	}
}

static int by_number(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* 0 to 2 have been opened for nothing; of the others only those that are kept stay, and `out` until all is well. */
static void close_others(const int *keep, unsigned count, int out)
{
	int sorted[DESCRIPTORS], from = STDERR_FILENO + 1;

	memcpy(sorted, keep, count * sizeof(*keep));
	sorted[count++] = out;
	qsort(sorted, count, sizeof(*sorted), by_number);
	for (unsigned i = 0; i <= count; i++) {
		int to = i < count ? sorted[i] - 1 : (int)(~0u >> 1);

		if (from <= to)
			syscall(SYS_close_range, from, to, 0);
		from = i < count && sorted[i] >= from ? sorted[i] + 1 : from;
	}
}

static void stand_in_descriptors(int out)
{
	int null = open("/dev/null", O_RDWR);

	/* A Host without /dev has none either; then they are closed. */
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (null >= 0 ? dup2(null, fd) < 0 : close(fd) && errno != EBADF)
			give_up(out, "closing standard descriptors");
}

struct jail {
	bool namespaces, filter;
	u64 memory;			/* see jail__fork() */
};

static void enter(const struct jail *jail, int in, int out, const int *keep, unsigned count)
{
	struct complaint c;
	char go;

	/* It stays with us when the parent, which may be root, gives its maps. */
	if (read(in, &go, 1) != 1)
		_exit(1);		/* the parent has said why */
	if (jail->namespaces || (jail->filter && geteuid() == 0)) {
		if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			give_up(out, "becoming an unprivileged user");
	}
	if (jail->namespaces)
		empty_root(out);
	if (jail->namespaces || jail->filter) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
			give_up(out, "PR_SET_NO_NEW_PRIVS");
		limit(out, jail->memory);
		drop_rights(out);
	}
	setsid();
	/* After the change of user, which clears it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
		give_up(out, "PR_SET_PDEATHSIG");
	close_others(keep, count, out);
	if (jail->filter && filter__install(&c)) {
		errno = EPERM;
		give_up(out, c.text);
	}
	close(out);
}

/* --- The parent --- */

static int write_map(pid_t child, const char *name, const char *text)
{
	char path[64];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", child, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* Inside it is nobody. Outside, whoever we are; nobody as well, if we are root. */
static int write_maps(pid_t child, struct complaint *c)
{
	bool root = geteuid() == 0;
	char text[64];

	if (write_map(child, "setgroups", "deny") && errno != ENOENT)
		return complain(c, "/proc/%d/setgroups: %s", child, strerror(errno));
	snprintf(text, sizeof(text), "%u %u 1", NOBODY, root ? NOBODY : getegid());
	if (write_map(child, "gid_map", text))
		return complain(c, "/proc/%d/gid_map: %s; is /proc mounted?", child, strerror(errno));
	snprintf(text, sizeof(text), "%u %u 1", NOBODY, root ? NOBODY : geteuid());
	if (write_map(child, "uid_map", text))
		return complain(c, "/proc/%d/uid_map: %s", child, strerror(errno));
	return 0;
}

/* Why there are no namespaces, if it is the Host that gives none; NULL: clone() failed for another reason. */
static const char *missing(void)
{
	switch (errno) {
	case EPERM:
		return "this host forbids user namespaces (sysctl kernel.unprivileged_userns_clone=1 allows them)";
	case ENOSPC: case EUSERS:
		return "this host gives no more user namespaces (sysctl user.max_user_namespaces)";
	case EINVAL:
		return "this host's kernel has no user, PID or network namespaces";
	default:
		return NULL;
	}
}

/* Flags and an empty place for a stack come first on every machine that we know; the rest is 0. */
static pid_t clone_in(struct jail *jail)
{
	const char *why;
	pid_t child;

	if (!jail->namespaces)
		return fork();
	child = syscall(SYS_clone, (long)(SIGCHLD | NAMESPACES), 0, 0, 0, 0);
	why = child < 0 ? missing() : NULL;
	if (!why)
		return child;
	fprintf(stderr, "wedge: %s: a filter of system calls alone holds the guest's kernel\n", why);
	jail->namespaces = false;
	jail->filter = true;
	return clone_in(jail);
}

static void give_up_on(pid_t child)
{
	kill(child, SIGKILL);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Its complaint, if it has one: it closes the pipe when all is well. */
static int hear(int fd, struct complaint *c)
{
	ssize_t n, have = 0;

	while ((n = read(fd, c->text + have, sizeof(c->text) - 1 - have)) > 0 || (n < 0 && errno == EINTR))
		have += n > 0 ? n : 0;
	c->text[have] = 0;
	return have ? -1 : 0;
}

pid_t jail__fork(enum jail_mode mode, const int *keep, unsigned count, u64 memory, struct complaint *c)
{
	struct jail jail = { .namespaces = mode != JAIL_OFF, .filter = mode == JAIL_STRICT, .memory = memory };
	int go[2], back[2];
	pid_t child;
	int result;

	if (count >= DESCRIPTORS)
		return complain(c, "%u descriptors for the process of the virtual CPU", count);
	if (pipe2(go, O_CLOEXEC) || pipe2(back, O_CLOEXEC))
		return complain(c, "pipe: %s", strerror(errno));
	if (mode != JAIL_OFF && geteuid() == 0 && setgroups(0, NULL))
		return complain(c, "giving up supplementary groups: %s", strerror(errno));
	fflush(NULL);		/* or both would write what is in the buffers */
	child = clone_in(&jail);
	if (child < 0) {
		complain(c, "a process for the virtual CPU: %s%s", strerror(errno), errno == EAGAIN ? "; see ulimit -u" : "");
	} else if (!child) {
		close(go[1]);
		close(back[0]);
		stand_in_descriptors(back[1]);
		enter(&jail, go[0], back[1], keep, count);
		return 0;
	}
	close(go[0]);
	close(back[1]);
	result = child < 0 || (jail.namespaces && write_maps(child, c)) || write(go[1], "", 1) != 1 || hear(back[0], c);
	close(go[1]);
	close(back[0]);
	if (!result)
		return child;
	if (child > 0)
		give_up_on(child);
	return -1;
}
