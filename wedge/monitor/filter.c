/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See filter.h. What is not here is SIGSYS and not death at once, because guest user code runs under this filter, too: its
 * system calls have numbers of the guest's, which mean nothing, and a signal is what its tracer waits for, or, direct, the Wedge in the same process (direct.c).
 *
 * No argument is looked at but those with which a call becomes another one. What else a call in this list could do is for
 * namespaces and limits to prevent.
 */
#define _GNU_SOURCE
#include "wedge/monitor/filter.h"

#include <errno.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#include "lib/types.h"

static const struct {
	const char *name, *why;
} calls[] = {
	{ "rt_sigreturn", "the end of each handler: the way back to native guest code" },
	{ "rt_sigaction", "handlers of faults, the alarm and the kick" },
	{ "rt_sigprocmask", "the alarm is held off while the Wedge itself runs" },
	{ "sigaltstack", "guest code has no stack that a handler could use" },
	{ "timer_create", "the alarm of the next event" },
	{ "timer_settime", "likewise" },
	{ "timer_delete", "likewise" },
	{ "clock_gettime", "where the Host has no vDSO" },
	{ "clock_getres", "likewise" },
	{ "clock_nanosleep", "room in a full ring" },
	{ "nanosleep", "likewise" },
	{ "futex", "sleeping until the monitor or a device has news" },
	{ "write", "the monitor's bell, statistics and logs, the stub's program" },
	{ "read", "a recorded clock" },
	{ "lseek", "stdio does" },
	{ "fstat", "likewise" },
	{ "newfstatat", "likewise" },
	{ "statx", "likewise, in newer C libraries" },
	{ "close", "statistics and logs at the end" },
	{ "fcntl", "descriptors of a stub" },
	{ "dup2", "likewise" },
	{ "memfd_create", "the program of the stubs" },
	{ "ftruncate", "likewise; pages with system calls that are jumps" },
	{ "mmap", "pages of the guest, memory for pieces of code" },
	{ "munmap", "likewise" },
	{ "mprotect", "likewise" },
	{ "mremap", "realloc()" },
	{ "madvise", "free()" },
	{ "brk", "malloc()" },
	{ "cacheflush", "code that was burnt" },
	{ "sysmips", "whether the Host mends unaligned accesses" },
	{ "vfork", "stubs" },
	{ "clone", "stubs and their second threads: not into namespaces, see below" },
	{ "set_robust_list", "the C library's fork(): processes of direct user mode" },
	{ "execveat", "stubs: by a descriptor, as there are no names" },
	{ "ptrace", "stubs: what is no child of ours is not there" },
	{ "wait4", "likewise" },
	{ "getrusage", "whether we are in somebody's way who wants our processor (--spin)" },
	{ "kill", "likewise" },
	{ "tgkill", "kicks, and raise()" },
	{ "prctl", "a stub dies with us, and takes its own filter" },
	{ "seccomp", "likewise" },
	{ "setsid", "signals of a terminal are not for stubs" },
	{ "set_thread_area", "guest programs' thread pointers" },
	{ "getpid", "messages, and raise()" },
	{ "getppid", "is he that made this process still there?" },
	{ "gettid", "likewise" },
	{ "sysinfo", "qsort() asks how much memory there is" },
	{ "getrandom", "the board's random number generator; malloc() of newer C libraries" },
	{ "sched_yield", "contended locks" },
	{ "restart_syscall", "sleeps over a stop and a continue" },
	{ "exit", "ends" },
	{ "exit_group", "likewise" },
};

#define NEW_NAMESPACES	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP)

static int allow(scmp_filter_ctx filter, const char *name)
{
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR || number < 0)	/* this architecture has no such call */
		return 0;
	if (!strcmp(name, "clone"))
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, NEW_NAMESPACES, 0));
	return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
}

int filter__install(struct complaint *c)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int result = filter ? 0 : -ENOMEM;

	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_NNP, 0);	/* it is */
	/* Numbers of another ABI, which the table does not speak of: as a call that is not in it. */
	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRAP);
	/* Tried in the order of the table otherwise: 600 instructions more or less. */
	if (!result)
		result = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (unsigned i = 0; !result && i < ARRAY_SIZE(calls); i++)
		result = allow(filter, calls[i].name);
	if (!result)
		result = seccomp_load(filter);
	if (filter)
		seccomp_release(filter);
	return result ? complain(c, "a filter of system calls: %s", strerror(-result)) : 0;
}
