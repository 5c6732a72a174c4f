/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The guest's clock: that of the Host, instructions counted, or one that was recorded.
 *
 * To compare a guest that runs natively with one whose instructions were counted, both must be told the same time. So
 * the counting one writes down what its clock said whenever the guest could see it, --record-clock, and the native
 * one repeats it, --replay-clock. In between, a repeated clock stands still. What sees the clock is any access to
 * Count, CvmCount, Compare or Cause, RDHWR of a clock, and registers of devices that run by it. All of that comes to us in every mode;
 * only not from the slot of a branch, where neither records nor repeats.
 *
 * Up to the first interrupt: where exactly that comes a clock which stands still cannot tell. There the recording
 * ends, and whoever repeats it ends as soon as the guest asks for more.
 *
 * While all of a VM's processes are stopped (SIGSTOP, a terminal's Ctrl-Z, a Host that gives them no time) the guest's clock
 * stands still, as it does while the Host sleeps: else its kernel would find that a core has been stuck for a minute, and its watchdog that
 * nobody feeds it. The Host's time of day is in the Board's clock chip.
 *
 * Where guest programs can read a counter of the Host's the clock goes by that, at its rate, which the guest takes for that of its core; and they are told how
 * one follows from the other (abi/clock.h), as each core is for its kernel (struct vcpu_clock): for so long as no stop can have been left out, which is as long as
 * somebody has just looked. Behind that they ask their kernel, and the kernel us, who look.
 *
 * The file: for each time the cycles since the one before, as LEB128.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "abi/stolen.h"
#include "lib/clock.h"
#include "wedge/load/structure.h"
#include "wedge/load/user-clock.h"
#include "wedge/monitor/vm.h"

/* In cycles; hz is that of the clock. */
#define GAP(hz)		(3 * (hz))	/* Whoever sleeps looks at the clock once a second */
#define SEEN(hz)	((hz) / 10)	/* So exactly it is known when somebody looked last: to write it each time would cost every look */
#define GAP_LEFT(hz)	SEEN(hz)	/* of such a gap: somebody may have been there already */

/*
 * The core clock where no counter says it. Any rate would do: the guest learns it from the boot descriptor. This one is a clean
 * divisor of 1 GHz and near to what CN56XX boards have.
 */
#define CLOCK_HZ	500000000ull

#define RDHWR_MATCH	0x7c00003bu
#define RDHWR_MASK	0xffe007ffu
#define COP0_MOVE_MATCH	0x40000000u	/* mfc0, dmfc0, mtc0, dmtc0: bits 24-21 are 0, 1, 4, 5 */
#define COP0_MOVE_MASK	0xff4007f8u

enum { HWR_CC = 2, HWR_CVMCOUNT = 31 };

static int open_file(struct clock *clock, const char *path, const char *mode, struct complaint *c)
{
	clock->file = fopen(path, mode);
	return clock->file ? 0 : complain(c, "the recorded clock '%s': %s", path, strerror(errno));
}

/* What the guest's clock goes by, in its cycles. */
static u64 host_cycles(const struct clock *clock)
{
	return clock->by_counter ? host__counter() : clock__now_ns() / (1000000000 / CLOCK_HZ);
}

int vm__start_clock(struct vm *vm, bool native, struct complaint *c)
{
	const struct options *o = &vm->options;
	u64 hz = 0;

	if (native && !o->count_time && !options__is_logged(o))
		hz = host__counter_hz();
	vm->clock.by_counter = hz;
	vm->clock.hz = hz ? hz : CLOCK_HZ;
	vm->clock.start = host_cycles(&vm->clock);
	if (o->record_clock && !o->check && !o->dry_run)
		return open_file(&vm->clock, o->record_clock, "wbe", c);
	if (o->replay_clock && !o->check && !o->dry_run)
		return open_file(&vm->clock, o->replay_clock, "rbe", c);
	return 0;
}

u64 vm__ns_of_cycles(const struct vm *vm, u64 cycles)
{
	return (unsigned __int128)cycles * 1000000000 / vm->clock.hz;
}

/* Of all cores: with --count-time they share the cycles. */
static u64 executed(const struct vm *vm)
{
	u64 n = 0;

	for (unsigned i = 0; i < vm->options.cpus; i++)
		n += vm->vcpu[i]->interpreted - vm->vcpu[i]->faults;
	return n;
}

/* --- What guest programs are told --- */

int vm__tell_of_clock(struct vm *vm, struct complaint *c)
{
	struct afterburn_clock *user;

	if (user_clock__find(&vm->image, vm->state->machine.ram.base, vm->options.memory, &user, c))
		return -1;
	if (!user)
		return 0;
	user->until = 0;
	if (!vm->clock.by_counter)
		return 0;
	user->rate = 1ull << 32;
	vm->clock.user = user;
	vm->state->machine.count_shared = true;
	return 0;
}

/* The count up to which the clock is sure to go on so: no later than where it would go on if the machine were stopped now. */
static struct vcpu_clock reading(const struct vm *vm)
{
	const struct vm_state *s = vm->state;
	const u64 left_out = __atomic_load_n(&s->clock_left_out, __ATOMIC_SEQ_CST);
	const u64 until = __atomic_load_n(&s->clock_seen, __ATOMIC_SEQ_CST) + GAP_LEFT(vm->clock.hz) + vm->clock.start + left_out;

	return (struct vcpu_clock){ s->machine.count_shared ? until : 0, -(vm->clock.start + left_out) };
}

