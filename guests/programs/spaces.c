// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A hunt for mappings that are stale: pages of every kind are mapped, protected, moved, dropped and unmapped at random, written and read by
 * the program and by the kernel for it, in children too. Each access must find what was stored last where it is allowed, and nothing
 * where it is not.
 *
 *	spaces [STEPS [SEED]]
 */
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "guests/programs/check.h"

#define PAGES 48
#define FILE_PAGES 8
#define STEPS 400

enum kind { NONE, ANONYMOUS, SHARED, PRIVATE };	/* of a file: SHARED, PRIVATE */

static struct page {
	enum kind kind;
	int prot;
	unsigned of;		/* the file's page */
	bool copied;		/* PRIVATE: it has been written, and is no more the file's */
	uint64_t value;		/* ANONYMOUS, or copied: what is there */
} page[PAGES];

static uint64_t file_value[FILE_PAGES];
static uint8_t *base;
static size_t size;
static int file, sink[2];

/* Not rand(): it is to be the same everywhere. */
static uint64_t state = 88172645463325252ull;

static unsigned chance(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % n;
}

/* The word of a page, where that of the file's page is that it may show. */
static volatile uint64_t *at(unsigned n)
{
	return (volatile uint64_t *)(base + n * size + 8 * (n % FILE_PAGES));
}

static uint64_t expected(const struct page *p)
{
	return p->kind == SHARED || (p->kind == PRIVATE && !p->copied) ? file_value[p->of] : p->value;
}

static void stored(struct page *p, uint64_t value)
{
	if (p->kind == SHARED) {
		file_value[p->of] = value;
		return;
	}
	p->copied = true;
	p->value = value;
}

static sigjmp_buf faulted;

static void on_fault(int number)
{
	siglongjmp(faulted, 1);
}

/* By the program. False: it must not. */
static bool load(unsigned n, uint64_t *value)
{
	if (sigsetjmp(faulted, 1))
		return false;
	*value = *at(n);
	return true;
}

static bool store(unsigned n, volatile const uint64_t value)
{
	if (sigsetjmp(faulted, 1))
		return false;
	*at(n) = value;
	return true;
}

/* By the kernel, through a pipe: what is not copied stays in it, so that is empty before and after. */
static bool kernel_load(unsigned n, uint64_t *value)
{
	if (write(sink[1], (void *)at(n), 8) != 8) {
		CHECK(errno == EFAULT);
		return false;
	}
	CHECK(read(sink[0], value, 8) == 8);
	return true;
}

static bool kernel_store(unsigned n, uint64_t value)
{
	ssize_t got;

	CHECK(write(sink[1], &value, 8) == 8);
	got = read(sink[0], (void *)at(n), 8);
	if (got == 8)
		return true;
	CHECK(got < 0 && errno == EFAULT && read(sink[0], &value, 8) == 8);
	return false;
}

static void check_page(unsigned n, bool by_kernel)
{
	const struct page *p = &page[n];
	const bool may = p->kind && p->prot & PROT_READ;
	uint64_t value = 0;

	CHECK((by_kernel ? kernel_load(n, &value) : load(n, &value)) == may);
	CHECK(!may || value == expected(p));
}

static void change_page(unsigned n, bool by_kernel)
{
	struct page *p = &page[n];
	const bool may = p->kind && p->prot & PROT_WRITE;
	const uint64_t value = (uint64_t)chance(1 << 30) << 20 | n;

	CHECK((by_kernel ? kernel_store(n, value) : store(n, value)) == may);
	if (may)
		stored(p, value);
}

static int random_prot(void)
{
	static const int prots[] = { PROT_NONE, PROT_READ, PROT_READ, PROT_READ | PROT_WRITE, PROT_READ | PROT_WRITE };

	return prots[chance(5)];
}

