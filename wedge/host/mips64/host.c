/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The MIPS64 Linux Host: what it must be able to do, and what lies where.
 *
 * RAM (ram.c) is mapped in the CKSEG0 window, in the physmap window, and in the stubs page by page.
 * What burnt code touches of the vCPU lies in a page at a low absolute address, so that it is found from $zero.
 */
#define _GNU_SOURCE
#include <asm/sysmips.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "board/board.h"
#include "lib/clock.h"
#include "wedge/core/layout.h"
#include "wedge/host/memory.h"
#include "wedge/host/mips64/host.h"
#include "wedge/host/mips64/settle.h"

/* What FIR says of an FPU with 64-bit registers, single and double, if the Host says nothing. */
#define FIR_PLAIN	0x00430000u

struct host the_host;
unsigned host__page_bits = 12;

const char *const host__why_names[HOST_WHYS] = {
	[HOST_WHY_BEGUN] = "trap, call", [HOST_WHY_LINK] = "LL to SC", [HOST_WHY_COPY] = "copy",
	[HOST_WHY_NEW] = "new", [HOST_WHY_REFUSED] = "no block",
};
const char *const host__exit_names[HOST_EXITS] = {
	[HOST_EXIT_SIGILL] = "SIGILL", [HOST_EXIT_SIGBUS] = "SIGBUS", [HOST_EXIT_SIGSEGV] = "SIGSEGV",
	[HOST_EXIT_SIGTRAP] = "SIGTRAP", [HOST_EXIT_SIGFPE] = "SIGFPE", [HOST_EXIT_CALL] = "call",
	[HOST_EXIT_INTERRUPT] = "interrupt", [HOST_EXIT_USER_SYSCALL] = "user syscall",
	[HOST_EXIT_USER_FAULT] = "user fault", [HOST_EXIT_USER_OTHER] = "user other",
	[HOST_EXIT_USER_INTERRUPT] = "user interrupt",
};

bool host__big_endian(void)
{
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
}

static long read_number(const char *path)
{
	char text[32] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		ssize_t n = read(fd, text, sizeof(text) - 1);

		(void)n;
		close(fd);
	}
	return atol(text);
}

/* What FIR says does not tell: a kernel that emulates the FPU emulates that, too. Linux writes " FPU V" and a version behind the CPU's name. */
bool host__has_fpu(void)
{
	FILE *f = fopen("/proc/cpuinfo", "re");
	char line[256];
	bool has = !f;

	while (f && !has && fgets(line, sizeof(line), f))
		has = !strncmp(line, "cpu model", 9) && strstr(line, " FPU V");
	if (f)
		fclose(f);
	return has;
}

static int check_host(bool native, struct complaint *c)
{
	u32 action = SECCOMP_RET_TRAP;

	if (HOST_PAGE > (native ? HOST_PAGE_NATIVE : HOST_PAGE_MOST))
		return complain(c, "this host has pages of %llu KB; at most %llu KB are needed%s", HOST_PAGE >> 10, HOST_PAGE_NATIVE >> 10,
				native ? ", but with --interpret" : "");
	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action))
		return complain(c, "this host has no seccomp filters (%s); a kernel with CONFIG_SECCOMP_FILTER is needed",
				strerror(errno));
	return 0;
}

/* Maps what is in VM memory at `from` at `to` as well. It stays where it is. */
static int map_again(void *from, u64 size, u64 to)
{
	return mremap(from, 0, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)to) == (void *)to ? 0 : -1;
}

/* Where blocks are all of a kernel. */
static void map_jumps(struct host *h)
{
	if (h->blocks && h->blocks->jumps && map_again(&h->blocks->jumps[h->core], sizeof(*h->blocks->jumps), BLOCK_JUMPS))
		die_errno("mapping the jumps of blocks");
}

/* A core of the guest becomes that of this process. */
static int take_core(struct host *h, unsigned n, struct complaint *c)
{
	struct core *core = &h->cores[n];

	if (h->native && map_again((u8 *)&core->low + host__low_pages(), host__low_pages_end() - host__low_pages(), host__low_pages()))
		return complain(c, "mapping the vCPU page at %#x: %s; vm.mmap_min_addr is %ld, at most %u is needed", (unsigned)host__low_pages(),
				strerror(errno), read_number("/proc/sys/vm/mmap_min_addr"), (unsigned)host__low_pages());
	if (map_again(&core->vcpu, sizeof(core->vcpu), VCPU_STATE))
		return complain(c, "mapping the virtual CPU at %#llx: %s", VCPU_STATE, strerror(errno));
	h->core = n;
	h->vcpu = (struct vcpu *)VCPU_STATE;
	h->page = &core->low.page;
	h->homes[0].page_readonly = false;
	map_jumps(h);
	return 0;
}

