// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The benchmark program: one static executable that measures on any mips64el Linux. Each operation is repeated
 * for about as long as --budget says, so that one that takes a thousand times as long is done a thousandth as
 * often; this is done --repetitions times, and a line tells the median, the lowest and the highest. --wait puts some
 * microseconds before each operation, so that a timer that ticks meets it elsewhere. --processes makes and ends so
 * many first: an address space costs the Wedge more the first time its number (ASID) is used than ever after. Whole programs
 * (bench/programs.def) are measured where they are named: as they are not everywhere, all without a name are the operations.
 *
 *	bench: NAME MEDIAN LOWEST HIGHEST REPETITIONS ITERATIONS	(nanoseconds for one)
 *	bench: boot NANOSECONDS						(first program only: since the kernel began)
 *	bench: start NANOSECONDS					(--watch)
 *	bench: kernel RELEASE
 *	bench: end							(nothing failed)
 *
 * As the first program of a machine it resets that in the end, and finds its arguments in the variable BENCH, with
 * commas between them: what the kernel does not know on its command line becomes a variable. (It would also pass on
 * what stands behind "--", but there firmware adds things.)
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/watch.h"

#define REPETITIONS_MAX 99
#define WARM_UP 2	/* runs of one iteration */
/* What fits the budget less than 32 times cannot be cut to it: there a tick more or less has to be little. */
#define COARSE 32
#define COARSE_BUDGETS 4

const char *bench_file;
static unsigned long budget = 10 * 1000 * 1000, repetitions = 7, wait_us = 0, processes = 0;

static const struct operation {
	const char *name;
	uint64_t (*measure)(unsigned long n);
} operations[] = {
#define OPERATION(name, group, what) { #name, measure_##name },
#include "bench/operations.def"
#undef OPERATION
};
#define OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static const struct program programs[] = {
#define PROGRAM(name, what, before, commands) { #name, before, commands },
#include "bench/programs.def"
#undef PROGRAM
};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void need(int works, const char *what)
{
	if (works)
		return;
	fprintf(stderr, "bench: does not work: %s (%s)\n", what, strerror(errno));
	exit(1);
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static unsigned long rounded(uint64_t dividend, uint64_t divisor)
{
	uint64_t quotient = divisor ? (dividend + divisor / 2) / divisor : dividend;

	return quotient ? quotient : 1;
}

/*
 * So many iterations that they fill the budget; found by doubling, which warms up as well. What the last step takes
 * is measured: a repetition that lasts a whole number of the timer's periods has as many ticks as the next one. When
 * they lasted one and a half, the median was that of one tick or that of two.
 */
static unsigned long iterations_for(const struct operation *op)
{
	unsigned long n = 1;
	uint64_t time = 0, aim = budget;

	for (int i = 0; i < WARM_UP; i++)
		time = op->measure(1);
	while (time < budget / 4) {
		n *= 2;
		time = op->measure(n);
	}
	if (n * budget < COARSE * time)
		aim *= COARSE_BUDGETS;
	n = rounded(n * aim, time);
	return rounded(n * aim, op->measure(n));
}

static uint64_t median_of(uint64_t (*measure)(unsigned long n), unsigned long n, uint64_t *times)
{
	for (unsigned long i = 0; i < repetitions; i++)
		times[i] = measure(n);
	qsort(times, repetitions, sizeof(*times), compare);
	return times[repetitions / 2];
}

/* One iteration of `time` for n of them, in thousandths of a nanosecond, as "NUMBER.THOUSANDTHS". */
static const char *each(char text[40], uint64_t time, uint64_t overhead, unsigned long n)
{
	unsigned __int128 thousandths = (unsigned __int128)(time > overhead ? time - overhead : 0) * 1000 / n;

	snprintf(text, 40, "%llu.%03u", (unsigned long long)(thousandths / 1000), (unsigned)(thousandths % 1000));
	return text;
}

/* `times` are in order. */
static void print(const char *name, const uint64_t *times, unsigned long count, uint64_t overhead, unsigned long n)
{
	char median[40], lowest[40], highest[40];

	printf("bench: %s %s %s %s %lu %lu\n", name, each(median, times[count / 2], overhead, n),
	       each(lowest, times[0], overhead, n), each(highest, times[count - 1], overhead, n), count, n);
}

static void measure(const struct operation *op)
{
	const struct sched_param none = { 0 };
	uint64_t times[REPETITIONS_MAX], overhead;
	unsigned long n;

	need(!sched_setscheduler(0, SCHED_BATCH, &none), "scheduling without preemption by whoever wakes up");
	n = iterations_for(op);
	overhead = median_of(measure_nothing, n, times);
	MARK(MARK_OPERATION);
	median_of(op->measure, n, times);
	MARK(MARK_OPERATION_END);
	print(op->name, times, repetitions, overhead, n);
}

/* Once to read it all into memory, once to measure: programs are long. */
static void measure_whole(const struct program *p)
{
	uint64_t time;

	setpgid(0, 0);
	prepare_program(p);
	measure_program(p);
	MARK(MARK_OPERATION);
	time = measure_program(p);
	MARK(MARK_OPERATION_END);
	print(p->name, &time, 1, 0, 1);
}

/*
 * In a process of its own: what one operation or program leaves behind, such as the use of floating point, is none of
 * the next one's business. What an operation wakes up does not preempt it, which would hang on the scheduler's books of
 * the moment; programs run as they always do, and what they left running is ended. The console is empty before the clock runs.
 */
static int measure_alone(const struct operation *op, const struct program *p)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		usleep(wait_us);
		if (p)
			measure_whole(p);
		else
			measure(op);
		exit(0);
	}
	if (pid > 0) {
		waitpid(pid, &status, 0);
		kill(-pid, SIGKILL);
	}
	if (status)
		fprintf(stderr, "bench: %s failed, status %d\n", p ? p->name : op->name, status);
	tcdrain(STDOUT_FILENO);
	return status != 0;
}

