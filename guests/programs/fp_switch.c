/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FP registers belong to a thread: they outlive a switch to another one that uses FP, and fork().
 *
 * The first use of FP is special under the Wedge, which learns of it only afterwards: so several children
 * use it for the first time while they compete for the CPU. This program stands first in /tests/all,
 * because there is a first use only once. Some are interrupted at that moment by a signal whose handler does not
 * return.
 *
 * And COP2, of which this machine may have nothing: a program that uses it may die, the kernel may not.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define CHILDREN	4
#define TURNS		2000000		/* some 10 ms, a tick, on a slow machine */
#define FORKS		10

/* Puts `in` into an FP register, lets others run, and gives what is in it then. */
static uint64_t keep(uint64_t in, long turns)
{
	uint64_t out;

	__asm__ volatile(".set push\n\t.set noreorder\n\t"
			 "dmtc1 %1, $f24\n"
			 "1:	bnez %2, 1b\n\t"
			 " daddiu %2, %2, -1\n\t"
			 "dmfc1 %0, $f24\n\t.set pop"
			 : "=r"(out) : "r"(in), "r"(turns) : "$f24");
	return out;
}

static sigjmp_buf back;
static volatile uint64_t waiting;	/* the address at which to be interrupted */

/* Later each time: on a slow machine a signal may need longer than the first moment, and nothing else would be done. */
static void soon(void)
{
	static int us = 500;
	struct itimerval moment = { .it_value.tv_usec = us };

	us = us < 200000 ? us * 2 : us;
	setitimer(ITIMER_REAL, &moment, NULL);
}

static void on_alarm(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	if (uc->uc_mcontext.pc - waiting < 8)
		siglongjmp(back, 1);
	soon();
}

/* Sets FCSR and an FP register that longjmp() leaves alone, and is interrupted by a signal before anything else. */
static int leaves(uint64_t in, unsigned fcsr)
{
	struct sigaction action = { .sa_sigaction = on_alarm, .sa_flags = SA_SIGINFO };
	uint64_t out;
	unsigned long control;

	sigaction(SIGALRM, &action, NULL);
	if (!sigsetjmp(back, 1)) {
		soon();
		__asm__ volatile(LOAD_ADDRESS "$2, 1f\n\tsd $2, %0\n\tctc1 %2, $31\n\tdmtc1 %1, $f21\n1:	b 1b"
				 : "=m"(waiting) : "r"(in), "r"((long)fcsr) : "$2", "$f21");
	}
	__asm__ volatile("dmfc1 %0, $f21\n\tcfc1 %1, $31" : "=r"(out), "=r"(control));
	return out == in && control == fcsr;
}

static void first_use(void)
{
	for (int i = 0; i < CHILDREN; i++) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (!child) {
			for (volatile long n = TURNS / 4; n; n--)
				;
			if (i % 2 == 0) {
				CHECK(leaves(0x4100000000000000ull + i, 1 + i));
				CHECK(leaves(0x4200000000000000ull + i, 3 - i));
			}
			_exit(keep(0x4000000000000000ull + i, TURNS) != 0x4000000000000000ull + i);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status;

		CHECK(wait(&status) > 0 && status == 0);
	}
}

/* The register is set before and read after fork() by one asm, so that no function call comes between. */
static void over_fork(void)
{
	for (unsigned long i = 0; i < FORKS; i++) {
		uint64_t in = 0x3ff0000000000000ull + i, out;
		long pid;
		int status;

		__asm__ volatile("dmtc1 %2, $f24\n\tli $2, %3\n\tsyscall\n\tmove %1, $2\n\tdmfc1 %0, $f24"
				 : "=&r"(out), "=&r"(pid) : "r"(in), "i"(SYS_fork)
				 : "$f24", "$2", "$3", "$7", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15",
				   "$24", "$25", "memory");
		if (!pid)
			_exit(out != in);
		CHECK(out == in);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
}

static void cop2(void)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		__asm__ volatile(".word 0x48a80048");	/* dmtc2 $8, 0x48: the AES unit's */
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child);
	CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGILL));
}

int program_fp_switch(int argc, char **argv)
{
	first_use();
	over_fork();
	cop2();
	return 0;
}