int host__open(struct host **host, const struct host_client *client, struct vm_memory *memory, u64 ram_size, unsigned cpus,
	       bool interpret, struct complaint *c)
{
	struct host *h = &the_host;

	*h = (struct host){ .client = client, .native = !interpret, .ram_size = ram_size, .vm = getpid(), .memory = memory };
	h->yama_scope = read_number("/proc/sys/kernel/yama/ptrace_scope");
	if (check_host(!interpret, c) || settle__check(c) || settle__check_mapping(memory, "VM memory", c) || ram__open(h, c))
		return -1;
	h->cores = memory__place(memory, "vcpus", 6, cpus * sizeof(*h->cores));
	if (take_core(h, 0, c))
		return -1;
	h->code_cache = mmap((void *)(WINDOW_CKSEG0 + CODE_CACHE_PA), CODE_CACHE_SIZE, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	if (h->code_cache != (u8 *)(WINDOW_CKSEG0 + CODE_CACHE_PA))
		return complain(c, "mapping the code cache at %#llx: %s", WINDOW_CKSEG0 + CODE_CACHE_PA, strerror(errno));
	ram__collapse(h->code_cache, LARGE_PAGE);	/* of sites and blocks, what runs most is spread over all of it */
	ways__make_entry(h->code_cache);
	*host = h;
	return 0;
}

int host__spin(struct host *h, unsigned cpus, struct complaint *c)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set))
		return complain(c, "--spin: how many processors we may have: %s", strerror(errno));
	if ((unsigned)CPU_COUNT(&set) <= cpus)
		return complain(c, "--spin: of processors there are %d for us, and a guest of %u cores needs %u or more", CPU_COUNT(&set), cpus, cpus + 1);
	h->spin.wanted = true;
	return 0;
}

u8 *host__ram(struct host *h) { return h->ram; }
int host__ram_fd(struct host *h) { return h->ram_fd; }
struct vcpu *host__vcpu(struct host *h, unsigned n) { return &h->cores[n].vcpu; }
struct vcpu *host__own_vcpu(struct host *h) { return h->vcpu; }
struct vcpu_page *host__vcpu_page(struct host *h, unsigned n) { return &h->cores[n].low.page; }
u8 *host__code_cache(struct host *h) { return h->code_cache; }

/*
 * Where the Host's CPU has no FPU its kernel emulates one, and guest user code is never told: so the guest
 * always gets one. With --interpret it has none: the interpreter moves FP registers but does not compute.
 */
u32 host__fir(struct host *h)
{
	u32 fir;

	if (!h->native)
		return 0;
	__asm__("cfc1 %0, $0" : "=r"(fir));
	return fir ? fir : FIR_PLAIN;
}

static sigjmp_buf refused;

static void on_refused(int signal)
{
	siglongjmp(refused, 1);
}

bool host__can(int signal, void (*attempt)(void *user), void *user)
{
	struct sigaction action = { .sa_handler = on_refused }, before;
	volatile bool can = false;

	if (sigaction(signal, &action, &before))
		die_errno("looking what this host can do");
	if (!sigsetjmp(refused, 1)) {
		attempt(user);
		can = true;
	}
	sigaction(signal, &before, NULL);
	return can;
}

static void execute(void *code)
{
	((void (*)(void))code)();
}

