/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The blocks of a machine: see blocks.h.
 */
#include "wedge/translate/inside.h"

#include <stddef.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"
#include "wedge/core/layout.h"
#include "wedge/translate/decode.h"

#define PROBES		16

void blocks__make(struct blocks *b, struct machine *machine, u32 *code, u64 place, u64 call, u32 met, bool calls_for_cause,
		  struct code_pages *pages, struct block_jumps *jumps)
{
	/* One by one: the rest has tens of megabytes, of which most guests need one or two. */
	b->machine = machine;
	b->code = code;
	b->place = place;
	b->call = call;
	b->met = met;
	b->calls_for_cause = calls_for_cause;
	b->words = blocks__code(machine) / 8;
	b->place_count = machine->in_blocks ? BLOCKS_PLACES_ALL : BLOCKS_PLACES;
	b->pages = b->seen.pages = pages;
	b->jumps = jumps;
}

/* --- Places --- */

struct block_place *blocks__place(struct blocks *b, u64 pc)
{
	u64 hash = pc / 4 * 0x9e3779b97f4a7c15ull >> 32;

	for (unsigned i = 0; i < PROBES; i++) {
		struct block_place *p = &b->places[(hash + i) & (b->place_count - 1)];
		u64 found = __atomic_load_n(&p->pc, __ATOMIC_RELAXED);

		if (!found && __atomic_compare_exchange_n(&p->pc, &found, pc, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
			__atomic_fetch_add(&b->places_taken, 1, __ATOMIC_RELAXED);
			return p;
		}
		if (found == pc)
			return p;
	}
	return NULL;
}

/* --- Making one --- */

/* Where the next one is made, behind the last: has_room(). */
static struct block_code next_of(struct blocks *b, struct block_store *s)
{
	return (struct block_code){
		.word = b->code + base_of(b, s) + s->words, .origin = s->origin + s->words, .exit = s->exit + s->exits, .insn = s->insn + s->insns,
	};
}

/* It is there from now on. */
static void put(struct blocks *b, struct block_store *s, const struct block_code *c, u32 sum, struct code_page *page)
{
	struct block *block = &s->block[s->count];

	*block = (struct block){
		.start = c->start, .word = base_of(b, s) + s->words, .length = c->length, .exit = s->exits, .exits = c->exits,
		.insn = s->insns, .insns = c->insns, .sum = sum,
	};
	memcpy(block->stand_in, c->stand_in, sizeof(block->stand_in));
	s->words += c->length;
	s->exits += c->exits;
	s->insns += c->insns + 1;
	b->made_in_all++;
	b->insns_in_all += c->insns;
	if (page) {
		block->page = page->number;
		block->next = page->block;
		page->block = s->count + 1;
	}
	__builtin___clear_cache((char *)c->word, (char *)(c->word + c->length));
	__atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELEASE);
}

/* Are so many places taken that soon one will not be found? Where blocks are all of a kernel: there each instruction may have one some day. */
static bool is_crowded(const struct blocks *b)
{
	return b->pages && __atomic_load_n(&b->places_taken, __ATOMIC_RELAXED) > b->place_count / 4 * 3;
}

/* For any block. */
static bool has_room(const struct blocks *b, const struct block_store *s)
{
	return s->count < b->place_count / 4 && !is_crowded(b) && s->words <= b->words - BLOCK_WORDS && s->exits <= BLOCKS_EXITS - BLOCK_EXITS &&
	       s->insns < BLOCKS_INSNS - BLOCK_INSNS;
}

/*
 * Has each core but `v` left since what it was in: a block, and then the Wedge, which has settled it there; or the Wedge, on the way to
 * one, and so on? Who sleeps there is on no way.
 */
static bool is_left(const struct blocks *b, const struct vcpu *v)
{
	const struct machine *m = b->machine;

	for (unsigned i = 0; i < m->cpus; i++) {
		u32 passage = __atomic_load_n(&m->vcpu[i]->passage, __ATOMIC_ACQUIRE);

		if (i != v->core && passage - b->passages[i] < (b->passages[i] & 1 ? 3u : 2u) && !(passage & 1 && m->vcpu[i]->waiting))
			return false;
	}
	return true;
}

/* That of the code at pc. Of one page blocks are made at one place. */
static struct code_page *watch_page(struct blocks *b, u64 pc, u64 offset)
{
	struct code_page *page = code_pages__at(b->pages, offset);

