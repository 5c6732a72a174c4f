/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * See debugger.h. What cores have in VM memory may be rubbish: it is copied, the copy's pointers are ours, and what is in it is looked at as
 * registers only.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/unaligned.h"
#include "wedge/core/layout.h"
#include "wedge/debug/commands.h"
#include "wedge/debug/memory.h"
#include "wedge/debug/server.h"
#include "wedge/device/socket.h"
#include "wedge/load/page-tables.h"
#include "wedge/monitor/debugger.h"
#include "wedge/monitor/monitor.h"

#define PATIENCE_NS	1500000000ull	/* for cores that are to rest: gdb waits for two seconds */
#define LOOK_NS		500000ull	/* between looks at them */
#define PIECE_MOST	100000		/* sites of a module: a kernel has some 5,000 */

struct debugger {
	char spec[SOCKET_PATH + 8];	/* where it listens, as it was asked for */
	struct gdb_server server;
	struct gdb gdb;
	enum { NOBODY, RUNS, STOPPING, STOPPED, ENDS } state;
	bool attached;			/* gdb is open */
	bool waits;			/* NOBODY has been there yet, whom the machine is to wait for */
	u64 until;			/* STOPPING: then it is looked at as it is */
	struct gdb_stop why;		/* it is STOPPING, or stopped */
	struct machine machine;		/* of the copies; its breakpoints are those that the guest's should have */
	struct vcpu vcpu[BOARD_CORES_MAX];
	struct vcpu_page page[BOARD_CORES_MAX];
	u32 looked;			/* bit n: the copy of core n is what it has */
	struct afterburn_page_tables format;
	u64 kernel_root;
	struct debug_only only;
};

static struct debugger *of(void *user)
{
	return ((struct monitor *)user)->debugger;
}

/* --- Cores --- */

/* What the guest's clock last said: asking it would let the time go on. */
static u64 cycles_of(const struct vcpu *v)
{
	const struct monitor *m = v->machine->user;

	return __atomic_load_n(&m->vm->state->clock_seen, __ATOMIC_RELAXED);
}

static void nothing(struct vcpu *v) { }
static const struct machine_ops ops_of_copies = { .cycles = cycles_of, .compare_changed = nothing };

static struct vcpu *core(void *user, unsigned n)
{
	struct monitor *m = user;
	struct debugger *d = m->debugger;
	struct vcpu *v = &d->vcpu[n];

	if (!(d->looked >> n & 1)) {
		*v = *host__vcpu(m->vm->host, n);
		d->page[n] = *host__vcpu_page(m->vm->host, n);
		v->machine = &d->machine;
		v->page = &d->page[n];
		memset(v->translations, 0, sizeof(v->translations));
		v->tlb_generation = 1;
		d->looked |= 1u << n;
	}
	return v;
}

static void changed(void *user, unsigned n)
{
	struct monitor *m = user;
	const struct vcpu *from = core(m, n);
	struct vcpu *to = host__vcpu(m->vm->host, n);

	memcpy(to->gpr, from->gpr, sizeof(to->gpr));
	memcpy(to->fpr, from->fpr, sizeof(to->fpr));
	memcpy(host__vcpu_page(m->vm->host, n)->cp0, from->page->cp0, sizeof(from->page->cp0));
	to->hi = from->hi;
	to->lo = from->lo;
	to->pc = debug__window(&of(m)->machine.windows, from->pc);
	to->fcsr = from->fcsr;
}

/* --- Memory --- */

static struct debug_view view_of(struct monitor *m, unsigned n)
{
	struct debugger *d = m->debugger;

	return (struct debug_view){ core(m, n), &d->format, d->kernel_root, &d->only };
}

/* Puts what of a word at `address` is among the `size` bytes from `va` on. */
static void put_word(u64 address, u32 word, u64 va, u8 *bytes, unsigned size)
{
	for (unsigned i = 0; i < 4; i++)
		if (address + i - va < size)
			bytes[address + i - va] = ((const u8 *)&word)[i];
}

/* `words` of what was burnt, or stands for something that was left: the first becomes what stood there, the others were NOPs. */
static void unburn(const struct debug_view *view, u64 address, unsigned words, const u32 *now, u32 before, u64 va, u8 *bytes, unsigned size)
{
	u32 there;

	if (words > BURN_SITE_WORDS || address >= va + size || address + 4 * words <= va || debug__read(view, address, &there, 4) != 4 || there != *now)
		return;
	for (unsigned i = 0; i < words; i++)
		put_word(address + 4 * i, i ? 0 : before, va, bytes, size);
}

