/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Direct user mode: guest user code runs in the address space of its kernel, as another place where the guest goes native.
 *
 * A core is a *family* of processes, its homes, one for each guest address space that it knows. All that a process of the Wedge has is
 * shared by the family at one address, its data and heap included; what each has to itself are the pages of guest programs and of vmalloc space, a
 * stack to wait on, and one for signals. One of them runs, the others wait for their turn; when the guest goes to another address space, the turn
 * goes to that home, and the vCPU, which is in memory, with it.
 *
 * Guest user code leaves by signals. A filter makes a system call one (SIGSYS) that does not come from the Wedge's own text, by the address of the
 * instruction. So guest user code can reach what the guest's kernel can, and no more: what holds both is the jail.
 *
 * A system call that wedge/user/sites.c has made a jump leaves by that, and comes back by one: sites.S. Then the Wedge is not called at all.
 *
 * The thread pointer is the program's while it runs, and on the short way through its kernel; host__own_thread() makes it the C library's again.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "wedge/core/layout.h"
#include "wedge/host/mips64/entry.h"
#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/start.h"

/* uc_mcontext.used_math: there are FP registers, of 64 bits. */
#define USED_FP		3

_Static_assert(!(WINDOW_MAP_END & 0xffffffff), "the filter compares upper halves");

/* --- What the family shares --- */

bool host__share(struct host *h, void *at, u64 size)
{
	void *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return false;
	memcpy(shared, at, size);
	return mremap(shared, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, at) == at;
}

void *host__shared_room(struct host *h, u64 size)
{
	void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return room == MAP_FAILED ? NULL : room;
}

extern const Elf64_Ehdr __ehdr_start __attribute__((visibility("hidden")));

static u64 placed(u64 address)
{
	return address < the_start.at ? address + the_start.at : address;
}

/* The Wedge's own data: what is writable of the program's last part, behind what is read-only once it is relocated. */
static bool share_data(struct host *h)
{
	const Elf64_Phdr *p = (const Elf64_Phdr *)((const u8 *)&__ehdr_start + __ehdr_start.e_phoff);
	u64 start = 0, end = 0, relro_end = 0;

	for (unsigned i = 0; i < __ehdr_start.e_phnum; i++) {
		if (p[i].p_type == PT_LOAD && p[i].p_flags & PF_W) {
			start = placed(p[i].p_vaddr) & ~(HOST_PAGE - 1);
			end = (placed(p[i].p_vaddr) + p[i].p_memsz + HOST_PAGE - 1) & ~(HOST_PAGE - 1);
		} else if (p[i].p_type == PT_GNU_RELRO) {
			relro_end = (placed(p[i].p_vaddr) + p[i].p_memsz) & ~(HOST_PAGE - 1);
		}
	}
	if (relro_end > start && relro_end < end)
		start = relro_end;
	return start && host__share(h, (void *)start, end - start);
}

/* --- The filter --- */

static int set_filter(struct complaint *c)
{
	const u32 upper = offsetof(struct seccomp_data, instruction_pointer) + (host__big_endian() ? 0 : 4);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, upper),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, WINDOW_MAP_END >> 32, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
	};
	const struct sock_fprog program = { .len = sizeof(code) / sizeof(*code), .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return complain(c, "--user direct: a filter of system calls: %s", strerror(errno));
	return 0;
}

/* Without the C library: `errno` is where the thread pointer says. */
static void call_host(u64 call, u64 a, u64 b, u64 c, u64 d)
{
	register u64 number __asm__("$2") = call;
	register u64 first __asm__("$4") = a;
	register u64 second __asm__("$5") = b;
	register u64 third __asm__("$6") = c;
	register u64 fourth __asm__("$7") = d;

	__asm__ volatile("syscall" : "+r"(number), "+r"(fourth) : "r"(first), "r"(second), "r"(third)
			 : "$1", "$3", "$8", "$9", "$10", "$11", "$12", "$13", "$14", "$15", "$24", "$25", "hi", "lo", "memory");
}

