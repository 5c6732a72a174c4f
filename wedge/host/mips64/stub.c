/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The processes in which guest user code runs, traced by the Wedge.
 *
 * Why ptrace and not a handler inside the process: a stop with registers costs 12,500 instructions on the
 * Host of FACTS, a SIGSYS handler with two futex calls 16,400; and the thread that runs guest code needs no
 * right to any system call, so that guest code that jumps anywhere finds none that works.
 *
 * Mapping is done by the stub's other thread, up to four requests a stop. They are gathered until guest
 * code runs next; neighbours that are contiguous in RAM as well become one request.
 */
#define _GNU_SOURCE
#include <asm/sysmips.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "abi/mips_insn.h"
#include "lib/clock.h"
#include "wedge/core/layout.h"
#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/spin.h"
#include "wedge/host/mips64/stub.h"

/* The kernel's user_pt_regs: asm/ptrace.h. */
struct registers {
	u64 gpr[32], lo, hi, epc, badvaddr, status, cause;
};
/* PTRACE_GETFPREGS: 32 registers, FCSR, FIR. */
struct fp_registers {
	u64 fpr[32];
	u32 fcsr, fir;
};

_Static_assert(STUB_BASE == STUB_PAGE, "what the guest's user mode leaves to stubs");

extern const char stub_program[], stub_program_end[];

/* What a child could not do before its exec, and why: vfork() lets it tell us here. */
static const char *volatile failed;
static volatile int failure;

static _Noreturn void become_stub(struct host *h, int program)
{
	static char name[16];		/* as ps shows it: the VM by the Wedge's process, and the vCPU */
	static char *const arguments[] = { name, NULL };

	snprintf(name, sizeof(name), "wedge-%d/%u", h->vm, h->core);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	syscall(SYS_sysmips, MIPS_FIXADE, 1);	/* native__init() wants them itself, not for user code */
	setsid();	/* signals of the terminal are not for it */
	failed = "giving it the guest's RAM";
	/* All descriptors but this one close themselves at exec. dup2() to itself would not stop it from that. */
	if (dup2(h->ram_fd, STUB_RAM_FD) < 0 || fcntl(STUB_RAM_FD, F_SETFD, 0))
		goto out;
	failed = "tracing it";
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		goto out;
	close(0);
	close(1);
	close(2);
	failed = "starting its program";
	syscall(SYS_execveat, program, "", arguments, arguments + 1, AT_EMPTY_PATH);
out:
	failure = errno;
	_exit(1);
}

/* In our memory until its exec: a copy would be thrown away at once. */
static pid_t start(struct host *h, int program)
{
	pid_t pid;

	failure = 0;
	pid = vfork();
	if (!pid)
		become_stub(h, program);
	return pid;
}

/*
 * The status of a thread that has stopped, or -1: its process has ended. Somebody may kill a stub at any time, so
 * whatever is asked of one may find it gone; the callers of stub__run() decide what was lost with it.
 */
static int wait_for(struct stub *stub, pid_t task)
{
	int status;

	while (spin__wait(&the_host.spin, task, &status) < 0) {
		if (errno == ECHILD) {
			stub->gone = true;
			return -1;
		}
		if (errno != EINTR)
			die_errno("waiting for stub %d", task);
	}
	if (WIFSTOPPED(status))
		return status;
	stub->gone = true;
	stub->ending = status;
	return -1;
}

/* False: the stub is gone. */
static bool trace(struct stub *stub, int request, pid_t task, void *address, void *data, const char *what)
{
	if (!stub->gone && ptrace(request, task, address, data) >= 0)
		return true;
	if (!stub->gone && errno != ESRCH)
		die_errno("%s stub %d", what, task);
	stub->gone = true;
	return false;
}

static bool go_on(struct stub *stub, pid_t task)
{
	return trace(stub, PTRACE_CONT, task, NULL, NULL, "continuing");
}

/*
 * Lets it run to its next `break`, over kicks that came too late and whatever else somebody sends it. The signal of that: SIGTRAP, or SIGFPE of
 * BREAK_FAILED. 0: it is gone.
 */