/* A piece of code as it was linked, unless the guest has rewritten it. */
static void show_piece(const struct debug_view *view, const struct burn_plan *plan, u64 va, u8 *bytes, unsigned size)
{
	const struct code *code = &plan->code;

	if (va >= code->end || va + size <= code->start)
		return;
	for (size_t i = 0; i < plan->site_count; i++) {
		const struct burn_site site = plan->sites[i];

		if (site.how == BURN_INLINE)
			unburn(view, site.address, site.words, site.code, site.word, va, bytes, size);
	}
	for (size_t i = 0; i < code->original_count; i++) {
		const struct original o = code->originals[i];

		unburn(view, o.address, o.words, &o.stand_in, o.word, va, bytes, size);
	}
}

/* All that its arrays promise is in VM memory, and is no more than there is of a kernel. */
static bool is_whole(const struct vm *vm, const struct burn_plan *plan)
{
	return plan->site_count <= PIECE_MOST && plan->code.original_count <= PIECE_MOST &&
	       vm__remembers(vm, plan->sites, plan->site_count * sizeof(*plan->sites)) &&
	       vm__remembers(vm, plan->code.originals, plan->code.original_count * sizeof(*plan->code.originals));
}

/* The kernel, of which we know for ourselves; or the module at `va`, of which all may be rubbish. */
static void show_original(const struct debug_view *view, const struct vm *vm, u64 va, u8 *bytes, unsigned size)
{
	const struct burn_plan *at;
	struct burn_plan plan;
	struct code code;

	show_piece(view, &vm->plan, va, bytes, size);
	if (va - vm->plan.code.start < vm->plan.code.end - vm->plan.code.start)
		return;
	at = (const struct burn_plan *)vm__code(vm, va, &code);		/* its first member */
	if (!at || !vm__remembers(vm, at, sizeof(*at)))
		return;
	plan = *at;
	if (is_whole(vm, &plan))
		show_piece(view, &plan, va, bytes, size);
}

static unsigned read_memory(void *user, unsigned n, u64 va, void *bytes, unsigned size)
{
	struct monitor *m = user;
	const struct debug_view view = view_of(m, n);
	const unsigned done = debug__read(&view, va, bytes, size);

	show_original(&view, m->vm, debug__window(&of(m)->machine.windows, va), bytes, done);
	return done;
}

/* The guest's code has changed. Cores take it over when they go on: their I-caches and blocks may hold what was there. */
static bool publish(struct monitor *m)
{
	struct breakpoints *from = &of(m)->machine.breakpoints, *to = &m->vm->state->machine.breakpoints;
	const u32 changes = ++from->changes;

	*to = *from;
	__atomic_store_n(&to->changes, changes, __ATOMIC_SEQ_CST);
	return true;
}

static bool write_memory(void *user, unsigned n, u64 va, const void *bytes, unsigned size)
{
	const struct debug_view view = view_of(user, n);

	return debug__write(&view, va, bytes, size) && publish(user);
}

static bool set_breakpoint(void *user, unsigned n, u64 va)
{
	const struct debug_view view = view_of(user, n);

	return debug__set_breakpoint(&view, va) && publish(user);
}

static bool clear_breakpoint(void *user, unsigned n, u64 va)
{
	const struct debug_view view = view_of(user, n);

	return debug__clear_breakpoint(&view, va) && publish(user);
}

static bool set_watchpoint(void *user, const struct watchpoint *w)
{
	const struct debug_view view = view_of(user, 0);
	struct watchpoint one = *w;

	one.root = debug__only(&view, w->va);
	return watchpoints__set(&of(user)->machine.breakpoints, &one) && publish(user);
}

static bool clear_watchpoint(void *user, const struct watchpoint *w)
{
	return watchpoints__clear(&of(user)->machine.breakpoints, w) && publish(user);
}

/* --- Stopping and going on --- */

static void begin_stopping(struct monitor *m, struct gdb_stop why)
{
	struct debugger *d = m->debugger;

	d->state = STOPPING;
	d->why = why;
	d->until = clock__now_ns() + PATIENCE_NS;
	monitor__hold(m);
}