static void set_thread_pointer(u64 value)
{
	call_host(SYS_set_thread_area, value, 0, 0, 0);
}

static u64 thread_pointer(void)
{
	u64 value;

	__asm__ volatile(".set push\n\t.set mips64r2\n\trdhwr %0, $29\n\t.set pop" : "=r"(value));
	return value;
}

int host__go_direct(struct host *h, struct complaint *c)
{
	if (!share_data(h))
		return complain(c, "--user direct: sharing the Wedge's data: %s", strerror(errno));
	h->own_tp = thread_pointer();
	h->direct = true;
	h->homes[0].process = h->running_process = getpid();
	h->stand_ins_fd = -1;
	return set_filter(c);
}

/* --- Homes --- */

static void wait_for_turn(u32 *turn)
{
	while (!__atomic_exchange_n(turn, 0, __ATOMIC_ACQUIRE))
		call_host(SYS_futex, (u64)turn, FUTEX_WAIT, 0, 0);
}

static void give_turn(u32 *turn)
{
	__atomic_store_n(turn, 1, __ATOMIC_RELEASE);
	call_host(SYS_futex, (u64)turn, FUTEX_WAKE, 1, 0);
}

static void own_thread(const struct host *h, struct home *home)
{
	if (!home->tp_away)
		return;
	set_thread_pointer(h->own_tp);
	home->tp_away = false;
}

void host__own_thread(struct host *h)
{
	own_thread(h, &h->homes[h->home]);
}

/* By its number: who has just given the turn away cannot tell by whose it is. */
void direct__own_thread(struct host *h)
{
	const pid_t process = h->direct ? getpid() : 0;

	for (unsigned i = 0; process && i < HOST_HOMES; i++)
		if (h->homes[i].process == process)
			own_thread(h, &h->homes[i]);
}

/* Who waits leaves the thread pointer as it is: his program goes on with it. */
_Noreturn void host__move(struct host *h, unsigned home)
{
	h->next_home = home;
	__builtin_longjmp(h->homes[h->home].base, 1);
}

_Noreturn void direct__again(struct host *h)
{
	host__move(h, h->home);
}

static void arrive(struct host *h, unsigned own, bool is_new)
{
	h->home = own;
	h->running_process = h->homes[own].process;
	h->user.moved(h->user.user, own, is_new);
}

unsigned direct__give_way(struct host *h, unsigned own)
{
	const unsigned next = h->next_home;
	const pid_t parent = h->homes[own].process;
	pid_t child = h->homes[next].process;

	if (next == own)
		return own;
	if (!child) {
		host__own_thread(h);
		h->homes[next] = (struct home){ .page_readonly = h->homes[own].page_readonly };	/* with the FP registers of its parent in its task */
		child = fork();
		if (child < 0) {
			h->user.homeless(h->user.user, next);
			return own;
		}
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			if (getppid() != parent)
				_exit(0);
			h->homes[next].process = getpid();
			arrive(h, next, true);
			return next;
		}
	} else {
		give_turn(&h->homes[next].turn);
	}
	wait_for_turn(&h->homes[own].turn);
	arrive(h, own, false);
	return own;
}

#define CANNOT_GO_ON	3	/* the exit status of a machine whose guest cannot */

/*
 * Process 1 of the jail has the children of others as well, when those have ended. One that was killed is told of by its parent, and each ends as its child
 * has, up to the first. By _exit(): what exit() does once is the family's. Who ended before he could say who he is was the next.
 */
void direct__ended(struct host *h, const siginfo_t *info)
{
	for (unsigned i = 0; i < HOST_HOMES; i++) {
		if (h->homes[i].process != info->si_pid && (h->homes[i].process || i != h->next_home))
			continue;
		direct__own_thread(h);
		if (!direct__waits(h))
			direct__strayed(h);
		if (info->si_code == CLD_EXITED)
			_exit(info->si_status);
		fprintf(stderr, "wedge: core %u: its process %d for programs of the guest was killed\n", h->core, info->si_pid);
		_exit(CANNOT_GO_ON);
	}
}

