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

#include "wedge/core/interp.h"
#include "wedge/host/mips64/host.h"
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

extern const char stub_program[], stub_program_end[];

static _Noreturn void become_stub(struct host *h, int program)
{
	static char *const nothing[] = { NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setsid();	/* signals of the terminal are not for it */
	/* All descriptors but this one close themselves at exec. dup2() to itself would not stop it from that. */
	if (dup2(h->ram_fd, STUB_RAM_FD) < 0 || fcntl(STUB_RAM_FD, F_SETFD, 0) || ptrace(PTRACE_TRACEME, 0, NULL, NULL))
		_exit(1);
	close(0);
	close(1);
	close(2);
	syscall(SYS_execveat, program, "", nothing, nothing, AT_EMPTY_PATH);
	_exit(1);
}

/* In our memory until its exec: a copy would be thrown away at once. */
static pid_t start(struct host *h, int program)
{
	pid_t pid = vfork();

	if (!pid)
		become_stub(h, program);
	return pid;
}

static int wait_for(pid_t task)
{
	int status;

	while (waitpid(task, &status, __WALL) < 0)
		if (errno != EINTR)
			die_errno("waiting for stub %d", task);
	if (!WIFSTOPPED(status))
		die("stub %d ended with status %#x, though nothing told it to; is the host out of memory?", task, status);
	return status;
}

static void go_on(pid_t task)
{
	if (ptrace(PTRACE_CONT, task, NULL, NULL))
		die_errno("continuing stub %d", task);
}

/* Lets it run to its next `break`, over kicks that came too late and whatever else somebody sends it. */
static void run_to_break(pid_t task)
{
	int stop;

	do {
		go_on(task);
		stop = WSTOPSIG(wait_for(task));
		if (stop == SIGSEGV || stop == SIGBUS || stop == SIGILL || stop == SIGSYS)
			die("stub %d stopped with signal %d in its own code", task, stop);
	} while (stop != SIGTRAP);
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

struct stub *stub__new(struct host *h)
{
	struct stub *stub = calloc(1, sizeof(*stub));
	int program = program_fd();
	unsigned long thread;

	if (!stub)
		die("no memory for a stub");
	stub->mapper = start(h, program);
	if (stub->mapper < 0) {
		free(stub);
		return NULL;
	}
	wait_for(stub->mapper);			/* at its first instruction */
	if (ptrace(PTRACE_SETOPTIONS, stub->mapper, NULL, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL))
		die_errno("tracing stub %d", stub->mapper);
	go_on(stub->mapper);
	if (wait_for(stub->mapper) >> 8 != (SIGTRAP | PTRACE_EVENT_CLONE << 8) ||
	    ptrace(PTRACE_GETEVENTMSG, stub->mapper, NULL, &thread))
		die("stub %d did not make its second thread", stub->mapper);
	stub->guest = thread;
	run_to_break(stub->mapper);
	wait_for(stub->guest);			/* a new thread begins with a stop */
	run_to_break(stub->guest);
	return stub;
}

void stub__free(struct stub *stub)
{
	kill(stub->mapper, SIGKILL);
	while (waitpid(stub->guest, NULL, __WALL) < 0 && errno == EINTR)
		;
	while (waitpid(stub->mapper, NULL, __WALL) < 0 && errno == EINTR)
		;
	free(stub);
}

static void get_registers(pid_t task, struct registers *r)
{
	if (ptrace(PTRACE_GETREGS, task, NULL, r))
		die_errno("reading the registers of stub %d", task);
}

static void set_registers(pid_t task, const struct registers *r)
{
	if (ptrace(PTRACE_SETREGS, task, NULL, r))
		die_errno("setting the registers of stub %d", task);
}

/* --- Requests to its other thread --- */

static void send_requests(struct stub *stub)
{
	static const u8 places[3 * STUB_REQUESTS] = { 16, 17, 18, 19, 20, 21, 22, 23, 28, 29, 30, 31 };
	struct registers r = { .epc = STUB_MAP };

	if (!stub->request_count)
		return;
	for (unsigned i = 0; i < stub->request_count; i++) {
		const struct stub_request *q = &stub->requests[i];

		r.gpr[places[3 * i]] = q->va;
		r.gpr[places[3 * i + 1]] = q->size | q->prot;
		r.gpr[places[3 * i + 2]] = q->offset;
	}
	stub->request_count = 0;
	set_registers(stub->mapper, &r);
	run_to_break(stub->mapper);
	get_registers(stub->mapper, &r);
	if (r.gpr[REG_A3])
		die("stub %d could not map %#llx: %s", stub->mapper, (unsigned long long)r.gpr[REG_A0], strerror(r.gpr[REG_V0]));
}

static bool continues(const struct stub_request *q, u64 va, u64 offset, unsigned prot)
{
	return q->va + q->size == va && q->prot == prot && (prot == STUB_UNMAP || q->offset + q->size == offset);
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

/* --- The thread of guest code --- */

static void set_userlocal(struct stub *stub, u64 value)
{
	struct registers r = { .epc = STUB_USERLOCAL };

	if (stub->userlocal_known && stub->userlocal == value)
		return;
	r.gpr[REG_A0] = value;
	set_registers(stub->guest, &r);
	run_to_break(stub->guest);
	stub->userlocal = value;
	stub->userlocal_known = true;
}

void stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr)
{
	struct fp_registers r;

	if (ptrace(PTRACE_GETFPREGS, stub->guest, NULL, &r))
		die_errno("reading the FP registers of stub %d", stub->guest);
	memcpy(fpr, r.fpr, sizeof(r.fpr));
	*fcsr = r.fcsr;
}

void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr)
{
	struct fp_registers r = { .fcsr = fcsr };

	memcpy(r.fpr, fpr, sizeof(r.fpr));
	if (ptrace(PTRACE_SETFPREGS, stub->guest, NULL, &r))
		die_errno("setting the FP registers of stub %d", stub->guest);
}

struct stub_signal stub__signal(struct stub *stub)
{
	siginfo_t info;

	if (ptrace(PTRACE_GETSIGINFO, stub->guest, NULL, &info))
		die_errno("asking for the signal of stub %d", stub->guest);
	return (struct stub_signal){ info.si_signo, info.si_code, (u64)info.si_addr };
}

/*
 * Where the thread can be started again. A kernel that emulates an FP branch which is taken, and then meets a
 * fault in the FP instruction in its slot, leaves it at the slot: the branch would be lost.
 */
static u64 restart_pc(struct stub *stub, const struct registers *r)
{
	u64 before = r->epc - 4;
	u32 words[2];
	long both;

	if (!(r->cause & CAUSE_BD))
		return r->epc;
	errno = 0;
	both = ptrace(PTRACE_PEEKTEXT, stub->guest, (void *)(before & ~7ull), NULL);
	if (errno)
		return r->epc;
	memcpy(words, &both, sizeof(words));
	return is_fp_branch(words[before >> 2 & 1]) ? before : r->epc;
}

void stub__kick(pid_t mapper, pid_t guest)
{
	syscall(SYS_tgkill, mapper, guest, SIGUSR1);
}

static int run_until_stop(struct host *h, struct stub *stub)
{
	u64 start = h->client->exited ? host__now_ns() : 0;
	int status;

	h->running = stub;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	/* A kick before this line found nobody running: it must not wait for the next one. */
	if (h->vcpu->kick)
		stub__kick(stub->mapper, stub->guest);
	go_on(stub->guest);
	status = wait_for(stub->guest);
	h->running = NULL;
	if (start)
		h->elsewhere_ns += host__now_ns() - start;
	return status;
}

enum stub_stop stub__run(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	struct vcpu *v = h->vcpu;
	struct registers r = { .lo = v->lo, .hi = v->hi, .epc = v->pc };
	int status;

	send_requests(stub);
	set_userlocal(stub, h->page->cp0[CP0_USERLOCAL]);
	memcpy(&r.gpr[1], &v->gpr[1], 31 * sizeof(u64));
	r.gpr[REG_K0] = r.gpr[REG_K1] = 0;
	set_registers(stub->guest, &r);
	status = run_until_stop(h, stub);
	get_registers(stub->guest, &r);
	for (unsigned i = 1; i < 32; i++)
		if (i != REG_K0 && i != REG_K1)
			v->gpr[i] = r.gpr[i];
	v->lo = r.lo;
	v->hi = r.hi;
	v->pc = restart_pc(stub, &r);
	/* Guest code that jumps to STUB_USERLOCAL sets what it likes; the `break` there brings it here. */
	if (r.epc >= STUB_BASE)
		stub->userlocal_known = false;
	*cause = r.cause;
	*badvaddr = r.badvaddr;
	switch (WSTOPSIG(status)) {
	case SIGSYS:
		return STUB_SYSCALL;
	case SIGSEGV: case SIGBUS: case SIGILL: case SIGTRAP: case SIGFPE:
		return STUB_SIGNAL;
	default:	/* SIGUSR1; anybody else's signal means no more */
		return STUB_KICKED;
	}
}
