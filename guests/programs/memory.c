// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Mappings: anonymous, of files, shared between processes, protected, unmapped, moved, and copied on write.
 * Every change must reach the pages the Wedge has mapped for the program, at once.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

static sigjmp_buf back;
static long page;

static void on_fault(int signal)
{
	siglongjmp(back, 1);
}

static int faults(volatile char *at, int store)
{
	if (sigsetjmp(back, 1))
		return 1;
	if (store)
		*at = 1;
	else
		(void)*at;
	return 0;
}

static char *map(size_t size, int protection, int flags)
{
	char *area = mmap(NULL, size, protection, flags | MAP_ANONYMOUS, -1, 0);

	CHECK(area != MAP_FAILED);
	return area;
}

static void many_pages(void)
{
	size_t pages = 1000, i;
	char *area = map(pages * page, PROT_READ | PROT_WRITE, MAP_PRIVATE);

	for (i = 0; i < pages; i++) {
		CHECK(area[i * page + 7] == 0);
		*(size_t *)(area + i * page) = i * 3;
	}
	for (i = 0; i < pages; i++)
		CHECK(*(size_t *)(area + i * page) == i * 3);
	CHECK(!madvise(area, pages * page, MADV_DONTNEED));
	for (i = 0; i < pages; i += 37)
		CHECK(*(size_t *)(area + i * page) == 0);
	CHECK(!munmap(area, pages * page));
	CHECK(faults(area, 0) && faults(area + (pages - 1) * page, 1));
}

/* Does a page without PROT_EXEC? */
static bool executes(char *area)
{
	static const uint32_t code[] = { 0x03e00008, 0 };	/* jr ra; nop */
	volatile bool executed = false;

	memcpy(area, code, sizeof(code));
	__builtin___clear_cache(area, area + sizeof(code));
	if (!sigsetjmp(back, 1)) {
		((void (*)(void))area)();
		executed = true;
	}
	memset(area, 5, sizeof(code));
	return executed;
}

static void protection(void)
{
	char *area = map(3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	bool inhibits;

	memset(area, 5, 3 * page);
	CHECK(!mprotect(area + page, page, PROT_READ));
	CHECK(faults(area + page, 1) && !faults(area + page, 0) && area[page] == 5);
	CHECK(!faults(area, 1) && !faults(area + 2 * page, 1));
	CHECK(!mprotect(area + page, page, PROT_NONE));
	CHECK(faults(area + page, 0));
	/* What may be written only: that takes RI and XI, which not all CPUs have. Those that do keep pages from being executed. */
	CHECK(!mprotect(area + page, page, PROT_WRITE));
	inhibits = faults(area + page, 0);
	CHECK(!faults(area + page, 1) && faults(area + page, 0) == inhibits);
	CHECK(executes(area) != inhibits);
	area[page + 1] = 6;
	CHECK(!mprotect(area + page, page, PROT_READ | PROT_WRITE));
	CHECK(area[page] == 1 && area[page + 1] == 6);
	area[page] = area[page + 1] = 5;
	CHECK(!faults(area + page, 1) && area[page] == 1 && area[page + 1] == 5);
	CHECK(!munmap(area, 3 * page));
}

static void sharing(void)
{
	char *shared = map(page, PROT_READ | PROT_WRITE, MAP_SHARED);
	char *own = map(page, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	pid_t child;
	int status;

	strcpy(shared, "before");
	strcpy(own, "before");
	child = fork();
	CHECK(child >= 0);
	if (!child) {
		CHECK(!strcmp(own, "before"));
		strcpy(shared, "child");
		strcpy(own, "child");
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(!strcmp(shared, "child") && !strcmp(own, "before"));
}

static void of_a_file(void)
{
	char name[] = "/tmp/memory-XXXXXX", byte;
	int fd = mkstemp(name);
	char *shared, *own;

	CHECK(fd >= 0 && !unlink(name) && !ftruncate(fd, 2 * page));
	shared = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	own = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	CHECK(shared != MAP_FAILED && own != MAP_FAILED);
	own[0] = 'o';
	shared[page] = 's';
	CHECK(pread(fd, &byte, 1, 0) == 1 && byte == 0);
	CHECK(pread(fd, &byte, 1, page) == 1 && byte == 's');
	CHECK(own[page] == 's' && shared[0] == 0);
	CHECK(pwrite(fd, "w", 1, page) == 1 && shared[page] == 'w');
	CHECK(!ftruncate(fd, page));
	CHECK(faults(shared + page, 0));	/* SIGBUS: past the end of the file */
	CHECK(!close(fd) && !munmap(shared, 2 * page) && !munmap(own, 2 * page));
}

static void moved(void)
{
	char *area = map(4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE), *target, *there;

	area[0] = 'a';
	area[3 * page] = 'b';
	target = map(16 * page, PROT_NONE, MAP_PRIVATE);
	there = mremap(area, 4 * page, 16 * page, MREMAP_MAYMOVE | MREMAP_FIXED, target);
	CHECK(there == target && there[0] == 'a' && there[3 * page] == 'b' && there[15 * page] == 0);
	CHECK(faults(area, 0));
	CHECK(!munmap(there, 16 * page));
}

/* Code written at run time, as a compiler of scripts does; the C library's flush is a system call here. */
static void executed(void)
{
	uint32_t *code = (uint32_t *)map(page, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
	int (*function)(void) = (int (*)(void))code;
	int i;

	for (i = 0; i < 3; i++) {
		code[0] = 0x03e00008;		/* jr ra */
		code[1] = 0x24020000 | (40 + i);	/* li v0, 40 + i */
		__builtin___clear_cache((char *)code, (char *)(code + 2));
		CHECK(function() == 40 + i);
	}
	CHECK(!munmap(code, page));
}

int program_memory(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault };

	page = sysconf(_SC_PAGESIZE);
	CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
	many_pages();
	protection();
	sharing();
	of_a_file();
	moved();
	executed();
	return 0;
}
