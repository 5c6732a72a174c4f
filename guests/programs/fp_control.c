/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FCSR, the control and status register of floating point: rounding modes, flags, conditions, exceptions.
 *
 * It belongs to a thread, like the FP registers, but computing does not show that it was lost: 1/3 to the nearest
 * is as good a number as 1/3 rounded up. So each result here is known to the bit, with what FCSR must be behind it,
 * and FCSR is looked at again after everything that may take a thread off its CPU.
 */
#include <float.h>
#include <pthread.h>
#include <sched.h>
#include <inttypes.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "guests/programs/check.h"

/* RM */
enum { NEAREST, ZERO, UP, DOWN, MODES, MODE = MODES - 1 };
/* Bits of Flags, Enables and Cause. */
enum { I = 1, U = 2, O = 4, Z = 8, V = 16 };
#define FLAGS(e)	((e) << 2)
#define ENABLES(e)	((e) << 7)
#define CAUSE(e)	((e) << 12)
#define CONDITION	0x00800000
#define FLUSH		0x01000000u
#define NOTHING		0x7ff7ffffffffffff	/* not a number: what the CPU makes of 0/0 */
#define FPC_CSR		69			/* for PTRACE_PEEKUSER */

static uint32_t fcsr(void)
{
	long value;

	/* A Linux that emulates it does not extend the sign. */
	__asm__ volatile("cfc1 %0, $31\n\tsll %0, %0, 0" : "=r"(value));
	return value;
}

static void set_fcsr(uint32_t value)
{
	__asm__ volatile("ctc1 %0, $31" : : "r"((long)(int)value));
}

/* --- Results --- */

/* One instruction under `before`; its result in bits, FCSR behind it. */
#define EXECUTE(text, a, b)									\
	__asm__ volatile("ctc1 %4, $31\n\t" text "\n\tcfc1 %1, $31\n\tsll %1, %1, 0"		\
			 : "=&f"(result), "=r"(behind) : "f"(a), "f"(b), "r"((long)before))

enum operation { ADD, DIV, SQRT, TO_WORD, TO_LONG, TO_SINGLE, TRUNC, ROUND, CEIL, FLOOR, LESS, ORDERED_LESS };

static uint64_t execute(enum operation op, double a, double b, uint32_t before, uint32_t *after)
{
	double result = 0;
	uint64_t bits;
	long behind = 0;

	switch (op) {
	case ADD: EXECUTE("add.d %0, %2, %3", a, b); break;
	case DIV: EXECUTE("div.d %0, %2, %3", a, b); break;
	case SQRT: EXECUTE("sqrt.d %0, %2", a, b); break;
	case TO_WORD: EXECUTE("cvt.w.d %0, %2", a, b); break;
	case TO_LONG: EXECUTE("cvt.l.d %0, %2", a, b); break;
	case TO_SINGLE: EXECUTE("cvt.s.d %0, %2", a, b); break;
	case TRUNC: EXECUTE("trunc.w.d %0, %2", a, b); break;
	case ROUND: EXECUTE("round.w.d %0, %2", a, b); break;
	case CEIL: EXECUTE("ceil.w.d %0, %2", a, b); break;
	case FLOOR: EXECUTE("floor.w.d %0, %2", a, b); break;
	case LESS: EXECUTE("c.lt.d %2, %3\n\tmov.d %0, %2", a, b); break;
	case ORDERED_LESS: EXECUTE("c.olt.d %2, %3\n\tmov.d %0, %2", a, b); break;
	}
	*after = behind;
	memcpy(&bits, &result, sizeof(bits));
	return op == TO_WORD || op == TO_SINGLE || op == TRUNC || op == ROUND || op == CEIL || op == FLOOR ?
	       (uint32_t)bits : bits;
}