	if (page && page->of_module && !code__is_mapped(b->machine, pc)) {
		if (page->mapped)
			return NULL;
		blocks__forget_page(b, page);
		page->of_module = page->known = false;
	}
	return code_pages__watch(b->pages, b->machine, offset);
}

/*
 * The page where code begins that has been looked at, all of which is watched from now on. NULL: it cannot be, or the code is not what it was, or not where, any
 * more; later, perhaps.
 */
static struct code_page *watch(struct blocks *b, u64 pc, u64 size, u32 sum)
{
	const u64 offset = code__offset(b->machine, pc);
	struct code_page *first = watch_page(b, pc, offset);
	struct code_page *last = first ? watch_page(b, pc, offset + size - 1) : NULL;

	return last && code__sum(b->machine, pc, size) == sum ? first : NULL;
}

/* Its block that was made before somebody was told that the page may be elsewhere, which it is not: number + 1 in its store; 0: there is none. */
static u32 still_there(const struct blocks *b, u64 pc)
{
	const struct block_store *s = &b->store[b->now];
	const struct code_page *page = code__is_mapped(b->machine, pc) ? code_pages__at(b->pages, code__offset(b->machine, pc)) : NULL;
	u32 n = page ? page->block : 0;

	while (n && (s->block[n - 1].start != pc || s->block[n - 1].gone))
		n = s->block[n - 1].next;
	return n && blocks__is_true(b, s, &s->block[n - 1]) && code_pages__watch(b->pages, b->machine, page->number * CODE_PAGE) ? n : 0;
}

static void make(struct blocks *b, const struct vcpu *v, struct block_place *p)
{
	const u64 pc = p->pc;
	struct block_source source = {
		.fetch = seen__fetch, .native = seen__native, .leads = seen__leads, .user = &b->seen, .big_endian = b->machine->big_endian,
		.eret = b->eret, .no_octeon = b->no_octeon, .calls_for_cause = b->calls_for_cause, .moved = b->machine->canonical, .looks_up = b->machine->in_blocks,
		.jumps = jumps(b), .jumps_place = b->jumps ? BLOCK_JUMPS : PAGE(jump),
	};
	struct block_store *s = &b->store[b->now];
	struct block_code c;
	struct code_page *page = NULL;
	u32 block = BLOCKS_NEVER, sum;
	const u32 there = still_there(b, pc);
	bool made;
	u64 size;

	if (there) {
		__atomic_store_n(&p->block, b->now * BLOCKS_MOST + there, __ATOMIC_RELEASE);
		return;
	}
	if (!has_room(b, s)) {
		if (b->abandoned && !is_left(b, v))
			return;
		s = blocks__start_over(b);
		p = blocks__place(b, pc);
		if (!p)
			return;
	}
	seen__look(&b->seen, b->machine, pc);
	c = next_of(b, s);
	source.number = s->count;
	made = translate(&c, &source, pc, b->place + 4ull * (base_of(b, s) + s->words), b->call);
	size = code__within(b->machine, pc, made ? size_up_to(&c.insn[c.insns - 1]) : 8);
	sum = seen__sum(&b->seen, size);
	if (b->pages && !(page = watch(b, pc, size, sum)))
		return;
	if (made) {
		put(b, s, &c, sum, page);
		block = b->now * BLOCKS_MOST + s->count;
	} else if (page) {
		p->next = page->refused;
		page->refused = p - b->places + 1;
	}
	__atomic_store_n(&p->block, block, __ATOMIC_RELEASE);
}

/* Whoever is given the address of a block may write from then on. */
static bool takes_part(struct blocks *b, unsigned core)
{
	if (!b->pages || b->pages->cores >> core & 1)
		return true;
	if (!begin(b))
		return false;
	code_pages__core(b->pages, core);
	end(b);
	return true;
}

/* Where the page is in RAM, as the core's TLB says. */
static void find_mapped(struct blocks *b, const struct vcpu *v, u64 pc)
{
	const struct ram *ram = &b->machine->ram;
	struct code_page *page;
	u64 pa, rights;
	const u8 *at;

	if (!code__is_mapped(b->machine, pc) || code__is_for_blocks(b->machine, pc) || tlb__lookup(v, pc, ACCESS_FETCH, &pa, &rights) != TLB_HIT ||
	    !(rights & ENTRYLO_G))
		return;
	at = ram__at(ram, pa & ~(CODE_PAGE - 1), CODE_PAGE);
	if (at && begin(b)) {
		page = code_pages__at(b->pages, at - ram->base);
		if (page && !page->of_module)
			blocks__forget_page(b, page);
		code_pages__map(b->pages, b->machine, pc, at - ram->base);
		end(b);
	}
}

