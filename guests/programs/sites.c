// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls again and again from the same places: what becomes of them under the Wedge (wedge/user/sites.c) must not be seen. Calls that are begun
 * again, signals at any moment, registers and FP over both, a branch that leads to the second word, threads, children, and code that is changed.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define TURNS	30		/* by then it has been rewritten, if it ever is */
#define SPOILT	"$1", "$3", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory"

static volatile sig_atomic_t signals;

static void count(int signal)
{
	signals++;
}

static void handle(int number, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	CHECK(sigaction(number, &action, NULL) == 0);
}

static void set_timer(int which, long us)
{
	struct itimerval t = { { 0, us }, { 0, us } };

	CHECK(setitimer(which, &t, NULL) == 0);
}

/* --- Registers --- */

static long parent_of(uint64_t *error)
{
	register uint64_t v0 __asm__("$2");
	register uint64_t a0 __asm__("$4") = 4, a1 __asm__("$5") = 5, a2 __asm__("$6") = 6, a3 __asm__("$7") = 7;
	register uint64_t s0 __asm__("$16") = 16, s1 __asm__("$17") = 17, s7 __asm__("$23") = 23, a4 __asm__("$8") = 8, a5 __asm__("$9") = 9;

	__asm__ volatile("li $2, %10\n\tsyscall"
			 : "=r"(v0), "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(s0), "+r"(s1), "+r"(s7), "+r"(a4), "+r"(a5)
			 : "i"(SYS_getppid) : SPOILT);
	CHECK(a0 == 4 && a1 == 5 && a2 == 6 && s0 == 16 && s1 == 17 && s7 == 23);
	*error = a3;
	return v0;
}

static void registers(unsigned turns)
{
	const long parent = getppid();
	double product = 1;
	uint64_t error;

	for (unsigned i = 1; i <= turns; i++) {
		product *= 1.0000001;
		CHECK(parent_of(&error) == parent && error == 0);
		CHECK(syscall(5999) == -1 && errno == ENOSYS);
	}
	/* What the FPU holds has been through each of them. */
	for (unsigned i = 1; i <= turns; i++)
		product /= 1.0000001;
	CHECK(product > 0.999999 && product < 1.000001);
}

static void under_signals(void)
{
	signals = 0;
	handle(SIGALRM, count, SA_RESTART);
	set_timer(ITIMER_REAL, 3000);
	for (unsigned i = 0; i < 200 && signals < 40; i++)
		registers(50);
	set_timer(ITIMER_REAL, 0);
	CHECK(signals > 0);
}

/* --- Begun again --- */

static long read_byte(int fd, char *byte)
{
	register long v0 __asm__("$2");
	register long a0 __asm__("$4") = fd, a1 __asm__("$5") = (long)byte, a2 __asm__("$6") = 1, a3 __asm__("$7");

	__asm__ volatile("li $2, %3\n\tsyscall" : "=r"(v0), "=r"(a3), "+r"(a0) : "i"(SYS_read), "r"(a1), "r"(a2) : "$8", "$9", SPOILT);
	return a3 ? -v0 : v0;
}

/* A child writes a byte when it has sent some signals, which interrupt the read. */
static void restarted(void)
{
	const pid_t reader = getpid();
	char byte;
	int fd[2];
	pid_t child;

	handle(SIGUSR1, count, SA_RESTART);
	CHECK(pipe(fd) == 0);
	for (unsigned i = 0; i < TURNS; i++) {
		signals = 0;
		child = fork();
		CHECK(child >= 0);
		if (!child) {
			for (unsigned n = 0; n < 3; n++) {
				usleep(500);
				kill(reader, SIGUSR1);
			}
			usleep(500);
			_exit(write(fd[1], "x", 1) != 1);
		}
		byte = 0;
		CHECK(read_byte(fd[0], &byte) == 1 && byte == 'x');
		CHECK(waitpid(child, NULL, 0) == child && signals > 0);
	}
	/* Without SA_RESTART it ends. */
	handle(SIGUSR1, count, 0);
	child = fork();
	if (!child) {
		usleep(20000);
		_exit(kill(reader, SIGUSR1));
	}
	CHECK(read_byte(fd[0], &byte) == -EINTR && waitpid(child, NULL, 0) == child);
	close(fd[0]);
	close(fd[1]);
}

/* By another system call than the first time: restart_syscall(). */
static void sleeps_on(void)
{
	const struct timespec nap = { 0, 60 * 1000 * 1000 };
	const pid_t sleeper = fork();

	CHECK(sleeper >= 0);
	if (!sleeper) {
		for (unsigned i = 0; i < 8; i++)
			if (nanosleep(&nap, NULL))
				_exit(1);
		_exit(0);
	}
	for (unsigned i = 0; i < 8; i++) {
		int status;

		usleep(20000);
		CHECK(kill(sleeper, SIGSTOP) == 0 && waitpid(sleeper, &status, WUNTRACED) == sleeper);
		if (WIFEXITED(status))
			CHECK(WEXITSTATUS(status) == 0);
		if (!WIFSTOPPED(status))
			return;
		CHECK(kill(sleeper, SIGCONT) == 0);
	}
	CHECK(waitpid(sleeper, NULL, 0) == sleeper);
}

/* --- A call that two ways lead to --- */

static long one_of_two(long second)
{
	register long v0 __asm__("$2");
	register long a0 __asm__("$4") = second;

	__asm__ volatile(".set push\n\t.set noreorder\n\t"
			 "bnez	%1, 1f\n\t"
			 " li	$2, %2\n\t"
			 "li	$2, %3\n\t"
			 "1:	syscall\n\t"
			 ".set pop" : "=r"(v0), "+r"(a0) : "i"(SYS_getpid), "i"(SYS_getppid) : "$7", "$8", "$9", SPOILT);
	return v0;
}

