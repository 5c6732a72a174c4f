/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * System calls of programs as jumps, in direct user mode.
 *
 * `li v0, N; syscall` becomes `j stub; li v0, N` when it has been met a few times, on a copy of the page, which stands in for it where the program
 * runs: the guest's RAM stays as it is, and with it all that its kernel sees. The stub (wedge/host/site.h) lies in the page that the kernel keeps near the
 * program's code (abi/near.h). From there it goes to the kernel's vector without a call of the Host, and back likewise.
 *
 * The second word is no system call any more: who is to go on there, as a call that is begun again is, goes on in the stub. So no program with a
 * branch to it on that page has its call rewritten, and it is no site if the word before it does anything but load the number.
 *
 * A page that may be written is never a site's, and one stands in for it only as long as the same page is mapped there, with the same rights: whatever changes
 * that comes through space.c, which says so. A kernel that synchronises its instruction cache may have written to it by another way: then all of the
 * space's pages are compared. One in which that happens often generates code, and has sites no more.
 */
#include <string.h>

#include "abi/mips_insn.h"
#include "abi/near.h"
#include "wedge/core/layout.h"
#include "wedge/host/site.h"
#include "wedge/user/space.h"

#define SITES_PAGES	1024u		/* that stand in, of all spaces */
#define SITES_MET	4		/* times that a call is met before it is rewritten */
#define SITES_SYNCS	16		/* so often may a space's code change */
#define SITES_HEARD	256u		/* calls that are counted: a power of two */
#define PAGE_WORDS	(HOST_PAGE / 4)
#define REGION		0x10000000ull	/* that a jump reaches */
#define SITES_IN_PAGE	(PAGE_WORDS / SITE_WORDS)

#define LD_FROM_ZERO(rt, offset)	((u32)MIPS_OP_LD << 26 | (rt) << 16 | ((offset) & 0xffff))
#define JALR_T8_AT	(REG_AT << 21 | REG_T8 << 11 | MIPS_JALR)
#define PAGE(field)	(VCPU_PAGE + offsetof(struct vcpu_page, field))

struct sites {
	u8 *room;			/* SITES_PAGES of them */
	const u64 *near;		/* where the guest's kernel has the page near programs; 0: not yet */
	struct site_page {
		struct space *space;	/* NULL: free */
		u64 va;
		u16 sites;		/* of a page near: that its stubs are of */
		u16 next;		/* of the same space: number + 1; 0: none */
	} page[SITES_PAGES];
	unsigned hand;			/* where a free one is looked for */
	struct heard {
		u64 pc;
		const struct space *space;
		u64 root;		/* of its process */
		unsigned times;		/* or more than SITES_MET: it cannot be one */
	} heard[SITES_HEARD];
};
_Static_assert(SITES_PAGES < 0x10000, "numbers of 16 bits");

/* --- Pages --- */

static u64 page_of(u64 va)
{
	return va & ~(HOST_PAGE - 1);
}

/* That near code at `pc`, whose jump is executed with the address behind it. */
static u64 near_of(u64 pc)
{
	const u64 end = (pc & ~(REGION - 1)) + REGION;

	return (end == AFTERBURN_NEAR_NARROW_REGION ? AFTERBURN_NEAR_NARROW_END : end == GUEST_LOW_LIMIT ? GUEST_LOW_END : end) - HOST_PAGE;
}

static u64 offset_of(const struct sites *t, const struct site_page *p)
{
	return (p - t->page) * HOST_PAGE;
}

static u32 *words_of(const struct sites *t, const struct site_page *p)
{
	return (u32 *)(t->room + offset_of(t, p));
}

static struct site_page *find(const struct user_mode *u, const struct space *s, u64 va)
{
	struct sites *t = u->sites;

	for (unsigned n = s->sites; n; n = t->page[n - 1].next)
		if (t->page[n - 1].va == va)
			return &t->page[n - 1];
	return NULL;
}