static int run_to_break(struct stub *stub, pid_t task)
{
	int status, stop;

	do {
		if (!go_on(stub, task))
			return 0;
		status = wait_for(stub, task);
		if (status < 0)
			return 0;
		stop = WSTOPSIG(status);
		if (stop == SIGSEGV || stop == SIGBUS || stop == SIGILL || stop == SIGSYS) {
			stub->gone = true;	/* sent by hand: its own code does not */
			return 0;
		}
	} while (stop != SIGTRAP && stop != SIGFPE);
	return stop;
}

static int program_fd(void)
{
	static int fd = -1;
	size_t size = stub_program_end - stub_program;

	if (fd >= 0)
		return fd;
	fd = memfd_create("stub", MFD_CLOEXEC);
	if (fd >= 0 && fd <= STUB_RAM_FD)	/* it would be overwritten there */
		fd = fcntl(fd, F_DUPFD_CLOEXEC, STUB_RAM_FD + 1);
	if (fd < 0 || write(fd, stub_program, size) != (ssize_t)size)
		die_errno("making the stub's program");
	return fd;
}

static int bring_up(struct host *h, struct stub *stub, struct complaint *c)
{
	unsigned long thread;
	int status;

	stub->mapper = start(h, program_fd());
	if (stub->mapper < 0)
		return complain(c, "a process for guest user code: %s; see ulimit -u", strerror(errno));
	status = wait_for(stub, stub->mapper);			/* at its first instruction */
	if (failure == EPERM && h->yama_scope > 1)
		return complain(c, "this host lets no ordinary user trace a process: kernel.yama.ptrace_scope is %ld; "
				"at most 1 is needed", h->yama_scope);
	if (failure)
		return complain(c, "a process for guest user code: %s: %s", failed, strerror(failure));
	if (status < 0 || !trace(stub, PTRACE_SETOPTIONS, stub->mapper, NULL,
				 (void *)(PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL), "tracing") ||
	    !go_on(stub, stub->mapper))
		return complain(c, "a process for guest user code ended at its start");
	status = wait_for(stub, stub->mapper);
	if (status < 0)		/* it says why */
		return complain(c, "a thread for guest user code: %s; see ulimit -u",
				WIFEXITED(stub->ending) ? strerror(WEXITSTATUS(stub->ending)) : strsignal(WTERMSIG(stub->ending)));
	if (status >> 8 != (SIGTRAP | PTRACE_EVENT_CLONE << 8) ||
	    !trace(stub, PTRACE_GETEVENTMSG, stub->mapper, NULL, &thread, "asking"))
		return complain(c, "a process for guest user code made no second thread");
	stub->guest = thread;
	if (!run_to_break(stub, stub->mapper) || wait_for(stub, stub->guest) < 0 ||	/* a new thread begins with a stop */
	    !run_to_break(stub, stub->guest))
		return complain(c, "a process for guest user code ended at its start");
	return 0;
}

struct stub *stub__new(struct host *h, struct complaint *c)
{
	struct stub *stub = calloc(1, sizeof(*stub));

	if (!stub) {
		complain(c, "no memory for a process of guest user code");
		return NULL;
	}
	if (!bring_up(h, stub, c))
		return stub;
	stub__free(stub);
	return NULL;
}