/* The kernel stamps what is written to its log with its clock, which runs from its first line on. */
static void report_boot(void)
{
	static const char here[] = "bench: here\n";
	int fd = open("/dev/kmsg", O_RDWR | O_NONBLOCK);
	char record[1024];
	unsigned long long stamp;
	ssize_t size;

	MARK(MARK_START_END);
	need(fd >= 0 && lseek(fd, 0, SEEK_END) >= 0 && write(fd, here, strlen(here)) > 0, "writing /dev/kmsg");
	size = read(fd, record, sizeof(record) - 1);
	need(size > 0, "reading /dev/kmsg");
	record[size] = 0;
	need(sscanf(record, "%*u,%*u,%llu,", &stamp) == 1, "the stamp of a line in /dev/kmsg");
	close(fd);
	printf(BENCH_MARK "%llu\n", stamp * 1000);
}

static unsigned long number(const char *option, const char *text, unsigned long highest)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = text ? strtoul(text, &end, 10) : 0;
	if (text && *text >= '0' && *text <= '9' && !*end && !errno && value >= 1 && value <= highest)
		return value;
	fprintf(stderr, "bench: %s takes a number from 1 to %lu%s%s\n", option, highest, text ? ", not " : "",
		text ? text : "");
	exit(2);
}

/* Options; returns the index of the first argument that is none. */
static int options(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i += 2) {
		if (!strcmp(argv[i], "--budget"))
			budget = number(argv[i], argv[i + 1], 1000000000000);
		else if (!strcmp(argv[i], "--repetitions"))
			repetitions = number(argv[i], argv[i + 1], REPETITIONS_MAX);
		else if (!strcmp(argv[i], "--processes"))
			processes = number(argv[i], argv[i + 1], 100000);
		else if (!strcmp(argv[i], "--wait"))
			wait_us = number(argv[i], argv[i + 1], 999999);
		else {
			fprintf(stderr, "bench: no option %s; --budget NS, --repetitions N, --wait US, --processes N and "
				"--watch, --between and --used COMMAND, --times NAME COMMAND, --clocks are\n", argv[i]);
			exit(2);
		}
	}
	return i;
}

static int measure_named(const char *name)
{
	for (size_t k = 0; k < OPERATIONS; k++)
		if (!strcmp(name, operations[k].name))
			return measure_alone(&operations[k], NULL);
	for (size_t k = 0; k < PROGRAMS; k++)
		if (!strcmp(name, programs[k].name))
			return measure_alone(NULL, &programs[k]);
	fprintf(stderr, "bench: no operation or program %s; bench/operations.def and bench/programs.def have them\n", name);
	return 1;
}

static int measure_all(int argc, char **argv)
{
	struct utsname uts;
	int failed = 0, i = options(argc, argv);

	uname(&uts);
	printf("bench: kernel %s\n", uts.release);
	make_processes(processes);
	for (size_t k = 0; i == argc && k < OPERATIONS; k++)
		failed |= measure_alone(&operations[k], NULL);
	for (; i < argc; i++)
		failed |= measure_named(argv[i]);
	if (!failed)
		puts("bench: end");
	return failed;
}

#define ARGUMENTS_MAX 32

static int as_first_program(char **argv)
{
	char *arguments[ARGUMENTS_MAX + 1] = { argv[0] }, *list = getenv("BENCH");
	int count = 1, status;

	for (char *word = list ? strtok(list, ",") : NULL; word && count < ARGUMENTS_MAX; word = strtok(NULL, ","))
		arguments[count++] = word;
	report_boot();
	mount_for_programs();
	status = measure_all(count, arguments);
	tcdrain(STDOUT_FILENO);
	reboot(RB_AUTOBOOT);
	return status;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], BENCH_EXIT))
		return 0;
	if (argc > 2 && !strcmp(argv[1], "--watch"))
		return watch(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "--between"))
		return between(argv + 2);
	if (argc > 2 && !strcmp(argv[1], "--used"))
		return used(argv + 2);
	if (argc == 2 && !strcmp(argv[1], "--clocks"))
		return clocks();
	if (argc > 3 && !strcmp(argv[1], "--times"))
		return times(argv[2], argv + 3);
	bench_file = (const char *)getauxval(AT_EXECFN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	return getpid() == 1 ? as_first_program(argv) : measure_all(argc, argv);
}