static double from_bits(uint64_t bits)
{
	double value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static void results(void)
{
	static const struct {
		enum operation op;
		double a, b;
		uint64_t result[MODES];
		unsigned raised;
	} cases[] = {
		{ ADD, 1, 2, { 0x4008000000000000, 0x4008000000000000, 0x4008000000000000, 0x4008000000000000 }, 0 },
		{ ADD, 1, 1e-30, { 0x3ff0000000000000, 0x3ff0000000000000, 0x3ff0000000000001, 0x3ff0000000000000 }, I },
		{ DIV, 1, 3, { 0x3fd5555555555555, 0x3fd5555555555555, 0x3fd5555555555556, 0x3fd5555555555555 }, I },
		{ DIV, -1, 3, { 0xbfd5555555555555, 0xbfd5555555555555, 0xbfd5555555555555, 0xbfd5555555555556 }, I },
		{ DIV, 1, 0, { 0x7ff0000000000000, 0x7ff0000000000000, 0x7ff0000000000000, 0x7ff0000000000000 }, Z },
		{ DIV, 0, 0, { NOTHING, NOTHING, NOTHING, NOTHING }, V },
		{ DIV, DBL_MAX, 0.5, { 0x7ff0000000000000, 0x7fefffffffffffff, 0x7ff0000000000000, 0x7fefffffffffffff }, O | I },
		{ DIV, DBL_MIN, 3, { 0x0005555555555555, 0x0005555555555555, 0x0005555555555556, 0x0005555555555555 }, U | I },
		{ SQRT, 2, 0, { 0x3ff6a09e667f3bcd, 0x3ff6a09e667f3bcc, 0x3ff6a09e667f3bcd, 0x3ff6a09e667f3bcc }, I },
		{ SQRT, -1, 0, { NOTHING, NOTHING, NOTHING, NOTHING }, V },
		{ TO_WORD, 2.5, 0, { 2, 2, 3, 2 }, I },
		{ TO_WORD, -2.5, 0, { (uint32_t)-2, (uint32_t)-2, (uint32_t)-2, (uint32_t)-3 }, I },
		{ TO_WORD, 1e300, 0, { 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff }, V },
		{ TO_LONG, -7.5, 0, { (uint64_t)-8, (uint64_t)-7, (uint64_t)-7, (uint64_t)-8 }, I },
		{ TO_SINGLE, 1.1, 0, { 0x3f8ccccd, 0x3f8ccccc, 0x3f8ccccd, 0x3f8ccccc }, I },
		{ TRUNC, 2.75, 0, { 2, 2, 2, 2 }, I },
		{ ROUND, 2.75, 0, { 3, 3, 3, 3 }, I },
		{ CEIL, 2.25, 0, { 3, 3, 3, 3 }, I },
		{ FLOOR, 2.75, 0, { 2, 2, 2, 2 }, I },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned mode = 0; mode < MODES; mode++) {
			uint32_t after, raised = cases[i].raised;

			/* Flags stay, the cause is that of the last instruction. */
			for (unsigned old = 0; old < 32; old += 31) {
				uint64_t got = execute(cases[i].op, cases[i].a, cases[i].b, FLAGS(old) | CAUSE(old) | mode, &after);

				if (got != cases[i].result[mode] || after != (FLAGS(old | raised) | CAUSE(raised) | mode))
					fprintf(stderr, "case %zu, mode %u: %016" PRIx64 ", FCSR %08x\n", i, mode, got, after);
				CHECK(got == cases[i].result[mode]);
				CHECK(after == (FLAGS(old | raised) | CAUSE(raised) | mode));
			}
		}
	set_fcsr(0);
}

static void conditions(void)
{
	double none = from_bits(NOTHING);
	uint32_t after;

	execute(LESS, 1, 2, UP, &after);
	CHECK(after == (CONDITION | UP));
	execute(LESS, 2, 1, CONDITION | UP, &after);
	CHECK(after == UP);
	execute(LESS, none, 1, CONDITION | UP, &after);
	CHECK(after == (FLAGS(V) | CAUSE(V) | UP));
	execute(ORDERED_LESS, none, 1, CONDITION | UP, &after);
	CHECK(after == UP);
	set_fcsr(0);
}

/* --- FCSR stays --- */

static void on_usr1(int signal)
{
	set_fcsr(ZERO);			/* the handler's own, until it returns */
}

static void calls(uint32_t value)
{
	struct timespec moment = { .tv_nsec = 3000000 };
	volatile char *page;
	int status;
	pid_t child;

	set_fcsr(value);
	CHECK(fcsr() == value);
	getppid();
	CHECK(fcsr() == value);
	sched_yield();
	CHECK(fcsr() == value);
	for (volatile long n = 0; n < 300000; n++)	/* some ticks of the clock */
		;
	CHECK(fcsr() == value);
	nanosleep(&moment, NULL);
	CHECK(fcsr() == value);
	raise(SIGUSR1);
	CHECK(fcsr() == value);
	page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(page != MAP_FAILED);
	*page = 1;
	CHECK(fcsr() == value);
	munmap((void *)page, 4096);
	child = fork();
	CHECK(child >= 0 && fcsr() == value);
	if (!child) {
		set_fcsr(value ^ 1);
		sched_yield();
		_exit(fcsr() != (value ^ 1));
	}
	CHECK(fcsr() == value);
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK(fcsr() == value);
}

/* Each rounds in a way of its own, all at once. */
static void *round_on(void *argument)
{
	static const uint64_t third[MODES] = { 0x3fd5555555555555, 0x3fd5555555555555, 0x3fd5555555555556, 0x3fd5555555555555 };
	static const uint64_t minus[MODES] = { 0xbfd5555555555555, 0xbfd5555555555555, 0xbfd5555555555555, 0xbfd5555555555556 };
	uint32_t mode = (uintptr_t)argument;

	set_fcsr(mode);
	for (int i = 0; i < 200; i++) {
		for (int k = 0; k < 20; k++) {
			volatile double one = 1, three = 3;
			double up = one / three, down = -one / three;

			CHECK(!memcmp(&up, &third[mode], sizeof(up)) && !memcmp(&down, &minus[mode], sizeof(down)));
			CHECK(fcsr() == (FLAGS(I) | CAUSE(I) | mode));
		}
		if (i % 8 == 0)
			sched_yield();
	}
	return NULL;
}

static void together(void)
{
	pthread_t threads[MODES];
	pid_t children[MODES];
	int status;

	for (uintptr_t i = 0; i < MODES; i++) {
		CHECK((children[i] = fork()) >= 0);
		if (!children[i]) {
			round_on((void *)i);
			_exit(0);
		}
	}
	for (uintptr_t i = 0; i < MODES; i++)
		CHECK(!pthread_create(&threads[i], NULL, round_on, (void *)i));
	for (unsigned i = 0; i < MODES; i++)
		CHECK(!pthread_join(threads[i], NULL));
	for (unsigned i = 0; i < MODES; i++)
		CHECK(waitpid(children[i], &status, 0) == children[i] && status == 0);
}

/* A new program begins with FCSR clear, a debugger sees and sets it. */
static void others(void)
{
	pid_t child = fork();
	int status;

	CHECK(child >= 0);
	if (!child) {
		set_fcsr(FLAGS(I) | UP);
		execl(SELF, "fp_control", "fresh", NULL);
		_exit(1);
	}
	CHECK(waitpid(child, &status, 0) == child && status == 0);
	CHECK((child = fork()) >= 0);
	if (!child) {
		CHECK(!ptrace(PTRACE_TRACEME, 0, NULL, NULL));
		set_fcsr(UP);
		raise(SIGSTOP);
		_exit(fcsr() != (FLAGS(U) | DOWN));
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSTOPPED(status));
	CHECK(ptrace(PTRACE_PEEKUSER, child, FPC_CSR, NULL) == UP);
	CHECK(!ptrace(PTRACE_POKEUSER, child, FPC_CSR, FLAGS(U) | DOWN));
	CHECK(!ptrace(PTRACE_CONT, child, NULL, NULL));
	CHECK(waitpid(child, &status, 0) == child && status == 0);
}

/* --- SIGFPE --- */

static volatile int code;
static volatile uint64_t where, pc;
static volatile uint32_t seen, then;	/* FCSR in the signal's frame, and what it is to be; SKIP: go on behind */
static volatile int taken;
#define SKIP		0xffffffff
#define WHERE_IS(at)	(pc == (at) && (where == (at) || !where))	/* Linux's emulator does not say where */
static sigjmp_buf back;

static void on_fpe(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	taken++;
	code = info->si_code;
	where = (uintptr_t)info->si_addr;
	pc = uc->uc_mcontext.pc;
	seen = uc->uc_mcontext.fpc_csr;
	if (then == SKIP)
		uc->uc_mcontext.pc += 4;
	else
		uc->uc_mcontext.fpc_csr = then;
}

static void on_fpe_leave(int signal)
{
	siglongjmp(back, 1);
}

/* Divides, with FCSR first `before`; gives the address of the division. */
static uint64_t divide(double a, double b, uint32_t before, double *quotient, uint32_t *after)
{
	uintptr_t at;
	long behind = 0;
	double q = -1;

	__asm__ volatile("ctc1 %5, $31\n\t" LOAD_ADDRESS "%1, 1f\n"
			 "1:	div.d %0, %3, %4\n\tcfc1 %2, $31"
			 : "+&f"(q), "=&r"(at), "=r"(behind) : "f"(a), "f"(b), "r"((long)before));
	*after = behind;
	*quotient = q;
	return at;
}

static void exceptions(void)
{
	static const struct {
		unsigned enabled, code, or;	/* Linux's emulator names the first cause that is enabled, else it is the first */
		double a, b;
		unsigned raised;
	} cases[] = {
		{ V, FPE_FLTINV, FPE_FLTINV, 0, 0, V },
		{ Z, FPE_FLTDIV, FPE_FLTDIV, 1, 0, Z },
		{ O, FPE_FLTOVF, FPE_FLTOVF, DBL_MAX, 0.5, O | I },
		{ O | I, FPE_FLTOVF, FPE_FLTOVF, DBL_MAX, 0.5, O | I },
		{ I, FPE_FLTRES, FPE_FLTOVF, DBL_MAX, 0.5, O | I },
		{ U, FPE_FLTUND, FPE_FLTUND, DBL_MIN, 3, U | I },
		{ U | I, FPE_FLTUND, FPE_FLTUND, DBL_MIN, 3, U | I },
		{ I, FPE_FLTRES, FPE_FLTRES, 1, 3, I },
		{ V | Z | O | U | I, FPE_FLTRES, FPE_FLTRES, 2, 3, I },
	};
	struct sigaction action = { .sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO };
	double quotient;
	uint32_t after;
	uint64_t at;

	CHECK(!sigaction(SIGFPE, &action, NULL));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double a = cases[i].a, b = cases[i].b;
		uint32_t enables = ENABLES(cases[i].enabled);

		/* The handler disables the exception and chooses a mode: the division is done again. */
		then = UP, taken = 0;
		at = divide(a, b, enables | DOWN, &quotient, &after);
		CHECK(taken == 1 && (code == (int)cases[i].code || code == (int)cases[i].or) && WHERE_IS(at));
		CHECK((seen & (ENABLES(31) | MODE)) == (enables | DOWN));
		CHECK(!(seen >> 12 & cases[i].enabled));	/* the cause is gone, or it would raise again */
		CHECK(after == (FLAGS(cases[i].raised) | CAUSE(cases[i].raised) | UP));
		/* The handler goes on behind it: no result, and the next one raises again. */
		then = SKIP;
		for (int again = 2; again < 4; again++) {
			divide(a, b, enables | DOWN, &quotient, &after);
			CHECK(taken == again && quotient == -1);
			CHECK((after & (ENABLES(31) | MODE)) == (enables | DOWN));
		}
		/* Others do not. */
		divide(1, 2, enables | UP, &quotient, &after);
		CHECK(taken == 3 && quotient == 0.5 && after == (enables | UP));
	}
	set_fcsr(0);
}