/* By trying: /proc/cpuinfo does not say. Linux has both rights or none, so asking for one will do. */
bool host__enforces_rixi(struct host *h)
{
	static const u32 code[] = { 0x03e00008, 0 };	/* jr ra; nop */
	bool enforces;
	u32 *page;

	if (!h->native)
		return true;	/* the interpreter does */
	page = mmap(NULL, HOST_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		die_errno("looking whether pages can be kept from being executed");
	memcpy(page, code, sizeof(code));
	__builtin___clear_cache((char *)page, (char *)page + sizeof(code));
	enforces = !host__can(SIGSEGV, execute, page);
	munmap(page, HOST_PAGE);
	return enforces;
}

static void count_bits(void *user)
{
	u32 bits;

	__asm__ volatile(".set push\n\t.set arch=octeon\n\tpop %0, %1\n\t.set pop" : "=r"(bits) : "r"(7));
}

bool host__has_octeon(struct host *h)
{
	return !h->native || host__can(SIGILL, count_bits, NULL);
}

static void map_ram(struct host *h, u64 va, u64 size, u64 offset)
{
	if (mmap((void *)va, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED | MAP_FIXED_NOREPLACE, h->ram_fd,
		 offset) != (void *)va)
		die_errno("mapping the window at %#llx", (unsigned long long)va);
}

/* In the window of all RAM. */
static u64 in_physmap(const struct host *h, u64 offset)
{
	struct board_bank banks[3];
	unsigned n = board__ram_banks(h->ram_size, banks);

	while (n > 1 && offset < banks[n - 1].offset)
		n--;
	return WINDOW_PHYSMAP + banks[n - 1].pa + offset - banks[n - 1].offset;
}

/* Of a page of the Host, whatever of it is code. */
bool host__lock_code(struct host *h, u64 offset, bool locked)
{
	const int prot = locked ? PROT_READ | PROT_EXEC : PROT_READ | PROT_WRITE | PROT_EXEC;

	offset &= ~(HOST_PAGE - 1);
	/* Two windows: where one is locked and the other is not, nothing is lost but a signal or a look. */
	if (!mprotect((void *)in_physmap(h, offset), HOST_PAGE, prot) &&
	    (offset >= WINDOW_CKSEG0_SIZE || !mprotect((void *)(WINDOW_CKSEG0 + offset), HOST_PAGE, prot)))
		return true;
	if (errno != ENOMEM || !locked)
		die_errno(locked ? "keeping the guest's code from being written" : "letting the guest's code be written");
	return false;
}

void host__map(struct host *h, struct machine *machine, const struct host_user *user, struct blocks *blocks)
{
	struct board_bank banks[3];
	unsigned count = board__ram_banks(h->ram_size, banks);

	h->machine = machine;
	h->user = *user;
	h->blocks = blocks;
	h->blocks_start = host__blocks_start(h);
	map_jumps(h);
	/* Where blocks are all of a kernel it runs all over the first store of them: an exec of a stock kernel's 2 % less. The second most guests never need. */
	for (u64 at = LARGE_PAGE; machine->in_blocks && at < blocks__code(machine) / 2; at += LARGE_PAGE)
		ram__collapse(h->code_cache + at, LARGE_PAGE);
	map_ram(h, WINDOW_CKSEG0, banks[0].size < WINDOW_CKSEG0_SIZE ? banks[0].size : WINDOW_CKSEG0_SIZE, 0);
	for (unsigned i = 0; i < count; i++)
		map_ram(h, WINDOW_PHYSMAP + banks[i].pa, banks[i].size, banks[i].offset);
	host__icache_sync(h);
	__builtin___clear_cache((char *)h->code_cache, (char *)h->code_cache + CODE_CACHE_SIZE);
}

bool host__map_ram(struct host *h, u64 va, u64 size, u64 offset, int prot)
{
	host__own_thread(h);
	if (mmap((void *)va, size, prot, MAP_SHARED | MAP_FIXED, h->ram_fd, offset) == MAP_FAILED) {
		if (errno != ENOMEM)
			die_errno("mapping guest page %#llx", (unsigned long long)va);
		return false;
	}
	/* A module's text was written through other mappings of its pages. */
	if (machine__code(h->machine, va))
		__builtin___clear_cache((char *)va, (char *)va + size);
	return true;
}

bool host__unmap(struct host *h, u64 va, u64 size)
{
	host__own_thread(h);
	if (!munmap((void *)va, size))
		return true;
	if (errno != ENOMEM)
		die_errno("unmapping guest page %#llx", (unsigned long long)va);
	return false;
}

bool host__protect(struct host *h, u64 va, u64 size, int prot)
{
	host__own_thread(h);
	if (!mprotect((void *)va, size, prot))
		return true;
	if (errno != ENOMEM)
		die_errno("protecting guest page %#llx", (unsigned long long)va);
	return false;
}

unsigned host__mappings_most(void)
{
	long most = read_number("/proc/sys/vm/max_map_count");

	return most > 0 ? most : 65530;
}

struct stretch host__begin(const struct host *h)
{
	return h->vcpu->tracing & TRACE_COUNT ? (struct stretch){ clock__now_ns(), h->elsewhere_ns } : (struct stretch){ 0 };
}

void host__leaves(const struct host *h, unsigned reason, u64 pc)
{
	const struct vcpu *v = h->vcpu;

	if (trace__on(v->tracing, TRACE_EXIT))
		trace__put(v->trace, TRACE_EXIT, v->core, reason, pc, 0);
}

u64 host__elsewhere(const struct host *h)
{
	return h->vcpu->tracing & TRACE_COUNT ? clock__now_ns() : 0;
}

void host__back(struct host *h, bool for_user, u64 begin_ns)
{
	const u64 ns = begin_ns ? clock__now_ns() - begin_ns : 0;

	if (!begin_ns)
		return;
	h->elsewhere_ns += ns;
	h->client->waited(h->client->user, for_user, ns);
}

/* What began before anybody counted is not counted. */
void host__exited(const struct host *h, unsigned reason, u64 pc, struct stretch since)
{
	const struct vcpu *v = h->vcpu;

	if (reason < HOST_EXIT_USER_SYSCALL && trace__on(v->tracing, TRACE_ENTRY))
		trace__put(v->trace, TRACE_ENTRY, v->core, false, v->pc, 0);
	if (since.begin_ns)
		h->client->exited(h->client->user, reason, pc,
				  clock__now_ns() - since.begin_ns - (h->elsewhere_ns - since.elsewhere_ns));
}

void host__kick(struct host *h)
{
	if (h->vcpu)
		h->vcpu->kick = 1;
}

static void make_timer(struct home *home)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };

	if (home->timer_made)
		return;
	if (timer_create(CLOCK_MONOTONIC, &event, &home->timer))
		die_errno("creating a timer");
	home->timer_made = true;
}