static struct site_page *take(struct sites *t, struct space *s, u64 va)
{
	for (unsigned i = 0; i < SITES_PAGES; i++) {
		struct site_page *p = &t->page[t->hand++ % SITES_PAGES];

		if (p->space)
			continue;
		*p = (struct site_page){ .space = s, .va = va, .next = s->sites };
		s->sites = p - t->page + 1;
		return p;
	}
	return NULL;
}

static void release(struct sites *t, struct site_page *p)
{
	const u16 number = p - t->page + 1;
	u16 *link = &p->space->sites;

	while (*link != number)
		link = &t->page[*link - 1].next;
	*link = p->next;
	p->space = NULL;
}

bool sites__has(const struct user_mode *u, const struct space *s, u64 va)
{
	return s->sites && find(u, s, page_of(va));
}

/* Jumps that lead to a page that is no more. */
static void unmap_region(struct user_mode *u, struct space *s, u64 near)
{
	struct sites *t = u->sites;

	for (unsigned i = 0; i < SITES_PAGES && s->sites; i++)
		if (t->page[i].space == s && near_of(t->page[i].va) == near)
			space__unmap(u, s, t->page[i].va);
}

void sites__gone(struct user_mode *u, struct space *s, u64 va, u64 size)
{
	struct sites *t = u->sites;
	u64 near = 0;

	for (unsigned n = s->sites, next; n; n = next) {
		struct site_page *p = &t->page[n - 1];

		next = p->next;
		if (p->va - va >= size)
			continue;
		if (p->va == near_of(p->va))
			near = p->va;
		release(t, p);
	}
	if (near)
		unmap_region(u, s, near);
}

void sites__gone_all(struct user_mode *u, struct space *s)
{
	while (s->sites)
		release(u->sites, &u->sites->page[s->sites - 1]);
}

/* --- What can be one --- */

/* The guest's own code on a page that may be read and executed, and not be written; NULL: it is not. */
static const u32 *code_of(const struct user_mode *u, const struct space *s, u64 va)
{
	const u64 page = space__at(s, page_of(va));

	if ((page & (PAGE_READ | PAGE_WRITE | PAGE_EXECUTE)) != (PAGE_READ | PAGE_EXECUTE))
		return NULL;
	return (const u32 *)ram__at(&u->machine->ram, page_of(page), HOST_PAGE);
}

/* Does it write v0 and nothing else, whatever registers hold? */
static bool loads_number(u32 word)
{
	const unsigned op = mips_insn__opcode(word), f = mips_insn__funct(word);

	if (op == MIPS_OP_ADDIU || op == MIPS_OP_DADDIU || op == MIPS_OP_ORI)
		return mips_insn__rt(word) == REG_V0;
	return op == MIPS_OP_SPECIAL && (f == MIPS_ADDU || f == MIPS_DADDU || f == MIPS_OR) && mips_insn__rd(word) == REG_V0;
}

static bool leads_to(u32 word, u64 pc, u64 target)
{
	switch (mips_insn__flow(word)) {
	case MIPS_FLOW_NEXT: case MIPS_FLOW_ERET: case MIPS_FLOW_JR: case MIPS_FLOW_JALR:
		return false;
	case MIPS_FLOW_J: case MIPS_FLOW_JAL:
		return mips_insn__jump_target(word, pc) == target;
	default:
		return mips_insn__branch_target(word, pc) == target;
	}
}

/* Is the system call in word `n` of that page of code a site, with the word before it? */
static bool can_be_one(const u32 *code, u64 page, unsigned n)
{
	if (n < 2 || code[n] != MIPS_SYSCALL || !loads_number(code[n - 1]) || mips_insn__has_delay_slot(code[n - 2]))
		return false;
	for (unsigned i = 0; i < PAGE_WORDS; i++)
		if (leads_to(code[i], page + 4 * i, page + 4 * n))
			return false;
	return true;
}