bool direct__waits(const struct host *h)
{
	return h->direct && getpid() != h->running_process;
}

/* --- Into user code, and out of it --- */

extern const char direct__go_end[];

bool direct__is_going(u64 pc)
{
	return pc >= (u64)direct__go && pc < (u64)direct__go_end;
}

static void give_thread_pointer(struct host *h)
{
	struct home *home = &h->homes[h->home];

	if (home->tp_away && home->tp == h->page->cp0[CP0_USERLOCAL])
		return;
	home->tp = h->page->cp0[CP0_USERLOCAL];
	home->tp_away = true;
	set_thread_pointer(home->tp);
}

/* It has them in its task, and does with them what it likes. */
static void fp_goes(struct home *home)
{
	home->fp_before = home->fp;
	home->fp = (struct home_fp){ .unknown = true, .in_task = true };
}

void direct__calls_off(struct host *h)
{
	direct__interrupted(h);
	h->homes[h->home].fp = h->homes[h->home].fp_before;
}

static void know_fp(struct host *h)
{
	if (!h->homes[h->home].fp.unknown)
		return;
	h->fetching_fp = true;
	call_host(SYS_tgkill, getpid(), gettid(), SIGTRAP, 0);
}

void direct__give(struct host *h, ucontext_t *uc, u64 place)
{
	struct home *home = &h->homes[h->home];

	know_fp(h);
	native__give(h->vcpu, uc, place);
	uc->uc_mcontext.gregs[REG_K0] = uc->uc_mcontext.gregs[REG_K1] = 0;
	if (home->fp_used) {
		memcpy(&uc->uc_mcontext.fpregs, home->fpr, sizeof(home->fpr));
		uc->uc_mcontext.fpc_csr = home->fcsr;
		uc->uc_mcontext.used_math = USED_FP;
	}
	fp_goes(home);
	give_thread_pointer(h);
}

void direct__strayed(struct host *h)
{
	host__own_thread(h);
	direct__interrupted(h);
}

void direct__save_fp(struct host *h, const ucontext_t *uc)
{
	struct home *home = &h->homes[h->home];

	if (!home->fp.unknown)
		return;
	home->fp.unknown = false;
	home->fp_used = uc->uc_mcontext.used_math & 1;
	if (home->fp_used) {
		memcpy(home->fpr, &uc->uc_mcontext.fpregs, sizeof(home->fpr));
		home->fcsr = uc->uc_mcontext.fpc_csr;
	}
}

void direct__lose_fp(struct host *h)
{
	struct home *home = &h->homes[h->home];

	know_fp(h);
	home->fp.in_task = home->fp.in_task && !home->fp_used;	/* none are none */
}

/* --- System calls that are jumps --- */

static u64 sites_at(const struct host *h, const char *label)
{
	return (u64)h->code_cache + SITES_PLACE + (label - sites_off);
}

u64 host__eret_entry(struct host *h)
{
	return sites_at(h, sites_return);
}

/* Registers are the program's then, but for those that a system call spoils, and pc is in the program or in a stub: see wedge/user/sites.c. */
void direct__take(struct host *h, const ucontext_t *uc)
{
	const u64 offset = uc->uc_mcontext.pc - (u64)h->code_cache;
	struct vcpu *v = h->vcpu;

	direct__interrupted(h);
	direct__save_fp(h, uc);
	if (entry__is_between(offset, call_entry_restore, call_entry_end))
		return;			/* on the way back, all is in the vcpu */
	native__take(v, uc);
	if (sites__is_between(offset, sites_off, sites_entered)) {
		v->pc = v->gpr[REG_T8];
	} else if (sites__is_between(offset, sites_returned, sites_slow)) {
		v->gpr[REG_T8] = h->page->scratch[NATIVE_SAVED_T8];
		v->pc = h->page->sites.stub;
	}
}