u64 blocks__meet(struct blocks *b, const struct vcpu *v, u64 pc)
{
	struct block_place *p;
	const struct block *block;
	u32 n;

	if (b)
		find_mapped(b, v, pc);
	p = b && code__is_for_blocks(b->machine, pc) ? blocks__place(b, pc) : NULL;
	if (!p || !takes_part(b, v->core))
		return 0;
	n = __atomic_load_n(&p->block, __ATOMIC_ACQUIRE);
	if (!n && ++p->met >= b->met && begin(b)) {
		if (!p->block && p->pc == pc)
			make(b, v, p);
		end(b);
		block = block_of_place(b, p);
		if (trace__on(v->tracing, TRACE_BLOCK) && block)
			trace__put(v->trace, TRACE_BLOCK, v->core, block->insns, pc, 0);
	}
	block = block_of_place(b, p);
	return block && block->start == pc ? address_of(b, block) : 0;	/* the place may be another's by now: start_over() */
}

bool blocks__refuses(struct blocks *b, u64 pc)
{
	const struct block_place *p = b && code__is_for_blocks(b->machine, pc) ? blocks__place(b, pc) : NULL;

	return !p || p->block == BLOCKS_NEVER;
}

/* --- Who calls --- */

/*
 * Was it burnt to a call only for the sake of the region that it is in, or in front of? Or does it read Cause while an exception is taken, when
 * nobody waits for a bit of it?
 */
static bool may_be_left_to_blocks(const struct blocks *b, const struct vcpu *v, const struct burn_site *site)
{
	struct code *code = machine__code(b->machine, site->address);

	if (site->how == BURN_BYPASS)
		return true;
	return mips_insn__opcode(site->word) == MIPS_OP_COP0 && code &&
	       (vcpu__exl(v) || code__in_region(code, site->address) || code__in_region(code, site->address + 4 * site->words));
}

/* That of pc, if it is still the one with this address, now that nobody else forgets any: what led to one that is forgotten would lead there for ever. */
static struct block *still(struct blocks *b, u64 pc, u64 address)
{
	struct block *block = block_of_place(b, blocks__place(b, pc));

	return block && address_of(b, block) == address ? block : NULL;
}

u64 blocks__meet_site(struct blocks *b, const struct vcpu *v, const struct burn_site *site)
{
	u64 address = b && may_be_left_to_blocks(b, v, site) ? blocks__meet(b, v, site->address) : 0;
	u32 *call = address ? blocks__trampoline(b, site) : NULL;

	/* The word before it has saved ra, which does no harm. */
	if (call && begin(b)) {
		if (still(b, site->address, address)) {
			put_word(b, call, sequence__jump(address, false));
			b->linked++;
		}
		end(b);
	}
	return address;
}

bool blocks__meet_vector(struct blocks *b, const struct vcpu *v, u64 pc)
{
	u64 address;

	if (v->page->vector)
		return true;
	address = blocks__meet(b, v, pc);
	if (!address || !begin(b))
		return false;
	if (still(b, pc, address))
		v->page->vector = address;
	end(b);
	return v->page->vector;
}

/*
 * The one that this address of the guest's is in, and its store; NULL: none. The slot of a call says which: to look among all of a kernel, at another page
 * each time, is 6 % of an exec.
 */
static struct block *block_at(struct blocks *b, u64 address, struct block_store **store)
{
	const u64 word = (address - b->place) / 4;
	const bool in_code = address >= b->place && word < 2 * b->words;
	struct block_store *s = *store = store_of(b, in_code ? word : 0);
	const u32 count = in_code ? __atomic_load_n(&s->count, __ATOMIC_ACQUIRE) : 0, nop = in_code ? b->code[word] : 0, n = NUMBERED_NOP_NUMBER(nop);
	u32 low = 0, high = count;

	if ((nop & NUMBERED_NOP_MASK) == NUMBERED_NOP_MATCH && n < count && word - s->block[n].word < s->block[n].length)
		return &s->block[n];
	while (low < high) {
		u32 mid = (low + high) / 2;

		if (s->block[mid].word <= word)
			low = mid + 1;
		else
			high = mid;
	}
	return low && word - s->block[low - 1].word < s->block[low - 1].length ? &s->block[low - 1] : NULL;
}