static void map(unsigned n)
{
	struct page *p = &page[n];

	*p = (struct page){ .kind = 1 + chance(3), .prot = random_prot(), .of = n % FILE_PAGES };
	CHECK(mmap(base + n * size, size, p->prot, MAP_FIXED | (p->kind == SHARED ? MAP_SHARED : MAP_PRIVATE) | (p->kind == ANONYMOUS ? MAP_ANONYMOUS : 0),
		   p->kind == ANONYMOUS ? -1 : file, p->kind == ANONYMOUS ? 0 : p->of * size) == base + n * size);
}

static void move(unsigned n)
{
	const unsigned to = (n + FILE_PAGES * (1 + chance(PAGES / FILE_PAGES - 1))) % PAGES;

	if (page[n].kind == NONE)
		return;
	CHECK(mremap(base + n * size, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, base + to * size) == base + to * size);
	page[to] = page[n];
	page[n].kind = NONE;
}

static void drop(unsigned n)
{
	struct page *p = &page[n];

	if (p->kind == NONE)
		return;
	CHECK(!madvise(base + n * size, size, MADV_DONTNEED));
	p->copied = false;
	p->value = 0;
}

static void check_all(void)
{
	for (unsigned n = 0; n < PAGES; n++)
		check_page(n, n & 1);
}

/* What a child changes of its own is not the parent's, what it shares is. */
static void fork_and_look(void)
{
	const unsigned shared = chance(FILE_PAGES);
	int status;
	pid_t pid = fork();

	CHECK(pid >= 0);
	if (!pid) {
		CHECK(!pipe(sink));		/* of its own: the parent goes on meanwhile */
		check_all();
		for (int i = 0; i < 8; i++) {
			unsigned n = chance(PAGES);

			if (page[n].kind != SHARED)
				change_page(n, i & 1);
		}
		check_all();
		file_value[shared] ^= 0x5555;
		CHECK(pwrite(file, &file_value[shared], 8, shared * size + 8 * shared) == 8);
		_exit(7);
	}
	for (int i = 0; i < 4; i++) {
		unsigned n = chance(PAGES);

		if (page[n].kind != SHARED && page[n].kind != PRIVATE)
			change_page(n, i & 1);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 7);
	file_value[shared] ^= 0x5555;
	check_all();
}

static void vfork_and_exit(void)
{
	int status;
	pid_t pid = vfork();

	if (!pid)
		_exit(3);
	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
}

static void step(void)
{
	const unsigned n = chance(PAGES);

	switch (chance(40)) {
	case 0 ... 4: map(n); break;
	case 5:
		page[n].kind = NONE;
		CHECK(!munmap(base + n * size, size));
		break;
	case 6 ... 9:
		if (page[n].kind) {
			page[n].prot = random_prot();
			CHECK(!mprotect(base + n * size, size, page[n].prot));
		}
		break;
	case 10: move(n); break;
	case 11: drop(n); break;
	case 12: fork_and_look(); break;
	case 13:
		if (!chance(4))
			vfork_and_exit();
		break;
	case 14 ... 20: change_page(n, true); break;
	case 21 ... 27: check_page(n, true); break;
	case 28 ... 33: change_page(n, false); break;
	default: check_page(n, false); break;
	}
}

int program_spaces(int argc, char **argv)
{
	const unsigned long steps = argc > 1 ? strtoul(argv[1], NULL, 0) : STEPS;
	struct sigaction action = { .sa_handler = on_fault };

	if (argc > 2)
		state ^= strtoul(argv[2], NULL, 0) * 0x9e3779b97f4a7c15ull;
	size = sysconf(_SC_PAGESIZE);
	CHECK(!sigaction(SIGSEGV, &action, NULL) && !sigaction(SIGBUS, &action, NULL));
	file = memfd_create("spaces", 0);
	CHECK(file >= 0 && !ftruncate(file, FILE_PAGES * size) && !pipe(sink));
	/* Room that nobody else takes: a page that is unmapped there stays so. */
	base = mmap(NULL, PAGES * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	CHECK(base != MAP_FAILED && !munmap(base, PAGES * size));
	for (unsigned long i = 0; i < steps; i++)
		step();
	check_all();
	return 0;
}
