/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Watch registers and performance counters: what the kernel offers of them works. This board offers none, so a
 * debugger steps and a profiler is told so, where both would else wait for ever and count nothing.
 */
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define PTRACE_GET_WATCH_REGS	0xd0
#define PTRACE_SET_WATCH_REGS	0xd1
#define WATCH_STORES		1

/* struct pt_watch_regs of a 64-bit kernel. */
struct watch {
	uint32_t style;
	uint64_t lo[8];
	uint16_t hi[8], masks[8];
	uint32_t valid;
} __attribute__((aligned(8)));

static volatile uint64_t watched;

static void watch_registers(void)
{
	struct watch w = { 0 };
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		raise(SIGSTOP);
		watched = 1;
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
	if (ptrace(PTRACE_GET_WATCH_REGS, child, &w, NULL)) {
		CHECK(errno == EIO);
	} else if (w.valid && w.masks[0] & WATCH_STORES) {
		memset(w.lo, 0, sizeof(w.lo));
		memset(w.hi, 0, sizeof(w.hi));
		w.lo[0] = ((uintptr_t)&watched & ~7ul) | WATCH_STORES;
		CHECK(!ptrace(PTRACE_SET_WATCH_REGS, child, &w, NULL));
		CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL));
		CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP);
		w.lo[0] = 0;
		CHECK(!ptrace(PTRACE_SET_WATCH_REGS, child, &w, NULL));
	}
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL));
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

static void counters(void)
{
	static const uint64_t events[] = { PERF_COUNT_HW_CPU_CYCLES, PERF_COUNT_HW_INSTRUCTIONS };

	for (unsigned i = 0; i < 2; i++) {
		struct perf_event_attr attr = { .type = PERF_TYPE_HARDWARE, .size = sizeof(attr), .config = events[i] };
		int fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
		uint64_t counted;

		if (fd < 0) {
			CHECK(errno == ENOENT || errno == ENOSYS || errno == EOPNOTSUPP || errno == ENODEV);
			continue;
		}
		for (volatile int n = 0; n < 1000; n++)
			;
		CHECK(read(fd, &counted, sizeof(counted)) == sizeof(counted));
		CHECK(counted >= 1000);
		close(fd);
	}
}

int program_watch(int argc, char **argv)
{
	watch_registers();
	counters();
	return 0;
}
