// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations of the kernel for a single process: system calls, signals, memory.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"

/* The loop of all measurements, around a call that the compiler neither inlines nor leaves out. */
static __attribute__((noipa)) void nothing(void)
{
}

uint64_t measure_nothing(unsigned long n)
{
	uint64_t start = now();

	for (unsigned long i = 0; i < n; i++)
		nothing();
	return now() - start;
}

uint64_t measure_null(unsigned long n)
{
	uint64_t start = now();

	for (unsigned long i = 0; i < n; i++)
		getppid();
	return now() - start;
}

uint64_t measure_read(unsigned long n)
{
	int fd = open("/dev/zero", O_RDONLY);
	uint64_t start, end;
	char byte;

	need(fd >= 0 && read(fd, &byte, 1) == 1, "reading /dev/zero");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		if (read(fd, &byte, 1) != 1)
			break;
	end = now();
	close(fd);
	return end - start;
}

uint64_t measure_write(unsigned long n)
{
	int fd = open("/dev/null", O_WRONLY);
	uint64_t start, end;

	need(fd >= 0 && write(fd, "", 1) == 1, "writing /dev/null");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		if (write(fd, "", 1) != 1)
			break;
	end = now();
	close(fd);
	return end - start;
}

uint64_t measure_stat(unsigned long n)
{
	struct stat s;
	uint64_t start;

	need(!stat(bench_file, &s), "stat of the program's own file");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		stat(bench_file, &s);
	return now() - start;
}

uint64_t measure_clock(unsigned long n)
{
	struct timespec t;
	uint64_t start = now();

	for (unsigned long i = 0; i < n; i++)
		clock_gettime(CLOCK_MONOTONIC, &t);
	return now() - start;
}

static volatile sig_atomic_t handled;

static void handler(int number)
{
	handled++;
}

uint64_t measure_signal(unsigned long n)
{
	struct sigaction action = { .sa_handler = handler };
	pid_t self = getpid();
	uint64_t start, end;

	need(!sigaction(SIGUSR1, &action, NULL), "sigaction");
	handled = 0;
	start = now();
	for (unsigned long i = 0; i < n; i++)
		kill(self, SIGUSR1);
	end = now();
	need((unsigned long)handled == n, "one signal handled for each one sent");
	return end - start;
}

/*
 * Some pages are touched, then taken away, which is a small part of this. So few that they stay in the page
 * allocator's list of this core: with 256 the state of the lists behind it made runs differ by a tenth.
 */
#define FAULT_PAGES 16

uint64_t measure_fault(unsigned long n)
{
	long page = sysconf(_SC_PAGESIZE);
	volatile char *memory = mmap(NULL, FAULT_PAGES * page, PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start, end;

	need(memory != MAP_FAILED, "mmap");
	start = now();
	for (unsigned long i = 0; i < n; i++) {
		unsigned long k = i % FAULT_PAGES;

		if (!k && i)
			madvise((void *)memory, FAULT_PAGES * page, MADV_DONTNEED);
		memory[k * page] = 1;
	}
	end = now();
	munmap((void *)memory, FAULT_PAGES * page);
	return end - start;
}

/* A file all of which is in memory, mapped anew for each turn. */
#define CACHED_PAGES 256

uint64_t measure_cached(unsigned long n)
{
	const long page = sysconf(_SC_PAGESIZE);
	const size_t size = CACHED_PAGES * page;
	int fd = memfd_create("cached", 0);
	volatile char *memory = NULL;
	uint64_t start, end;

	need(fd >= 0 && !ftruncate(fd, size), "a file in memory");
	for (unsigned long i = 0; i < CACHED_PAGES; i++)
		need(pwrite(fd, "", 1, i * page) == 1, "writing to a file in memory");
	start = now();
	for (unsigned long i = 0; i < n; i++) {
		if (i % CACHED_PAGES == 0) {
			if (memory)
				munmap((void *)memory, size);
			memory = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
			need(memory != MAP_FAILED, "mapping a file in memory");
		}
		(void)memory[i % CACHED_PAGES * page];
	}
	end = now();
	if (memory)
		munmap((void *)memory, size);
	close(fd);
	return end - start;
}

#define MMAP_PAGES 16

uint64_t measure_mmap(unsigned long n)
{
	long page = sysconf(_SC_PAGESIZE);
	uint64_t start = now();

	for (unsigned long i = 0; i < n; i++) {
		volatile char *memory = mmap(NULL, MMAP_PAGES * page, PROT_READ | PROT_WRITE,
					     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		need(memory != MAP_FAILED, "mmap");
		for (int k = 0; k < MMAP_PAGES; k++)
			memory[k * page] = 1;
		munmap((void *)memory, MMAP_PAGES * page);
	}
	return now() - start;
}
