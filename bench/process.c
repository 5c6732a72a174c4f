// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Operations of the kernel with two processes.
 */
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

static void wait_for(pid_t pid)
{
	int status;

	need(pid > 0 && waitpid(pid, &status, 0) == pid && status == 0, "a child that ends well");
}

uint64_t measure_pipe(unsigned long n)
{
	int to[2], from[2];
	uint64_t start, end;
	char byte = 0;
	pid_t pid;

	need(!pipe(to) && !pipe(from), "pipe");
	pid = fork();
	if (!pid) {
		close(to[1]);
		while (read(to[0], &byte, 1) == 1 && write(from[1], &byte, 1) == 1)
			;
		_exit(0);
	}
	/* The first one finds the other process at its beginning. */
	need(write(to[1], &byte, 1) == 1 && read(from[0], &byte, 1) == 1, "a round trip");
	start = now();
	for (unsigned long i = 0; i < n; i++)
		if (write(to[1], &byte, 1) != 1 || read(from[0], &byte, 1) != 1)
			break;
	end = now();
	close(to[1]);
	wait_for(pid);
	close(to[0]);
	close(from[0]);
	close(from[1]);
	return end - start;
}

static unsigned long switches(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

static volatile double sum;

static void give_way(bool compute)
{
	if (compute)
		sum += 1;
	sched_yield();
}

/*
 * Two processes give the core to each other: two switches for each call of one of them. As real-time processes,
 * because only for those does sched_yield() mean "the other one now".
 */
static uint64_t measure_switches(unsigned long n, bool compute)
{
	const struct sched_param priority = { .sched_priority = 1 };
	unsigned long calls = (n + 1) / 2, before;
	uint64_t start, end;
	pid_t pid;

	need(!sched_setscheduler(0, SCHED_FIFO, &priority), "real-time scheduling (are we root?)");
	pid = fork();
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			give_way(compute);
	}
	need(pid > 0, "fork");
	give_way(compute);
	before = switches();
	start = now();
	for (unsigned long i = 0; i < calls; i++)
		give_way(compute);
	end = now();
	before = switches() - before;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	/* Real-time processes get 95 % of each second, and then none (sched_rt_runtime_us): leave a part of it. */
	usleep((end - start) / 1000 / 10);
	need(before >= calls, "a switch for each sched_yield (is this one core?)");
	/* For an odd n one switch more has been done than was asked for. */
	return (end - start) * n / (2 * calls);
}

uint64_t measure_switch(unsigned long n)
{
	return measure_switches(n, false);
}

uint64_t measure_switch_fp(unsigned long n)
{
	return measure_switches(n, true);
}

void make_processes(unsigned long n)
{
	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		wait_for(pid);
	}
}

uint64_t measure_fork(unsigned long n)
{
	uint64_t start = now();

	make_processes(n);
	return now() - start;
}

uint64_t measure_exec(unsigned long n)
{
	uint64_t start = now();

	for (unsigned long i = 0; i < n; i++) {
		pid_t pid = fork();

		if (!pid) {
			execl(bench_file, bench_file, BENCH_EXIT, (char *)NULL);
			_exit(1);
		}
		wait_for(pid);
	}
	return now() - start;
}
