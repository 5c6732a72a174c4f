// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * See tracing.h.
 *
 * A thread gathers: it reads the rings every ten milliseconds, and appends what collect.h lets through to a file without a name. For a file of
 * somebody's that is mapped and written in that format. A ring holds 32,768 records: three million a second.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "wedge/control/place.h"
#include "wedge/device/thread.h"
#include "wedge/monitor/spool.h"
#include "wedge/monitor/tracing.h"
#include "wedge/trace/collect.h"
#include "wedge/trace/export.h"
#include "wedge/trace/host.h"

#define GATHER_NS	10000000
#define BATCH		2048u

struct tracing {
	struct trace_ring *ring;		/* in VM memory: of each core, and of the devices' threads */
	struct trace_output output;		/* those write here */
	struct trace_time time;
	u64 begin_ns;
	bool counting;				/* exits */
	bool flight;				/* its recorder is on */

	/* Gathering. */
	pthread_t thread;
	pthread_mutex_t lock;			/* of the following */
	struct trace_reader reader[BOARD_CORES_MAX + 1];
	struct spool spool;			/* its fd -1: nobody has asked yet */
	volatile bool on;

	/* The Host's scheduler, likewise. */
	struct host_trace *host;		/* NULL: not now */
	struct spool switches;
	u64 switches_lost;
	int process_of[BOARD_CORES_MAX];
};

static unsigned rings(const struct vm *vm)
{
	return vm->options.cpus + 1;
}

/* --- Points --- */

static void set_points(struct vm *vm)
{
	struct tracing *t = vm->tracing;
	const u64 points = t->on ? TRACE_ALL : t->flight ? TRACE_FLIGHT : 0;

	for (unsigned i = 0; i < vm->options.cpus; i++)
		__atomic_store_n(&vm->vcpu[i]->tracing, points | (t->counting ? TRACE_COUNT : 0), __ATOMIC_RELAXED);
	__atomic_store_n(&t->output.points, points, __ATOMIC_RELAXED);
}

void tracing__place(struct vm *vm)
{
	struct tracing *t = calloc(1, sizeof(*t));

	if (!t)
		die("no memory for the trace");
	if (vm->clock.by_counter)
		trace__clock = host__counter;
	t->time = (struct trace_time){ .ticks = trace__clock(), .ns = clock__now_ns(), .rate = 1ull << 32 };
	if (vm->clock.by_counter)
		t->time.rate = (1000000000ull << 32) / vm->clock.hz;
	t->begin_ns = t->time.ns;
	t->ring = memory__place(vm->memory, "trace", 1, rings(vm) * sizeof(*t->ring));
	t->output = (struct trace_output){ .ring = &t->ring[vm->options.cpus], .core = vm->options.cpus };
	t->spool.fd = t->switches.fd = -1;
	pthread_mutex_init(&t->lock, NULL);
	vm->tracing = t;
	for (unsigned i = 0; i < vm->options.cpus; i++)
		vm->vcpu[i]->trace = &t->ring[i];
	for (unsigned i = 0; i < vm->options.devices; i++)
		if (vm->device[i])		/* not with --dry-run */
			vm->device[i]->trace = &t->output;
	t->flight = !vm->options.flight || strcmp(vm->options.flight, "off");
	t->counting = vm->options.stats || vm->options.profile;
	t->on = vm->options.trace_file;		/* the first records are in the rings before anybody gathers */
	set_points(vm);
}

void tracing__count(struct vm *vm, bool count)
{
	vm->tracing->counting = count || vm->profiled || vm->options.stats || vm->options.profile;
	set_points(vm);
}

/* --- Tasks --- */

/* Another task may have come to have the same stack, or the same place in memory. */
static bool is_still(const struct task_known *known, u64 word)
{
	return word && known->word == word && unaligned__get64(known->info_at) == known->info && unaligned__get32(known->pid_at) == known->raw_pid;
}

static bool find_task(const struct vm *vm, const struct machine *m, struct task_known *known, u64 word)
{
	struct task task;

	known->word = 0;
	if (!tasks__of_stack(&vm->tasks, &m->ram, &m->windows, word, &task))
		return false;
	*known = (struct task_known){
		.word = word, .info_at = task.info_at, .pid_at = task.pid_at, .info = unaligned__get64(task.info_at),
		.raw_pid = unaligned__get32(task.pid_at), .pid = task.pid,
	};
	memcpy(known->name, task.name, TASK_NAME);	/* the words of a name that is shorter are equal, too: it ends in zeroes */
	return true;
}

