/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A Host for guest user mode that only writes down what is mapped where: in up to 256 stubs, and in our own address
 * space. It can be told to run short of processes, of mappings, and to lose a stub. What user code does is a
 * function of the test.
 */
#ifndef TESTS_UNIT_HOST_FAKE_H
#define TESTS_UNIT_HOST_FAKE_H

#include <signal.h>

#include "tests/unit/vcpu_fixture.h"
#include "wedge/user/space.h"

#define FAKE_MAPPINGS	4096
#define FRAME_SIZE	0x1000ull	/* what HOST_PAGE is, unless a test says otherwise */

struct mapping {
	u64 va, offset;
	int prot;
};

struct mappings {
	struct mapping at[FAKE_MAPPINGS];
	unsigned count;
};

struct stub {
	struct mappings pages;
	u64 fpr[32];
	u32 fcsr;
	bool killed, refused;
	int id;
};

struct host {
	struct vcpu *vcpu;
	struct mappings own;
	unsigned stubs, stubs_made, stubs_most, mappings_most;
	bool no_rixi;
	/* What the code in a stub does. */
	enum stub_stop (*runs)(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr);
};

unsigned host__page_bits = 12;
static struct host fake;
static u64 fake_random = 88172645463325252ull;

static struct mapping *mapping_find(struct mappings *m, u64 va)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i].va == va)
			return &m->at[i];
	return NULL;
}

static bool mapping_add(struct mappings *m, u64 va, u64 offset, int prot)
{
	struct mapping *at = mapping_find(m, va);

	if (!at && m->count >= fake.mappings_most)
		return false;
	assert_true(at || m->count < FAKE_MAPPINGS);
	*(at ? at : &m->at[m->count++]) = (struct mapping){ va, offset, prot };
	return true;
}

static void mapping_remove(struct mappings *m, u64 va, u64 size)
{
	for (unsigned i = 0; i < m->count;)
		if (m->at[i].va - va < size)
			m->at[i] = m->at[--m->count];
		else
			i++;
}

static inline void mapping_protect(struct mappings *m, u64 va, u64 size, int prot)
{
	for (unsigned i = 0; i < m->count; i++)
		if (m->at[i].va - va < size)
			m->at[i].prot = prot;
}

struct vcpu *host__vcpu(struct host *h, unsigned n) { return h->vcpu; }
struct vcpu *host__own_vcpu(struct host *h) { return h->vcpu; }
unsigned host__mappings_most(void) { return fake.mappings_most; }
bool host__enforces_rixi(struct host *h) { return !h->no_rixi; }
void host__leaves(const struct host *h, unsigned reason, u64 pc) { }
struct stretch host__begin(const struct host *h) { return (struct stretch){ 0 }; }
void host__exited(const struct host *h, unsigned reason, u64 pc, struct stretch since) { }
bool host__map_ram(struct host *h, u64 va, u64 size, u64 offset, int prot)
{
	for (u64 at = 0; at < size; at += HOST_PAGE)
		if (!mapping_add(&h->own, va + at, offset + at, prot))
			return false;
	return true;
}

bool host__unmap(struct host *h, u64 va, u64 size)
{
	mapping_remove(&h->own, va, size);
	return true;
}

bool host__protect(struct host *h, u64 va, u64 size, int prot)
{
	mapping_protect(&h->own, va, size, prot);
	return true;
}

struct stub *stub__new(struct host *h, struct complaint *c)
{
	struct stub *stub;

	if (h->stubs == h->stubs_most) {
		complain(c, "no more");
		return NULL;
	}
	stub = calloc(1, sizeof(*stub));
	assert_non_null(stub);
	memset(stub->fpr, 0xff, sizeof(stub->fpr));
	stub->id = ++h->stubs_made;
	h->stubs++;
	return stub;
}

void stub__free(struct stub *stub)
{
	fake.stubs--;
	free(stub);
}

enum stub_stop stub__run(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr)
{
	if (stub->refused)
		return STUB_REFUSED;
	if (stub->killed)
		return STUB_UNSTARTED;
	*cause = 0;
	*badvaddr = 0;
	return h->runs(h, stub, cause, badvaddr);
}

