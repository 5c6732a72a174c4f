// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Four threads, then four processes, that change the same words by LL/SC, and neighbours of them in one cache line: each half of a double
 * word, words beside each other, what is plainly stored there. On several cores at once where there are several. No change may be
 * lost, none done twice, and none touch a neighbour.
 */
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "guests/programs/check.h"

#define WORKERS 4
#define ROUNDS 30000

struct line {
	uint32_t same, half[2], own[WORKERS], stored[WORKERS];
	uint64_t wide, own_wide[WORKERS];
} __attribute__((aligned(128)));

static struct line *line;		/* shared between processes as well */

#define ADD(NAME, TYPE, LOAD, SUM, STORE)					\
static void NAME(TYPE *word, TYPE n)						\
{										\
	TYPE value;								\
										\
	__asm__ volatile(							\
	"	.set push\n	.set noreorder\n"				\
	"1:	" LOAD " %0, %1\n	" SUM " %0, %0, %2\n	" STORE " %0, %1\n"	\
	"	beqz %0, 1b\n	nop\n	.set pop\n"				\
	: "=&r"(value), "+m"(*word) : "r"(n) : "memory");			\
}
ADD(add_word, uint32_t, "ll", "addu", "sc")
ADD(add_wide, uint64_t, "lld", "daddu", "scd")

static void *work(void *argument)
{
	uint32_t me = (uintptr_t)argument, i;

	for (i = 0; i < ROUNDS; i++) {
		add_word(&line->same, me + 1);
		add_word(&line->half[me & 1], 1);
		add_word(&line->own[me], 3);
		*(volatile uint32_t *)&line->stored[me] = i;
		add_wide(&line->wide, (uint64_t)(me + 1) << 20 | 1);
		add_wide(&line->own_wide[me], 0x100000001);
		if (*(volatile uint32_t *)&line->stored[me] != i)
			return "what was stored has been changed";
		if (i % 256 == 0)
			sched_yield();
	}
	return NULL;
}

static void check_line(void)
{
	CHECK(line->same == ROUNDS * (1 + 2 + 3 + 4));
	CHECK(line->wide == ((uint64_t)ROUNDS * (1 + 2 + 3 + 4) << 20) + ROUNDS * WORKERS);
	for (int i = 0; i < 2; i++)
		CHECK(line->half[i] == ROUNDS * WORKERS / 2);
	for (int i = 0; i < WORKERS; i++) {
		CHECK(line->own[i] == ROUNDS * 3);
		CHECK(line->stored[i] == ROUNDS - 1);
		CHECK(line->own_wide[i] == ROUNDS * 0x100000001ull);
	}
}

static void threads(void)
{
	pthread_t thread[WORKERS];
	void *complaint;

	for (uintptr_t i = 0; i < WORKERS; i++)
		CHECK(!pthread_create(&thread[i], NULL, work, (void *)i));
	for (int i = 0; i < WORKERS; i++) {
		CHECK(!pthread_join(thread[i], &complaint));
		CHECK(!complaint);
	}
}

static void processes(void)
{
	for (uintptr_t i = 0; i < WORKERS; i++) {
		pid_t child = fork();

		CHECK(child >= 0);
		if (!child)
			_Exit(work((void *)i) != NULL);
	}
	for (int i = 0; i < WORKERS; i++) {
		int status;

		CHECK(wait(&status) > 0);
		CHECK(!status);
	}
}

int program_contention(int argc, char **argv)
{
	line = mmap(NULL, sizeof(*line), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(line != MAP_FAILED);
	threads();
	check_line();
	*line = (struct line){ 0 };
	processes();
	check_line();
	return 0;
}
