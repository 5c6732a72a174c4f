/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Trace records that a hostile guest has written: what is read of them keeps what collect.h promises, and what is written of that is a file of its kind.
 * And tasks and stacks, in RAM that is the guest's.
 *
 * Input: flags (1: interpreted; 2: all of the ring at once), the ring's head, twice, before and after a first look, and records, which repeat in the ring.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "tests/unit/tasks_fixture.h"
#include "tests/unit/trace_fixture.h"
#include "wedge/load/unwind.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define MOST	300u			/* records in a file; what is read is checked for all */

static void check(bool condition)
{
	if (!condition)
		abort();
}

static void check_record(const struct trace_record *r, u64 *last, u64 now)
{
	char name[16];

	check(r->point < TRACE_POINTS && r->core == 0);
	check(r->time >= *last && r->time <= now);
	*last = r->time;
	if (r->point != TRACE_SWITCH)
		return;
	memcpy(name, &r->b, sizeof(name));
	check(!name[15]);
	for (unsigned i = 0; i < 15; i++)
		check(!name[i] || (name[i] > ' ' && name[i] < 0x7f));
}

/* As many as one look gives. */
static unsigned take(struct trace_reader *r, struct trace_record *record, u64 *last)
{
	static struct trace_record batch[512];
	const u64 until = trace_reader__end(r);
	unsigned n, count = 0, looks = 0;

	while ((n = trace_reader__take(r, until, trace_now, batch, 512))) {
		for (unsigned i = 0; i < n; i++) {
			check_record(&batch[i], last, trace_now);
			if (count < MOST)
				record[count++] = batch[i];
		}
		check(++looks <= 2 * TRACE_RECORDS / 512 + 2);		/* it ends */
	}
	return count;
}

static void write_files(const struct trace_record *record, unsigned count, bool interpreted)
{
	const struct trace_log log = trace_log_of(record, count, interpreted);
	char *bytes = NULL;
	unsigned events;
	size_t size;
	FILE *out = open_memstream(&bytes, &size);

	check(out && !trace_perfetto__write(&log, out) && !fclose(out));
	check(perfetto_is_whole((const u8 *)bytes, size, &events) && events <= count);
	free(bytes);
	out = fopen("/dev/null", "w");
	check(out && !trace_dat__write(&log, out) && !fclose(out));
	out = fopen("/dev/null", "w");
	check(out && !trace_ctf__metadata(&log, out) && !trace_ctf__stream(&log, 0, out) && !fclose(out));
}

static void look_at_tasks(const u8 *data, size_t size)
{
	struct task_kernel *k = malloc(sizeof(*k));
	u8 *ram = malloc(TASKS_RAM);		/* so that one byte too many is seen */
	struct task_layout t;
	struct task_walk walk;
	struct task task;
	unsigned n;
	u64 word;

	check(k && ram);
	tasks_make(k, true);
	check(tasks__find(&t, &k->image));
	for (size_t i = 0; i < TASKS_RAM; i++)
		ram[i] = data[i % size];
	k->described.base = ram;
	for (size_t i = 0; i + 8 <= size && i < 256; i += 8) {
		memcpy(&word, data + i, 8);
		if (i % 16)
			word = WINDOW_CKSEG0 + (word & (TASKS_RAM - 1));
		if (tasks__of_stack(&t, &k->described, &k->windows, word, &task) || tasks__read(&t, &k->described, &k->windows, word, &task))
			for (const char *p = task.name; *p; p++)
				check(*p >= ' ' && *p < 0x7f);
	}
	if (size >= 32) {
		struct unwind_frame f = { .inner = true };

		memcpy(&f, data, 24);
		f.pc = WINDOW_CKSEG0 + (f.pc & (TASKS_RAM - 1));
		f.sp = WINDOW_CKSEG0 + (f.sp & (TASKS_RAM - 1));
		for (n = 0; n < UNWIND_MOST && unwind__step(&f, f.pc & ~0xffull, &k->described, &k->windows, false); n++)
			;
	}
	n = 0;
	tasks__walk(&walk, &t, &k->described, &k->windows);
	while (tasks__next(&walk, &task))
		check(++n <= 20000);
	free(ram);
	free(k);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	static struct trace_record record[2 * MOST];
	static struct trace_ring *ring;
	struct trace_reader r;
	u64 head[2], last = 0;
	unsigned count;

	if (size < 17 + sizeof(*record))
		return 0;
	if (!ring)
		ring = trace_ring_make();
	check(ring);
	memcpy(head, data + 1, sizeof(head));
	trace_now = 1ull << 40;
	for (unsigned i = 0; i < TRACE_RECORDS; i++)
		memcpy(&ring->record[i], data + 17 + i % ((size - 17) / sizeof(*record)) * sizeof(*record), sizeof(*record));
	/* As small as a real one, or whatever it is. */
	ring->head = data[0] & 4 ? head[0] : head[0] % (2 * TRACE_RECORDS);
	trace_reader__open(&r, ring, &trace_ns, 0, data[0] & 2);
	count = take(&r, record, &last);
	ring->head = data[0] & 8 ? head[1] : ring->head + head[1] % (2 * TRACE_RECORDS);
	count += take(&r, record + count, &last);
	write_files(record, count, data[0] & 1);
	look_at_tasks(data, size);
	return 0;
}
