/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Direct user mode: guest user code goes native in our own address space, of which the core has several (wedge/host/mips64/direct.c). A guest
 * address space lives in one of them; when the guest's kernel has switched to another, which its page tables' root says, the core moves.
 */
#include <signal.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "lib/complain.h"
#include "lib/heap.h"
#include "wedge/core/interp.h"
#include "wedge/core/layout.h"
#include "wedge/user/space.h"

#define TABLES_SIZE	(64ull << 20)	/* for tables of pages; the Host gives what is used */

static struct home_space *home_of(struct user_mode *u, const struct space *s)
{
	return s->home == HOME_NONE ? NULL : &u->homes[s->home];
}

/* One that nobody has, else the one where nobody was for longest. */
static unsigned find_home(struct user_mode *u)
{
	unsigned found = 0;

	for (unsigned i = 0; i < u->homes_most; i++) {
		const struct home_space *h = &u->homes[i];

		if (!h->space)
			return i;
		if (h->last_used < u->homes[found].last_used)
			found = i;
	}
	return found;
}

static void leave_home(struct user_mode *u, struct space *s)
{
	struct home_space *h = home_of(u, s);

	if (!h)
		return;
	/* FP registers that nobody has seen are there, and nowhere else. */
	if (s->home != u->home && !host__fp_is_known(u->host, s->home)) {
		u->fp_wanted = true;
		host__move(u->host, s->home);
	}
	if (s->home == u->home)
		user__note_fp(u, s);
	if (u->fp_space == s)
		user__fpu_fetch(u);
	space__empty(u, s);
	h->space = NULL;
	s->home = HOME_NONE;
}

static void take_home(struct user_mode *u, struct space *s)
{
	const unsigned n = find_home(u);

	if (u->homes[n].space)
		leave_home(u, u->homes[n].space);
	u->homes[n].space = s;
	u->homes[n].fp_thread = ~0ull;		/* nobody's */
	s->home = n;
	s->stale = true;
}

static void go_home(struct user_mode *u, struct space *s)
{
	if (s->home == HOME_NONE)
		take_home(u, s);
	u->homes[s->home].last_used = ++u->uses;
	if (s->home == u->home)
		return;
	if (u->fp_space && u->fp_space->home == u->home)	/* they stay here */
		user__fpu_fetch(u);
	host__move(u->host, s->home);
}

/*
 * Has the address space another ASID than it had? Then what is mapped has to be looked at again. Not if it is one beside an address of the kernel's, as Linux
 * puts it where it invalidates an entry; nor if it is another space's: those are given once, until all is flushed, and on the way to another space
 * Linux sets the ASID first, then the root. Neither touches a program's memory meanwhile.
 */
static bool has_new_asid(const struct user_mode *u)
{
	return !(u->vcpu->page->cp0[CP0_ENTRYHI] >> 62) && !bind__of(u, user__asid(u));
}

struct space *direct__be_home(struct user_mode *u)
{
	const u64 root = tables__root(&u->tables);
	struct space *s = u->homes[u->home].space;

	if (!root || (s && s->root == root && !has_new_asid(u)))
		return s;
	if (s && s->root == root) {
		u->rebound = s;
		u->rebound_from = s->asid;
	} else if (s && u->rebound == s) {		/* the ASID is that of the space to which it was on the way */
		s->asid = u->rebound_from;
		u->rebound = NULL;
	}
	s = bind__current(u);
	go_home(u, s);
	return s;
}

struct space *direct__here(const struct user_mode *u)
{
	struct space *s = bind__of(u, user__asid(u));

	return s && s->home == u->home && !s->stale && s->root == tables__root(&u->tables) ? s : NULL;
}

void direct__moved(void *user, unsigned home, bool is_new)
{
	struct user_mode *u = user;
	struct home_space *h = &u->homes[home];

	u->home = home;
	u->kernel = &h->kernel;
	u->run.size = 0;
	if (is_new) {		/* it has what was mapped of the home that it was made from */
		h->dirty = true;
		space__unmap_all(u, u->kernel);
	}
	if (h->dirty && !space__unmap_users(u))
		die("the Host would not unmap a window");
	h->dirty = false;
	if (h->space)
		space__arrive(u, h->space);
	if (h->space && u->fp_wanted)
		user__note_fp(u, h->space);
	u->fp_wanted = false;
	space__refresh(u, u->kernel);
}

void direct__homeless(void *user, unsigned home)
{
	struct user_mode *u = user;
	struct space *s = u->homes[home].space;

	u->homes_most = home;		/* homes are taken in order */
	u->homes[home].space = NULL;
	if (s)
		s->home = HOME_NONE;
}

u64 direct__goes(void *user, u64 *way_back)
{
	struct user_mode *u = user;
	struct vcpu *v = u->vcpu;
	struct space *s = bind__current(u);
	u64 place;

	go_home(u, s);
	u->rebound = NULL;
	s->last_used = ++u->uses;
	if (!user__prepare(u, s))
		return 0;
	/* Addresses that a program cannot have; ours among them, and the kernel's. */
	if (!windows__are_users(&u->machine->windows, v->pc) || (v->debugged && user__is_held(u, s, v->pc))) {
		host__own_thread(u->host);
		vcpu__step(v);
		return 0;
	}
	place = sites__place(u, s, way_back);
	if (!space__map_run(u)) {
		space__empty(u, s);
		return 0;
	}
	u->homes[u->home].fp_thread = v->page->cp0[CP0_USERLOCAL];
	u->began = v->pc;
	return place;
}