/* One timer; it is only set again when the new deadline is earlier or the old one has passed. */
void host__set_alarm(struct host *h, u64 ns)
{
	struct home *home = &h->homes[h->home];
	u64 now, deadline;
	struct itimerspec t = { 0 };

	if (!h->alarms)
		return;
	host__own_thread(h);
	now = clock__now_ns();
	deadline = now + (ns ? ns : 1);
	if (h->alarm_ns > now && h->alarm_ns <= deadline)
		return;
	t.it_value.tv_sec = deadline / 1000000000;
	t.it_value.tv_nsec = deadline % 1000000000;
	h->alarm_ns = deadline;
	make_timer(home);
	if (timer_settime(home->timer, TIMER_ABSTIME, &t, NULL))
		die_errno("setting the timer");
}

/* Whoever changed code, the Host's I-cache may hold what was there: rare enough to forget it all. */
void host__icache_sync(struct host *h)
{
	if (!h->native)
		return;
	host__own_thread(h);
	for (const struct code *code = h->machine->canonical ? NULL : h->machine->code; code; code = code->next)
		__builtin___clear_cache((char *)code->start, (char *)code->end);
	blocks__check(h->blocks, h->core);
}

/* --- Cores in processes of their own --- */

int host__fork_core(struct host *h, unsigned n, struct complaint *c)
{
	/* It tells of its end by a signal that is not the one of stubs, which come and go. */
	int child = syscall(SYS_clone, (long)SIGUSR2, 0, 0, 0, 0);

	if (child < 0)
		return complain(c, "a process for a core of the guest: %s; see ulimit -u", strerror(errno));
	if (child)
		return child;
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die_errno("PR_SET_PDEATHSIG");
	if (take_core(h, n, c))
		die("core %u: %s", n, c->text);
	return 0;
}

bool host__core_ended(struct host *h, int process[], int *core, int *status)
{
	if (!h->core_ended)
		return false;
	for (int i = 1; i < BOARD_CORES_MAX; i++)
		if (process[i] && waitpid(process[i], status, __WALL | WNOHANG) == process[i]) {
			process[i] = 0;
			*core = i;
			return true;
		}
	h->core_ended = false;
	return false;
}

void host__await_core(int process, unsigned ms)
{
	struct timespec t = { 0, 1000000 };

	for (unsigned i = 0; i < ms; i++) {
		if (waitpid(process, NULL, __WALL | WNOHANG) != 0)
			return;
		nanosleep(&t, NULL);
	}
	kill(process, SIGKILL);
	while (waitpid(process, NULL, __WALL) < 0 && errno == EINTR)
		;
}

void host__signal(int process)
{
	kill(process, SIGUSR1);
}

void host__run(struct host *h)
{
	native__init(h);
	h->alarms = true;
	if (!sigsetjmp(h->leave, 1))
		native__enter(h);
}

void host__close(struct host *h)
{
	if (h->homes[0].timer_made)		/* it would reach the program that we may become next */
		timer_delete(h->homes[0].timer);
	h->homes[0].timer_made = h->alarms = false;
	syscall(SYS_sysmips, MIPS_FIXADE, 1);	/* as native__init() found it */
}