void tracing__switched(struct vm *vm, struct vcpu *v, u64 word)
{
	struct task_seen *seen = &vm->task_seen[v->core];
	struct task_known *known = &seen->known[(vm->tasks.swapped ? word >> 40 : word >> TASK_STACK_BITS) % TASKS_KNOWN];

	vm->stack[v->core].word = word;
	if (!is_still(known, word) && !find_task(vm, v->machine, known, word))
		return;
	if (known->pid == seen->pid && known->name[0] == seen->name[0] && known->name[1] == seen->name[1])
		return;
	seen->pid = known->pid;
	seen->name[0] = known->name[0];
	seen->name[1] = known->name[1];
	trace__put(v->trace, TRACE_SWITCH, v->core, known->pid, known->name[0], known->name[1]);
}

void tracing__renamed(struct vm *vm, const struct vcpu *v)
{
	struct task_seen *seen = &vm->task_seen[v->core];

	for (unsigned i = 0; i < TASKS_KNOWN; i++)
		if (seen->known[i].word == vm->stack[v->core].word)
			seen->known[i].word = 0;
	vm->stack[v->core].word = 0;
}

/* --- Gathering --- */

static void note_switch(void *user, const struct trace_host_switch *s)
{
	struct tracing *t = user;

	spool__append(&t->switches, s, sizeof(*s), 1);
}

static void gather(struct vm *vm)
{
	struct tracing *t = vm->tracing;
	static struct trace_record record[BATCH];

	for (unsigned i = 0; i < rings(vm); i++) {
		const u64 until = trace_reader__end(&t->reader[i]), now = trace_time__now(&t->time);
		unsigned n;

		while ((n = trace_reader__take(&t->reader[i], until, now, record, BATCH)))
			spool__append(&t->spool, record, sizeof(*record), n);
	}
	if (t->host)
		host_trace__take(t->host, note_switch, t);
}

static void *run(void *user)
{
	struct vm *vm = user;
	struct tracing *t = vm->tracing;

	while (t->on) {
		pthread_mutex_lock(&t->lock);
		gather(vm);
		pthread_mutex_unlock(&t->lock);
		nanosleep(&(struct timespec){ .tv_nsec = GATHER_NS }, NULL);
	}
	return NULL;
}

static int begin(struct vm *vm, bool behind, struct complaint *c)
{
	struct tracing *t = vm->tracing;
	int error;

	if (spool__open(&t->spool, c))
		return -1;
	for (unsigned i = 0; i < rings(vm); i++)
		trace_reader__open(&t->reader[i], &t->ring[i], &t->time, i, behind);
	t->on = true;
	set_points(vm);
	error = thread__start(&t->thread, run, vm);
	if (!error)
		return 0;
	t->on = false;
	set_points(vm);
	return complain(c, "a thread for the trace: %s", strerror(error));
}

static int begin_host(struct tracing *t, struct complaint *c)
{
	if (spool__open(&t->switches, c))
		return -1;
	t->switches_lost = 0;
	t->host = host_trace__open(c);
	return t->host ? 0 : -1;
}

static void end_host(struct tracing *t)
{
	if (t->host)
		t->switches_lost = host_trace__lost(t->host);
	host_trace__close(t->host);
	t->host = NULL;
}

int tracing__start(struct vm *vm, const int *process_of, struct complaint *c)
{
	struct tracing *t = vm->tracing;

	tracing__stop(vm);
	t->switches.count = t->switches.lost = t->switches_lost = 0;
	if (process_of && begin_host(t, c))
		return -1;
	/* With one process for all cores that is the first one's. */
	for (unsigned i = 0; i < BOARD_CORES_MAX; i++)
		t->process_of[i] = process_of && (!i || process_of[i] != process_of[0]) ? process_of[i] : 0;
	if (!begin(vm, false, c))
		return 0;
	end_host(t);
	return -1;
}

static int complain_of(const char *path, struct complaint *c)
{
	return complain(c, "the trace '%s': %s", path, strerror(errno));
}