/* --- What a signal means, whose frame has no Cause --- */

/* The instruction there, as user code has just found it. */
static bool fetch(const struct user_mode *u, u64 pc, u32 *word)
{
	const struct space *s = u->homes[u->home].space;
	const u64 page = space__at(s, pc & ~(HOST_PAGE - 1));
	const u8 *at = page ? ram__at(&u->machine->ram, (page & ~(HOST_PAGE - 1)) + pc % HOST_PAGE, 4) : NULL;

	if (at)
		memcpy(word, at, sizeof(*word));
	return at;
}

static bool is_branch(const struct user_mode *u, u64 pc)
{
	u32 word;

	return fetch(u, pc, &word) && mips_insn__has_delay_slot(word);
}

/* By the opcode; what it takes for a load faults again, and is interpreted then. */
static bool is_store(u32 word)
{
	const u32 opcode = mips_insn__opcode(word);

	return (opcode >= 0x28 && opcode < 0x2f) || opcode >= 0x38;
}

/*
 * A kernel that emulates an FP branch and what is in its slot, and meets a fault there, leaves the program at the slot; the branch would be lost. A program
 * that has jumped to a slot of an FP branch is taken for that, too: compilers make none.
 */
static void back_to_branch(struct user_mode *u)
{
	struct vcpu *v = u->vcpu;
	u32 before;

	if (!u->has_fpu && v->pc != u->began && !is_branch(u, v->pc) && is_branch(u, v->pc - 4) && fetch(u, v->pc - 4, &before) &&
	    mips_insn__is_fpu(before))
		v->pc -= 4;
}

static u32 exception_of(const struct user_mode *u, const struct stub_signal *signal, bool in_slot)
{
	u32 word = 0;
	const bool known = fetch(u, u->vcpu->pc + (in_slot ? 4 : 0), &word);

	/* A kernel that emulates the FPU says so why that has stopped. */
	if (!u->has_fpu && known && mips_insn__is_fpu(word) && signal->number != SIGILL)
		return EXC_CPU << 2 | 1 << CAUSE_CE_SHIFT;
	switch (signal->number) {
	case SIGSEGV: return (known && is_store(word) ? EXC_TLBS : EXC_TLBL) << 2;
	case SIGBUS: return EXC_ADEL << 2;
	case SIGFPE: return (signal->code == FPE_INTOVF || signal->code == FPE_INTDIV ? EXC_OV : EXC_FPE) << 2;
	case SIGTRAP: return EXC_BP << 2;
	default: return EXC_RI << 2;
	}
}

void direct__stopped(void *user, const struct stub_signal *signal, bool asynchronous)
{
	struct user_mode *u = user;
	struct space *s = u->homes[u->home].space;
	struct vcpu *v = u->vcpu;
	enum stub_stop stop = asynchronous ? STUB_KICKED : signal->number == SIGSYS ? STUB_SYSCALL : STUB_SIGNAL;
	u32 cause;
	bool in_slot;

	/*
	 * On the way to its call nothing but the call can have stopped it, be it by a page that is read-only just now. (A stray program can be there, too; it
	 * makes one then.)
	 */
	if (stop == STUB_SYSCALL)
		v->pc -= 4;		/* the Host's kernel has gone on by one: from the system call, or from a branch before it */
	else
		back_to_branch(u);
	if (sites__leave(u, s) && stop == STUB_SIGNAL)
		stop = STUB_SYSCALL;
	in_slot = stop != STUB_KICKED && is_branch(u, v->pc);
	cause = stop == STUB_SIGNAL ? exception_of(u, signal, in_slot) : EXC_SYS << 2;
	u->signal = *signal;
	if (stop == STUB_SYSCALL && !in_slot)
		sites__met(u, s, v->pc);
	user__ended(u, s, stop, cause | (in_slot ? CAUSE_BD : 0), signal->address, u->began);
}

int direct__start(struct user_mode *u, struct complaint *c)
{
	void *room;

	if (!u->tables.format.levels)
		return complain(c, "--user direct: this kernel does not say how its page tables are laid out; one with our patches does");
	if (host__go_direct(u->host, c))
		return -1;
	room = host__shared_room(u->host, TABLES_SIZE);
	if (!room || !host__share(u->host, u, USER_MODE_SIZE))
		return complain(c, "--user direct: no memory");
	u->heap = heap__make(room, TABLES_SIZE);
	u->homes_most = HOST_HOMES;
	for (unsigned i = 0; i < SPACES; i++) {
		u->spaces[i].pages.heap = u->heap;
		u->spaces[i].home = HOME_NONE;
	}
	for (unsigned i = 0; i < HOST_HOMES; i++) {
		u->homes[i].kernel.pages.heap = u->heap;
		u->homes[i].kernel.home = i;
	}
	u->uaccess.home = HOME_NONE;
	if (u->near && sites__open(u, u->near))
		return complain(c, "--user direct: no memory for system calls that are jumps");
	return 0;
}
