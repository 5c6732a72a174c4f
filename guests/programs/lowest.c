// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The lowest address that a program can have is what /proc/sys/vm/mmap_min_addr says: 4096 on metal, more under the
 * Wedge. There is no page below, by whatever way: EPERM for all that maps, SIGSEGV for a stack that grows.
 * On metal root may have those, and whoever lowers the limit; under the Wedge nobody.
 *
 * Where the Wedge has its windows there is a hole: nothing begins or ends in it, from whichever side it comes, and the kernel neither reads nor
 * writes there for anybody. On metal there is none, and all that is tried can be had.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define SHARED_ALIGNMENT	0x40000UL	/* SHMLBA */
#define LIMIT	"/proc/sys/vm/mmap_min_addr"
#define REFUSED(call) CHECK((void *)(call) == MAP_FAILED && errno == EPERM)

static sigjmp_buf back;
static long page;

static void on_fault(int signal)
{
	siglongjmp(back, signal);
}

static unsigned long limit(void)
{
	unsigned long value;
	FILE *f = fopen(LIMIT, "r");

	CHECK(f && fscanf(f, "%lu", &value) == 1 && !fclose(f));
	return value;
}

static void set_limit(unsigned long value)
{
	FILE *f = fopen(LIMIT, "w");

	CHECK(f && fprintf(f, "%lu\n", value) > 0 && !fclose(f));
}

static char *map(unsigned long at, size_t size, int flags)
{
	return mmap((void *)at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void lowest_page(unsigned long lowest)
{
	char *at = map(lowest, page, MAP_FIXED_NOREPLACE);

	CHECK((unsigned long)at == lowest);
	*at = 'l';
	CHECK(!munmap(at, page));
	at = map(page, page, 0);	/* a hint is moved up */
	CHECK(at != MAP_FAILED && (unsigned long)at >= lowest && !munmap(at, page));
}

/* As whoever has no rights. */
static void below(unsigned long lowest)
{
	int segment = shmget(IPC_PRIVATE, page, IPC_CREAT | 0600);
	char *own = map(0, page, 0);

	CHECK(own != MAP_FAILED && segment >= 0);
	for (unsigned long at = lowest - page; ; at = at / 2 & -page) {
		REFUSED(map(at, page, MAP_FIXED));
		REFUSED(map(at, page, MAP_FIXED_NOREPLACE));
		REFUSED(map(at, 3 * page, MAP_FIXED));
		REFUSED(map(at, page, MAP_FIXED | MAP_GROWSDOWN));
		REFUSED(mremap(own, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)at));
		if (at >= SHARED_ALIGNMENT)
			REFUSED(shmat(segment, (void *)(at & -SHARED_ALIGNMENT), 0));
		if (!at)
			break;
	}
	CHECK(!shmctl(segment, IPC_RMID, NULL));
}

/* Down to the lowest page, and no further, whoever it is. */
static void grows(unsigned long lowest)
{
	unsigned long top = lowest + 20 * page;
	struct sigaction action = { .sa_handler = on_fault };
	char *stack = map(top - page, page, MAP_FIXED_NOREPLACE | MAP_GROWSDOWN);
	volatile unsigned long at;
	int caught;

	CHECK(!sigaction(SIGSEGV, &action, NULL) && stack != MAP_FAILED);
	caught = sigsetjmp(back, 1);
	if (!caught)
		for (at = top - 1; at >= lowest - page; at -= page)
			*(volatile char *)at = 1;
	CHECK(caught == SIGSEGV && at == lowest - 1);
	caught = sigsetjmp(back, 1);
	if (!caught)
		(void)*(volatile char *)(lowest - 8);
	CHECK(caught == SIGSEGV);
	/* nor for the kernel, which may extend a stack as well */
	CHECK(syscall(SYS_getcwd, lowest - page, page) == -1 && errno == EFAULT);
	CHECK(!munmap((void *)lowest, 20 * page));
	signal(SIGSEGV, SIG_DFL);
}

/* --- The hole --- */

#define HOLE		0x3f000000UL	/* wedge/core/layout.h */
#define HOLE_END	0x60000000UL

static bool is_hole(unsigned long at, size_t size)
{
	char *page_at = map(at, size, MAP_FIXED_NOREPLACE | MAP_NORESERVE);

	CHECK(page_at == MAP_FAILED ? errno == EPERM : (unsigned long)page_at == at && !munmap(page_at, size));
	return page_at == MAP_FAILED;
}

/* Is it as on metal, or nowhere; and what lies beside it can be had in each case. */
static void hole(unsigned long lowest)
{
	const size_t large = 0x8000000;
	const bool is_there = is_hole(HOLE, page);
	struct sigaction action = { .sa_handler = on_fault };
	volatile unsigned long at;
	char *below, *above, *own;
	int caught, ends[2];

	CHECK(is_hole(HOLE_END - page, page) == is_there && is_hole(HOLE + 0x1100000, page) == is_there);
	CHECK(is_hole(HOLE - page, 2 * page) == is_there && is_hole(HOLE_END - page, 2 * page) == is_there);
	CHECK(is_hole(HOLE - page, HOLE_END - HOLE + 2 * page) == is_there);
	CHECK(!is_hole(HOLE - page, page) && !is_hole(HOLE_END, page) && !is_hole(HOLE - large, large));

	/* What grows or moves into it. */
	own = map(0, page, 0);
	CHECK(own != MAP_FAILED);
	if (is_there) {
		REFUSED(mremap(own, page, page, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)HOLE));
		REFUSED(mremap(own, page, 2 * page, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(HOLE - page)));
		REFUSED(map(HOLE, page, MAP_FIXED | MAP_GROWSDOWN));
	}
	below = map(HOLE - page, page, MAP_FIXED_NOREPLACE);
	CHECK(below != MAP_FAILED && (!is_there || mremap(below, page, 2 * page, 0) == MAP_FAILED));
	*below = 'b';
	CHECK(!munmap(below, page));
	above = map(HOLE_END + page, page, MAP_FIXED_NOREPLACE | MAP_GROWSDOWN);
	CHECK(above != MAP_FAILED && !sigaction(SIGSEGV, &action, NULL));
	caught = sigsetjmp(back, 1);
	if (!caught)
		for (at = HOLE_END + 2 * page - 1; at > HOLE_END - 4 * page; at -= page)
			*(volatile char *)at = 1;
	CHECK(is_there ? caught == SIGSEGV && at == HOLE_END - 1 : !caught);
	signal(SIGSEGV, SIG_DFL);
	CHECK(!munmap((void *)(HOLE_END - 4 * page), 6 * page));

	/* A hint is followed, or something else is found, until nothing more is. */
	own = map(HOLE, page, 0);
	CHECK(own != MAP_FAILED && (is_there ? own < (char *)HOLE || own >= (char *)HOLE_END : own == (char *)HOLE) && !munmap(own, page));

	/* Nor for the kernel, whatever it is given. */
	CHECK(!pipe(ends) && write(ends[1], "12345678", 8) == 8);
	for (at = HOLE; at < HOLE_END; at += 0x1100000) {
		CHECK(write(ends[1], (void *)at, 8) == -1 && errno == EFAULT);
		CHECK(read(ends[0], (void *)at, 8) == -1 && errno == EFAULT);
	}
	below = map(HOLE - page, page, MAP_FIXED_NOREPLACE);
	CHECK(below != MAP_FAILED);
	memset(below, 'x', page);
	CHECK(syscall(SYS_getcwd, HOLE - 1, 8) == -1 && errno == EFAULT);
	strcpy((char *)HOLE - sizeof("/dev/null"), "/dev/null");
	CHECK(!close(open((char *)HOLE - sizeof("/dev/null"), O_RDONLY)));
	CHECK(read(ends[0], (void *)(HOLE - 8), 8) == 8 && !memcmp(below + page - 8, "12345678", 8));
	CHECK(!munmap(below, page) && !close(ends[0]) && !close(ends[1]));
}

