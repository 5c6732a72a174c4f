/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * No native execution: memory for the interpreter, on any machine. For development and tests, where the
 * whole guest runs under sanitizers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "wedge/core/layout.h"
#include "wedge/host/host.h"
#include "wedge/host/memory.h"

struct host {
	u8 *ram, *code_cache;
	struct vcpu *vcpus;
	struct vcpu_page *pages;
};

unsigned host__page_bits = 12;		/* nothing is mapped */
const char *const host__exit_names[HOST_EXITS];
const char *const host__why_names[HOST_WHYS];

bool host__big_endian(void)
{
	return false;
}

int host__settle_down(char **argv, u64 at, struct complaint *c)
{
	return at ? complain(c, "--at=%#llx: on this machine, which is no MIPS64, the Wedge lies where it is put", (unsigned long long)at) : 0;
}

/* Of a MIPS64 Host: here all but the guest's own addresses are somewhere else. */
unsigned host__areas(const struct host *host, struct area areas[HOST_AREAS])
{
	place__fixed(areas, PLACE_END_LEAST);
	return PLACE_FIXED;
}

int host__open(struct host **host, const struct host_client *client, struct vm_memory *memory, u64 ram_size, unsigned cpus,
	       bool interpret, struct complaint *c)
{
	struct host *h;

	if (!interpret)
		return complain(c, "this machine is no MIPS64: only --interpret works here");
	h = calloc(1, sizeof(*h));
	if (!h)
		return complain(c, "no memory for the virtual CPUs");
	h->vcpus = memory__place(memory, "vcpus", 4, cpus * sizeof(*h->vcpus));
	h->pages = memory__place(memory, "vcpu pages", 2, cpus * sizeof(*h->pages));
	h->ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	h->code_cache = calloc(1, CODE_CACHE_SIZE);
	if (h->ram == MAP_FAILED || !h->code_cache)
		return complain(c, "guest RAM of %llu MB: %s", (unsigned long long)ram_size >> 20, strerror(errno));
	*host = h;
	return 0;
}

int host__give_back_ram(struct host *host, u64 offset, u64 size)
{
	return madvise(host->ram + offset, size, MADV_REMOVE) ? errno : 0;
}

int host__reserve_ram(struct host *host, u64 offset, u64 size) { return 0; }	/* it never was */

u8 *host__ram(struct host *host) { return host->ram; }
int host__ram_fd(struct host *host) { return -1; }
struct vcpu *host__vcpu(struct host *host, unsigned n) { return &host->vcpus[n]; }
struct vcpu_page *host__vcpu_page(struct host *host, unsigned n) { return &host->pages[n]; }
struct vcpu *host__own_vcpu(struct host *host) { return host->vcpus; }
u8 *host__code_cache(struct host *host) { return host->code_cache; }
u64 host__call_entry_size(struct host *host, const struct machine *machine) { return 0x1000; }
u64 host__blocks_start(struct host *host) { return 0; }
u64 host__counter_hz(void) { return 0; }
u64 host__counter(void) { return 0; }
u32 host__fir(struct host *host) { return 0; }
bool host__enforces_rixi(struct host *host) { return true; }	/* the interpreter does */
int host__spin(struct host *host, unsigned cpus, struct complaint *c) { return 0; }
bool host__has_octeon(struct host *host) { return true; }	/* likewise */
void host__map(struct host *host, struct machine *machine, const struct host_user *user, struct blocks *blocks) { }
void host__run(struct host *host) { abort(); }
void host__close(struct host *host) { }
void host__set_alarm(struct host *host, u64 ns) { }
void host__kick(struct host *host) { }
void host__icache_sync(struct host *host) { }
bool host__lock_code(struct host *host, u64 offset, bool locked) { return false; }
int host__fork_core(struct host *host, unsigned n, struct complaint *c) { abort(); }
bool host__core_ended(struct host *host, int process[], int *core, int *status) { abort(); }
void host__await_core(int process, unsigned ms) { abort(); }
void host__signal(int process) { abort(); }

/* Nothing runs natively here, so nobody asks. */
bool host__map_ram(struct host *host, u64 va, u64 size, u64 offset, int prot) { abort(); }
bool host__unmap(struct host *host, u64 va, u64 size) { abort(); }
bool host__protect(struct host *host, u64 va, u64 size, int prot) { abort(); }
unsigned host__mappings_most(void) { abort(); }
struct stretch host__begin(const struct host *host) { abort(); }
void host__leaves(const struct host *host, unsigned reason, u64 pc) { abort(); }
void host__exited(const struct host *host, unsigned reason, u64 pc, struct stretch since) { abort(); }
struct stub *stub__new(struct host *host, struct complaint *c) { abort(); }
void stub__free(struct stub *stub) { abort(); }
enum stub_stop stub__run(struct host *host, struct stub *stub, u32 *cause, u64 *badvaddr) { abort(); }
void stub__map(struct stub *stub, u64 va, u64 size, u64 offset, int prot) { abort(); }
void stub__unmap(struct stub *stub, u64 va, u64 size) { abort(); }
void stub__protect(struct stub *stub, u64 va, u64 size, int prot) { abort(); }
void stub__empty(struct stub *stub, u64 va, u64 size) { abort(); }
struct stub_signal stub__signal(struct stub *stub) { abort(); }
bool stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr) { abort(); }
void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr) { abort(); }
int stub__id(const struct stub *stub) { abort(); }
