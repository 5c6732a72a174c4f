/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The Wedge at the vCPU: steps the interpreter, looks at what has happened meanwhile, runs guest user code, until the guest's kernel can go
 * native again, as it stands or as a block.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/mman.h>

#include "lib/clock.h"
#include "wedge/core/interp.h"
#include "wedge/host/mips64/host.h"

#define STEPS_AFTER_USER_ACCESS	12	/* a short copy is interpreted to its end */
#define STEPS_IN_LL		64	/* an LL without SC is given up after so many, or so many instructions away from it */

static void set_page_readonly(struct host *h, bool readonly)
{
	bool *is = &h->homes[h->home].page_readonly;
	u64 size;

	if (*is == readonly)
		return;
	host__own_thread(h);
	/* Without blocks calls stop there, too, and what comes behind is interpreted: with --poison, where all are calls, a handler took four times as long. */
	size = h->blocks && host__page_is_apart() ? VCPU_PAGE_SIZE : host__low_pages_end() - host__low_pages();
	if (mprotect((void *)host__low_pages(), size, readonly ? PROT_READ : PROT_READ | PROT_WRITE))
		die_errno("protecting the vCPU page");
	*is = readonly;
}

/*
 * Is it on the way from an LL to its SC? They lie close together; who leaves, as a TLB handler does that finds no page, does not come back.
 */
static bool in_link(const struct vcpu *v, u64 since)
{
	return v->ll_valid && v->interpreted - since < STEPS_IN_LL && v->pc - v->ll_pc + 4 * STEPS_IN_LL < 8 * STEPS_IN_LL;
}

/* Where to go on natively: the guest's pc, or a block. 0: nowhere. Sets `closed` when it finds pc in a stretch that must not run as it stands. */
static u64 native_place(struct host *h, u64 since, struct region *closed)
{
	const struct vcpu *v = h->vcpu;
	struct code *code;
	const struct region *around;

	/* Into the middle of a word goes the interpreter, which raises: a jump drops those bits (ways.c). */
	if (v->pc % 4 || in_link(v, since) || (v->debugged && h->machine->breakpoints.watches))
		return 0;
	if (v->pc < closed->start || v->pc >= closed->end) {
		code = machine__code(h->machine, v->pc);
		/* Handlers that Linux has generated have no records: with EXL set k0 and k1 may be live. */
		around = code ? code__closed(code, v->pc, vcpu__exl(v)) : NULL;
		if (around)
			*closed = *around;
		else if (code)
			return v->interpreted - v->last_user_access >= STEPS_AFTER_USER_ACCESS ||
			       h->user.copy_may_go_on(h->user.user, since) ? v->pc : 0;
	}
	/* Where all of the low page is read-only while an interrupt is pending, a block's first store would be a signal. */
	return host__page_is_apart() || !(cp0_word(v, CP0_CAUSE) & CAUSE_IP) ? blocks__meet(h->blocks, v, v->pc) : 0;
}

static void sleep_until_event(struct host *h)
{
	const u64 begin = host__elsewhere(h);

	host__own_thread(h);
	h->client->idle(h->client->user);
	host__back(h, false, begin);
}

/* For statistics: why is the instruction at pc interpreted? `done` are so far, of at least `least`. */
static enum host_why why(const struct host *h, u64 since, u64 done, u64 least)
{
	const struct vcpu *v = h->vcpu;

	if (done < least)
		return HOST_WHY_BEGUN;
	if (in_link(v, since))
		return HOST_WHY_LINK;
	if (machine__may_run(h->machine, v->pc, vcpu__exl(v)))
		return HOST_WHY_COPY;
	return blocks__refuses(h->blocks, v->pc) ? HOST_WHY_REFUSED : HOST_WHY_NEW;
}

/* One only, if there may be a breakpoint behind it. */
static int one_or_more(struct vcpu *v)
{
	return !v->debugged && fpu__moves(v) ? 0 : vcpu__step(v);
}