/* A cause that is written while it is enabled, or enabled while it is there, raises at the CTC1. */
static void written(void)
{
	static const int codes[] = { FPE_FLTRES, FPE_FLTUND, FPE_FLTOVF, FPE_FLTDIV, FPE_FLTINV };
	uintptr_t at;

	then = SKIP;
	for (unsigned i = 0; i < 5; i++) {
		uint32_t value = CAUSE(1u << i) | ENABLES(1u << i) | UP;

		taken = 0;
		__asm__ volatile(LOAD_ADDRESS "%0, 1f\n1:	ctc1 %1, $31" : "=&r"(at) : "r"((long)value));
		CHECK(taken == 1 && code == codes[i] && WHERE_IS(at));
		CHECK((fcsr() & ~FLAGS(31)) == (ENABLES(1u << i) | UP));
		set_fcsr(0);
	}
	set_fcsr(CAUSE(31) | FLAGS(31));	/* of which none is enabled */
	getppid();
	CHECK(taken == 1 && fcsr() == (CAUSE(31) | FLAGS(31)));
	set_fcsr(0);
}

/* Out of the handler by longjmp(), which leaves FCSR alone: its cause must not come back to life. */
static void left(void)
{
	struct sigaction action = { .sa_handler = on_fpe_leave };
	double quotient;
	uint32_t after;
	int status;
	pid_t child;

	CHECK(!sigaction(SIGFPE, &action, NULL));
	for (volatile int i = 0; i < 4; i++) {
		if (!sigsetjmp(back, 1)) {
			divide(1, 0, ENABLES(Z) | UP, &quotient, &after);
			CHECK(!"a division by zero came back");
		}
		CHECK((fcsr() & (ENABLES(31) | MODE)) == (ENABLES(Z) | UP));
		getppid();
		CHECK((fcsr() & (ENABLES(31) | MODE)) == (ENABLES(Z) | UP));
	}
	set_fcsr(0);
	CHECK((child = fork()) >= 0);
	if (!child) {
		signal(SIGFPE, SIG_DFL);
		divide(1, 0, ENABLES(Z), &quotient, &after);
		_exit(0);
	}
	CHECK(waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGFPE);
}

int program_fp_control(int argc, char **argv)
{
	if (argc > 1) {			/* execl() above */
		CHECK(fcsr() == 0);
		_exit(0);
	}
	CHECK(signal(SIGUSR1, on_usr1) != SIG_ERR);
	results();
	conditions();
	calls(UP);
	calls(FLUSH | FLAGS(V | U) | DOWN);
	calls(0xfe000000 | CONDITION | FLAGS(31) | ZERO);	/* all conditions */
	set_fcsr(0);
	together();
	others();
	exceptions();
	written();
	left();
	return 0;
}