static void reap(pid_t task)
{
	while (task > 0 && waitpid(task, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void stub__free(struct stub *stub)
{
	/* Its number is ours until we have waited for it, and nobody has. */
	if (stub->mapper > 0 && !(stub->gone && waitpid(stub->mapper, NULL, __WALL | WNOHANG) != 0))
		kill(stub->mapper, SIGKILL);
	reap(stub->guest);
	reap(stub->mapper);
	free(stub);
}

static bool get_registers(struct stub *stub, pid_t task, struct registers *r)
{
	return trace(stub, PTRACE_GETREGS, task, NULL, r, "reading the registers of");
}

static bool set_registers(struct stub *stub, pid_t task, const struct registers *r)
{
	return trace(stub, PTRACE_SETREGS, task, NULL, (void *)r, "setting the registers of");
}

/* --- Requests to its other thread --- */

static void send_requests(struct stub *stub)
{
	static const u8 places[3 * STUB_REQUESTS] = { 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31 };
	struct registers r = { .epc = STUB_MAP };

	if (!stub->request_count || stub->refused)
		return;
	for (unsigned i = 0; i < stub->request_count; i++) {
		const struct stub_request *q = &stub->requests[i];

		r.gpr[places[3 * i]] = q->va;
		r.gpr[places[3 * i + 1]] = q->size | q->prot;
		r.gpr[places[3 * i + 2]] = q->offset;
	}
	stub->request_count = 0;
	if (!set_registers(stub, stub->mapper, &r) || run_to_break(stub, stub->mapper) != SIGFPE ||
	    !get_registers(stub, stub->mapper, &r) || !r.gpr[REG_A3])	/* or somebody has sent it by hand */
		return;
	if (r.gpr[REG_V0] != ENOMEM)
		die("stub %d could not map %#llx: %s", stub->mapper, (unsigned long long)r.gpr[REG_A0], strerror(r.gpr[REG_V0]));
	stub->refused = true;
}

static bool continues(const struct stub_request *q, u64 va, u64 offset, unsigned prot)
{
	return q->va + q->size == va && q->prot == prot && (prot & (STUB_UNMAP | STUB_PROTECT) || q->offset + q->size == offset);
}

static void request(struct stub *stub, u64 va, u64 size, u64 offset, unsigned prot)
{
	struct stub_request *last = stub->request_count ? &stub->requests[stub->request_count - 1] : NULL;

	if (last && continues(last, va, offset, prot)) {
		last->size += size;
		return;
	}
	if (stub->request_count == STUB_REQUESTS)
		send_requests(stub);
	stub->requests[stub->request_count++] = (struct stub_request){ va, size, offset, prot };
}

void stub__map(struct stub *stub, u64 va, u64 size, u64 offset, int prot)
{
	request(stub, va, size, offset, prot);
}

void stub__unmap(struct stub *stub, u64 va, u64 size)
{
	request(stub, va, size, 0, STUB_UNMAP);
}

void stub__protect(struct stub *stub, u64 va, u64 size, int prot)
{
	request(stub, va, size, 0, prot | STUB_PROTECT);
}

void stub__empty(struct stub *stub, u64 va, u64 size)
{
	stub->request_count = 0;
	stub->refused = false;
	request(stub, va, size, 0, STUB_UNMAP);
	send_requests(stub);
}

/* --- The thread of guest code --- */

static bool set_userlocal(struct stub *stub, u64 value)
{
	struct registers r;		/* not cleared for those who have it already */

	if (stub->userlocal_known && stub->userlocal == value)
		return true;
	memset(&r, 0, sizeof(r));
	r.epc = STUB_USERLOCAL;
	r.gpr[REG_A0] = value;
	if (!set_registers(stub, stub->guest, &r) || !run_to_break(stub, stub->guest))
		return false;
	stub->userlocal = value;
	stub->userlocal_known = true;
	return true;
}

bool stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr)
{
	struct fp_registers r;

	if (!trace(stub, PTRACE_GETFPREGS, stub->guest, NULL, &r, "reading the FP registers of"))
		return false;
	memcpy(fpr, r.fpr, sizeof(r.fpr));
	*fcsr = r.fcsr;
	return true;
}

void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr)
{
	struct fp_registers r = { .fcsr = fcsr };

	memcpy(r.fpr, fpr, sizeof(r.fpr));
	trace(stub, PTRACE_SETFPREGS, stub->guest, NULL, &r, "setting the FP registers of");
}

struct stub_signal stub__signal(struct stub *stub)
{
	siginfo_t info = { .si_signo = 0 };

	trace(stub, PTRACE_GETSIGINFO, stub->guest, NULL, &info, "asking for the signal of");
	return (struct stub_signal){ info.si_signo, info.si_code, (u64)info.si_addr };
}

static bool peek(struct stub *stub, u64 va, u32 *word)
{
	u32 words[2];
	long both;

	errno = 0;
	both = ptrace(PTRACE_PEEKTEXT, stub->guest, (void *)(va & ~7ull), NULL);
	if (errno)
		return false;
	memcpy(words, &both, sizeof(words));
	*word = words[va >> 2 & 1];
	return true;
}

/*
 * Where the thread can be started again, having begun at `start`. A kernel that emulates an instruction in a delay slot
 * (an unaligned access, an FP instruction behind a branch that it has emulated as well) and meets a fault in it leaves the thread at the slot:
 * the branch would be lost. Else an exception in a slot leaves it at the branch, and no branch stands in a slot. A
 * thread that has not moved has not been in a slot; then Cause may be that of an earlier exception.
 */
static u64 restart_pc(struct stub *stub, const struct registers *r, u64 start)
{
	u32 at, before;

	if (!(r->cause & CAUSE_BD) || r->epc == start || !peek(stub, r->epc, &at) || mips_insn__has_delay_slot(at) ||
	    !peek(stub, r->epc - 4, &before) || !mips_insn__has_delay_slot(before))
		return r->epc;
	return r->epc - 4;
}

int stub__id(const struct stub *stub)
{
	return stub->mapper;
}

void stub__kick(pid_t mapper, pid_t guest)
{
	syscall(SYS_tgkill, mapper, guest, SIGUSR1);
}

static int run_until_stop(struct host *h, struct stub *stub)
{
	const u64 begin = host__elsewhere(h);
	const struct vcpu *v = h->vcpu;
	int status;

	if (trace__on(v->tracing, TRACE_ENTRY))
		trace__put(v->trace, TRACE_ENTRY, v->core, true, v->pc, 0);
	h->running = stub;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* A kick before this line found nobody running: it must not wait for the next one. */
	if (h->vcpu->kick)
		stub__kick(stub->mapper, stub->guest);
	status = go_on(stub, stub->guest) ? wait_for(stub, stub->guest) : -1;
	h->running = NULL;
	host__back(h, true, begin);
	return status;
}

enum stub_stop stub__run(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	struct vcpu *v = h->vcpu;
	struct registers r;		/* what the Host's kernel does not take from us is left as it is: 265 instructions less */
	u64 begin = v->pc, k0, k1;
	int status;

	send_requests(stub);
	if (stub->refused)
		return STUB_REFUSED;
	memcpy(r.gpr, v->gpr, sizeof(r.gpr));
	r.gpr[REG_K0] = r.gpr[REG_K1] = 0;
	r.lo = v->lo;
	r.hi = v->hi;
	r.epc = begin;
	if (!set_userlocal(stub, h->page->cp0[CP0_USERLOCAL]) || !set_registers(stub, stub->guest, &r))
		return STUB_UNSTARTED;
	status = run_until_stop(h, stub);
	if (status < 0 || !get_registers(stub, stub->guest, &r))
		return STUB_GONE;
	k0 = v->gpr[REG_K0];
	k1 = v->gpr[REG_K1];
	memcpy(v->gpr, r.gpr, sizeof(v->gpr));
	v->gpr[REG_K0] = k0;
	v->gpr[REG_K1] = k1;
	v->gpr[0] = 0;
	v->lo = r.lo;
	v->hi = r.hi;
	/* Guest code that jumps to STUB_USERLOCAL sets what it likes; the `break` there brings it here. */
	if (r.epc - STUB_BASE < HOST_PAGE)
		stub->userlocal_known = false;
	*cause = r.cause;
	*badvaddr = r.badvaddr;
	if (WSTOPSIG(status) == SIGSYS) {
		v->pc = r.epc - 4;	/* the Host's kernel has gone on by one: from the system call, or a branch before it */
		return STUB_SYSCALL;
	}
	v->pc = restart_pc(stub, &r, begin);
	switch (WSTOPSIG(status)) {
	case SIGSEGV: case SIGBUS: case SIGILL: case SIGTRAP: case SIGFPE:
		return STUB_SIGNAL;
	default:	/* SIGUSR1; anybody else's signal means no more */
		return STUB_KICKED;
	}
}