int drive__step(struct host *h, u64 since, u64 least)
{
	const struct host_client *client = h->client;
	struct vcpu *v = h->vcpu;
	const u64 before = v->interpreted, pc = v->pc;
	enum host_why reason;
	int result;

	if (!client->stepped)
		return one_or_more(v);
	reason = why(h, since, before - since, least);
	result = one_or_more(v);
	client->stepped(client->user, reason, pc, v->interpreted - before);
	return result;
}

#define COP0	0x10u

/* Is an instruction of coprocessor 0 next, such as eret? What that may need of the C library it asks for itself. */
bool drive__at_cp0(const struct host *h)
{
	const u64 pc = h->vcpu->pc;

	return pc - WINDOW_CKSEG0 < WINDOW_CKSEG0_SIZE && h->ram_size > pc - WINDOW_CKSEG0 && *(const u32 *)pc >> 26 == COP0;
}

u64 drive(struct host *h, unsigned least)
{
	const struct host_client *client = h->client;
	struct vcpu *v = h->vcpu;
	u64 start = v->interpreted;
	struct region closed = { 0 };	/* where the last look at the regions need not be repeated */
	u64 place;

	for (;;) {
		u64 pc = v->pc;

		if (__atomic_load_n(&v->kick, __ATOMIC_RELAXED)) {
			host__own_thread(h);
			__atomic_store_n(&v->kick, 0, __ATOMIC_SEQ_CST);	/* then the look at what is new */
			client->poll(client->user);
			if (client->stopped(client->user)) {	/* host__kick() said so */
				if (h->home) {		/* whoever came first ends it */
					v->kick = 1;
					host__move(h, 0);
				}
				siglongjmp(h->leave, 1);
			}
		}
		if (v->debugged && client->debugged(client->user))
			continue;
		if (v->hung || (v->waiting && !vcpu__irq_pending(v))) {
			sleep_until_event(h);
			continue;
		}
		if (v->waiting && trace__on(v->tracing, TRACE_WAKE))
			trace__put(v->trace, TRACE_WAKE, v->core, 0, 0, 0);
		v->waiting = false;
		if (vcpu__irq_deliverable(v))
			exception__interrupt(v);
		if (!vcpu__kernel_mode(v)) {
			if (!h->direct) {
				h->user.run(h->user.user);
			} else if ((place = h->user.goes(h->user.user, &h->way_back))) {
				v->ll_valid = false;
				h->to_user = true;
				return place;
			}
			continue;
		}
		if (v->interpreted - start >= least && (place = native_place(h, start, &closed)))
			break;
		if (h->homes[h->home].tp_away && !drive__at_cp0(h))
			host__own_thread(h);
		if (drive__step(h, start, least) && v->pc == pc)
			client->hang(client->user);
	}
	/*
	 * An LL that was given up is gone: left open it would have every later call interpret STEPS_IN_LL more
	 * (set_pte() has an LL without SC: a quarter of a boot's instructions). A native SC fails and is repeated.
	 */
	v->ll_valid = h->to_user = false;
	h->user.going_native(h->user.user, start);
	v->page->k[0] = v->gpr[REG_K0];
	v->page->k[1] = v->gpr[REG_K1];
	/* Masked and pending: the next store to the page may unmask it, so let that one trap. A call looks anyway, and stores elsewhere. */
	set_page_readonly(h, cp0_word(v, CP0_CAUSE) & CAUSE_IP);
	return place;
}

static void block_alarms(bool block)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigaddset(&set, SIGUSR1);	/* kicks */
	sigaddset(&set, SIGUSR2);
	sigprocmask(block ? SIG_BLOCK : SIG_UNBLOCK, &set, NULL);
}

void drive__unblock(struct host *h)
{
	host__own_thread(h);
	block_alarms(false);
}

u64 drive_until_blocked(struct host *h, u64 place)
{
	for (;;) {
		block_alarms(true);
		if (!h->vcpu->kick)
			return place;
		block_alarms(false);
		place = drive(h, 0);
	}
}

u64 drive_and_block(struct host *h, unsigned least)
{
	return drive_until_blocked(h, drive(h, least));
}
