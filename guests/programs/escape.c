// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A program that looks for a way out. Under the Wedge guest user code runs in a process of the Host, whose own
 * few system calls are made in a page above all guest addresses (wedge/host/mips64/stub.S). This program jumps
 * all over that page, with the numbers of system calls in v0. Two things may happen: the guest's kernel sees
 * a system call like any other, or the program gets a signal. The Host must see nothing, and the program goes
 * on as it was.
 *
 * On metal, and when interpreted, there is nothing at these addresses: each jump is a signal.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define STUB_BASE	0xf800000000UL
#define STUB_USERLOCAL	(STUB_BASE + 0x100)	/* li v0, set_thread_area; syscall; break */
#define STUB_CALL	(STUB_BASE + 0x104)	/* its `syscall` */
#define STUB_SIZE	0x1000

/* Where a program has no business: kernel windows, the vCPU page, the Wedge, its stub, beyond 40 bits. */
static const uint64_t elsewhere[] = {
	0x0000000000000000UL, 0x0000000000001000UL, 0x0000000000002000UL, 0x0000000040000000UL,
	0x000000004f000000UL, 0x000000e000000000UL, 0x000000e001100000UL, 0x000000e800000000UL,
	0x000000f000000000UL, 0x000000f000001000UL, 0x000000fffff00000UL, 0x0000010000000000UL,
	0xffffffff81100000UL, 0xa800000001100000UL,
};

static sigjmp_buf back;

static void on_signal(int signal)
{
	siglongjmp(back, signal);
}

/* Jumps to `where` with these in v0 and a0-a2. Comes back only if what is there returns to ra. */
static __attribute__((noinline)) void jump(uint64_t where, uint64_t v0, uint64_t a0, uint64_t a1, uint64_t a2)
{
	register uint64_t r2 __asm__("$2") = v0, r4 __asm__("$4") = a0, r5 __asm__("$5") = a1, r6 __asm__("$6") = a2;
	register uint64_t r25 __asm__("$25") = where;

	__asm__ volatile("jalr $25\n\tnop"
			 : "+r"(r2), "+r"(r4), "+r"(r5), "+r"(r6), "+r"(r25)
			 :
			 : "$1", "$3", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$31",
			   "hi", "lo", "memory");
}

/* The signal that ends it: every such jump must end in one. */
static int caught_jump(uint64_t where, uint64_t v0, uint64_t a0, uint64_t a1, uint64_t a2)
{
	int caught = sigsetjmp(back, 1);

	if (!caught) {
		jump(where, v0, a0, a1, a2);
		CHECK(!"a jump outside the program came back");
	}
	return caught;
}

static uint64_t thread_pointer(void)
{
	uint64_t value;

	__asm__ volatile("rdhwr %0, $29" : "=r"(value));
	return value;
}

static void still_well(void)
{
	uint8_t *fresh = mmap(NULL, 0x10000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Pages that must be mapped for us now: the Wedge makes system calls in this very process. */
	CHECK(fresh != MAP_FAILED);
	memset(fresh, 0x55, 0x10000);
	CHECK(fresh[0xffff] == 0x55 && !munmap(fresh, 0x10000));
	CHECK(getppid() > 0);
}

/* System calls by number: those whose effect would be seen, and numbers that are none. */
static void numbers(void)
{
	static const uint64_t number[] = {
		SYS_getpid, SYS_getppid, SYS_mmap, SYS_munmap, SYS_read, SYS_open, SYS_sched_yield, 0, 4001, 4004, 6001, (uint64_t)-1, (uint64_t)-514, 1ul << 32 | SYS_getpid,
	};
	size_t i;

	for (i = 0; i < sizeof(number) / sizeof(number[0]); i++) {
		caught_jump(STUB_CALL, number[i], 0, 0, 0);
		still_well();
	}
}

/*
 * The result of the guest's system call is in v0 when the program goes on, right behind the instruction. A
 * Wedge that leaves its stub half-way into a system call would make that number the Host's.
 */
static void results_as_numbers(void)
{
	static const int wanted[] = { SYS_exit_group, SYS_exit, SYS_munmap, SYS_close };
	static char buffer[8192];
	int zero = open("/dev/zero", O_RDONLY), self = open(SELF, O_RDONLY);
	size_t i;

	CHECK(zero >= 0 && self >= 0);
	for (i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		caught_jump(STUB_CALL, SYS_read, zero, (uint64_t)buffer, wanted[i]);
		still_well();
		caught_jump(STUB_CALL, SYS_lseek, self, wanted[i], SEEK_SET);
		still_well();
	}
	CHECK(!close(zero) && !close(self));
}

/* An exit asked for there is ours, or a signal is: in no case anybody else's. */
static void exits(void)
{
	static const uint64_t number[] = { SYS_exit_group, SYS_exit };
	size_t i;
	int status;

	for (i = 0; i < 2; i++) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			caught_jump(STUB_CALL, number[i], 7, 0, 0);
			_exit(7);
		}
		CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
		still_well();
	}
}

/*
 * All over the page, and each word around the one `syscall`. A child each: what stands there may ask for more than one
 * system call, exit and munmap among them, and they are then the child's, however it ends.
 */
static void whole_page(void)
{
	uint64_t offset;
	int status;

	for (offset = 0; offset < STUB_SIZE; offset += offset - 0x100 < 0x20 ? 4 : offset - 0x100 < 0x100 ? 0x10 : 0x100) {
		pid_t pid = fork();

		CHECK(pid >= 0);
		if (!pid) {
			caught_jump(STUB_BASE + offset, SYS_getpid, 0, 0, 0);
			_exit(0);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		still_well();
	}
}

/*
 * One call the Host lets through there: the one that sets the thread pointer. But whose pointer it is, is the
 * guest kernel's to say, and the next process that runs there must not find ours.
 */
static void pointers(void)
{
	uint64_t own = thread_pointer(), now;
	int i;

	for (i = 0; i < 4; i++) {
		caught_jump(i & 1 ? STUB_CALL : STUB_USERLOCAL, SYS_set_thread_area, own + 0x10000 * (i + 1), 0, 0);
		now = thread_pointer();
		if (now != own)		/* nothing of the C library works without it, CHECK least of all */
			syscall(SYS_set_thread_area, own);
		CHECK(now == own);
	}
}

static void stores(void)
{
	uint64_t offset;

	for (offset = 0; offset < STUB_SIZE; offset += 0x100) {
		int caught = sigsetjmp(back, 1);

		if (!caught) {
			*(volatile uint32_t *)(STUB_BASE + offset) = 0;
			CHECK(!"a store outside the program came back");
		}
		CHECK(caught == SIGSEGV || caught == SIGBUS);
		still_well();
	}
}

int program_escape(int argc, char **argv)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGSYS };
	struct sigaction action = { .sa_handler = on_signal };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		CHECK(!sigaction(signals[i], &action, NULL));
	for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++) {
		int caught = caught_jump(elsewhere[i], SYS_getpid, 0, 0, 0);

		CHECK(caught == SIGSEGV || caught == SIGBUS);
		still_well();
	}
	stores();
	pointers();
	numbers();
	results_as_numbers();
	exits();
	whole_page();
	return 0;
}