static void go_on(struct monitor *m, unsigned state)
{
	struct debugger *d = m->debugger;

	d->state = state;
	d->looked = 0;
	monitor__hold(m);
}

static void resume(void *user, const enum gdb_action action[MACHINE_CORES])
{
	struct monitor *m = user;
	const struct debugger *d = m->debugger;

	for (unsigned i = 0; i < m->vm->options.cpus; i++)
		exchange__debug(m->exchange, i, action[i] == GDB_STAY, action[i] == GDB_STEP, i == d->why.core ? core(m, i)->pc : NOWHERE);
	go_on(m, RUNS);
}

static void interrupt(void *user)
{
	struct monitor *m = user;

	if (of(m)->state == RUNS)
		begin_stopping(m, (struct gdb_stop){ .core = of(m)->gdb.core, .signal = GDB_SIGINT });
}

static void set_debugged(struct monitor *m, bool debugged)
{
	for (unsigned i = 0; i < m->vm->options.cpus; i++)
		host__vcpu(m->vm->host, i)->debugged = debugged;
}

/* No core stops any more, or stays where it is. */
static void let_go(struct monitor *m)
{
	set_debugged(m, false);
	for (unsigned i = 0; i < m->vm->options.cpus; i++)
		exchange__debug(m->exchange, i, false, false, NOWHERE);
}

/* Nothing of it stays in the guest. */
static void leave(struct monitor *m)
{
	struct debugger *d = m->debugger;

	breakpoints__clear_all(&d->machine.breakpoints, d->machine.ram.base, image__swapped(&m->vm->image));
	publish(m);
	memset(&d->only, 0, sizeof(d->only));
	let_go(m);
	if (d->attached)
		gdb__close(&d->gdb);
	d->attached = false;
	gdb_server__drop(&d->server);
}

static void kill_machine(void *user)
{
	monitor__ask(user, ASKED_KILL);
}

static void describe(void *user, unsigned n, char *text, unsigned size)
{
	struct vcpu *v = core(user, n);

	snprintf(text, size, "core %u, %s%s, ASID %u", n, v->waiting ? "idle" : vcpu__kernel_mode(v) ? "kernel" : "user program",
		 v->parked ? ", parked" : "", (unsigned)(v->page->cp0[CP0_ENTRYHI] & ENTRYHI_ASID));
}

static bool command(void *user, unsigned n, const char *text, FILE *out)
{
	const struct debug_view view = view_of(user, n);

	return commands__do(&view, text, out);
}

static const struct gdb_ops ops = {
	.core = core, .changed = changed, .read = read_memory, .write = write_memory, .set_breakpoint = set_breakpoint,
	.clear_breakpoint = clear_breakpoint, .set_watchpoint = set_watchpoint, .clear_watchpoint = clear_watchpoint, .resume = resume, .interrupt = interrupt, .kill = kill_machine,
	.describe = describe, .command = command,
};

/* --- Clients --- */

static void attach(struct monitor *m)
{
	struct debugger *d = m->debugger;
	const struct vm *vm = m->vm;
	struct gdb *g = &d->gdb;

	*g = (struct gdb){
		.ops = &ops, .user = m, .cores = vm->options.cpus, .big_endian = !vm->image.little_endian,
		.text = vm->options.no_relink || !vm->image.segment_count ? 0 : vm->image.segments[0].va + RELINK_DELTA(WINDOW_CKSEG0),
	};
	d->attached = gdb__open(g);
	d->waits = false;
	begin_stopping(m, (struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP });
	d->server.lost |= !d->attached;
}

/* One of the cores has stopped by itself, and why. */
static bool find_stopped(const struct monitor *m, struct gdb_stop *stop)
{
	for (unsigned i = 0; i < m->vm->options.cpus; i++) {
		const u32 why = __atomic_load_n(&m->exchange->debugged[i].stopped, __ATOMIC_SEQ_CST);
		const u32 watch = why - STOPPED_WATCHPOINT;

		if (why == STOPPED_NOT)
			continue;
		*stop = (struct gdb_stop){ .core = i, .signal = GDB_SIGTRAP, .breakpoint = why == STOPPED_BREAKPOINT };
		if (watch < WATCHPOINTS_MOST && m->debugger->machine.breakpoints.watch[watch].size)
			stop->watch = &m->debugger->machine.breakpoints.watch[watch];
		return true;
	}
	return false;
}

