/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Floating point where it traps: FP branches with something in their delay slot, FP loads and stores to pages
 * that are not there yet, FP instructions at the end of a page, and SIGFPE.
 *
 * Where the CPU has no FPU a kernel emulates each FP instruction, and of an FP branch the delay slot as well:
 * the guest's own kernel on metal, that of the Host under the Wedge, in whose processes for guest code it does
 * not find the memory it counts on.
 */
#include <fenv.h>
#include <float.h>
#include <signal.h>
#include <sys/cachectl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define PAGE		4096
#define FCSR_ENABLES	(31u << 7)

static int content;	/* a file with two pages of doubles: 0.0, 1.0, ... */

/* Two pages that nobody has touched. */
static double *fresh(void)
{
	double *pages = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE, content, 0);

	CHECK(pages != MAP_FAILED);
	return pages;
}

/* --- Branches --- */

/* Adds 1 in the slot, and 16 behind it if the branch is not taken. */
#define BRANCH(op, a, b) __extension__({						\
	long n_ = 0;									\
	__asm__ volatile(".set push\n\t.set noreorder\n\tc.lt.d %1, %2\n\t"		\
			 op " 1f\n\t daddiu %0, %0, 1\n\tdaddiu %0, %0, 16\n1:\n\t.set pop"	\
			 : "+r"(n_) : "f"(a), "f"(b));					\
	n_; })

/* Does `slot` in the slot of a branch that is taken; %0 is `inout`, %1 and %2 are inputs. */
#define IN_SLOT(constraint, inout, slot, in1, in2)					\
	__asm__ volatile(".set push\n\t.set noreorder\n\t.set arch=octeon\n\tc.eq.d %3, %3\n\t"	\
			 "bc1t 1f\n\t " slot "\n\tteq $0, $0\n1:\n\t.set pop"		\
			 : constraint(inout) : "r"(in1), "r"(in2), "f"(1.0) : "memory")

static void branches(void)
{
	for (int i = 0; i < 3; i++) {
		CHECK(BRANCH("bc1t", 1.0, 2.0) == 1);
		CHECK(BRANCH("bc1t", 2.0, 1.0) == 17);
		CHECK(BRANCH("bc1f", 1.0, 2.0) == 17);
		CHECK(BRANCH("bc1f", 2.0, 1.0) == 1);
		CHECK(BRANCH("bc1tl", 1.0, 2.0) == 1);
		CHECK(BRANCH("bc1tl", 2.0, 1.0) == 16);
		CHECK(BRANCH("bc1fl", 1.0, 2.0) == 16);
		CHECK(BRANCH("bc1fl", 2.0, 1.0) == 1);
	}
}

static void slots(void)
{
	double *pages = fresh(), x = 0;
	long bits = 0;

	IN_SLOT("+r", bits, "ld %0, 8(%1)", pages, 0);			/* page 0: not there */
	CHECK(bits == 0x3ff0000000000000);
	IN_SLOT("+f", x, "ldc1 %0, 24(%1)", pages + PAGE / 8, 0);	/* page 1: not there */
	CHECK(x == PAGE / 8 + 3);
	IN_SLOT("+f", x, "sdc1 %0, 16(%1)", pages, 0);			/* there, but not to be written yet */
	CHECK(pages[2] == PAGE / 8 + 3);
	IN_SLOT("+f", x, "sub.d %0, %0, %0", pages, 0);
	CHECK(x == 0);
	IN_SLOT("+r", bits, "dpop %0, %1", 0xff01ul, 0);		/* for CPUs that do not know it, too */
	CHECK(bits == 9);
	IN_SLOT("+r", bits, "movt %0, %1, $fcc0", 77, 0);
	CHECK(bits == 77);
	munmap(pages, 2 * PAGE);
}

/* --- Memory --- */

static void indexed(void)
{
	double *pages = fresh(), x;
	float f;

	__asm__ volatile("ldxc1 %0, %1(%2)" : "=f"(x) : "r"(40l), "r"(pages) : "memory");
	CHECK(x == 5);
	__asm__ volatile("sdxc1 %0, %1(%2)" : : "f"(x), "r"(48l), "r"(pages) : "memory");
	CHECK(pages[6] == 5);
	f = 2.5;
	__asm__ volatile("swxc1 %1, %2(%3)\n\tlwxc1 %0, %2(%3)" : "=f"(f) : "f"(f), "r"(PAGE + 64l), "r"(pages) : "memory");
	CHECK(f == 2.5);
	munmap(pages, 2 * PAGE);
}