/* The stub of the system call at `pc`, if that is one that is a jump here; 0: it is not. */
static u64 stub_of(const struct user_mode *u, const struct space *s, u64 pc)
{
	const struct site_page *page = find(u, s, page_of(pc)), *near = page ? find(u, s, near_of(pc)) : NULL;
	const unsigned n = pc % HOST_PAGE / 4;
	u64 target, epc;
	u32 word;

	if (!near || page == near || !n)
		return 0;
	word = words_of(u->sites, page)[n - 1];
	target = mips_insn__jump_target(word, pc - 4);
	if (mips_insn__opcode(word) != MIPS_OP_J || page_of(target) != near->va || target % HOST_PAGE / (4 * SITE_WORDS) >= near->sites)
		return 0;
	memcpy(&epc, words_of(u->sites, near) + target % HOST_PAGE / 4 + SITE_WORD_EPC, sizeof(epc));
	return epc == pc ? target : 0;
}

/* --- Making one --- */

static u32 jump(u64 target)
{
	return (u32)MIPS_OP_J << 26 | (target >> 2 & 0x3ffffff);
}

static void put_stub(u32 *code, u64 pc)
{
	memset(code, 0, 4 * SITE_WORDS);
	code[0] = LD_FROM_ZERO(REG_AT, PAGE(sites.enter));
	code[1] = JALR_T8_AT;
	code[SITE_WORD_CALL] = MIPS_SYSCALL;
	code[SITE_WORD_BACK_RA] = LD_FROM_ZERO(REG_RA, PAGE(scratch[0]));
	code[SITE_WORD_BACK] = jump(pc + 4);
	code[SITE_WORD_BACK + 1] = LD_FROM_ZERO(REG_AT, PAGE(scratch[1]));
	memcpy(code + SITE_WORD_EPC, &pc, sizeof(pc));
}

/* One that stands in for what is mapped at `va`, with this code; NULL: with none. */
static struct site_page *make_page(struct user_mode *u, struct space *s, u64 va, const u32 *code)
{
	struct site_page *p = take(u->sites, s, va);

	if (!p)
		return NULL;
	if (code)
		memcpy(words_of(u->sites, p), code, HOST_PAGE);
	else
		memset(words_of(u->sites, p), 0, HOST_PAGE);
	if (space__map_run(u) && host__map_stand_in(u->host, va, offset_of(u->sites, p)))
		return p;
	space__unmap(u, s, va);
	return NULL;
}

/* The kernel's page, as the program's tables have it; then ours stands in for it. */
static struct site_page *make_near(struct user_mode *u, struct space *s, u64 va)
{
	const u64 near = *u->sites->near;
	struct table_entry entry;
	u64 lo;

	u->tables.leaf = NULL;
	if (!near || !tables__find(&u->tables, s->root, va, &entry) || !tables__touch(&u->tables, &entry, ACCESS_FETCH))
		return NULL;
	lo = tables__entrylo(&u->tables, &entry, va);
	if (!(lo & ENTRYLO_V) || lo & ENTRYLO_D || (lo & ENTRYLO_PFN) << 6 != near)
		return NULL;
	if (space__at(s, va) != space__wanted(u, near, lo) && !space__map(u, s, va, space__wanted(u, near, lo)))
		return NULL;
	return make_page(u, s, va, NULL);
}

/* False: it is none. */
static bool make(struct user_mode *u, struct space *s, u64 pc)
{
	const u64 va = page_of(pc), near_va = near_of(pc);
	const u32 *code = code_of(u, s, pc);
	const unsigned n = pc % HOST_PAGE / 4;
	struct site_page *near, *page;
	u64 stub;

	if (stub_of(u, s, pc))		/* jumps are off: it was met in its stub */
		return true;
	if (!code || va == near_va || !can_be_one(code, va, n))
		return false;
	near = find(u, s, near_va);
	if (!near)
		near = make_near(u, s, near_va);
	if (!near || near->sites == SITES_IN_PAGE)
		return false;
	page = find(u, s, va);
	if (!page)
		page = make_page(u, s, va, code);
	if (!page)
		return false;
	stub = near_va + 4 * SITE_WORDS * near->sites;
	put_stub(words_of(u->sites, near) + SITE_WORDS * near->sites++, pc);
	host__flush_stand_in(u->host, stub, 4 * SITE_WORDS);
	words_of(u->sites, page)[n - 1] = jump(stub);
	words_of(u->sites, page)[n] = code[n - 1];
	host__flush_stand_in(u->host, pc - 4, 8);
	return true;
}

