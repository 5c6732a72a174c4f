// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Pointers a program has no business with, given to system calls and dereferenced. The addresses are those
 * of MIPS64 kernel segments and of the windows that stand for them under the Wedge: each must earn EFAULT
 * from the guest kernel, and a signal in the program, and never kernel memory. The signal is the one of hardware for all
 * that a program can address: SIGSEGV. And jumps to odd addresses. A 32-bit program has only addresses that 32 bits make.
 */
#include <fcntl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

static const uint64_t bad[] = {
	0x0000000000000000UL, 0x0000000000001000UL, 0x0000000000008000UL,
	0x0000000040000000UL, 0x0000000041100000UL, 0x000000005ffff000UL,	/* window of CKSEG0 */
	0x000000004c000000UL, 0x000000004c002000UL, 0x000000004c004000UL,	/* where modules are */
	0x000000df00000000UL,							/* behind user space */
	0x000000e000000000UL, 0x000000e001100000UL,				/* window of XKPHYS */
	0x000000e800000000UL, 0x000000e800004000UL, 0x000000effffff000UL,	/* window of XKSEG */
	0x000000f000000000UL, 0x000000f800010000UL, 0x000000fffffffff8UL,	/* the Wedge */
	0x0000010000000000UL,
	0x4000000000000000UL, 0x8000000001100000UL, 0x9000000000000000UL, 0xa800000001100000UL,
	0xc000000000002000UL, 0xffffffff80000000UL, 0xffffffff81100000UL, 0xffffffffa0000000UL,
	0xffffffffc0000000UL, 0xffffffffffff8000UL, 0xfffffffffffffff8UL,
};

static sigjmp_buf back;

/* A pointer of 32 bits is extended by its sign. */
static int is_pointer(uint64_t address)
{
	return (uint64_t)(intptr_t)address == address;
}

static void on_fault(int signal)
{
	siglongjmp(back, signal);
}

static void as_argument(int fd, uint64_t address)
{
	void *pointer = (void *)(uintptr_t)address;
	struct utsname name;
	int ends[2];

	CHECK(read(fd, pointer, 8) == -1 && errno == EFAULT);
	CHECK(open(pointer, O_RDONLY) == -1 && errno == EFAULT);
	CHECK(uname(pointer) == -1 && errno == EFAULT);
	CHECK(uname(&name) == 0);
	CHECK(pipe(ends) == 0);
	CHECK(write(ends[1], pointer, 8) == -1 && errno == EFAULT);
	CHECK(write(ends[1], "12345678", 8) == 8);
	CHECK(read(ends[0], pointer, 8) == -1 && errno == EFAULT);
	CHECK(close(ends[0]) == 0 && close(ends[1]) == 0);
}

enum how { LOAD, STORE, FP_LOAD, FP_STORE, WAYS };	/* where there is no FPU, a kernel does the latter two */

static void dereference(uintptr_t address, enum how how)
{
	switch (how) {
	case LOAD: (void)*(volatile uint64_t *)address; break;
	case STORE: *(volatile uint64_t *)address = 0; break;
	case FP_LOAD: __asm__ volatile("ldc1 $f0, 0(%0)" : : "r"(address) : "$f0", "memory"); break;
	default: __asm__ volatile("sdc1 $f0, 0(%0)" : : "r"(address) : "memory"); break;
	}
}

static void dereferenced(const uint64_t address)
{
	for (volatile int how = LOAD; how < WAYS; how++) {
		int caught = sigsetjmp(back, 1);

		if (!caught) {
			dereference(address, how);
			CHECK(!"an access to an address outside the program came back");
		}
		CHECK(caught == SIGSEGV || caught == SIGBUS);
		if (how < FP_LOAD && address < 1ull << 40)	/* for FP, a kernel that emulates it asks access_ok() */
			CHECK(caught == SIGSEGV);
	}
}

/* Codes that a kernel with kprobes keeps for itself, and those of others. */
static void breaks(void)
{
#define BREAK(code)	{ if (!sigsetjmp(back, 1)) { __asm__ volatile("break " #code); CHECK(!"a break came back"); } }
	BREAK(0) BREAK(5) BREAK(512) BREAK(513) BREAK(514) BREAK(515) BREAK(516) BREAK(1023)
}

/*
 * Jumps into the middle of an instruction, in a page that is there, at its end, and in one that is not: a child each, since
 * a jump does not come back. Each is an address error, at once: that a page is missing comes after it.
 */
static void jumps(void)
{
	const uint64_t page = sysconf(_SC_PAGESIZE);
	const uint64_t to[] = { 1, 2, 3, page - 3, page - 2, page - 1, page + 1, 2 * page - 3, 2 * page + 1, 3 * page - 1 };
	const unsigned prot = PROT_READ | PROT_WRITE | PROT_EXEC;
	char *pages = mmap(NULL, 3 * page, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int status;

	CHECK(pages != MAP_FAILED);
	for (uint64_t i = 0; i < page / 4; i++)
		((unsigned *)pages)[i] = 0x0000000d;		/* break */
	CHECK(!munmap(pages + 2 * page, page));
	for (size_t i = 0; i < sizeof(to) / sizeof(to[0]) + sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t at = i < sizeof(to) / sizeof(to[0]) ? (uintptr_t)pages + to[i] : bad[i - sizeof(to) / sizeof(to[0])] | 1;
		pid_t child;

		if (!is_pointer(at))
			continue;
		child = fork();
		CHECK(child >= 0);
		if (!child) {
			signal(SIGBUS, SIG_DFL);
			signal(SIGSEGV, SIG_DFL);
			((void (*)(void))(uintptr_t)at)();
			_exit(0);
		}
		CHECK(waitpid(child, &status, 0) == child);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGBUS)
			fprintf(stderr, "a jump to %#" PRIx64 ": status %#x\n", at, status);
		CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	}
}

int program_hostile(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = on_fault };
	int fd = open("/dev/zero", O_RDONLY);
	size_t i;

	CHECK(fd >= 0);
	CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
	CHECK(!sigaction(SIGTRAP, &action, NULL));
	breaks();
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!is_pointer(bad[i]))
			continue;
		as_argument(fd, bad[i]);
		dereferenced(bad[i]);
	}
	jumps();
	return 0;
}