/* Runs code that ends with page 0 or a word behind it, in pages of a process that has seen neither. */
static double at_end_of_page(const unsigned *code, unsigned words, unsigned words_behind, int unmap)
{
	double *pages = fresh(), out = 0;
	int status, pipes[2];

	memcpy((char *)pages + PAGE - 4 * (words - words_behind), code, 4 * words);
	CHECK(!cacheflush(pages, 2 * PAGE, BCACHE));
	if (unmap)
		munmap((char *)pages + PAGE, PAGE);
	CHECK(!pipe(pipes));
	if (!fork()) {
		double (*function)(double) = (void *)((char *)pages + PAGE - 4 * (words - words_behind));
		double got = function(1.5);

		_exit(write(pipes[1], &got, sizeof(got)) != sizeof(got));
	}
	CHECK(wait(&status) > 0 && status == 0 && read(pipes[0], &out, sizeof(out)) == sizeof(out));
	close(pipes[0]);
	close(pipes[1]);
	munmap(pages, 2 * PAGE);
	return out;
}

static void ends_of_pages(void)
{
	static const unsigned add_on_next[] = { 0x462c6000, 0x03e00008, 0 };	/* add.d $f0, $f12, $f12; | jr $ra; nop */
	static const unsigned add_in_slot[] = { 0x03e00008, 0x462c6000 };	/* jr $ra; add.d $f0, $f12, $f12 | */

	CHECK(at_end_of_page(add_on_next, 3, 2, 0) == 3.0);
	CHECK(at_end_of_page(add_in_slot, 2, 0, 1) == 3.0);
}

/* --- SIGFPE --- */

static volatile int code;

/* Returns to the instruction, with the exception disabled. */
static void on_fpe(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	code = info->si_code;
	uc->uc_mcontext.fpc_csr &= ~FCSR_ENABLES;
}

static void exceptions(void)
{
	static const struct {
		int exception, code;
		double a, b;
	} cases[] = {
		{ FE_DIVBYZERO, FPE_FLTDIV, 1, 0 },
		{ FE_INVALID, FPE_FLTINV, 0, 0 },
		{ FE_OVERFLOW, FPE_FLTOVF, DBL_MAX, 0.5 },
		{ FE_INEXACT, FPE_FLTRES, 1, 3 },
	};
	struct sigaction action = { .sa_sigaction = on_fpe, .sa_flags = SA_SIGINFO };

	CHECK(!sigaction(SIGFPE, &action, NULL));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		volatile double a = cases[i].a, b = cases[i].b;
		double direct, in_slot;

		for (int slot = 0; slot < 2; slot++) {
			feclearexcept(FE_ALL_EXCEPT);	/* a cause that is set when it is enabled raises SIGFPE itself */
			CHECK(feenableexcept(cases[i].exception) >= 0);
			code = 0;
			if (slot)
				__asm__ volatile(".set push\n\t.set noreorder\n\tb 1f\n\t div.d %0, %1, %2\n\tteq $0, $0\n1:\n\t.set pop"
						 : "=f"(in_slot) : "f"(a), "f"(b));
			else
				__asm__ volatile("div.d %0, %1, %2" : "=f"(direct) : "f"(a), "f"(b));
			CHECK(code == cases[i].code);
		}
		CHECK(!memcmp(&direct, &in_slot, sizeof(direct)));
	}
}

int program_fp_traps(int argc, char **argv)
{
	double numbers[2 * PAGE / 8];

	for (int i = 0; i < 2 * PAGE / 8; i++)
		numbers[i] = i;
	content = memfd_create("numbers", 0);
	CHECK(content >= 0 && write(content, numbers, sizeof(numbers)) == sizeof(numbers));
	branches();
	slots();
	indexed();
	ends_of_pages();
	exceptions();
	return 0;
}