void sites__met(struct user_mode *u, struct space *s, u64 pc)
{
	struct heard *h;

	if (!u->sites || s->syncs > SITES_SYNCS || s->stale || !s->root)
		return;
	h = &u->sites->heard[(pc / 4 ^ (s - u->spaces) * 0x9e5u) % SITES_HEARD];
	if (h->pc != pc || h->space != s || h->root != s->root)
		*h = (struct heard){ .pc = pc, .space = s, .root = s->root };
	if (h->times > SITES_MET || ++h->times < SITES_MET)
		return;
	h->times = make(u, s, pc) ? 0 : SITES_MET + 1;
}

/* --- Where a program goes on --- */

u64 sites__place(const struct user_mode *u, const struct space *s, u64 *way_back)
{
	const u64 pc = u->vcpu->pc;
	u64 stub;

	*way_back = 0;
	if (!s->sites || pc & 3)
		return pc;
	stub = stub_of(u, s, pc);
	if (stub)
		return stub;
	stub = stub_of(u, s, pc - 4);
	if (stub)
		*way_back = stub + 4 * SITE_WORD_BACK_RA;
	return pc;
}

/* `word` of a stub is next: before the call all is as at the call, behind it two registers are yet to be put back. */
bool sites__leave(const struct user_mode *u, const struct space *s)
{
	struct vcpu *v = u->vcpu;
	const struct site_page *near;
	unsigned n, word;
	u64 epc;

	if (!s || !s->sites || page_of(v->pc) != near_of(v->pc) || !(near = find(u, s, page_of(v->pc))))
		return false;
	n = v->pc % HOST_PAGE / 4 / SITE_WORDS;
	word = v->pc % HOST_PAGE / 4 % SITE_WORDS;
	if (n >= near->sites || word > SITE_WORD_BACK + 1)
		return false;
	memcpy(&epc, words_of(u->sites, near) + n * SITE_WORDS + SITE_WORD_EPC, sizeof(epc));
	v->pc = epc;
	if (word <= SITE_WORD_CALL)
		return true;
	v->pc = epc + 4;
	v->gpr[REG_RA] = v->page->scratch[0];
	v->gpr[REG_AT] = v->page->scratch[1];
	return false;
}

/* --- Code that changes --- */

static bool is_as_it_was(const struct user_mode *u, const struct space *s, const struct site_page *p)
{
	const u32 *code = code_of(u, s, p->va), *copy = words_of(u->sites, p);

	if (p->va == near_of(p->va))
		return true;
	for (unsigned n = 0; code && n < PAGE_WORDS; n++) {
		if (code[n] == copy[n])
			continue;
		if (n + 1 == PAGE_WORDS || code[n] != copy[n + 1] || code[n + 1] != MIPS_SYSCALL || !stub_of(u, s, p->va + 4 * n + 4))
			return false;
		n++;
	}
	return code;
}

void user__synchronised(struct user_mode *u)
{
	struct space *s = u && u->sites ? direct__here(u) : NULL;
	bool changed;

	if (!s || !s->sites)
		return;
	changed = ++s->syncs > SITES_SYNCS;
	for (unsigned n = s->sites; n && !changed; n = u->sites->page[n - 1].next)
		changed = !is_as_it_was(u, s, &u->sites->page[n - 1]);
	while (changed && s->sites) {
		const unsigned first = s->sites;

		space__unmap(u, s, u->sites->page[first - 1].va);
		if (s->sites == first)
			release(u->sites, &u->sites->page[first - 1]);
	}
}

int sites__open(struct user_mode *u, const u64 *near)
{
	struct sites *t = host__shared_room(u->host, (sizeof(*t) + HOST_PAGE - 1) & ~(HOST_PAGE - 1));

	if (!t)
		return -1;
	t->near = near;
	t->room = host__open_stand_ins(u->host, SITES_PAGES * HOST_PAGE);
	if (!t->room)
		return -1;
	u->sites = t;
	return 0;
}
