/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The blocks of a machine: see blocks.h.
 */
#include "wedge/translate/blocks.h"

#include <stddef.h>
#include <string.h>

#include "abi/mips_insn.h"
#include "wedge/burn/pieces.h"
#include "wedge/burn/sequence.h"

#define PROBES		16
#define TRAMPOLINE_CALL	1		/* word of a trampoline that calls the Wedge: burn.h */

void blocks__make(struct blocks *b, struct machine *machine, u32 *code, u64 place, u64 call, u32 met, bool calls_for_cause)
{
	/* One by one: the rest has tens of megabytes, of which most guests need one or two. */
	b->machine = machine;
	b->code = code;
	b->place = place;
	b->call = call;
	b->met = met;
	b->calls_for_cause = calls_for_cause;
	b->words = blocks__code(machine) / 8;
	b->place_count = machine->canonical ? BLOCKS_PLACES_ALL : BLOCKS_PLACES;
}

/* --- One at a time --- */

static bool begin(struct blocks *b)
{
	return !__atomic_exchange_n(&b->busy, 1, __ATOMIC_ACQUIRE);
}

static void end(struct blocks *b)
{
	__atomic_store_n(&b->busy, 0, __ATOMIC_RELEASE);
}

/* --- The guest's code --- */

/* Of the code that a block was made of, with the slot of its last instruction. */
static u64 size_of(const struct block_store *s, const struct block *block)
{
	return 4 * (s->insn[block->insn + block->insns - 1].offset + 2ull);
}

/* --- Places --- */

/* That of pc, made if there is none; NULL: too many have been met. */
static struct block_place *place_of(struct blocks *b, u64 pc)
{
	u64 hash = pc / 4 * 0x9e3779b97f4a7c15ull >> 32;

