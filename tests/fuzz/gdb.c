/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a client sends to a VM's debugger: the stream in pieces, whose lengths are in the input, too, to a core with some memory that the input
 * also is. Nothing but that memory changes, and each packet that resumes nothing has one answer.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/unit/vcpu_fixture.h"
#include "wedge/debug/commands.h"
#include "wedge/debug/gdb.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

static struct fixture f;
static struct gdb g;
static struct debug_only rows;
static const struct afterburn_page_tables format = {
	.root_shift = 11, .levels = 2, .level = { { 21, 9 }, { 12, 9 } }, .entrylo_shift = 10, .no_read = 1 << 5, .no_exec = 1 << 4,
	.present = 1 << 0, .write = 1 << 1, .accessed = 1 << 2, .modified = 1 << 3,
};

static struct debug_view view(void) { return (struct debug_view){ &f.v, &format, WINDOW_CKSEG0 + DATA_PA, &rows }; }
static struct vcpu *core(void *user, unsigned n) { return n < 2 ? &f.v : NULL; }
static void changed(void *user, unsigned n) { }

static unsigned read_memory(void *user, unsigned n, u64 va, void *bytes, unsigned size)
{
	const struct debug_view v = view();

	return debug__read(&v, va, bytes, size);
}

static bool write_memory(void *user, unsigned n, u64 va, const void *bytes, unsigned size)
{
	const struct debug_view v = view();

	return debug__write(&v, va, bytes, size);
}

static bool set_breakpoint(void *user, unsigned n, u64 va)
{
	const struct debug_view v = view();

	return debug__set_breakpoint(&v, va);
}

static bool clear_breakpoint(void *user, unsigned n, u64 va)
{
	const struct debug_view v = view();

	return debug__clear_breakpoint(&v, va);
}

static bool set_watchpoint(void *user, const struct watchpoint *w)
{
	const struct debug_view v = view();
	struct watchpoint one = *w;

	one.root = debug__only(&v, w->va);
	return watchpoints__set(&f.machine.breakpoints, &one);
}

static bool clear_watchpoint(void *user, const struct watchpoint *w) { return watchpoints__clear(&f.machine.breakpoints, w); }

static void resume(void *user, const enum gdb_action action[MACHINE_CORES])
{
	if (action[0] != GDB_STAY && watchpoint__here(&f.v) < WATCHPOINTS_MOST)
		vcpu__step(&f.v);
}

static void interrupt(void *user) { }
static void kill_machine(void *user) { }
static void describe(void *user, unsigned n, char *text, unsigned size) { snprintf(text, size, "core %u", n); }

static bool command(void *user, unsigned n, const char *text, FILE *out)
{
	const struct debug_view v = view();

	return commands__do(&v, text, out);
}

static const struct gdb_ops ops = {
	core, changed, read_memory, write_memory, set_breakpoint, clear_breakpoint, set_watchpoint, clear_watchpoint, resume, interrupt, kill_machine, describe, command,
};

static unsigned answers(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < g.queued; i++)
		n += g.output[i] == '$';
	return n;
}

/* A packet of its own, so that most inputs are some. */
static void ask(const char *text, unsigned length)
{
	static char wire[PACKET_WIRE];
	unsigned n = packet__wrap(wire, text, length < PACKET_MOST ? length : PACKET_MOST);
	char *copy = malloc(n);		/* so that one byte too many is seen */

	memcpy(copy, wire, n);
	g.queued = 0;
	if (gdb__take(&g, copy, n) != n || (!g.waits && !g.ends && answers() != 1))
		abort();
	free(copy);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	fixture_open(&f, size & 1);
	g = (struct gdb){ .ops = &ops, .cores = 2, .big_endian = size & 1, .text = CODE };
	if (!gdb__open(&g))
		abort();
	gdb__stopped(&g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP }, NULL);
	memcpy(f.ram + CODE_PA, data, size < 0x1000 ? size : 0x1000);
	for (size_t at = 0, length; at < size && !g.ends; at += length + 1) {
		const u8 *end = memchr(data + at, '\n', size - at);

		length = end ? (size_t)(end - data) - at : size - at;
		ask((const char *)data + at, length);
		if (g.runs && !g.ends)
			gdb__stopped(&g, &(struct gdb_stop){ .core = length & 1, .signal = GDB_SIGINT, .breakpoint = length & 2 }, length & 4 ? "said" : NULL);
	}
	/* The same, as it is. */
	for (size_t at = 0, taken; at < size && !g.ends; at += taken) {
		g.queued = 0;
		taken = gdb__take(&g, data + at, size - at);
		if (g.runs && !g.ends)
			gdb__stopped(&g, &(struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP }, NULL);
		else if (!taken && !g.ends && g.queued <= PACKET_WIRE)
			abort();
	}
	gdb__close(&g);
	fixture_close(&f);
	return 0;
}