/* Registers and pc as they are for the guest at this address; the block that it is in, NULL if none. `exit` gets the number of the way out that it is on. */
static const struct block *settle(struct blocks *b, struct vcpu *v, u64 address, u32 *exit)
{
	struct block_store *s;
	const struct block *block = block_at(b, address, &s);
	const struct block_origin *origin;
	struct block_view view;
	u32 word;

	if (!block)
		return NULL;
	word = (address - b->place) / 4 - block->word;
	origin = s->origin + (block->word - base_of(b, s));
	view = (struct block_view){
		.start = block->start, .stand_in = block->stand_in, .origin = origin, .exit = s->exit + block->exit,
		.insn = s->insn + block->insn,
	};
	block__settle(&view, word, v);
	*exit = block->exit + (origin[word].exiting ? origin[word].index : 0);
	return block;
}

bool blocks__settle(struct blocks *b, struct vcpu *v, u64 address)
{
	u32 exit;

	return b && settle(b, v, address, &exit);
}

/* Where does an access with this word lead, `va`, that the block which it is in should know of: LEADS_? 0: elsewhere. */
static unsigned leads_to(const struct vcpu *v, u32 word, u64 *va)
{
	const struct windows *w = &v->machine->windows;
	const u64 base = v->gpr[mips_insn__rs(word)];

	if (!decoded__is_access(word) || !mips_insn__rs(word))
		return 0;
	*va = base + (s16)word;
	if (v->machine->canonical && *va - WINDOW_HIGH_OF < WINDOW_HIGH_SIZE)
		return LEADS_HIGH;
	return !VCPU_ADDEND(base) && !mips_insn__is_ll(word) && !mips_insn__is_sc(word) && windows__are_users(w, *va) ? LEADS_TO_USER : 0;
}

/* What does the block know of its instruction there? */
static unsigned known_to(const struct block_store *s, const struct block *block, u64 pc)
{
	for (u32 i = block->insn; i < block->insn + block->insns; i++)
		if (s->insn[i].offset == (pc - block->start) / 4)
			return s->insn[i].leads;
	return ~0u;
}

bool blocks__asks(struct blocks *b, const struct vcpu *v, u64 address, u64 *va)
{
	struct block_store *s;
	struct block *block = b && b->pages ? block_at(b, address, &s) : NULL;
	unsigned leads;
	u64 pc = v->pc;
	u32 insn;

	if (!block || !code__word(b->machine, pc, &insn))
		return false;
	leads = leads_to(v, insn, va);
	if (!leads) {
		pc += 4;
		if (!mips_insn__has_delay_slot(insn) || !code__word(b->machine, pc, &insn) || !(leads = leads_to(v, insn, va)))
			return false;
	}
	if (!(known_to(s, block, v->pc) & leads) && begin(b)) {
		code_pages__note(b->pages, code__offset(b->machine, pc), leads);
		if (!block->gone)
			blocks__forget(b, s, block);
		end(b);
	}
	return leads == LEADS_TO_USER;
}

/* A way out with this jump leads to a block from now on, unless somebody has been quicker. */
static void link(struct blocks *b, u32 exit, u32 jump, struct block *to)
{
	struct block_store *s = &b->store[b->now];

	if (b->code[jump] != not_linked(b, jump))
		return;
	put_word(b, b->code + jump, sequence__jump(address_of(b, to), false));
	s->link[exit] = (struct block_link){ .next = to->links, .jump = jump };
	to->links = exit + 1;
	b->linked++;
}

bool blocks__called(struct blocks *b, struct vcpu *v, u64 address, u64 *to)
{
	u32 number = 0;
	const struct block *block = b ? settle(b, v, address - 4, &number) : NULL;
	struct block_exit exit;
	struct block *next;
	bool linkable;
	u32 jump;

	if (!block)
		return false;
	exit = store_of(b, block->word)->exit[number];
	jump = block->word + exit.jump;
	linkable = exit.jump && !block->gone;
	b->calls++;
	if (exit.reg && machine__may_run(b->machine, v->pc, true)) {
		*to = 0;
		if (begin(b)) {
			*jump_to(b, v, v->pc) = (struct vcpu_jump){ v->pc, v->pc };
			end(b);
		}
		return true;
	}
	*to = blocks__meet(b, v, v->pc);	/* after which the block may be another */
	if (*to && (exit.reg || linkable) && begin(b)) {
		next = still(b, v->pc, *to);
		if (next && exit.reg)
			*jump_to(b, v, v->pc) = (struct vcpu_jump){ v->pc, *to };
		else if (next && jump / b->words == b->now)
			link(b, number, jump, next);
		end(b);
	}
	return true;
}
