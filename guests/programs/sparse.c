// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory that no guest memory stands behind: children that each read one page in every 2 MB of a large mapping, the page of
 * zeros each time, and end. The guest frees their page tables; the Host's, under the Wedge, must not pile up. And
 * single pages of two kinds by turns, so that no two can be one mapping.
 *
 *	sparse [CHILDREN [PAGES]]
 */
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define STEP	0x200000ul

static void child(size_t pages)
{
	volatile char *area = mmap(NULL, pages * STEP, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	size_t i;

	CHECK(area != MAP_FAILED);
	for (i = 0; i < pages; i++)
		CHECK(area[i * STEP] == 0);
	for (i = 0; i < pages; i += 100)
		CHECK(area[i * STEP] == 0);
	_exit(0);
}

static void by_turns(size_t pages)
{
	size_t page = sysconf(_SC_PAGESIZE), i;
	volatile char *area = mmap(NULL, pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	CHECK(area != MAP_FAILED);
	for (i = 0; i < pages; i++)
		if (i % 2)
			area[i * page] = i;
		else
			CHECK(area[i * page] == 0);
	for (i = 0; i < pages; i++)
		CHECK(area[i * page] == (char)(i % 2 ? i : 0));
	CHECK(!munmap((void *)area, pages * page));
}

int program_sparse(int argc, char **argv)
{
	int children = argc > 1 ? atoi(argv[1]) : 2, status, i;
	size_t pages = argc > 2 ? atoi(argv[2]) : sizeof(long) == 8 ? 300 : 200;	/* 400 MB is what a 32-bit program can have in one piece */
	pid_t pid;

	for (i = 0; i < children; i++) {
		pid = fork();
		CHECK(pid >= 0);
		if (!pid)
			child(pages);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
	by_turns(1000);
	return 0;
}