bool direct__settle(struct host *h, u64 offset)
{
	if (!sites__is_between(offset, sites_entered, sites_return))
		return false;
	h->vcpu->pc = exception__general_vector(h->vcpu);
	return true;
}

bool direct__in_user(const struct host *h)
{
	return h->in_user && !vcpu__kernel_mode(h->vcpu);
}

void direct__interrupted(struct host *h)
{
	h->in_user = false;
	h->page->sites.fresh = 0;
}

void direct__ready(struct host *h)
{
	struct vcpu_sites *s = &h->page->sites;
	const struct vcpu *v = h->vcpu;
	const bool on = h->stand_ins_fd >= 0 && !v->debugged && !v->watched && !(v->tracing & ~(TRACE_FLIGHT | TRACE_COUNT)) &&
			blocks__meet_vector(h->blocks, v, exception__general_vector(v));

	s->enter = sites_at(h, on ? sites_enter : sites_off);
	s->entryhi = h->page->cp0[CP0_ENTRYHI];
	s->userlocal = h->page->cp0[CP0_USERLOCAL];
	s->fresh = on;
}

bool direct__has_way_back(const struct host *h)
{
	return h->way_back && h->homes[h->home].fp.in_task;
}

void direct__go_back(struct host *h)
{
	struct vcpu *v = h->vcpu;

	give_thread_pointer(h);
	fp_goes(&h->homes[h->home]);
	h->page->scratch[0] = v->gpr[REG_RA];
	h->page->scratch[1] = v->gpr[REG_AT];
	v->call_return = h->way_back;
	v->call_done = 1;
	direct__go_by_call((u64)h->code_cache + (call_entry_restore - call_entry), (u64)native__call_stack + NATIVE_CALL_STACK_USED, &h->in_user);
}

/* --- What stands in for pages of the guest's --- */

u8 *host__open_stand_ins(struct host *h, u64 size)
{
	void *room;

	host__own_thread(h);
	h->stand_ins_fd = memfd_create("guest-sites", MFD_CLOEXEC);
	if (h->stand_ins_fd < 0)
		return NULL;
	room = ftruncate(h->stand_ins_fd, size) ? MAP_FAILED : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, h->stand_ins_fd, 0);
	if (room != MAP_FAILED)
		return room;
	close(h->stand_ins_fd);
	h->stand_ins_fd = -1;
	return NULL;
}

bool host__map_stand_in(struct host *h, u64 va, u64 offset)
{
	host__own_thread(h);
	if (mmap((void *)va, HOST_PAGE, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_FIXED, h->stand_ins_fd, offset) == MAP_FAILED)
		return false;
	host__flush_stand_in(h, va, HOST_PAGE);
	return true;
}

void host__flush_stand_in(struct host *h, u64 va, u64 size)
{
	__builtin___clear_cache((char *)va, (char *)va + size);
}

/* --- FP registers, for user mode --- */

bool host__get_fp(struct host *h, unsigned n, u64 fpr[32], u32 *fcsr)
{
	struct home *home = &h->homes[n];

	if (n == h->home)
		know_fp(h);
	if (!home->fp_used)
		memset(home->fpr, 0xff, sizeof(home->fpr));
	memcpy(fpr, home->fpr, sizeof(home->fpr));
	*fcsr = home->fp_used ? home->fcsr : 0;
	return true;
}

void host__set_fp(struct host *h, const u64 fpr[32], u32 fcsr)
{
	struct home *home = &h->homes[h->home];

	memcpy(home->fpr, fpr, sizeof(home->fpr));
	home->fcsr = fcsr;
	home->fp_used = true;
	home->fp = (struct home_fp){ 0 };
}

void host__forget_fp(struct host *h)
{
	struct home *home = &h->homes[h->home];

	home->fp = (struct home_fp){ .in_task = home->fp.in_task && !home->fp.unknown && !home->fp_used };
	home->fp_used = false;
}

bool host__fp_is_known(const struct host *h, unsigned home)
{
	return !h->homes[home].fp.unknown;
}
