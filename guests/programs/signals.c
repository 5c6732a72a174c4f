// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Signals of every origin: raised, from a timer, from a fault with its address, on an alternate stack,
 * nested, blocked, and interrupting a system call. Registers of the interrupted code must survive, the
 * floating point ones too.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "guests/programs/check.h"

static volatile sig_atomic_t count, in_handler, nested;
static volatile uintptr_t fault_address, handler_stack;
static volatile double disturbed;
static volatile uintptr_t low_address = 0x10;
static sigjmp_buf back;

static void on_usr1(int signal)
{
	char here;

	handler_stack = (uintptr_t)&here;
	disturbed = disturbed * 1.5 + signal;	/* uses FP registers on purpose */
	count++;
}

static void on_usr2(int signal)
{
	in_handler = 1;
	raise(SIGUSR1);
	nested = count;
	in_handler = 0;
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
	fault_address = (uintptr_t)info->si_addr;
	siglongjmp(back, signal);
}

static void catch(int signal, void (*handler)(int), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	CHECK(!sigaction(signal, &action, NULL));
}

static void raised_and_nested(void)
{
	double sum = 0;
	int i;

	for (i = 1; i <= 100; i++) {
		sum += 1.0 / i;
		raise(SIGUSR1);
	}
	CHECK(count == 100);
	CHECK(sum > 5.187377517639620 && sum < 5.187377517639622);
	count = 0;
	raise(SIGUSR2);
	CHECK(count == 1 && nested == 1 && !in_handler);
}

static void blocked(void)
{
	sigset_t set, old, pending;

	count = 0;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	CHECK(!sigprocmask(SIG_BLOCK, &set, &old));
	raise(SIGUSR1);
	raise(SIGUSR1);
	CHECK(count == 0 && !sigpending(&pending) && sigismember(&pending, SIGUSR1));
	CHECK(!sigprocmask(SIG_SETMASK, &old, NULL));
	CHECK(count == 1);	/* standard signals do not queue */
}

static void faults(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int caught;

	CHECK(page != MAP_FAILED);
	CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGFPE, &action, NULL));
	CHECK(!sigaction(SIGTRAP, &action, NULL) && !sigaction(SIGILL, &action, NULL));
	if (!(caught = sigsetjmp(back, 1)))
		*(volatile char *)low_address = 1;
	CHECK(caught == SIGSEGV && fault_address == low_address);
	if (!(caught = sigsetjmp(back, 1)))
		page[123] = 1;
	CHECK(caught == SIGSEGV && fault_address == (uintptr_t)page + 123);
	CHECK(page[123] == 0);
	if (!(caught = sigsetjmp(back, 1)))
		__asm__ volatile("break 7");
	CHECK(caught == SIGFPE);
	if (!(caught = sigsetjmp(back, 1)))
		__asm__ volatile("break 0");
	CHECK(caught == SIGTRAP);
	if (!(caught = sigsetjmp(back, 1)))
		__asm__ volatile("teq $0, $0, 7");
	CHECK(caught == SIGFPE);
	if (!(caught = sigsetjmp(back, 1)))
		__asm__ volatile("mfc0 $2, $12" : : : "$2");	/* privileged: Status */
	CHECK(caught == SIGILL);
}

static void alternate_stack(void)
{
	static char area[65536];
	stack_t stack = { .ss_sp = area, .ss_size = sizeof(area) }, now;

	CHECK(!sigaltstack(&stack, NULL));
	catch(SIGUSR1, on_usr1, SA_ONSTACK);
	raise(SIGUSR1);
	CHECK(handler_stack >= (uintptr_t)area && handler_stack < (uintptr_t)area + sizeof(area));
	CHECK(!sigaltstack(NULL, &now) && now.ss_sp == area && !(now.ss_flags & SS_ONSTACK));
}

static void timer(void)
{
	struct itimerval interval = { { 0, 10000 }, { 0, 10000 } }, off = { { 0, 0 }, { 0, 0 } };
	int ends[2];
	char byte;

	count = 0;
	catch(SIGALRM, on_usr1, 0);
	CHECK(!setitimer(ITIMER_REAL, &interval, NULL));
	while (count < 5)
		;				/* it must interrupt computation ... */
	CHECK(pipe(ends) == 0);
	CHECK(read(ends[0], &byte, 1) == -1 && errno == EINTR);	/* ... and a call that waits */
	CHECK(!setitimer(ITIMER_REAL, &off, NULL));
}

int program_signals(int argc, char **argv)
{
	catch(SIGUSR1, on_usr1, 0);
	catch(SIGUSR2, on_usr2, 0);
	raised_and_nested();
	blocked();
	faults();
	alternate_stack();
	timer();
	return 0;
}