static void stopped(struct monitor *m, bool all_rest)
{
	struct debugger *d = m->debugger;

	d->state = STOPPED;
	d->looked = 0;
	/* One that has stopped meanwhile is as good a reason as any; of the others nobody hears, they stop again. */
	if (d->why.signal == GDB_SIGINT)
		find_stopped(m, &d->why);
	set_debugged(m, true);
	gdb__stopped(&d->gdb, &d->why, all_rest ? NULL : "wedge: a core does not rest; its registers are as they last were\n");
}

static void look_at_cores(struct monitor *m)
{
	struct debugger *d = m->debugger;
	struct gdb_stop why;
	bool rest;

	if (d->state == RUNS && find_stopped(m, &why))
		begin_stopping(m, why);
	if (d->state != STOPPING)
		return;
	rest = exchange__rests(m->exchange, m->vm->several ? m->vm->options.cpus : 1);
	if (rest || clock__now_ns() >= d->until)
		stopped(m, rest);
}

void debugger__serve(struct monitor *m)
{
	struct debugger *d = m->debugger;

	if (!d || d->state == ENDS)
		return;
	if (gdb_server__accepts(&d->server))
		attach(m);
	look_at_cores(m);
	if (d->attached)
		gdb_server__serve(&d->server, &d->gdb);
	if (!d->server.lost)
		return;
	if (d->state == RUNS)
		begin_stopping(m, (struct gdb_stop){ .core = 0, .signal = GDB_SIGTRAP });
	if (d->state == STOPPED) {
		leave(m);
		go_on(m, NOBODY);
	}
}

/* --- For the monitor --- */

static void look_at_kernel(struct monitor *m)
{
	struct debugger *d = m->debugger;
	const struct vm *vm = m->vm;
	struct complaint c;

	d->machine = (struct machine){
		.windows = LAYOUT_WINDOWS, .ops = &ops_of_copies, .user = m, .cpus = vm->options.cpus, .big_endian = !vm->image.little_endian,
		.ram = vm->state->machine.ram,
	};
	if (vm->options.no_relink)
		d->machine.windows = (struct windows)CANONICAL_WINDOWS;
	if (page_tables__find(&vm->image, d->machine.ram.base, vm->options.memory, &d->format, &c))
		d->format.levels = 0;
	d->machine.breakpoints.root_shift = d->format.root_shift;
	d->machine.breakpoints.knows_roots = d->format.levels;
	if (image__symbol(&vm->image, "swapper_pg_dir", &d->kernel_root))
		d->kernel_root += vm->options.no_relink ? 0 : RELINK_DELTA(WINDOW_CKSEG0);
	else
		d->kernel_root = 0;
}

int debugger__open(struct monitor *m, const char *where, bool wait, struct complaint *c)
{
	struct debugger *d = calloc(1, sizeof(*d));

	if (!d)
		return complain(c, "no memory for a debugger");
	snprintf(d->spec, sizeof(d->spec), "%s", where);
	if (gdb_server__open(&d->server, d->spec, c)) {
		free(d);
		return -1;
	}
	m->debugger = d;
	look_at_kernel(m);
	d->waits = wait;
	return 0;
}

const char *debugger__where(const struct monitor *m)
{
	return m->debugger ? m->debugger->server.where : NULL;
}

unsigned debugger__wants(const struct monitor *m, struct pollfd *fds)
{
	const struct debugger *d = m->debugger;

	return d && d->state != ENDS ? gdb_server__wants(&d->server, &d->gdb, fds) : 0;
}

u64 debugger__due(const struct monitor *m)
{
	return m->debugger && m->debugger->state == STOPPING ? LOOK_NS : UINT64_MAX;
}

bool debugger__holds(const struct monitor *m)
{
	const struct debugger *d = m->debugger;

	return d && (d->waits || d->state == STOPPING || d->state == STOPPED);
}

void debugger__release(struct monitor *m)
{
	struct debugger *d = m->debugger;

	if (!d || d->state == ENDS)
		return;
	d->waits = false;
	let_go(m);
	go_on(m, ENDS);
}

void debugger__close(struct monitor *m, int status)
{
	struct debugger *d = m->debugger;

	if (!d)
		return;
	if (d->attached) {
		gdb__ended(&d->gdb, status);
		gdb_server__serve(&d->server, &d->gdb);
		gdb__close(&d->gdb);
	}
	gdb_server__close(&d->server);
	free(d);
	m->debugger = NULL;
}