static bool ends_with(const char *text, const char *end)
{
	const size_t n = strlen(text), m = strlen(end);

	return n >= m && !strcmp(text + n - m, end);
}

/* In the Common Trace Format a trace is a folder. */
static bool is_folder(const char *path)
{
	return ends_with(path, ".ctf");
}

/* It may be there, with a trace of this machine's. */
static int make_folder(const char *folder, struct complaint *c)
{
	return mkdir(folder, 0777) && errno != EEXIST ? complain_of(folder, c) : 0;
}

static FILE *create_in(const char *folder, const char *name, struct complaint *c)
{
	char path[PATH_MAX];
	FILE *out = NULL;

	if (snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path))
		out = fopen(path, "we");
	else
		errno = ENAMETOOLONG;
	if (!out)
		complain_of(folder, c);
	return out;
}

/* A file that cannot be written is better known now than when all has happened. */
static int try_to_write(const char *path, struct complaint *c)
{
	FILE *file;

	if (is_folder(path) && make_folder(path, c))
		return -1;
	file = is_folder(path) ? create_in(path, "metadata", c) : fopen(path, "we");
	return !file || fclose(file) ? complain_of(path, c) : 0;
}

int tracing__open(struct vm *vm, struct complaint *c)
{
	const char *path = vm->options.trace_file;

	return !path ? 0 : try_to_write(path, c) ? -1 : begin(vm, true, c);
}

void tracing__stop(struct vm *vm)
{
	struct tracing *t = vm->tracing;

	if (!t->on)
		return;
	t->on = false;
	set_points(vm);
	pthread_join(t->thread, NULL);
	gather(vm);
	end_host(t);
}

bool tracing__is_on(const struct vm *vm)
{
	return vm->tracing->on;
}

u64 tracing__records(const struct vm *vm)
{
	return vm->tracing->spool.count;
}

u64 tracing__lost(const struct vm *vm)
{
	u64 lost = vm->tracing->spool.lost + vm->tracing->switches.lost + vm->tracing->switches_lost;

	for (unsigned i = 0; i < rings(vm); i++)
		lost += vm->tracing->reader[i].lost;
	return lost;
}

/* --- Files --- */

static void put_symbols(void *user, FILE *out)
{
	struct vm *vm = user;
	const u64 delta = RELINK_DELTA(vm__ckseg0(vm));

	for (size_t i = 0; i < vm->image.symbol_count; i++)
		if (vm->image.symbols[i].address >= IMAGE_CKSEG0)
			fprintf(out, "%016llx t %s\n", (unsigned long long)(vm->image.symbols[i].address + delta), vm->image.symbols[i].name);
}