static void as_nobody(void (*check)(unsigned long), unsigned long lowest)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		CHECK(!setgid(1000) && !setuid(1000));
		check(lowest);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && !status);
}

int program_lowest(int argc, char **argv)
{
	unsigned long lowest = limit(), lower;
	char *at;

	page = sysconf(_SC_PAGESIZE);
	CHECK(lowest);
	lowest = (lowest + page - 1) / page * page;		/* as the kernel does with pages larger than that */
	lowest_page(lowest);
	grows(lowest);
	as_nobody(lowest_page, lowest);
	as_nobody(below, lowest);
	as_nobody(grows, lowest);
	as_nobody(hole, lowest);
	if (geteuid())
		return 0;
	at = map(lowest - page, page, MAP_FIXED);
	CHECK(at == MAP_FAILED ? errno == EPERM : (unsigned long)at == lowest - page && !munmap(at, page));
	/* What it says after somebody has lowered it is the truth again. */
	set_limit(0);
	lower = limit();
	CHECK(lower <= lowest);
	at = map(lower, page, MAP_FIXED_NOREPLACE);
	CHECK((unsigned long)at == lower && !munmap(at, page));
	if (lower)
		REFUSED(map(lower - page, page, MAP_FIXED));
	set_limit(2 * lowest);
	CHECK(limit() == 2 * lowest);
	as_nobody(below, 2 * lowest);
	set_limit(lowest);
	CHECK(limit() == lowest);
	return 0;
}
