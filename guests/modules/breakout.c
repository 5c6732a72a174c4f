// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hostile kernel. Under the Wedge its code is native code of a process of the Host, and `syscall` calls the Host. It tries what
 * such a process could do there, and says what came of each: a number of the Host's, negative for an error. With `last` it
 * does something at once that the process does not survive: exit, unmap, stop or garbage.
 *
 * On metal none of this means anything: `syscall` in kernel mode is an oops.
 */
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/un.h>
#include <linux/socket.h>
#include <linux/mount.h>
#include <linux/mman.h>
#include <linux/ptrace.h>
#include <linux/signal.h>

#include <asm/unistd.h>

#define BOMB	4000

static char *last;
module_param(last, charp, 0);

/* What the Host is handed lies in memory that is always mapped. */
static char *room;

static noinline long host(long number, unsigned long a, unsigned long b, unsigned long c, unsigned long d, unsigned long e,
			  unsigned long f)
{
	register long v0 asm("$2") = number;
	register unsigned long a0 asm("$4") = a, a1 asm("$5") = b, a2 asm("$6") = c, a3 asm("$7") = d, a4 asm("$8") = e, a5 asm("$9") = f;

	asm volatile(".set push\n\t.set noreorder\n\tsyscall\n\t.set pop"
		     : "+r"(v0), "+r"(a3) : "r"(a0), "r"(a1), "r"(a2), "r"(a4), "r"(a5)
		     : "$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
	return a3 ? -v0 : v0;
}

static void say(const char *what, long result)
{
	pr_info("breakout: %s: %ld\n", what, result);
}

static void say_path(const char *what, long number, const char *path, unsigned long b, unsigned long c)
{
	strcpy(room, path);
	say(what, host(number, (unsigned long)room, b, c, 0, 0, 0));
}

/* To the end: the Host stops between two names when a signal is there. */
static long bytes_of_names(long folder)
{
	long n, all = 0;

	while ((n = host(__NR_getdents64, folder, (unsigned long)room, 4000, 0, 0, 0)) > 0)
		all += n;
	return n ? n : all;
}

static void files(void)
{
	long root;

	strcpy(room, "/");
	root = host(__NR_open, (unsigned long)room, O_RDONLY | O_DIRECTORY, 0, 0, 0, 0);
	/* "." and ".." are 24 bytes each */
	say("bytes of names in /", bytes_of_names(root));
	host(__NR_close, root, 0, 0, 0, 0, 0);
	say_path("open the kernel's file", __NR_open, "/afterburn/vmlinux", O_RDONLY, 0);
	say_path("open it by ..", __NR_open, "../../../afterburn/vmlinux", O_RDONLY, 0);
	say_path("open a process", __NR_open, "/proc/1/mem", O_RDWR, 0);
	say_path("make a file", __NR_open, "/file", O_RDWR | O_CREAT, 0600);
	say_path("make a folder", __NR_mkdir, "/folder", 0700, 0);
	say_path("execute a shell", __NR_execve, "/bin/sh", 0, 0);
	say_path("change the root", __NR_chroot, "/", 0, 0);
	strcpy(room, "/");
	strcpy(room + 8, "proc");
	say("mount", host(__NR_mount, (unsigned long)room, (unsigned long)room, (unsigned long)(room + 8), 0, 0, 0));
}

static void others(void)
{
	struct sockaddr_un *address = (void *)room;
	long fd;

	say("who it is", host(__NR_getuid, 0, 0, 0, 0, 0, 0));
	say("its process", host(__NR_getpid, 0, 0, 0, 0, 0, 0));
	say("its parent", host(__NR_getppid, 0, 0, 0, 0, 0, 0));
	say("become root", host(__NR_setuid, 0, 0, 0, 0, 0, 0));
	say("trace its parent", host(__NR_ptrace, PTRACE_ATTACH, 0, 0, 0, 0, 0));
	say("signal process 70", host(__NR_kill, 70, SIGKILL, 0, 0, 0, 0));
	say("set the host's name", host(__NR_sethostname, (unsigned long)room, 1, 0, 0, 0, 0));
	say("reboot", host(__NR_reboot, 0xfee1dead, 672274793, 0x01234567, 0, 0, 0));
	fd = host(__NR_socket, AF_UNIX, 2, 0, 0, 0, 0);
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "/tmp/socket" };
	say("a socket with a name", host(__NR_connect, fd, (unsigned long)room, sizeof(*address), 0, 0, 0));
	*address = (struct sockaddr_un){ .sun_family = AF_UNIX, .sun_path = "\0socket" };
	say("a socket without", host(__NR_connect, fd, (unsigned long)room, 2 + 7, 0, 0, 0));
	host(__NR_close, fd, 0, 0, 0, 0, 0);
	say("descriptors from 3 on", ({
		long n = 0;

		for (fd = 3; fd < 200; fd++)
			n += host(__NR_fcntl, fd, 1, 0, 0, 0, 0) >= 0;
		n;
	}));
}

/* Processes that do nothing, until there are no more. Each runs this very code, and ends. */
static void bomb(void)
{
	long made = 0, child, error;
	int *children = (int *)room;

	for (;;) {
		child = host(__NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
		if (!child)
			host(__NR_exit, 0, 0, 0, 0, 0, 0);
		if (child < 0 || made == BOMB)
			break;
		children[made++] = child;
	}
	error = child;
	for (long i = 0; i < made; i++)
		host(__NR_wait4, children[i], 0, 0, 0, 0, 0);
	say("more than 2000 processes", made > 2000);
	say("and then", error);
}

/*
 * Random bytes over all that is writable near to where the Host maps what it is asked for: also the memory that this process
 * shares with the one that has the consoles. The Host writes them, so a page that is not there or not writable is no fault.
 */
static void garbage(void)
{
	unsigned long page = 0x1000, reach = 0x4000000;
	unsigned long middle = host(__NR_mmap, 0, page, 3 /* read, write */, 0x802 /* private, anonymous */, -1, 0);

	for (int round = 0; round < 8; round++)
		for (unsigned long at = middle - reach; at < middle + reach; at += page)
			host(__NR_getrandom, at + 256 * round, 256, 0, 0, 0, 0);
}

static int __init breakout_init(void)
{
	room = kzalloc(sizeof(int) * (BOMB + 1), GFP_KERNEL);
	if (!room)
		return -ENOMEM;
	if (last && !strcmp(last, "exit"))
		host(__NR_exit_group, 42, 0, 0, 0, 0, 0);
	if (last && !strcmp(last, "unmap"))
		host(__NR_munmap, 0x10000000, 0xfff0000000, 0, 0, 0, 0);
	if (last && !strcmp(last, "stop"))
		host(__NR_kill, host(__NR_getpid, 0, 0, 0, 0, 0, 0), SIGSTOP, 0, 0, 0, 0);
	if (last && !strcmp(last, "garbage"))
		garbage();
	files();
	others();
	bomb();
	say("kill all", host(__NR_kill, -1, SIGKILL, 0, 0, 0, 0));
	return 0;
}

module_init(breakout_init);
MODULE_LICENSE("GPL");
