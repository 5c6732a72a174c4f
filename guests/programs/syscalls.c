// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * System calls one by one: arguments, results, error numbers and registers must cross between the guest
 * program and the guest kernel unharmed, six arguments and restarted calls included.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "guests/programs/check.h"

#if _MIPS_SIM == _ABIO32
typedef uint32_t reg_t;
#else
typedef uint64_t reg_t;
#endif

/* A call with every callee-saved register holding a known value before and after. */
static void saved_registers(void)
{
	register reg_t s0 __asm__("$16") = (reg_t)(reg_t)0x1111111111111111ULL;
	register reg_t s1 __asm__("$17") = (reg_t)(reg_t)0x2222222222222222ULL;
	register reg_t s2 __asm__("$18") = (reg_t)(reg_t)0x3333333333333333ULL;
	register reg_t s3 __asm__("$19") = (reg_t)(reg_t)0x4444444444444444ULL;
	register reg_t v0 __asm__("$2") = SYS_getppid;
	register reg_t a3 __asm__("$7");

	__asm__ volatile("syscall" : "+r"(v0), "=r"(a3), "+r"(s0), "+r"(s1), "+r"(s2), "+r"(s3)
			 : : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25",
			 "hi", "lo", "memory");
	CHECK(a3 == 0 && (pid_t)v0 == getppid());
	CHECK(s0 == (reg_t)0x1111111111111111ULL && s1 == (reg_t)0x2222222222222222ULL);
	CHECK(s2 == (reg_t)0x3333333333333333ULL && s3 == (reg_t)0x4444444444444444ULL);
}

static void files(void)
{
	char name[] = "/tmp/syscalls-XXXXXX", buffer[64];
	struct iovec vector[3] = { { "one ", 4 }, { "two ", 4 }, { "three", 5 } };
	struct stat status;
	char *mapped;
	int fd = mkstemp(name);

	CHECK(fd >= 0);
	CHECK(writev(fd, vector, 3) == 13);
	CHECK(fstat(fd, &status) == 0 && status.st_size == 13);
	CHECK(lseek(fd, 4, SEEK_SET) == 4);
	CHECK(read(fd, buffer, sizeof(buffer)) == 9 && !memcmp(buffer, "two three", 9));
	CHECK(pwrite(fd, "TWO", 3, 4) == 3);
	mapped = mmap(NULL, 13, PROT_READ, MAP_SHARED, fd, 0);	/* six arguments */
	CHECK(mapped != MAP_FAILED && !memcmp(mapped, "one TWO three", 13));
	CHECK(ftruncate(fd, 0) == 0 && fstat(fd, &status) == 0 && status.st_size == 0);
	CHECK(close(fd) == 0 && close(fd) == -1 && errno == EBADF);
	CHECK(unlink(name) == 0 && unlink(name) == -1 && errno == ENOENT);
}

static void time_passes(void)
{
	struct timespec before, after, nap = { 0, 20 * 1000 * 1000 };
	int64_t elapsed;

	CHECK(clock_gettime(CLOCK_MONOTONIC, &before) == 0);
	CHECK(nanosleep(&nap, NULL) == 0);
	CHECK(clock_gettime(CLOCK_MONOTONIC, &after) == 0);
	elapsed = (after.tv_sec - before.tv_sec) * 1000000000L + after.tv_nsec - before.tv_nsec;
	CHECK(elapsed >= nap.tv_nsec);
}

int program_syscalls(int argc, char **argv)
{
	int i;

	for (i = 0; i < 100; i++)
		saved_registers();
	files();
	time_passes();
	CHECK(syscall(__NR_Linux + 999) == -1 && errno == ENOSYS);
	CHECK(syscall(SYS_getpid) == getpid());
	return 0;
}