void stub__map(struct stub *stub, u64 va, u64 size, u64 offset, int prot)
{
	if (!mapping_add(&stub->pages, va, offset, prot))
		stub->refused = true;
}

void stub__unmap(struct stub *stub, u64 va, u64 size) { mapping_remove(&stub->pages, va, size); }

void stub__protect(struct stub *stub, u64 va, u64 size, int prot) { mapping_protect(&stub->pages, va, size, prot); }

void stub__empty(struct stub *stub, u64 va, u64 size)
{
	mapping_remove(&stub->pages, va, size);
	assert_int_equal(stub->pages.count, 0);
	stub->refused = false;
}

struct stub_signal stub__signal(struct stub *stub) { return (struct stub_signal){ 0 }; }

bool stub__get_fp(struct stub *stub, u64 fpr[32], u32 *fcsr)
{
	memcpy(fpr, stub->fpr, sizeof(stub->fpr));
	*fcsr = stub->fcsr;
	return !stub->killed;
}

void stub__set_fp(struct stub *stub, const u64 fpr[32], u32 fcsr)
{
	memcpy(stub->fpr, fpr, sizeof(stub->fpr));
	stub->fcsr = fcsr;
}

int stub__id(const struct stub *stub) { return stub->id; }

/* --- Guest user mode on it --- */

static struct user_mode *fake_user;	/* for the callbacks */

static inline void fake_dropped(struct vcpu *v, u64 va, u64 size, unsigned asid, bool global)
{
	user__tlb_dropped(fake_user, va, size, asid, global);
}

static inline void fake_flushed(struct vcpu *v) { user__tlb_flushed(fake_user); }
static inline void fake_written(struct vcpu *v, const struct tlb_entry *e) { user__tlb_written(fake_user, e); }
static inline void fake_fetched(struct vcpu *v) { user__fpu_fetch(fake_user); }
static inline void fake_loaded(struct vcpu *v) { user__fpu_loaded(fake_user); }

/* With a vCPU whose TLB tells it what it should; user code is `runs`. `ops` must live as long as the fixture. */
static inline struct user_mode *fake_open_as(struct fixture *f, struct machine_ops *ops,
					     enum stub_stop (*runs)(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr),
					     const struct afterburn_page_tables *format)
{
	struct complaint c;

	fixture_open(f, false);
	*ops = *f->machine.ops;
	ops->tlb_dropped = fake_dropped;
	ops->tlb_flushed = fake_flushed;
	ops->tlb_written = fake_written;
	ops->fpu_fetch = fake_fetched;
	ops->fpu_loaded = fake_loaded;
	f->machine.ops = ops;
	fake = (struct host){ .vcpu = &f->v, .stubs_most = 300, .mappings_most = FAKE_MAPPINGS, .runs = runs };
	assert_int_equal(user__open(&fake_user, &fake, &f->machine, format, &c), 0);
	if (format)
		user__know_tables(fake_user, format);
	assert_int_equal(user__start(fake_user, &c), 0);
	return fake_user;
}

static inline struct user_mode *fake_open(struct fixture *f, struct machine_ops *ops,
					  enum stub_stop (*runs)(struct host *h, struct stub *stub, u32 *cause, u64 *badvaddr))
{
	return fake_open_as(f, ops, runs, NULL);
}

/* Direct, for a kernel whose page tables are so. */
static inline struct user_mode *fake_open_direct(struct fixture *f, struct machine_ops *ops, const struct afterburn_page_tables *format)
{
	return fake_open_as(f, ops, NULL, format);
}

static inline void fake_close(struct fixture *f)
{
	user__close(fake_user);
	assert_int_equal(fake.stubs, 0);
	fixture_close(f);
}

/* One of 0 to n - 1, the same ones in each run. */
static inline unsigned chance(unsigned n)
{
	fake_random ^= fake_random << 13;
	fake_random ^= fake_random >> 7;
	fake_random ^= fake_random << 17;
	return (fake_random >> 11) % n;
}

#endif