static int by_time(const void *a, const void *b)
{
	const struct trace_host_switch *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* What is added to the monotonic clock for CLOCK_BOOTTIME: the time that the Host was suspended. */
static u64 boot_offset_ns(void)
{
	struct timespec boot;

	clock_gettime(CLOCK_BOOTTIME, &boot);
	return (u64)boot.tv_sec * 1000000000 + boot.tv_nsec - clock__now_ns();
}

static int write_stream(const struct trace_log *log, const char *folder, unsigned core, struct complaint *c)
{
	char name[16] = "devices";
	FILE *out;
	int result;

	if (core < log->cores)
		snprintf(name, sizeof(name), "core%u", core);
	out = create_in(folder, name, c);
	if (!out)
		return -1;
	result = trace_ctf__stream(log, core, out);
	return fclose(out) || result ? complain_of(folder, c) : 0;
}

static int write_folder(const struct trace_log *log, const char *folder, struct complaint *c)
{
	FILE *out;
	int result;

	if (make_folder(folder, c))
		return -1;
	for (unsigned core = 0; core <= log->cores; core++)
		if (write_stream(log, folder, core, c))
			return -1;
	out = create_in(folder, "metadata", c);
	if (!out)
		return -1;
	result = trace_ctf__metadata(log, out);
	return fclose(out) || result ? complain_of(folder, c) : 0;
}

static int write_file(struct vm *vm, const char *path, const struct trace_record *record, u64 count, struct trace_host_switch *host,
		      u64 host_count, struct complaint *c)
{
	const struct trace_log log = {
		.record = record, .count = count, .cores = vm->options.cpus, .begin_ns = vm->tracing->begin_ns,
		.vm = vm->options.name ? vm->options.name : "guest", .process = getpid(), .interpreted = vm->options.interpret,
		.exit_names = host__exit_names, .exits = HOST_EXITS, .exception_name = exception__name, .exceptions = EXC_CODES,
		.symbols = put_symbols, .user = vm,
		.host = host, .host_count = host_count, .process_of = vm->tracing->process_of, .boot_offset_ns = boot_offset_ns(),
	};
	FILE *out;
	int result;

	if (is_folder(path))
		return write_folder(&log, path, c);
	out = fopen(path, "we");
	if (!out)
		return complain_of(path, c);
	if (host)
		qsort(host, host_count, sizeof(*host), by_time);
	if (ends_with(path, ".pftrace") || ends_with(path, ".perfetto-trace"))
		result = trace_perfetto__write(&log, out);
	else
		result = trace_dat__write(&log, out);
	return fclose(out) || result ? complain_of(path, c) : 0;
}

/* What the rings hold now. */
static int save_flight(struct vm *vm, const char *path, struct complaint *c)
{
	struct tracing *t = vm->tracing;
	struct trace_record *record = malloc((size_t)rings(vm) * TRACE_RECORDS * sizeof(*record));
	u64 count = 0;
	int result;

	if (!record)
		return complain(c, "no memory for the trace");
	for (unsigned i = 0; i < rings(vm); i++) {
		struct trace_reader r;

		trace_reader__open(&r, &t->ring[i], &t->time, i, true);
		count += trace_reader__take(&r, trace_reader__end(&r), trace_time__now(&t->time), record + count, TRACE_RECORDS);
	}
	result = write_file(vm, path, record, count, NULL, 0, c);
	free(record);
	return result;
}

int tracing__save(struct vm *vm, const char *path, struct complaint *c)
{
	struct tracing *t = vm->tracing;
	struct trace_host_switch *host;
	struct trace_record *record;
	u64 count, host_count;
	int result;

	if (t->spool.fd < 0)
		return save_flight(vm, path, c);
	pthread_mutex_lock(&t->lock);
	if (t->on)
		gather(vm);
	count = t->spool.count;
	host_count = t->switches.count;
	pthread_mutex_unlock(&t->lock);
	record = spool__map(&t->spool, sizeof(*record), count);
	host = spool__map(&t->switches, sizeof(*host), host_count);
	if ((count && !record) || (host_count && !host))
		result = complain(c, "the trace: %s", strerror(errno));
	else
		result = write_file(vm, path, record, count, host, host_count, c);
	spool__unmap(record, sizeof(*record), count);
	spool__unmap(host, sizeof(*host), host_count);
	return result;
}

/* A machine with a name has its place beside its control socket. */
static bool flight_path(const struct vm *vm, char *path, unsigned size)
{
	const struct options *o = &vm->options;
	struct complaint c;
	char folder[SOCKET_PATH];

	if (o->flight && !strcmp(o->flight, "off"))
		return false;
	if (o->flight)
		return snprintf(path, size, "%s", o->flight) < (int)size;
	if (!o->name || place__folder(folder, sizeof(folder), true, &c))
		return false;
	return snprintf(path, size, "%s/%s.flight.dat", folder, o->name) < (int)size;
}

void tracing__close(struct vm *vm, bool badly)
{
	const char *file = vm->options.trace_file;
	char path[SOCKET_PATH + 64];
	struct complaint c;

	tracing__stop(vm);
	if (file && tracing__save(vm, file, &c))
		fprintf(stderr, "wedge: %s\n", c.text);
	if (file && tracing__lost(vm))
		fprintf(stderr, "wedge: the trace '%s' lacks %llu records, %llu are in it\n", file, (unsigned long long)tracing__lost(vm),
			(unsigned long long)tracing__records(vm));
	if (!badly || !flight_path(vm, path, sizeof(path)))
		return;
	if (save_flight(vm, path, &c))
		fprintf(stderr, "wedge: %s\n", c.text);
	else
		fprintf(stderr, "wedge: what happened last is in '%s' (trace-cmd report shows it)\n", path);
}
