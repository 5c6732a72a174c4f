// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See processes.h.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/monitor/monitor.h"
#include "wedge/monitor/processes.h"

/* Those that a process has made, in that order: how many. */
static unsigned children(int process, int *child, unsigned most)
{
	char path[64];
	unsigned n = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", process, process);
	f = fopen(path, "re");
	while (f && n < most && fscanf(f, "%d", &child[n]) == 1)
		n++;
	if (f)
		fclose(f);
	return n;
}

/* A core of its own is a child of core 0's process, made before any other. */
void processes__of_cores(const struct monitor *m, int *process)
{
	memset(process, 0, BOARD_CORES_MAX * sizeof(*process));
	if (m->vm->several)
		children(m->vcpu, process + 1, m->vm->options.cpus - 1);
	for (unsigned i = 0; i < BOARD_CORES_MAX; i++)
		if (!process[i])
			process[i] = m->vcpu;	/* one for all of them */
}

static bool is_core(const int *cores, int process)
{
	for (unsigned i = 0; i < BOARD_CORES_MAX; i++)
		if (cores[i] == process)
			return true;
	return false;
}

/* `first`, and whoever comes of it, but for those of `cores` and theirs; NULL: for nobody. How many, at most PROCESSES_MOST. */
static unsigned family(int first, const int *cores, int *process)
{
	unsigned n = 0, kept = 0;

	process[n++] = first;
	for (unsigned i = 0; i < n; i++) {
		if (i && cores && is_core(cores, process[i]))
			continue;
		process[kept++] = process[i];
		n += children(process[kept - 1], process + n, PROCESSES_MOST - n);
	}
	return kept;
}

static void add_process(struct processes_usage *usage, int process)
{
	unsigned long long user = 0, system = 0;
	char path[64], text[1024], *end;
	size_t n;
	long pages = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", process);
	f = fopen(path, "re");
	if (!f)
		return;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = 0;
	end = strrchr(text, ')');	/* behind a name, in which anything may be */
	if (!end || sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
			   &user, &system, &pages) != 3)
		return;
	usage->ticks += user + system;
	usage->resident += (u64)pages * sysconf(_SC_PAGESIZE);
	usage->processes++;
}

struct processes_usage processes__usage(void)
{
	struct processes_usage usage = { 0 };
	static int process[PROCESSES_MOST];
	const unsigned n = family(getpid(), NULL, process);

	for (unsigned i = 0; i < n; i++)
		add_process(&usage, process[i]);
	return usage;
}

/* schedstat: how long a thread has run, and how long it could have and had no processor. A Host that does not say so has stolen nothing. */
static bool add_thread(int process, const char *thread, struct stolen_reading *r)
{
	unsigned long long ran, waited;
	char path[64];
	bool said;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/task/%.16s/schedstat", process, thread);
	f = fopen(path, "re");
	if (!f)
		return false;
	said = fscanf(f, "%llu %llu", &ran, &waited) == 2;
	fclose(f);
	if (said) {
		r->ran_ns += ran;
		r->waited_ns += waited;
	}
	return said;
}

/* All its threads: guest user code runs in one, and what serves it in another. */
static bool read_process(int process, struct stolen_reading *r)
{
	struct dirent *entry;
	bool said = false;
	char path[64];
	DIR *threads;

	*r = (struct stolen_reading){ .process = process };
	snprintf(path, sizeof(path), "/proc/%d/task", process);
	threads = opendir(path);
	while (threads && (entry = readdir(threads)))
		if (*entry->d_name != '.')
			said |= add_thread(process, entry->d_name, r);
	if (threads)
		closedir(threads);
	return said;
}

unsigned processes__read(const int *cores, unsigned core, struct stolen_reading *reading)
{
	static int process[PROCESSES_MOST];
	const unsigned n = family(cores[core], cores, process);
	unsigned readings = 0;

	for (unsigned i = 0; i < n; i++)
		readings += read_process(process[i], &reading[readings]);
	return readings;
}

/* --- Stolen time --- */

/* Has it done next to nothing since? Then nobody can have stolen anything. */
static bool has_slept(const struct stolen_core *c, u64 now_ns, u64 slept_ns)
{
	return c->looked_ns && slept_ns - c->slept_ns >= (now_ns - c->looked_ns) / 128 * 127;
}

void processes__count_stolen(struct monitor *m, u64 period_ns)
{
	static struct stolen_reading reading[PROCESSES_MOST];
	const u64 now_ns = clock__now_ns();
	int process[BOARD_CORES_MAX];

	if (now_ns - m->stolen[0].looked_ns < period_ns)
		return;
	processes__of_cores(m, process);
	for (unsigned i = 0; i < m->vm->options.cpus; i++) {
		struct stolen_core *c = &m->stolen[i];
		const u64 slept_ns = exchange__slept_ns(m->exchange, m->vm->several ? i : 0, now_ns);

		if (has_slept(c, now_ns, slept_ns)) {
			c->looked_ns = now_ns;
			c->slept_ns = slept_ns;
			continue;
		}
		if (!stolen__account(c, now_ns, slept_ns, reading, processes__read(process, i, reading)))
			vm__tell_of_stolen(m->vm, i, c->ns);
	}
}