	for (unsigned i = 0; i < PROBES; i++) {
		struct block_place *p = &b->places[(hash + i) & (b->place_count - 1)];
		u64 found = __atomic_load_n(&p->pc, __ATOMIC_RELAXED);

		if (!found && __atomic_compare_exchange_n(&p->pc, &found, pc, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
			return p;
		if (found == pc)
			return p;
	}
	return NULL;
}

static u64 address_of(const struct blocks *b, const struct block *block)
{
	return b->place + 4ull * block->word;
}

/* --- Stores --- */

static struct block_store *store_of(struct blocks *b, u64 word)
{
	return &b->store[word / b->words];
}

/* The first word of a store. */
static u32 base_of(const struct blocks *b, const struct block_store *s)
{
	return (s - b->store) * b->words;
}

static struct block *block_of(struct blocks *b, u32 number)
{
	return &b->store[number / BLOCKS_MOST].block[number % BLOCKS_MOST];
}

/* --- Links --- */

static void put_word(struct blocks *b, u32 *at, u32 word)
{
	__atomic_store_n(at, word, __ATOMIC_RELEASE);
	__builtin___clear_cache((char *)at, (char *)(at + 1));
}

/* The word of a burnt site's trampoline that calls; NULL: it has none. */
static u32 *trampoline_of(struct blocks *b, const struct burn_site *site)
{
	const struct machine *m = b->machine;
	const struct code *code = site ? machine__code(m, site->address) : NULL;

	if (!code || !burn__has_trampoline(site))
		return NULL;
	return b->code + (s64)(m->slots + (u64)(code->first + site->slot) * SLOT_SIZE - b->place) / 4 + TRAMPOLINE_CALL;
}

/* --- Jumps by a register --- */

static unsigned jumps(const struct blocks *b)
{
	return b->machine->canonical ? VCPU_JUMPS_MANY : VCPU_JUMPS;
}

static struct vcpu_jump *jump_to(const struct blocks *b, struct vcpu *v, u64 pc)
{
	return &v->page->jump[pc >> 2 & (jumps(b) - 1)];
}

/* --- Forgetting --- */

static void unlink_site(struct blocks *b, const struct block *block)
{
	u32 *call = trampoline_of(b, burn__site_at(b->machine, block->start));

	if (call && *call == sequence__jump(address_of(b, block), false))
		put_word(b, call, sequence__jump(b->call, true));
}

static void unlink_exits(struct blocks *b, struct block_store *s, u32 jump)
{
	for (u32 i = 0; i < s->count; i++) {
		const struct block *other = &s->block[i];

		for (u32 n = 0; n < other->exits; n++) {
			u32 at = other->word + s->exit[other->exit + n].jump;

			if (at != other->word && b->code[at] == jump)
				put_word(b, b->code + at, sequence__jump(b->place + 4ull * (at + 2), false));
		}
	}
}

/* From now on every jump that led to it calls the Wedge. */
static void forget(struct blocks *b, struct block_store *s, struct block *block)
{
	const struct machine *m = b->machine;
	struct block_place *p = place_of(b, block->start);

	if (p && p->block && p->block != BLOCKS_NEVER && block_of(b, p->block - 1) == block) {
		__atomic_store_n(&p->block, 0, __ATOMIC_RELEASE);
		p->met = 0;
	}
	for (unsigned i = 0; i < m->cpus; i++)
		if (jump_to(b, m->vcpu[i], block->start)->place == address_of(b, block))
			jump_to(b, m->vcpu[i], block->start)->pc = 0;
	unlink_site(b, block);
	unlink_exits(b, s, sequence__jump(address_of(b, block), false));
	block->gone = true;
	b->forgotten++;
}

/* All of them: they go on for who is in one, and nobody comes. The other store, empty, is the one that is used now. */
static struct block_store *start_over(struct blocks *b)
{
	const struct machine *m = b->machine;
	struct block_store *s = &b->store[b->now];

	for (u32 i = 0; i < b->place_count; i++)
		if (b->places[i].block != BLOCKS_NEVER) {
			__atomic_store_n(&b->places[i].block, 0, __ATOMIC_RELEASE);
			b->places[i].met = 0;
		}
	for (u32 i = 0; i < s->count; i++) {
		unlink_site(b, &s->block[i]);
		s->block[i].gone = true;
	}
	for (unsigned i = 0; i < m->cpus; i++)
		for (unsigned n = 0; n < jumps(b); n++)
			jumps_of(m->vcpu[i])[n].pc = 0;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);	/* nobody finds them any more; then the look at who is in one */
	for (unsigned i = 0; i < m->cpus; i++)
		b->passages[i] = __atomic_load_n(&m->vcpu[i]->passage, __ATOMIC_ACQUIRE);
	b->abandoned = true;
	b->filled++;
	b->now = !b->now;
	s = &b->store[b->now];
	__atomic_store_n(&s->count, 0, __ATOMIC_RELEASE);
	s->words = s->exits = s->insns = 0;
	return s;
}

/* --- Making one --- */

static void put(struct blocks *b, struct block_store *s, const struct block_code *c)
{
	struct block *block = &s->block[s->count];

	*block = (struct block){
		.start = c->start, .word = base_of(b, s) + s->words, .length = c->length, .exit = s->exits, .exits = c->exits,
		.insn = s->insns, .insns = c->insns,
	};
	memcpy(block->stand_in, c->stand_in, sizeof(block->stand_in));
	memcpy(b->code + block->word, c->word, 4 * c->length);
	memcpy(s->origin + s->words, c->origin, c->length * sizeof(*c->origin));
	memcpy(s->exit + s->exits, c->exit, c->exits * sizeof(*c->exit));
	memcpy(s->insn + s->insns, c->insn, (c->insns + 1) * sizeof(*c->insn));
	s->words += c->length;
	s->exits += c->exits;
	s->insns += c->insns + 1;
	b->made_in_all++;
	b->insns_in_all += c->insns;
	block->sum = seen__sum(&b->seen, size_of(s, block));
	__builtin___clear_cache((char *)(b->code + block->word), (char *)(b->code + block->word + block->length));
	__atomic_store_n(&s->count, s->count + 1, __ATOMIC_RELEASE);
}

/* For any block. */
static bool has_room(const struct blocks *b, const struct block_store *s)
{
	return s->count < b->place_count / 4 && s->words <= b->words - BLOCK_WORDS && s->exits <= BLOCKS_EXITS - BLOCK_EXITS &&
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

static void make(struct blocks *b, const struct vcpu *v, struct block_place *p)
{
	const bool moved = b->machine->canonical;
	const struct block_source source = {
		.fetch = seen__fetch, .native = seen__native, .user = &b->seen, .big_endian = b->machine->big_endian,
		.calls_for_cause = b->calls_for_cause, .moved = moved, .jumps = jumps(b),
	};
	struct block_code *c = &b->made;
	struct block_store *s = &b->store[b->now];
	u32 block = BLOCKS_NEVER;

	if (!has_room(b, s)) {
		if (b->abandoned && !is_left(b, v))
			return;
		s = start_over(b);
	}
	seen__look(&b->seen, b->machine, p->pc);
	if (translate(c, &source, p->pc, b->place + 4ull * (base_of(b, s) + s->words), b->call)) {
		put(b, s, c);
		block = b->now * BLOCKS_MOST + s->count;
	}
	__atomic_store_n(&p->block, block, __ATOMIC_RELEASE);
}

u64 blocks__meet(struct blocks *b, const struct vcpu *v, u64 pc)
{
	struct block_place *p = b && code__is_for_blocks(b->machine, pc) ? place_of(b, pc) : NULL;
	u32 n;

	if (!p)
		return 0;
	n = __atomic_load_n(&p->block, __ATOMIC_ACQUIRE);
	if (!n && ++p->met >= b->met && begin(b)) {
		if (!p->block)
			make(b, v, p);
		end(b);
		if (trace__on(v->tracing, TRACE_BLOCK) && p->block && p->block != BLOCKS_NEVER)
			trace__put(v->trace, TRACE_BLOCK, v->core, block_of(b, p->block - 1)->insns, pc, 0);
		n = p->block;
	}
	return n && n != BLOCKS_NEVER ? address_of(b, block_of(b, n - 1)) : 0;
}

bool blocks__refuses(struct blocks *b, u64 pc)
{
	const struct block_place *p = b && code__is_for_blocks(b->machine, pc) ? place_of(b, pc) : NULL;

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

/* Still, now that nobody else forgets any? What led to one that is forgotten would lead there for ever. */
static bool is_block_of(struct blocks *b, u64 pc, u64 address)
{
	const struct block_place *p = place_of(b, pc);

	return p && p->block && p->block != BLOCKS_NEVER && address_of(b, block_of(b, p->block - 1)) == address;
}

u64 blocks__meet_site(struct blocks *b, const struct vcpu *v, const struct burn_site *site)
{
	u64 address = b && may_be_left_to_blocks(b, v, site) ? blocks__meet(b, v, site->address) : 0;
	u32 *call = address ? trampoline_of(b, site) : NULL;

	/* The word before it has saved ra, which does no harm. */
	if (call && begin(b)) {
		if (is_block_of(b, site->address, address)) {
			put_word(b, call, sequence__jump(address, false));
			b->linked++;
		}
		end(b);
	}
	return address;
}

/* The one with this word of the area, or NULL. */
static const struct block *block_at(const struct block_store *s, u64 word)
{
	u32 low = 0, high = __atomic_load_n(&s->count, __ATOMIC_ACQUIRE);

	while (low < high) {
		u32 mid = (low + high) / 2;

		if (s->block[mid].word <= word)
			low = mid + 1;
		else
			high = mid;
	}
	return low && word - s->block[low - 1].word < s->block[low - 1].length ? &s->block[low - 1] : NULL;
}

/* Registers and pc as they are for the guest at this address; the block that it is in, NULL if none. `exit` gets the way out that it is on. */
static const struct block *settle(struct blocks *b, struct vcpu *v, u64 address, struct block_exit *exit)
{
	const u64 word = (address - b->place) / 4;
	const struct block_store *s = store_of(b, word < 2 * b->words ? word : 0);
	const struct block *block = address >= b->place && word < 2 * b->words ? block_at(s, word) : NULL;
	const struct block_origin *origin;
	struct block_view view;

	if (!block)
		return NULL;
	origin = s->origin + (block->word - base_of(b, s));
	view = (struct block_view){
		.start = block->start, .stand_in = block->stand_in, .origin = origin, .exit = s->exit + block->exit,
		.insn = s->insn + block->insn,
	};
	block__settle(&view, word - block->word, v);
	*exit = view.exit[origin[word - block->word].exiting ? origin[word - block->word].index : 0];
	return block;
}

bool blocks__settle(struct blocks *b, struct vcpu *v, u64 address)
{
	struct block_exit exit;

	return b && settle(b, v, address, &exit);
}

bool blocks__called(struct blocks *b, struct vcpu *v, u64 address, u64 *to)
{
	struct block_exit exit;
	const struct block *block = b ? settle(b, v, address - 4, &exit) : NULL;
	u32 jump = block ? block->word + exit.jump : 0;
	bool linkable = block && exit.jump && !block->gone;

	if (!block)
		return false;
	b->calls++;
	*to = blocks__meet(b, v, v->pc);	/* after which the block may be another */
	if (*to && (exit.reg || linkable) && begin(b)) {
		if (is_block_of(b, v->pc, *to)) {
			if (exit.reg)
				*jump_to(b, v, v->pc) = (struct vcpu_jump){ v->pc, *to };
			else if (jump / b->words == b->now)
				put_word(b, b->code + jump, sequence__jump(*to, false));
			b->linked += !exit.reg;
		}
		end(b);
	}
	return true;
}

/* --- The guest changes its code --- */

void blocks__check(struct blocks *b)
{
	struct block_store *s;
	bool changed = false;

	if (!b)
		return;
	while (!begin(b))
		;	/* nobody waits for anything with it */
	s = &b->store[b->now];
	for (u32 i = 0; i < s->count; i++) {
		struct block *block = &s->block[i];

		if (block->gone || code__sum(b->machine, block->start, size_of(s, block)) == block->sum)
			continue;
		forget(b, s, block);
		changed = true;
	}
	/* What could not be translated there may be something else by now. */
	for (u32 i = 0; changed && i < b->place_count; i++)
		if (b->places[i].block == BLOCKS_NEVER)
			b->places[i].block = b->places[i].met = 0;
	end(b);
}

void blocks__gone(struct blocks *b, u64 from, u64 to)
{
	if (!b)
		return;
	while (!begin(b))
		;	/* nobody waits for anything with it */
	for (unsigned n = 0; n < ARRAY_SIZE(b->store); n++)
		for (u32 i = 0; i < b->store[n].count; i++) {
			struct block *block = &b->store[n].block[i];

			if (!block->gone && block->start >= from && block->start < to)
				forget(b, &b->store[n], block);
		}
	for (u32 i = 0; i < b->place_count; i++)
		if (b->places[i].pc >= from && b->places[i].pc < to)
			b->places[i].block = b->places[i].met = 0;
	end(b);
}