static void two_ways(void)
{
	for (unsigned i = 0; i < 2 * TURNS; i++)
		CHECK(one_of_two(i & 1) == (i & 1 ? getpid() : getppid()));
}

/* --- Others with the same code --- */

static void *work(void *parameter)
{
	registers(300);
	return parameter;
}

static void together(void)
{
	pthread_t thread[4];
	pid_t child[4];
	int status;

	for (unsigned i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, work, thread) == 0);
	for (unsigned i = 0; i < 4; i++) {
		child[i] = fork();
		CHECK(child[i] >= 0);
		if (!child[i]) {
			registers(100);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < 4; i++)
		CHECK(waitpid(child[i], &status, 0) == child[i] && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK(pthread_join(thread[i], NULL) == 0);
}

/* --- The first use of the FPU, between calls and among threads that have not used it either --- */

static void yield(void)
{
	register long v0 __asm__("$2");

	__asm__ volatile("li $2, %1\n\tsyscall" : "=r"(v0) : "i"(SYS_sched_yield) : "$4", "$5", "$6", "$7", "$8", "$9", SPOILT);
}

static void *sums(void *parameter)
{
	const double step = 1 + (uintptr_t)parameter;
	double sum = 0;

	for (unsigned i = 0; i < 1000; i++) {
		sum += step;
		yield();
	}
	return (void *)(uintptr_t)(sum == 1000 * step);
}

static void *calls_then_sums(void *parameter)
{
	for (unsigned i = 0; i < TURNS; i++)
		yield();
	return sums(parameter);
}

static int fresh(void)
{
	pthread_t thread[4];
	void *right;

	for (uintptr_t i = 0; i < 4; i++)
		CHECK(pthread_create(&thread[i], NULL, calls_then_sums, (void *)i) == 0);
	for (unsigned i = 0; i < 4; i++)
		CHECK(pthread_join(thread[i], &right) == 0 && right);
	return 0;
}

static void first_uses(void)
{
	for (unsigned i = 0; i < 3; i++) {
		int status;
		pid_t child = fork();

		CHECK(child >= 0);
		if (!child) {
			execl(SELF, "sites", "fresh", NULL);
			_exit(1);
		}
		CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
}

/* --- Code that is changed --- */

#define NEAR		((u8 *)0x128000000ul)	/* in the 256 MB in which this program begins */
#define LI_V0(n)	(0x24020000u | (n))
typedef unsigned char u8;

static void put_call(uint32_t *code, unsigned number)
{
	code[0] = 0;
	code[1] = LI_V0(number);
	code[2] = 0x0000000c;		/* syscall */
	code[3] = 0x03e00008;		/* jr ra */
	code[4] = 0;
}

static void check_calls(const u8 *code, long expected)
{
	long (*call)(void) = (long (*)(void))code;

	for (unsigned i = 0; i < TURNS; i++)
		CHECK(call() == expected);
}

static void by_protection(void)
{
	uint32_t *code = mmap(NEAR, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	CHECK(code == (void *)NEAR);
	for (unsigned i = 0; i < 6; i++) {
		CHECK(mprotect(code, 0x1000, PROT_READ | PROT_WRITE) == 0);
		put_call(code, i & 1 ? SYS_getppid : SYS_getpid);
		CHECK(mprotect(code, 0x1000, PROT_READ | PROT_EXEC) == 0);
		cacheflush(code, 0x1000, BCACHE);
		check_calls(NEAR, i & 1 ? getppid() : getpid());
		CHECK(code[1] == LI_V0(i & 1 ? SYS_getppid : SYS_getpid) || code[2] == LI_V0(i & 1 ? SYS_getppid : SYS_getpid));
	}
	CHECK(munmap(code, 0x1000) == 0);
}

/* The same page is seen at two addresses: at one it is written, at the other it is executed. */
static void by_another_way(void)
{
	const int fd = memfd_create("code", 0);
	uint32_t *code;

	CHECK(fd >= 0 && ftruncate(fd, 0x1000) == 0);
	code = mmap(NULL, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	CHECK(code != MAP_FAILED && mmap(NEAR, 0x1000, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, fd, 0) == NEAR);
	for (unsigned i = 0; i < 40; i++) {
		put_call(code, i & 1 ? SYS_getppid : SYS_getpid);
		cacheflush(NEAR, 0x1000, BCACHE);
		check_calls(NEAR, i & 1 ? getppid() : getpid());
	}
	/* And changes hands. */
	CHECK(mmap(NEAR, 0x1000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == NEAR && !*(uint32_t *)NEAR);
	CHECK(munmap(NEAR, 0x1000) == 0 && munmap(code, 0x1000) == 0 && close(fd) == 0);
}

/* Whatever lies at the end of the 256 MB, it is the program's to unmap, and something else to map there. */
static void takes_the_place(void)
{
	const size_t page = sysconf(_SC_PAGESIZE);
	u8 *const last = (u8 *)(0x130000000ul - page);

	registers(TURNS);
	CHECK(munmap(last, page) == 0);
	registers(TURNS);
	CHECK(mmap(last, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == last);
	for (size_t i = 0; i < page; i++)
		CHECK(last[i] == 0);
	memset(last, 0x5a, page);
	registers(TURNS);
	for (size_t i = 0; i < page; i++)
		CHECK(last[i] == 0x5a);
}

int program_sites(int argc, char **argv)
{
	if (argc > 1)
		_exit(fresh());
	first_uses();
	registers(200);
	two_ways();
	restarted();
	sleeps_on();
	under_signals();
	together();
	by_protection();
	by_another_way();
	takes_the_place();
	return 0;
}
