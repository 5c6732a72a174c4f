// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Large pages, transparent and explicit: filled, shared with a child and copied on write, protected and unmapped in the middle. Where the
 * kernel has none to give, the same on pages of its usual size.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define LARGE	0x200000ul
#define SIZE	(4 * LARGE)
#define STEP	0x1000ul

static sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, 1);
}

static int faults(volatile uint64_t *at, int store)
{
	if (sigsetjmp(fault, 1))
		return 1;
	if (store)
		*at = 1;
	else
		(void)*at;
	return 0;
}

static uint64_t *word(char *area, unsigned long offset)
{
	return (uint64_t *)(area + offset + offset / STEP % 64 * 8);
}

static void fill(char *area, unsigned long size, uint64_t seed)
{
	for (unsigned long at = 0; at < size; at += STEP)
		*word(area, at) = seed ^ at;
}

static int holds(char *area, unsigned long size, uint64_t seed)
{
	for (unsigned long at = 0; at < size; at += STEP)
		if (*word(area, at) != (seed ^ at))
			return 0;
	return 1;
}

/* A child sees what was there, and writes for itself. */
static void share(char *area, unsigned long size)
{
	int status;
	pid_t pid;

	fill(area, size, 1);
	pid = fork();
	if (!pid) {
		if (!holds(area, size, 1))
			_exit(1);
		fill(area, size, 2);
		_exit(!holds(area, size, 2));
	}
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	CHECK(WIFEXITED(status) && !WEXITSTATUS(status));
	CHECK(holds(area, size, 1));
	fill(area, size, 3);
	CHECK(holds(area, size, 3));
}

static void protect(char *area)
{
	CHECK(!mprotect(area + LARGE + 64 * STEP, 4 * STEP, PROT_READ));
	CHECK(faults((uint64_t *)(area + LARGE + 65 * STEP), 1));
	CHECK(!faults((uint64_t *)(area + LARGE + 63 * STEP), 0));
	CHECK(!faults((uint64_t *)(area + LARGE + 68 * STEP), 1));
	CHECK(!faults((uint64_t *)(area + LARGE + 66 * STEP), 0));
	CHECK(!munmap(area + 2 * LARGE + 8 * STEP, 8 * STEP));
	CHECK(faults((uint64_t *)(area + 2 * LARGE + 8 * STEP), 0));
	CHECK(faults((uint64_t *)(area + 2 * LARGE + 15 * STEP), 1));
	CHECK(*word(area, 2 * LARGE + 7 * STEP) == (3 ^ (2 * LARGE + 7 * STEP)));
	CHECK(*word(area, 2 * LARGE + 16 * STEP) == (3 ^ (2 * LARGE + 16 * STEP)));
}

/* On a machine of little memory Linux leaves them off. */
static void say(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	if (fd < 0)
		return;
	CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void transparent(void)
{
	char *area = mmap(NULL, SIZE + LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *aligned = (char *)(((uintptr_t)area + LARGE - 1) & ~(LARGE - 1));

	CHECK(area != MAP_FAILED);
	say("/sys/kernel/mm/transparent_hugepage/enabled", "madvise");
	(void)madvise(aligned, SIZE, MADV_HUGEPAGE);
	share(aligned, SIZE);
	protect(aligned);
	CHECK(!madvise(aligned, LARGE, MADV_DONTNEED));
	CHECK(!*word(aligned, 5 * STEP));
	CHECK(!munmap(area, SIZE + LARGE));
}

static void explicit(void)
{
	char *area;

	if (sysconf(_SC_PAGESIZE) != 4096)
		return;		/* a large page has 32 MB where a small one has 16 KB */
	say("/proc/sys/vm/nr_hugepages", "4");
	area = mmap(NULL, 2 * LARGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (area != MAP_FAILED) {
		share(area, 2 * LARGE);
		CHECK(!munmap(area, 2 * LARGE));
	}
	say("/proc/sys/vm/nr_hugepages", "0");
}

int program_huge(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
	transparent();		/* as root; else as the machine is set */
	explicit();
	return 0;
}