/* Whoever is stopped in here keeps others from it, who do without. What is in the guest's memory we only write. */
static void tell_programs(const struct vm *vm)
{
	struct vm_state *s = vm->state;
	struct afterburn_clock *user = vm->clock.user;
	u32 told = __atomic_load_n(&s->clock_told, __ATOMIC_RELAXED);
	struct vcpu_clock now;

	if (!user || (told & 1) || !__atomic_compare_exchange_n(&s->clock_told, &told, told + 1, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED))
		return;
	now = reading(vm);
	__atomic_store_n(&user->offset, now.offset, __ATOMIC_SEQ_CST);
	__atomic_store_n(&user->until, now.until, __ATOMIC_SEQ_CST);
	__atomic_store_n(&s->clock_told, told + 2, __ATOMIC_SEQ_CST);
}

void vm__tell_core_of_clock(const struct vm *vm, struct vcpu *v)
{
	if (vm->clock.user)
		v->page->clock = reading(vm);
}

/* Where a time is counted in instructions, or repeated, nobody can have stolen any. */
int vm__count_stolen(struct vm *vm, struct complaint *c)
{
	u8 *const ram = vm->state->machine.ram.base;
	u64 at;
	int found;

	if (vm->options.firmware || vm__is_repeated(&vm->options))
		return 0;
	found = structure__find(&vm->image, ram, vm->options.memory, AFTERBURN_STOLEN_SYMBOL, AFTERBURN_STOLEN_MAGIC, sizeof(struct afterburn_stolen), &at, c);
	if (found <= 0)
		return found;
	image__put64(&vm->image, ram + at + offsetof(struct afterburn_stolen, counted), 1);
	vm->stolen_ns = (u64 *)(ram + at + offsetof(struct afterburn_stolen, ns));
	return 0;
}

/* One store: the kernel reads it at any time. */
void vm__tell_of_stolen(struct vm *vm, unsigned core, u64 ns)
{
	if (vm->stolen_ns)
		__atomic_store_n(&vm->stolen_ns[core], vm->image.little_endian ? htole64(ns) : htobe64(ns), __ATOMIC_RELAXED);
}

/* --- What time it is --- */

/*
 * Cycles for the guest, on any core. A time for which nobody has looked at the clock is left out, by whoever is the first to see it. Who
 * is stopped between two of these lines finds that time left out by another, and looks again.
 */
static u64 passed(const struct vm *vm)
{
	struct vm_state *s = vm->state;
	const u64 hz = vm->clock.hz;
	u64 left_out, now, seen;

	for (;;) {
		left_out = __atomic_load_n(&s->clock_left_out, __ATOMIC_SEQ_CST);
		now = host_cycles(&vm->clock) - vm->clock.start - left_out;
		seen = __atomic_load_n(&s->clock_seen, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&s->clock_left_out, __ATOMIC_SEQ_CST) != left_out)
			continue;
		if ((s64)(now - seen) < (s64)GAP(hz))
			break;
		__atomic_compare_exchange_n(&s->clock_left_out, &left_out, left_out + (now - seen) - GAP_LEFT(hz), false,
					    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	}
	/* Not if somebody else was faster: he has seen what we have, or about that. */
	if ((s64)(now - seen) >= (s64)SEEN(hz) &&
	    __atomic_compare_exchange_n(&s->clock_seen, &seen, now, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
		tell_programs(vm);
	return now;
}

u64 vm__cycles(const struct vm *vm)
{
	if (vm->options.replay_clock)
		return vm->clock.now;
	if (vm->options.count_time)
		return executed(vm) + vm->clock.slept;
	return passed(vm);
}

static void record(struct clock *clock, u64 now)
{
	u64 n = now - clock->now;

	for (; n > 0x7f; n >>= 7)
		putc_unlocked(0x80 | (n & 0x7f), clock->file);
	putc_unlocked(n, clock->file);
	clock->now = now;
}

static bool repeat(struct clock *clock)
{
	unsigned shift = 0;
	int byte;
	u64 n = 0;

	do {
		byte = getc_unlocked(clock->file);
		if (byte == EOF || shift > 63)
			return false;
		n |= (u64)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80);
	clock->now += n;
	return true;
}

void vm__clock_seen(struct vm *vm)
{
	if (!vm->clock.file)
		return;
	if (vm->options.record_clock)
		record(&vm->clock, vm__cycles(vm));
	else if (repeat(&vm->clock))
		vcpu__check_timer(vm->vcpu[0]);
	else
		vm__end_clock(vm);
}

bool vm__sees_clock(u32 insn)
{
	unsigned number = insn >> 11 & 31;

	if ((insn & RDHWR_MASK) == RDHWR_MATCH)
		return number == HWR_CC || number == HWR_CVMCOUNT;
	if ((insn & COP0_MOVE_MASK) != COP0_MOVE_MATCH)
		return false;
	switch (cp0__find(number, insn & 7)) {
	case CP0_COUNT: case CP0_CVMCOUNT: case CP0_COMPARE: case CP0_CAUSE: return true;
	default: return false;
	}
}

void vm__end_clock(struct vm *vm)
{
	FILE *file = vm->clock.file;

	if (!file)
		return;
	vm->clock.file = NULL;
	if (ferror(file) | fclose(file))
		die_errno("the recorded clock");
	if (vm->options.replay_clock)
		vm__stop(vm, EXIT_GUEST_DONE, "%s", "");
}
